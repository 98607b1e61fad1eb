//! Where hints of changes come from: the system's events, or a look at regular intervals.

use super::bell::{Bell, Hint};
use super::snapshot::Snapshot;
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Gives hints until it is dropped.
pub enum Source {
    Events { _watcher: RecommendedWatcher },
    Polling { ended: Arc<AtomicBool> },
}

impl Source {
    /// Events of everything below `root`, and of the folder itself coming and going. `name` is how it was called, which
    /// may be a link to it. An error says what to do.
    pub fn events(root: &Path, name: &Path, bell: &Arc<Bell>) -> Result<Self, String> {
        let (ears, places) = (bell.clone(), [root.to_owned(), name.to_owned()]);
        let hear = move |event: notify::Result<Event>| {
            if let Some(hint) = hint(&event, &places) {
                ears.ring(hint);
            }
        };
        let config = Config::default().with_follow_symlinks(true);
        let mut watcher = RecommendedWatcher::new(hear, config).map_err(|e| explained(&e))?;
        // A watch dies with the folder that it is on; the folder above tells when there is a new one.
        for place in [root, name] {
            if let Some(above) = place.ancestors().skip(1).find(|p| p.is_dir()) {
                watcher.watch(above, RecursiveMode::NonRecursive).map_err(|e| explained(&e))?;
            }
        }
        match watcher.watch(root, RecursiveMode::Recursive) {
            Err(e) if root.exists() => Err(explained(&e)),
            _ => Ok(Self::Events { _watcher: watcher }),
        }
    }

    /// For file systems without events, like network folders and those of another system.
    pub fn polling(root: &Path, every: Duration, bell: &Arc<Bell>) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let (bell, root, end) = (bell.clone(), root.to_owned(), ended.clone());
        let mut last = Snapshot::take(&root);
        std::thread::spawn(move || {
            while !end.load(Ordering::Acquire) && !bell.stopped() {
                std::thread::sleep(every);
                let now = Snapshot::take(&root);
                if now != last {
                    bell.ring(Hint::Changed);
                    last = now;
                }
            }
        });
        Self::Polling { ended }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Self::Polling { ended } = self {
            ended.store(true, Ordering::Release);
        }
    }
}

/// What an event is worth; `None`: nothing. Reading is no change, or a build would set off the next one.
fn hint(event: &notify::Result<Event>, places: &[PathBuf]) -> Option<Hint> {
    match event {
        Ok(event) if event.need_rescan() => Some(Hint::Look),
        Ok(Event { kind: EventKind::Access(_), .. }) => None,
        Ok(event) if places.iter().any(|root| event.paths.iter().any(|p| p.starts_with(root))) => Some(Hint::Changed),
        // Of a folder above; the staging folder stands there too.
        Ok(event) if places.iter().any(|root| event.paths.iter().any(|p| root.starts_with(p))) => Some(Hint::Look),
        Ok(_) => None,
        Err(e) if matches!(e.kind, notify::ErrorKind::MaxFilesWatch) => Some(Hint::Deaf),
        Err(_) => Some(Hint::Look),
    }
}

fn explained(error: &notify::Error) -> String {
    let sysctl = |key: &str, value: u32| format!("raise it with `sudo sysctl {key}={value}`");
    let io = match &error.kind {
        notify::ErrorKind::Io(e) => e.raw_os_error(),
        _ => None,
    };
    // ENOSPC and EMFILE, as inotify uses them.
    match (&error.kind, io) {
        (notify::ErrorKind::MaxFilesWatch, _) | (_, Some(28)) => {
            format!(
                "the system's limit of watched folders is reached; {}",
                sysctl("fs.inotify.max_user_watches", 524_288)
            )
        }
        (_, Some(24)) => {
            format!("the system's limit of watchers is reached; {}", sysctl("fs.inotify.max_user_instances", 1024))
        }
        _ => format!("the system gives no events for this folder ({error})"),
    }
}

/// What is said when events cease after they have begun.
pub fn limit_reached() -> String {
    explained(&notify::Error::new(notify::ErrorKind::MaxFilesWatch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, Flag, ModifyKind};

    #[test]
    fn reading_is_no_change_and_neither_is_a_neighbour() {
        let root = &[PathBuf::from("/w/dist")];
        let event = |kind, path: &str| Ok(Event::new(kind).add_path(path.into()));
        let write = EventKind::Modify(ModifyKind::Any);
        assert_eq!(hint(&event(write, "/w/dist/a.css"), root), Some(Hint::Changed));
        assert_eq!(hint(&event(EventKind::Any, "/w/dist"), root), Some(Hint::Changed));
        assert_eq!(hint(&event(EventKind::Access(AccessKind::Any), "/w/dist/a.css"), root), None);
        assert_eq!(hint(&event(write, "/w/.dist-kiln.kiln-staging"), root), None);
        assert_eq!(hint(&event(write, "/w/dist-kiln"), root), None);
        assert_eq!(hint(&event(write, "/w"), root), Some(Hint::Look));
        assert_eq!(hint(&Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), root), Some(Hint::Look));
        let limit = notify::Error::new(notify::ErrorKind::MaxFilesWatch);
        assert!(explained(&limit).contains("sysctl fs.inotify.max_user_watches="));
        assert_eq!(hint(&Err(limit), root), Some(Hint::Deaf));
        let instances = notify::Error::io(std::io::Error::from_raw_os_error(24));
        assert!(explained(&instances).contains("fs.inotify.max_user_instances="));
    }
}
