use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// What tells that a file has not been touched, without reading it: length, times and inode. No program can set the
/// time of the last change of a file's inode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    inode: u64,
    /// Seconds and nanoseconds.
    changed: (i64, i64),
}

impl Stamp {
    #[cfg(unix)]
    pub fn of(meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            len: meta.len(),
            modified: meta.modified().ok(),
            inode: meta.ino(),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    pub fn of(meta: &Metadata) -> Self {
        Self { len: meta.len(), modified: meta.modified().ok(), inode: 0, changed: (0, 0) }
    }

    /// Whether the same stamp again will mean the same bytes. Not where programs set all that is in it, nor so soon
    /// after a change that another one could bear the same time.
    pub fn is_proof(&self) -> bool {
        const TICK: Duration = Duration::from_millis(20);
        let (seconds, nanos) = self.changed;
        let since = u64::try_from(seconds).ok().zip(u32::try_from(nanos).ok()).map(|(s, n)| Duration::new(s, n));
        let age = since.and_then(|s| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + s).ok());
        cfg!(unix) && age.is_some_and(|age| age > TICK)
    }
}
