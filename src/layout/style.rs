//! What of a style sheet a layout needs: the rest is left out, so that a change of colours asks for no new layout.

mod faces;

use crate::syntax::media::is_about_widths;
use cssparser::{ParseError, Parser, ParserInput, Token};
use std::collections::BTreeSet;

/// A style sheet, ready to be laid out with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Without paint, animations, prints, fonts and imports.
    pub text: String,
    pub imports: Vec<Import>,
    pub faces: Vec<Face>,
    /// Viewport widths from which other rules may apply than one pixel below.
    pub steps: BTreeSet<u32>,
    /// Something that the layout does not know.
    pub unknown: Option<&'static str>,
    /// Something that it takes no notice of, so that what follows may stand higher up.
    pub unplaced: Option<&'static str>,
    /// A background depends on more than how wide the page is.
    pub unsteady: bool,
}

/// `@import`, before all rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub url: String,
    /// `layer(x) supports(y) screen`, as it stands.
    pub conditions: String,
}

/// `@font-face` with files of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    pub family: String,
    /// In the author's order.
    pub urls: Vec<String>,
    /// A range stands for a variable font.
    pub weight: Option<u16>,
    pub italic: bool,
}

/// `used`: the custom properties that some `var()` may ask for.
pub fn read(source: &str, used: &dyn Fn(&str) -> bool) -> Sheet {
    let mut reader = Reader { source, used, sheet: Sheet::default(), depth: 0, conditions: 0 };
    let mut input = ParserInput::new(source);
    let mut out = String::with_capacity(source.len());
    reader.block(&mut Parser::new(&mut input), Inside::Sheet, &mut out);
    reader.sheet.text = out;
    reader.sheet
}

/// The names after `var(` in a text of any kind.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("var(").filter_map(|(at, _)| {
        let rest = text.get(at + 4..)?.trim_start();
        let end =
            rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_' || c == '\\')).unwrap_or(rest.len());
        rest.get(..end).filter(|name| name.starts_with("--"))
    })
}

/// Deeper blocks are left out.
const DEPTH: usize = 64;

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Sheet,
    Rules,
    Style,
}

struct Reader<'s> {
    source: &'s str,
    used: &'s dyn Fn(&str) -> bool,
    sheet: Sheet,
    depth: usize,
    /// How many blocks around ask for more than a width.
    conditions: usize,
}

