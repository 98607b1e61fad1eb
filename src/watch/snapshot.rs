//! What a folder looks like without reading its files; two of these tell what has changed. I/O.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Of each file and folder, by its path below the root; the root itself under the empty path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot(BTreeMap<PathBuf, Stamp>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stamp {
    /// A folder that is made anew is another one.
    Folder {
        inode: u64,
    },
    File {
        len: u64,
        modified: Option<SystemTime>,
        inode: u64,
        changed: (i64, i64),
    },
}

/// From one snapshot to another, paths below the root.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    pub changed: Vec<PathBuf>,
    pub added: Vec<PathBuf>,
    pub removed: Vec<PathBuf>,
}

impl Snapshot {
    /// Empty when the root is not there.
    pub fn take(root: &Path) -> Self {
        let walk = walkdir::WalkDir::new(root).follow_links(true).into_iter().filter_map(Result::ok);
        let stamped = walk.filter_map(|entry| {
            let stamp = Stamp::of(&entry.metadata().ok()?);
            Some((entry.path().strip_prefix(root).ok()?.to_owned(), stamp))
        });
        Self(stamped.collect())
    }

    pub fn has_files(&self) -> bool {
        self.0.values().any(|s| matches!(s, Stamp::File { .. }))
    }

    /// The same folders, none of them made anew.
    pub fn same_folders(&self, other: &Self) -> bool {
        let folders = |s: &'_ Self| -> Vec<(PathBuf, Stamp)> {
            let all = s.0.iter().filter(|(_, s)| matches!(s, Stamp::Folder { .. }));
            all.map(|(p, s)| (p.clone(), *s)).collect()
        };
        folders(self) == folders(other)
    }

    /// Of files only.
    pub fn changes_to(&self, new: &Self) -> Changes {
        let mut changes = Changes::default();
        let file = |s: &Option<&Stamp>| matches!(s, Some(Stamp::File { .. }));
        for path in self.0.keys().chain(new.0.keys().filter(|p| !self.0.contains_key(*p))) {
            let (before, after) = (self.0.get(path), new.0.get(path));
            match (file(&before), file(&after)) {
                (true, true) if before != after => changes.changed.push(path.clone()),
                (false, true) => changes.added.push(path.clone()),
                (true, false) => changes.removed.push(path.clone()),
                _ => {}
            }
        }
        changes
    }
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn len(&self) -> usize {
        self.changed.len() + self.added.len() + self.removed.len()
    }

    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.changed.iter().chain(&self.added).chain(&self.removed)
    }
}

impl Stamp {
    #[cfg(unix)]
    fn of(meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        match meta.is_dir() {
            true => Self::Folder { inode: meta.ino() },
            false => Self::File {
                len: meta.len(),
                modified: meta.modified().ok(),
                inode: meta.ino(),
                changed: (meta.ctime(), meta.ctime_nsec()),
            },
        }
    }

    #[cfg(not(unix))]
    fn of(meta: &Metadata) -> Self {
        match meta.is_dir() {
            true => Self::Folder { inode: 0 },
            false => Self::File { len: meta.len(), modified: meta.modified().ok(), inode: 0, changed: (0, 0) },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_kind_of_change_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let at = |p: &str| dir.path().join(p);
        fs::create_dir(at("a")).unwrap();
        ["a/same", "a/grows", "a/replaced", "gone"].iter().for_each(|p| fs::write(at(p), "x").unwrap());
        let before = Snapshot::take(dir.path());
        assert!(before.has_files() && before.changes_to(&Snapshot::take(dir.path())).is_empty());
        fs::write(at("a/grows"), "xx").unwrap();
        // The same length and, to the second, the same time.
        fs::write(at("a/new"), "y").unwrap();
        fs::rename(at("a/new"), at("a/replaced")).unwrap();
        fs::remove_file(at("gone")).unwrap();
        fs::write(at("came"), "x").unwrap();
        let after = Snapshot::take(dir.path());
        let paths = |all: &[&str]| all.iter().map(PathBuf::from).collect::<Vec<_>>();
        let expected =
            Changes { changed: paths(&["a/grows", "a/replaced"]), added: paths(&["came"]), removed: paths(&["gone"]) };
        assert_eq!(before.changes_to(&after), expected);
        assert!(before.same_folders(&after));
        fs::rename(at("a"), at("b")).unwrap();
        assert!(!after.same_folders(&Snapshot::take(dir.path())));
        assert!(!Snapshot::take(&at("nowhere")).has_files());
    }
}
