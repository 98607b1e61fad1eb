//! A whole build in the cache: when nothing at all has changed, its outputs are put in place again without a look inside.

use super::output::Emitted;
use super::{Clock, Report};
use crate::cache::{Cache, KeyBuilder};
use crate::config::Config;
use crate::emit::placed::Sums;
use crate::emit::staging::{self, MANIFEST, Staging};
use crate::model::{AssetId, Diagnostic, Digest, SitePath};
use crate::scan::Site;
use crate::{emit, execute, facts, layout};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Raised whenever the same input and settings may give other output, but for what a stage has a version of its own for.
const VERSION: u32 = 44;

#[derive(Serialize, Deserialize)]
struct Record {
    files: Vec<(SitePath, Source, Sums)>,
    report: Report,
}

/// Where the bytes of an output can be had again.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Source {
    Input(AssetId),
    Blob(Digest),
}

/// Every file of the input and every setting that can reach a byte of the output, and what was found wrong with the
/// files that could not be taken in: the recorded report speaks of these, too.
pub fn key(site: &Site, found: &[Diagnostic], config: &Config) -> Digest {
    let mut key = key_of("build").text(&config.identity).serialize(&found);
    for asset in &site.assets {
        key = key.text(asset.path.as_str()).serialize(&asset.kind).digest(&asset.digest);
    }
    key.finish()
}

/// The key of something that every stage has had a part in: whoever raises the version of one raises this, too.
pub fn key_of(what: &str) -> KeyBuilder {
    KeyBuilder::new(what, VERSION).serialize(&(facts::VERSION, layout::VERSION, execute::VERSIONS))
}

/// The report of the build whose outputs `out` holds already, not one of them touched since.
pub fn stands(cache: &Cache, key: &Digest, out: &Path) -> Option<Report> {
    let seen: Digest = cache.get(&place(key, out))?;
    if staging::stamp(out)? != seen {
        return None;
    }
    cache.get::<Record>(key).map(Record::replayed)
}

/// After the outputs of `key` have been put in place.
pub fn remember_place(cache: &Cache, key: &Digest, out: &Path) {
    if let Some(stamp) = staging::stamp(out) {
        cache.put(&place(key, out), &stamp);
    }
}

fn place(key: &Digest, out: &Path) -> Digest {
    let out = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    key_of("place").digest(key).bytes(out.as_os_str().as_encoded_bytes()).finish()
}

impl Record {
    fn replayed(self) -> Report {
        Report { cache_hits: self.files.len() as u64, cache_misses: 0, unchanged: true, ..self.report }
    }
}

/// A build that was put in place again.
pub struct Replayed {
    pub report: Report,
    pub files: Vec<(SitePath, Digest, Sums)>,
}

/// Writes the recorded outputs to the staging folder. `None` when anything of it is missing.
pub fn replay(site: &Site, cache: &Cache, key: &Digest, staging: &Staging<'_>, clock: &mut Clock) -> Option<Replayed> {
    let mut record: Record = cache.get(key)?;
    let files = std::mem::take(&mut record.files).into_par_iter().map(|(path, source, sums)| {
        let (digest, asset) = match source {
            Source::Input(id) => site.get(id).map(|a| (a.digest, Some(a)))?,
            Source::Blob(digest) => (digest, None),
        };
        if staging.again(&path, &digest).is_none() {
            let bytes = asset.map_or_else(|| cache.blob(&digest), |a| site.read(a).ok())?;
            staging.write(&path, &bytes).ok()?;
        }
        Some((path, digest, sums))
    });
    let files: Vec<(SitePath, Digest, Sums)> = files.collect::<Option<_>>()?;
    files.iter().for_each(|(path, ..)| staging.keep_time(path));
    clock.lap("write");
    let report = Report { cache_hits: files.len() as u64, ..record.replayed() };
    Some(Replayed { report, files })
}

/// Only a build whose every byte is in the cache is recorded, and none with an error: it is tried again.
pub fn remember(cache: &Cache, key: &Digest, emitted: &Emitted, report: &Report) -> Option<()> {
    if report.has_errors() {
        return None;
    }
    let mut files: Vec<(SitePath, Source, Sums)> = Vec::new();
    for done in &emitted.outputs {
        let source = done.bytes?;
        if let Source::Blob(digest) = source
            && !cache.has_blob(&digest, done.sums.len)
        {
            return None;
        }
        files.push((done.path.clone(), source, done.sums.clone()));
    }
    let manifest = SitePath::new(MANIFEST).map(|p| (p, emitted.manifest.to_json()));
    for (path, text) in emitted.generated.iter().cloned().chain(manifest) {
        let digest = cache.put_blob(text.as_bytes())?;
        files.retain(|(p, ..)| *p != path);
        let sums =
            Sums { len: text.len() as u64, sha256: emit::sha256(text.as_bytes()), integrity: None, styles: Vec::new() };
        files.push((path, Source::Blob(digest), sums));
    }
    cache.put(key, &Record { files, report: report.clone() });
    Some(())
}
