//! Which images a browser should fetch first, and which can wait.

use super::{Attributes, Picture};
use crate::analyze::html::ImageUse;
use crate::graph::Page;
use crate::layout::{Background, Known, Shown, View};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// As the author has it, said or not.
    Author,
    /// Likely the largest thing on the first screen.
    High,
    /// On no first screen.
    Lazy,
}

/// Of the first screen; smaller images are not what it is about.
const LARGE: f32 = 0.03;
/// Screens are not all as high as the ones that were looked at, and fonts are not all as wide.
const MARGIN: f32 = 1.3;

pub fn set(page: &Page, known: &Known, pictures: &mut [Picture]) {
    if !known.placed {
        pictures.iter_mut().for_each(|p| p.reasons.push("no priority: the page stands in columns".into()));
        return;
    }
    for (v, view) in known.views.iter().enumerate() {
        let area = |n: usize| shown(known, n, v).map_or(0.0, |s| s.visible(*view));
        let largest = (0..pictures.len()).max_by(|a, b| area(*a).total_cmp(&area(*b)).then(b.cmp(a)));
        let Some(n) = largest else { continue };
        let floor = (view.width * view.height) as f32 * LARGE;
        let background = known.backgrounds.get(v).map_or(0.0, |b| b.area);
        if area(n) < floor || area(n) < background {
            continue;
        }
        if let (Some(picture), Some(image)) = (pictures.get_mut(n), page.images.get(n)) {
            first(picture, image, *view);
        }
    }
    for (n, (picture, image)) in pictures.iter_mut().zip(&page.images).enumerate() {
        if picture.priority == Priority::Author && can_wait(picture, image, known, n) {
            picture.priority = Priority::Lazy;
            picture.reasons.push("lazy: on the first screen of no viewport".into());
        }
    }
}

/// The file of the background picture that is large on the first screen of every view, and the largest picture of one.
pub fn background(known: &Known) -> Option<&str> {
    let file = known.backgrounds.first().and_then(|b| b.file.as_deref()).filter(|_| known.placed)?;
    let large = |(view, background): (&View, &Background)| {
        background.file.as_deref() == Some(file) && background.area >= (view.width * view.height) as f32 * LARGE
    };
    let leads = |(v, (view, background)): (usize, (&View, &Background))| {
        let images = (0..known.images.len()).filter_map(|n| shown(known, n, v));
        images.map(|s| s.visible(*view)).fold(0.0, f32::max) <= background.area
    };
    let views = || known.views.iter().zip(&known.backgrounds);
    (views().all(large) && views().enumerate().any(leads)).then_some(file)
}

fn first(picture: &mut Picture, image: &ImageUse, view: View) {
    let largest = format!("the largest image of the first screen at {}×{}", view.width, view.height);
    let why = if picture.attributes == Attributes::Fixed {
        format!("{largest}, left to the script or framework that handles it")
    } else if image.loading.as_deref().is_some_and(is_lazy) {
        format!("{largest}, but the author wants it lazy")
    } else if image.fetchpriority.is_some() {
        format!("{largest}, with the author's priority")
    } else {
        picture.priority = Priority::High;
        format!("fetched first: {largest}")
    };
    picture.reasons.push(why);
}

fn is_lazy(loading: &str) -> bool {
    loading.trim().eq_ignore_ascii_case("lazy")
}

fn can_wait(picture: &Picture, image: &ImageUse, known: &Known, n: usize) -> bool {
    let number = |v: &Option<String>| v.as_deref().is_some_and(|v| v.trim().parse::<u32>().is_ok());
    // Without them the page would move when it comes.
    let sized = picture.size.is_some() || (number(&image.width) && number(&image.height));
    let silent = image.loading.is_none() && image.fetchpriority.is_none();
    picture.attributes == Attributes::Free && sized && silent && is_far(known.image(n))
}

/// Shown somewhere, and on the first screen of no viewport.
pub fn is_far<'a>(mut shown: impl Iterator<Item = (View, Option<&'a Shown>)>) -> bool {
    let mut somewhere = false;
    let far = shown.all(|(view, shown)| {
        let taller = View { height: (view.height as f32 * MARGIN) as u32, ..view };
        somewhere |= shown.is_some();
        shown.is_none_or(|s| s.below(taller))
    });
    far && somewhere
}

fn shown(known: &Known, image: usize, view: usize) -> Option<&Shown> {
    known.images.get(image)?.shown.get(view)?.as_ref()
}
