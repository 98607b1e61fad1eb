//! The scripts of a site as this stage needs them.

use super::packages::Origins;
use super::pages::{Loading, Page, Step};
use crate::analyze::js::{self, Shapes};
use crate::facts::{Analyst, Facts};
use crate::graph::{AssetGraph, Document, Resolver, Target, source_map_url};
use crate::model::{AssetId, Digest, Kind};
use rayon::prelude::*;
use std::collections::BTreeSet;

pub struct Script {
    pub id: AssetId,
    pub path: String,
    pub digest: Digest,
    pub text: String,
    pub shapes: Shapes,
    pub audience: Audience,
    pub origins: Origins,
}

/// Who loads it. Scripts for different ones have nothing to share.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Pages,
    Workers,
    /// Browsers without modules.
    OldBrowsers,
}

/// In the order of the site. Files that cannot be read or parsed are told of elsewhere.
pub fn read(analyst: &Analyst<'_>, graph: &AssetGraph, pages: &[Page]) -> Vec<Script> {
    let scripts: Vec<AssetId> =
        analyst.site.ids().zip(&analyst.site.assets).filter(|(_, a)| a.kind == Kind::Js).map(|(id, _)| id).collect();
    let workers: BTreeSet<AssetId> = scripts.iter().flat_map(|id| started(analyst, graph, *id)).collect();
    let old = nomodule(pages);
    let one = |id: &AssetId| {
        let asset = analyst.site.get(*id).filter(|a| !(analyst.untouched)(a))?;
        let text = String::from_utf8(analyst.site.read(asset).ok()?).ok()?;
        let shapes = js::shapes(&text).ok()?;
        let audience = match () {
            // As Vite's legacy plugin and others write what stands beside modules.
            () if old.contains(id) || text.contains("System.register(") => Audience::OldBrowsers,
            () if workers.contains(id) || graph.is_service_worker(*id) => Audience::Workers,
            () => Audience::Pages,
        };
        let origins = source_map(analyst, graph, *id, &text).map(|map| Origins::read(&text, &map)).unwrap_or_default();
        Some(Script { id: *id, path: asset.path.to_string(), digest: asset.digest, text, shapes, audience, origins })
    };
    scripts.par_iter().filter_map(one).collect()
}

/// Scripts that pages load with `nomodule` only.
fn nomodule(pages: &[Page]) -> BTreeSet<AssetId> {
    let loaded = |old: bool| -> BTreeSet<AssetId> {
        let of_step = |step: &Step| match step {
            Step::Script(id, loading) if (*loading == Loading::OldBrowsers) == old => *id,
            _ => None,
        };
        pages.iter().flat_map(|page| &page.steps).filter_map(of_step).collect()
    };
    loaded(true).difference(&loaded(false)).copied().collect()
}

/// The workers that a script starts.
fn started(analyst: &Analyst<'_>, graph: &AssetGraph, id: AssetId) -> Vec<AssetId> {
    let (Some(asset), Facts::Js(facts)) = (analyst.site.get(id), analyst.analysis(id).facts) else { return Vec::new() };
    let resolver = Resolver { site: analyst.site, deployment: &graph.deployment };
    let document = Document { path: &asset.path, base: None };
    let urls = facts.workers.iter().filter_map(|at| facts.refs.get(*at));
    let targets = urls.map(|r| resolver.resolve(&document, &r.url, r.kind));
    targets.filter_map(|t| if let Target::Asset(id) = t { Some(id) } else { None }).collect()
}

/// The one that its last comment names or holds.
fn source_map(analyst: &Analyst<'_>, graph: &AssetGraph, id: AssetId, text: &str) -> Option<Vec<u8>> {
    use base64::prelude::{BASE64_STANDARD, Engine};
    if let Some(data) = source_map_url(text)?.strip_prefix("data:") {
        return BASE64_STANDARD.decode(data.split_once(";base64,")?.1).ok();
    }
    let resolver = Resolver { site: analyst.site, deployment: &graph.deployment };
    let map = resolver.source_map(&Document { path: &analyst.site.get(id)?.path, base: None }, text)?;
    analyst.site.read(analyst.site.get(map)?).ok()
}
