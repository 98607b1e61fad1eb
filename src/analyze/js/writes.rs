//! Writes to `src` and `srcset`, and the values of every name: enough to tell whether a page's image can be hit.

mod walk;

use super::calls::{callee_name, callee_object, is_choice, literal, member_name};
use super::origins::{By, Origin, Origins, This};
use swc_core::common::Mark;
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::VisitWith;

/// Whether the script may set `src` or `srcset` on something that it did not make itself.
pub fn may_hit_the_page(program: &Program) -> bool {
    let unresolved = Mark::new();
    let mut program = program.clone();
    program.mutate(&mut resolver(unresolved, Mark::new(), false));
    let found = Origins { unresolved, ..Origins::default() };
    let mut walk = Walk { found, this: This::Loose };
    program.visit_with(&mut walk);
    walk.found.may_hit_the_page()
}

pub fn is_source(name: Option<&str>) -> bool {
    matches!(name, Some("src" | "srcset"))
}

struct Walk {
    found: Origins,
    this: This,
}

impl Walk {
    fn origins(&self, expr: &Expr) -> Vec<Origin> {
        let mut all = Vec::new();
        self.add(expr, &mut all);
        all
    }

    fn add(&self, expr: &Expr, all: &mut Vec<Origin>) {
        match expr {
            Expr::Paren(e) => self.add(&e.expr, all),
            Expr::Cond(e) => {
                self.add(&e.cons, all);
                self.add(&e.alt, all);
            }
            Expr::Bin(e) if is_choice(e.op) => {
                // What `&&` hands on from its left is falsy: no element.
                if e.op != BinaryOp::LogicalAnd {
                    self.add(&e.left, all);
                }
                self.add(&e.right, all);
            }
            Expr::Seq(e) => e.exprs.iter().next_back().into_iter().for_each(|e| self.add(e, all)),
            Expr::Assign(e) => match (&e.left, e.op) {
                (AssignTarget::Simple(SimpleAssignTarget::Ident(i)), _) => all.push(Origin::Var(i.to_id())),
                (AssignTarget::Simple(SimpleAssignTarget::Member(m)), _) => all.push(self.read(m)),
                (_, AssignOp::Assign) => self.add(&e.right, all),
                _ => all.push(Origin::Unknown),
            },
            Expr::OptChain(e) => match &*e.base {
                OptChainBase::Member(m) => all.push(self.read(m)),
                OptChainBase::Call(c) => all.push(called(&c.callee)),
            },
            _ => all.push(self.origin(expr)),
        }
    }

