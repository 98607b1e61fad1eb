//! Code that several scripts of a page hold: a library that the bundler has put into two chunks, or two of its versions.

use super::Repeated;
use super::scripts::{Audience, Script};
use crate::analyze::js::shape::Function;
use crate::syntax::position;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Bytes that could be saved. Less is not worth a word: bundlers repeat small helpers on purpose.
const WORTH: u64 = 2_000;

/// The most bytes that could be saved first.
pub fn find(scripts: &[Script]) -> Vec<Repeated> {
    let mut seen = BTreeSet::new();
    let scripts: Vec<&Script> =
        scripts.iter().filter(|s| s.audience == Audience::Pages && seen.insert(s.digest)).collect();
    let mut holders: HashMap<u64, BTreeSet<usize>> = HashMap::new();
    for (i, script) in scripts.iter().enumerate() {
        for function in &script.shapes.functions {
            holders.entry(function.shape).or_default().insert(i);
        }
    }
    // By the scripts that share them, of each script the outermost functions.
    let mut shared: BTreeMap<&BTreeSet<usize>, BTreeMap<usize, Vec<&Function>>> = BTreeMap::new();
    for (i, script) in scripts.iter().enumerate() {
        let (mut done, mut counted) = (0, HashSet::new());
        for function in &script.shapes.functions {
            let Some(by) = holders.get(&function.shape).filter(|by| by.len() > 1 && function.range.start >= done)
            else {
                continue;
            };
            done = function.range.end;
            if !counted.insert(function.shape) {
                continue;
            }
            shared.entry(by).or_default().entry(i).or_default().push(function);
        }
    }
    let saved = |r: &Repeated| r.bytes * (r.paths.len() as u64).saturating_sub(1);
    let most =
        |functions: &BTreeMap<usize, Vec<&Function>>| functions.values().map(|all| bytes(all)).max().unwrap_or(0);
    let worth = shared.into_iter().filter(|(by, f)| most(f) * (by.len() as u64).saturating_sub(1) >= WORTH);
    let mut found: Vec<Repeated> = worth.map(|(by, functions)| repeated(&scripts, by, &functions)).collect();
    found.sort_by_cached_key(|r| (std::cmp::Reverse(saved(r)), r.paths.clone()));
    found
}

fn bytes(functions: &[&Function]) -> u64 {
    functions.iter().map(|f| f.range.len() as u64).sum()
}

fn repeated(scripts: &[&Script], by: &BTreeSet<usize>, functions: &BTreeMap<usize, Vec<&Function>>) -> Repeated {
    // In one of them, a function may stand in a larger one that it shares with others.
    let most = functions.values().max_by_key(|all| bytes(all));
    let longest = most.and_then(|all| all.iter().max_by_key(|f| (f.range.len(), std::cmp::Reverse(f.range.start))));
    let place = |i: &usize| {
        let script = scripts.get(*i)?;
        let function = script.shapes.functions.iter().find(|f| Some(f.shape) == longest.map(|l| l.shape))?;
        let (line, column) = position(&script.text, function.range.start);
        Some(format!("{}:{line}:{column}", script.path))
    };
    let from = |(i, all): (&usize, &Vec<&Function>)| -> BTreeSet<String> {
        let origins = scripts.get(*i).map(|s| &s.origins);
        all.iter().filter_map(|f| origins?.package_at(f.range.start)).map(str::to_owned).collect()
    };
    Repeated {
        bytes: most.map_or(0, |all| bytes(all)),
        functions: most.map_or(0, |all| all.len() as u64),
        paths: by.iter().filter_map(|i| Some(scripts.get(*i)?.path.clone())).collect(),
        longest: by.iter().filter_map(place).collect(),
        packages: functions.iter().flat_map(from).collect::<BTreeSet<_>>().into_iter().collect(),
    }
}
