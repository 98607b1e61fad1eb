//! Between the scan and the graph: pictures on other hosts are fetched and put into the site, and the texts that show them
//! name the copies. To every later stage they are files of the site. The only place that asks servers.
//!
//! Nothing is fetched that the settings do not name, and nothing happens to an address whose picture cannot be had: it
//! stays, with a warning.

mod client;
mod copies;
mod fresh;
mod guard;
mod known;
mod readers;
mod styles;
mod texts;
mod uses;
mod whole;

pub use copies::Asked;
pub use uses::Served;

use crate::cache::Cache;
use crate::config::Config;
use crate::facts::Analyst;
use crate::model::{Asset, Diagnostic, ImageFormat, Kind, Severity, SitePath};
use crate::observe::Observer;
use crate::scan::{FETCHED, Held, Site};
use crate::syntax::{position, url::percent_decode};
use copies::{Copies, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;
use uses::Uses;

/// Raised whenever what is remembered of addresses or texts means something else.
const VERSION: u32 = 2;

/// What the stage works with.
pub struct Fetching<'a> {
    pub config: &'a Config,
    pub cache: &'a Cache,
    /// The cache ends with the build.
    pub passing: bool,
    /// Of a process that builds again and again.
    pub asked: Option<&'a Asked>,
    pub observer: &'a dyn Observer,
}

/// What it found, from a site that is not changed meanwhile.
pub struct Fetched {
    files: Vec<(Asset, Held)>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Fetched {
    /// Puts the pictures into the site.
    pub fn settle(self, site: &mut Site) -> Vec<Diagnostic> {
        site.hold(self.files);
        self.diagnostics
    }
}

/// `served`: where the site will be; asked for only when the site is new to the cache.
pub fn fetch<'a>(on: &Fetching<'_>, analyst: &Analyst<'_>, served: impl FnOnce() -> Served<'a>) -> Fetched {
    let uses = uses::find(on, analyst, served);
    let wanted: BTreeSet<&Url> = uses.texts.iter().flat_map(|t| &t.pictures).map(|p| &p.url).collect();
    let mut copies = Copies::new(on).all(&wanted);
    let places = places(analyst.site, &copies);
    let mut files: Vec<(Asset, Held)> = Vec::new();
    for (url, path) in &places {
        let Some(copy) = copies.get(*url).and_then(Outcome::copy) else { continue };
        let (digest, len, kind) = (copy.digest, copy.len, Kind::Image(copy.format));
        files.push((Asset { path: path.clone(), kind, digest, len }, copy.held.clone()));
    }
    let blocked = copies.iter_mut().filter(|(url, outcome)| outcome.copy().is_some() && !places.contains_key(*url));
    for (_, outcome) in blocked {
        *outcome =
            Outcome::Left(format!("a file of the site has the name of a folder that it would lie in, `{FETCHED}`"));
    }
    let mut diagnostics = told(analyst.site, &uses, &copies);
    for text in &uses.texts {
        match texts::with_copies(on, analyst.site, text, uses.rooted.as_deref(), &places) {
            Ok(text) => files.extend(text),
            Err(unread) => diagnostics.push(unread),
        }
    }
    Fetched { files, diagnostics }
}

/// A place in the site for each picture that there is a copy of. It says where the picture is from, and no two addresses
/// share one.
fn places<'u>(site: &Site, copies: &BTreeMap<&'u Url, Outcome>) -> BTreeMap<&'u Url, SitePath> {
    let mut taken: BTreeSet<SitePath> = BTreeSet::new();
    let mut places = BTreeMap::new();
    for (url, outcome) in copies {
        let Some(copy) = outcome.copy() else { continue };
        let free = |path: &SitePath| !taken.contains(path) && site.find(path).is_none();
        if !above(&place(url, copy.format, 0))
            .all(|folder| SitePath::new(folder).is_none_or(|p| site.find(&p).is_none()))
        {
            continue;
        }
        let path = (0..).filter_map(|n| SitePath::new(&place(url, copy.format, n))).find(free);
        if let Some(path) = path {
            taken.insert(path.clone());
            places.insert(*url, path);
        }
    }
    places
}

