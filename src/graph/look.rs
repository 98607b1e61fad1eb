//! What one file says of others: references resolved, names mentioned, pins.

use super::dangling::{dangling, is_sure};
use super::mentions::Mentions;
use super::places::{Doubtful, is_string};
use super::{Backgrounds, Document, Edge, Page, PinCause, Resolver, Summary, Target, foreign, image_urls, names};
use crate::analyze::{html, js, shake};
use crate::facts::{Analyst, Facts};
use crate::model::{AssetId, Diagnostic, Kind, RefKind};
use crate::syntax::integrity;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What one file says.
pub struct Found {
    pub edges: Vec<Edge>,
    pub pins: Vec<(AssetId, PinCause)>,
    pub reads: js::Reads,
    pub summary: Summary,
    pub diagnostics: Vec<Diagnostic>,
    pub missing: Vec<(String, Diagnostic)>,
    pub resolved: usize,
    /// Scripts of other origins.
    pub foreign: Vec<String>,
    /// Sheets of other origins with more than fonts.
    pub foreign_sheets: Vec<String>,
    /// Integrity values in text that is not rewritten.
    pub hashes: Vec<String>,
    /// Of a script file.
    pub doubtful: Vec<Doubtful>,
    /// Root-absolute references outside of the base.
    pub outside: usize,
}

pub fn look(
    analyst: &Analyst<'_>,
    resolver: &Resolver<'_>,
    mentions: &Mentions,
    twins: &BTreeSet<&str>,
    evidence: &Mutex<shake::Collector>,
    id: AssetId,
) -> Found {
    let (analysis, text) = analyst.read(id);
    collect(evidence, analysis.evidence);
    let mut found = Found {
        edges: Vec::new(),
        pins: Vec::new(),
        reads: js::Reads::default(),
        summary: Summary::Nothing,
        diagnostics: analysis.diagnostics,
        missing: Vec::new(),
        resolved: 0,
        hashes: Vec::new(),
        outside: 0,
        doubtful: Vec::new(),
        foreign: Vec::new(),
        foreign_sheets: Vec::new(),
    };
    let Some(asset) = resolver.site.get(id) else { return found };
    let code = text.as_deref().filter(|_| matches!(asset.kind, Kind::Js | Kind::Html));
    found.reads = analysis.facts.reads(code);
    let base = match &analysis.facts {
        Facts::Html(f) => f.base.clone(),
        _ => None,
    };
    let prose = match &analysis.facts {
        Facts::Js(f) => f.prose.as_slice(),
        _ => &[],
    };
    let document = Document { path: &asset.path, base: base.as_deref() };
    let mut known = Vec::new();
    for r in analysis.facts.refs() {
        match resolver.resolve(&document, &r.url, r.kind) {
            Target::Asset(target) => {
                found.resolved += 1;
                match pin_of(r.kind) {
                    Some(cause) => found.pins.push((target, cause)),
                    None => found.edges.push(Edge { asset: target, kind: r.kind }),
                }
                known.push(r.range.clone());
                let twin = || resolver.site.get(target).is_some_and(|a| twins.contains(a.path.file_name()));
                if asset.kind == Kind::Js && is_string(r.kind) && twin() {
                    found.doubtful.push(Doubtful { by: id, target, url: r.url.clone(), kind: r.kind });
                }
            }
            Target::Missing if is_sure(r.kind) => {
                found.missing.push((r.url.clone(), dangling(asset, text.as_deref(), r)))
            }
            Target::External if is_script(r.kind) && r.url.contains("//") && !foreign::only_counts(&r.url) => {
                found.foreign.push(r.url.clone());
            }
            Target::External
                if matches!(r.kind, RefKind::Stylesheet | RefKind::CssImport)
                    && r.url.contains("//")
                    && !foreign::styles_no_pictures(&r.url) =>
            {
                found.foreign_sheets.push(r.url.clone());
            }
            Target::External if r.url.starts_with('/') && !r.url.starts_with("//") => found.outside += 1,
            _ => {}
        }
    }
    let external = |url: &&String| matches!(resolver.resolve(&document, url, RefKind::JsString), Target::External);
    let loads = analysis.facts.loads().iter().filter(|url| !foreign::only_counts(url)).filter(external);
    found.foreign.extend(loads.cloned());
    found.edges.sort_unstable();
    found.edges.dedup();
    if let Some(text) = text.as_deref().filter(|_| asset.kind != Kind::SourceMap) {
        // A script names itself in its licence or its source map's address; that is no loader's business.
        let (named, noted) = mentions.find(text, &known, prose);
        found.pins.extend(named.into_iter().filter(|m| *m != id).map(|m| (m, PinCause::Mentioned)));
        found.pins.extend(noted.into_iter().filter(|m| *m != id).map(|m| (m, PinCause::Prose)));
        found.hashes = std::str::from_utf8(text).map(integrity::mentioned).unwrap_or_default();
    }
    if names::is_service_worker(&asset.path) {
        found.pins.push((id, PinCause::ServiceWorker));
    }
    found.pins.sort_unstable();
    found.pins.dedup();
    found.summary = summary(analysis.facts, analysis.rules, &found.edges, |url| {
        match resolver.resolve(&document, url, RefKind::Image) {
            Target::Asset(id) => Some(id),
            _ => None,
        }
    });
    found
}

