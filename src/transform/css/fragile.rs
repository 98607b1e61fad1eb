//! Values that the printer gets wrong, as its output in a browser shows. They stay as their author wrote them.

use cssparser::Token;

/// The directions of prefixed gradients count the other way round, and it reads them as those of `linear-gradient()`.
pub fn function(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with('-') && name.ends_with("-gradient") && name != "-webkit-gradient"
}

/// `words` are the declared name and its colon, `parts` the tokens of the value.
pub fn value(words: &[Token], parts: &[Token]) -> bool {
    let [Token::Ident(name), Token::Colon] = words else { return false };
    match name.to_ascii_lowercase().trim_start_matches("-webkit-") {
        // It writes a width as a percentage, which only `font-stretch` may have.
        "font" => parts.iter().any(|p| matches!(p, Token::Ident(word) if is_width(word))),
        // It loses the place of the third value.
        "transform-origin" => parts.len() > 2,
        // Beside `none` it drops what a later declaration could need: a duration, a colour.
        "animation" | "text-emphasis" => {
            parts.len() > 1
                && parts.iter().any(|p| matches!(p, Token::Ident(word) if word.eq_ignore_ascii_case("none")))
        }
        _ => false,
    }
}

/// A gradient upwards: it looks the same the other way round, but scripts read another.
pub fn text(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.split("linear-gradient(").skip(1).any(|rest| {
        let rest = rest.trim_start();
        rest.starts_with("to top,") || rest.split_once("deg").is_some_and(|(angle, _)| angle.parse() == Ok(0.0_f32))
    })
}

fn is_width(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.ends_with("condensed") || word.ends_with("expanded")
}
