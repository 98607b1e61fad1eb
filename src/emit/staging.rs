//! The output folder is replaced whole or not at all: everything is written beside it and swapped in by one rename.

use super::placed::{Placed, Sums};
use crate::model::{Digest, SitePath, Stamp};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub const MANIFEST: &str = "kiln-manifest.json";

/// Why an output folder is refused. Nothing has been written then.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("{out} lies in the input or contains it\n  help: choose an --out beside the input, or --in-place")]
    Overlap { out: String },
    #[error(
        "{out} holds files that kiln did not write: {examples}\n  help: choose another --out, or --force to replace the folder"
    )]
    Foreign { out: String, examples: String },
    #[error(
        "the cache {cache} lies in {folder}, which only holds the site\n  help: choose a --cache-dir beside it, or leave it out"
    )]
    CacheInside { cache: String, folder: String },
    #[error("{out} exists and is no folder\n  help: choose another --out")]
    NoFolder { out: String },
    #[error(
        "{input} has been fired already: it holds {MANIFEST}\n  help: run kiln on the build that your generator writes; its own output gains nothing from a second run"
    )]
    Fired { input: String },
    #[error("another kiln build is writing {out}\n  help: wait for it, or choose another --out")]
    Busy { out: String },
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}

/// A folder beside the output that becomes it. Held by an exclusive lock, emptied when dropped.
pub struct Staging<'a> {
    out: PathBuf,
    placed: &'a Placed,
    folder: PathBuf,
    _lock: File,
}

/// Checks that `out` may be a place for what is made of `input`. In place both are the same folder.
pub fn check(input: &Path, out: &Path) -> Result<(), Refusal> {
    let name = |p: &Path| p.display().to_string();
    if input.join(MANIFEST).exists() {
        return Err(Refusal::Fired { input: name(input) });
    }
    let input = absolute(input)?;
    let out_absolute = absolute(out)?;
    if input == out_absolute {
        return Ok(());
    }
    if input.starts_with(&out_absolute) || out_absolute.starts_with(&input) {
        return Err(Refusal::Overlap { out: name(out) });
    }
    let Ok(meta) = fs::symlink_metadata(out) else { return Ok(()) };
    if !meta.is_dir() {
        return Err(Refusal::NoFolder { out: name(out) });
    }
    Ok(())
}

/// The place of a cache, which may not be among the files that are read or replaced.
pub fn check_cache(cache: &Path, input: &Path, out: &Path) -> Result<PathBuf, Refusal> {
    let place = absolute(cache)?;
    for folder in [input, out] {
        if place.starts_with(absolute(folder)?) {
            return Err(Refusal::CacheInside {
                cache: cache.display().to_string(),
                folder: folder.display().to_string(),
            });
        }
    }
    Ok(place)
}

/// Where blobs may live during a build without a cache. Goes with the staging folder.
pub fn scratch(out: &Path) -> Result<PathBuf, Refusal> {
    Ok(staging_folder(&absolute(out)?).join("scratch"))
}

fn staging_folder(out: &Path) -> PathBuf {
    let name = out.file_name().map_or_else(|| "out".into(), |n| n.to_string_lossy());
    out.with_file_name(format!(".{name}.kiln-staging"))
}

/// Checks that nothing would be lost if `out` were replaced: it is not there, or is the input that is worked on in place,
/// or holds only what kiln wrote.
pub fn check_replaceable(input: &Path, out: &Path) -> Result<(), Refusal> {
    let name = out.display().to_string();
    if !out.exists() || absolute(input)? == absolute(out)? {
        return Ok(());
    }
    match foreign_files(out) {
        Ok(foreign) if foreign.is_empty() => Ok(()),
        Ok(foreign) => Err(Refusal::Foreign { out: name, examples: foreign.join(", ") }),
        Err(source) => Err(Refusal::Io { what: format!("{name} cannot be read"), source }),
    }
}

