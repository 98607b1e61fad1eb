//! What a build did, for people and for `--json`.

use super::output::Emitted;
use crate::analyze::shake;
use crate::execute::{Artifact, Workshop};
use crate::graph::AssetGraph;
use crate::link::{Names, Output, Role};
use crate::model::{Asset, AssetId, Diagnostic, Kind, Severity};
use crate::plan::{Delivery, Markup, Naming, Picture, Plan, Ratio, modules};
use crate::scan::Site;
use crate::waste::Waste;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub base: String,
    /// By kind of file: `images`, `scripts` …
    pub kinds: BTreeMap<String, KindTotals>,
    pub files: Vec<FileReport>,
    pub diagnostics: Vec<Diagnostic>,
    pub stages: Vec<StageTime>,
    /// How often lossy image encoders ran for what is written, now or when the cache was filled, and the files of it.
    pub encodes: u64,
    pub lossy_images: u64,
    /// Pictures encoded cheaply until they are encoded as the configuration says.
    pub drafts: u64,
    pub cache_hits: u64,
    pub cache_misses: u64,
    pub cache_warning: Option<String>,
    /// Nothing had changed since a recorded build.
    pub unchanged: bool,
    /// Of `kiln plan`: what the site ships in vain.
    pub waste: Option<Waste>,
}

/// Bytes on disk. `after` counts each file once, as pages refer to it; what is added beside it is in `extra`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindTotals {
    pub files: u64,
    pub before: u64,
    pub after: u64,
    /// Modern versions, old names and source maps.
    pub extra: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FileReport {
    pub path: String,
    /// The name in the output.
    pub output: String,
    pub before: u64,
    pub after: u64,
    /// Every decision, in order.
    pub decisions: Vec<String>,
    /// Rules of a sheet that nothing on the site can match.
    pub dropped: Vec<DroppedRule>,
    /// What a module loses.
    pub shaken: Option<ShakenModule>,
    /// Files that refer to it.
    pub referred_by: Vec<String>,
}

