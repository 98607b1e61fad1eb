//! The elements of a page as browsers build them, reduced to what tells one from another.

use super::attributes::{is_inert, is_measure};
use super::shape::Shape;
use super::{implied, words};
use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, parse_document};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a page's elements look like and how they stand to each other.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Dom {
    pub shapes: Vec<Shape>,
    /// Indexes of a parent and a child, sorted.
    pub inside: Vec<(u32, u32)>,
    /// Values by attribute; `None` for any: they are too long or too many to be kept.
    pub values: BTreeMap<String, Option<BTreeSet<String>>>,
    /// Names of classes and ids are the same in upper and lower case.
    pub quirks: bool,
    pub scripts: bool,
}

const MAX_VALUE: usize = 64;
pub const MAX_VALUES: usize = 256;

/// Reads a page with scripts and, where that makes a difference, without. `words` get what scripts could take from it.
pub fn read(source: &str, words: &mut HashSet<String>, style_words: &mut HashSet<String>) -> Dom {
    let mut dom = Builder::default();
    dom.add(source, true, words, style_words);
    if source.contains("<noscript") || source.contains("<NOSCRIPT") {
        dom.add(source, false, words, style_words);
    }
    let mut inside: Vec<(u32, u32)> = dom.inside.into_iter().collect();
    inside.sort_unstable();
    let mut shapes: Vec<(u32, Shape)> = dom.shapes.into_iter().map(|(s, i)| (i, s)).collect();
    shapes.sort_unstable_by_key(|(i, _)| *i);
    Dom { shapes: shapes.into_iter().map(|(_, s)| s).collect(), inside, ..dom.rest }
}

impl Dom {
    /// Of a part of a page, which a server may put into others: what stands in it may come to any place.
    pub fn taken_in(mut self) -> Self {
        self.shapes.iter_mut().filter(|s| !s.is_root()).for_each(|s| s.loose = true);
        self
    }
}

#[derive(Default)]
struct Builder {
    shapes: BTreeMap<Shape, u32>,
    inside: BTreeSet<(u32, u32)>,
    rest: Dom,
}

impl Builder {
    fn add(&mut self, source: &str, scripting: bool, words: &mut HashSet<String>, style_words: &mut HashSet<String>) {
        let mut options = ParseOpts::default();
        options.tree_builder.scripting_enabled = scripting;
        let tree = parse_document(Tree::default(), options).one(source);
        let nodes = tree.nodes.into_inner();
        self.rest.quirks |= tree.quirks.get();
        for text in tree.texts.into_inner() {
            words::read(&text, words);
        }
        for text in tree.prose.into_inner() {
            words::data(&text, words);
        }
        // A node and its parent's shape; `true` inside of a template.
        let mut open: Vec<(usize, Option<u32>, bool)> = vec![(0, None, false)];
        while let Some((at, parent, loose)) = open.pop() {
            let Some(node) = nodes.get(at) else { continue };
            let own = node.name.as_ref().map(|name| {
                let tag = name.local.to_ascii_lowercase().to_string();
                self.rest.scripts |= tag == "script";
                let shape = self.shape(tag, node, loose, words, style_words);
                let next = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
                *self.shapes.entry(shape).or_insert(next)
            });
            if let (Some(parent), Some(own)) = (parent, own) {
                self.inside.insert((parent, own));
            }
            let loose = loose || node.contents;
            open.extend(node.children.iter().map(|child| (*child, own.or(parent), loose)));
        }
    }

    fn shape(
        &mut self,
        tag: String,
        node: &Node,
        loose: bool,
        words: &mut HashSet<String>,
        style_words: &mut HashSet<String>,
    ) -> Shape {
        let mut shape = Shape { tag, loose, ..Shape::default() };
        for attr in &node.attrs {
            let (name, value) = (attr.name.local.to_ascii_lowercase().to_string(), attr.value.trim());
            match name.as_str() {
                "class" => {
                    // `step{{n}}`.
                    if value.contains("{{") {
                        words::read(value, words);
                    }
                    shape.classes.extend(value.split_ascii_whitespace().map(str::to_owned));
                }
                "id" => {
                    words::data(value, words);
                    words::value(value, words);
                    shape.id = Some(value.to_owned());
                }
                _ => {
                    // `fill="var(--accent)"`.
                    if value.contains("var(") {
                        words::read(value, style_words);
                    }
                    match name.as_str() {
                        "style" => words::read(value, style_words),
                        _ if is_measure(&name) => {}
                        _ if is_inert(&name) && !value.starts_with("javascript:") => words::data(value, words),
                        _ => words::read(value, words),
                    }
                    if !is_measure(&name) {
                        words::value(value, words);
                    }
                    if name == "contenteditable" {
                        words.extend(implied::by_member("contentEditable").map(str::to_owned));
                    }
                    self.rest.scripts |= name.starts_with("on") || value.starts_with("javascript:");
                    self.value(&name, value);
                    shape.attrs.push(name);
                }
            }
        }
        shape.classes.sort_unstable();
        shape.classes.dedup();
        shape.attrs.sort_unstable();
        shape
    }

