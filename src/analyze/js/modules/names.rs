//! Every name of a module: where it is declared, whether it ever changes, and what those of the top level hold.

use crate::analyze::js::calls::{callee_name, callee_object, member_name, named};
use std::collections::{HashMap, HashSet};
use swc_core::common::{BytePos, Mark};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

pub struct Names<'a> {
    unresolved: Mark,
    /// Of the top level: indexes into the module's bindings.
    pub top: HashMap<Id, u32>,
    /// Those of them that come from elsewhere.
    pub imports: HashSet<u32>,
    /// What names of the top level are declared with.
    pub values: HashMap<Id, Init<'a>>,
    facts: Facts,
}

#[derive(Clone, Copy)]
pub enum Init<'a> {
    Expr(&'a Expr),
    Function(&'a Function),
    Class(&'a Class),
    /// A parameter, a part of a pattern, an import, nothing.
    Other,
}

impl<'a> Names<'a> {
    pub fn of(module: &Module, unresolved: Mark) -> Self {
        let mut facts = Facts::default();
        module.visit_with(&mut facts);
        Self { unresolved, top: HashMap::new(), imports: HashSet::new(), values: HashMap::new(), facts }
    }

    /// A name that the module does not declare.
    pub fn is_global(&self, ident: &Ident) -> bool {
        ident.ctxt.outer() == self.unresolved
    }

    pub fn declared_at(&self, id: &Id) -> Option<BytePos> {
        self.facts.all.get(id).map(|v| v.at)
    }

    /// It has one value for good, and nothing in sight has made an accessor on it.
    pub fn is_steady(&self, id: &Id) -> bool {
        !self.changes(id) && !self.facts.tainted.contains(id)
    }

    pub fn changes(&self, id: &Id) -> bool {
        self.facts.all.get(id).is_none_or(|v| v.changes)
    }

    /// `x.prototype = …` stands somewhere.
    pub fn is_prototype_replaced(&self, id: &Id) -> bool {
        self.facts.replaced.contains(id)
    }

    /// `x.key = …` stands somewhere.
    pub fn is_property_set(&self, id: &Id, key: &str) -> bool {
        self.facts.set.contains(&(id.clone(), key.to_owned())) || self.facts.set.contains(&(id.clone(), "*".into()))
    }

    pub fn has_eval(&self) -> bool {
        self.facts.eval.iter().any(|c| c.ctxt.outer() == self.unresolved)
    }
}

struct Var {
    at: BytePos,
    changes: bool,
}

#[derive(Default)]
struct Facts {
    all: HashMap<Id, Var>,
    tainted: HashSet<Id>,
    replaced: HashSet<Id>,
    /// Properties that are set, `*` for any.
    set: HashSet<(Id, String)>,
    /// Callees named so.
    eval: Vec<Ident>,
}

impl Facts {
    fn declare(&mut self, ident: &Ident) {
        // A second declaration is a second value.
        let var = Var { at: ident.span.lo, changes: false };
        self.all.entry(ident.to_id()).and_modify(|v| v.changes = true).or_insert(var);
    }

    fn declare_all<'p>(&mut self, patterns: impl IntoIterator<Item = &'p Pat>) {
        for pattern in patterns {
            find_pat_ids::<_, Ident>(pattern).iter().for_each(|i| self.declare(i));
        }
    }

    fn change(&mut self, ident: &Ident) {
        let new = Var { at: ident.span.lo, changes: true };
        self.all.entry(ident.to_id()).and_modify(|v| v.changes = true).or_insert(new);
    }

    fn change_all<T: VisitWith<Targets>>(&mut self, pattern: &T) {
        let mut targets = Targets::default();
        pattern.visit_with(&mut targets);
        targets.0.iter().for_each(|i| self.change(i));
    }

    fn taint(&mut self, expr: &Expr) {
        let owner = match expr {
            Expr::Member(m) if member_name(m) == Some("prototype") => &m.obj,
            _ => expr,
        };
        if let Expr::Ident(i) = owner {
            self.tainted.insert(i.to_id());
        }
    }
}

/// Identifiers that an assignment to a pattern would set.
#[derive(Default)]
struct Targets(Vec<Ident>);

impl Visit for Targets {
    noop_visit_type!();

    fn visit_binding_ident(&mut self, i: &BindingIdent) {
        self.0.push(i.id.clone());
    }

    fn visit_assign_pat_prop(&mut self, p: &AssignPatProp) {
        self.0.push(p.key.id.clone());
    }

    fn visit_expr(&mut self, e: &Expr) {
        if let Expr::Ident(i) = e {
            self.0.push(i.clone());
        }
    }
}

impl Visit for Facts {
    noop_visit_type!();

    fn visit_var_declarator(&mut self, d: &VarDeclarator) {
        self.declare_all([&d.name]);
        d.visit_children_with(self);
    }

    fn visit_param(&mut self, p: &Param) {
        self.declare_all([&p.pat]);
        p.visit_children_with(self);
    }

    fn visit_arrow_expr(&mut self, f: &ArrowExpr) {
        self.declare_all(&f.params);
        f.visit_children_with(self);
    }

    fn visit_catch_clause(&mut self, c: &CatchClause) {
        self.declare_all(&c.param);
        c.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, f: &FnDecl) {
        self.declare(&f.ident);
        f.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, f: &FnExpr) {
        f.ident.iter().for_each(|i| self.declare(i));
        f.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, c: &ClassDecl) {
        self.declare(&c.ident);
        c.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, c: &ClassExpr) {
        c.ident.iter().for_each(|i| self.declare(i));
        c.visit_children_with(self);
    }

    fn visit_import_specifier(&mut self, s: &ImportSpecifier) {
        self.declare(s.local());
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        match head {
            // Each round gives it another value.
            ForHead::VarDecl(d) => {
                d.visit_children_with(self);
                d.decls.iter().for_each(|d| self.change_all(&d.name));
            }
            ForHead::Pat(p) => {
                p.visit_children_with(self);
                self.change_all(p);
            }
            ForHead::UsingDecl(d) => d.visit_children_with(self),
        }
    }

    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        match &e.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(i)) => self.change(&i.id),
            AssignTarget::Simple(SimpleAssignTarget::Member(m)) => {
                if let Expr::Ident(i) = &*m.obj {
                    self.set.insert((i.to_id(), member_name(m).unwrap_or("*").to_owned()));
                }
                if let (Some("prototype"), Expr::Ident(i)) = (member_name(m), &*m.obj) {
                    self.replaced.insert(i.to_id());
                }
                if member_name(m) == Some("__proto__") {
                    self.taint(&m.obj);
                }
            }
            AssignTarget::Simple(SimpleAssignTarget::Paren(p)) => {
                if let Expr::Ident(i) = &*p.expr {
                    self.change(i);
                }
            }
            AssignTarget::Simple(_) => {}
            AssignTarget::Pat(p) => self.change_all(p),
        }
        e.visit_children_with(self);
    }

    fn visit_update_expr(&mut self, e: &UpdateExpr) {
        let mut target = &*e.arg;
        while let Expr::Paren(p) = target {
            target = &p.expr;
        }
        if let Expr::Ident(i) = target {
            self.change(i);
        }
        e.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, e: &CallExpr) {
        if let Callee::Expr(callee) = &e.callee {
            let mut direct = &**callee;
            while let Expr::Paren(p) = direct {
                direct = &p.expr;
            }
            if let Expr::Ident(i) = direct
                && &*i.sym == "eval"
            {
                self.eval.push(i.clone());
            }
            let shapes = matches!(
                callee_name(callee),
                Some(
                    "defineProperty"
                        | "defineProperties"
                        | "setPrototypeOf"
                        | "freeze"
                        | "seal"
                        | "preventExtensions"
                        | "__defineGetter__"
                        | "__defineSetter__"
                )
            );
            if shapes {
                if let Some(first) = e.args.first() {
                    self.taint(&first.expr);
                }
                let object = callee_object(callee).filter(|o| !named(o, "Object") && !named(o, "Reflect"));
                object.into_iter().for_each(|o| self.taint(o));
            }
        }
        e.visit_children_with(self);
    }
}
