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
        "zoom" | "flex" | "flex-basis" | "content" => BoxProp::Other,
        _ => return None,
    })
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
