//! Classes that a script takes from what nobody can know: an answer from elsewhere, the address, the visitor.

use super::calls::{callee_name, callee_object, literal, member_name, named, operands, template_text};
use std::collections::HashSet;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// It may put a class on an element that no text of the site names.
pub fn names_classes(program: &Program, source: &str) -> bool {
    let answers = ["fetch(", "XMLHttpRequest", "WebSocket", "EventSource"].iter().any(|word| source.contains(word));
    let mut own = Own::default();
    program.visit_with(&mut own);
    let mut sinks = Sinks { own: own.names, answers, found: false };
    program.visit_with(&mut sinks);
    sinks.found
}

/// Names that hold what stands in the script, and what it imports: other files of the site, which are read too.
#[derive(Default)]
struct Own {
    names: HashSet<String>,
}

impl Visit for Own {
    noop_visit_type!();

    fn visit_var_declarator(&mut self, v: &VarDeclarator) {
        let literal = matches!(v.init.as_deref(), Some(Expr::Object(_) | Expr::Array(_) | Expr::Lit(_)));
        if let Some(name) = v.name.as_ident().filter(|_| literal) {
            self.names.insert(name.sym.to_string());
        }
        v.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, i: &ImportDecl) {
        self.names.extend(i.specifiers.iter().map(|s| s.local().sym.to_string()));
    }
}

struct Sinks {
    own: HashSet<String>,
    /// The script asks a server for data.
    answers: bool,
    found: bool,
}

impl Sinks {
    /// `expr` becomes a class, or a part of one.
    fn class(&mut self, expr: &Expr) {
        match expr {
            Expr::Paren(p) => self.class(&p.expr),
            Expr::Cond(c) => {
                self.class(&c.cons);
                self.class(&c.alt);
            }
            Expr::Bin(b) if matches!(b.op, BinaryOp::Add | BinaryOp::LogicalOr | BinaryOp::NullishCoalescing) => {
                self.class(&b.left);
                self.class(&b.right);
            }
            Expr::Bin(b) if b.op == BinaryOp::LogicalAnd => self.class(&b.right),
            Expr::Tpl(t) => t.exprs.iter().for_each(|e| self.class(e)),
            _ => self.found |= self.is_outside(expr),
        }
    }

    /// A chain of members and calls that begins at something from elsewhere.
    fn is_outside(&self, expr: &Expr) -> bool {
        let mut at = expr;
        let mut members = 0;
        loop {
            at = match at {
                Expr::Paren(p) => &p.expr,
                Expr::Await(a) => &a.arg,
                Expr::Call(c) => match &c.callee {
                    Callee::Expr(callee) if callee_object(callee).is_some() => callee,
                    _ => return false,
                },
                Expr::New(n) => return named(&n.callee, "URLSearchParams"),
                Expr::OptChain(o) => match &*o.base {
                    OptChainBase::Member(m) => {
                        members += 1;
                        if is_told(m) {
                            return true;
                        }
                        &m.obj
                    }
                    OptChainBase::Call(c) => &c.callee,
                },
                Expr::Member(m) => {
                    members += 1;
                    if is_told(m) {
                        return true;
                    }
                    // A class that an element has already is no new one.
                    if members == 1 && matches!(member_name(m), Some("className" | "classList" | "id")) {
                        return false;
                    }
                    &m.obj
                }
                Expr::Ident(name) => {
                    let given = matches!(&*name.sym, "location" | "navigator");
                    return members > 0 && (given || (self.answers && !self.own.contains(&*name.sym)));
                }
                _ => return false,
            }
        }
    }

    fn template(&mut self, t: &Tpl, text: &mut String) {
        for (i, quasi) in t.quasis.iter().enumerate() {
            text.push_str(&quasi.raw);
            if let Some(expr) = t.exprs.get(i) {
                self.pieces(expr, text);
            }
        }
    }

    fn pieces(&mut self, expr: &Expr, text: &mut String) {
        match expr {
            Expr::Paren(p) => self.pieces(&p.expr, text),
            Expr::Lit(Lit::Str(s)) => text.push_str(&s.value.to_string_lossy()),
            Expr::Bin(b) if b.op == BinaryOp::Add => operands(b).into_iter().for_each(|e| self.pieces(e, text)),
            Expr::Tpl(t) => self.template(t, text),
            _ if in_class(text) => self.class(expr),
            _ => {}
        }
    }
}

