//! Pictures in declarations of backgrounds.

use crate::analyze::css::CssFacts;
use crate::model::{AssetId, RefKind};
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Backgrounds {
    /// Those that could be offered in other formats.
    pub all: Vec<AssetId>,
    /// Of these, the ones that the same styles name nowhere else.
    pub alone: BTreeSet<AssetId>,
    /// Each address that a sheet has of any file, but for those that it imports.
    pub addresses: BTreeSet<(AssetId, String)>,
}

impl Backgrounds {
    pub fn of_sheet(facts: &CssFacts, resolve: impl Fn(&str) -> Option<AssetId>) -> Self {
        let offered: BTreeSet<usize> = facts.image_decls.iter().flat_map(|d| d.refs.iter().copied()).collect();
        let (mut all, mut others, mut addresses) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for (n, found) in facts.refs.iter().enumerate() {
            let Some(id) = resolve(&found.url) else { continue };
            if found.kind == RefKind::CssUrl {
                addresses.insert((id, found.url.clone()));
            }
            match offered.contains(&n) {
                true => all.push(id),
                false => _ = others.insert(id),
            }
        }
        let alone = all.iter().copied().filter(|id| !others.contains(id)).collect();
        Self { all, alone, addresses }
    }

    /// Of a page's own styles, `facts` holds the declarations of backgrounds only: what else they name is not known.
    pub fn of_page(facts: &CssFacts, resolve: impl Fn(&str) -> Option<AssetId>) -> Self {
        Self { alone: BTreeSet::new(), addresses: BTreeSet::new(), ..Self::of_sheet(facts, resolve) }
    }
}
