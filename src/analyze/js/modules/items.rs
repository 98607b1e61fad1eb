//! A module's top level, item by item.

use super::describe::is_settled_class;
use super::judge::Judge;
use super::names::{Init, Names};
use super::{Binding, Export, Import, Item, Module, Origin, Unit, Work, uses};
use crate::analyze::js::parse::Parsed;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use swc_core::common::{Mark, Span, Spanned};
use swc_core::ecma::ast::{self, *};
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

pub fn module(parsed: &Parsed, ast: &ast::Module, unresolved: Mark) -> Module {
    let mut b = Builder {
        parsed,
        names: Names::of(ast, unresolved),
        module: Module { length: parsed.source.len(), licenses: parsed.licenses(), ..Module::default() },
        lexical: HashSet::new(),
        inits: Vec::new(),
    };
    if b.names.has_eval() {
        b.module.whole = Some("it calls `eval`, which may use any name".into());
    }
    ast.body.iter().for_each(|item| b.declare(item));
    ast.body.iter().for_each(|item| b.item(item));
    b.describe();
    b.module
}

pub(super) struct Builder<'a, 's> {
    pub parsed: &'a Parsed<'s>,
    pub names: Names<'a>,
    pub module: Module,
    pub lexical: HashSet<u32>,
    /// Of bindings that are declared here: their value and where it stands.
    pub inits: Vec<(u32, Option<Id>, Init<'a>, Span)>,
}

fn text(name: &ModuleExportName) -> String {
    match name {
        ModuleExportName::Ident(i) => i.sym.to_string(),
        ModuleExportName::Str(s) => s.value.to_string_lossy().into_owned(),
    }
}

/// The names that an unnamed default export has for us.
const DEFAULT: &str = "default";

impl<'a> Builder<'a, '_> {
    fn range(&self, span: Span) -> Range<usize> {
        self.parsed.range(span)
    }

    fn request(&mut self, source: &Str) -> u32 {
        let text = source.value.to_string_lossy();
        let known = self.module.requests.iter().position(|r| *r == text);
        known.unwrap_or_else(|| {
            self.module.requests.push(text.into_owned());
            self.module.requests.len() - 1
        }) as u32
    }

    fn binding(&mut self, name: &str, id: Option<Id>) -> u32 {
        if let Some(known) = id.as_ref().and_then(|id| self.names.top.get(id)) {
            return *known;
        }
        let index = self.module.bindings.len() as u32;
        self.module.bindings.push(Binding { name: name.to_owned(), ..Binding::default() });
        self.names.top.extend(id.map(|id| (id, index)));
        index
    }

    fn value(&mut self, ident: &Ident, init: Init<'a>, span: Span, lexical: bool) {
        let id = ident.to_id();
        let binding = self.binding(&ident.sym, Some(id.clone()));
        if lexical {
            self.lexical.insert(binding);
        }
        if !matches!(init, Init::Other) {
            self.names.values.insert(id.clone(), init);
            self.inits.push((binding, Some(id), init, span));
        }
    }

    // ---- first pass: all names

