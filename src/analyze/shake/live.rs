//! Which rules of which sheets can go, and the proof that nothing else did.

use super::matching::{Found, Matcher};
use super::selector::Selector;
use super::sheet::{self, ItemKind, Sheet};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

/// Something that was left out, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dropped {
    /// Bytes that go, sorted by place.
    pub range: Range<usize>,
    /// Of the rule in its sheet.
    pub line: u32,
    pub column: u32,
    /// A selector, an at-rule or the name of a custom property.
    pub rule: String,
    pub reason: String,
}

/// What becomes of one sheet.
pub struct Shaken<'a> {
    sheet: &'a Sheet,
    /// By item: why it goes.
    dead: Vec<Option<String>>,
    /// Selectors of rules that stay: which item, which selector, and why it goes.
    parts: Vec<(usize, usize, String)>,
}

impl<'a> Shaken<'a> {
    /// Drops the rules that match nothing. `safe` names are never dropped.
    pub fn new(sheet: &'a Sheet, matcher: &Matcher<'_>, safe: &dyn Fn(&str) -> bool) -> Self {
        let mut shaken = Self { sheet, dead: vec![None; sheet.items.len()], parts: Vec::new() };
        if !sheet.rigid {
            shaken.match_rules(matcher, safe);
            shaken.prune();
        }
        shaken
    }

    fn match_rules(&mut self, matcher: &Matcher<'_>, safe: &dyn Fn(&str) -> bool) {
        // What each style rule may match, for the rules nested in it.
        let mut found: Vec<Option<Found>> = Vec::with_capacity(self.sheet.items.len());
        for (at, item) in self.sheet.items.iter().enumerate() {
            let ItemKind::Style(selectors) = &item.kind else {
                found.push(None);
                continue;
            };
            let parent = self.above(at).find_map(|i| found.get(i).and_then(Option::as_ref));
            let mut all: Option<Found> = None;
            let mut dead = Vec::new();
            for (n, selector) in selectors.iter().enumerate() {
                let one = matcher.find(selector, parent);
                if !matcher.needs(&one) && !selector.names().into_iter().any(safe) {
                    dead.push((n, matcher.reason(selector)));
                }
                match &mut all {
                    Some(all) => all.add(&one),
                    None => all = Some(one),
                }
            }
            found.push(all);
            if item.kept || selectors.is_empty() {
                continue;
            }
            if dead.len() == selectors.len() {
                self.kill(at, dead.into_iter().next().map_or_else(String::new, |(_, why)| why));
            } else if dead.iter().all(|(n, _)| selectors.get(*n).is_some_and(|s| s.plain)) {
                self.parts.extend(dead.into_iter().map(|(n, why)| (at, n, why)));
            }
        }
    }

    /// A rule can go if what is nested in it can; what holds nothing any more can go as well.
    fn prune(&mut self) {
        let sheet = self.sheet;
        let mut inside = vec![Inside::default(); sheet.items.len()];
        // From the end: what is nested comes after what it is nested in.
        for (at, item) in sheet.items.iter().enumerate().rev() {
            let within = inside.get(at).copied().unwrap_or_default();
            let style = matches!(item.kind, ItemKind::Style(_));
            if !self.is_live(at) && style && within.live_rule {
                // Something nested may match where this does not: `:not(&)`.
                self.dead.iter_mut().skip(at).take(1).for_each(|d| *d = None);
            }
            let hollow = (style || matches!(item.kind, ItemKind::Group)) && !item.declares && !item.kept;
            if self.is_live(at) && hollow && !within.live {
                self.kill(at, if within.any { "nothing in it is used" } else { "it is empty" }.into());
            }
            if let Some(around) = item.parent.and_then(|p| inside.get_mut(p as usize)) {
                around.any = true;
                around.live |= self.is_live(at);
                around.live_rule |= if style { self.is_live(at) } else { within.live_rule };
            }
        }
    }

    /// Names that what stays may use.
    pub fn words(&self) -> impl Iterator<Item = &'a str> + '_ {
        let sheet = self.sheet;
        let live = sheet
            .items
            .iter()
            .enumerate()
            .filter(|(at, _)| self.is_live(*at) && self.above(*at).all(|i| self.is_live(i)));
        live.flat_map(|(_, item)| item.words.iter().map(String::as_str))
    }

    /// Drops animations, fonts and custom properties that no rule and no text names. Whether anything was.
    pub fn drop_names(&mut self, used: &HashSet<&str>, matcher: &Matcher<'_>, safe: &dyn Fn(&str) -> bool) -> bool {
        if self.sheet.rigid {
            return false;
        }
        let mut dropped = false;
        for (at, item) in self.sheet.items.iter().enumerate() {
            if item.kept || !self.is_live(at) {
                continue;
            }
            let unused = |name: &str| !used.contains(name) && !matcher.known(name) && !safe(name);
            let why = match &item.kind {
                ItemKind::Keyframes(name) if unused(name) => "no rule and no script names this animation",
                ItemKind::Property(name) if unused(name) => "no rule and no script uses this property",
                ItemKind::Custom(name) if unused(name) => "no rule and no script uses this property",
                ItemKind::FontFace(family) if !family.is_empty() && !safe(family) => {
                    let named = |w: &str| {
                        let same = |u: &&str| u.eq_ignore_ascii_case(w);
                        used.iter().any(same) || matcher.knows_folded(w)
                    };
                    if family.split(' ').all(named) {
                        continue;
                    }
                    "no rule and no script names this font"
                }
                _ => continue,
            };
            self.kill(at, why.into());
            dropped = true;
        }
        if dropped {
            self.prune();
        }
        dropped
    }

