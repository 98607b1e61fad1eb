//! Writes every output once its bytes are known: linked files, then pages, each made and let go.

use super::record::Source;
use super::{Clock, Made};
use super::{pages, precache};
use crate::config::{Config, KeepOriginals};
use crate::emit::manifest::{Entry, Manifest, VariantEntry, mime};
use crate::emit::placed::Sums;
use crate::emit::staging::Staging;
use crate::emit::{self, Written};
use crate::execute::{Artifact, Content, Hole, Workshop, execute, versions_named};
use crate::graph::Summary;
use crate::graph::names::is_angular_manifest;
use crate::link::{self, Bytes, KeepOldName, Output, Role};
use crate::model::{Asset, AssetId, CacheClass, Diagnostic, Digest, Kind, Severity, SitePath};
use crate::plan::{Naming, is_metadata};
use crate::transform::image::Loss;
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

pub struct Emitted {
    pub outputs: Vec<Done>,
    pub generated: Vec<(SitePath, String)>,
    pub manifest: Manifest,
    pub diagnostics: Vec<Diagnostic>,
    pub artifacts: Vec<Artifact>,
    pub notes: BTreeMap<AssetId, Vec<String>>,
}

/// One file in the staging folder.
pub struct Done {
    pub path: SitePath,
    pub source: AssetId,
    pub role: Role,
    pub class: CacheClass,
    pub digest: Digest,
    pub sums: Sums,
    /// `None` when they could not be kept.
    pub bytes: Option<Source>,
}

impl Emitted {
    pub fn paths(&self) -> impl Iterator<Item = &SitePath> {
        self.outputs.iter().map(|d| &d.path).chain(self.generated.iter().map(|g| &g.0))
    }
}

impl KeepOldName for KeepOriginals {
    fn keeps(&self, naming: &Naming) -> bool {
        match self {
            Self::All => true,
            Self::Unhashed => !matches!(naming, Naming::Bundled { .. }),
            Self::None => false,
        }
    }
}

pub fn write(
    shop: &Workshop<'_>,
    made: &Made<'_>,
    config: &Config,
    staging: &Staging<'_>,
    clock: &mut Clock,
) -> io::Result<Emitted> {
    let artifacts = execute(shop);
    clock.lap("transform");
    let names = link::names(shop.site, shop.plan, &artifacts);
    let linked = link::link(shop.site, shop.plan, &artifacts, &names, &config.keep_originals);
    clock.lap("link");
    let mut diagnostics: Vec<Diagnostic> = artifacts.iter().flat_map(|a| a.diagnostics.iter().cloned()).collect();
    let mut outputs = Vec::with_capacity(linked.len());
    let mut notes = BTreeMap::new();
    let mut named: BTreeSet<Hole> = artifacts.iter().flat_map(named_by).collect();
    let parts = pages::Linked { artifacts: &artifacts, names: &names, outputs: &linked };
    for (id, page) in pages::write(shop, staging, &parts, config)? {
        outputs.extend(page.done);
        named.extend(page.versions);
        diagnostics.extend(page.diagnostics);
        notes.insert(id, page.notes);
    }
    clock.lap("pages");
    let wanted: Vec<&Output> = linked
        .iter()
        .filter(|o| match o.role {
            // Nothing could choose a version that no text names.
            Role::Variant(i) => named.contains(&Hole { asset: o.source, variant: Some(i) }),
            _ => true,
        })
        .collect();
    let by_angular = |o: &&Output| is_angular_manifest(&o.path);
    let (manifests, others): (Vec<&Output>, Vec<&Output>) = wanted.into_iter().partition(by_angular);
    let (workers, others): (Vec<&Output>, Vec<&Output>) =
        others.into_iter().partition(|o| shop.graph.is_service_worker(o.source));
    let written: Vec<(Option<Done>, Option<Diagnostic>)> =
        others.into_par_iter().map(|o| one(shop, staging, o, None)).collect::<io::Result<_>>()?;
    for (done, trouble) in written {
        outputs.extend(done);
        diagnostics.extend(trouble);
    }
    let base = &made.graph.deployment.base;
    diagnostics.extend(manifests.iter().filter_map(|o| stranger(shop, &outputs, o, base)));
    // The manifest holds the workers' hashes, too.
    for group in [workers, manifests] {
        let changed = changed(shop, &outputs);
        let mut last = Vec::new();
        for output in group {
            let unread = RefCell::new(None);
            let read = |path: &SitePath| staging.read(path).map_err(|e| _ = unread.replace(Some(e))).ok();
            let refreshed = |text: &str| match by_angular(&output) {
                true => precache::rehash(text, &output.path, base, &changed.keys().copied().collect(), &read),
                false => precache::refresh(text, &output.path, base, &changed),
            };
            let (done, trouble) = one(shop, staging, output, Some(&refreshed))?;
            if let Some(unread) = unread.take() {
                return Err(unread);
            }
            last.extend(done);
            diagnostics.extend(trouble);
        }
        outputs.extend(last);
    }
    outputs.sort_by(|a, b| a.path.cmp(&b.path));
    let for_headers: Vec<Written> = outputs.iter().map(|d| Written { path: d.path.clone(), class: d.class }).collect();
    let users = |path: &SitePath| {
        shop.site.get(shop.site.find(path)?).and_then(|a| String::from_utf8(shop.site.read(a).ok()?).ok())
    };
    let (generated, found) = emit::host_files(config, &made.graph.deployment.base, &for_headers, &users);
    diagnostics.extend(found);
    let manifest = manifest(shop, &made.graph.deployment.base, &outputs, &artifacts, &generated);
    for (path, text) in &generated {
        staging.write(path, text.as_bytes())?;
    }
    if let Some(path) = SitePath::new(crate::emit::staging::MANIFEST) {
        staging.write(&path, manifest.to_json().as_bytes())?;
    }
    clock.lap("write");
    Ok(Emitted { outputs, generated, manifest, diagnostics, artifacts, notes })
}

