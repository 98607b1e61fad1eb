//! What a URL asks for: decoded once, with dot segments and doubled slashes resolved as nginx does.

use percent_encoding::percent_decode_str;

/// A place in the site, whether or not there is a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Without slashes at its ends, never with `.`, `..` or empty segments; empty for the root.
    pub path: String,
    /// It asks for a folder.
    pub folder: bool,
}

/// `None` for what cannot be a path: a broken escape, a zero byte, text that is not UTF-8, or a way out above the root.
pub fn target(path: &str) -> Option<Target> {
    let rest = path.strip_prefix('/')?;
    let escapes = rest.split('%').skip(1);
    let whole = |e: &str| e.get(..2).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if !escapes.clone().all(whole) {
        return None;
    }
    let decoded = percent_decode_str(rest).decode_utf8().ok()?;
    if decoded.contains('\0') {
        return None;
    }
    let mut segments: Vec<&str> = Vec::new();
    let mut folder = true;
    for segment in decoded.split('/') {
        folder = true;
        match segment {
            "" | "." => {}
            ".." => _ = segments.pop()?,
            name => {
                segments.push(name);
                folder = false;
            }
        }
    }
    Some(Target { path: segments.join("/"), folder })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_nginx_reads_them() {
        let found = |p: &str| target(p).map(|t| (t.path, t.folder));
        for (path, expected) in [
            ("/", ("", true)),
            ("/a", ("a", false)),
            ("/a/", ("a", true)),
            ("//a///b", ("a/b", false)),
            ("/a/./b", ("a/b", false)),
            ("/a/.", ("a", true)),
            ("/a/../b", ("b", false)),
            ("/a/..", ("", true)),
            ("/a%2Fb", ("a/b", false)),
            ("/a%2f..%2fb", ("b", false)),
            ("/b/%2e%2E/%61", ("a", false)),
            ("/gr%C3%BC%C3%9Fe", ("grüße", false)),
            ("/a%252e", ("a%2e", false)),
            ("/a\\..\\b", ("a\\..\\b", false)),
        ] {
            assert_eq!(found(path), Some((expected.0.to_owned(), expected.1)), "{path}");
        }
        for path in ["", "a", "*", "/..", "/a/../..", "/%", "/%4", "/%zz", "/a%00", "/%ff", "/%+1", "/%c0%ae%c0%ae/"] {
            assert_eq!(target(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_leaves_the_root(path in "(/|\\.|%2e|%2F|%5c|a|%){0,24}") {
            if let Some(t) = target(&format!("/{path}")) {
                prop_assert!(t.path.is_empty() || t.path.split('/').all(|s| !s.is_empty() && s != "." && s != ".."));
            }
        }
    }
}
