//! The comment that names the script's source map.

use super::parse::Parsed;
use crate::model::{Escape, RawRef, RefKind};

/// The last `//# sourceMappingURL=…`, unless it holds the map itself.
pub fn source_map_comment(parsed: &Parsed) -> Option<RawRef> {
    let (leading, trailing) = parsed.comments.borrow_all();
    let all = leading.values().chain(trailing.values()).flatten();
    let marked = all.filter(|c| {
        let text = c.text.strip_prefix(['#', '@']).map(str::trim_start);
        text.is_some_and(|t| t.starts_with("sourceMappingURL="))
    });
    let whole = parsed.range(marked.max_by_key(|c| c.span.lo)?.span);
    let (before, rest) = parsed.source.get(whole.clone())?.split_once('=')?;
    let url = rest.trim_end_matches("*/").split_whitespace().next()?;
    if url.starts_with("data:") {
        return None;
    }
    let start = whole.start + before.len() + 1 + rest.find(url)?;
    Some(RawRef {
        range: start..start + url.len(),
        url: url.to_owned(),
        kind: RefKind::SourceMap,
        escape: Escape::Plain,
    })
}
