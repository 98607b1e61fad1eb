//! Takes parts out of a script's text before it is minified.

use super::{JsOp, JsOutput, minify};
use crate::transform::TransformError;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Replaces `range` by `text`, which is never longer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Edit {
    pub range: Range<usize>,
    pub text: String,
}

/// `source` without what `edits` take out, minified. What was taken out stays out even where minifying does not pay:
/// other modules count on it.
pub fn shaken(
    source: &str,
    edits: &[Edit],
    op: &JsOp,
    source_name: &str,
    input_map: Option<&str>,
) -> Result<JsOutput, TransformError> {
    if edits.is_empty() {
        return minify(source, op, source_name, input_map);
    }
    let Some(rest) = without(source, edits) else {
        let message = "statements could not be cut out of it".into();
        return Err(TransformError { line: 1, column: 1, message });
    };
    let map = input_map.and_then(|m| moved(m, source, edits));
    let op = JsOp { source_map: op.source_map && map.is_some(), ..*op };
    let plain = |note| JsOutput { code: rest.clone(), map: None, changed: true, note };
    Ok(match minify(&rest, &op, source_name, map.as_deref()) {
        Ok(out) if out.changed => out,
        Ok(out) => plain(out.note),
        Err(e) => plain(Some(format!("not minified: {}", e.message))),
    })
}

/// `None` if the edits do not fit the text: they overlap, or were made for another one.
pub fn without(source: &str, edits: &[Edit]) -> Option<String> {
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(source.get(at..edit.range.start)?);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(source.get(at..)?);
    Some(out)
}

/// A source map of `source`, as one of what is left of it.
fn moved(map: &str, source: &str, edits: &[Edit]) -> Option<String> {
    let map = swc_sourcemap::SourceMap::from_slice(map.as_bytes()).ok()?;
    let rest = without(source, edits)?;
    let (mut before, mut after) = (Cursor::default(), Cursor::default());
    let (mut edits, mut removed, mut added) = (edits.iter().peekable(), 0, 0);
    let mut builder = swc_sourcemap::SourceMapBuilder::new(None);
    // In the order of the text: each is looked for from where the one before it was.
    for token in map.tokens() {
        if !before.go_to(source, token.get_dst_line(), token.get_dst_col()) {
            continue;
        }
        while let Some(edit) = edits.next_if(|e| e.range.end <= before.at) {
            removed += edit.range.len();
            added += edit.text.len();
        }
        if edits.peek().is_some_and(|e| e.range.contains(&before.at)) {
            continue;
        }
        let at = (before.at + added).checked_sub(removed)?;
        after.advance(&rest, at);
        let (name, file) = (token.get_name().cloned(), token.get_source().cloned());
        let raw = builder.add(after.line, after.column, token.get_src_line(), token.get_src_col(), file, name, false);
        if token.get_source().is_some() && !builder.has_source_contents(raw.src_id) {
            builder.set_source_contents(raw.src_id, map.get_source_contents(token.get_src_id()).cloned());
        }
    }
    let mut text = Vec::new();
    builder.into_sourcemap().to_writer(&mut text).ok()?;
    String::from_utf8(text).ok()
}

/// A place in a text, as a byte and as a map counts: lines, and columns in UTF-16.
#[derive(Default)]
struct Cursor {
    at: usize,
    line: u32,
    column: u32,
}

impl Cursor {
    fn step(&mut self, c: char) {
        self.at += c.len_utf8();
        match c {
            '\n' => (self.line, self.column) = (self.line + 1, 0),
            c => self.column += c.len_utf16() as u32,
        }
    }

    fn advance(&mut self, text: &str, to: usize) {
        while self.at < to
            && let Some(c) = text.get(self.at..).and_then(|rest| rest.chars().next())
        {
            self.step(c);
        }
    }

    /// Whether the text has that place, ahead of where this is.
    fn go_to(&mut self, text: &str, line: u32, column: u32) -> bool {
        while (self.line, self.column) < (line, column)
            && let Some(c) = text.get(self.at..).and_then(|rest| rest.chars().next())
        {
            self.step(c);
        }
        (self.line, self.column) == (line, column)
    }
}
