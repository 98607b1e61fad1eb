//! Files that are the same, byte for byte.

use super::Twins;
use crate::model::{Asset, Digest, Kind};
use crate::scan::Site;
use std::collections::BTreeMap;

/// Bytes. Less is not worth a word.
const WORTH: u64 = 1_000;

/// The most bytes that could be saved first.
pub fn find(site: &Site) -> Vec<Twins> {
    let mut by_digest: BTreeMap<&Digest, Vec<&Asset>> = BTreeMap::new();
    let loaded = |kind| {
        matches!(kind, Kind::Js | Kind::Css | Kind::Svg | Kind::Image(_) | Kind::Font | Kind::Media | Kind::Wasm)
    };
    for asset in site.assets.iter().filter(|a| loaded(a.kind) && a.len >= WORTH) {
        by_digest.entry(&asset.digest).or_default().push(asset);
    }
    let several = by_digest.into_values().filter(|same| same.len() > 1);
    let mut found: Vec<Twins> = several
        .map(|same| Twins {
            bytes: same.first().map_or(0, |a| a.len),
            paths: same.iter().map(|a| a.path.to_string()).collect(),
        })
        .collect();
    found.sort_by_cached_key(|t| (std::cmp::Reverse(t.bytes * (t.paths.len() as u64 - 1)), t.paths.clone()));
    found
}
