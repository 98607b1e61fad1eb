//! A bound on what decoding may hold in memory at once, over all threads.

use std::sync::{Condvar, Mutex, PoisonError};

pub struct Budget {
    free: Mutex<u64>,
    all: u64,
    returned: Condvar,
}

pub struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    pub fn new(bytes: u64) -> Self {
        Self { free: Mutex::new(bytes), all: bytes, returned: Condvar::new() }
    }

    /// Waits until `bytes` are free. More than there is at all waits for everything: one large picture alone still runs.
    pub fn take(&self, bytes: u64) -> Share<'_> {
        let bytes = bytes.min(self.all);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        Share { budget: self, bytes }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn trap_38_two_large_pictures_wait_for_each_other() {
        let budget = Budget::new(100);
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    let _share = budget.take(60);
                    most.fetch_max(now.fetch_add(60, Ordering::SeqCst) + 60, Ordering::SeqCst);
                    std::thread::yield_now();
                    now.fetch_sub(60, Ordering::SeqCst);
                });
            }
            s.spawn(|| drop(budget.take(1_000)));
        });
        assert_eq!(most.load(Ordering::SeqCst), 60);
    }
}
