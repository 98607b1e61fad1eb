//! What a person sees: progress while it runs, a table at the end.

mod cycles;
mod progress;
mod waste;

pub use cycles::{Known, cycle, still};
pub use progress::progress;

use crate::model::Severity;
use crate::pipeline::{FileReport, KindTotals, Report};
use std::fmt::Write;
use std::path::Path;

/// Warnings and errors to standard error; notes too when `verbose`. Of many warnings the first twenty.
pub fn diagnostics(report: &Report, verbose: bool, quiet: bool) {
    const SHOWN: usize = 20;
    let least = match (quiet, verbose) {
        (true, _) => Severity::Error,
        (_, true) => Severity::Note,
        _ => Severity::Warning,
    };
    let mut shown: Vec<_> = report.diagnostics.iter().filter(|d| d.severity >= least).collect();
    shown.sort_by_key(|d| std::cmp::Reverse(d.severity));
    for d in shown.iter().take(if verbose { usize::MAX } else { SHOWN }) {
        eprintln!("{d}");
    }
    if !verbose && shown.len() > SHOWN {
        eprintln!("… and {} more; --verbose shows them all", shown.len() - SHOWN);
    }
    if let Some(warning) = report.cache_warning.as_ref().filter(|_| !quiet) {
        eprintln!("kiln: the cache could not be used: {warning}");
    }
}

pub fn summary(report: &Report, out: &Path, verbose: bool) -> String {
    let mut text = String::new();
    if verbose {
        report.files.iter().for_each(|f| text.push_str(&file(f)));
    }
    let _ = writeln!(text, "{:<12} {:>6} {:>11} {:>11} {:>7} {:>11}", "", "files", "before", "after", "", "beside");
    let mut all = KindTotals::default();
    for (kind, t) in &report.kinds {
        let _ = writeln!(text, "{}", row(kind, t));
        all = KindTotals {
            files: all.files + t.files,
            before: all.before + t.before,
            after: all.after + t.after,
            extra: all.extra + t.extra,
        };
    }
    let _ = writeln!(text, "{}", row("total", &all));
    if all.extra > 0 {
        text.push_str("beside: other versions of pictures, and renamed files under their old names\n");
    }
    let times: Vec<String> =
        report.stages.iter().filter(|s| s.seconds >= 0.001).map(|s| format!("{} {:.2} s", s.name, s.seconds)).collect();
    let _ = writeln!(text, "{}", times.join(", "));
    if report.unchanged {
        text.push_str("nothing has changed: taken from the cache\n");
    } else if report.cache_hits + report.cache_misses > 0 {
        let _ = writeln!(text, "cache: {} hits, {} misses", report.cache_hits, report.cache_misses);
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let trouble =
        if errors + warnings > 0 { format!(" ({errors} errors, {warnings} warnings)") } else { String::new() };
    let _ = writeln!(text, "wrote {} for a site at {}{trouble}", out.display(), report.base);
    text
}

fn row(name: &str, t: &KindTotals) -> String {
    let percent = if t.before == 0 { 0.0 } else { (t.after as f64 / t.before as f64 - 1.0) * 100.0 };
    format!(
        "{name:<12} {:>6} {:>11} {:>11} {percent:>+6.0}% {:>11}",
        t.files,
        bytes(t.before),
        bytes(t.after),
        bytes(t.extra)
    )
}

pub fn plan(report: &Report) -> String {
    let mut text = format!("site at {}\n", report.base);
    report.files.iter().for_each(|f| text.push_str(&file(f)));
    text + &report.waste.as_ref().map(waste::told).unwrap_or_default()
}

pub fn explain(report: &Report, path: &str) -> String {
    let Some(found) = report.files.iter().find(|f| f.path == path || f.output == path) else {
        return format!("no file of the site is called {path}\n");
    };
    let mut text = file(found);
    let _ = writeln!(text, "  {} before, {} after", bytes(found.before), bytes(found.after));
    for d in &found.dropped {
        let _ = writeln!(text, "  dropped {}:{}: {}: {}", d.line, d.column, d.rule, d.reason);
    }
    if let Some(s) = found.shaken.as_ref().filter(|s| !s.exports.is_empty()) {
        let _ = writeln!(text, "  exports that nothing imports: {}", s.exports.join(", "));
    }
    for by in &found.referred_by {
        let _ = writeln!(text, "  referred to by {by}");
    }
    for d in report.diagnostics.iter().filter(|d| d.path == found.path) {
        let _ = writeln!(text, "  {d}");
    }
    text
}

fn file(f: &FileReport) -> String {
    let name = if f.path == f.output { f.path.clone() } else { format!("{} → {}", f.path, f.output) };
    f.decisions.iter().fold(format!("{name}\n"), |text, d| text + "  " + d + "\n")
}

/// Decimal units, as on disk and in bills.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}
