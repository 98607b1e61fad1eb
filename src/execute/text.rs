//! Sheets, scripts, SVG and data: minified, then read again to find where the references went.

use super::sheet::Code;
use super::{Artifact, Content, Edit, Text, Workshop, apply, background, cut};
use crate::analyze::shake::{self, Dropped};
use crate::analyze::{css, html, js};
use crate::cache::KeyBuilder;
use crate::facts;
use crate::graph::{Document, Target};
use crate::model::{Asset, AssetId, Diagnostic, Digest, Kind, RefKind, Severity};
use crate::plan::{Naming, Op};
use crate::transform::{self, TransformError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;

pub const VERSION: u32 = 8;

/// What an operation made of a text; `None` keeps the input.
#[derive(Clone, Serialize, Deserialize)]
struct Minified {
    code: Option<String>,
    map: Option<String>,
    note: String,
    diagnostic: Option<Diagnostic>,
}

pub fn artifact(shop: &Workshop<'_>, artifacts: &[Artifact], id: AssetId) -> Artifact {
    let (Some(asset), Some(task)) = (shop.site.get(id), shop.plan.task(id)) else { return Artifact::same() };
    let mut artifact = Artifact::same();
    if matches!(task.op, Op::Copy) {
        shop.observer.step(0);
        return artifact;
    }
    let source = match shop.site.read(asset).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return artifact,
        Err(d) => {
            artifact.diagnostics.push(d);
            return artifact;
        }
    };
    let made = minified(shop, id, asset, &task.op, &source);
    artifact.notes.push(made.note);
    artifact.diagnostics.extend(made.diagnostic);
    let changed = made.code.is_some();
    let text = made.code.unwrap_or(source);
    shop.observer.step(i64::try_from(asset.len).unwrap_or(0) - i64::try_from(text.len()).unwrap_or(0));
    if matches!(asset.kind, Kind::Css) && shop.plan.is_critical() {
        artifact.code = Some(Arc::new(Code::new(&text)));
    }
    let mut body = body(shop, artifacts, asset, &text, true);
    let mut lean = None;
    if cut::longest(&body) > asset.len {
        let plain = self::body(shop, artifacts, asset, &text, false);
        match task.naming {
            Naming::Keep(_) => body = plain,
            _ => lean = Some(plain),
        }
    }
    let holes = body.pieces.iter().any(|p| matches!(p, crate::model::Piece::Url { .. }));
    if changed || holes {
        let changed = changed || cut::joined(&body) != text;
        artifact.map = made.map;
        artifact.content = Content::Text { body, changed, lean };
    }
    artifact
}

fn minified(shop: &Workshop<'_>, id: AssetId, asset: &Asset, op: &Op, source: &str) -> Minified {
    let map = match op {
        Op::Js(op, _) if op.source_map => input_map(shop, asset, source),
        _ => None,
    };
    let key = key(asset, op).digest(&asset.digest).text(map.as_deref().unwrap_or("")).finish();
    if let Some(hit) = shop.cache.get(&key) {
        return hit;
    }
    match shop.caught(id, "minifier", || run(asset, op, source, map.as_deref())) {
        Ok(fresh) => {
            shop.cache.put(&key, &fresh);
            fresh
        }
        Err(d) => {
            // Other modules no longer give what was cut out.
            let code = match op {
                Op::Js(_, edits) if !edits.is_empty() => transform::js::without(source, edits),
                _ => None,
            };
            let note = if code.is_some() { "not minified" } else { "kept as it is" };
            Minified { code, map: None, note: note.into(), diagnostic: Some(d) }
        }
    }
}

fn key(asset: &Asset, op: &Op) -> KeyBuilder {
    let b = |name| KeyBuilder::new(name, VERSION).text(asset.path.as_str());
    match op {
        Op::Css(op, dropped) => b("css").options(op).serialize(&dropped.iter().map(|d| &d.range).collect::<Vec<_>>()),
        Op::Js(op, edits) => b("js").options(op).serialize(edits),
        Op::Svg(op) => b("svg").options(op),
        Op::Json => b("json"),
        Op::Xml => b("xml"),
        Op::Copy | Op::Rewrite | Op::Image(_) | Op::Html(_) => b("none"),
    }
}

