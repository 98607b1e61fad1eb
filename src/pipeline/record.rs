//! A whole build in the cache: when nothing at all has changed, its outputs are put in place again without a look inside.

use super::output::Emitted;
use super::{Clock, Report};
use crate::cache::{Cache, KeyBuilder};
use crate::config::Config;
use crate::emit::staging::{MANIFEST, Staging};
use crate::model::{AssetId, Digest, SitePath};
use crate::scan::Site;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Record {
    files: Vec<(SitePath, Source)>,
    report: Report,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Source {
    Input(AssetId),
    Blob(Digest),
}

/// Every file of the input and every setting that can reach a byte of the output.
pub fn key(site: &Site, config: &Config) -> Digest {
    let mut key = KeyBuilder::new("build", VERSION).text(&config.identity);
    for asset in &site.assets {
        key = key.text(asset.path.as_str()).serialize(&asset.kind).digest(&asset.digest);
    }
    key.finish()
}

/// Writes the recorded outputs to the staging folder. `None`, with the folder emptied, when anything of it is missing.
pub fn replay(site: &Site, cache: &Cache, key: &Digest, staging: &Staging, clock: &mut Clock) -> Option<Report> {
    let record: Record = cache.get(key)?;
    let whole = record.files.par_iter().all(|(path, source)| {
        let bytes = match source {
            Source::Input(id) => site.get(*id).and_then(|a| site.read(a).ok()),
            Source::Blob(digest) => cache.blob(digest),
        };
        bytes.is_some_and(|b| staging.write(path, &b).is_ok())
    });
    if !whole {
        return None;
    }
    record.files.iter().for_each(|(path, _)| staging.keep_time(path));
    clock.lap("write");
    Some(Report { cache_hits: record.files.len() as u64, cache_misses: 0, unchanged: true, ..record.report })
}

/// Only a build whose every byte is in the cache is recorded, and none with an error: it is tried again.
pub fn remember(site: &Site, cache: &Cache, key: &Digest, emitted: &Emitted, report: &Report) {
    if report.has_errors() {
        return;
    }
    let mut files: Vec<(SitePath, Source)> = Vec::new();
    for done in &emitted.outputs {
        let same = site.get(done.source).is_some_and(|a| a.len == done.len);
        let source = match done.blob {
            Some(digest) if cache.has_blob(&digest, done.len) => Source::Blob(digest),
            None if same => Source::Input(done.source),
            _ => return,
        };
        files.push((done.path.clone(), source));
    }
    let manifest = SitePath::new(MANIFEST).map(|p| (p, emitted.manifest.to_json()));
    for (path, text) in emitted.generated.iter().cloned().chain(manifest) {
        let Some(digest) = cache.put_blob(text.as_bytes()) else { return };
        files.retain(|(p, _)| *p != path);
        files.push((path, Source::Blob(digest)));
    }
    cache.put(key, &Record { files, report: report.clone() });
}
