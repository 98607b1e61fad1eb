//! Pictures: one operation makes all versions of one file.

use super::budget::Budget;
use super::{Artifact, Content, Stored, Variant, Workshop};
use crate::cache::KeyBuilder;
use crate::graph::Summary;
use crate::model::{Asset, AssetId, Diagnostic, Digest, ImageFormat, Severity};
use crate::plan::Op;
use crate::transform::image::{self, ImageError, ImageOp, ImageOutput, Loss};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

/// Raised whenever the same operation gives other bytes.
pub const VERSION: u32 = 10;

#[derive(Serialize, Deserialize)]
struct Entry {
    recompressed: Option<(Digest, u64)>,
    variants: Vec<Remembered>,
    placeholder: Option<String>,
    encodes: u32,
    lossy_files: u32,
    notes: Vec<String>,
    diagnostics: Vec<Diagnostic>,
}

/// A variant, by where its bytes are.
#[derive(Serialize, Deserialize)]
struct Remembered {
    format: ImageFormat,
    width: u32,
    height: u32,
    loss: Loss,
    digest: Digest,
    len: u64,
}

/// What becomes of each of the `pictures`; the first take longest.
pub fn artifacts(shop: &Workshop<'_>, pictures: Vec<AssetId>) -> Vec<(AssetId, Artifact)> {
    let budget = Budget::new(shop.memory_bytes);
    let started: Vec<(AssetId, Start<'_>)> =
        pictures.into_par_iter().filter_map(|id| Some((id, start(shop, id)?))).collect();
    let jobs = started.iter().filter_map(|(id, start)| match start {
        Start::Known(_) => None,
        Start::Job(job) => Some((*id, job)),
    });
    // A picture's parts are done one after another or at once: what they make is not kept for long.
    let parts = jobs.flat_map(|(id, job)| job.parts.iter().enumerate().map(move |(n, op)| (id, job, n, op)));
    // Of a build that is given up, the rest stays as it is and goes nowhere.
    let wanted = |_: &(AssetId, &Job<'_>, usize, &ImageOp)| !shop.observer.cancelled();
    let made = parts.par_bridge().filter(wanted).filter_map(|(id, job, n, op)| {
        let all = job.with(n, part(shop, &budget, id, job.asset, op))?;
        let artifact = joined(shop, job, all);
        told(shop, job.asset, &artifact);
        Some((id, artifact))
    });
    let mut done: Vec<(AssetId, Artifact)> = made.collect();
    done.extend(started.into_iter().filter_map(|(id, start)| match start {
        Start::Known(artifact) => Some((id, *artifact)),
        Start::Job(_) => None,
    }));
    for (id, artifact) in &mut done {
        artifact.width = match shop.graph.node(*id).map(|n| &n.summary) {
            Some(Summary::Image(info)) => info.width,
            _ => 0,
        };
    }
    done
}

enum Start<'a> {
    Known(Box<Artifact>),
    Job(Job<'a>),
}

/// Work on one file.
struct Job<'a> {
    asset: &'a Asset,
    op: ImageOp,
    parts: Vec<ImageOp>,
    /// Of each part.
    made: Mutex<Vec<Option<Part>>>,
}

/// `Err`: the file could not be read, or a codec panicked.
type Part = Result<Result<ImageOutput, ImageError>, Diagnostic>;

impl Job<'_> {
    /// All parts, once this was the last.
    fn with(&self, n: usize, part: Part) -> Option<Vec<Part>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = made.get_mut(n) {
            *slot = Some(part);
        }
        made.iter().all(Option::is_some).then(|| std::mem::take(&mut *made).into_iter().flatten().collect())
    }
}

fn start<'a>(shop: &Workshop<'a>, id: AssetId) -> Option<Start<'a>> {
    let (asset, Op::Image(op)) = (shop.site.get(id)?, &shop.plan.task(id)?.op) else { return None };
    let known = |op: &ImageOp| found(shop, &key(asset, op)).map(restored);
    let (artifact, op) = match known(op) {
        Some(artifact) => (Some(artifact), op.clone()),
        None => match shop.drafts.as_ref().map(|count| (count, op.draft())).filter(|(_, draft)| draft != op) {
            Some((count, draft)) => {
                count.fetch_add(1, Ordering::Relaxed);
                (known(&draft), draft)
            }
            None => (None, op.clone()),
        },
    };
    Some(match artifact {
        Some(artifact) => {
            told(shop, asset, &artifact);
            Start::Known(Box::new(artifact))
        }
        None => {
            let parts = op.parts();
            let made = Mutex::new(parts.iter().map(|_| None).collect());
            Start::Job(Job { asset, op, parts, made })
        }
    })
}

fn told(shop: &Workshop<'_>, asset: &Asset, artifact: &Artifact) {
    let now = match &artifact.content {
        Content::Stored(s) => s.len,
        _ => asset.len,
    };
    shop.observer.step(i64::try_from(asset.len).unwrap_or(0) - i64::try_from(now).unwrap_or(0));
}

fn key(asset: &Asset, op: &ImageOp) -> Digest {
    KeyBuilder::new("image", VERSION).options(op).text(asset.path.as_str()).digest(&asset.digest).finish()
}

