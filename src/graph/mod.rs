//! The third stage: references resolved to files, and reasons to leave names alone. Pure but for what `Analyst` reads.

mod backgrounds;
pub mod computed;
mod dangling;
pub mod deployment;
pub mod foreign;
pub mod hosts;
mod look;
mod mentions;
pub mod names;
mod offline;
mod parts;
mod places;
mod urls;

pub use backgrounds::Backgrounds;
pub use urls::{Deployment, Document, Resolver, Target, source_map_url};

use crate::analyze::{css, html, js, shake};
use crate::facts::Analyst;
use crate::model::{Asset, AssetId, Diagnostic, Kind, RefKind};
use crate::scan::Site;
use crate::syntax::integrity;
use crate::transform::image::ImageInfo;
use dangling::Dangling;
use look::{Found, look};
use mentions::Mentions;
use names::Hashed;
use offline::Offline;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

pub struct AssetGraph {
    pub deployment: Deployment,
    pub hashed: Hashed,
    /// By `AssetId`.
    pub nodes: Vec<Node>,
    pub diagnostics: Vec<Diagnostic>,
    /// What all pages and texts together could put on a page.
    pub used: shake::Used,
    /// Unknown scripts of other origins that the site loads.
    pub foreign_scripts: BTreeSet<String>,
    /// Some script of the site reads which background an element has.
    pub reads_backgrounds: bool,
    offline: Offline,
}

