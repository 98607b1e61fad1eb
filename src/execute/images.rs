//! Pictures: one operation makes all versions of one file.

use super::budget::Budget;
use super::{Artifact, Content, Stored, Variant, Workshop};
use crate::cache::KeyBuilder;
use crate::model::{Asset, AssetId, Diagnostic, Digest, ImageFormat, Severity};
use crate::plan::Op;
use crate::transform::image::{self, ImageOp};
use serde::{Deserialize, Serialize};

/// Raised whenever the same operation gives other bytes.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Entry {
    recompressed: Option<(Digest, u64)>,
    /// Format, width, height, and where the bytes are.
    variants: Vec<(ImageFormat, u32, u32, Digest, u64)>,
    notes: Vec<String>,
    diagnostics: Vec<Diagnostic>,
}

pub fn artifact(shop: &Workshop<'_>, budget: &Budget, id: AssetId) -> Artifact {
    let (Some(asset), Some(Op::Image(op))) = (shop.site.get(id), shop.plan.task(id).map(|t| &t.op)) else {
        return Artifact::same();
    };
    let key = KeyBuilder::new("image", VERSION).options(op).text(asset.path.as_str()).digest(&asset.digest).finish();
    let hit: Option<Entry> = shop.cache.get(&key).filter(|e: &Entry| {
        let blobs = e.variants.iter().map(|v| (v.3, v.4)).chain(e.recompressed);
        blobs.into_iter().all(|(digest, len)| shop.cache.has_blob(&digest, len))
    });
    let artifact = match hit {
        Some(entry) => restored(entry),
        None => {
            let artifact = make(shop, budget, id, asset, op);
            remember(shop, &key, &artifact);
            artifact
        }
    };
    let now = match &artifact.content {
        Content::Stored(s) => s.len,
        _ => asset.len,
    };
    shop.observer.step(i64::try_from(asset.len).unwrap_or(0) - i64::try_from(now).unwrap_or(0));
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
    // Decoded RGBA, a resized copy and the encoders' planes.
    let share = budget.take(pixels.saturating_mul(12) + asset.len);
    let made = shop.caught(id, "image codec", || image::run(op, &bytes));
    drop(share);
    match made {
        Ok(Ok(output)) => {
            artifact.notes.extend(output.notes);
            for (spec, height, bytes) in output.variants {
                artifact.notes.push(format!(
                    "{} {}×{height}: {} bytes",
                    spec.format.extension(),
                    spec.width,
                    bytes.len()
                ));
                artifact.variants.push(Variant {
                    format: spec.format,
                    width: spec.width,
                    height,
                    stored: shop.store(bytes),
                });
            }
            if let Some(bytes) = output.recompressed {
                artifact.notes.push(format!("recompressed: {} to {} bytes", asset.len, bytes.len()));
                artifact.content = Content::Stored(shop.store(bytes));
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

fn restored(entry: Entry) -> Artifact {
    let stored = |digest, len| Stored { digest, len, memory: None };
    Artifact {
        content: entry.recompressed.map_or(Content::Same, |(d, len)| Content::Stored(stored(d, len))),
        variants: entry
            .variants
            .into_iter()
            .map(|(format, width, height, d, len)| Variant { format, width, height, stored: stored(d, len) })
            .collect(),
        map: None,
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
    let variants =
        artifact.variants.iter().map(|v| (v.format, v.width, v.height, v.stored.digest, v.stored.len)).collect();
    shop.cache.put(
        key,
        &Entry { recompressed, variants, notes: artifact.notes.clone(), diagnostics: artifact.diagnostics.clone() },
    );
}
