//! Pages, last: every other file has its name by now, so a page is made, linked and handed on without being kept.

mod critical;
mod drawings;
mod pictures;
mod preloads;
mod survey;

use super::{Artifact, Edit, Hole, Text, Workshop, apply, background, follows, inline_style, keepers};
use crate::analyze::css;
use crate::analyze::html::{HtmlFacts, Hydration, Inline, InlineKind};
use crate::analyze::js;
use crate::facts::Facts;
use crate::graph::{Document, Summary, Target};
use crate::model::{Asset, AssetId, Diagnostic, Escape, RefKind};
use crate::plan::Op;
use crate::syntax::{
    entities,
    html::{Tag, Token, tokenize},
};
use crate::transform::{self, html::collapsible};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// For what must have no box where it stands. A `<source>` has one like any unknown element (HTML §15.3.1 does not hide it):
/// in a picture without a box it would be an item of the flex or grid container around it, with a gap of its own.
const UNSEEN: &str = " style=\"display:none\"";

/// What `link` knows of other files' final bytes; for `integrity` attributes.
pub trait Integrity: Sync {
    /// `sha384-…` of a file's final bytes, with the algorithm asked for. `None` for files that are not written.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    fn of(&self, asset: AssetId, algorithm: &str) -> Result<Option<String>, Diagnostic>;
}

pub struct PageBody {
    /// `None`: the page stays as it is.
    pub body: Option<Text>,
    pub diagnostics: Vec<Diagnostic>,
    pub notes: Vec<String>,
    /// Files whose names or bytes mattered, or would have.
    pub asked: BTreeSet<AssetId>,
    /// Rules of its sheets were put into it.
    pub holds_rules: bool,
}

/// `None` when it cannot be made: its text cannot be had, or is no page that kiln changes.
pub fn page(shop: &Workshop<'_>, artifacts: &[Artifact], integrity: &dyn Integrity, id: AssetId) -> Option<PageBody> {
    let (asset, task) = (shop.site.get(id)?, shop.plan.task(id)?);
    let Op::Html(op) = &task.op else { return None };
    let (analysis, bytes) = shop.analyst.read(id);
    let Facts::Html(facts) = analysis.facts else { return None };
    let source = String::from_utf8(bytes?).ok()?;
    let tokens = tokenize(&source)?;
    let restricted = matches!(shop.graph.node(id).map(|n| &n.summary), Some(Summary::Page(page)) if page.csp);
    let mut editor = Editor {
        shop,
        artifacts,
        asset,
        facts: &facts,
        source: &source,
        restricted,
        head: early(&tokens),
        styles: Vec::new(),
        preloaded: BTreeSet::new(),
        preloads: BTreeSet::new(),
        document: Document { path: &asset.path, base: facts.base.as_deref() },
        asked: RefCell::default(),
    };
    let mut edits = Vec::new();
    let mut diagnostics = Vec::new();
    let mut notes = Vec::new();
    let mut holds_rules = false;
    let plain = !restricted && facts.hydration == Hydration::None;
    if plain {
        // Other pages may take in the styles of a part of a page.
        let dom = analysis.evidence.dom.clone().filter(|_| !facts.fragment);
        (editor.styles, notes) = inline_style::shaken(shop.graph, op, &source, &facts.inline, dom);
    }
    for inline in &facts.inline {
        if let Some(edit) = editor.inline(inline, op, plain, &mut diagnostics) {
            edits.push(edit);
        }
    }
    edits.extend(facts.refs.iter().filter_map(|r| Edit::url(&source, r, editor.hole(&r.url, r.kind)?)));
    for value in editor.integrity(&tokens, integrity) {
        match value {
            Ok(edit) => edits.push(edit),
            Err(unread) => diagnostics.push(unread),
        }
    }
    if plain {
        edits.extend(editor.style_attributes(&tokens));
    }
    if let Some(pictures) = shop.plan.pages.get(&id) {
        let links = Editor::preloading(&tokens);
        editor.preloaded = links.iter().filter_map(|link| editor.preloaded(link)).collect();
        editor.preloads = links.iter().filter_map(|link| link.value("href")).map(|h| h.trim().to_owned()).collect();
        if let Some(node) = shop.graph.node(id).filter(|_| facts.hydration != Hydration::Page) {
            let made = links.iter().filter_map(|l| editor.preload_of(l, &links, node, pictures, &edits));
            for (edit, note) in made.collect::<Vec<_>>() {
                edits.extend(edit);
                notes.push(note);
            }
            let first = shop.plan.backgrounds.get(&id).filter(|asset| !editor.preloaded.contains(asset));
            if let Some((edit, note)) = first.and_then(|a| editor.preload_background(*a, node, &tokens, &edits)) {
                edits.push(edit);
                notes.push(note);
            }
        }
        let lazy = shop.plan.lazy.get(&id);
        let mut embeds = 0..;
        let mut sources: Vec<&Tag> = Vec::new();
        let mut uses = facts.images.iter().zip(pictures);
        for token in &tokens {
            match token {
                Token::Start(tag) if tag.name == "picture" => sources.clear(),
                Token::Start(tag) if matches!(&*tag.name, "iframe" | "video") => {
                    let n = embeds.next();
                    if n.is_some_and(|n| lazy.is_some_and(|lazy| lazy.contains(&n))) {
                        edits.push(Edit::text(tag.insertion_point()..tag.insertion_point(), " loading=\"lazy\""));
                        notes.push(format!("{}: lazy", tag.value("src").unwrap_or(&tag.name)));
                    }
                }
                Token::Start(tag) if tag.name == "source" => sources.push(tag),
                Token::Start(tag) if tag.name == "img" => {
                    let Some((image, picture)) = uses.next() else { break };
                    notes.push(editor.image(tag, &sources, image, picture, &mut edits));
                }
                _ => {}
            }
        }
    }
    if let Some(dom) = analysis.evidence.dom.as_ref().filter(|_| op.reuse_svg) {
        let (reused, lines) = drawings::reuse(&editor, &tokens, dom);
        edits.extend(reused);
        notes.extend(lines);
    }
    if op.collapse && plain {
        let keeps = keepers::of(shop, &facts);
        for (range, with) in collapsible(&source, &tokens, &|tag| keeps.matches(tag)) {
            edits.push(Edit::text(range, with));
        }
    }
    if let Some(dom) = analysis.evidence.dom.filter(|_| plain)
        && let Some(wanted) = &op.critical
        && let Some((note, done)) = critical::inline(&editor, (op, wanted), &tokens, &dom, &mut edits)
    {
        notes.push(note);
        holds_rules = done;
    }
    let asked = editor.asked.take();
    Some(PageBody { body: (!edits.is_empty()).then(|| apply(&source, edits)), diagnostics, notes, asked, holds_rules })
}

