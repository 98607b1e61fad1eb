//! Where the values of a script's names come from, and which names only ever hold what the script made itself.

use super::finds::Found;
use std::collections::{BTreeSet, HashMap, HashSet};
use swc_core::common::Mark;
use swc_core::ecma::ast::Id;

/// One place that a value may come from.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Origin {
    /// An element or object that the script has just made.
    Created,
    /// No element at all.
    Harmless,
    Unknown,
    /// What of the page a selector finds.
    Found(Found),
    /// One of those in what the origins give.
    Item(Vec<Origin>),
    Var(Id),
    This(This),
    /// A property, by name, of what the origins give.
    Member(Vec<Origin>, String),
}

/// What `this` is.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum This {
    /// An instance of the class with this index.
    Class(usize),
    /// A method on a prototype.
    Prototype,
    /// An instance if the function is a constructor.
    Function(Id),
    /// A callback's, a handler's: possibly an element of the page.
    Loose,
}

#[derive(Clone, Debug)]
pub(super) enum Super {
    None,
    Named(Id),
    Member(String),
    Other,
}

/// Who gives a property its value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum By {
    /// `this.name = …` in a class, or one of its fields.
    Class(usize),
    Store,
    Literal,
}

#[derive(Default)]
pub(super) struct Origins {
    pub vars: HashMap<Id, Vec<Origin>>,
    pub props: HashMap<String, Vec<(By, Origin)>>,
    pub supers: Vec<Super>,
    pub class_names: HashMap<Id, usize>,
    /// Functions that are called with `new` or have a prototype.
    pub constructors: HashSet<Id>,
    /// Classes that give themselves properties by names which are not in the text.
    pub open_classes: HashSet<usize>,
    /// The same, for any object: what is written to and what with.
    pub dynamic: Vec<(Vec<Origin>, Vec<Origin>)>,
    /// What has its `src` or `srcset` set.
    pub written: Vec<Vec<Origin>>,
    pub spread: bool,
    pub unresolved: Mark,
}

/// What is asked of values.
#[derive(Clone, Copy, PartialEq)]
enum Ask {
    /// The script made them: no element of the page is among them.
    Made,
    /// No element of the page is among them.
    NoElement,
    /// The script made them and they are no instances of its classes. Properties are told apart by name alone.
    NoInstance,
}

/// Which properties may have been written by names that are not in the text.
#[derive(Clone, Copy, Default)]
struct Open {
    instances: bool,
    objects: bool,
}

/// How a place bears on a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Via {
    Value,
    /// The value is a property of it.
    Object,
    /// The value is one of those in it.
    List,
}

impl Origins {
    /// The selectors of everything of the page that may be written to; `None` if that may be anything.
    pub fn hits(&self) -> Option<BTreeSet<&str>> {
        let mut found = BTreeSet::new();
        let closed = Open { instances: false, objects: self.spread || !self.open_classes.is_empty() };
        let mut known = |open| self.written.iter().all(|w| self.are(w, Ask::Made, open, &mut found));
        let all = known(closed) && known(self.open(closed));
        all.then_some(found)
    }

    /// Assumes that nothing is open until a write shows that it is.
    fn open(&self, mut open: Open) -> Open {
        loop {
            let before = open;
            for (target, value) in &self.dynamic {
                if !(open.instances || self.are(value, Ask::NoElement, before, &mut BTreeSet::new())) {
                    open.objects = true;
                    open.instances = !self.are(target, Ask::NoInstance, before, &mut BTreeSet::new());
                }
            }
            if (before.instances, before.objects) == (open.instances, open.objects) {
                return open;
            }
        }
    }

    /// Nothing that the values come from is unknown and, if they must be made here, at least one is seen to be. What the
    /// page has instead is told by its selector.
    fn are<'s>(&'s self, values: &'s [Origin], ask: Ask, open: Open, found: &mut BTreeSet<&'s str>) -> bool {
        let mut created = ask == Ask::NoElement;
        let mut seen = HashSet::new();
        let mut todo: Vec<(&Origin, Via)> = values.iter().map(|o| (o, Via::Value)).collect();
        while let Some((origin, via)) = todo.pop() {
            match origin {
                Origin::Created | Origin::Harmless | Origin::This(_) if via == Via::List => return false,
                Origin::Created => created |= via == Via::Value,
                Origin::Harmless => {}
                Origin::Unknown => return false,
                Origin::Found(f) => {
                    if ask != Ask::Made || via == Via::Object || via == Via::List && !f.many {
                        return false;
                    }
                    found.insert(&f.selector);
                    created = true;
                }
                Origin::Item(list) if via == Via::Value => todo.extend(list.iter().map(|o| (o, Via::List))),
                Origin::Item(_) => return false,
                Origin::This(this) if ask != Ask::NoInstance && self.is_plain(this) => created |= via == Via::Value,
                Origin::This(_) => return false,
                Origin::Var(id) if id.1.outer() == self.unresolved => {
                    if !matches!(&*id.0, "undefined" | "NaN" | "Infinity") {
                        return false;
                    }
                }
                Origin::Var(id) => {
                    if seen.insert((Some(id), None, "", via)) {
                        let Some(origins) = self.vars.get(id) else { return false };
                        todo.extend(origins.iter().map(|o| (o, via)));
                    }
                }
                Origin::Member(object, name) => {
                    let class = match object.as_slice() {
                        [Origin::This(This::Class(class))] => Some(self.root(*class)),
                        [Origin::This(_)] => None,
                        _ if ask == Ask::NoInstance => None,
                        _ => {
                            todo.extend(object.iter().map(|o| (o, Via::Object)));
                            None
                        }
                    };
                    let is_open = match class {
                        Some(root) => open.instances || self.is_open(root),
                        None => open.instances || (open.objects && ask != Ask::NoInstance),
                    };
                    if is_open {
                        return false;
                    }
                    if seen.insert((None, class, name.as_str(), via)) {
                        let before = todo.len();
                        let all = self.props.get(name).into_iter().flatten();
                        let fitting = all.filter(|(by, _)| match (by, class) {
                            (By::Class(c), Some(root)) => self.root(*c) == root,
                            (By::Literal, Some(_)) => false,
                            _ => true,
                        });
                        todo.extend(fitting.map(|(_, o)| (o, via)));
                        if todo.len() == before {
                            return false;
                        }
                    }
                }
            }
        }
        created
    }

    /// The class at the top of what the file knows of the hierarchy.
    fn root(&self, class: usize) -> usize {
        let mut at = class;
        for _ in 0..self.supers.len() {
            match self.supers.get(at) {
                Some(Super::Named(id)) => match self.class_names.get(id) {
                    Some(parent) => at = *parent,
                    None => break,
                },
                _ => break,
            }
        }
        at
    }

    /// Something outside the text may give its instances properties.
    fn is_open(&self, root: usize) -> bool {
        !matches!(self.supers.get(root), Some(Super::None)) || self.open_classes.iter().any(|c| self.root(*c) == root)
    }

    /// It is an object of the script's own kind, no element.
    fn is_plain(&self, this: &This) -> bool {
        match this {
            This::Class(class) => match self.supers.get(self.root(*class)) {
                Some(Super::None) => true,
                Some(Super::Named(id)) => !id.0.ends_with("Element"),
                Some(Super::Member(name)) => !name.ends_with("Element"),
                _ => false,
            },
            This::Prototype => true,
            This::Function(id) => self.constructors.contains(id),
            This::Loose => false,
        }
    }
}
