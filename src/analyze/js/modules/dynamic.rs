//! `import()`: where it leads, and which exports are wanted of what comes back.

use super::uses::keys;
use super::{Dynamic, Module, Specifier, Unit};
use crate::analyze::js::calls::{literal, member_name};
use crate::analyze::js::parse::Parsed;
use std::collections::{BTreeSet, HashMap};
use swc_core::common::BytePos;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// A classic script is never cut; it may import all the same.
pub fn script(parsed: &Parsed, script: &Script) -> Option<Module> {
    let mut imports = Imports::default();
    script.visit_with(&mut imports);
    let unit = Unit { dynamic: imports.found(), ..Unit::default() };
    let whole = Some("it is a classic script".to_owned());
    (!unit.dynamic.is_empty()).then(|| Module {
        units: vec![unit],
        whole,
        length: parsed.source.len(),
        ..Module::default()
    })
}

#[derive(Default)]
pub struct Imports {
    found: BTreeSet<Dynamic>,
    /// By the place of the `import`, told by what stands around it.
    wanted: HashMap<BytePos, Vec<String>>,
}

impl Imports {
    pub fn found(self) -> Vec<Dynamic> {
        self.found.into_iter().collect()
    }

    fn wants(&mut self, import: &Expr, names: Option<Vec<String>>) {
        if let (Some(at), Some(names)) = (import_in(import), names) {
            self.wanted.insert(at, names);
        }
    }
}

/// Where the `import` begins whose promise this is, or, awaited, whose namespace.
fn import_in(e: &Expr) -> Option<BytePos> {
    match e {
        Expr::Paren(p) => import_in(&p.expr),
        Expr::Call(CallExpr { callee: Callee::Import(_), span, .. }) => Some(span.lo),
        _ => None,
    }
}

fn awaited(e: &Expr) -> Option<&Expr> {
    match e {
        Expr::Paren(p) => awaited(&p.expr),
        Expr::Await(a) => Some(&a.arg),
        _ => None,
    }
}

impl Visit for Imports {
    noop_visit_type!();

    fn visit_expr_stmt(&mut self, s: &ExprStmt) {
        let value = awaited(&s.expr).unwrap_or(&s.expr);
        self.wants(value, Some(Vec::new()));
        s.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, d: &VarDeclarator) {
        if let (Pat::Object(o), Some(import)) = (&d.name, d.init.as_deref().and_then(awaited)) {
            self.wants(import, keys(o));
        }
        d.visit_children_with(self);
    }

    fn visit_member_expr(&mut self, m: &MemberExpr) {
        if let (Some(import), Some(name)) = (awaited(&m.obj), member_name(m)) {
            self.wants(import, Some(vec![name.to_owned()]));
        }
        m.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, c: &CallExpr) {
        match &c.callee {
            Callee::Import(_) => {
                let target = match c.args.first() {
                    Some(a) if a.spread.is_none() => specifier(&a.expr),
                    _ => Specifier::Unknown,
                };
                let names = self.wanted.get(&c.span.lo).cloned();
                self.found.insert(Dynamic { target, names });
            }
            // `import(x).then(({a}) => …)`: what follows in the chain gets other values.
            Callee::Expr(callee) => {
                if let (Expr::Member(m), Some(then)) = (&**callee, c.args.first())
                    && member_name(m) == Some("then")
                {
                    self.wants(&m.obj, parameter(&then.expr));
                }
            }
            Callee::Super(_) => {}
        }
        c.visit_children_with(self);
    }
}

/// The properties that a function takes of its first parameter.
fn parameter(f: &Expr) -> Option<Vec<String>> {
    match f {
        Expr::Paren(p) => parameter(&p.expr),
        Expr::Arrow(a) => match a.params.first() {
            None => Some(Vec::new()),
            Some(Pat::Object(o)) => keys(o),
            Some(Pat::Ident(i)) => members(&i.id, &a.body),
            Some(_) => None,
        },
        _ => None,
    }
}

/// The members that are read of a name, if nothing else is done with it.
fn members(name: &Ident, body: &ArrowFunctionBody) -> Option<Vec<String>> {
    struct Members<'n> {
        name: &'n Ident,
        found: BTreeSet<String>,
        escapes: bool,
    }
    impl Visit for Members<'_> {
        noop_visit_type!();
        fn visit_ident(&mut self, i: &Ident) {
            self.escapes |= i.sym == self.name.sym;
        }
        fn visit_member_expr(&mut self, m: &MemberExpr) {
            match (&*m.obj, member_name(m)) {
                (Expr::Ident(i), Some(name)) if i.sym == self.name.sym => {
                    self.found.insert(name.to_owned());
                    m.prop.visit_with(self);
                }
                _ => m.visit_children_with(self),
            }
        }
    }
    let mut members = Members { name, found: BTreeSet::new(), escapes: false };
    body.visit_with(&mut members);
    (!members.escapes).then(|| members.found.into_iter().collect())
}

fn specifier(e: &Expr) -> Specifier {
    if let Some(text) = literal(e) {
        return Specifier::Literal(text.to_owned());
    }
    let mut first = e;
    loop {
        first = match first {
            Expr::Paren(p) => &p.expr,
            Expr::Bin(b) if b.op == BinaryOp::Add => &b.left,
            _ => break,
        };
    }
    let prefix = match first {
        Expr::Lit(Lit::Str(s)) => s.value.as_str(),
        Expr::Tpl(t) => t.quasis.first().and_then(|q| q.cooked.as_ref()).and_then(|c| c.as_str()),
        _ => None,
    };
    match prefix {
        Some(prefix) if !prefix.is_empty() => Specifier::Prefix(prefix.to_owned()),
        _ => Specifier::Unknown,
    }
}
