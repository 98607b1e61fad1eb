//! Reads back what was written, as the host will, and compares it with what was meant.

use super::pattern::{Block, Index};
use super::{Host, merge, nginx, plan, policy, urls};
use crate::model::{OutputHeaders, SitePath};
use std::collections::{HashMap, HashSet};
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
    netlify(&Index::new(Host::Netlify, text).matching(url_path))
}

fn netlify(matching: &[&Block]) -> Headers {
    let mut out = vec![("Cache-Control".into(), policy::REVALIDATE.into())];
    for block in matching {
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
    cloudflare(&Index::new(Host::Cloudflare, text).matching(url_path))
}

fn cloudflare(matching: &[&Block]) -> Headers {
    let mut out: Headers = vec![("Cache-Control".into(), policy::REVALIDATE.into())];
    let mut set: Vec<String> = Vec::new();
    for block in matching {
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

/// The rules of an output folder, as the host read them when it was published.
pub struct Sent(Rules);

enum Rules {
    Netlify(Index),
    Cloudflare(Index),
    /// The maps, with the name of the header that each is for.
    Nginx(Vec<(String, Map)>),
}

impl Sent {
    /// `server`: the `add_header` lines, for nginx.
    pub fn new(host: Host, rules: &str, server: &str) -> Self {
        Self(match host {
            Host::Netlify => Rules::Netlify(Index::new(host, rules)),
            Host::Cloudflare => Rules::Cloudflare(Index::new(host, rules)),
            Host::Nginx => {
                let header = |variable: &str| {
                    let mut lines =
                        server.lines().filter_map(|l| l.trim().strip_prefix("add_header ")?.split_once(" $"));
                    lines.find(|(_, v)| v.trim_end_matches(';') == variable).map(|(name, _)| name.to_owned())
                };
                Rules::Nginx(maps(rules).into_iter().filter_map(|m| Some((header(&m.variable)?, m))).collect())
            }
        })
    }

    /// Of a file that is found. `url`: percent-encoded, as asked for; `uri`: decoded, of the file.
    pub fn headers(&self, url: &str, uri: &str) -> Headers {
        match &self.0 {
            Rules::Netlify(index) => netlify(&index.matching(url)),
            Rules::Cloudflare(index) => cloudflare(&index.matching(url)),
            Rules::Nginx(maps) => maps.iter().filter_map(|(name, m)| Some((name.clone(), m.value(uri)?))).collect(),
        }
    }
}

#[derive(Default)]
struct Map {
    variable: String,
    default: String,
    /// Keys in lower case, with value: nginx ignores case here.
    exact: HashMap<String, Vec<String>>,
    /// `~^…$`.
    whole: HashMap<String, Vec<String>>,
    /// `~^…`.
    start: Vec<(String, String)>,
}

impl Map {
    /// The values of all keys that match, the one that nginx takes first.
    fn matching(&self, uri: &str) -> Vec<&String> {
        let exact = self.exact.get(&uri.to_ascii_lowercase()).into_iter().flatten();
        let whole = self.whole.get(uri).into_iter().flatten();
        exact
            .chain(whole)
            .chain(self.start.iter().filter(|(s, _)| uri.starts_with(s.as_str())).map(|(_, v)| v))
            .collect()
    }

    fn value(&self, uri: &str) -> Option<String> {
        let value = self.matching(uri).first().copied().unwrap_or(&self.default);
        (!value.is_empty()).then(|| value.clone())
    }
}

fn maps(text: &str) -> Vec<Map> {
    let mut maps: Vec<Map> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("map $uri $") {
            maps.push(Map { variable: name.trim_end_matches([' ', '{']).into(), ..Map::default() });
        }
        let Some(map) = maps.last_mut() else { continue };
        match strings(line).as_slice() {
            [value] if line.starts_with("default ") => map.default.clone_from(value),
            [key, value] => match key.strip_prefix("~^") {
                Some(regex) => match literal(regex) {
                    (path, true) => map.whole.entry(path).or_default().push(value.clone()),
                    (path, false) => map.start.push((path, value.clone())),
                },
                None => map.exact.entry(key.to_ascii_lowercase()).or_default().push(value.clone()),
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
    let [all, mine, theirs] = [&merge(user, ours), ours, user].map(|text| Index::new(host, text));
    let maps = if host == Host::Nginx { maps(ours) } else { Vec::new() };
    let names = plan::names(outputs);
    let own: HashSet<String> = outputs.iter().filter_map(|o| urls::of(host, &o.path).into_iter().next()).collect();
    let setting = |blocks: &[&Block], name: &str| blocks.iter().filter(|b| b.touches(name)).count();
    let mut bad = Vec::new();
    for output in outputs {
        for (i, url) in urls::of(host, &output.path).into_iter().enumerate() {
            // Where two files have the same clean URL, or a file has that name, the host decides.
            if i > 0 && own.contains(&url) {
                continue;
            }
            let (my_rules, their_rules) = (mine.matching(&url), theirs.matching(&url));
            let got = match host {
                Host::Netlify => netlify(&all.matching(&url)),
                Host::Cloudflare => cloudflare(&all.matching(&url)),
                Host::Nginx => maps.iter().filter_map(|m| Some((m.variable.clone(), m.value(&url)?))).collect(),
            };
            let mut problems = Vec::new();
            let mut expected = 0;
            for &name in &names {
                let key = if host == Host::Nginx { nginx::variable(name) } else { name.into() };
                let map = maps.iter().find(|m| m.variable == key);
                let rules = setting(&my_rules, name) + map.map_or(0, |m| m.matching(&url).len());
                let users = setting(&their_rules, name);
                if rules > 1 || rules > 0 && users > 0 {
                    problems.push(format!("{} rules set {name}", rules + users));
                }
                if users > 0 {
                    continue;
                }
                let want = output.headers.iter().find(|h| h.name == name).map(|h| &h.value);
                let value = position(&got, &key).map(|i| &got[i].1);
                expected += usize::from(value.is_some());
                if want != value {
                    let show = |v: Option<&String>| v.map_or("nothing".into(), |v| format!("`{v}`"));
                    problems.push(format!("{name} is {}, should be {}", show(value), show(want)));
                }
            }
            if user.is_empty() && got.len() != expected {
                problems.push("has headers that were not asked for".into());
            }
            let path = &output.path;
            bad.extend(problems.into_iter().map(|problem| Mismatch { path: path.clone(), url: url.clone(), problem }));
        }
    }
    bad
}

fn position(headers: &Headers, name: &str) -> Option<usize> {
    headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name))
}
