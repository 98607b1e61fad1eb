//! Pages, last: every other file has its name by now, so a page is made, linked and handed on without being kept.

use super::{Artifact, Edit, Hole, Text, Workshop, apply, background, follows, inline_style, keepers};
use crate::analyze::css;
use crate::analyze::html::{Candidate, HtmlFacts, ImageUse, Inline, InlineKind};
use crate::analyze::js;
use crate::facts::Facts;
use crate::graph::{Document, Summary, Target};
use crate::layout::ratio_style;
use crate::model::{Asset, AssetId, Diagnostic, Escape, ImageFormat, Piece, RefKind};
use crate::plan::{Delivery, Op, Picture, Priority, Ratio};
use crate::syntax::{
    entities,
    html::{Tag, Token, tokenize},
};
use crate::transform::{self, html::collapsible};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What `link` knows of other files' final bytes; for `integrity` attributes.
pub trait Integrity: Sync {
    /// `sha384-…` of a file's final bytes, with the algorithm asked for. `None` when it cannot be told.
    fn of(&self, asset: AssetId, algorithm: &str) -> Option<String>;
}

pub struct PageBody {
    /// `None`: the page stays as it is.
    pub body: Option<Text>,
    pub diagnostics: Vec<Diagnostic>,
    pub notes: Vec<String>,
    /// Files whose names or bytes mattered, or would have.
    pub asked: BTreeSet<AssetId>,
}

/// `None` when it cannot be made: its text cannot be had, or is no page that kiln changes.
pub fn page(shop: &Workshop<'_>, artifacts: &[Artifact], integrity: &dyn Integrity, id: AssetId) -> Option<PageBody> {
    let (asset, task) = (shop.site.get(id)?, shop.plan.task(id)?);
    let Op::Html(op) = &task.op else { return None };
    let (analysis, bytes) = shop.analyst.read(id);
    let Facts::Html(facts) = analysis.facts else { return None };
    let source = String::from_utf8(bytes?).ok()?;
    let tokens = tokenize(&source)?;
    let mut editor = Editor {
        shop,
        artifacts,
        asset,
        facts: &facts,
        source: &source,
        styles: Vec::new(),
        document: Document { path: &asset.path, base: facts.base.as_deref() },
        asked: RefCell::default(),
    };
    let mut edits = Vec::new();
    let mut diagnostics = Vec::new();
    let mut notes = Vec::new();
    let plain = !facts.csp && facts.hydration == crate::analyze::html::Hydration::None;
    if plain {
        (editor.styles, notes) = inline_style::shaken(shop.graph, op, &source, &facts.inline, analysis.evidence.dom);
    }
    for inline in &facts.inline {
        if let Some(edit) = editor.inline(inline, op, plain, &mut diagnostics) {
            edits.push(edit);
        }
    }
    edits.extend(facts.refs.iter().filter_map(|r| Edit::url(&source, r, editor.hole(&r.url, r.kind)?)));
    edits.extend(editor.integrity(&tokens, integrity));
    if plain {
        edits.extend(editor.style_attributes(&tokens));
    }
    if let Some(pictures) = shop.plan.pages.get(&id) {
        let mut sources: Vec<&Tag> = Vec::new();
        let mut uses = facts.images.iter().zip(pictures);
        for token in &tokens {
            match token {
                Token::Start(tag) if tag.name == "picture" => sources.clear(),
                Token::Start(tag) if tag.name == "source" => sources.push(tag),
                Token::Start(tag) if tag.name == "img" => {
                    let Some((image, picture)) = uses.next() else { break };
                    notes.push(editor.image(tag, &sources, image, picture, &mut edits));
                }
                _ => {}
            }
        }
    }
    if op.collapse && plain {
        let keeps = keepers::of(shop, &facts);
        for (range, with) in collapsible(&source, &tokens, &|tag| keeps.matches(tag)) {
            edits.push(Edit::text(range, with));
        }
    }
    let asked = editor.asked.take();
    Some(PageBody { body: (!edits.is_empty()).then(|| apply(&source, edits)), diagnostics, notes, asked })
}

struct Editor<'a> {
    shop: &'a Workshop<'a>,
    artifacts: &'a [Artifact],
    asset: &'a Asset,
    facts: &'a HtmlFacts,
    source: &'a str,
    /// What is left of `<style>` elements, by where they begin.
    styles: Vec<(usize, String)>,
    document: Document<'a>,
    asked: RefCell<BTreeSet<AssetId>>,
}

