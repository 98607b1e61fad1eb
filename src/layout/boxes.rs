//! Boxes out of a document that is laid out: through transforms, as a browser's `getBoundingClientRect` tells them.

use super::candidates::attribute;
use super::intrinsic::Containing;
use super::{Background, Image as Picture, Intrinsic, Scene, Seen, Shown, View, prepare};
use crate::syntax::url::percent_decode;
use blitz_dom::{BaseDocument, Node, NodeId, local_name};
use style::computed_values::object_fit::T as ObjectFit;
use style::properties::ComputedValues;
use style::values::computed::{Image, LengthPercentage};
use style::values::specified::box_::DisplayInside;

pub fn read(page: &BaseDocument, scene: &Scene, view: View) -> Seen {
    let images = scene.images.as_slice();
    let embeds = vec![None; scene.embeds];
    let seen = Seen { images: vec![None; images.len()], embeds, placed: true, ..Seen::default() };
    let mut reader = Reader { page, images, view, seen };
    reader.walk(page.root_element().id, Around::default());
    reader.seen
}

/// CSS pixels. A frame of no more is there to count visits or to sign people in.
const TINY: f32 = 4.0;

/// What the elements around one make of it.
#[derive(Clone, Copy, Default)]
struct Around {
    /// In a `<details>` that is closed.
    closed: bool,
    /// In a table.
    doubtful: bool,
    /// Nobody sees what is in there: it is transparent, or cut off to nothing.
    unseen: bool,
    containing: Containing,
}

struct Reader<'a> {
    page: &'a BaseDocument,
    images: &'a [Picture],
    view: View,
    seen: Seen,
}

