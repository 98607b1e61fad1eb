//! What a folder looks like without reading its files; two of these tell what has changed. I/O.

use crate::model::Stamp;
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// Of each file and folder, by its path below the root; the root itself under the empty path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot(BTreeMap<PathBuf, Place>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// A folder that is made anew is another one.
    Folder {
        inode: u64,
    },
    File(Stamp),
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
            let stamp = place(&entry.metadata().ok()?);
            Some((entry.path().strip_prefix(root).ok()?.to_owned(), stamp))
        });
        Self(stamped.collect())
    }

    pub fn has_files(&self) -> bool {
        self.0.values().any(|s| matches!(s, Place::File(_)))
    }

    /// The same folders, none of them made anew.
    pub fn same_folders(&self, other: &Self) -> bool {
        let folders = |s: &'_ Self| -> Vec<(PathBuf, Place)> {
            let all = s.0.iter().filter(|(_, s)| matches!(s, Place::Folder { .. }));
            all.map(|(p, s)| (p.clone(), *s)).collect()
        };
        folders(self) == folders(other)
    }

    /// Of files only.
    pub fn changes_to(&self, new: &Self) -> Changes {
        let mut changes = Changes::default();
        let file = |s: &Option<&Place>| matches!(s, Some(Place::File(_)));
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

fn place(meta: &Metadata) -> Place {
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(meta);
    #[cfg(not(unix))]
    let inode = 0;
    if meta.is_dir() { Place::Folder { inode } } else { Place::File(Stamp::of(meta)) }
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
