//! Inline SVGs that are nothing but shapes.

use crate::analyze::html::nesting::OpenElements;
use crate::analyze::shake::{Shape, draws};
use crate::model::Looks;
use crate::syntax::html::{Attr, Tag, Token};
use std::collections::BTreeMap;
use std::ops::Range;

#[derive(Default)]
pub struct Seen<'t> {
    /// Those with equal drawings together, each in the order of the page, sorted by their first.
    pub groups: Vec<Vec<Icon<'t>>>,
    /// Of the others, by what is inside: why, and how often it is there.
    pub odd: BTreeMap<&'t str, (String, usize)>,
    /// Of each `<svg>` with shapes, itself.
    pub roots: Vec<Shape>,
}

/// An `<svg>` whose drawing may stand elsewhere.
pub struct Icon<'t> {
    /// From the first shape to the last.
    pub drawing: Range<usize>,
    /// All but a title, a description and comments around it.
    pub content: Range<usize>,
    /// Its one element, if there is no other beside it.
    pub only: Option<&'t Tag>,
    /// Of the elements of the drawing.
    pub shapes: Vec<Shape>,
}

impl Icon<'_> {
    pub fn drawing<'s>(&self, source: &'s str) -> &'s str {
        source.get(self.drawing.clone()).unwrap_or_default()
    }
}

/// Finds them where the browser makes elements of them that everybody sees.
pub fn read<'t>(source: &'t str, tokens: &'t [Token]) -> Seen<'t> {
    let mut seen = Seen::default();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open = OpenElements::default();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Start(tag) => {
                let drawing = tag.name == "svg" && !tag.self_closing && !is_off(tag);
                if drawing && !open.any(is_inert) {
                    let inside = tokens.get(at + 1..).unwrap_or_default();
                    match icon(source, tag, inside) {
                        Ok(icon) => {
                            seen.roots.push(shape(tag));
                            let next = seen.groups.len();
                            let group = *places.entry(icon.drawing(source)).or_insert(next);
                            match seen.groups.get_mut(group) {
                                Some(group) => group.push(icon),
                                None => seen.groups.push(vec![icon]),
                            }
                        }
                        Err(why) => seen.odd.entry(inner(source, tag)).or_insert((why, 0)).1 += 1,
                    }
                }
                open.start(tag);
            }
            Token::End { name, .. } => open.end(name),
            _ => {}
        }
    }
    seen
}

/// Markup up to the end tag, for who counts those that are not read.
fn inner<'s>(source: &'s str, tag: &Tag) -> &'s str {
    let rest = source.get(tag.range.end..).unwrap_or_default();
    rest.split("</svg").next().unwrap_or_default()
}

/// What is in it is no element of the page, is copied by scripts or the browser, or is nobody's to change.
fn is_inert(tag: &Tag) -> bool {
    const INERT: [&str; 17] = [
        "svg",
        "math",
        "template",
        "noscript",
        "select",
        "option",
        "canvas",
        "object",
        "video",
        "audio",
        "iframe",
        "textarea",
        "title",
        "noframes",
        "noembed",
        "xmp",
        "plaintext",
    ];
    // What visitors edit they can delete.
    INERT.contains(&&*tag.name) || is_off(tag) || tag.attr("contenteditable").is_some()
}

fn is_off(tag: &Tag) -> bool {
    tag.value("data-kiln") == Some("off")
}

