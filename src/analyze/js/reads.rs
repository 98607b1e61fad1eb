//! What a script reads that minifying changes: of functions their names, or their source; of elements their backgrounds.

use super::backgrounds;
use super::calls::{member_name, named};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::hash::Hash;
use swc_core::common::Mark;
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// Any function may be meant, of whichever script.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reads {
    /// What functions and classes are called.
    pub names: bool,
    /// The parameters of functions, or what is in them: AngularJS and RequireJS look there for what to hand them.
    pub source: bool,
    /// It makes workers, and could make them of its own functions.
    pub makes_workers: bool,
    /// Which background an element has.
    pub backgrounds: bool,
}

impl Reads {
    pub fn of(program: &Program, source: &str) -> Self {
        Self { names: reads_names(program, source), ..Self::of_text(source) }
    }

    /// Of a script that is not read any closer.
    pub fn of_text(source: &str) -> Self {
        let has = |word: &str| source.contains(word);
        let calls = |name: &str| has(&format!("{name}(")) || has(&format!("{name} ("));
        Self {
            names: has("constructor.name") || has("new.target.name"),
            source: has("toString") && (has_parameters_pattern(source) || has_require_pattern(source)),
            // `String` is `toString`, too.
            makes_workers: calls("Worker") && calls("Blob") && has("createObjectURL") && has("String"),
            backgrounds: backgrounds::reads(source),
        }
    }

    pub fn add(&mut self, other: Self) {
        self.names |= other.names;
        self.source |= other.source;
        self.makes_workers |= other.makes_workers;
        self.backgrounds |= other.backgrounds;
    }
}

/// All up to the first parenthesis, as a regular expression or a string that becomes one.
fn has_parameters_pattern(source: &str) -> bool {
    [r"[^(]*\(", r"[^\(]*\(", r"[^(]*\\(", r"[^\\(]*\\("].iter().any(|pattern| source.contains(pattern))
}

/// `require\s*\(`: it looks for calls in code.
fn has_require_pattern(source: &str) -> bool {
    source.match_indices("require").any(|(at, word)| {
        let rest = source.get(at + word.len()..).unwrap_or_default();
        let after = rest.trim_start_matches(|c| "\\s*+?[] ".contains(c));
        after.starts_with('(') && rest.get(..rest.len() - after.len()).is_some_and(|space| space.contains('\\'))
    })
}

/// `x.constructor.name`, `new.target.name`, `this.name` of a class, and `f.name` of a function or class of this script.
fn reads_names(program: &Program, source: &str) -> bool {
    if !source.contains("name") {
        return false;
    }
    let walk = |program: &Program| {
        let mut walk = Walk::default();
        program.visit_with(&mut walk);
        walk
    };
    let plain = walk(program);
    // Names are resolved only where it matters: in minified code, `e.name` is mostly another `e`.
    plain.found
        || plain.own(|(name, _)| name.clone()) && {
            let mut program = program.clone();
            program.mutate(&mut resolver(Mark::new(), Mark::new(), false));
            walk(&program).own(Id::clone)
        }
}

#[derive(Default)]
struct Walk {
    found: bool,
    /// `this` is a class.
    in_class: bool,
    functions: HashSet<Id>,
    /// Of these, `.name` is read.
    read: HashSet<Id>,
}

impl Walk {
    fn own<T: Eq + Hash>(&self, key: impl Fn(&Id) -> T) -> bool {
        let functions: HashSet<T> = self.functions.iter().map(&key).collect();
        self.read.iter().any(|name| functions.contains(&key(name)))
    }

    fn this(&mut self, is_class: bool, visit: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.in_class, is_class);
        visit(self);
        self.in_class = around;
    }

    fn binds(&mut self, name: &Ident, value: Option<&Expr>) {
        if matches!(value.map(without_parens), Some(Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_))) {
            self.functions.insert(name.to_id());
        }
    }
}

fn without_parens(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => without_parens(&inner.expr),
        _ => expr,
    }
}

fn is_constructor(expr: &Expr) -> bool {
    matches!(without_parens(expr), Expr::Member(_) | Expr::OptChain(_)) && named(expr, "constructor")
}

fn takes_name(pattern: &Pat) -> bool {
    let Pat::Object(object) = pattern else { return false };
    object.props.iter().any(|prop| match prop {
        ObjectPatProp::Assign(p) => &*p.key.sym == "name",
        ObjectPatProp::KeyValue(p) => matches!(&p.key, PropName::Ident(key) if &*key.sym == "name"),
        ObjectPatProp::Rest(_) => false,
    })
}