/// Before what a browser would wait for in the head, after what says how to read the page.
fn early(tokens: &[Token]) -> Option<usize> {
    let end = tokens.iter().position(|t| matches!(t, Token::End { name, .. } if name == "head"))?;
    let head = tokens.get(..=end)?;
    let says_how = |tag: &Tag| match tag.name.as_str() {
        "meta" => {
            let viewport = tag.value("name").is_some_and(|n| n.trim().eq_ignore_ascii_case("viewport"));
            viewport || tag.attr("charset").is_some() || tag.value("http-equiv").is_some_and(|h| h != "refresh")
        }
        "base" => true,
        _ => false,
    };
    let said = head.iter().rposition(|t| matches!(t, Token::Start(tag) if says_how(tag))).map_or(0, |n| n + 1);
    head.iter().skip(said).find_map(|token| match token {
        Token::Start(tag) if matches!(&*tag.name, "link" | "style" | "script" | "noscript" | "template") => {
            Some(tag.range.start)
        }
        Token::End { name, range } if name == "head" => Some(range.start),
        _ => None,
    })
}

struct Editor<'a> {
    shop: &'a Workshop<'a>,
    artifacts: &'a [Artifact],
    asset: &'a Asset,
    facts: &'a HtmlFacts,
    source: &'a str,
    /// A policy may forbid inline styles.
    restricted: bool,
    /// Where links that are read early can be put.
    head: Option<usize>,
    /// What is left of `<style>` elements, by where they begin.
    styles: Vec<(usize, String)>,
    /// Pictures that the author has preloaded.
    preloaded: BTreeSet<AssetId>,
    /// Their addresses, and those of other hosts' pictures.
    preloads: BTreeSet<String>,
    document: Document<'a>,
    asked: RefCell<BTreeSet<AssetId>>,
}

