//! Elements in which white space shows.

use super::Workshop;
use crate::analyze::css;
use crate::analyze::html::HtmlFacts;
use crate::graph::Summary;
use crate::syntax::html::Tag;
use std::collections::BTreeSet;

/// Of a page.
pub fn of<'a>(shop: &'a Workshop<'_>, page: &'a HtmlFacts) -> Keepers<'a> {
    let mut rules: Vec<&css::BoxRule> = page.css.box_rules.iter().collect();
    for node in &shop.graph.nodes {
        if let Summary::Css { box_rules, .. } = &node.summary {
            rules.extend(box_rules);
        }
    }
    rules.retain(|r| shows_space(r));
    Keepers { rules }
}

pub fn shows_space(rule: &css::BoxRule) -> bool {
    rule.props.iter().any(|p| matches!(p, css::BoxProp::WhiteSpace { preserves: true }))
}

/// Rules anywhere on the site that make white space show.
pub struct Keepers<'a> {
    rules: Vec<&'a css::BoxRule>,
}

impl Keepers<'_> {
    pub fn matches(&self, tag: &Tag) -> bool {
        let classes: BTreeSet<&str> = tag.value("class").unwrap_or("").split_ascii_whitespace().collect();
        self.rules.iter().any(|r| {
            let c = &r.compound;
            let fits = c.tag.as_deref().is_none_or(|t| t == tag.name)
                && c.id.as_deref().is_none_or(|i| tag.value("id") == Some(i))
                && c.classes.iter().all(|k| classes.contains(k.as_str()));
            fits && !c.pseudo_element
        })
    }
}
