//! Names that a text could put on an element: the words in it, and the patterns of names that it puts together.

use std::collections::HashSet;

/// Stands in a text for a value that is not known before the program runs.
pub const HOLE: char = '\u{0}';
/// Nobody calls a class so; encoded data does.
const MAX: usize = 100;
/// Of a title or a category, whose words a script may join.
const MAX_LABEL: usize = 60;
const MAX_LABEL_WORDS: usize = 5;

/// Adds the words of `text`, and its patterns: words with a `*` for each hole. `btn-` and `-open` count as pieces of names.
pub fn read(text: &str, into: &mut HashSet<String>) {
    if let Some(filled) = template(text) {
        read(&filled, into);
    }
    for run in text.split(|c| !in_name(c) && c != HOLE).filter(|r| !r.is_empty() && r.len() <= MAX) {
        if run.contains(HOLE) {
            pattern(run, into);
        } else if !into.contains(run) {
            into.insert(run.to_owned());
            if run.contains(char::is_alphanumeric) {
                let piece = |c: char| matches!(c, '-' | '_');
                run.ends_with(piece).then(|| into.insert(format!("{run}*")));
                run.starts_with(piece).then(|| into.insert(format!("*{run}")));
            }
        }
    }
    slug(text, into);
    parsed(text, into);
    if text.contains(HOLE) {
        // `md:${x}` is one class, though not one word.
        let delimiter = |c: char| c.is_whitespace() || "\"'`<>=(){};,&|?".contains(c);
        let odd = text.split(delimiter).filter(|w| w.len() <= MAX && w.contains(HOLE) && w.contains([':', '/', '[']));
        odd.filter(|w| !w.contains("//") && !w.starts_with('/'))
            .for_each(|w| pattern(w.trim_matches(['.', '#']), into));
    }
}

/// `step{{n}}` with a hole for what a template engine puts there.
fn template(text: &str) -> Option<String> {
    let (first, rest) = text.split_once("{{")?;
    let mut out = String::from(first);
    for piece in rest.split("{{") {
        out.push(HOLE);
        out.push_str(piece.split_once("}}").map_or("", |(_, after)| after));
    }
    Some(out)
}

/// `~` before a word: it stands in prose or in an address, from which a script may make a class.
pub fn data(text: &str, into: &mut HashSet<String>) {
    for run in text.split(|c| !in_name(c)).filter(|r| !r.is_empty() && r.len() <= MAX) {
        into.insert(format!("~{run}"));
    }
    slug(text, into);
}

/// A value of some data: a script may use it as it is, as a piece, or all of it as one word.
pub fn value(text: &str, into: &mut HashSet<String>) {
    piece(text, into);
    slug(text, into);
}

/// `Web Design` becomes `web-design`.
fn slug(text: &str, into: &mut HashSet<String>) {
    let text = text.trim();
    if text.len() > MAX_LABEL || text.contains(HOLE) || text.contains(['<', '{']) {
        return;
    }
    let words: Vec<&str> = text.split(|c| !in_name(c)).filter(|w| !w.is_empty()).collect();
    let whole = |w: &&str| !w.starts_with(['-', '_']) && !w.ends_with(['-', '_']);
    if (2..=MAX_LABEL_WORDS).contains(&words.len()) && words.iter().all(whole) {
        into.insert(format!("~{}", words.join("-")));
    }
}

/// Of markup in a text, what browsers add to it.
fn parsed(text: &str, into: &mut HashSet<String>) {
    let has = |tag: &str| text.contains(tag) || text.contains(&tag.to_ascii_uppercase());
    if text.contains("<t") || text.contains("<T") {
        let mut add = |tags: &[&str]| into.extend(tags.iter().map(|t| (*t).to_owned()));
        if has("<table") || has("<tr") {
            add(&["tbody"]);
        }
        if has("<td") || has("<th") {
            add(&["tbody", "tr"]);
        }
    }
}

/// What is the same in all spellings: `is-active`, `isActive`, `IS_ACTIVE`. Custom properties stay apart.
pub fn stem(word: &str) -> String {
    let (dashes, rest) = word.strip_prefix("--").map_or(("", word), |rest| ("--", rest));
    let rest = rest.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase);
    dashes.chars().chain(rest).collect()
}

/// `=` before a word: it is a literal of its own, which a script may put in a hole.
pub fn piece(text: &str, into: &mut HashSet<String>) {
    if !text.is_empty() && text.len() <= MAX && text.chars().all(in_name) {
        into.insert(format!("={text}"));
    }
}

