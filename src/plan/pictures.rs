//! How each `<img>` and CSS background may be delivered without changing what a page looks like or how it behaves.

use super::Demand;
use crate::analyze::css::{BoxProp, BoxRule, Compound, PlaceHazard, Size};
use crate::analyze::html::{Hydration, ImageUse};
use crate::config::{Config, Transform};
use crate::graph::{AssetGraph, Page, Summary};
use crate::model::{AssetId, ImageFormat, Kind, RefKind};
use crate::scan::Site;
use crate::transform::image::ImageInfo;
use std::collections::{BTreeMap, BTreeSet};

/// What happens to one `<img>` of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub delivery: Delivery,
    /// The `width` and `height` to write, where it has neither and CSS surely takes only the ratio from them: the page
    /// keeps its place free from the start.
    pub size: Option<(u32, u32)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Stays as it is, because …
    Leave(String),
    /// Every candidate the author wrote, again in each modern format, with the author's descriptors.
    SameCandidates,
    /// One source in each modern format. `widths` is empty when only the full width may be offered.
    Single { asset: AssetId, widths: Vec<u32> },
}

/// The styles and scripts that act on a page.
pub struct PictureContext<'a> {
    box_rules: Vec<&'a BoxRule>,
    hazards: Vec<&'a PlaceHazard>,
    tokens: BTreeSet<&'a str>,
    writes_src: bool,
    walks: bool,
    selector_strings: bool,
    styles_pictures: bool,
    page: &'a Page,
}

pub fn pictures(site: &Site, graph: &AssetGraph, config: &Config) -> BTreeMap<AssetId, Vec<Picture>> {
    let pages = site.ids().filter_map(|id| match graph.node(id).map(|n| &n.summary) {
        Some(Summary::Page(page)) => Some((id, page)),
        _ => None,
    });
    pages.map(|(id, page)| (id, page_pictures(site, graph, config, id, page))).collect()
}

fn page_pictures(site: &Site, graph: &AssetGraph, config: &Config, id: AssetId, page: &Page) -> Vec<Picture> {
    let on = site.get(id).is_some_and(|a| {
        config.select.allows(&a.path)
            && config.transforms.allows(Transform::Html, &a.path)
            && config.transforms.allows(Transform::Images, &a.path)
    });
    let untouched = if !on {
        Some("switched off for this page")
    } else if page.hydration == Hydration::Page {
        Some("a framework takes the page over and expects the elements it rendered")
    } else {
        None
    };
    if let Some(why) = untouched {
        return page.images.iter().map(|_| Picture { delivery: Delivery::Leave(why.into()), size: None }).collect();
    }
    let unwrapped = if !config.html.picture {
        Some("`html.picture` is off")
    } else if page.csp {
        Some("the page's Content-Security-Policy may forbid the inline style that a <picture> needs")
    } else {
        None
    };
    let context = PictureContext::new(graph, page);
    let picture = |(image, targets): (&ImageUse, &Vec<Option<AssetId>>)| {
        let size = missing_size(image, targets, &context, graph);
        let delivery = match unwrapped {
            Some(why) => Delivery::Leave(why.into()),
            None => deliver(image, targets, size, &context, graph, config, site),
        };
        Picture { delivery, size }
    };
    page.images.iter().zip(&page.image_targets).map(picture).collect()
}

/// The intrinsic size, where the image has neither attribute and CSS surely says `height: auto`.
fn missing_size(
    image: &ImageUse,
    targets: &[Option<AssetId>],
    context: &PictureContext<'_>,
    graph: &AssetGraph,
) -> Option<(u32, u32)> {
    let bare = image.width.is_none() && image.height.is_none() && image.style.is_none();
    let one_source = image.srcset.is_empty() && image.sources.is_empty();
    let fixed = image.off || image.hydrated || image.scripted || context.scripted(image);
    if !bare || !one_source || fixed || !certain_auto_height(&context.props(image)) {
        return None;
    }
    match targets.first().copied().flatten().and_then(|id| graph.node(id)).map(|n| &n.summary) {
        Some(Summary::Image(info)) if info.width > 0 && info.height > 0 => Some((info.width, info.height)),
        _ => None,
    }
}

