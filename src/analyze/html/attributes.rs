//! URLs in attributes.

use super::HtmlFacts;
use crate::analyze::css;
use crate::model::{Escape, RawRef, RefKind};
use crate::syntax::html::{Attr, Tag, is_classic_script};
use crate::syntax::{entities, policy, srcset};

pub fn collect(source: &str, tag: &Tag, facts: &mut HtmlFacts) {
    note_policy_and_origin(tag, facts);
    for attr in &tag.attrs {
        match shape(tag, attr) {
            Shape::Url(kind) => url(source, attr, kind, facts),
            Shape::Srcset => candidates(source, attr, facts),
            Shape::Style => style(source, attr, facts),
            Shape::None => {}
        }
    }
}

/// A handler, or an attribute of a template language that runs in the page.
pub fn is_for_scripts(name: &str) -> bool {
    name == "is" || ["on", ":", "@", "v-", "x-"].iter().any(|start| name.starts_with(start))
}

enum Shape {
    Url(RefKind),
    Srcset,
    Style,
    None,
}

fn shape(tag: &Tag, attr: &Attr) -> Shape {
    use RefKind::*;
    let rel = |word: &str| tag.has_word("rel", word);
    let value = |name: &str| tag.value(name).unwrap_or("").trim().to_ascii_lowercase();
    let url = match (tag.name.as_str(), attr.name.as_str()) {
        (_, "style") => return Shape::Style,
        ("img" | "source", "srcset") | ("link", "imagesrcset") => return Shape::Srcset,
        ("base", _) => return Shape::None,
        ("a" | "area", "href")
        | ("form", "action")
        | ("button" | "input", "formaction")
        | ("iframe" | "frame" | "embed", "src")
        | ("object", "data")
        | ("blockquote" | "q" | "ins" | "del", "cite") => Link,
        ("link", "href") => {
            let is_icon = ["icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "image_src"];
            if rel("stylesheet") {
                Stylesheet
            } else if is_icon.iter().any(|r| rel(r)) {
                FormatLocked
            } else if rel("modulepreload") {
                ModuleScript
            } else if rel("preload") || rel("prefetch") {
                match value("as").as_str() {
                    "image" => Image,
                    "style" => Stylesheet,
                    "script" => ClassicScript,
                    _ => Other,
                }
            } else if rel("manifest") {
                FormatLocked
            } else {
                Link
            }
        }
        ("script", "src") => match value("type").as_str() {
            "module" => ModuleScript,
            kind if is_classic_script(kind) => ClassicScript,
            // Some script of the page reads it, as a language of its own.
            _ => Other,
        },
        ("img" | "input", "src") | ("video", "poster") | ("image", "href" | "xlink:href") => Image,
        (_, "background") => Image,
        ("video" | "audio" | "source" | "track", "src") => Other,
        (_, "href" | "xlink:href" | "src") => Other,
        ("meta", "content") => FormatLocked,
        // Any other attribute that exactly names a file: `data-bg`, `component-url`, `data-pswp-src`.
        _ if may_name_a_file(&attr.value) => FormatLocked,
        _ => return Shape::None,
    };
    let exact = matches!(attr.name.as_str(), "component-url" | "renderer-url" | "before-hydration-url");
    Shape::Url(if exact { ModuleScript } else { url })
}

/// Attributes that only scripts read are pins: kiln cannot know what a script does with them. They are collected as
/// `FormatLocked`, which is never rewritten.
fn may_name_a_file(value: &str) -> bool {
    let v = value.trim();
    v.len() <= 1024
        && !v.contains(|c: char| c.is_whitespace() || "{}<>\"'".contains(c))
        && v.rsplit('/').next().is_some_and(|last| {
            last.split(['?', '#']).next().and_then(|f| f.rsplit_once('.')).is_some_and(|(stem, ext)| {
                !stem.is_empty() && (2..=11).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        })
}

fn note_policy_and_origin(tag: &Tag, facts: &mut HtmlFacts) {
    let is = |name: &str, wanted: &str| tag.value(name).is_some_and(|v| v.trim().eq_ignore_ascii_case(wanted));
    match tag.name.as_str() {
        "meta" if is("http-equiv", "content-security-policy") => {
            facts.policy = true;
            facts.no_own_images |= !policy::lets_own_images(tag.value("content").unwrap_or_default());
            facts.csp |= policy::restricts(tag.value("content").unwrap_or_default());
        }
        "meta" if is("property", "og:url") => facts.canonical.extend(tag.value("content").map(str::to_owned)),
        "link" if is("rel", "canonical") => facts.canonical.extend(tag.value("href").map(str::to_owned)),
        _ => {}
    }
}

fn url(source: &str, attr: &Attr, kind: RefKind, facts: &mut HtmlFacts) {
    let Some(raw) = attr.raw.clone() else { return };
    let Some(text) = source.get(raw.clone()) else { return };
    let start = raw.start + (text.len() - text.trim_ascii_start().len());
    let end = start + text.trim_ascii().len();
    let url = attr.value.trim_ascii();
    if url.is_empty() || url.starts_with('#') {
        return;
    }
    let escape = if attr.quote.is_some() { Escape::Markup } else { Escape::MarkupUnquoted };
    facts.refs.push(RawRef { range: start..end, url: url.to_owned(), kind, escape });
}

/// A decoded value whose places can be found again; `None` leaves the attribute to the search for mentioned names.
fn placed(source: &str, attr: &Attr) -> Option<(usize, entities::Decoded)> {
    let raw = attr.raw.clone()?;
    let decoded = entities::decode(source.get(raw.clone())?)?;
    (decoded.text == attr.value).then_some((raw.start, decoded))
}

/// Without quotes, too, as minifiers leave a `srcset` of one address: a new one holds no space either.
fn candidates(source: &str, attr: &Attr, facts: &mut HtmlFacts) {
    let Some((offset, decoded)) = placed(source, attr) else { return };
    for candidate in srcset::parse(&decoded.text) {
        let (Some(url), Some(raw)) = (decoded.text.get(candidate.url.clone()), decoded.raw_range(&candidate.url))
        else {
            continue;
        };
        let range = raw.start + offset..raw.end + offset;
        facts.refs.push(RawRef { range, url: url.to_owned(), kind: RefKind::Image, escape: Escape::Srcset });
    }
}

fn style(source: &str, attr: &Attr, facts: &mut HtmlFacts) {
    let Some((offset, decoded)) = placed(source, attr).filter(|_| attr.quote.is_some()) else { return };
    let found = css::analyze(&decoded.text, css::Context::Declarations);
    facts.css.merge_images(&found);
    for (i, r) in found.refs.into_iter().enumerate() {
        if let Some(raw) = decoded.raw_range(&r.range) {
            let range = raw.start + offset..raw.end + offset;
            let placed = RawRef { range, escape: r.escape.in_attribute(), ..r };
            facts.elsewhere.extend(found.elsewhere.contains(&i).then(|| placed.clone()));
            facts.refs.push(placed);
        }
    }
}
