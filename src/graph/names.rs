//! What file names say: content hashes that a bundler has put into them, names of service workers.

use crate::model::{Asset, Kind, SitePath};
use crate::scan::{self, Site};
use std::collections::{BTreeMap, BTreeSet};

/// Folders in which a bundler has hashed most scripts and sheets.
#[derive(Default)]
pub struct Hashed(BTreeSet<String>);

impl Hashed {
    pub fn of(site: &Site) -> Self {
        let mut folders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for asset in site.assets.iter().filter(|a| is_code(a)) {
            let (hashed, all) = folders.entry(asset.path.parent()).or_default();
            *hashed += usize::from(bundler_hash(&asset.path).is_some());
            *all += 1;
        }
        let most = folders.into_iter().filter(|(_, (hashed, all))| hashed * 2 > *all);
        Self(most.map(|(folder, _)| folder.to_owned()).collect())
    }

    /// One hash in a dozen could as well be a word or a number, as in `Home-Dpd-WtfF.js` and `main-QWERTZUI.js`. What stands
    /// beside it tells.
    pub fn hash<'a>(&self, asset: &'a Asset) -> Option<&'a str> {
        let beside = || Some(&asset.path).filter(|path| is_code(asset) && self.0.contains(path.parent()));
        bundler_hash(&asset.path).or_else(|| last_eight(beside()?).filter(|t| may_be_random(t)))
    }
}

fn is_code(asset: &Asset) -> bool {
    matches!(asset.kind, Kind::Js | Kind::Css)
}

/// The hash in `assets/index-D4f9aK2x.js`, `main.4889e940.css`, `_astro/photo.VGDQ7I8M_Z1xK8lf.jpg`.
///
/// Being wrong in either direction costs: a missed hash means a second hash in the name, a guessed one a year of stale
/// files. So both a folder or shape that bundlers use and a token that looks random are asked for: `photo.20240101.jpg`,
/// `font-awesome.css` and `IMG_20240101.jpg` have no hash.
pub fn bundler_hash(path: &SitePath) -> Option<&str> {
    if scan::is_fetched(path) {
        return None;
    }
    const FOLDERS: [&str; 8] = ["_astro", "_app", "_next", "_nuxt", "assets", "static", "chunks", "build"];
    let stem = bare_stem(path);
    let token = stem.rsplit_once(['.', '-']).map(|(_, t)| t).filter(|t| t.len() >= 8);
    // A base64url hash may itself hold a `-`: `index-B-x2_k9a`. Vite's are eight characters long.
    let vite = stem.len().checked_sub(9).and_then(|i| stem.get(i..)).and_then(|t| t.strip_prefix(['-', '.']));
    // The chunks of SvelteKit, Next and Nuxt have nothing else in their names.
    let folder = path.parent();
    let only = ["_app/immutable", "_next/static", "_nuxt"].iter().any(|f| folder.contains(f)).then_some(stem);
    let in_bundle = folder.split('/').any(|f| FOLDERS.contains(&f));
    let code = matches!(path.extension(), "js" | "mjs" | "css");
    token
        .filter(|t| is_hex_hash(t) || (code && is_base32_hash(t)) || (in_bundle && looks_random(t)))
        .or_else(|| vite.filter(|t| in_bundle && looks_random(t)))
        .or_else(|| only.filter(|t| looks_random(t)))
        // What Hugo makes of a picture: `photo_hu_ed49a715abb74538.jpg`.
        .or_else(|| stem.rsplit_once("_hu_").map(|(_, t)| t).filter(|t| is_hex_hash(t)))
        // webpack's `[contenthash].js`.
        .or_else(|| Some(stem).filter(|t| code && t.len() >= 16 && is_hex_hash(t)))
}

/// `2.8e6b1b5f` of `2.8e6b1b5f.chunk.js`, `guide.md.iYSdRcd3` of `guide.md.iYSdRcd3.lean.js`.
fn bare_stem(path: &SitePath) -> &str {
    let stem = path.stem();
    [".chunk", ".lean", ".bundle", ".min"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem)
}

/// Of a name that has nothing else, or has it after a `-` or `.`.
fn last_eight(path: &SitePath) -> Option<&str> {
    let (before, token) = bare_stem(path).split_at_checked(bare_stem(path).len().checked_sub(8)?)?;
    (before.is_empty() || before.ends_with(['-', '.'])).then_some(token)
}

/// No word in small letters, whether it begins with a capital or not.
fn may_be_random(token: &str) -> bool {
    let allowed = token.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    let number = token.bytes().all(|b| b.is_ascii_digit());
    allowed && (number || token.bytes().skip(1).any(|b| b.is_ascii_uppercase()))
}

/// A script that pages start by this name, be it through a library that kiln cannot see through.
pub fn is_service_worker(path: &SitePath) -> bool {
    matches!(
        path.file_name().to_ascii_lowercase().as_str(),
        "sw.js"
            | "service-worker.js"
            | "serviceworker.js"
            | "service_worker.js"
            | "ngsw-worker.js"
            | "firebase-messaging-sw.js"
            | "onesignalsdkworker.js"
    )
}