/// Of a module: what nothing on the site needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ShakenModule {
    pub bytes: u64,
    /// Top-level statements, and how many it had.
    pub statements: u64,
    pub of: u64,
    pub exports: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DroppedRule {
    pub rule: String,
    /// Where it stands, or the rule whose selector it is.
    pub line: u32,
    pub column: u32,
    pub reason: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StageTime {
    pub name: String,
    pub seconds: f64,
}

impl Report {
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}

pub fn report(shop: &Workshop<'_>, emitted: &Emitted, diagnostics: Vec<Diagnostic>) -> Report {
    let mut report = Report { diagnostics, ..Report::default() };
    tidy(&mut report.diagnostics);
    for d in &emitted.outputs {
        let Some(asset) = shop.site.get(d.source) else { continue };
        // A map that was composed anew stands where the author's stood.
        let (kind, before) = match d.role {
            Role::Main { .. } => (asset.kind, Some(asset.len)),
            Role::SourceMap => {
                let old = shop.site.find(&d.path).and_then(|id| shop.site.get(id));
                (Kind::SourceMap, Some(old.map_or(0, |a| a.len)))
            }
            _ => (asset.kind, None),
        };
        let totals = report.kinds.entry(kind_name(kind).into()).or_default();
        if let Some(before) = before {
            totals.files += 1;
            totals.before += before;
            totals.after += d.sums.len;
        } else {
            totals.extra += d.sums.len;
        }
    }
    report.encodes = emitted.artifacts.iter().map(|a| u64::from(a.encodes)).sum();
    report.lossy_images = emitted.artifacts.iter().map(|a| u64::from(a.lossy_files)).sum();
    let mains = emitted.outputs.iter().filter(|d| matches!(d.role, Role::Main { .. }));
    for d in mains {
        if let Some(asset) = shop.site.get(d.source) {
            let mut file = file(shop.site, shop.graph, shop.plan, d.source, asset);
            file.output = d.path.to_string();
            file.after = d.sums.len;
            file.decisions.extend(emitted.artifacts.get(d.source.index()).into_iter().flat_map(|a| a.notes.clone()));
            file.decisions.extend(emitted.notes.get(&d.source).cloned().unwrap_or_default());
            report.files.push(file);
        }
    }
    report.files.sort_by(|a, b| a.path.cmp(&b.path));
    report
}

/// What would be tried, before anything is.
pub fn planned(site: &Site, graph: &AssetGraph, plan: &Plan, mut diagnostics: Vec<Diagnostic>) -> Report {
    tidy(&mut diagnostics);
    let mut report = Report { diagnostics, base: graph.deployment.base.clone(), ..Report::default() };
    for (id, asset) in site.ids().zip(&site.assets) {
        let totals = report.kinds.entry(kind_name(asset.kind).into()).or_default();
        totals.files += 1;
        totals.before += asset.len;
        let mut file = file(site, graph, plan, id, asset);
        file.decisions.extend(plan.pages.get(&id).into_iter().flatten().enumerate().map(|(i, d)| picture(i, d)));
        let waits = |n: &usize| format!("frame or video {}: lazy, on the first screen of no viewport", n + 1);
        file.decisions.extend(plan.lazy.get(&id).into_iter().flatten().map(waits));
        report.files.push(file);
    }
    report
}

pub fn explained(
    shop: &Workshop<'_>,
    artifacts: &[Artifact],
    names: &Names,
    linked: &[Output],
    diagnostics: Vec<Diagnostic>,
) -> Report {
    let mut report = planned(shop.site, shop.graph, shop.plan, diagnostics);
    report.diagnostics.extend(artifacts.iter().flat_map(|a| a.diagnostics.iter().cloned()));
    tidy(&mut report.diagnostics);
    for (id, file) in shop.site.ids().zip(&mut report.files) {
        let Some(artifact) = artifacts.get(id.index()) else { continue };
        file.decisions.extend(artifact.notes.iter().cloned());
        // The rules are in the sheet still.
        if artifact.diagnostics.iter().any(|d| d.code == "shake") {
            file.dropped.clear();
        }
        if let Some(name) = names.files.get(id.index()) {
            file.output = name.to_string();
        }
        let versions = names.variants.get(id.index()).into_iter().flatten();
        file.decisions.extend(versions.map(|v| format!("also written: {v}")));
    }
    for output in linked.iter().filter(|o| matches!(o.role, Role::Main { .. })) {
        if let (Some(file), Some(len)) = (report.files.get_mut(output.source.index()), output.bytes.len(shop.site)) {
            file.after = len;
        }
    }
    report
}

fn file(site: &Site, graph: &AssetGraph, plan: &Plan, id: AssetId, asset: &Asset) -> FileReport {
    let task = plan.task(id);
    let node = graph.node(id);
    let mut referred_by: Vec<String> = node
        .map(|n| &n.incoming)
        .into_iter()
        .flatten()
        .filter_map(|e| site.get(e.asset))
        .map(|a| a.path.to_string())
        .collect();
    referred_by.dedup();
    FileReport {
        path: asset.path.to_string(),
        output: match task.map(|t| &t.naming) {
            Some(Naming::Fingerprint) => asset
                .path
                .with_file_name(&format!("{}.<hash>.{}", asset.path.stem(), asset.path.extension()))
                .to_string(),
            _ => asset.path.to_string(),
        },
        before: asset.len,
        after: asset.len,
        decisions: task.map(|t| t.decisions.clone()).unwrap_or_default(),
        referred_by,
        shaken: plan.shaken.cut(id).filter(|c| c.bytes > 0).map(shaken),
        dropped: plan.cuts.of(id).and_then(|c| c.as_ref().ok()).into_iter().flatten().map(dropped).collect(),
    }
}

fn shaken(cut: &modules::Cut) -> ShakenModule {
    ShakenModule {
        bytes: cut.bytes as u64,
        statements: cut.statements as u64,
        of: cut.of_statements as u64,
        exports: cut.exports.clone(),
    }
}

fn dropped(d: &shake::Dropped) -> DroppedRule {
    DroppedRule { rule: d.rule.clone(), line: d.line, column: d.column, reason: d.reason.clone() }
}

fn picture(index: usize, picture: &Picture) -> String {
    let what = match &picture.delivery {
        Delivery::Leave(why) => format!("left as it is: {why}"),
        Delivery::SameCandidates => "each of its candidates offered as AVIF and WebP".into(),
        Delivery::Elsewhere { widths, sizes, .. } => {
            format!("named in widths of {widths:?} px, sizes \"{}\"", sizes.as_deref().unwrap_or_default())
        }
        Delivery::Single { widths, sizes, ratio, markup, .. } => {
            let sizes = sizes.as_ref().map(|s| format!(", sizes \"{s}\"")).unwrap_or_default();
            let held = match ratio {
                Ratio::Hold(w, h) => format!(", the ratio {w}/{h} held by a style"),
                Ratio::Exact | Ratio::MayHold => String::new(),
            };
            match markup {
                Markup::Attributes(why) if widths.len() < 2 => format!("left as it is: {why}"),
                Markup::Picture => {
                    let few = if widths.len() > 1 { ", as WebP at some of them" } else { "" };
                    format!("offered in modern formats at {widths:?} px{few}{sizes}{held}")
                }
                Markup::Attributes(why) => format!("offered in its own format at {widths:?} px{sizes}{held}: {why}"),
            }
        }
    };
    let size = picture.size.map(|(w, h)| format!(", width and height filled in ({w}×{h})")).unwrap_or_default();
    let behind = if picture.placeholder.is_some() { ", a placeholder behind it until it has come" } else { "" };
    let reasons: String = picture.reasons.iter().map(|r| format!("; {r}")).collect();
    format!("image {}: {what}{size}{behind}{reasons}", index + 1)
}

fn tidy(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort();
    diagnostics.dedup();
}

pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Html => "pages",
        Kind::Css => "styles",
        Kind::Js => "scripts",
        Kind::Svg | Kind::Image(_) => "images",
        Kind::Font => "fonts",
        Kind::Json | Kind::WebManifest | Kind::Xml | Kind::Text => "data",
        Kind::SourceMap => "source maps",
        Kind::Media => "media",
        Kind::Wasm | Kind::Other => "other",
    }
}
