//! What the layout of a page tells of its images: their `sizes`, the widths of their files, their priority.

use super::super::critical::obstacle;
use super::widths::{Needs, Spread};
use super::{Attributes, Delivery, Picture, Ratio, elsewhere, growth, load_once, placeholders, priority, widths};
use crate::analyze::html::{Hydration, ImageUse};
use crate::config::{Config, CriticalCss, Transform};
use crate::graph::{AssetGraph, Page, Summary};
use crate::layout::fit::Fit;
use crate::layout::{self, Answer, Known, Measured, Shown, Width};
use crate::measure::Ask;
use crate::model::{AssetId, SitePath};
use crate::scan::Site;
use std::collections::{BTreeMap, BTreeSet};

/// The pages that need to be laid out. `free`: frames and videos that could wait.
pub fn asks(
    site: &Site,
    graph: &AssetGraph,
    config: &Config,
    pages: &BTreeMap<AssetId, Vec<Picture>>,
    free: &BTreeMap<AssetId, BTreeSet<usize>>,
) -> Vec<Ask> {
    let wanted = |(id, pictures): (&AssetId, &Vec<Picture>)| {
        let (asset, page) = (site.get(*id)?, page(graph, *id)?);
        let on = config.transforms.allows(Transform::Layout, &asset.path) && page.hydration != Hydration::Page;
        let varies = |p: &Picture| match &p.delivery {
            Delivery::Single { .. } => !p.own_width,
            Delivery::Elsewhere { .. } => true,
            Delivery::Leave(_) | Delivery::SameCandidates => false,
        };
        let natural = |p: &Picture| match &p.delivery {
            Delivery::Elsewhere { natural, .. } => Some(*natural),
            _ => None,
        };
        let files: BTreeSet<AssetId> = page.image_targets.iter().flatten().flatten().copied().collect();
        // Of other sites' images nobody knows.
        let unknown = |(image, targets): (&ImageUse, &Vec<Option<AssetId>>)| {
            targets.contains(&None) && !image.src.as_deref().is_some_and(|src| src.starts_with("data:"))
        };
        let heavy = page.images.iter().zip(&page.image_targets).any(unknown)
            || files.iter().filter_map(|id| site.get(*id)).map(|a| a.len).sum::<u64>() > SOON_LOADED;
        let needed = page.images.iter().zip(&page.image_targets).zip(pictures).any(|((image, targets), picture)| {
            varies(picture) || picture.placeholder.is_some() || heavy && needs_priority(graph, image, targets, picture)
        });
        let screen = config.css.critical == CriticalCss::Screen
            && !page.stylesheets.is_empty()
            && obstacle(site, graph, config, (asset, page)).is_none();
        let needed = needed || shows_backgrounds(site, graph, page);
        (on && (needed || screen || free.contains_key(id))).then(|| Ask {
            page: *id,
            screen,
            sizes: pictures.iter().map(|p| p.size).collect(),
            varies: pictures.iter().map(varies).collect(),
            elsewhere: pictures.iter().map(natural).collect(),
        })
    };
    pages.iter().filter_map(wanted).collect()
}

/// Takes over what is known.
pub fn refine(
    graph: &AssetGraph,
    config: &Config,
    answers: &BTreeMap<AssetId, Answer>,
    pages: &mut BTreeMap<AssetId, Vec<Picture>>,
) {
    for (id, pictures) in pages.iter_mut() {
        let Some(page) = page(graph, *id) else { continue };
        let known = answers.get(id).and_then(|a| if let Answer::Known(known) = a { Some(known) } else { None });
        for (n, picture) in pictures.iter_mut().enumerate() {
            let measured = known.and_then(|known| known.images.get(n));
            elsewhere::fit(picture, measured, config);
            if measured.is_some_and(|m| m.felt)
                && !picture.own_width
                && matches!(picture.delivery, Delivery::Single { .. })
            {
                picture.keep_own_width(graph, "a box around it, or its own, follows how wide its file is".into());
            }
            if let Some(image) = page.images.get(n) {
                growth::keep(graph, config, image, measured, picture);
            }
            if picture.placeholder.take_if(|_| !measured.is_some_and(placeholders::stays_hidden)).is_some() {
                picture.reasons.push("no placeholder: the layout has not seen that the picture hides it".into());
            }
        }
        load_once(page, pictures);
        elsewhere::load_once(page, pictures);
    }
    let mut needs: BTreeMap<AssetId, Needs> = BTreeMap::new();
    for (id, answer) in answers {
        let (Some(pictures), Answer::Known(known)) = (pages.get_mut(id), answer) else { continue };
        for (n, picture) in pictures.iter_mut().enumerate() {
            let Some(image) = known.images.get(n) else { continue };
            let Delivery::Single { asset, .. } = &picture.delivery else { continue };
            if picture.own_width {
                continue;
            }
            match &image.width {
                Width::Fits(fit) => {
                    let needs = needs.entry(*asset).or_default();
                    let of =
                        if image.ratio == layout::Ratio::Ignored { &mut needs.any_ratio } else { &mut needs.own_ratio };
                    of.extend(pixels(fit, config));
                }
                Width::Unknown(why) => picture.reasons.push(format!("no sizes from the layout: {why}")),
                Width::Unasked => {}
            }
        }
    }
    let spread = |(asset, needs): (&AssetId, &Needs)| {
        let info = super::raster(graph, *asset)?;
        Some((*asset, Spread::new(needs, info.width, info.height)))
    };
    let widths: BTreeMap<AssetId, Spread> = needs.iter().filter_map(spread).collect();
    for (id, answer) in answers {
        let (Some(pictures), Answer::Known(known)) = (pages.get_mut(id), answer) else { continue };
        let Some(page) = page(graph, *id) else { continue };
        for (n, picture) in pictures.iter_mut().enumerate() {
            if let Some(image) = known.images.get(n) {
                fitted(picture, image, config, &widths);
            }
        }
        hold(graph, known, pictures);
        priority::set(page, known, pictures);
    }
}

