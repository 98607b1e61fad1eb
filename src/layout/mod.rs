//! Where the images of a page stand and how large they are, without a browser.
//!
//! A page goes in with everything it is laid out from, boxes come out, or the reason why nobody can tell. No files, no
//! clock, no fonts of the machine: two equal [`Scene`]s give the same [`Seen`].

mod answer;
#[cfg(feature = "layout")]
mod boxes;
#[cfg(feature = "layout")]
mod candidates;
#[cfg(feature = "layout")]
mod columns;
#[cfg(feature = "layout")]
mod engine;
pub mod fit;
#[cfg(feature = "layout")]
mod fonts;
#[cfg(feature = "layout")]
mod intrinsic;
pub mod prepare;
#[cfg(feature = "layout")]
mod screen;
pub mod style;

use crate::model::Looks;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

pub use answer::{Answer, Known, Measured, Ratio, Width};
#[cfg(feature = "layout")]
pub use engine::{apart, look};
#[cfg(feature = "layout")]
pub use fonts::Fonts;

/// Raised whenever the same page may give another scene, or the same scene other boxes.
pub const VERSION: u32 = 23;

/// A viewport, in CSS pixels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct View {
    pub width: u32,
    pub height: u32,
}

/// What a page is laid out from.
#[derive(Clone)]
pub struct Scene {
    pub html: String,
    pub sheets: Vec<String>,
    /// What its first screen shows is wanted.
    pub screen: bool,
    /// By their numbers in the page.
    pub images: Vec<Image>,
    /// Frames and videos.
    pub embeds: usize,
    /// The sizes that their attributes give them.
    pub embed_sizes: String,
    pub fonts: Arc<Fonts>,
}

/// What is known of the files of an `<img>`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Of its `src`.
    pub own: Intrinsic,
    /// Of the candidates by their addresses in `srcset`s, in pixels.
    pub candidates: Vec<(String, (u32, u32))>,
    /// Its files will be offered in other widths.
    pub varies: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Intrinsic {
    /// There is no such file.
    #[default]
    Missing,
    Pixels(u32, u32),
    /// The start tag of an SVG, with nothing in it.
    Svg(String),
}

/// The intrinsic sizes to lay out with.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Sizes {
    /// As they are.
    Real,
    /// Those of the images that vary, this many times denser: what stays the same does not depend on them.
    Denser(f64),
    /// The same, and a little lower: what stays the same does not depend on their ratio either.
    Lower(f64),
    /// The same, with a style that says the ratio they had: what stays the same is held by that.
    Held(f64),
}

/// A page in one viewport.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// By their numbers. `None`: not shown.
    pub images: Vec<Option<Shown>>,
    pub embeds: Vec<Option<Shown>>,
    /// The largest CSS background picture above the fold.
    pub background: Background,
    /// The files of all that it shows, wherever: they are loaded.
    pub shown_files: BTreeSet<String>,
    /// No element is laid out in columns, so that places can be trusted.
    pub placed: bool,
    /// Of every element's box.
    pub digest: u64,
    /// Where it was wanted.
    pub screen: Option<Screen>,
}

/// A picture that styles put behind something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Background {
    /// How much of the first screen it takes; 0 if there is none.
    pub area: f32,
    /// Its file in the site, where it has one of its own.
    pub file: Option<String>,
}

/// What is seen of a page that has not been scrolled. What is hidden stands where it would stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    /// The looks of what may be in there, a good deal further down too.
    pub above: BTreeSet<Looks>,
    /// Of what is further down still.
    pub below: BTreeSet<Looks>,
    /// Of what reaches beyond the left or right edge of the screen, wherever it stands, and of what is around it.
    pub wide: BTreeSet<Looks>,
    /// Of the boxes in there and a little further down, as far as they reach, and of how wide the page is.
    pub digest: u64,
}

/// One image in one viewport, in CSS pixels; `x` and `y` from the page's top left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    /// How wide the whole picture is drawn: more than its box where CSS crops it.
    pub drawn: f32,
    /// In a table: its size cannot be trusted.
    pub doubtful: bool,
    /// How wide its file is has a part in its box, or in one around it.
    pub felt: bool,
    /// The picture fills it: no padding, borders or `object-fit`.
    pub fills: bool,
    /// As large as its file, and no style asks for that.
    pub natural: bool,
    /// Nothing behind it shows within its content box, and no style has put a picture there.
    pub hides: bool,
    /// The picture is drawn as large as its file, or may be, whatever the box.
    pub unscaled: bool,
}

impl Shown {
    /// How much of it is in the viewport of a page that has not been scrolled.
    pub fn visible(&self, view: View) -> f32 {
        let within = |from: f32, len: f32, end: u32| ((from + len).min(end as f32) - from.max(0.0)).max(0.0);
        within(self.x, self.width, view.width) * within(self.y, self.height, view.height)
    }

    /// It begins below the first screen, and neither left nor right of it.
    pub fn below(&self, view: View) -> bool {
        self.y >= view.height as f32 && self.x < view.width as f32 && self.x + self.width > 0.0
    }

    /// As large as the other, but for rounding.
    pub fn same_size(&self, other: &Self) -> bool {
        let near = |a: f32, b: f32| (a - b).abs() < 0.04;
        near(self.width, other.width) && near(self.height, other.height)
    }
}

/// Makes an image's box keep this ratio whatever the ratio of its file (css-sizing-4, 5.1).
pub fn ratio_declaration(width: u32, height: u32) -> String {
    format!("aspect-ratio:{width}/{height}")
}

/// A `style` attribute with further declarations.
pub fn with_declarations(before: &str, more: &[String]) -> String {
    let before = Some(before.trim().trim_end_matches(';')).filter(|b| !b.is_empty());
    before.into_iter().chain(more.iter().map(String::as_str)).collect::<Vec<_>>().join(";")
}

/// Without the layout engine every page is unknown.
#[cfg(not(feature = "layout"))]
#[derive(Clone, Default)]
pub struct Fonts;

#[cfg(not(feature = "layout"))]
impl Fonts {
    pub fn new(_faces: &[(style::Face, Vec<u8>)]) -> Self {
        Self
    }
}

/// # Errors
/// Never: there is nothing that wants threads of its own.
#[cfg(not(feature = "layout"))]
pub fn apart<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R, String> {
    Ok(work())
}

/// # Errors
/// Always: kiln was built without the feature `layout`.
#[cfg(not(feature = "layout"))]
pub fn look(_scene: &Scene, _view: View, _sizes: Sizes) -> Result<Seen, String> {
    Err("kiln was built without its layout engine".into())
}
