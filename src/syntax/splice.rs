//! Edits of a text that is otherwise kept byte for byte.

use std::ops::Range;

/// The text with each range replaced. Edits may come in any order; those of one place keep theirs. One that begins inside of
/// another, or is no part of the text, is left out.
pub fn splice(source: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    for (range, with) in edits {
        let (Some(kept), Some(_)) = (source.get(at..range.start), source.get(range.clone())) else { continue };
        out.push_str(kept);
        out.push_str(&with);
        at = range.end;
    }
    out.push_str(source.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spliced(source: &str, edits: &[(Range<usize>, &str)]) -> String {
        splice(source, edits.iter().map(|(range, with)| (range.clone(), (*with).to_owned())).collect())
    }

    #[test]
    fn only_the_ranges_change() {
        assert_eq!(spliced("<a> x <b> y", &[(10..11, "two"), (4..5, "one")]), "<a> one <b> two");
        assert_eq!(spliced("ab", &[(1..1, "1"), (1..2, "c"), (1..1, "2"), (2..2, "!")]), "a12c!");
        assert_eq!(spliced("ab", &[]), "ab");
    }

    #[test]
    fn edits_that_overlap_or_miss_the_text_are_left_out() {
        assert_eq!(spliced("abcdef", &[(2..5, "late"), (1..3, "-")]), "a-def");
        assert_eq!(spliced("x", &[(5..9, "y"), (0..9, "y"), (1..1, "z")]), "xz");
        assert_eq!(spliced("ä", &[(1..2, "y"), (0..1, "y")]), "ä", "between characters only");
        let backwards = Range { start: 2, end: 1 };
        assert_eq!(spliced("abc", &[(backwards, "y")]), "abc");
    }
}
