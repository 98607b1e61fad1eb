//! Columns, which the engine does not lay out: what is in them is made one column wide. Widths come out right, places do not.

use super::candidates::attribute;
use blitz_dom::{BaseDocument, Node, NodeId, QualName, local_name, ns};
use style::values::computed::Length;
use style::values::generics::column::ColumnCount;
use style::values::generics::length::{GenericLengthPercentageOrAuto, GenericLengthPercentageOrNormal};

/// Whether there are any. They are gone after this, and the page wants to be laid out again.
pub fn narrow(page: &mut BaseDocument) -> bool {
    let mut found: Vec<(NodeId, String)> = Vec::new();
    let mut todo = vec![page.root_node().id];
    while let Some(node) = todo.pop().and_then(|id| page.get_node(id)) {
        found.extend(style_of(node).map(|style| (node.id, style)));
        todo.extend(node.children.iter().rev());
    }
    for (node, style) in &found {
        page.mutate().set_attribute(*node, QualName::new(None, ns!(), local_name!("style")), style);
    }
    !found.is_empty()
}

/// The `style` attribute that makes one column of it.
fn style_of(node: &Node) -> Option<String> {
    let own = attribute(node, "style").unwrap_or_default();
    let style = node.primary_styles()?;
    let column = style.get_column();
    let count = match column.clone_column_count() {
        ColumnCount::Auto => None,
        ColumnCount::Integer(n) => Some(n.0.max(1) as f32),
    };
    let width = match column.clone_column_width() {
        GenericLengthPercentageOrAuto::Auto => None,
        GenericLengthPercentageOrAuto::LengthPercentage(width) => Some(width.0.px().max(1.0)),
    };
    if count.is_none() && width.is_none() {
        return None;
    }
    let layout = node.unrounded_layout();
    let (pad, border) = (layout.padding, layout.border);
    let inner = layout.size.width - pad.left - pad.right - border.left - border.right;
    let gap = match style.get_position().clone_column_gap() {
        GenericLengthPercentageOrNormal::Normal => style.clone_font_size().used_size().px(),
        GenericLengthPercentageOrNormal::LengthPercentage(gap) => gap.0.resolve(Length::new(inner)).px(),
    };
    let fitting = width.map(|w| ((inner + gap) / (w + gap)).floor().max(1.0));
    let columns = match (count, fitting) {
        (Some(count), Some(fitting)) => count.min(fitting),
        (Some(n), None) | (None, Some(n)) => n,
        (None, None) => 1.0,
    };
    let one = ((inner + gap) / columns - gap).max(0.0);
    let padding = pad.right + inner - one;
    Some(format!("{own};columns:auto auto!important;padding-right:{padding}px!important"))
}
