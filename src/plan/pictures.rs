//! How each `<img>` and CSS background may be delivered without changing what a page looks like or how it behaves.

mod blame;
mod context;
mod demands;
mod elsewhere;
mod embeds;
mod growth;
mod measured;
mod placeholders;
mod priority;
mod widths;

use crate::analyze::css::{BoxProp, BoxRule, Size};
use crate::analyze::html::{Hydration, ImageUse};
use crate::config::{Config, JpegMode, Placeholder, Transform};
use crate::graph::{AssetGraph, Page, Pin, PinCause, Summary};
use crate::model::{AssetId, ImageFormat, RefKind};
use crate::scan::Site;
use crate::transform::image::ImageInfo;
use context::{PictureContext, parents};
use growth::{Growing, Growth};
use std::collections::{BTreeMap, BTreeSet};

pub use demands::{demands, offered_backgrounds};
pub use embeds::{free, lazy};
pub use measured::{asks, first_backgrounds, refine};
pub use priority::Priority;

/// What happens to one `<img>` of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub delivery: Delivery,
    /// The `width` and `height` to write, where it has neither and CSS surely takes only the ratio from them: the page
    /// keeps its place free from the start.
    pub size: Option<(u32, u32)>,
    pub attributes: Attributes,
    pub priority: Priority,
    /// The picture whose colours stand behind it until it has come.
    pub placeholder: Option<AssetId>,
    /// It comes in its own width alone, whatever the layout says.
    pub own_width: bool,
    /// What could make it wider than the layout sees it.
    pub growths: Vec<Growth>,
    /// What the layout had to say; for people.
    pub reasons: Vec<String>,
}

/// Which attributes an image may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attributes {
    /// None: somebody compares or replaces it, or has styles for images that have some.
    Fixed,
    /// A script knows it, and may count on when it is loaded; or the page moves when it comes.
    Timed,
    Free,
}

impl Picture {
    fn left(why: &str, size: Option<(u32, u32)>, attributes: Attributes) -> Self {
        Self::new(Delivery::Leave(why.into()), size, attributes)
    }

    /// Its files are as wide as the author's, because …
    fn keep_own_width(&mut self, graph: &AssetGraph, why: String) {
        match &mut self.delivery {
            Delivery::Single { markup: Markup::Attributes(place), .. } => {
                self.delivery = Delivery::Leave(std::mem::take(place));
            }
            Delivery::Single { asset, widths, sizes, .. } => {
                *widths = raster(graph, *asset).map(|info| info.width).into_iter().collect();
                *sizes = None;
            }
            delivery => {
                *delivery = Delivery::Leave(why);
                return;
            }
        }
        self.own_width = true;
        self.reasons.push(why);
    }

    fn new(delivery: Delivery, size: Option<(u32, u32)>, attributes: Attributes) -> Self {
        let (priority, placeholder, own_width) = (Priority::Author, None, false);
        let (growths, reasons) = (Vec::new(), Vec::new());
        Self { delivery, size, attributes, priority, placeholder, own_width, growths, reasons }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Stays as it is, because …
    Leave(String),
    /// Every candidate the author wrote, again in each modern format, with the author's descriptors.
    SameCandidates,
    /// One source in each modern format, in these widths, the last of which is enough for every screen. `sizes` as the
    /// layout tells them.
    Single { asset: AssetId, widths: Vec<u32>, sizes: Option<String>, ratio: Ratio, markup: Markup },
    /// In its own attributes, in these widths, by the service on another host that it comes from. `natural`: as large as
    /// its address asks for, in pixels. Without `sizes` until the layout has told them.
    Elsewhere { natural: (u32, u32), widths: Vec<u32>, sizes: Option<String> },
}

impl Delivery {
    /// Browsers are offered AVIF and WebP, and seldom load the file itself.
    pub fn is_modern(&self) -> bool {
        matches!(self, Self::SameCandidates | Self::Single { markup: Markup::Picture, .. })
    }
}

/// Where the versions of an image are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Markup {
    /// In a `<picture>`, as AVIF and WebP.
    Picture,
    /// In its own attributes and its own format: it stays where it is, because …
    Attributes(String),
}

