//! Selectors, as far as they tell in which states of a page they describe an element.

use super::urls::MAX_DEPTH;
use cssparser::{ParseError, Parser, Token};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Outermost first; the last one describes the element itself.
pub type Chain = Vec<Step>;

/// One compound.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Step {
    /// How it is tied to the one before.
    pub tie: Tie,
    /// In lower case.
    pub tag: Option<String>,
    /// Ids and classes.
    pub names: Vec<String>,
    /// Names of attributes, in lower case.
    pub attributes: Vec<String>,
    /// Ids, classes and attributes in `:not()`, `:is()` and their like.
    pub inner: Vec<String>,
    /// What a visitor does decides, as with `:hover`.
    pub state: bool,
    /// `&`
    nesting: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Tie {
    #[default]
    Inside,
    Child,
    /// It stands after the one before.
    Beside,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.names.is_empty() && self.attributes.is_empty();
        f.write_str(self.tag.as_deref().unwrap_or(if bare { "*" } else { "" }))?;
        self.names.iter().try_for_each(|name| write!(f, ".{name}"))?;
        self.attributes.iter().try_for_each(|name| write!(f, "[{name}]"))?;
        f.write_str(if self.state || !self.inner.is_empty() { ":…" } else { "" })
    }
}

/// As an author would write it, or nearly.
pub fn text(chain: &[Step]) -> String {
    let tie = |step: &Step| match step.tie {
        Tie::Inside => " ",
        Tie::Child => " > ",
        Tie::Beside => " ~ ",
    };
    let all: String = chain.iter().flat_map(|step| [tie(step).to_owned(), step.to_string()]).collect();
    all.trim_start().to_owned()
}

/// Reads a selector list to its end. Selectors of pseudo-elements are left out.
pub fn read(input: &mut Parser) -> Vec<Chain> {
    read_nested(input, 0)
}

/// What people write has fewer.
const MOST: usize = 256;

/// The selectors of a rule inside of another one, whole.
pub fn nested(parents: &[Chain], own: Vec<Chain>) -> Vec<Chain> {
    if parents.is_empty() {
        return own;
    }
    if parents.len() * own.len() > MOST {
        return vec![vec![Step { state: true, ..Step::default() }]];
    }
    own.iter().flat_map(|chain| parents.iter().map(|parent| continued(parent, chain))).collect()
}

fn continued(parent: &Chain, chain: &Chain) -> Chain {
    let at = chain.iter().position(|step| step.nesting);
    let (before, rest) = chain.split_at(at.unwrap_or(0));
    let mut whole: Chain = before.to_vec();
    let from = whole.len();
    whole.extend(parent.iter().cloned());
    let Some((own, after)) = rest.split_first().filter(|_| at.is_some()) else {
        whole.extend(rest.iter().cloned());
        return whole;
    };
    if let Some(first) = whole.get_mut(from) {
        first.tie = own.tie;
    }
    if let Some(last) = whole.last_mut() {
        last.tag = last.tag.take().or_else(|| own.tag.clone());
        last.names.extend(own.names.iter().cloned());
        last.attributes.extend(own.attributes.iter().cloned());
        last.inner.extend(own.inner.iter().cloned());
        last.state |= own.state;
    }
    whole.extend(after.iter().cloned());
    whole
}

fn read_nested(input: &mut Parser, depth: usize) -> Vec<Chain> {
    let (mut all, mut chain, mut tie) = (Vec::new(), Chain::new(), None);
    let (mut fresh, mut dropped) = (true, false);
    while let Ok(token) = input.next_including_whitespace().cloned() {
        let next = match token {
            Token::WhiteSpace(_) => Some(tie.unwrap_or(Tie::Inside)),
            Token::Delim('>') => Some(Tie::Child),
            Token::Delim('+' | '~') => Some(Tie::Beside),
            _ => None,
        };
        if next.is_some() {
            (tie, fresh) = (next, true);
            continue;
        }
        if token == Token::Comma {
            all.extend(Some(std::mem::take(&mut chain)).filter(|c| !c.is_empty() && !dropped));
            (tie, fresh, dropped) = (None, true, false);
            continue;
        }
        if fresh {
            chain.push(Step { tie: tie.take().unwrap_or_default(), ..Step::default() });
        }
        fresh = false;
        if let Some(step) = chain.last_mut() {
            dropped |= !compound(step, token, input, depth);
        }
    }
    all.extend(Some(chain).filter(|c| !c.is_empty() && !dropped));
    all
}

/// Takes in one part of a compound. `false`: a pseudo-element.
fn compound(step: &mut Step, token: Token, input: &mut Parser, depth: usize) -> bool {
    match token {
        Token::Ident(name) => step.tag = Some(name.to_ascii_lowercase()),
        Token::IDHash(name) | Token::Hash(name) => step.names.push(name.to_string()),
        Token::Delim('.') => match input.expect_ident() {
            Ok(name) => step.names.push(name.to_string()),
            Err(_) => step.state = true,
        },
        Token::Delim('&') => step.nesting = true,
        Token::Delim('*') => {}
        Token::SquareBracketBlock => {
            let name = input.parse_nested_block(|i| -> Result<_, ParseError<()>> {
                let name = i.expect_ident()?.to_ascii_lowercase();
                while i.next().is_ok() {}
                Ok(name)
            });
            match name {
                Ok(name) => step.attributes.push(name),
                Err(_) => step.state = true,
            }
        }
        Token::Colon => return pseudo(step, input, depth),
        _ => step.state = true,
    }
    true
}

/// No visitor changes these.
const FIXED: [&str; 13] = [
    "root",
    "scope",
    "host",
    "defined",
    "first-child",
    "last-child",
    "only-child",
    "first-of-type",
    "last-of-type",
    "only-of-type",
    "link",
    "any-link",
    "visited",
];

fn pseudo(step: &mut Step, input: &mut Parser, depth: usize) -> bool {
    match input.next_including_whitespace().cloned() {
        Ok(Token::Ident(name)) => {
            let name = name.to_ascii_lowercase();
            step.state |= !FIXED.contains(&name.as_str());
            !matches!(name.as_str(), "before" | "after" | "first-line" | "first-letter")
        }
        Ok(Token::Function(name)) => {
            let name = name.to_ascii_lowercase();
            let inner = input.parse_nested_block(|i| -> Result<_, ParseError<()>> {
                let inner = if depth < MAX_DEPTH { read_nested(i, depth + 1) } else { Vec::new() };
                while i.next().is_ok() {}
                Ok(inner)
            });
            let fixed = name.starts_with("nth-") || matches!(name.as_str(), "lang" | "dir" | "host");
            let lists = ["not", "is", "where", "matches", "has", "-webkit-any", "-moz-any"];
            step.state |= !fixed && !lists.contains(&name.as_str());
            for part in inner.unwrap_or_default().into_iter().flatten().filter(|_| !fixed) {
                step.state |= part.state;
                step.inner.extend(part.names.into_iter().chain(part.attributes).chain(part.inner));
            }
            true
        }
        _ => {
            let _ = input.next_including_whitespace();
            false
        }
    }
}
