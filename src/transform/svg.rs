//! Smaller SVG that renders the same and can be referenced as before.

mod rewrite;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node, ParsingOptions};
use resvg::usvg::{Options, Size, Tree};
use serde::{Deserialize, Serialize};

use super::TransformError;
use rewrite::{Paths, is_for_editors, is_namespace_of_editors, rewritten};

const SVG: &str = "http://www.w3.org/2000/svg";
/// The longer side of the renderings that are compared, in pixels.
const RENDERED: f32 = 512.0;
/// The largest difference of a channel that passes as rounding.
const TOLERANCE: u8 = 3;
/// Elements that run, need fonts, move, or show what one rendering does not.
const LEFT_ALONE: [&str; 9] =
    ["script", "handler", "foreignObject", "text", "tspan", "textPath", "set", "discard", "switch"];
/// What makes a style sheet depend on a state, or on another file.
const LIVELY_STYLES: [&str; 9] =
    ["@", ":empty", ":hover", ":focus", ":active", ":target", "animation", "transition", "var("];
/// Selectors that the rendering here does not know, and browsers do.
const UNKNOWN_SELECTORS: [&str; 9] =
    [":nth-", ":last-", ":only-", "-of-type", ":not(", ":is(", ":where(", ":has(", "~"];

/// How SVG is optimised. There is one way so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SvgOp {}

/// A smaller document that renders the same, or `None` when there is none or that cannot be told.
pub fn optimise(source: &str, _op: &SvgOp) -> Result<Option<String>, TransformError> {
    if source.contains("<!ENTITY") {
        return Ok(None);
    }
    let before = parse(source).map_err(|error| {
        let place = error.pos();
        TransformError { line: place.row, column: place.col, message: error.to_string() }
    })?;
    if is_left_alone(&before, source) {
        return Ok(None);
    }
    let candidates = [Paths::Optimised, Paths::Reprinted].map(|paths| rewritten(source, &before, paths));
    let sound = |out: &String| {
        out.len() < source.len()
            && parse(out).is_ok_and(|after| inventory(&before) == inventory(&after))
            && renders_equal(source, out)
    };
    let mut shorter: Vec<String> = candidates.into_iter().flatten().filter(|c| c.len() < source.len()).collect();
    shorter.sort_by_key(String::len);
    Ok(shorter.into_iter().find(sound))
}

fn parse(source: &str) -> Result<Document<'_>, resvg::usvg::roxmltree::Error> {
    Document::parse_with_options(source, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() })
}

/// Whether there is anything in the document that a still rendering of this file alone does not show.
fn is_left_alone(document: &Document, source: &str) -> bool {
    let root = document.root_element();
    let is_svg = root.tag_name().name() == "svg" && root.tag_name().namespace() == Some(SVG);
    let has_subset = source
        .split_once("<!DOCTYPE")
        .is_some_and(|(_, rest)| rest.split_once('>').is_none_or(|(doctype, _)| doctype.contains('[')));
    !is_svg
        || has_subset
        || document.descendants().any(|node| node.is_pi() || is_lively(node) || is_missed(node, source))
}

fn is_lively(node: Node) -> bool {
    let name = node.tag_name().name();
    if name == "style" {
        let style: String = node.children().filter_map(|child| child.text()).collect();
        let has = |parts: &[&str]| parts.iter().any(|part| style.contains(part));
        return has(&LIVELY_STYLES) || has(&UNKNOWN_SELECTORS) || has_external_url(&style);
    }
    // A symbol that nothing here uses is there for other files, and not rendered.
    let is_unused = name == "symbol"
        && !node.document().descendants().any(|user| {
            user.attributes().any(|a| a.name() == "href" && a.value().strip_prefix('#') == node.attribute("id"))
        });
    LEFT_ALONE.contains(&name)
        || name.starts_with("animate")
        || is_unused
        || node.attributes().any(|attribute| {
            let value = attribute.value();
            let is_external = attribute.name() == "href"
                && name != "a"
                && !value.trim_start().starts_with('#')
                && !value.trim_start().starts_with("data:");
            let is_hidden = match attribute.name() {
                "display" => value.contains("none"),
                "visibility" => !value.contains("visible"),
                "style" => {
                    LIVELY_STYLES.iter().any(|part| value.contains(part))
                        || value.contains("none") && value.contains("display")
                        || value.contains("visibility")
                }
                _ => false,
            };
            is_external || is_hidden || attribute.name().starts_with("on") || has_external_url(value)
        })
}

/// Whether it goes, although something may refer to it.
fn is_missed(node: Node, source: &str) -> bool {
    let named = |id: &str| source.contains(&format!("#{id}"));
    node.attribute("id").is_some_and(|id| node.ancestors().any(is_for_editors) && named(id))
}

/// Whether a value has a `url()` that leads out of the file.
fn has_external_url(value: &str) -> bool {
    value.split("url(").skip(1).any(|rest| !rest.trim_start_matches(['"', '\'', ' ']).starts_with('#'))
}

