//! What a module gives, takes and does, statement by statement: enough to tell, with the facts of all other modules,
//! which statements nobody would miss. What counts as an effect follows Rollup.

mod calls;
mod describe;
mod dynamic;
mod globals;
mod items;
mod judge;
mod names;
mod places;
mod statements;
#[cfg(test)]
mod tests;
mod uses;

use super::parse::Parsed;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use swc_core::common::Mark;
use swc_core::ecma::ast::Program;
use swc_core::ecma::transforms::base::resolver;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Module {
    /// Specifiers of static imports, in the order in which they are evaluated.
    pub requests: Vec<String>,
    /// The names of its top level, imported ones among them.
    pub bindings: Vec<Binding>,
    pub units: Vec<Unit>,
    /// Its top level, in the order of the text.
    pub items: Vec<Item>,
    pub exports: Vec<Export>,
    /// Indexes into `requests` of its `export *`.
    pub stars: Vec<u32>,
    /// Why no statement of it can be told to be unused.
    pub whole: Option<String>,
    /// Comments that must stay, whatever goes.
    pub licenses: Vec<Range<usize>>,
    /// Bytes of the text.
    pub length: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Binding {
    pub name: String,
    pub source: Option<Import>,
    /// It always has the value of this other name.
    pub alias: Option<Name>,
    /// What its value is, if that never changes: no code runs when these properties are read or written.
    pub object: Option<Plain>,
    /// What a call of it does besides returning a value. `None`: not known.
    pub call: Option<Work>,
    /// The same with `new`.
    pub construct: Option<Work>,
    /// Reading it too early throws.
    pub lexical: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Import {
    pub request: u32,
    /// `None`: the whole namespace.
    pub name: Option<String>,
}

/// A binding, or one property of it: it tells which exports of a namespace are wanted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Name {
    pub binding: u32,
    pub member: Option<String>,
}

/// An object made here, from a literal, a function or a class.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Plain {
    /// Keys with a getter or a setter; `*` stands for a key that is not known.
    pub accessors: Vec<String>,
    /// The class that it extends.
    pub parent: Option<Name>,
}

/// What evaluating something does besides giving a value.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Work {
    /// Something that others may notice. Then the lists are empty.
    pub always: bool,
    /// It does what these do when they are called.
    pub calls: Vec<Call>,
    /// It changes these, which matters if anybody uses them.
    pub touches: Vec<Name>,
    /// It reads or writes a property of these, which matters if that runs code.
    pub reads: Vec<Read>,
    /// Imports whose value it wants at once: in a cycle that may throw.
    pub early: Vec<u32>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Call {
    pub name: Name,
    pub new: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Read {
    pub name: Name,
    /// `None`: any.
    pub key: Option<String>,
}

/// What goes or stays as one: a statement, or one declarator of a `var`, `let` or `const`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Unit {
    pub declares: Vec<u32>,
    /// Names that it mentions anywhere.
    pub uses: Vec<Name>,
    pub work: Work,
    pub dynamic: Vec<Dynamic>,
    /// When it runs makes no difference.
    pub settled: bool,
}

/// `import()`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Dynamic {
    pub target: Specifier,
    /// The exports that are wanted; `None`: all.
    pub names: Option<Vec<String>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Specifier {
    Literal(String),
    /// It begins with this.
    Prefix(String),
    Unknown,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Export {
    pub name: String,
    pub from: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Origin {
    Local(u32),
    /// `export {name} from`.
    Other {
        request: u32,
        name: String,
    },
    /// `export * as x from`.
    Namespace {
        request: u32,
    },
}

/// Where the text of the top level stands, for taking parts of it out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Item {
    Import {
        range: Range<usize>,
        request: u32,
        /// Where the specifier begins, with its quote.
        from: usize,
        /// Of a default import.
        default: Option<(u32, Range<usize>)>,
        /// In braces.
        named: Vec<(u32, Range<usize>)>,
        /// `* as x`.
        namespace: Option<(u32, Range<usize>)>,
        /// It has attributes, and is not touched.
        fixed: bool,
    },
    /// `export {…} from`, `export * as x from`.
    ExportFrom {
        range: Range<usize>,
        request: u32,
        from: usize,
        /// Indexes into `exports`.
        names: Vec<(u32, Range<usize>)>,
        fixed: bool,
    },
    Star {
        range: Range<usize>,
        request: u32,
        from: usize,
        fixed: bool,
    },
    ExportList {
        range: Range<usize>,
        names: Vec<(u32, Range<usize>)>,
    },
    /// One or several units. `export` stands in front of `bare`, for these names.
    Code {
        range: Range<usize>,
        units: Vec<(u32, Range<usize>)>,
        bare: usize,
        exports: Vec<u32>,
    },
}

/// Of a module that parses. A classic script is one whole with its dynamic imports.
pub fn read(parsed: &Parsed) -> Option<Box<Module>> {
    match &parsed.program {
        Program::Module(_) => {
            let (unresolved, top) = (Mark::new(), Mark::new());
            let mut program = parsed.program.clone();
            program.mutate(&mut resolver(unresolved, top, false));
            let Program::Module(module) = &program else { return None };
            Some(Box::new(items::module(parsed, module, unresolved)))
        }
        Program::Script(script) => dynamic::script(parsed, script).map(Box::new),
    }
}
