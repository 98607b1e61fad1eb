//! Pictures: one operation makes all versions of one file.

use super::budget::Budget;
use super::{Artifact, Content, Stored, Variant, Workshop};
use crate::cache::KeyBuilder;
use crate::model::{Asset, AssetId, Diagnostic, Digest, ImageFormat, Severity};
use crate::plan::Op;
use crate::transform::image::{self, ImageOp, Loss};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;

/// Raised whenever the same operation gives other bytes.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Entry {
    recompressed: Option<(Digest, u64)>,
    variants: Vec<Remembered>,
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

pub fn artifact(shop: &Workshop<'_>, budget: &Budget, id: AssetId) -> Artifact {
    let (Some(asset), Some(Op::Image(op))) = (shop.site.get(id), shop.plan.task(id).map(|t| &t.op)) else {
        return Artifact::same();
    };
    let artifact = match found(shop, &key(asset, op)) {
        Some(entry) => restored(entry),
        None => match shop.drafts.as_ref().map(|count| (count, op.draft())).filter(|(_, draft)| draft != op) {
            Some((count, draft)) => {
                count.fetch_add(1, Ordering::Relaxed);
                found(shop, &key(asset, &draft)).map_or_else(|| fresh(shop, budget, id, asset, &draft), restored)
            }
            None => fresh(shop, budget, id, asset, op),
        },
    };
    let now = match &artifact.content {
        Content::Stored(s) => s.len,
        _ => asset.len,
    };
    shop.observer.step(i64::try_from(asset.len).unwrap_or(0) - i64::try_from(now).unwrap_or(0));
    artifact
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

fn fresh(shop: &Workshop<'_>, budget: &Budget, id: AssetId, asset: &Asset, op: &ImageOp) -> Artifact {
    let artifact = make(shop, budget, id, asset, op);
    remember(shop, &key(asset, op), &artifact);
    artifact
}

fn make(shop: &Workshop<'_>, budget: &Budget, id: AssetId, asset: &Asset, op: &ImageOp) -> Artifact {
    let mut artifact = Artifact::same();
    let bytes = match shop.site.read(asset) {
        Ok(bytes) => bytes,
        Err(d) => {
            artifact.diagnostics.push(d);
            return artifact;
        }
    };
    let pixels = image::probe(&bytes).map_or(0, |i| u64::from(i.width) * u64::from(i.height));
    // Decoded RGBA, a resized copy, the encoders' planes, and what scoring takes.
    let share = budget.take(pixels.saturating_mul(12) + image::scoring_bytes(pixels) + asset.len);
    let made = shop.caught(id, "image codec", || image::run(op, &bytes));
    drop(share);
    match made {
        Ok(Ok(output)) => {
            artifact.encodes = output.encodes;
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
        code: None,
        map: None,
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
            encodes: artifact.encodes,
            lossy_files: artifact.lossy_files,
            notes: artifact.notes.clone(),
            diagnostics: artifact.diagnostics.clone(),
        },
    );
}
