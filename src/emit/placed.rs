//! The files of the last output of this process: what has not changed is linked into the next one instead of written.

use crate::model::{Digest, SitePath, Stamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub struct Placed(Mutex<HashMap<SitePath, (Digest, Stamp, Sums)>>);

/// What is told of an output file's bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sums {
    pub len: u64,
    pub sha256: String,
    /// Of scripts and sheets.
    pub integrity: Option<String>,
    /// Of pages that rules were put into: the hashes of their `<style>` elements.
    pub styles: Vec<String>,
}

impl Placed {
    /// The file is in `out` under this path with these bytes, and nobody has touched it.
    pub(super) fn holds(&self, out: &Path, path: &SitePath, digest: &Digest) -> Option<Sums> {
        let placed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, stamp, sums) = placed.get(path).filter(|(d, ..)| d == digest)?;
        let now = Stamp::of(&fs::symlink_metadata(out.join(path.as_str())).ok()?);
        (now == *stamp).then(|| sums.clone())
    }

    /// After `out` has been put in place; linking and unlinking count as changes of a file.
    pub fn remember<'a>(&self, out: &Path, files: impl Iterator<Item = (&'a SitePath, Digest, &'a Sums)>) {
        let stamped = files.filter_map(|(path, digest, sums)| {
            let stamp = Stamp::of(&fs::symlink_metadata(out.join(path.as_str())).ok()?);
            Some((path.clone(), (digest, stamp, sums.clone())))
        });
        let all = stamped.collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = all;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::emit::staging::Staging;

    #[test]
    fn a_file_that_was_linked_and_then_written_leaves_the_old_output_alone() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("a"), "old").unwrap();
        let (path, digest) = (SitePath::new("a").unwrap(), Digest::of(b"old"));
        let sums = Sums { len: 3, sha256: crate::emit::sha256(b"old"), integrity: None, styles: Vec::new() };
        let placed = Placed::default();
        placed.remember(&out, [(&path, digest, &sums)].into_iter());
        let staging = Staging::begin(&out, &placed).unwrap();
        assert_eq!(staging.again(&path, &Digest::of(b"new")), None);
        assert_eq!(staging.again(&path, &digest), Some(sums.clone()));
        staging.write(&path, b"new").unwrap();
        assert_eq!(fs::read(out.join("a")).unwrap(), b"old");
        staging.commit().unwrap();
        assert_eq!(fs::read(out.join("a")).unwrap(), b"new");
        // Touched since: what is remembered is of no use.
        let staging = Staging::begin(&out, &placed).unwrap();
        assert_eq!(staging.again(&path, &digest), None);
    }
}
