//! Which smaller widths of an image a page may offer.

use super::context::PictureContext;
use super::{Delivery, Markup, Ratio, only_the_ratio, raster};
use crate::analyze::css::{BoxProp, BoxRule, Size};
use crate::analyze::html::ImageUse;
use crate::config::Config;
use crate::graph::AssetGraph;
use crate::model::AssetId;
use crate::scan::Site;
use std::collections::BTreeSet;

/// Bytes. A file of no more has little to save by another width: less than it takes to ask for it.
const LIGHT: u64 = 8 << 10;

/// It comes in its own width alone.
pub fn is_light(site: &Site, asset: AssetId) -> bool {
    site.get(asset).is_some_and(|a| a.len <= LIGHT)
}

/// Smaller widths only where the layout cannot notice: a candidate's width sets the intrinsic size, which matters
/// wherever CSS leaves the image's width to it.
pub fn single(
    image: &ImageUse,
    asset: AssetId,
    size: Option<(u32, u32)>,
    context: &PictureContext<'_>,
    (site, graph): (&Site, &AssetGraph),
    config: &Config,
) -> Delivery {
    let Some(info) = raster(graph, asset) else {
        return Delivery::Leave("no JPEG, PNG or GIF of this site".into());
    };
    let rules = context.rules(image);
    let styled = image.style.is_some();
    let fluid = !styled && only_the_ratio(&rules);
    let width = image.width.as_deref().and_then(|w| w.trim().parse::<u32>().ok()).or(size.map(|s| s.0));
    let definite = |r: &BoxRule| r.props.contains(&BoxProp::Width(Size::Definite)) && !r.props.iter().any(intrinsic);
    let beaten = |r: &BoxRule| rules.iter().any(|(w, certain)| *certain && definite(w) && w.rank.surely_beats(&r.rank));
    let intrinsic_width = rules.iter().any(|(r, _)| r.props.iter().any(intrinsic) && !beaten(r));
    let cover = rules.iter().flat_map(|(r, _)| &r.props).any(|p| {
        matches!(p, BoxProp::ObjectFit | BoxProp::MinHeight | BoxProp::MinWidth | BoxProp::AspectRatio | BoxProp::All)
    });
    let ratio_fits = match (
        image.width.as_deref().and_then(|w| w.trim().parse::<f64>().ok()),
        image.height.as_deref().and_then(|h| h.trim().parse::<f64>().ok()),
    ) {
        (Some(w), Some(h)) if h > 0.0 => (w / h - f64::from(info.width) / f64::from(info.height.max(1))).abs() < 0.03,
        (Some(_), None) | (None, None) => true,
        _ => false,
    };
    // Where a style sets the width, the attribute does not tell it.
    let styled_width = rules.iter().flat_map(|(r, _)| &r.props).any(|p| matches!(p, BoxProp::Width(_)));
    // An item may be as narrow as its file.
    let guess = fluid && !styled_width && !intrinsic_width && !cover && ratio_fits && !context.is_item(image);
    let mut widths = Vec::new();
    if let Some(shown) = width.filter(|_| !is_light(site, asset) && guess) {
        // Nothing wider than three times the width it says it has can be asked for by a screen.
        let narrower = |w: &u32| *w < info.width && *w < shown.saturating_mul(3);
        let fitting = config.images.widths.iter().filter_map(|w| same_ratio(*w, info.width, info.height));
        widths = fitting.filter(narrower).collect();
        widths.dedup();
    }
    widths.push(info.width);
    let own_ratio = rules.iter().flat_map(|(r, _)| &r.props).any(|p| matches!(p, BoxProp::AspectRatio | BoxProp::All));
    let quiet = !own_ratio && !context.asks_for("style") && !context.selector_strings;
    let ratio = if quiet && has_room(image.style.as_deref()) { Ratio::MayHold } else { Ratio::Exact };
    Delivery::Single { asset, widths, sizes: None, ratio, markup: Markup::Picture }
}

