//! Which end tags close what (HTML §13.2.6.4.7, "in body").

use crate::syntax::html::Tag;

/// The stack of open elements (HTML §13.2.4.2), as far as tags tell that are written: an end tag closes everything up to its
/// element, also what browsers would leave open.
#[derive(Default)]
pub struct OpenElements<'t>(Vec<&'t Tag>);

impl<'t> OpenElements<'t> {
    pub fn any(&self, is: impl Fn(&Tag) -> bool) -> bool {
        self.0.iter().any(|tag| is(tag))
    }

    /// Opens an element, if it can hold anything. Only in SVG and MathML a start tag can close itself.
    pub fn start(&mut self, tag: &'t Tag) {
        let is_foreign = |tag: &Tag| matches!(&*tag.name, "svg" | "math");
        if !(tag.is_void() || tag.self_closing && (is_foreign(tag) || self.any(is_foreign))) {
            self.0.push(tag);
        }
    }

    /// Closes the innermost element of this name and what is in it.
    pub fn end(&mut self, name: &str) {
        if let Some(i) = self.0.iter().rposition(|tag| tag.name == name) {
            self.0.truncate(i);
        }
    }

    /// Closes a `<p>` that would be around this element, if that cannot stand in one.
    pub fn end_paragraph_before(&mut self, tag: &Tag) {
        if self.0.last().is_some_and(|open| open.name == "p") && ends_paragraph(&tag.name) {
            self.0.pop();
        }
    }
}

/// The adoption agency closes these alone: what was opened inside of them stays open.
pub fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// What is in these stays in them: no start tag closes them unsaid, as a `<div>` does a `<p>`, or moves things out of them, as
/// out of a `<table>`.
pub fn stays_open(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "body"
            | "div"
            | "main"
            | "section"
            | "article"
            | "aside"
            | "header"
            | "footer"
            | "nav"
            | "figure"
            | "figcaption"
            | "ul"
            | "ol"
            | "dl"
            | "details"
            | "blockquote"
    )
}

/// Its start tag closes a `<p>` that is still open.
fn ends_paragraph(name: &str) -> bool {
    const BLOCKS: [&str; 34] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "ul",
    ];
    BLOCKS.contains(&name)
}

/// Elements that the end tag of an ordinary element (`span`, a custom element) does not reach across.
pub fn is_special(name: &str) -> bool {
    const SPECIAL: &[&str] = &[
        "address",
        "applet",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "colgroup",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hgroup",
        "html",
        "iframe",
        "li",
        "listing",
        "main",
        "marquee",
        "menu",
        "nav",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "ol",
        "p",
        "plaintext",
        "pre",
        "script",
        "search",
        "section",
        "select",
        "style",
        "summary",
        "table",
        "tbody",
        "td",
        "template",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
        "xmp",
    ];
    SPECIAL.binary_search(&name).is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::OpenElements;
    use crate::analyze::html::analyze;
    use crate::syntax::html::{Token, tokenize};

    fn around(source: &str) -> Vec<String> {
        let image = analyze(source).unwrap().images.remove(0);
        image.around.iter().flat_map(|e| [&e.tag].into_iter().chain(e.names()).cloned()).collect()
    }

    #[test]
    fn end_tags_close_what_browsers_close() {
        assert_eq!(around("<div class=a><p id=b>x</p><img></div>"), ["div", "a"]);
        assert_eq!(around("<div><a><section></a><img>"), ["div", "section"]);
        assert_eq!(around("<span><div></span><img>"), ["span", "div"]);
        assert_eq!(around("<div><span><x-y></span><img>"), ["div"]);
    }

    /// What is still open at the end.
    fn open_after(source: &str) -> Vec<String> {
        let tokens = tokenize(source).unwrap();
        let mut open = OpenElements::default();
        for token in &tokens {
            match token {
                Token::Start(tag) => {
                    open.end_paragraph_before(tag);
                    open.start(tag);
                }
                Token::End { name, .. } => open.end(name),
                _ => {}
            }
        }
        open.0.iter().map(|tag| tag.name.clone()).collect()
    }

    #[test]
    fn elements_are_open_from_tag_to_tag() {
        assert_eq!(open_after("<div><b><i></b></span>"), ["div"]);
        assert_eq!(open_after("<div><div></div><br><img>"), ["div"]);
        assert_eq!(open_after("<a/><svg><a/><math></svg>"), ["a"], "in HTML no start tag closes itself");
        assert_eq!(open_after("<p><svg/><math/>"), ["p"]);
        assert_eq!(open_after("<p><b></b><ul><li><p><span><div>"), ["ul", "li", "p", "span", "div"]);
    }
}