/// All that other files, and other parts of this one, may refer to or depend on, in a comparable form.
fn inventory(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for node in document.descendants().filter(|node| !node.ancestors().any(is_for_editors)) {
        let name = node.tag_name().name();
        if matches!(name, "title" | "desc") {
            found.push(format!("<{name}> {}", node.text().unwrap_or_default()));
        }
        if name == "style" {
            let style: String = node.children().filter_map(|child| child.text()).collect();
            local_urls(&style, &mut found);
        }
        for attribute in node.attributes().filter(|a| !a.namespace().is_some_and(is_namespace_of_editors)) {
            let (key, value) = (attribute.name(), attribute.value());
            let is_size = node.parent_element().is_none()
                && matches!(key, "viewBox" | "width" | "height" | "preserveAspectRatio");
            let is_name = matches!(key, "id" | "href" | "role" | "lang");
            if is_size || is_name || key.starts_with("aria-") || key.starts_with("data-") {
                found.push(format!("{key}={value}"));
            } else if key == "class" {
                found.extend(value.split_whitespace().map(|class| format!(".{class}")));
            } else {
                local_urls(value, &mut found);
            }
        }
    }
    found.sort();
    found
}

/// Adds the targets of all `url(#x)`.
fn local_urls(value: &str, found: &mut Vec<String>) {
    for rest in value.split("url(").skip(1) {
        let target = rest.split(')').next().unwrap_or_default();
        found.push(format!("url({})", target.trim_matches(['"', '\'', ' '])));
    }
}

/// Whether both documents render, to something, and to the same but for rounding.
fn renders_equal(before: &str, after: &str) -> bool {
    let (Some((size, before)), Some((new_size, after))) = (render(before), render(after)) else {
        return false;
    };
    size == new_size
        && before.data().iter().any(|channel| *channel != 0)
        && before.data().len() == after.data().len()
        && before.data().iter().zip(after.data()).all(|(a, b)| a.abs_diff(*b) <= TOLERANCE)
}