/// A declaration could be added: none there is about the same, or has a URL that is rewritten where it stands, or is open at
/// its end and would take in what follows.
pub(super) fn has_room(style: Option<&str>) -> bool {
    let style = style.unwrap_or_default().to_ascii_lowercase();
    let count = |c: char| style.matches(c).count();
    let closed = count('(') == count(')') && count('"') % 2 == 0 && count('\'') % 2 == 0 && count('\\') == 0;
    closed && !["ratio", "all", "/*", "{", "[", "url", "image"].iter().any(|word| style.contains(word))
}

/// How much wider than needed a file may be.
const TOO_WIDE: f64 = 1.33;

/// Numbers of pixels that screens have for a picture, all over the site.
#[derive(Default)]
pub struct Needs {
    /// Where the box follows the file's ratio.
    pub own_ratio: BTreeSet<u32>,
    /// Where no layout would notice another ratio.
    pub any_ratio: BTreeSet<u32>,
}

/// The widths for them.
pub struct Spread {
    pub own_ratio: Vec<u32>,
    pub any_ratio: Vec<u32>,
}

impl Spread {
    /// For a picture of `width` by `height` pixels.
    pub fn new(needs: &Needs, width: u32, height: u32) -> Self {
        let own_ratio = spread(&needs.own_ratio, width, &[], |need| at_least(need, width, height));
        let any_ratio = spread(&needs.any_ratio, width, &own_ratio, |need| near(need, width, height));
        Self { own_ratio, any_ratio }
    }
}

/// Widths of files for these numbers of pixels: few, none beyond `width`, each wide enough for what is next below it.
/// `at`: the least width for a need at which the ratio is near enough. What is in `made` already is taken first.
fn spread(needs: &BTreeSet<u32>, width: u32, made: &[u32], at: impl Fn(u32) -> u32) -> Vec<u32> {
    let mut widths = Vec::new();
    let mut rest: Vec<u32> = needs.iter().map(|n| (*n).clamp(1, width)).collect();
    while let Some(need) = rest.pop() {
        let fits = |w: &&u32| **w >= need && f64::from(**w) <= f64::from(need) * TOO_WIDE;
        let wide = made.iter().find(fits).copied().unwrap_or_else(|| at(need));
        widths.push(wide);
        rest.retain(|n| f64::from(*n) * TOO_WIDE < f64::from(wide));
    }
    widths.sort_unstable();
    widths.dedup();
    // One that was made wider for its ratio may serve the needs of the next wider one, too.
    let mut below = 0;
    let asked = |below: u32, w: u32| needs.iter().map(|n| (*n).min(width)).any(|n| below < n && n <= w);
    widths.retain(|w| asked(std::mem::replace(&mut below, *w), *w));
    widths
}

/// The least width from `need` on at which the ratio is the picture's, or nearly. The full one where there is none near.
fn at_least(need: u32, width: u32, height: u32) -> u32 {
    // Of a picture in 3:2 whose height was rounded, no smaller one is more exact: a pixel in 3000.
    const NEARLY: f64 = 0.000_35;
    let off = |w: &u32| rows_off(*w, width, height);
    // A little wider and exact is better than a little less exact: what is off adds up down a page.
    let exact = [(4, 0.003), (4, 0.006), (3, 0.012)]
        .into_iter()
        .find_map(|(part, most)| (need..=(need + need / part).min(width)).find(|w| off(w) <= most));
    let nearest = || (need..=(need + need / 6).min(width)).min_by(|a, b| off(a).total_cmp(&off(b)));
    let nearly = |w: &u32| off(w) <= f64::from(*w) * f64::from(height) / f64::from(width) * NEARLY;
    exact.or_else(|| nearest().filter(nearly)).unwrap_or(width)
}

