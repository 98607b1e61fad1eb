//! Which files get a content hash in their name.

use crate::config::{Config, KeepOriginals, Transform};
use crate::graph::{AssetGraph, PinCause, names};
use crate::model::{Asset, AssetId, Kind, SitePath};
use crate::scan::Site;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Naming {
    /// Keeps its name, because …
    Keep(String),
    /// Gets `name.<hash>.ext`.
    Fingerprint,
    /// Carries a bundler's hash: becomes `stem.<hash>.ext` when its bytes change, else keeps its name.
    Bundled { stem: String },
}

/// Bytes up to which a picture without modern versions is kept under two names.
const SMALL: u64 = 32 * 1024;

pub fn naming(site: &Site, graph: &AssetGraph, config: &Config, id: AssetId, has_variants: bool) -> Naming {
    let (Some(asset), Some(node)) = (site.get(id), graph.node(id)) else { return Naming::Keep("unknown file".into()) };
    let keep = |why: &str| Naming::Keep(why.to_owned());
    if let Some(why) = fixed_kind(asset).or_else(|| fixed_name(asset)) {
        return keep(why);
    }
    if !config.select.allows(&asset.path) {
        return keep("excluded by the configuration");
    }
    if !config.transforms.allows(Transform::Fingerprint, &asset.path) {
        return keep("fingerprints are switched off for it");
    }
    if config.fingerprint.pin.is_match(asset.path.as_str()) {
        return keep("pinned by `fingerprint.pin`");
    }
    if let Some(pin) = node.pins.first() {
        let by = site.get(pin.by).map_or("", |a| a.path.as_str());
        return Naming::Keep(match pin.cause {
            PinCause::Mentioned | PinCause::Prose => {
                format!("pinned: {by} names it in text that kiln does not rewrite")
            }
            PinCause::FormatLocked => {
                format!("pinned: {by} gives its address to readers other than the page (icon, preview, data attribute)")
            }
            PinCause::Linked => format!("pinned: {by} links to it, and links are saved and shared"),
            PinCause::ServiceWorker => format!("pinned: it is a service worker, or one imports it ({by})"),
            PinCause::Computed => format!("pinned: {by} may import it by an address that it puts together"),
            PinCause::Parts => {
                format!("pinned: {by} takes addresses apart or stores them, and may go by what this one is called")
            }
            PinCause::Places => format!("pinned: a string in {by} means it on some pages, and another file on others"),
            PinCause::ByFrozen => format!("pinned: {by} names it and must not change itself"),
        });
    }
    if node.sealed {
        return keep("pinned: a script or import map holds the hash of its bytes");
    }
    if graph.introspects(id) {
        return keep("pinned: the script looks at its own address");
    }
    if node.incoming.is_empty() {
        return keep("no page, sheet or script refers to it");
    }
    if graph.hashed.hash(asset).is_some() {
        return Naming::Bundled { stem: plain_stem(&asset.path) };
    }
    // Under two names a picture costs its bytes twice; a small one is worth it for a year in every cache.
    let copied = config.keep_originals != KeepOriginals::None && !site.is_fetched(&asset.path);
    if copied && matches!(asset.kind, Kind::Image(_)) && asset.len > SMALL {
        return keep("a picture of its size is not kept under two names");
    }
    if copied && has_variants {
        return keep("the fallback of its AVIF and WebP versions");
    }
    Naming::Fingerprint
}

/// A name without its extension and without a bundler's hash: what is left where another hash takes its place. A token of
/// letters alone may be a word after all, and stays.
pub fn plain_stem(path: &SitePath) -> String {
    let stem = path.stem();
    let mixed = |hash: &&str| hash.bytes().any(|b| b.is_ascii_digit()) && hash.bytes().any(|b| b.is_ascii_alphabetic());
    let around = names::bundler_hash(path).filter(mixed).and_then(|hash| stem.rsplit_once(hash));
    let around = around.map(|(before, after)| (before.trim_end_matches(['.', '-', '_']), after));
    around.filter(|(before, _)| !before.is_empty()).map_or_else(|| stem.to_owned(), |(a, b)| format!("{a}{b}"))
}

fn fixed_kind(asset: &Asset) -> Option<&'static str> {
    match asset.kind {
        Kind::Html => Some("pages keep their addresses"),
        Kind::Css | Kind::Js | Kind::Svg | Kind::Font | Kind::Image(_) => None,
        Kind::SourceMap => Some("follows its script"),
        Kind::Json | Kind::WebManifest | Kind::Xml | Kind::Text => Some("data keeps its address"),
        Kind::Media | Kind::Wasm | Kind::Other => Some("downloads and media keep their addresses"),
    }
}

/// Names that browsers, crawlers and hosts ask for without being told.
pub fn fixed_name(asset: &Asset) -> Option<&'static str> {
    let name = asset.path.file_name().to_ascii_lowercase();
    let well_known = asset.path.as_str().split('/').any(|s| s == ".well-known")
        || name.starts_with("favicon.")
        || name.starts_with("apple-touch-icon")
        || names::is_service_worker(&asset.path)
        || matches!(name.as_str(), "registersw.js" | "safety-worker.js" | "ads.txt");
    (well_known || is_metadata(asset)).then_some("browsers, crawlers or hosts ask for it by this name")
}

/// Web manifest, robots, sitemaps, feeds.
pub fn is_metadata(asset: &Asset) -> bool {
    let name = asset.path.file_name().to_ascii_lowercase();
    matches!(asset.kind, Kind::WebManifest | Kind::Xml)
        || matches!(name.as_str(), "robots.txt" | "humans.txt" | "security.txt" | "llms.txt" | "feed.json")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::plain_stem;
    use crate::model::SitePath;

    #[test]
    fn a_new_hash_takes_the_place_of_a_bundlers() {
        for (path, stem) in [
            ("assets/photo-D4f9aK2x.jpg", "photo"),
            ("_app/immutable/assets/photo-13.-VvsB7lA.jpg", "photo-13"),
            ("photos/photo-13.jpg", "photo-13"),
            ("assets/D4f9aK2x.jpg", "D4f9aK2x"),
            ("assets/photo-wonderful.jpg", "photo-wonderful"),
            ("static/js/2.8e6b1b5f.chunk.js", "2.chunk"),
        ] {
            assert_eq!(plain_stem(&SitePath::new(path).unwrap()), stem, "{path}");
        }
    }
}