impl<'s> Reader<'s> {
    /// Reads to the end of the block: statements that end in `;` or in a block of their own.
    fn block(&mut self, input: &mut Parser<'_, '_>, inside: Inside, out: &mut String) {
        let mut start = input.position().byte_index();
        let mut custom = false;
        let mut fresh = true;
        loop {
            let before = input.position().byte_index();
            let Ok(token) = input.next_including_whitespace_and_comments().cloned() else { break };
            match token {
                Token::WhiteSpace(_) | Token::Comment(_) | Token::CDO | Token::CDC if fresh => {
                    start = input.position().byte_index();
                    continue;
                }
                Token::Ident(name) if fresh => custom = name.starts_with("--"),
                Token::Semicolon => {
                    self.statement(start, before, inside, out);
                    (start, fresh, custom) = (input.position().byte_index(), true, false);
                    continue;
                }
                Token::CurlyBracketBlock if !custom => {
                    let prelude = self.source.get(start..before).unwrap_or_default();
                    let _ = input.parse_nested_block(|nested| -> Result<(), ParseError<'_, ()>> {
                        self.rule(prelude, nested, out);
                        Ok(())
                    });
                    (start, fresh, custom) = (input.position().byte_index(), true, false);
                    continue;
                }
                // To its end now: the parser would skip it later, behind the place that a statement ends at.
                Token::CurlyBracketBlock | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::Function(_) => {
                    skip(input)
                }
                _ => {}
            }
            fresh = false;
        }
        self.statement(start, input.position().byte_index(), inside, out);
    }

    fn rule(&mut self, prelude: &str, input: &mut Parser<'_, '_>, out: &mut String) {
        let name = prelude.strip_prefix('@').map(|p| p.split(|c: char| !(c.is_alphanumeric() || c == '-')).next());
        let name = name.flatten().map(str::to_ascii_lowercase);
        let mut other = false;
        let inside = match name.as_deref() {
            None => {
                if prelude.contains("[src") {
                    self.sheet.unknown = Some("a style that asks for images by their address");
                }
                Inside::Style
            }
            Some("font-face") => {
                let face = faces::face(input);
                self.sheet.faces.extend(face);
                return;
            }
            Some("media") => {
                let query = prelude.get(6..).unwrap_or_default().trim();
                if query.eq_ignore_ascii_case("print") {
                    return;
                }
                steps(query, &mut self.sheet.steps);
                other = !is_about_widths(query);
                Inside::Rules
            }
            Some("container") => {
                self.sheet.unknown = Some("container queries");
                return;
            }
            Some("scope") => {
                self.sheet.unknown = Some("scoped styles");
                return;
            }
            Some("layer") => Inside::Rules,
            Some("supports" | "document" | "-moz-document") => {
                other = true;
                Inside::Rules
            }
            Some("property" | "counter-style") => Inside::Style,
            Some(animation) if animation.ends_with("keyframes") => {
                let start = input.position();
                while input.next().is_ok() {}
                let frames = input.slice_from(start);
                self.sheet.unsteady |=
                    ["background-image", "background:", "background :"].iter().any(|p| frames.contains(p));
                return;
            }
            // Animations are over, pages are not printed.
            Some(_) => return,
        };
        if self.depth >= DEPTH {
            return;
        }
        let mut body = String::new();
        self.depth += 1;
        self.conditions += usize::from(other);
        self.block(input, inside, &mut body);
        self.conditions -= usize::from(other);
        self.depth -= 1;
        // An empty layer still counts: it comes before the next one.
        if !body.is_empty() || name.as_deref() == Some("layer") {
            out.push_str(prelude.trim_end());
            out.push('{');
            out.push_str(&body);
            out.push('}');
        }
    }

    fn statement(&mut self, start: usize, end: usize, inside: Inside, out: &mut String) {
        let text = self.source.get(start..end).unwrap_or_default().trim();
        if let Some(rest) = text.strip_prefix('@') {
            let word = rest.get(..6).unwrap_or_default();
            if word.eq_ignore_ascii_case("import") && inside == Inside::Sheet {
                self.sheet.imports.extend(import(rest.get(6..).unwrap_or_default()));
            } else if rest.starts_with("layer") || rest.starts_with("namespace") {
                out.push_str(text);
                out.push(';');
            }
            return;
        }
        let Some((name, value)) = text.split_once(':').filter(|_| inside != Inside::Sheet) else { return };
        let name = name.trim();
        let lower = name.to_ascii_lowercase();
        if matches!(&*lower, "-webkit-line-clamp" | "line-clamp" | "content-visibility" | "contain") {
            self.sheet.unplaced = Some("styles that the layout takes no notice of");
        }
        if matches!(&*lower, "background" | "background-image") {
            const LATER: [&str; 3] = ["cross-fade(", "paint(", "element("];
            self.sheet.unsteady |= self.conditions > 0 || LATER.iter().any(|f| value.contains(f));
            if shows_none(value) {
                let important = if value.contains("!important") { "!important" } else { "" };
                out.push_str(&format!("{lower}:none{important};"));
                return;
            }
        }
        let kept = if name.starts_with("--") { (self.used)(name) } else { matters(&lower) };
        if kept {
            self.sheet.unknown = self.sheet.unknown.or(unknown(&lower, value));
            out.push_str(text);
            out.push(';');
        }
    }
}

/// What the engine does not know, or takes for something else.
pub fn unknown(name: &str, value: &str) -> Option<&'static str> {
    let value = value.to_ascii_lowercase();
    let of_a_container = |word: &str| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
        unit.len() < word.len() && matches!(unit, "cqw" | "cqh" | "cqi" | "cqb" | "cqmin" | "cqmax")
    };
    match () {
        () if value.split(|c: char| !(c.is_alphanumeric() || "+-.%".contains(c))).any(of_a_container) => {
            Some("units of containers")
        }
        () if name.ends_with("writing-mode") && !value.contains("horizontal") => Some("vertical text"),
        () => None,
    }
}

