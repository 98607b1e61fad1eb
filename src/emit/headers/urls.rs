//! The URLs at which a host answers with a file, as the host compares them.

use super::Host;
use crate::model::SitePath;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a browser encodes in a path of its own accord (URL standard, path percent-encode set), and what a file name
/// needs besides so that it is not read as an escape or a separator.
const BROWSER: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'%')
    .add(b'\\');

/// JavaScript's `encodeURIComponent`, without the slash.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'/');

/// All paths under which the file can be asked for: itself, then its clean URLs.
///
/// nginx compares the file's own name, after clean URLs are resolved (`$uri` is `/about/index.html` for `/about/`).
/// Cloudflare redirects to `encodeURIComponent` spelling on Workers and takes the browser's on Pages: both are listed.
pub(super) fn of(host: Host, path: &SitePath) -> Vec<String> {
    let name = path.as_str();
    if host == Host::Nginx {
        return vec![format!("/{name}")];
    }
    let mut plain = vec![name.to_string()];
    if let Some(dir) = name.strip_suffix("index.html")
        && (dir.is_empty() || dir.ends_with('/'))
    {
        plain.push(dir.to_string());
        if !dir.is_empty() {
            plain.push(dir.trim_end_matches('/').to_string());
        }
    } else if let Some(stem) = name.strip_suffix(".html")
        && !stem.is_empty()
        && !stem.ends_with('/')
    {
        plain.push(stem.to_string());
    }
    let mut urls = Vec::new();
    for p in plain {
        urls.push(format!("/{}", utf8_percent_encode(&p, BROWSER)));
        let other = format!("/{}", utf8_percent_encode(&p, COMPONENT));
        if host == Host::Cloudflare && urls.last() != Some(&other) {
            urls.push(other);
        }
    }
    urls
}

/// A pattern as the URL parser of Cloudflare's reader leaves it: escapes that are there stay.
pub(super) fn encoded(pattern: &str) -> String {
    const SET: &AsciiSet = &BROWSER.remove(b'%').remove(b'\\');
    let path = pattern.split(['?', '#']).next().unwrap_or(pattern);
    utf8_percent_encode(path, SET).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn clean_urls_and_spellings() {
        let of = |host, p: &str| of(host, &SitePath::new(p).unwrap());
        assert_eq!(of(Host::Netlify, "index.html"), ["/index.html", "/"]);
        assert_eq!(of(Host::Netlify, "a b/index.html"), ["/a%20b/index.html", "/a%20b/", "/a%20b"]);
        assert_eq!(of(Host::Netlify, "x.html"), ["/x.html", "/x"]);
        assert_eq!(of(Host::Netlify, "myindex.html"), ["/myindex.html", "/myindex"]);
        assert_eq!(of(Host::Cloudflare, "a@é.js"), ["/a@%C3%A9.js", "/a%40%C3%A9.js"]);
        assert_eq!(of(Host::Cloudflare, "50%?#.js"), ["/50%25%3F%23.js"]);
        assert_eq!(of(Host::Nginx, "a b/index.html"), ["/a b/index.html"]);
    }
}
