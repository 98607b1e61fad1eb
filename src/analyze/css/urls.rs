//! URLs among tokens, and what else a value consists of.

use crate::model::{Escape, RawRef, RefKind};
use cssparser::{ParseError, Parser, ParserInput, Token};
use std::ops::Range;

/// Nothing that people write is nested deeper; deeper blocks are skipped.
pub const MAX_DEPTH: usize = 200;

/// A URL and where it stands, without quotes.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    pub range: Range<usize>,
    pub url: String,
    pub escape: Escape,
}

impl Found {
    pub fn into_ref(self, kind: RefKind) -> RawRef {
        RawRef { range: self.range, url: self.url, kind, escape: self.escape }
    }

    /// Leads to a file: not `data:`, not a fragment of the document itself.
    pub fn leads_out(&self) -> bool {
        let data = self.url.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("data:"));
        !(self.url.is_empty() || self.url.starts_with('#') || data)
    }

    /// Means another place when it is used from another folder.
    pub fn is_relative(&self) -> bool {
        let scheme = self.url.split_once(':').is_some_and(|(scheme, _)| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        });
        !self.url.starts_with('/') && !scheme
    }
}

/// One outer component of a value.
#[derive(Clone, PartialEq, Debug)]
pub enum Word {
    /// In lower case.
    Ident(String),
    /// In lower case.
    Function(String),
    Number,
    Other,
}

/// What a value consists of.
#[derive(Default, Debug)]
pub struct Value {
    pub urls: Vec<Found>,
    /// Before `!important`.
    pub words: Vec<Word>,
    /// All functions at any depth, in lower case.
    pub functions: Vec<String>,
    /// There is a `{}` at the outer level.
    pub has_block: bool,
    pub important: bool,
}

/// Reads all that is left of `input`.
pub fn value(source: &str, input: &mut Parser) -> Value {
    let mut value = Value::default();
    scan(source, input, false, 0, &mut value);
    value
}

/// The URL that an `@import` begins with.
pub fn import(source: &str, input: &mut Parser) -> Option<Found> {
    let mut value = Value::default();
    scan(source, input, true, 0, &mut value);
    value.urls.into_iter().next()
}

fn scan(source: &str, input: &mut Parser, strings: bool, depth: usize, value: &mut Value) {
    loop {
        let start = input.position().byte_index();
        let Ok(token) = input.next_including_whitespace_and_comments().cloned() else {
            return;
        };
        let range = start..input.position().byte_index();
        let mut nested = None;
        let word = match token {
            Token::WhiteSpace(_) | Token::Comment(_) => continue,
            Token::UnquotedUrl(url) => {
                value.urls.push(unquoted(source, range, &url));
                Word::Function("url".into())
            }
            Token::QuotedString(text) => {
                if strings {
                    value.urls.push(quoted(source, range, &text));
                }
                Word::Other
            }
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                nested = Some(matches!(&*name, "url" | "src" | "image-set" | "-webkit-image-set"));
                value.functions.push(name.clone());
                Word::Function(name)
            }
            Token::CurlyBracketBlock | Token::ParenthesisBlock | Token::SquareBracketBlock => {
                value.has_block |= depth == 0 && token == Token::CurlyBracketBlock;
                nested = Some(false);
                Word::Other
            }
            Token::Ident(name) => Word::Ident(name.to_ascii_lowercase()),
            Token::Number { .. } | Token::Percentage { .. } | Token::Dimension { .. } => Word::Number,
            Token::Delim('!') => {
                value.important = true;
                Word::Other
            }
            _ => Word::Other,
        };
        if depth == 0 && !value.important {
            value.words.push(word);
        }
        if let Some(strings) = nested.filter(|_| depth < MAX_DEPTH) {
            let _ = input.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                scan(source, inner, strings, depth + 1, value);
                Ok(())
            });
        }
    }
}

/// The last `/*# sourceMappingURL=… */` outside of all rules.
pub fn source_map(source: &str) -> Option<RawRef> {
    let mut input = ParserInput::new(source);
    let mut input = Parser::new(&mut input);
    let mut last = None;
    loop {
        let start = input.position().byte_index();
        match input.next_including_whitespace_and_comments() {
            Err(_) => return last,
            Ok(Token::Comment(text)) => {
                let marked = text.strip_prefix(['#', '@']).map(str::trim_start);
                let url = marked.and_then(|t| t.strip_prefix("sourceMappingURL="));
                let Some(url) = url.and_then(|u| u.split_whitespace().next()) else {
                    continue;
                };
                let at = start + 2 + text.find('=').unwrap_or_default() + 1;
                let from = at + source.get(at..).and_then(|s| s.find(url)).unwrap_or_default();
                let found = Found { range: from..from + url.len(), url: url.to_owned(), escape: Escape::Plain };
                last = found.leads_out().then(|| found.into_ref(RefKind::SourceMap)).or(last);
            }
            Ok(_) => {}
        }
    }
}

/// `"a"` without its quotes. The file may end before the second one.
fn quoted(source: &str, range: Range<usize>, url: &str) -> Found {
    let text = source.get(range.clone()).unwrap_or_default();
    let escape = match text.starts_with('"') {
        true => Escape::CssDoubleQuoted,
        false => Escape::CssSingleQuoted,
    };
    let body = text.get(1..).unwrap_or_default();
    let closed = text.get(..1).is_some_and(|quote| body.ends_with(quote) && !ends_escaped(body));
    let inner = range.start + 1..range.end - usize::from(closed);
    Found { range: inner, url: url.to_owned(), escape }
}

/// `url( a )` without all that is not `a`.
fn unquoted(source: &str, range: Range<usize>, url: &str) -> Found {
    let text = source.get(range.clone()).unwrap_or_default();
    let open = text.find('(').map_or(text.len(), |at| at + 1);
    let body = text.get(open..).unwrap_or_default();
    let body = match body.ends_with(')') && !ends_escaped(body) {
        true => &body[..body.len() - 1],
        false => body,
    };
    let blank = [' ', '\t', '\n', '\r', '\x0c'];
    let lead = body.len() - body.trim_start_matches(blank).len();
    let mut inner = body.trim_matches(blank).len();
    // `\ ` is an escaped blank.
    if body.get(lead..lead + inner + 1).is_some_and(ends_escaped) {
        inner += 1;
    }
    let start = range.start + open + lead;
    Found { range: start..start + inner, url: url.to_owned(), escape: Escape::CssUnquoted }
}

/// Whether the last character has a backslash before it that is not itself escaped.
fn ends_escaped(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next_back();
    let body = chars.as_str();
    (body.len() - body.trim_end_matches('\\').len()) % 2 == 1
}
