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
