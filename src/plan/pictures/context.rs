//! Which styles and scripts act on the images of a page.

use super::blame::{Script, Way};
use crate::analyze::css::{BoxProp, BoxRule, Compound, Outer, PlaceHazard, Size, Sized, Sizing, When};
use crate::analyze::html::{Element, EmbedUse, ImageUse};
use crate::config::Config;
use crate::graph::{AssetGraph, Page, Summary};
use crate::model::AssetId;
use crate::plan::as_written::who_knows_pictures;
use crate::scan::Site;
use std::collections::BTreeSet;

/// The styles and scripts that act on a page.
pub struct PictureContext<'a> {
    box_rules: Vec<Rule<'a>>,
    /// Rules about widths, and in which media they apply.
    pub sizings: Vec<(&'a Sizing, When)>,
    pub keyframes: Vec<&'a (String, Vec<Sized>)>,
    pub hazards: Vec<&'a PlaceHazard>,
    /// Names that scripts know.
    known: BTreeSet<&'a str>,
    /// Of those that may have to do with pictures, as all below.
    tokens: BTreeSet<&'a str>,
    /// Those that they could put on elements or take off them.
    written: BTreeSet<&'a str>,
    /// The page's own first.
    scripts: Vec<Script<'a>>,
    embeds: bool,
    walks: bool,
    /// Names by which scripts find elements that go about in the tree from there.
    climbed: BTreeSet<&'a str>,
    pub selector_strings: bool,
    pub styles_pictures: bool,
    attributes: BTreeSet<&'a str>,
    /// A script of another origin that nobody here can read.
    pub foreign_script: Option<&'a str>,
    /// A sheet of another origin that may have any rule.
    pub foreign_sheet: Option<&'a str>,
    page: &'a Page,
}

struct Rule<'a> {
    rule: &'a BoxRule,
    /// Its sheet applies in every medium.
    always: bool,
}

impl<'a> PictureContext<'a> {
    pub fn new((site, graph): (&'a Site, &'a AssetGraph), config: &Config, id: AssetId, page: &'a Page) -> Self {
        let mut c = Self {
            box_rules: page.css.box_rules.iter().map(|rule| Rule { rule, always: true }).collect(),
            sizings: page.css.sizings.iter().map(|s| (s, s.when)).collect(),
            keyframes: page.css.keyframes.iter().collect(),
            hazards: page.css.place_hazards.iter().collect(),
            tokens: page.scripts.tokens.iter().chain(&page.scripts.selected).map(String::as_str).collect(),
            known: page.scripts.tokens.iter().chain(&page.scripts.selected).map(String::as_str).collect(),
            written: page.scripts.tokens.iter().map(String::as_str).collect(),
            scripts: vec![Script::inline(&page.scripts)],
            embeds: page.scripts.embeds,
            walks: page.scripts.walks,
            climbed: page.scripts.climbed.iter().map(String::as_str).collect(),
            selector_strings: !page.scripts.selector_strings.is_empty(),
            styles_pictures: page.css.styles_pictures,
            attributes: page.css.attributes.iter().map(String::as_str).collect(),
            foreign_script: None,
            foreign_sheet: None,
            page,
        };
        let (sheets, scripts) = (graph.reachable(&page.stylesheets), graph.reachable(&page.script_files));
        for node in [id].iter().chain(&sheets).chain(&scripts).filter_map(|id| graph.node(*id)) {
            c.foreign_script = c.foreign_script.or(who_knows_pictures(&node.foreign_scripts, config));
            c.foreign_sheet = c.foreign_sheet.or(node.foreign_sheets.first().map(String::as_str));
        }
        for id in sheets {
            if let Some(Summary::Css {
                box_rules,
                place_hazards,
                styles_pictures,
                attributes,
                sizings,
                keyframes,
                ..
            }) = graph.node(id).map(|n| &n.summary)
            {
                let always = page.always.contains(&id);
                let media = page.media.iter().filter(|(sheet, _)| *sheet == id).map(|(_, when)| *when);
                let when = media.min().unwrap_or_default();
                c.sizings.extend(sizings.iter().map(|s| (s, s.when.max(when))));
                c.keyframes.extend(keyframes);
                c.box_rules.extend(box_rules.iter().map(|rule| Rule { rule, always }));
                c.hazards.extend(place_hazards);
                c.styles_pictures |= styles_pictures;
                c.attributes.extend(attributes.iter().map(String::as_str));
            }
        }
        for id in scripts {
            let path = site.get(id).map(|asset| &asset.path);
            if let Some(Summary::Js(js)) = graph.node(id).map(|n| &n.summary) {
                c.known.extend(js.tokens.iter().chain(&js.selected).map(String::as_str));
                c.embeds |= js.embeds;
                if path.is_some_and(|path| config.images.trusted_scripts.is_match(path.as_str())) {
                    continue;
                }
                c.tokens.extend(js.tokens.iter().chain(&js.selected).map(String::as_str));
                c.written.extend(js.tokens.iter().map(String::as_str));
                c.scripts.push(Script::file(path, js));
                c.walks |= js.walks;
                c.climbed.extend(js.climbed.iter().map(String::as_str));
                c.selector_strings |= !js.selector_strings.is_empty();
            }
        }
        c
    }

