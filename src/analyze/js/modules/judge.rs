//! What evaluating an expression does besides giving a value.

use super::globals;
use super::names::{Init, Names};
use super::places::Value;
use super::{Call, Name, Read, Work};
use crate::analyze::js::calls::{is_import_meta, member_name};
use std::collections::{BTreeSet, HashMap, HashSet};
use swc_core::common::comments::{Comments, SingleThreadedComments};
use swc_core::common::{BytePos, Span};
use swc_core::ecma::ast::*;

pub struct Judge<'a, 'n> {
    pub names: &'n Names<'a>,
    pub(super) comments: &'n SingleThreadedComments,
    /// The text that is evaluated. What is declared in it is its own.
    root: Span,
    /// It is a part of the module's evaluation, not of a later call.
    at_once: bool,
    /// What names that are not of the top level hold, as far as the walk has come.
    pub(super) locals: HashMap<Id, Init<'a>>,
    pub(super) this: This<'a>,
    /// Functions whose work is counted already.
    walked: HashSet<(BytePos, bool)>,
    /// Calls that are followed, one in the other.
    depth: u32,
    always: bool,
    calls: BTreeSet<Call>,
    touches: BTreeSet<Name>,
    reads: BTreeSet<Read>,
    early: BTreeSet<u32>,
}