impl Editor<'_> {
    fn target(&self, url: &str) -> Option<AssetId> {
        self.ask(url, RefKind::Image)
    }

    fn hole(&self, url: &str, kind: RefKind) -> Option<Hole> {
        if !follows(kind) {
            return None;
        }
        Some(self.shop.instead(self.shop.renamable(self.ask(url, kind)?, kind)?, self.artifacts))
    }

    fn ask(&self, url: &str, kind: RefKind) -> Option<AssetId> {
        let Target::Asset(id) = self.shop.resolver().resolve(&self.document, url, kind) else { return None };
        self.asked.borrow_mut().insert(id);
        Some(id)
    }

    /// A `<style>` or `<script>`, minified where that is allowed, with its own references cut out.
    fn inline(
        &self,
        inline: &Inline,
        op: &crate::plan::HtmlOp,
        plain: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Edit> {
        let text = self.source.get(inline.range.clone())?;
        if inline.off || !plain {
            return None;
        }
        let made = match inline.kind {
            InlineKind::Style => op.inline_css.as_ref().map(|o| {
                let rest = self.styles.iter().find(|(at, _)| *at == inline.range.start).map(|(_, rest)| rest);
                transform::css::minify(rest.map_or(text, String::as_str), o)
            }),
            InlineKind::Classic | InlineKind::Module => op.inline_js.as_ref().map(|o| {
                let goal = if inline.kind == InlineKind::Module {
                    transform::js::Goal::Module
                } else {
                    transform::js::Goal::Script
                };
                let o = transform::js::JsOp { goal, source_map: false, ..*o };
                self.shop
                    .caught(self.id(), "minifier", || transform::js::minify(text, &o, "inline", None))
                    .unwrap_or_else(|d| {
                        diagnostics.push(d);
                        Ok(transform::js::JsOutput { code: text.to_owned(), ..Default::default() })
                    })
                    .map(|out| out.code)
            }),
            InlineKind::Json => Some(transform::json::minify(text).map(|m| m.unwrap_or_else(|| text.to_owned()))),
            InlineKind::Data => None,
        };
        // What does not parse stays; the browser ignores it just as well.
        let made = made?.ok()?;
        let code =
            if made.len() < text.len() && !made.to_ascii_lowercase().contains("</s") { made } else { text.to_owned() };
        let mut edits = Vec::new();
        let refs = match inline.kind {
            InlineKind::Style => {
                let facts = css::analyze(&code, css::Context::Sheet);
                edits.extend(background::edits(&code, &facts, self.backdrops(), &|url| self.target(url)));
                facts.refs
            }
            InlineKind::Classic => js::references(&code, js::Goal::Script).unwrap_or_default(),
            InlineKind::Module => js::references(&code, js::Goal::Module).unwrap_or_default(),
            // Import maps were read with the page; their places are in the page's own text.
            _ if code != text && self.facts.refs.iter().any(|r| inline.range.contains(&r.range.start)) => return None,
            _ => Vec::new(),
        };
        edits.extend(refs.iter().filter_map(|r| Edit::url(&code, r, self.hole(&r.url, r.kind)?)));
        (code != text || !edits.is_empty())
            .then(|| Edit { range: inline.range.clone(), pieces: apply(&code, edits).pieces })
    }

    fn id(&self) -> AssetId {
        self.shop.site.find(&self.asset.path).unwrap_or(AssetId(0))
    }

    /// `integrity` of files whose bytes have changed (SRI §3.5): the strongest algorithm the author used.
    fn integrity(&self, tokens: &[Token], integrity: &dyn Integrity) -> Vec<Result<Edit, Diagnostic>> {
        let of = |tag: &Tag| -> Option<Result<Edit, Diagnostic>> {
            let attr = tag.attr("integrity")?;
            let url = tag.value("src").or_else(|| tag.value("href"))?;
            let target = self.target(url.trim())?;
            let algorithm = ["sha512", "sha384", "sha256"].into_iter().find(|a| attr.value.contains(a))?;
            let raw = attr.raw.clone()?;
            integrity.of(target, algorithm).map(|value| Some(Edit::text(raw, value?))).transpose()
        };
        tokens
            .iter()
            .filter_map(|t| match t {
                Token::Start(tag) => of(tag),
                _ => None,
            })
            .collect()
    }

    fn backdrops(&self) -> &[Artifact] {
        background::usable(self.shop, self.artifacts)
    }

    fn style_attributes(&self, tokens: &[Token]) -> Vec<Edit> {
        let mut edits = Vec::new();
        for token in tokens {
            let Token::Start(tag) = token else { continue };
            let Some(attr) = tag.attr("style").filter(|a| a.quote.is_some()) else { continue };
            let Some(raw) = attr.raw.clone() else { continue };
            let Some(decoded) =
                self.source.get(raw.clone()).and_then(entities::decode).filter(|d| d.text == attr.value)
            else {
                continue;
            };
            let facts = css::analyze(&decoded.text, css::Context::Declarations);
            let surroundings = background::Surroundings {
                escape_of: &Escape::in_attribute,
                text: &|t| {
                    let mut out = String::new();
                    Escape::Markup.write(t, &mut out);
                    out
                },
            };
            for (at, pieces) in
                background::image_sets(&decoded.text, &facts, self.backdrops(), &|u| self.target(u), &surroundings)
            {
                if let Some(place) = decoded.raw_range(&(at..at)) {
                    edits.push(Edit::insert(raw.start + place.start, pieces));
                }
            }
        }
        edits
    }
}
