//! Pictures on other hosts, where nothing in the markup speaks against another address for the same picture.

use super::HtmlFacts;
use crate::model::RefKind;
use crate::syntax::html::Tag;
use crate::syntax::url;

/// Where the references of one element begin in a page's lists.
pub struct Mark {
    refs: usize,
    elsewhere: usize,
}

impl Mark {
    pub fn now(facts: &HtmlFacts) -> Self {
        Self { refs: facts.refs.len(), elsewhere: facts.elsewhere.len() }
    }
}

/// Takes over what an element shows from other hosts; `off`: nobody may touch it. `picture`: where the `<picture>` around it
/// begins.
pub fn collect(tag: &Tag, mark: &Mark, off: bool, picture: Option<usize>, facts: &mut HtmlFacts) {
    // Somebody counts on how it is asked for, or on its very bytes.
    let exact = tag.attr("crossorigin").is_some() || tag.attr("integrity").is_some();
    if off || exact {
        // It is for the sources, too, that an image asks in that way.
        let from = picture.filter(|_| exact && tag.name == "img").unwrap_or(mark.elsewhere);
        facts.elsewhere.truncate(from);
        return;
    }
    let shown = facts.refs.iter().skip(mark.refs).filter(|r| r.kind == RefKind::Image && url::is_elsewhere(&r.url));
    let shown: Vec<_> = shown.cloned().collect();
    facts.elsewhere.extend(shown);
}

/// In the order of the page, never overlapping. Styles whose hashes a policy lists stay.
pub fn tidy(facts: &mut HtmlFacts) {
    let restricted = facts.csp;
    facts.elsewhere.retain(|r| !(restricted && r.kind == RefKind::CssUrl));
    facts.elsewhere.sort_by_key(|r| (r.range.start, r.range.end));
    facts.elsewhere.dedup_by(|b, a| b.range.start < a.range.end);
}
