//! What an expression stands for, and what reading or writing its properties may run.

use super::judge::{Judge, This, strip};
use super::names::Init;
use super::{Name, Plain, globals};
use crate::analyze::js::calls::member_name;
use swc_core::ecma::ast::*;

/// Only of what it is for good: a name that is never set again, a literal.
pub enum Value<'a> {
    Literal,
    Function(&'a Function),
    Arrow(&'a ArrowExpr),
    Class(&'a Class),
    Object(&'a ObjectLit),
    Array,
    /// A `Map`, a typed array, a regular expression: made here.
    Made,
    /// An import, or a property of one.
    Name(Name),
    Global(Vec<&'a str>),
    Unknown,
}

/// Names that are followed from one to the next.
const LONGEST: u32 = 16;

impl<'a> Judge<'a, '_> {
    pub fn value(&self, e: &'a Expr) -> Value<'a> {
        self.value_of(e, 0)
    }

    fn value_of(&self, e: &'a Expr, steps: u32) -> Value<'a> {
        if steps > LONGEST {
            return Value::Unknown;
        }
        match strip(e) {
            Expr::Lit(Lit::Null(_)) => Value::Unknown,
            Expr::Lit(Lit::Regex(_)) => Value::Made,
            Expr::Lit(_) | Expr::Tpl(_) | Expr::Bin(BinExpr { op: BinaryOp::Add, .. }) => Value::Literal,
            Expr::Fn(f) => Value::Function(&f.function),
            Expr::Arrow(a) => Value::Arrow(a),
            Expr::Class(c) => Value::Class(&c.class),
            Expr::Object(o) => Value::Object(o),
            Expr::Array(_) => Value::Array,
            Expr::New(n) => match strip(&n.callee) {
                Expr::Ident(i) if self.names.is_global(i) && globals::is_pure_constructor(&i.sym) => {
                    let given = n.args.iter().flatten().next().filter(|_| globals::is_view(&i.sym));
                    // A view changes the bytes of whoever else has them.
                    let own = given.is_none_or(|g| g.spread.is_none() && self.is_fresh(&g.expr, steps + 1));
                    if own { Value::Made } else { Value::Unknown }
                }
                _ => Value::Unknown,
            },
            Expr::Ident(i) if self.names.is_global(i) => match &*i.sym {
                "undefined" => Value::Unknown,
                name => Value::Global(vec![name]),
            },
            Expr::Ident(i) => match self.init(i) {
                Ok(Init::Expr(e)) => self.value_of(e, steps + 1),
                Ok(Init::Function(f)) => Value::Function(f),
                Ok(Init::Class(c)) => Value::Class(c),
                Ok(Init::Other) => Value::Unknown,
                Err(import) => Value::Name(Name { binding: import, member: None }),
            },
            Expr::Member(m) => match (self.value_of(&m.obj, steps + 1), member_name(m)) {
                (Value::Global(mut path), Some(key)) if path.len() < 3 => {
                    path.push(key);
                    Value::Global(path)
                }
                (Value::Name(name), Some(key)) if name.member.is_none() => {
                    Value::Name(Name { member: Some(key.to_owned()), ..name })
                }
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    /// Surely a number, or a list whose elements are copied.
    fn is_fresh(&self, e: &'a Expr, steps: u32) -> bool {
        let e = strip(e);
        let number = match e {
            Expr::Bin(b) => matches!(
                b.op,
                BinaryOp::Sub
                    | BinaryOp::Mul
                    | BinaryOp::Div
                    | BinaryOp::Mod
                    | BinaryOp::Exp
                    | BinaryOp::LShift
                    | BinaryOp::RShift
            ),
            Expr::Member(m) => matches!(member_name(m), Some("length" | "byteLength")),
            _ => false,
        };
        number || matches!(self.value_of(e, steps), Value::Literal | Value::Array)
    }

    /// What a name of this module holds for good, or which import it is.
    pub(super) fn init(&self, i: &Ident) -> Result<Init<'a>, u32> {
        let id = i.to_id();
        let steady = self.names.is_steady(&id);
        match (self.names.top.get(&id), self.names.values.get(&id)) {
            (Some(binding), None) if self.names.imports.contains(binding) => Err(*binding),
            (Some(_), value) => Ok(value.copied().filter(|_| steady).unwrap_or(Init::Other)),
            (None, _) => Ok(self.locals.get(&id).copied().filter(|_| steady).unwrap_or(Init::Other)),
        }
    }

    /// A property of `object` is read; `None`: any property.
    pub(super) fn read(&mut self, object: &'a Expr, key: Option<&str>) {
        match self.value(object) {
            Value::Literal | Value::Function(_) | Value::Arrow(_) | Value::Array | Value::Made => {}
            Value::Object(o) => {
                if has_accessor(&object_accessors(o), key) {
                    self.always();
                }
            }
            Value::Class(c) => self.class_property(c, key),
            Value::Name(name) => self.reads(name, key),
            Value::Global(mut path) => {
                path.push(key.unwrap_or_default());
                if !globals::is_readable(&path) || key.is_none() {
                    self.always();
                }
            }
            Value::Unknown => match (strip(object), self.this) {
                (Expr::Member(m), _) if self.is_known_property(m) => {}
                (Expr::Member(m), _) if member_name(m) == Some("prototype") => match self.value(&m.obj) {
                    Value::Class(c) => self.class_property(c, key),
                    Value::Function(_) => {}
                    _ => self.always(),
                },
                (Expr::This(_), This::Made(Some(c)) | This::Defined(c, _)) => self.class_property(c, key),
                (Expr::This(_), This::Made(None)) => {}
                (Expr::Ident(i), _) if &*i.sym == "arguments" && !self.names.top.contains_key(&i.to_id()) => {}
                _ => self.always(),
            },
        }
    }

    /// A property that its object was made with and that is never set again: an object without accessors.
    fn is_known_property(&self, m: &'a MemberExpr) -> bool {
        let (Expr::Ident(i), Some(key), Value::Object(o)) = (strip(&m.obj), member_name(m), self.value(&m.obj)) else {
            return false;
        };
        let value = o.props.iter().rev().find_map(|p| match p {
            PropOrSpread::Prop(p) => match &**p {
                Prop::KeyValue(kv) if key_name(&kv.key) == key => Some(&*kv.value),
                _ => None,
            },
            PropOrSpread::Spread(_) => None,
        });
        let plain = |v| match self.value(v) {
            Value::Literal | Value::Function(_) | Value::Arrow(_) | Value::Array | Value::Made => true,
            Value::Object(o) => object_accessors(o).is_empty(),
            _ => false,
        };
        !has_accessor(&object_accessors(o), Some(key))
            && !self.names.is_property_set(&i.to_id(), key)
            && value.is_some_and(plain)
    }

    /// A property of `object` is set or deleted.
    pub(super) fn touch(&mut self, object: &'a Expr, key: Option<&str>) {
        if key == Some("__proto__") {
            return self.always();
        }
        match strip(object) {
            Expr::This(_) => match self.this {
                This::Unknown => self.always(),
                This::Made(None) => {}
                This::Made(Some(c)) => self.class_property(c, key),
                This::Defined(c, name) => {
                    self.class_property(c, key);
                    if let Some(binding) = name {
                        self.touches(Name { binding, member: None });
                    }
                }
            },
            Expr::Ident(i) => self.touch_name(i, key, false, 0),
            Expr::Member(m) if member_name(m) == Some("prototype") => match strip(&m.obj) {
                Expr::Ident(i) => self.touch_name(i, key, true, 0),
                _ => self.always(),
            },
            Expr::Array(_) | Expr::Fn(_) | Expr::Arrow(_) => {}
            _ => self.always(),
        }
    }

    fn touch_name(&mut self, i: &Ident, key: Option<&str>, prototype: bool, steps: u32) {
        let id = i.to_id();
        if self.names.is_global(i) || steps > LONGEST || (prototype && self.names.is_prototype_replaced(&id)) {
            return self.always();
        }
        let init = match self.init(i) {
            Ok(init) => init,
            Err(binding) => {
                let name = Name { binding, member: None };
                self.reads(name.clone(), key);
                return self.touches(name);
            }
        };
        // These cannot be set, which throws.
        let fixed = !prototype && matches!(key, Some("name" | "length" | "arguments" | "caller"));
        match init {
            Init::Function(_) if !fixed => {}
            Init::Class(c) => self.touch_class(c, key, fixed, prototype),
            Init::Expr(e) => match strip(e) {
                Expr::Fn(_) if !fixed => {}
                Expr::Arrow(_) if !fixed && !prototype => {}
                Expr::Class(c) => self.touch_class(&c.class, key, fixed, prototype),
                Expr::Object(o) if !prototype => {
                    if has_accessor(&object_accessors(o), key) {
                        self.always();
                    }
                }
                Expr::Array(_) if !prototype => {}
                Expr::New(_) if !prototype && matches!(self.value(e), Value::Made) => {}
                Expr::Lit(Lit::Regex(_)) if !prototype => {}
                // Another name of the same thing.
                Expr::Ident(other) => self.touch_name(other, key, prototype, steps + 1),
                Expr::Member(m) if !prototype && member_name(m) == Some("prototype") => match strip(&m.obj) {
                    Expr::Ident(owner) => self.touch_name(owner, key, true, steps + 1),
                    _ => self.always(),
                },
                _ => self.always(),
            },
            _ => self.always(),
        }
        match self.names.top.get(&id) {
            Some(binding) => self.touches(Name { binding: *binding, member: None }),
            None if !self.is_own(&id) => self.always(),
            None => {}
        }
    }

    fn touch_class(&mut self, c: &'a Class, key: Option<&str>, fixed: bool, prototype: bool) {
        if fixed || (!prototype && key == Some("prototype")) {
            return self.always();
        }
        self.class_property(c, key);
    }

    /// A property of a class, of its prototype or of an object of it.
    pub(super) fn class_property(&mut self, c: &'a Class, key: Option<&str>) {
        let accessors = class_accessors(c);
        if has_accessor(&accessors, key) {
            return self.always();
        }
        let Some(parent) = &c.super_class else { return };
        match self.value(parent) {
            Value::Name(name) => self.reads(name, key),
            Value::Function(_) => {}
            Value::Class(other) if !std::ptr::eq(other, c) => match strip(parent) {
                Expr::Ident(i) if self.names.top.contains_key(&i.to_id()) => {
                    let binding = self.names.top.get(&i.to_id()).copied().unwrap_or_default();
                    self.reads(Name { binding, member: None }, key);
                }
                _ => self.always(),
            },
            Value::Global(path) if matches!(path.as_slice(), [name] if is_simple_parent(name)) => {}
            _ => self.always(),
        }
    }

    /// As what a name that holds `init` is known to others.
    pub fn plain(&self, init: Init<'a>) -> Option<Plain> {
        let class = match init {
            Init::Function(_) => return Some(Plain::default()),
            Init::Class(c) => c,
            Init::Expr(e) => match self.value(e) {
                Value::Literal | Value::Function(_) | Value::Arrow(_) | Value::Array | Value::Made => {
                    return Some(Plain::default());
                }
                Value::Object(o) => return Some(Plain { accessors: object_accessors(o), parent: None }),
                Value::Class(c) => c,
                _ => return None,
            },
            Init::Other => return None,
        };
        let parent = match &class.super_class {
            None => None,
            Some(parent) => match (strip(parent), self.value(parent)) {
                (_, Value::Name(name)) => Some(name),
                (_, Value::Global(path)) if matches!(path.as_slice(), [name] if is_simple_parent(name)) => None,
                (Expr::Ident(i), _) => Some(Name { binding: *self.names.top.get(&i.to_id())?, member: None }),
                _ => return None,
            },
        };
        Some(Plain { accessors: class_accessors(class), parent })
    }
}

/// Its objects have no setter that would run anything.
fn is_simple_parent(name: &str) -> bool {
    matches!(name, "Array" | "Map" | "Object" | "Set" | "WeakMap" | "WeakSet") || name.ends_with("Error")
}

pub fn has_accessor(accessors: &[String], key: Option<&str>) -> bool {
    accessors.iter().any(|a| a == "*" || key.is_none_or(|k| k == a))
}

fn key_name(key: &PropName) -> String {
    match key {
        PropName::Ident(i) => i.sym.to_string(),
        PropName::Str(s) => s.value.as_str().unwrap_or("*").to_owned(),
        _ => "*".to_owned(),
    }
}

fn object_accessors(o: &ObjectLit) -> Vec<String> {
    let mut found = Vec::new();
    for prop in &o.props {
        let PropOrSpread::Prop(prop) = prop else { continue };
        match &**prop {
            Prop::Getter(g) => found.push(key_name(&g.key)),
            Prop::Setter(s) => found.push(key_name(&s.key)),
            // Another prototype, with who knows what.
            Prop::KeyValue(kv) if key_name(&kv.key) == "__proto__" => found.push("*".into()),
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

pub fn class_accessors(c: &Class) -> Vec<String> {
    let mut found: Vec<String> = c
        .body
        .iter()
        .filter_map(|m| match m {
            ClassMember::Method(m) if m.kind != MethodKind::Method => Some(key_name(&m.key)),
            ClassMember::AutoAccessor(_) => Some("*".into()),
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}
