//! What calls do.

use super::judge::{Judge, This, strip};
use super::names::Init;
use super::places::{Value, class_accessors};
use super::{Name, globals};
use crate::analyze::js::calls::member_name;
use swc_core::common::BytePos;
use swc_core::ecma::ast::*;

impl<'a> Judge<'a, '_> {
    pub(super) fn call(&mut self, callee: &'a Expr, args: &'a [ExprOrSpread], at: BytePos) {
        args.iter().for_each(|a| self.argument(a));
        if self.is_done() || (self.is_marked(at, "PURE") && !calls_first(callee)) {
            return;
        }
        let callee = strip(callee);
        match callee {
            Expr::Member(m) => {
                if !self.method(m, args) {
                    self.member(m);
                    self.invoke(callee, This::Unknown);
                }
            }
            _ => {
                self.expr(callee);
                self.invoke(callee, This::Unknown);
            }
        }
    }

    pub(super) fn construct(&mut self, n: &'a NewExpr) {
        let args = n.args.as_deref().unwrap_or_default();
        args.iter().for_each(|a| self.argument(a));
        if self.is_marked(n.span.lo, "PURE") {
            return;
        }
        let callee = strip(&n.callee);
        self.expr(callee);
        if let Value::Global(path) = self.value(callee) {
            let known = matches!(path.as_slice(), [name] if globals::is_pure_constructor(name));
            // A collection runs through what it is given.
            let given = args.first().filter(|_| matches!(path.as_slice(), [name] if globals::is_collection(name)));
            let sized = args.iter().all(|a| matches!(*a.expr, Expr::Lit(_)));
            let array = sized && path.as_slice() == ["Array"];
            if !known && !array {
                self.always();
            }
            if let Some(given) = given.filter(|g| !is_nothing(&g.expr)) {
                self.iterate(&given.expr);
            }
            return;
        }
        self.invoke(callee, This::Made(None));
    }

    /// Runs what `callee` stands for.
    fn invoke(&mut self, callee: &'a Expr, this: This<'a>) {
        if self.is_done() {
            return;
        }
        let new = matches!(this, This::Made(_));
        // Functions of the top level are judged by themselves, once.
        if let Expr::Ident(i) = callee
            && !self.names.is_global(i)
            && let Some(binding) = self.names.top.get(&i.to_id()).copied()
        {
            return match self.init(i) {
                Ok(Init::Other) => self.always(),
                _ => self.calls(Name { binding, member: None }, new),
            };
        }
        if let Expr::Fn(FnExpr { ident: Some(own), function }) = callee {
            self.locals.insert(own.to_id(), Init::Function(function));
        }
        match self.value(callee) {
            Value::Function(f) => self.function(f, this),
            Value::Arrow(a) if !new => self.arrow(a),
            Value::Class(c) if new => self.make(c),
            Value::Name(name) => self.calls(name, new),
            Value::Global(path) if !new && globals::is_pure_function(&path) => {}
            _ => self.always(),
        }
    }

    /// Methods that are known by the object they are called on.
    fn method(&mut self, m: &'a MemberExpr, args: &'a [ExprOrSpread]) -> bool {
        let Some(name) = member_name(m) else { return false };
        let object = strip(&m.obj);
        match self.value(object) {
            Value::Function(_) | Value::Arrow(_) if name == "bind" => self.expr(object),
            Value::Literal if globals::is_pure_method(name) => self.expr(object),
            Value::Array | Value::Made if globals::is_pure_method(name) => self.expr(object),
            Value::Array | Value::Made if globals::is_changing_method(name) => {
                self.expr(object);
                self.touch(object, None);
            }
            Value::Array if globals::is_calling_method(name) => {
                self.expr(object);
                match args.first() {
                    Some(f) if f.spread.is_none() => self.invoke(strip(&f.expr), This::Unknown),
                    _ => self.always(),
                }
            }
            // It remembers where it stopped.
            Value::Made if matches!(name, "test" | "exec") => {
                self.expr(object);
                self.touch(object, None);
            }
            _ => return false,
        }
        true
    }

    pub(super) fn function(&mut self, f: &'a Function, this: This<'a>) {
        if f.is_async || f.is_generator {
            return self.always();
        }
        self.enter(f.span.lo, this, |j| {
            f.params.iter().for_each(|p| j.parameter(&p.pat));
            f.body.iter().for_each(|b| j.block(&b.stmts));
        });
    }

    pub(super) fn arrow(&mut self, a: &'a ArrowExpr) {
        if a.is_async || a.is_generator {
            return self.always();
        }
        let this = self.this;
        self.enter(a.span.lo, this, |j| {
            a.params.iter().for_each(|p| j.parameter(p));
            match &*a.body {
                ArrowFunctionBody::FunctionBody(b) => j.block(&b.stmts),
                ArrowFunctionBody::Expr(e) => j.expr(e),
            }
        });
    }

    fn parameter(&mut self, pattern: &'a Pat) {
        match pattern {
            Pat::Ident(_) => {}
            Pat::Assign(a) if matches!(*a.left, Pat::Ident(_)) => self.expr(&a.right),
            Pat::Rest(r) if matches!(*r.arg, Pat::Ident(_)) => {}
            _ => self.always(),
        }
    }

    /// `new` of a class.
    pub(super) fn make(&mut self, c: &'a Class) {
        self.enter(c.span.lo, This::Made(Some(c)), |j| {
            let constructor = c.body.iter().find_map(|m| match m {
                ClassMember::Constructor(c) => Some(c),
                _ => None,
            });
            for member in &c.body {
                match member {
                    ClassMember::ClassProp(p) if !p.is_static => j.value_of_field(p.value.as_deref()),
                    ClassMember::PrivateProp(p) if !p.is_static => j.value_of_field(p.value.as_deref()),
                    _ => {}
                }
            }
            match constructor {
                Some(f) => {
                    for param in &f.params {
                        match param {
                            ParamOrTsParamProp::Param(p) => j.parameter(&p.pat),
                            ParamOrTsParamProp::TsParamProp(_) => j.always(),
                        }
                    }
                    f.body.iter().for_each(|b| j.block(&b.stmts));
                }
                None if c.super_class.is_some() => j.super_call(),
                None => {}
            }
        });
    }

    fn value_of_field(&mut self, value: Option<&'a Expr>) {
        value.into_iter().for_each(|v| self.expr(v));
    }

    pub(super) fn super_call(&mut self) {
        let This::Made(Some(c @ Class { super_class: Some(parent), .. })) = self.this else { return self.always() };
        // The parent may set what this class has a setter for.
        if !class_accessors(c).is_empty() {
            return self.always();
        }
        let parent = strip(parent);
        match self.value(parent) {
            Value::Global(path) if matches!(path.as_slice(), [name] if globals::is_pure_constructor(name) || *name == "Array") =>
                {}
            Value::Global(_) => self.always(),
            _ => self.invoke(parent, This::Made(None)),
        }
    }

    /// Defines a class: what stands in its body runs, but for methods and fields of its objects.
    pub(super) fn class(&mut self, c: &'a Class, name: Option<u32>) {
        if !c.decorators.is_empty() {
            return self.always();
        }
        c.super_class.iter().for_each(|parent| self.expr(parent));
        self.within(This::Defined(c, name), |j| {
            for member in &c.body {
                match member {
                    ClassMember::Constructor(_) | ClassMember::PrivateMethod(_) | ClassMember::Empty(_) => {}
                    ClassMember::Method(m) if m.function.decorators.is_empty() => j.key(&m.key),
                    ClassMember::ClassProp(p) if p.decorators.is_empty() => {
                        j.key(&p.key);
                        if p.is_static {
                            j.value_of_field(p.value.as_deref());
                        }
                    }
                    ClassMember::PrivateProp(p) if p.decorators.is_empty() => {
                        if p.is_static {
                            j.value_of_field(p.value.as_deref());
                        }
                    }
                    ClassMember::StaticBlock(b) => j.block(&b.body.stmts),
                    _ => j.always(),
                }
            }
        });
    }
}

fn is_nothing(e: &Expr) -> bool {
    matches!(strip(e), Expr::Lit(Lit::Null(_))) || matches!(strip(e), Expr::Ident(i) if &*i.sym == "undefined")
}

/// A mark in front of `a()()` or `a().b()` belongs to the first of the calls, not to this one.
fn calls_first(callee: &Expr) -> bool {
    let mut left = callee;
    loop {
        left = match left {
            Expr::Member(m) => &m.obj,
            Expr::OptChain(o) => match &*o.base {
                OptChainBase::Member(m) => &m.obj,
                OptChainBase::Call(_) => return true,
            },
            Expr::TaggedTpl(_) | Expr::Call(_) => return true,
            _ => return false,
        };
    }
}
