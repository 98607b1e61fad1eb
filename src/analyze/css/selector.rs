//! Selectors, as far as they tell which elements a rule is about and where these must stand.

use super::urls::MAX_DEPTH;
use super::wrapper::{NEVER_A_PICTURE, names_style};
use super::{Compound, Outer, PlaceHazard};
use cssparser::{ParseError, Parser, Token};

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
    /// It could describe the `<picture style>` that kiln puts around an image.
    bare: bool,
    /// It describes all elements but these: `*`, `:not(.a)`. `None` for all other compounds.
    except: Option<Vec<Compound>>,
    /// `&`: it describes what the rule around it is about.
    nesting: bool,
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
    /// It could be the `<picture style>` that kiln puts around an image, or a pseudo-element of it.
    pub bare: bool,
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
    /// `parents` are what a nested selector continues.
    pub fn hazards(&self, parents: &[Subject]) -> Vec<PlaceHazard> {
        let mut found = self.inner_hazards.clone();
        for parts in &self.list {
            let hazard = |at: usize, part: &Part| place(parts, at, part);
            let continues = !parts.iter().any(|p| p.nesting);
            for (at, part) in parts.iter().enumerate() {
                let sibling = part.before == Some(Combinator::Sibling);
                if sibling {
                    let left = match at.checked_sub(1).and_then(|left| Some((left, parts.get(left)?))) {
                        Some((left, part)) => standing_before(part, &hazard(left, part)),
                        None => parents.iter().map(|p| anywhere(p.compound.clone())).collect(),
                    };
                    let before = Some(part.compound.clone());
                    found.extend(left.into_iter().map(|h| PlaceHazard { before: before.clone(), ..h }));
                }
                let inside = match at.checked_sub(1).and_then(|left| parts.get(left)) {
                    Some(left) => !sibling && notices_around(at, left, parents),
                    None => continues && parents.iter().any(|p| p.bare),
                };
                if part.positional || part.before == Some(Combinator::Child) || inside {
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

    /// Where the `<picture style>` that kiln puts around an image could be the subject, or bear the pseudo-element that is.
    pub fn around_images(&self, parents: &[Subject]) -> Vec<PlaceHazard> {
        let described = self.list.iter().filter_map(|parts| {
            let (at, last) = (parts.len().checked_sub(1)?, parts.last()?);
            last.may_be_bare(parents).then(|| {
                let mut hazard = place(parts, at, last);
                hazard.element.pseudo_element = false;
                hazard
            })
        });
        described.collect()
    }

    pub fn subjects(&self, parents: &[Subject]) -> Vec<Subject> {
        let subject = |parts: &Vec<Part>| {
            let specificity = parts.iter().try_fold([0; 3], |all, p| Some(add(all, p.specificity?)));
            let last = parts.last()?;
            let bare = last.may_be_bare(parents);
            Some(Subject { compound: last.compound.clone(), certain: outer(parts), specificity, bare })
        };
        self.list.iter().filter_map(subject).collect()
    }
}

impl Part {
    /// Names alone decide.
    fn is_plain(&self) -> bool {
        !self.compound.attrs_or_pseudos && !self.compound.pseudo_element && !self.positional
    }

    fn may_be_bare(&self, parents: &[Subject]) -> bool {
        self.bare && (!self.nesting || parents.iter().any(|p| p.bare))
    }
}

/// Reads all that is left of `input`. What is not understood counts as a further condition.
pub fn read(input: &mut Parser) -> Selectors {
    read_nested(input, 0)
}

fn read_nested(input: &mut Parser, depth: usize) -> Selectors {
    let mut reader = Reader { depth, ..Reader::default() };
    while let Ok(token) = input.next_including_whitespace().cloned() {
        reader.token(token, input);
    }
    reader.end_selector();
    reader.done
}

/// Where an image is left of a `+` or `~`, a picture takes its place. One that has no names is as good as an image, unless
/// the image has one that is not to be there.
fn standing_before(part: &Part, hazard: &PlaceHazard) -> Vec<PlaceHazard> {
    let but = |element: &Compound| PlaceHazard { element: element.clone(), ..hazard.clone() };
    match &part.except {
        Some(except) => except.iter().map(but).collect(),
        None => vec![hazard.clone()],
    }
}

fn place(parts: &[Part], at: usize, part: &Part) -> PlaceHazard {
    PlaceHazard { element: part.compound.clone(), around: around(parts, at), ..PlaceHazard::default() }
}

/// What is inside of `left` notices a picture around it. Every element is inside of some `*`.
fn notices_around(at: usize, left: &Part, parents: &[Subject]) -> bool {
    let any = at == 1 && left.before.is_none() && parents.is_empty() && left.compound == Compound::default();
    !any && left.may_be_bare(parents)
}

/// `None` where more than names and ancestors decide.
fn outer(parts: &[Part]) -> Option<Vec<Outer>> {
    let leads = parts.first().is_some_and(|p| p.before.is_some());
    if leads || !parts.iter().all(Part::is_plain) {
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
        if !matches!(
            (&token, expect),
            (Token::Delim('*' | '.') | Token::Colon, _) | (Token::Function(_), Expect::Pseudo)
        ) {
            self.part().except = None;
        }
        match (token, expect) {
            (Token::Ident(name), Expect::Class) => {
                let part = self.part();
                part.bare = false;
                part.compound.classes.push(name.to_string());
            }
            (Token::Ident(name), Expect::Pseudo) => self.pseudo(&name.to_ascii_lowercase()),
            (Token::Ident(_), Expect::PseudoElement) => self.part().compound.pseudo_element = true,
            (Token::Ident(name), Expect::Nothing) => {
                let part = self.part();
                part.bare = name.eq_ignore_ascii_case("picture");
                part.compound.tag = Some(name.to_ascii_lowercase());
            }
            (Token::IDHash(name) | Token::Hash(name), _) => {
                let part = self.part();
                part.bare = false;
                part.compound.id = Some(name.to_string());
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
                let part = self.part();
                part.bare = true;
                part.compound.tag = None;
                part.compound.attrs_or_pseudos = true;
            }
            (Token::SquareBracketBlock, _) => {
                let style = input.parse_nested_block(|inner| -> Result<_, ParseError<()>> { Ok(names_style(inner)) });
                let part = self.part();
                part.bare &= style.unwrap_or(true);
                part.compound.attrs_or_pseudos = true;
            }
            (Token::Delim('&'), _) => {
                let part = self.part();
                part.nesting = true;
                part.compound.attrs_or_pseudos = true;
            }
            // No selector at all: browsers leave the rule out.
            _ => {
                let part = self.part();
                part.bare = false;
                part.compound.attrs_or_pseudos = true;
            }
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
            bare: true,
            except: Some(Vec::new()),
            nesting: false,
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
        part.bare &= !NEVER_A_PICTURE.contains(&name);
    }

    fn function(&mut self, name: &str, input: &mut Parser) {
        let part = self.part();
        part.compound.attrs_or_pseudos = true;
        part.positional |= name.starts_with("nth-");
        let except = part.except.take();
        part.bare &= !matches!(name, "host" | "host-context" | "state" | "active-view-transition-type");
        if self.depth >= MAX_DEPTH || name.starts_with("nth-") || name == "lang" || name == "dir" {
            return;
        }
        let depth = self.depth + 1;
        let nested = input.parse_nested_block(|inner| -> Result<_, ParseError<()>> { Ok(read_nested(inner, depth)) });
        let Ok(nested) = nested else { return };
        if name == "not" {
            let plain = |parts: &Vec<Part>| match parts.as_slice() {
                [only] if only.before.is_none() && only.is_plain() => Some(only.compound.clone()),
                _ => None,
            };
            let more: Option<Vec<Compound>> = nested.list.iter().map(plain).collect();
            self.part().except = except.zip(more).map(|(all, more)| [all, more].concat());
        }
        self.done.inner_hazards.extend(nested.inner_hazards);
        let same = matches!(name, "is" | "where" | "matches" | "-webkit-any" | "-moz-any");
        self.part().bare &= !same || nested.list.iter().filter_map(|parts| parts.last()).any(|p| p.bare);
        for mut parts in nested.list {
            // What `&` stands for is not known here.
            parts.iter_mut().for_each(|p| p.nesting = false);
            if name == "has" {
                self.done.inner_hazards.extend(parts.into_iter().map(|p| anywhere(p.compound)));
                continue;
            }
            // The last compound describes the same element as the compound around it.
            let subject = parts.pop();
            let tied = subject.as_ref().is_some_and(|s| {
                let inside = || parts.last().is_some_and(|left| notices_around(parts.len(), left, &[]));
                s.positional || matches!(s.before, Some(Combinator::Child | Combinator::Sibling)) || inside()
            });
            self.part().positional |= tied;
            if subject.is_some_and(|s| s.before == Some(Combinator::Sibling)) {
                self.done.inner_hazards.extend(parts.last().map(|p| anywhere(p.compound.clone())));
            }
            let rest = Selectors { list: vec![parts], inner_hazards: Vec::new() };
            self.done.inner_hazards.extend(rest.hazards(&[]));
        }
    }
}
