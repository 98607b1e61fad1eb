//! Which statements of which modules go: those that nothing reaches, over the whole site. Every file and every import
//! that matters stays where it is.

mod edits;
mod live;
mod order;
mod resolve;
mod web;

use crate::config::{Config, Transform};
use crate::graph::{AssetGraph, PinCause};
use crate::model::{AssetId, Kind, RefKind};
use crate::scan::Site;
use crate::transform::js::Edit;
use std::collections::{BTreeMap, BTreeSet};

/// Less than this share of all modules is not worth new bytes in every cache: a bundler has been here.
const LEAST_GAIN: f64 = 0.01;

#[derive(Default)]
pub struct Shaken {
    modules: BTreeMap<AssetId, Result<Cut, String>>,
    /// Modules that no page loads, before or after.
    pub unreached: BTreeSet<AssetId>,
    /// Those of them that are not written.
    pub pruned: BTreeSet<AssetId>,
}

/// What one module loses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    pub edits: Vec<Edit>,
    pub statements: usize,
    pub of_statements: usize,
    /// Names that nobody imports.
    pub exports: Vec<String>,
    pub bytes: usize,
    /// Nothing is left that anybody loads it for.
    pub dead: bool,
}

impl Shaken {
    /// What a module loses, or why it loses nothing. `None`: no module.
    pub fn of(&self, id: AssetId) -> Option<&Result<Cut, String>> {
        self.modules.get(&id)
    }

    pub fn cut(&self, id: AssetId) -> Option<&Cut> {
        self.of(id).and_then(|c| c.as_ref().ok())
    }
}

pub fn shake(site: &Site, graph: &AssetGraph, config: &Config) -> Shaken {
    if !config.transforms.is_on(Transform::JsShake) || !config.transforms.is_on(Transform::Js) {
        return Shaken::default();
    }
    let web = web::Web::new(site, graph, config);
    if let Some(why) = &web.obstacle {
        let why = format!("no statements dropped: {why}");
        let modules = web.nodes.iter().filter_map(|n| n.asset).map(|id| (id, Err(why.clone()))).collect();
        return Shaken { modules, ..Shaken::default() };
    }
    let live = live::Live::of(&web);
    let order = order::Order::of(&web, &live);
    let mut shaken = Shaken { unreached: web.unreached.clone(), pruned: web.spare.clone(), ..Shaken::default() };
    let (mut removed, mut total) = (0, 0);
    for (index, node) in web.nodes.iter().enumerate() {
        let Some(id) = node.asset else { continue };
        total += node.module.length;
        let outcome = match &node.whole {
            Some(why) => Err(format!("no statements dropped: {why}")),
            None => {
                let cut = edits::cut(&web, &live, &order, index);
                removed += cut.bytes;
                if cut.dead {
                    shaken.unreached.insert(id);
                    if config.js.prune && is_nobodys(site, graph, id) {
                        shaken.pruned.insert(id);
                    }
                }
                Ok(cut)
            }
        };
        shaken.modules.insert(id, outcome);
    }
    if (removed as f64) < total as f64 * LEAST_GAIN {
        let why = "no statements dropped: too little of the site's modules would go";
        shaken.modules.values_mut().filter(|c| c.is_ok()).for_each(|c| *c = Err(why.into()));
        shaken.unreached = web.unreached.clone();
        shaken.pruned = web.spare.clone();
    }
    shaken
}

/// No page, sheet, data or text names it: only scripts import it.
fn is_nobodys(site: &Site, graph: &AssetGraph, id: AssetId) -> bool {
    let script = |by: AssetId| site.get(by).is_some_and(|a| a.kind == Kind::Js);
    script(id)
        && graph.node(id).is_some_and(|n| {
            n.pins.iter().all(|p| p.cause == PinCause::Prose)
                && !n.sealed
                && n.incoming.iter().all(|e| e.kind == RefKind::ModuleScript && script(e.asset))
        })
}