impl<'a> PictureContext<'a> {
    fn new(graph: &'a AssetGraph, page: &'a Page) -> Self {
        let mut c = Self {
            box_rules: page.css.box_rules.iter().collect(),
            hazards: page.css.place_hazards.iter().collect(),
            tokens: page.scripts.tokens.iter().map(String::as_str).collect(),
            writes_src: page.scripts.writes_src,
            walks: page.scripts.walks,
            selector_strings: !page.scripts.selector_strings.is_empty(),
            styles_pictures: page.css.styles_pictures,
            page,
        };
        for id in reachable(graph, &page.stylesheets) {
            if let Some(Summary::Css { box_rules, place_hazards, styles_pictures, .. }) =
                graph.node(id).map(|n| &n.summary)
            {
                c.box_rules.extend(box_rules);
                c.hazards.extend(place_hazards);
                c.styles_pictures |= styles_pictures;
            }
        }
        for id in reachable(graph, &page.script_files) {
            if let Some(Summary::Js(js)) = graph.node(id).map(|n| &n.summary) {
                c.tokens.extend(js.tokens.iter().map(String::as_str));
                c.writes_src |= js.writes_src;
                c.walks |= js.walks;
                c.selector_strings |= !js.selector_strings.is_empty();
            }
        }
        c
    }

    /// A selector's last compound could match this image, now or after a script changed its classes.
    fn may_match(&self, compound: &Compound, image: &ImageUse) -> bool {
        let tag = compound.tag.as_deref().is_none_or(|t| t == "img" || t == "picture");
        let id = compound.id.as_deref().is_none_or(|i| image.id.as_deref() == Some(i) || self.tokens.contains(i));
        let classes = compound.classes.iter().all(|c| image.classes.contains(c) || self.tokens.contains(c.as_str()));
        tag && id && classes && !compound.pseudo_element
    }

    /// A selector could tell this image from the same image inside a `picture`. What scripts could add to the elements
    /// around it is no matter: images whose surroundings a script knows are not moved at all.
    fn may_notice(&self, hazard: &PlaceHazard, image: &ImageUse) -> bool {
        let around = |name: &String| image.around.binary_search(&name.to_ascii_lowercase()).is_ok();
        let implied = |tag: &String| matches!(tag.as_str(), "html" | "body" | "tbody" | "tr" | "colgroup");
        let inside =
            |c: &Compound| c.tag.iter().all(|t| implied(t) || around(t)) && c.id.iter().chain(&c.classes).all(around);
        // A script may well put something before it.
        let exists = |name: &String| {
            self.tokens.contains(name.as_str()) || self.page.names.binary_search(&name.to_ascii_lowercase()).is_ok()
        };
        let after = |c: &Compound| c.tag.iter().chain(&c.id).chain(&c.classes).all(exists);
        hazard.around.iter().all(inside)
            && hazard.after.as_ref().is_none_or(after)
            && self.may_match(&hazard.element, image)
    }

    fn certainly_matches(&self, rule: &BoxRule, image: &ImageUse) -> bool {
        let c = &rule.compound;
        rule.certain
            && c.tag.as_deref().is_none_or(|t| t == "img")
            && c.id.as_deref().is_none_or(|i| image.id.as_deref() == Some(i))
            && c.classes.iter().all(|c| image.classes.contains(c))
    }

    /// A script may give this image another picture.
    fn scripted(&self, image: &ImageUse) -> bool {
        self.writes_src && (self.named(image) || self.tokens.contains("img"))
    }

    /// A script knows this image by its id or a class.
    fn named(&self, image: &ImageUse) -> bool {
        image.id.iter().chain(&image.classes).any(|n| self.tokens.contains(n.as_str()))
    }

    /// A script knows the image or the element it stands in, and may count on one being the other's child.
    fn walked(&self, image: &ImageUse) -> bool {
        let known = |names: &[String]| names.iter().any(|n| self.tokens.contains(n.as_str()));
        self.named(image) || known(&image.parent_names) || (self.walks && known(&image.beside))
    }

    fn props(&self, image: &ImageUse) -> Vec<(&'a BoxProp, bool)> {
        let rules = self.box_rules.iter().filter(|r| self.may_match(&r.compound, image));
        rules.flat_map(|r| r.props.iter().map(|p| (p, self.certainly_matches(r, image)))).collect()
    }
}

/// Sheets imported by sheets, scripts imported by scripts.
fn reachable(graph: &AssetGraph, from: &[AssetId]) -> BTreeSet<AssetId> {
    let mut seen: BTreeSet<AssetId> = from.iter().copied().collect();
    let mut todo: Vec<AssetId> = from.to_vec();
    while let Some(id) = todo.pop() {
        let edges = graph.node(id).map(|n| n.edges.as_slice()).unwrap_or_default();
        let code = edges.iter().filter(|e| {
            matches!(
                e.kind,
                RefKind::CssImport
                    | RefKind::ModuleScript
                    | RefKind::ClassicScript
                    | RefKind::JsString
                    | RefKind::JsUrl
            )
        });
        todo.extend(code.map(|e| e.asset).filter(|a| seen.insert(*a)));
    }
    seen
}

