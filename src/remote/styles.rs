//! Styles that look at addresses: `img[src^="http"]` means other images once their addresses change.

use cssparser::{ParseError, Parser, ParserInput, Token};

/// Nothing that people write is nested deeper.
const MAX_DEPTH: usize = 200;
/// What their `src` leads to is no picture.
const OTHERS: [&str; 9] = ["a", "area", "audio", "embed", "frame", "iframe", "object", "script", "track"];

/// Some selector of the sheet asks for the address of a picture, and not only for its fragment.
pub fn ask(sheet: &str) -> bool {
    let mut input = ParserInput::new(sheet);
    asks(&mut Parser::new(&mut input), 0)
}

fn asks(input: &mut Parser<'_, '_>, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return true;
    }
    // The type that the compound begins with.
    let mut tag: Option<String> = None;
    let mut begins = true;
    while let Ok(token) = input.next_including_whitespace().cloned() {
        let opens = matches!(token, Token::Function(_) | Token::ParenthesisBlock | Token::CurlyBracketBlock);
        if opens || token == Token::SquareBracketBlock {
            let of = tag.clone();
            let inner = |inner: &mut Parser<'_, '_>| -> Result<bool, ParseError<'_, ()>> {
                Ok(if opens { asks(inner, depth + 1) } else { attribute(inner, of.as_deref()) })
            };
            if input.parse_nested_block(inner).unwrap_or(true) {
                return true;
            }
        }
        match token {
            Token::Ident(name) if begins => tag = Some(name.to_ascii_lowercase()),
            Token::WhiteSpace(_) | Token::Comma | Token::Semicolon | Token::CurlyBracketBlock => tag = None,
            Token::Delim('>' | '+' | '~') => tag = None,
            _ => {
                begins = false;
                continue;
            }
        }
        begins = tag.is_none();
    }
    false
}

/// What stands between the brackets, of an element with this tag.
fn attribute(input: &mut Parser<'_, '_>, tag: Option<&str>) -> bool {
    let (mut name, mut operator) = (String::new(), None);
    while let Ok(token) = input.next().cloned() {
        match (token, &operator) {
            (Token::Ident(value) | Token::QuotedString(value), Some(operator)) => {
                return looks(&name, operator, &value, tag);
            }
            (Token::Ident(own), None) => name = own.to_ascii_lowercase(),
            (Token::Delim('*' | '|'), None) => {}
            (operator_token, None) => operator = Some(operator_token.clone()),
            _ => return true,
        }
    }
    false
}

fn looks(name: &str, operator: &Token<'_>, value: &str, tag: Option<&str>) -> bool {
    let fragment = matches!(operator, Token::SubstringMatch | Token::SuffixMatch) && value.starts_with('#');
    let about = match name {
        "src" | "srcset" | "imagesrcset" | "poster" => !tag.is_some_and(|t| OTHERS.contains(&t)),
        "href" => matches!(tag, Some("link" | "image")),
        "style" => ["/", "url", "http", ")"].iter().any(|part| value.to_ascii_lowercase().contains(part)),
        _ => false,
    };
    about && !fragment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_selectors_about_addresses_of_pictures_ask() {
        for sheet in [
            "img[src^=http]{color:red}",
            "p > img.a[src*=\"/t/1\" i]{}",
            "@media print{[SRC$='.png']{}}",
            "a:not(:has(img[ src = 'x' ])){}",
            "a{& img[*|src~=x]{}}",
            "img[s\\72 c*=h]{}",
            "video[poster*=h]{}",
            "[style*='url(http']{}",
            "source[srcset*=h]{}",
            "link[href*=h]{}",
            "iframe[src*=x], [src*=x]{}",
        ] {
            assert!(ask(sheet), "{sheet}");
        }
        for sheet in [
            "img[src]{}",
            "img[src*='#center']{}",
            "img[src$=\"#left\"]{}",
            "iframe[src*=youtube]{}",
            "a[href^=http]{}",
            "[style*='display: none']{}",
            "img[alt^=http]{}",
            "p{grid-area:[src] 1fr;background:url(a.png?[src^=x])}",
            "",
        ] {
            assert!(!ask(sheet), "{sheet}");
        }
    }
}