/// Pixels. Where all pictures of a page together are off by less, what stands below them stays where it is, or nearly.
const UNSEEN: f64 = 0.5;

/// Styles hold the ratios of pictures whose files cannot have them, where that would add up down the page.
fn hold(graph: &AssetGraph, known: &Known, pictures: &mut [Picture]) {
    let moved = |(picture, image): (&Picture, &Measured)| {
        let Delivery::Single { asset, widths, ratio: Ratio::MayHold, .. } = &picture.delivery else { return None };
        let info = super::raster(graph, *asset).filter(|_| image.ratio == layout::Ratio::Held)?;
        let off = |shown: &Shown| {
            let picked = widths.iter().find(|w| **w as f32 >= shown.width).or(widths.last())?;
            Some(widths::unlike(*picked, info.width, info.height) * f64::from(shown.height))
        };
        let most = image.shown.iter().flatten().filter_map(off).fold(0.0, f64::max);
        Some((most, Ratio::Hold(info.width, info.height)))
    };
    let all: Vec<Option<(f64, Ratio)>> = pictures.iter().zip(&known.images).map(moved).collect();
    if all.iter().flatten().map(|(by, _)| by).sum::<f64>() <= UNSEEN {
        return;
    }
    for (picture, moved) in pictures.iter_mut().zip(all) {
        if let (Delivery::Single { ratio, .. }, Some((by, held))) = (&mut picture.delivery, moved)
            && by > 1.0 / 64.0
        {
            *ratio = held;
        }
    }
}

fn fitted(picture: &mut Picture, image: &Measured, config: &Config, all: &BTreeMap<AssetId, Spread>) {
    let (Delivery::Single { asset, widths, sizes, .. }, Width::Fits(fit)) = (&mut picture.delivery, &image.width)
    else {
        return;
    };
    let Some(spread) = all.get(asset).filter(|_| !picture.own_width) else { return };
    let spread = if image.ratio == layout::Ratio::Ignored { &spread.any_ratio } else { &spread.own_ratio };
    let most = pixels(fit, config).max().unwrap_or(0);
    let enough = spread.iter().position(|w| *w >= most).map_or(spread.len(), |i| i + 1);
    *widths = spread.iter().take(enough).copied().collect();
    *sizes = Some(fit.sizes());
}

/// Widths of screens that people have, besides the configured ones.
const SCREENS: [u32; 8] = [360, 390, 412, 768, 1024, 1280, 1440, 1920];

pub fn screens(config: &Config) -> impl Iterator<Item = u32> {
    SCREENS.into_iter().chain(config.layout.views.iter().map(|v| v.width))
}

/// How many pixels screens have for the image.
pub fn pixels(fit: &Fit, config: &Config) -> impl Iterator<Item = u32> {
    let shown: Vec<f64> = screens(config).map(|w| fit.at(w)).collect();
    let ratios = config.layout.ratios.clone();
    shown.into_iter().flat_map(move |px| {
        ratios.clone().into_iter().map(move |r| (px * f64::from(r) / 100.0).ceil().clamp(1.0, 100_000.0) as u32)
    })
}

/// Bytes. Where all images of a page have no more, their order makes no difference.
const SOON_LOADED: u64 = 32 << 10;

/// Some are not soon loaded.
fn shows_backgrounds(site: &Site, graph: &AssetGraph, page: &Page) -> bool {
    let heavy = |id: &AssetId| site.get(*id).is_some_and(|a| a.len > SOON_LOADED);
    let in_sheet =
        |id: AssetId| graph.node(id).and_then(|n| n.summary.backgrounds()).is_some_and(|b| b.all.iter().any(heavy));
    page.backgrounds.all.iter().any(heavy) || graph.reachable(&page.stylesheets).into_iter().any(in_sheet)
}

/// By page, the background that a browser should fetch before it has the styles that name it.
pub fn first_backgrounds(
    site: &Site,
    config: &Config,
    answers: &BTreeMap<AssetId, Answer>,
) -> BTreeMap<AssetId, AssetId> {
    let on = |id: AssetId| {
        site.get(id).is_some_and(|a| {
            config.select.allows(&a.path)
                && [Transform::Html, Transform::Images].iter().all(|t| config.transforms.allows(*t, &a.path))
        })
    };
    let first = |(page, answer): (&AssetId, &Answer)| {
        let Answer::Known(known) = answer else { return None };
        let file = priority::background(known).filter(|_| on(*page))?;
        let asset = site.find(&SitePath::new(file)?)?;
        site.get(asset).is_some_and(|a| a.len > SOON_LOADED).then_some((*page, asset))
    };
    answers.iter().filter_map(first).collect()
}

/// Icons are too small to matter.
const ICON: u32 = 64;

fn needs_priority(graph: &AssetGraph, image: &ImageUse, targets: &[Option<AssetId>], picture: &Picture) -> bool {
    let icon = targets.iter().flatten().all(|id| match graph.node(*id).map(|n| &n.summary) {
        Some(Summary::Image(info)) => info.width <= ICON && info.height <= ICON,
        _ => true,
    });
    picture.attributes != Attributes::Fixed && !icon && (image.loading.is_none() || image.fetchpriority.is_none())
}

fn page(graph: &AssetGraph, id: AssetId) -> Option<&Page> {
    match graph.node(id).map(|n| &n.summary) {
        Some(Summary::Page(page)) => Some(page),
        _ => None,
    }
}