impl Visit for Sinks {
    noop_visit_type!();

    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Member(m)) = &e.left
            && member_name(m) == Some("className")
        {
            self.class(&e.right);
        }
        e.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, e: &CallExpr) {
        if let Callee::Expr(callee) = &e.callee {
            let on_list = || callee_object(callee).is_some_and(|o| named(o, "classList"));
            let arg = |i: usize| e.args.get(i).map(|a| &*a.expr);
            match callee_name(callee) {
                Some("add") if on_list() => e.args.iter().for_each(|a| self.class(&a.expr)),
                Some("toggle") if on_list() => arg(0).into_iter().for_each(|a| self.class(a)),
                Some("replace") if on_list() => arg(1).into_iter().for_each(|a| self.class(a)),
                Some("setAttribute") if arg(0).and_then(literal) == Some("class") => {
                    arg(1).into_iter().for_each(|a| self.class(a));
                }
                _ => {}
            }
        }
        e.visit_children_with(self);
    }

    fn visit_bin_expr(&mut self, e: &BinExpr) {
        if e.op != BinaryOp::Add {
            return e.visit_children_with(self);
        }
        let (operands, mut text) = (operands(e), String::new());
        operands.iter().for_each(|e| self.pieces(e, &mut text));
        operands.iter().for_each(|e| e.visit_with(self));
    }

    fn visit_tpl(&mut self, t: &Tpl) {
        if template_text(t).is_none() {
            self.template(t, &mut String::new());
        }
        t.visit_children_with(self);
    }
}

/// The visitor, the browser or the page's address says it.
fn is_told(m: &MemberExpr) -> bool {
    let name = member_name(m);
    matches!(name, Some("location" | "navigator" | "validity")) || (matches!(name, Some("value")) && is_field(&m.obj))
}

/// `input.value`, `e.target.value`: of `{ value }`, which every library has, the letter before it tells nothing.
fn is_field(of: &Expr) -> bool {
    callee_name(of).is_some_and(|name| {
        let name = name.to_lowercase();
        ["target", "input", "select", "field"].iter().any(|word| name.contains(word))
    })
}

/// The text ends in the value of a class attribute.
fn in_class(text: &str) -> bool {
    let Some((_, value)) = text.rsplit_once("class=") else { return false };
    let value = value.trim_start_matches('\\');
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => !value.get(1..).is_some_and(|rest| rest.contains(quote)),
        _ => !value.contains(|c: char| c.is_whitespace() || c == '>'),
    }
}

#[cfg(test)]
mod tests {
    use crate::analyze::js::{Goal, analyze};

    fn outside(source: &str) -> bool {
        analyze(source, Goal::Unknown).is_ok_and(|facts| facts.outside)
    }

    #[test]
    fn classes_from_elsewhere() {
        for source in [
            "fetch(u).then(r => r.json()).then(d => { document.body.className = d.weather[0].main.toLowerCase() })",
            "fetch(u).then(x => x.types.forEach(t => el.innerHTML += `<i class=\"type ${t.type.name}\">x</i>`))",
            "fetch(u).then(x => el.innerHTML = '<i class=\"type ' + x.kind + '\">')",
            "document.body.className = location.pathname.split('/')[1] || 'home'",
            "document.body.classList.add(navigator.language.slice(0, 2))",
            "el.setAttribute('class', `t-${window.location.hash.slice(1)}`)",
            "el.classList.add(new URLSearchParams(location.search).get('theme'))",
            "s.onchange = e => { document.body.className = e.target.value.toLowerCase() }",
            "const v = el.validity; box.classList.toggle(el.validity?.kind)",
        ] {
            assert!(outside(source), "{source}");
        }
    }

    #[test]
    fn classes_of_the_script_itself() {
        for source in [
            "const C = { on: 'is-on' }; fetch(u); el.classList.add(C.on)",
            "import styles from './s.js'; fetch(u); el.className = styles.box",
            "el.className = `btn ${size}`; el.classList.toggle('on', location.hash === '#x')",
            "fetch(u); class A { f() { this.el.classList.add(this.options.cls) } }",
            "fetch(u); el.className = el.className + ' on'; x = `<a href=\"${d.url}\" class=\"a\">${d.name}`",
            "el.className = location.hash ? 'a' : 'b'",
            "el.className = props.kind",
        ] {
            assert!(!outside(source), "{source}");
        }
    }
}
