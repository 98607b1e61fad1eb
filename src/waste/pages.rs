//! The pages of a site as this stage needs them: each is read once.

use crate::facts::Analyst;
use crate::graph::{AssetGraph, Document, Resolver, Summary, Target};
use crate::model::{AssetId, RefKind};
use crate::syntax::html::{Attr, Tag, Token, tokenize};
use rayon::prelude::*;

pub struct Page {
    pub path: String,
    /// In the order of the page.
    pub steps: Vec<Step>,
    /// An attribute calls scripts: what people click on may need one, and is there before it.
    pub calls: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// `None`: it stands in the page, or is none of the site's files.
    Script(Option<AssetId>, Loading),
    /// Something to be seen begins.
    Content,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loading {
    Blocks,
    /// Or as soon as it has come: what stands before it has run by then.
    Here,
    /// Until the page has been read.
    Waits,
    /// Of browsers without modules; for these it is as `Here`.
    OldBrowsers,
}

/// In the order of the site, without those that nobody may change.
pub fn read(analyst: &Analyst<'_>, graph: &AssetGraph) -> Vec<Page> {
    let site = analyst.site;
    let resolver = Resolver { site, deployment: &graph.deployment };
    let of_page = |id: AssetId| {
        let asset = site.get(id).filter(|a| !(analyst.untouched)(a))?;
        let Some(Summary::Page(page)) = graph.node(id).map(|n| &n.summary) else { return None };
        let text = String::from_utf8(site.read(asset).ok()?).ok()?;
        let document = Document { path: &asset.path, base: page.base.as_deref() };
        let file = |url: &str| match resolver.resolve(&document, url, RefKind::ClassicScript) {
            Target::Asset(script) => Some(script),
            _ => None,
        };
        let (steps, calls) = steps(&tokenize(&text)?, &file);
        Some(Page { path: asset.path.to_string(), steps, calls })
    };
    site.ids().collect::<Vec<_>>().into_par_iter().filter_map(of_page).collect()
}

pub fn steps(tokens: &[Token], file: &dyn Fn(&str) -> Option<AssetId>) -> (Vec<Step>, bool) {
    let (mut steps, mut calls, mut inert) = (Vec::new(), false, 0usize);
    let is_inert = |name: &str| matches!(name, "template" | "noscript");
    for token in tokens {
        let tag = match token {
            Token::Start(tag) => tag,
            Token::End { name, .. } if is_inert(name) => {
                inert = inert.saturating_sub(1);
                continue;
            }
            _ => continue,
        };
        calls |= tag.attrs.iter().any(calls_a_script);
        match tag.name.as_str() {
            name if is_inert(name) => inert += usize::from(!tag.self_closing),
            _ if inert > 0 => {}
            "script" => {
                let src = tag.value("src").map(str::trim);
                steps.extend(loading(tag).map(|loading| Step::Script(src.and_then(file), loading)));
            }
            "html" | "head" | "body" | "title" | "meta" | "link" | "style" | "base" => {}
            _ => steps.push(Step::Content),
        }
    }
    steps.dedup_by(|a, b| (*a, *b) == (Step::Content, Step::Content));
    (steps, calls)
}

fn calls_a_script(attr: &Attr) -> bool {
    attr.name.starts_with("on")
        || attr.value.trim_start().get(..11).is_some_and(|v| v.eq_ignore_ascii_case("javascript:"))
}

/// HTML §4.12.1.1, "prepare the script element". `None`: it is data.
fn loading(tag: &Tag) -> Option<Loading> {
    let kind = tag.value("type").unwrap_or("").trim().to_ascii_lowercase();
    let classic = kind.is_empty() || kind.ends_with("javascript") || kind.ends_with("ecmascript");
    let has = |name: &str| tag.attr(name).is_some();
    match () {
        () if kind == "module" && !has("async") => Some(Loading::Waits),
        () if kind == "module" => Some(Loading::Here),
        () if !classic => None,
        () if has("nomodule") => Some(Loading::OldBrowsers),
        () if !has("src") || has("async") => Some(Loading::Here),
        () if has("defer") => Some(Loading::Waits),
        () => Some(Loading::Blocks),
    }
}
