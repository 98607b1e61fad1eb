//! Modules that scripts import by addresses which they put together. Under a new name, such a module would be there twice: as
//! the one that other imports lead to, and as the one of the old name.

use super::{AssetGraph, Document, Pin, PinCause, Resolver, Summary};
use crate::analyze::js::modules::{Module, Specifier};
use crate::model::{AssetId, Kind};
use crate::scan::Site;
use crate::syntax::url;
use std::collections::BTreeMap;

/// What an `import()` may lead to.
pub enum Reach<'a> {
    One(&'a str),
    /// Any module whose path begins so.
    Folder(String),
    /// Another site, or what the address itself holds.
    Elsewhere,
    Anything,
}

pub fn reach<'a>(resolver: &Resolver<'_>, document: &Document<'_>, target: &'a Specifier) -> Reach<'a> {
    match target {
        Specifier::Literal(text) => Reach::One(text),
        Specifier::Prefix(start) if start.contains("://") || start.starts_with("data:") => Reach::Elsewhere,
        Specifier::Prefix(start) if !url::is_bare(start) && !start.contains("//") => {
            resolver.folder(document, start).map_or(Reach::Anything, Reach::Folder)
        }
        Specifier::Prefix(_) | Specifier::Unknown => Reach::Anything,
    }
}

/// A reason for each of them to keep its name.
pub fn pins(site: &Site, graph: &AssetGraph) -> Vec<(AssetId, Pin)> {
    let resolver = Resolver { site, deployment: &graph.deployment };
    // Folders, each with the first script that imports out of it; and the first that may import anything.
    let (mut folders, mut anything): (BTreeMap<String, AssetId>, Option<AssetId>) = (BTreeMap::new(), None);
    for (id, (asset, node)) in site.ids().zip(site.assets.iter().zip(&graph.nodes)) {
        let (base, modules): (Option<&str>, Vec<&Module>) = match &node.summary {
            Summary::Js(js) => (None, js.module.as_deref().into_iter().collect()),
            Summary::Page(page) => (page.base.as_deref(), page.scripts.modules.iter().collect()),
            _ => continue,
        };
        let document = Document { path: &asset.path, base };
        for import in modules.into_iter().flat_map(|m| &m.units).flat_map(|u| &u.dynamic) {
            match reach(&resolver, &document, &import.target) {
                Reach::One(_) | Reach::Elsewhere => {}
                Reach::Folder(folder) => _ = folders.entry(folder).or_insert(id),
                Reach::Anything => _ = anything.get_or_insert(id),
            }
        }
    }
    let mut pins = Vec::new();
    if folders.is_empty() && anything.is_none() {
        return pins;
    }
    for (id, (asset, node)) in site.ids().zip(site.assets.iter().zip(&graph.nodes)) {
        let module = matches!(&node.summary, Summary::Js(js) if js.module.is_some() || js.is_module_syntax);
        if asset.kind != Kind::Js || !module {
            continue;
        }
        let inside = folders.iter().find(|(folder, _)| asset.path.as_str().starts_with(folder.as_str()));
        // Bundlers' loaders have whole names, or name the hash.
        let open = anything.filter(|_| graph.hashed.hash(asset).is_none());
        let by = inside.map(|(_, by)| *by).or(open);
        pins.extend(by.map(|by| (id, Pin { by, cause: PinCause::Computed })));
    }
    pins
}
