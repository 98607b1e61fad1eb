//! Between the graph and the plan: lays out the pages with images whose place or size matters. Cached by what goes in.

mod files;
mod screen;
mod widths;

use crate::cache::KeyBuilder;
use crate::config::Layout;
use crate::facts::{self, Analyst};
use crate::graph::{AssetGraph, Document, Page, Resolver, Summary, Target, image_urls};
use crate::layout::{
    self, Answer, Background, Image, Intrinsic, Known, Ratio, Scene, Seen, Sizes, View, Width, prepare,
};
use crate::model::{Asset, AssetId, Diagnostic, Kind, RefKind, Severity};
use crate::syntax::html::{Token, tokenize};
use crate::syntax::url;
use files::Files;
use rayon::prelude::*;
use screen::Waiting;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

/// A page, and what is wanted of it.
pub struct Ask {
    pub page: AssetId,
    /// By image: the attributes `width` and `height` that it will be given.
    pub sizes: Vec<Option<(u32, u32)>>,
    /// By image: files of other widths could be offered.
    pub varies: Vec<bool>,
    /// By image: as large as another host makes it, in pixels, where its address tells.
    pub elsewhere: Vec<Option<(u32, u32)>>,
    /// What has no part in its first screen.
    pub screen: bool,
}

/// An answer for each page asked for, and a note on those that stay unknown.
pub fn measure(
    analyst: &Analyst<'_>,
    graph: &AssetGraph,
    config: &Layout,
    asks: &[Ask],
) -> (BTreeMap<AssetId, Answer>, Vec<Diagnostic>) {
    if asks.is_empty() {
        return (BTreeMap::new(), Vec::new());
    }
    let shared = files::Shared::new(analyst.site, &graph.deployment);
    let on = Measuring { analyst, graph, config, shared: &shared };
    let answer = |ask: &Ask| (ask.page, page(&on, ask).unwrap_or_else(Answer::Unknown));
    let all = || asks.par_iter().map(answer).collect::<BTreeMap<_, _>>();
    let unknown = |why: String| asks.iter().map(|ask| (ask.page, Answer::Unknown(why.clone()))).collect();
    let answers: BTreeMap<AssetId, Answer> = layout::apart(all).unwrap_or_else(unknown);
    let mut unknown: BTreeMap<&str, Vec<AssetId>> = BTreeMap::new();
    for (page, answer) in &answers {
        if let Answer::Unknown(why) = answer {
            unknown.entry(why).or_default().push(*page);
        }
    }
    let notes = unknown.iter().filter_map(|(why, pages)| {
        let first = pages.first().and_then(|id| analyst.site.get(*id))?;
        let others = match pages.len() - 1 {
            0 => String::new(),
            n => format!(" and {n} other pages"),
        };
        let note = Diagnostic::new(
            Severity::Note,
            "layout",
            first.path.as_str(),
            format!("it{others} could not be laid out: {why}"),
        );
        Some(note.help("images there get sizes by their attributes and no priorities, and `critical` takes all rules that a page needs"))
    });
    let notes = notes.collect();
    (answers, notes)
}

/// What all pages are measured with.
struct Measuring<'a> {
    analyst: &'a Analyst<'a>,
    graph: &'a AssetGraph,
    config: &'a Layout,
    shared: &'a files::Shared<'a>,
}

fn page(on: &Measuring<'_>, ask: &Ask) -> Result<Answer, String> {
    let Measuring { analyst, graph, config, shared } = on;
    let site = analyst.site;
    let (Some(asset), Some(Summary::Page(page))) = (site.get(ask.page), graph.node(ask.page).map(|n| &n.summary))
    else {
        return Err("it is no page".into());
    };
    let images = images(analyst, graph, asset, page, ask)?;
    // Nothing has changed that the page could see: not even read.
    let near = KeyBuilder::new("layout-page", layout::VERSION).serialize(&(facts::VERSION, cfg!(feature = "layout")));
    let near = near.text(asset.path.as_str()).digest(&asset.digest).digest(&shared.digest);
    let near = near.serialize(&(&page.base, &images, &ask.sizes, ask.screen, &config.views)).finish();
    if let Some(answer) = analyst.cache.get(&near) {
        return Ok(answer);
    }
    let answer = laid_out(on, ask, asset, page, images)?;
    if shared.is_sound() {
        analyst.cache.put(&near, &answer);
    }
    Ok(answer)
}