fn found(shop: &Workshop<'_>, key: &Digest) -> Option<Entry> {
    shop.cache.get(key).filter(|e: &Entry| {
        let blobs = e.variants.iter().map(|v| (v.digest, v.len)).chain(e.recompressed);
        blobs.into_iter().all(|(digest, len)| shop.cache.has_blob(&digest, len))
    })
}

fn part(shop: &Workshop<'_>, budget: &Budget, id: AssetId, asset: &Asset, op: &ImageOp) -> Part {
    let bytes = shop.site.read(asset)?;
    let pixels = image::probe(&bytes).map_or(0, |i| u64::from(i.width) * u64::from(i.height));
    let _share = budget.take(op.memory(pixels) + asset.len);
    shop.caught(id, "image codec", || image::run(op, &bytes))
}

fn joined(shop: &Workshop<'_>, job: &Job<'_>, parts: Vec<Part>) -> Artifact {
    let made = parts.into_iter().collect::<Result<Result<Vec<ImageOutput>, _>, _>>();
    let artifact = artifact(shop, job.asset, made.map(|made| made.map(ImageOutput::joined)));
    remember(shop, &key(job.asset, &job.op), &artifact);
    artifact
}

fn artifact(shop: &Workshop<'_>, asset: &Asset, made: Part) -> Artifact {
    let mut artifact = Artifact::same();
    match made {
        Ok(Ok(output)) => {
            artifact.encodes = output.encodes;
            artifact.placeholder = output.placeholder;
            let made = output.variants.iter().map(|(_, made)| made).chain(&output.recompressed);
            artifact.lossy_files = made.filter(|m| m.loss != Loss::None).map(|_| 1).sum();
            artifact.notes.extend(output.notes);
            for (spec, made) in output.variants {
                artifact.notes.push(format!(
                    "{} {}×{}: {} bytes{}",
                    spec.format.extension(),
                    spec.width,
                    made.height,
                    made.bytes.len(),
                    quality(made.loss)
                ));
                artifact.variants.push(Variant {
                    format: spec.format,
                    width: spec.width,
                    height: made.height,
                    loss: made.loss,
                    stored: shop.store(made.bytes),
                });
            }
            if let Some(made) = output.recompressed {
                artifact.notes.push(format!(
                    "recompressed: {} to {} bytes{}",
                    asset.len,
                    made.bytes.len(),
                    quality(made.loss)
                ));
                artifact.content = Content::Stored(shop.store(made.bytes));
            }
            if artifact.encodes > 0 {
                artifact.notes.push(format!("{} encodings for {} lossy files", artifact.encodes, artifact.lossy_files));
            }
        }
        Ok(Err(error)) => {
            artifact.notes.push(format!("kept as it is: {error}"));
            artifact.diagnostics.push(
                Diagnostic::new(Severity::Warning, "image", asset.path.as_str(), error.to_string())
                    .help("the file stays as it is; repair it, or exclude it under [images]"),
            );
        }
        Err(diagnostic) => artifact.diagnostics.push(diagnostic),
    }
    artifact
}

/// For a person.
fn quality(loss: Loss) -> String {
    match loss {
        Loss::None => ", without loss".into(),
        Loss::Score(score) => format!(", scores {score:.1}"),
        Loss::Unknown => String::new(),
    }
}

fn restored(entry: Entry) -> Artifact {
    let stored = |digest, len| Stored { digest, len, memory: None };
    Artifact {
        content: entry.recompressed.map_or(Content::Same, |(d, len)| Content::Stored(stored(d, len))),
        variants: entry
            .variants
            .into_iter()
            .map(|v| Variant {
                format: v.format,
                width: v.width,
                height: v.height,
                loss: v.loss,
                stored: stored(v.digest, v.len),
            })
            .collect(),
        width: 0,
        code: None,
        map: None,
        placeholder: entry.placeholder,
        encodes: entry.encodes,
        lossy_files: entry.lossy_files,
        notes: entry.notes,
        diagnostics: entry.diagnostics,
    }
}

/// A file that could not be read, or a codec that panicked, is tried again next time.
fn remember(shop: &Workshop<'_>, key: &Digest, artifact: &Artifact) {
    let in_cache = artifact.variants.iter().all(|v| v.stored.memory.is_none());
    if !in_cache || artifact.diagnostics.iter().any(|d| d.code != "image") {
        return;
    }
    let recompressed = match &artifact.content {
        Content::Stored(s) if s.memory.is_none() => Some((s.digest, s.len)),
        Content::Stored(_) => return,
        _ => None,
    };
    let remembered = |v: &Variant| Remembered {
        format: v.format,
        width: v.width,
        height: v.height,
        loss: v.loss,
        digest: v.stored.digest,
        len: v.stored.len,
    };
    shop.cache.put(
        key,
        &Entry {
            recompressed,
            variants: artifact.variants.iter().map(remembered).collect(),
            placeholder: artifact.placeholder.clone(),
            encodes: artifact.encodes,
            lossy_files: artifact.lossy_files,
            notes: artifact.notes.clone(),
            diagnostics: artifact.diagnostics.clone(),
        },
    );
}