fn collect(all: &Mutex<shake::Collector>, evidence: shake::Evidence) {
    all.lock().unwrap_or_else(PoisonError::into_inner).add(evidence);
}

fn is_script(kind: RefKind) -> bool {
    matches!(kind, RefKind::ClassicScript | RefKind::ModuleScript | RefKind::Worker | RefKind::ModuleWorker)
}

fn pin_of(kind: RefKind) -> Option<PinCause> {
    match kind {
        RefKind::FormatLocked => Some(PinCause::FormatLocked),
        RefKind::Link => Some(PinCause::Linked),
        RefKind::ServiceWorker => Some(PinCause::ServiceWorker),
        _ => None,
    }
}

fn summary(
    facts: Facts,
    rules: Option<Box<shake::Sheet>>,
    edges: &[Edge],
    resolve: impl Fn(&str) -> Option<AssetId>,
) -> Summary {
    let of = |kinds: &[RefKind]| edges.iter().filter(|e| kinds.contains(&e.kind)).map(|e| e.asset).collect::<Vec<_>>();
    match facts {
        Facts::Html(f) => Summary::Page(Box::new(Page {
            base: f.base,
            fragment: f.fragment,
            has_styles: f.inline.iter().any(|i| i.kind == html::InlineKind::Style),
            backgrounds: Backgrounds::of_page(&f.css, &resolve),
            image_targets: f.images.iter().map(|i| image_urls(i).map(&resolve).collect()).collect(),
            images: f.images,
            embed_targets: f.embeds.iter().map(|e| resolve(&e.url)).collect(),
            embeds: f.embeds,
            hydration: f.hydration,
            names: f.names,
            csp: f.csp,
            policy: f.policy,
            css: f.css,
            scripts: f.scripts,
            named_sheets: f.named_sheets.into_iter().filter_map(|(url, names)| Some((resolve(&url)?, names))).collect(),
            always: f.always.iter().filter_map(|url| resolve(url)).collect(),
            media: f.media.into_iter().filter_map(|(url, when)| Some((resolve(&url)?, when))).collect(),
            stylesheets: of(&[RefKind::Stylesheet, RefKind::CssImport]),
            script_files: of(&[RefKind::ClassicScript, RefKind::ModuleScript, RefKind::Worker, RefKind::ModuleWorker]),
        })),
        Facts::Css(f) => Summary::Css {
            backgrounds: Backgrounds::of_sheet(&f, &resolve),
            rules: rules.unwrap_or_default(),
            box_rules: f.box_rules,
            sizings: f.sizings,
            keyframes: f.keyframes,
            styles_pictures: f.styles_pictures,
            attributes: f.attributes,
            place_hazards: f.place_hazards,
        },
        Facts::Js(f) => Summary::Js(Box::new(js::JsFacts { refs: Vec::new(), prose: Vec::new(), ..f })),
        Facts::Image(info) => Summary::Image(info),
        Facts::Svg(_) => Summary::Svg,
        Facts::Opaque => Summary::Opaque,
        Facts::Nothing => Summary::Nothing,
    }
}