impl Reader<'_> {
    fn walk(&mut self, id: NodeId, around: Around) {
        let Some(node) = self.page.get_node(id) else { return };
        let mut inside = around;
        if let Some(element) = node.element_data() {
            let tag = &*element.name.local;
            let style = node.primary_styles();
            let shown = node.has_boxes() && style.is_some() && (!around.closed || tag == "summary");
            if let Some(style) = style.as_deref().filter(|_| shown) {
                self.digest(node);
                self.element(node, style, around);
                inside.containing = around.containing.inside(style, tag);
                inside.doubtful |= style.clone_display().inside() == DisplayInside::Table;
                let size = node.unrounded_layout().size;
                let cut = style.clone_overflow_x().is_scrollable() || style.clone_overflow_y().is_scrollable();
                inside.unseen |= style.clone_opacity() == 0.0 || cut && size.width.min(size.height) <= TINY;
            }
            match tag {
                "details" if node.attr(local_name!("open")).is_none() => inside.closed = true,
                "summary" => inside.closed = false,
                _ => {}
            }
        }
        for child in &node.children {
            self.walk(*child, inside);
        }
    }

    /// FNV-1a, over 64ths of pixels.
    fn digest(&mut self, node: &Node) {
        let layout = node.unrounded_layout();
        for length in [layout.location.x, layout.location.y, layout.size.width, layout.size.height] {
            for byte in ((length * 64.0).round() as i32).to_le_bytes() {
                self.seen.digest = (self.seen.digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
    }

    fn element(&mut self, node: &Node, style: &ComputedValues, around: Around) {
        let number = |name| attribute(node, name).and_then(|n| n.parse::<usize>().ok());
        if let Some(n) = number(prepare::EMBED) {
            let (size, border) = (node.unrounded_layout().size, node.unrounded_layout().border);
            let inside = (size.width - border.left - border.right).min(size.height - border.top - border.bottom);
            let unseen = around.unseen || style.clone_opacity() == 0.0 || inside <= TINY;
            let shown = self.shown(node, style, around, None).filter(|_| !unseen);
            if let Some(slot) = self.seen.embeds.get_mut(n) {
                *slot = shown;
            }
        } else if let Some(n) = number(prepare::IMAGE) {
            let shown = self.shown(node, style, around, self.images.get(n));
            if let Some(slot) = self.seen.images.get_mut(n) {
                *slot = shown;
            }
        } else if has_picture(style)
            && let Some(shown) = self.shown(node, style, around, None)
        {
            let area = shown.visible(self.view);
            let file = picture_file(style).filter(|_| !around.unseen);
            self.seen.shown_files.extend(file.clone());
            if area > self.seen.background.area {
                self.seen.background = Background { area, file };
            }
        }
    }

    fn shown(&self, node: &Node, style: &ComputedValues, around: Around, image: Option<&Picture>) -> Option<Shown> {
        use style::computed_values::visibility::T as Visibility;
        let [x, y, width, height] = rectangle(self.page, node)?;
        if width <= 0.0 || height <= 0.0 || style.clone_visibility() != Visibility::Visible {
            return None;
        }
        let layout = node.unrounded_layout();
        let inner = |outer: f32, edges: f32| (outer - edges).max(0.0);
        let (pad, border) = (layout.padding, layout.border);
        let w = inner(layout.size.width, pad.left + pad.right + border.left + border.right);
        let h = inner(layout.size.height, pad.top + pad.bottom + border.top + border.bottom);
        let drawn = drawn(image, style, w, h);
        let filled = style.clone_object_fit() == ObjectFit::Fill;
        let round = |v: f64| (v * 64.0).round() as f32 / 64.0;
        Some(Shown {
            x: round(x),
            y: round(y),
            width: round(width),
            height: round(height),
            drawn: round(f64::from(drawn)),
            doubtful: around.doubtful,
            felt: around.containing.is_felt(style, [w, layout.size.width]),
            fills: w >= layout.size.width && h >= layout.size.height && filled,
            natural: natural(image, style, w, h),
            hides: covers(style) && has_no_background(style),
            unscaled: matches!(style.clone_object_fit(), ObjectFit::None | ObjectFit::ScaleDown),
        })
    }
}

/// The width of the whole picture in a content box of `w` by `h`.
fn drawn(image: Option<&Picture>, style: &ComputedValues, w: f32, h: f32) -> f32 {
    let Some(Intrinsic::Pixels(width, height)) = image.map(|i| &i.own) else { return w };
    let ratio = *width as f32 / (*height).max(1) as f32;
    match style.clone_object_fit() {
        ObjectFit::Cover => w.max(h * ratio),
        ObjectFit::Contain | ObjectFit::ScaleDown => w.min(h * ratio),
        _ => w,
    }
}

/// It is as large as its file because nothing else says how large: css-images-3, 5.3.
fn natural(image: Option<&Picture>, style: &ComputedValues, w: f32, h: f32) -> bool {
    let Some(Intrinsic::Pixels(width, height)) = image.map(|i| &i.own) else { return false };
    let auto = style.clone_width().is_auto() && style.clone_height().is_auto();
    auto && w == *width as f32 && h == *height as f32
}

/// It leaves no part of its content box empty: css-images-3, 5.5 and 5.6.
fn covers(style: &ComputedValues) -> bool {
    let at = style.clone_object_position();
    let inside = |p: &LengthPercentage| p.to_percentage().is_some_and(|p| (0.0..=1.0).contains(&p.0));
    matches!(style.clone_object_fit(), ObjectFit::Fill | ObjectFit::Cover)
        && inside(&at.horizontal)
        && inside(&at.vertical)
}

fn has_no_background(style: &ComputedValues) -> bool {
    style.get_background().background_image.0.iter().all(|image| matches!(image, Image::None))
}

fn has_picture(style: &ComputedValues) -> bool {
    style.get_background().background_image.0.iter().any(|image| matches!(image, Image::Url(_) | Image::ImageSet(_)))
}

/// The one file of this site that it shows.
fn picture_file(style: &ComputedValues) -> Option<String> {
    let url = |image: &Image| match image {
        Image::Url(url) => {
            Some(url.url().filter(|u| u.host_str() == Some(prepare::FILES)).map(|u| u.path().to_owned()))
        }
        Image::ImageSet(_) => Some(None),
        _ => None,
    };
    let mut urls = style.get_background().background_image.0.iter().filter_map(url);
    let path = urls.next().flatten().filter(|_| urls.next().is_none())?;
    Some(percent_decode(path.trim_start_matches('/')))
}

/// `x`, `y`, width and height from the page's top left, transforms applied.
pub(super) fn rectangle(page: &BaseDocument, node: &Node) -> Option<[f64; 4]> {
    let (start, local) = match node.inline_fragment_boxes() {
        Some(lines) => {
            let all = lines.map(|b| [b.left, b.top, b.right, b.bottom].map(f64::from));
            let union = all.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
            (node.inline_root_ancestor()?, union?)
        }
        None => {
            let size = node.unrounded_layout().size;
            (node, [0.0, 0.0, f64::from(size.width), f64::from(size.height)])
        }
    };
    let [left, top, right, bottom] = local;
    let mut corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
    let mut at = Some(start.id);
    while let Some(node) = at.and_then(|id: NodeId| page.get_node(id)) {
        if let Some(transform) = node.transform() {
            let [a, b, c, d, e, f] = transform.as_coeffs();
            corners = corners.map(|(x, y)| (a * x + c * y + e, b * x + d * y + f));
        }
        let (location, scrolled) = (node.unrounded_layout().location, node.scroll_offset());
        let (dx, dy) = (f64::from(location.x) - scrolled.x, f64::from(location.y) - scrolled.y);
        corners = corners.map(|(x, y)| (x + dx, y + dy));
        at = node.containing_block();
    }
    let least = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::INFINITY, f64::min);
    let most = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
    let (x, y) = (least(|c| c.0), least(|c| c.1));
    Some([x, y, most(|c| c.0) - x, most(|c| c.1) - y])
}
