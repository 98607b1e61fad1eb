//! Names of files in text that kiln does not understand: each is a reason to leave that file's name alone.

use super::names::Hashed;
use crate::model::{Asset, AssetId};
use crate::scan::Site;
use crate::syntax::url;
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::BTreeMap;
use std::ops::Range;

/// Searches a text for the file names of a site, all at once.
pub struct Mentions {
    matcher: Option<AhoCorasick>,
    /// For each pattern: the files that carry this name, and whether it is a whole name or only its hash.
    names: Vec<(Vec<AssetId>, bool)>,
}

impl Mentions {
    /// `renamable` says which files could get another name at all.
    pub fn new(site: &Site, hashed: &Hashed, renamable: impl Fn(&Asset) -> bool) -> Self {
        let mut by_name: BTreeMap<String, (Vec<AssetId>, bool)> = BTreeMap::new();
        for (id, asset) in site.ids().zip(&site.assets).filter(|(_, a)| renamable(a)) {
            let name = asset.path.file_name();
            for form in [name.to_owned(), url::percent_encode_segment(name)] {
                by_name.entry(form).or_insert_with(|| (Vec::new(), true)).0.push(id);
            }
            // Loaders of bundlers put names together from a hash: `"chunks/" + id + "." + {7: "a1b2c3d4"}[id]`.
            if let Some(hash) = hashed.hash(asset) {
                by_name.entry(hash.to_owned()).or_insert_with(|| (Vec::new(), false)).0.push(id);
            }
        }
        for (ids, _) in by_name.values_mut() {
            ids.dedup();
        }
        let matcher = AhoCorasick::builder().match_kind(MatchKind::Standard).build(by_name.keys()).ok();
        Self { matcher, names: by_name.into_values().collect() }
    }

    /// The files that `text` names outside of the `known` references, and those that it names in `prose` only (both
    /// sorted by place).
    pub fn find(&self, text: &[u8], known: &[Range<usize>], prose: &[Range<usize>]) -> (Vec<AssetId>, Vec<AssetId>) {
        let Some(matcher) = &self.matcher else { return (Vec::new(), Vec::new()) };
        let (mut found, mut noted) = (Vec::new(), Vec::new());
        for m in matcher.find_overlapping_iter(text) {
            let after = known.partition_point(|r| r.end <= m.start());
            if known.get(after).is_some_and(|r| r.start <= m.start() && m.end() <= r.end) {
                continue;
            }
            let Some((ids, whole)) = self.names.get(m.pattern().as_usize()) else { continue };
            let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
            let before = m.start().checked_sub(1).and_then(|i| text.get(i));
            // Or from a part of one: `"chunks/" + id + "." + hash().slice(0, 8)`.
            let end = m.end() + if *whole { 0 } else { hex_digits(text.get(m.start()..m.end()), text.get(m.end()..)) };
            if word(before) || word(text.get(end)) || (*whole && before == Some(&b'-')) {
                continue;
            }
            let piece = prose.partition_point(|r| r.end <= m.start());
            let inside = prose.get(piece).is_some_and(|r| r.start <= m.start() && m.end() <= r.end);
            if inside { &mut noted } else { &mut found }.extend_from_slice(ids);
        }
        for list in [&mut found, &mut noted] {
            list.sort_unstable();
            list.dedup();
        }
        noted.retain(|id| found.binary_search(id).is_err());
        (found, noted)
    }
}

/// How many of them stand after a `hash` of such digits.
fn hex_digits(hash: Option<&[u8]>, after: Option<&[u8]>) -> usize {
    let digit = |b: &u8| b.is_ascii_digit() || (b'a'..=b'f').contains(b);
    match (hash, after) {
        (Some(hash), Some(after)) if hash.iter().all(digit) => after.iter().take_while(|b| digit(b)).count(),
        _ => 0,
    }
}
