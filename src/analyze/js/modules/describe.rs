//! What is known of a module's names and values besides where they stand.

use super::items::Builder;
use super::judge::{Judge, This, strip};
use super::names::Init;
use super::places::Value;
use super::{Binding, Name};
use swc_core::common::Span;
use swc_core::ecma::ast::*;

impl<'a> Builder<'a, '_> {
    /// What others can know of the names declared here.
    pub fn describe(&mut self) {
        let mut described = Vec::new();
        for (binding, id, init, span) in &self.inits {
            if id.as_ref().is_some_and(|id| !self.names.is_steady(id)) {
                continue;
            }
            let judge = |root: Span| Judge::new(&self.names, &self.parsed.comments, root, false);
            let marked = judge(*span).is_marked(span.lo, "NO_SIDE_EFFECTS");
            let function = |this: This<'a>, f: &'a Function| {
                let mut judge = judge(f.span);
                if !marked {
                    judge.function(f, this);
                }
                judge.work()
            };
            let made = |c: &'a Class| {
                let mut judge = judge(c.span);
                judge.make(c);
                judge.work()
            };
            let mut alias = None;
            let (call, construct) = match *init {
                Init::Function(f) => (Some(function(This::Unknown, f)), Some(function(This::Made(None), f))),
                Init::Class(c) => (None, Some(made(c))),
                Init::Expr(e) => match (strip(e), judge(*span).value(e)) {
                    (Expr::Fn(_), Value::Function(f)) => {
                        (Some(function(This::Unknown, f)), Some(function(This::Made(None), f)))
                    }
                    (Expr::Class(_), Value::Class(c)) => (None, Some(made(c))),
                    (Expr::Arrow(_), Value::Arrow(a)) => {
                        let mut judge = judge(a.span);
                        if !marked {
                            judge.arrow(a);
                        }
                        (Some(judge.work()), None)
                    }
                    (_, Value::Name(name)) => {
                        alias = Some(name);
                        (None, None)
                    }
                    (Expr::Ident(i), _) if !self.names.changes(&i.to_id()) => {
                        alias = self.names.top.get(&i.to_id()).map(|b| Name { binding: *b, member: None });
                        (None, None)
                    }
                    _ => (None, None),
                },
                Init::Other => (None, None),
            };
            described.push((*binding, alias, judge(*span).plain(*init), call, construct));
        }
        for (binding, alias, object, call, construct) in described {
            if let Some(b) = self.module.bindings.get_mut(binding as usize) {
                *b = Binding { alias, object, call, construct, ..std::mem::take(b) };
            }
        }
        for (index, b) in self.module.bindings.iter_mut().enumerate() {
            b.lexical = self.lexical.contains(&(index as u32));
        }
    }

    /// When it is evaluated makes no difference: it depends on nothing that changes.
    pub fn is_settled(&self, e: &'a Expr) -> bool {
        match strip(e) {
            Expr::Lit(_) | Expr::Fn(_) | Expr::Arrow(_) => true,
            Expr::Class(c) => is_settled_class(&c.class),
            Expr::Ident(i) => match self.names.top.get(&i.to_id()) {
                Some(binding) => !self.names.imports.contains(binding) && !self.names.changes(&i.to_id()),
                None => self.names.is_global(i),
            },
            Expr::Array(a) => {
                a.elems.iter().flatten().all(|e| e.spread.is_none() && matches!(*e.expr, Expr::Lit(_) | Expr::Unary(_)))
            }
            Expr::Unary(u) if u.op != UnaryOp::Delete => self.is_settled(&u.arg),
            Expr::Member(m) => {
                let judge = Judge::new(&self.names, &self.parsed.comments, m.span, true);
                matches!(judge.value(&m.obj), Value::Global(path) if path == ["Math"])
            }
            _ => false,
        }
    }
}

pub fn is_settled_class(c: &Class) -> bool {
    let parent = c.super_class.as_deref().is_none_or(|p| matches!(p, Expr::Ident(_)));
    parent
        && c.body.iter().all(|m| match m {
            ClassMember::Constructor(_) | ClassMember::PrivateMethod(_) | ClassMember::Empty(_) => true,
            ClassMember::Method(m) => !matches!(m.key, PropName::Computed(_)),
            ClassMember::ClassProp(p) => !p.is_static && !matches!(p.key, PropName::Computed(_)),
            ClassMember::PrivateProp(p) => !p.is_static,
            _ => false,
        })
}
