//! What core-js brings along for browsers that nobody asks for.

use super::Polyfills;
use super::scripts::{Audience, Script};
use browserslist::Distrib;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// One of the browsers lacks what the module adds, or has it wrong; or the table does not tell. Browsers that the table does not
/// know (Opera Mini, KaiOS, UC) do not count where there are others, as in core-js-compat itself.
fn is_needed(module: &str, browsers: &[Distrib]) -> bool {
    let line = |start: &str| TABLE.lines().find_map(|line| line.strip_prefix(start)?.strip_prefix('\t'));
    let (Some(names), Some(since)) = (line("module"), line(module)) else { return true };
    let since: BTreeMap<&str, &str> = names.split('\t').zip(since.split('\t')).collect();
    let name = |b: &Distrib| if b.name() == "ie_mob" { "ie".to_owned() } else { b.name().to_owned() };
    let known: Vec<_> = browsers.iter().filter_map(|b| Some((b, *since.get(name(b).as_str())?))).collect();
    known.is_empty() || known.iter().any(|(b, since)| compare(b.version(), since) == Ordering::Less)
}

/// A line for each module, a column for each browser: the first version that needs nothing.
const TABLE: &str = include_str!("polyfills.tsv");

/// `-`: there is none. Of a range (`18.5-18.7`) the first counts; "all", as Opera Mini has it, is older than anything.
fn compare(version: &str, since: &str) -> Ordering {
    let numbers = |v: &str| -> Option<Vec<u32>> { v.split('-').next()?.split('.').map(|n| n.parse().ok()).collect() };
    match (numbers(version), numbers(since)) {
        (Some(mut version), Some(mut since)) => {
            let len = version.len().max(since.len());
            version.resize(len, 0);
            since.resize(len, 0);
            version.cmp(&since)
        }
        // A version that is yet to come.
        (None, Some(_)) if version == "TP" => Ordering::Greater,
        _ => Ordering::Less,
    }
}

/// By script, in the order of the site.
pub fn find(scripts: &[Script], browsers: &[Distrib]) -> Vec<Polyfills> {
    let mut needed: BTreeMap<String, bool> = BTreeMap::new();
    let mut spare = |module: &str| !*needed.entry(module.into()).or_insert_with(|| is_needed(module, browsers));
    let one = |script: &Script| {
        let mut by_map: BTreeMap<String, u64> = BTreeMap::new();
        for (source, bytes) in script.origins.bytes().filter(|(_, bytes)| *bytes > 0) {
            if let Some(module) = module(&source.path) {
                *by_map.entry(module).or_default() += bytes;
            }
        }
        let (modules, bytes): (BTreeSet<String>, u64) = if by_map.is_empty() {
            let mut ranges = BTreeSet::new();
            let all = script.shapes.polyfills.iter().filter(|p| spare(&p.module));
            let modules = all.inspect(|p| _ = ranges.insert((p.range.start, p.range.len()))).map(|p| p.module.clone());
            (modules.collect(), ranges.iter().map(|(_, len)| *len as u64).sum())
        } else {
            let all: Vec<(String, u64)> = by_map.into_iter().filter(|(m, _)| spare(m)).collect();
            let bytes = all.iter().map(|(_, n)| n).sum();
            (all.into_iter().map(|(m, _)| m).collect(), bytes)
        };
        (!modules.is_empty()).then(|| Polyfills {
            path: script.path.clone(),
            bytes,
            modules: modules.into_iter().collect(),
        })
    };
    scripts.iter().filter(|s| s.audience != Audience::OldBrowsers).filter_map(one).collect()
}

/// `…/core-js/modules/es.array.flat.js` is `es.array.flat`.
fn module(source: &str) -> Option<String> {
    let (_, rest) = source.rsplit_once("/core-js/").or_else(|| source.rsplit_once("/core-js-pure/"))?;
    let name = rest.strip_prefix("modules/")?.split(['?', '#']).next()?.strip_suffix(".js")?;
    (name.starts_with("es.") || name.starts_with("web.")).then(|| name.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn modules_that_browsers_need() {
        let need = |query: &str, module: &str| {
            is_needed(module, &browserslist::resolve([query], &browserslist::Opts::default()).unwrap())
        };
        assert!(!need("chrome 69", "es.array.flat") && need("chrome 68", "es.array.flat"));
        assert!(need("chrome 100, ie 11", "es.array.flat"), "IE never had it");
        assert!(need("ios_saf 11.3", "es.array.flat") && !need("ios_saf 12.0-12.1", "es.array.flat"));
        assert!(!need("op_mini all, chrome 140", "es.array.flat") && !need("safari TP", "es.array.flat"));
        assert!(need("chrome 140", "es.not-there") && need("kaios 2.5", "es.object.assign"));
        assert!(need("ie_mob 11, chrome 140", "es.array.flat"));
        assert!(!need("defaults", "es.object.assign"));
    }

    #[test]
    fn modules_of_sources() {
        assert_eq!(module("../node_modules/core-js/modules/es.array.flat.js").as_deref(), Some("es.array.flat"));
        assert_eq!(module("../node_modules/core-js/internals/export.js"), None);
        assert_eq!(module("../src/core/modules/es.array.flat.js"), None);
    }
}
