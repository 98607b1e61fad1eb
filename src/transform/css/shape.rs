//! What must be the same before and after: which rules and declarations there are, and which URLs.

use super::{Context, digits, fragile};
use crate::transform::TransformError;
use cssparser::{ParseError, Parser, ParserInput, Token};
use std::collections::BTreeMap;
use std::ops::Range;

/// Nothing that people write is nested deeper.
pub const MAX_DEPTH: usize = 100;

#[derive(Clone, Default, Debug)]
pub struct Shape {
    /// At-rules, blocks, declared properties and URLs, and how often each occurs.
    counts: BTreeMap<String, usize>,
    /// All declarations, in the order of the text.
    pub declarations: Vec<Declaration>,
    /// `min-` or `max-` in a media query.
    pub media_prefixes: bool,
    /// `<`, `>` or `=` in a media query.
    pub media_ranges: bool,
    /// A number in a media or container query with more digits than are printed.
    pub fine_media: bool,
    /// A colour like `#0008`.
    pub hex_alpha: bool,
}

#[derive(Clone, Debug)]
pub struct Declaration {
    /// With a `!` if it is important.
    pub name: String,
    /// Its value, in bytes of the text.
    pub value: Range<usize>,
    /// The value stays as written: a custom property's, or one that the printer gets wrong.
    pub verbatim: bool,
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts
    }
}

/// An error if the text is nested too deeply.
pub fn of(source: &str, context: Context) -> Result<Shape, TransformError> {
    let mut input = ParserInput::new(source);
    let mut reader = Reader { source, shape: Shape::default(), fragile: false };
    reader.items(&mut Parser::new(&mut input), context == Context::StyleAttribute, 0)?;
    Ok(reader.shape)
}

/// An error at a byte of `source`.
pub fn error(source: &str, at: usize, message: &str) -> TransformError {
    let before = source.get(..at).unwrap_or(source);
    let line = before.rsplit('\n').next().unwrap_or_default();
    TransformError {
        line: before.matches('\n').count() as u32 + 1,
        column: line.chars().count() as u32 + 1,
        message: message.to_owned(),
    }
}

struct Reader<'s> {
    source: &'s str,
    shape: Shape,
    /// The declaration that is being read holds a function that has to stay as written.
    fragile: bool,
}