/// A still image on transparent ground.
fn render(source: &str) -> Option<(Size, Pixmap)> {
    let tree = Tree::from_str(source, &Options::default()).ok()?;
    let size = tree.size();
    let scale = RENDERED / size.width().max(size.height());
    let scaled = size.scale_by(scale)?.to_int_size();
    let mut pixmap = Pixmap::new(scaled.width(), scaled.height())?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    Some((size, pixmap))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::path::{Path, PathBuf};

    use super::*;

    fn fixture(name: &str) -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/svg").join(name)).unwrap()
    }

    fn optimised(source: &str) -> Option<String> {
        optimise(source, &SvgOp::default()).unwrap()
    }

    /// An image that would gain from losing its white space, with something put into it.
    fn square(inner: &str) -> String {
        let root = r##"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8">"##;
        format!("{root}\n   <!-- c -->   {inner}\n   <rect width=\"8\" height=\"4\" fill=\"#ff0000\"/>   \n</svg>")
    }

    #[test]
    fn trap_40_ids_that_other_files_use_are_kept() {
        let source = fixture("ids.svg");
        let out = optimised(&source).unwrap();
        for kept in ["id=\"from-css\"", "id=\"empty\"", "id=\"grad\"", "url(#grad)", "class=\"a b\"", "href=\"#dot\""] {
            assert!(out.contains(kept), "{kept} in {out}");
        }
        assert!(out.contains("viewBox=\"0 0 20 10\"") && out.contains("<title>A title</title>"), "{out}");
    }

    #[test]
    fn what_drawing_programs_leave_for_themselves_goes() {
        let source = r##"<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with Inkscape -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:svg="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" xmlns:own="https://example.com/own"
     xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" viewBox="0 0 8 8" inkscape:version="1.2" inkscape:id="x">
  <sodipodi:namedview id="base"><inkscape:grid id="grid1"/></sodipodi:namedview>
  <metadata id="metadata7"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>
  <style><![CDATA[ .a > .b { fill: green } ]]></style>
  <title> A &lt; B </title>
  <g class="a
     a2" inkscape:label="Layer 1"><path class='b' style='font: 1px "x"' own:kept="1" d="M 0.00,0 L 8.00,0 8,4.0 Z"></path></g>
  <!--! Licence -->
</svg>
"##;
        let expected = r##"<svg xmlns="http://www.w3.org/2000/svg" xmlns:svg="http://www.w3.org/2000/svg" xmlns:own="https://example.com/own" viewBox="0 0 8 8"><style><![CDATA[ .a > .b { fill: green } ]]></style><title> A &lt; B </title><g class="a a2"><path class="b" style='font: 1px "x"' own:kept="1" d="M0 0h8v4Z"/></g><!--! Licence --></svg>"##;
        assert_eq!(optimised(source).unwrap(), expected);
    }

    #[test]
    fn paths_keep_what_may_be_drawn_along_them() {
        let drawn = |d: &str, more: &str| optimised(&square(&format!("<path {more} d=\"{d}\"/>"))).unwrap();
        let open = drawn("M 1.0 1.0 L 7.0 1.0 L 7.0 7.0 L 1.0 1.0", "");
        assert!(open.contains("d=\"M1 1 7 1 7 7 1 1\""), "a closed path has a join where this has two ends: {open}");
        let dot = drawn("M 1.0 1.0 L 7.0 1.0 M 4.0 4.0 L 4.0 4.0", "");
        assert!(dot.contains("d=\"M1 1 7 1M4 4 4 4\""), "round caps would show a dot: {dot}");
        let corner = "M 1.0 1.0 L 4.0 1.0 L 7.0 1.0";
        assert!(drawn(corner, "").contains("d=\"M1 1h6\""), "{}", drawn(corner, ""));
        let marked = drawn(corner, "marker-mid=\"none\"");
        assert!(marked.contains("d=\"M1 1h3 3\""), "a marker may stand where two lines meet: {marked}");
    }

    #[test]
    fn trap_40_sprites_are_left_alone() {
        assert_eq!(optimised(&fixture("sprite.svg")), None);
        let unused = "<symbol id=\"x\" viewBox=\"0 0 1 1\">  <path d=\"M0 0h1v1z\"/>  </symbol>";
        assert_eq!(optimised(&square(unused)), None);
        assert!(optimised(&square(&format!("{unused}<use href=\"#x\"/>"))).is_some());
    }

    #[test]
    fn trap_41_scripts_and_imports_are_left_alone() {
        assert!(optimised(&square("")).is_some());
        for inner in [
            "<script>1</script>",
            "<foreignObject width=\"1\" height=\"1\"/>",
            "<rect onclick=\"x()\"/>",
            "<text>a</text>",
            "<rect width=\"1\" height=\"1\"><animate attributeName=\"x\" to=\"1\" dur=\"1s\"/></rect>",
            "<style>@import 'a.css';</style>",
            "<style>rect:hover { fill: red }</style>",
            "<style>rect:empty { fill: red }</style>",
            "<style>rect { fill: url(other.svg#a) }</style>",
            "<rect fill=\"url(other.svg#a)\"/>",
            "<rect style=\"fill: url('other.svg#a')\"/>",
            "<use xlink:href=\"other.svg#a\"/>",
            "<image href=\"photo.png\"/>",
            "<g display=\"none\"><path d=\"M0 0h1v1z\"/></g>",
            "<?xml-stylesheet href=\"a.css\"?>",
            "<metadata><linearGradient id=\"g\"/></metadata><rect fill=\"url(#g)\"/>",
            "<style>rect:nth-child(3) { fill: red }</style>",
        ] {
            assert_eq!(optimised(&square(inner)), None, "{inner}");
        }
        let entity = format!("<!DOCTYPE svg [<!ENTITY a \"b\">]>{}", square(""));
        let subset = format!("<!DOCTYPE svg [<!ATTLIST svg a CDATA \"b\">]>{}", square(""));
        assert_eq!((optimised(&entity), optimised(&subset)), (None, None));
    }

    #[test]
    fn trap_70_svg_that_would_render_differently_is_kept() {
        let source = square("");
        assert!(renders_equal(&source, &source.replace("#ff0000", "#fe0102")));
        assert!(!renders_equal(&source, &source.replace("#ff0000", "#fa0000")));
        assert!(!renders_equal(&source, &source.replace("height=\"4\"", "height=\"4.05\"")));
        let empty = source.replace("rect", "g");
        assert!(!renders_equal(&empty, &empty), "an empty rendering proves nothing");
        assert_eq!(optimised(&empty), None);
    }

    #[test]
    fn malformed_sources_have_a_place() {
        let error = optimise("<svg xmlns=\"http://www.w3.org/2000/svg\">\n  <g></svg>", &SvgOp::default()).unwrap_err();
        assert_eq!(error.line, 2, "{error}");
        assert!(optimise("", &SvgOp::default()).is_err());
    }

    fn svgs_below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                svgs_below(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "svg") {
                found.push(entry);
            }
        }
    }

    #[test]
    fn the_corpus_renders_as_before() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
        if !corpus.is_dir() {
            return eprintln!("skipped: there is no corpus at {}", corpus.display());
        }
        let mut found = Vec::new();
        svgs_below(&corpus, &mut found);
        for path in found {
            let Ok(source) = std::fs::read_to_string(&path) else { continue };
            let out = optimise(&source, &SvgOp::default()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            eprintln!("{}: {} -> {:?}", path.display(), source.len(), out.as_ref().map(String::len));
            assert!(out.is_none_or(|out| renders_equal(&source, &out)), "{}", path.display());
        }
    }
}
