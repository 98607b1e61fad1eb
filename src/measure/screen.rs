//! Which elements of a page have no part in its first screen: found by laying it out, and again without their rules.

use super::looks;
use crate::analyze::shake::{self, Dom, Matcher, Used};
use crate::layout::{Scene, Screen, Seen, Sizes, View};
use crate::model::Looks;
use std::collections::BTreeSet;

/// The looks of what stands below in every view and nowhere else. `real`: the scene in these views; `linked`: those of
/// its sheets that can wait.
///
/// # Errors
/// Why nobody can tell.
pub fn below(
    scene: &Scene,
    views: &[View],
    real: &[Seen],
    linked: &BTreeSet<usize>,
    dom: Dom,
) -> Result<BTreeSet<Looks>, String> {
    if !real.iter().all(|seen| seen.placed) {
        return Err("something in it is laid out in columns".into());
    }
    let screens: Vec<&Screen> = real.iter().filter_map(|seen| seen.screen.as_ref()).collect();
    let above = |looks: &&Looks| screens.iter().any(|s| s.above.contains(*looks));
    let below: BTreeSet<Looks> = screens.iter().flat_map(|s| &s.below).filter(|looks| !above(looks)).cloned().collect();
    // What other files say matters only once scripts run; then the sheets have come.
    let used = Used::as_it_arrives(&Used::default(), dom, false);
    let matcher = Matcher::new(&used).first_screen(&below);
    let mut trial = scene.clone();
    for (_, sheet) in trial.sheets.iter_mut().enumerate().filter(|(n, _)| linked.contains(n)) {
        let rules = shake::read(sheet);
        for needed in shake::needed([&rules], &matcher, &|_| false) {
            *sheet = shake::cut(sheet, &needed.dropped());
        }
    }
    let without = looks(&trial, views, Sizes::Real)?;
    let digest = |seen: &Seen| seen.screen.as_ref().map(|s| s.digest);
    match real.iter().zip(&without).all(|(a, b)| digest(a) == digest(b)) {
        true => Ok(below),
        false => Err("rules for what stands below move something on the first screen".into()),
    }
}
