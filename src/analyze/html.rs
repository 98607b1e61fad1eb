//! What an HTML page (or an SVG document) refers to, shows and runs.

mod attributes;
mod elsewhere;
mod embeds;
mod handlers;
mod hydration;
mod images;
mod import_map;
pub mod nesting;

use super::{css, js, shake};
use crate::model::{Escape, RawRef, RefKind};
use crate::syntax::html::{Tag, Token, is_classic_script, tokenize};
use crate::syntax::url;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;

pub use embeds::EmbedUse;
pub use hydration::Hydration;
pub use images::{Candidate, Element, ImageUse, SourceUse};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HtmlFacts {
    /// In document order, never overlapping.
    pub refs: Vec<RawRef>,
    /// Of these, pictures that a browser shows from other hosts, and that would do as well from another address.
    pub elsewhere: Vec<RawRef>,
    /// URLs of the style sheets that surely apply, in every medium.
    pub always: Vec<String>,
    /// Links to sheets that are for more than screens of some widths.
    pub media: Vec<(String, css::When)>,
    /// The address, id, title and classes of each linked sheet that has any of these.
    pub named_sheets: Vec<(String, Vec<String>)>,
    /// `<base href>`.
    pub base: Option<String>,
    /// Without a doctype, `<html>`, `<head>` and `<body>`: a part of a page.
    pub fragment: bool,
    /// `<link rel=canonical>` and `og:url`: they tell the site's own origin.
    pub canonical: Vec<String>,
    /// Every `<img>`, in document order.
    pub images: Vec<ImageUse>,
    /// Every `<iframe>` and `<video>`, in document order.
    pub embeds: Vec<EmbedUse>,
    /// Tags, ids and classes of all elements, in lower case, sorted.
    pub names: Vec<String>,
    pub hydration: Hydration,
    /// A Content-Security-Policy in a `<meta>` that restricts what stands in the page: inline code is listed there by hash or
    /// forbidden, so it stays as it is.
    pub csp: bool,
    /// A Content-Security-Policy in a `<meta>`, whatever it says.
    pub policy: bool,
    /// It may let no pictures in from the site's own host.
    pub no_own_images: bool,
    /// Of the inline styles and `<style>` elements.
    pub css: css::CssFacts,
    /// Of all inline scripts.
    pub scripts: InlineScripts,
    /// Scripts and styles in the page, in document order.
    pub inline: Vec<Inline>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InlineScripts {
    pub introspects: bool,
    pub habits: js::Habits,
    pub writes_src: bool,
    pub measures: bool,
    pub embeds: bool,
    pub reaches_out: bool,
    pub walks: bool,
    /// The words of those that climb.
    pub climbed: Vec<String>,
    pub reads_lines: bool,
    pub handles_sheets: bool,
    pub reads: js::Reads,
    pub reads_sheets: bool,
    pub outside: bool,
    pub changes: js::Changes,
    pub loads: Vec<String>,
    pub tokens: Vec<String>,
    pub selected: Vec<String>,
    /// What they and data could put on elements.
    pub words: Vec<String>,
    pub selector_strings: Vec<String>,
    /// Of those with imports.
    pub modules: Vec<js::modules::Module>,
    /// URLs of module scripts.
    pub entries: Vec<String>,
    /// Names that import maps give, and their addresses.
    pub import_map: Vec<(String, String)>,
}

/// The text of a `<script>` or `<style>` element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    pub range: Range<usize>,
    pub kind: InlineKind,
    /// `data-kiln="off"` on it or around it, or a place where code is data (`<template>`).
    pub off: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InlineKind {
    Style,
    Classic,
    Module,
    /// JSON that no script of the page compares or hashes: JSON-LD, import maps, speculation rules.
    Json,
    /// Anything else: templates, data for a framework. Left alone.
    Data,
}

/// An open element, and what it means for what is inside.
struct Open {
    element: Element,
    off: bool,
    island: bool,
    /// Ids and classes of its children so far.
    children: BTreeSet<String>,
    /// Those of its children that are images, by their index among the page's images.
    images: Vec<usize>,
}

impl InlineScripts {
    fn add(&mut self, facts: js::JsFacts) {
        self.introspects |= facts.introspects;
        self.habits.extend(facts.habits);
        self.writes_src |= facts.writes_src;
        self.measures |= facts.measures;
        self.embeds |= facts.embeds;
        self.reaches_out |= facts.reaches_out;
        self.walks |= facts.walks;
        self.climbed.extend(facts.climbed);
        self.reads_lines |= facts.reads_lines;
        self.handles_sheets |= facts.handles_sheets;
        self.reads.add(facts.reads);
        self.reads_sheets |= facts.reads_sheets;
        self.outside |= facts.outside;
        self.changes.add(facts.changes);
        self.loads.extend(facts.loads);
        self.tokens.extend(facts.tokens);
        self.selected.extend(facts.selected);
        self.words.extend(facts.words);
        self.selector_strings.extend(facts.selector_strings);
        self.modules.extend(facts.module.map(|m| *m));
    }
}

/// `None` when the markup could not be placed in the source; such a file is left alone.
pub fn analyze(source: &str) -> Option<HtmlFacts> {
    let tokens = tokenize(source)?;
    let mut page = Page {
        source,
        facts: HtmlFacts::default(),
        open: Vec::new(),
        names: BTreeSet::new(),
        bare: Vec::new(),
        handlers: handlers::Handlers::default(),
        picture: images::PictureState::default(),
    };
    page.facts.hydration = hydration::detect(source);
    page.facts.fragment = !tokens.iter().any(|token| match token {
        Token::Doctype { .. } => true,
        Token::Start(tag) => matches!(tag.name.as_str(), "html" | "body"),
        _ => false,
    });
    for (i, token) in tokens.iter().enumerate() {
        match token {
            Token::Start(tag) => page.start(tag, tokens.get(i + 1)),
            Token::End { name, .. } => page.end(name),
            _ => {}
        }
    }
    page.close(0);
    let mut facts = page.facts;
    page.handlers.read(&mut facts.scripts);
    facts.names = page.names.into_iter().collect();
    let map = &facts.scripts.import_map;
    facts.refs.extend(page.bare.into_iter().filter(|r| leads_where_it_reads(&r.url, map)));
    facts.refs.sort_by_key(|r| (r.range.start, r.range.end));
    facts.refs.dedup_by(|b, a| b.range.start < a.range.end);
    elsewhere::tidy(&mut facts);
    facts.scripts.tokens.sort_unstable();
    facts.scripts.tokens.dedup();
    Some(facts)
}

struct Page<'s> {
    source: &'s str,
    facts: HtmlFacts,
    open: Vec<Open>,
    names: BTreeSet<String>,
    /// Imports by names for an import map.
    bare: Vec<RawRef>,
    handlers: handlers::Handlers,
    picture: images::PictureState,
}

