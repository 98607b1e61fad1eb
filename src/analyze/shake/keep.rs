//! Comments that ask to keep rules: kiln's own, and those that PurgeCSS reads.

use super::sheet::Sheet;
use cssparser::{ParseError, Parser, ParserInput, Token};
use std::ops::Range;

/// Nothing that people write is nested deeper.
const MAX_DEPTH: usize = 100;

/// What a comment asks for.
enum Wish {
    /// The rule after it.
    Next,
    /// The rule that it stands in.
    Around,
    Start,
    End,
}

/// Marks the rules of `sheet` that comments of `source` protect, with all that is nested in them.
pub fn mark(source: &str, sheet: &mut Sheet) {
    if !["kiln keep", "purgecss"].iter().any(|w| source.contains(w)) {
        return;
    }
    let mut comments = Vec::new();
    let mut input = ParserInput::new(source);
    find(&mut Parser::new(&mut input), 0, &mut comments);
    let mut open: Option<usize> = None;
    for (range, wish) in comments {
        match wish {
            Wish::Start => open = open.or(Some(range.end)),
            Wish::End => {
                let from = open.take().unwrap_or(range.start);
                keep(sheet, |item| from <= item.start && item.start < range.start);
            }
            Wish::Around => {
                let inner = sheet.items.iter().filter(|i| i.range().contains(&range.start)).map(|i| i.range().start);
                let inner = inner.max();
                keep(sheet, |item| Some(item.start) == inner);
            }
            Wish::Next => {
                let next = sheet.items.iter().map(|i| i.range().start).filter(|s| *s >= range.end).min();
                keep(sheet, |item| Some(item.start) == next);
            }
        }
    }
    if let Some(from) = open {
        keep(sheet, |item| from <= item.start);
    }
}

fn keep(sheet: &mut Sheet, asked: impl Fn(&Range<usize>) -> bool) {
    for i in 0..sheet.items.len() {
        let above = sheet.items.get(i).and_then(|item| item.parent).and_then(|p| sheet.items.get(p as usize));
        let above = above.is_some_and(|p| p.kept);
        if let Some(item) = sheet.items.get_mut(i) {
            item.kept |= above || asked(&item.range());
        }
    }
}

fn find(input: &mut Parser, depth: usize, found: &mut Vec<(Range<usize>, Wish)>) {
    loop {
        let start = input.position().byte_index();
        let Ok(token) = input.next_including_whitespace_and_comments().cloned() else { return };
        match token {
            Token::Comment(text) => {
                let range = start..input.position().byte_index();
                found.extend(wish(text).map(|w| (range, w)));
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock
                if depth < MAX_DEPTH =>
            {
                let _ = input.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                    find(inner, depth + 1, found);
                    Ok(())
                });
            }
            _ => {}
        }
    }
}

fn wish(comment: &str) -> Option<Wish> {
    let words: Vec<&str> = comment.trim_start_matches('!').split_whitespace().collect();
    match words.as_slice() {
        ["kiln", "keep"] | ["purgecss", "ignore"] => Some(Wish::Next),
        ["purgecss", "ignore", "current"] => Some(Wish::Around),
        ["kiln", "keep", "start"] | ["purgecss", "start", "ignore"] => Some(Wish::Start),
        ["kiln", "keep", "end"] | ["purgecss", "end", "ignore"] => Some(Wish::End),
        _ => None,
    }
}
