//! Declarations that decide about an element's box.

use super::urls::{Value, Word};
use super::{BoxProp, Size};

/// `None` for properties that do not matter here.
pub fn property(name: &str, value: &Value) -> Option<BoxProp> {
    Some(match name {
        "width" | "inline-size" => BoxProp::Width(size(value)),
        "height" | "block-size" => BoxProp::Height(size(value)),
        "min-width" | "min-inline-size" => BoxProp::MinWidth,
        "max-width" | "max-inline-size" => BoxProp::MaxWidth,
        "min-height" | "min-block-size" => BoxProp::MinHeight,
        "max-height" | "max-block-size" => BoxProp::MaxHeight,
        "aspect-ratio" => BoxProp::AspectRatio,
        "object-fit" => BoxProp::ObjectFit,
        "all" => BoxProp::All,
        "white-space" | "white-space-collapse" => BoxProp::WhiteSpace { preserves: preserves(&value.words) },
        "object-position" | "object-view-box" => BoxProp::Behind,
        "background-color" => return None,
        _ if name.starts_with("background") => BoxProp::Behind,
        "display" if arranges(value) => BoxProp::Arranges,
        "zoom" | "flex" | "flex-basis" | "content" => BoxProp::Other,
        _ => return None,
    })
}

/// Its children are items of a flex or grid container, or could be.
fn arranges(value: &Value) -> bool {
    value.words.iter().any(|word| match word {
        Word::Ident(name) => ["flex", "grid", "box", "contents"].iter().any(|kind| name.ends_with(kind)),
        Word::Function(_) => true,
        _ => false,
    })
}

/// An element with `display: contents` passes it on, or gets a box after all.
pub fn felt_without_a_box(name: &str, value: &Value, declaration: &str) -> bool {
    let text = || declaration.split_once(':').map_or("", |(_, text)| text);
    match name {
        "display" | "all" => value.important,
        "content" => !matches!(value.words.as_slice(), [Word::Ident(word)] if word == "none" || word == "normal"),
        "font" | "font-size" => {
            text().split(['/', '!']).next().unwrap_or_default().split_whitespace().any(of_the_parents_font)
        }
        "zoom" => true,
        _ => name.starts_with("counter-"),
    }
}

/// What it comes to depends on the font size that is inherited, and is another one.
fn of_the_parents_font(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let units = ["%", "em", "ex", "ch", "cap", "ic", "lh"];
    let root = ["rem", "rex", "rch", "rcap", "ric", "rlh"];
    let relative = units.iter().any(|u| word.ends_with(u)) && !root.iter().any(|u| word.ends_with(u));
    matches!(word.as_str(), "larger" | "smaller") || word.contains('(') || relative && word != "100%" && word != "1em"
}

fn size(value: &Value) -> Size {
    let substituted = ["var", "env", "attr", "if"].iter().any(|f| value.functions.iter().any(|g| g == f));
    match value.words.as_slice() {
        _ if substituted => Size::Unknown,
        [Word::Number] => Size::Definite,
        [Word::Ident(name)] => match name.as_str() {
            "auto" => Size::Auto,
            "min-content"
            | "max-content"
            | "fit-content"
            | "stretch"
            | "-webkit-fill-available"
            | "-moz-available"
            | "-webkit-min-content"
            | "-webkit-max-content"
            | "-webkit-fit-content"
            | "-moz-min-content"
            | "-moz-max-content"
            | "-moz-fit-content"
            | "intrinsic" => Size::Content,
            _ => Size::Unknown,
        },
        [Word::Function(name)] if name == "fit-content" => Size::Content,
        [Word::Function(name)] if matches!(name.as_str(), "calc" | "min" | "max" | "clamp") => Size::Definite,
        _ => Size::Unknown,
    }
}

fn preserves(value: &[Word]) -> bool {
    value.iter().any(|word| match word {
        Word::Ident(name) => name.starts_with("pre") || matches!(name.as_str(), "break-spaces" | "-moz-pre-wrap"),
        Word::Function(_) => true,
        _ => false,
    })
}
