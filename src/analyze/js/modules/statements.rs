//! What statements do.

use super::judge::{Judge, strip};
use super::names::Init;
use super::places::Value;
use swc_core::ecma::ast::*;

impl<'a> Judge<'a, '_> {
    pub(super) fn block(&mut self, all: &'a [Stmt]) {
        for s in all {
            if let Stmt::Decl(Decl::Fn(f)) = s {
                self.locals.insert(f.ident.to_id(), Init::Function(&f.function));
            }
        }
        all.iter().for_each(|s| self.statement(s));
    }

    pub fn statement(&mut self, s: &'a Stmt) {
        if self.is_done() {
            return;
        }
        match s {
            Stmt::Empty(_) | Stmt::Break(_) | Stmt::Continue(_) => {}
            Stmt::Block(b) => self.block(&b.stmts),
            Stmt::Expr(e) => self.expr(&e.expr),
            Stmt::Return(r) => r.arg.iter().for_each(|e| self.expr(e)),
            Stmt::If(s) => {
                self.expr(&s.test);
                self.statement(&s.cons);
                // `else if` after `else if`: a chain, not a nest.
                s.alt.iter().for_each(|alt| self.statement(alt));
            }
            Stmt::Labeled(l) => self.statement(&l.body),
            Stmt::Switch(s) => {
                self.expr(&s.discriminant);
                for case in &s.cases {
                    case.test.iter().for_each(|t| self.expr(t));
                    self.block(&case.cons);
                }
            }
            Stmt::Try(t) => {
                self.block(&t.block.stmts);
                t.handler.iter().for_each(|h| self.handler(h));
                t.finalizer.iter().for_each(|f| self.block(&f.stmts));
            }
            Stmt::While(w) => self.repeat(Some(&w.test), &w.body),
            Stmt::DoWhile(w) => self.repeat(Some(&w.test), &w.body),
            Stmt::For(f) => {
                match &f.init {
                    Some(VarDeclOrExpr::VarDecl(d)) => self.declarators(&d.decls),
                    Some(VarDeclOrExpr::Expr(e)) => self.expr(e),
                    None => {}
                }
                f.update.iter().for_each(|e| self.expr(e));
                self.repeat(f.test.as_deref(), &f.body);
            }
            Stmt::ForIn(f) => {
                self.expr(&f.right);
                self.head(&f.left);
                self.statement(&f.body);
            }
            Stmt::ForOf(f) => {
                if f.is_await {
                    return self.always();
                }
                self.expr(&f.right);
                self.iterate(&f.right);
                self.head(&f.left);
                self.statement(&f.body);
            }
            Stmt::Decl(Decl::Var(d)) => self.declarators(&d.decls),
            Stmt::Decl(Decl::Fn(_)) => {}
            Stmt::Decl(Decl::Class(c)) => {
                let name = self.names.top.get(&c.ident.to_id()).copied();
                self.locals.insert(c.ident.to_id(), Init::Class(&c.class));
                self.class(&c.class, name);
            }
            _ => self.always(),
        }
    }

    fn handler(&mut self, h: &'a CatchClause) {
        if h.param.as_ref().is_some_and(|p| !matches!(p, Pat::Ident(_))) {
            self.always();
        }
        self.block(&h.body.stmts);
    }

    /// A loop that nothing in its head can end may never end.
    fn repeat(&mut self, test: Option<&'a Expr>, body: &'a Stmt) {
        match test.map(strip) {
            None | Some(Expr::Lit(_)) => self.always(),
            Some(test) => self.expr(test),
        }
        self.statement(body);
    }

    fn head(&mut self, head: &'a ForHead) {
        match head {
            ForHead::VarDecl(d) if d.decls.iter().all(|d| matches!(d.name, Pat::Ident(_))) => {}
            _ => self.always(),
        }
    }

    fn declarators(&mut self, all: &'a [VarDeclarator]) {
        all.iter().for_each(|d| self.declarator(d));
    }

    pub fn declarator(&mut self, d: &'a VarDeclarator) {
        d.init.iter().for_each(|e| self.expr(e));
        match (&d.name, d.init.as_deref()) {
            (Pat::Ident(i), Some(init)) => {
                self.locals.insert(i.to_id(), Init::Expr(init));
            }
            (Pat::Ident(_), None) => {}
            (Pat::Object(o), Some(init)) => self.take_apart(o, init),
            _ => self.always(),
        }
    }

    /// `const {a, b: c} = init`.
    fn take_apart(&mut self, o: &'a ObjectPat, init: &'a Expr) {
        if matches!(self.value(init), Value::Unknown) {
            return self.always();
        }
        for prop in &o.props {
            match prop {
                ObjectPatProp::Assign(p) => {
                    self.read(init, Some(&p.key.sym));
                    p.value.iter().for_each(|v| self.expr(v));
                }
                ObjectPatProp::KeyValue(KeyValuePatProp { key: PropName::Ident(key), value }) => {
                    self.read(init, Some(&key.sym));
                    if !matches!(**value, Pat::Ident(_)) {
                        self.always();
                    }
                }
                _ => self.always(),
            }
        }
    }
}
