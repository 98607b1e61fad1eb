//! Whether a selector may match anything, on any page, at any time.

use super::selector::{Combinator, Match, Selector, Simple};
use super::used::{Names, Node, Used};
use crate::model::Looks;
use std::collections::BTreeSet;

/// The elements that a selector may match: shapes of the pages, and whether scripts could make one that it matches.
#[derive(Clone, Default)]
pub struct Found {
    shapes: Shapes,
    made: bool,
}

impl Found {
    pub fn is_empty(&self) -> bool {
        !self.made && self.shapes.is_empty()
    }

    pub fn add(&mut self, other: &Self) {
        self.made |= other.made;
        self.shapes.add(&other.shapes);
    }
}

pub struct Matcher<'a> {
    used: &'a Used,
    names: Names<'a>,
    all: Shapes,
    /// Those whose rules are needed.
    wanted: Shapes,
    /// Nobody points at anything yet.
    at_rest: bool,
    loose: Shapes,
    body: Shapes,
}

impl<'a> Matcher<'a> {
    pub fn new(used: &'a Used) -> Self {
        let of = |wanted: &dyn Fn(&Node) -> bool| {
            let mut shapes = Shapes::none(used.shapes.len());
            used.shapes.iter().enumerate().filter(|(_, n)| wanted(n)).for_each(|(i, _)| shapes.insert(i));
            shapes
        };
        Self {
            used,
            names: Names::new(used),
            all: of(&|_| true),
            wanted: of(&|_| true),
            at_rest: false,
            loose: of(&|n| n.loose),
            body: of(&|n| matches!(n.shape.tag.as_str(), "html" | "body")),
        }
    }

    /// For the first screen alone, before anybody points at something in it. What has these looks stands `below`.
    pub fn first_screen(mut self, below: &BTreeSet<Looks>) -> Self {
        let used = self.used;
        let there = |node: &Node| node.shape.loose || !below.contains(&node.shape.looks());
        self.wanted.retain(|i| used.shapes.get(i).is_some_and(there));
        self.at_rest = true;
        self
    }

    /// Whether a rule is needed for what its selector was found to match.
    pub fn needs(&self, found: &Found) -> bool {
        found.made || found.shapes.meets(&self.wanted)
    }

    /// A text of the site names it: a class, an animation, a custom property.
    pub fn known(&self, name: &str) -> bool {
        self.names.known(&self.used.folded(name))
    }

    /// The same in upper or lower case.
    pub fn knows_folded(&self, name: &str) -> bool {
        self.known(name) || self.used.has_folded(name)
    }

    /// `parent` is what `&` stands for, in a nested rule.
    pub fn find(&self, selector: &Selector, parent: Option<&Found>) -> Found {
        let nested = parent.is_some() && !selector.names_parent();
        let mut found = match parent {
            // A nested selector without `&` begins with it.
            Some(parent) if nested => parent.clone(),
            _ => Found { shapes: self.all.clone(), made: true },
        };
        for (i, (combinator, compound)) in selector.compounds.iter().enumerate() {
            if found.is_empty() {
                break;
            }
            if i > 0 || nested {
                found = self.reached(&found, *combinator);
            }
            found = self.filtered(found, compound, parent);
        }
        found
    }

    /// Why it can never match; for a selector that `find` finds nothing for.
    pub fn reason(&self, selector: &Selector) -> String {
        for simple in selector.compounds.iter().flat_map(|(_, c)| c) {
            if self
                .filtered(Found { shapes: self.all.clone(), made: true }, std::slice::from_ref(simple), None)
                .is_empty()
            {
                let (what, name) = match simple {
                    Simple::Class(n) => ("class", n),
                    Simple::Id(n) => ("id", n),
                    Simple::Tag(n) => ("element", n),
                    Simple::Attr(n, None) => ("attribute", n),
                    Simple::Attr(n, Some((_, value))) => {
                        return format!("no page has an attribute `{n}` like `{value}`, and no script names it");
                    }
                    Simple::Any(_) | Simple::Has(_) => return "nothing in its parentheses can match".into(),
                    Simple::Parent | Simple::FromEnd { .. } | Simple::Pointed => continue,
                };
                return format!("no page has the {what} `{name}`, and no script or data names it");
            }
        }
        "no element of any page is like this or stands like this".into()
    }

    /// What stands in this relation to what was found.
    fn reached(&self, from: &Found, combinator: Combinator) -> Found {
        // What a script makes can be put around, into or beside anything.
        if from.made {
            return Found { shapes: self.all.clone(), made: true };
        }
        let mut shapes = self.loose.clone();
        match combinator {
            // Pages of one site hand their contents over to each other's bodies.
            Combinator::Descendant if from.shapes.meets(&self.body) => shapes = self.all.clone(),
            Combinator::Descendant => {
                let mut todo: Vec<usize> = from.shapes.iter().collect();
                let mut seen = Shapes::none(self.used.shapes.len());
                while let Some(at) = todo.pop() {
                    for child in self.used.shapes.get(at).into_iter().flat_map(|n| &n.children) {
                        let child = *child as usize;
                        if !seen.has(child) {
                            seen.insert(child);
                            shapes.insert(child);
                            todo.push(child);
                        }
                    }
                }
            }
            Combinator::Child => {
                let parents = |at: usize| if self.body.has(at) { self.body.iter().collect() } else { vec![at] };
                for parent in from.shapes.iter().flat_map(parents) {
                    let children = self.used.shapes.get(parent).into_iter().flat_map(|n| &n.children);
                    children.for_each(|c| shapes.insert(*c as usize));
                }
            }
            Combinator::Sibling if from.shapes.meets(&self.loose) => shapes = self.all.clone(),
            Combinator::Sibling => {
                for parent in from.shapes.iter().filter_map(|at| self.used.shapes.get(at)).flat_map(|n| &n.parents) {
                    let children = self.used.shapes.get(*parent as usize).into_iter().flat_map(|n| &n.children);
                    children.for_each(|c| shapes.insert(*c as usize));
                }
            }
        }
        Found { shapes, made: true }
    }

