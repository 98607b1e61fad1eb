//! The parts of a URL reference that kiln needs, without resolving anything.

/// `path?query#fragment`, cut; `suffix` starts with its `?` or `#` or is empty.
pub fn split_suffix(url: &str) -> (&str, &str) {
    url.split_at(url.find(['?', '#']).unwrap_or(url.len()))
}

/// `lodash`, `@scope/x`: names for an import map, not URLs (HTML §8.1.6.3).
pub fn is_bare(specifier: &str) -> bool {
    !(specifier.starts_with('/')
        || specifier.starts_with("./")
        || specifier.starts_with("../")
        || scheme(specifier).is_some())
}

/// The scheme, lower case, if the reference starts with one (RFC 3986 §3.1).
pub fn scheme(url: &str) -> Option<String> {
    let (scheme, _) = url.split_once(':')?;
    let mut chars = scheme.chars();
    let valid = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    valid.then(|| scheme.to_ascii_lowercase())
}

/// Names a host: whether it is another one than the site's own cannot be told from here.
pub fn is_elsewhere(url: &str) -> bool {
    url.starts_with("//") || matches!(scheme(url).as_deref(), Some("http" | "https"))
}

/// Undoes percent-encoding once; what is not UTF-8 afterwards stays as it is.
pub fn percent_decode(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8().map_or_else(|_| path.to_owned(), |s| s.into_owned())
}

/// The URL with the last segment of its path replaced, query and fragment kept. `name` is percent-encoded.
pub fn with_file_name(url: &str, name: &str) -> String {
    let (path, suffix) = split_suffix(url);
    let folder = path.rfind('/').map_or(0, |i| i + 1);
    format!("{}{}{suffix}", path.get(..folder).unwrap_or(""), percent_encode_segment(name))
}

/// Encodes what may not stand in a path segment (RFC 3986 §3.3), and `%`, which would be undone on the way back.
pub fn percent_encode_segment(name: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const SEGMENT: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}')
        .add(b'/');
    utf8_percent_encode(name, SEGMENT).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn trap_05_query_and_fragment_are_kept() {
        assert_eq!(with_file_name("../f/font.eot?#iefix", "font.k1.eot"), "../f/font.k1.eot?#iefix");
        assert_eq!(with_file_name("sprite.svg#id", "s.svg"), "s.svg#id");
        assert_eq!(with_file_name("https://x.org/a/b.css?v=1/2", "c d.css"), "https://x.org/a/c%20d.css?v=1/2");
    }

    #[test]
    fn schemes() {
        assert_eq!(scheme("HTTPS://x").as_deref(), Some("https"));
        assert_eq!(scheme("a/b:c"), None);
        assert_eq!(scheme("//x"), None);
    }

    proptest! {
        #[test]
        fn trap_06_encoding_a_name_and_decoding_it_gives_the_name(name in "[^/\0]{1,20}") {
            prop_assert_eq!(percent_decode(&percent_encode_segment(&name)), name);
        }
    }
}
