//! What the text of a script says of its own functions: what they are called, and their source.

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// `(function(){/* text */}).toString()`: the source of a function is data, with its comments.
pub fn hands_out_source(program: &Program) -> bool {
    let mut found = Source(false);
    program.visit_with(&mut found);
    found.0
}

struct Source(bool);

impl Visit for Source {
    noop_visit_type!();

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        self.0 |= is_function(&member.obj)
            && match &member.prop {
                MemberProp::Ident(name) => &*name.sym == "toString",
                MemberProp::Computed(_) => true,
                MemberProp::PrivateName(_) => false,
            };
        member.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        let string = |callee: &Expr| matches!(callee, Expr::Ident(name) if &*name.sym == "String");
        self.0 |= call.callee.as_expr().is_some_and(|callee| string(callee))
            && call.args.first().is_some_and(|arg| is_function(&arg.expr));
        call.visit_children_with(self);
    }

    fn visit_bin_expr(&mut self, e: &BinExpr) {
        self.0 |= e.op == BinaryOp::Add && (is_function(&e.left) || is_function(&e.right));
        e.visit_children_with(self);
    }

    fn visit_tpl(&mut self, template: &Tpl) {
        self.0 |= template.exprs.iter().any(|e| is_function(e));
        template.visit_children_with(self);
    }
}

fn is_function(expr: &Expr) -> bool {
    match expr {
        Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) => true,
        Expr::Paren(inner) => is_function(&inner.expr),
        _ => false,
    }
}

/// Names of functions and classes, and variables that give theirs to one that has none: `x = () => 1`. What keeps its name
/// hides whatever else is called so around it, so nothing else may be.
pub fn given(program: &Program) -> Vec<Atom> {
    let mut found = Given(Vec::new());
    program.visit_with(&mut found);
    found.0.sort();
    found.0.dedup();
    found.0
}

struct Given(Vec<Atom>);

impl Given {
    fn see(&mut self, name: &BindingIdent, value: &Expr) {
        if is_function(value) {
            self.0.push(name.id.sym.clone());
        }
    }
}

impl Visit for Given {
    noop_visit_type!();

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.0.push(class.ident.sym.clone());
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        self.0.extend(class.ident.iter().map(|name| name.sym.clone()));
        class.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.0.push(function.ident.sym.clone());
        function.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        self.0.extend(function.ident.iter().map(|name| name.sym.clone()));
        function.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, var: &VarDeclarator) {
        if let (Pat::Ident(name), Some(value)) = (&var.name, &var.init) {
            self.see(name, value);
        }
        var.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Ident(name)) = &assignment.left {
            self.see(name, &assignment.right);
        }
        assignment.visit_children_with(self);
    }

    fn visit_assign_pat(&mut self, default: &AssignPat) {
        if let Pat::Ident(name) = &*default.left {
            self.see(name, &default.right);
        }
        default.visit_children_with(self);
    }

    fn visit_assign_pat_prop(&mut self, default: &AssignPatProp) {
        if let Some(value) = &default.value {
            self.see(&default.key, value);
        }
        default.visit_children_with(self);
    }
}
