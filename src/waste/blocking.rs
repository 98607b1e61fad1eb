//! Classic scripts that a page waits for, though nothing needs them before it has been read.

use super::Blocking;
use crate::facts::Analyst;
use crate::graph::{AssetGraph, Document, Resolver, Summary, Target};
use crate::model::{AssetId, Kind, RefKind};
use crate::syntax::html::{Attr, Tag, Token, tokenize};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Pages that could do the same, together; the most pages first.
pub fn find(analyst: &Analyst<'_>, graph: &AssetGraph) -> Vec<Blocking> {
    let site = analyst.site;
    let patient: BTreeMap<AssetId, bool> = site
        .ids()
        .filter_map(|id| {
            let Some(Summary::Js(facts)) = graph.node(id).map(|n| &n.summary) else { return None };
            let text = || site.get(id).and_then(|a| String::from_utf8(site.read(a).ok()?).ok());
            let quiet = !facts.introspects && !facts.handles_sheets;
            Some((id, quiet && text().is_some_and(|text| !is_urgent(&text))))
        })
        .collect();
    let of_page = |id: AssetId| {
        let asset = site.get(id).filter(|a| a.kind == Kind::Html && !(analyst.untouched)(a))?;
        let Some(Summary::Page(page)) = graph.node(id).map(|n| &n.summary) else { return None };
        let text = String::from_utf8(site.read(asset).ok()?).ok()?;
        let resolver = Resolver { site, deployment: &graph.deployment };
        let document = Document { path: &asset.path, base: page.base.as_deref() };
        let may_wait = |url: &str| match resolver.resolve(&document, url, RefKind::ClassicScript) {
            Target::Asset(script) => patient.get(&script)?.then_some(script),
            _ => None,
        };
        let scripts = deferrable(&tokenize(&text)?, &may_wait);
        (!scripts.is_empty()).then(|| (scripts, asset.path.to_string()))
    };
    let pages: Vec<(Vec<AssetId>, String)> =
        site.ids().collect::<Vec<_>>().into_par_iter().filter_map(of_page).collect();
    let mut by_scripts: BTreeMap<Vec<AssetId>, Vec<String>> = BTreeMap::new();
    for (scripts, page) in pages {
        by_scripts.entry(scripts).or_default().push(page);
    }
    let assets = |ids: &[AssetId]| ids.iter().filter_map(|id| site.get(*id)).collect::<Vec<_>>();
    let blocking = |(scripts, pages): (Vec<AssetId>, Vec<String>)| Blocking {
        pages,
        scripts: assets(&scripts).iter().map(|a| a.path.to_string()).collect(),
        bytes: assets(&scripts).iter().map(|a| a.len).sum(),
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
fn deferrable(tokens: &[Token], may_wait: &dyn Fn(&str) -> Option<AssetId>) -> Vec<AssetId> {
    let mut scripts: Vec<AssetId> = Vec::new();
    let (mut waiting, mut content, mut inert) = (false, false, 0usize);
    for token in tokens {
        let tag = match token {
            Token::Start(tag) => tag,
            Token::End { name, .. } if is_inert(name) => {
                inert = inert.saturating_sub(1);
                continue;
            }
            _ => continue,
        };
        // What people click on may need the script, and is there before it.
        let calls = |a: &Attr| {
            a.name.starts_with("on")
                || a.value.trim_start().get(..11).is_some_and(|v| v.eq_ignore_ascii_case("javascript:"))
        };
        if tag.attrs.iter().any(calls) {
            return Vec::new();
        }
        match tag.name.as_str() {
            name if is_inert(name) => inert += usize::from(!tag.self_closing),
            _ if inert > 0 => {}
            "script" => match Loading::of(tag) {
                Loading::Blocks(src) => match may_wait(src).filter(|_| !waiting && !content) {
                    Some(script) => scripts.push(script),
                    None => scripts.clear(),
                },
                Loading::RunsHere => scripts.clear(),
                Loading::Waits => waiting = true,
                Loading::IsData => {}
            },
            "html" | "head" | "body" | "title" | "meta" | "link" | "style" | "base" => {}
            _ => content = true,
        }
    }
    if content { scripts } else { Vec::new() }
}

fn is_inert(name: &str) -> bool {
    matches!(name, "template" | "noscript")
}

enum Loading<'a> {
    Blocks(&'a str),
    /// It stands in the page, or may run as soon as it has come: what stands before it has run by then.
    RunsHere,
    /// Until the page has been read.
    Waits,
    IsData,
}

impl<'a> Loading<'a> {
    /// HTML §4.12.1.1, "prepare the script element".
    fn of(tag: &'a Tag) -> Self {
        let kind = tag.value("type").unwrap_or("").trim().to_ascii_lowercase();
        let classic = kind.is_empty() || kind.ends_with("javascript") || kind.ends_with("ecmascript");
        match (tag.value("src").map(str::trim), kind.as_str()) {
            (_, "module") if tag.attr("async").is_none() => Self::Waits,
            (_, "module") => Self::RunsHere,
            _ if !classic => Self::IsData,
            (None, _) => Self::RunsHere,
            _ if tag.attr("nomodule").is_some() || tag.attr("async").is_some() => Self::RunsHere,
            (Some(_), _) if tag.attr("defer").is_some() => Self::Waits,
            (Some(src), _) => Self::Blocks(src),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn found(page: &str) -> Vec<u32> {
        let ids = ["a.js", "b.js"];
        let may_wait = |url: &str| Some(AssetId(ids.iter().position(|i| *i == url)? as u32));
        deferrable(&tokenize(page).unwrap(), &may_wait).into_iter().map(|id| id.index() as u32).collect()
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
