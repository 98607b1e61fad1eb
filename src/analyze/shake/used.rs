//! What a whole site could put on a page: the elements of all pages, and all words that scripts and data could add.

use super::dom::{Dom, MAX_VALUES};
use super::shape::Shape;
use super::words::{self, Pattern};
use super::{Evidence, Sheet};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The union over pages. Its size depends on how many kinds of elements there are, not on how many pages.
#[derive(Default)]
pub struct Used {
    words: Arc<Words>,
    /// What is on any page may come to this one.
    shared: bool,
    /// What styles outside of the sheets name: `style` attributes and `<style>` elements.
    pub style_words: HashSet<String>,
    pub shapes: Vec<Node>,
    pub values: BTreeMap<String, Option<BTreeSet<String>>>,
    /// Some page runs a script: elements may move and get other attributes.
    pub scripts: bool,
    quirks: bool,
}

/// Of a whole site. All are [stems](words::stem), since scripts put names together from words in other spellings.
#[derive(Default)]
struct Words {
    tokens: HashSet<String>,
    /// Of prose and addresses: scripts may take names from them, but name no elements by them.
    data: HashSet<String>,
    /// Literals of scripts that are one word.
    pieces: HashSet<String>,
    patterns: Vec<Pattern>,
    /// Of the names on its elements.
    present: HashSet<String>,
}

pub struct Node {
    pub shape: Shape,
    pub parents: BTreeSet<u32>,
    pub children: BTreeSet<u32>,
    /// Scripts may put it in any place.
    pub loose: bool,
}

/// Collects evidence in any order; the outcome does not depend on it.
#[derive(Default)]
pub struct Collector {
    words: HashSet<String>,
    style_words: HashSet<String>,
    shapes: HashMap<Shape, u32>,
    inside: HashSet<(u32, u32)>,
    values: BTreeMap<String, Option<BTreeSet<String>>>,
    scripts: bool,
    quirks: bool,
    /// Ids that sheets name. The others, and there may be one on every heading, are not kept.
    ids: HashSet<String>,
}

impl Collector {
    pub fn new<'a>(sheets: impl IntoIterator<Item = &'a Sheet>) -> Self {
        let names = sheets.into_iter().flat_map(Sheet::selectors).flat_map(|s| s.names());
        Self { ids: names.map(str::to_ascii_lowercase).collect(), ..Self::default() }
    }

    pub fn add(&mut self, evidence: Evidence) {
        self.words.extend(evidence.words);
        self.style_words.extend(evidence.style_words);
        let Some(dom) = evidence.dom else { return };
        self.scripts |= dom.scripts;
        self.quirks |= dom.quirks;
        for (name, found) in dom.values {
            let values = self.values.entry(name).or_insert_with(|| Some(BTreeSet::new()));
            match (values.as_mut(), found) {
                (Some(known), Some(found)) => known.extend(found),
                _ => *values = None,
            }
            if values.as_ref().is_some_and(|v| v.len() > MAX_VALUES) {
                *values = None;
            }
        }
        let ids: Vec<u32> = dom.shapes.into_iter().map(|s| self.shape(s)).collect();
        let of = |i: u32| ids.get(i as usize).copied();
        self.inside.extend(dom.inside.iter().filter_map(|(parent, child)| Some((of(*parent)?, of(*child)?))));
    }

    fn shape(&mut self, mut shape: Shape) -> u32 {
        if shape.id.as_ref().is_some_and(|id| !self.ids.contains(&id.to_ascii_lowercase())) {
            shape.id = None;
        }
        let next = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
        *self.shapes.entry(shape).or_insert(next)
    }

    pub fn finish(self) -> Used {
        let marked = |mark: char| self.words.iter().filter_map(move |w| w.strip_prefix(mark));
        let tokens = self.words.iter().filter(|w| !w.contains(['*', '=', '~'])).map(|w| words::stem(w)).collect();
        let data = marked('~').map(words::stem).collect();
        let pieces = marked('=').map(str::to_lowercase).collect();
        let patterns: BTreeSet<String> =
            self.words.iter().filter(|w| w.contains('*')).map(|w| w.to_lowercase()).collect();
        let patterns = patterns.iter().filter_map(|w| Pattern::new(w)).collect();
        let names = self.shapes.keys().flat_map(|s| s.classes.iter().chain(&s.attrs).chain([&s.tag]).chain(&s.id));
        let present = names.flat_map(|n| words::of_name(n)).map(words::stem).collect();
        let words = Words { tokens, data, pieces, patterns, present };
        self.union(Arc::new(words), false)
    }

    fn union(self, words: Arc<Words>, shared: bool) -> Used {
        let mut used = Used {
            words,
            shared,
            style_words: self.style_words,
            shapes: Vec::new(),
            values: self.values,
            scripts: self.scripts,
            quirks: self.quirks,
        };
        let mut shapes: Vec<(u32, Shape)> = self.shapes.into_iter().map(|(s, i)| (i, s)).collect();
        shapes.sort_unstable_by_key(|(i, _)| *i);
        used.shapes = shapes.into_iter().map(|(_, s)| used.node(s)).collect();
        for (parent, child) in self.inside {
            if let Some(node) = used.shapes.get_mut(parent as usize) {
                node.children.insert(child);
            }
            if let Some(node) = used.shapes.get_mut(child as usize) {
                node.parents.insert(parent);
            }
        }
        used.loosen();
        used
    }
}

