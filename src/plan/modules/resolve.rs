//! Names followed through imports, re-exports and other names to where their value is made.

use super::web::Web;
use crate::analyze::js::modules::{Name, Origin};

/// A name of a module: by the places of both.
pub type Spot = (usize, u32);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    Binding(Spot),
    Namespace(usize),
    Unknown,
}

/// Steps from one module to the next; a circle of re-exports has no end.
const LONGEST: u32 = 64;

impl Web<'_> {
    /// `passed` gets every name on the way, the last one too.
    pub fn resolve(&self, node: usize, name: &Name, passed: &mut Vec<Spot>) -> Found {
        self.follow(node, name, passed, 0)
    }

    fn follow(&self, node: usize, name: &Name, passed: &mut Vec<Spot>, steps: u32) -> Found {
        let binding = self.nodes.get(node).and_then(|n| n.module.bindings.get(name.binding as usize));
        let Some(binding) = binding.filter(|_| steps < LONGEST) else { return Found::Unknown };
        passed.push((node, name.binding));
        let found = match (&binding.source, &binding.alias) {
            (Some(import), _) => {
                let target = self.nodes.get(node).and_then(|n| n.requests.get(import.request as usize)?.only());
                match (target, &import.name) {
                    (None, _) => Found::Unknown,
                    (Some(target), None) => Found::Namespace(target),
                    (Some(target), Some(export)) => self.export(target, export, passed, steps + 1),
                }
            }
            (None, Some(alias)) => self.follow(node, alias, passed, steps + 1),
            (None, None) => Found::Binding((node, name.binding)),
        };
        match (&name.member, found) {
            (None, found) => found,
            (Some(member), Found::Namespace(target)) => self.export(target, member, passed, steps + 1),
            // A property of an object is nothing that lasts.
            (Some(_), _) => Found::Unknown,
        }
    }

    fn export(&self, node: usize, name: &str, passed: &mut Vec<Spot>, steps: u32) -> Found {
        let Some(n) = self.nodes.get(node).filter(|_| steps < LONGEST) else { return Found::Unknown };
        let target = |request: u32| n.requests.get(request as usize).and_then(|t| t.only());
        if let Some(export) = n.module.exports.iter().find(|e| e.name == name) {
            return match &export.from {
                Origin::Local(binding) => {
                    self.follow(node, &Name { binding: *binding, member: None }, passed, steps + 1)
                }
                Origin::Other { request, name } => match target(*request) {
                    Some(target) => self.export(target, name, passed, steps + 1),
                    None => Found::Unknown,
                },
                Origin::Namespace { request } => target(*request).map_or(Found::Unknown, Found::Namespace),
            };
        }
        let mut found = None;
        for request in n.module.stars.iter().filter(|_| name != "default") {
            match target(*request) {
                Some(target) if self.provides(target, name) => {
                    if found.replace(target).is_some_and(|other| other != target) {
                        return Found::Unknown;
                    }
                }
                Some(_) => {}
                None => return Found::Unknown,
            }
        }
        found.map_or(Found::Unknown, |target| self.export(target, name, passed, steps + 1))
    }

    /// Whether a module has an export, or may have.
    pub fn provides(&self, node: usize, name: &str) -> bool {
        let mut seen = vec![node];
        let mut at = 0;
        while let Some(index) = seen.get(at).copied() {
            at += 1;
            let Some(n) = self.nodes.get(index) else { continue };
            if n.module.exports.iter().any(|e| e.name == name) {
                return true;
            }
            for targets in
                n.module.stars.iter().filter(|_| name != "default").filter_map(|r| n.requests.get(*r as usize))
            {
                if targets.open {
                    return true;
                }
                let new: Vec<usize> = targets.nodes.iter().copied().filter(|t| !seen.contains(t)).collect();
                seen.extend(new);
            }
        }
        false
    }
}
