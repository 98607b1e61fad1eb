//! Walks the input folder once: every file's path, kind, length and BLAKE3. I/O.

use crate::model::{Asset, AssetId, Diagnostic, Digest, ImageFormat, Kind, Severity, SitePath, Stamp};
use crate::transform::image;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The files of a build, sorted by path. Contents are read again when they are needed, and must still be the same.
pub struct Site {
    pub root: PathBuf,
    pub assets: Vec<Asset>,
    /// Of those whose bytes are not the folder's.
    held: BTreeMap<SitePath, Held>,
}

/// Bytes of a site that no file of its folder has.
#[derive(Clone, Debug)]
pub enum Held {
    /// At this place on the disk.
    At(PathBuf),
    Here(Arc<[u8]>),
}

/// The folder of files that come from other hosts.
pub const FETCHED: &str = "kiln-remote";

impl Site {
    /// Takes in more files, or other bytes for some. Ids change.
    pub fn hold(&mut self, more: Vec<(Asset, Held)>) {
        for (asset, held) in more {
            self.held.insert(asset.path.clone(), held);
            match self.assets.binary_search_by(|a| a.path.cmp(&asset.path)) {
                Ok(i) => self.assets.get_mut(i).into_iter().for_each(|slot| *slot = asset.clone()),
                Err(i) => self.assets.insert(i, asset),
            }
        }
    }

    /// The file has other bytes than the folder has for it.
    pub fn is_held(&self, path: &SitePath) -> bool {
        self.held.contains_key(path)
    }

    /// It came from another host: nobody can know its name here but by references that kiln wrote.
    pub fn is_fetched(&self, path: &SitePath) -> bool {
        is_fetched(path) && self.is_held(path)
    }

    pub fn ids(&self) -> impl Iterator<Item = AssetId> + '_ {
        (0..u32::try_from(self.assets.len()).unwrap_or(u32::MAX)).map(AssetId)
    }

    /// Ids come from this site, so that there always is one; a foreign id gives `None`.
    pub fn get(&self, id: AssetId) -> Option<&Asset> {
        self.assets.get(id.index())
    }

    pub fn find(&self, path: &SitePath) -> Option<AssetId> {
        let i = self.assets.binary_search_by(|a| a.path.cmp(path)).ok()?;
        u32::try_from(i).ok().map(AssetId)
    }

    pub fn file(&self, asset: &Asset) -> PathBuf {
        self.root.join(asset.path.as_str())
    }

    /// The bytes that were hashed by `scan`. A file that has changed since is an error, not a mixture of two builds.
    pub fn read(&self, asset: &Asset) -> Result<Vec<u8>, Diagnostic> {
        let trouble = |message: String| {
            Diagnostic::new(Severity::Error, "read", asset.path.as_str(), message)
                .help("run kiln again once the build has finished")
        };
        let read = match self.held.get(&asset.path) {
            Some(Held::Here(bytes)) => Ok(bytes.to_vec()),
            Some(Held::At(file)) => fs::read(file),
            None => fs::read(self.file(asset)),
        };
        let bytes = read.map_err(|e| trouble(format!("cannot be read: {e}")))?;
        if Digest::of(&bytes) != asset.digest {
            return Err(trouble("changed while kiln was reading the site".into()));
        }
        Ok(bytes)
    }
}

/// Whether a path lies where files of other hosts are put. What looks like a bundler's hash there is of the address.
pub fn is_fetched(path: &SitePath) -> bool {
    path.as_str().strip_prefix(FETCHED).is_some_and(|rest| rest.starts_with('/'))
}

/// The files of the last scan: those that have not been touched since are not read again.
#[derive(Default)]
pub struct Seen(Mutex<HashMap<PathBuf, (Stamp, Asset)>>);

impl Seen {
    fn get(&self, file: &Path, stamp: &Stamp) -> Option<Asset> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(file).filter(|(s, _)| s == stamp).map(|(_, asset)| asset.clone())
    }

    fn replace(&self, all: HashMap<PathBuf, (Stamp, Asset)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = all;
    }
}

/// Symbolic links that leave the root are not followed. What cannot be read is reported and left out.
pub fn scan(root: &Path, seen: &Seen) -> std::io::Result<(Site, Vec<Diagnostic>)> {
    let root = fs::canonicalize(root)?;
    let mut files: Vec<(SitePath, PathBuf)> = Vec::new();
    let mut diagnostics = Vec::new();
    let mut walk = walkdir::WalkDir::new(&root).follow_links(true).into_iter();
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                diagnostics.push(unreadable(&root, &e));
                continue;
            }
        };
        if entry.path_is_symlink() && !fs::canonicalize(entry.path()).is_ok_and(|p| p.starts_with(&root)) {
            diagnostics.push(
                Diagnostic::new(
                    Severity::Warning,
                    "symlink",
                    relative(&root, entry.path()),
                    "leads out of the site and is not followed",
                )
                .help("copy the file into the build, or exclude it"),
            );
            if entry.file_type().is_dir() {
                walk.skip_current_dir();
            }
            continue;
        }
        if !entry.file_type().is_file() {
            continue;
        }
        match site_path(&root, entry.path()) {
            Some(path) => files.push((path, entry.into_path())),
            None => diagnostics.push(
                Diagnostic::new(
                    Severity::Error,
                    "file-name",
                    relative(&root, entry.path()),
                    "the name is not UTF-8, so no URL leads to it",
                )
                .help("rename the file"),
            ),
        }
    }
    files.sort();
    let hashed: Vec<Result<Looked, Diagnostic>> =
        files.into_par_iter().map(|(path, file)| looked_at(path, file, seen)).collect();
    let mut assets = Vec::with_capacity(hashed.len());
    let mut proven = HashMap::new();
    for result in hashed {
        match result {
            Ok((asset, file, stamp)) => {
                proven.extend(stamp.map(|s| (file, (s, asset.clone()))));
                assets.push(asset);
            }
            Err(d) => diagnostics.push(d),
        }
    }
    seen.replace(proven);
    Ok((Site { root, assets, held: BTreeMap::new() }, diagnostics))
}