/// Lists what Angular's service worker keeps, with the SHA-1 of each file.
pub fn is_angular_manifest(path: &SitePath) -> bool {
    path.file_name() == "ngsw.json"
}

/// 8, 10, 12, 16 or 20 hexadecimal digits, or all of a common digest, with letters and digits among them.
fn is_hex_hash(token: &str) -> bool {
    matches!(token.len(), 8 | 10 | 12 | 16 | 20 | 32 | 40 | 64 | 96 | 128)
        && token.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && token.bytes().any(|b| b.is_ascii_digit())
        && token.bytes().any(|b| b.is_ascii_alphabetic())
}

/// esbuild's, as in Angular's `main-5PDLAMCH.js`: 8 of capital letters and the digits from 2 to 7, with both among them.
fn is_base32_hash(token: &str) -> bool {
    token.len() == 8
        && token.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
        && token.bytes().any(|b| b.is_ascii_digit())
        && token.bytes().any(|b| b.is_ascii_uppercase())
}

/// A base64url or base36 token of 8 to 32 characters that no word is: digits within letters, or capitals after small ones.
fn looks_random(token: &str) -> bool {
    let bytes = token.as_bytes();
    let allowed =
        (8..=32).contains(&bytes.len()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(b));
    let (letters, digits) = (bytes.iter().any(u8::is_ascii_alphabetic), bytes.iter().any(u8::is_ascii_digit));
    let capital_inside =
        bytes.windows(2).any(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
            && bytes.windows(2).any(
                |w| matches!(w, [a, b] if a.is_ascii_uppercase() && (b.is_ascii_uppercase() || b.is_ascii_digit())),
            );
    allowed && letters && (digits || capital_inside)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn hash(path: &str) -> Option<String> {
        bundler_hash(&SitePath::new(path).unwrap()).map(str::to_owned)
    }

    #[test]
    fn hashes_of_real_bundlers() {
        let sha384 = "5dce122b41bed99f".repeat(6);
        for (path, expected) in [
            ("assets/index-D4f9aK2x.js", "D4f9aK2x"),
            ("assets/a-B-x2_k9a.js", "B-x2_k9a"),
            ("main.4889e940.css", "4889e940"),
            ("_astro/photo-03.GqllJy5z_2s6xmJ.webp", "GqllJy5z_2s6xmJ"),
            ("_astro/lora-cyrillic-400-normal.BedExNGj.woff", "BedExNGj"),
            ("_app/immutable/assets/photo-04.CDvhHqtJ.jpg", "CDvhHqtJ"),
            ("_app/immutable/chunks/x-UyI9lYi1.js", "UyI9lYi1"),
            ("_app/immutable/chunks/-UyI9lYi.js", "-UyI9lYi"),
            ("_app/immutable/chunks/BYDIeeqN.js", "BYDIeeqN"),
            ("static/js/2.8e6b1b5f.chunk.js", "8e6b1b5f"),
            ("assets/guide_two.md.iYSdRcd3.lean.js", "iYSdRcd3"),
            ("_nuxt/D6KcNasN.js", "D6KcNasN"),
            ("main-5PDLAMCH.js", "5PDLAMCH"),
            ("b8869f9735997f0e88aa.js", "b8869f9735997f0e88aa"),
            ("img/house_hu_ed49a715abb74538.jpg", "ed49a715abb74538"),
            (&format!("js/main.min.{sha384}.js"), &sha384),
        ] {
            assert_eq!(hash(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn words_and_numbers_among_hashes_may_be_hashes() {
        for (name, expected) in [
            ("Home-Dpd-WtfF.js", true),
            ("chunk-EGVLORLZ.js", true),
            ("DCdGOClk.js", true),
            ("7.93817264.chunk.js", true),
            ("vendor-overview.js", false),
            ("vendor-Overview.js", false),
            ("jquery.js", false),
        ] {
            let path = SitePath::new(&format!("x/{name}")).unwrap();
            assert_eq!(last_eight(&path).is_some_and(may_be_random), expected, "{name}");
        }
    }

    #[test]
    fn names_that_only_look_like_it() {
        for path in [
            "photo.20240101.jpg",
            "assets/photo-20240101.jpg",
            "vendor/bootstrap.bundle.min.js",
            "assets/img/header-background.jpg",
            "fontawesome-all.js",
            "photos/IMG_20240101.jpg",
            "assets/fonts/bootstrap-icons.woff2",
            "assets/big-masthead.jpg",
            "photos/DSC-P2345672.jpg",
            "photos/b8869f9735997f0e88aa.jpg",
            "report-DOWNLOAD.js",
        ] {
            assert_eq!(hash(path), None, "{path}");
        }
    }
}