#[derive(Clone, Copy)]
pub enum This<'a> {
    Unknown,
    /// An object that is being made.
    Made(Option<&'a Class>),
    /// The class that is being defined, and its name.
    Defined(&'a Class, Option<u32>),
}

const DEEPEST: u32 = 40;

impl<'a, 'n> Judge<'a, 'n> {
    pub fn new(names: &'n Names<'a>, comments: &'n SingleThreadedComments, root: Span, at_once: bool) -> Self {
        Self {
            names,
            comments,
            root,
            at_once,
            locals: HashMap::new(),
            this: This::Unknown,
            walked: HashSet::new(),
            depth: 0,
            always: false,
            calls: BTreeSet::new(),
            touches: BTreeSet::new(),
            reads: BTreeSet::new(),
            early: BTreeSet::new(),
        }
    }

    pub fn work(self) -> Work {
        if self.always {
            return Work { always: true, ..Work::default() };
        }
        Work {
            always: false,
            calls: self.calls.into_iter().collect(),
            touches: self.touches.into_iter().collect(),
            reads: self.reads.into_iter().collect(),
            early: self.early.into_iter().collect(),
        }
    }

    pub(super) fn always(&mut self) {
        self.always = true;
    }

    pub(super) fn is_done(&self) -> bool {
        self.always
    }

    pub(super) fn calls(&mut self, name: Name, new: bool) {
        self.calls.insert(Call { name, new });
    }

    pub(super) fn touches(&mut self, name: Name) {
        self.touches.insert(name);
    }

    pub(super) fn reads(&mut self, name: Name, key: Option<&str>) {
        self.reads.insert(Read { name, key: key.map(str::to_owned) });
    }

    /// Whether a name that is not of the top level belongs to what is evaluated.
    pub(super) fn is_own(&self, id: &Id) -> bool {
        self.names.declared_at(id).is_some_and(|at| self.root.lo <= at && at < self.root.hi)
    }

    /// Goes into a function that is called now. Each is walked once: what it does adds up.
    pub(super) fn enter(&mut self, at: BytePos, this: This<'a>, walk: impl FnOnce(&mut Self)) {
        let made = !matches!(this, This::Unknown);
        if self.always || !self.walked.insert((at, made)) {
            return;
        }
        if self.depth >= DEEPEST {
            return self.always();
        }
        let outer = std::mem::replace(&mut self.this, this);
        self.depth += 1;
        walk(self);
        self.depth -= 1;
        self.this = outer;
    }

    /// The same `this` for something that is evaluated in place.
    pub(super) fn within(&mut self, this: This<'a>, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.this, this);
        walk(self);
        self.this = outer;
    }

    fn exprs(&mut self, all: &'a [Box<Expr>]) {
        all.iter().for_each(|e| self.expr(e));
    }

    pub fn expr(&mut self, e: &'a Expr) {
        if self.always {
            return;
        }
        match e {
            Expr::This(_) | Expr::Lit(_) | Expr::Fn(_) | Expr::Arrow(_) | Expr::MetaProp(_) => {}
            Expr::Paren(e) => self.expr(&e.expr),
            Expr::Ident(i) => self.ident(i),
            Expr::Array(a) => a.elems.iter().flatten().for_each(|e| self.argument(e)),
            Expr::Object(o) => self.object(o),
            Expr::Tpl(t) => self.exprs(&t.exprs),
            Expr::Unary(u) => self.unary(u),
            Expr::Update(u) => self.set(strip(&u.arg)),
            Expr::Bin(b) => {
                self.binary_operand(b);
                self.expr(&b.right);
            }
            Expr::Cond(c) => {
                self.expr(&c.test);
                self.expr(&c.cons);
                self.expr(&c.alt);
            }
            Expr::Seq(s) => self.exprs(&s.exprs),
            Expr::Assign(a) => self.assign(a),
            Expr::Member(m) => self.member(m),
            Expr::OptChain(o) => match &*o.base {
                // What is not there is not read.
                OptChainBase::Member(m) => self.member(m),
                OptChainBase::Call(c) => self.call(&c.callee, &c.args, c.span.lo),
            },
            Expr::Call(c) => match &c.callee {
                Callee::Expr(callee) => self.call(callee, &c.args, c.span.lo),
                Callee::Super(_) => {
                    c.args.iter().for_each(|a| self.argument(a));
                    self.super_call();
                }
                Callee::Import(_) => self.always(),
            },
            Expr::New(n) => self.construct(n),
            Expr::Class(c) => self.class(&c.class, None),
            _ => self.always(),
        }
    }

    /// `a + b + c + …` leans to the left: no recursion for each operator.
    fn binary_operand(&mut self, b: &'a BinExpr) {
        let mut left = &*b.left;
        while let Expr::Bin(inner) = left {
            self.expr(&inner.right);
            left = &inner.left;
        }
        self.expr(left);
    }

    fn ident(&mut self, i: &Ident) {
        if self.names.is_global(i) {
            if !globals::is_known(&i.sym) && &*i.sym != "arguments" {
                self.always();
            }
            return;
        }
        let id = i.to_id();
        let Some(binding) = self.names.top.get(&id).copied() else { return };
        if !self.at_once {
            return;
        }
        if self.names.imports.contains(&binding) {
            self.early.insert(binding);
            return;
        }
        // Before its declaration a name may throw.
        if self.depth == 0 && self.names.declared_at(&id).is_some_and(|at| at > i.span.lo) {
            let hoisted = matches!(self.names.values.get(&id), Some(Init::Function(_)) | None);
            if !hoisted {
                self.always();
            }
        }
    }

    pub(super) fn argument(&mut self, a: &'a ExprOrSpread) {
        self.expr(&a.expr);
        if a.spread.is_some() {
            self.iterate(&a.expr);
        }
    }

    /// Running through it may run code.
    pub(super) fn iterate(&mut self, e: &'a Expr) {
        if !matches!(self.value(e), Value::Array | Value::Literal) {
            self.always();
        }
    }

    fn object(&mut self, o: &'a ObjectLit) {
        for prop in &o.props {
            match prop {
                PropOrSpread::Spread(s) => {
                    self.expr(&s.expr);
                    self.read(&s.expr, None);
                }
                PropOrSpread::Prop(p) => match &**p {
                    Prop::Shorthand(i) => self.ident(i),
                    Prop::KeyValue(kv) => {
                        self.key(&kv.key);
                        self.expr(&kv.value);
                    }
                    Prop::Getter(g) => self.key(&g.key),
                    Prop::Setter(s) => self.key(&s.key),
                    Prop::Method(m) => self.key(&m.key),
                    Prop::Assign(_) => self.always(),
                },
            }
        }
    }

    pub(super) fn key(&mut self, key: &'a PropName) {
        if let PropName::Computed(c) = key {
            self.expr(&c.expr);
        }
    }

    fn unary(&mut self, u: &'a UnaryExpr) {
        match (u.op, strip(&u.arg)) {
            // It asks even for names that are not there.
            (UnaryOp::TypeOf, Expr::Ident(i)) if self.names.is_global(i) => {}
            (UnaryOp::Delete, Expr::Member(_)) => self.set(strip(&u.arg)),
            (UnaryOp::Delete, _) => self.always(),
            _ => self.expr(&u.arg),
        }
    }

    pub(super) fn member(&mut self, m: &'a MemberExpr) {
        if is_import_meta(&m.obj) {
            return;
        }
        self.expr(&m.obj);
        if let MemberProp::Computed(c) = &m.prop {
            self.expr(&c.expr);
        }
        self.read(&m.obj, member_name(m));
    }

    fn assign(&mut self, a: &'a AssignExpr) {
        self.expr(&a.right);
        match &a.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(i)) => {
                if a.op != AssignOp::Assign {
                    self.ident(&i.id);
                }
                self.set_name(&i.id);
            }
            AssignTarget::Simple(SimpleAssignTarget::Member(m)) => {
                self.set_member(m);
                if a.op != AssignOp::Assign {
                    self.read(&m.obj, member_name(m));
                }
            }
            AssignTarget::Simple(SimpleAssignTarget::Paren(p)) => self.set(strip(&p.expr)),
            AssignTarget::Simple(_) | AssignTarget::Pat(_) => self.always(),
        }
    }

    /// `x++`, `delete x.y`: whatever is there changes.
    fn set(&mut self, target: &'a Expr) {
        match target {
            Expr::Ident(i) => {
                self.ident(i);
                self.set_name(i);
            }
            Expr::Member(m) => {
                self.set_member(m);
                self.read(&m.obj, member_name(m));
            }
            _ => self.always(),
        }
    }

    fn set_name(&mut self, i: &Ident) {
        let id = i.to_id();
        match self.names.top.get(&id) {
            Some(binding) => self.touches(Name { binding: *binding, member: None }),
            None if self.names.is_global(i) || !self.is_own(&id) => self.always(),
            None => {}
        }
    }

    fn set_member(&mut self, m: &'a MemberExpr) {
        self.expr(&m.obj);
        if let MemberProp::Computed(c) = &m.prop {
            self.expr(&c.expr);
        }
        self.touch(&m.obj, member_name(m));
    }

    pub(super) fn is_marked(&self, at: BytePos, mark: &str) -> bool {
        self.comments.has_flag(at, mark)
    }
}

pub fn strip(mut e: &Expr) -> &Expr {
    while let Expr::Paren(p) = e {
        e = &p.expr;
    }
    e
}
