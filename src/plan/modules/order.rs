//! Which modules must still be evaluated, and which of them still are.

use super::edits;
use super::live::Live;
use super::web::{Targets, Web};
use crate::analyze::js::modules::Unit;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::BTreeSet;

pub struct Order {
    /// Evaluating it, or what it imports, may make a difference.
    active: Vec<bool>,
    /// Requests that must stay though nothing is taken from them by name.
    bare: Vec<BTreeSet<u32>>,
    /// Something still loads it.
    pub loaded: Vec<bool>,
}

/// Modules that import each other, dependencies first.
pub fn circles(web: &Web<'_>) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<usize, ()> = DiGraph::with_capacity(web.nodes.len(), 0);
    let places: Vec<NodeIndex> = (0..web.nodes.len()).map(|i| graph.add_node(i)).collect();
    for (node, from) in web.nodes.iter().zip(&places) {
        let targets = node.requests.iter().flat_map(|t| &t.nodes);
        targets.filter_map(|t| places.get(*t)).for_each(|to| _ = graph.add_edge(*from, *to, ()));
    }
    let weight = |n: NodeIndex| graph.node_weight(n).copied();
    tarjan_scc(&graph).into_iter().map(|c| c.into_iter().filter_map(weight).collect()).collect()
}

impl Order {
    pub fn of(web: &Web<'_>, live: &Live) -> Self {
        let count = web.nodes.len();
        let mut order =
            Self { active: vec![false; count], bare: vec![BTreeSet::new(); count], loaded: vec![false; count] };
        let mut behind = Behind(vec![Vec::new(); count]);
        for circle in circles(web) {
            // In a circle the order depends on where one enters it.
            let alone = circle.len() == 1;
            let active = circle.iter().any(|index| {
                let Some(node) = web.nodes.get(*index) else { return false };
                let kept = |(i, u): (usize, &Unit)| live.is_kept(*index, i) && !(alone && u.settled);
                node.whole.is_some()
                    || node.module.units.iter().enumerate().any(kept)
                    || node.requests.iter().any(|t| order.matters(t))
            });
            for index in &circle {
                if let Some(slot) = order.active.get_mut(*index) {
                    *slot = active;
                }
            }
            let mut together = Vec::new();
            for index in &circle {
                let set = order.keep_bare(web, live, &behind, *index, alone);
                add(&mut together, &set);
                insert(&mut together, *index);
            }
            for index in circle {
                if let Some(slot) = behind.0.get_mut(index) {
                    slot.clone_from(&together);
                }
            }
        }
        order.load(web, live);
        order
    }

    /// An import of which nothing is taken by name must stay.
    pub fn stays_bare(&self, node: usize, request: u32) -> bool {
        self.bare.get(node).is_some_and(|b| b.contains(&request))
    }

    /// Whether it makes a difference when these are evaluated.
    fn matters(&self, targets: &Targets) -> bool {
        targets.open || targets.nodes.iter().any(|t| self.active.get(*t) == Some(&true))
    }

    /// Finds those imports that must stay for their effects: not where an earlier one has brought them already.
    /// Gives all that the module's imports evaluate.
    fn keep_bare(&mut self, web: &Web<'_>, live: &Live, behind: &Behind, index: usize, alone: bool) -> Vec<u64> {
        let mut seen = Vec::new();
        let Some(node) = web.nodes.get(index) else { return seen };
        for (request, named) in node.module.items.iter().filter_map(|item| edits::taken(live, index, item)) {
            let Some(targets) = node.requests.get(request as usize) else { continue };
            let known = alone && !targets.open && targets.nodes.iter().all(|t| contains(&seen, *t));
            let stays = node.whole.is_some() || named || (self.matters(targets) && !known);
            if stays
                && !named
                && let Some(bare) = self.bare.get_mut(index)
            {
                bare.insert(request);
            }
            // Of several only one is meant, nobody knows which.
            if stays && let Some(target) = targets.only() {
                behind.0.get(target).into_iter().for_each(|set| add(&mut seen, set));
            }
        }
        seen
    }

    fn load(&mut self, web: &Web<'_>, live: &Live) {
        let mut todo = web.roots.clone();
        while let Some(index) = todo.pop() {
            let Some(node) = web.nodes.get(index).filter(|_| self.loaded.get(index) == Some(&false)) else { continue };
            if let Some(slot) = self.loaded.get_mut(index) {
                *slot = true;
            }
            let requests = edits::requests(web, live, self, index);
            todo.extend(requests.into_iter().filter_map(|r| node.requests.get(r as usize)).flat_map(|t| &t.nodes));
            let kept = node.dynamic.iter().enumerate().filter(|(unit, _)| live.is_kept(index, *unit));
            todo.extend(kept.flat_map(|(_, targets)| targets).flat_map(|t| &t.nodes));
        }
    }
}

/// By module: itself and all that is evaluated before it is done, a bit each.
struct Behind(Vec<Vec<u64>>);

fn add(set: &mut Vec<u64>, other: &[u64]) {
    set.resize(set.len().max(other.len()), 0);
    set.iter_mut().zip(other).for_each(|(a, b)| *a |= b);
}

fn insert(set: &mut Vec<u64>, index: usize) {
    set.resize(set.len().max(index / 64 + 1), 0);
    if let Some(word) = set.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
}

fn contains(set: &[u64], index: usize) -> bool {
    set.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
}
