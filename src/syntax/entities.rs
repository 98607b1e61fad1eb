//! Character references in attribute values, undone so that a place in the result can be found in the source again.

/// The value that `raw` stands for, and for each of its bytes (and its end) the byte in `raw` it came from.
pub struct Decoded {
    pub text: String,
    map: Vec<usize>,
}

impl Decoded {
    /// The bytes of `raw` that `range` of the decoded text came from.
    pub fn raw_range(&self, range: &std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        Some(*self.map.get(range.start)?..*self.map.get(range.end)?)
    }
}

/// Decodes the references that generators write (`&amp; &quot; &apos; &lt; &gt; &nbsp;` and numeric ones).
///
/// `None` for any other named reference: HTML has 2,231 of them with odd rules about missing semicolons, and the callers
/// can always fall back to leaving the value alone. An `&` that starts no reference is itself.
pub fn decode(raw: &str) -> Option<Decoded> {
    let mut out = Decoded { text: String::with_capacity(raw.len()), map: Vec::with_capacity(raw.len() + 1) };
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let at = raw.len() - rest.len();
        let (decoded, used) = if c == '&' { reference(rest)? } else { (c, c.len_utf8()) };
        out.text.push(decoded);
        // A multi-byte character written raw keeps a place for each byte; a reference has but one.
        for i in 0..decoded.len_utf8() {
            out.map.push(if used == decoded.len_utf8() { at + i } else { at });
        }
        rest = rest.get(used..)?;
    }
    out.map.push(raw.len());
    Some(out)
}

fn reference(text: &str) -> Option<(char, usize)> {
    let body = text.get(1..)?;
    if !body.starts_with(|c: char| c == '#' || c.is_ascii_alphanumeric()) {
        return Some(('&', 1));
    }
    let Some(end) = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#')) else {
        return plain_ampersand(body);
    };
    if !body.get(end..)?.starts_with(';') {
        return plain_ampersand(body.get(..end)?);
    }
    let name = body.get(..end)?;
    let c = match name {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => '\u{a0}',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            // The standard remaps C1 controls, surrogates and zero: none of them belongs in a URL.
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    };
    Some((c, end + 2))
}

/// `a?x=1&y=2`: in attributes a name without a semicolon before `=` or an alphanumeric is no reference. The few legacy
/// names that are (`&copy`, `&lt` …) make the value undecidable here.
fn plain_ampersand(name: &str) -> Option<(char, usize)> {
    const LEGACY: [&str; 12] =
        ["amp", "lt", "gt", "quot", "nbsp", "copy", "reg", "sect", "not", "para", "times", "deg"];
    let risky = name.starts_with('#') || LEGACY.iter().any(|l| name.to_ascii_lowercase().starts_with(l));
    (!risky).then_some(('&', 1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn decodes_with_places() {
        let raw = "url(&quot;ä&amp;b.png&quot;)";
        let d = decode(raw).unwrap();
        assert_eq!(d.text, "url(\"ä&b.png\")");
        let at = d.text.find('ä').unwrap();
        assert_eq!(&raw[d.raw_range(&(at..at + "ä&b.png".len())).unwrap()], "ä&amp;b.png");
    }

    #[test]
    fn what_it_does_not_know_it_does_not_guess() {
        assert!(decode("&eacute;").is_none());
        assert!(decode("a&copy=1").is_none());
        assert_eq!(decode("?x=1&y=2").unwrap().text, "?x=1&y=2");
        assert_eq!(decode("&#x27;&#39;").unwrap().text, "''");
    }
}