    /// A selector's last compound could match this image, now or after a script changed its classes.
    fn may_match(&self, compound: &Compound, image: &ImageUse) -> bool {
        let tag = compound.tag.as_deref().is_none_or(|t| t == "img" || t == "picture");
        // Quirks mode knows no case.
        let has = |name: &str| image.id.iter().chain(&image.classes).any(|n| n.eq_ignore_ascii_case(name));
        let id = compound.id.as_deref().is_none_or(|i| has(i) || self.written.contains(i));
        let classes = compound.classes.iter().all(|c| has(c) || self.written.contains(c.as_str()));
        tag && id && classes && !compound.pseudo_element
    }

    /// A selector could tell this image from the same image inside a `picture`. What scripts could add to the elements
    /// around it is no matter: images whose surroundings a script knows are not moved at all.
    pub fn may_notice(&self, hazard: &PlaceHazard, image: &ImageUse) -> bool {
        let implied = |tag: &String| matches!(tag.as_str(), "html" | "body" | "tbody" | "tr" | "colgroup");
        // Quirks mode knows no case.
        let is = |name: &String, e: &Element| e.names().any(|n| n.eq_ignore_ascii_case(name));
        let inside = |o: &Outer, elements: &[&Element]| {
            let c = &o.compound;
            c.tag.iter().all(|t| implied(t) || elements.iter().any(|e| e.tag == *t))
                && c.id.iter().chain(&c.classes).all(|name| elements.iter().any(|e| is(name, e)))
        };
        let (outer, parent) = match hazard.around.split_last() {
            Some((last, outer)) if last.parent => (outer, Some(last)),
            _ => (hazard.around.as_slice(), None),
        };
        let all: Vec<&Element> = image.around.iter().collect();
        let parents = parents(image);
        // A script may well put something before it.
        let exists = |name: &String| {
            self.tokens.contains(name.as_str()) || self.page.names.binary_search(&name.to_ascii_lowercase()).is_ok()
        };
        let after = |c: &Compound| c.tag.iter().chain(&c.id).chain(&c.classes).all(exists);
        let beside = |name: &String| image.beside.iter().any(|n| n.eq_ignore_ascii_case(name));
        let before = |c: &Compound| c.tag.iter().all(exists) && c.id.iter().chain(&c.classes).all(beside);
        outer.iter().all(|o| inside(o, &all))
            && parent.is_none_or(|o| inside(o, &parents) || o.compound.could_be_bare("picture"))
            && hazard.after.as_ref().is_none_or(after)
            && hazard.before.as_ref().is_none_or(before)
            && self.may_match(&hazard.element, image)
    }

