//! How wide the images of a page are in every viewport, from as few looks as tell it.

use super::looks;
use crate::layout::fit::{Samples, Step, fit};
use crate::layout::{Measured, Ratio, Scene, Seen, Sizes, View, Width};
use std::collections::BTreeSet;

/// Below and beyond them, the first and last pieces go on.
const NARROWEST: u32 = 320;
const WIDEST: u32 = 1920;
/// Looks at one page that tell of widths.
const LOOKS: usize = 64;
const FOLLOWS: &str = "its box follows the file's own size";

pub fn widths(
    scene: &Scene,
    views: &[View],
    steps: &BTreeSet<u32>,
    real: &[Seen],
    independent: &[bool],
) -> Result<Vec<Measured>, String> {
    let mut all: Vec<Asked> = (0..scene.images.len()).map(|n| Asked::new(n, scene, views, real, independent)).collect();
    let mut wanted: BTreeSet<u32> = [NARROWEST, WIDEST].into();
    for step in steps.range(NARROWEST + 1..WIDEST) {
        wanted.extend([*step - 1, *step]);
    }
    let mut seen: BTreeSet<u32> = views.iter().map(|v| v.width).collect();
    if all.iter().any(Asked::open) {
        lower(scene, views, real, &mut all)?;
    }
    while all.iter().any(Asked::open) {
        let new: Vec<u32> = wanted.difference(&seen).copied().collect();
        if seen.len() + new.len() > LOOKS {
            all.iter_mut().filter(|a| a.open()).for_each(|a| a.give_up("its width follows no simple rule"));
            break;
        }
        let at: Vec<View> = new.iter().map(|w| view(views, *w)).collect();
        let looks = looks(scene, &at, Sizes::Real)?;
        for asked in all.iter_mut().filter(|a| a.open()) {
            asked.samples.extend(at.iter().zip(&looks).map(|(v, s)| (v.width, drawn(s, asked.image))));
            asked.feel(&looks);
            if asked.felt {
                asked.give_up(FOLLOWS);
            }
        }
        seen.extend(new);
        wanted.clear();
        for asked in all.iter_mut().filter(|a| a.open()) {
            wanted.extend(asked.next());
        }
    }
    let shown = |n: usize| real.iter().map(|s| s.images.get(n).copied().flatten()).collect();
    let measured = |a: Asked| Measured { shown: shown(a.image), width: a.width, ratio: Ratio::Followed, felt: a.felt };
    Ok(all.into_iter().map(measured).collect())
}

/// One image on its way to a width.
struct Asked {
    image: usize,
    samples: Samples,
    /// `Unasked` while it is open.
    width: Width,
    wanted: bool,
    felt: bool,
}

impl Asked {
    fn new(image: usize, scene: &Scene, views: &[View], real: &[Seen], independent: &[bool]) -> Self {
        let samples = views.iter().zip(real).map(|(v, s)| (v.width, drawn(s, image))).collect();
        let wanted = scene.images.get(image).is_some_and(|i| i.varies);
        let mut asked = Self { image, samples, width: Width::Unasked, wanted, felt: false };
        asked.feel(real);
        let shown = real.iter().filter_map(|s| s.images.get(image).copied().flatten());
        if !wanted {
            return asked;
        }
        if asked.samples.values().all(Option::is_none) {
            asked.give_up("it is not shown until something is done to the page");
        } else if shown.into_iter().any(|s| s.doubtful) {
            asked.give_up("it stands in a table");
        } else if independent.get(image) != Some(&true) {
            asked.give_up(FOLLOWS);
        }
        asked
    }

    fn feel(&mut self, looks: &[Seen]) {
        self.felt |= looks.iter().filter_map(|s| s.images.get(self.image).copied().flatten()).any(|shown| shown.felt);
    }

    fn open(&self) -> bool {
        self.wanted && self.width == Width::Unasked
    }

    fn give_up(&mut self, why: &str) {
        self.width = Width::Unknown(why.into());
    }

    /// The viewports that it wants to know of.
    fn next(&mut self) -> BTreeSet<u32> {
        match fit(&self.samples) {
            Step::Ask(more) => return more,
            Step::Done(fit) => self.width = Width::Fits(fit),
            Step::Hopeless => self.give_up("its width follows no simple rule"),
        }
        BTreeSet::new()
    }
}

/// Looks at lower screens too: `sizes` cannot tell of heights.
fn lower(scene: &Scene, views: &[View], real: &[Seen], all: &mut [Asked]) -> Result<(), String> {
    let lower: Vec<View> = views.iter().map(|v| View { height: v.height * 7 / 10, ..*v }).collect();
    let looks = looks(scene, &lower, Sizes::Real)?;
    for asked in all.iter_mut().filter(|a| a.open()) {
        let differs = real.iter().zip(&looks).any(|(a, b)| match (drawn(a, asked.image), drawn(b, asked.image)) {
            (Some(a), Some(b)) => (a - b).abs() > 0.5,
            (a, b) => a != b,
        });
        if differs {
            asked.give_up("its size follows the height of the screen");
        }
    }
    Ok(())
}

fn drawn(seen: &Seen, image: usize) -> Option<f32> {
    seen.images.get(image).copied().flatten().map(|s| s.drawn)
}

/// One look for every set of rules that widths can choose. `None`: too many.
pub fn between(views: &[View], steps: &BTreeSet<u32>) -> Option<Vec<View>> {
    const MOST: usize = 24;
    let wanted: BTreeSet<u32> = steps.range(NARROWEST..=2 * WIDEST).copied().chain([NARROWEST, WIDEST]).collect();
    let new = wanted.into_iter().filter(|w| !views.iter().any(|v| v.width == *w));
    let looks: Vec<View> = new.map(|w| view(views, w)).collect();
    (looks.len() <= MOST).then_some(looks)
}

/// A screen of that width: one of the configured ones, or as high as such screens are.
fn view(views: &[View], width: u32) -> View {
    let usual = match width {
        0..600 => width * 2,
        600..1100 => width * 4 / 3,
        _ => width * 5 / 8,
    };
    views.iter().find(|v| v.width == width).copied().unwrap_or(View { width, height: usual })
}
