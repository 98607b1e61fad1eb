//! HTML white space: runs collapse to one character, and none is ever removed.

use crate::syntax::html::{Tag, Token};
use std::ops::Range;

/// The runs of white space that may become a single blank or newline.
///
/// `keeps_space` says for an element whether CSS may give it a `white-space` that shows every blank.
pub fn collapsible(source: &str, tokens: &[Token], keeps_space: &dyn Fn(&Tag) -> bool) -> Vec<(Range<usize>, char)> {
    let mut found = Vec::new();
    // Open elements, and whether white space shows in them.
    let mut open: Vec<(&str, bool)> = Vec::new();
    for token in tokens {
        match token {
            Token::Start(tag) if !tag.is_void() && !tag.self_closing => {
                let inherits = open.last().is_some_and(|(_, keeps)| *keeps);
                open.push((&tag.name, inherits || shows_space(tag) || keeps_space(tag)));
            }
            Token::End { name, .. } => {
                if let Some(i) = open.iter().rposition(|(n, _)| n == name) {
                    open.truncate(i);
                }
            }
            Token::Text { range } if !open.last().is_some_and(|(_, keeps)| *keeps) => runs(source, range, &mut found),
            _ => {}
        }
    }
    found
}

fn runs(source: &str, range: &Range<usize>, found: &mut Vec<(Range<usize>, char)>) {
    let text = source.get(range.clone()).unwrap_or("");
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|t| t.find(|c: char| c.is_ascii_whitespace())).map(|i| at + i) {
        let run = text.get(start..).unwrap_or("");
        let len = run.find(|c: char| !c.is_ascii_whitespace()).unwrap_or(run.len());
        let run = run.get(..len).unwrap_or("");
        if len > 1 {
            found.push((range.start + start..range.start + start + len, if run.contains('\n') { '\n' } else { ' ' }));
        }
        at = start + len;
    }
}

/// Elements whose text is shown, sent or run as it is written.
fn shows_space(tag: &Tag) -> bool {
    let by_name = matches!(
        tag.name.as_str(),
        "pre"
            | "textarea"
            | "listing"
            | "plaintext"
            | "xmp"
            | "script"
            | "style"
            | "template"
            | "title"
            | "svg"
            | "math"
            | "output"
            | "code"
            | "iframe"
            | "noembed"
            | "noframes"
            | "select"
            | "option"
    );
    // A custom element's script may read its text.
    let custom = tag.name.contains('-');
    // Scripts that draw diagrams and slides read their text with its indentation.
    let read = ["mermaid", "nomnoml", "plantuml", "wavedrom"].iter().any(|class| tag.has_word("class", class))
        || tag.attr("data-markdown").is_some();
    let styled = tag.value("style").is_some_and(|s| s.contains("white-space") || s.contains("--"));
    let edited = tag.attr("contenteditable").is_some()
        || tag.attr("xml:space").is_some()
        || tag.value("data-kiln") == Some("off");
    by_name || custom || read || styled || edited
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::syntax::html::tokenize;

    fn collapsed(source: &str) -> String {
        let tokens = tokenize(source).unwrap();
        let mut out = source.to_owned();
        for (range, with) in collapsible(source, &tokens, &|t| t.value("class") == Some("code")).into_iter().rev() {
            out.replace_range(range, &with.to_string());
        }
        out
    }

    #[test]
    fn trap_42_white_space_that_shows_is_left_alone() {
        for kept in [
            "<pre>a  b\n\n c</pre>",
            "<textarea>a  b</textarea>",
            "<p class=code>a  <b>b  c</b></p>",
            "<output>a  b</output>",
            "<my-tag>a  b</my-tag>",
            "<div class='mermaid big'>mindmap\n  a\n    b</div>",
            "<section data-markdown>\n# a\n\n* b\n  * c</section>",
            "<script>a  b</script>",
            "<p style='white-space:pre'>a  b</p>",
        ] {
            assert_eq!(collapsed(kept), kept);
        }
    }

    #[test]
    fn trap_69_white_space_collapses_and_is_never_removed() {
        assert_eq!(collapsed("<ul>\n   <li>a</li>\n\n   <li>b</li>  </ul>"), "<ul>\n<li>a</li>\n<li>b</li> </ul>");
        assert_eq!(collapsed("<b>a</b> <i>b</i>"), "<b>a</b> <i>b</i>");
        assert_eq!(collapsed("a\u{a0}\u{a0}b  &nbsp;  c"), "a\u{a0}\u{a0}b &nbsp; c");
    }
}
