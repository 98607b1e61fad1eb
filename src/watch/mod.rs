//! `kiln watch`: the same build after every change that has come to rest.
//!
//! Events are only hints. What has changed is found by looking at the whole folder again, so that lost, doubled and
//! invented events all end in the same state; and a build that runs when a file changes is given up, so that it is
//! cheap to begin early.

mod bell;
mod snapshot;
mod source;

pub use bell::Bell;
pub use snapshot::Changes;

use crate::observe::Observer;
use crate::pipeline::{Error, Report};
use snapshot::Snapshot;
use source::Source;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct Watch<'a> {
    pub input: &'a Path,
    /// `None`: by the system's events, where it has any.
    pub poll: Option<Duration>,
    /// With a draft first.
    pub fast: bool,
    pub bell: &'a Arc<Bell>,
}

/// How much care a build takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pass {
    /// New pictures as cheaply as can be.
    Draft,
    Whole,
}

/// What a person is told.
pub enum News<'a> {
    /// A build has ended.
    Built { changes: &'a Changes, took: Duration, result: &'a Result<Report, Error> },
    /// The folder has gone, or holds no files.
    Waiting,
    /// There are no events, for this reason.
    Polling { why: String },
}

/// Someone who saves a file waits for this.
const QUIET: Duration = Duration::from_millis(20);

/// Files that come and go are the work of a program that has more to write.
const LONG_QUIET: Duration = Duration::from_millis(300);

/// More files than a person changes at a time.
const MANY: usize = 4;

/// Events could be lost, on some systems without a word.
const LOOK_ANYWAY: Duration = Duration::from_secs(10);

pub const DEFAULT_POLL: Duration = Duration::from_millis(500);

/// Runs `build` now and after every change, until the bell is stopped.
pub fn run(watch: &Watch<'_>, build: &mut dyn FnMut(Pass) -> Result<Report, Error>, tell: &mut dyn FnMut(News<'_>)) {
    let bell = watch.bell;
    let root = std::path::absolute(watch.input).unwrap_or_else(|_| watch.input.to_owned());
    let mut eyes = Eyes::open(&root, watch.poll, bell, tell);
    let mut built: Option<Snapshot> = None;
    let mut waiting = false;
    while !bell.stopped() {
        let Some(now) = eyes.settled(built.as_ref(), bell, tell) else {
            // Nothing new; or no site: while a build empties its folder and fills it again, the last output stands.
            if !waiting && !bell.stopped() && !eyes.seen.has_files() {
                waiting = true;
                tell(News::Waiting);
            }
            bell.wait(LOOK_ANYWAY);
            continue;
        };
        waiting = false;
        let changes = built.as_ref().map(|b| b.changes_to(&now)).unwrap_or_default();
        let mut finished = |pass| {
            let start = Instant::now();
            let result = build(pass);
            let cancelled = matches!(result, Err(Error::Cancelled));
            if !cancelled {
                tell(News::Built { changes: &changes, took: start.elapsed(), result: &result });
            }
            (!cancelled).then(|| result.map_or(0, |report| report.drafts))
        };
        let drafts = finished(if watch.fast { Pass::Draft } else { Pass::Whole });
        if drafts.is_some_and(|n| n == 0 || finished(Pass::Whole).is_some()) {
            built = Some(now);
        }
    }
}

/// Watches one place, and what was last seen there.
struct Eyes {
    root: PathBuf,
    /// Where the root really is: a link may be turned to another folder.
    real: Option<PathBuf>,
    poll: Option<Duration>,
    source: Source,
    seen: Snapshot,
}

impl Eyes {
    fn open(root: &Path, mut poll: Option<Duration>, bell: &Arc<Bell>, tell: &mut dyn FnMut(News<'_>)) -> Self {
        let real = root.canonicalize().ok();
        let source = source(real.as_deref().unwrap_or(root), root, &mut poll, bell, tell);
        // After the first watch, so that nothing falls between the two.
        Self { root: root.to_owned(), real, poll, source, seen: Snapshot::take(root) }
    }

    /// What is there once it has come to rest, if it is another state than `built` and holds files.
    fn settled(
        &mut self,
        built: Option<&Snapshot>,
        bell: &Arc<Bell>,
        tell: &mut dyn FnMut(News<'_>),
    ) -> Option<Snapshot> {
        let mut quiet = QUIET;
        loop {
            bell.quiet(quiet);
            if bell.stopped() {
                return None;
            }
            bell.begin();
            self.look(bell, tell);
            let changes = built.map(|b| b.changes_to(&self.seen));
            if changes.as_ref().is_some_and(Changes::is_empty) {
                return None;
            }
            let empty = !self.seen.has_files();
            let large = changes.is_some_and(|c| c.len() > MANY || c.added.len() + c.removed.len() > 0);
            let enough = if large || empty { LONG_QUIET } else { QUIET };
            if bell.cancelled() || quiet < enough {
                quiet = enough;
                continue;
            }
            return (!empty).then(|| self.seen.clone());
        }
    }

    fn look(&mut self, bell: &Arc<Bell>, tell: &mut dyn FnMut(News<'_>)) {
        if bell.gone_deaf() && self.poll.is_none() {
            self.poll = Some(DEFAULT_POLL);
            tell(News::Polling { why: source::limit_reached() });
        }
        let now = Snapshot::take(&self.root);
        let real = self.root.canonicalize().ok();
        // Watches on folders that were removed, replaced or made while nobody looked are not to be relied on.
        let events = matches!(self.source, Source::Events { .. });
        if real != self.real || (events && (self.poll.is_some() || !now.same_folders(&self.seen))) {
            self.source = source(real.as_deref().unwrap_or(&self.root), &self.root, &mut self.poll, bell, tell);
            self.real = real;
            self.seen = Snapshot::take(&self.root);
        } else {
            self.seen = now;
        }
    }
}

/// Of the folder `root` that is called `name`. Where there are no events, polling is decided on for good.
fn source(
    root: &Path,
    name: &Path,
    poll: &mut Option<Duration>,
    bell: &Arc<Bell>,
    tell: &mut dyn FnMut(News<'_>),
) -> Source {
    let every = match poll {
        Some(every) => *every,
        None => match Source::events(root, name, bell) {
            Ok(source) => return source,
            Err(why) => {
                tell(News::Polling { why });
                *poll.insert(DEFAULT_POLL)
            }
        },
    };
    Source::polling(name, every, bell)
}

/// A build that ends when the bell says so.
pub struct Cancellable<'a> {
    pub bell: &'a Bell,
    pub inner: &'a dyn Observer,
}

impl Observer for Cancellable<'_> {
    fn stage(&self, name: &'static str, steps: usize) {
        self.inner.stage(name, steps);
    }

    fn step(&self, saved: i64) {
        self.inner.step(saved);
    }

    fn cancelled(&self) -> bool {
        self.bell.cancelled()
    }
}