    fn certainly_matches(&self, rule: &Rule<'_>, image: &ImageUse) -> bool {
        let c = &rule.rule.compound;
        let own = c.tag.as_deref().is_none_or(|t| t == "img")
            && c.id.as_deref().is_none_or(|i| image.id.as_deref() == Some(i))
            && c.classes.iter().all(|c| image.classes.contains(c));
        own && rule.always && rule.rule.certain.as_deref().is_some_and(|outer| self.certainly_inside(outer, image))
    }

    /// From the image outwards, each compound describes the nearest element that it can. A name that scripts write may go.
    fn certainly_inside(&self, outer: &[Outer], image: &ImageUse) -> bool {
        let describes = |c: &Compound, e: &Element| {
            e.sure
                && c.tag.as_deref().is_none_or(|t| t == e.tag)
                && c.id.iter().all(|id| e.id.as_ref() == Some(id))
                && c.classes.iter().all(|class| e.classes.contains(class))
                && !c.id.iter().chain(&c.classes).any(|name| self.written.contains(name.as_str()))
        };
        let mut left = image.around.iter().rev();
        outer.iter().rev().all(|o| match o.parent {
            true => left.next().is_some_and(|e| describes(&o.compound, e)),
            false => left.any(|e| describes(&o.compound, e)),
        })
    }

    /// It may be an item of a flex or grid container, which may stretch it.
    pub fn is_item(&self, image: &ImageUse) -> bool {
        let parents = parents(image);
        let describes = |c: &Compound, e: &Element| {
            let has =
                |name: &String| e.names().any(|n| n.eq_ignore_ascii_case(name)) || self.written.contains(name.as_str());
            c.tag.as_deref().is_none_or(|t| t == e.tag) && c.id.iter().chain(&c.classes).all(has)
        };
        let around = |c: &Compound| {
            let body = c.tag.as_deref().is_none_or(|t| matches!(t, "body" | "html")) && parents.is_empty();
            body || parents.iter().any(|e| describes(c, e))
        };
        let arrange = self.box_rules.iter().map(|r| r.rule).filter(|r| r.props.contains(&BoxProp::Arranges));
        parents.iter().any(|e| e.arranges) || arrange.into_iter().any(|r| around(&r.compound))
    }

    /// Until it has come its box may be empty, whatever its attributes say.
    pub fn collapses(&self, image: &ImageUse) -> bool {
        let rules = self.rules(image);
        let auto = |prop: BoxProp| rules.iter().any(|(r, _)| r.props.contains(&prop));
        auto(BoxProp::Width(Size::Auto)) && auto(BoxProp::Height(Size::Auto))
    }

    /// A selector asks for this attribute, of those that kiln adds to images.
    pub fn asks_for(&self, attribute: &str) -> bool {
        self.attributes.contains(attribute)
    }

    /// A script could put this class or id on an element, or take it off.
    pub fn writes(&self, name: &str) -> bool {
        self.written.contains(name)
    }

    /// A script could give an element this attribute, or take it off.
    pub fn writes_attribute(&self, name: &str) -> bool {
        name.starts_with("data-") && !self.tokens.is_empty() || self.written.contains(name)
    }

    /// A script could find the element: by what it is called, or as the page's root.
    pub fn finds(&self, tag: &str, names: &[&str], attributes: &[String]) -> bool {
        let by_tag = !matches!(tag, "div" | "span" | "a" | "p" | "li") && self.tokens.contains(tag);
        let root = matches!(tag, "html" | "body") && !self.tokens.is_empty();
        root || by_tag
            || names.iter().any(|n| self.tokens.contains(n))
            || attributes.iter().any(|a| self.tokens.contains(a.as_str()))
    }

    /// The page has elements with this tag, id or class.
    pub fn has(&self, name: &str) -> bool {
        self.page.names.binary_search(&name.to_ascii_lowercase()).is_ok()
    }

