//! An SVG document written anew: every element, id, class and rule in it, and less around them.

use lightningcss::traits::{Parse as _, ToCss as _};
use lightningcss::values::color::CssColor;
use oxvg_path::command::Data as Command;
use oxvg_path::geometry::Tolerance;
use oxvg_path::optimize::Options;
use oxvg_path::parser::Parse as _;
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};
use resvg::usvg::roxmltree::{Document, Node};
use std::borrow::Cow;
use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// Rounded to three decimals, with commands that come to the same. It may show.
    Optimised,
    /// The same commands and numbers with less between them.
    Reprinted,
}

/// Namespaces of drawing programs. What they hold is for these programs, and no part of the picture.
const OF_EDITORS: [&str; 11] = [
    "http://creativecommons.org/ns#",
    "http://krita.org/namespaces/svg/krita",
    "http://purl.org/dc/elements/1.1/",
    "http://schemas.microsoft.com/visio/2003/SVGExtensions/",
    "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
    "http://inkscape.sourceforge.net/DTD/sodipodi-0.dtd",
    "http://www.bohemiancoding.com/sketch/ns",
    "http://www.figma.com/figma/ns",
    "http://www.inkscape.org/namespaces/inkscape",
    "http://www.serif.com/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
];
const OF_ILLUSTRATOR: &str = "http://ns.adobe.com/";

const COLOURS: [&str; 6] = ["color", "fill", "flood-color", "lighting-color", "stop-color", "stroke"];
/// Attributes in which any white space is as good as one blank.
const LISTS: [&str; 7] = ["class", "d", "gradientTransform", "patternTransform", "points", "transform", "viewBox"];

/// Whether neither the node nor anything in it is ever drawn or refers to what is.
pub fn is_for_editors(node: Node) -> bool {
    node.is_element()
        && (node.tag_name().name() == "metadata" || node.tag_name().namespace().is_some_and(is_namespace_of_editors))
}

/// The document without comments, blanks between tags and what drawing programs leave for themselves; with shorter colours
/// and path data. `None` if it cannot be read to its end, or refers to what would go.
pub fn rewritten(source: &str, document: &Document, paths: Paths) -> Option<String> {
    let dropped = document.descendants().filter(|node| node.ancestors().any(is_for_editors));
    if dropped.filter_map(|node| node.attribute("id")).any(|id| source.contains(&format!("#{id}"))) {
        return None;
    }
    let paths = (paths == Paths::Optimised).then(|| path_options(source));
    let style = Style { used: namespaces(document), paths };
    let mut reader = NsReader::from_str(source);
    let mut out = String::with_capacity(source.len());
    // The start tag before still lacks its `>`, or `/>`.
    let mut open = false;
    // Names of the elements around, and how many of them are only for editors.
    let (mut names, mut skipped) = (Vec::new(), 0);
    loop {
        let event = reader.read_event().ok()?;
        let ends = matches!(event, Event::End(_));
        if skipped > 0 {
            match event {
                Event::Start(_) => skipped += 1,
                Event::End(_) => skipped -= 1,
                Event::Eof => return None,
                _ => {}
            }
            continue;
        }
        let text = match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let is_start = matches!(event, Event::Start(_));
                if is_dropped(tag, reader.resolver()) {
                    skipped = usize::from(is_start);
                    continue;
                }
                close(&mut out, &mut open);
                out.push('<');
                out.push_str(tag.name().as_ref());
                style.attributes(tag, reader.resolver(), &mut out)?;
                if is_start {
                    names.push(tag.name().as_ref().to_owned());
                    open = true;
                } else {
                    out.push_str("/>");
                }
                continue;
            }
            Event::End(_) => Cow::Owned(format!("</{}>", names.pop()?)),
            Event::Text(text) if names.last().is_some_and(|n| keeps_blanks(n)) || !is_blank(text) => {
                text.clone().into_inner()
            }
            Event::CData(text) => Cow::Owned(format!("<![CDATA[{}]]>", &**text)),
            Event::GeneralRef(name) => Cow::Owned(format!("&{};", &**name)),
            Event::Comment(text) if text.starts_with('!') => Cow::Owned(format!("<!--{}-->", &**text)),
            Event::Decl(declaration) => {
                // UTF-8 is what XML is without one (XML 1.0 §4.3.3).
                let is_utf8 = |e: Option<&str>| e.is_none_or(|e| e.eq_ignore_ascii_case("utf-8"));
                let encoding = declaration.encoding().transpose().ok()?;
                if !is_utf8(encoding.as_deref()) {
                    return None;
                }
                continue;
            }
            Event::Text(_) | Event::Comment(_) | Event::DocType(_) => continue,
            Event::PI(_) => return None,
            Event::Eof => break,
        };
        if ends && open {
            out.push_str("/>");
            open = false;
        } else {
            close(&mut out, &mut open);
            out.push_str(&text);
        }
    }
    names.is_empty().then_some(out)
}

