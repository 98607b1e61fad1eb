//! Text with edits, cut into a body: what no edit touches is written byte for byte.

use super::{Hole, Text};
use crate::model::{Piece, RawRef};
use std::ops::Range;

/// Replaces `range` by `pieces`; an empty range inserts.
#[derive(Clone)]
pub struct Edit {
    pub range: Range<usize>,
    pub pieces: Vec<Piece<Hole>>,
}

impl Edit {
    pub fn text(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, pieces: vec![Piece::Text(text.into())] }
    }

    pub fn insert(at: usize, pieces: Vec<Piece<Hole>>) -> Self {
        Self { range: at..at, pieces }
    }

    pub fn url(source: &str, r: &RawRef, target: Hole) -> Option<Self> {
        let raw = source.get(r.range.clone())?.to_owned();
        Some(Self {
            range: r.range.clone(),
            pieces: vec![Piece::Url { raw, url: r.url.clone(), escape: r.escape, target }],
        })
    }
}

/// Edits may come in any order. Of two that overlap the one that starts first wins, and of those the longer; what is
/// inserted where another edit starts stands before it.
pub fn apply(source: &str, mut edits: Vec<Edit>) -> Text {
    edits.sort_by_key(|e| (e.range.start, !e.range.is_empty(), std::cmp::Reverse(e.range.end)));
    let mut body = Text { pieces: Vec::new() };
    let mut at = 0;
    for edit in edits {
        if edit.range.start < at {
            continue;
        }
        push_text(&mut body, source.get(at..edit.range.start).unwrap_or(""));
        at = edit.range.end;
        for piece in edit.pieces {
            match piece {
                Piece::Text(text) => push_text(&mut body, &text),
                url => body.pieces.push(url),
            }
        }
    }
    push_text(&mut body, source.get(at..).unwrap_or(""));
    body
}

fn push_text(body: &mut Text, text: &str) {
    if text.is_empty() {
        return;
    }
    match body.pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => body.pieces.push(Piece::Text(text.to_owned())),
    }
}

/// Bytes that the text can have once names are put in: a hash and its dot are nine longer than no hash.
pub fn longest(body: &Text) -> u64 {
    let piece = |p: &Piece<Hole>| match p {
        Piece::Text(text) => text.len(),
        Piece::Url { raw, url, .. } => raw.len().max(url.len()) + 14,
    };
    body.pieces.iter().map(|p| piece(p) as u64).sum()
}

/// The text with every URL as it was.
pub fn joined(body: &Text) -> String {
    body.pieces
        .iter()
        .map(|p| match p {
            Piece::Text(text) => text.as_str(),
            Piece::Url { raw, .. } => raw.as_str(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cutting_and_joining_changes_nothing(source in "[a-zäß ]{0,30}", at in proptest::collection::vec(0usize..30, 0..6)) {
            let edits = at.iter().filter(|i| source.is_char_boundary(**i) && **i <= source.len()).map(|i| Edit::text(*i..*i, ""));
            prop_assert_eq!(joined(&apply(&source, edits.collect())), source.clone());
        }
    }

    #[test]
    fn the_outer_edit_wins() {
        let edits = vec![Edit::text(2..3, "inner"), Edit::text(1..4, "OUTER"), Edit::text(4..4, "+")];
        assert_eq!(joined(&apply("abcdef", edits)), "aOUTER+ef");
        let at_one_place = vec![Edit::text(1..3, " "), Edit::text(1..1, "</picture>")];
        assert_eq!(joined(&apply("a  b", at_one_place)), "a</picture> b");
    }
}
