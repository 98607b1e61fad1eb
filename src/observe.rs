//! How a build tells what it is doing. Level 0: stages report, `ui` decides what a person sees.

/// Calls come from many threads. Nothing that a build writes depends on them.
pub trait Observer: Sync {
    /// A stage begins, with so many steps.
    fn stage(&self, name: &'static str, steps: usize);
    /// One step is done; `saved` is how many bytes smaller its file became.
    fn step(&self, saved: i64);
    /// The build is wanted no longer: it ends after the files that are at work, and leaves the output as it was.
    /// Once true, it stays so.
    fn cancelled(&self) -> bool {
        false
    }
}

pub struct Silent;

impl Observer for Silent {
    fn stage(&self, _: &'static str, _: usize) {}
    fn step(&self, _: i64) {}
}
