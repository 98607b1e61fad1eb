//! Which names of the top level a piece of code mentions, and what it imports when it runs.

use super::dynamic::Imports;
use super::names::Names;
use super::{Dynamic, Name};
use crate::analyze::js::calls::member_name;
use std::collections::{BTreeSet, HashSet};
use swc_core::common::BytePos;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// `declared`: where the names stand that the code declares itself; standing there is no use.
pub fn of<T>(node: &T, names: &Names<'_>, declared: &HashSet<BytePos>) -> (Vec<Name>, Vec<Dynamic>)
where
    T: for<'v> VisitWith<Uses<'v>> + VisitWith<Imports>,
{
    let mut uses = Uses { names, declared, found: BTreeSet::new() };
    node.visit_with(&mut uses);
    let mut imports = Imports::default();
    node.visit_with(&mut imports);
    (uses.found.into_iter().collect(), imports.found())
}

pub struct Uses<'v> {
    names: &'v Names<'v>,
    declared: &'v HashSet<BytePos>,
    found: BTreeSet<Name>,
}

impl Uses<'_> {
    fn top(&self, i: &Ident) -> Option<u32> {
        self.names.top.get(&i.to_id()).copied().filter(|_| !self.declared.contains(&i.span.lo))
    }

    fn import(&self, e: &Expr) -> Option<u32> {
        match e {
            Expr::Ident(i) => self.top(i).filter(|b| self.names.imports.contains(b)),
            _ => None,
        }
    }

    fn add(&mut self, binding: u32, member: Option<&str>) {
        self.found.insert(Name { binding, member: member.map(str::to_owned) });
    }
}

impl Visit for Uses<'_> {
    noop_visit_type!();

    fn visit_ident(&mut self, i: &Ident) {
        if let Some(binding) = self.top(i) {
            self.add(binding, None);
        }
    }

    fn visit_member_expr(&mut self, m: &MemberExpr) {
        match (self.import(&m.obj), member_name(m)) {
            (Some(binding), Some(name)) => {
                self.add(binding, Some(name));
                m.prop.visit_with(self);
            }
            _ => m.visit_children_with(self),
        }
    }

    /// `const {a, b} = namespace`.
    fn visit_var_declarator(&mut self, d: &VarDeclarator) {
        let taken = match (&d.name, &d.init) {
            (Pat::Object(o), Some(init)) => self.import(init).zip(keys(o)),
            _ => None,
        };
        match taken {
            Some((binding, keys)) => {
                keys.iter().for_each(|k| self.add(binding, Some(k)));
                d.name.visit_with(self);
            }
            None => d.visit_children_with(self),
        }
    }
}

/// The properties that a pattern takes, if it takes no others.
pub fn keys(o: &ObjectPat) -> Option<Vec<String>> {
    let key = |p: &ObjectPatProp| match p {
        ObjectPatProp::Assign(p) => Some(p.key.sym.to_string()),
        ObjectPatProp::KeyValue(p) => match &p.key {
            PropName::Ident(i) => Some(i.sym.to_string()),
            PropName::Str(s) => s.value.as_str().map(str::to_owned),
            _ => None,
        },
        ObjectPatProp::Rest(_) => None,
    };
    o.props.iter().map(key).collect()
}