    /// A script may give this image another picture.
    pub fn scripted(&self, image: &ImageUse) -> bool {
        self.writes_src().is_some() && (self.named(image).is_some() || self.tokens.contains("img"))
    }

    /// A script of the page that may give an image another picture.
    pub fn writes_src(&self) -> Option<&Script<'a>> {
        self.scripts.iter().find(|s| s.writes_src)
    }

    /// A script that knows the image, or asks for all images, may ask for the size of its file: why that matters.
    pub fn measures(&self, image: &ImageUse) -> Option<String> {
        let why = self.measured()?;
        (self.walked(image).is_some() || self.tokens.contains("img")).then_some(why)
    }

    /// Why candidates beside its `src` could be noticed.
    pub fn sees_candidates(&self) -> Option<String> {
        let asked = self.asks_for("srcset") || self.asks_for("sizes");
        if asked { Some("a style asks for `srcset` or `sizes`".into()) } else { self.measured() }
    }

    fn measured(&self) -> Option<String> {
        let script = self.scripts.iter().find(|s| s.measures)?;
        Some(script.blamed("may ask how large its file is, or draw it"))
    }

    /// A script knows where the image stands, and may count on it.
    pub fn knows_place(&self, image: &ImageUse) -> Option<String> {
        let way = self.walked(image)?;
        Some(way.told(&self.scripts, "may count on where the image stands"))
    }

    /// A script that knows the image, or asks for all images, may count on when it is loaded.
    pub fn times(&self, image: &ImageUse) -> bool {
        self.walked(image).is_some()
            || self.tokens.contains("img")
            || self.selector_strings
            || self.foreign_script.is_some()
    }

    /// A script may count on when it is loaded, or a style ask whether it may wait.
    pub fn handles(&self, embed: &EmbedUse) -> bool {
        let known = |name: &String| self.known.contains(name.as_str());
        self.embeds
            || embed.id.as_ref().is_some_and(known)
            || embed.classes.iter().any(known)
            || self.asks_for("loading")
    }

    /// The id or class by which a script knows this image.
    fn named<'i>(&self, image: &'i ImageUse) -> Option<&'i str> {
        image.id.iter().chain(&image.classes).map(String::as_str).find(|n| self.tokens.contains(n))
    }

    /// How a script comes to the image or the element it stands in; it may count on one being the other's child.
    pub fn walked<'i>(&self, image: &'i ImageUse) -> Option<Way<'i>> {
        let known = |name: &&str| self.tokens.contains(name);
        let parent = || image.around.last()?.names().map(String::as_str).find(known);
        let beside = || self.walks.then(|| image.beside.iter().map(String::as_str).find(known)).flatten();
        let name = self.named(image).or_else(parent).or_else(beside).map(Way::Name);
        let climbed = |e: &'i Element| {
            let tag = Some(e.tag.as_str()).filter(|tag| !matches!(*tag, "html" | "body"));
            tag.into_iter().chain(e.names().map(String::as_str)).find(|n| self.climbed.contains(n))
        };
        let any = || self.climbed.contains("img").then_some(Way::Any);
        name.or_else(any).or_else(|| image.around.iter().rev().find_map(climbed).map(Way::From))
    }

    /// The rules about boxes that could apply to it, and whether they surely do.
    pub fn rules(&self, image: &ImageUse) -> Vec<(&'a BoxRule, bool)> {
        let rules = self.box_rules.iter().filter(|r| self.may_match(&r.rule.compound, image));
        rules.map(|r| (r.rule, self.certainly_matches(r, image))).collect()
    }
}

/// What could be the image's parent: where end tags are left out, the innermost open element is not always.
pub fn parents(image: &ImageUse) -> Vec<&Element> {
    let sure = image.around.iter().rposition(|e| e.sure).unwrap_or(0);
    let (outer, near) = image.around.split_at(sure);
    near.iter().chain(outer.iter().filter(|e| e.formatting)).collect()
}
