//! Results of earlier builds on this machine: an action cache (key → what came out) over a content-addressed blob store.
//!
//! The cache may fail, the build may not: damage is a miss, trouble is one warning.

mod gc;

pub use gc::{Collected, GcError, collect};

use crate::model::{Digest, Stamp};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Raised whenever the layout of an entry changes.
const FORMAT: u32 = 1;
/// The folder of this layout.
const LAYOUT: &str = "v1";

pub struct Cache {
    root: Option<PathBuf>,
    hits: AtomicU64,
    misses: AtomicU64,
    /// Keys of what was stored since: to find that again tells nothing of earlier builds.
    own: Mutex<HashSet<Digest>>,
    temporary: AtomicU64,
    warning: Mutex<Option<String>>,
    /// Keeps collections away while this lives.
    _lock: Option<fs::File>,
    whole: Arc<Whole>,
}

/// Blobs that this process has found whole: they need not be hashed again to know that they are there.
#[derive(Default)]
pub struct Whole(Mutex<HashMap<Digest, Stamp>>);

impl Whole {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Stamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    /// `None` remembers nothing.
    pub fn open(root: Option<&Path>) -> Self {
        Self::with(root, Arc::default())
    }

    pub fn with(root: Option<&Path>, whole: Arc<Whole>) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            root: root.map(|r| r.join(LAYOUT)),
            hits: zero(),
            misses: zero(),
            own: Mutex::default(),
            temporary: zero(),
            warning: Mutex::new(None),
            whole,
            _lock: None,
        }
    }

    /// A cache that outlives the build, and that others may be using and trimming.
    pub fn shared(root: &Path, whole: Arc<Whole>) -> Self {
        match gc::hold(&root.join(LAYOUT)) {
            Ok(lock) => Self { _lock: lock, ..Self::with(Some(root), whole) },
            Err(()) => {
                let cache = Self::open(None);
                cache.warn("it has been locked for long by a `kiln cache gc`");
                cache
            }
        }
    }

    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// The first thing that went wrong, if anything did.
    pub fn warning(&self) -> Option<String> {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was stored under a key. A damaged entry is removed and missed.
    pub fn get<T: DeserializeOwned>(&self, key: &Digest) -> Option<T> {
        let found = self.entry(key);
        let count = match found {
            Some(_) if self.own().contains(key) => None,
            Some(_) => Some(&self.hits),
            None => Some(&self.misses),
        };
        count.map(|count| count.fetch_add(1, Ordering::Relaxed));
        found
    }

    fn entry<T: DeserializeOwned>(&self, key: &Digest) -> Option<T> {
        let path = self.path("ac", key)?;
        let bytes = fs::read(&path).ok()?;
        let whole = bytes.split_at_checked(32).filter(|(sum, payload)| Digest::of(payload).0 == *sum);
        let value = whole.and_then(|(_, payload)| postcard::from_bytes(payload).ok());
        match value {
            Some(_) => gc::used(&path),
            None => drop(fs::remove_file(path)),
        }
        value
    }

    pub fn put<T: Serialize>(&self, key: &Digest, value: &T) {
        let Some(path) = self.path("ac", key) else { return };
        match postcard::to_stdvec(value) {
            Ok(payload) => {
                let mut bytes = Digest::of(&payload).0.to_vec();
                bytes.extend_from_slice(&payload);
                if self.write(&path, &bytes) {
                    self.own().insert(*key);
                }
            }
            Err(e) => self.warn(&format!("an entry could not be written: {e}")),
        }
    }

    /// Stores bytes by their hash. `None` when the cache is off or cannot take them.
    pub fn put_blob(&self, bytes: &[u8]) -> Option<Digest> {
        let digest = Digest::of(bytes);
        let path = self.path("cas", &digest)?;
        (self.has_blob(&digest, bytes.len() as u64) || self.write(&path, bytes)).then_some(digest)
    }

    /// Whole and undamaged: what a full disk or a bad sector left is not there, and is written again.
    pub fn has_blob(&self, digest: &Digest, len: u64) -> bool {
        let stamp = || Some(Stamp::of(&fs::metadata(self.path("cas", digest)?).ok()?));
        let Some(now) = stamp() else { return false };
        if self.whole.lock().get(digest) == Some(&now) {
            return true;
        }
        let whole = self.blob(digest).is_some_and(|bytes| bytes.len() as u64 == len);
        if whole && now.is_proof() && stamp() == Some(now) {
            self.whole.lock().insert(*digest, now);
        }
        whole
    }

    /// The bytes of a blob; damaged ones are removed and missed.
    pub fn blob(&self, digest: &Digest) -> Option<Vec<u8>> {
        let path = self.path("cas", digest)?;
        let bytes = fs::read(&path).ok()?;
        if Digest::of(&bytes) == *digest {
            gc::used(&path);
            return Some(bytes);
        }
        let _ = fs::remove_file(path);
        None
    }

    /// Where the bytes of a blob lie.
    pub fn blob_file(&self, digest: &Digest) -> Option<PathBuf> {
        self.path("cas", digest)
    }

    fn own(&self) -> MutexGuard<'_, HashSet<Digest>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, store: &str, digest: &Digest) -> Option<PathBuf> {
        let hex = digest.hex();
        Some(self.root.as_ref()?.join(store).join(hex.get(..2)?).join(hex))
    }

    /// Under another name first: a reader never sees half an entry, and of two writers the last wins with the same bytes.
    fn write(&self, path: &Path, bytes: &[u8]) -> bool {
        let name = format!("{}.{}.tmp", std::process::id(), self.temporary.fetch_add(1, Ordering::Relaxed));
        let temporary = path.with_file_name(name);
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::File::create(&temporary)?.write_all(bytes)?;
            fs::rename(&temporary, path)
        };
        match write() {
            Ok(()) => true,
            Err(e) => {
                let _ = fs::remove_file(&temporary);
                self.warn(&format!("{}: {e}", path.display()));
                false
            }
        }
    }

    fn warn(&self, message: &str) {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| message.to_owned());
    }
}

