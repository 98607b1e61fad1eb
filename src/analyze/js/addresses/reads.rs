//! Where a script reads an address, and of what.

use super::super::calls::{callee_name, callee_object, is_choice, literal, member, member_name};
use super::super::literal::selects_scripts;
use swc_core::ecma::ast::*;

#[derive(Clone, Debug)]
pub enum Read {
    /// `x.src`, and of what.
    Source(Root),
    /// `x.href`, and of what.
    Link(Root),
    /// `error.stack`.
    Stack,
    /// What this variable holds.
    Var(Id),
}

/// What an element is, or a list of elements.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Root {
    Script,
    /// A frame, a `<base>`, an address that is an object: no image, script or sheet.
    Other,
    Var(Id),
    Unknown,
}

/// What `expr` hands on, as it is or cleaned.
pub fn of(expr: &Expr, found: &mut Vec<Read>) {
    match expr {
        Expr::Paren(e) => of(&e.expr, found),
        Expr::Cond(e) => {
            of(&e.cons, found);
            of(&e.alt, found);
        }
        Expr::Bin(e) if is_choice(e.op) => {
            of(&e.left, found);
            of(&e.right, found);
        }
        Expr::Seq(e) => e.exprs.last().into_iter().for_each(|e| of(e, found)),
        Expr::Assign(e) => of(&e.right, found),
        Expr::Ident(i) => found.push(Read::Var(i.to_id())),
        Expr::Call(CallExpr { callee: Callee::Expr(callee), args, .. }) => call(callee, args, found),
        Expr::OptChain(o) => match &*o.base {
            OptChainBase::Member(m) => read(m, found),
            OptChainBase::Call(c) => call(&c.callee, &c.args, found),
        },
        Expr::Member(m) => read(m, found),
        _ => {}
    }
}

fn read(m: &MemberExpr, found: &mut Vec<Read>) {
    match member_name(m) {
        // The attribute itself: `x.attributes.src.value`.
        Some("value" | "nodeValue") => of(&m.obj, found),
        Some("href") if callee_name(&m.obj).is_some_and(|name| name.ends_with("ocation")) => {}
        Some(name) => found.extend(named(name, root(&m.obj))),
        None => {}
    }
}

/// What an attribute or a property of this name is.
pub fn named(name: &str, root: Root) -> Option<Read> {
    match name {
        "src" | "currentSrc" | "data-src" => Some(Read::Source(root)),
        "href" => Some(Read::Link(root)),
        "stack" => Some(Read::Stack),
        _ => None,
    }
}

fn call(callee: &Expr, args: &[ExprOrSpread], found: &mut Vec<Read>) {
    let first = args.first().map(|a| &*a.expr);
    match (callee_name(callee), callee_object(callee), first) {
        (Some("getAttribute"), Some(object), Some(name)) => {
            found.extend(literal(name).and_then(|name| named(name, root(object))));
        }
        (Some("attr" | "prop" | "data"), Some(object), Some(name)) if args.len() == 1 => {
            found.extend(literal(name).and_then(|name| named(name, root(object))));
        }
        (Some("toString" | "toLowerCase" | "toUpperCase" | "trim" | "valueOf"), Some(object), _) => of(object, found),
        (Some("String" | "decodeURI" | "decodeURIComponent" | "unescape"), _, Some(value)) => of(value, found),
        _ => {}
    }
}

pub fn root(expr: &Expr) -> Root {
    match expr {
        Expr::Paren(e) => root(&e.expr),
        Expr::Ident(i) => Root::Var(i.to_id()),
        Expr::New(e) if callee_name(&e.callee) == Some("URL") => Root::Other,
        Expr::Bin(e) if is_choice(e.op) => {
            let (left, right) = (root(&e.left), root(&e.right));
            if left == right || e.op == BinaryOp::LogicalAnd { right } else { Root::Unknown }
        }
        Expr::Array(list) => match list.elems.as_slice() {
            [Some(ExprOrSpread { spread: Some(_), expr })] => root(expr),
            _ => Root::Unknown,
        },
        Expr::Call(CallExpr { callee: Callee::Expr(callee), args, .. }) => selected(callee, args),
        Expr::OptChain(o) => match &*o.base {
            OptChainBase::Call(c) => selected(&c.callee, &c.args),
            OptChainBase::Member(_) => member(expr).map_or(Root::Unknown, entry),
        },
        _ => member(expr).map_or(Root::Unknown, entry),
    }
}

/// `document.currentScript`, `list[i]`.
fn entry(m: &MemberExpr) -> Root {
    match (&m.prop, member_name(m)) {
        (_, Some("currentScript" | "scripts")) => Root::Script,
        (MemberProp::Computed(_), None) => root(&m.obj),
        _ => Root::Unknown,
    }
}

fn selected(callee: &Expr, args: &[ExprOrSpread]) -> Root {
    let first = args.first().map(|a| &*a.expr);
    let text = first.and_then(literal).unwrap_or_default();
    match (callee_name(callee), callee_object(callee)) {
        (Some("item" | "pop" | "first" | "last" | "eq" | "at" | "slice" | "filter"), Some(list)) => root(list),
        (Some("from"), _) => first.map_or(Root::Unknown, root),
        (
            Some(
                "$"
                | "jQuery"
                | "find"
                | "closest"
                | "children"
                | "createElement"
                | "getElementsByTagName"
                | "querySelector"
                | "querySelectorAll",
            ),
            _,
        ) => match text {
            "a" | "base" => Root::Other,
            text if text.ends_with("iframe") => Root::Other,
            text if !text.contains([',', '<']) && selects_scripts(text) => Root::Script,
            _ => Root::Unknown,
        },
        _ => Root::Unknown,
    }
}
