//! What `kiln watch` says: one line a cycle, and troubles when they are new.

use crate::model::{Diagnostic, Severity};
use crate::pipeline::Report;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// The troubles that were there after the last cycle.
#[derive(Default)]
pub struct Known(BTreeSet<Diagnostic>);

impl Known {
    /// What is new goes to standard error.
    pub fn show(&mut self, report: &Report, verbose: bool, quiet: bool) {
        let now: BTreeSet<Diagnostic> = report.diagnostics.iter().cloned().collect();
        let new = Report {
            diagnostics: now.difference(&self.0).cloned().collect(),
            cache_warning: report.cache_warning.clone(),
            ..Report::default()
        };
        super::diagnostics(&new, verbose, quiet);
        self.0 = now;
    }
}

pub fn cycle(changes: &[&Path], took: Duration, report: &Report, out: &Path) -> String {
    let what = match changes {
        [] => "built".to_owned(),
        [path] => path.display().to_string(),
        [path, others @ ..] => format!("{} and {} more", path.display(), others.len()),
    };
    let cache = match report.unchanged {
        true => "nothing has changed".to_owned(),
        false => format!("cache: {} hits, {} misses", report.cache_hits, report.cache_misses),
    };
    let trouble: String = [(Severity::Error, "errors"), (Severity::Warning, "warnings")]
        .iter()
        .map(|(severity, name)| (report.count(*severity), name))
        .filter(|(n, _)| *n > 0)
        .map(|(n, name)| format!(", {n} {name}"))
        .collect();
    let drafts = match report.drafts {
        0 => String::new(),
        1 => ", 1 picture as a draft".into(),
        n => format!(", {n} pictures as drafts"),
    };
    format!("{what}: {} ms, {cache}{drafts}{trouble} → {}\n", took.as_millis(), out.display())
}

/// After a build that failed.
pub fn still(out: &Path) -> String {
    match out.exists() {
        true => format!("{} holds the last good output", out.display()),
        false => "there is no output yet".into(),
    }
}
