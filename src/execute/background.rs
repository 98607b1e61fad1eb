//! CSS backgrounds in modern formats: each declaration again, with `image-set()` in place of its `url()`s.
//!
//! Browsers without `image-set()` and `type()` drop the second declaration and keep the first.

use super::{Artifact, Edit, Hole, OFFERED, Workshop};
use crate::analyze::css::CssFacts;
use crate::model::{AssetId, Escape, Piece};
use std::ops::Range;

/// `text` is a sheet, or the decoded value of a style attribute; `escape_of` and `esc` write into what surrounds it.
pub struct Surroundings<'a> {
    pub escape_of: &'a dyn Fn(Escape) -> Escape,
    pub text: &'a dyn Fn(&str) -> String,
}

/// What backgrounds may be made from: nothing where they stay as they are.
pub fn usable<'a>(shop: &Workshop<'_>, artifacts: &'a [Artifact]) -> &'a [Artifact] {
    if shop.plan.image_sets { artifacts } else { &[] }
}

pub fn image_sets(
    text: &str,
    facts: &CssFacts,
    artifacts: &[Artifact],
    target: &dyn Fn(&str) -> Option<AssetId>,
    surroundings: &Surroundings<'_>,
) -> Vec<(usize, Vec<Piece<Hole>>)> {
    facts
        .image_decls
        .iter()
        .filter_map(|d| {
            let urls: Vec<_> = d.refs.iter().filter_map(|i| facts.refs.get(*i)).collect();
            let mut pieces = vec![Piece::Text(";".into())];
            let mut at = d.range.start;
            let mut gains = false;
            for r in urls {
                let (token, quoted) = url_token(text, &r.range)?;
                let versions = target(&r.url).map(|id| versions(artifacts, id)).unwrap_or_default();
                if versions.is_empty() {
                    continue;
                }
                gains = true;
                pieces.push(Piece::Text((surroundings.text)(text.get(at..token.start)?)));
                pieces.push(Piece::Text("image-set(".into()));
                for (hole, mime) in &versions {
                    pieces.push(Piece::Text((surroundings.text)(if quoted { "url(\"" } else { "url(" })));
                    let escape =
                        (surroundings.escape_of)(if quoted { Escape::CssDoubleQuoted } else { Escape::CssUnquoted });
                    pieces.push(Piece::Url { raw: String::new(), url: r.url.clone(), escape, target: *hole });
                    let close = if quoted { "\")" } else { ")" };
                    pieces.push(Piece::Text((surroundings.text)(&format!("{close} type(\"{mime}\"),"))));
                }
                let own = versions.first().map(|(h, _)| Hole { variant: None, ..*h })?;
                pieces.push(Piece::Text((surroundings.text)(text.get(token.start..r.range.start)?)));
                let raw = text.get(r.range.clone())?;
                pieces.push(Piece::Url {
                    raw: (surroundings.text)(raw),
                    url: r.url.clone(),
                    escape: (surroundings.escape_of)(r.escape),
                    target: own,
                });
                pieces.push(Piece::Text((surroundings.text)(text.get(r.range.end..token.end)?)));
                pieces.push(Piece::Text(")".into()));
                at = token.end;
            }
            pieces.push(Piece::Text((surroundings.text)(text.get(at..d.range.end)?)));
            gains.then_some((d.range.end, pieces))
        })
        .collect()
}

pub fn edits(
    text: &str,
    facts: &CssFacts,
    artifacts: &[Artifact],
    target: &dyn Fn(&str) -> Option<AssetId>,
) -> Vec<Edit> {
    let plain = Surroundings { escape_of: &|e| e, text: &str::to_owned };
    image_sets(text, facts, artifacts, target, &plain)
        .into_iter()
        .map(|(at, pieces)| Edit::insert(at, pieces))
        .collect()
}

/// The full-width versions, AVIF first: of equal candidates a browser takes the first it can decode.
fn versions(artifacts: &[Artifact], id: AssetId) -> Vec<(Hole, &'static str)> {
    let Some(artifact) = artifacts.get(id.index()) else { return Vec::new() };
    let version = |format| Some((Hole { asset: id, variant: Some(artifact.full(format)?) }, format.mime()));
    OFFERED.into_iter().filter_map(version).collect()
}

/// The bytes of `url(…)` around a URL, and whether it is quoted. `None` for any other way to write one.
fn url_token(text: &str, url: &Range<usize>) -> Option<(Range<usize>, bool)> {
    let before = text.get(..url.start)?;
    let unquoted = before.trim_end_matches(['"', '\'']);
    let opened = unquoted.trim_end();
    let start = opened.len().checked_sub(4)?;
    if !opened.get(start..)?.eq_ignore_ascii_case("url(") {
        return None;
    }
    let after = text.get(url.end..)?;
    let close = after.find(')')?;
    let between = after.get(..close)?;
    between
        .chars()
        .all(|c| c.is_whitespace() || c == '"' || c == '\'')
        .then_some((start..url.end + close + 1, unquoted.len() < before.len()))
}
