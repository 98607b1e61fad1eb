//! Where the compressor loses what happens at the top level, and what setters of classes do (swc 83).

use std::collections::HashSet;
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// Others see a variable that is written after its declaration: the importers of a module, or the other scripts of the
/// page. Of `var n = 1; if (x) n = 2; n += 1` the last assignment goes. Or a class that may inherit a setter gets a
/// property, which goes with it.
///
/// To be asked after names are resolved; those of a classic script's top level have the context `shared`.
pub fn is_delicate(program: &Program, shared: Option<SyntaxContext>) -> bool {
    let mut found = Found::default();
    program.visit_with(&mut found);
    let written =
        found.written.iter().any(|id| shared.is_some_and(|shared| id.1 == shared) || found.exported.contains(id));
    written || !found.heirs.is_disjoint(&found.extended)
}

/// A property that looks like one of the class's own may run code: in `class A { static set x(v) { … } }`, and in all that
/// extend it.
pub fn has_static_setters(program: &Program) -> bool {
    let mut found = Setters(false);
    program.visit_with(&mut found);
    found.0
}

struct Setters(bool);

impl Visit for Setters {
    noop_visit_type!();

    fn visit_class_method(&mut self, method: &ClassMethod) {
        self.0 |= method.is_static && method.kind == MethodKind::Setter;
        method.visit_children_with(self);
    }
}

#[derive(Default)]
struct Found {
    exported: HashSet<Id>,
    written: HashSet<Id>,
    /// Classes with a parent.
    heirs: HashSet<Id>,
    /// Bindings with an assigned property.
    extended: HashSet<Id>,
}

impl Visit for Found {
    noop_visit_type!();

    fn visit_export_decl(&mut self, export: &ExportDecl) {
        match &export.decl {
            Decl::Var(var) => var.decls.iter().for_each(|d| names(&d.name, &mut self.exported)),
            Decl::Fn(function) => drop(self.exported.insert(function.ident.to_id())),
            Decl::Class(class) => drop(self.exported.insert(class.ident.to_id())),
            _ => {}
        }
        export.visit_children_with(self);
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        for specifier in &export.specifiers {
            if let ExportSpecifier::Named(ExportNamedSpecifier { orig: ModuleExportName::Ident(local), .. }) = specifier
            {
                self.exported.insert(local.to_id());
            }
        }
    }

    fn visit_export_default_decl(&mut self, export: &ExportDefaultDecl) {
        if let DefaultDecl::Fn(FnExpr { ident: Some(name), .. })
        | DefaultDecl::Class(ClassExpr { ident: Some(name), .. }) = &export.decl
        {
            self.exported.insert(name.to_id());
        }
        export.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        if class.class.super_class.is_some() {
            self.heirs.insert(class.ident.to_id());
        }
        class.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, var: &VarDeclarator) {
        if let (Pat::Ident(name), Some(Expr::Class(class))) = (&var.name, var.init.as_deref())
            && class.class.super_class.is_some()
        {
            self.heirs.insert(name.to_id());
        }
        var.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        match &assignment.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => drop(self.written.insert(name.to_id())),
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => {
                if let Expr::Ident(object) = &*member.obj {
                    self.extended.insert(object.to_id());
                }
            }
            AssignTarget::Simple(_) => {}
            AssignTarget::Pat(pattern) => names(pattern, &mut self.written),
        }
        assignment.visit_children_with(self);
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        if let Expr::Ident(name) = &*update.arg {
            self.written.insert(name.to_id());
        }
        update.visit_children_with(self);
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        if let ForHead::Pat(pattern) = head {
            names(pattern, &mut self.written);
        }
        head.visit_children_with(self);
    }
}

/// Every name in a pattern, those of defaults too: more than are bound.
fn names<N: VisitWith<Names>>(pattern: &N, to: &mut HashSet<Id>) {
    let mut names = Names(HashSet::new());
    pattern.visit_with(&mut names);
    to.extend(names.0);
}

struct Names(HashSet<Id>);

impl Visit for Names {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        self.0.insert(name.to_id());
    }
}
