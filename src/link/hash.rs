//! Names by strongly connected components: files that name each other are hashed together, so cycles are no special case.

use crate::execute::{Artifact, Content, Hole};
use crate::model::{AssetId, Digest, Piece, SitePath};
use crate::plan::{Naming, Plan};
use crate::scan::Site;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::BTreeSet;

/// Eight characters of base 32, with a letter and a digit among them: no word and no date looks like it.
pub fn token(digest: &Digest) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let digits: String =
        digest.0.iter().map(|b| char::from(*ALPHABET.get(usize::from(b & 31)).unwrap_or(&b'a'))).collect();
    let windows = (0..=24).filter_map(|i| digits.get(i..i + 8));
    let mixed = |t: &&str| t.bytes().any(|b| b.is_ascii_digit()) && t.bytes().any(|b| b.is_ascii_alphabetic());
    windows.clone().find(mixed).map_or_else(|| format!("{}2", digits.get(..7).unwrap_or("aaaaaaa")), str::to_owned)
}

/// The hash of a file that names no other: its bytes, and whose it is.
pub fn leaf(bytes: &Digest, key: &str) -> Digest {
    let mut h = Hasher::new(b"leaf");
    h.field(&bytes.0).field(key.as_bytes());
    h.finish()
}

/// A bundler's hash stays in the name: it tells which chunk this was, and tools go on recognising it.
fn renamed(path: &SitePath, stem: &str, hash: &Digest) -> SitePath {
    let parts = [stem, &token(hash), path.extension()];
    path.with_file_name(&parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("."))
}

/// The final name of every file, dependencies first.
pub fn file_names(site: &Site, plan: &Plan, artifacts: &[Artifact], variants: &[Vec<SitePath>]) -> Vec<SitePath> {
    let mut names: Vec<SitePath> = site.assets.iter().map(|a| a.path.clone()).collect();
    let mut graph: DiGraph<AssetId, ()> = DiGraph::with_capacity(names.len(), 0);
    let nodes: Vec<NodeIndex> = site.ids().map(|id| graph.add_node(id)).collect();
    for id in site.ids() {
        let targets: BTreeSet<AssetId> =
            holes(artifacts, id).filter(|h| h.variant.is_none()).map(|h| h.asset).collect();
        for target in targets {
            if let (Some(from), Some(to)) = (nodes.get(id.index()), nodes.get(target.index())) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    // Tarjan's order is dependencies first.
    for component in tarjan_scc(&graph) {
        let mut members: Vec<AssetId> = component.into_iter().filter_map(|n| graph.node_weight(n).copied()).collect();
        members.sort_unstable();
        let naming = |id: AssetId| plan.task(id).map(|t| &t.naming);
        let outside_changed = |id: AssetId| {
            holes(artifacts, id).any(|h| {
                h.variant.is_some()
                    || (!members.contains(&h.asset) && site.get(h.asset).map(|a| &a.path) != names.get(h.asset.index()))
            })
        };
        let changed = members.iter().any(|id| {
            own_change(artifacts, *id)
                || outside_changed(*id)
                || (members.len() > 1 && naming(*id) == Some(&Naming::Fingerprint))
        });
        let together = component_hash(site, artifacts, variants, &names, &members);
        let new: Vec<(AssetId, SitePath)> = members
            .iter()
            .filter_map(|id| {
                let path = &site.get(*id)?.path;
                let stem = match naming(*id)? {
                    Naming::Fingerprint => path.stem(),
                    Naming::Bundled { stem } if changed => stem,
                    _ => return None,
                };
                Some((*id, renamed(path, stem, &leaf(&together, path.as_str()))))
            })
            .collect();
        for (id, name) in new {
            if let Some(slot) = names.get_mut(id.index()) {
                *slot = name;
            }
        }
    }
    names
}

fn own_change(artifacts: &[Artifact], id: AssetId) -> bool {
    match artifacts.get(id.index()).map(|a| &a.content) {
        Some(Content::Stored(_)) => true,
        Some(Content::Text { changed, .. }) => *changed,
        _ => false,
    }
}

fn holes(artifacts: &[Artifact], id: AssetId) -> impl Iterator<Item = Hole> + '_ {
    let pieces = match artifacts.get(id.index()).map(|a| &a.content) {
        Some(Content::Text { body, .. }) => body.pieces.as_slice(),
        _ => &[],
    };
    pieces.iter().filter_map(|p| match p {
        Piece::Url { target, .. } => Some(*target),
        Piece::Text(_) => None,
    })
}

/// Over all members: their bytes without names, inside targets by key, outside targets by their final names.
fn component_hash(
    site: &Site,
    artifacts: &[Artifact],
    variants: &[Vec<SitePath>],
    names: &[SitePath],
    members: &[AssetId],
) -> Digest {
    let mut h = Hasher::new(b"component");
    for id in members {
        let Some(asset) = site.get(*id) else { continue };
        h.field(asset.path.as_str().as_bytes());
        match artifacts.get(id.index()).map(|a| &a.content) {
            Some(Content::Stored(s)) => {
                h.field(&s.digest.0);
            }
            Some(Content::Text { body, .. }) => {
                for piece in &body.pieces {
                    match piece {
                        Piece::Text(text) => h.field(b"text").field(text.as_bytes()),
                        Piece::Url { url, target, .. } => {
                            let inside = target.variant.is_none() && members.contains(&target.asset);
                            let name = match target.variant {
                                _ if inside => site.get(target.asset).map(|a| &a.path),
                                Some(i) => variants.get(target.asset.index()).and_then(|v| v.get(i as usize)),
                                None => names.get(target.asset.index()),
                            };
                            h.field(b"url").field(url.as_bytes()).field(name.map_or("", SitePath::as_str).as_bytes())
                        }
                    };
                }
            }
            _ => {
                h.field(&asset.digest.0);
            }
        }
    }
    h.finish()
}

/// Length-prefixed fields: no two lists of fields give the same bytes.
struct Hasher(blake3::Hasher);

impl Hasher {
    fn new(domain: &[u8]) -> Self {
        let mut h = Self(blake3::Hasher::new());
        h.field(b"kiln-name-1").field(domain);
        h
    }

    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        self
    }

    fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_is_no_word_and_no_date(bytes in proptest::array::uniform32(0u8..)) {
            let t = token(&Digest(bytes));
            prop_assert_eq!(t.len(), 8);
            prop_assert!(t.bytes().any(|b| b.is_ascii_digit()), "{}", t);
        }
    }
}
