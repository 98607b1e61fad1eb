//! Which versions of pictures are wanted.

use super::super::{Demand, as_written};
use super::{Delivery, Markup, Picture, raster};
use crate::analyze::html::Hydration;
use crate::config::{Config, Transform};
use crate::graph::{AssetGraph, Backgrounds, Summary};
use crate::model::AssetId;
use crate::scan::Site;
use std::collections::{BTreeMap, BTreeSet};

/// The full width of every image that a page or a sheet will offer in modern formats, and the smaller widths.
pub fn demands(
    site: &Site,
    graph: &AssetGraph,
    config: &Config,
    pages: &BTreeMap<AssetId, Vec<Picture>>,
) -> BTreeMap<AssetId, Demand> {
    let mut demands: BTreeMap<AssetId, Demand> = BTreeMap::new();
    let (mut own, mut hidden) = (Vec::new(), BTreeSet::new());
    let mut want = |id: AssetId, widths: &[u32]| {
        // One that is animated is offered where a page has it as its only address: its widths are given.
        if let Some(info) = raster(graph, id).filter(|i| !i.animated || !widths.is_empty()) {
            let demand = demands.entry(id).or_default();
            demand.widths.extend(widths.iter().filter(|w| **w <= info.width));
            if widths.is_empty() {
                demand.widths.insert(info.width);
            }
        }
    };
    for (id, pictures) in pages {
        let Some(Summary::Page(page)) = graph.node(*id).map(|n| &n.summary) else { continue };
        for (picture, targets) in pictures.iter().zip(&page.image_targets) {
            if let Some(id) = picture.placeholder {
                hidden.insert(id);
            }
            match &picture.delivery {
                Delivery::Leave(_) | Delivery::Elsewhere { .. } => {}
                Delivery::SameCandidates => targets.iter().flatten().for_each(|t| want(*t, &[])),
                Delivery::Single { asset, widths, markup: Markup::Picture, .. } => want(*asset, widths),
                Delivery::Single { asset, widths, .. } => own.push((*asset, widths)),
            }
        }
    }
    for id in site.ids() {
        let offered = offered_backgrounds(site, graph, config, id);
        let offered = offered.into_iter().flat_map(|b| &b.all).filter(|b| graph.kept_offline(site, **b).is_none());
        offered.for_each(|b| want(*b, &[]));
    }
    for id in hidden {
        demands.entry(id).or_default().placeholder = true;
    }
    for (id, widths) in own {
        let natural = raster(graph, id).map_or(0, |i| i.width);
        demands.entry(id).or_default().own.extend(widths.iter().filter(|w| **w < natural));
    }
    demands
}

/// Backgrounds that the styles of a sheet or a page will offer in modern formats.
pub fn offered_backgrounds<'a>(
    site: &Site,
    graph: &'a AssetGraph,
    config: &Config,
    id: AssetId,
) -> Option<&'a Backgrounds> {
    if as_written::what_reads_backgrounds(graph, config).is_some() {
        return None;
    }
    let (asset, node) = (site.get(id)?, graph.node(id)?);
    let on = |transform| config.select.allows(&asset.path) && config.transforms.allows(transform, &asset.path);
    match &node.summary {
        // A sheet that cannot change offers nothing.
        Summary::Css { backgrounds, .. } if on(Transform::Css) && !graph.is_frozen(site, id) => Some(backgrounds),
        Summary::Page(page) if on(Transform::Html) && !page.csp && page.hydration == Hydration::None => {
            Some(&page.backgrounds)
        }
        _ => None,
    }
}
