//! Pages, once every other file has its name: each is made, linked, written and let go. One that was made before from the
//! same is taken from the cache.

use super::output::{Done, bytes, sums};
use super::record::{self, Source};
use crate::config::Config;
use crate::emit::placed::Sums;
use crate::emit::staging::Staging;
use crate::execute::{Artifact, Hole, Workshop, html, shows_space, versions_named};
use crate::graph::Summary;
use crate::link::{Names, Output, Role};
use crate::model::{Asset, AssetId, CacheClass, Diagnostic, Digest};
use crate::plan::Op;
use crate::syntax::integrity;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Everything but pages, ready to be named by them.
pub struct Linked<'a> {
    pub artifacts: &'a [Artifact],
    pub names: &'a Names,
    pub outputs: &'a [Output],
}

/// What became of a page.
#[derive(Default)]
pub struct Page {
    pub done: Option<Done>,
    pub diagnostics: Vec<Diagnostic>,
    /// What was decided.
    pub notes: Vec<String>,
    /// Versions of pictures that it names.
    pub versions: Vec<Hole>,
}

pub fn write(
    shop: &Workshop<'_>,
    staging: &Staging<'_>,
    linked: &Linked<'_>,
    config: &Config,
) -> io::Result<Vec<(AssetId, Page)>> {
    let is_page = |id: &AssetId| shop.plan.task(*id).is_some_and(|t| matches!(t.op, Op::Html(_)));
    let pages: Vec<AssetId> = shop.site.ids().filter(is_page).collect();
    shop.observer.stage("pages", pages.len());
    let site = Site::new(shop, linked, config);
    pages.into_par_iter().map(|id| Ok((id, page(shop, staging, linked, &site, id)?))).collect()
}

fn page(shop: &Workshop<'_>, staging: &Staging<'_>, linked: &Linked<'_>, site: &Site, id: AssetId) -> io::Result<Page> {
    let Some(asset) = shop.site.get(id).filter(|_| !shop.observer.cancelled()) else { return Ok(Page::default()) };
    let key = site.key(shop, linked, asset, id);
    let known: Option<Remembered> = key.as_ref().and_then(|key| shop.cache.get(key));
    if let Some(page) = known.map(|known| known.again(shop, staging, asset, id)).transpose()?.flatten() {
        return Ok(page);
    }
    let final_bytes = FinalBytes { shop, outputs: linked.outputs };
    let made = shop.guarded_page(id, || html::page(shop, linked.artifacts, &final_bytes, id));
    let (mut text, mut notes, mut versions) = (None, Vec::new(), Vec::new());
    let (mut diagnostics, mut lasts, mut holds_rules) = (Vec::new(), false, false);
    match made {
        Ok(Some(page)) => {
            lasts = page.diagnostics.is_empty() && page.asked.is_subset(&named(shop, id));
            text = page.body.as_ref().map(|body| linked.names.fill(shop.site, body));
            versions.extend(page.body.iter().flat_map(versions_named));
            diagnostics = page.diagnostics;
            notes = page.notes;
            holds_rules = page.holds_rules;
        }
        Ok(None) => {}
        Err(d) => diagnostics.push(d),
    }
    let changed = text.is_some();
    let data = match text.map_or_else(|| shop.site.read(asset), |t| Ok(t.into_bytes())) {
        Ok(data) => data,
        Err(d) => return Ok(Page { done: None, diagnostics: vec![d], notes, versions }),
    };
    let digest = if changed { Digest::of(&data) } else { asset.digest };
    let sums = match staging.again(&asset.path, &digest) {
        Some(sums) => sums,
        None => {
            staging.write(&asset.path, &data)?;
            let styles = if holds_rules { integrity::of_styles(&data) } else { Vec::new() };
            Sums { styles, ..sums(&asset.path, &data) }
        }
    };
    let source = if changed { shop.cache.put_blob(&data).map(Source::Blob) } else { Some(Source::Input(id)) };
    if let (Some(key), Some(_), true) = (key, source, lasts) {
        let (sums, notes, versions) = (sums.clone(), notes.clone(), versions.clone());
        shop.cache.put(&key, &Remembered { digest, changed, sums, notes, versions });
    }
    Ok(Page { done: Some(done(shop, asset, id, digest, sums, source)), diagnostics, notes, versions })
}

fn done(shop: &Workshop<'_>, asset: &Asset, id: AssetId, digest: Digest, sums: Sums, bytes: Option<Source>) -> Done {
    shop.observer.step(i64::try_from(asset.len).unwrap_or(0) - i64::try_from(sums.len).unwrap_or(0));
    let (path, role) = (asset.path.clone(), Role::Main { fingerprinted: false });
    Done { path, source: id, role, class: CacheClass::Html, digest, sums, bytes }
}

/// A page without anything to complain of.
#[derive(Serialize, Deserialize)]
struct Remembered {
    digest: Digest,
    /// It is not the input's bytes.
    changed: bool,
    sums: Sums,
    notes: Vec<String>,
    versions: Vec<Hole>,
}

impl Remembered {
    /// `None` when its bytes are gone from the cache.
    fn again(self, shop: &Workshop<'_>, staging: &Staging<'_>, asset: &Asset, id: AssetId) -> io::Result<Option<Page>> {
        let digest = self.digest;
        if self.changed && !shop.cache.has_blob(&digest, self.sums.len) {
            return Ok(None);
        }
        if staging.again(&asset.path, &digest).is_none() {
            let data = if self.changed { shop.cache.blob(&digest) } else { shop.site.read(asset).ok() };
            let Some(data) = data else { return Ok(None) };
            staging.write(&asset.path, &data)?;
        }
        let source = if self.changed { Source::Blob(digest) } else { Source::Input(id) };
        let done = Some(done(shop, asset, id, digest, self.sums, Some(source)));
        Ok(Some(Page { done, diagnostics: Vec::new(), notes: self.notes, versions: self.versions }))
    }
}

