//! Which pages may hold the rules that they need, and load their sheets later.

use crate::analyze::html::Hydration;
use crate::config::{Config, CriticalCss, Transform};
use crate::graph::{AssetGraph, Page, Summary};
use crate::layout::{Answer, Known};
use crate::model::{Asset, AssetId, Looks};
use crate::scan::Site;
use serde::Serialize;
use std::collections::BTreeSet;

/// Which of the rules that something on a page may match it needs at first.
#[derive(Clone, Debug, Serialize)]
pub enum Critical {
    /// All: that is asked for, or nobody can tell what its first screen needs, because …
    Page(Option<String>),
    /// Those of its first screen. What has these looks stands below.
    Screen(BTreeSet<Looks>),
}

impl Critical {
    pub fn new(config: &Config, answer: Option<&Answer>) -> Option<Self> {
        let unknown = |why: &str| Self::Page(Some(why.into()));
        match (config.css.critical, answer) {
            (CriticalCss::None, _) => None,
            (CriticalCss::Page, _) => Some(Self::Page(None)),
            (CriticalCss::Screen, Some(Answer::Unknown(why))) => Some(unknown(why)),
            (CriticalCss::Screen, Some(Answer::Known(Known { below: Some(Ok(below)), .. }))) => {
                Some(Self::Screen(below.clone()))
            }
            (CriticalCss::Screen, Some(Answer::Known(Known { below: Some(Err(why)), .. }))) => Some(unknown(why)),
            (CriticalCss::Screen, _) => Some(unknown("it was not laid out")),
        }
    }
}

/// Why a page's links to sheets stay as they are.
pub fn obstacle(site: &Site, graph: &AssetGraph, config: &Config, (asset, page): (&Asset, &Page)) -> Option<String> {
    let off = [Transform::Html, Transform::Css].into_iter().any(|t| !config.transforms.allows(t, &asset.path));
    if off {
        return Some("switched off for this page".into());
    }
    if matches!(asset.path.extension(), "xhtml" | "xht") {
        return Some("rules would have to be written as XML".into());
    }
    if page.csp {
        return Some("the page's Content-Security-Policy may forbid it".into());
    }
    if graph.used.has_folded("content-security-policy") {
        return Some("a text of the site speaks of a Content-Security-Policy, which may forbid it".into());
    }
    if page.hydration != Hydration::None {
        return Some("a framework takes the page over".into());
    }
    if page.base.is_some() {
        return Some("a <base> leads its addresses elsewhere".into());
    }
    if page.scripts.handles_sheets {
        return Some("a script in it looks at style sheets or makes some".into());
    }
    let script = graph.scripts_of(site, asset).into_iter().find(|id| handles_sheets(graph, *id));
    if let Some(script) = script.and_then(|id| site.get(id)) {
        return Some(format!("{} looks at style sheets or makes some", script.path));
    }
    None
}

/// One that could not be read may do anything.
fn handles_sheets(graph: &AssetGraph, script: AssetId) -> bool {
    match graph.node(script).map(|n| &n.summary) {
        Some(Summary::Js(facts)) => facts.handles_sheets,
        _ => true,
    }
}
