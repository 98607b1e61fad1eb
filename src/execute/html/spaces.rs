//! White space beside a `<picture>` that has no box.
//!
//! A browser leaves white space out of what it tells screen readers where the element beside it has no box: `me` and
//! `a link` would be read as one. In the picture it has the image beside it, as before; it is drawn at the same place.

use super::pictures::{CLOSE, OPEN};
use crate::execute::{Edit, Hole};
use crate::model::Piece;
use crate::syntax::html::Token;
use std::collections::HashMap;
use std::ops::Range;

/// Has the pictures that `edits` put around images take in the white space beside them, where that may be read.
pub(super) fn take_in(source: &str, tokens: &[Token], edits: &mut [Edit]) {
    let at = |text: &str| -> HashMap<usize, usize> {
        let begins = |e: &Edit| matches!(e.pieces.first(), Some(Piece::Text::<Hole>(t)) if t.starts_with(text));
        let inserted = edits.iter().enumerate().filter(|(_, e)| e.range.is_empty() && begins(e));
        inserted.map(|(n, e)| (e.range.start, n)).collect()
    };
    let (opening, closing) = (at(OPEN), at(CLOSE));
    let space = |n: Option<usize>| match n.and_then(|n| tokens.get(n)) {
        Some(Token::Text { range }) => source.get(range.clone()).filter(|t| t.trim_ascii().is_empty()).map(|_| range),
        _ => None,
    };
    let mut moves: Vec<(usize, usize)> = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        let Token::Start(tag) = token else { continue };
        let (Some(open), Some(close)) = (opening.get(&tag.range.start), closing.get(&tag.range.end)) else {
            continue;
        };
        // Between two of them nothing helps.
        if let Some(space) = space(n.checked_sub(1))
            && let Some((name, range)) = n.checked_sub(2).and_then(|n| tokens.get(n)).and_then(named)
            && is_read_on(name)
            && !closing.contains_key(&range.end)
        {
            moves.push((*open, space.start));
        }
        if let Some(space) = space(Some(n + 1))
            && let Some((name, range)) = tokens.get(n + 2).and_then(named)
            && is_read_on(name)
            && !opening.contains_key(&range.start)
        {
            moves.push((*close, space.end));
        }
    }
    for (edit, at) in moves {
        if let Some(edit) = edits.get_mut(edit) {
            edit.range = at..at;
        }
    }
}

fn named(token: &Token) -> Option<(&str, &Range<usize>)> {
    match token {
        Token::Start(tag) => Some((&tag.name, &tag.range)),
        Token::End { name, range } => Some((name, range)),
        _ => None,
    }
}

/// It stands in a line of text: white space beside its tags is read. (Beside others it is not, whatever the picture.)
fn is_read_on(name: &str) -> bool {
    const TEXT: [&str; 36] = [
        "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "canvas", "cite", "code", "data", "del", "dfn",
        "em", "font", "i", "img", "ins", "kbd", "label", "map", "mark", "picture", "q", "s", "samp", "small", "span",
        "strong", "sub", "sup", "time", "u", "var", "video",
    ];
    TEXT.contains(&name)
}
