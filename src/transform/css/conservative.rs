//! Removes white space and comments, token by token. No value changes, whether it is understood or not.

use super::shape::{self, MAX_DEPTH};
use crate::transform::TransformError;
use cssparser::{ParseError, Parser, ParserInput, Token};

/// An error if browsers would have to repair the text: then its meaning may hang on what looks useless.
pub fn minify(source: &str) -> Result<String, TransformError> {
    let mut input = ParserInput::new(source);
    let mut writer = Writer { source, out: String::with_capacity(source.len()), gap: Gap::None };
    writer.copy(&mut Parser::new(&mut input), 0)?;
    Ok(writer.out)
}

/// What stood between the last token and the next.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    None,
    Comment,
    Blank,
}

struct Writer<'s> {
    source: &'s str,
    out: String,
    gap: Gap,
}

impl<'s> Writer<'s> {
    fn copy(&mut self, input: &mut Parser<'s, '_>, depth: usize) -> Result<(), TransformError> {
        loop {
            let start = input.position().byte_index();
            let Ok(token) = input.next_including_whitespace_and_comments().cloned() else {
                return Ok(());
            };
            let end = input.position().byte_index();
            let text = self.source.get(start..end).unwrap_or_default();
            let close = match token {
                Token::WhiteSpace(_) => {
                    self.gap = Gap::Blank;
                    continue;
                }
                Token::Comment(_) => {
                    if self.gap == Gap::None {
                        self.gap = Gap::Comment;
                    }
                    continue;
                }
                ref bad if bad.is_parse_error() => {
                    return Err(self.refuse(start, "a token is broken"));
                }
                Token::Function(_) | Token::ParenthesisBlock => ')',
                Token::SquareBracketBlock => ']',
                Token::CurlyBracketBlock => '}',
                _ => {
                    self.token(text);
                    continue;
                }
            };
            self.token(text);
            self.block(input, depth, close)?;
        }
    }

    fn block(&mut self, input: &mut Parser<'s, '_>, depth: usize, close: char) -> Result<(), TransformError> {
        if depth >= MAX_DEPTH {
            return Err(self.refuse(input.position().byte_index(), "too deeply nested"));
        }
        let mut copied = Ok(());
        let _ = input.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
            copied = self.copy(inner, depth + 1);
            Ok(())
        });
        copied?;
        let end = input.position().byte_index();
        if !self.source.get(..end).is_some_and(|s| s.ends_with(close)) {
            return Err(self.refuse(end, "a block is not closed"));
        }
        self.token(close.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn token(&mut self, text: &str) {
        let separated = self.out.is_empty() || self.out.ends_with(['{', '}', ';']) || matches!(text, "{" | "}" | ";");
        match self.gap {
            _ if separated => {}
            Gap::None => {}
            Gap::Blank => self.out.push(' '),
            // Without it, two tokens could become one.
            Gap::Comment => self.out.push_str("/**/"),
        }
        self.gap = Gap::None;
        self.out.push_str(text);
    }

    fn refuse(&self, at: usize, message: &str) -> TransformError {
        shape::error(self.source, at, message)
    }
}
