//! Comments that are more than remarks.

use super::shape::MAX_DEPTH;
use cssparser::{ParseError, Parser, ParserInput, Token};

#[derive(Default, Debug)]
pub struct Found<'s> {
    /// As written, in the order of the text, each once.
    pub licenses: Vec<&'s str>,
    /// The last one.
    pub source_map: Option<&'s str>,
}

pub fn find(source: &str) -> Found<'_> {
    let mut found = Found::default();
    let mut input = ParserInput::new(source);
    scan(source, &mut Parser::new(&mut input), 0, &mut found);
    found
}

/// Without the comments between rules. In a value one may part what would else be one word.
pub fn without_remarks(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut input = ParserInput::new(source);
    let mut parser = Parser::new(&mut input);
    let mut between = true;
    loop {
        let start = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else { return out };
        let block = matches!(token, Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock)
            || token == Token::CurlyBracketBlock;
        if block {
            let _ = parser.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                while inner.next().is_ok() {}
                Ok(())
            });
        }
        if !(between && matches!(token, Token::Comment(_))) {
            out.push_str(source.get(start..parser.position().byte_index()).unwrap_or_default());
            between = matches!(token, Token::CurlyBracketBlock | Token::Semicolon)
                || between && matches!(token, Token::WhiteSpace(_));
        }
    }
}

fn scan<'s>(source: &'s str, input: &mut Parser<'s, '_>, depth: usize, found: &mut Found<'s>) {
    loop {
        let start = input.position().byte_index();
        let Ok(token) = input.next_including_whitespace_and_comments().cloned() else {
            return;
        };
        match token {
            Token::Comment(text) => {
                let whole = source.get(start..input.position().byte_index()).unwrap_or_default();
                let license = text.starts_with('!') || text.contains("@license") || text.contains("@preserve");
                // One that is cut off by the end of the file would swallow what follows it.
                if license && whole.ends_with("*/") && !found.licenses.contains(&whole) {
                    found.licenses.push(whole);
                } else if text.starts_with("# sourceMappingURL=") {
                    found.source_map = Some(whole);
                }
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock
                if depth < MAX_DEPTH =>
            {
                let _ = input.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                    scan(source, inner, depth + 1, found);
                    Ok(())
                });
            }
            _ => {}
        }
    }
}
