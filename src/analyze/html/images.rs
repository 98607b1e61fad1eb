//! The pictures of a page, as far as the markup tells.

use super::attributes::is_for_scripts;
use super::nesting;
use crate::analyze::css::When;
use crate::syntax::html::Tag;
use crate::syntax::srcset;
use serde::{Deserialize, Serialize};

/// One `<img>`. Values are decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUse {
    pub src: Option<String>,
    /// Empty without `srcset`.
    pub srcset: Vec<Candidate>,
    pub sizes: Option<String>,
    pub id: Option<String>,
    pub classes: Vec<String>,
    /// The names of all its attributes.
    pub attributes: Vec<String>,
    /// Ids and classes of its siblings, sorted.
    pub beside: Vec<String>,
    /// The elements around it, outermost first.
    pub around: Vec<Element>,
    pub width: Option<String>,
    pub height: Option<String>,
    pub style: Option<String>,
    pub loading: Option<String>,
    pub decoding: Option<String>,
    pub fetchpriority: Option<String>,
    /// The author's `<source>`s before it in the same `<picture>`.
    pub sources: Vec<SourceUse>,
    pub in_picture: bool,
    /// Opted out, or inside `<template>` or `<noscript>`.
    pub off: bool,
    /// Inside an island that a framework takes over.
    pub hydrated: bool,
    /// Other attributes than the ones above and `alt loading decoding fetchpriority title class`: `usemap`, `data-src`, `slot` …
    pub scripted: bool,
}

/// An element around an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// In lower case.
    pub tag: String,
    pub id: Option<String>,
    pub classes: Vec<String>,
    /// The names of all its attributes.
    pub attributes: Vec<String>,
    /// A template language that runs in the page, or a handler of its own, may change it.
    pub bound: bool,
    /// Its `style` makes its children items of a flex or grid container.
    pub arranges: bool,
    /// Browsers open it again in what follows a missing or misplaced end tag (HTML §13.2.4.3).
    pub formatting: bool,
    /// A browser has it open there too: no later tag closes it unsaid or moves what is in it elsewhere.
    pub sure: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub url: String,
    /// `640w`, `2x` or empty.
    pub descriptor: String,
}

/// A `<source>` of a `<picture>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceUse {
    pub srcset: Vec<Candidate>,
    pub sizes: Option<String>,
    pub media: Option<String>,
    pub mime: Option<String>,
    pub width: Option<String>,
    pub height: Option<String>,
}

impl Element {
    pub fn of(tag: &Tag) -> Self {
        let id = tag.value("id").map(str::to_owned);
        let (formatting, sure) = (nesting::is_formatting(&tag.name), nesting::stays_open(&tag.name));
        let style = tag.value("style").unwrap_or_default().to_ascii_lowercase();
        let arranges =
            style.contains("display") && ["flex", "grid", "box", "contents"].iter().any(|d| style.contains(d));
        let mut names = tag.attrs.iter().map(|a| a.name.as_str());
        Self {
            tag: tag.name.clone(),
            id,
            classes: classes(tag),
            attributes: names.clone().map(str::to_owned).collect(),
            bound: names.any(may_change_it),
            arranges,
            formatting,
            sure,
        }
    }

    /// Its id and classes.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.id.iter().chain(&self.classes)
    }
}

/// Of Alpine, Vue, AngularJS, or a handler.
fn may_change_it(attribute: &str) -> bool {
    is_for_scripts(attribute) || ["ng-", "data-ng-"].iter().any(|start| attribute.starts_with(start))
}

/// In which media a `<style>` or a linked sheet applies.
pub fn when(tag: &Tag) -> When {
    // `media=print onload="this.media='all'"` is for all once it has come.
    let media = tag.value("media").filter(|_| tag.attr("onload").is_none());
    media.map_or(When::Screen, When::of_query)
}

#[derive(Default)]
pub struct PictureState {
    sources: Vec<SourceUse>,
    from: Option<usize>,
}

impl PictureState {
    /// `from`: how many pictures of other hosts stand before it.
    pub fn enter(&mut self, from: usize) {
        self.sources.clear();
        self.from = Some(from);
    }

    pub fn from(&self) -> Option<usize> {
        self.from
    }

    pub fn source(&mut self, tag: &Tag) {
        self.sources.push(SourceUse {
            srcset: candidates(tag.value("srcset")),
            sizes: tag.value("sizes").map(str::to_owned),
            media: tag.value("media").map(str::to_owned),
            mime: tag.value("type").map(|t| t.trim().to_ascii_lowercase()),
            width: tag.value("width").map(str::to_owned),
            height: tag.value("height").map(str::to_owned),
        });
    }
}

pub fn read(tag: &Tag, picture: &PictureState) -> ImageUse {
    let own = |name: &str| tag.value(name).map(str::to_owned);
    let srcset = candidates(tag.value("srcset"));
    // Attributes by which scripts replace, measure or change the picture: a lazy loader's, an image map's, a template's.
    let scripted = tag.attrs.iter().any(|a| {
        matches!(a.name.as_str(), "usemap" | "ismap" | "slot")
            || may_change_it(&a.name)
            || a.name.starts_with("data-src")
            || a.name.starts_with("data-lazy")
            || (a.name == "srcset" && srcset.is_empty())
    });
    ImageUse {
        src: own("src").map(|s| s.trim().to_owned()),
        srcset,
        sizes: own("sizes"),
        id: own("id"),
        classes: classes(tag),
        attributes: tag.attrs.iter().map(|a| a.name.clone()).collect(),
        width: own("width"),
        height: own("height"),
        style: own("style"),
        loading: own("loading"),
        decoding: own("decoding"),
        fetchpriority: own("fetchpriority"),
        sources: picture.sources.clone(),
        scripted,
        ..ImageUse::default()
    }
}

fn classes(tag: &Tag) -> Vec<String> {
    tag.value("class").unwrap_or("").split_ascii_whitespace().map(str::to_owned).collect()
}

fn candidates(value: Option<&str>) -> Vec<Candidate> {
    let value = value.unwrap_or("");
    let text = |r| value.get(r).unwrap_or("").to_owned();
    srcset::parse(value).into_iter().map(|c| Candidate { url: text(c.url), descriptor: text(c.descriptors) }).collect()
}
