//! Frames and videos that can wait until someone scrolls to them.

use super::context::PictureContext;
use super::priority;
use crate::analyze::html::Hydration;
use crate::config::{Config, Transform};
use crate::graph::{AssetGraph, Page, Summary};
use crate::layout::Answer;
use crate::model::AssetId;
use crate::scan::Site;
use std::collections::{BTreeMap, BTreeSet};

/// By page, the frames and videos that are on no first screen, by their number among those of the page.
pub fn lazy(
    site: &Site,
    graph: &AssetGraph,
    config: &Config,
    answers: &BTreeMap<AssetId, Answer>,
) -> BTreeMap<AssetId, BTreeSet<usize>> {
    let mut all = BTreeMap::new();
    for (id, answer) in answers {
        let Answer::Known(known) = answer else { continue };
        let far = |n: &usize| {
            let shown = known.embeds.get(*n).map(Vec::as_slice).unwrap_or_default();
            // One that nobody sees in some viewport has another job.
            known.placed
                && shown.iter().all(Option::is_some)
                && priority::is_far(known.views.iter().copied().zip(shown.iter().map(Option::as_ref)))
        };
        let lazy: BTreeSet<usize> = free(site, graph, config, *id).into_iter().filter(far).collect();
        if !lazy.is_empty() {
            all.insert(*id, lazy);
        }
    }
    all
}

/// Those of which nobody says, or counts on, when they are loaded.
pub fn free(site: &Site, graph: &AssetGraph, config: &Config, id: AssetId) -> Vec<usize> {
    let on = site.get(id).is_some_and(|a| {
        config.select.allows(&a.path)
            && [Transform::Html, Transform::Layout].iter().all(|t| config.transforms.allows(*t, &a.path))
    });
    let Some(Summary::Page(page)) = graph.node(id).map(|n| &n.summary).filter(|_| on) else { return Vec::new() };
    let waits = page.embeds.iter().enumerate().filter(|(_, embed)| embed.free);
    let waits: Vec<usize> = waits.map(|(n, _)| n).collect();
    if waits.is_empty() || page.hydration != Hydration::None || is_watched(graph, config) {
        return Vec::new();
    }
    quiet(graph, page, waits)
}

fn quiet(graph: &AssetGraph, page: &Page, waits: Vec<usize>) -> Vec<usize> {
    let context = PictureContext::new(graph, page);
    let handled = |n: &usize| page.embeds.get(*n).is_none_or(|embed| context.handles(embed));
    // A page of this site may have something to say to the one that shows it.
    let talks = |n: &usize| page.embed_targets.get(*n).copied().flatten().is_some_and(|id| reaches_out(graph, id));
    waits.into_iter().filter(|n| !handled(n) && !talks(n)).collect()
}

fn reaches_out(graph: &AssetGraph, id: AssetId) -> bool {
    let Some(Summary::Page(page)) = graph.node(id).map(|n| &n.summary) else { return false };
    let scripts = graph.reachable(&page.script_files);
    let mut scripts = scripts.into_iter().filter_map(|id| graph.node(id));
    page.scripts.reaches_out || scripts.any(|n| matches!(&n.summary, Summary::Js(js) if js.reaches_out))
}

/// Players come with scripts of other origins, and so do counters of who has played what.
fn is_watched(graph: &AssetGraph, config: &Config) -> bool {
    graph.foreign_scripts.iter().any(|url| !config.css.trusted_scripts.is_match(url.as_str()))
}
