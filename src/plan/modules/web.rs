//! All modules of the site and what leads from one to another.

use crate::analyze::js::modules::{Dynamic, Module, Specifier};
use crate::config::{Config, Transform};
use crate::graph::computed::{Reach, reach};
use crate::graph::{AssetGraph, Document, PinCause, Resolver, Summary, Target};
use crate::model::{AssetId, Kind, RefKind, SitePath};
use crate::plan::tasks;
use crate::scan::Site;
use crate::syntax::url;
use std::collections::{BTreeMap, BTreeSet};

pub struct Web<'a> {
    pub nodes: Vec<Node<'a>>,
    /// Modules that start by themselves.
    pub roots: Vec<usize>,
    /// Why nothing at all can be told.
    pub obstacle: Option<String>,
    /// No page leads to them.
    pub unreached: BTreeSet<AssetId>,
    /// Those of them that need not be written.
    pub spare: BTreeSet<AssetId>,
}

pub struct Node<'a> {
    /// `None`: it stands in a page.
    pub asset: Option<AssetId>,
    pub module: &'a Module,
    /// Why it stays as it is, with all that it imports and exports.
    pub whole: Option<String>,
    /// Of each request.
    pub requests: Vec<Targets>,
    /// Of each `import()` of each unit.
    pub dynamic: Vec<Vec<Targets>>,
}

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Targets {
    pub nodes: Vec<usize>,
    /// It may lead elsewhere, too.
    pub open: bool,
}

impl Targets {
    /// The one module that it can be.
    pub fn only(&self) -> Option<usize> {
        match self.nodes.as_slice() {
            [one] if !self.open => Some(*one),
            _ => None,
        }
    }
}

