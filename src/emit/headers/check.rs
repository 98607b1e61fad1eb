//! Reads back what was written, as the host will, and compares it with what was meant.

use super::pattern::{self, Block};
use super::{Host, merge, nginx, policy, urls};
use crate::model::{OutputHeaders, SitePath};
use std::fmt;

/// One URL that would not be answered as intended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    pub path: SitePath,
    pub url: String,
    pub problem: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.path, self.url, self.problem)
    }
}

/// All paths under which a host answers with the file, as it compares them.
pub fn urls(host: Host, path: &SitePath) -> Vec<String> {
    urls::of(host, path)
}

pub type Headers = Vec<(String, String)>;

/// The headers of a static file at this URL path (percent-encoded), the host's own Cache-Control included.
/// Later rules win, as in Netlify's own tools.
pub fn evaluate_netlify(text: &str, url_path: &str) -> Headers {
    netlify(&pattern::parse(Host::Netlify, text), url_path)
}

fn netlify(blocks: &[Block], url_path: &str) -> Headers {
    let mut out = vec![("Cache-Control".into(), policy::REVALIDATE.into())];
    for block in blocks.iter().filter(|b| b.pattern.matches(url_path)) {
        for (name, value) in &block.set {
            match position(&out, name) {
                Some(i) => out[i].1.clone_from(value),
                None => out.push((name.clone(), value.clone())),
            }
        }
    }
    out
}

/// As above. All matching rules add up, except that the first one replaces the host's own value.
pub fn evaluate_cloudflare(text: &str, url_path: &str) -> Headers {
    cloudflare(&pattern::parse(Host::Cloudflare, text), url_path)
}

fn cloudflare(blocks: &[Block], url_path: &str) -> Headers {
    let mut out: Headers = vec![("Cache-Control".into(), policy::REVALIDATE.into())];
    let mut set: Vec<String> = Vec::new();
    for block in blocks.iter().filter(|b| b.pattern.matches(url_path)) {
        out.retain(|(n, _)| !block.unset.iter().any(|u| u.eq_ignore_ascii_case(n)));
        for (name, value) in &block.set {
            let again = set.contains(&name.to_ascii_lowercase());
            match position(&out, name) {
                Some(i) if again => out[i].1 = format!("{}, {value}", out[i].1),
                Some(i) => out[i].1.clone_from(value),
                None => out.push((name.clone(), value.clone())),
            }
            set.push(name.to_ascii_lowercase());
        }
    }
    out
}

/// The headers for `$uri`: decoded, and after clean URLs are resolved. Understands what `nginx::render` writes.
pub fn evaluate_nginx(text: &str, uri: &str) -> Headers {
    maps(text).iter().filter_map(|m| Some((m.variable.clone(), m.value(uri)?))).collect()
}

struct Map {
    variable: String,
    default: String,
    exact: Vec<(String, String)>,
    /// Literal start, whether the end is anchored, value.
    regex: Vec<(String, bool, String)>,
}

impl Map {
    fn value(&self, uri: &str) -> Option<String> {
        let exact = self.exact.iter().find(|(k, _)| k.eq_ignore_ascii_case(uri));
        let value = exact.map(|(_, v)| v).or_else(|| {
            let hit = |(start, whole, _): &&(String, bool, String)| {
                if *whole { uri == start } else { uri.starts_with(start.as_str()) }
            };
            self.regex.iter().find(hit).map(|(_, _, v)| v)
        });
        let value = value.unwrap_or(&self.default);
        (!value.is_empty()).then(|| value.clone())
    }

    fn matching(&self, uri: &str) -> usize {
        self.exact.iter().filter(|(k, _)| k.eq_ignore_ascii_case(uri)).count()
            + self
                .regex
                .iter()
                .filter(|(s, whole, _)| if *whole { uri == s } else { uri.starts_with(s.as_str()) })
                .count()
    }
}

