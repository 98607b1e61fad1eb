//! Marking: from what has effects to all that it needs, until nothing new is found.

use super::order::circles;
use super::resolve::{Found, Spot};
use super::web::{Targets, Web};
use crate::analyze::js::modules::{Item, Name, Origin, Plain, Work};
use std::collections::{BTreeSet, HashMap, HashSet};

pub struct Live {
    units: Vec<Vec<bool>>,
    bindings: Vec<Vec<bool>>,
    exports: Vec<Vec<bool>>,
    /// Of its `export *`: something comes through.
    stars: Vec<Vec<bool>>,
    /// Requests of those, in the same order.
    star_requests: Vec<Vec<u32>>,
}

impl Live {
    pub fn of(web: &Web<'_>) -> Self {
        let mut marker = Marker::new(web);
        marker.connect();
        for root in &web.roots {
            marker.reach(*root);
        }
        while let Some(job) = marker.todo.pop() {
            marker.run(job);
        }
        marker.live
    }

    pub fn is_kept(&self, node: usize, unit: usize) -> bool {
        is(&self.units, node, unit)
    }

    pub fn is_used(&self, node: usize, binding: u32) -> bool {
        is(&self.bindings, node, binding as usize)
    }

    pub fn is_exported(&self, node: usize, export: u32) -> bool {
        is(&self.exports, node, export as usize)
    }

    /// Something comes through an `export *` of this request.
    pub fn comes_through(&self, node: usize, request: u32) -> bool {
        let stars = self.star_requests.get(node).map(Vec::as_slice).unwrap_or_default();
        stars.iter().enumerate().any(|(i, r)| *r == request && is(&self.stars, node, i))
    }
}

fn is(table: &[Vec<bool>], row: usize, column: usize) -> bool {
    table.get(row).and_then(|r| r.get(column)).copied().unwrap_or(false)
}

/// Whether it was not set before.
fn set(table: &mut [Vec<bool>], row: usize, column: usize) -> bool {
    table.get_mut(row).and_then(|r| r.get_mut(column)).is_some_and(|slot| !std::mem::replace(slot, true))
}

/// Code that may have an effect: a unit, or a function when it is called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Code {
    Unit(usize, usize),
    Call(Spot),
    New(Spot),
}

enum Job {
    Keep(usize, usize),
    Use(Spot),
    /// It has an effect.
    Hot(Code),
    Reach(usize),
    All(usize),
    /// An export is imported; of a namespace only that member.
    Export(usize, String, Option<String>),
}

struct Marker<'w, 'a> {
    web: &'w Web<'a>,
    live: Live,
    reached: Vec<bool>,
    namespaces: Vec<bool>,
    hot: HashSet<Code>,
    callers: HashMap<Code, Vec<Code>>,
    touchers: HashMap<Spot, Vec<Code>>,
    asked: HashSet<(usize, Name)>,
    wanted: HashSet<(usize, String, Option<String>)>,
    circle: Vec<usize>,
    todo: Vec<Job>,
}

impl<'w, 'a> Marker<'w, 'a> {
    fn new(web: &'w Web<'a>) -> Self {
        let table = |len: &dyn Fn(&super::web::Node<'_>) -> usize| {
            web.nodes.iter().map(|n| vec![false; len(n)]).collect::<Vec<_>>()
        };
        let mut circle = vec![0; web.nodes.len()];
        for (number, members) in circles(web).into_iter().enumerate() {
            // Alone in its circle, a module gets no number.
            for index in members.iter().filter(|_| members.len() > 1) {
                if let Some(slot) = circle.get_mut(*index) {
                    *slot = number + 1;
                }
            }
        }
        Self {
            web,
            live: Live {
                units: table(&|n| n.module.units.len()),
                bindings: table(&|n| n.module.bindings.len()),
                exports: table(&|n| n.module.exports.len()),
                stars: table(&|n| n.module.stars.len()),
                star_requests: web.nodes.iter().map(|n| n.module.stars.clone()).collect(),
            },
            reached: vec![false; web.nodes.len()],
            namespaces: vec![false; web.nodes.len()],
            hot: HashSet::new(),
            callers: HashMap::new(),
            touchers: HashMap::new(),
            asked: HashSet::new(),
            wanted: HashSet::new(),
            circle,
            todo: Vec::new(),
        }
    }

    // ---- who would have an effect because of what

    fn connect(&mut self) {
        for (index, node) in self.web.nodes.iter().enumerate() {
            for (i, unit) in node.module.units.iter().enumerate() {
                self.register(index, Code::Unit(index, i), &unit.work);
            }
            for (i, binding) in node.module.bindings.iter().enumerate() {
                let spot = (index, i as u32);
                for (code, work) in [(Code::Call(spot), &binding.call), (Code::New(spot), &binding.construct)] {
                    work.iter().for_each(|w| self.register(index, code, w));
                }
            }
        }
    }

