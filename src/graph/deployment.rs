//! Where the site is served, guessed from its own pages when nobody says.

use super::Deployment;
use crate::facts::{Analyst, Facts};
use crate::model::{AssetId, Kind, RefKind, SitePath};
use crate::scan::Site;
use crate::syntax::url;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Pages that are looked at for a guess: enough for a pattern, few enough to cost nothing.
const SAMPLE: usize = 40;

/// `base` and `origin` as configured win over the guess.
pub fn guess(analyst: &Analyst<'_>, base: Option<&str>, origin: Option<&str>) -> Deployment {
    let pages: Vec<AssetId> =
        analyst.site.ids().filter(|id| analyst.site.get(*id).is_some_and(|a| a.kind == Kind::Html)).collect();
    let step = pages.len().div_ceil(SAMPLE).max(1);
    let mut rooted: Vec<String> = Vec::new();
    let mut canonical: Vec<(SitePath, String)> = Vec::new();
    let sample: Vec<&AssetId> = pages.iter().step_by(step).collect();
    let sample: Vec<_> = sample.into_par_iter().map(|id| (id, analyst.analysis(*id).facts)).collect();
    for (id, facts) in sample {
        let (Facts::Html(facts), Some(asset)) = (facts, analyst.site.get(*id)) else { continue };
        canonical.extend(facts.canonical.into_iter().map(|c| (asset.path.clone(), c)));
        let relevant = facts.refs.into_iter().filter(|r| !matches!(r.kind, RefKind::JsString | RefKind::FormatLocked));
        let folder = facts.base.as_deref().filter(|b| is_rooted(b)).and_then(|b| b.rsplit_once('/'));
        let paths = relevant.map(|r| url::split_suffix(&r.url).0.to_owned());
        rooted.extend(paths.filter_map(|path| match folder {
            Some((folder, _)) if !path.starts_with('/') && !path.contains(':') && !path.is_empty() => {
                Some(format!("{folder}/{}", path.trim_start_matches("./")))
            }
            _ => Some(path).filter(|p| is_rooted(p)),
        }));
    }
    let (base, sure) = base.map_or_else(|| guess_base(analyst.site, &rooted), |base| (base.to_owned(), true));
    let mut origins: BTreeSet<String> = canonical.iter().filter_map(|(page, u)| own_origin(&base, page, u)).collect();
    origins.extend(origin.map(|o| o.trim_end_matches('/').to_ascii_lowercase()));
    Deployment { base, origins, sure }
}

fn is_rooted(url: &str) -> bool {
    url.starts_with('/') && !url.starts_with("//")
}

/// The first one to three segments that make most root-absolute references lead to files; `/` unless it is clearly better.
/// And whether any reference does.
fn guess_base(site: &Site, rooted: &[String]) -> (String, bool) {
    let leads = |path: &str| {
        let path = url::percent_decode(path);
        let index = SitePath::resolve(&path, "index.html");
        let page = SitePath::new(&format!("{}.html", path.trim_matches('/')));
        [SitePath::resolve("", &path), index, page].iter().flatten().any(|p| site.find(p).is_some())
    };
    let mut score: BTreeMap<String, usize> = BTreeMap::new();
    for url in rooted {
        if leads(url) {
            *score.entry("/".into()).or_default() += 1;
        }
        let mut at = 1;
        for _ in 0..3 {
            let Some(end) = url.get(at..).and_then(|r| r.find('/')) else { break };
            at += end + 1;
            let (base, rest) = url.split_at(at);
            if leads(rest) {
                *score.entry(base.to_owned()).or_default() += 1;
            }
        }
    }
    let plain = score.get("/").copied().unwrap_or(0);
    let best = score.into_iter().filter(|(b, _)| b != "/").max_by_key(|(b, n)| (*n, std::cmp::Reverse(b.len())));
    best.filter(|(_, n)| *n > plain * 2).map_or_else(|| ("/".into(), plain > 0), |(base, _)| (base, true))
}

/// The origin of a canonical URL that names the very page it stands on.
fn own_origin(base: &str, page: &SitePath, canonical: &str) -> Option<String> {
    let (scheme, rest) = canonical.trim().split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = url::percent_decode(url::split_suffix(path).0);
    let inside = path.strip_prefix(base).unwrap_or_else(|| path.trim_start_matches('/')).trim_matches('/').to_owned();
    let own = page.as_str().trim_end_matches("index.html").trim_end_matches(".html").trim_matches('/');
    let same = inside.trim_end_matches("index.html").trim_end_matches(".html").trim_matches('/') == own;
    same.then(|| format!("{}://{}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}
