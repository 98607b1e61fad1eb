//! Which candidate of `srcset` and `<picture>` a browser would take, as far as it matters to the layout.

use super::{Image, Intrinsic, Sizes, prepare};
use crate::syntax::srcset;
use blitz_dom::{BaseDocument, Node, NodeId};
use blitz_traits::net::Url;
use style::context::QuirksMode;
use style::media_queries::MediaList;
use style::parser::ParserContext;
use style::servo_arc::Arc as StyleArc;
use style::stylesheets::{CssRuleType, CustomMediaEvaluator, Origin, UrlExtraData};
use style::values::specified::source_size_list::SourceSizeList;
use style_traits::ParsingMode;

/// The images that are not shown at their own density: the node, its number, and the density.
pub fn chosen(page: &mut BaseDocument, images: &[Image], sizes: Sizes) -> Vec<(NodeId, usize, f64)> {
    let mut found = Vec::new();
    for (node, number) in numbered(page) {
        let Some(image) = images.get(number) else { continue };
        let density = match candidate(page, node) {
            Some((url, density)) => match (&image.own, pixels(image, &url)) {
                // The candidate has pixels of its own: the same file at a density that comes to the same size.
                (Intrinsic::Pixels(own, _), Some((width, _))) if width > 0 => {
                    density * f64::from(*own) / f64::from(width)
                }
                _ => density,
            },
            None => 1.0,
        };
        let density = match sizes {
            Sizes::Denser(times) | Sizes::Lower(times) | Sizes::Held(times) if image.varies => density * times,
            _ => density,
        };
        if density != 1.0 && density.is_finite() && density > 0.0 {
            found.push((node, number, density));
        }
    }
    found
}

/// The images of a page with their numbers, in the order of the tree.
pub fn numbered(page: &BaseDocument) -> Vec<(NodeId, usize)> {
    let mut found = Vec::new();
    let mut todo = vec![page.root_node().id];
    while let Some(id) = todo.pop() {
        let Some(node) = page.get_node(id) else { continue };
        found.extend(attribute(node, prepare::IMAGE).and_then(|n| Some((id, n.parse().ok()?))));
        todo.extend(node.children.iter().rev());
    }
    found
}

pub fn attribute<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    node.attrs()?.iter().find(|a| &*a.name.local == name).map(|a| a.value.as_str())
}

fn pixels(image: &Image, url: &str) -> Option<(u32, u32)> {
    image.candidates.iter().find(|(u, _)| u == url).map(|(_, size)| *size)
}

fn candidate(page: &mut BaseDocument, node: NodeId) -> Option<(String, f64)> {
    let own = |page: &BaseDocument, id: NodeId, name: &str| attribute(page.get_node(id)?, name).map(str::to_owned);
    let parent = page.get_node(node)?.parent;
    let siblings: Vec<NodeId> = match parent.and_then(|p| page.get_node(p)).filter(|p| is(p, "picture")) {
        Some(picture) => picture.children.iter().copied().take_while(|id| *id != node).collect(),
        None => Vec::new(),
    };
    for source in siblings {
        if !page.get_node(source).is_some_and(|n| is(n, "source")) {
            continue;
        }
        let fits = own(page, source, "media").is_none_or(|media| media_matches(page, &media));
        let known = own(page, source, "type").is_none_or(|t| t.trim().starts_with("image/"));
        if let Some(set) = own(page, source, "srcset").filter(|_| fits && known) {
            let sizes = own(page, source, "sizes");
            if let Some(found) = pick(page, &set, sizes.as_deref()) {
                return Some(found);
            }
        }
    }
    let set = own(page, node, "srcset")?;
    let sizes = own(page, node, "sizes");
    pick(page, &set, sizes.as_deref())
}

fn is(node: &Node, tag: &str) -> bool {
    node.element_data().is_some_and(|e| &*e.name.local == tag)
}

/// For a screen of one pixel per CSS pixel: the least dense candidate that is dense enough, else the densest.
fn pick(page: &mut BaseDocument, set: &str, sizes: Option<&str>) -> Option<(String, f64)> {
    let mut all: Vec<(String, f64)> = Vec::new();
    let mut width = None;
    for candidate in srcset::parse(set) {
        let url = set.get(candidate.url)?.to_owned();
        let descriptor = set.get(candidate.descriptors)?.split_ascii_whitespace().next().unwrap_or("1x");
        let (number, unit) = descriptor.split_at_checked(descriptor.len().checked_sub(1)?)?;
        let number: f64 = number.parse().ok()?;
        let density = match unit {
            "w" => number / *width.get_or_insert_with(|| source_size(page, sizes.unwrap_or("100vw"))),
            "x" => number,
            _ => continue,
        };
        all.push((url, density));
    }
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    let at = all.iter().position(|(_, d)| *d >= 1.0).unwrap_or(all.len().saturating_sub(1));
    all.into_iter().nth(at)
}

fn media_matches(page: &mut BaseDocument, media: &str) -> bool {
    let list = with_parser(|context| MediaList::parse(context, &mut cssparser_style::Parser::new(media)));
    let device = page.stylist_device();
    list.is_some_and(|l| l.evaluate(device, QuirksMode::NoQuirks, &mut CustomMediaEvaluator::none()))
}

fn source_size(page: &mut BaseDocument, sizes: &str) -> f64 {
    let list = with_parser(|context| SourceSizeList::parse(context, &mut cssparser_style::Parser::new(sizes)));
    list.map_or(0.0, |l| l.evaluate(page.stylist_device(), QuirksMode::NoQuirks).to_f64_px())
}

fn with_parser<R>(read: impl FnOnce(&mut ParserContext<'_>) -> R) -> Option<R> {
    let url = UrlExtraData(StyleArc::new(Url::parse("http://page.invalid/").ok()?));
    let mut context = ParserContext::new(
        Origin::Author,
        &url,
        Some(CssRuleType::Style),
        ParsingMode::DEFAULT,
        QuirksMode::NoQuirks,
        Default::default(),
        None,
        None,
        Default::default(),
    );
    Some(read(&mut context))
}
