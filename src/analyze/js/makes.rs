//! Classes and ids that a script gives to nothing but elements which it has just made: no element of the page gets them.

use super::calls::{callee_name, callee_object, is_choice, literal, member_name};
use std::collections::{HashMap, HashSet};
use swc_core::common::{BytePos, Mark, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// Where the literals begin that hold such names: `made.className = 'a'`, and `make('a')` where `make` does nothing else with
/// its parameter.
pub fn names(program: &Program, source: &str) -> HashSet<BytePos> {
    let gives = ["className", "classList", "setAttribute"].iter().any(|word| source.contains(word));
    if !gives || !source.contains("createElement") {
        return HashSet::new();
    }
    let mut program = program.clone();
    program.mutate(&mut resolver(Mark::new(), Mark::new(), false));
    let mut reader = Reader::default();
    program.visit_with(&mut reader);
    reader.names()
}

#[derive(Default)]
struct Reader {
    /// Those that are declared here.
    variables: HashSet<Id>,
    /// Those that may hold something else than new elements.
    others: HashSet<Id>,
    /// Functions with their parameters; `None` if the name may be something else, too.
    functions: HashMap<Id, Option<Vec<Option<Id>>>>,
    flows: Vec<(Name, To)>,
    /// How often each variable is read, and how often only to see whether it is there.
    reads: HashMap<Id, usize>,
    tests: HashMap<Id, usize>,
}

/// What may hold a name.
enum Name {
    Literal(BytePos),
    Variable(Id),
}

/// What it is given to.
#[derive(Clone)]
enum To {
    /// The element in a variable, as a class or an id.
    Element(Id),
    Variable(Id),
    Argument(Id, usize),
}

impl Reader {
    fn names(&self) -> HashSet<BytePos> {
        // They know parameters by other names.
        if self.reads.keys().any(|id| matches!(&*id.0, "arguments" | "eval")) {
            return HashSet::new();
        }
        // Variables that go nowhere else: all, until a read shows where.
        let mut only_names: HashSet<&Id> = self.variables.iter().collect();
        loop {
            let mut fine = self.tests.clone();
            for (name, to) in &self.flows {
                if let Name::Variable(id) = name
                    && self.is_fine(to, &only_names)
                {
                    *fine.entry(id.clone()).or_default() += 1;
                }
            }
            let before = only_names.len();
            only_names.retain(|id| self.reads.get(id) == fine.get(id));
            if only_names.len() == before {
                break;
            }
        }
        let made = |(name, to): &(Name, To)| match name {
            Name::Literal(at) if self.is_fine(to, &only_names) => Some(*at),
            _ => None,
        };
        self.flows.iter().filter_map(made).collect()
    }

    fn is_fine(&self, to: &To, only_names: &HashSet<&Id>) -> bool {
        match to {
            To::Element(id) => self.variables.contains(id) && !self.others.contains(id),
            To::Variable(id) => only_names.contains(id),
            To::Argument(function, at) => {
                let parameters = self.functions.get(function).and_then(Option::as_ref);
                let parameter = parameters.and_then(|all| all.get(*at)?.as_ref());
                parameter.is_some_and(|id| only_names.contains(id))
            }
        }
    }

    /// `value`: `None` if nobody knows.
    fn holds(&mut self, id: Id, value: Option<&Expr>) {
        if !value.is_some_and(is_new) {
            self.others.insert(id);
        }
    }

    fn read(&mut self, name: &Ident) {
        *self.reads.entry(name.to_id()).or_default() += 1;
    }

    fn function(&mut self, name: &Ident, params: Vec<&Pat>) {
        let ids = params.into_iter().map(|pat| match pat {
            Pat::Ident(i) => Some(i.to_id()),
            Pat::Assign(AssignPat { left, .. }) => left.as_ident().map(|i| i.to_id()),
            _ => None,
        });
        let ids = ids.collect();
        self.functions.entry(name.to_id()).and_modify(|f| *f = None).or_insert(Some(ids));
    }

    /// `x` of `x.className`, of `x.classList`.
    fn variable(object: &Expr) -> Option<Id> {
        object.as_ident().map(Ident::to_id)
    }

    fn give(&mut self, value: &Expr, to: To) {
        match value {
            Expr::Paren(p) => self.give(&p.expr, to),
            Expr::Ident(i) => self.flows.push((Name::Variable(i.to_id()), to)),
            Expr::Cond(e) => [&e.cons, &e.alt].into_iter().for_each(|e| self.give(e, to.clone())),
            Expr::Bin(e) if e.op == BinaryOp::Add || is_choice(e.op) && e.op != BinaryOp::LogicalAnd => {
                [&e.left, &e.right].into_iter().for_each(|e| self.give(e, to.clone()));
            }
            Expr::Bin(e) if e.op == BinaryOp::LogicalAnd => self.give(&e.right, to),
            Expr::Tpl(t) if !t.exprs.is_empty() => t.exprs.iter().for_each(|e| self.give(e, to.clone())),
            _ if literal(value).is_some() => self.flows.push((Name::Literal(value.span_lo()), to)),
            _ => {}
        }
    }

    fn test(&mut self, expr: &Expr) {
        match expr {
            Expr::Ident(i) => *self.tests.entry(i.to_id()).or_default() += 1,
            Expr::Paren(p) => self.test(&p.expr),
            Expr::Unary(e) if matches!(e.op, UnaryOp::Bang | UnaryOp::TypeOf) => self.test(&e.arg),
            _ => {}
        }
    }
}

impl Visit for Reader {
    noop_visit_type!();

    fn visit_expr(&mut self, e: &Expr) {
        if let Expr::Ident(i) = e {
            self.read(i);
        }
        e.visit_children_with(self);
    }

    fn visit_prop(&mut self, p: &Prop) {
        if let Prop::Shorthand(i) = p {
            self.read(i);
        }
        p.visit_children_with(self);
    }

    fn visit_export_named_specifier(&mut self, s: &ExportNamedSpecifier) {
        if let ModuleExportName::Ident(i) = &s.orig {
            self.read(i);
        }
    }

    /// Other modules read it.
    fn visit_export_decl(&mut self, d: &ExportDecl) {
        if let Decl::Var(d) = &d.decl {
            d.decls.iter().filter_map(|d| d.name.as_ident()).for_each(|name| self.read(name));
        }
        d.visit_children_with(self);
    }

    /// Parameters, patterns, what a loop binds.
    fn visit_binding_ident(&mut self, i: &BindingIdent) {
        self.functions.insert(i.to_id(), None);
        self.variables.insert(i.to_id());
        self.holds(i.to_id(), None);
    }

    fn visit_var_declarator(&mut self, d: &VarDeclarator) {
        let Pat::Ident(name) = &d.name else { return d.visit_children_with(self) };
        self.variables.insert(name.to_id());
        let Some(init) = d.init.as_deref() else { return };
        self.holds(name.to_id(), Some(init));
        match init {
            Expr::Fn(f) => self.function(name, f.function.params.iter().map(|p| &p.pat).collect()),
            Expr::Arrow(f) => self.function(name, f.params.iter().collect()),
            _ => drop(self.functions.insert(name.to_id(), None)),
        }
        self.give(init, To::Variable(name.to_id()));
        init.visit_with(self);
    }

    fn visit_fn_decl(&mut self, f: &FnDecl) {
        self.function(&f.ident, f.function.params.iter().map(|p| &p.pat).collect());
        f.function.visit_with(self);
    }

    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        match &e.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(i)) => {
                self.functions.insert(i.to_id(), None);
                self.holds(i.to_id(), Some(&e.right));
                self.give(&e.right, To::Variable(i.to_id()));
                return e.right.visit_with(self);
            }
            AssignTarget::Simple(SimpleAssignTarget::Member(m))
                if matches!(member_name(m), Some("className" | "id")) =>
            {
                if let Some(element) = Self::variable(&m.obj) {
                    self.give(&e.right, To::Element(element));
                }
            }
            _ => {}
        }
        e.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, e: &CallExpr) {
        if let Callee::Expr(callee) = &e.callee {
            match (callee_name(callee), callee_object(callee), &**callee, e.args.as_slice()) {
                (Some("add"), Some(Expr::Member(list)), _, args) if member_name(list) == Some("classList") => {
                    if let Some(element) = Self::variable(&list.obj) {
                        args.iter().for_each(|a| self.give(&a.expr, To::Element(element.clone())));
                    }
                }
                (Some("setAttribute"), Some(object), _, [name, value]) => {
                    if let Some(element) = Self::variable(object)
                        && matches!(literal(&name.expr), Some("class" | "id"))
                    {
                        self.give(&value.expr, To::Element(element));
                    }
                }
                (_, None, Expr::Ident(function), args) if args.iter().all(|a| a.spread.is_none()) => {
                    for (at, arg) in args.iter().enumerate() {
                        self.give(&arg.expr, To::Argument(function.to_id(), at));
                    }
                }
                _ => {}
            }
        }
        e.visit_children_with(self);
    }

    fn visit_if_stmt(&mut self, s: &IfStmt) {
        self.test(&s.test);
        s.visit_children_with(self);
    }

    fn visit_cond_expr(&mut self, e: &CondExpr) {
        self.test(&e.test);
        e.visit_children_with(self);
    }

    fn visit_bin_expr(&mut self, e: &BinExpr) {
        use BinaryOp::{EqEq, EqEqEq, LogicalAnd, NotEq, NotEqEq};
        match e.op {
            LogicalAnd => self.test(&e.left),
            EqEq | EqEqEq | NotEq | NotEqEq => [&e.left, &e.right].into_iter().for_each(|e| self.test(e)),
            _ => {}
        }
        e.visit_children_with(self);
    }
}

/// `document.createElement(…)`
fn is_new(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(CallExpr { callee: Callee::Expr(callee), .. })
        if matches!(callee_name(callee), Some("createElement" | "createElementNS")))
}
