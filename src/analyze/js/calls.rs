//! The calls that take a URL, or that tell how a script treats the page; and how they are recognised.

use super::collect::{Collector, Role};
use super::literal::selects_scripts;
use super::writes::is_source;
use crate::model::RefKind;
use swc_core::ecma::ast::*;

impl Collector<'_, '_> {
    pub(super) fn call(&mut self, callee: &Expr, args: &[ExprOrSpread]) {
        self.climbing.call(callee, args);
        let first = args.first().and_then(|a| literal(&a.expr));
        match callee_name(callee) {
            Some("importScripts") => {
                for arg in args {
                    self.set(&arg.expr, Role::Url(RefKind::ClassicScript));
                }
            }
            Some("register") if callee_object(callee).is_some_and(|o| named(o, "serviceWorker")) => {
                self.first(args, Role::Url(RefKind::ServiceWorker));
            }
            Some("resolve")
                if callee_object(callee).is_some_and(is_import_meta)
                    && first.is_some_and(|s| s.starts_with(['.', '/'])) =>
            {
                self.first(args, Role::Url(RefKind::JsUrl));
            }
            Some("getElementsByTagName" | "querySelector" | "querySelectorAll") => {
                self.facts.introspects |= first.is_some_and(selects_scripts);
            }
            Some("setAttribute" | "attr" | "prop") => {
                self.facts.writes_src |= is_source(first);
            }
            Some("setAttributeNS") => {
                let name = args.get(1).and_then(|a| literal(&a.expr));
                self.facts.writes_src |= is_source(name);
            }
            _ => {}
        }
    }

    pub(super) fn first(&mut self, args: &[ExprOrSpread], role: Role) {
        if let Some(first) = args.first() {
            self.set(&first.expr, role);
        }
    }

    pub(super) fn worker(&mut self, url: &Expr, options: &[ExprOrSpread]) {
        match url {
            Expr::New(inner) if callee_name(&inner.callee) == Some("URL") => {
                self.first(inner.args.as_deref().unwrap_or_default(), Role::Worker(RefKind::JsUrl));
            }
            _ if options.first().is_some_and(|o| is_module_option(&o.expr)) => {
                self.set(url, Role::Worker(RefKind::ModuleWorker));
            }
            _ => self.set(url, Role::Worker(RefKind::Worker)),
        }
    }
}

/// Of `a + b + c`, from the first to the last.
pub fn operands(sum: &BinExpr) -> Vec<&Expr> {
    let mut all = vec![&*sum.right];
    let mut rest = &*sum.left;
    while let Expr::Bin(e) = rest
        && e.op == BinaryOp::Add
    {
        all.push(&e.right);
        rest = &e.left;
    }
    all.push(rest);
    all.reverse();
    all
}

/// The text of a string literal or of a template without substitutions.
pub fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Lit(Lit::Str(s)) => s.value.as_str(),
        Expr::Tpl(t) => template_text(t),
        Expr::Paren(p) => literal(&p.expr),
        _ => None,
    }
}

pub fn template_text(t: &Tpl) -> Option<&str> {
    match t.quasis.as_slice() {
        [only] if t.exprs.is_empty() => only.cooked.as_ref()?.as_str(),
        _ => None,
    }
}

/// `&&` and its like hand one of their operands on as it is.
pub fn is_choice(op: BinaryOp) -> bool {
    use BinaryOp::{LogicalAnd, LogicalOr, NullishCoalescing};
    matches!(op, LogicalAnd | LogicalOr | NullishCoalescing)
}

/// `b` of `a.b` and of `a["b"]`.
pub fn member_name(e: &MemberExpr) -> Option<&str> {
    match &e.prop {
        MemberProp::Ident(i) => Some(&i.sym),
        MemberProp::Computed(c) => literal(&c.expr),
        MemberProp::PrivateName(_) => None,
    }
}

/// The member that `a.b` or `a?.b` reads.
pub fn member(expr: &Expr) -> Option<&MemberExpr> {
    match expr {
        Expr::Member(m) => Some(m),
        Expr::Paren(p) => member(&p.expr),
        Expr::OptChain(o) => match &*o.base {
            OptChainBase::Member(m) => Some(m),
            OptChainBase::Call(_) => None,
        },
        _ => None,
    }
}

/// `name`, or anything that ends in `.name`.
pub fn named(expr: &Expr, name: &str) -> bool {
    callee_name(expr) == Some(name)
}

pub fn callee_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Ident(i) => Some(&i.sym),
        Expr::Paren(p) => callee_name(&p.expr),
        _ => member_name(member(expr)?),
    }
}

pub fn callee_object(expr: &Expr) -> Option<&Expr> {
    member(expr).map(|m| &*m.obj)
}

pub fn is_import_meta(expr: &Expr) -> bool {
    matches!(expr, Expr::MetaProp(m) if m.kind == MetaPropKind::ImportMeta)
}

pub fn is_own_url(expr: &Expr) -> bool {
    matches!(expr, Expr::Member(m) if member_name(m) == Some("url") && is_import_meta(&m.obj))
}

fn is_module_option(expr: &Expr) -> bool {
    let Expr::Object(object) = expr else {
        return false;
    };
    object.props.iter().any(|p| match p {
        PropOrSpread::Prop(p) => match &**p {
            Prop::KeyValue(kv) => {
                let key = match &kv.key {
                    PropName::Ident(i) => Some(&*i.sym),
                    PropName::Str(s) => s.value.as_str(),
                    _ => None,
                };
                key == Some("type") && literal(&kv.value) == Some("module")
            }
            _ => false,
        },
        PropOrSpread::Spread(_) => false,
    })
}