fn run(asset: &Asset, op: &Op, source: &str, map: Option<&str>) -> Minified {
    let (mut out_map, mut doubt) = (None, None);
    let made: Result<Option<String>, TransformError> = match op {
        Op::Css(op, dropped) => match without(source, dropped) {
            Some(rest) => transform::css::minify(&rest, op).or_else(|_| transform::css::minify(source, op)).map(Some),
            None => {
                doubt = Some(uncertain(asset));
                transform::css::minify(source, op).map(Some)
            }
        },
        Op::Js(op, edits) => {
            let out = transform::js::shaken(source, edits, op, asset.path.file_name(), map);
            out.map(|out| {
                out_map = out.map.filter(|_| map.is_some());
                out.changed.then_some(out.code)
            })
        }
        Op::Svg(op) => transform::svg::optimise(source, op),
        Op::Json => transform::json::minify(source),
        Op::Xml => transform::xml::minify(source),
        Op::Copy | Op::Rewrite | Op::Image(_) | Op::Html(_) => Ok(None),
    };
    match made {
        Ok(Some(code)) if code.len() < source.len() => {
            let note = format!("minified: {} to {} bytes", source.len(), code.len());
            Minified { code: Some(code), map: out_map, note, diagnostic: doubt }
        }
        Ok(_) => Minified { code: None, map: None, note: "nothing to gain".into(), diagnostic: doubt },
        Err(e) => Minified {
            code: None,
            map: None,
            note: format!("kept as it is: {}", e.message),
            diagnostic: Some(
                Diagnostic::new(Severity::Warning, "syntax", asset.path.as_str(), e.message.clone())
                    .at(e.line, e.column)
                    .help("the file stays as it is; fix it there, or exclude it in kiln.toml"),
            ),
        },
    }
}

/// The sheet without its unused rules. `None` if anything else went with them.
pub(super) fn without(source: &str, dropped: &[Dropped]) -> Option<String> {
    if dropped.is_empty() {
        return Some(source.to_owned());
    }
    let rest = shake::cut(source, dropped);
    shake::accounts_for_all(source, &rest, dropped).then(|| transform::css::without_source_map(&rest))
}

fn uncertain(asset: &Asset) -> Diagnostic {
    let message = "unused rules could not be cut out of it cleanly, so all of them stay";
    Diagnostic::new(Severity::Warning, "shake", asset.path.as_str(), message)
        .help("please report it; `css.exclude` silences this")
}

/// A missing one is no error (it is dropped with the comment).
fn input_map(shop: &Workshop<'_>, asset: &Asset, source: &str) -> Option<String> {
    let id = shop.resolver().source_map(&Document { path: &asset.path, base: None }, source)?;
    String::from_utf8(shop.site.read(shop.site.get(id)?).ok()?).ok()
}

/// What was found in the same text before.
fn read<T: Serialize + DeserializeOwned>(shop: &Workshop<'_>, what: &str, text: &str, find: impl FnOnce() -> T) -> T {
    let key = KeyBuilder::new("printed", facts::VERSION).text(what).digest(&Digest::of(text.as_bytes())).finish();
    shop.cache.get(&key).unwrap_or_else(|| {
        let found = find();
        shop.cache.put(&key, &found);
        found
    })
}

/// `offered`: backgrounds come in modern formats, too.
fn body(shop: &Workshop<'_>, artifacts: &[Artifact], asset: &Asset, text: &str, offered: bool) -> Text {
    let document = Document { path: &asset.path, base: None };
    let mut edits = Vec::new();
    let refs = match asset.kind {
        Kind::Css => {
            let facts: css::CssFacts = read(shop, "css", text, || css::analyze(text, css::Context::Sheet));
            let target = |url: &str| match shop.resolver().resolve(&document, url, RefKind::CssUrl) {
                Target::Asset(id) => Some(id),
                _ => None,
            };
            if offered {
                edits.extend(background::edits(text, &facts, background::usable(shop, artifacts), &target));
            }
            facts.refs
        }
        // Without its imports and exports, a module may not be known as one.
        Kind::Js => read(shop, "js", text, || {
            let read = js::references(text, js::Goal::Unknown).or_else(|_| js::references(text, js::Goal::Module));
            read.unwrap_or_default()
        }),
        Kind::Svg => read(shop, "svg", text, || html::analyze(text).map(|f| f.refs).unwrap_or_default()),
        _ => Vec::new(),
    };
    let hole = |url: &str, kind| Some(shop.instead(shop.hole(&document, url, kind)?, artifacts));
    edits.extend(refs.iter().filter_map(|r| Edit::url(text, r, hole(&r.url, r.kind)?)));
    apply(text, edits)
}
