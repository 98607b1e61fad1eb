//! Strings of scripts that mean one file on one page and another on the next: browsers take them from the page, wherever the
//! script itself lies.

use super::{AssetGraph, Document, Pin, PinCause, Resolver, Summary, Target};
use crate::model::{AssetId, RefKind};
use crate::scan::Site;
use std::collections::BTreeSet;

/// A string of a script that leads to a file, where another file of the site has the same name.
pub struct Doubtful {
    pub by: AssetId,
    pub target: AssetId,
    pub url: String,
    pub kind: RefKind,
}

/// Names that more than one file has.
pub fn twins(site: &Site) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    site.assets.iter().map(|a| a.path.file_name()).filter(|name| !seen.insert(*name)).collect()
}

pub fn is_string(kind: RefKind) -> bool {
    matches!(kind, RefKind::JsString | RefKind::ServiceWorker | RefKind::Worker | RefKind::ModuleWorker)
}

/// All files that a string may mean keep their names, so that it is right on every page.
pub fn pins(site: &Site, graph: &AssetGraph, doubtful: &[Doubtful]) -> Vec<(AssetId, Pin)> {
    let resolver = Resolver { site, deployment: &graph.deployment };
    let mut pins = Vec::new();
    for strings in doubtful.chunk_by(|a, b| a.by == b.by) {
        let Some(first) = strings.first() else { continue };
        let pages = graph.pages_running(first.by);
        for string in strings {
            let on = |page: &AssetId| {
                let base = match graph.node(*page).map(|n| &n.summary) {
                    Some(Summary::Page(page)) => page.base.as_deref(),
                    _ => None,
                };
                let document = Document { path: &site.get(*page)?.path, base };
                match resolver.resolve(&document, &string.url, RefKind::Other) {
                    Target::Asset(id) => Some(id),
                    _ => None,
                }
            };
            let mut meant: BTreeSet<AssetId> = pages.iter().filter_map(on).collect();
            meant.insert(string.target);
            if meant.len() > 1 {
                let worker = string.kind == RefKind::ServiceWorker;
                let cause = if worker { PinCause::ServiceWorker } else { PinCause::Places };
                pins.extend(meant.into_iter().map(|id| (id, Pin { by: string.by, cause })));
            }
        }
    }
    pins
}