fn deliver(
    image: &ImageUse,
    targets: &[Option<AssetId>],
    size: Option<(u32, u32)>,
    context: &PictureContext<'_>,
    graph: &AssetGraph,
    config: &Config,
    site: &Site,
) -> Delivery {
    let leave = |why: &str| Delivery::Leave(why.to_owned());
    if image.off {
        return leave("opted out with data-kiln=\"off\", or inside <template> or <noscript>");
    }
    if image.hydrated {
        return leave("inside an island that a framework takes over");
    }
    if image.scripted || context.scripted(image) {
        return leave("a script may change its src, which a <source> would override");
    }
    if image.sources.iter().any(|s| s.mime.as_deref().is_some_and(|m| m != "image/jpeg" && m != "image/png")) {
        return leave("the author offers other formats already");
    }
    if !image.in_picture && context.selector_strings {
        return leave("a script selects images by where they stand");
    }
    if !image.in_picture && context.walked(image) {
        return leave("a script knows it or the element around it, and may count on where it stands");
    }
    if !image.in_picture && context.styles_pictures {
        return leave("the site has styles for its own <picture> elements");
    }
    if !image.in_picture
        && let Some(hazard) = context.hazards.iter().find(|h| context.may_notice(h, image))
    {
        return leave(&format!("a style for `{hazard}` depends on where the image stands"));
    }
    let convertible = |id: &Option<AssetId>| id.and_then(|id| raster(graph, id)).is_some_and(|i| !i.animated);
    let allowed = |id: &Option<AssetId>| {
        id.and_then(|id| site.get(id))
            .is_some_and(|a| config.select.allows(&a.path) && config.transforms.allows(Transform::Images, &a.path))
    };
    if targets.is_empty() || !targets.iter().all(|t| convertible(t) && allowed(t)) {
        return leave("not a still JPEG or PNG of this site");
    }
    match (image.srcset.is_empty() && image.sources.is_empty(), targets.first()) {
        (true, Some(Some(asset))) => single(image, *asset, size, context, graph, config),
        _ => Delivery::SameCandidates,
    }
}

fn raster(graph: &AssetGraph, id: AssetId) -> Option<&ImageInfo> {
    match graph.node(id).map(|n| &n.summary) {
        Some(Summary::Image(info)) if matches!(info.format, ImageFormat::Jpeg | ImageFormat::Png) => Some(info),
        _ => None,
    }
}

/// Smaller widths only where the layout cannot notice: a candidate's width sets the intrinsic size, which matters
/// wherever CSS leaves the image's width to it.
fn single(
    image: &ImageUse,
    asset: AssetId,
    size: Option<(u32, u32)>,
    context: &PictureContext<'_>,
    graph: &AssetGraph,
    config: &Config,
) -> Delivery {
    let Some(info) = raster(graph, asset) else {
        return Delivery::Leave("not a still JPEG or PNG of this site".into());
    };
    let props = context.props(image);
    let styled = image.style.is_some();
    let height_auto = !styled && certain_auto_height(&props);
    let width = image.width.as_deref().and_then(|w| w.trim().parse::<u32>().ok()).or(size.map(|s| s.0));
    let cover = props.iter().any(|(p, _)| {
        matches!(p, BoxProp::ObjectFit | BoxProp::MinHeight | BoxProp::MinWidth | BoxProp::AspectRatio | BoxProp::All)
    }) || props.iter().any(|(p, _)| matches!(p, BoxProp::Height(s) if *s != Size::Auto))
        || props.iter().any(|(p, _)| matches!(p, BoxProp::Width(Size::Auto | Size::Content | Size::Unknown)));
    let ratio_fits = match (
        image.width.as_deref().and_then(|w| w.trim().parse::<f64>().ok()),
        image.height.as_deref().and_then(|h| h.trim().parse::<f64>().ok()),
    ) {
        (Some(w), Some(h)) if h > 0.0 => (w / h - f64::from(info.width) / f64::from(info.height.max(1))).abs() < 0.03,
        (Some(_), None) | (None, None) => true,
        _ => false,
    };
    let mut widths = Vec::new();
    if let Some(shown) = width.filter(|_| !styled && !cover && ratio_fits && height_auto) {
        // Nothing wider than three times the width it says it has can be asked for by a screen.
        let narrower = |w: &u32| *w < info.width && *w < shown.saturating_mul(3);
        let fitting = config.images.widths.iter().filter_map(|w| same_ratio(*w, info.width, info.height));
        widths = fitting.filter(narrower).collect();
        widths.dedup();
    }
    Delivery::Single { asset, widths }
}

