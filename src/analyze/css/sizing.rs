//! How wide declarations could make an element: an upper bound, whatever is around it.

use super::states::Chain;
use super::urls::MAX_DEPTH;
use crate::syntax::media::is_about_widths;
use cssparser::{ParseError, Parser, ParserInput, Token};
use serde::{Deserialize, Serialize};

/// What one selector of one rule says about widths.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sizing {
    pub chain: Chain,
    pub when: When,
    pub sizes: Vec<Sized>,
    /// Idents of its `animation`: some are names of `@keyframes`.
    pub animations: Vec<String>,
}

/// In which media a rule applies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum When {
    /// On a screen, whatever it is like but for its width.
    #[default]
    Screen,
    /// In some state of the screen or the visitor's settings.
    Other,
    Print,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Sized {
    pub what: What,
    pub to: Extent,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum What {
    /// `width`, `min-width`, `flex-basis`, tracks of grids …
    Width,
    MaxWidth,
    /// `height` and its like: the width may follow by a ratio.
    Height,
    /// `transform`, `scale`, `zoom`.
    Scale,
    /// A custom property, which may come to any of the above.
    Custom(String),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Extent {
    /// CSS pixels.
    Px(u32),
    /// Hundredths of the viewport's width: nothing that a percentage is taken of is wider.
    Part(u32),
    /// Hundredths of what it was.
    Times(u32),
    /// What a custom property says.
    Variable(String),
    Any,
}

impl When {
    pub fn of_query(query: &str) -> Self {
        let lower = query.to_ascii_lowercase();
        let word = |word: &str| lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w == word);
        match () {
            () if is_about_widths(&lower) => Self::Screen,
            () if word("print") => Self::Print,
            () => Self::Other,
        }
    }
}

/// `left` or `right` with a value: both together stretch a box.
pub fn is_edge(name: &str, value: &str) -> bool {
    matches!(name, "left" | "right" | "inset-inline-start" | "inset-inline-end") && value.trim() != "auto"
}

pub const STRETCHED: Sized = Sized { what: What::Width, to: Extent::Part(100) };

/// What a declaration sets.
pub fn sizes(name: &str, value: &str) -> Vec<Sized> {
    let value = value.split('!').next().unwrap_or_default();
    let all = |what: What, to: Vec<Extent>| to.into_iter().map(|to| Sized { what: what.clone(), to }).collect();
    let parts = || components(value);
    match name {
        _ if name.starts_with("--") => all(What::Custom(name.into()), flat(&parts(), custom)),
        // What it takes back may be any limit.
        "all" => vec![Sized { what: What::Width, to: Extent::Any }],
        "width" | "inline-size" => all(What::Width, flat(&parts(), length)),
        "min-width" | "min-inline-size" => all(What::Width, flat(&parts(), |c| least(c).or_else(|| length(c)))),
        "max-width" | "max-inline-size" => all(What::MaxWidth, flat(&parts(), length)),
        "height" | "block-size" | "aspect-ratio" => all(What::Height, flat(&parts(), high)),
        "min-height" | "min-block-size" => all(What::Height, flat(&parts(), |c| least(c).or_else(|| high(c)))),
        "scale" | "zoom" => all(What::Scale, flat(&parts(), factor)),
        "transform" | "-webkit-transform" => all(What::Scale, parts().iter().flat_map(transformed).collect()),
        "flex-basis" => all(What::Width, flat(&parts(), length)),
        "flex-grow" => all(What::Width, flat(&parts(), growing)),
        "flex" => all(What::Width, flex(&parts())),
        "columns" | "column-count" | "column-width" | "column-span" | "flex-direction" | "flex-wrap" | "flex-flow"
        | "inset" | "inset-inline" => vec![STRETCHED],
        _ if name == "grid" || name.starts_with("grid-") && !name.ends_with("gap") && !name.contains("row") => {
            vec![STRETCHED]
        }
        _ => Vec::new(),
    }
}

/// One outer component of a value.
#[derive(Debug)]
enum Component {
    Number(f32),
    /// Hundredths.
    Percent(f32),
    Length(Extent),
    Ident(String),
    /// In lower case, with what is in its parentheses.
    Function(String, Vec<Component>),
    Other,
}

fn components(value: &str) -> Vec<Component> {
    let mut input = ParserInput::new(value);
    read(&mut Parser::new(&mut input), 0)
}

fn read(input: &mut Parser<'_, '_>, depth: usize) -> Vec<Component> {
    let mut all = Vec::new();
    while let Ok(token) = input.next().cloned() {
        all.push(match token {
            Token::Number { value, .. } => Component::Number(value),
            Token::Percentage { unit_value, .. } => Component::Percent(unit_value * 100.0),
            Token::Dimension { value, unit, .. } => dimension(value, &unit.to_ascii_lowercase()),
            // Names of custom properties keep their case.
            Token::Ident(name) if name.starts_with("--") => Component::Ident(name.to_string()),
            Token::Ident(name) => Component::Ident(name.to_ascii_lowercase()),
            Token::Function(name) if depth < MAX_DEPTH => {
                let inner = |i: &mut Parser<'_, '_>| -> Result<_, ParseError<'_, ()>> { Ok(read(i, depth + 1)) };
                let inside = input.parse_nested_block(|i| inner(i)).unwrap_or_default();
                Component::Function(name.to_ascii_lowercase(), inside)
            }
            _ => Component::Other,
        });
    }
    all
}

fn dimension(value: f32, unit: &str) -> Component {
    let px = match unit {
        "px" => 1.0,
        "rem" => 16.0,
        // Text is seldom twice as large as the root's.
        "em" | "ex" | "ch" | "ic" | "cap" | "lh" | "rlh" | "rex" | "rch" => 32.0,
        "in" => 96.0,
        "cm" => 37.8,
        "mm" => 3.78,
        "q" => 0.945,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        "deg" | "grad" | "rad" | "turn" | "s" | "ms" | "dpi" | "dpcm" | "dppx" | "x" => return Component::Other,
        _ if ["vw", "vmin", "vi", "cqw", "cqi", "cqmin"].iter().any(|u| unit.ends_with(u)) => {
            return Component::Length(Extent::Part(whole(value)));
        }
        _ => return Component::Length(Extent::Any),
    };
    Component::Length(Extent::Px(whole(value * px)))
}

/// Rounded up.
fn whole(value: f32) -> u32 {
    value.ceil().clamp(0.0, 1e6) as u32
}

fn flat(parts: &[Component], of: impl Fn(&Component) -> Option<Extent> + Copy) -> Vec<Extent> {
    parts.iter().flat_map(|part| variable(part, of).unwrap_or_else(|| of(part).into_iter().collect())).collect()
}

/// `var(--x, fallback)`.
fn variable(part: &Component, of: impl Fn(&Component) -> Option<Extent> + Copy) -> Option<Vec<Extent>> {
    let Component::Function(name, inside) = part else { return None };
    let (Component::Ident(variable), rest) = inside.split_first().filter(|_| name == "var")? else { return None };
    let named = Extent::Variable(variable.clone());
    Some(std::iter::once(named).chain(rest.iter().filter_map(of)).collect())
}

fn length(part: &Component) -> Option<Extent> {
    match part {
        Component::Number(_) => Some(Extent::Px(0)),
        Component::Percent(p) => Some(Extent::Part(whole(*p))),
        Component::Length(to) => Some(to.clone()),
        Component::Ident(_) | Component::Function(..) => Some(Extent::Any),
        Component::Other => None,
    }
}

/// No least width or height.
fn least(part: &Component) -> Option<Extent> {
    let none = ["auto", "initial", "unset", "revert", "revert-layer"];
    matches!(part, Component::Ident(name) if none.contains(&name.as_str())).then_some(Extent::Px(0))
}

/// A percentage or a part of the screen's height says nothing about widths.
fn high(part: &Component) -> Option<Extent> {
    match part {
        Component::Percent(_) => Some(Extent::Any),
        _ => length(part),
    }
}

fn factor(part: &Component) -> Option<Extent> {
    match part {
        Component::Number(n) => Some(Extent::Times(whole(n.abs() * 100.0))),
        Component::Percent(p) => Some(Extent::Times(whole(p.abs()))),
        Component::Function(..) => Some(Extent::Any),
        _ => None,
    }
}

fn custom(part: &Component) -> Option<Extent> {
    match part {
        Component::Number(_) => factor(part),
        Component::Ident(name) => matches!(name.as_str(), "none" | "auto").then_some(Extent::Any),
        Component::Function(name, inside) if name.starts_with("scale") => inside.first().and_then(factor),
        Component::Function(name, _) => {
            matches!(name.as_str(), "calc" | "min" | "max" | "clamp").then_some(Extent::Any)
        }
        _ => length(part),
    }
}

fn transformed(part: &Component) -> Vec<Extent> {
    let Component::Function(name, inside) = part else { return Vec::new() };
    match name.as_str() {
        "scale" | "scalex" | "scaley" | "scale3d" => flat(inside, factor),
        "matrix" => match inside.iter().filter(|c| !matches!(c, Component::Other)).take(2).collect::<Vec<_>>()[..] {
            [Component::Number(a), Component::Number(b)] => vec![Extent::Times(whole(a.hypot(*b) * 100.0))],
            _ => vec![Extent::Any],
        },
        "matrix3d" => vec![Extent::Any],
        "var" => variable(part, factor).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn growing(part: &Component) -> Option<Extent> {
    match part {
        Component::Number(n) => (*n > 0.0).then_some(Extent::Part(100)),
        Component::Ident(_) => None,
        _ => Some(Extent::Part(100)),
    }
}

fn flex(parts: &[Component]) -> Vec<Extent> {
    match parts {
        [Component::Ident(name)] => {
            if name == "auto" {
                vec![Extent::Part(100)]
            } else {
                Vec::new()
            }
        }
        [Component::Number(grow), rest @ ..] if *grow == 0.0 => rest
            .iter()
            .filter(|c| !matches!(c, Component::Number(_) | Component::Ident(_)))
            .filter_map(length)
            .collect(),
        _ => vec![Extent::Part(100)],
    }
}
