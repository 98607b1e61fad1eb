//! Which pages may have inline SVGs that use each other's drawings.

use crate::analyze::html::Hydration;
use crate::analyze::js::Changes;
use crate::config::{Config, Transform};
use crate::graph::{AssetGraph, Page, Summary};
use crate::model::{Asset, AssetId, Kind};
use crate::scan::Site;

/// It has inline SVGs at all.
pub fn concerns(page: &Page) -> bool {
    page.names.binary_search_by(|name| name.as_str().cmp("svg")).is_ok()
}

/// Why every inline SVG of a page keeps its own drawing. What scripts do to elements decides most: one that takes the drawing
/// off the page, or takes an SVG to another page, leaves the others with nothing to show.
pub fn obstacle(site: &Site, graph: &AssetGraph, config: &Config, (asset, page): (&Asset, &Page)) -> Option<String> {
    if !config.transforms.allows(Transform::Html, &asset.path) {
        return Some("switched off for this page".into());
    }
    if matches!(asset.path.extension(), "xhtml" | "xht") {
        return Some("it is XML".into());
    }
    if page.hydration != Hydration::None {
        return Some("a framework takes the page over".into());
    }
    if page.base.is_some() {
        return Some("a <base> leads `#…` elsewhere".into());
    }
    if let Some(wasm) = site.assets.iter().find(|a| a.kind == Kind::Wasm) {
        return Some(format!("{} may do anything to them", wasm.path));
    }
    if let Some(url) = graph.foreign_scripts.first() {
        return Some(format!("{url} may do anything to them"));
    }
    if let Some(who) = carrier(site, graph) {
        return Some(format!("{who} may take parts of one page to another"));
    }
    if page.scripts.changes.rebuilds {
        return Some("a script in it may take elements away, or go through all of them".into());
    }
    if page.scripts.handles_sheets {
        return Some("a script in it looks at style sheets or makes some".into());
    }
    let script = graph.scripts_of(site, asset).into_iter().find(|id| match graph.node(*id).map(|n| &n.summary) {
        Some(Summary::Js(facts)) => facts.changes.rebuilds || facts.handles_sheets,
        // One that could not be read may do anything.
        _ => true,
    })?;
    let name = &site.get(script)?.path;
    Some(format!("{name} may take elements away, go through all of them, or make style sheets"))
}

/// A file with a script, anywhere on the site, that may take parts of one page to another.
fn carrier(site: &Site, graph: &AssetGraph) -> Option<String> {
    let changes = |id: AssetId| match graph.node(id).map(|n| &n.summary) {
        Some(Summary::Js(facts)) => facts.changes,
        Some(Summary::Page(page)) => page.scripts.changes,
        _ if site.get(id).is_some_and(|a| matches!(a.kind, Kind::Js | Kind::Html)) => Changes::ANY,
        _ => Changes::default(),
    };
    let id = site.ids().find(|id| changes(*id).carries)?;
    site.get(id).map(|a| a.path.to_string())
}
