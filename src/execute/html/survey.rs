//! Where a page's styles stand, and the place at its end to which sheets could move.

use crate::analyze::html::nesting::OpenElements;
use crate::syntax::html::{Tag, Token, is_classic_script};

/// What styles the page, in document order.
pub enum Style<'t> {
    /// A link that says nothing but which sheet, and in which media.
    Link(&'t Tag),
    /// A link to a sheet that stays where it is: a script may look for it.
    Kept(&'t Tag),
    /// What no browser waits for: a `<style>`, an alternative sheet.
    Other,
}

impl Style<'_> {
    pub fn href(&self) -> Option<&str> {
        match self {
            Self::Link(tag) | Self::Kept(tag) => tag.value("href"),
            Self::Other => None,
        }
    }
}

pub struct Survey<'t> {
    pub styles: Vec<Style<'t>>,
    /// Before the scripts at the end of the body, or why no such place was found.
    pub end: Result<End, &'static str>,
    /// Scripts run, or may run, before what stands at that place has come.
    pub early_scripts: bool,
    /// The page says that it is UTF-8 before its first style.
    pub utf8: bool,
    /// Where the head ends; 0 if that is not said.
    pub head: usize,
}

#[derive(Clone, Copy)]
pub struct End {
    /// A byte of the page.
    pub at: usize,
    /// Scripts follow: what is put here is not the last element.
    pub scripts: bool,
}

pub fn survey<'t>(source: &str, tokens: &'t [Token]) -> Survey<'t> {
    let end = end(source, tokens);
    let until = end.map_or(usize::MAX, |e| e.at);
    let mut seen =
        Survey { styles: Vec::new(), end, early_scripts: false, utf8: source.starts_with('\u{feff}'), head: 0 };
    let mut open = OpenElements::default();
    for token in tokens {
        if token.range().start == until && open.any(|t| !matches!(&*t.name, "html" | "head" | "body")) {
            seen.end = Err("an element is still open at the end of its body");
        } else if token.range().start == until && open.any(is_off) {
            seen.end = Err("its body is opted out with data-kiln=\"off\"");
        }
        match token {
            Token::Start(tag) => {
                // Those that are `async` wait for nothing.
                let early = tag.range.start < until || tag.attr("async").is_some();
                seen.early_scripts |= early && runs_early(tag);
                if tag.name == "body" && seen.head == 0 {
                    seen.head = tag.range.start;
                }
                if is_utf8(tag) && seen.styles.is_empty() {
                    seen.utf8 = true;
                }
                open.end_paragraph_before(tag);
                let inert = open.any(|t| matches!(&*t.name, "template" | "noscript" | "svg" | "math" | "select"));
                let off = is_off(tag) || open.any(is_off);
                seen.styles.extend(style(tag, inert, off));
                open.start(tag);
            }
            Token::End { name, .. } => open.end(name),
            _ => {}
        }
    }
    seen
}

/// The end of the body without its last scripts.
fn end(source: &str, tokens: &[Token]) -> Result<End, &'static str> {
    let is_body = |t: &Token| matches!(t, Token::End { name, .. } if name == "body");
    let last = tokens.iter().position(is_body).ok_or("it has no </body>")?;
    let blank = |t: &Token| match t {
        Token::Text { range } => source.get(range.clone()).is_some_and(|t| t.trim().is_empty()),
        Token::Comment { .. } => true,
        Token::End { name, .. } => name == "html",
        _ => false,
    };
    if !tokens.iter().skip(last + 1).all(blank) {
        return Err("something follows its </body>");
    }
    let Some(Token::End { range, .. }) = tokens.get(last) else { return Err("it has no </body>") };
    let mut end = End { at: range.start, scripts: false };
    let mut rest = tokens.get(..last).unwrap_or_default();
    while let Some((token, before)) = rest.split_last() {
        rest = match (token, before) {
            (Token::Text { .. } | Token::Comment { .. }, _) if blank(token) => before,
            (
                Token::End { name, .. },
                [before @ .., Token::Start(tag)] | [before @ .., Token::Start(tag), Token::Text { .. }],
            ) if name == "script" && tag.name == "script" => {
                end = End { at: tag.range.start, scripts: true };
                before
            }
            _ => break,
        };
    }
    Ok(end)
}