impl Reader<'_> {
    fn count(&mut self, what: String) {
        *self.shape.counts.entry(what).or_default() += 1;
    }

    /// Statements up to the end of a block: each begins after a `;` or a `{}`.
    fn items(&mut self, input: &mut Parser, declarations: bool, depth: usize) -> Result<(), TransformError> {
        let mut words: Vec<Token> = Vec::new();
        let (mut value, mut parts) = (0, Vec::new());
        loop {
            let at = input.position().byte_index();
            let token = input.next().cloned();
            let custom = declarations && is_custom(&words);
            let block = matches!(token, Ok(Token::CurlyBracketBlock)) && !custom;
            let end = block || matches!(token, Ok(Token::Semicolon) | Err(_));
            if end {
                self.statement(&words, block, declarations);
                // Both are asked: what they noticed ends with the declaration.
                let fragile = fragile::value(&words, &parts) | std::mem::take(&mut self.fragile);
                if custom || (declarations && !block) {
                    self.declaration(&words, value..at, custom || fragile);
                }
            }
            match &token {
                Err(_) => return Ok(()),
                Ok(_) if block => {
                    self.nested(input, depth, at, |reader, inner, depth| reader.items(inner, true, depth))?
                }
                Ok(token) => self.component(token, input, within(&words), depth, at)?,
            }
            if end {
                words.clear();
                parts.clear();
            } else if words.len() < 2 {
                words.extend(token);
                value = input.position().byte_index();
            } else {
                parts.extend(token);
            }
        }
    }

    fn declaration(&mut self, words: &[Token], range: Range<usize>, verbatim: bool) {
        let text = self.source.get(range.clone()).unwrap_or_default();
        let important = text.rsplit_once('!').is_some_and(|(_, last)| last.trim().eq_ignore_ascii_case("important"));
        let text = if important { text.rsplit_once('!').map_or(text, |(value, _)| value) } else { text };
        let start = range.start + (text.len() - text.trim_start().len());
        let range = start..start + text.trim().len();
        if let [Token::Ident(name), Token::Colon] = words {
            let name = format!("{}{}", declared(name), if important { "!" } else { "" });
            let verbatim = verbatim || fragile::text(self.source.get(range.clone()).unwrap_or_default());
            self.shape.declarations.push(Declaration { name, value: range, verbatim });
        }
    }

    fn statement(&mut self, words: &[Token], block: bool, declarations: bool) {
        match words {
            // It only counts as the first bytes of a file, and is kept there.
            [Token::AtKeyword(name), ..] if name.eq_ignore_ascii_case("charset") => {}
            [Token::AtKeyword(name), ..] => self.count(format!("@{}", name.to_ascii_lowercase())),
            _ if block => self.count("rule".into()),
            [Token::Ident(name), Token::Colon] if declarations => {
                self.count(format!("{}:", declared(name)));
            }
            _ => {}
        }
    }

    fn nested(
        &mut self,
        input: &mut Parser,
        depth: usize,
        at: usize,
        read: impl FnOnce(&mut Self, &mut Parser, usize) -> Result<(), TransformError>,
    ) -> Result<(), TransformError> {
        if depth >= MAX_DEPTH {
            return Err(error(self.source, at, "too deeply nested"));
        }
        let mut done = Ok(());
        let _ = input.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
            done = read(self, inner, depth + 1);
            Ok(())
        });
        done
    }

    fn arguments(&mut self, input: &mut Parser, within: Within, depth: usize) -> Result<(), TransformError> {
        loop {
            let at = input.position().byte_index();
            let Ok(token) = input.next().cloned() else {
                return Ok(());
            };
            self.component(&token, input, within, depth, at)?;
        }
    }

    fn component(
        &mut self,
        token: &Token,
        input: &mut Parser,
        within: Within,
        depth: usize,
        at: usize,
    ) -> Result<(), TransformError> {
        let urls = match token {
            Token::UnquotedUrl(url) => {
                self.count(format!("url {url}"));
                return Ok(());
            }
            Token::QuotedString(url) if within.urls => {
                self.count(format!("url {url}"));
                return Ok(());
            }
            Token::Ident(name) if within.media => {
                let name = name.to_ascii_lowercase();
                self.shape.media_prefixes |= name.contains("min-") || name.contains("max-");
                return Ok(());
            }
            Token::Dimension { .. } | Token::Number { .. } if within.condition => {
                let text = self.source.get(at..input.position().byte_index()).unwrap_or_default();
                self.shape.fine_media |= digits::are_many(text);
                return Ok(());
            }
            Token::Delim('<' | '>' | '=') => {
                self.shape.media_ranges |= within.media;
                return Ok(());
            }
            Token::Hash(hex) | Token::IDHash(hex) => {
                let digits = hex.bytes().all(|b| b.is_ascii_hexdigit());
                self.shape.hex_alpha |= digits && matches!(hex.len(), 4 | 8);
                return Ok(());
            }
            Token::Function(name) => {
                self.fragile |= fragile::function(name);
                ["url", "src", "image-set", "-webkit-image-set"].iter().any(|f| name.eq_ignore_ascii_case(f))
            }
            Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => false,
            _ => return Ok(()),
        };
        let within = Within { urls, ..within };
        self.nested(input, depth, at, |reader, inner, depth| reader.arguments(inner, within, depth))
    }
}

/// What surrounds a token.
#[derive(Clone, Copy)]
struct Within {
    media: bool,
    /// What decides whether rules apply.
    condition: bool,
    /// A string is a URL.
    urls: bool,
}

fn within(words: &[Token]) -> Within {
    let begins = |names: &[&str]| words.first().is_some_and(|w| is_at(w, names));
    let media = begins(&["media", "import", "custom-media"]);
    Within { media, condition: media || begins(&["container"]), urls: begins(&["import", "namespace"]) }
}

fn declared(name: &str) -> String {
    if name.starts_with("--") { name.to_owned() } else { name.to_ascii_lowercase() }
}

fn is_custom(words: &[Token]) -> bool {
    matches!(words, [Token::Ident(name), Token::Colon] if name.starts_with("--"))
}

fn is_at(token: &Token, names: &[&str]) -> bool {
    matches!(token, Token::AtKeyword(name) if names.iter().any(|n| name.eq_ignore_ascii_case(n)))
}
