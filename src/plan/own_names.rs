//! Which of their own names the scripts of a site may lose.

use crate::graph::{AssetGraph, Node, foreign};
use crate::transform::js::Names;

/// Of every script: what one hands out, another reads.
pub fn of_site(graph: &AssetGraph) -> Names {
    let reads = |what: fn(&Node) -> bool| graph.nodes.iter().any(what);
    if reads(|n| n.reads.source) || graph.foreign_scripts.iter().any(|url| foreign::reads_source(url)) {
        Names::Kept
    } else if reads(|n| n.reads.names) {
        Names::OfFunctions
    } else {
        Names::Short
    }
}

/// Of one file. A worker that is made of a function knows nothing that is outside of it, whatever it is called there.
pub fn of_file(site: Names, node: &Node) -> Names {
    if node.reads.makes_workers { Names::Kept } else { site }
}

/// For people.
pub fn reason(names: Names) -> Option<&'static str> {
    match names {
        Names::Short => None,
        Names::OfFunctions => Some("functions and classes keep their names: a script of the site reads some"),
        Names::Kept => Some("all names stay, and the code as it is: a script reads the source of functions"),
    }
}