struct Links<'a> {
    site: &'a Site,
    resolver: Resolver<'a>,
    by_asset: BTreeMap<AssetId, usize>,
    /// From names to what the pages' import maps make of them.
    map: BTreeMap<String, BTreeSet<AssetId>>,
    /// From the beginnings of names, in the same way.
    folders: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Web<'a> {
    pub fn new(site: &'a Site, graph: &'a AssetGraph, config: &Config) -> Self {
        let mut nodes: Vec<Node<'a>> = Vec::new();
        let node = |asset, module, whole| Node { asset, module, whole, requests: Vec::new(), dynamic: Vec::new() };
        let mut documents: Vec<(AssetId, Option<&str>)> = Vec::new();
        for id in site.ids() {
            if let Some(Summary::Js(facts)) = graph.node(id).map(|n| &n.summary)
                && let Some(module) = &facts.module
            {
                nodes.push(node(Some(id), module, whole(site, graph, config, id).or_else(|| module.whole.clone())));
                documents.push((id, None));
            }
        }
        let by_asset = nodes.iter().enumerate().filter_map(|(i, n)| Some((n.asset?, i))).collect();
        let resolver = Resolver { site, deployment: &graph.deployment };
        let mut links = Links { site, resolver, by_asset, map: BTreeMap::new(), folders: BTreeMap::new() };
        let (mut roots, mut obstacle) = (Vec::new(), None);
        for id in site.ids() {
            let Some(Summary::Page(page)) = graph.node(id).map(|n| &n.summary) else { continue };
            let Some(path) = site.get(id).map(|a| &a.path) else { continue };
            let document = Document { path, base: page.base.as_deref() };
            for module in &page.scripts.modules {
                roots.push(nodes.len());
                nodes.push(node(None, module, Some("it stands in a page".into())));
                documents.push((id, page.base.as_deref()));
            }
            let entries = page.scripts.entries.iter().filter_map(|url| links.node(&document, url));
            roots.extend(entries);
            obstacle = obstacle.or_else(|| links.read_map(&document, &page.scripts.import_map));
        }
        for (node, (id, base)) in nodes.iter_mut().zip(documents) {
            let Some(path) = site.get(id).map(|a| &a.path) else { continue };
            let document = Document { path, base };
            node.requests = node.module.requests.iter().map(|r| links.request(&document, r)).collect();
            for unit in &node.module.units {
                let targets: Option<Vec<Targets>> = unit.dynamic.iter().map(|d| links.dynamic(&document, d)).collect();
                if targets.is_none() && obstacle.is_none() {
                    obstacle = Some(format!("{path} imports what it finds out only when it runs"));
                }
                node.dynamic.push(targets.unwrap_or_default());
            }
        }
        let mut web = Self { nodes, roots, obstacle, unreached: BTreeSet::new(), spare: BTreeSet::new() };
        web.keep_what_is_not_understood(site, graph, &links);
        web.find_unreached(&|id| config.js.prune && super::is_nobodys(site, graph, id));
        web
    }

    /// A script that cannot be read may import by any name of an import map.
    fn keep_what_is_not_understood(&mut self, site: &Site, graph: &AssetGraph, links: &Links<'_>) {
        let opaque = site.ids().zip(&site.assets).find(|(id, a)| {
            matches!(a.kind, Kind::Js | Kind::Html)
                && matches!(graph.node(*id).map(|n| &n.summary), Some(Summary::Opaque | Summary::Nothing))
        });
        if let Some((_, asset)) = opaque {
            let folder = |id: &AssetId| {
                let path = site.get(*id).map_or("", |a| a.path.as_str());
                links.folders.values().flatten().any(|f| path.starts_with(f))
            };
            let named =
                links.by_asset.keys().copied().filter(|id| folder(id) || links.map.values().any(|t| t.contains(id)));
            for index in named.filter_map(|id| links.by_asset.get(&id)) {
                if let Some(node) = self.nodes.get_mut(*index) {
                    let why = || format!("an import map names it, and {} is not understood", asset.path);
                    node.whole.get_or_insert_with(why);
                }
            }
        }
        // What is loaded by a part of its name.
        let parts: Vec<usize> = self
            .nodes
            .iter()
            .flat_map(|n| n.module.units.iter().zip(&n.dynamic))
            .flat_map(|(u, targets)| u.dynamic.iter().zip(targets))
            .filter(|(d, _)| !matches!(d.target, Specifier::Literal(_)))
            .flat_map(|(_, t)| t.nodes.iter().copied())
            .collect();
        for index in parts {
            if let Some(node) = self.nodes.get_mut(index) {
                node.whole.get_or_insert_with(|| "a script puts its address together".into());
            }
        }
    }

    /// Modules that no page leads to: others may load them, so they stay and start by themselves.
    fn find_unreached(&mut self, goes: &dyn Fn(AssetId) -> bool) {
        let pinned: Vec<usize> = (0..self.nodes.len())
            .filter(|i| self.nodes.get(*i).is_some_and(|n| n.asset.is_some() && n.whole.is_some()))
            .collect();
        self.roots.extend(pinned);
        let reached = self.reached();
        let stays = |i: &usize| self.nodes.get(*i).and_then(|n| n.asset).is_some_and(|id| !goes(id));
        let stay: Vec<usize> = (0..reached.len()).filter(|i| reached.get(*i) == Some(&false) && stays(i)).collect();
        self.roots.extend(stay);
        let needed = self.reached();
        for (index, (_, needed)) in reached.iter().zip(needed).enumerate().filter(|(_, (reached, _))| !**reached) {
            let Some(node) = self.nodes.get_mut(index) else { continue };
            self.unreached.extend(node.asset);
            self.spare.extend(node.asset.filter(|_| !needed));
            node.whole = Some("no page leads to it, so others may load it".into());
        }
    }

    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut todo = self.roots.clone();
        while let Some(index) = todo.pop() {
            if reached.get(index) == Some(&false)
                && let Some(node) = self.nodes.get(index)
            {
                if let Some(slot) = reached.get_mut(index) {
                    *slot = true;
                }
                todo.extend(node.requests.iter().chain(node.dynamic.iter().flatten()).flat_map(|t| &t.nodes));
            }
        }
        reached
    }
}

