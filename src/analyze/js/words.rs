//! Names that a script could put on an element: words of its literals and keys, and what it puts together from pieces.

use super::calls::{callee_name, callee_object, literal, member_name, named, template_text};
use crate::analyze::shake::{HOLE, implied, read_adjoined, read_data, read_piece, read_words, sorted};
use std::collections::HashSet;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// Sorted; patterns have a `*` for what is not known.
pub fn collect(program: &Program) -> Vec<String> {
    let mut collector = Collector { words: HashSet::new(), short: HashSet::new(), tags: false, names: false };
    program.visit_with(&mut collector);
    if collector.tags {
        collector.words.extend(collector.short);
    }
    sorted(collector.words)
}

const MAX_KEYS: usize = 64;

struct Collector {
    words: HashSet<String>,
    /// Elements of one letter that functions are called like. In minified code that is chance, unless it has `tags`.
    short: HashSet<String>,
    tags: bool,
    /// What is visited becomes names.
    names: bool,
}

impl Collector {
    fn text(&mut self, text: &str) {
        read_words(text, &mut self.words);
    }

    /// A literal on its own may be a piece of what is put together elsewhere.
    fn whole(&mut self, text: &str) {
        self.text(text);
        read_piece(text, &mut self.words);
    }

    /// `tags.li(…)`, `const { li } = van.tags`.
    fn element(&mut self, name: &str) {
        if implied::is_element(name) {
            if name.len() > 1 { &mut self.words } else { &mut self.short }.insert(name.to_owned());
        }
    }

    fn makes(&mut self, name: &str) {
        self.tags |= name == "tags";
        self.words.extend(implied::by_member(name).map(str::to_owned));
    }

    fn naming(&mut self, names: bool, visit: impl FnOnce(&mut Self)) {
        let before = self.names;
        self.names |= names;
        visit(self);
        self.names = before;
    }

    /// A name that the script itself has, and may read.
    fn own(&mut self, name: &str) {
        read_data(name, &mut self.words);
        read_piece(name, &mut self.words);
    }

    /// `el.dataset.fooBar` is the attribute `data-foo-bar`.
    fn data(&mut self, name: &str) {
        let mut attribute = String::from("data-");
        for c in name.chars() {
            if c.is_ascii_uppercase() {
                attribute.push('-');
            }
            attribute.extend(c.to_lowercase());
        }
        self.text(&attribute);
    }

    /// Writes what `expr` adds to a text; a hole for what is not known. Parts that are no literals are visited.
    fn piece(&mut self, expr: &Expr, out: &mut String) {
        match expr {
            Expr::Paren(p) => self.piece(&p.expr, out),
            Expr::Lit(Lit::Str(s)) => out.push_str(&s.value.to_string_lossy()),
            Expr::Lit(Lit::Num(n)) => out.push_str(&n.value.to_string()),
            Expr::Tpl(t) => self.template(t, out),
            Expr::Bin(b) if b.op == BinaryOp::Add => {
                self.piece(&b.left, out);
                self.piece(&b.right, out);
            }
            Expr::Call(c) => match &c.callee {
                // Compilers write templates so: `"btn-".concat(size)`.
                Callee::Expr(callee) if callee_name(callee) == Some("concat") && callee_object(callee).is_some() => {
                    if let Some(object) = callee_object(callee) {
                        self.piece(object, out);
                    }
                    for arg in &c.args {
                        self.piece(&arg.expr, out);
                    }
                }
                _ => self.hole(expr, out),
            },
            _ => self.hole(expr, out),
        }
    }

    fn hole(&mut self, expr: &Expr, out: &mut String) {
        out.push(HOLE);
        expr.visit_with(self);
    }

    fn template(&mut self, t: &Tpl, out: &mut String) {
        for (i, quasi) in t.quasis.iter().enumerate() {
            match &quasi.cooked {
                Some(text) => out.push_str(&text.to_string_lossy()),
                None => out.push_str(&quasi.raw),
            }
            if let Some(expr) = t.exprs.get(i) {
                self.piece(expr, out);
            }
        }
    }

    fn joined(&mut self, write: impl FnOnce(&mut Self, &mut String)) {
        let mut text = String::new();
        write(self, &mut text);
        self.text(&text);
        if self.names || text.contains("class=") {
            read_adjoined(&text, &mut self.words);
        }
    }
}

impl Visit for Collector {
    noop_visit_type!();

    fn visit_str(&mut self, s: &Str) {
        let text = s.value.to_string_lossy();
        self.whole(&text);
        if text.contains("contenteditable") {
            self.makes("contentEditable");
        }
    }

    fn visit_ident(&mut self, name: &Ident) {
        self.makes(&name.sym);
    }

    fn visit_object_pat_prop(&mut self, p: &ObjectPatProp) {
        match p {
            ObjectPatProp::Assign(p) => self.element(&p.key.sym),
            ObjectPatProp::KeyValue(p) => {
                if let PropName::Ident(key) = &p.key {
                    self.element(&key.sym);
                }
            }
            ObjectPatProp::Rest(_) => {}
        }
        p.visit_children_with(self);
    }