/// The width nearest to `wanted` at which a whole number of rows has the picture's ratio, so nearly that a layout in
/// 64ths of a pixel comes out the same. `None` when there is none within a twelfth.
fn same_ratio(wanted: u32, width: u32, height: u32) -> Option<u32> {
    let off = |w: u32| {
        let rows = f64::from(w) * f64::from(height) / f64::from(width.max(1));
        (rows - rows.round()).abs()
    };
    let reach = wanted / 12;
    let near = (wanted.saturating_sub(reach)..=wanted.saturating_add(reach)).filter(|w| off(*w) <= 0.012);
    near.min_by_key(|w| w.abs_diff(wanted))
}

/// Some rule that surely applies says `height: auto`, and none that may apply says otherwise: the attributes then only
/// give the ratio.
fn certain_auto_height(props: &[(&BoxProp, bool)]) -> bool {
    let auto = props.iter().any(|(p, certain)| *certain && matches!(p, BoxProp::Height(Size::Auto)));
    let other =
        props.iter().any(|(p, _)| matches!(p, BoxProp::Height(s) if *s != Size::Auto) || matches!(p, BoxProp::All));
    auto && !other
}

/// The full width of every image that a page or a sheet will offer in modern formats, and the smaller widths.
pub fn demands(
    site: &Site,
    graph: &AssetGraph,
    config: &Config,
    pages: &BTreeMap<AssetId, Vec<Picture>>,
) -> BTreeMap<AssetId, Demand> {
    let mut demands: BTreeMap<AssetId, Demand> = BTreeMap::new();
    let mut want = |id: AssetId, widths: &[u32]| {
        if let Some(info) = raster(graph, id).filter(|i| !i.animated) {
            let demand = demands.entry(id).or_default();
            demand.widths.insert(info.width);
            demand.widths.extend(widths.iter().filter(|w| **w < info.width));
        }
    };
    for (id, pictures) in pages {
        let Some(Summary::Page(page)) = graph.node(*id).map(|n| &n.summary) else { continue };
        for (picture, targets) in pictures.iter().zip(&page.image_targets) {
            match &picture.delivery {
                Delivery::Leave(_) => {}
                Delivery::SameCandidates => targets.iter().flatten().for_each(|t| want(*t, &[])),
                Delivery::Single { asset, widths } => want(*asset, widths),
            }
        }
    }
    for id in site.ids() {
        let Some(asset) = site.get(id).filter(|a| config.select.allows(&a.path)) else { continue };
        let in_css = match asset.kind {
            Kind::Css => config.transforms.allows(Transform::Css, &asset.path),
            Kind::Html => config.transforms.allows(Transform::Html, &asset.path),
            _ => false,
        };
        // A sheet that cannot change offers nothing.
        if !in_css || (asset.kind == Kind::Css && graph.is_frozen(site, id)) || page_keeps_its_styles(graph, id) {
            continue;
        }
        let backgrounds = match graph.node(id).map(|n| &n.summary) {
            Some(Summary::Css { backgrounds, .. }) => backgrounds.as_slice(),
            Some(Summary::Page(page)) => &page.backgrounds,
            _ => &[],
        };
        backgrounds.iter().for_each(|b| want(*b, &[]));
    }
    demands
}

fn page_keeps_its_styles(graph: &AssetGraph, id: AssetId) -> bool {
    matches!(graph.node(id).map(|n| &n.summary), Some(Summary::Page(p)) if p.csp || p.hydration != Hydration::None)
}

#[cfg(test)]
mod tests {
    use super::same_ratio;

    #[test]
    fn smaller_widths_keep_the_ratio() {
        assert_eq!(same_ratio(480, 1200, 800), Some(480));
        for (width, height) in [(2048, 1365), (1999, 1333), (1360, 2048), (1234, 777), (900, 1201)] {
            for wanted in [480, 800, 1200] {
                let Some(w) = same_ratio(wanted, width, height) else { continue };
                let rows = (f64::from(w) * f64::from(height) / f64::from(width)).round();
                let shift = (rows / f64::from(w) - f64::from(height) / f64::from(width)).abs() * f64::from(wanted);
                assert!(shift < 1.0 / 64.0, "{width}x{height} at {w}: {shift}");
            }
        }
    }
}