    fn register(&mut self, node: usize, code: Code, work: &Work) {
        let mut always = work.always;
        for call in &work.calls {
            match self.web.resolve(node, &call.name, &mut Vec::new()) {
                Found::Binding(spot) if self.is_callable(spot, call.new) => {
                    let callee = if call.new { Code::New(spot) } else { Code::Call(spot) };
                    self.callers.entry(callee).or_default().push(code);
                }
                _ => always = true,
            }
        }
        for touched in &work.touches {
            let mut passed = Vec::new();
            match self.web.resolve(node, touched, &mut passed) {
                Found::Binding(_) => {
                    passed.into_iter().for_each(|spot| self.touchers.entry(spot).or_default().push(code));
                }
                _ => always = true,
            }
        }
        always |= work.reads.iter().any(|r| !self.is_plain(node, &r.name, r.key.as_deref(), 0));
        always |= matches!(code, Code::Unit(..)) && work.early.iter().any(|b| self.may_come_late(node, *b));
        if always {
            self.todo.push(Job::Hot(code));
        }
    }

    fn is_callable(&self, (node, binding): Spot, new: bool) -> bool {
        let binding = self.web.nodes.get(node).and_then(|n| n.module.bindings.get(binding as usize));
        binding.is_some_and(|b| if new { b.construct.is_some() } else { b.call.is_some() })
    }

    /// No code runs when that property is read or written.
    fn is_plain(&self, node: usize, name: &Name, key: Option<&str>, steps: u32) -> bool {
        let (spot, binding) = match self.web.resolve(node, name, &mut Vec::new()) {
            Found::Namespace(_) => return key.is_some(),
            Found::Unknown => return false,
            Found::Binding(spot) => {
                (spot, self.web.nodes.get(spot.0).and_then(|n| n.module.bindings.get(spot.1 as usize)))
            }
        };
        let Some(Plain { accessors, parent }) = binding.and_then(|b| b.object.as_ref()) else { return false };
        let runs = accessors.iter().any(|a| a == "*" || key.is_none_or(|k| k == a));
        !runs && parent.as_ref().is_none_or(|p| steps < 32 && self.is_plain(spot.0, p, key, steps + 1))
    }

    /// In a circle, a name may be read before it is there, and that throws.
    fn may_come_late(&self, node: usize, binding: u32) -> bool {
        let circle = |index: usize| self.circle.get(index).copied().unwrap_or_default();
        match self.web.resolve(node, &Name { binding, member: None }, &mut Vec::new()) {
            Found::Binding((other, b)) => {
                let lexical = || {
                    self.web.nodes.get(other).and_then(|n| n.module.bindings.get(b as usize)).is_some_and(|b| b.lexical)
                };
                circle(node) != 0 && circle(node) == circle(other) && lexical()
            }
            _ => false,
        }
    }

    // ---- what is needed

    fn run(&mut self, job: Job) {
        match job {
            Job::Keep(node, unit) => self.keep(node, unit),
            Job::Use(spot) => self.bring(spot),
            Job::Hot(code) => self.heat(code),
            Job::Reach(node) => self.reach(node),
            Job::All(node) => self.all(node),
            Job::Export(node, name, member) => self.export(node, &name, member.as_deref()),
        }
    }

    fn heat(&mut self, code: Code) {
        if !self.hot.insert(code) {
            return;
        }
        match code {
            Code::Unit(node, unit) if self.reached.get(node) == Some(&true) => self.todo.push(Job::Keep(node, unit)),
            Code::Unit(..) => {}
            _ => {
                let callers = self.callers.get(&code).cloned().unwrap_or_default();
                self.todo.extend(callers.into_iter().map(Job::Hot));
            }
        }
    }

    fn reach(&mut self, node: usize) {
        let Some(n) = self.web.nodes.get(node).filter(|_| self.reached.get(node) == Some(&false)) else { return };
        if let Some(slot) = self.reached.get_mut(node) {
            *slot = true;
        }
        let hot = |u: &usize| n.whole.is_some() || self.hot.contains(&Code::Unit(node, *u));
        let kept: Vec<usize> = (0..n.module.units.len()).filter(hot).collect();
        self.todo.extend(kept.into_iter().map(|u| Job::Keep(node, u)));
        self.todo.extend(n.requests.iter().flat_map(|t| &t.nodes).map(|t| Job::Reach(*t)));
        if n.whole.is_some() {
            for binding in imported(&n.module.items) {
                self.name(node, &Name { binding, member: None });
            }
            self.todo.push(Job::All(node));
        }
    }

    fn keep(&mut self, node: usize, unit: usize) {
        if !set(&mut self.live.units, node, unit) {
            return;
        }
        let Some(n) = self.web.nodes.get(node) else { return };
        let Some(u) = n.module.units.get(unit) else { return };
        u.uses.iter().for_each(|name| self.name(node, name));
        for (import, targets) in u.dynamic.iter().zip(n.dynamic.get(unit).into_iter().flatten()) {
            for target in &targets.nodes {
                self.todo.push(Job::Reach(*target));
                match &import.names {
                    // `import()` calls an export of this name.
                    Some(names) => {
                        names.iter().map(String::as_str).chain(["then"]).for_each(|x| self.want(*target, x, None));
                    }
                    None => self.todo.push(Job::All(*target)),
                }
            }
        }
    }

