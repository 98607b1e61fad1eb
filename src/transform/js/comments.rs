//! Which comments outlive minifying.

use crate::transform::Licenses;
use swc_core::common::comments::{Comment, CommentKind, SingleThreadedComments};

/// Leaves licences and what tools read; returns the licences as written, in the order of the text.
pub fn filter(comments: &SingleThreadedComments, licenses: Licenses) -> Vec<String> {
    let keep_license = licenses == Licenses::Keep;
    retain(comments, |c| (keep_license && is_license(c)) || is_annotation(c) || is_instruction(c));
    let (leading, trailing) = comments.borrow_all();
    let mut kept: Vec<&Comment> =
        leading.values().chain(trailing.values()).flatten().filter(|c| is_license(c) && keep_license).collect();
    kept.sort_by_key(|c| c.span.lo);
    kept.dedup_by_key(|c| c.span.lo);
    kept.into_iter().map(written).collect()
}

/// The minifier has used them; nobody else does.
pub fn drop_annotations(comments: &SingleThreadedComments) {
    retain(comments, |c| is_license(c) || is_instruction(c));
}

/// The comment at the end of `source` that names its map; `""` if there is none.
pub fn source_map_comment(source: &str) -> &str {
    let text = source.trim_end();
    let start = text.rfind("//# sourceMappingURL=").or_else(|| text.rfind("//@ sourceMappingURL="));
    match start.and_then(|start| Some((start, text.get(start..)?))) {
        Some((start, comment)) if !comment.contains('\n') => source.get(start..).unwrap_or_default(),
        _ => "",
    }
}

fn retain(comments: &SingleThreadedComments, keep: impl Fn(&Comment) -> bool) {
    let (mut leading, mut trailing) = comments.borrow_all_mut();
    for map in [&mut *leading, &mut *trailing] {
        map.values_mut().for_each(|all| all.retain(&keep));
        map.retain(|_, all| !all.is_empty());
    }
}

fn is_license(c: &Comment) -> bool {
    c.text.starts_with('!') || ["@license", "@preserve", "@cc_on", "@lic"].iter().any(|mark| c.text.contains(mark))
}

fn is_annotation(c: &Comment) -> bool {
    ["__PURE__", "__NO_SIDE_EFFECTS__"].iter().any(|mark| c.text.contains(mark))
}

fn is_instruction(c: &Comment) -> bool {
    ["webpackIgnore", "@vite-ignore"].iter().any(|mark| c.text.contains(mark))
}

fn written(c: &Comment) -> String {
    match c.kind {
        CommentKind::Line => format!("//{}", c.text),
        CommentKind::Block => format!("/*{}*/", c.text),
    }
}
