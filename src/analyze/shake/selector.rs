//! Selectors, as far as they can be known never to match. What is not understood is left out: it may match.

use cssparser::{ParseError, Parser, Token};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Selector {
    /// Bytes of the sheet.
    pub range: (u32, u32),
    /// As written, of the outer list only.
    pub text: String,
    /// From the outermost element to the one that is styled, each with how it is tied to the one before.
    pub compounds: Vec<(Combinator, Vec<Simple>)>,
    /// Every browser knows all of it. Otherwise it may be what makes browsers skip its whole rule.
    pub plain: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Combinator {
    #[default]
    Descendant,
    Child,
    Sibling,
}

/// One condition on one element.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Simple {
    /// Without capitals.
    Tag(String),
    Id(String),
    Class(String),
    /// The name is in lower case.
    Attr(String, Option<(Match, String)>),
    /// `:is()` and its like.
    Any(Vec<Selector>),
    Has(Vec<Selector>),
    /// `&`.
    Parent,
    /// How many siblings follow: `:last-child`, `:only-child`, and `nth` for `:nth-last-child()`. On any element, some time.
    FromEnd {
        nth: bool,
    },
    /// `:hover`, `:active`: only with a pointer on it.
    Pointed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Match {
    Equal,
    /// `~=`.
    Word,
    /// `|=`.
    Dash,
    Prefix,
    Suffix,
    Substring,
}

const MAX_DEPTH: usize = 32;

/// Reads all that is left of `input`, which must be a selector list.
pub fn read(input: &mut Parser) -> Vec<Selector> {
    list(input, 0)
}

impl Selector {
    /// `&` stands anywhere in it.
    pub fn names_parent(&self) -> bool {
        self.compounds.iter().flat_map(|(_, c)| c).any(|s| match s {
            Simple::Parent => true,
            Simple::Any(list) | Simple::Has(list) => list.iter().any(Self::names_parent),
            _ => false,
        })
    }

    /// The conditions in it that count siblings from the end, at any depth: whether one of them is an `:nth-last-child()`.
    pub fn from_end(conditions: &[Simple]) -> Option<bool> {
        let inner = |s: &Simple| match s {
            Simple::FromEnd { nth } => Some(*nth),
            // `:has(+ p)`: something follows.
            Simple::Has(list) if list.iter().any(|s| matches!(s.compounds.first(), Some((Combinator::Sibling, _)))) => {
                Some(true)
            }
            Simple::Any(list) | Simple::Has(list) => {
                list.iter().flat_map(|s| &s.compounds).filter_map(|(_, c)| Self::from_end(c)).max()
            }
            _ => None,
        };
        conditions.iter().filter_map(inner).max()
    }

    /// Classes, ids, tags and attributes, at any depth.
    pub fn names(&self) -> Vec<&str> {
        let simples = self.compounds.iter().flat_map(|(_, c)| c);
        simples
            .flat_map(|s| match s {
                Simple::Tag(n) | Simple::Id(n) | Simple::Class(n) | Simple::Attr(n, _) => vec![n.as_str()],
                Simple::Any(list) | Simple::Has(list) => list.iter().flat_map(Self::names).collect(),
                Simple::Parent | Simple::FromEnd { .. } | Simple::Pointed => Vec::new(),
            })
            .collect()
    }
}

fn list(input: &mut Parser, depth: usize) -> Vec<Selector> {
    let mut reader = Reader { depth, ..Reader::default() };
    loop {
        let start = input.position().byte_index();
        let Ok(token) = input.next_including_whitespace().cloned() else { break };
        reader.token(token, input, start);
        if reader.touched {
            reader.end = input.position().byte_index();
        }
    }
    reader.finish();
    reader.done
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Expect {
    #[default]
    Nothing,
    Class,
    Pseudo,
    PseudoElement,
}

#[derive(Default)]
struct Reader {
    done: Vec<Selector>,
    compounds: Vec<(Combinator, Vec<Simple>)>,
    current: Option<Vec<Simple>>,
    combinator: Option<Combinator>,
    expect: Expect,
    odd: bool,
    start: Option<usize>,
    end: usize,
    /// The last token belongs to the selector: it is no comma and no blank.
    touched: bool,
    depth: usize,
}

impl Reader {
    fn token(&mut self, token: Token, input: &mut Parser, at: usize) {
        self.touched = !matches!(token, Token::WhiteSpace(_) | Token::Comma);
        if self.touched {
            self.start.get_or_insert(at);
        }
        match token {
            Token::WhiteSpace(_) => return self.combine(Combinator::Descendant),
            Token::Delim('>') => return self.combine(Combinator::Child),
            Token::Delim('+' | '~') => return self.combine(Combinator::Sibling),
            Token::Comma => return self.finish(),
            _ => {}
        }
        let expect = std::mem::take(&mut self.expect);
        match (token, expect) {
            (Token::Ident(name), Expect::Class) => self.part().push(Simple::Class(name.to_string())),
            (Token::Ident(name), Expect::Pseudo) => self.pseudo(&name.to_ascii_lowercase()),
            (Token::Ident(name), Expect::PseudoElement) => self.pseudo_element(&name.to_ascii_lowercase()),
            // In SVG, capitals count.
            (Token::Ident(name), Expect::Nothing) if name.contains(|c: char| c.is_ascii_uppercase()) => {
                self.part();
            }
            (Token::Ident(name), Expect::Nothing) => self.part().push(Simple::Tag(name.to_string())),
            (Token::IDHash(name) | Token::Hash(name), _) => self.part().push(Simple::Id(name.to_string())),
            (Token::Delim('.'), _) => {
                self.part();
                self.expect = Expect::Class;
            }
            (Token::Colon, Expect::Pseudo) => self.expect = Expect::PseudoElement,
            (Token::Colon, _) => {
                self.part();
                self.expect = Expect::Pseudo;
            }
            (Token::Delim('*'), _) => {
                self.part();
            }
            (Token::Delim('&'), _) => self.part().push(Simple::Parent),
            (Token::SquareBracketBlock, _) => {
                let found = nested(input, attribute);
                self.odd |= found.is_none();
                self.part().extend(found);
            }
            (Token::Function(name), Expect::Pseudo) => self.function(&name.to_ascii_lowercase(), input),
            // `svg|a`: what stands before is a namespace and no tag.
            (Token::Delim('|'), _) => {
                self.part().retain(|s| !matches!(s, Simple::Tag(_)));
                self.odd = true;
            }
            (token, _) => {
                self.part();
                self.odd = true;
                if matches!(token, Token::Function(_) | Token::ParenthesisBlock | Token::CurlyBracketBlock) {
                    pass_over(input);
                }
            }
        }
    }

    fn part(&mut self) -> &mut Vec<Simple> {
        if self.current.is_none() {
            self.compounds.push((self.combinator.take().unwrap_or_default(), Vec::new()));
        }
        self.current.get_or_insert_with(Vec::new)
    }

    fn settle(&mut self) {
        if let (Some(simples), Some(last)) = (self.current.take(), self.compounds.last_mut()) {
            last.1 = simples;
        }
    }

    fn combine(&mut self, combinator: Combinator) {
        self.settle();
        let leads = self.compounds.is_empty() && combinator == Combinator::Descendant;
        // The blanks around a `>` are not combinators.
        if !leads && (combinator != Combinator::Descendant || self.combinator.is_none()) {
            self.combinator = Some(combinator);
        }
    }

    fn finish(&mut self) {
        self.settle();
        let range = (offset(self.start.take().unwrap_or(self.end)), offset(self.end));
        let compounds = std::mem::take(&mut self.compounds);
        let plain = !std::mem::take(&mut self.odd) && !compounds.is_empty();
        self.done.push(Selector { range, compounds, plain, ..Selector::default() });
        self.combinator = None;
        self.expect = Expect::Nothing;
    }

    fn pseudo(&mut self, name: &str) {
        let part = self.part();
        match name {
            "last-child" | "only-child" => part.push(Simple::FromEnd { nth: false }),
            "hover" | "active" => part.push(Simple::Pointed),
            _ => {}
        }
        self.odd |= !matches!(
            name,
            "hover"
                | "focus"
                | "active"
                | "visited"
                | "link"
                | "target"
                | "root"
                | "empty"
                | "checked"
                | "disabled"
                | "enabled"
                | "first-child"
                | "last-child"
                | "only-child"
                | "first-of-type"
                | "last-of-type"
                | "only-of-type"
                | "before"
                | "after"
                | "first-line"
                | "first-letter"
        );
    }

    fn pseudo_element(&mut self, name: &str) {
        self.part();
        self.odd |= !matches!(name, "before" | "after" | "first-line" | "first-letter");
    }

    fn function(&mut self, name: &str, input: &mut Parser) {
        self.part();
        let depth = self.depth + 1;
        self.odd |= !matches!(name, "not" | "nth-child" | "nth-last-child" | "nth-of-type" | "nth-last-of-type");
        if depth > MAX_DEPTH {
            self.odd = true;
            return pass_over(input);
        }
        match name {
            "is" | "where" | "matches" | "any" | "-webkit-any" | "-moz-any" => {
                let inner = nested(input, |inner| Some(list(inner, depth))).unwrap_or_default();
                self.part().push(Simple::Any(inner));
            }
            "has" => {
                let inner = nested(input, |inner| Some(list(inner, depth))).unwrap_or_default();
                self.part().push(Simple::Has(inner));
            }
            // Inside, only what makes the selector odd counts.
            "not" => {
                let inner = nested(input, |inner| Some(list(inner, depth))).unwrap_or_default();
                let counts = inner.iter().flat_map(|s| &s.compounds).filter_map(|(_, c)| Selector::from_end(c)).max();
                self.part().extend(counts.map(|nth| Simple::FromEnd { nth }));
                let simple = |s: &Selector| s.plain && s.compounds.len() == 1;
                self.odd |= inner.len() != 1 || !inner.iter().all(simple);
                // What a nested rule is about, even where it says what it is not about.
                if inner.iter().any(Selector::names_parent) {
                    self.odd = true;
                    self.part().push(Simple::Any(vec![Selector::default(), parent()]));
                }
            }
            "nth-last-child" => {
                self.part().push(Simple::FromEnd { nth: true });
                pass_over(input);
            }
            _ => pass_over(input),
        }
    }
}

fn parent() -> Selector {
    Selector { compounds: vec![(Combinator::Descendant, vec![Simple::Parent])], ..Selector::default() }
}

fn nested<T>(input: &mut Parser, read: impl FnOnce(&mut Parser) -> Option<T>) -> Option<T> {
    input.parse_nested_block(|inner| -> Result<_, ParseError<()>> { Ok(read(inner)) }).ok().flatten()
}

/// To the end of the parentheses that have just been opened: the selector ends behind them.
fn pass_over(input: &mut Parser) {
    let _ = nested(input, |_| Some(()));
}

/// `None` for what is not understood.
fn attribute(input: &mut Parser) -> Option<Simple> {
    let name = input.expect_ident().ok()?.to_ascii_lowercase();
    let operator = match input.next().cloned() {
        Err(_) => return Some(Simple::Attr(name, None)),
        Ok(Token::Delim('=')) => Match::Equal,
        Ok(Token::IncludeMatch) => Match::Word,
        Ok(Token::DashMatch) => Match::Dash,
        Ok(Token::PrefixMatch) => Match::Prefix,
        Ok(Token::SuffixMatch) => Match::Suffix,
        Ok(Token::SubstringMatch) => Match::Substring,
        // A namespace.
        Ok(_) => return None,
    };
    let value = input.expect_ident_or_string().ok()?.to_string();
    Some(Simple::Attr(name, Some((operator, value))))
}

pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