/// What tells that no file of a folder has been touched, without reading them: names, lengths, inodes and the times of
/// their last change, which no program can set. `None` where the system keeps no such time.
#[cfg(unix)]
pub fn stamp(folder: &Path) -> Option<Digest> {
    use std::os::unix::{ffi::OsStrExt, fs::MetadataExt};
    let mut text = absolute(folder).ok()?.as_os_str().as_bytes().to_vec();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.ok()?;
        let meta = entry.metadata().ok()?;
        text.extend_from_slice(entry.path().as_os_str().as_bytes());
        text.push(0);
        if !meta.is_dir() {
            for number in [meta.len(), meta.ino(), meta.ctime().cast_unsigned(), meta.ctime_nsec().cast_unsigned()] {
                text.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
    Some(Digest::of(&text))
}

#[cfg(not(unix))]
pub fn stamp(_: &Path) -> Option<Digest> {
    None
}

/// Up to five files that the folder's own manifest does not list.
fn foreign_files(out: &Path) -> io::Result<Vec<String>> {
    let manifest = fs::read_to_string(out.join(MANIFEST)).unwrap_or_default();
    let ours: BTreeSet<String> = super::manifest::written_paths(&manifest);
    let mut foreign = Vec::new();
    for entry in walkdir::WalkDir::new(out).sort_by_file_name() {
        let entry = entry?;
        let relative = entry.path().strip_prefix(out).unwrap_or(entry.path());
        let path = relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        if !entry.file_type().is_dir() && path != MANIFEST && !ours.contains(&path) {
            foreign.push(path);
            if foreign.len() == 5 {
                break;
            }
        }
    }
    Ok(foreign)
}

/// The path as it is without symbolic links, also where its last part does not exist yet.
fn absolute(path: &Path) -> Result<PathBuf, Refusal> {
    let io = |source| Refusal::Io { what: format!("{} cannot be found", path.display()), source };
    if let Ok(found) = fs::canonicalize(path) {
        return Ok(found);
    }
    let whole = std::path::absolute(path).map_err(io)?;
    match (whole.parent(), whole.file_name()) {
        (Some(parent), Some(name)) => Ok(absolute(parent)?.join(name)),
        // `gone/..`: what is not there is no link.
        (Some(parent), None) if whole.ends_with("..") => absolute(parent.parent().unwrap_or(parent)),
        _ => Ok(whole),
    }
}

impl<'a> Staging<'a> {
    /// What an earlier, killed build left is removed. `placed`: what is known of the old output's files.
    pub fn begin(out: &Path, placed: &'a Placed) -> Result<Self, Refusal> {
        let io = |what: &str| {
            let what = format!("{what} beside {}", out.display());
            move |source| Refusal::Io { what, source }
        };
        let out = absolute(out)?;
        let folder = staging_folder(&out);
        fs::create_dir_all(&folder).map_err(io("no folder can be made"))?;
        let lock = File::open(&folder).map_err(io("no folder can be opened"))?;
        if lock.try_lock().is_err() {
            return Err(Refusal::Busy { out: out.display().to_string() });
        }
        let staging = Self { out, placed, folder, _lock: lock };
        let _ = fs::remove_dir_all(staging.tree());
        let _ = fs::remove_dir_all(staging.folder.join("scratch"));
        fs::create_dir_all(staging.tree()).map_err(io("no folder can be made"))?;
        Ok(staging)
    }

    fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    pub fn write(&self, path: &SitePath, bytes: &[u8]) -> io::Result<()> {
        let file = self.tree().join(path.as_str());
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        // What stands there may be a link to the old output's file, which must stay as it is.
        let _ = fs::remove_file(&file);
        fs::write(file, bytes)
    }

    /// A file that was written or taken over.
    pub fn read(&self, path: &SitePath) -> io::Result<Vec<u8>> {
        fs::read(self.tree().join(path.as_str()))
    }

    /// Takes a file over from the old output, if that holds these bytes there. Not where the system has no links.
    pub fn again(&self, path: &SitePath, digest: &Digest) -> Option<Sums> {
        let sums = self.placed.holds(&self.out, path, digest)?;
        let file = self.tree().join(path.as_str());
        fs::create_dir_all(file.parent()?).ok()?;
        let _ = fs::remove_file(&file);
        fs::hard_link(self.out.join(path.as_str()), file).ok()?;
        Some(sums)
    }

    /// A file that the output holds already with the same bytes keeps its time, so that servers' ETags stay.
    pub fn keep_time(&self, path: &SitePath) {
        let (new, old) = (self.tree().join(path.as_str()), self.out.join(path.as_str()));
        let same = || -> io::Result<bool> {
            let (a, b) = (fs::metadata(&new)?, fs::metadata(&old)?);
            // The same stamp is the same file: it was linked.
            Ok(Stamp::of(&a) != Stamp::of(&b) && a.len() == b.len() && fs::read(&new)? == fs::read(&old)?)
        };
        if same().unwrap_or(false)
            && let Ok(time) = fs::metadata(&old).and_then(|m| m.modified())
            && let Ok(file) = File::options().write(true).open(&new)
        {
            let _ = file.set_modified(time);
        }
    }

    /// Puts the new tree in the place of the old one in a single step, then removes the old one.
    pub fn commit(self) -> Result<(), Refusal> {
        let io = |source| Refusal::Io { what: format!("{} cannot be replaced", self.out.display()), source };
        if self.out.exists() {
            if let Ok(meta) = fs::metadata(&self.out) {
                let _ = fs::set_permissions(self.tree(), meta.permissions());
            }
            exchange(&self.tree(), &self.out).map_err(io)
        } else {
            fs::rename(self.tree(), &self.out).map_err(io)
        }
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// One step where the system has it: a build killed at any moment leaves the old folder or the new one.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // A file system without it (NFS, some overlays).
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => two_renames(new, old),
        Err(e) => Err(e.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    two_renames(new, old)
}

/// If the second one fails the old folder goes back.
fn two_renames(new: &Path, old: &Path) -> io::Result<()> {
    let aside = new.with_file_name("old");
    fs::rename(old, &aside)?;
    fs::rename(new, old).inspect_err(|_| {
        let _ = fs::rename(&aside, old);
    })
}
