//! Keeping a cache small: what was used longest ago goes.
//!
//! Nothing goes while a build runs: builds hold the cache's lock together, and a collection holds it alone. What is
//! missing afterwards is a miss, for an entry without its blobs is one, too.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Builds wait for a collection, which only removes files. One that hangs must not keep them forever.
const PATIENCE: Duration = Duration::from_secs(20);
/// How exactly last uses are known. Finer would be a write for every read.
const GRAIN: Duration = Duration::from_secs(60 * 60);

#[derive(Debug, thiserror::Error)]
pub enum GcError {
    #[error("a build is using the cache {0}; nothing was removed\n  help: run this again when it is done")]
    Busy(String),
    #[error("the cache {0} cannot be trimmed: {1}")]
    Io(String, io::Error),
}

/// What a collection did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Collected {
    pub removed: u64,
    pub removed_bytes: u64,
    pub kept: u64,
    pub kept_bytes: u64,
}

/// Removes entries and blobs, what was used longest ago first, until `max` bytes are left at most; and what killed
/// builds left half written. Other files are not touched, whatever folder this is.
pub fn collect(dir: &Path, max: u64) -> Result<Collected, GcError> {
    let root = dir.join(super::LAYOUT);
    let name = || dir.display().to_string();
    if !root.is_dir() {
        return Ok(Collected::default());
    }
    let lock = lock_file(&root).map_err(|e| GcError::Io(name(), e))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(GcError::Busy(name())),
        // A system without locks cannot tell whether a build runs.
        Err(TryLockError::Error(e)) => return Err(GcError::Io(name(), e)),
    }
    trim(&root, max).map_err(|e| GcError::Io(name(), e))
}

fn trim(root: &Path, max: u64) -> io::Result<Collected> {
    let mut done = Collected::default();
    let mut files: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
    for store in ["ac", "cas"].map(|s| root.join(s)).into_iter().filter(|s| s.is_dir()) {
        for entry in walkdir::WalkDir::new(store).min_depth(2).max_depth(2) {
            let entry = entry?;
            let meta = entry.metadata()?;
            let name = entry.file_name().to_string_lossy();
            if meta.is_file() && name.ends_with(".tmp") {
                remove(entry.path(), meta.len(), &mut done)?;
            } else if meta.is_file() && name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()) {
                files.push((meta.modified()?, entry.into_path(), meta.len()));
            }
        }
    }
    files.sort();
    let mut left: u64 = files.iter().map(|(_, _, len)| len).sum();
    for (_, path, len) in files {
        if left > max {
            remove(&path, len, &mut done)?;
            left -= len;
        } else {
            done.kept += 1;
            done.kept_bytes += len;
        }
    }
    Ok(done)
}

fn remove(path: &Path, len: u64, done: &mut Collected) -> io::Result<()> {
    fs::remove_file(path)?;
    done.removed += 1;
    done.removed_bytes += len;
    Ok(())
}

fn lock_file(root: &Path) -> io::Result<File> {
    fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(root.join("lock"))
}

/// Holds the cache together with other builds. `Err` when a collection does not end; `None` where there are no locks, and
/// so no collections either. Who may only read the cache can hold it, once another has made its lock.
pub(super) fn hold(root: &Path) -> Result<Option<File>, ()> {
    let _ = fs::create_dir_all(root);
    let Ok(lock) = lock_file(root).or_else(|_| File::open(root.join("lock"))) else { return Ok(None) };
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        match lock.try_lock_shared() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if std::time::Instant::now() > until => return Err(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// A file's time is that of its last use.
pub(super) fn used(path: &Path) {
    let now = SystemTime::now();
    let known = fs::metadata(path).and_then(|m| m.modified());
    let old = known.is_ok_and(|t| now.duration_since(t).is_ok_and(|age| age > GRAIN));
    if old && let Ok(file) = fs::OpenOptions::new().append(true).open(path) {
        let _ = file.set_modified(now);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Arc, Cache};
    use super::*;
    use crate::model::Digest;

    /// Entries of 1000 bytes, the first used `n` hours ago, the last one hour ago.
    fn filled(dir: &Path, n: u64) -> Vec<Digest> {
        let cache = Cache::open(Some(dir));
        let blobs: Vec<Digest> = (0..n).map(|i| cache.put_blob(&[u8::try_from(i).unwrap(); 1000]).unwrap()).collect();
        for (blob, hours) in blobs.iter().zip((1..=n).rev()) {
            let file = File::options().append(true).open(cache.path("cas", blob).unwrap()).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(hours * 60 * 60 + 60)).unwrap();
        }
        blobs
    }

    fn present(dir: &Path, blobs: &[Digest]) -> Vec<bool> {
        let cache = Cache::open(Some(dir));
        blobs.iter().map(|b| cache.path("cas", b).unwrap().exists()).collect()
    }

    #[test]
    fn what_was_used_longest_ago_goes() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = filled(dir.path(), 4);
        assert_eq!(collect(dir.path(), 4000).unwrap(), Collected { kept: 4, kept_bytes: 4000, ..Collected::default() });
        // The oldest is used again.
        assert!(Cache::open(Some(dir.path())).blob(&blobs[0]).is_some());
        let done = collect(dir.path(), 2999).unwrap();
        assert_eq!(done, Collected { removed: 2, removed_bytes: 2000, kept: 2, kept_bytes: 2000 });
        assert_eq!(present(dir.path(), &blobs), [true, false, false, true]);
        assert_eq!(collect(dir.path(), 0).unwrap().kept, 0);
    }

    #[test]
    fn nothing_goes_while_a_build_runs() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = filled(dir.path(), 2);
        let build = Cache::shared(dir.path(), Arc::default());
        let other = Cache::shared(dir.path(), Arc::default());
        for cache in [build, other] {
            assert!(matches!(collect(dir.path(), 0), Err(GcError::Busy(_))));
            assert_eq!(present(dir.path(), &blobs), [true, true]);
            drop(cache);
        }
        assert_eq!(collect(dir.path(), 0).unwrap().removed, 2);
    }

    #[test]
    fn a_build_waits_for_a_collection() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), 1);
        let lock = lock_file(&dir.path().join("v1")).unwrap();
        lock.lock().unwrap();
        let held = std::thread::scope(|s| {
            let build = s.spawn(|| hold(&dir.path().join("v1")).map(|l| l.is_some()));
            std::thread::sleep(Duration::from_millis(100));
            assert!(!build.is_finished());
            lock.unlock().unwrap();
            build.join().unwrap()
        });
        assert_eq!(held, Ok(true));
    }

    #[test]
    fn only_what_a_cache_writes_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), 1);
        let name = "a".repeat(64);
        let others = ["photo.jpg", "v1/notes", "v1/cas/aa/README", "v1/cas/letter", "v1/more/aa/letter"];
        for other in others.map(|o| o.replace("letter", &name)) {
            let path = dir.path().join(other);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "mine").unwrap();
        }
        fs::write(dir.path().join("v1/cas/aa/17.3.tmp"), "half").unwrap();
        assert_eq!(collect(dir.path(), 0).unwrap().removed, 2);
        assert!(others.iter().all(|o| dir.path().join(o.replace("letter", &name)).exists()));
        assert_eq!(collect(&dir.path().join("none"), 0).unwrap(), Collected::default());
        assert!(!dir.path().join("none").exists());
    }
}
