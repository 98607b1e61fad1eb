//! Readers of small grammars that both analysis and transforms need: HTML tokens, `srcset`, entities, URLs, nesting. And how
//! edits are put into a text.
//! Level 0 like `model`: nothing of ours below it, no I/O, no decisions.

pub mod cdn;
pub mod deep;
pub mod entities;
pub mod html;
pub mod integrity;
pub mod media;
pub mod policy;
pub mod splice;
pub mod srcset;
pub mod url;

/// The 1-based line and column (in characters) of a byte offset.
pub fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
