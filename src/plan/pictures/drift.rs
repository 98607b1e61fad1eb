//! By how much a page is moved by files that are a fraction of a row too high or too low for their pictures.
//!
//! A picture in 1365×2048 has no smaller file in its ratio. One such file moves what stands below it by a tenth of a pixel,
//! and forty move it by several, so those of a page are chosen so that some are too high and some too low.

use super::widths::{self, Lean, Needs, Spread};
use super::{Delivery, Picture, Ratio};
use crate::config::Config;
use crate::graph::AssetGraph;
use crate::layout::fit::Fit;
use crate::layout::{self, Known, Measured, Shown, View, Width};
use crate::model::AssetId;
use std::collections::{BTreeMap, BTreeSet};

/// Pixels. What is moved by less stays where it is, or nearly.
pub const UNSEEN: f64 = 0.5;

/// The pictures of a page whose boxes follow their files.
pub struct Stack<'a> {
    followers: Vec<Follower<'a>>,
    looks: Vec<Look>,
}

struct Follower<'a> {
    /// Among all pictures of the page.
    picture: usize,
    asset: AssetId,
    /// The size of the file.
    file: (u32, u32),
    image: &'a Measured,
    fit: &'a Fit,
}

/// One screen in one browser.
struct Look {
    view: usize,
    width: u32,
    /// Pixels to a CSS pixel.
    density: f64,
    /// Chromium takes a file that is a little too small instead of one that is much too large.
    sparing: bool,
    /// The followers that stand beside each other, from the top down.
    rows: Vec<Vec<usize>>,
}

impl<'a> Stack<'a> {
    pub fn new(graph: &AssetGraph, config: &Config, known: &'a Known, pictures: &[Picture]) -> Self {
        let follower = |(picture, (p, image)): (usize, (&Picture, &'a Measured))| match (&p.delivery, &image.width) {
            (Delivery::Single { asset, .. }, Width::Fits(fit)) if image.ratio != layout::Ratio::Ignored => {
                let info = super::raster(graph, *asset)?;
                Some(Follower { picture, asset: *asset, file: (info.width, info.height), image, fit })
            }
            _ => None,
        };
        let followers: Vec<Follower<'a>> =
            pictures.iter().zip(&known.images).enumerate().filter_map(follower).collect();
        let mut looks = Vec::new();
        for (view, View { width, .. }) in known.views.iter().enumerate() {
            let rows = rows(&followers, view);
            for ratio in &config.layout.ratios {
                for sparing in [false, true] {
                    let density = f64::from(*ratio) / 100.0;
                    looks.push(Look { view, width: *width, density, sparing, rows: rows.clone() });
                }
            }
        }
        Self { followers, looks }
    }

    /// The most that anything on the page is moved, in pixels.
    pub fn drift(&self, widths: &BTreeMap<AssetId, Spread>) -> f64 {
        let by = |look: &Look| self.followers.iter().map(|f| f.by(look, widths.get(&f.asset))).collect::<Vec<_>>();
        self.looks.iter().map(|look| self.moved(look, &by(look))).fold(0.0, f64::max)
    }

    /// Other widths for the pictures that are not in `settled`, so that what is off about one makes up for another.
    pub fn lean(
        &self,
        needs: &BTreeMap<AssetId, Needs>,
        widths: &mut BTreeMap<AssetId, Spread>,
        settled: &mut BTreeSet<AssetId>,
    ) {
        let mut free: BTreeMap<AssetId, [Spread; 2]> = BTreeMap::new();
        for Follower { asset, file: (width, height), .. } in &self.followers {
            if let Some(needs) = needs.get(asset).filter(|_| !settled.contains(asset)) {
                let of = |lean| Spread::new(needs, *width, *height, lean);
                free.entry(*asset).or_insert_with(|| [of(Lean::Taller), of(Lean::Lower)]);
            }
        }
        // What stands beside each other is moved together.
        let beside = self.looks.iter().map(|l| &l.rows).min_by_key(|rows| rows.len()).cloned().unwrap_or_default();
        let single = (0..self.followers.len()).map(|n| vec![n]).collect();
        let tries = [single, beside].map(|groups: Vec<Vec<usize>>| self.leaning(&groups, widths, &free));
        let best = tries.into_iter().min_by(|a, b| self.drift(a).total_cmp(&self.drift(b)));
        if let Some(best) = best.filter(|best| self.drift(best) < self.drift(widths)) {
            *widths = best;
            settled.extend(free.keys());
        }
    }

    /// The same widths with others for the `free` pictures, chosen group by group.
    fn leaning(
        &self,
        groups: &[Vec<usize>],
        widths: &BTreeMap<AssetId, Spread>,
        free: &BTreeMap<AssetId, [Spread; 2]>,
    ) -> BTreeMap<AssetId, Spread> {
        let (mut chosen, mut done) = (widths.clone(), BTreeSet::new());
        let mut sums = vec![0.0; self.looks.len()];
        // By how much a picture is moved is how likely it is to be drawn elsewhere: no screen is worth more than another.
        let much = |sums: &[f64]| sums.iter().map(|s| s.abs()).sum::<f64>();
        for group in groups {
            let members = || group.iter().filter_map(|n| Some((*n, self.followers.get(*n)?)));
            let open: BTreeSet<AssetId> =
                members().map(|(_, f)| f.asset).filter(|a| free.contains_key(a) && !done.contains(a)).collect();
            let after = |lean: Option<usize>| -> Vec<f64> {
                let spread = |f: &Follower<'_>| match lean.filter(|_| open.contains(&f.asset)) {
                    Some(lean) => free.get(&f.asset)?.get(lean),
                    None => chosen.get(&f.asset),
                };
                let by = |look: &Look| members().map(|(n, f)| look.share(n) * f.by(look, spread(f))).sum::<f64>();
                self.looks.iter().zip(&sums).map(|(look, sum)| sum + by(look)).collect()
            };
            let tries = [None, Some(0), Some(1)].map(|lean| (lean, after(lean)));
            let best = tries.into_iter().min_by(|a, b| much(&a.1).total_cmp(&much(&b.1)));
            let Some((lean, after)) = best else { continue };
            sums = after;
            for asset in &open {
                let spread = lean.and_then(|lean| free.get(asset)?.get(lean)).cloned();
                chosen.extend(spread.map(|s| (*asset, s)));
            }
            done.extend(open);
        }
        chosen
    }

