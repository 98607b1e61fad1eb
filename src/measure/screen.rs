//! Which elements of a page have no part in its first screen: found by laying it out, and again without their rules.

use super::looks;
use crate::analyze::shake::{self, Dom, Matcher, Shaken, Used};
use crate::layout::{Scene, Screen, Seen, Sizes, View};
use crate::model::Looks;
use std::collections::BTreeSet;

/// Sheets that could wait, and what of the page the layout does not see.
pub struct Waiting {
    /// By their numbers in the scene.
    pub linked: BTreeSet<usize>,
    /// Of elements that are not laid out.
    pub unseen: BTreeSet<Looks>,
    /// Why places cannot be trusted.
    pub unplaced: Option<&'static str>,
    pub dom: Dom,
}

/// The looks of what stands below in every view and nowhere else. `views`: those of the settings, and one for each set of
/// rules that widths choose; `real`: what was seen in each.
///
/// # Errors
/// Why nobody can tell.
pub fn below(scene: &Scene, views: &[View], real: &[&Seen], waiting: Waiting) -> Result<BTreeSet<Looks>, String> {
    if !real.iter().all(|seen| seen.placed) {
        return Err("something in it is laid out in columns".into());
    }
    let screens: Vec<&Screen> = real.iter().filter_map(|seen| seen.screen.as_ref()).collect();
    let elsewhere =
        |looks: &&Looks| waiting.unseen.contains(*looks) || screens.iter().any(|s| s.above.contains(*looks));
    let mut below: BTreeSet<Looks> =
        screens.iter().flat_map(|s| &s.below).filter(|looks| !elsewhere(looks)).cloned().collect();
    // What other files say matters only once scripts run; then the sheets have come.
    let used = Used::as_it_arrives(&Used::default(), waiting.dom, false);
    let digest = |seen: &Seen| seen.screen.as_ref().map(|s| s.digest);
    for _ in 0..ROUNDS {
        let matcher = Matcher::new(&used).first_screen(&below);
        let mut trial = scene.clone();
        for (_, sheet) in trial.sheets.iter_mut().enumerate().filter(|(n, _)| waiting.linked.contains(n)) {
            let rules = shake::read(sheet);
            *sheet = shake::cut(sheet, &Shaken::new(&rules, &matcher, &|_| false).dropped());
        }
        let without = looks(&trial, views, Sizes::Real)?;
        if real.iter().zip(&without).all(|(a, b)| digest(a) == digest(b)) {
            return Ok(below);
        }
        // What makes the page wider without its rules, like a large picture, keeps them.
        let wide = without.iter().filter_map(|seen| seen.screen.as_ref()).flat_map(|s| &s.wide);
        let wide: Vec<&Looks> = wide.filter(|looks| below.contains(*looks)).collect();
        if wide.is_empty() {
            break;
        }
        for looks in wide {
            below.remove(looks);
        }
    }
    Err("rules for what stands below move something on the first screen".into())
}

/// Trials in which something else may turn out to be wide.
const ROUNDS: usize = 4;
