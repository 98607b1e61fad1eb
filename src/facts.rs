//! The second stage: what each file says, read once per content and cached by it.

use crate::analyze::{css, html, js, shake};
use crate::cache::{Cache, KeyBuilder};
use crate::model::{Asset, AssetId, Diagnostic, Digest, Kind, RawRef, Severity};
use crate::scan::Site;
use crate::transform::image;
use serde::{Deserialize, Serialize};

/// Raised whenever an analyzer finds something else in the same text.
pub const VERSION: u32 = 58;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Facts {
    Html(Box<html::HtmlFacts>),
    Svg(Box<html::HtmlFacts>),
    Css(css::CssFacts),
    Js(js::JsFacts),
    Image(image::ImageInfo),
    /// Text whose references are not understood: names of files in it are pins.
    Opaque,
    /// No text.
    Nothing,
}

impl Facts {
    /// Scripts of other origins that its scripts may load.
    pub fn loads(&self) -> &[String] {
        match self {
            Self::Html(f) | Self::Svg(f) => &f.scripts.loads,
            Self::Js(f) => &f.loads,
            _ => &[],
        }
    }

    /// What its scripts learn of functions. `text`: where nothing else is known.
    pub fn reads(&self, text: Option<&[u8]>) -> js::Reads {
        match (self, text) {
            (Self::Html(f) | Self::Svg(f), _) => f.scripts.reads,
            (Self::Js(f), _) => f.reads,
            (Self::Opaque, Some(text)) => js::Reads::of_text(&String::from_utf8_lossy(text)),
            _ => js::Reads::default(),
        }
    }

