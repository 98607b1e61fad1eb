//! Whether a declaration shows on the shapes of an SVG.

use serde::{Deserialize, Serialize};

/// What a rule's declarations do to a shape, a `<g>` or a `<use>` that it matches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum Draws {
    /// Nothing: they are about boxes and text.
    #[default]
    Nothing,
    /// They give it paint of its own, the same wherever it stands.
    Paint,
    /// What they do may depend on what is around it, or adds to what they do there.
    Anything,
}

/// Of one declaration. What is not known may do anything.
pub fn of(property: &str, value: &str) -> Draws {
    let property = property.to_ascii_lowercase();
    let name = ["-webkit-", "-moz-", "-ms-", "-o-"].iter().find_map(|p| property.strip_prefix(p)).unwrap_or(&property);
    if is_for_boxes(name) || is_off(name, value) {
        Draws::Nothing
    } else if is_paint(name) && is_absolute(value) {
        Draws::Paint
    } else {
        Draws::Anything
    }
}

/// Inherited properties of shapes (SVG 2, 13): of those that match the shape itself nothing else counts.
pub fn is_paint(property: &str) -> bool {
    matches!(
        property,
        "fill"
            | "fill-opacity"
            | "fill-rule"
            | "clip-rule"
            | "stroke"
            | "stroke-dasharray"
            | "stroke-dashoffset"
            | "stroke-linecap"
            | "stroke-linejoin"
            | "stroke-miterlimit"
            | "stroke-opacity"
            | "stroke-width"
            | "paint-order"
            | "color"
            | "shape-rendering"
            | "color-rendering"
            | "visibility"
    )
}

/// A colour, plain numbers, keywords: nothing that is looked up or measured elsewhere.
pub fn is_absolute(value: &str) -> bool {
    const ELSEWHERE: [&str; 8] = ["inherit", "unset", "revert", "initial", "context-", "auto", "%", "\\"];
    let value = value.to_ascii_lowercase();
    let plain = |word: &str| {
        let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        number.len() == word.len() || number.is_empty() || word.starts_with('#') || word.ends_with("px")
    };
    let mut words = value.split(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '(' | ')' | '/' | '!'));
    let mut functions = value.rsplit('(').skip(1);
    !ELSEWHERE.iter().any(|e| value.contains(e)) && functions.all(ends_with_a_colour) && words.all(plain)
}

fn ends_with_a_colour(before: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let name = before.rsplit(|c: char| !in_name(c)).next();
    name.is_some_and(|n| matches!(n, "rgb" | "rgba" | "hsl" | "hsla"))
}

/// Nothing moves, and no line is drawn: what resets and `prefers-reduced-motion` say of every element.
fn is_off(property: &str, value: &str) -> bool {
    let value = value.trim_end_matches("!important").trim();
    let at_once = |time: &str| {
        let (number, most) = match time.strip_suffix("ms") {
            Some(number) => (number, 1.0),
            None => (time.trim_end_matches('s'), 0.001),
        };
        number.parse::<f64>().is_ok_and(|n| n.abs() <= most)
    };
    match property {
        "outline" | "transition" | "animation" => matches!(value, "none" | "0"),
        "transition-duration" | "transition-delay" => at_once(value),
        // Another rule would have to name an animation.
        "animation-duration" | "animation-delay" | "animation-iteration-count" => true,
        _ => false,
    }
}

/// It says nothing about shapes, groups and `<use>`: they have neither boxes nor text.
fn is_for_boxes(property: &str) -> bool {
    const BEGINNINGS: [&str; 27] = [
        "margin",
        "padding",
        "border",
        "background",
        "flex",
        "grid",
        "align-",
        "justify-",
        "place-",
        "list-style",
        "scroll-",
        "scrollbar-",
        "overscroll-",
        "column",
        "text-",
        "font-",
        "line-",
        "letter-",
        "word-",
        "break-",
        "page-break-",
        "counter-",
        "min-",
        "max-",
        "box-",
        "hyphen",
        "object-",
    ];
    const OTHERS: [&str; 33] = [
        "font",
        "float",
        "clear",
        "gap",
        "row-gap",
        "order",
        "position",
        "inset",
        "top",
        "right",
        "bottom",
        "left",
        "z-index",
        "white-space",
        "vertical-align",
        "overflow-wrap",
        "resize",
        "appearance",
        "accent-color",
        "caret-color",
        "quotes",
        "tab-size",
        "orphans",
        "widows",
        "table-layout",
        "caption-side",
        "empty-cells",
        "aspect-ratio",
        "tap-highlight-color",
        "osx-font-smoothing",
        "touch-action",
        "touch-callout",
        "user-select",
    ];
    BEGINNINGS.iter().any(|b| property.starts_with(b)) || OTHERS.contains(&property)
}

#[cfg(test)]
mod tests {
    use super::{Draws, of};

    #[test]
    fn what_shows_on_shapes() {
        for (property, value) in [
            ("box-sizing", "border-box"),
            ("margin-top", "1em"),
            ("-webkit-font-smoothing", "antialiased"),
            ("border", "0 solid"),
            ("line-height", "inherit"),
            ("outline", "none"),
            ("transition-duration", ".01ms !important"),
            ("transition", "none"),
            ("animation-iteration-count", "1"),
        ] {
            assert_eq!(of(property, value), Draws::Nothing, "{property}");
        }
        for (property, value) in [
            ("fill", "#fff"),
            ("FILL", "none"),
            ("stroke", "currentColor"),
            ("stroke-width", "1.5"),
            ("stroke-width", "2px !important"),
            ("color", "rgb(0 0 0 / .5)"),
        ] {
            assert_eq!(of(property, value), Draws::Paint, "{property}:{value}");
        }
        for (property, value) in [
            ("opacity", ".5"),
            ("fill", "inherit"),
            ("fill", "var(--icon)"),
            ("fill", "url(#g)"),
            ("fill", "url(x-rgb(1))"),
            ("stroke-width", "10%"),
            ("stroke-width", ".1em"),
            ("stroke-width", "calc(1px + 1px)"),
            ("transition", "all .2s"),
            ("width", "100%"),
            ("transition-duration", ".1s"),
            ("animation-name", "turn"),
            ("all", "unset"),
            ("outline", "1px solid"),
        ] {
            assert_eq!(of(property, value), Draws::Anything, "{property}:{value}");
        }
    }
}