/// `kiln-remote/images.example.com/boat-3f2a9c1e5b7d8046.jpg`; `n` tells those apart that would be the same.
fn place(url: &Url, format: ImageFormat, n: u32) -> String {
    let port = url.port().map(|p| format!("-{p}")).unwrap_or_default();
    let host = plain(&format!("{}{port}", url.host_str().unwrap_or("host")), ".-");
    let last = percent_decode(url.path().rsplit('/').next().unwrap_or_default());
    let stem = plain(last.rsplit_once('.').map_or(last.as_str(), |(stem, _)| stem), "-_");
    let stem: String = stem.chars().take(40).collect();
    let stem = if stem.is_empty() { "picture" } else { &stem };
    let hash = crate::model::Digest::of(url.as_str().as_bytes()).hex();
    let hash = hash.get(..16).unwrap_or_default();
    let again = if n == 0 { String::new() } else { format!("-{n}") };
    format!("{FETCHED}/{host}/{stem}-{hash}{again}.{}", format.extension())
}

/// The folders that a path lies in.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// Letters and digits of ASCII and what is in `also`; anything else becomes one `-`.
fn plain(text: &str, also: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || (c != '-' && also.contains(c)) => out.push(c.to_ascii_lowercase()),
            _ if out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    out.trim_matches(['-', '.']).to_owned()
}

/// What people should know of pictures that were not brought up to date, and of those that nobody asked for.
fn told(site: &Site, uses: &Uses, copies: &BTreeMap<&Url, Outcome>) -> Vec<Diagnostic> {
    let mut told: BTreeMap<&Url, (Diagnostic, usize)> = BTreeMap::new();
    for text in &uses.texts {
        let Some(asset) = site.get(text.id) else { continue };
        for picture in &text.pictures {
            if let Some((_, more)) = told.get_mut(&picture.url) {
                *more += 1;
                continue;
            }
            let (message, help) = match copies.get(&picture.url) {
                Some(Outcome::Left(why)) => (
                    format!("`{}` is not fetched: {why}", picture.url),
                    "the address stays, and visitors load the picture from there",
                ),
                Some(Outcome::Stale(_, why)) => (
                    format!("`{}` cannot be asked for again, so an older copy is used: {why}", picture.url),
                    "build again when its server answers, to see whether it has changed",
                ),
                _ => continue,
            };
            let source = site.read(asset).ok().and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
            let (line, column) = position(&source, picture.reference.range.start);
            let warning = Diagnostic::new(Severity::Warning, "remote", asset.path.as_str(), message);
            told.insert(&picture.url, (warning.at(line, column).help(help), 0));
        }
    }
    let warnings = told.into_values().map(|(mut d, more)| {
        if more > 0 {
            d.message.push_str(&format!(" (and {more} more times)"));
        }
        d
    });
    warnings.chain(uses.kept.iter().map(kept)).collect()
}

fn kept(kept: &uses::Kept) -> Diagnostic {
    let others = match kept.texts - 1 {
        0 => String::new(),
        n => format!(" and in {n} other files"),
    };
    let message = format!("here{others} pictures of other hosts stay where they are: {}", kept.why);
    Diagnostic::new(Severity::Note, "remote", kept.first.as_str(), message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn put(url: &str) -> String {
        place(&Url::parse(url).unwrap(), ImageFormat::Jpeg, 0)
    }

    #[test]
    fn a_place_says_where_the_picture_is_from() {
        assert_eq!(
            put("https://images.example.com/2024/Old%20Boat.jpeg?w=3"),
            "kiln-remote/images.example.com/old-boat-c720a00748aca764.jpg"
        );
        assert!(put("http://127.0.0.1:8080/").starts_with("kiln-remote/127.0.0.1-8080/picture-"));
        assert!(
            put("http://[::1]/..%2f..%2fx.png").starts_with("kiln-remote/1/x-"),
            "{}",
            put("http://[::1]/..%2f..%2fx.png")
        );
        assert_ne!(put("https://a.example/x.jpg?w=1"), put("https://a.example/x.jpg?w=2"));
        let path = SitePath::new(&put("https://static/assets/photo-D4f9aK2x.jpg")).unwrap();
        assert_eq!(crate::graph::names::bundler_hash(&path), None, "the hash there is of the address");
    }
}
