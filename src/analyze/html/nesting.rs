//! Which end tags close what (HTML §13.2.6.4.7, "in body").

/// The adoption agency closes these alone: what was opened inside of them stays open.
pub fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
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
        analyze(source).unwrap().images.first().unwrap().around.clone()
    }

    #[test]
    fn end_tags_close_what_browsers_close() {
        assert_eq!(around("<div class=a><p id=b>x</p><img></div>"), ["a", "div"]);
        assert_eq!(around("<div><a><section></a><img>"), ["div", "section"]);
        assert_eq!(around("<span><div></span><img>"), ["div", "span"]);
        assert_eq!(around("<div><span><x-y></span><img>"), ["div"]);
    }
}