    fn filtered(&self, mut found: Found, compound: &[Simple], parent: Option<&Found>) -> Found {
        for simple in compound {
            if found.is_empty() {
                break;
            }
            self.filter(&mut found, simple, parent);
        }
        found
    }

    fn filter(&self, found: &mut Found, simple: &Simple, parent: Option<&Found>) {
        match simple {
            Simple::Tag(tag) => {
                found.made &= self.names.spoken(tag);
                found.shapes.retain(|i| self.shape(i, |n| n.shape.tag == *tag));
            }
            // Classes, ids and attributes that a script names can come to any element.
            Simple::Class(name) => {
                let name = self.used.folded(name);
                if !self.names.known(&name) {
                    found.made = false;
                    found.shapes.retain(|i| self.shape(i, |n| n.shape.classes.contains(&name)));
                }
            }
            Simple::Id(name) => {
                let name = self.used.folded(name);
                if !self.names.known(&name) {
                    found.made = false;
                    found.shapes.retain(|i| self.shape(i, |n| n.shape.id.as_ref() == Some(&name)));
                }
            }
            Simple::Attr(name, condition) => {
                if !self.changes(name) {
                    found.made = false;
                    let possible = condition.as_ref().is_none_or(|(m, wanted)| self.has_value(name, *m, wanted));
                    found.shapes.retain(|i| possible && self.shape(i, |n| n.shape.attrs.contains(name)));
                }
            }
            Simple::Any(list) => {
                let mut any = Found { shapes: Shapes::none(self.used.shapes.len()), made: false };
                for selector in list {
                    let one = self.inner(selector, parent);
                    any.add(&one);
                }
                found.made &= any.made;
                found.shapes.retain(|i| any.shapes.has(i));
            }
            Simple::Has(list) => {
                let exists = |s: &Selector| {
                    s.compounds.iter().all(|(_, c)| {
                        let anything = Found { shapes: self.all.clone(), made: true };
                        !self.filtered(anything, c, parent).is_empty()
                    })
                };
                if !list.iter().any(exists) {
                    *found = Found { shapes: Shapes::none(self.used.shapes.len()), made: false };
                }
            }
            Simple::Pointed if self.at_rest => {
                *found = Found { shapes: Shapes::none(self.used.shapes.len()), made: false }
            }
            Simple::FromEnd { .. } | Simple::Pointed => {}
            // Where nothing is known of the parent (in a scope, at the top), it may be anything.
            Simple::Parent => {
                if let Some(parent) = parent {
                    found.made &= parent.made;
                    found.shapes.retain(|i| parent.shapes.has(i));
                }
            }
        }
    }

    /// A selector in parentheses has no implied `&`.
    fn inner(&self, selector: &Selector, parent: Option<&Found>) -> Found {
        let mut found = Found { shapes: self.all.clone(), made: true };
        for (i, (combinator, compound)) in selector.compounds.iter().enumerate() {
            if i > 0 {
                found = self.reached(&found, *combinator);
            }
            found = self.filtered(found, compound, parent);
        }
        found
    }

    fn shape(&self, at: usize, is: impl FnOnce(&Node) -> bool) -> bool {
        self.used.shapes.get(at).is_some_and(is)
    }

    /// Browsers or scripts may set the attribute on any element.
    fn changes(&self, name: &str) -> bool {
        let state =
            ["open", "class", "id", "style", "value", "checked", "selected", "disabled", "hidden", "dir", "lang"];
        if state.contains(&name) || name.starts_with("aria-") || self.names.spoken(name) {
            return true;
        }
        match name.strip_prefix("data-") {
            Some(rest) => self.names.spoken(&camel_case(rest)),
            // Those of the standard are properties too, which no string names.
            None => self.used.scripts && !name.contains('-'),
        }
    }

    fn has_value(&self, name: &str, how: Match, wanted: &str) -> bool {
        let wanted = wanted.to_ascii_lowercase();
        let fits = |value: &String| match how {
            Match::Equal => *value == wanted,
            Match::Word => value.split_ascii_whitespace().any(|w| w == wanted),
            Match::Dash => value.strip_prefix(wanted.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('-')),
            Match::Prefix => value.starts_with(wanted.trim_start()),
            Match::Suffix => value.ends_with(wanted.trim_end()),
            Match::Substring => value.contains(wanted.trim()),
        };
        match self.used.values.get(name) {
            Some(Some(values)) => values.iter().any(fits),
            Some(None) => true,
            None => false,
        }
    }
}

fn camel_case(name: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in name.chars() {
        match c {
            '-' => upper = true,
            c if std::mem::take(&mut upper) => out.extend(c.to_uppercase()),
            c => out.push(c),
        }
    }
    out
}

/// A set of shapes.
#[derive(Clone, Default)]
struct Shapes(Vec<u64>);

impl Shapes {
    fn none(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    fn insert(&mut self, i: usize) {
        if let Some(word) = self.0.get_mut(i / 64) {
            *word |= 1 << (i % 64);
        }
    }

    fn has(&self, i: usize) -> bool {
        self.0.get(i / 64).is_some_and(|word| word & (1 << (i % 64)) != 0)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(w, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
                (bit < 64).then_some(w * 64 + bit as usize)
            })
        })
    }

    fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        for (w, word) in self.0.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                if !keep(w * 64 + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
    }
}