/// How the start tags of a document are written.
struct Style<'a> {
    /// Namespaces of all that stays.
    used: BTreeSet<&'a str>,
    paths: Option<Options>,
}

impl Style<'_> {
    fn attributes(&self, tag: &BytesStart, names: &NamespaceResolver, out: &mut String) -> Option<()> {
        let element = tag.local_name();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let key = attribute.key.as_ref();
            let (namespace, _) = names.resolve_attribute(attribute.key);
            let is_unused = key.starts_with("xmlns:") && !self.used.contains(&*attribute.value);
            if is_unused || matches!(namespace, ResolveResult::Bound(Namespace(n)) if is_namespace_of_editors(n)) {
                continue;
            }
            let value = self.value(element.as_ref(), key, &attribute.value);
            let quote = if value.contains('"') { '\'' } else { '"' };
            out.extend([' '].into_iter().chain(key.chars()).chain(['=', quote]).chain(value.chars()).chain([quote]));
        }
        Some(())
    }

    /// A shorter value that says the same. It is escaped as the given one is.
    fn value<'v>(&self, element: &str, key: &str, value: &'v str) -> Cow<'v, str> {
        let shorter = match key {
            _ if value.contains('&') => None,
            "d" if element == "path" => path(value, self.paths),
            _ if COLOURS.contains(&key) => colour(value),
            _ => None,
        };
        let words =
            || value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        match shorter.or_else(|| LISTS.contains(&key).then(words)) {
            Some(shorter) if shorter.len() < value.len() => Cow::Owned(shorter),
            _ => Cow::Borrowed(value),
        }
    }
}

fn close(out: &mut String, open: &mut bool) {
    if std::mem::take(open) {
        out.push('>');
    }
}

fn is_dropped(tag: &BytesStart, names: &NamespaceResolver) -> bool {
    let (namespace, name) = names.resolve_element(tag.name());
    match namespace {
        ResolveResult::Bound(Namespace(n)) => is_namespace_of_editors(n) || name.as_ref() == "metadata",
        _ => name.as_ref() == "metadata",
    }
}

pub fn is_namespace_of_editors(namespace: &str) -> bool {
    OF_EDITORS.contains(&namespace) || namespace.starts_with(OF_ILLUSTRATOR)
}

/// Namespaces of elements and attributes that are not for editors alone.
fn namespaces<'a>(document: &'a Document) -> BTreeSet<&'a str> {
    let kept = |node: &Node| node.is_element() && !node.ancestors().any(is_for_editors);
    let nodes = document.descendants().filter(kept);
    let of_node = |node: Node<'a, 'a>| {
        let attributes = node.attributes().filter_map(|a| a.namespace()).filter(|n| !is_namespace_of_editors(n));
        attributes.chain(node.tag_name().namespace()).collect::<Vec<_>>()
    };
    nodes.flat_map(of_node).collect()
}

/// All that keeps what is filled, and what a page that takes the drawing in may stroke.
fn path_options(source: &str) -> Options {
    let unsafe_with_stroke = Options::UnsafeStroke | Options::UnsafeStrokeLinecap;
    let has_markers = source.contains("marker");
    let unsafe_with_markers = Options::UnsafeMarker | Options::UnsafeMarkerMid | Options::UnsafeMarkerEnd;
    Options::all() - unsafe_with_stroke - if has_markers { unsafe_with_markers } else { Options::empty() }
}

fn path(data: &str, options: Option<Options>) -> Option<String> {
    let parsed = oxvg_path::Path::parse_string(data).ok().filter(|path| !path.0.is_empty())?;
    let optimised = options.map(|options| parsed.optimize(options, &Tolerance::default()));
    // A stroke has a join where a path is closed, and two ends where it only comes back.
    let closed = |path: &oxvg_path::Path| path.0.iter().filter(|c| matches!(c, Command::ClosePath)).count();
    Some(optimised.filter(|path| closed(path) == closed(&parsed)).unwrap_or(parsed).to_string())
}

/// A plain colour in its shortest form.
fn colour(value: &str) -> Option<String> {
    let plain =
        CssColor::parse_string(value).ok().filter(|c| matches!(c, CssColor::RGBA(rgba) if rgba.alpha == 255))?;
    plain.to_css_string(lightningcss::printer::PrinterOptions { minify: true, ..Default::default() }).ok()
}

fn keeps_blanks(element: &str) -> bool {
    matches!(element.rsplit(':').next(), Some("style" | "title" | "desc"))
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))
}
