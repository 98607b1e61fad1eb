//! A bar on a terminal, a line per stage elsewhere. The only user of indicatif.

use super::bytes;
use crate::observe::{Observer, Silent};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicI64, Ordering};

pub fn progress(quiet: bool) -> Box<dyn Observer> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bar::new())
    } else {
        Box::new(Lines)
    }
}

struct Bar {
    bar: ProgressBar,
    saved: AtomicI64,
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        // The NO_COLOR convention: any value that is not empty.
        let colour = if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) { "" } else { ":.green" };
        if let Ok(style) =
            ProgressStyle::with_template(&format!("{{prefix:>18}} {{bar:30{colour}}} {{pos}}/{{len}} {{msg}} {{eta}}"))
        {
            bar.set_style(style);
        }
        Self { bar, saved: AtomicI64::new(0) }
    }
}

impl Observer for Bar {
    fn stage(&self, name: &'static str, steps: usize) {
        self.bar.reset();
        self.bar.set_length(steps as u64);
        self.bar.set_prefix(name);
    }

    fn step(&self, saved: i64) {
        let saved = self.saved.fetch_add(saved, Ordering::Relaxed) + saved;
        self.bar.set_message(format!("{} saved", bytes(u64::try_from(saved).unwrap_or(0))));
        self.bar.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

struct Lines;

impl Observer for Lines {
    fn stage(&self, name: &'static str, steps: usize) {
        match steps {
            0 => eprintln!("kiln: {name}"),
            _ => eprintln!("kiln: {name} ({steps} files)"),
        }
    }

    fn step(&self, _: i64) {}
}
