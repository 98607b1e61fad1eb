//! Which modules must still be evaluated, and which of them still are.

use super::edits;
use super::live::Live;
use super::web::{Targets, Web};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

pub struct Order {
    /// Evaluating it, or what it imports, may make a difference.
    active: Vec<bool>,
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
        let mut order = Self { active: vec![false; web.nodes.len()], loaded: vec![false; web.nodes.len()] };
        for circle in circles(web) {
            // In a circle the order depends on where one enters it.
            let alone = circle.len() == 1;
            let active = circle.iter().any(|index| {
                let Some(node) = web.nodes.get(*index) else { return false };
                let kept = |(i, u): (usize, &crate::analyze::js::modules::Unit)| {
                    live.is_kept(*index, i) && !(alone && u.settled)
                };
                node.whole.is_some()
                    || node.module.units.iter().enumerate().any(kept)
                    || node.requests.iter().any(|t| order.matters(t))
            });
            for index in circle {
                if let Some(slot) = order.active.get_mut(index) {
                    *slot = active;
                }
            }
        }
        order.load(web, live);
        order
    }

    /// Whether an import only for the sake of it must stay.
    pub fn matters(&self, targets: &Targets) -> bool {
        targets.open || targets.nodes.iter().any(|t| self.active.get(*t) == Some(&true))
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
