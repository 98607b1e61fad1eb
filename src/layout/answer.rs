//! What is known of a page after all looks at it.

use super::fit::Fit;
use super::{Background, Shown, View};
use crate::model::Looks;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Known(Known),
    /// Nobody can tell, because …
    Unknown(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub views: Vec<View>,
    /// In document order.
    pub images: Vec<Measured>,
    /// Frames and videos, in document order; each by view, `None` where it is not shown.
    pub embeds: Vec<Vec<Option<Shown>>>,
    /// By view: the largest CSS background picture above the fold.
    pub backgrounds: Vec<Background>,
    /// Places can be trusted, not only sizes.
    pub placed: bool,
    /// The looks of what stands below the first screen of every view, and nowhere else: without the rules that only these
    /// need, it is the same. Or why nobody can tell; `None` where nobody asked.
    pub below: Option<Result<BTreeSet<Looks>, String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// By view; `None` where it is not shown.
    pub shown: Vec<Option<Shown>>,
    pub width: Width,
    pub ratio: Ratio,
    /// In some viewport, how wide its file is has a part in its box, or in one around it.
    pub felt: bool,
}

/// What its box makes of the ratio of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ratio {
    /// Follows it.
    #[default]
    Followed,
    /// Follows it unless a style says which ratio to keep.
    Held,
    /// Takes no notice of it.
    Ignored,
}

/// How wide it is drawn, by the viewport's width.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Width {
    Fits(Fit),
    /// Nobody asked, or why files of other widths are not offered by it.
    #[default]
    Unasked,
    Unknown(String),
}

impl Known {
    /// Each view and what is shown of one image in it.
    pub fn image(&self, index: usize) -> impl Iterator<Item = (View, Option<&Shown>)> {
        let shown = self.images.get(index).map(|i| i.shown.as_slice()).unwrap_or_default();
        self.views.iter().zip(shown).map(|(view, shown)| (*view, shown.as_ref()))
    }
}