/// Why a script cannot lose anything, by what is known from outside of it.
fn whole(site: &Site, graph: &AssetGraph, config: &Config, id: AssetId) -> Option<String> {
    let (asset, node) = (site.get(id)?, graph.node(id)?);
    if tasks::stays(site, graph, config, id).is_some() || !config.transforms.allows(Transform::Js, &asset.path) {
        return Some("the script stays as it is".into());
    }
    if !config.transforms.allows(Transform::JsShake, &asset.path) {
        return Some("`js.shake` is switched off for it".into());
    }
    let name = |by: AssetId| site.get(by).map_or("", |a| a.path.as_str());
    if let Some(pin) = node.pins.iter().find(|p| !matches!(p.cause, PinCause::Prose | PinCause::Computed)) {
        return Some(format!("{} names it, and may load it", name(pin.by)));
    }
    let code = |by: AssetId| site.get(by).is_some_and(|a| matches!(a.kind, Kind::Html | Kind::Js));
    let other = node.incoming.iter().find(|e| e.kind != RefKind::ModuleScript || !code(e.asset))?;
    Some(format!("{} refers to it by more than an import", name(other.asset)))
}

impl Links<'_> {
    fn node(&self, document: &Document<'_>, url: &str) -> Option<usize> {
        match self.resolver.resolve(document, url, RefKind::ModuleScript) {
            Target::Asset(id) => self.by_asset.get(&id).copied(),
            _ => None,
        }
    }

    /// Takes an import map in. Gives a reason to stop where it redirects addresses.
    fn read_map(&mut self, document: &Document<'_>, map: &[(String, String)]) -> Option<String> {
        for (name, address) in map {
            if name.is_empty() || !url::is_bare(name) {
                return Some(format!("the import map of {} redirects addresses", document.path));
            }
            if name.ends_with('/') {
                let Some(folder) = self.resolver.folder(document, address) else {
                    return Some(format!("the import map of {} leads elsewhere", document.path));
                };
                self.folders.entry(name.clone()).or_default().insert(folder);
            } else if let Target::Asset(id) = self.resolver.resolve(document, address, RefKind::ModuleScript) {
                self.map.entry(name.clone()).or_default().insert(id);
            }
        }
        None
    }

    fn request(&self, document: &Document<'_>, specifier: &str) -> Targets {
        let mut nodes: BTreeSet<usize> = BTreeSet::new();
        let mut open = false;
        if !url::is_bare(specifier) {
            match self.node(document, specifier) {
                Some(node) => _ = nodes.insert(node),
                None => open = true,
            }
        } else {
            let found: BTreeSet<AssetId> = self.mapped(specifier).collect();
            open = found.is_empty();
            for id in found {
                match self.by_asset.get(&id) {
                    Some(node) => _ = nodes.insert(*node),
                    None => open = true,
                }
            }
        }
        Targets { nodes: nodes.into_iter().collect(), open }
    }

    fn mapped<'s>(&'s self, name: &'s str) -> impl Iterator<Item = AssetId> + 's {
        let exact = self.map.get(name).into_iter().flatten().copied();
        let below =
            self.folders.iter().filter_map(move |(start, folders)| Some((name.strip_prefix(start.as_str())?, folders)));
        let below = below.flat_map(|(rest, folders)| folders.iter().map(move |f| format!("{f}{rest}")));
        exact.chain(below.filter_map(|path| self.site.find(&SitePath::new(&path)?)))
    }

    /// `None`: no telling.
    fn dynamic(&self, document: &Document<'_>, d: &Dynamic) -> Option<Targets> {
        match reach(&self.resolver, document, &d.target) {
            Reach::One(text) => Some(self.request(document, text)),
            Reach::Folder(folder) => {
                let inside = |id: &AssetId| self.site.get(*id).is_some_and(|a| a.path.as_str().starts_with(&folder));
                let nodes = self.by_asset.iter().filter(|(id, _)| inside(id)).map(|(_, node)| *node).collect();
                Some(Targets { nodes, open: true })
            }
            Reach::Elsewhere => Some(Targets::default()),
            Reach::Anything => None,
        }
    }
}