fn style<'t>(tag: &'t Tag, inert: bool, off: bool) -> Option<Style<'t>> {
    match tag.name.as_str() {
        "style" => Some(Style::Other),
        "link" => {
            let rel = tag.value("rel").unwrap_or_default().to_ascii_lowercase();
            if !rel.split_ascii_whitespace().any(|word| word == "stylesheet") {
                return None;
            }
            const SAYS_LITTLE: [&str; 8] =
                ["rel", "href", "media", "type", "crossorigin", "integrity", "fetchpriority", "referrerpolicy"];
            let plain = tag.attrs.iter().all(|a| SAYS_LITTLE.contains(&a.name.as_str()))
                && rel.trim() == "stylesheet"
                && tag.value("href").is_some_and(|h| !h.trim().is_empty())
                && tag.value("type").is_none_or(|t| matches!(t.trim(), "" | "text/css"));
            let optional = rel.contains("alternate") || tag.attr("disabled").is_some();
            Some(match plain && !inert && !off {
                true => Style::Link(tag),
                false if optional || inert => Style::Other,
                false => Style::Kept(tag),
            })
        }
        _ => None,
    }
}

/// A classic script runs where it stands; those that wait for the parser wait for sheets in the body as well.
fn runs_early(tag: &Tag) -> bool {
    if tag.attrs.iter().any(|a| a.name.starts_with("on")) {
        return true;
    }
    if tag.name != "script" {
        return false;
    }
    let kind = tag.value("type").unwrap_or_default().trim().to_ascii_lowercase();
    let external = tag.attr("src").or_else(|| tag.attr("href")).or_else(|| tag.attr("xlink:href")).is_some();
    match kind.as_str() {
        "module" => tag.attr("async").is_some(),
        kind if is_classic_script(kind) => !(external && tag.attr("defer").is_some() && tag.attr("async").is_none()),
        "application/ld+json" | "importmap" | "speculationrules" | "application/json" => false,
        _ => true,
    }
}

fn is_utf8(tag: &Tag) -> bool {
    let says = |value: &str| value.to_ascii_lowercase().replace(' ', "").ends_with("utf-8");
    tag.name == "meta"
        && (tag.value("charset").is_some_and(says)
            || tag.value("http-equiv").is_some_and(|h| h.eq_ignore_ascii_case("content-type"))
                && tag.value("content").is_some_and(says))
}

fn is_off(tag: &Tag) -> bool {
    tag.value("data-kiln") == Some("off")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::html::tokenize;

    fn survey_of(source: &str) -> (Result<&str, &'static str>, bool, bool) {
        let tokens = tokenize(source).unwrap_or_default();
        let seen = survey(source, &tokens);
        (seen.end.map(|e| source.get(e.at..).unwrap_or_default()), seen.early_scripts, seen.utf8)
    }

    #[test]
    fn sheets_move_before_the_scripts_at_the_end() {
        let (end, early, utf8) = survey_of(
            "<!doctype html><html><head><meta charset=UTF-8><script src=a.js defer></script></head><body><p>x\
             <div></div> <script src=b.js></script>\n<!-- c --><script type=module>1</script></body></html>\n",
        );
        assert!(end.is_ok_and(|e| e.starts_with("<script src=b.js>")) && !early && utf8);
    }

    #[test]
    fn trap_critical_no_place_for_sheets_in_odd_pages() {
        for odd in [
            "<body><table><tr><td>x</body>",
            "<body><div></body>",
            "<body><svg></body>",
            "<body><p>x</body>",
            "<body data-kiln=off></body>",
            "<body></body><b></b></body>",
            "<body><p>x</p>",
            "<body></body><p>after</p>",
            "<frameset></frameset>",
        ] {
            assert!(survey_of(odd).0.is_err(), "{odd}");
        }
    }

    #[test]
    fn trap_critical_scripts_that_run_before_the_sheets_are_told() {
        for early in [
            "<script>1</script><p>x</p>",
            "<script src=a.js></script><p>x</p>",
            "<script async src=a.js></script><p>x</p>",
            "<script type=module async src=a.js></script><p>x</p>",
            "<p>x</p><script async src=a.js></script>",
            "<svg><script href=a.js></script></svg><p>x</p>",
            "<img onload=f() src=x><p>x</p>",
        ] {
            assert!(survey_of(&format!("<body>{early}</body>")).1, "{early}");
        }
        for late in [
            "<script defer src=a.js></script><p>x</p>",
            "<script type=module>1</script><p>x</p>",
            "<p>x</p><script>1</script>",
        ] {
            assert!(!survey_of(&format!("<body>{late}</body>")).1, "{late}");
        }
    }
}