/// How an image's box keeps its ratio when a file in it has another by a fraction of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ratio {
    /// By widths at which a file has the same, or because the box takes no notice.
    Exact,
    /// A style may say it.
    MayHold,
    /// A style says it: `width / height`.
    Hold(u32, u32),
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
    } else if page.fragment && is_fetched(graph, id) {
        Some("a script may put it into another page, with other styles")
    } else {
        None
    };
    if let Some(why) = untouched {
        return page.images.iter().map(|_| Picture::left(why, None, Attributes::Fixed)).collect();
    }
    let context = PictureContext::new((site, graph), config, id, page);
    let growing = Growing::new(&context);
    let picture = |(image, targets): (&ImageUse, &Vec<Option<AssetId>>)| {
        let size = missing_size(image, targets, &context, graph);
        let delivery = match targets.iter().flatten().find_map(|id| graph.kept_offline(site, *id)) {
            Some(why) => Delivery::Leave(why.into()),
            None => deliver(image, targets, size, &context, graph, config, (site, page.csp)),
        };
        let asked = ["decoding", "fetchpriority", "loading"].iter().any(|a| context.asks_for(a));
        let attributes = if image.off || image.hydrated || image.scripted || context.scripted(image) || asked {
            Attributes::Fixed
        } else if context.times(image) || context.collapses(image) {
            Attributes::Timed
        } else {
            Attributes::Free
        };
        let mut picture = Picture::new(delivery, size, attributes);
        if matches!(picture.delivery, Delivery::Single { .. } | Delivery::Elsewhere { .. }) {
            picture.growths = growing.of(image, size.map(|s| s.0));
        }
        if let Delivery::Single { asset, .. } = &picture.delivery {
            let light = || widths::is_light(site, *asset).then(|| "too small to need other widths".to_owned());
            let moves = raster(graph, *asset).is_some_and(|info| info.animated);
            let moves = moves.then(|| "it is animated, and comes as WebP in its own width".to_owned());
            if let Some(why) = moves.or_else(|| context.measures(image)).or_else(light) {
                picture.keep_own_width(graph, why);
            }
        }
        if config.images.placeholder != Placeholder::None {
            match placeholders::of((site, graph, config), page, &context, (image, targets), &picture) {
                Ok(asset) => picture.placeholder = Some(asset),
                Err(why) => picture.reasons.push(format!("no placeholder: {why}")),
            }
        }
        picture
    };
    let mut pictures: Vec<Picture> = page.images.iter().zip(&page.image_targets).map(picture).collect();
    load_once(page, &mut pictures);
    elsewhere::load_once(page, &mut pictures);
    pictures
}

/// A script or an attribute for scripts names the page.
fn is_fetched(graph: &AssetGraph, id: AssetId) -> bool {
    let named = |p: &Pin| matches!(p.cause, PinCause::FormatLocked | PinCause::Mentioned);
    graph.node(id).is_some_and(|n| {
        n.incoming.iter().any(|e| matches!(e.kind, RefKind::JsString | RefKind::JsUrl)) || n.pins.iter().any(named)
    })
}

/// A file that some image of the page loads as it is, or in its own format, would be loaded beside its other versions.
fn load_once(page: &Page, pictures: &mut [Picture]) {
    let of = |which: fn(&Delivery) -> bool| -> BTreeSet<AssetId> {
        let used = page.images.iter().zip(pictures.iter()).zip(&page.image_targets);
        let used = used.filter(|((image, picture), _)| which(&picture.delivery) && !image.off);
        used.flat_map(|(_, targets)| targets.iter().flatten().copied()).collect()
    };
    let left = of(|d| matches!(d, Delivery::Leave(_)));
    let (modern, own) = (of(Delivery::is_modern), of(|d| matches!(d, Delivery::Single { .. }) && !d.is_modern()));
    for picture in pictures {
        if let Delivery::Single { asset, .. } = &picture.delivery
            && (left.contains(asset) || (modern.contains(asset) && own.contains(asset)))
        {
            picture.delivery =
                Delivery::Leave("another image of the page loads the same file, and not in these formats".into());
        }
    }
}