    /// `export function home()`: who walks over the module's exports finds that name.
    fn visit_export_decl(&mut self, e: &ExportDecl) {
        if let Decl::Fn(f) = &e.decl {
            self.own(&f.ident.sym);
        }
        if let Decl::Var(v) = &e.decl {
            let names = v.decls.iter().filter_map(|d| d.name.as_ident());
            names.for_each(|name| self.own(&name.sym));
        }
        e.visit_children_with(self);
    }

    fn visit_export_named_specifier(&mut self, e: &ExportNamedSpecifier) {
        match e.exported.as_ref().unwrap_or(&e.orig) {
            ModuleExportName::Ident(name) => self.own(&name.sym),
            ModuleExportName::Str(name) => self.own(&name.value.to_string_lossy()),
        }
    }

    /// `this.constructor.name`.
    fn visit_class_decl(&mut self, c: &ClassDecl) {
        self.own(&c.ident.sym);
        c.visit_children_with(self);
    }

    fn visit_regex(&mut self, r: &Regex) {
        self.text(&r.exp);
    }

    fn visit_tpl(&mut self, t: &Tpl) {
        if let Some(text) = template_text(t) {
            return self.whole(text);
        }
        self.joined(|c, out| c.template(t, out));
    }

    fn visit_tpl_element(&mut self, e: &TplElement) {
        self.text(&e.raw);
    }

    fn visit_bin_expr(&mut self, e: &BinExpr) {
        if e.op != BinaryOp::Add {
            return e.visit_children_with(self);
        }
        self.joined(|c, out| {
            c.piece(&e.left, out);
            c.piece(&e.right, out);
        });
    }

    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Member(m)) = &e.left {
            // Keys of a map of classes, filled one by one.
            if let Some(name) = member_name(m) {
                self.text(name);
            }
        }
        e.left.visit_with(self);
        let names = matches!(&e.left, AssignTarget::Simple(SimpleAssignTarget::Member(m))
            if matches!(member_name(m), Some("className" | "id")));
        self.naming(names, |c| {
            if e.op == AssignOp::AddAssign {
                return c.joined(|c, out| {
                    out.push(HOLE);
                    c.piece(&e.right, out);
                });
            }
            e.right.visit_with(c);
        });
    }

    fn visit_call_expr(&mut self, e: &CallExpr) {
        let Callee::Expr(callee) = &e.callee else { return e.visit_children_with(self) };
        if let Some(name) = callee_name(callee).filter(|_| callee_object(callee).is_some()) {
            self.element(name);
        }
        match callee_name(callee) {
            name if names_elements(name, callee, &e.args) => {
                callee.visit_with(self);
                self.naming(true, |c| e.args.visit_with(c));
            }
            Some("concat") if callee_object(callee).is_some_and(|o| !matches!(o, Expr::Array(_))) => {
                // The arguments may be texts on their own: those of an array.
                let alone = e.args.iter().filter_map(|a| literal(&a.expr));
                alone.for_each(|text| self.text(text));
                self.joined(|c, out| {
                    if let Some(object) = callee_object(callee) {
                        c.piece(object, out);
                    }
                    for arg in &e.args {
                        c.piece(&arg.expr, out);
                    }
                });
            }
            Some("join") => {
                if let Some(glue) = e.args.first().and_then(|a| literal(&a.expr)) {
                    self.text(&format!("{HOLE}{glue}{HOLE}"));
                }
                e.visit_children_with(self);
            }
            _ => e.visit_children_with(self),
        }
    }

    fn visit_member_expr(&mut self, e: &MemberExpr) {
        if let Some(name) = member_name(e) {
            if named(&e.obj, "dataset") {
                self.data(name);
            }
            self.makes(name);
        }
        e.visit_children_with(self);
    }

    fn visit_object_lit(&mut self, o: &ObjectLit) {
        // Keys of a larger object are data: nobody walks over a thousand icons to name classes.
        if o.props.len() <= MAX_KEYS {
            for prop in o.props.iter().filter_map(|p| p.as_prop()) {
                if let Some(PropName::Ident(key)) = prop.as_key_value().map(|kv| &kv.key) {
                    read_piece(&key.sym, &mut self.words);
                }
            }
        }
        o.visit_children_with(self);
    }

    fn visit_prop(&mut self, p: &Prop) {
        if let Prop::Shorthand(name) = p {
            self.text(&name.sym);
        }
        p.visit_children_with(self);
    }

    fn visit_prop_name(&mut self, name: &PropName) {
        match name {
            PropName::Ident(i) => self.text(&i.sym),
            PropName::Str(s) => self.text(&s.value.to_string_lossy()),
            PropName::Computed(c) => c.visit_children_with(self),
            _ => {}
        }
    }
}

/// `classList.add(…)`, `setAttribute("class", …)`, `addClass(…)`: the arguments become names of elements.
fn names_elements(name: Option<&str>, callee: &Expr, args: &[ExprOrSpread]) -> bool {
    match name {
        Some("add" | "toggle" | "replace") => callee_object(callee).is_some_and(|o| named(o, "classList")),
        Some("setAttribute" | "attr") => {
            args.first().and_then(|a| literal(&a.expr)).is_some_and(|name| matches!(name, "class" | "id"))
        }
        Some("addClass" | "toggleClass") => true,
        _ => false,
    }
}