    pub fn dropped(&self) -> Vec<Dropped> {
        let mut out = Vec::new();
        for (at, item) in self.sheet.items.iter().enumerate() {
            if let (Some(Some(why)), true) = (self.dead.get(at), self.above(at).all(|i| self.is_live(i))) {
                let (line, column) = item.place;
                out.push(Dropped { range: item.range(), line, column, rule: item.text.clone(), reason: why.clone() });
            }
        }
        for (at, n, why) in &self.parts {
            let Some(item) = self.sheet.items.get(*at) else { continue };
            let ItemKind::Style(selectors) = &item.kind else { continue };
            if !self.is_live(*at) || !self.above(*at).all(|i| self.is_live(i)) {
                continue;
            }
            let gone = |n: usize| self.parts.iter().any(|(a, m, _)| a == at && *m == n);
            let Some(range) = part(selectors, *n, &gone) else { continue };
            let (line, column) = item.place;
            let rule = selectors.get(*n).map(|s| s.text.clone()).unwrap_or_default();
            out.push(Dropped { range, line, column, rule, reason: why.clone() });
        }
        out.sort_by_key(|d| (d.range.start, d.range.end));
        out
    }

    fn kill(&mut self, at: usize, why: String) {
        if let Some(dead) = self.dead.get_mut(at) {
            *dead = Some(why);
        }
    }

    fn is_live(&self, at: usize) -> bool {
        self.dead.get(at).is_none_or(Option::is_none)
    }

    /// What an item stands in, from the inside out.
    fn above(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let parent = |i: &usize| self.sheet.items.get(*i).and_then(|item| item.parent).map(|p| p as usize);
        std::iter::successors(parent(&at), move |i| parent(i))
    }
}

/// What is nested in an item.
#[derive(Clone, Copy, Default)]
struct Inside {
    any: bool,
    live: bool,
    /// A style rule that stays, at any depth.
    live_rule: bool,
}

/// The bytes of one selector of a list with one of its commas.
fn part(selectors: &[Selector], n: usize, gone: &dyn Fn(usize) -> bool) -> Option<Range<usize>> {
    let own = selectors.get(n)?;
    match selectors.get(n + 1) {
        // If all after it go too, none of them has a comma left to take.
        Some(next) if (n + 1..selectors.len()).any(|i| !gone(i)) => Some(own.range.0 as usize..next.range.0 as usize),
        _ => Some(selectors.get(n.checked_sub(1)?)?.range.1 as usize..own.range.1 as usize),
    }
}

/// The text without what was dropped.
pub fn cut(source: &str, dropped: &[Dropped]) -> String {
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    for d in dropped.iter().filter(|d| !d.range.is_empty()) {
        out.push_str(source.get(at..d.range.start).unwrap_or_default());
        at = at.max(d.range.end);
    }
    out.push_str(source.get(at..).unwrap_or_default());
    out
}

/// Everything of `before` is in `after` or was dropped, in the same order, and nothing else is.
pub fn accounts_for_all(before: &str, after: &str, dropped: &[Dropped]) -> bool {
    let gone = |range: &Range<usize>| {
        let at = dropped.partition_point(|d| d.range.end < range.end);
        dropped.get(at).is_some_and(|d| d.range.start <= range.start && range.end <= d.range.end)
    };
    let left: Vec<String> = parts(before).into_iter().filter(|(range, _)| !gone(range)).map(|(_, text)| text).collect();
    let found: Vec<String> = parts(after).into_iter().map(|(_, text)| text).collect();
    left == found
}

/// Each selector, at-rule and custom property, with how deep it stands; and each block's own declarations.
fn parts(source: &str) -> Vec<(Range<usize>, String)> {
    let sheet = sheet::read(source);
    let mut out = Vec::new();
    let mut depths: Vec<usize> = Vec::new();
    let mut inner: Vec<BTreeSet<(usize, usize)>> = vec![BTreeSet::new(); sheet.items.len()];
    for item in &sheet.items {
        let depth = item.parent.and_then(|p| depths.get(p as usize)).map_or(0, |d| d + 1);
        depths.push(depth);
        if let Some(around) = item.parent.and_then(|p| inner.get_mut(p as usize)) {
            around.insert((item.range().start, item.range().end));
        }
    }
    for ((item, depth), inner) in sheet.items.iter().zip(depths).zip(inner) {
        let range = item.range();
        match &item.kind {
            ItemKind::Style(selectors) => {
                for s in selectors {
                    let text = source.get(s.range.0 as usize..s.range.1 as usize).unwrap_or_default();
                    out.push((s.range.0 as usize..s.range.1 as usize, format!("{depth} {text}")));
                }
            }
            _ => out.push((range.clone(), format!("{depth} {}", item.text))),
        }
        // Between what is nested: the declarations, and whatever is no rule at all.
        let mut at = source.get(range.clone()).and_then(|t| t.find('{')).map_or(range.end, |i| range.start + i);
        let mut own = String::new();
        for (start, end) in inner.into_iter().chain([(range.end, range.end)]) {
            own.push_str(source.get(at..start).unwrap_or_default().trim());
            at = at.max(end);
        }
        out.push((range, format!("{depth} {}", own.split_whitespace().collect::<String>())));
    }
    out
}
