//! Which pictures of other hosts the texts of a site show, and which of them may be shown from elsewhere.

use super::known::Known;
use super::readers::Readers;
use super::{Fetching, VERSION};
use crate::analyze::html::{HtmlFacts, Hydration};
use crate::cache::KeyBuilder;
use crate::config::{Remote, Transform};
use crate::facts::{self, Analyst, Facts};
use crate::model::{Asset, AssetId, Kind, RawRef, SitePath};
use crate::scan::Site;
use crate::syntax::{integrity, policy};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Where the site will be.
pub struct Served<'a> {
    /// The path below which root-absolute addresses lead into the site, with both slashes, where that is known.
    pub rooted: Option<String>,
    /// `https://example.org`: what is there is the site's own.
    pub origins: BTreeSet<String>,
    pub leads: Leads<'a>,
}

/// The script of the site that a reference leads to, from a file with this `<base>`.
pub type Leads<'a> = Box<dyn Fn(&SitePath, Option<&str>, &RawRef) -> Option<AssetId> + Sync + 'a>;

#[derive(Serialize, Deserialize)]
pub struct Uses {
    pub texts: Vec<Text>,
    pub kept: Vec<Kept>,
    /// As in [`Served`].
    pub rooted: Option<String>,
}

/// A page or sheet, and the pictures in it that are to be fetched: one at least.
#[derive(Serialize, Deserialize)]
pub struct Text {
    pub id: AssetId,
    /// In the order of the text, never overlapping.
    pub pictures: Vec<Picture>,
    /// A script takes it for another place, or may.
    pub moves: bool,
}

#[derive(Serialize, Deserialize)]
pub struct Picture {
    pub reference: RawRef,
    /// Without a fragment: what is asked for.
    #[serde(with = "as_text")]
    pub url: Url,
}

/// A reason for which pictures are not fetched that could be.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    pub why: String,
    pub first: SitePath,
    /// How many.
    pub texts: usize,
}

/// From the cache where nothing at all has changed in the site.
pub fn find<'a>(on: &Fetching<'_>, analyst: &Analyst<'_>, served: impl FnOnce() -> Served<'a>) -> Uses {
    let mut key = KeyBuilder::new("remote-uses", VERSION).serialize(&facts::VERSION).text(&on.config.identity);
    for asset in &analyst.site.assets {
        key = key.text(asset.path.as_str()).digest(&asset.digest);
    }
    let key = key.finish();
    if let Some(known) = on.cache.get(&key) {
        return known;
    }
    let found = look(on, analyst, served());
    on.cache.put(&key, &found);
    found
}

fn look(on: &Fetching<'_>, analyst: &Analyst<'_>, served: Served<'_>) -> Uses {
    let (site, remote) = (analyst.site, &on.config.images.remote);
    let shut_out = is_shut_out(site);
    let wanted = |r: &RawRef| wanted(r, remote, &served.origins);
    let shown = |id: AssetId| -> Option<(AssetId, Vec<Picture>, Facts)> {
        let asset = site.get(id).filter(|a| matches!(a.kind, Kind::Html | Kind::Css))?;
        let on = on.config.select.allows(&asset.path) && on.config.transforms.allows(Transform::Images, &asset.path);
        let facts = on.then(|| analyst.analysis(id).facts)?;
        let pictures: Vec<Picture> = match &facts {
            Facts::Html(f) => f.elsewhere.iter().filter_map(wanted).collect(),
            Facts::Css(f) => f.elsewhere.iter().filter_map(|i| f.refs.get(*i)).filter_map(wanted).collect(),
            _ => return None,
        };
        (!pictures.is_empty()).then_some((id, pictures, facts))
    };
    let ids: Vec<AssetId> = site.ids().collect();
    let shown: Vec<_> = ids.into_par_iter().filter_map(shown).collect();
    let hashes = match shown.iter().any(|(_, _, facts)| matches!(facts, Facts::Css(_))) {
        true => hashes(site),
        false => BTreeSet::new(),
    };
    let urls: BTreeSet<&Url> = shown.iter().flat_map(|(_, pictures, _)| pictures).map(|p| &p.url).collect();
    let names = shown.iter().filter_map(|(id, _, _)| site.get(*id)).map(|a| a.path.file_name()).collect();
    let known = if shown.is_empty() { Known::default() } else { Known::of(analyst, &urls, &names) };
    let readers = shown.iter().any(|(_, _, facts)| matches!(facts, Facts::Html(_)));
    let readers = readers.then(|| Readers::of(analyst, &served.leads));
    let acted_on = |id, f: &HtmlFacts| readers.as_ref().is_some_and(|readers| readers.act_on(analyst, id, f));
    let mut texts = Vec::new();
    let mut kept: BTreeMap<&str, Kept> = BTreeMap::new();
    for (id, mut pictures, facts) in shown {
        let Some(asset) = site.get(id) else { continue };
        let moves = moves(site, asset, &known);
        let all = pictures.len();
        pictures.retain(|p| !known.holds(&p.url));
        let why = match &facts {
            _ if known.asks => Some("a style or script asks for images by their address"),
            _ if shut_out => Some("a Content-Security-Policy may let no pictures in from the site's own host"),
            Facts::Html(f) if let Some(why) = page_stays(f, served.rooted.as_deref()) => Some(why),
            Facts::Html(f) if acted_on(id, f) => Some("a script may read or change the addresses of images"),
            Facts::Css(_) if is_sealed(site, id, &hashes) => {
                Some("something on the site holds the hash of this sheet's bytes")
            }
            _ if moves && served.rooted.is_none() => Some("it may be shown under another address than its own"),
            _ => None,
        };
        let why = why.or_else(|| (pictures.len() < all).then_some(HELD));
        if let Some(why) = why {
            let new = || Kept { why: why.to_owned(), first: asset.path.clone(), texts: 0 };
            kept.entry(why).or_insert_with(new).texts += 1;
        }
        if !pictures.is_empty() && (why.is_none() || why == Some(HELD)) {
            texts.push(Text { id, pictures, moves });
        }
    }
    Uses { texts, kept: kept.into_values().collect(), rooted: served.rooted }
}