    pub fn refs(&self) -> &[RawRef] {
        match self {
            Self::Html(f) | Self::Svg(f) => &f.refs,
            Self::Css(f) => &f.refs,
            Self::Js(f) => &f.refs,
            _ => &[],
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Analysis {
    pub facts: Facts,
    pub diagnostics: Vec<Diagnostic>,
    /// What it says about which rules are used.
    pub evidence: shake::Evidence,
    /// Of a style sheet.
    pub rules: Option<Box<shake::Sheet>>,
}

impl Analysis {
    fn new(facts: Facts, diagnostics: Vec<Diagnostic>) -> Self {
        Self { facts, diagnostics, evidence: shake::Evidence::default(), rules: None }
    }

    /// Of a text that is not read any closer.
    fn opaque(kind: Kind, bytes: &[u8]) -> Self {
        let evidence = if names_classes(kind) {
            shake::Evidence::of_text(&String::from_utf8_lossy(bytes))
        } else {
            shake::Evidence::default()
        };
        Self { evidence, ..Self::new(Facts::Opaque, Vec::new()) }
    }
}

/// A source map holds the author's own sheets; nobody takes class names from there, nor from sheets.
fn names_classes(kind: Kind) -> bool {
    !matches!(kind, Kind::SourceMap | Kind::Css)
}

/// Reads files of one site on demand. Nothing is kept in memory: pages come by the thousand.
pub struct Analyst<'a> {
    pub site: &'a Site,
    pub cache: &'a Cache,
    /// Files that stay as they are, byte for byte: their references cannot follow a new name.
    pub untouched: &'a (dyn Fn(&Asset) -> bool + Sync),
}

impl Analyst<'_> {
    /// Of a file that is only opened where nothing is remembered of it.
    pub fn analysis(&self, id: AssetId) -> Analysis {
        let Some(asset) = self.site.get(id) else { return nothing() };
        match asset.kind {
            kind if kind.is_text() && (self.untouched)(asset) => self.read(id).0,
            kind if kind.is_text() || matches!(kind, Kind::Image(_)) => {
                let key = key(asset);
                self.cache.get(&key).unwrap_or_else(|| match self.site.read(asset) {
                    Ok(bytes) => self.fresh(asset, &key, &bytes),
                    Err(d) => Analysis::new(Facts::Nothing, vec![d]),
                })
            }
            _ => self.other(asset),
        }
    }

    /// The text too, where there is one.
    pub fn read(&self, id: AssetId) -> (Analysis, Option<Vec<u8>>) {
        let Some(asset) = self.site.get(id).filter(|a| a.kind.is_text()) else { return (self.analysis(id), None) };
        let bytes = match self.site.read(asset) {
            Ok(bytes) => bytes,
            Err(d) => return (Analysis::new(Facts::Nothing, vec![d]), None),
        };
        if (self.untouched)(asset) {
            return (Analysis::opaque(asset.kind, &bytes), Some(bytes));
        }
        let key = key(asset);
        (self.cache.get(&key).unwrap_or_else(|| self.fresh(asset, &key, &bytes)), Some(bytes))
    }

    fn fresh(&self, asset: &Asset, key: &Digest, bytes: &[u8]) -> Analysis {
        let fresh = analyze(asset, bytes);
        self.cache.put(key, &fresh);
        fresh
    }

    /// A file of no known kind may be a template that scripts fetch.
    fn other(&self, asset: &Asset) -> Analysis {
        let small = asset.kind == Kind::Other && asset.len <= 1 << 20;
        let text = small.then(|| self.site.read(asset).ok()).flatten().and_then(|b| String::from_utf8(b).ok());
        Analysis { evidence: text.map(|t| shake::Evidence::of_text(&t)).unwrap_or_default(), ..nothing() }
    }
}

fn key(asset: &Asset) -> Digest {
    let key = KeyBuilder::new("analyze", VERSION).serialize(&asset.kind);
    key.text(asset.path.as_str()).digest(&asset.digest).finish()
}

fn nothing() -> Analysis {
    Analysis::new(Facts::Nothing, Vec::new())
}

fn analyze(asset: &Asset, bytes: &[u8]) -> Analysis {
    let mut diagnostics = Vec::new();
    let text = match asset.kind {
        Kind::Image(_) => {
            let facts = image::probe(bytes).map_or(Facts::Nothing, Facts::Image);
            return Analysis::new(facts, diagnostics);
        }
        _ => std::str::from_utf8(bytes),
    };
    let mut note = |code: &str, message: &str, help: &str| {
        diagnostics.push(Diagnostic::new(Severity::Warning, code, asset.path.as_str(), message).help(help));
    };
    let facts = match (asset.kind, text) {
        (Kind::Html | Kind::Css | Kind::Js | Kind::Svg, Err(_)) => {
            note("not-utf-8", "is not UTF-8, so it stays as it is", "save it as UTF-8 to have it optimised");
            Facts::Opaque
        }
        (Kind::Html, Ok(text)) => html::analyze(text).map(|f| Facts::Html(Box::new(f))).unwrap_or_else(|| {
            note(
                "html-syntax",
                "has markup that cannot be placed, so it stays as it is",
                "check it with an HTML validator",
            );
            Facts::Opaque
        }),
        (Kind::Svg, Ok(text)) => html::analyze(text).map_or(Facts::Opaque, |f| Facts::Svg(Box::new(f))),
        (Kind::Css, Ok(text)) => Facts::Css(css::analyze(text, css::Context::Sheet)),
        (Kind::Js, Ok(text)) => match js::analyze(text, js::Goal::Unknown) {
            Ok(facts) => Facts::Js(facts),
            Err(e) => {
                diagnostics.push(
                    Diagnostic::new(Severity::Warning, "js-syntax", asset.path.as_str(), e.message)
                        .at(e.line, e.column)
                        .help("the file stays as it is; fix the syntax, or exclude it in kiln.toml"),
                );
                Facts::Opaque
            }
        },
        (kind, _) if kind.is_text() => Facts::Opaque,
        _ => Facts::Nothing,
    };
    let mut analysis = match facts {
        Facts::Opaque => Analysis { diagnostics, ..Analysis::opaque(asset.kind, bytes) },
        facts => Analysis::new(facts, diagnostics),
    };
    let text = text.unwrap_or_default();
    match &mut analysis.facts {
        Facts::Html(f) => {
            let words = std::mem::take(&mut f.scripts.words);
            let styles = f.inline.iter().filter(|i| i.kind == html::InlineKind::Style);
            let styles: Vec<&str> = styles.filter_map(|i| text.get(i.range.clone())).collect();
            analysis.evidence = shake::Evidence::of_page(text, words, &styles);
            if f.fragment {
                analysis.evidence.dom = analysis.evidence.dom.take().map(shake::Dom::taken_in);
            }
        }
        Facts::Js(f) => analysis.evidence.words = std::mem::take(&mut f.words),
        Facts::Svg(_) => analysis.evidence = shake::Evidence::of_text(text),
        Facts::Css(_) => analysis.rules = Some(Box::new(shake::read(text))),
        _ => {}
    }
    analysis
}
