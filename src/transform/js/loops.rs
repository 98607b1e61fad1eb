//! Where the compressor takes a variable that outlives a turn of a loop for one that each turn makes anew (swc 83).

use std::collections::HashMap;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// Of `for (const li of list) { const text = li.id; var last = text; later(() => text + last) }` each function should
/// say the last text. To be asked after names are resolved.
pub fn is_delicate(program: &Program) -> bool {
    let mut walk = Walk::default();
    program.visit_with(&mut walk);
    let depth = |name: &Id| walk.declared.get(name).map_or(0, |d| d.loops);
    let captured = |name: &Id| walk.captured.get(name).is_some_and(|&inside| inside > depth(name));
    // What a function declares is its own: it stands in what was given, and was not given.
    let given = |from: &Id, function| walk.declared.get(from).is_some_and(|d| walk.is_around(d.function, function));
    walk.given.iter().any(|(to, from, function)| depth(to) < depth(from) && captured(to) && given(from, *function))
}

struct Declared {
    /// How many loops make it anew with each turn.
    loops: usize,
    function: usize,
}

#[derive(Default)]
struct Walk {
    /// For each function, after the script itself, the one around it.
    around: Vec<usize>,
    /// 0 is the script.
    function: usize,
    /// How many loops are around.
    loops: usize,
    /// How many of them are around the function.
    outside: usize,
    declared: HashMap<Id, Declared>,
    /// The most loops around a function that names a variable.
    captured: HashMap<Id, usize>,
    /// A variable, one that stands in what it was given, and the function that gave it.
    given: Vec<(Id, Id, usize)>,
}

impl Walk {
    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.loops += 1;
        visit(self);
        self.loops -= 1;
    }

    fn function(&mut self, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.outside, self.loops);
        self.around.push(self.function);
        let around = std::mem::replace(&mut self.function, self.around.len());
        visit(self);
        (self.outside, self.function) = (outside, around);
    }

    fn is_around(&self, outer: usize, mut inner: usize) -> bool {
        while inner > outer
            && let Some(around) = self.around.get(inner - 1)
        {
            inner = *around;
        }
        inner == outer
    }

    fn declares(&mut self, names: impl IntoIterator<Item = Id>, loops: usize) {
        let function = self.function;
        self.declared.extend(names.into_iter().map(|name| (name, Declared { loops, function })));
    }

    fn gives(&mut self, names: &[Id], value: &Expr) {
        // Without a loop around it, nothing is made anew.
        if self.loops == 0 || names.is_empty() {
            return;
        }
        let mut mentioned = Mentioned(Vec::new());
        value.visit_with(&mut mentioned);
        for name in names {
            self.given.extend(mentioned.0.iter().map(|from| (name.clone(), from.clone(), self.function)));
        }
    }
}

impl Visit for Walk {
    noop_visit_type!();

    fn visit_var_decl(&mut self, var: &VarDecl) {
        let depth = if var.kind == VarDeclKind::Var { self.outside } else { self.loops };
        for declarator in &var.decls {
            let names: Vec<Id> = find_pat_ids(&declarator.name);
            self.declares(names.iter().cloned(), depth);
            if let Some(value) = &declarator.init {
                self.gives(&names, value);
            }
        }
        var.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        self.gives(&find_pat_ids(&assignment.left), &assignment.right);
        assignment.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.declares([class.ident.to_id()], self.loops);
        class.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.declares([function.ident.to_id()], self.loops);
        function.visit_children_with(self);
    }

    fn visit_param(&mut self, param: &Param) {
        self.declares(find_pat_ids(&param.pat), self.outside);
        param.visit_children_with(self);
    }

    fn visit_ident(&mut self, name: &Ident) {
        if self.outside > 0 {
            let inside = self.captured.entry(name.to_id()).or_default();
            *inside = self.outside.max(*inside);
        }
    }

    fn visit_function(&mut self, function: &Function) {
        self.function(|walk| function.visit_children_with(walk));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.function(|walk| {
            walk.declares(find_pat_ids(&arrow.params), walk.outside);
            arrow.visit_children_with(walk);
        });
    }

    fn visit_class(&mut self, class: &Class) {
        self.function(|walk| class.visit_children_with(walk));
    }

    fn visit_for_stmt(&mut self, s: &ForStmt) {
        self.inside(|walk| s.visit_children_with(walk));
    }

    fn visit_for_in_stmt(&mut self, s: &ForInStmt) {
        self.inside(|walk| s.visit_children_with(walk));
    }

    fn visit_for_of_stmt(&mut self, s: &ForOfStmt) {
        self.inside(|walk| s.visit_children_with(walk));
    }

    fn visit_while_stmt(&mut self, s: &WhileStmt) {
        self.inside(|walk| s.visit_children_with(walk));
    }

    fn visit_do_while_stmt(&mut self, s: &DoWhileStmt) {
        self.inside(|walk| s.visit_children_with(walk));
    }
}

struct Mentioned(Vec<Id>);

impl Visit for Mentioned {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        self.0.push(name.to_id());
    }
}
