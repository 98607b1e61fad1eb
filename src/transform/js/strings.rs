//! Statements that are nothing but a string. At the start of a script or a function they are directives; anywhere else
//! they say nothing, until the compressor takes away what stands before them (swc 83).

use std::collections::HashSet;
use swc_core::common::{BytePos, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type};

/// Where the directives stand. To be asked before parentheses are taken off: `("use strict")` is none.
pub fn directives(program: &Program) -> HashSet<BytePos> {
    let mut found = Directives(HashSet::new());
    program.visit_with(&mut found);
    found.0
}

/// Leaves no string alone but `directives`. The compressor may make one of `void 0, "use strict"`, too.
pub fn drop_others(program: &mut Program, directives: &HashSet<BytePos>) {
    program.visit_mut_with(&mut Dropper(directives));
}

struct Directives(HashSet<BytePos>);

impl Directives {
    fn prologue<'a>(&mut self, statements: impl Iterator<Item = &'a Stmt>) {
        let directive = |s: &Stmt| match s {
            Stmt::Expr(ExprStmt { expr, .. }) if matches!(**expr, Expr::Lit(Lit::Str(_))) => Some(expr.span_lo()),
            _ => None,
        };
        self.0.extend(statements.map_while(directive));
    }
}

impl Visit for Directives {
    noop_visit_type!();

    fn visit_module(&mut self, module: &Module) {
        self.prologue(module.body.iter().map_while(ModuleItem::as_stmt));
        module.visit_children_with(self);
    }

    fn visit_script(&mut self, script: &Script) {
        self.prologue(script.body.iter());
        script.visit_children_with(self);
    }

    fn visit_function_body(&mut self, body: &FunctionBody) {
        self.prologue(body.stmts.iter());
        body.visit_children_with(self);
    }
}

struct Dropper<'a>(&'a HashSet<BytePos>);

impl Dropper<'_> {
    fn says_nothing(&self, statement: &Stmt) -> bool {
        matches!(statement, Stmt::Expr(s) if is_text(&s.expr) && !self.0.contains(&s.expr.span_lo()))
    }
}

/// A string, in parentheses too, or a template that could be one.
fn is_text(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Str(_)) => true,
        Expr::Tpl(template) => template.exprs.is_empty(),
        Expr::Paren(inner) => is_text(&inner.expr),
        _ => false,
    }
}

impl VisitMut for Dropper<'_> {
    noop_visit_mut_type!();

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.retain(|item| !item.as_stmt().is_some_and(|s| self.says_nothing(s)));
        items.visit_mut_children_with(self);
    }

    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        statements.retain(|s| !self.says_nothing(s));
        statements.visit_mut_children_with(self);
    }

    /// The body of an `if`, or what has a label.
    fn visit_mut_stmt(&mut self, statement: &mut Stmt) {
        if self.says_nothing(statement) {
            *statement = Stmt::Empty(EmptyStmt { span: statement.span() });
        }
        statement.visit_mut_children_with(self);
    }
}