/// For a text that becomes names: two holes side by side take a literal each, or one and a number.
pub fn adjoined(text: &str, into: &mut HashSet<String>) {
    let runs = text.split(|c| !in_name(c) && c != HOLE).filter(|r| r.len() <= MAX);
    for run in runs.filter(|r| r.contains(&format!("{HOLE}{HOLE}"))) {
        into.insert(run.replace(HOLE, "*"));
    }
}

fn pattern(word: &str, into: &mut HashSet<String>) {
    let pieces: Vec<&str> = word.split(HOLE).collect();
    let last = pieces.len().saturating_sub(1);
    let inner = |i: usize| i != 0 && i != last;
    let kept: Vec<&str> =
        pieces.iter().enumerate().filter(|(i, p)| !p.is_empty() || !inner(*i)).map(|(_, p)| *p).collect();
    if kept.iter().any(|p| !p.is_empty()) {
        into.insert(kept.join("*"));
    }
}

pub fn sorted(words: HashSet<String>) -> Vec<String> {
    let mut words = Vec::from_iter(words);
    words.sort_unstable();
    words
}

pub fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()
}

/// The words of a name: `md:w-1/2` has three.
pub fn of_name(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c| !in_name(c)).filter(|r| !r.is_empty())
}

/// A name that is put together when the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// What stands before, between and after the holes.
    pieces: Vec<String>,
    /// The pieces say enough: anything may stand in the holes. Otherwise only other literals of scripts.
    telling: bool,
}

impl Pattern {
    /// `None` for a plain word.
    pub fn new(word: &str) -> Option<Self> {
        let pieces: Vec<String> = word.split('*').map(str::to_owned).collect();
        let [first, .., last] = pieces.as_slice() else { return None };
        let alnum = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).count();
        let apart = |piece: &str, edge: Option<char>| alnum(piece) > 0 && edge.is_some_and(|c| !c.is_alphanumeric());
        let telling = pieces.iter().map(|p| alnum(p)).sum::<usize>() >= 3
            || apart(first, first.chars().next_back())
            || apart(last, last.chars().next());
        Some(Self { telling, pieces })
    }

    /// `known` is asked about what would have to stand in a hole; it is always shorter than `name`.
    pub fn fits(&self, name: &str, known: &dyn Fn(&str) -> bool) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let Some(tail) = name.strip_prefix(first.as_str()) else { return false };
        let filled = |hole: &str| self.telling || hole.bytes().all(|b| b.is_ascii_digit()) || known(hole);
        fits(rest, tail, &filled)
    }
}

fn fits(pieces: &[String], text: &str, filled: &dyn Fn(&str) -> bool) -> bool {
    match pieces {
        [] => text.is_empty(),
        [last] => text.strip_suffix(last.as_str()).is_some_and(filled),
        [next, rest @ ..] => text.match_indices(next.as_str()).any(|(at, _)| {
            text.get(..at).is_some_and(filled)
                && text.get(at + next.len()..).is_some_and(|tail| fits(rest, tail, filled))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut set = HashSet::new();
        read(&text.replace('*', "\0"), &mut set);
        sorted(set)
    }

    #[test]
    fn words_and_pieces() {
        assert_eq!(words("a b-c .d>e{md:w-1/2}"), ["2", "a", "b-c", "d", "e", "md", "w-1"]);
        assert_eq!(words("btn- -on"), ["*-on", "-on", "btn-", "btn-*"]);
        assert_eq!(words("btn-* x"), ["btn-*", "x"]);
        assert_eq!(words("* *-* **x"), ["*-*", "*x"]);
        assert_eq!(words(".md:*"), ["md", "md:*"]);
        assert_eq!(words("step{{n}} {{#if on}}is-on{{/if}}"), ["*is-on*", "if", "is-on", "n", "on", "step", "step*"]);
    }

    #[test]
    fn patterns() {
        let fits =
            |p: &str, name: &str| Pattern::new(p).is_some_and(|p| p.fits(name, &|h| ["", "el", "x"].contains(&h)));
        assert!(fits("btn-*", "btn-lg") && fits("btn-*", "btn-") && !fits("btn-*", "xbtn-lg"));
        assert!(fits("*-active", "tab-active") && fits("a-*-b", "a-anything-b") && !fits("a-*-b", "a-b"));
        assert!(fits("*-*", "el-x") && !fits("*-*", "el-y") && fits("h*", "h1") && !fits("h*", "html"));
    }
}
