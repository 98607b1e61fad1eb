//! What a script has in common with others: functions by their shape, whatever a minifier calls their variables.

use super::Goal;
use super::calls::literal;
use super::parse::{self, Parsed};
use crate::analyze::SyntaxError;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;
use std::ops::Range;
use swc_core::atoms::Atom;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shapes {
    /// In the order of their first bytes, the outer one before what is in it.
    pub functions: Vec<Function>,
    /// What core-js would add to the language, as `Array.prototype.flat` is called there: `es.array.flat`.
    pub polyfills: Vec<Polyfill>,
}

/// A function or class of at least [`SMALLEST`] bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// Bytes of the source.
    pub range: Range<usize>,
    /// The same wherever the code is the same but for the names of variables. Only to be compared within one run.
    pub shape: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Polyfill {
    pub range: Range<usize>,
    pub module: String,
}

/// Bytes. Shorter functions are alike by chance.
pub const SMALLEST: usize = 80;

pub fn shapes(source: &str) -> Result<Shapes, SyntaxError> {
    parse::with_program(source, Goal::Unknown, |parsed| {
        let mut reader = Reader { parsed, open: vec![Open::default()], found: Shapes::default() };
        parsed.program.visit_with(&mut reader);
        reader.found.functions.sort_by_key(|f| (f.range.start, std::cmp::Reverse(f.range.end)));
        reader.found
    })
}

#[derive(Default)]
struct Open {
    hasher: DefaultHasher,
    /// Variables, by when they were first named in it.
    names: HashMap<Atom, usize>,
}

struct Reader<'a, 's> {
    parsed: &'a Parsed<'s>,
    /// Of the functions around the place.
    open: Vec<Open>,
    found: Shapes,
}

impl Reader<'_, '_> {
    fn mix(&mut self, what: &impl Hash) {
        if let Some(open) = self.open.last_mut() {
            what.hash(&mut open.hasher);
        }
    }

    /// `{ a }`: a key, too.
    fn shorthand(&mut self, p: &PropOrSpread) {
        if let PropOrSpread::Prop(p) = p
            && let Prop::Shorthand(name) = &**p
        {
            self.mix(&name.sym.as_bytes());
        }
    }

    fn node<T>(&mut self, node: &T, children: impl FnOnce(&mut Self)) {
        self.mix(&discriminant(node));
        children(self);
        self.mix(&END);
    }

    fn function(&mut self, span: Span, children: impl FnOnce(&mut Self)) {
        self.open.push(Open::default());
        children(self);
        let Some(shape) = self.open.pop().map(|open| open.hasher.finish()) else { return };
        self.mix(&shape);
        let range = self.parsed.range(span);
        if range.len() >= SMALLEST {
            self.found.functions.push(Function { range, shape });
        }
    }
}

/// After a node's last child: a list's length is part of the shape.
const END: u8 = 0xff;

macro_rules! kinds {
    ($($visit:ident: $node:ty),* $(,)?) => {
        $(fn $visit(&mut self, node: &$node) {
            self.node(node, |v| node.visit_children_with(v));
        })*
    };
}

impl Visit for Reader<'_, '_> {
    noop_visit_type!();

    kinds!(
        visit_stmt: Stmt,
        visit_decl: Decl,
        visit_pat: Pat,
        visit_prop: Prop,
        visit_prop_name: PropName,
        visit_prop_or_spread: PropOrSpread,
        visit_member_prop: MemberProp,
        visit_super_prop: SuperProp,
        visit_callee: Callee,
        visit_assign_target: AssignTarget,
        visit_simple_assign_target: SimpleAssignTarget,
        visit_object_pat_prop: ObjectPatProp,
        visit_class_member: ClassMember,
        visit_for_head: ForHead,
        visit_var_decl_or_expr: VarDeclOrExpr,
        visit_arrow_function_body: ArrowFunctionBody,
        visit_opt_chain_base: OptChainBase,
    );