    fn value(&mut self, name: &str, value: &str) {
        let values = self.rest.values.entry(name.to_owned()).or_insert_with(|| Some(BTreeSet::new()));
        if value.len() > MAX_VALUE {
            *values = None;
        }
        if let Some(known) = values {
            known.insert(value.to_ascii_lowercase());
            if known.len() > MAX_VALUES {
                *values = None;
            }
        }
    }
}

#[derive(Default)]
struct Node {
    /// `None`: the document, a comment, the contents of a template.
    name: Option<QualName>,
    attrs: Vec<Attribute>,
    parent: Option<usize>,
    children: Vec<usize>,
    /// The contents of a template.
    contents: bool,
}

/// Elements without texts; those texts that hold code for scripts to use are put aside, and prose.
struct Tree {
    nodes: RefCell<Vec<Node>>,
    texts: RefCell<Vec<String>>,
    prose: RefCell<Vec<String>>,
    quirks: Cell<bool>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            nodes: RefCell::new(vec![Node::default()]),
            texts: RefCell::default(),
            prose: RefCell::default(),
            quirks: Cell::new(false),
        }
    }
}

impl Tree {
    fn create(&self, node: Node) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(node);
        nodes.len() - 1
    }

    fn detach(&self, child: usize) {
        let mut nodes = self.nodes.borrow_mut();
        let parent = nodes.get_mut(child).and_then(|n| n.parent.take());
        if let Some(parent) = parent.and_then(|p| nodes.get_mut(p)) {
            parent.children.retain(|c| *c != child);
        }
    }

    /// Before `sibling`, or at the end.
    fn insert(&self, parent: usize, child: usize, sibling: Option<usize>) {
        self.detach(child);
        let mut nodes = self.nodes.borrow_mut();
        if let Some(node) = nodes.get_mut(parent) {
            let at = sibling.and_then(|s| node.children.iter().position(|c| *c == s)).unwrap_or(node.children.len());
            node.children.insert(at, child);
        }
        if let Some(node) = nodes.get_mut(child) {
            node.parent = Some(parent);
        }
    }

    fn parent(&self, of: usize) -> Option<usize> {
        self.nodes.borrow().get(of).and_then(|n| n.parent)
    }

    fn text(&self, parent: usize, text: &str) {
        let nodes = self.nodes.borrow();
        let mut at = Some(parent);
        while let Some(node) = at.and_then(|i| nodes.get(i)) {
            let name = node.name.as_ref().map_or("", |n| &n.local);
            if matches!(name, "pre" | "code" | "textarea" | "xmp" | "option") {
                self.texts.borrow_mut().push(text.to_owned());
                return;
            }
            if matches!(name, "script" | "style") {
                return;
            }
            at = node.parent;
        }
        self.prose.borrow_mut().push(text.to_owned());
    }
}

#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for Tree {
    type Handle = usize;
    type Output = Self;
    type ElemName<'a> = Name;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name {
        let name = self.nodes.borrow().get(*target).and_then(|n| n.name.clone());
        Name(name.unwrap_or_else(|| QualName::new(None, Namespace::default(), LocalName::default())))
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> usize {
        self.create(Node { name: Some(name), attrs, ..Node::default() })
    }

    fn create_comment(&self, text: StrTendril) -> usize {
        self.texts.borrow_mut().push(text.to_string());
        self.create(Node::default())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.create(Node::default())
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        match child {
            NodeOrText::AppendNode(child) => self.insert(*parent, child, None),
            NodeOrText::AppendText(text) => self.text(*parent, &text),
        }
    }

    fn append_based_on_parent_node(&self, element: &usize, previous: &usize, child: NodeOrText<usize>) {
        match self.parent(*element) {
            Some(_) => self.append_before_sibling(element, child),
            None => self.append(previous, child),
        }
    }

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        match (child, self.parent(*sibling)) {
            (NodeOrText::AppendNode(child), Some(parent)) => self.insert(parent, child, Some(*sibling)),
            (NodeOrText::AppendText(text), Some(parent)) => self.text(parent, &text),
            _ => {}
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// Its contents hang below it, so that one walk finds all.
    fn get_template_contents(&self, target: &usize) -> usize {
        let found = self.nodes.borrow().get(*target).and_then(|n| {
            let nodes = self.nodes.borrow();
            n.children.iter().copied().find(|c| nodes.get(*c).is_some_and(|n| n.contents))
        });
        found.unwrap_or_else(|| {
            let contents = self.create(Node { contents: true, ..Node::default() });
            self.insert(*target, contents, None);
            contents
        })
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.quirks.set(mode == QuirksMode::Quirks);
    }

    fn add_attrs_if_missing(&self, target: &usize, attrs: Vec<Attribute>) {
        if let Some(node) = self.nodes.borrow_mut().get_mut(*target) {
            for attr in attrs {
                if !node.attrs.iter().any(|a| a.name == attr.name) {
                    node.attrs.push(attr);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let children = self.nodes.borrow().get(*node).map(|n| n.children.clone()).unwrap_or_default();
        for child in children {
            self.insert(*new_parent, child, None);
        }
    }
}
