//! An SVG document written anew: every element, id, class and rule in it, and less around them.

use super::super::xml::is_blank;
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
    node.is_element() && goes(node.tag_name().namespace(), node.tag_name().name())
}

pub fn is_namespace_of_editors(namespace: &str) -> bool {
    OF_EDITORS.contains(&namespace) || namespace.starts_with(OF_ILLUSTRATOR)
}

/// The document without comments, blanks between tags and what drawing programs leave for themselves; with shorter colours
/// and path data. `None` if it cannot be read to its end.
pub fn rewritten(source: &str, document: &Document, paths: Paths) -> Option<String> {
    let paths = (paths == Paths::Optimised).then(|| path_options(source));
    let tags = Tags { used: namespaces(document), paths };
    let mut reader = NsReader::from_str(source);
    let mut out = String::with_capacity(source.len());
    // The start tag before still lacks its `>`, or `/>`.
    let mut open = false;
    // For each element around, whether its blanks count.
    let mut blanks_count: Vec<bool> = Vec::new();
    loop {
        let event = reader.read_event().ok()?;
        let text = match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let (namespace, name) = reader.resolver().resolve_element(tag.name());
                let is_start = matches!(event, Event::Start(_));
                if goes(bound(&namespace), name.as_ref()) {
                    if is_start {
                        reader.read_to_end(tag.name()).ok()?;
                    }
                    continue;
                }
                if is_start {
                    blanks_count.push(matches!(name.as_ref(), "style" | "title" | "desc"));
                }
                let attributes = tags.attributes(tag, reader.resolver())?;
                format!("<{}{attributes}{}", tag.name().as_ref(), if is_start { "" } else { "/>" }).into()
            }
            Event::End(tag) => {
                blanks_count.pop();
                if std::mem::take(&mut open) {
                    out.push_str("/>");
                    continue;
                }
                format!("</{}>", tag.name().as_ref()).into()
            }
            Event::Text(text) if is_blank(text) && blanks_count.last() != Some(&true) => continue,
            Event::Text(text) => text.clone().into_inner(),
            Event::CData(text) => format!("<![CDATA[{}]]>", &**text).into(),
            Event::GeneralRef(name) => format!("&{};", &**name).into(),
            Event::Comment(text) if text.starts_with('!') => format!("<!--{}-->", &**text).into(),
            // UTF-8 is what XML is without a declaration (XML 1.0 §4.3.3).
            Event::Decl(declaration) => match declaration.encoding().transpose().ok()? {
                Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") => return None,
                _ => continue,
            },
            Event::Comment(_) | Event::DocType(_) => continue,
            Event::PI(_) => return None,
            Event::Eof => return Some(out),
        };
        if std::mem::replace(&mut open, matches!(event, Event::Start(_))) {
            out.push('>');
        }
        out.push_str(&text);
    }
}

fn goes(namespace: Option<&str>, name: &str) -> bool {
    name == "metadata" || namespace.is_some_and(is_namespace_of_editors)
}

fn bound<'n>(namespace: &ResolveResult<'n>) -> Option<&'n str> {
    if let ResolveResult::Bound(Namespace(namespace)) = namespace { Some(namespace) } else { None }
}

/// How the start tags of a document are written.
struct Tags<'a> {
    /// Namespaces of all that stays.
    used: BTreeSet<&'a str>,
    paths: Option<Options>,
}

impl Tags<'_> {
    /// All that stay, each with a blank before it.
    fn attributes(&self, tag: &BytesStart, names: &NamespaceResolver) -> Option<String> {
        let mut out = String::new();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let key = attribute.key.as_ref();
            let (namespace, _) = names.resolve_attribute(attribute.key);
            let is_unused = key.starts_with("xmlns:") && !self.used.contains(&*attribute.value);
            if is_unused || bound(&namespace).is_some_and(is_namespace_of_editors) {
                continue;
            }
            let value = self.value(tag.local_name().as_ref(), key, &attribute.value);
            let quote = if value.contains('"') { '\'' } else { '"' };
            out.push_str(&format!(" {key}={quote}{value}{quote}"));
        }
        Some(out)
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