/// A cache key: everything that can change the bytes of a result, each field with its length.
pub struct KeyBuilder(blake3::Hasher);

impl KeyBuilder {
    /// `version` is the operation's own: raised when the same input gives another result.
    pub fn new(operation: &str, version: u32) -> Self {
        Self(blake3::Hasher::new())
            .bytes(&FORMAT.to_le_bytes())
            .text(env!("CARGO_PKG_VERSION"))
            .text(operation)
            .bytes(&version.to_le_bytes())
    }

    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        self
    }

    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    #[must_use]
    pub fn digest(self, digest: &Digest) -> Self {
        self.bytes(&digest.0)
    }

    #[must_use]
    pub fn serialize<T: Serialize>(self, value: &T) -> Self {
        // What cannot be serialised cannot be told from another: such a key must never be found again.
        match postcard::to_stdvec(value) {
            Ok(bytes) => self.bytes(&bytes),
            Err(e) => self.text(&format!("{e} {:?}", std::time::Instant::now())),
        }
    }

    /// Options, by what they print: every field of a derived `Debug` is in it.
    #[must_use]
    pub fn options<T: std::fmt::Debug>(self, options: &T) -> Self {
        self.text(&format!("{options:?}"))
    }

    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn key(operation: &str, version: u32, a: &str, b: &str, input: &[u8]) -> Digest {
        KeyBuilder::new(operation, version).text(a).text(b).digest(&Digest::of(input)).finish()
    }

    #[test]
    fn every_input_of_a_key_matters() {
        let base = key("op", 1, "ab", "c", b"x");
        assert_eq!(base, key("op", 1, "ab", "c", b"x"));
        for other in [
            key("oq", 1, "ab", "c", b"x"),
            key("op", 2, "ab", "c", b"x"),
            key("op", 1, "a", "bc", b"x"),
            key("op", 1, "ab", "d", b"x"),
            key("op", 1, "ab", "c", b"y"),
        ] {
            assert_ne!(base, other);
        }
        assert_ne!(
            KeyBuilder::new("op", 1).serialize(&1u8).finish(),
            KeyBuilder::new("op", 1).serialize(&2u8).finish()
        );
    }

    #[test]
    fn damage_is_a_miss() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(dir.path()));
        let key = key("op", 1, "", "", b"");
        cache.put(&key, &vec![1u8, 2, 3]);
        let blob = cache.put_blob(b"bytes").unwrap();
        assert_eq!(cache.get::<Vec<u8>>(&key), Some(vec![1, 2, 3]));
        assert_eq!(cache.blob(&blob).as_deref(), Some(b"bytes".as_slice()));
        assert_eq!(cache.hits(), 0, "its own results are none of an earlier build");
        let cache = Cache::open(Some(dir.path()));
        assert_eq!(cache.get::<Vec<u8>>(&key), Some(vec![1, 2, 3]));
        for entry in walkdir::WalkDir::new(dir.path()).into_iter().flatten().filter(|e| e.file_type().is_file()) {
            let mut bytes = fs::read(entry.path()).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(entry.path(), bytes).unwrap();
        }
        assert_eq!(cache.get::<Vec<u8>>(&key), None);
        assert_eq!(cache.blob(&blob), None);
        assert!(!cache.has_blob(&blob, 5), "damaged entries are removed");
        assert_eq!((cache.hits(), cache.misses(), cache.warning()), (1, 1, None));
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_a_warning() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let cache = Cache::open(Some(file.path()));
        assert_eq!(cache.put_blob(b"x"), None);
        cache.put(&Digest::of(b"k"), &1u8);
        assert!(cache.warning().is_some());
        assert_eq!(Cache::open(None).put_blob(b"x"), None);
    }
}