    /// A name is mentioned in kept code.
    fn name(&mut self, node: usize, name: &Name) {
        if !self.asked.insert((node, name.clone())) {
            return;
        }
        self.todo.push(Job::Use((node, name.binding)));
        let Some(n) = self.web.nodes.get(node) else { return };
        let Some(import) = n.module.bindings.get(name.binding as usize).and_then(|b| b.source.as_ref()) else { return };
        let targets = n.requests.get(import.request as usize).cloned().unwrap_or_default();
        for target in targets.nodes {
            match (&import.name, &name.member) {
                (Some(export), member) => self.want(target, export, member.as_deref()),
                (None, Some(member)) => self.want(target, member, None),
                (None, None) => self.todo.push(Job::All(target)),
            }
        }
    }

    fn want(&mut self, node: usize, name: &str, member: Option<&str>) {
        self.todo.push(Job::Export(node, name.to_owned(), member.map(str::to_owned)));
    }

    /// An export is imported. `member`: and only that property of it is used, in case it is a namespace.
    fn export(&mut self, node: usize, name: &str, member: Option<&str>) {
        if !self.wanted.insert((node, name.to_owned(), member.map(str::to_owned))) {
            return;
        }
        let Some(n) = self.web.nodes.get(node) else { return };
        let Some(index) = n.module.exports.iter().position(|e| e.name == name) else {
            return self.through_stars(node, name, member);
        };
        set(&mut self.live.exports, node, index);
        let targets = |request: &u32| n.requests.get(*request as usize).map(|t| t.nodes.clone()).unwrap_or_default();
        match n.module.exports.get(index).map(|e| &e.from) {
            Some(Origin::Local(binding)) => {
                self.name(node, &Name { binding: *binding, member: member.map(str::to_owned) });
            }
            Some(Origin::Other { request, name }) => {
                targets(request).into_iter().for_each(|t| self.want(t, name, member));
            }
            Some(Origin::Namespace { request }) => {
                for target in targets(request) {
                    match member {
                        Some(member) => self.want(target, member, None),
                        None => self.todo.push(Job::All(target)),
                    }
                }
            }
            None => {}
        }
    }

    fn through_stars(&mut self, node: usize, name: &str, member: Option<&str>) {
        let Some(n) = self.web.nodes.get(node).filter(|_| name != "default") else { return };
        for (star, request) in n.module.stars.iter().enumerate() {
            let Some(targets) = n.requests.get(*request as usize) else { continue };
            let giving: Vec<usize> = targets.nodes.iter().copied().filter(|t| self.web.provides(*t, name)).collect();
            if targets.open || !giving.is_empty() {
                set(&mut self.live.stars, node, star);
            }
            giving.into_iter().for_each(|t| self.want(t, name, member));
        }
    }

    /// Every export may be used.
    fn all(&mut self, node: usize) {
        let Some(n) = self.web.nodes.get(node).filter(|_| self.namespaces.get(node) == Some(&false)) else { return };
        if let Some(slot) = self.namespaces.get_mut(node) {
            *slot = true;
        }
        let names: BTreeSet<&str> = n.module.exports.iter().map(|e| e.name.as_str()).collect();
        names.into_iter().for_each(|name| self.want(node, name, None));
        for (star, request) in n.module.stars.iter().enumerate() {
            set(&mut self.live.stars, node, star);
            let targets: Targets = n.requests.get(*request as usize).cloned().unwrap_or_default();
            self.todo.extend(targets.nodes.into_iter().map(Job::All));
        }
    }

    /// A binding is used: what declares it stays, and what changes it now matters.
    fn bring(&mut self, spot: Spot) {
        let (node, binding) = spot;
        if !set(&mut self.live.bindings, node, binding as usize) {
            return;
        }
        let units = self.web.nodes.get(node).map(|n| n.module.units.as_slice()).unwrap_or_default();
        let declaring = units.iter().enumerate().filter(|(_, u)| u.declares.contains(&binding)).map(|(i, _)| i);
        self.todo.extend(declaring.map(|i| Job::Keep(node, i)));
        let touchers = self.touchers.get(&spot).cloned().unwrap_or_default();
        self.todo.extend(touchers.into_iter().map(Job::Hot));
    }
}

/// All names that its import statements bring.
fn imported(items: &[Item]) -> Vec<u32> {
    let mut found = Vec::new();
    for item in items {
        if let Item::Import { default, named, namespace, .. } = item {
            found.extend(default.iter().chain(namespace).chain(named).map(|(binding, _)| *binding));
        }
    }
    found
}
