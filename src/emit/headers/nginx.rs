//! nginx: a `map` from the file's name to the value, for the `http` context, and `add_header` lines for a `server`.
//!
//! One file cannot serve both contexts. `add_header` could stand in `http` too, but would then speak for every other
//! site of that server. Without `always` it is silent on 404, so a missing file is never cached for a year.

use super::{Host, Rendered, plan, policy};
use crate::model::OutputHeaders;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A longer key does not fit into nginx's default `map_hash_bucket_size` of 64: two pointers and a length go off.
const LONGEST_KEY: usize = 46;

/// A token of the configuration may have 4096 bytes, quotes, escapes and the base path included.
const LONGEST_TOKEN: usize = 3000;

/// The maps, to be included in `http { … }`. `base`: the path below which the site is served, with both slashes.
pub fn render(outputs: &[OutputHeaders], base: &str) -> Rendered {
    // `$uri` is decoded.
    let base = percent_decode_str(base).decode_utf8_lossy();
    let (rules, mut dropped) = plan::rules(&SYNTAX, outputs, "");
    // Exact keys ignore case: where files differ only in case, use patterns, which do not.
    let mut spellings: BTreeMap<String, usize> = BTreeMap::new();
    for o in outputs {
        *spellings.entry(folded(o.path.as_str())).or_default() += 1;
    }
    let mut text = String::from("# Include in http { }; the add_header lines go into server { }.\n");
    for name in plan::names(outputs) {
        let _ = writeln!(text, "map $uri ${} {{", variable(name));
        let _ = writeln!(text, "  default {};", quoted(default(name)));
        for rule in &rules {
            for (_, value) in rule.headers.iter().filter(|(n, _)| *n == name) {
                let inside = rule.pattern.trim_start_matches('/');
                let path = format!("{base}{inside}");
                let alone = || spellings.get(&folded(inside)) == Some(&1);
                let key = if rule.directory {
                    format!("~^{}", escaped(path.trim_end_matches('*')))
                } else if path.len() <= LONGEST_KEY && alone() {
                    path
                } else {
                    format!("~^{}$", escaped(&path))
                };
                let _ = writeln!(text, "  {} {};", quoted(&key), quoted(value));
            }
        }
        text.push_str("}\n");
    }
    dropped.dedup();
    Rendered { text, dropped }
}

/// The lines for `server { … }`, or for each `location` that has an `add_header` of its own (it drops inherited ones).
pub fn server(outputs: &[OutputHeaders]) -> String {
    plan::names(outputs).iter().map(|name| format!("add_header {name} ${};\n", variable(name))).collect()
}

/// `$kiln_cache_control`.
pub(super) fn variable(name: &str) -> String {
    format!("kiln_{}", name.to_ascii_lowercase().replace('-', "_"))
}

/// nginx sends no Cache-Control of its own; an empty value sends no header.
fn default(name: &str) -> &'static str {
    if name == "Cache-Control" { policy::REVALIDATE } else { "" }
}

fn folded(path: &str) -> String {
    path.to_ascii_lowercase()
}

/// Text inside of a regular expression. Bytes above ASCII mean themselves.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '/' | '-' | '_') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A token of nginx's configuration.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

const SYNTAX: plan::Syntax = plan::Syntax {
    host: Host::Nginx,
    // Each character may become four bytes: escaped for the pattern, both of these for the token.
    literal: |url| 4 * url.len() < LONGEST_TOKEN,
};