fn skip(input: &mut Parser<'_, '_>) {
    let _ = input.parse_nested_block(|nested| -> Result<(), ParseError<'_, ()>> {
        while nested.next().is_ok() {}
        Ok(())
    });
}

/// A background without a picture, whatever its colour is: it takes the place of one that has some.
fn shows_none(value: &str) -> bool {
    const MORE: [&str; 5] = ["(", "inherit", "initial", "unset", "revert"];
    let colour = value.replace("rgba(", "").replace("rgb(", "").replace("hsla(", "").replace("hsl(", "");
    !MORE.iter().any(|word| colour.contains(word))
}

/// A declaration may move or resize something, or shows a picture.
fn matters(name: &str) -> bool {
    const PAINT: [&str; 34] = [
        "color",
        "background-color",
        "background-position",
        "background-size",
        "background-repeat",
        "background-clip",
        "background-attachment",
        "box-shadow",
        "text-shadow",
        "cursor",
        "outline",
        "outline-color",
        "outline-offset",
        "outline-style",
        "outline-width",
        "border-color",
        "border-radius",
        "border-top-color",
        "border-right-color",
        "border-bottom-color",
        "border-left-color",
        "text-decoration",
        "text-decoration-color",
        "text-decoration-line",
        "text-underline-offset",
        "fill",
        "stroke",
        "user-select",
        "pointer-events",
        "caret-color",
        "accent-color",
        "mix-blend-mode",
        "z-index",
        "src",
    ];
    let bare = name.strip_prefix("-webkit-").or_else(|| name.strip_prefix("-moz-")).unwrap_or(name);
    !(PAINT.contains(&bare) || bare.starts_with("transition") || bare.starts_with("animation"))
}

/// Widths at which a media query changes its answer.
fn steps(query: &str, found: &mut BTreeSet<u32>) {
    let mut input = ParserInput::new(query);
    let mut input = Parser::new(&mut input);
    widths(&mut input, None, found);
}

#[derive(Clone, Copy)]
enum Edge {
    /// `min-width: 600px`: from 600 on.
    From,
    /// `max-width: 600px`: from 601 on no more.
    To,
    /// `width < 600px` and the like: either.
    Either,
}

fn widths(input: &mut Parser<'_, '_>, outer: Option<Edge>, found: &mut BTreeSet<u32>) {
    let (mut edge, mut other) = (outer, false);
    while let Ok(token) = input.next().cloned() {
        match token {
            Token::Ident(name) => {
                edge = match name.to_ascii_lowercase().as_str() {
                    "min-width" => Some(Edge::From),
                    "max-width" => Some(Edge::To),
                    "width" => Some(Edge::Either),
                    "and" | "or" | "not" | "only" | "screen" | "all" => continue,
                    _ => None,
                };
                other = edge.is_none();
            }
            Token::Dimension { value, unit, .. } => {
                let px = match unit.to_ascii_lowercase().as_str() {
                    "px" => value,
                    "em" | "rem" => value * 16.0,
                    _ => continue,
                };
                if other || !(1.0..10_000.0).contains(&px) {
                    continue;
                }
                // In `600px <= width` the name comes last.
                let edge = edge.unwrap_or(Edge::Either);
                if !matches!(edge, Edge::To) {
                    found.insert(px.ceil() as u32);
                }
                if !matches!(edge, Edge::From) {
                    found.insert(px.floor() as u32 + 1);
                }
            }
            Token::ParenthesisBlock | Token::Function(_) => {
                let _ = input.parse_nested_block(|nested| -> Result<(), ParseError<'_, ()>> {
                    widths(nested, None, found);
                    Ok(())
                });
            }
            _ => {}
        }
    }
}

fn import(text: &str) -> Option<Import> {
    let mut input = ParserInput::new(text);
    let mut input = Parser::new(&mut input);
    let url = input.expect_url_or_string().ok()?.as_ref().to_owned();
    let rest = text.get(input.position().byte_index()..).unwrap_or_default().trim();
    Some(Import { url, conditions: rest.to_owned() })
}

#[cfg(test)]
mod tests;