/// Of single addresses.
const HELD: &str = "a script or data of the site holds their addresses";

/// What it refers to by relative addresses may be looked for in another folder.
fn moves(site: &Site, asset: &Asset, known: &Known) -> bool {
    let file = asset.path.file_name();
    if known.names(file) {
        return true;
    }
    let is_whole = || {
        let text = String::from_utf8(site.read(asset).unwrap_or_default()).unwrap_or_default().to_ascii_lowercase();
        ["<!doctype", "<html", "<head"].iter().any(|start| text.contains(start))
    };
    asset.kind == Kind::Html && (matches!(file, "404.html" | "200.html") || !is_whole())
}

fn wanted(r: &RawRef, remote: &Remote, own: &BTreeSet<String>) -> Option<Picture> {
    let whole = if r.url.starts_with("//") { format!("https:{}", r.url) } else { r.url.clone() };
    let mut url = Url::parse(&whole).ok()?;
    url.set_fragment(None);
    remote.allows(&url)?;
    (!own.contains(&url.origin().ascii_serialization())).then(|| Picture { reference: r.clone(), url })
}

/// Why a page keeps the addresses that it has.
fn page_stays(facts: &HtmlFacts, rooted: Option<&str>) -> Option<&'static str> {
    if facts.hydration == Hydration::Page {
        return Some("a framework takes the page over and expects the addresses it rendered");
    }
    if facts.no_own_images {
        return Some("the page's Content-Security-Policy may let no pictures in from its own host");
    }
    let leads_astray = |base: &str| rooted.is_none() || !base.starts_with('/') || base.starts_with("//");
    let astray = facts.base.as_deref().is_some_and(leads_astray);
    astray.then_some("with the page's <base>, kiln cannot tell how to name a file of the site")
}

/// What the host is told to send keeps pictures of the site's own out, or may.
fn is_shut_out(site: &Site) -> bool {
    let told = |name: &str| policy::TOLD_IN.iter().any(|file| file.eq_ignore_ascii_case(name));
    let mut texts = site.assets.iter().filter(|a| told(a.path.file_name())).filter_map(|a| site.read(a).ok());
    texts.any(|bytes| !policy::text_lets_own_images(&String::from_utf8_lossy(&bytes)))
}

/// Integrity values in text that cannot follow other bytes.
fn hashes(site: &Site) -> BTreeSet<String> {
    let texts = site.assets.par_iter().filter(|a| a.kind.is_text() && a.kind != Kind::SourceMap);
    let mentioned = texts.filter_map(|a| String::from_utf8(site.read(a).ok()?).ok());
    mentioned.flat_map_iter(|text| integrity::mentioned(&text)).collect()
}

fn is_sealed(site: &Site, id: AssetId, hashes: &BTreeSet<String>) -> bool {
    let bytes = || site.get(id).and_then(|a| site.read(a).ok()).unwrap_or_default();
    let held = |bytes: Vec<u8>| {
        integrity::ALGORITHMS.iter().any(|a| integrity::value(&bytes, a).is_some_and(|v| hashes.contains(&v)))
    };
    !hashes.is_empty() && held(bytes())
}

/// An address, as it is written.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use url::Url;

    pub fn serialize<S: Serializer>(url: &Url, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(url.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
        Url::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
