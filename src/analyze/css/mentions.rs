//! What kiln adds to images, as far as selectors name it.

use super::urls::MAX_DEPTH;
use cssparser::{ParseError, Parser, Token};
use std::collections::BTreeSet;

/// What selectors name that kiln adds to images.
#[derive(Default)]
pub struct Mentions {
    pub pictures: bool,
    pub attributes: BTreeSet<&'static str>,
}

impl Mentions {
    /// Reads a prelude to its end. Where it cannot tell it is careful.
    pub fn read(input: &mut Parser) -> Self {
        let mut all = Self::default();
        all.read_nested(input, false, 0);
        all
    }

    fn read_nested(&mut self, input: &mut Parser, attribute: bool, depth: usize) {
        if depth >= MAX_DEPTH {
            return self.anything();
        }
        let mut class = false;
        while let Ok(token) = input.next_including_whitespace().cloned() {
            match &token {
                Token::Ident(name) if attribute => {
                    self.attributes.extend(ADDED_ATTRIBUTES.iter().filter(|n| name.eq_ignore_ascii_case(n)));
                }
                Token::Ident(name) => self.pictures |= !class && name.eq_ignore_ascii_case("picture"),
                Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                    let attribute = token == Token::SquareBracketBlock;
                    let inner = |inner: &mut Parser| -> Result<_, ParseError<()>> {
                        self.read_nested(inner, attribute, depth + 1);
                        Ok(())
                    };
                    if input.parse_nested_block(inner).is_err() {
                        self.anything();
                    }
                }
                _ => {}
            }
            class = matches!(token, Token::Delim('.'));
        }
    }

    fn anything(&mut self) {
        *self = Self { pictures: true, attributes: ADDED_ATTRIBUTES.into() };
    }
}

/// Attributes that kiln adds to images.
const ADDED_ATTRIBUTES: [&str; 8] =
    ["decoding", "fetchpriority", "height", "loading", "sizes", "srcset", "style", "width"];
