//! What people could do better themselves, after the plan.

use super::bytes;
use crate::pipeline::Waste;
use std::fmt::Write;

/// Empty where there is nothing to say.
pub fn told(waste: &Waste) -> String {
    let mut text = String::new();
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{title}");
            lines.iter().for_each(|line| _ = writeln!(text, "  {line}"));
        }
    };
    let twins = waste.twins.iter().map(|t| format!("{} each: {}", bytes(t.bytes), list(&t.paths)));
    section("the same file under several names (a visitor who needs both loads both)", twins.collect());
    let mut repeated = Vec::new();
    for r in &waste.repeated {
        let from = if r.packages.is_empty() { String::new() } else { format!(", from {}", list(&r.packages)) };
        repeated.push(format!("{} ({} functions{from}) in {}", bytes(r.bytes), r.functions, list(&r.paths)));
        repeated.push(format!("  the longest: {}", list(&r.longest)));
    }
    section("the same code in several scripts (a shared chunk would hold it once)", repeated);
    let copies = waste.packages.iter().filter(|p| !p.copies.is_empty());
    section(
        "packages that are there several times (often in two versions)",
        copies.map(|p| format!("{}, {} in all: {}", p.name, bytes(p.bytes), list(&p.copies))).collect(),
    );
    let polyfills = waste.polyfills.iter().map(|p| format!("{} of {}: {}", bytes(p.bytes), p.path, list(&p.modules)));
    section(
        "polyfills that no browser in `js.browsers` needs (their own bytes, not what they share)",
        polyfills.collect(),
    );
    let blocking = waste.blocking.iter().map(|b| {
        format!("{} ({}) on {} {}", b.scripts.join(", "), bytes(b.bytes), pages(b.pages.len()), list(&b.pages))
    });
    section(
        "scripts that hold up pages though nothing seems to wait for them (try `defer` on all of a line)",
        blocking.collect(),
    );
    let packages = waste.packages.iter().map(|p| {
        let name = if p.name.is_empty() { "the site's own" } else { &p.name };
        format!("{:>9}  {name} in {}", bytes(p.bytes), list(&p.paths))
    });
    section("bytes of scripts by package, as their source maps tell", packages.collect());
    text
}

fn pages(count: usize) -> String {
    if count == 1 { "1 page:".into() } else { format!("{count} pages:") }
}

/// Of many, the first few.
fn list(all: &[String]) -> String {
    const SHOWN: usize = 6;
    let rest = all.len().saturating_sub(SHOWN);
    let shown = all.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}