/// The intrinsic size, where the image has neither attribute and CSS surely says `height: auto`.
fn missing_size(
    image: &ImageUse,
    targets: &[Option<AssetId>],
    context: &PictureContext<'_>,
    graph: &AssetGraph,
) -> Option<(u32, u32)> {
    let bare = image.width.is_none() && image.height.is_none() && image.style.is_none();
    let asked = context.asks_for("width") || context.asks_for("height");
    let one_source = image.srcset.is_empty() && image.sources.is_empty();
    let fixed = image.off || image.hydrated || image.scripted || context.scripted(image);
    let rules = context.rules(image);
    let bounded = |p: &BoxProp| matches!(p, BoxProp::MinWidth | BoxProp::MinHeight | BoxProp::MaxHeight);
    // A width from an attribute is not stretched, and does not follow a bounded height.
    let free = !context.is_item(image) && !rules.iter().flat_map(|(r, _)| &r.props).any(bounded);
    if !bare || asked || !one_source || fixed || !only_the_ratio(&rules) || !(free || sets_width(&rules)) {
        return None;
    }
    match targets.first().copied().flatten().and_then(|id| graph.node(id)).map(|n| &n.summary) {
        Some(Summary::Image(info)) if info.width > 0 && info.height > 0 => Some((info.width, info.height)),
        _ => None,
    }
}

fn deliver(
    image: &ImageUse,
    targets: &[Option<AssetId>],
    size: Option<(u32, u32)>,
    context: &PictureContext<'_>,
    graph: &AssetGraph,
    config: &Config,
    (site, csp): (&Site, bool),
) -> Delivery {
    let leave = |why: &str| Delivery::Leave(why.to_owned());
    if image.off {
        return leave("opted out with data-kiln=\"off\", or inside <template> or <noscript>");
    }
    if image.hydrated {
        return leave("inside an island that a framework takes over");
    }
    if let Some(url) = context.foreign_script {
        return leave(&format!("{url} may know it; if it does not, name it in images.trusted_scripts"));
    }
    if image.scripted {
        return leave("a script may change its src, which other candidates would override");
    }
    if let Some(script) = context.writes_src() {
        return leave(&script.blamed("may change the src of an image, which other candidates would override"));
    }
    if !image.in_picture && parents(image).iter().any(|e| e.tag.contains('-')) {
        return leave("a custom element around it may know its children");
    }
    if let Some(why) = context.knows_place(image).filter(|_| !image.in_picture) {
        return leave(&why);
    }
    if image.sources.iter().any(|s| s.mime.as_deref().is_some_and(|m| m != "image/jpeg" && m != "image/png")) {
        return leave("the author offers other formats already");
    }
    if let Some(delivery) = elsewhere::deliver(image, context, graph, config) {
        return delivery;
    }
    if targets.is_empty() {
        return leave("it has no address");
    }
    let one = image.srcset.is_empty() && image.sources.is_empty();
    if let Some(why) = targets.iter().find_map(|id| unfit(*id, one, (site, graph), config)) {
        return Delivery::Leave(why);
    }
    let stays = in_place(image, context, config, csp);
    let Some(asset) = targets.first().copied().flatten().filter(|_| one) else {
        return stays.map_or(Delivery::SameCandidates, Delivery::Leave);
    };
    let mut delivery = widths::single(image, asset, size, context, (site, graph), config);
    let (Some(why), Delivery::Single { markup, ratio, .. }) = (stays, &mut delivery) else { return delivery };
    let jpeg = raster(graph, asset).is_some_and(|i| i.format == ImageFormat::Jpeg);
    if image.in_picture || image.sizes.is_some() || !jpeg || config.images.jpeg != JpegMode::Recompress {
        return Delivery::Leave(why);
    }
    if let Some(seen) = context.sees_candidates() {
        return Delivery::Leave(format!("{why}; no srcset, either: {seen}"));
    }
    *markup = Markup::Attributes(why);
    // A policy may forbid the style that would hold it.
    *ratio = if csp { Ratio::Exact } else { *ratio };
    delivery
}

