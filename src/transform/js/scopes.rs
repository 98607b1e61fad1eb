//! Where the compressor takes a `switch` apart and loses what its cases share (swc 83).

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// Some case declares what all cases can see: of `switch ("a") { case "a": const x = 1; default: f(() => x) }` the second
/// case would be outside of it.
pub fn are_in_cases(program: &Program) -> bool {
    let mut found = Found(false);
    program.visit_with(&mut found);
    found.0
}

struct Found(bool);

impl Visit for Found {
    noop_visit_type!();

    fn visit_switch_case(&mut self, case: &SwitchCase) {
        self.0 |= case.cons.iter().any(|statement| match statement {
            Stmt::Decl(Decl::Var(var)) => var.kind != VarDeclKind::Var,
            Stmt::Decl(_) => true,
            _ => false,
        });
        case.visit_children_with(self);
    }
}