    fn origin(&self, expr: &Expr) -> Origin {
        match expr {
            Expr::Ident(i) => Origin::Var(i.to_id()),
            Expr::Member(m) => self.read(m),
            Expr::This(_) => Origin::This(self.this.clone()),
            Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) if is_math(callee) => Origin::Harmless,
            Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) => called(callee),
            Expr::New(e) if matches!(callee_name(&e.callee), Some("Image" | "Audio")) => Origin::Created,
            Expr::Object(_) => Origin::Created,
            Expr::Lit(_) | Expr::Tpl(_) | Expr::Array(_) | Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) => {
                Origin::Harmless
            }
            Expr::Bin(_) | Expr::Unary(_) | Expr::Update(_) => Origin::Harmless,
            _ => Origin::Unknown,
        }
    }

    fn read(&self, m: &MemberExpr) -> Origin {
        match property(m) {
            Some(name) => Origin::Member(self.origins(&m.obj), name),
            None => Origin::Unknown,
        }
    }

    fn var(&mut self, id: Id, values: Vec<Origin>) {
        self.found.vars.entry(id).or_default().extend(values);
    }

    /// `const {name, name: other, name = value} = from`.
    fn destructure(&mut self, pattern: &ObjectPat, from: &[Origin]) {
        for prop in &pattern.props {
            match prop {
                ObjectPatProp::Assign(p) => {
                    let mut values = vec![Origin::Member(from.to_vec(), p.key.sym.to_string())];
                    if let Some(default) = &p.value {
                        self.add(default, &mut values);
                        default.visit_with(self);
                    }
                    self.var(p.key.to_id(), values);
                }
                ObjectPatProp::KeyValue(KeyValuePatProp { key, value }) => match (key_name(key), &**value) {
                    (Some(name), Pat::Ident(i)) => self.var(i.to_id(), vec![Origin::Member(from.to_vec(), name)]),
                    _ => prop.visit_with(self),
                },
                ObjectPatProp::Rest(_) => prop.visit_with(self),
            }
        }
    }

    fn prop(&mut self, name: String, by: By, values: Vec<Origin>) {
        self.found.props.entry(name).or_default().extend(values.into_iter().map(|v| (by, v)));
    }

    fn class(&self, object: &Expr) -> Option<usize> {
        match (object, &self.this) {
            (Expr::Paren(p), _) => self.class(&p.expr),
            (Expr::This(_), This::Class(class)) => Some(*class),
            _ => None,
        }
    }

    fn written(&mut self, object: &Expr) {
        let origins = self.origins(object);
        self.found.written.push(origins);
    }

    /// `m = value`.
    fn store(&mut self, m: &MemberExpr, values: Vec<Origin>) {
        match property(m) {
            Some(name) => {
                if is_source(Some(&name)) {
                    self.written(&m.obj);
                }
                let by = self.class(&m.obj).map_or(By::Store, By::Class);
                self.prop(name, by, values);
            }
            // Never read by a name.
            None if matches!(&m.prop, MemberProp::Computed(c) if matches!(&*c.expr, Expr::Lit(Lit::Num(_)))) => {}
            None => self.dynamic(&m.obj, values),
        }
    }

    fn dynamic(&mut self, object: &Expr, values: Vec<Origin>) {
        if matches!(object, Expr::Member(m) if matches!(member_name(m), Some("style" | "dataset"))) {
            return;
        }
        if let Some(class) = self.class(object) {
            self.found.open_classes.insert(class);
            return;
        }
        let target = self.origins(object);
        self.found.dynamic.push((target, values));
    }

    fn call(&mut self, callee: &Expr, args: &[ExprOrSpread]) {
        let text = |at: usize| args.get(at).and_then(|a: &ExprOrSpread| literal(&a.expr));
        let Some(name) = callee_name(callee) else { return };
        let sets = match name {
            "setAttribute" | "attr" | "prop" => is_source(text(0)),
            "setAttributeNS" => is_source(text(1)),
            _ => false,
        };
        if sets {
            match callee_object(callee) {
                Some(object) => self.written(object),
                None => self.found.written.push(vec![Origin::Unknown]),
            }
        }
        let name = name.trim_matches(['_', '$']).to_ascii_lowercase();
        match (name.as_str(), text(1)) {
            ("defineproperty", Some(key)) => self.prop(key.to_owned(), By::Store, vec![Origin::Unknown]),
            (
                "defineproperty" | "defineproperties" | "setprototypeof" | "assign" | "objectassign" | "assignin"
                | "extend" | "extends" | "merge" | "mixin" | "defaults" | "objectspread" | "objectspread2",
                _,
            ) => {
                if let Some(arg) = args.first() {
                    self.dynamic(&arg.expr, vec![Origin::Unknown]);
                }
            }
            _ => {}
        }
    }

    fn within(&mut self, this: This, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.this, this);
        visit(self);
        self.this = outer;
    }

    /// The value of something that decides what `this` is in it, if it is a function.
    fn value(&mut self, expr: &Expr, this: This) {
        match expr {
            Expr::Fn(f) => self.within(this, |w| f.function.visit_children_with(w)),
            Expr::Paren(p) => self.value(&p.expr, this),
            _ => expr.visit_with(self),
        }
    }

    fn prototype(&mut self, object: &ObjectLit) {
        for prop in &object.props {
            self.literal_prop(prop);
            match prop {
                PropOrSpread::Prop(p) => match &**p {
                    Prop::KeyValue(kv) => self.value(&kv.value, This::Prototype),
                    Prop::Method(m) => self.within(This::Prototype, |w| m.function.visit_children_with(w)),
                    _ => p.visit_with(self),
                },
                PropOrSpread::Spread(_) => prop.visit_with(self),
            }
        }
    }

    fn literal_prop(&mut self, prop: &PropOrSpread) {
        let PropOrSpread::Prop(prop) = prop else {
            self.found.spread = true;
            return;
        };
        let (key, values) = match &**prop {
            Prop::Shorthand(i) => return self.prop(i.sym.to_string(), By::Literal, vec![Origin::Var(i.to_id())]),
            Prop::KeyValue(kv) => (&kv.key, self.origins(&kv.value)),
            Prop::Getter(g) => (&g.key, vec![Origin::Unknown]),
            Prop::Method(m) => (&m.key, vec![Origin::Harmless]),
            Prop::Setter(_) | Prop::Assign(_) => return,
        };
        match key_name(key) {
            Some(name) => self.prop(name, By::Literal, values),
            None if matches!(key, PropName::Computed(_)) => {
                self.found.dynamic.push((vec![Origin::Created], values));
            }
            None => {}
        }
    }

    fn member(&mut self, name: Option<String>, values: Vec<Origin>) {
        let This::Class(class) = self.this else { return };
        match name {
            Some(name) => self.prop(name, By::Class(class), values),
            None => {
                self.found.open_classes.insert(class);
            }
        }
    }

    fn method(&mut self, name: Option<String>, kind: MethodKind, function: &Function) {
        match kind {
            MethodKind::Getter => self.member(name, vec![Origin::Unknown]),
            MethodKind::Method if name.is_some() => self.member(name, vec![Origin::Harmless]),
            _ => {}
        }
        function.visit_children_with(self);
    }

    fn name_class(&mut self, name: &Ident) {
        self.found.class_names.insert(name.to_id(), self.found.supers.len());
    }
}

fn called(callee: &Expr) -> Origin {
    let name = callee_name(callee).unwrap_or_default().trim_start_matches(['_', '$']);
    match name.to_ascii_lowercase().starts_with("createelement") {
        true => Origin::Created,
        false => Origin::Unknown,
    }
}

/// `Math.round` and the like: they give numbers.
fn is_math(callee: &Expr) -> bool {
    matches!(callee_object(callee), Some(Expr::Ident(i)) if &*i.sym == "Math")
}

fn property(m: &MemberExpr) -> Option<String> {
    match &m.prop {
        MemberProp::PrivateName(p) => Some(format!("#{}", p.name)),
        _ => member_name(m).map(str::to_owned),
    }
}

pub(super) fn key_name(key: &PropName) -> Option<String> {
    match key {
        PropName::Ident(i) => Some(i.sym.to_string()),
        PropName::Str(s) => s.value.as_str().map(str::to_owned),
        PropName::Computed(c) => literal(&c.expr).map(str::to_owned),
        _ => None,
    }
}

/// `x.prototype`.
fn is_prototype(expr: &Expr) -> bool {
    matches!(expr, Expr::Member(m) if member_name(m) == Some("prototype"))
}
