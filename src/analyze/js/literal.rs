//! What a string literal may be: a file's URL, class names, a selector.

/// Longer strings are data or markup, not a name that a script looks for.
const MAX_TEXT: usize = 2_000;
const MAX_TOKEN: usize = 80;
const MAX_URL: usize = 1_024;

/// Whether a literal is a sentence for people, like a warning: four plain words at least, and no markup.
pub fn is_sentence(text: &str) -> bool {
    let plain = |w: &&str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_alphabetic());
    let words =
        text.split_ascii_whitespace().map(|w| w.trim_matches(['.', ',', ':', ';', '!', '?', '(', ')', '"', '\'']));
    text.len() <= MAX_TEXT && !text.contains('<') && words.filter(plain).count() >= 4
}

/// Whether a literal, taken whole, could name a file: its last segment ends in `.` and a short extension.
pub fn could_name_a_file(text: &str) -> bool {
    if text.len() > MAX_URL || text.starts_with("data:") || text.chars().any(never_in_a_url) {
        return false;
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        (1..=11).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

fn never_in_a_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '{' | '}' | '`')
}

/// A full address of a script, or the beginning of one: `https://example.com/loader.js?id=`.
pub fn names_a_script_elsewhere(text: &str) -> bool {
    let rest = text.strip_prefix("https:").or_else(|| text.strip_prefix("http:")).unwrap_or(text);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    rest.starts_with("//")
        && text.len() <= MAX_URL
        && (path.ends_with(".js") || path.ends_with(".mjs"))
        && !text.chars().any(never_in_a_url)
}

/// The words of a string that could be a class, an id or a tag, and whether a `.` or a `#` stands before them.
pub fn tokens(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let text = if text.len() > MAX_TEXT { "" } else { text };
    let mut selects = false;
    text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .map(move |piece| {
            let word = piece.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
            (word, std::mem::replace(&mut selects, piece.ends_with(['.', '#'])))
        })
        .filter(|(t, _)| !t.is_empty() && t.len() <= MAX_TOKEN)
}

/// A selector whose match depends on the parent or the siblings of an `img` or a `picture`, or of what may be one.
pub fn is_placement_selector(text: &str) -> bool {
    // Markup and code have these; `=` only stands in an attribute selector.
    let plain = !text.contains(['<', '\n', ';', '{']) && (!text.contains('=') || text.contains('['));
    let placed = text.contains(['>', '+', '~'])
        || [":nth", ":first", ":last", ":only", ":empty"].iter().any(|p| text.contains(p));
    let any = || {
        let last = text.split(',').filter_map(|part| part.split([' ', '>', '+', '~']).rfind(|c| !c.is_empty()));
        last.into_iter().any(|compound| text.len() <= MAX_TEXT && is_any(compound))
    };
    placed && plain && (tokens(text).any(|(t, _)| matches!(t, "img" | "picture")) || any())
}

/// `*`, `:first-child`, `:not(b)`: it could describe any element.
fn is_any(compound: &str) -> bool {
    let pseudo = |name: &str| compound.starts_with(name);
    compound.starts_with('*') || [":nth-", ":first-", ":last-", ":only-", ":not("].into_iter().any(pseudo)
}

/// Whether a selector asks for `script` elements.
pub fn selects_scripts(selector: &str) -> bool {
    selector.match_indices("script").any(|(at, word)| {
        let before = selector.get(..at).and_then(|s| s.chars().next_back());
        let after = selector.get(at + word.len()..).and_then(|s| s.chars().next());
        let in_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        !before.is_some_and(|c| in_name(c) || matches!(c, '.' | '#' | '"' | '\'' | '/' | '='))
            && !after.is_some_and(in_name)
    })
}