/// # Errors
/// A file that cannot be read now. What will never be known is an answer.
fn laid_out(on: &Measuring<'_>, ask: &Ask, asset: &Asset, page: &Page, images: Vec<Image>) -> Result<Answer, String> {
    let Measuring { analyst, graph, config, shared } = on;
    let site = analyst.site;
    let text = String::from_utf8(site.read(asset).map_err(|d| d.message)?).map_err(|e| e.to_string())?;
    let resolver = Resolver { site, deployment: &graph.deployment };
    let analysis = analyst.analysis(ask.page);
    let mut files = Files::new(shared, &resolver, asset, page.base.as_deref(), (&text, analysis.facts.refs()));
    let prepared = match prepare::prepare(&text, &ask.sizes, &mut files) {
        Ok(prepared) => prepared,
        Err(why) => return Ok(Answer::Unknown(why)),
    };
    let mut key = KeyBuilder::new("layout", layout::VERSION).serialize(&cfg!(feature = "layout"));
    key = key.text(&prepared.html).serialize(&images);
    key = key.serialize(&config.views).serialize(&files.steps.iter().collect::<Vec<_>>());
    // What is left out of the texts, but counts.
    let steady = !files.unsteady && !prepared.some_media;
    key = key.serialize(&(steady, files.unplaced));
    key = key.serialize(&ask.screen.then_some((facts::VERSION, &asset.digest)));
    for sheet in &prepared.sheets {
        key = key.text(sheet);
    }
    for (face, id) in &files.faces {
        key = key.options(face).serialize(&site.get(*id).map(|a| a.digest));
    }
    let key = key.finish();
    if let Some(answer) = analyst.cache.get(&key) {
        return Ok(answer);
    }
    let fonts = shared.fonts(&files.faces)?;
    let (embeds, embed_sizes) = (prepared.embeds, prepared.embed_sizes);
    let screen = ask.screen;
    let scene = Scene { html: prepared.html, sheets: prepared.sheets, screen, images, embeds, embed_sizes, fonts };
    let waiting = screen.then(|| Waiting {
        linked: prepared.linked,
        unseen: prepared.unseen,
        unplaced: files.unplaced,
        dom: analysis.evidence.dom.clone().unwrap_or_default(),
    });
    let answer = known(&scene, &config.views, &files.steps, (waiting, steady));
    let answer = answer.map_or_else(Answer::Unknown, Answer::Known);
    analyst.cache.put(&key, &answer);
    Ok(answer)
}

/// What is known of the files of each `<img>`.
fn images(
    analyst: &Analyst<'_>,
    graph: &AssetGraph,
    asset: &Asset,
    page: &Page,
    ask: &Ask,
) -> Result<Vec<Image>, String> {
    let resolver = Resolver { site: analyst.site, deployment: &graph.deployment };
    let document = Document { path: &asset.path, base: page.base.as_deref() };
    let mut found = Vec::new();
    for (n, (image, targets)) in page.images.iter().zip(&page.image_targets).enumerate() {
        let pixels = |id: &AssetId| match graph.node(*id).map(|n| &n.summary) {
            Some(Summary::Image(info)) => Some((info.width, info.height)),
            _ => None,
        };
        let candidates: Vec<(String, (u32, u32))> = image_urls(image)
            .zip(targets)
            .filter_map(|(url, target)| Some((url.to_owned(), target.as_ref().and_then(pixels)?)))
            .collect();
        let told = ask.elsewhere.get(n).copied().flatten();
        let own = match (image.src.as_deref(), targets.last().copied().flatten()) {
            _ if let Some((width, height)) = told => Intrinsic::Pixels(width, height),
            (Some(src), None) if is_elsewhere(&resolver, &document, src) => {
                let number = |v: &Option<String>| v.as_deref().and_then(|v| v.trim().parse::<u32>().ok());
                match (number(&image.width), number(&image.height)) {
                    (Some(width), Some(height)) => Intrinsic::Pixels(width, height),
                    _ if image.off => Intrinsic::Missing,
                    _ => return Err("an image of another origin without width and height".into()),
                }
            }
            (Some(src), None) if src.starts_with("data:") => embedded(src),
            (Some(_), Some(id)) => intrinsic(analyst, &id, pixels(&id)),
            // Only candidates: the first stands for the file.
            (None, _) => candidates.first().map_or(Intrinsic::Missing, |(_, (w, h))| Intrinsic::Pixels(*w, *h)),
            _ => Intrinsic::Missing,
        };
        let varies = ask.varies.get(n).copied().unwrap_or(false);
        found.push(Image { own, candidates, varies });
    }
    Ok(found)
}