pub(super) fn bytes(shop: &Workshop<'_>, bytes: &Bytes) -> Result<Vec<u8>, Diagnostic> {
    match bytes {
        Bytes::Text(text) => Ok(text.clone().into_bytes()),
        Bytes::Input(id) => match shop.site.get(*id) {
            Some(asset) => shop.site.read(asset),
            None => Ok(Vec::new()),
        },
        Bytes::Stored(s) => match &s.memory {
            Some(memory) => Ok(memory.to_vec()),
            None => shop.cache.blob(&s.digest).ok_or_else(|| {
                Diagnostic::new(
                    Severity::Error,
                    "cache",
                    s.digest.hex(),
                    "a result vanished from the cache during the build",
                )
                .help("run kiln again, or with --no-cache")
            }),
        },
    }
}

/// A warning of an `ngsw.json` that cannot follow what has become of the files.
fn stranger(shop: &Workshop<'_>, outputs: &[Done], manifest: &Output, base: &str) -> Option<Diagnostic> {
    let text = String::from_utf8(bytes(shop, &manifest.bytes).ok()?).ok()?;
    let written: BTreeSet<&SitePath> = outputs.iter().map(|d| &d.path).collect();
    let exists = |path: &SitePath| written.contains(path) || shop.site.find(path).is_some();
    let url = precache::stranger(&text, &manifest.path, base, &exists)?;
    let message = format!("`{url}` leads to no file of the site, so that its hash cannot follow the file");
    let help = "Angular's service worker takes no file with another hash: say where the site is served with --base-url";
    Some(Diagnostic::new(Severity::Warning, "precache", manifest.path.as_str(), message).help(help))
}

/// SHA-256 of the files that are not what the input has under their path.
fn changed<'a>(shop: &Workshop<'_>, outputs: &'a [Done]) -> BTreeMap<&'a SitePath, &'a str> {
    let kept = |d: &Done| match d.bytes {
        Some(Source::Input(id)) => shop.site.get(id).is_some_and(|a| a.path == d.path && !shop.site.is_held(&a.path)),
        _ => false,
    };
    outputs.iter().filter(|d| !kept(d)).map(|d| (&d.path, d.sums.sha256.as_str())).collect()
}

/// Other text for an output, if it needs any.
type LastTouch<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Writes one output. `last_touch` may have other text for it.
fn one(
    shop: &Workshop<'_>,
    staging: &Staging<'_>,
    output: &Output,
    last_touch: Option<LastTouch<'_>>,
) -> io::Result<(Option<Done>, Option<Diagnostic>)> {
    let Some(asset) = shop.site.get(output.source).filter(|_| !shop.observer.cancelled()) else {
        return Ok((None, None));
    };
    let class = class(shop, asset, output);
    let done = |digest, sums, bytes| {
        let path = output.path.clone();
        Done { path, source: output.source, role: output.role, class, digest, sums, bytes }
    };
    let (digest, source) = match &output.bytes {
        Bytes::Input(id) => (shop.site.get(*id).map(|a| a.digest), Some(Source::Input(*id))),
        Bytes::Stored(s) => (Some(s.digest), Some(Source::Blob(s.digest))),
        Bytes::Text(text) => {
            (Some(Digest::of(text.as_bytes())), shop.cache.put_blob(text.as_bytes()).map(Source::Blob))
        }
    };
    if let (None, Some(digest)) = (last_touch, digest)
        && let Some(sums) = staging.again(&output.path, &digest)
    {
        return Ok((Some(done(digest, sums, source)), None));
    }
    let data = match bytes(shop, &output.bytes) {
        Ok(data) => data,
        // A picture that cannot be had again must not leave a hole behind: nothing is replaced then.
        Err(d) if matches!(output.bytes, Bytes::Stored(_)) => return Err(io::Error::other(d.to_string())),
        Err(d) => return Ok((None, Some(d))),
    };
    let touched = last_touch.and_then(|touch| touch(std::str::from_utf8(&data).ok()?)).map(String::into_bytes);
    let source = touched.as_ref().map_or(source, |t| shop.cache.put_blob(t).map(Source::Blob));
    let digest = touched.as_deref().map(Digest::of).or(digest).unwrap_or_else(|| Digest::of(&data));
    let data = touched.unwrap_or(data);
    staging.write(&output.path, &data)?;
    Ok((Some(done(digest, sums(&output.path, &data), source)), None))
}

