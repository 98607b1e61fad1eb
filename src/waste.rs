//! What a site ships in vain, for people: nothing of it changes what is written. Pure but for what `Analyst` reads.

mod blocking;
mod packages;
mod pages;
mod polyfills;
mod repeated;
mod scripts;
mod twins;

use crate::facts::Analyst;
use crate::graph::AssetGraph;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Waste {
    pub twins: Vec<Twins>,
    pub repeated: Vec<Repeated>,
    /// By package, the most bytes first. Empty without source maps.
    pub packages: Vec<Package>,
    pub polyfills: Vec<Polyfills>,
    pub blocking: Vec<Blocking>,
}

/// The same bytes under several names: who needs both loads both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twins {
    /// Of one of them.
    pub bytes: u64,
    pub paths: Vec<String>,
}

/// The same functions in several scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    /// In each script.
    pub bytes: u64,
    pub functions: u64,
    pub paths: Vec<String>,
    /// `path:line:column` of the longest one, in each script.
    pub longest: Vec<String>,
    /// What source maps say they come from.
    pub packages: Vec<String>,
}

/// What a package has to do with the scripts' bytes, as source maps tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// As npm calls it; empty for what is no package's.
    pub name: String,
    pub bytes: u64,
    pub paths: Vec<String>,
    /// The folders that it was taken from, where there are several: different versions, as a rule.
    pub copies: Vec<String>,
}

/// What core-js adds to the language in a script, though each of the browsers has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polyfills {
    pub path: String,
    pub bytes: u64,
    /// `es.array.flat` is `Array.prototype.flat`.
    pub modules: Vec<String>,
}

/// Scripts that hold up pages, as it seems for no one: with `defer` on all of them, these show earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocking {
    pub pages: Vec<String>,
    pub scripts: Vec<String>,
    pub bytes: u64,
}

pub fn find(analyst: &Analyst<'_>, graph: &AssetGraph, browsers: &[browserslist::Distrib]) -> Waste {
    let pages = pages::read(analyst, graph);
    let scripts = scripts::read(analyst, graph, &pages);
    Waste {
        twins: twins::find(analyst.site),
        repeated: repeated::find(&scripts),
        packages: packages::find(&scripts),
        polyfills: polyfills::find(&scripts, browsers),
        blocking: blocking::find(graph, &pages, &scripts),
    }
}
