//! `@font-face`: which file stands for which letters.

use super::Face;
use cssparser::{ParseError, Parser, Token};

/// `None` for a face of the machine's own fonts, and for one that has no Latin letters.
pub fn face(input: &mut Parser<'_, '_>) -> Option<Face> {
    let mut face = Face { family: String::new(), urls: Vec::new(), weight: None, italic: false };
    let mut latin = true;
    while let Ok(token) = input.next().cloned() {
        let Token::Ident(name) = token else { continue };
        if input.expect_colon().is_err() {
            continue;
        }
        let name = name.to_ascii_lowercase();
        let _ = input.parse_until_after(cssparser::Delimiter::Semicolon, |value| -> Result<(), ParseError<'_, ()>> {
            match name.as_str() {
                "font-family" => face.family = family(value),
                "font-style" => {
                    let style = value.expect_ident().map(|i| i.to_ascii_lowercase()).unwrap_or_default();
                    face.italic = style == "italic" || style == "oblique";
                }
                "font-weight" => face.weight = weight(value),
                "src" => sources(value, &mut face.urls),
                "unicode-range" => latin = has_latin(value),
                _ => {}
            }
            while value.next().is_ok() {}
            Ok(())
        });
    }
    (latin && !face.family.is_empty() && !face.urls.is_empty()).then_some(face)
}

fn family(value: &mut Parser<'_, '_>) -> String {
    let mut words = Vec::new();
    while let Ok(token) = value.next() {
        match token {
            Token::QuotedString(s) | Token::Ident(s) => words.push(s.as_ref().to_owned()),
            _ => {}
        }
    }
    words.join(" ")
}

fn weight(value: &mut Parser<'_, '_>) -> Option<u16> {
    let mut numbers = Vec::new();
    while let Ok(token) = value.next() {
        match token {
            Token::Number { value, .. } => numbers.push(*value as u16),
            Token::Ident(name) if name.eq_ignore_ascii_case("bold") => numbers.push(700),
            Token::Ident(name) if name.eq_ignore_ascii_case("normal") => numbers.push(400),
            _ => {}
        }
    }
    match numbers.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

fn sources(value: &mut Parser<'_, '_>, urls: &mut Vec<String>) {
    while let Ok(token) = value.next().cloned() {
        match token {
            Token::UnquotedUrl(url) => urls.push(url.as_ref().to_owned()),
            Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                let _ = value.parse_nested_block(|nested| -> Result<(), ParseError<'_, ()>> {
                    urls.extend(nested.expect_string().map(|s| s.as_ref().to_owned()));
                    Ok(())
                });
            }
            _ => {}
        }
    }
}

/// The range holds the letter `a`.
fn has_latin(value: &mut Parser<'_, '_>) -> bool {
    let start = value.position();
    while value.next().is_ok() {}
    let text = value.slice_from(start).to_ascii_lowercase();
    text.split([',', ';']).any(|range| {
        let range = range.trim().trim_start_matches("u+").replace('?', "0");
        let (from, to) = range.split_once('-').unwrap_or((&range, &range));
        let number = |t: &str| u32::from_str_radix(t.trim(), 16).ok();
        number(from).zip(number(to)).is_some_and(|(from, to)| (from..=to.max(from)).contains(&0x61))
    })
}
