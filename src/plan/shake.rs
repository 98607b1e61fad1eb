//! Which rules go: those that no page can ever match, in sheets of which all users are known.

use super::tasks;
use crate::analyze::shake::{Dropped, Matcher, Shaken, Sheet};
use crate::config::{Config, Transform};
use crate::graph::{AssetGraph, PinCause, Summary};
use crate::model::{AssetId, Kind};
use crate::scan::Site;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};

pub struct Cuts {
    /// For each sheet what it loses, or why it loses nothing.
    sheets: BTreeMap<AssetId, Result<Vec<Dropped>, String>>,
    /// Why no rule of the whole site can be told to be unused, those of `<style>` elements neither.
    pub obstacle: Option<String>,
}

impl Cuts {
    pub fn of(&self, sheet: AssetId) -> Option<&Result<Vec<Dropped>, String>> {
        self.sheets.get(&sheet)
    }
}

pub fn cuts(site: &Site, graph: &AssetGraph, config: &Config) -> Cuts {
    let sheets: Vec<(AssetId, &Sheet)> = site.ids().filter_map(|id| Some((id, rules(graph, id)?))).collect();
    let obstacle = obstacle(site, graph, config);
    let (mut cuts, mut open) = (BTreeMap::new(), Vec::new());
    for (id, sheet) in &sheets {
        match obstacle
            .as_ref()
            .map(|why| format!("no rules dropped: {why}"))
            .or_else(|| reason_to_keep(site, graph, config, *id))
        {
            Some(why) => _ = cuts.insert(*id, Err(why)),
            None => open.push((*id, *sheet)),
        }
    }
    let safe = |name: &str| config.css.safelist.is_match(name);
    let mut shaken: Vec<(AssetId, Shaken<'_>)> =
        open.into_par_iter().map(|(id, sheet)| (id, Shaken::new(sheet, &Matcher::new(&graph.used), &safe))).collect();
    // A property that goes may have been the last to name another.
    let matcher = Matcher::new(&graph.used);
    loop {
        let others = sheets.iter().filter(|(id, _)| cuts.contains_key(id)).flat_map(|(_, s)| &s.items);
        let mut used: HashSet<&str> = others.flat_map(|i| &i.words).map(String::as_str).collect();
        used.extend(graph.used.style_words.iter().map(String::as_str));
        shaken.iter().for_each(|(_, s)| used.extend(s.words()));
        let dropped = shaken.iter_mut().fold(false, |any, (_, s)| s.drop_names(&used, &matcher, &safe) | any);
        if !dropped {
            break;
        }
    }
    cuts.extend(shaken.into_iter().map(|(id, s)| (id, Ok(s.dropped()))));
    Cuts { sheets: cuts, obstacle }
}

fn obstacle(site: &Site, graph: &AssetGraph, config: &Config) -> Option<String> {
    if let Some(asset) = site.assets.iter().find(|a| a.kind == Kind::Wasm) {
        return Some(format!("{} may use any class", asset.path));
    }
    let scripts = site.ids().find_map(|id| Some((id, habit(graph, id)?)));
    if let Some((id, habit)) = scripts {
        return Some(format!("a script in {} {habit}", site.get(id)?.path));
    }
    let foreign = graph.foreign_scripts.iter().find(|url| !config.css.trusted_scripts.is_match(url.as_str()))?;
    Some(format!("{foreign} may use any class; if it uses none of this site's, name it in css.trusted_scripts"))
}

/// What a script does that nobody can tell used rules by: what it reads there may be what it shows, and what comes from
/// elsewhere may be any name.
fn habit(graph: &AssetGraph, id: AssetId) -> Option<&'static str> {
    let (reads, outside) = match &graph.node(id)?.summary {
        Summary::Js(facts) => (facts.reads_sheets, facts.outside),
        Summary::Page(page) => (page.scripts.reads_sheets, page.scripts.outside),
        _ => return None,
    };
    match (reads, outside) {
        (true, _) => Some("reads the rules of sheets"),
        (_, true) => Some("takes classes from elsewhere: an answer, the address or the visitor"),
        _ => None,
    }
}

fn rules(graph: &AssetGraph, id: AssetId) -> Option<&Sheet> {
    match &graph.node(id)?.summary {
        Summary::Css { rules, .. } => Some(rules),
        _ => None,
    }
}

fn reason_to_keep(site: &Site, graph: &AssetGraph, config: &Config, id: AssetId) -> Option<String> {
    let (asset, node) = (site.get(id)?, graph.node(id)?);
    if tasks::stays(site, graph, config, id).is_some() || !config.transforms.allows(Transform::Css, &asset.path) {
        return Some("no rules dropped: the sheet stays as it is".into());
    }
    if !config.transforms.allows(Transform::Shake, &asset.path) {
        return Some("no rules dropped: `css.shake` is switched off for it".into());
    }
    let code =
        |by: AssetId| site.get(by).is_some_and(|a| matches!(a.kind, Kind::Html | Kind::Js | Kind::Css | Kind::Svg));
    let named = node.pins.iter().any(|p| matches!(p.cause, PinCause::Mentioned | PinCause::Prose) && code(p.by));
    if node.incoming.is_empty() && !named {
        return Some("no rules dropped: nothing on this site loads it, so others may".into());
    }
    if rules(graph, id).is_some_and(|r| r.rigid) {
        return Some("no rules dropped: without them, browsers would read an `@import` that they skip now".into());
    }
    None
}