    /// Styles hold the ratios of pictures where files alone cannot keep the page where it is.
    pub fn hold(&self, widths: &BTreeMap<AssetId, Spread>, pictures: &mut [Picture]) {
        if self.drift(widths) <= UNSEEN {
            return;
        }
        for follower in self.followers.iter().filter(|f| f.image.ratio == layout::Ratio::Held) {
            let Some(picture) = pictures.get_mut(follower.picture) else { continue };
            let Delivery::Single { ratio: ratio @ Ratio::MayHold, .. } = &mut picture.delivery else { continue };
            let by = |look: &Look| follower.by(look, widths.get(&follower.asset)).abs();
            if self.looks.iter().map(by).fold(0.0, f64::max) > 1.0 / 64.0 {
                *ratio = Ratio::Hold(follower.file.0, follower.file.1);
            }
        }
    }

    /// The most that anything is moved when the followers are too high by these.
    fn moved(&self, look: &Look, by: &[f64]) -> f64 {
        let (mut up, mut down) = (0.0, 0.0);
        let (mut most, mut least) = (0.0_f64, 0.0_f64);
        for row in &look.rows {
            let row: Vec<(&Shown, f64)> = row
                .iter()
                .filter_map(|n| Some((self.followers.get(*n)?.shown(look.view)?, by.get(*n).copied()?)))
                .collect();
            let (high, low) = extremes(&row);
            (up, down) = (up + high, down + low);
            (most, least) = (most.max(up), least.min(down));
        }
        // The page may stand in columns, each of which begins anywhere.
        most - least
    }
}

impl Follower<'_> {
    fn shown(&self, view: usize) -> Option<&Shown> {
        self.image.shown.get(view)?.as_ref()
    }

    /// How many pixels too high its box is with the file that this browser takes.
    fn by(&self, look: &Look, spread: Option<&Spread>) -> f64 {
        let (Some(shown), Some(spread)) = (self.shown(look.view), spread) else { return 0.0 };
        let said = self.fit.at(look.width).max(1.0);
        let Some(width) = look.picks(&spread.own_ratio, said) else { return 0.0 };
        widths::too_high(width, self.file.0, self.file.1) * f64::from(shown.height)
    }
}

impl Look {
    /// Of these widths, for a picture of so many CSS pixels.
    fn picks(&self, widths: &[u32], said: f64) -> Option<u32> {
        let enough = widths.iter().position(|w| f64::from(*w) >= said * self.density);
        let Some(enough) = enough else { return widths.last().copied() };
        let (wide, below) = (widths.get(enough)?, enough.checked_sub(1).and_then(|n| widths.get(n)));
        let between = |below: u32| (f64::from(below) * f64::from(*wide)).sqrt() / said;
        let below = below.filter(|below| self.sparing && self.density > 1.0 && self.density < between(**below));
        below.or(Some(wide)).copied()
    }

    /// What part a follower has in its row.
    fn share(&self, follower: usize) -> f64 {
        self.rows.iter().find(|row| row.contains(&follower)).map_or(0.0, |row| 1.0 / row.len() as f64)
    }
}

/// The followers shown in a view, by what stands beside each other.
fn rows(followers: &[Follower<'_>], view: usize) -> Vec<Vec<usize>> {
    let shown = |(n, f): (usize, &Follower<'_>)| f.shown(view).map(|s| (n, s.y, s.y + s.height));
    let mut all: Vec<(usize, f32, f32)> = followers.iter().enumerate().filter_map(shown).collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (mut rows, mut end): (Vec<Vec<usize>>, f32) = (Vec::new(), f32::MIN);
    for (n, top, bottom) in all {
        match rows.last_mut() {
            Some(row) if top < end - 1.0 => row.push(n),
            _ => rows.push(vec![n]),
        }
        end = end.max(bottom);
    }
    rows
}

/// The most and the least by which a row can be too high.
fn extremes(row: &[(&Shown, f64)]) -> (f64, f64) {
    /// Of more it is not looked for which stand above which.
    const MOST: usize = 400;
    if row.len() > MOST {
        return (row.iter().map(|(_, by)| by.max(0.0)).sum(), row.iter().map(|(_, by)| by.min(0.0)).sum());
    }
    let mut sums: Vec<(&Shown, f64, f64)> = Vec::new();
    for (shown, by) in row {
        let above =
            |s: &Shown| s.y + s.height < shown.y + 1.0 && s.x < shown.x + shown.width && shown.x < s.x + s.width;
        let above = || sums.iter().filter(|(s, ..)| above(s));
        let (high, low) = (above().map(|s| s.1).fold(0.0, f64::max), above().map(|s| s.2).fold(0.0, f64::min));
        sums.push((shown, by + high, by + low));
    }
    let high = sums.iter().map(|s| s.1).max_by(f64::total_cmp).unwrap_or(0.0);
    (high, sums.iter().map(|s| s.2).min_by(f64::total_cmp).unwrap_or(0.0))
}
