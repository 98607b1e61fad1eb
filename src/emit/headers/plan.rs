//! From headers per file to few rules, such that no two rules that set the same header match one URL.

use super::pattern::{self, Block};
use super::{Dropped, Host, Rendered, policy, urls};
use crate::model::{OutputHeaders, SitePath};
use std::collections::{BTreeMap, BTreeSet};

/// Rules of one host for one path pattern.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub pattern: String,
    /// It ends in `/*` for all that is below; otherwise it is one URL.
    pub directory: bool,
    pub headers: Vec<(&'static str, String)>,
    /// The files that are served by it.
    pub paths: Vec<SitePath>,
}

/// How a host compares URLs and writes patterns.
pub(super) struct Syntax {
    pub host: Host,
    /// Whether a URL can stand in a rule without being read as a pattern.
    pub literal: fn(&str) -> bool,
}

impl Syntax {
    /// URLs that a rule for one of them cannot tell apart have the same key.
    fn key(&self, url: &str) -> String {
        match self.host {
            Host::Netlify => url.trim_end_matches('/').to_ascii_lowercase(),
            Host::Cloudflare | Host::Nginx => url.into(),
        }
    }

    /// What all keys that the rule `/dir/*` matches begin with. `dir` ends with a slash.
    fn prefix(&self, dir: &str) -> String {
        // Netlify's slash is optional: `/assets/*` is also about `/assetsX`.
        self.key(dir)
    }
}

struct Entry<'a> {
    url: String,
    paths: Vec<&'a SitePath>,
    want: Want<'a>,
}

#[derive(Clone, Copy, PartialEq)]
enum Want<'a> {
    Value(&'a str),
    /// No rule of ours may match: the host's default is right, or the user's own rules decide.
    Untouched,
    /// Several files with different needs share a key.
    Torn,
}

/// The rules, sorted by pattern. `user` is what the user's own file says.
pub(super) fn rules(syntax: &Syntax, outputs: &[OutputHeaders], user: &str) -> (Vec<Rule>, Vec<Dropped>) {
    let theirs = pattern::parse(syntax.host, user);
    // A second block for the same path would replace the user's on Cloudflare.
    let taken: BTreeSet<&str> = theirs.iter().map(|b| b.pattern.text.as_str()).collect();
    let usable = |url: &str, pattern: &str| {
        (syntax.literal)(url) && (syntax.host != Host::Cloudflare || !taken.contains(pattern))
    };

    let mut dropped = Vec::new();
    let mut by_pattern: BTreeMap<(String, bool), Rule> = BTreeMap::new();
    for name in names(outputs) {
        let entries = wants(syntax, outputs, &theirs, name);
        let dirs = directories(syntax, &entries, &usable);
        let mut add = |pattern: &str, directory: bool, value: &str, paths: &[&SitePath]| {
            let rule = by_pattern.entry((pattern.into(), directory)).or_insert_with(|| Rule {
                pattern: pattern.into(),
                directory,
                headers: Vec::new(),
                paths: Vec::new(),
            });
            if rule.headers.last().is_none_or(|(n, _)| *n != name) {
                rule.headers.push((name, value.into()));
            }
            for path in paths {
                if rule.paths.last() != Some(*path) {
                    rule.paths.push((*path).clone());
                }
            }
        };
        for (key, entry) in &entries {
            let why = match entry.want {
                Want::Untouched => continue,
                Want::Torn => "its URL differs from another's only in case",
                Want::Value(value) => {
                    let dir = dirs.iter().find(|(prefix, _)| key.starts_with(*prefix));
                    if let Some((_, pattern)) = dir {
                        add(pattern, true, value, &entry.paths);
                        continue;
                    }
                    if usable(&entry.url, &entry.url) {
                        add(&entry.url, false, value, &entry.paths);
                        continue;
                    }
                    "its URL cannot be written as a rule"
                }
            };
            dropped.extend(entry.paths.iter().map(|path| Dropped { path: (*path).clone(), why }));
        }
    }
    dropped.sort();
    dropped.dedup();
    (by_pattern.into_values().collect(), dropped)
}

/// All header names that occur.
pub(super) fn names(outputs: &[OutputHeaders]) -> BTreeSet<&'static str> {
    let all = outputs.iter().flat_map(|o| &o.headers);
    all.map(|h| h.name).collect()
}

/// What each URL needs of one header, by key.
fn wants<'a>(
    syntax: &Syntax,
    outputs: &'a [OutputHeaders],
    theirs: &[Block],
    name: &str,
) -> BTreeMap<String, Entry<'a>> {
    let theirs: Vec<&Block> = theirs.iter().filter(|b| b.touches(name)).collect();
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    // A file's own URL first: a clean URL of another file is only an alias, and a real file wins.
    let all: Vec<(&OutputHeaders, Vec<String>)> = outputs.iter().map(|o| (o, urls::of(syntax.host, &o.path))).collect();
    let own: BTreeSet<&str> = all.iter().map(|(_, urls)| urls[0].as_str()).collect();
    for (output, urls) in &all {
        let value = output.headers.iter().find(|h| h.name == name);
        for (i, url) in urls.iter().enumerate() {
            if i > 0 && own.contains(url.as_str()) {
                continue;
            }
            let want = match value {
                Some(h) if is_default(name, &h.value) => Want::Untouched,
                Some(_) if theirs.iter().any(|b| b.pattern.matches(url)) => Want::Untouched,
                Some(h) => Want::Value(&h.value),
                None => Want::Untouched,
            };
            entries
                .entry(syntax.key(url))
                .and_modify(|e| {
                    e.paths.push(&output.path);
                    if e.want != want {
                        e.want = Want::Torn;
                    }
                })
                .or_insert(Entry { url: url.clone(), paths: vec![&output.path], want });
        }
    }
    entries
}

/// Left out of the file because the host says so anyway.
fn is_default(name: &str, value: &str) -> bool {
    name == "Cache-Control" && value == policy::REVALIDATE
}

/// The outermost directories all of whose URLs need the same value, as (key prefix, pattern).
fn directories(
    syntax: &Syntax,
    entries: &BTreeMap<String, Entry>,
    usable: &dyn Fn(&str, &str) -> bool,
) -> BTreeMap<String, String> {
    // Short ones first, so that the outermost is found first.
    let mut candidates: BTreeSet<(usize, &str)> = BTreeSet::new();
    for entry in entries.values() {
        if let Want::Value(_) = entry.want {
            let slashes = entry.url.match_indices('/').skip(1);
            candidates.extend(slashes.map(|(i, _)| (i, &entry.url[..=i])));
        }
    }
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (_, dir) in candidates {
        let pattern = format!("{dir}*");
        let prefix = syntax.prefix(dir);
        if !usable(dir, &pattern) || found.keys().any(|f| prefix.starts_with(f.as_str())) {
            continue;
        }
        let mut inside =
            entries.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)).map(|(_, e)| e.want);
        let first = inside.next();
        let (mut more, mut same) = (false, matches!(first, Some(Want::Value(_))));
        for want in inside {
            more = true;
            same &= Some(want) == first;
            if !same {
                break;
            }
        }
        if same && more {
            found.insert(prefix, pattern);
        }
    }
    found
}

/// The form that Netlify and Cloudflare share.
pub(super) fn write(rules: &[Rule], dropped: Vec<Dropped>) -> Rendered {
    let mut text = String::new();
    for rule in rules {
        text.push_str(&format!("{}\n", rule.pattern));
        for (name, value) in &rule.headers {
            text.push_str(&format!("  {name}: {value}\n"));
        }
    }
    Rendered { text, dropped }
}
