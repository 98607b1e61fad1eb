//! Which elements the first screen may show, and which surely stand further down.

use super::boxes::rectangle;
use super::candidates::attribute;
use super::{Screen, View};
use crate::model::Looks;
use blitz_dom::{BaseDocument, Node, NodeId};
use style::properties::ComputedValues;
use style::values::specified::box_::{DisplayInside, Overflow, PositionProperty};

/// Of the viewport's height. As far down as that, elements count as seen: other screens of its width are taller, and
/// without a page's fonts or with other ones it is shorter.
const NEAR: f64 = 1.6;
/// Of the viewport's height. Boxes down to there must stay as they are.
const COMPARED: f64 = 1.25;

pub fn read(page: &BaseDocument, view: View) -> Screen {
    let (width, height) = (f64::from(view.width), f64::from(view.height));
    let (near, compared) = (height * NEAR, height * COMPARED);
    let mut reader = Reader { page, width, near, compared, reach: [0.0, width], wide: 0, screen: Screen::default() };
    let root = page.root_element();
    // Whether a page can be scrolled makes it narrower on some systems.
    let scrolls = root.unrounded_layout().size.height > view.height as f32;
    reader.digest(&[f64::from(u8::from(scrolls))]);
    reader.walk(root.id, Around::default());
    // A page that is wider than the screen is shown smaller on phones, and can be moved aside on others.
    reader.digest(&reader.reach.clone());
    let Screen { above, below, wide, digest } = reader.screen;
    Screen { below: below.difference(&above).cloned().collect(), above, wide, digest }
}

/// What is known of an element by those around it.
#[derive(Clone, Copy, Default)]
struct Around {
    /// They stand below.
    below: bool,
    /// One of them has no boxes.
    hidden: bool,
    /// One of them stays on the screen when the page is scrolled, or is a table, whose rows may stand elsewhere.
    near: bool,
    /// One of them cuts off what is wider.
    clipped: bool,
}

struct Reader<'a> {
    page: &'a BaseDocument,
    width: f64,
    near: f64,
    compared: f64,
    /// The leftmost and rightmost edge of anything that is not cut off, on the screen or beyond it.
    reach: [f64; 2],
    /// How many boxes reach beyond the screen.
    wide: usize,
    screen: Screen,
}

impl Reader<'_> {
    /// Whether it or something in it is above.
    fn walk(&mut self, id: NodeId, around: Around) -> bool {
        let Some(node) = self.page.get_node(id) else { return false };
        let Some(element) = node.element_data() else { return false };
        let style = node.primary_styles().filter(|_| !around.hidden);
        let boxes = style.is_some() && node.has_boxes();
        let contents = style.as_deref().is_some_and(|s| s.clone_display().is_contents());
        let place = if boxes { rectangle(self.page, node) } else { None };
        let wide = self.wide;
        if let Some(place) = place {
            self.place(node, place, around);
        }
        let mut apart = style.as_deref().is_some_and(|s| is_apart(s));
        for part in [node.before(), node.after()].into_iter().flatten().filter_map(|id| self.page.get_node(id)) {
            apart |= part.primary_styles().as_deref().is_some_and(|s| is_apart(s));
            if let Some(place) = rectangle(self.page, part).filter(|_| boxes) {
                self.place(part, place, around);
            }
        }
        let hides = !boxes && !contents && !around.hidden;
        let below = match place {
            Some([_, y, ..]) => y >= self.near && !around.near,
            None => around.below,
        };
        // Without the rule that takes it out of the flow, or hides it, it would push away what stands around it.
        let matters = (apart || hides) && !around.below && !around.hidden;
        let stays = style.as_deref().is_some_and(|s| stays(s));
        let table = style.as_deref().is_some_and(|s| s.clone_display().inside() == DisplayInside::Table);
        let inside = Around {
            below: below && !stays,
            hidden: around.hidden || hides,
            near: around.near || stays || table && !below,
            clipped: around.clipped || style.as_deref().is_some_and(|s| s.clone_overflow_x() != Overflow::Visible),
        };
        let mut above = !inside.below || matters;
        for child in &node.children {
            above |= self.walk(*child, inside);
        }
        let looks =
            Looks::new(&element.name.local, attribute(node, "id"), attribute(node, "class").unwrap_or_default());
        // What is around it may have cut it off, or made it narrower.
        if self.wide > wide {
            self.screen.wide.insert(looks.clone());
        }
        if above {
            self.screen.above.insert(looks)
        } else {
            self.screen.below.insert(looks)
        };
        above
    }

    /// Takes down a box.
    fn place(&mut self, node: &Node, [x, y, width, height]: [f64; 4], around: Around) {
        if y < self.compared {
            self.digest(&[x, y, width, (y + height).min(self.compared)]);
        }
        if !around.clipped {
            let text = node.element_data().and_then(|e| e.inline_layout_data.as_ref());
            let line = text.map_or(0.0, |t| f64::from(t.layout.full_width() / t.layout.scale()));
            let overflows = node.primary_styles().is_none_or(|s| s.clone_overflow_x() == Overflow::Visible);
            let line = if overflows { line } else { 0.0 };
            let (left, right) = (x, x + width.max(line));
            if left < 0.0 || right > self.width {
                self.wide += 1;
            }
            self.reach = [self.reach[0].min(left), self.reach[1].max(right)];
        }
    }

    /// FNV-1a, over 64ths of pixels.
    fn digest(&mut self, lengths: &[f64]) {
        for byte in lengths.iter().flat_map(|l| ((l * 64.0).round() as i32).to_le_bytes()) {
            self.screen.digest = (self.screen.digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

/// It follows the screen.
fn stays(style: &ComputedValues) -> bool {
    matches!(style.clone_position(), PositionProperty::Sticky | PositionProperty::Fixed)
}

/// Out of the flow.
fn is_apart(style: &ComputedValues) -> bool {
    !matches!(style.clone_position(), PositionProperty::Static | PositionProperty::Relative)
}
