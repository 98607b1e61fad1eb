//! The fourth stage: what will be done to each file, what it will be called, and why. Pure; the only place of policy.

mod as_written;
mod critical;
mod drawings;
mod instead;
pub mod modules;
mod naming;
mod own_names;
pub mod pictures;
pub mod shake;
mod tasks;

pub use critical::Critical;
pub use naming::{Naming, is_metadata, plain_stem};
pub use pictures::{Delivery, Markup, Picture, Priority, Ratio};
pub use tasks::{HtmlOp, Op};

use crate::analyze::html::ImageUse;
use crate::config::Config;
use crate::graph::{AssetGraph, Edge, PinCause, Summary};
use crate::layout::Answer;
use crate::model::{AssetId, ImageFormat, RefKind};
use crate::scan::Site;
use std::collections::{BTreeMap, BTreeSet};

pub struct Plan {
    /// By `AssetId`.
    pub tasks: Vec<Task>,
    /// How each `<img>` of a page will be delivered, in document order.
    pub pages: BTreeMap<AssetId, Vec<Picture>>,
    /// By page, the frames and videos that will wait until someone scrolls to them.
    pub lazy: BTreeMap<AssetId, BTreeSet<usize>>,
    /// By page, the background that it preloads.
    pub backgrounds: BTreeMap<AssetId, AssetId>,
    /// Backgrounds come in modern formats, too.
    pub image_sets: bool,
    /// What each sheet loses, or why it loses nothing.
    pub cuts: shake::Cuts,
    /// What each module loses.
    pub shaken: modules::Shaken,
}

pub struct Task {
    pub op: Op,
    pub naming: Naming,
    /// References lead to the version in this format, where there is one.
    pub instead: Option<ImageFormat>,
    /// In the order they were made; for people.
    pub decisions: Vec<String>,
}

impl Plan {
    pub fn task(&self, id: AssetId) -> Option<&Task> {
        self.tasks.get(id.index())
    }

    /// Some page may hold rules of its sheets.
    pub fn is_critical(&self) -> bool {
        self.tasks.iter().any(|t| matches!(&t.op, Op::Html(op) if op.critical.is_some()))
    }

    /// What some page becomes depends on the rules of its sheets.
    pub fn reads_rules(&self) -> bool {
        self.tasks.iter().any(|t| matches!(&t.op, Op::Html(op) if op.critical.is_some() || op.reuse_svg))
    }

    /// The file may get another name, so that references to it are holes.
    pub fn may_be_renamed(&self, id: AssetId) -> bool {
        self.task(id).is_some_and(|t| t.instead.is_some() || !matches!(t.naming, Naming::Keep(_)))
    }
}

/// What someone wants an image for: its full size in modern formats, and smaller widths.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Empty when no modern version could be chosen.
    pub widths: BTreeSet<u32>,
    /// Smaller ones in its own format.
    pub own: BTreeSet<u32>,
    /// Something of its colours stands in its place until it has come.
    pub placeholder: bool,
    /// The format that takes the place of its own.
    pub instead: Option<ImageFormat>,
    /// The generator has made it, as one of several sizes of a picture: it is as small as it was meant to be.
    pub generated: bool,
    /// Hardly a browser loads the file itself: whoever shows it offers modern versions first, or nobody does.
    pub seldom: bool,
}

/// `pages`: from [`pictures::pictures`], refined by what their layout told; `answers`: what else it told.
pub fn plan(
    site: &Site,
    graph: &AssetGraph,
    config: &Config,
    pages: BTreeMap<AssetId, Vec<Picture>>,
    lazy: BTreeMap<AssetId, BTreeSet<usize>>,
    answers: &BTreeMap<AssetId, Answer>,
) -> Plan {
    let mut demands = pictures::demands(site, graph, config, &pages);
    for id in generated(site, graph) {
        demands.entry(id).or_default().generated = true;
    }
    for id in site
        .ids()
        .filter(|id| !config.images.formats.is_empty() && is_seldom_loaded((site, graph), config, &pages, *id))
    {
        demands.entry(id).or_default().seldom = true;
    }
    for (id, format) in instead::formats(site, graph, config, &demands) {
        let demand = demands.entry(id).or_default();
        (demand.instead, demand.seldom) = (Some(format), true);
    }
    let cuts = shake::cuts(site, graph, config);
    let shaken = modules::shake(site, graph, config);
    let known = tasks::Known { cuts: &cuts, shaken: &shaken, answers, names: own_names::of_site(graph) };
    let tasks = site.ids().map(|id| tasks::task(site, graph, config, known, id, demands.get(&id))).collect();
    let backgrounds = pictures::first_backgrounds(site, config, answers);
    let image_sets = as_written::what_reads_backgrounds(graph, config).is_none();
    Plan { tasks, pages, lazy, backgrounds, image_sets, cuts, shaken }
}

/// An image that nothing loads but `<img>`s and backgrounds with modern versions. Links, scripts, other styles and other
/// attributes may load it as it is.
fn is_seldom_loaded(
    (site, graph): (&Site, &AssetGraph),
    config: &Config,
    pages: &BTreeMap<AssetId, Vec<Picture>>,
    id: AssetId,
) -> bool {
    let Some(node) = graph.node(id).filter(|n| matches!(n.summary, Summary::Image(_))) else { return false };
    let shown = |page: &AssetId| {
        let (Some(pictures), Some(Summary::Page(facts))) = (pages.get(page), graph.node(*page).map(|n| &n.summary))
        else {
            return false;
        };
        let mut shown = pictures.iter().zip(&facts.image_targets).filter(|(_, t)| t.contains(&Some(id))).peekable();
        shown.peek().is_some() && shown.all(|(picture, _)| picture.delivery.is_modern())
    };
    let offered = |edge: &Edge| match edge.kind {
        RefKind::Image => shown(&edge.asset),
        RefKind::CssUrl => {
            pictures::offered_backgrounds(site, graph, config, edge.asset).is_some_and(|b| b.alone.contains(&id))
        }
        _ => false,
    };
    node.pins.iter().all(|pin| pin.cause == PinCause::Prose) && node.incoming.iter().all(offered)
}

/// Files under a bundler's names that pages offer among several sizes.
fn generated(site: &Site, graph: &AssetGraph) -> BTreeSet<AssetId> {
    let mut found = BTreeSet::new();
    for node in &graph.nodes {
        let Summary::Page(page) = &node.summary else { continue };
        let sizes = |image: &ImageUse| image.srcset.len() + image.sources.iter().map(|s| s.srcset.len()).sum::<usize>();
        let offered = page.images.iter().zip(&page.image_targets).filter(|(image, _)| sizes(image) > 1);
        found.extend(offered.flat_map(|(_, targets)| targets.iter().flatten().copied()));
    }
    found.retain(|id| site.get(*id).is_some_and(|a| graph.hashed.hash(a).is_some()));
    found
}