    fn visit_expr(&mut self, e: &Expr) {
        match e {
            Expr::Bin(b) => self.mix(&b.op),
            Expr::Unary(u) => self.mix(&u.op),
            Expr::Update(u) => self.mix(&(u.op, u.prefix)),
            Expr::Assign(a) => self.mix(&a.op),
            Expr::Yield(y) => self.mix(&y.delegate),
            Expr::Call(c) => self.polyfill(c),
            Expr::Object(o) => o.props.iter().for_each(|p| self.shorthand(p)),
            _ => {}
        }
        self.node(e, |v| e.visit_children_with(v));
    }

    fn visit_try_stmt(&mut self, s: &TryStmt) {
        self.mix(&(s.handler.is_some(), s.finalizer.is_some()));
        s.visit_children_with(self);
    }

    fn visit_for_stmt(&mut self, s: &ForStmt) {
        self.mix(&(s.init.is_some(), s.test.is_some(), s.update.is_some()));
        s.visit_children_with(self);
    }

    fn visit_class_method(&mut self, m: &ClassMethod) {
        self.mix(&(m.kind, m.is_static));
        m.visit_children_with(self);
    }

    fn visit_var_decl(&mut self, d: &VarDecl) {
        self.mix(&d.kind);
        d.visit_children_with(self);
    }

    fn visit_ident(&mut self, name: &Ident) {
        if let Some(open) = self.open.last_mut() {
            let next = open.names.len();
            open.names.entry(name.sym.clone()).or_insert(next).hash(&mut open.hasher);
        }
    }

    /// A key, too.
    fn visit_assign_pat_prop(&mut self, p: &AssignPatProp) {
        self.mix(&p.key.sym.as_bytes());
        p.visit_children_with(self);
    }

    fn visit_ident_name(&mut self, name: &IdentName) {
        self.mix(&name.sym.as_bytes());
    }

    fn visit_str(&mut self, s: &Str) {
        self.mix(&s.value.as_bytes());
    }

    fn visit_tpl_element(&mut self, e: &TplElement) {
        self.mix(&e.raw.as_bytes());
    }

    fn visit_number(&mut self, n: &Number) {
        self.mix(&n.value.to_bits());
    }

    fn visit_bool(&mut self, b: &Bool) {
        self.mix(&b.value);
    }

    fn visit_big_int(&mut self, n: &BigInt) {
        self.mix(&n.value.to_string());
    }

    fn visit_regex(&mut self, r: &Regex) {
        self.mix(&(r.exp.as_bytes(), r.flags.as_bytes()));
    }

    fn visit_function(&mut self, f: &swc_core::ecma::ast::Function) {
        self.function(f.span, |v| {
            v.mix(&(f.is_async, f.is_generator));
            f.visit_children_with(v);
        });
    }

    fn visit_arrow_expr(&mut self, f: &ArrowExpr) {
        self.function(f.span, |v| {
            v.mix(&f.is_async);
            f.visit_children_with(v);
        });
    }

    fn visit_class(&mut self, c: &Class) {
        self.function(c.span, |v| c.visit_children_with(v));
    }
}

impl Reader<'_, '_> {
    /// `$({ target: "Array", proto: true }, { flat: function () {} })`, in which core-js writes what it adds.
    fn polyfill(&mut self, call: &CallExpr) {
        let [what, methods] = call.args.as_slice() else { return };
        let (Expr::Object(what), Expr::Object(methods)) = (&*what.expr, &*methods.expr) else { return };
        let told = |name: &str| values(what).find(|(key, _)| *key == name).map(|(_, value)| value);
        let target = match (told("target").and_then(literal), told("global")) {
            (Some(target), _) if told("proto").is_some() || told("stat").is_some() => Some(target),
            (None, Some(_)) => None,
            _ => return,
        };
        let range = self.parsed.range(call.span());
        for (key, _) in values(methods) {
            let names = [target, Some(key)].into_iter().flatten().map(kebab);
            let module = format!("es.{}", names.collect::<Vec<_>>().join("."));
            self.found.polyfills.push(Polyfill { range: range.clone(), module });
        }
    }
}

