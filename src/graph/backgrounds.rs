//! Pictures in declarations of backgrounds.

use crate::analyze::css::CssFacts;
use crate::model::AssetId;
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Backgrounds {
    /// Those that could be offered in other formats.
    pub all: Vec<AssetId>,
    /// Of these, the ones that the same styles name nowhere else.
    pub alone: BTreeSet<AssetId>,
}

impl Backgrounds {
    pub fn of_sheet(facts: &CssFacts, resolve: impl Fn(&str) -> Option<AssetId>) -> Self {
        let offered: BTreeSet<usize> = facts.image_decls.iter().flat_map(|d| d.refs.iter().copied()).collect();
        let (mut all, mut others) = (Vec::new(), BTreeSet::new());
        for (n, url) in facts.refs.iter().enumerate() {
            match resolve(&url.url) {
                Some(id) if offered.contains(&n) => all.push(id),
                Some(id) => _ = others.insert(id),
                None => {}
            }
        }
        let alone = all.iter().copied().filter(|id| !others.contains(id)).collect();
        Self { all, alone }
    }

    /// Of a page's own styles, `facts` holds the declarations of backgrounds only: what else they name is not known.
    pub fn of_page(facts: &CssFacts, resolve: impl Fn(&str) -> Option<AssetId>) -> Self {
        Self { alone: BTreeSet::new(), ..Self::of_sheet(facts, resolve) }
    }
}