#[derive(Default)]
pub struct Node {
    /// References that a new name can follow, once per target and kind.
    pub edges: Vec<Edge>,
    pub incoming: Vec<Edge>,
    /// Why this file must keep its name: who says it, and how.
    pub pins: Vec<Pin>,
    /// A text that is not rewritten holds the hash of this file's bytes: they must stay.
    pub sealed: bool,
    /// What it loads from other origins, as far as that could matter.
    pub foreign_scripts: Vec<String>,
    pub foreign_sheets: Vec<String>,
    /// What its scripts learn of functions, of whichever script.
    pub reads: js::Reads,
    pub summary: Summary,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edge {
    /// The other end: the target of an outgoing edge, the origin of an incoming one.
    pub asset: AssetId,
    pub kind: RefKind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Pin {
    pub by: AssetId,
    pub cause: PinCause,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PinCause {
    /// Named in text whose use of the name is not understood.
    Mentioned,
    /// Named in a comment or a sentence of a script: people read it, and it loads nothing.
    Prose,
    /// An icon, og:image, web manifest entry, `data-` attribute: read by others than the browser's loader.
    FormatLocked,
    /// A link that people save and share.
    Linked,
    ServiceWorker,
    /// Named by a file that itself cannot change.
    ByFrozen,
    /// A script may import it by an address that it puts together.
    Computed,
    /// A script takes apart addresses that it finds on pages, or stores them.
    Parts,
    /// A string of a script means it on some pages, and another file on others.
    Places,
}

/// What later stages need of a file's facts: references are not kept, they are found again when the file is written.
#[derive(Default)]
pub enum Summary {
    #[default]
    Nothing,
    Page(Box<Page>),
    Css {
        rules: Box<shake::Sheet>,
        box_rules: Vec<css::BoxRule>,
        sizings: Vec<css::Sizing>,
        keyframes: Vec<(String, Vec<css::Sized>)>,
        place_hazards: Vec<css::PlaceHazard>,
        styles_pictures: bool,
        attributes: BTreeSet<String>,
        backgrounds: Backgrounds,
    },
    Js(Box<js::JsFacts>),
    Image(ImageInfo),
    Svg,
    /// Text that stays as it is.
    Opaque,
}

impl Summary {
    /// Of the styles in it.
    pub fn backgrounds(&self) -> Option<&Backgrounds> {
        match self {
            Self::Page(page) => Some(&page.backgrounds),
            Self::Css { backgrounds, .. } => Some(backgrounds),
            _ => None,
        }
    }
}

pub struct Page {
    /// `<base href>`.
    pub base: Option<String>,
    /// A part of a page.
    pub fragment: bool,
    pub images: Vec<html::ImageUse>,
    /// The files that each image's URLs lead to, in the order of `image_urls`.
    pub image_targets: Vec<Vec<Option<AssetId>>>,
    pub embeds: Vec<html::EmbedUse>,
    /// The file that each leads to.
    pub embed_targets: Vec<Option<AssetId>>,
    /// Tags, ids and classes of all elements, in lower case, sorted.
    pub names: Vec<String>,
    pub hydration: html::Hydration,
    pub csp: bool,
    /// Some policy goes with it, in the page or with its headers.
    pub policy: bool,
    /// It has `<style>` elements.
    pub has_styles: bool,
    pub css: css::CssFacts,
    pub scripts: html::InlineScripts,
    pub stylesheets: Vec<AssetId>,
    /// Those that surely apply, in every medium.
    pub always: Vec<AssetId>,
    /// Those that are for more than screens of some widths.
    pub media: Vec<(AssetId, css::When)>,
    /// Those with an id, a title or classes, and these.
    pub named_sheets: Vec<(AssetId, Vec<String>)>,
    pub script_files: Vec<AssetId>,
    /// Images in declarations that an `image-set()` could be added to.
    pub backgrounds: Backgrounds,
}

/// The URLs of an image in a fixed order: of its sources, of its srcset, its src.
pub fn image_urls(image: &html::ImageUse) -> impl Iterator<Item = &str> {
    let sources = image.sources.iter().flat_map(|s| &s.srcset).chain(&image.srcset).map(|c| c.url.as_str());
    sources.chain(image.src.as_deref())
}

/// `renamable`: files that could get another name. `base`: as configured, else it is guessed from the pages.
pub fn build(analyst: &Analyst<'_>, deployment: Deployment, renamable: &(dyn Fn(&Asset) -> bool + Sync)) -> AssetGraph {
    let site = analyst.site;
    let resolver = Resolver { site, deployment: &deployment };
    let hashed = Hashed::of(site);
    let mentions = Mentions::new(site, &hashed, renamable);
    let twins = places::twins(site);
    let ids: Vec<AssetId> = site.ids().collect();
    let sheets = ids.par_iter().filter(|id| site.get(**id).is_some_and(|a| a.kind == Kind::Css));
    let sheets: Vec<_> = sheets.filter_map(|id| analyst.analysis(*id).rules).collect();
    let evidence = Mutex::new(shake::Collector::new(sheets.iter().map(Box::as_ref)));
    // One by one: a large script takes longer than all pages.
    let ids = ids.into_par_iter().with_max_len(1);
    let found: Vec<Found> = ids.map(|id| look(analyst, &resolver, &mentions, &twins, &evidence, id)).collect();
    let used = evidence.into_inner().unwrap_or_else(PoisonError::into_inner).finish();

    let mut graph = AssetGraph {
        nodes: Vec::with_capacity(found.len()),
        diagnostics: Vec::new(),
        deployment: deployment.clone(),
        hashed,
        used,
        foreign_scripts: BTreeSet::new(),
        reads_backgrounds: false,
        offline: Offline::default(),
    };
    let mut dangling = Dangling::default();
    let mut pins: Vec<(AssetId, Pin)> = Vec::new();
    let mut hashes: BTreeSet<String> = BTreeSet::new();
    let mut doubtful = Vec::new();
    for (id, file) in site.ids().zip(found) {
        graph.diagnostics.extend(file.diagnostics);
        graph.foreign_scripts.extend(file.foreign.iter().cloned());
        graph.reads_backgrounds |= file.reads.backgrounds;
        hashes.extend(file.hashes);
        doubtful.extend(file.doubtful);
        dangling.add(file.missing, file.resolved, file.outside);
        pins.extend(file.pins.into_iter().map(|(target, cause)| (target, Pin { by: id, cause })));
        let (foreign_scripts, foreign_sheets) = (file.foreign, file.foreign_sheets);
        let (edges, reads, summary) = (file.edges, file.reads, file.summary);
        graph.nodes.push(Node { edges, reads, summary, foreign_scripts, foreign_sheets, ..Node::default() });
    }
    graph.diagnostics.extend(dangling.report(&deployment));
    // Each is there once: what one file says of another is sorted out where it was read.
    for (target, pin) in pins {
        if let Some(node) = graph.nodes.get_mut(target.index()) {
            node.pins.push(pin);
        }
    }
    graph.connect(site);
    let more = [computed::pins(site, &graph), places::pins(site, &graph, &doubtful), parts::pins(site, &graph)];
    for (target, pin) in more.into_iter().flatten() {
        graph.pin(target, pin);
    }
    graph.seal(site, &hashes);
    graph.spread(site);
    graph.offline = Offline::of(site, &graph);
    graph
}

impl AssetGraph {
    /// Every page is sent with a policy, as far as anybody knows; `restricts`: what stands in it.
    pub fn send_a_policy(&mut self, restricts: bool) {
        for node in &mut self.nodes {
            if let Summary::Page(page) = &mut node.summary {
                page.policy = true;
                page.csp |= restricts;
            }
        }
    }

    pub fn node(&self, id: AssetId) -> Option<&Node> {
        self.nodes.get(id.index())
    }

    fn pin(&mut self, target: AssetId, pin: Pin) {
        if let Some(node) = self.nodes.get_mut(target.index())
            && !node.pins.contains(&pin)
        {
            node.pins.push(pin);
        }
    }

    /// Only where a text holds hashes at all are files hashed for it.
    fn seal(&mut self, site: &Site, hashes: &BTreeSet<String>) {
        for (asset, node) in site.assets.iter().zip(&mut self.nodes) {
            let named = !node.pins.is_empty() && self.hashed.hash(asset).is_some();
            let promised = named && matches!(asset.kind, Kind::Image(_));
            if !hashes.is_empty() && (promised || matches!(asset.kind, Kind::Js | Kind::Css)) {
                let bytes = site.read(asset).unwrap_or_default();
                node.sealed = integrity::ALGORITHMS
                    .iter()
                    .any(|a| integrity::value(&bytes, a).is_some_and(|v| hashes.contains(&v)));
            }
        }
    }

    /// Incoming edges.
    fn connect(&mut self, site: &Site) {
        let edges: Vec<(AssetId, Edge)> =
            site.ids().zip(&self.nodes).flat_map(|(id, n)| n.edges.iter().map(move |e| (id, *e))).collect();
        for (from, edge) in edges {
            if let Some(node) = self.nodes.get_mut(edge.asset.index()) {
                node.incoming.push(Edge { asset: from, kind: edge.kind });
            }
        }
    }

    /// What a service worker imports is pinned like itself; what a frozen file names is pinned by it.
    fn spread(&mut self, site: &Site) {
        let mut todo: Vec<AssetId> =
            site.ids().filter(|id| self.is_frozen(site, *id) || self.is_service_worker(*id)).collect();
        let mut seen: BTreeSet<AssetId> = todo.iter().copied().collect();
        while let Some(id) = todo.pop() {
            let worker = self.is_service_worker(id);
            let frozen = self.is_frozen(site, id);
            let targets: Vec<Edge> = self.node(id).map(|n| n.edges.clone()).unwrap_or_default();
            for edge in targets {
                let imported = worker && edge.kind == RefKind::ClassicScript;
                if frozen || imported {
                    let cause = if imported { PinCause::ServiceWorker } else { PinCause::ByFrozen };
                    self.pin(edge.asset, Pin { by: id, cause });
                    if (self.is_frozen(site, edge.asset) || imported) && seen.insert(edge.asset) {
                        todo.push(edge.asset);
                    }
                }
            }
        }
    }

    /// A file whose name promises its bytes (a bundler's hash) and which cannot be renamed: its bytes must not change. But a
    /// picture may be made smaller: whoever has the old one in a cache sees the same.
    pub fn is_frozen(&self, site: &Site, id: AssetId) -> bool {
        let (Some(asset), Some(node)) = (site.get(id), self.node(id)) else { return false };
        let by_data = |p: &Pin| site.get(p.by).is_some_and(|a| a.kind == Kind::Json);
        let stays = match asset.kind {
            Kind::Html => false,
            // Generators leave the originals of pictures that they have made smaller ones of. Data may hold hashes.
            Kind::Image(_) => node.incoming.is_empty() || node.pins.iter().any(by_data),
            _ => node.incoming.is_empty() || !node.pins.is_empty() || self.introspects(id),
        };
        node.sealed || matches!(node.summary, Summary::Opaque) || stays && self.hashed.hash(asset).is_some()
    }

    /// Sheets imported by sheets, scripts imported by scripts; `from` included.
    pub fn reachable(&self, from: &[AssetId]) -> BTreeSet<AssetId> {
        let (mut seen, mut todo) = (BTreeSet::from_iter(from.iter().copied()), from.to_vec());
        while let Some(id) = todo.pop() {
            let edges = self.node(id).into_iter().flat_map(|n| &n.edges);
            let code = edges.filter(|e| is_code(e.kind));
            todo.extend(code.map(|e| e.asset).filter(|a| seen.insert(*a)));
        }
        seen
    }

    /// Scripts that may run on a page: those that it names in any way, and what these import.
    pub fn scripts_of(&self, site: &Site, page: &Asset) -> BTreeSet<AssetId> {
        let is_script = |id: &AssetId| site.get(*id).is_some_and(|a| a.kind == Kind::Js);
        let edges = site.find(&page.path).and_then(|id| self.node(id)).into_iter().flat_map(|n| &n.edges);
        let named: Vec<AssetId> = edges.map(|e| e.asset).filter(is_script).collect();
        let mut scripts = self.reachable(&named);
        scripts.retain(is_script);
        scripts
    }

    /// The pages that `scripts_of` finds a script for.
    pub fn pages_running(&self, script: AssetId) -> BTreeSet<AssetId> {
        let is_page = |id: AssetId| matches!(self.node(id).map(|n| &n.summary), Some(Summary::Page(_)));
        let (mut seen, mut todo) = (BTreeSet::from([script]), vec![script]);
        while let Some(id) = todo.pop() {
            let edges = self.node(id).into_iter().flat_map(|n| &n.incoming);
            let loads = edges.filter(|e| is_code(e.kind) || (is_page(e.asset) && !is_page(id)));
            todo.extend(loads.map(|e| e.asset).filter(|a| seen.insert(*a)));
        }
        seen.retain(|id| is_page(*id));
        seen
    }

    /// A service worker has what is at this address of another host.
    pub fn is_held_offline(&self, url: &str) -> bool {
        self.offline.holds(url)
    }

    /// Why only the file itself is there without a network, where a service worker has it.
    pub fn kept_offline(&self, site: &Site, id: AssetId) -> Option<&'static str> {
        self.offline.keeps(id, site.get(id)?)
    }

    pub fn introspects(&self, id: AssetId) -> bool {
        matches!(self.node(id).map(|n| &n.summary), Some(Summary::Js(f)) if f.introspects)
    }

    pub fn is_service_worker(&self, id: AssetId) -> bool {
        self.node(id).is_some_and(|n| n.pins.iter().any(|p| p.cause == PinCause::ServiceWorker))
    }
}

/// Sheets and scripts are loaded by such references.
fn is_code(kind: RefKind) -> bool {
    use RefKind::{ClassicScript, CssImport, JsString, JsUrl, ModuleScript, ModuleWorker, Worker};
    matches!(kind, CssImport | ModuleScript | ClassicScript | Worker | ModuleWorker | JsString | JsUrl)
}
