//! The walk over the tree: what binds a name, gives a property its value, or decides what `this` is.

use super::{Walk, is_prototype, is_source, key_name};
use crate::analyze::js::calls::{callee_name, member_name};
use crate::analyze::js::origins::{Origin, Super, This};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

impl Visit for Walk {
    noop_visit_type!();

    /// Parameters, patterns, what a loop binds.
    fn visit_binding_ident(&mut self, i: &BindingIdent) {
        self.var(i.to_id(), vec![Origin::Unknown]);
    }

    fn visit_pat(&mut self, p: &Pat) {
        if let Pat::Expr(e) = p
            && let Expr::Member(m) = &**e
        {
            self.store(m, vec![Origin::Unknown]);
        }
        p.visit_children_with(self);
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        match head {
            ForHead::VarDecl(d) => d.decls.iter().for_each(|d| self.visit_pat(&d.name)),
            _ => head.visit_children_with(self),
        }
    }

    fn visit_var_declarator(&mut self, d: &VarDeclarator) {
        let name = match (&d.name, &d.init) {
            (Pat::Ident(name), _) => name,
            (Pat::Object(pattern), Some(init)) => {
                let from = self.origins(init);
                self.destructure(pattern, &from);
                return init.visit_with(self);
            }
            _ => return d.visit_children_with(self),
        };
        let Some(init) = &d.init else { return self.var(name.to_id(), vec![Origin::Harmless]) };
        let values = self.origins(init);
        self.var(name.to_id(), values);
        if let Expr::Class(_) = &**init {
            self.name_class(name);
        }
        self.value(init, This::Function(name.to_id()));
    }

    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        use AssignOp::{AndAssign, Assign, NullishAssign, OrAssign};
        let AssignTarget::Simple(target) = &e.left else { return e.visit_children_with(self) };
        let values = match e.op {
            Assign | AndAssign | OrAssign | NullishAssign => self.origins(&e.right),
            _ => vec![Origin::Harmless],
        };
        match (target, &*e.right) {
            (SimpleAssignTarget::Ident(i), _) => self.var(i.to_id(), values),
            (SimpleAssignTarget::Member(m), right) => {
                self.store(m, values);
                m.visit_with(self);
                match right {
                    Expr::Object(object) if member_name(m) == Some("prototype") => return self.prototype(object),
                    _ if is_prototype(&m.obj) => return self.value(right, This::Prototype),
                    _ => {}
                }
            }
            (SimpleAssignTarget::SuperProp(s), _) => {
                if matches!(&s.prop, SuperProp::Ident(i) if is_source(Some(&i.sym))) {
                    self.found.written.push(vec![Origin::This(self.this.clone())]);
                }
            }
            (SimpleAssignTarget::Paren(p), _) => match &*p.expr {
                Expr::Ident(i) => self.var(i.to_id(), values),
                Expr::Member(m) => self.store(m, values),
                _ => {}
            },
            _ => {}
        }
        e.right.visit_with(self);
    }

    fn visit_call_expr(&mut self, e: &CallExpr) {
        if let Callee::Expr(callee) = &e.callee {
            self.call(callee, &e.args);
        }
        e.visit_children_with(self);
    }

    fn visit_opt_call(&mut self, e: &OptCall) {
        self.call(&e.callee, &e.args);
        e.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, e: &NewExpr) {
        if let Expr::Ident(i) = &*e.callee {
            self.found.constructors.insert(i.to_id());
        }
        e.visit_children_with(self);
    }

    fn visit_member_expr(&mut self, e: &MemberExpr) {
        if let (Expr::Ident(i), Some("prototype")) = (&*e.obj, member_name(e)) {
            self.found.constructors.insert(i.to_id());
        }
        e.visit_children_with(self);
    }

    fn visit_object_lit(&mut self, o: &ObjectLit) {
        o.props.iter().for_each(|p| self.literal_prop(p));
        o.visit_children_with(self);
    }

    fn visit_getter_prop(&mut self, p: &GetterProp) {
        self.within(This::Loose, |w| p.visit_children_with(w));
    }

    fn visit_setter_prop(&mut self, p: &SetterProp) {
        self.within(This::Loose, |w| p.visit_children_with(w));
    }

    fn visit_function(&mut self, f: &Function) {
        self.within(This::Loose, |w| f.visit_children_with(w));
    }

    fn visit_fn_decl(&mut self, f: &FnDecl) {
        self.within(This::Function(f.ident.to_id()), |w| f.function.visit_children_with(w));
    }

    fn visit_class_decl(&mut self, d: &ClassDecl) {
        self.name_class(&d.ident);
        d.class.visit_with(self);
    }

    fn visit_class_expr(&mut self, e: &ClassExpr) {
        e.ident.iter().for_each(|i| self.name_class(i));
        e.class.visit_with(self);
    }

    fn visit_class(&mut self, c: &Class) {
        let class = self.found.supers.len();
        self.found.supers.push(match c.super_class.as_deref() {
            None => Super::None,
            Some(Expr::Ident(i)) => Super::Named(i.to_id()),
            Some(e) => match (e, callee_name(e)) {
                (Expr::Member(_), Some(name)) => Super::Member(name.to_owned()),
                _ => Super::Other,
            },
        });
        c.super_class.visit_with(self);
        self.within(This::Class(class), |w| c.body.visit_with(w));
    }

    fn visit_class_method(&mut self, m: &ClassMethod) {
        m.key.visit_with(self);
        self.method(key_name(&m.key), m.kind, &m.function);
    }

    fn visit_private_method(&mut self, m: &PrivateMethod) {
        self.method(Some(format!("#{}", m.key.name)), m.kind, &m.function);
    }

    fn visit_class_prop(&mut self, p: &ClassProp) {
        let values = p.value.as_ref().map_or(vec![Origin::Harmless], |v| self.origins(v));
        self.member(key_name(&p.key), values);
        p.visit_children_with(self);
    }

    fn visit_private_prop(&mut self, p: &PrivateProp) {
        let values = p.value.as_ref().map_or(vec![Origin::Harmless], |v| self.origins(v));
        self.member(Some(format!("#{}", p.key.name)), values);
        p.visit_children_with(self);
    }
}
