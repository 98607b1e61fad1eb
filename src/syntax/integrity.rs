//! Subresource Integrity values: `sha384-…` (SRI §3.5).

use super::html::{Token, tokenize};
use base64::Engine;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::collections::BTreeSet;

pub const ALGORITHMS: [&str; 3] = ["sha256", "sha384", "sha512"];

/// `None` for an algorithm that the specification does not name.
pub fn value(bytes: &[u8], algorithm: &str) -> Option<String> {
    let encode = |d: &[u8]| base64::engine::general_purpose::STANDARD.encode(d);
    let digest = match algorithm {
        "sha256" => encode(&Sha256::digest(bytes)),
        "sha384" => encode(&Sha384::digest(bytes)),
        "sha512" => encode(&Sha512::digest(bytes)),
        _ => return None,
    };
    Some(format!("{algorithm}-{digest}"))
}

/// `sha256-…` of each `<style>` element of a page, for `style-src` (CSP §6.7.3.3). Sorted, without duplicates.
pub fn of_styles(page: &[u8]) -> Vec<String> {
    let Ok(page) = std::str::from_utf8(page) else { return Vec::new() };
    let tokens = tokenize(page).unwrap_or_default();
    let texts = tokens.windows(2).filter_map(|pair| match pair {
        [Token::Start(tag), Token::Text { range }] if tag.name == "style" => page.get(range.clone()),
        _ => None,
    });
    // The parser knows no other line ends.
    let hashes = texts.filter_map(|t| value(t.replace("\r\n", "\n").replace('\r', "\n").as_bytes(), "sha256"));
    hashes.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The values that stand in a text anywhere but in an `integrity` attribute, which can be written anew.
pub fn mentioned(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("sha") {
        let Some(rest) = text.get(at..) else { continue };
        let Some(tail) = ALGORITHMS.iter().find_map(|a| rest.strip_prefix(a)?.strip_prefix('-')) else { continue };
        let len = tail.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c))).unwrap_or(tail.len());
        let attribute =
            text.get(..at).is_some_and(|before| before.trim_end_matches(['"', '\'', ' ']).ends_with("integrity="));
        if len >= 43 && !attribute {
            found.extend(rest.get(..7 + len).map(str::to_owned));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outside_of_attributes_are_found() {
        let v = value(b"x", "sha384").unwrap_or_default();
        assert_eq!(mentioned(&format!("<script integrity=\"{v}\"></script> {{\"a\":\"{v}\"}}")), [v]);
        assert_eq!(mentioned("sha256-short sha1-abc"), Vec::<String>::new());
    }
}