impl Editor<'_> {
    fn target(&self, url: &str) -> Option<AssetId> {
        self.ask(url, RefKind::Image)
    }

    fn hole(&self, url: &str, kind: RefKind) -> Option<Hole> {
        if follows(kind) {
            self.ask(url, kind)?;
        }
        self.shop.hole(&self.document, url, kind)
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
                edits.extend(background::edits(&code, &facts, self.artifacts, &|url| self.target(url)));
                facts.refs
            }
            InlineKind::Classic => js::analyze(&code, js::Goal::Script).map(|f| f.refs).unwrap_or_default(),
            InlineKind::Module => js::analyze(&code, js::Goal::Module).map(|f| f.refs).unwrap_or_default(),
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
    fn integrity(&self, tokens: &[Token], integrity: &dyn Integrity) -> Vec<Edit> {
        let of = |tag: &Tag| -> Option<Edit> {
            let attr = tag.attr("integrity")?;
            let url = tag.value("src").or_else(|| tag.value("href"))?;
            let target = self.target(url.trim())?;
            let algorithm = ["sha512", "sha384", "sha256"].into_iter().find(|a| attr.value.contains(a))?;
            Some(Edit::text(attr.raw.clone()?, integrity.of(target, algorithm)?))
        };
        tokens
            .iter()
            .filter_map(|t| match t {
                Token::Start(tag) => of(tag),
                _ => None,
            })
            .collect()
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
                background::image_sets(&decoded.text, &facts, self.artifacts, &|u| self.target(u), &surroundings)
            {
                if let Some(place) = decoded.raw_range(&(at..at)) {
                    edits.push(Edit::insert(raw.start + place.start, pieces));
                }
            }
        }
        edits
    }

    /// The edits that deliver one image, and a line on what was done.
    fn image(&self, tag: &Tag, sources: &[&Tag], image: &ImageUse, picture: &Picture, edits: &mut Vec<Edit>) -> String {
        let name = image.src.as_deref().unwrap_or("<img>");
        let mut added = picture.size.map(|(w, h)| format!(" width=\"{w}\" height=\"{h}\"")).unwrap_or_default();
        added.push_str(match picture.priority {
            Priority::Author => "",
            Priority::High => " fetchpriority=\"high\"",
            Priority::Lazy if image.decoding.is_some() => " loading=\"lazy\"",
            Priority::Lazy => " loading=\"lazy\" decoding=\"async\"",
        });
        let reasons: String = picture.reasons.iter().map(|r| format!("; {r}")).collect();
        let offered =
            |done: bool| if done { "offered in modern formats" } else { "no version of it was smaller" }.to_owned();
        let done = match &picture.delivery {
            Delivery::Leave(why) => format!("left as it is: {why}"),
            Delivery::SameCandidates => offered(self.same_candidates(tag, sources, image, edits)),
            Delivery::Single { asset, widths, sizes, ratio } => {
                let width = image.width.as_deref().and_then(|w| w.trim().parse::<u32>().ok());
                let shown = width.or(picture.size.map(|s| s.0));
                let guess = || shown.map(|w| format!("(max-width: {w}px) 100vw, {w}px"));
                let sizes = sizes.clone().or_else(guess);
                let made: Vec<Vec<Piece<Hole>>> = [ImageFormat::Avif, ImageFormat::WebP]
                    .iter()
                    .filter_map(|f| self.single_source(image, *asset, *f, widths, sizes.as_deref()))
                    .collect();
                if !made.is_empty() {
                    added.push_str(&hold(tag, *ratio, edits));
                }
                offered(self.wrap(tag, image, made, edits))
            }
        };
        if !added.is_empty() {
            let at = tag.insertion_point();
            edits.push(Edit::text(at..at, added));
        }
        format!("{name}: {done}{reasons}")
    }

    fn wrap(&self, tag: &Tag, image: &ImageUse, made: Vec<Vec<Piece<Hole>>>, edits: &mut Vec<Edit>) -> bool {
        if made.is_empty() {
            return false;
        }
        let mut pieces = Vec::new();
        if !image.in_picture {
            // The picture has no box of its own: the image stays the child of the same box in any layout.
            pieces.push(Piece::Text("<picture style=\"display:contents\">".into()));
            edits.push(Edit::text(tag.range.end..tag.range.end, "</picture>"));
        }
        pieces.extend(made.into_iter().flatten());
        edits.push(Edit::insert(tag.range.start, pieces));
        true
    }

    fn single_source(
        &self,
        image: &ImageUse,
        asset: AssetId,
        format: ImageFormat,
        widths: &[u32],
        sizes: Option<&str>,
    ) -> Option<Vec<Piece<Hole>>> {
        let artifact = self.artifacts.get(asset.index())?;
        let made = artifact.variants.iter().filter(|v| v.format == format);
        // Without the widest, a large screen would get less than it needs.
        let widest = *widths.last()?;
        if !made.clone().any(|v| v.width == widest) {
            return None;
        }
        let url = image.src.as_deref()?;
        let mut offered: Vec<(u32, u32)> = Vec::new();
        for (i, v) in artifact.variants.iter().enumerate() {
            if v.format == format && (v.width == widest || (sizes.is_some() && widths.contains(&v.width))) {
                offered.push((v.width, u32::try_from(i).ok()?));
            }
        }
        offered.sort_unstable();
        let natural = match self.shop.graph.node(asset).map(|n| &n.summary) {
            Some(Summary::Image(info)) => info.width,
            _ => return None,
        };
        // A single file at its own width is as large as the original: it needs no more said.
        let said = sizes.filter(|_| offered.len() > 1 || widest != natural);
        let mut pieces = vec![Piece::Text(format!("<source type=\"{}\" srcset=\"", format.mime()))];
        for (n, (width, variant)) in offered.iter().enumerate() {
            pieces.push(Piece::Text(if n == 0 { String::new() } else { ", ".into() }));
            pieces.push(version(url, asset, *variant));
            if said.is_some() {
                pieces.push(Piece::Text(format!(" {width}w")));
            }
        }
        let sizes = said.map(|s| format!(" sizes=\"{s}\"")).unwrap_or_default();
        pieces.push(Piece::Text(format!("\"{sizes}>")));
        Some(pieces)
    }

    /// Each of the author's sources again, before it, in each modern format that all of its candidates have.
    fn same_candidates(&self, tag: &Tag, source_tags: &[&Tag], image: &ImageUse, edits: &mut Vec<Edit>) -> bool {
        let mut done = false;
        for (source, source_tag) in image.sources.iter().zip(source_tags) {
            for format in [ImageFormat::Avif, ImageFormat::WebP] {
                if let Some(pieces) =
                    self.candidates(&source.srcset, format, source.media.as_deref(), source.sizes.as_deref())
                {
                    edits.push(Edit::insert(source_tag.range.start, pieces));
                    done = true;
                }
            }
        }
        let own = if image.srcset.is_empty() {
            image.src.iter().map(|url| Candidate { url: url.clone(), descriptor: String::new() }).collect()
        } else {
            image.srcset.clone()
        };
        let made: Vec<_> = [ImageFormat::Avif, ImageFormat::WebP]
            .iter()
            .filter_map(|f| self.candidates(&own, *f, None, image.sizes.as_deref()))
            .collect();
        self.wrap(tag, image, made, edits) || done
    }

    fn candidates(
        &self,
        candidates: &[Candidate],
        format: ImageFormat,
        media: Option<&str>,
        sizes: Option<&str>,
    ) -> Option<Vec<Piece<Hole>>> {
        let mut pieces = vec![Piece::Text(format!("<source type=\"{}\"", format.mime()))];
        for (name, value) in [("media", media), ("sizes", sizes)] {
            if let Some(value) = value {
                let mut text = format!(" {name}=\"");
                Escape::Markup.write(value, &mut text);
                pieces.push(Piece::Text(text + "\""));
            }
        }
        pieces.push(Piece::Text(" srcset=\"".into()));
        for (n, candidate) in candidates.iter().enumerate() {
            let asset = self.target(&candidate.url)?;
            let artifact = self.artifacts.get(asset.index())?;
            let full = artifact.variants.iter().map(|v| v.width).max()?;
            let at = artifact.variants.iter().position(|v| v.format == format && v.width == full)?;
            pieces.push(Piece::Text(if n == 0 { String::new() } else { ", ".into() }));
            pieces.push(version(&candidate.url, asset, u32::try_from(at).ok()?));
            if !candidate.descriptor.is_empty() {
                pieces.push(Piece::Text(format!(" {}", candidate.descriptor)));
            }
        }
        (!candidates.is_empty()).then(|| {
            pieces.push(Piece::Text("\">".into()));
            pieces
        })
    }
}

/// The attribute that holds the ratio, or an edit of the one that is there.
fn hold(tag: &Tag, ratio: Ratio, edits: &mut Vec<Edit>) -> String {
    let Ratio::Hold(width, height) = ratio else { return String::new() };
    match tag.attr("style") {
        None => format!(" style=\"{}\"", ratio_style("", width, height)),
        Some(attr) => {
            let mut style = String::from("style=\"");
            Escape::Markup.write(&ratio_style(&attr.value, width, height), &mut style);
            edits.push(Edit::text(attr.range.clone(), style + "\""));
            String::new()
        }
    }
}

fn version(url: &str, asset: AssetId, variant: u32) -> Piece<Hole> {
    Piece::Url {
        raw: String::new(),
        url: url.to_owned(),
        escape: Escape::Srcset,
        target: Hole { asset, variant: Some(variant) },
    }
}