/// Why it cannot get a `<picture>` around it, or sources in one.
fn in_place(image: &ImageUse, context: &PictureContext<'_>, config: &Config, csp: bool) -> Option<String> {
    let why = match () {
        () if !config.html.picture => "`html.picture` is off",
        () if csp => "the page's Content-Security-Policy may forbid the inline style that a <picture> needs",
        () if image.in_picture => return None,
        () if let Some(url) = context.foreign_sheet => {
            return Some(format!("{url} may have styles for where it stands"));
        }
        () if context.selector_strings => "a script selects images by where they stand",
        () if context.styles_pictures => "the site has styles for its own <picture> elements",
        () => {
            let hazard = context.hazards.iter().find(|h| context.may_notice(h, image))?;
            return Some(format!("a style for `{hazard}` depends on where the image stands"));
        }
    };
    Some(why.into())
}

/// Bytes.
const TINY: u64 = 512;

/// Why no other versions can be offered for one of an image's addresses. `one`: it has no other.
fn unfit(id: Option<AssetId>, one: bool, (site, graph): (&Site, &AssetGraph), config: &Config) -> Option<String> {
    let Some((id, asset)) = id.and_then(|id| Some((id, site.get(id)?))) else {
        return Some("one of its addresses is no file of this site".into());
    };
    let path = &asset.path;
    match raster(graph, id) {
        None => return Some(format!("`{path}` is no JPEG, PNG or GIF")),
        Some(info) if info.animated && !one => {
            return Some(format!("`{path}` is animated, and one of several candidates"));
        }
        Some(_) => {}
    }
    if asset.len < TINY {
        return Some(format!("`{path}` has {} bytes, and naming another version takes about as many", asset.len));
    }
    let allowed = config.select.allows(path) && config.transforms.allows(Transform::Images, path);
    (!allowed).then(|| format!("the settings leave `{path}` as it is"))
}

/// What modern formats can take the place of.
const RASTER: [ImageFormat; 3] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif];

fn raster(graph: &AssetGraph, id: AssetId) -> Option<&ImageInfo> {
    match graph.node(id).map(|n| &n.summary) {
        Some(Summary::Image(info)) if RASTER.contains(&info.format) => Some(info),
        _ => None,
    }
}

/// Some rule that surely applies sets the width.
fn sets_width(rules: &[(&BoxRule, bool)]) -> bool {
    rules.iter().any(|(r, certain)| *certain && r.props.iter().any(|p| matches!(p, BoxProp::Width(_))))
}

/// The attributes `width` and `height` give no more than the ratio: some rule that surely applies says `height: auto`, and
/// either none that could win says otherwise, or a width is surely set too, so that both attributes always lose.
fn only_the_ratio(rules: &[(&BoxRule, bool)]) -> bool {
    let other = |p: &BoxProp| matches!(p, BoxProp::All) || matches!(p, BoxProp::Height(s) if *s != Size::Auto);
    let wide = sets_width(rules);
    let others = || rules.iter().map(|(r, _)| *r).filter(|r| r.props.iter().any(other));
    let auto = |r: &BoxRule| r.props.contains(&BoxProp::Height(Size::Auto)) && !r.props.iter().any(other);
    rules.iter().any(|(r, certain)| *certain && auto(r) && (wide || others().all(|o| r.rank.surely_beats(&o.rank))))
}