impl Page<'_> {
    fn start(&mut self, tag: &Tag, next: Option<&Token>) {
        let off = tag.value("data-kiln") == Some("off") || self.open.last().is_some_and(|o| o.off);
        let island = hydration::is_island(&tag.name) || self.open.last().is_some_and(|o| o.island);
        if let Some(base) = tag.value("href").filter(|_| tag.name == "base") {
            self.facts.base.get_or_insert_with(|| base.trim().to_owned());
        }
        let mark = elsewhere::Mark::now(&self.facts);
        attributes::collect(self.source, tag, &mut self.facts);
        elsewhere::collect(tag, &mark, off || island, self.picture.from(), &mut self.facts);
        self.handlers.collect(tag);
        let element = Element::of(tag);
        if tag.name == "link" && tag.has_word("rel", "stylesheet") {
            let names = element.names().cloned().chain(tag.value("title").map(str::to_owned));
            let named = tag.value("href").map(|href| (href.trim().to_owned(), names.collect::<Vec<_>>()));
            self.facts.named_sheets.extend(named.filter(|(_, names)| !names.is_empty()));
        }
        if tag.name == "link" && self.applies_always(tag) {
            self.facts.always.extend(tag.value("href").map(|h| h.trim().to_owned()));
        }
        let href = tag.value("href").filter(|_| tag.name == "link" && images::when(tag) != css::When::Screen);
        self.facts.media.extend(href.map(|h| (h.trim().to_owned(), images::when(tag))));
        self.names.insert(tag.name.clone());
        self.names.extend(element.names().map(|n| n.to_ascii_lowercase()));
        if let Some(parent) = self.open.last_mut() {
            parent.children.extend(element.names().cloned());
        }
        self.images(tag, off, island);
        let inert = self.inside("template") || self.inside("noscript");
        self.facts.embeds.extend(embeds::read(tag, off || island || inert));
        if tag.name == "script" && script_kind(tag.value("type").unwrap_or("").trim()) == InlineKind::Module {
            self.facts.scripts.entries.extend(tag.value("src").map(|s| s.trim().to_owned()));
        }
        match (tag.name.as_str(), next) {
            ("style", Some(Token::Text { range })) => self.style(tag, range.clone(), off),
            ("script", Some(Token::Text { range })) => self.script(tag, range.clone(), off),
            _ => {}
        }
        if !tag.is_void() && !tag.self_closing {
            self.open.push(Open { element, off, island, children: BTreeSet::new(), images: Vec::new() });
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(i) = self.open.iter().rposition(|o| o.element.tag == name) {
            let within = self.open.get(i + 1..).unwrap_or_default();
            if nesting::is_formatting(name) {
                let closed = self.open.remove(i);
                self.closed(closed);
            } else if nesting::is_special(name) || !within.iter().any(|o| nesting::is_special(&o.element.tag)) {
                self.close(i);
            }
        }
        if name == "picture" {
            self.picture = images::PictureState::default();
        }
    }

    /// Closes all open elements from the `from`th on.
    fn close(&mut self, from: usize) {
        for element in self.open.split_off(from) {
            self.closed(element);
        }
    }

    fn closed(&mut self, element: Open) {
        let beside: Vec<String> = element.children.into_iter().collect();
        for i in element.images {
            if let Some(image) = self.facts.images.get_mut(i) {
                image.beside.clone_from(&beside);
            }
        }
    }

    fn inside(&self, name: &str) -> bool {
        self.open.iter().any(|o| o.element.tag == name)
    }

    fn images(&mut self, tag: &Tag, off: bool, island: bool) {
        match tag.name.as_str() {
            "picture" => self.picture.enter(self.facts.elsewhere.len()),
            "source" if self.inside("picture") => self.picture.source(tag),
            "img" => {
                let mut image = images::read(tag, &self.picture);
                image.off = off || self.inside("template") || self.inside("noscript");
                image.hydrated = island;
                image.in_picture = self.inside("picture");
                image.around = self.open.iter().map(|o| o.element.clone()).collect();
                if let Some(parent) = self.open.last_mut() {
                    parent.images.push(self.facts.images.len());
                }
                self.facts.images.push(image);
            }
            _ => {}
        }
    }

    /// A `<style>` or a link to a sheet that no medium, script or choice of the visitor turns off.
    fn applies_always(&self, tag: &Tag) -> bool {
        let choice = ["media", "title", "disabled", "onload", "id"].iter().any(|a| tag.attr(a).is_some());
        let sheet =
            tag.name == "style" || tag.value("rel").is_some_and(|r| r.trim().eq_ignore_ascii_case("stylesheet"));
        let css = tag.value("type").is_none_or(|t| matches!(t.trim(), "" | "text/css"));
        let inert = ["template", "noscript", "svg", "math"].iter().any(|e| self.inside(e));
        sheet && css && !choice && !inert
    }

    fn style(&mut self, tag: &Tag, range: Range<usize>, off: bool) {
        let Some(text) = self.source.get(range.clone()) else { return };
        let (always, when) = (self.applies_always(tag), images::when(tag));
        let facts = css::analyze(text, css::Context::Sheet);
        self.facts.refs.extend(facts.refs.iter().map(|r| shifted(r, range.start)));
        if !off {
            let elsewhere = facts.elsewhere.iter().filter_map(|i| facts.refs.get(*i));
            self.facts.elsewhere.extend(elsewhere.map(|r| shifted(r, range.start)));
        }
        let off = off || self.inside("template") || self.inside("svg") || self.inside("math");
        self.facts.css.take_in(facts, always, when);
        self.facts.inline.push(Inline { range, kind: InlineKind::Style, off });
    }

    fn script(&mut self, tag: &Tag, range: Range<usize>, off: bool) {
        let Some(text) = self.source.get(range.clone()) else { return };
        let kind = script_kind(tag.value("type").unwrap_or("").trim());
        let goal = match kind {
            InlineKind::Module => Some(js::Goal::Module),
            InlineKind::Classic => Some(js::Goal::Script),
            _ => None,
        };
        let read = goal.map(|g| js::analyze(text, g));
        if !matches!(read, Some(Ok(_))) {
            self.facts.scripts.words.extend(shake::Evidence::of_text(text).words);
            self.facts.scripts.reads.add(js::Reads::of_text(text));
            self.facts.scripts.handles_sheets |= goal.is_some() && js::handles_sheets(text);
            self.facts.scripts.reads_sheets |= goal.is_some() && js::reads_sheets(text);
            self.facts.scripts.changes.add(if goal.is_some() { js::Changes::ANY } else { js::Changes::default() });
        }
        if let Some(Ok(facts)) = read {
            for r in &facts.refs {
                let import = r.kind == RefKind::ModuleScript;
                let refs = if import && url::is_bare(&r.url) { &mut self.bare } else { &mut self.facts.refs };
                refs.push(shifted(r, range.start));
            }
            self.facts.scripts.add(facts);
        }
        if tag.value("type") == Some("importmap") {
            self.import_map(text, range.start);
        }
        // In SVG and MathML the text of a script holds entities.
        let foreign = self.inside("svg") || self.inside("math");
        let off = off || foreign || self.inside("template") || tag.attr("nonce").is_some();
        self.facts.inline.push(Inline { range, kind, off });
    }

    /// Addresses of an import map are references; its keys are names that scripts use, and stay.
    fn import_map(&mut self, text: &str, offset: usize) {
        self.facts.scripts.import_map.extend(import_map::mapped(text));
        for (range, url) in import_map::string_values(text) {
            let file = !url.ends_with('/');
            if file && (url.starts_with(['/', '.']) || url.contains("://")) {
                let range = range.start + offset..range.end + offset;
                self.facts.refs.push(RawRef { range, url, kind: RefKind::ModuleScript, escape: Escape::Json });
            }
        }
    }
}

fn script_kind(kind: &str) -> InlineKind {
    match kind.to_ascii_lowercase().as_str() {
        kind if is_classic_script(kind) => InlineKind::Classic,
        "module" => InlineKind::Module,
        "application/ld+json" | "importmap" | "speculationrules" => InlineKind::Json,
        _ => InlineKind::Data,
    }
}

/// A bare specifier that the import map's prefixes turn into the address that it looks like.
fn leads_where_it_reads(specifier: &str, map: &[(String, String)]) -> bool {
    let fits = |(name, _): &&(String, String)| {
        specifier == name || (name.ends_with('/') && specifier.starts_with(name.as_str()))
    };
    let mut fitting = map.iter().filter(fits).peekable();
    fitting.peek().is_some()
        && fitting.all(|(name, address)| name.ends_with('/') && address.trim_start_matches("./") == name)
}

fn shifted(r: &RawRef, by: usize) -> RawRef {
    RawRef { range: r.range.start + by..r.range.end + by, ..r.clone() }
}

#[cfg(test)]
mod tests;