fn is_elsewhere(resolver: &Resolver<'_>, document: &Document<'_>, src: &str) -> bool {
    url::is_elsewhere(src) && resolver.resolve(document, src, RefKind::Image) == Target::External
}

fn intrinsic(analyst: &Analyst<'_>, id: &AssetId, pixels: Option<(u32, u32)>) -> Intrinsic {
    if let Some((width, height)) = pixels {
        return Intrinsic::Pixels(width, height);
    }
    let svg = analyst.site.get(*id).filter(|a| a.kind == Kind::Svg);
    let text = svg.and_then(|a| String::from_utf8(analyst.site.read(a).ok()?).ok());
    text.and_then(|t| svg_tag(&t)).map_or(Intrinsic::Missing, Intrinsic::Svg)
}

/// The size of a `data:` image.
fn embedded(src: &str) -> Intrinsic {
    use base64::Engine;
    let Some((kind, data)) = src.split_once(',') else { return Intrinsic::Missing };
    let data = percent_encoding::percent_decode_str(data).collect::<Vec<u8>>();
    let bytes = match kind.ends_with(";base64") {
        true => base64::engine::general_purpose::STANDARD.decode(data).unwrap_or_default(),
        false => data,
    };
    if kind.contains("svg") {
        return std::str::from_utf8(&bytes).ok().and_then(svg_tag).map_or(Intrinsic::Missing, Intrinsic::Svg);
    }
    match crate::transform::image::probe(&bytes) {
        Some(info) => Intrinsic::Pixels(info.width, info.height),
        None => Intrinsic::Missing,
    }
}

/// Its start tag with what tells its size.
fn svg_tag(text: &str) -> Option<String> {
    let tokens = tokenize(text)?;
    let tag = tokens.iter().find_map(|t| match t {
        Token::Start(tag) if tag.name == "svg" => Some(tag),
        _ => None,
    })?;
    let mut out = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    for attr in &tag.attrs {
        let name = match attr.name.to_ascii_lowercase().as_str() {
            "width" => "width",
            "height" => "height",
            "viewbox" => "viewBox",
            "preserveaspectratio" => "preserveAspectRatio",
            _ => continue,
        };
        if !attr.value.contains(['"', '<', '&']) {
            out.push_str(&format!(" {name}=\"{}\"", attr.value));
        }
    }
    Some(out + ">")
}