impl Visit for Walk {
    noop_visit_type!();

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if member_name(member) == Some("name") {
            match without_parens(&member.obj) {
                Expr::Ident(object) => drop(self.read.insert(object.to_id())),
                Expr::This(_) => self.found |= self.in_class,
                Expr::MetaProp(meta) => self.found |= meta.kind == MetaPropKind::NewTarget,
                object => self.found |= is_constructor(object),
            }
        }
        member.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        match &assignment.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => self.binds(name, Some(&assignment.right)),
            // Only written.
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) if assignment.op == AssignOp::Assign => {
                member.visit_children_with(self);
                return assignment.right.visit_with(self);
            }
            _ => {}
        }
        assignment.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, var: &VarDeclarator) {
        if let Pat::Ident(name) = &var.name {
            self.binds(name, var.init.as_deref());
        }
        self.found |= takes_name(&var.name) && var.init.as_deref().is_some_and(is_constructor);
        var.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.functions.insert(function.ident.to_id());
        function.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        self.functions.extend(function.ident.as_ref().map(Ident::to_id));
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.functions.insert(class.ident.to_id());
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        self.functions.extend(class.ident.as_ref().map(Ident::to_id));
        class.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        self.this(false, |walk| function.visit_children_with(walk));
    }

    fn visit_constructor(&mut self, constructor: &Constructor) {
        self.this(false, |walk| constructor.visit_children_with(walk));
    }

    fn visit_class_method(&mut self, method: &ClassMethod) {
        method.key.visit_with(self);
        self.this(method.is_static, |walk| Function::visit_children_with(&method.function, walk));
    }

    fn visit_private_method(&mut self, method: &PrivateMethod) {
        self.this(method.is_static, |walk| Function::visit_children_with(&method.function, walk));
    }

    fn visit_class_prop(&mut self, prop: &ClassProp) {
        prop.key.visit_with(self);
        self.this(prop.is_static, |walk| prop.value.visit_with(walk));
    }

    fn visit_private_prop(&mut self, prop: &PrivateProp) {
        self.this(prop.is_static, |walk| prop.value.visit_with(walk));
    }

    fn visit_static_block(&mut self, block: &StaticBlock) {
        self.this(true, |walk| block.visit_children_with(walk));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::js::{Goal, parse};

    fn reads(source: &str) -> Reads {
        parse::with_program(source, Goal::Unknown, |parsed| Reads::of(&parsed.program, parsed.source))
            .unwrap_or_default()
    }

    #[test]
    fn names_of_functions() {
        for source in [
            "say(x.constructor.name)",
            "say(x?.constructor?.['name'])",
            "const { name } = x.constructor",
            "function F() { say(new.target.name) }",
            "class A { static m() { return () => this.name } }",
            "class A { static x = this.name }",
            "class A { static { say(this.name) } }",
            "(function () { class A {} say(A.name) })()",
            "const f = () => 1; say(f.name)",
            "var f; f = (function () {}); say(f.name)",
        ] {
            assert!(reads(source).names, "{source}");
        }
        for source in [
            "say(user.name)",
            "class A { m() { return this.name } static m() { return function () { return this.name } } }",
            "class A { static m() { return { n() { return this.name } } } }",
            "function e() {} function f(e) { return e.name }",
            "function F() {} F.name = 'f'",
            "constructor.names",
        ] {
            assert!(!reads(source).names, "{source}");
        }
    }

    #[test]
    fn source_of_functions() {
        for source in [
            r"var FN_ARGS = /^[^(]*\(\s*([^)]*)\)/m; x = f.toString().match(FN_ARGS)",
            r"x = f.toString().match(new RegExp('^[^(]*\\(\\s*([^)]*)\\)'))",
            r"/(?:^|[^.])\s*require\s*\(\s*/g.test(f.toString())",
            r"x = RegExp('require\\(').test(f.toString())",
        ] {
            assert!(reads(source).source, "{source}");
        }
        for source in [
            r"/^[^(]*\(/.test(line)",
            "require (x).toString()",
            "require\n(x).toString()",
            r"/requires?\b/.test(toString)",
        ] {
            assert!(!reads(source).source, "{source}");
        }
    }

    #[test]
    fn workers_of_functions() {
        let made = "new Worker(URL.createObjectURL(new Blob(['(' + work.toString() + ')()'])))";
        assert!(reads(made).makes_workers);
        assert!(reads("new Worker(URL.createObjectURL(new Blob ([all.map( String )])))").makes_workers);
        assert!(!reads("new Worker('worker.js'); save(new Blob([x.toString()]))").makes_workers);
    }
}
