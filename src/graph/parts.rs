//! Names that scripts take apart or keep for later: `this.src.replace(".png", "-hover.png")`.

use super::{AssetGraph, Edge, Page, Pin, PinCause, Summary};
use crate::analyze::js::{Habit, Habits, finds_scripts};
use crate::model::{AssetId, Kind, RefKind};
use crate::scan::Site;
use std::collections::BTreeSet;

/// A reason to keep its name for each file that pages give to such a script.
pub fn pins(site: &Site, graph: &AssetGraph) -> Vec<(AssetId, Pin)> {
    let mut pins = Vec::new();
    for (by, node) in site.ids().zip(&graph.nodes) {
        let (habits, pages) = match &node.summary {
            Summary::Js(js) if acts(&js.habits) => (&js.habits, graph.pages_running(by)),
            Summary::Page(page) if acts(&page.scripts.habits) => (&page.scripts.habits, BTreeSet::from([by])),
            _ => continue,
        };
        let mut found: Vec<AssetId> = pages.into_iter().flat_map(|id| of_page(site, graph, id, by, habits)).collect();
        found.extend(node.edges.iter().filter(|e| own(site, habits, e)).map(|e| e.asset));
        pins.extend(found.into_iter().map(|id| (id, Pin { by, cause: PinCause::Parts })));
    }
    pins
}

fn acts(habits: &Habits) -> bool {
    use Habit::{Stores, TakesLinks, TakesSources};
    finds_scripts(habits) || [Stores, TakesLinks, TakesSources].iter().any(|h| habits.contains(h))
}

/// What a script itself names, and may show or store.
fn own(site: &Site, habits: &Habits, edge: &Edge) -> bool {
    let kind = site.get(edge.asset).map(|a| a.kind);
    let picture = matches!(kind, Some(Kind::Image(_) | Kind::Svg));
    let sheet = kind == Some(Kind::Css);
    matches!(edge.kind, RefKind::JsString | RefKind::JsUrl)
        && (picture && (habits.contains(&Habit::TakesSources) || habits.contains(&Habit::Stores))
            || sheet && habits.contains(&Habit::Stores))
}

/// What a page shows to a script that runs on it.
fn of_page(site: &Site, graph: &AssetGraph, id: AssetId, by: AssetId, habits: &Habits) -> Vec<AssetId> {
    let Some(node) = graph.node(id) else { return Vec::new() };
    let Summary::Page(page) = &node.summary else { return Vec::new() };
    let mut found = Vec::new();
    if habits.contains(&Habit::TakesSources) {
        found.extend(node.edges.iter().filter(|e| e.kind == RefKind::Image).map(|e| e.asset));
    }
    if finds_scripts(habits) {
        found.extend(&page.script_files);
    }
    if habits.contains(&Habit::TakesLinks) {
        found.extend(sheets(site, graph, page, id, by));
    }
    found
}

/// Sheets whose `href` a script may read: it looks for links, or a script of the page knows this one by a name.
fn sheets(site: &Site, graph: &AssetGraph, page: &Page, id: AssetId, by: AssetId) -> Vec<AssetId> {
    let words = |id: AssetId| match graph.node(id).map(|n| &n.summary) {
        Some(Summary::Js(js)) => [js.tokens.as_slice(), js.selected.as_slice()],
        Some(Summary::Page(page)) => [page.scripts.tokens.as_slice(), page.scripts.selected.as_slice()],
        _ => [[].as_slice(), [].as_slice()],
    };
    let says = |id: AssetId, word: &str| words(id).iter().any(|list| list.iter().any(|w| w == word));
    if ["link", "stylesheet"].iter().any(|word| says(by, word)) {
        return page.stylesheets.clone();
    }
    let mut scripts = site.get(id).map(|asset| graph.scripts_of(site, asset)).unwrap_or_default();
    scripts.insert(id);
    let known = |names: &[String]| scripts.iter().any(|script| names.iter().any(|name| says(*script, name)));
    page.named_sheets.iter().filter(|(_, names)| known(names)).map(|(sheet, _)| *sheet).collect()
}
