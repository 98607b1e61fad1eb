//! Addresses of pictures that are handed to functions of the same script: `swap(image.src)`. Libraries do that with links,
//! and only compare them.

use super::reads::{self, Read, Root};
use std::collections::{BTreeMap, BTreeSet};
use swc_core::ecma::ast::*;

#[derive(Default)]
pub struct Functions {
    /// Those with a plain name.
    params: BTreeMap<Id, Vec<Option<Id>>>,
    /// What is given, to which function, as its which argument.
    given: Vec<(Id, usize, Read)>,
}

impl Functions {
    pub fn declares<'a>(&mut self, name: &Ident, params: impl IntoIterator<Item = &'a Pat>) {
        let params = params.into_iter().map(|p| match p {
            Pat::Ident(name) => Some(name.to_id()),
            Pat::Assign(AssignPat { left, .. }) => left.as_ident().map(|name| name.to_id()),
            _ => None,
        });
        self.params.insert(name.to_id(), params.collect());
    }

    /// `name` becomes this value, which may be a function.
    pub fn holds(&mut self, name: &Ident, value: &Expr) {
        match value {
            Expr::Paren(e) => self.holds(name, &e.expr),
            Expr::Arrow(f) => self.declares(name, &f.params),
            Expr::Fn(f) => self.declares(name, f.function.params.iter().map(|p| &p.pat)),
            _ => {}
        }
    }

    pub fn calls(&mut self, callee: &Expr, args: &[ExprOrSpread]) {
        let Expr::Ident(name) = callee else { return };
        for (i, arg) in args.iter().enumerate() {
            let mut found = Vec::new();
            reads::of(&arg.expr, &mut found);
            self.given.extend(found.into_iter().map(|read| (name.to_id(), i, read)));
        }
    }

    /// To the variables that have the arguments.
    pub fn hand_over(self, held: &mut BTreeMap<Id, Vec<Read>>) {
        let sources: BTreeMap<&Id, BTreeSet<Root>> = held.iter().map(|(name, reads)| (name, roots(reads))).collect();
        let mut got: BTreeMap<&Id, BTreeSet<Root>> = BTreeMap::new();
        for (function, i, read) in &self.given {
            let Some(Some(param)) = self.params.get(function).and_then(|params| params.get(*i)) else { continue };
            let got = got.entry(param).or_default();
            match read {
                Read::Var(name) => got.extend(sources.get(name).into_iter().flatten().cloned()),
                Read::Source(root) => _ = got.insert(root.clone()),
                Read::Link(_) | Read::Stack => {}
            }
        }
        for (param, roots) in got {
            held.entry(param.clone()).or_default().extend(roots.into_iter().map(Read::Source));
        }
    }
}

/// Of the sources among them. In minified code a name may have been given thousands of values.
fn roots(reads: &[Read]) -> BTreeSet<Root> {
    let mut roots = BTreeSet::new();
    for read in reads {
        match read {
            Read::Source(_) if roots.len() > 8 => return BTreeSet::from([Root::Unknown]),
            Read::Source(root) => _ = roots.insert(root.clone()),
            _ => {}
        }
    }
    roots
}
