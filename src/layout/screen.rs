//! Which elements the first screen may show, and which surely stand further down.

use super::boxes::rectangle;
use super::candidates::attribute;
use super::{Screen, View};
use crate::model::Looks;
use blitz_dom::{BaseDocument, Node, NodeId};
use style::properties::ComputedValues;
use style::values::specified::box_::PositionProperty;

/// Of the viewport's height. As far down as that, elements count as seen: other screens of its width are taller, and
/// without a page's fonts or with other ones it is shorter.
const NEAR: f64 = 1.6;
/// Of the viewport's height. Boxes down to there must stay as they are.
const COMPARED: f64 = 1.25;

pub fn read(page: &BaseDocument, view: View) -> Screen {
    let height = f64::from(view.height);
    let mut reader = Reader { page, near: height * NEAR, compared: height * COMPARED, screen: Screen::default() };
    let root = page.root_element();
    // Whether a page can be scrolled makes it narrower on some systems.
    let scrolls = root.unrounded_layout().size.height > view.height as f32;
    reader.digest(&[f64::from(u8::from(scrolls))]);
    reader.walk(root.id, Around { below: false, outermost: true, hidden: false });
    let Screen { above, below, digest } = reader.screen;
    Screen { below: below.difference(&above).cloned().collect(), above, digest }
}

/// What is known of an element by those around it.
#[derive(Clone, Copy)]
struct Around {
    /// They stand below.
    below: bool,
    /// It is the root, or stands in nothing but that and the body.
    outermost: bool,
    /// One of them has no boxes.
    hidden: bool,
}

struct Reader<'a> {
    page: &'a BaseDocument,
    near: f64,
    compared: f64,
    screen: Screen,
}

impl Reader<'_> {
    /// Whether it or something in it is above.
    fn walk(&mut self, id: NodeId, around: Around) -> bool {
        let Some(node) = self.page.get_node(id) else { return false };
        if node.element_data().is_none() {
            return false;
        }
        let tag = node.element_data().map(|e| e.name.local.to_ascii_lowercase()).unwrap_or_default();
        let style = node.primary_styles().filter(|_| !around.hidden);
        let boxes = style.is_some() && node.has_boxes();
        let contents = style.as_deref().is_some_and(|s| s.clone_display().is_contents());
        let place = if boxes { rectangle(self.page, node) } else { None };
        if let Some([x, y, width, height]) = place.filter(|[_, y, ..]| *y < self.compared) {
            self.digest(&[x, y, width, (y + height).min(self.compared)]);
        }
        // What is hidden right in the body, like a dialog, a script opens; no script runs before the sheets have come.
        let hides = !boxes && !contents && !around.hidden;
        let stands_below = match place {
            Some([_, y, ..]) => y >= self.near,
            None => around.below || hides && around.outermost,
        };
        // Without the rule that takes it out of the flow, or hides it, it would push away what stands around it.
        let apart = hides || style.as_deref().is_some_and(|s| is_apart(s)) || self.has_parts_apart(node);
        let matters = apart && !around.below && !around.hidden;
        let inside = Around {
            below: stands_below,
            outermost: around.outermost && matches!(&*tag, "html" | "body"),
            hidden: around.hidden || hides,
        };
        let mut above = !stands_below || matters;
        for child in &node.children {
            above |= self.walk(*child, inside);
        }
        let looks = Looks::new(&tag, attribute(node, "id"), attribute(node, "class").unwrap_or_default());
        if above {
            self.screen.above.insert(looks)
        } else {
            self.screen.below.insert(looks)
        };
        above
    }

    /// Its `::before` or `::after` may stand anywhere.
    fn has_parts_apart(&self, node: &Node) -> bool {
        let parts = [node.before(), node.after()];
        parts.into_iter().flatten().filter_map(|id| self.page.get_node(id)).any(|part| {
            let style = part.primary_styles();
            style.as_deref().is_some_and(|s| is_apart(s))
        })
    }

    /// FNV-1a, over 64ths of pixels.
    fn digest(&mut self, lengths: &[f64]) {
        for byte in lengths.iter().flat_map(|l| ((l * 64.0).round() as i32).to_le_bytes()) {
            self.screen.digest = (self.screen.digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

/// Out of the flow.
fn is_apart(style: &ComputedValues) -> bool {
    !matches!(style.clone_position(), PositionProperty::Static | PositionProperty::Relative)
}
