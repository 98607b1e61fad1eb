//! Pictures that scripts and frameworks show, in one format of the user's choice: they have one address each, the same in
//! the page and in the script, and nobody there asks a browser what it can read.

use super::{Demand, naming};
use crate::analyze::html::{Hydration, ImageUse};
use crate::config::{Config, Transform};
use crate::graph::{AssetGraph, Edge, Node, PinCause, Summary};
use crate::model::{Asset, AssetId, ImageFormat, RefKind};
use crate::scan::Site;
use std::collections::BTreeMap;

/// The pictures whose every reference can lead to a version in the chosen format. They themselves stay, too.
pub fn formats(
    site: &Site,
    graph: &AssetGraph,
    config: &Config,
    demands: &BTreeMap<AssetId, Demand>,
) -> Vec<(AssetId, ImageFormat)> {
    let Some(format) = config.images.js.format() else { return Vec::new() };
    let offered = |id: &AssetId| demands.get(id).is_some_and(|d| !d.widths.is_empty() || !d.own.is_empty());
    let fits = |id: &AssetId| {
        let (Some(asset), Some(node)) = (site.get(*id), graph.node(*id)) else { return false };
        is_free(asset, config)
            && is_still(node)
            && !offered(id)
            && only_shown(graph, *id, node)
            && graph.kept_offline(site, *id).is_none()
    };
    site.ids().filter(fits).map(|id| (id, format)).collect()
}

fn is_free(asset: &Asset, config: &Config) -> bool {
    config.select.allows(&asset.path)
        && [Transform::Images, Transform::Fingerprint].iter().all(|t| config.transforms.allows(*t, &asset.path))
        && !config.fingerprint.pin.is_match(asset.path.as_str())
        && naming::fixed_name(asset).is_none()
}

fn is_still(node: &Node) -> bool {
    matches!(&node.summary, Summary::Image(i) if matches!(i.format, ImageFormat::Jpeg | ImageFormat::Png) && !i.animated)
}

/// Scripts and pages that a framework takes over show it; whatever else names it shows it, too.
fn only_shown(graph: &AssetGraph, id: AssetId, node: &Node) -> bool {
    let page = |edge: &Edge| match graph.node(edge.asset).map(|n| &n.summary) {
        Some(Summary::Page(page)) => Some(page),
        _ => None,
    };
    let in_script = |edge: &Edge| matches!(edge.kind, RefKind::JsString | RefKind::JsUrl);
    let wanted = |edge: &Edge| in_script(edge) || page(edge).is_some_and(|p| p.hydration == Hydration::Page);
    // A `<source>` may say which format it has.
    let plain = |(image, targets): (&ImageUse, &Vec<Option<AssetId>>)| {
        !targets.contains(&Some(id)) || (image.sources.is_empty() && !image.off)
    };
    let shows = |edge: &Edge| match edge.kind {
        RefKind::JsString | RefKind::JsUrl | RefKind::CssUrl => true,
        RefKind::Image => page(edge).is_none_or(|p| p.images.iter().zip(&p.image_targets).all(plain)),
        _ => false,
    };
    node.pins.iter().all(|pin| pin.cause == PinCause::Prose)
        && node.incoming.iter().any(wanted)
        && node.incoming.iter().all(shows)
}