/// What pages depend on besides themselves and the files that they name.
struct Site {
    /// Settings, the paths of all files, styles in which white space shows.
    all: Digest,
    /// The words of the whole site: rules of `<style>` elements may go by them.
    words: Digest,
    /// What files came to, for `integrity`.
    finals: BTreeMap<AssetId, Digest>,
}

impl Site {
    fn new(shop: &Workshop<'_>, linked: &Linked<'_>, config: &Config) -> Self {
        let mut all = record::key_of("pages").text(&config.identity);
        all = all.options(&shop.graph.deployment);
        for asset in &shop.site.assets {
            all = all.text(asset.path.as_str()).serialize(&asset.kind);
        }
        for node in &shop.graph.nodes {
            if let Summary::Css { box_rules, .. } = &node.summary {
                all = all.serialize(&box_rules.iter().filter(|r| shows_space(r)).collect::<Vec<_>>());
            }
        }
        let mains = linked.outputs.iter().filter(|o| matches!(o.role, Role::Main { .. }));
        let finals = mains.filter_map(|o| Some((o.source, o.bytes.digest(shop.site)?)));
        let has_styles = shop.graph.nodes.iter().any(|n| matches!(&n.summary, Summary::Page(p) if p.has_styles));
        let words = (has_styles || shop.plan.reads_rules()).then(|| shop.graph.used.site_words());
        let words = record::key_of("words").serialize(&words).finish();
        Self { all: all.finish(), words, finals: finals.collect() }
    }

    /// Everything that a page is made from.
    fn key(&self, shop: &Workshop<'_>, linked: &Linked<'_>, asset: &Asset, id: AssetId) -> Option<Digest> {
        let node = shop.graph.node(id)?;
        let (Op::Html(op), Summary::Page(page)) = (&shop.plan.task(id)?.op, &node.summary) else { return None };
        let mut key = record::key_of("page").digest(&self.all);
        key = key.text(asset.path.as_str()).digest(&asset.digest).options(&shop.plan.pages.get(&id));
        key = key.serialize(&(page.csp, shop.plan.lazy.get(&id), shop.plan.backgrounds.get(&id)));
        key = key.serialize(&(op.collapse, op.shake, op.inline_css.is_some(), op.inline_js.is_some()));
        key = key.serialize(&(&op.critical, op.reuse_svg));
        if op.critical.is_some() || op.reuse_svg || op.shake && page.has_styles {
            key = key.digest(&self.words);
        }
        if op.reuse_svg {
            // For their rules and words.
            let read = shop.graph.reachable(&node.edges.iter().map(|e| e.asset).collect::<Vec<_>>());
            key = key.serialize(&read.iter().map(|id| shop.site.get(*id).map(|a| a.digest)).collect::<Vec<_>>());
        }
        for id in named(shop, id) {
            let variants = linked.artifacts.get(id.index()).map(|a| a.variants.as_slice()).unwrap_or_default();
            let variants: Vec<_> =
                variants.iter().map(|v| (v.format, v.width, v.height, v.stored.digest, v.stored.len)).collect();
            let source = shop.site.get(id).map(|a| a.digest);
            key = key.serialize(&linked.artifacts.get(id.index()).map(|a| &a.placeholder));
            key = key.serialize(&(
                id,
                source,
                shop.plan.task(id).map(|t| t.instead),
                shop.plan.may_be_renamed(id),
                self.finals.get(&id),
                variants,
            ));
            key = key.serialize(&(linked.names.files.get(id.index()), linked.names.variants.get(id.index())));
        }
        Some(key.finish())
    }
}

/// The files that a page is known to name. One that turns out to depend on others is not remembered.
fn named(shop: &Workshop<'_>, page: AssetId) -> BTreeSet<AssetId> {
    let Some(node) = shop.graph.node(page) else { return BTreeSet::new() };
    let edges = node.edges.iter().map(|e| e.asset);
    let preloaded = shop.plan.backgrounds.get(&page).copied();
    let critical = shop.plan.task(page).is_some_and(|t| matches!(&t.op, Op::Html(op) if op.critical.is_some()));
    match &node.summary {
        Summary::Page(page) => {
            let images = page.image_targets.iter().flatten().flatten().copied();
            let named = edges.chain(images).chain(page.backgrounds.all.iter().copied()).chain(preloaded);
            let named = named.chain(preloaded.map(|_| shop.graph.reachable(&page.stylesheets)).unwrap_or_default());
            named.chain(if critical { named_by_sheets(shop, &page.stylesheets) } else { BTreeSet::new() }).collect()
        }
        _ => edges.collect(),
    }
}

/// What a page's sheets name, and those that they import: their rules may come with it.
fn named_by_sheets(shop: &Workshop<'_>, sheets: &[AssetId]) -> BTreeSet<AssetId> {
    let all = shop.graph.reachable(sheets);
    let nodes = all.into_iter().filter_map(|id| shop.graph.node(id));
    nodes.flat_map(|n| &n.edges).map(|e| e.asset).collect()
}

struct FinalBytes<'a> {
    shop: &'a Workshop<'a>,
    outputs: &'a [Output],
}

impl html::Integrity for FinalBytes<'_> {
    fn of(&self, asset: AssetId, algorithm: &str) -> Result<Option<String>, Diagnostic> {
        let of_asset = |o: &&Output| o.source == asset && matches!(o.role, Role::Main { .. });
        let Some(output) = self.outputs.iter().find(of_asset) else { return Ok(None) };
        Ok(integrity::value(&bytes(self.shop, &output.bytes)?, algorithm))
    }
}