    fn declare(&mut self, item: &'a ModuleItem) {
        match item {
            ModuleItem::Stmt(s) => self.declare_in(s),
            ModuleItem::ModuleDecl(ModuleDecl::Import(d)) => self.declare_imports(d),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(d)) => self.declare_decl(&d.decl),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(d)) => match &d.decl {
                DefaultDecl::Fn(FnExpr { ident: Some(i), function }) => {
                    self.value(i, Init::Function(function), function.span, false);
                }
                DefaultDecl::Class(ClassExpr { ident: Some(i), class }) => {
                    self.value(i, Init::Class(class), class.span, true);
                }
                _ => {}
            },
            ModuleItem::ModuleDecl(_) => {}
        }
    }

    fn declare_imports(&mut self, d: &ImportDecl) {
        let request = self.request(&d.src);
        for specifier in &d.specifiers {
            let name = match specifier {
                ImportSpecifier::Named(n) => Some(n.imported.as_ref().map_or_else(|| n.local.sym.to_string(), text)),
                ImportSpecifier::Default(_) => Some(DEFAULT.into()),
                ImportSpecifier::Namespace(_) => None,
            };
            let local = specifier.local();
            let binding = self.binding(&local.sym, Some(local.to_id()));
            self.names.imports.insert(binding);
            if let Some(b) = self.module.bindings.get_mut(binding as usize) {
                b.source = Some(Import { request, name });
            }
        }
    }

    fn declare_decl(&mut self, decl: &'a Decl) {
        match decl {
            Decl::Fn(f) => self.value(&f.ident, Init::Function(&f.function), f.function.span, false),
            Decl::Class(c) => self.value(&c.ident, Init::Class(&c.class), c.class.span, true),
            Decl::Var(v) => {
                let lexical = v.kind != VarDeclKind::Var;
                for d in &v.decls {
                    match (&d.name, d.init.as_deref()) {
                        (Pat::Ident(i), Some(init)) => self.value(&i.id, Init::Expr(init), d.span, lexical),
                        _ => find_pat_ids::<_, Ident>(&d.name)
                            .iter()
                            .for_each(|i| self.value(i, Init::Other, d.span, lexical)),
                    }
                }
            }
            Decl::Using(u) => {
                let all: Vec<Ident> = u.decls.iter().flat_map(|d| find_pat_ids::<_, Ident>(&d.name)).collect();
                all.iter().for_each(|i| self.value(i, Init::Other, u.span, true));
            }
            _ => {}
        }
    }

    fn declare_in(&mut self, s: &'a Stmt) {
        match s {
            Stmt::Decl(decl) => self.declare_decl(decl),
            // `var` in a block belongs to the module.
            other => hoisted(other).iter().for_each(|i| self.value(i, Init::Other, other.span(), false)),
        }
    }

    // ---- second pass: items and units

    fn item(&mut self, item: &'a ModuleItem) {
        match item {
            ModuleItem::Stmt(s) => self.statement(s),
            ModuleItem::ModuleDecl(d) => match d {
                ModuleDecl::Import(d) => self.import(d),
                ModuleDecl::ExportDecl(d) => self.declaration(&d.decl, d.span, true),
                ModuleDecl::ExportNamed(d) => self.export_named(d),
                ModuleDecl::ExportDefaultDecl(d) => self.export_default(d),
                ModuleDecl::ExportDefaultExpr(d) => self.export_value(d),
                ModuleDecl::ExportAll(d) => {
                    let request = self.request(&d.src);
                    self.module.stars.push(request);
                    let (range, from) = (self.range(d.span), self.range(d.src.span).start);
                    self.module.items.push(Item::Star { range, request, from, fixed: d.with.is_some() });
                }
                _ => self.module.whole = Some("it has TypeScript's exports".into()),
            },
        }
    }

    fn import(&mut self, d: &ImportDecl) {
        let request = self.request(&d.src);
        let (mut default, mut namespace, mut named) = (None, None, Vec::new());
        for s in &d.specifiers {
            let range = self.range(s.span());
            let Some(binding) = self.names.top.get(&s.local().to_id()).copied() else { continue };
            match s {
                ImportSpecifier::Default(_) => default = Some((binding, range)),
                ImportSpecifier::Namespace(_) => namespace = Some((binding, range)),
                ImportSpecifier::Named(_) => named.push((binding, range)),
            }
        }
        let (range, from) = (self.range(d.span), self.range(d.src.span).start);
        let fixed = d.with.is_some() || d.phase != ImportPhase::Evaluation;
        self.module.items.push(Item::Import { range, request, from, default, named, namespace, fixed });
    }

    fn export(&mut self, name: String, from: Origin) -> u32 {
        self.module.exports.push(Export { name, from });
        self.module.exports.len() as u32 - 1
    }

    fn export_named(&mut self, d: &NamedExport) {
        let request = d.src.as_ref().map(|s| self.request(s));
        let mut names = Vec::new();
        for s in &d.specifiers {
            let range = self.range(s.span());
            let (name, from) = match (s, request) {
                (ExportSpecifier::Namespace(n), Some(request)) => (text(&n.name), Origin::Namespace { request }),
                (ExportSpecifier::Named(n), Some(request)) => {
                    let other = text(&n.orig);
                    (n.exported.as_ref().map_or_else(|| other.clone(), text), Origin::Other { request, name: other })
                }
                (
                    ExportSpecifier::Named(ExportNamedSpecifier { orig: ModuleExportName::Ident(i), exported, .. }),
                    None,
                ) => {
                    let Some(binding) = self.names.top.get(&i.to_id()).copied() else {
                        self.module.whole = Some("it exports a name that it does not have".into());
                        continue;
                    };
                    (exported.as_ref().map_or_else(|| i.sym.to_string(), text), Origin::Local(binding))
                }
                _ => {
                    self.module.whole = Some("it has an export that is not understood".into());
                    continue;
                }
            };
            names.push((self.export(name, from), range));
        }
        let range = self.range(d.span);
        self.module.items.push(match (&d.src, request) {
            (Some(src), Some(request)) => {
                let from = self.range(src.span).start;
                Item::ExportFrom { range, request, from, names, fixed: d.with.is_some() }
            }
            _ => Item::ExportList { range, names },
        });
    }

    fn export_default(&mut self, d: &'a ExportDefaultDecl) {
        let (ident, init, span) = match &d.decl {
            DefaultDecl::Fn(f) => (&f.ident, Init::Function(&f.function), f.function.span),
            DefaultDecl::Class(c) => (&c.ident, Init::Class(&c.class), c.class.span),
            DefaultDecl::TsInterfaceDecl(_) => return,
        };
        let binding = match ident {
            Some(i) => self.binding(&i.sym, Some(i.to_id())),
            None => {
                let binding = self.binding(DEFAULT, None);
                self.inits.push((binding, None, init, span));
                binding
            }
        };
        let export = self.export(DEFAULT.into(), Origin::Local(binding));
        let mut judge = Judge::new(&self.names, &self.parsed.comments, d.span, true);
        let mut settled = true;
        if let Init::Class(c) = init {
            judge.class(c, Some(binding));
            settled = is_settled_class(c);
        }
        let work = judge.work();
        let at = ident.iter().map(|i| i.span.lo).collect();
        let (uses, dynamic) = uses::of(&d.decl, &self.names, &at);
        let unit = self.unit(Unit { declares: vec![binding], uses, work, dynamic, settled });
        let range = self.range(d.span);
        // Without a name it can only stand behind `export default`.
        let bare = if ident.is_some() { self.range(span).start } else { range.start };
        self.module.items.push(Item::Code { units: vec![(unit, range.clone())], range, bare, exports: vec![export] });
    }

    fn export_value(&mut self, d: &'a ExportDefaultExpr) {
        let binding = self.binding(DEFAULT, None);
        self.lexical.insert(binding);
        self.inits.push((binding, None, Init::Expr(&d.expr), d.span));
        let export = self.export(DEFAULT.into(), Origin::Local(binding));
        let mut judge = Judge::new(&self.names, &self.parsed.comments, d.span, true);
        judge.expr(&d.expr);
        let settled = self.is_settled(&d.expr);
        let work = judge.work();
        let (uses, dynamic) = uses::of(&d.expr, &self.names, &HashSet::new());
        let unit = self.unit(Unit { declares: vec![binding], uses, work, dynamic, settled });
        let range = self.range(d.span);
        let bare = range.start;
        self.module.items.push(Item::Code { units: vec![(unit, range.clone())], range, bare, exports: vec![export] });
    }

    fn unit(&mut self, unit: Unit) -> u32 {
        self.module.units.push(unit);
        self.module.units.len() as u32 - 1
    }

    fn statement(&mut self, s: &'a Stmt) {
        if let Stmt::Decl(decl) = s {
            return self.declaration(decl, decl.span(), false);
        }
        let declared = hoisted(s);
        let mut judge = Judge::new(&self.names, &self.parsed.comments, s.span(), true);
        judge.statement(s);
        let work = judge.work();
        let declares: BTreeSet<u32> = declared.iter().filter_map(|i| self.names.top.get(&i.to_id()).copied()).collect();
        let (uses, dynamic) = uses::of(s, &self.names, &declared.iter().map(|i| i.span.lo).collect());
        let settled = matches!(s, Stmt::Empty(_));
        let unit = self.unit(Unit { declares: declares.into_iter().collect(), uses, work, dynamic, settled });
        let range = self.range(s.span());
        let bare = range.start;
        let units = vec![(unit, range.clone())];
        self.module.items.push(Item::Code { range, units, bare, exports: Vec::new() });
    }

    fn declaration(&mut self, decl: &'a Decl, span: Span, exported: bool) {
        let range = self.range(span);
        let bare = self.range(decl.span()).start;
        let mut units = Vec::new();
        let mut names: Vec<Ident> = Vec::new();
        match decl {
            Decl::Var(v) => {
                for d in &v.decls {
                    let declared: Vec<Ident> = find_pat_ids(&d.name);
                    let mut judge = Judge::new(&self.names, &self.parsed.comments, d.span, true);
                    judge.declarator(d);
                    let settled = matches!(d.name, Pat::Ident(_)) && d.init.as_ref().is_none_or(|i| self.is_settled(i));
                    let work = judge.work();
                    let (uses, dynamic) = uses::of(d, &self.names, &declared.iter().map(|i| i.span.lo).collect());
                    let declares = declared.iter().filter_map(|i| self.names.top.get(&i.to_id()).copied()).collect();
                    let unit = self.unit(Unit { declares, uses, work, dynamic, settled });
                    units.push((unit, self.range(d.span)));
                    names.extend(declared);
                }
            }
            Decl::Fn(FnDecl { ident, .. }) | Decl::Class(ClassDecl { ident, .. }) => {
                let mut judge = Judge::new(&self.names, &self.parsed.comments, span, true);
                let binding = self.names.top.get(&ident.to_id()).copied();
                let mut settled = true;
                if let Decl::Class(c) = decl {
                    judge.class(&c.class, binding);
                    settled = is_settled_class(&c.class);
                }
                let work = judge.work();
                let (uses, dynamic) = uses::of(decl, &self.names, &HashSet::from([ident.span.lo]));
                let unit = Unit { declares: binding.into_iter().collect(), uses, work, dynamic, settled };
                units.push((self.unit(unit), range.clone()));
                names.push(ident.clone());
            }
            other => {
                let (uses, dynamic) = uses::of(other, &self.names, &HashSet::new());
                let work = Work { always: true, ..Work::default() };
                let unit = self.unit(Unit { uses, work, dynamic, ..Unit::default() });
                units.push((unit, range.clone()));
            }
        }
        let mut exports = Vec::new();
        for ident in names.iter().filter(|_| exported) {
            if let Some(binding) = self.names.top.get(&ident.to_id()).copied() {
                exports.push(self.export(ident.sym.to_string(), Origin::Local(binding)));
            }
        }
        self.module.items.push(Item::Code { range, units, bare, exports });
    }
}

/// Names that `var`s in the blocks of a statement give to the module.
fn hoisted(s: &Stmt) -> Vec<Ident> {
    struct Vars(Vec<Ident>);
    impl Visit for Vars {
        noop_visit_type!();
        fn visit_var_decl(&mut self, d: &VarDecl) {
            if d.kind == VarDeclKind::Var {
                self.0.extend(d.decls.iter().flat_map(|d| find_pat_ids::<_, Ident>(&d.name)));
            }
        }
        fn visit_function(&mut self, _: &Function) {}
        fn visit_expr(&mut self, _: &Expr) {}
        fn visit_class(&mut self, _: &Class) {}
    }
    let mut vars = Vars(Vec::new());
    s.visit_with(&mut vars);
    vars.0
}