/// Everything about one page, from as many looks as it takes.
fn known(
    scene: &Scene,
    views: &[View],
    steps: &BTreeSet<u32>,
    (waiting, steady): (Option<Waiting>, bool),
) -> Result<Known, String> {
    let real = looks(scene, views, Sizes::Real)?;
    let more = widths::between(views, steps);
    // Looked at only where something asks for it.
    let between = LazyCell::new(|| match &more {
        Some(more) => looks(scene, more, Sizes::Real),
        None => Err("its styles change at too many widths".to_owned()),
    });
    let below = waiting.map(|waiting| {
        if let Some(why) = waiting.unplaced {
            return Err(why.to_owned());
        }
        let between = between.as_ref().map_err(String::clone)?;
        let at: Vec<View> = views.iter().chain(more.iter().flatten()).copied().collect();
        screen::below(scene, &at, &real.iter().chain(between).collect::<Vec<_>>(), waiting)
    });
    // Other looks at it are about its images.
    let scene = &Scene { screen: false, ..scene.clone() };
    let mut backgrounds: Vec<Background> = real.iter().map(|s| s.background.clone()).collect();
    if backgrounds.iter().any(|b| b.file.is_some()) {
        let first = backgrounds.first().and_then(|b| b.file.clone());
        let shows = |s: &Seen| first.as_ref().is_some_and(|file| s.shown_files.contains(file));
        let everywhere = || between.as_ref().is_ok_and(|looks| looks.iter().all(shows));
        // A browser with another window may show others.
        if !(steady && real.iter().all(shows) && everywhere()) {
            backgrounds.iter_mut().for_each(|b| b.file = None);
        }
    }
    let shown = |n: usize| real.iter().filter_map(move |s| s.images.get(n).copied().flatten());
    let natural =
        |n: usize| shown(n).any(|s| s.unscaled || s.felt) || shown(n).next().is_some() && shown(n).all(|s| s.natural);
    let mut independent: Vec<bool> =
        scene.images.iter().enumerate().map(|(n, image)| image.varies && !natural(n)).collect();
    let mut trial = scene.clone();
    // Those whose box follows their file keep their files. The others must not move anything at all.
    for last in [false, true] {
        if !independent.contains(&true) {
            break;
        }
        for (image, varies) in trial.images.iter_mut().zip(&independent) {
            image.varies = *varies;
        }
        let denser = looks(&trial, views, Sizes::Denser(DENSER))?;
        let unmoved = real.iter().zip(&denser).all(|(a, b)| a.digest == b.digest);
        if unmoved {
            break;
        }
        for (n, free) in independent.iter_mut().enumerate() {
            *free &= !last && real.iter().zip(&denser).all(|(a, b)| same(a, b, n));
        }
    }
    let mut measured = widths::widths(scene, views, steps, &real, &independent)?;
    if measured.iter().any(|m| matches!(m.width, Width::Fits(_))) {
        let lower = looks(&trial, views, Sizes::Lower(DENSER))?;
        let held = looks(&trial, views, Sizes::Held(DENSER))?;
        for (n, image) in measured.iter_mut().enumerate().filter(|(n, _)| independent.get(*n) == Some(&true)) {
            // Where it does not fill its box, another ratio moves it in there.
            let fills = image.shown.iter().flatten().all(|s| s.fills);
            let unmoved = |looks: &[Seen]| fills && real.iter().zip(looks).all(|(a, b)| same(a, b, n));
            image.ratio = match (unmoved(&lower), unmoved(&held)) {
                (true, _) => Ratio::Ignored,
                (_, true) => Ratio::Held,
                _ => Ratio::Followed,
            };
        }
    }
    Ok(Known {
        views: views.to_vec(),
        images: measured,
        embeds: (0..scene.embeds).map(|n| real.iter().map(|s| s.embeds.get(n).copied().flatten()).collect()).collect(),
        backgrounds,
        placed: real.iter().all(|s| s.placed),
        below,
    })
}

/// Another ratio than screens have: no coincidence hides a dependence.
const DENSER: f64 = 2.7;

fn same(a: &Seen, b: &Seen, n: usize) -> bool {
    match (a.images.get(n).copied().flatten(), b.images.get(n).copied().flatten()) {
        (Some(a), Some(b)) => a.same_size(&b),
        (None, None) => true,
        _ => false,
    }
}

fn looks(scene: &Scene, views: &[View], sizes: Sizes) -> Result<Vec<Seen>, String> {
    views.par_iter().map(|view| layout::look(scene, *view, sizes)).collect()
}
