//! Selectors, as far as they tell which elements a rule is about and where these must stand.

use super::urls::MAX_DEPTH;
use super::{Compound, Outer, PlaceHazard};
use cssparser::{ParseError, Parser, Token};
use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Combinator {
    Descendant,
    Child,
    Sibling,
}

/// One compound of a selector, and how it is tied to what stands before it.
#[derive(Clone, Debug)]
pub struct Part {
    pub before: Option<Combinator>,
    pub compound: Compound,
    /// It depends on its place among its siblings.
    pub positional: bool,
    /// See `Rank::specificity`.
    specificity: Option<[u32; 3]>,
}

/// What a rule with this selector is about.
#[derive(Clone, Debug)]
pub struct Subject {
    pub compound: Compound,
    /// See `BoxRule::certain`.
    pub certain: Option<Vec<Outer>>,
    pub specificity: Option<[u32; 3]>,
}

/// A selector list.
#[derive(Default, Debug)]
pub struct Selectors {
    pub list: Vec<Vec<Part>>,
    /// Compounds inside `:has()` and its like that depend on their place.
    inner_hazards: Vec<PlaceHazard>,
}

impl Selectors {
    /// All compounds that could be an `img` or a `picture` and notice when one is put into the other.
    /// `parents` are what a nested selector that begins with `+` or `~` continues.
    pub fn hazards(&self, parents: &[Compound]) -> Vec<PlaceHazard> {
        let mut found = self.inner_hazards.clone();
        for parts in &self.list {
            let hazard = |at: usize, part: &Part| PlaceHazard {
                element: part.compound.clone(),
                around: around(parts, at),
                ..PlaceHazard::default()
            };
            for (at, part) in parts.iter().enumerate() {
                let sibling = part.before == Some(Combinator::Sibling);
                if sibling {
                    let left = match at.checked_sub(1).and_then(|left| Some((left, parts.get(left)?))) {
                        Some((left, part)) => vec![hazard(left, part)],
                        None => parents.iter().cloned().map(anywhere).collect(),
                    };
                    let before = Some(part.compound.clone());
                    found.extend(left.into_iter().map(|h| PlaceHazard { before: before.clone(), ..h }));
                }
                if part.positional || part.before == Some(Combinator::Child) {
                    found.push(hazard(at, part));
                } else if sibling {
                    let after = at.checked_sub(1).and_then(|left| parts.get(left)).map(|left| left.compound.clone());
                    found.push(PlaceHazard { after, ..hazard(at, part) });
                }
            }
        }
        found.retain(|h| h.element.tag.as_deref().is_none_or(|tag| matches!(tag, "img" | "picture")));
        found
    }

    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        let subject = |parts: &Vec<Part>| {
            let specificity = parts.iter().try_fold([0; 3], |all, p| Some(add(all, p.specificity?)));
            Some(Subject { compound: parts.last()?.compound.clone(), certain: outer(parts), specificity })
        };
        self.list.iter().filter_map(subject)
    }
}

/// Reads all that is left of `input`. What is not understood counts as a further condition.
pub fn read(input: &mut Parser) -> Selectors {
    read_nested(input, 0)
}

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

fn read_nested(input: &mut Parser, depth: usize) -> Selectors {
    let mut reader = Reader { depth, ..Reader::default() };
    while let Ok(token) = input.next_including_whitespace().cloned() {
        reader.token(token, input);
    }
    reader.end_selector();
    reader.done
}

/// `None` where more than names and ancestors decide.
fn outer(parts: &[Part]) -> Option<Vec<Outer>> {
    let leads = parts.first().is_some_and(|p| p.before.is_some());
    let plain = |p: &Part| !p.compound.attrs_or_pseudos && !p.compound.pseudo_element && !p.positional;
    if leads || !parts.iter().all(plain) {
        return None;
    }
    let siblings = parts.iter().any(|p| p.before == Some(Combinator::Sibling));
    (!siblings).then(|| around(parts, parts.len() - 1))
}

fn add(a: [u32; 3], b: [u32; 3]) -> [u32; 3] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// The compounds left of `at` that describe elements around it; the left side of a `+` or `~` stands beside one.
fn around(parts: &[Part], at: usize) -> Vec<Outer> {
    let steps = parts.get(..=at).unwrap_or_default().windows(2);
    let outer = steps.filter_map(|pair| match pair {
        [left, right] if right.before != Some(Combinator::Sibling) => {
            let parent = right.before == Some(Combinator::Child);
            Some(Outer { compound: left.compound.clone(), parent })
        }
        _ => None,
    });
    outer.collect()
}

fn anywhere(element: Compound) -> PlaceHazard {
    PlaceHazard { element, ..PlaceHazard::default() }
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
    done: Selectors,
    parts: Vec<Part>,
    current: Option<Part>,
    combinator: Option<Combinator>,
    expect: Expect,
    depth: usize,
}

