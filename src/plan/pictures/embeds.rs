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

/// By page, those of which nobody says, or counts on, when they are loaded; by their number among those of the page.
pub fn free(site: &Site, graph: &AssetGraph, config: &Config) -> BTreeMap<AssetId, BTreeSet<usize>> {
    // Players come with scripts of other origins, and so do counters of who has played what.
    if !graph.foreign_scripts.is_empty() {
        return BTreeMap::new();
    }
    let on = |id: AssetId| {
        site.get(id).is_some_and(|a| {
            config.select.allows(&a.path)
                && [Transform::Html, Transform::Layout].iter().all(|t| config.transforms.allows(*t, &a.path))
        })
    };
    let of_page = |id: AssetId| {
        let Some(Summary::Page(page)) = graph.node(id).map(|n| &n.summary) else { return None };
        let free = page.embeds.iter().any(|embed| embed.free) && page.hydration == Hydration::None && on(id);
        Some((id, free.then(|| quiet((site, graph), config, id, page))?))
    };
    site.ids().filter_map(of_page).filter(|(_, quiet)| !quiet.is_empty()).collect()
}

/// Of them, those that are on no first screen.
pub fn lazy(
    free: BTreeMap<AssetId, BTreeSet<usize>>,
    answers: &BTreeMap<AssetId, Answer>,
) -> BTreeMap<AssetId, BTreeSet<usize>> {
    let of_page = |(id, mut embeds): (AssetId, BTreeSet<usize>)| {
        let Some(Answer::Known(known)) = answers.get(&id) else { return None };
        embeds.retain(|n| {
            let shown = known.embeds.get(*n).map(Vec::as_slice).unwrap_or_default();
            // One that nobody sees in some viewport has another job.
            known.placed
                && shown.iter().all(Option::is_some)
                && priority::is_far(known.views.iter().copied().zip(shown.iter().map(Option::as_ref)))
        });
        Some((id, embeds))
    };
    free.into_iter().filter_map(of_page).collect()
}

fn quiet((site, graph): (&Site, &AssetGraph), config: &Config, id: AssetId, page: &Page) -> BTreeSet<usize> {
    let context = PictureContext::new((site, graph), config, id, page);
    // A page of this site may have something to say to the one that shows it.
    let talks = |target: &Option<AssetId>| target.is_some_and(|id| reaches_out(graph, id));
    let embeds = page.embeds.iter().zip(&page.embed_targets).enumerate();
    let quiet = embeds.filter(|(_, (embed, target))| embed.free && !context.handles(embed) && !talks(target));
    quiet.map(|(n, _)| n).collect()
}

fn reaches_out(graph: &AssetGraph, id: AssetId) -> bool {
    let Some(Summary::Page(page)) = graph.node(id).map(|n| &n.summary) else { return false };
    let scripts = graph.reachable(&page.script_files);
    let mut scripts = scripts.into_iter().filter_map(|id| graph.node(id));
    page.scripts.reaches_out || scripts.any(|n| matches!(&n.summary, Summary::Js(js) if js.reaches_out))
}