pub(super) fn sums(path: &SitePath, data: &[u8]) -> Sums {
    let code = matches!(path.extension(), "js" | "mjs" | "css");
    let integrity = code.then(|| crate::syntax::integrity::value(data, "sha384")).flatten();
    Sums { len: data.len() as u64, sha256: emit::sha256(data), integrity, styles: Vec::new() }
}

fn named_by(artifact: &Artifact) -> Vec<Hole> {
    match &artifact.content {
        Content::Text { body, .. } => versions_named(body).collect(),
        _ => Vec::new(),
    }
}

/// delivery: what is known of a file's name decides how long it may be kept.
fn class(shop: &Workshop<'_>, asset: &Asset, output: &Output) -> CacheClass {
    match output.role {
        Role::SourceMap => CacheClass::SourceMap,
        Role::Variant(_) | Role::Main { fingerprinted: true } => CacheClass::Fingerprinted,
        _ if shop.graph.is_service_worker(output.source) => CacheClass::ServiceWorker,
        _ if is_metadata(asset) => CacheClass::Metadata,
        _ => match asset.kind {
            Kind::Html => CacheClass::Html,
            Kind::Image(_) | Kind::Svg | Kind::Media => CacheClass::PlainImage,
            Kind::Font => CacheClass::PlainFont,
            Kind::SourceMap => CacheClass::SourceMap,
            _ => CacheClass::Plain,
        },
    }
}

fn manifest(
    shop: &Workshop<'_>,
    base: &str,
    outputs: &[Done],
    artifacts: &[Artifact],
    generated: &[(SitePath, String)],
) -> Manifest {
    let mains = outputs.iter().filter(|d| matches!(d.role, Role::Main { .. }));
    let finals: BTreeMap<AssetId, &SitePath> = mains.clone().map(|d| (d.source, &d.path)).collect();
    let mut files: BTreeMap<String, Entry> = BTreeMap::new();
    for d in mains {
        let (Some(asset), Some(node)) = (shop.site.get(d.source), shop.graph.node(d.source)) else { continue };
        let size = match &node.summary {
            Summary::Image(info) => Some((info.width, info.height)),
            _ => None,
        };
        let by = node.incoming.iter().map(|e| e.asset).chain(node.pins.iter().map(|p| p.by));
        let mut refs: Vec<String> = by.filter_map(|id| finals.get(&id)).map(ToString::to_string).collect();
        refs.sort_unstable();
        refs.dedup();
        let entry = Entry {
            url: d.path.to_string(),
            bytes: d.sums.len,
            sha256: d.sums.sha256.clone(),
            integrity: d.sums.integrity.clone(),
            styles: d.sums.styles.clone(),
            mime: mime(&d.path).into(),
            class: d.class,
            w: size.map(|s| s.0),
            h: size.map(|s| s.1),
            variants: Vec::new(),
            refs,
            also: Vec::new(),
            map: None,
            source: asset.digest.hex(),
        };
        files.insert(asset.path.to_string(), entry);
    }
    for d in outputs {
        let Some(entry) = shop.site.get(d.source).and_then(|a| files.get_mut(a.path.as_str())) else { continue };
        match d.role {
            Role::Main { .. } => {}
            Role::OldName => entry.also.push(d.path.to_string()),
            Role::SourceMap => entry.map = Some(d.path.to_string()),
            Role::Variant(i) => {
                let Some(v) = artifacts.get(d.source.index()).and_then(|a| a.variants.get(i as usize)) else {
                    continue;
                };
                entry.variants.push(VariantEntry {
                    url: d.path.to_string(),
                    mime: v.format.mime().into(),
                    w: v.width,
                    h: v.height,
                    bytes: d.sums.len,
                    score: match v.loss {
                        Loss::None => Some(100.0),
                        Loss::Score(score) => Some((score * 10.0).floor() / 10.0),
                        Loss::Unknown => None,
                    },
                });
            }
        }
    }
    Manifest::new(base.to_owned(), files, generated.iter().map(|g| g.0.to_string()).collect())
}