fn maps(text: &str) -> Vec<Map> {
    let mut maps: Vec<Map> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("map $uri $") {
            maps.push(Map {
                variable: name.trim_end_matches([' ', '{']).into(),
                default: String::new(),
                exact: Vec::new(),
                regex: Vec::new(),
            });
        }
        let Some(map) = maps.last_mut() else { continue };
        match strings(line).as_slice() {
            [value] if line.starts_with("default ") => map.default.clone_from(value),
            [key, value] => match key.strip_prefix("~^") {
                Some(regex) => {
                    let (start, whole) = literal(regex);
                    map.regex.push((start, whole, value.clone()));
                }
                None => map.exact.push((key.clone(), value.clone())),
            },
            _ => {}
        }
    }
    maps
}

/// The quoted tokens of a line.
fn strings(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut chars = line.chars();
    while chars.by_ref().any(|c| c == '"') {
        let mut token = String::new();
        while let Some(c) = chars.next().filter(|c| *c != '"') {
            match c {
                '\\' => match chars.next() {
                    Some('n') => token.push('\n'),
                    Some('r') => token.push('\r'),
                    Some('t') => token.push('\t'),
                    Some(c @ ('"' | '\'' | '\\')) => token.push(c),
                    other => token.extend(std::iter::once('\\').chain(other)),
                },
                c => token.push(c),
            }
        }
        out.push(token);
    }
    out
}

/// The text that a regular expression of escaped characters matches, and whether `$` ends it.
fn literal(regex: &str) -> (String, bool) {
    let mut out = String::new();
    let mut chars = regex.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '$' => return (out, true),
            c => out.push(c),
        }
    }
    (out, false)
}

/// Every URL of every file must get exactly the intended headers, each from one rule at most. Headers that `user`,
/// the user's own part of the file, sets are the user's: then no rule of ours may match.
pub fn verify(host: Host, ours: &str, user: &str, outputs: &[OutputHeaders]) -> Vec<Mismatch> {
    let text = merge(user, ours);
    let parsed: [Vec<Block>; 3] = [&text, ours, user].map(|t| pattern::parse(host, t));
    let nginx_maps = match host {
        Host::Nginx => maps(&text),
        _ => Vec::new(),
    };
    let setting = |blocks: &[Block], url: &str, name: &str| {
        blocks.iter().filter(|b| b.touches(name) && b.pattern.matches(url)).count()
    };
    let mut bad = Vec::new();
    let own: std::collections::BTreeSet<String> =
        outputs.iter().filter_map(|o| urls::of(host, &o.path).into_iter().next()).collect();
    for output in outputs {
        for (i, url) in urls::of(host, &output.path).into_iter().enumerate() {
            if i > 0 && own.contains(&url) {
                continue;
            }
            let mut problem = |problem: String| {
                bad.push(Mismatch { path: output.path.clone(), url: url.clone(), problem });
            };
            let got: Headers = match host {
                Host::Netlify => netlify(&parsed[0], &url),
                Host::Cloudflare => cloudflare(&parsed[0], &url),
                Host::Nginx => nginx_maps.iter().filter_map(|m| Some((m.variable.clone(), m.value(&url)?))).collect(),
            };
            let mut expected = 0;
            for name in super::plan::names(outputs) {
                let rules = match host {
                    Host::Nginx => nginx_maps
                        .iter()
                        .filter(|m| m.variable == nginx::variable(name))
                        .map(|m| m.matching(&url))
                        .sum(),
                    _ => setting(&parsed[1], &url, name),
                };
                let theirs = setting(&parsed[2], &url, name);
                if rules > 1 || rules + theirs > 1 && rules > 0 {
                    problem(format!("{} rules set {name}", rules + theirs));
                }
                if theirs > 0 {
                    continue;
                }
                let want = output.headers.iter().find(|h| h.name == name);
                let key = match host {
                    Host::Nginx => nginx::variable(name),
                    _ => name.into(),
                };
                let value = position(&got, &key).map(|i| &got[i].1);
                expected += usize::from(value.is_some());
                if want.map(|w| &w.value) != value {
                    let show = |v: Option<&String>| v.map_or("nothing".into(), |v| format!("`{v}`"));
                    problem(format!("{name} is {}, should be {}", show(value), show(want.map(|w| &w.value))));
                }
            }
            if user.is_empty() && got.len() != expected {
                problem("has headers that were not asked for".into());
            }
        }
    }
    bad
}

fn position(headers: &Headers, name: &str) -> Option<usize> {
    headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name))
}
