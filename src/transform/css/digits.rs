//! Numbers with the digits that their author gave them. The printer writes six: `1.42857` for `1.4285714286` makes a line of
//! 14 px lower by a 64th of a pixel, and the next text by a whole one.

use cssparser::{ParseError, Parser, ParserInput, Token};
use std::borrow::Cow;
use std::ops::Range;

/// A printed value with as many digits as were written. `None` where it is not clear which number is which, or where one was
/// worked out and cut: `33.3333%` for `calc(100%/3)`.
pub fn restored<'a>(written: &str, printed: &'a str) -> Option<Cow<'a, str>> {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    if digits(written) <= PRINTED && digits(printed) < PRINTED {
        return Some(Cow::Borrowed(printed));
    }
    let written: Vec<&str> = numbers(written).into_iter().filter_map(|range| written.get(range)).collect();
    let mut out = String::with_capacity(printed.len() + written.len() * 8);
    let (mut done, mut rest) = (0, written.as_slice());
    // They stand in the same order, but for those that the printer could leave out.
    for range in numbers(printed) {
        let number = printed.get(range.clone())?;
        let Some(found) = rest.iter().position(|other| rounded(other) == rounded(number)) else {
            let cut = significant(plain(number)) == PRINTED && written.iter().all(|n| rounded(n) != rounded(number));
            if cut {
                return None;
            }
            continue;
        };
        let (skipped, from) = rest.split_at_checked(found)?;
        let (same, after) = from.split_first()?;
        if skipped.iter().any(|number| are_many(number)) {
            return None;
        }
        if are_many(same) {
            out.push_str(printed.get(done..range.end - plain(number).len())?);
            out.push_str(plain(same));
            done = range.end;
        }
        rest = after;
    }
    out.push_str(printed.get(done..)?);
    (!rest.iter().any(|number| are_many(number))).then_some(Cow::Owned(out))
}

/// More digits than the printer writes.
pub fn are_many(number: &str) -> bool {
    numbers(number).first().and_then(|range| number.get(range.clone())).is_some_and(|n| significant(plain(n)) > PRINTED)
}

/// Significant digits that the printer writes.
const PRINTED: usize = 6;

fn significant(digits: &str) -> usize {
    digits.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count()
}

/// Without its sign and the zeros that say nothing.
fn plain(number: &str) -> &str {
    let digits = number.trim_start_matches(['+', '-', '0']);
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// The number as the printer rounds it, however it is written.
fn rounded(number: &str) -> String {
    let value: f32 = number.parse().unwrap_or(f32::NAN);
    format!("{:.*e}", PRINTED - 1, value.abs())
}

/// The numbers of a text, without their units. Those with an exponent are left out.
fn numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    collect(&mut Parser::new(&mut ParserInput::new(text)), text, &mut found);
    found
}

fn collect(input: &mut Parser, text: &str, found: &mut Vec<Range<usize>>) {
    loop {
        let at = input.position().byte_index();
        let Ok(token) = input.next_including_whitespace_and_comments().cloned() else { return };
        match token {
            Token::Number { .. } | Token::Percentage { .. } | Token::Dimension { .. } => {
                let rest = text.get(at..input.position().byte_index()).unwrap_or_default();
                let end =
                    rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '.')).unwrap_or(rest.len());
                let exponent = rest.get(end..).is_some_and(|unit| {
                    let power = unit.strip_prefix(['e', 'E']).map(|power| power.trim_start_matches(['+', '-']));
                    power.is_some_and(|power| power.starts_with(|c: char| c.is_ascii_digit()))
                });
                if !exponent {
                    found.push(at..at + end);
                }
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                let _ = input.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                    collect(inner, text, found);
                    Ok(())
                });
            }
            _ => {}
        }
    }
}