/// The least width from `need` on that is off by less than a row of the picture, or one that is off by little.
fn near(need: u32, width: u32, height: u32) -> u32 {
    let all = need..=(need + need / 16).min(width);
    let off = |w: &u32| rows_off(*w, width, height);
    let little = all.clone().find(|w| off(w) * f64::from(width) < f64::from(*w));
    little.or_else(|| all.min_by(|a, b| off(a).total_cmp(&off(b)))).unwrap_or(need)
}

/// By how much a file this wide differs from the picture's ratio: of a height, this part of it.
pub fn unlike(w: u32, width: u32, height: u32) -> f64 {
    rows_off(w, width, height) * f64::from(width) / (f64::from(w) * f64::from(height)).max(1.0)
}

fn rows_off(w: u32, width: u32, height: u32) -> f64 {
    let rows = f64::from(w) * f64::from(height) / f64::from(width.max(1));
    (rows - rows.round()).abs()
}

/// The width that is shown may come from the candidate.
fn intrinsic(p: &BoxProp) -> bool {
    matches!(p, BoxProp::Width(Size::Auto | Size::Content | Size::Unknown))
}

/// The width nearest to `wanted` at which a whole number of rows has the picture's ratio, so nearly that a layout in
/// 64ths of a pixel comes out the same. `None` when there is none within a twelfth.
fn same_ratio(wanted: u32, width: u32, height: u32) -> Option<u32> {
    let off = |w: u32| rows_off(w, width, height);
    let reach = wanted / 12;
    let near = (wanted.saturating_sub(reach)..=wanted.saturating_add(reach)).filter(|w| off(*w) <= 0.012);
    near.min_by_key(|w| w.abs_diff(wanted))
}

#[cfg(test)]
mod tests {
    use super::{Needs, Spread, same_ratio};

    #[test]
    fn widths_are_few_wide_enough_and_never_scaled_up() {
        let needs: std::collections::BTreeSet<u32> =
            [328, 358, 380, 656, 716, 736, 760, 984, 1074, 1100, 1140, 2200, 3300].into();
        for (width, height) in [(2048, 1365), (1600, 1067), (4000, 3000), (5000, 3333)] {
            let Spread { own_ratio: widths, any_ratio } =
                Spread::new(&Needs { own_ratio: needs.clone(), any_ratio: needs.clone() }, width, height);
            assert!(any_ratio.iter().all(|w| widths.contains(w)), "a file serves both: {any_ratio:?} {widths:?}");
            assert!(widths.len() <= 8, "{widths:?}");
            assert!(widths.iter().all(|w| *w <= width), "{widths:?}");
            for need in &needs {
                let chosen = widths.iter().find(|w| *w >= need).or(widths.last()).copied().unwrap_or(0);
                assert!(chosen >= (*need).min(width), "{need}: {widths:?}");
                assert!(f64::from(chosen) <= f64::from(*need) * 1.35, "{need}: {widths:?}");
            }
        }
        let any_ratio = |needs: &[u32], width, height| {
            let any_ratio = needs.iter().copied().collect();
            Spread::new(&Needs { any_ratio, ..Needs::default() }, width, height).any_ratio
        };
        assert_eq!(any_ratio(&[300, 600, 900], 1200, 801), [301, 601, 900]);
        assert_eq!(any_ratio(&[380], 2048, 1022), [381], "not 380, where the height is off by a third of a row");
    }

    #[test]
    fn smaller_widths_keep_the_ratio() {
        assert_eq!(same_ratio(480, 1200, 800), Some(480));
        for (width, height) in [(2048, 1365), (1999, 1333), (1360, 2048), (1234, 777), (900, 1201)] {
            for wanted in [480, 800, 1200] {
                let Some(w) = same_ratio(wanted, width, height) else { continue };
                let rows = (f64::from(w) * f64::from(height) / f64::from(width)).round();
                let shift = (rows / f64::from(w) - f64::from(height) / f64::from(width)).abs() * f64::from(wanted);
                assert!(shift < 1.0 / 64.0, "{width}x{height} at {w}: {shift}");
            }
        }
    }
}
