//! What attributes of elements say to shaking.

/// Prose and addresses: no script finds elements by them, but it may make classes of them.
pub fn is_inert(attribute: &str) -> bool {
    matches!(
        attribute,
        "alt"
            | "title"
            | "placeholder"
            | "content"
            | "aria-label"
            | "aria-description"
            | "summary"
            | "label"
            | "href"
            | "src"
            | "action"
            | "formaction"
            | "poster"
            | "cite"
            | "xlink:href"
            | "charset"
            | "media"
            | "type"
            | "rel"
            | "lang"
            | "hreflang"
            | "dir"
            | "loading"
            | "decoding"
            | "fetchpriority"
            | "crossorigin"
            | "referrerpolicy"
            | "method"
            | "enctype"
            | "autocomplete"
    )
}

/// Measures, drawings and checksums: no class comes from them.
pub fn is_measure(attribute: &str) -> bool {
    matches!(
        attribute,
        "srcset"
            | "sizes"
            | "integrity"
            | "nonce"
            | "width"
            | "height"
            | "d"
            | "points"
            | "viewbox"
            | "transform"
            | "fill"
            | "stroke"
            | "xmlns"
            | "tabindex"
            | "colspan"
            | "rowspan"
    )
}
