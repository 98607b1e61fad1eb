//! How the watching threads reach the building one: rung for every hint of a change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
pub struct Bell {
    state: Mutex<State>,
    rung: Condvar,
    stopped: AtomicBool,
    /// Something has changed since the run at work began.
    outdated: AtomicBool,
}

#[derive(Default)]
struct State {
    last: Option<Instant>,
    pending: bool,
    /// The system gives no more events: the folder must be asked.
    deaf: bool,
}

/// What a hint is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hint {
    /// A file has changed: the run at work is outdated.
    Changed,
    /// Events were lost. They may have been about the reading of the site itself, so that nothing need have changed.
    Look,
    /// No events come from here on.
    Deaf,
}

impl Bell {
    pub fn ring(&self, hint: Hint) {
        let mut state = self.state();
        state.last = Some(Instant::now());
        state.pending = true;
        state.deaf |= hint == Hint::Deaf;
        if hint == Hint::Changed {
            self.outdated.store(true, Ordering::Release);
        }
        self.rung.notify_all();
    }

    /// For good: the run at work ends, and no other begins.
    pub fn stop(&self) {
        let _state = self.state();
        self.stopped.store(true, Ordering::Release);
        self.rung.notify_all();
    }

    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// The run at work is wanted no longer.
    pub fn cancelled(&self) -> bool {
        self.stopped() || self.outdated.load(Ordering::Acquire)
    }

    /// From here on, hints are about another state than the one that is looked at now.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.pending = false;
        self.outdated.store(false, Ordering::Release);
    }

    /// Until the next hint, at most so long.
    pub(super) fn wait(&self, at_most: Duration) {
        let state = self.state();
        let idle = |s: &mut State| !s.pending && !self.stopped();
        drop(self.rung.wait_timeout_while(state, at_most, idle));
    }

    /// Until nothing has been heard for so long.
    pub(super) fn quiet(&self, lasting: Duration) {
        let mut state = self.state();
        while let Some(left) = state.last.and_then(|last| lasting.checked_sub(last.elapsed())) {
            if self.stopped() || left.is_zero() {
                return;
            }
            state = self.rung.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether events have ceased; said once.
    pub(super) fn gone_deaf(&self) -> bool {
        std::mem::take(&mut self.state().deaf)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
