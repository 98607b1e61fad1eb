//! `srcset` and `imagesrcset`, parsed as the HTML standard says (§4.8.4.2.1): never by splitting at commas.

use std::ops::Range;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Bytes of the URL in the attribute's value.
    pub url: Range<usize>,
    /// Bytes of the descriptors, trimmed; empty when there are none.
    pub descriptors: Range<usize>,
}

/// The candidates of a decoded attribute value, in order.
pub fn parse(value: &str) -> Vec<Candidate> {
    let bytes = value.as_bytes();
    let space = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_whitespace);
    let mut candidates = Vec::new();
    let mut i = 0;
    loop {
        while space(i) || bytes.get(i) == Some(&b',') {
            i += 1;
        }
        if i >= bytes.len() {
            return candidates;
        }
        let start = i;
        while i < bytes.len() && !space(i) {
            i += 1;
        }
        let mut end = i;
        while end > start && bytes.get(end - 1) == Some(&b',') {
            end -= 1;
        }
        if end < i {
            // The URL ended in commas: it has no descriptors.
            candidates.push(Candidate { url: start..end, descriptors: end..end });
            continue;
        }
        while space(i) {
            i += 1;
        }
        let from = i;
        let mut depth = 0usize;
        while let Some(b) = bytes.get(i) {
            match b {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => break,
                _ => {}
            }
            i += 1;
        }
        let mut to = i;
        while to > from && space(to - 1) {
            to -= 1;
        }
        candidates.push(Candidate { url: start..end, descriptors: from..to });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(value: &str) -> Vec<(&str, &str)> {
        parse(value).into_iter().map(|c| (&value[c.url], &value[c.descriptors])).collect()
    }

    #[test]
    fn trap_02_commas_in_srcset() {
        assert_eq!(read("a.png 1x, b.png 2x"), [("a.png", "1x"), ("b.png", "2x")]);
        assert_eq!(read("a.png,b.png"), [("a.png,b.png", "")]);
        assert_eq!(read("a.png, b.png"), [("a.png", ""), ("b.png", "")]);
        assert_eq!(
            read("/w_100,h_50/a.png 100w,/w_200,h_9/a.png 200w"),
            [("/w_100,h_50/a.png", "100w"), ("/w_200,h_9/a.png", "200w")]
        );
        assert_eq!(
            read("data:image/png;base64,AAA= 1x, b.png 2x"),
            [("data:image/png;base64,AAA=", "1x"), ("b.png", "2x")]
        );
        assert_eq!(read("a.png 1x (a,b), b.png"), [("a.png", "1x (a,b)"), ("b.png", "")]);
        assert_eq!(read(" ,, "), []);
    }

    proptest! {
        #[test]
        fn ranges_lie_in_order_and_urls_hold_no_space(value in "[a-c,() \t0-9wx/]{0,40}") {
            let mut last = 0;
            for c in parse(&value) {
                prop_assert!(last <= c.url.start && c.url.end <= c.descriptors.start && c.descriptors.end <= value.len());
                prop_assert!(!value[c.url.clone()].contains([' ', '\t']));
                prop_assert!(!c.url.is_empty());
                last = c.descriptors.end;
            }
        }

        #[test]
        fn what_is_written_is_read_again(urls in proptest::collection::vec("[a-z/.]{1,8}", 1..5)) {
            let value = urls.iter().map(|u| format!("{u} 1x")).collect::<Vec<_>>().join(", ");
            let again: Vec<String> = parse(&value).into_iter().map(|c| value[c.url].to_owned()).collect();
            prop_assert_eq!(again, urls);
        }
    }
}
