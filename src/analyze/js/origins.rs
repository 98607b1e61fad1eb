//! Where the values of a script's names come from, and which names only ever hold what the script made itself.

use std::collections::{HashMap, HashSet};
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

impl Origins {
    /// Whether something that the script did not make may be written to.
    pub fn may_hit_the_page(&self) -> bool {
        let hits = |open| self.written.iter().any(|w| !self.are(w, Ask::Made, open));
        let closed = Open { instances: false, objects: self.spread || !self.open_classes.is_empty() };
        hits(closed) || hits(self.open(closed))
    }

    /// Assumes that nothing is open until a write shows that it is.
    fn open(&self, mut open: Open) -> Open {
        loop {
            let before = open;
            for (target, value) in &self.dynamic {
                if !(open.instances || self.are(value, Ask::NoElement, before)) {
                    open.objects = true;
                    open.instances = !self.are(target, Ask::NoInstance, before);
                }
            }
            if (before.instances, before.objects) == (open.instances, open.objects) {
                return open;
            }
        }
    }

    /// Nothing that the values come from is unknown and, if they must be made here, at least one is seen to be.
    fn are(&self, values: &[Origin], ask: Ask, open: Open) -> bool {
        let mut created = ask == Ask::NoElement;
        let mut seen = HashSet::new();
        // With each, whether it is the value, or only an object on the way to it.
        let mut todo: Vec<(&Origin, bool)> = values.iter().map(|o| (o, true)).collect();
        while let Some((origin, is_value)) = todo.pop() {
            match origin {
                Origin::Created => created |= is_value,
                Origin::Harmless => {}
                Origin::Unknown => return false,
                Origin::This(this) if ask != Ask::NoInstance && self.is_plain(this) => created |= is_value,
                Origin::This(_) => return false,
                Origin::Var(id) if id.1.outer() == self.unresolved => {
                    if !matches!(&*id.0, "undefined" | "NaN" | "Infinity") {
                        return false;
                    }
                }
                Origin::Var(id) => {
                    if seen.insert((Some(id), None, "", is_value)) {
                        let Some(origins) = self.vars.get(id) else { return false };
                        todo.extend(origins.iter().map(|o| (o, is_value)));
                    }
                }
                Origin::Member(object, name) => {
                    let class = match object.as_slice() {
                        [Origin::This(This::Class(class))] => Some(self.root(*class)),
                        [Origin::This(_)] => None,
                        _ if ask == Ask::NoInstance => None,
                        _ => {
                            todo.extend(object.iter().map(|o| (o, false)));
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
                    if seen.insert((None, class, name, is_value)) {
                        let before = todo.len();
                        let all = self.props.get(name).into_iter().flatten();
                        let fitting = all.filter(|(by, _)| match (by, class) {
                            (By::Class(c), Some(root)) => self.root(*c) == root,
                            (By::Literal, Some(_)) => false,
                            _ => true,
                        });
                        todo.extend(fitting.map(|(_, o)| (o, is_value)));
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