/// `/`-separated on every platform.
fn site_path(root: &Path, file: &Path) -> Option<SitePath> {
    let parts: Option<Vec<&str>> = file.strip_prefix(root).ok()?.components().map(|c| c.as_os_str().to_str()).collect();
    SitePath::new(&parts?.join("/"))
}

fn relative(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).display().to_string()
}

fn unreadable(root: &Path, error: &walkdir::Error) -> Diagnostic {
    let path = error.path().map(|p| relative(root, p)).unwrap_or_default();
    let message = match error.loop_ancestor() {
        Some(_) => "is a symbolic link to a folder that contains it; not followed".into(),
        None => format!("cannot be read: {}", error.io_error().map_or_else(|| error.to_string(), ToString::to_string)),
    };
    let severity = if error.loop_ancestor().is_some() { Severity::Warning } else { Severity::Error };
    Diagnostic::new(severity, "read", path, message)
}

/// A file, and the stamp by which it will be known again.
type Looked = (Asset, PathBuf, Option<Stamp>);

fn looked_at(path: SitePath, file: PathBuf, seen: &Seen) -> Result<Looked, Diagnostic> {
    // Before the file is read: a change meanwhile gives it another one.
    let stamp = fs::metadata(&file).ok().map(|m| Stamp::of(&m)).filter(Stamp::is_proof);
    let asset = match stamp.and_then(|s| seen.get(&file, &s)) {
        Some(asset) => asset,
        None => asset(path, &file)?,
    };
    Ok((asset, file, stamp))
}

/// Reads in pieces: a video need not fit into memory to be hashed.
fn asset(path: SitePath, file: &Path) -> Result<Asset, Diagnostic> {
    let trouble =
        |e: std::io::Error| Diagnostic::new(Severity::Error, "read", path.as_str(), format!("cannot be read: {e}"));
    let mut reader = File::open(file).map_err(trouble)?;
    let mut hasher = blake3::Hasher::new();
    let mut head: Vec<u8> = Vec::new();
    let mut len = 0u64;
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let n = reader.read(&mut buffer).map_err(trouble)?;
        let Some(chunk) = buffer.get(..n).filter(|c| !c.is_empty()) else { break };
        if len == 0 {
            head = chunk.get(..chunk.len().min(64)).unwrap_or(chunk).to_vec();
        }
        hasher.update(chunk);
        len += n as u64;
    }
    let kind = kind(&path, &head);
    Ok(Asset { kind, digest: Digest(*hasher.finalize().as_bytes()), len, path })
}

/// Images by their bytes (a JPEG that is called `.png` is a JPEG), the rest by name.
fn kind(path: &SitePath, head: &[u8]) -> Kind {
    let extension = path.extension().to_ascii_lowercase();
    if let Some(format) = image::sniff(head).filter(|f| *f != ImageFormat::Unsupported || extension != "ts") {
        return Kind::Image(format);
    }
    match extension.as_str() {
        "html" | "htm" | "xhtml" => Kind::Html,
        "css" => Kind::Css,
        "js" | "mjs" | "cjs" => Kind::Js,
        "webmanifest" => Kind::WebManifest,
        "json" if matches!(path.file_name(), "manifest.json" | "site.json") => Kind::WebManifest,
        "json" | "geojson" | "jsonld" | "importmap" => Kind::Json,
        "xml" | "rss" | "atom" | "rdf" | "xsl" | "xslt" => Kind::Xml,
        "map" => Kind::SourceMap,
        "svg" => Kind::Svg,
        "woff" | "woff2" | "ttf" | "otf" | "eot" => Kind::Font,
        "mp4" | "m4v" | "webm" | "mov" | "mp3" | "m4a" | "ogg" | "ogv" | "oga" | "wav" | "flac" | "vtt" => Kind::Media,
        "wasm" => Kind::Wasm,
        "txt" | "md" | "mdx" | "php" | "vue" | "ts" | "tsx" | "jsx" | "yml" | "yaml" | "toml" | "csv" | "htaccess"
        | "conf" | "rsc" => Kind::Text,
        "" if head.is_ascii() => Kind::Text,
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "ico" => Kind::Image(ImageFormat::Unsupported),
        _ => Kind::Other,
    }
}