impl Reader {
    fn token(&mut self, token: Token, input: &mut Parser) {
        match token {
            Token::WhiteSpace(_) => return self.combine(Combinator::Descendant),
            Token::Delim('>') => return self.combine(Combinator::Child),
            Token::Delim('+' | '~') => return self.combine(Combinator::Sibling),
            Token::Comma => return self.end_selector(),
            _ => {}
        }
        let expect = std::mem::take(&mut self.expect);
        self.weigh(&token, expect);
        match (token, expect) {
            (Token::Ident(name), Expect::Class) => self.part().compound.classes.push(name.to_string()),
            (Token::Ident(name), Expect::Pseudo) => self.pseudo(&name.to_ascii_lowercase()),
            (Token::Ident(_), Expect::PseudoElement) => self.part().compound.pseudo_element = true,
            (Token::Ident(name), Expect::Nothing) => {
                self.part().compound.tag = Some(name.to_ascii_lowercase());
            }
            (Token::IDHash(name) | Token::Hash(name), _) => {
                self.part().compound.id = Some(name.to_string());
            }
            (Token::Delim('.'), _) => self.expect = Expect::Class,
            (Token::Colon, Expect::Pseudo) => self.expect = Expect::PseudoElement,
            (Token::Colon, _) => self.expect = Expect::Pseudo,
            (Token::Delim('*'), _) => {
                self.part();
            }
            (Token::Function(name), Expect::Pseudo) => {
                self.function(&name.to_ascii_lowercase(), input);
            }
            (Token::Function(_), _) => self.part().compound.pseudo_element = true,
            (Token::Delim('|'), _) => {
                let compound = &mut self.part().compound;
                compound.tag = None;
                compound.attrs_or_pseudos = true;
            }
            _ => self.part().compound.attrs_or_pseudos = true,
        }
    }

    fn weigh(&mut self, token: &Token, expect: Expect) {
        let weight = match (token, expect) {
            (Token::IDHash(_) | Token::Hash(_), _) => Some([1, 0, 0]),
            (Token::Ident(_), Expect::Nothing | Expect::PseudoElement) => Some([0, 0, 1]),
            (Token::Ident(_), _) | (Token::SquareBracketBlock, _) => Some([0, 1, 0]),
            (Token::Delim('.' | '*') | Token::Colon, _) => Some([0; 3]),
            // `:is()` and `&` weigh what stands elsewhere.
            _ => None,
        };
        let part = self.part();
        part.specificity = part.specificity.zip(weight).map(|(a, b)| add(a, b));
    }

    fn part(&mut self) -> &mut Part {
        let before = &mut self.combinator;
        self.current.get_or_insert_with(|| Part {
            before: before.take(),
            compound: Compound::default(),
            positional: false,
            specificity: Some([0; 3]),
        })
    }

    fn combine(&mut self, combinator: Combinator) {
        self.parts.extend(self.current.take());
        let leads = self.parts.is_empty() && combinator == Combinator::Descendant;
        // The blanks around a `>` are not combinators.
        if !leads && (combinator != Combinator::Descendant || self.combinator.is_none()) {
            self.combinator = Some(combinator);
        }
    }

    fn end_selector(&mut self) {
        self.parts.extend(self.current.take());
        self.combinator = None;
        if !self.parts.is_empty() {
            self.done.list.push(std::mem::take(&mut self.parts));
        }
    }

    fn pseudo(&mut self, name: &str) {
        let part = self.part();
        match name {
            "before" | "after" | "first-line" | "first-letter" => {
                part.compound.pseudo_element = true;
            }
            _ => part.compound.attrs_or_pseudos = true,
        }
        part.positional |= ["first-child", "last-child", "only-child"].contains(&name) || name.ends_with("-of-type");
    }

    fn function(&mut self, name: &str, input: &mut Parser) {
        let part = self.part();
        part.compound.attrs_or_pseudos = true;
        part.positional |= name.starts_with("nth-");
        if self.depth >= MAX_DEPTH || name.starts_with("nth-") || name == "lang" || name == "dir" {
            return;
        }
        let depth = self.depth + 1;
        let nested = input.parse_nested_block(|inner| -> Result<_, ParseError<()>> { Ok(read_nested(inner, depth)) });
        let Ok(nested) = nested else { return };
        self.done.inner_hazards.extend(nested.inner_hazards);
        for mut parts in nested.list {
            if name == "has" {
                self.done.inner_hazards.extend(parts.into_iter().map(|p| anywhere(p.compound)));
                continue;
            }
            // The last compound describes the same element as the compound around it.
            let subject = parts.pop();
            let tied = subject
                .as_ref()
                .is_some_and(|s| s.positional || matches!(s.before, Some(Combinator::Child | Combinator::Sibling)));
            self.part().positional |= tied;
            if subject.is_some_and(|s| s.before == Some(Combinator::Sibling)) {
                self.done.inner_hazards.extend(parts.last().map(|p| anywhere(p.compound.clone())));
            }
            let rest = Selectors { list: vec![parts], inner_hazards: Vec::new() };
            self.done.inner_hazards.extend(rest.hazards(&[]));
        }
    }
}
