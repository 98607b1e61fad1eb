//! What a script does only to see whether it throws: `try { new RegExp("(?<=a)") } catch { old = true }`. The compressor
//! thinks that nothing happens there (swc 83), so while it works each stands in a call of a function that it does not know.

use swc_core::common::{DUMMY_SP, util::take::Take};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::quote_ident;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

const HOLDER: &str = "__kiln_attempt__";

/// To be done before names are resolved.
pub fn hold(program: &mut Program) {
    program.visit_mut_with(&mut Hold { caught: false });
}

pub fn release(program: &mut Program) {
    program.visit_mut_with(&mut Release);
}

struct Hold {
    /// In a block whose errors are caught, in the same function.
    caught: bool,
}

impl Hold {
    fn with(&mut self, caught: bool, visit: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.caught, caught);
        visit(self);
        self.caught = around;
    }
}

/// Often enough for that alone, even if the value has a name.
fn asks(expr: &Expr) -> bool {
    // What the language brings: `new Array(n)`, `Symbol()`.
    let brought =
        |callee: &Expr| callee.as_ident().is_some_and(|i| i.sym.starts_with(|c: char| c.is_ascii_uppercase()));
    match expr {
        Expr::Bin(b) => matches!(b.op, BinaryOp::In | BinaryOp::InstanceOf),
        Expr::New(e) => brought(&e.callee),
        Expr::Call(e) => matches!(&e.callee, Callee::Expr(callee) if brought(callee)),
        _ => false,
    }
}

/// A statement that could throw, but that the compressor takes for one that does nothing.
fn is_attempt(expr: &Expr) -> bool {
    match expr {
        Expr::Seq(s) => s.exprs.iter().any(|e| is_attempt(e)),
        Expr::Cond(c) => is_attempt(&c.cons) || is_attempt(&c.alt),
        Expr::Bin(b) if b.op.may_short_circuit() => is_attempt(&b.left) || is_attempt(&b.right),
        Expr::Unary(u) if matches!(u.op, UnaryOp::Void | UnaryOp::Bang | UnaryOp::TypeOf) => is_attempt(&u.arg),
        Expr::Unary(u) => u.op != UnaryOp::Delete,
        Expr::Bin(_) | Expr::Tpl(_) | Expr::Ident(_) => true,
        _ => asks(expr),
    }
}

fn held(expr: &mut Expr) {
    let callee = Callee::Expr(quote_ident!(HOLDER).into());
    let args = vec![ExprOrSpread::from(expr.take())];
    *expr = CallExpr { span: DUMMY_SP, callee, args, ..CallExpr::default() }.into();
}

impl VisitMut for Hold {
    noop_visit_mut_type!();

    fn visit_mut_try_stmt(&mut self, s: &mut TryStmt) {
        let caught = self.caught || s.handler.is_some();
        self.with(caught, |walk| s.block.visit_mut_with(walk));
        s.handler.visit_mut_with(self);
        s.finalizer.visit_mut_with(self);
    }

    fn visit_mut_expr_stmt(&mut self, s: &mut ExprStmt) {
        s.visit_mut_children_with(self);
        if self.caught && is_attempt(&s.expr) {
            held(&mut s.expr);
        }
    }

    fn visit_mut_var_declarator(&mut self, d: &mut VarDeclarator) {
        d.visit_mut_children_with(self);
        if let Some(value) = d.init.as_deref_mut().filter(|value| self.caught && asks(value)) {
            held(value);
        }
    }

    fn visit_mut_function(&mut self, f: &mut Function) {
        self.with(false, |walk| f.visit_mut_children_with(walk));
    }

    fn visit_mut_arrow_expr(&mut self, f: &mut ArrowExpr) {
        self.with(false, |walk| f.visit_mut_children_with(walk));
    }
}

struct Release;

impl VisitMut for Release {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if let Expr::Call(CallExpr { callee: Callee::Expr(callee), args, .. }) = expr
            && callee.is_ident_ref_to(HOLDER)
            && let Some(held) = args.first_mut()
        {
            *expr = *held.expr.take();
        }
    }
}
