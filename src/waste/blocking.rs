//! Classic scripts that a page waits for, though nothing needs them before it has been read.

use super::Blocking;
use super::pages::{Loading, Page, Step};
use super::scripts::Script;
use crate::graph::{AssetGraph, Summary};
use crate::model::AssetId;
use std::collections::BTreeMap;

/// Pages that could do the same, together; the most pages first.
pub fn find(graph: &AssetGraph, pages: &[Page], scripts: &[Script]) -> Vec<Blocking> {
    let is_quiet = |id: AssetId| match graph.node(id).map(|n| &n.summary) {
        Some(Summary::Js(facts)) => !facts.introspects && !facts.handles_sheets,
        _ => false,
    };
    let patient = scripts.iter().filter(|s| is_quiet(s.id) && !is_urgent(&s.text));
    let patient: BTreeMap<AssetId, &Script> = patient.map(|s| (s.id, s)).collect();
    let mut by_scripts: BTreeMap<Vec<AssetId>, Vec<String>> = BTreeMap::new();
    for page in pages.iter().filter(|page| !page.calls) {
        let scripts = deferrable(&page.steps, &|id| patient.contains_key(&id));
        if !scripts.is_empty() {
            by_scripts.entry(scripts).or_default().push(page.path.clone());
        }
    }
    let blocking = |(ids, pages): (Vec<AssetId>, Vec<String>)| {
        let scripts = || ids.iter().filter_map(|id| patient.get(id));
        let bytes = scripts().map(|s| s.text.len() as u64).sum();
        Blocking { pages, scripts: scripts().map(|s| s.path.clone()).collect(), bytes }
    };
    let mut found: Vec<Blocking> = by_scripts.into_iter().map(blocking).collect();
    found.sort_by_cached_key(|b| (std::cmp::Reverse(b.pages.len()), b.scripts.clone()));
    found
}

/// It may write into the page while that is read, or have a say in how it looks at first.
fn is_urgent(text: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "write(",
        "writeln(",
        "localStorage",
        "sessionStorage",
        "cookie",
        "matchMedia",
        "prefers-color-scheme",
        "documentElement",
        "document.body",
        "document.head",
        ":root",
        "html",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Of the scripts that hold up the page before it has any content, those at the end of the list that may all wait: nothing after
/// the first of them can run while the page is read, nothing before it waits already, and there is something to be seen below.
fn deferrable(steps: &[Step], may_wait: &dyn Fn(AssetId) -> bool) -> Vec<AssetId> {
    let mut scripts: Vec<AssetId> = Vec::new();
    let (mut waiting, mut content) = (false, false);
    for step in steps {
        match step {
            Step::Script(Some(id), Loading::Blocks) if !waiting && !content && may_wait(*id) => scripts.push(*id),
            Step::Script(_, Loading::Waits) => waiting = true,
            Step::Script(..) => scripts.clear(),
            Step::Content => content = true,
        }
    }
    if content { scripts } else { Vec::new() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::pages::steps;
    use super::*;
    use crate::syntax::html::tokenize;

    fn found(page: &str) -> Vec<u32> {
        let ids = ["a.js", "b.js"];
        let file = |url: &str| Some(AssetId(ids.iter().position(|i| *i == url)? as u32));
        let (steps, calls) = steps(&tokenize(page).unwrap(), &file);
        if calls { Vec::new() } else { deferrable(&steps, &|_| true).into_iter().map(|id| id.0).collect() }
    }

    #[test]
    fn scripts_that_may_wait() {
        for (page, expected) in [
            ("<head><script src=a.js></script><body><p>x", &[0][..]),
            ("<head><script src=a.js></script><script src=b.js></script><body><p>x", &[0, 1]),
            ("<p>x<script src=a.js></script>", &[]),
            ("<script src=a.js></script><p>x<script>f()</script>", &[]),
            ("<script>f()</script><script src=a.js></script><p>x", &[0]),
            ("<script src=a.js></script><script src=other.js></script><p>x", &[]),
            ("<script src=other.js></script><script src=a.js></script><p>x", &[0]),
            ("<script src=a.js></script><p>x<script type=module>f()</script>", &[0]),
            ("<script type=module src=m.js></script><script src=a.js></script><p>x", &[]),
            ("<script defer src=b.js></script><script src=a.js></script><p>x", &[]),
            ("<script src=a.js></script><script type=module src=m.js></script><p>x<script src=b.js></script><p>x", &[]),
            ("<script async src=b.js></script><script src=a.js></script><p>x", &[0]),
            ("<script src=a.js></script><script type=application/json>{}</script><p>x", &[0]),
            ("<script src=a.js></script><p onclick=f()>x", &[]),
            ("<script src=a.js></script><a href=javascript:f()>x</a>", &[]),
            ("<script src=a.js></script><p>x<template><script>f()</script></template>", &[0]),
            ("<script src=a.js></script><script nomodule src=other.js></script><p>x", &[]),
            ("<script src=a.js></script><script async src=other.js></script><p>x", &[]),
            ("<script src=a.js></script><script async type=module src=other.js></script><p>x", &[]),
            ("<p>x<script src=a.js></script><p>x", &[]),
            ("<script src=a.js></script><p>x<script src=b.js></script><p>x", &[]),
            ("<script src=a.js defer></script><p>x", &[]),
        ] {
            assert_eq!(found(page), expected, "{page}");
        }
    }

    #[test]
    fn urgent_scripts() {
        assert!(is_urgent("d=document;d.write('<p>')") && is_urgent("e=document.documentElement;e.className+=' js'"));
        assert!(
            is_urgent("document.querySelector('html').lang='de'") && is_urgent("if(/dark/.test(document.cookie))x()")
        );
        assert!(is_urgent("if(localStorage.theme)x()") && !is_urgent("addEventListener('load',()=>f.style.top=0)"));
    }
}
