//! `kiln-manifest.json`: what became of every file. Sorted, without times: the same build gives the same bytes.

use crate::model::{CacheClass, SitePath};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format.
    pub kiln: u32,
    /// SHA-256 of `base` and `files`: equal for equal outputs.
    pub id: String,
    pub base: String,
    /// The algorithm of the `sha256` fields, for readers that support several.
    pub hash: String,
    /// By the file's path in the input.
    pub files: BTreeMap<String, Entry>,
    /// Files that belong to no input file: headers for the host.
    pub generated: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Relative to the site's root, not percent-encoded.
    pub url: String,
    pub bytes: u64,
    pub sha256: String,
    /// For scripts and sheets, ready for an `integrity` attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrity: Option<String>,
    /// Of a page that holds rules of its sheets: its `<style>` elements, for the `style-src` of a policy.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub styles: Vec<String>,
    #[serde(rename = "type")]
    pub mime: String,
    pub class: CacheClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub w: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub h: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub variants: Vec<VariantEntry>,
    /// Files of the output that name this one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub refs: Vec<String>,
    /// Other addresses of the same bytes: the name the file had in the input.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub map: Option<String>,
    /// BLAKE3 of the input file.
    pub source: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VariantEntry {
    pub url: String,
    #[serde(rename = "type")]
    pub mime: String,
    pub w: u32,
    pub h: u32,
    pub bytes: u64,
    /// SSIMULACRA2 against the scaled source, rounded down to one decimal; 100 is without loss. Left out when no score
    /// was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<f64>,
}

impl Manifest {
    pub fn new(base: String, files: BTreeMap<String, Entry>, generated: Vec<String>) -> Self {
        let body = serde_json::to_string(&(&base, &files)).unwrap_or_default();
        Self { kiln: 1, id: super::sha256(body.as_bytes()), base, hash: "sha256".into(), files, generated }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// Every path that a build with this manifest wrote. Empty for text that is no manifest.
pub fn written_paths(json: &str) -> BTreeSet<String> {
    let Ok(manifest) = serde_json::from_str::<Manifest>(json) else { return BTreeSet::new() };
    let mut paths: BTreeSet<String> = manifest.generated.into_iter().collect();
    for entry in manifest.files.into_values() {
        paths.insert(entry.url);
        paths.extend(entry.variants.into_iter().map(|v| v.url));
        paths.extend(entry.also);
        paths.extend(entry.map);
    }
    paths
}

/// By extension, as servers send them.
pub fn mime(path: &SitePath) -> &'static str {
    match path.extension().to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "js" | "mjs" | "cjs" => "text/javascript",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "xml" => "application/xml",
        "rss" => "application/rss+xml",
        "atom" => "application/atom+xml",
        "svg" => "image/svg+xml",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "wasm" => "application/wasm",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "pdf" => "application/pdf",
        "txt" | "md" => "text/plain",
        _ => "application/octet-stream",
    }
}