/// Reads from behind the start tag to the end tag.
///
/// # Errors
/// What else than shapes it holds.
fn icon<'t>(source: &str, root: &Tag, tokens: &'t [Token]) -> Result<Icon<'t>, String> {
    let mut open: Vec<&str> = Vec::new();
    let (mut top, mut shapes): (Vec<&Tag>, Vec<Shape>) = (Vec::new(), Vec::new());
    // Behind a title and a description; from the first shape to the last; before a comment that follows.
    let (mut start, mut end) = (root.range.end, None);
    let mut drawing: Option<Range<usize>> = None;
    let mut rest = tokens.iter();
    while let Some(token) = rest.next() {
        match token {
            Token::Start(tag) if matches!(&*tag.name, "title" | "desc") && drawing.is_none() && open.is_empty() => {
                start = skipped(source, &tag.name, &mut rest)?;
            }
            Token::Start(tag) => {
                is_plain(tag)?;
                end = None;
                drawing.get_or_insert(tag.range.clone()).end = tag.range.end;
                if open.is_empty() {
                    top.push(tag);
                }
                shapes.push(shape(tag));
                if !tag.self_closing {
                    open.push(&tag.name);
                }
            }
            Token::End { name, range } if open.last() == Some(&name.as_str()) => {
                open.pop();
                drawing.get_or_insert(range.clone()).end = range.end;
            }
            Token::End { name, range } if name == "svg" && open.is_empty() => {
                let only = if let [tag] = top.as_slice() { Some(*tag) } else { None };
                let drawing = drawing.ok_or("it holds nothing")?;
                return Ok(Icon { drawing, content: start..end.unwrap_or(range.start), only, shapes });
            }
            Token::Text { range } if source.get(range.clone()).is_some_and(|t| t.trim().is_empty()) => {}
            Token::Comment { range } if drawing.is_none() => start = range.end,
            Token::Comment { range } if open.is_empty() => end = end.or(Some(range.start)),
            Token::Comment { .. } => {}
            Token::End { name, .. } => return Err(format!("in it, `</{name}>` ends nothing")),
            Token::Text { .. } | Token::Doctype { .. } => return Err("it holds text".into()),
        }
    }
    Err("it does not end".into())
}

/// The end of a title.
fn skipped<'t>(source: &str, name: &str, rest: &mut impl Iterator<Item = &'t Token>) -> Result<usize, String> {
    for token in rest {
        match token {
            // What the tokenizer takes for text is markup in an SVG.
            Token::Text { range } if source.get(range.clone()).is_some_and(|t| !t.contains('<')) => {}
            Token::End { name: end, range } if end == name => return Ok(range.end),
            _ => break,
        }
    }
    Err(format!("its <{name}> holds more than text"))
}

/// A shape that looks the same as a copy in a `<use>` (SVG 2, 5.5): its attributes are numbers and paint.
///
/// # Errors
/// What speaks against it.
fn is_plain(tag: &Tag) -> Result<(), String> {
    const SHAPES: [&str; 8] = ["path", "g", "circle", "ellipse", "rect", "line", "polyline", "polygon"];
    if !SHAPES.contains(&&*tag.name) {
        return Err(format!("it holds a <{}>", tag.name));
    }
    match tag.attrs.iter().find(|a| !is_plain_attribute(a)) {
        Some(attr) => Err(format!("it holds a <{}> with `{}`", tag.name, attr.name)),
        None => Ok(()),
    }
}

fn is_plain_attribute(attr: &Attr) -> bool {
    let value = attr.value.as_str();
    match attr.name.as_str() {
        "class" => true,
        "d" | "points" => !value.contains(['(', '<']),
        "transform" => !value.contains(['%', '<']) && !value.contains("var"),
        "cx" | "cy" | "r" | "rx" | "ry" | "x" | "y" | "x1" | "x2" | "y1" | "y2" | "width" | "height" | "opacity"
        | "pathlength" => draws::is_absolute(value),
        "style" => value.split(';').filter(|d| !d.trim().is_empty()).all(|declaration| {
            declaration.split_once(':').is_some_and(|(property, value)| {
                let property = property.trim().to_ascii_lowercase();
                (property == "opacity" || draws::is_paint(&property)) && draws::is_absolute(value)
            })
        }),
        name => draws::is_paint(name) && draws::is_absolute(value),
    }
}

/// As `analyze::shake` has it.
fn shape(tag: &Tag) -> Shape {
    let Looks { tag: name, id, classes } =
        Looks::new(&tag.name, tag.value("id"), tag.value("class").unwrap_or_default());
    let others = tag.attrs.iter().map(|a| a.name.clone()).filter(|name| !matches!(&**name, "class" | "id"));
    let mut attrs: Vec<String> = others.collect();
    attrs.sort_unstable();
    Shape { tag: name, id, classes, attrs, loose: false }
}
