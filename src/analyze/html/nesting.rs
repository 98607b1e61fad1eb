//! Which end tags close what (HTML §13.2.6.4.7, "in body").

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
pub fn ends_paragraph(name: &str) -> bool {
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
    use crate::analyze::html::analyze;

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
}