fn values(object: &ObjectLit) -> impl Iterator<Item = (&str, &Expr)> {
    object.props.iter().filter_map(|p| match p {
        PropOrSpread::Prop(p) => match &**p {
            Prop::KeyValue(KeyValueProp { key: PropName::Ident(key), value }) => Some((&*key.sym, &**value)),
            _ => None,
        },
        PropOrSpread::Spread(_) => None,
    })
}

/// As core-js calls its modules: `fromEntries` is `from-entries`, `JSON` is `json`.
fn kebab(name: &str) -> String {
    if name == "RegExp" {
        return "regexp".into();
    }
    let mut out = String::new();
    let mut small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && small {
            out.push('-');
        }
        small = !c.is_ascii_uppercase();
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn one(source: &str) -> u64 {
        let found = shapes(source).unwrap().functions;
        assert_eq!(found.first().map(|f| &source[f.range.clone()]), Some(source.trim_end()), "{source}");
        found[0].shape
    }

    const FILLER: &str = "const a='this text only makes the function as long as one that is worth a word, and as its neighbours are, too, in every one of these tests';\
        let b=[1,2,3,{key:a}];for(const c of b)console.log(c);";

    #[test]
    fn names_of_variables_do_not_count() {
        let body = |x: &str, y: &str| format!("function f({x},{y}){{{FILLER}return {x}.size+{y}.size*2}}");
        assert_eq!(one(&body("p", "q")), one(&body("first", "second")));
        assert_eq!(one(&body("p", "q")), one(&body("p", "q").replace("function f", "function another")));
    }

    #[test]
    fn all_else_counts() {
        let source = format!(
            "function f(p,q){{{FILLER}if(!p.size)return `a${{q}}`;return/x+/g.test(q)?p.size+q.length*2:-1;try{{p()}}catch{{q()}}for(;p;)q();class C{{static get x(){{}}}}}}"
        );
        let changes = [
            ("p.size+", "p.width+"),
            ("?p.size+q.length", "?q.size+p.length"),
            ("+q", "-q"),
            ("*2", "*3"),
            ("/x+/g", "/x+/i"),
            ("`a$", "`b$"),
            ("key:a", "kez:a"),
            ("const a", "var a"),
            ("!p", "~p"),
            ("1,2,3,", "1,2,"),
            ("function f", "async function f"),
            ("function f", "function*f"),
            ("try{p()}catch{q()}", "try{p()}finally{q()}"),
            ("for(;p;)q()", "for(p;;)q()"),
            ("static get x", "get x"),
            ("get x", "set x"),
        ];
        for (from, to) in changes {
            let other = source.replacen(from, to, 1);
            assert_ne!(one(&source), one(&other), "{from} {to}");
        }
    }

    #[test]
    fn outer_functions_come_first() {
        let inner = format!("function i(p){{{FILLER}return p}}");
        let source = format!("x=1;function o(){{{FILLER}{inner}return i}}y=2;class A{{m(){{{FILLER}}}}}");
        let found = shapes(&source).unwrap().functions;
        let texts: Vec<&str> = found.iter().map(|f| source[f.range.clone()].get(..7).unwrap()).collect();
        assert_eq!(texts, ["functio", "functio", "class A", "m(){con"]);
        assert!(found[0].range.end > found[1].range.end && source[found[1].range.clone()] == inner);
        assert_eq!(found[1].shape, one(&inner), "what is around it does not count");
    }

    #[test]
    fn what_core_js_adds() {
        let modules =
            |source: &str| -> Vec<String> { shapes(source).unwrap().polyfills.into_iter().map(|p| p.module).collect() };
        assert_eq!(modules("t({target:\"Array\",proto:!0},{flat:function(){return 1}})"), ["es.array.flat"]);
        assert_eq!(modules("t({target:'Object',stat:!0,forced:x},{fromEntries:e})"), ["es.object.from-entries"]);
        assert_eq!(modules("t({global:!0,forced:x},{globalThis:e})"), ["es.global-this"]);
        assert!(modules("t({target:'Object'},{fromEntries:e});t({target:'A',proto:1});t({},{a:1})").is_empty());
    }
}