impl Used {
    /// What a page's rules depend on of the whole site, in an order that depends on nothing else.
    pub fn site_words(&self) -> (bool, [BTreeSet<String>; 6]) {
        let sorted = |set: &HashSet<String>| set.iter().cloned().collect();
        let Words { tokens, data, pieces, patterns, present } = &*self.words;
        let patterns = patterns.iter().map(|p| format!("{p:?}")).collect();
        (
            self.quirks,
            [sorted(tokens), sorted(data), sorted(pieces), patterns, sorted(present), sorted(&self.style_words)],
        )
    }

    /// Of one page alone. With scripts, whatever is on any page may come to this one.
    pub fn of_page(site: &Self, dom: Dom) -> Self {
        let shared = dom.scripts;
        Self::of_one(site.quirks, Arc::clone(&site.words), dom, shared)
    }

    fn of_one(quirks: bool, words: Arc<Words>, dom: Dom, shared: bool) -> Self {
        let ids = dom.shapes.iter().filter_map(|s| s.id.as_deref()).map(str::to_ascii_lowercase).collect();
        let mut collector = Collector { ids, quirks, ..Collector::default() };
        collector.add(Evidence { dom: Some(dom), ..Evidence::default() });
        collector.union(words, shared)
    }

    /// Of one page while it loads: with what scripts put on it by then, if any run, but nothing of other pages.
    pub fn as_it_arrives(site: &Self, dom: Dom, scripts: bool) -> Self {
        let words = if scripts { Arc::clone(&site.words) } else { Arc::default() };
        Self::of_one(site.quirks, words, Dom { scripts, ..dom }, false)
    }

    /// A text of the site has this word.
    fn has(&self, word: &str) -> bool {
        let word = words::stem(word);
        self.words.tokens.contains(&word) || (self.shared && self.words.present.contains(&word))
    }

    fn node(&self, mut shape: Shape) -> Node {
        if self.quirks {
            shape.classes.iter_mut().chain(&mut shape.id).for_each(|n| n.make_ascii_lowercase());
        }
        Node { shape, parents: BTreeSet::new(), children: BTreeSet::new(), loose: false }
    }

    /// Where a script runs, it may find any element, by its name or by going from one to the next, and put it anywhere. What
    /// stands in an element goes with it.
    fn loosen(&mut self) {
        let is_loose = |node: &Node| node.shape.loose || self.scripts && !node.shape.is_root();
        let mut todo: Vec<usize> =
            (0..self.shapes.len()).filter(|i| self.shapes.get(*i).is_some_and(is_loose)).collect();
        while let Some(at) = todo.pop() {
            let Some(node) = self.shapes.get_mut(at).filter(|n| !n.loose) else { continue };
            node.loose = true;
            todo.extend(node.children.iter().map(|c| *c as usize));
        }
    }

    pub fn has_folded(&self, word: &str) -> bool {
        self.words.tokens.contains(&words::stem(word))
    }

    /// Some page is in quirks mode, where classes and ids know no case: all names are in lower case here.
    pub fn is_quirky(&self) -> bool {
        self.quirks
    }

    pub fn folded(&self, name: &str) -> String {
        if self.quirks { name.to_ascii_lowercase() } else { name.to_owned() }
    }
}

/// Answers for names, each worked out once.
pub struct Names<'a> {
    used: &'a Used,
    known: RefCell<HashMap<String, bool>>,
    spoken: RefCell<HashMap<String, bool>>,
    filled: RefCell<HashMap<String, bool>>,
}

impl<'a> Names<'a> {
    pub fn new(used: &'a Used) -> Self {
        Self { used, known: RefCell::default(), spoken: RefCell::default(), filled: RefCell::default() }
    }

    /// A text of the site could put this name on an element: a class, or an id.
    pub fn known(&self, name: &str) -> bool {
        let data = |w: &str| self.used.scripts && self.used.words.data.contains(&words::stem(w));
        remember(&self.known, name, || self.spoken(name) || words::of_name(name).all(|w| self.word(w) || data(w)))
    }

    /// The same of elements and attributes, which nobody takes from prose.
    pub fn spoken(&self, name: &str) -> bool {
        remember(&self.spoken, name, || words::of_name(name).all(|w| self.word(w)) || self.fits(&name.to_lowercase()))
    }

    fn word(&self, word: &str) -> bool {
        self.used.has(word) || self.fits(&word.to_lowercase())
    }

    fn fits(&self, name: &str) -> bool {
        // A hole between two others may have to take the whole name: then it has to be a literal.
        let filled = |hole: &str| {
            let shorter = hole.len() < name.len();
            hole.is_empty() || self.used.words.pieces.contains(hole) || (shorter && self.fills(hole))
        };
        self.used.words.patterns.iter().any(|p| p.fits(name, &filled))
    }

    /// It may stand in a hole of which nothing is known.
    fn fills(&self, hole: &str) -> bool {
        remember(&self.filled, hole, || self.used.words.pieces.contains(hole) || self.fits(hole))
    }
}

fn remember(known: &RefCell<HashMap<String, bool>>, name: &str, work_out: impl FnOnce() -> bool) -> bool {
    if let Some(known) = known.borrow().get(name) {
        return *known;
    }
    let found = work_out();
    known.borrow_mut().insert(name.to_owned(), found);
    found
}
