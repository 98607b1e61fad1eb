//! One walk over the tree.

use super::allowlist::is_allowlist;
use super::calls::{callee_name, is_choice, is_import_meta, is_own_url, literal, member_name, named, template_text};
use super::changes::Changes;
use super::climbing::Climbing;
use super::comment::source_map_comment;
use super::literal::{could_name_a_file, is_placement_selector, is_sentence, names_a_script_elsewhere, tokens};
use super::parse::Parsed;
use super::reads::Reads;
use super::writes::{is_source, may_hit_the_page};
use super::{JsFacts, addresses, endings, measures, modules, outside, precache, words};
use crate::analyze::shake::sorted;
use crate::model::{Escape, RawRef, RefKind};
use crate::syntax::splice::splice;
use std::collections::{HashMap, HashSet};
use swc_core::common::{BytePos, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

pub fn facts(parsed: &Parsed) -> JsFacts {
    let mut collector = walk(parsed);
    collector.facts.prose.extend(parsed.comments());
    if collector.facts.writes_src {
        collector.facts.writes_src = may_hit_the_page(&parsed.program);
    }
    collector.facts.habits = addresses::habits(&parsed.program);
    collector.facts.introspects |= addresses::finds_itself(&collector.facts.habits);
    let words = words::collect(&parsed.program);
    let changes = Changes::of(&parsed.program, parsed.source);
    let reads = Reads::of(&parsed.program, parsed.source);
    let outside = outside::names_classes(&parsed.program, parsed.source);
    JsFacts { words, outside, changes, reads, module: modules::read(parsed), ..collector.finish() }
}

/// See [`JsFacts::refs`].
pub fn refs(parsed: &Parsed) -> Vec<RawRef> {
    walk(parsed).facts.refs
}

/// What a literal's surroundings say about it.
#[derive(Clone, Copy)]
pub(super) enum Role {
    /// A piece of something, a key, an operand: never a URL by itself.
    Part,
    Url(RefKind),
    Worker(RefKind),
}

pub(super) struct Collector<'a, 's> {
    parsed: &'a Parsed<'s>,
    pub(super) facts: JsFacts,
    tokens: HashSet<String>,
    selected: HashSet<String>,
    /// Where the URLs of workers begin.
    workers: HashSet<usize>,
    /// Set by a parent before its children are visited; by the place where the literal begins.
    roles: HashMap<BytePos, Role>,
    functions: u32,
    pub(super) climbing: Climbing,
    allowlists: Vec<std::ops::Range<usize>>,
}

fn walk<'a, 's>(parsed: &'a Parsed<'s>) -> Collector<'a, 's> {
    let mut collector = Collector {
        parsed,
        facts: JsFacts::default(),
        tokens: HashSet::new(),
        selected: HashSet::new(),
        workers: HashSet::new(),
        roles: HashMap::new(),
        functions: 0,
        climbing: Climbing::default(),
        allowlists: Vec::new(),
    };
    parsed.program.visit_with(&mut collector);
    collector.facts.refs.extend(source_map_comment(parsed));
    collector.facts.refs.sort_by_key(|r| r.range.start);
    collector
}

impl Collector<'_, '_> {
    fn finish(self) -> JsFacts {
        let mut facts = self.facts;
        let source = self.parsed.source;
        let lists = || self.allowlists.iter().map(|list| (list.clone(), String::new())).collect();
        facts.measures = measures(source) && (self.allowlists.is_empty() || measures(&splice(source, lists())));
        facts.prose.sort_by_key(|r| r.start);
        let starts_one = |r: &RawRef| self.workers.contains(&r.range.start);
        facts.workers = facts.refs.iter().enumerate().filter(|(_, r)| starts_one(r)).map(|(i, _)| i).collect();
        facts.selected = sorted(self.selected.difference(&self.tokens).cloned().collect());
        facts.tokens = sorted(self.tokens);
        facts.climbed = self.climbing.from(source, facts.tokens.iter().chain(&facts.selected));
        for list in [&mut facts.selector_strings, &mut facts.image_endings, &mut facts.loads] {
            list.sort();
            list.dedup();
        }
        facts
    }

    pub(super) fn set(&mut self, expr: &Expr, role: Role) {
        match expr {
            Expr::Paren(inner) => self.set(&inner.expr, role),
            _ if literal(expr).is_some() => {
                self.roles.insert(expr.span_lo(), role);
            }
            _ => {}
        }
    }

    /// The value of `expr` is only a piece of what is used, whichever branch it comes from.
    fn part(&mut self, expr: &Expr) {
        match expr {
            Expr::Paren(e) => self.part(&e.expr),
            Expr::Cond(e) => {
                self.part(&e.cons);
                self.part(&e.alt);
            }
            Expr::Bin(e) if is_choice(e.op) => {
                self.part(&e.left);
                self.part(&e.right);
            }
            Expr::Seq(e) => e.exprs.iter().next_back().into_iter().for_each(|e| self.part(e)),
            _ => self.set(expr, Role::Part),
        }
    }

    fn text(&mut self, text: &str) {
        self.facts.image_endings.extend(endings::alone(text).map(str::to_owned));
        if names_a_script_elsewhere(text) {
            self.facts.loads.push(text.to_owned());
        }
        for (word, selects) in tokens(text) {
            let words = if selects { &mut self.selected } else { &mut self.tokens };
            if !words.contains(word) {
                words.insert(word.to_owned());
            }
        }
        if is_placement_selector(text) {
            self.facts.selector_strings.push(text.to_owned());
        }
    }

    /// `inner` is the literal without its quotes, `key` where it begins with them.
    fn literal(&mut self, inner: std::ops::Range<usize>, key: BytePos, text: &str, escape: Escape) {
        if is_sentence(text) {
            self.facts.prose.push(inner.clone());
        }
        self.text(text);
        let (kind, worker) = match self.roles.get(&key) {
            Some(Role::Part) => return,
            Some(Role::Url(kind)) => (*kind, false),
            Some(Role::Worker(kind)) => (*kind, true),
            None if could_name_a_file(text) => (RefKind::JsString, false),
            None => return,
        };
        if text.is_empty() {
            return;
        }
        if worker {
            self.workers.insert(inner.start);
        }
        self.facts.refs.push(RawRef { range: inner, url: text.to_owned(), kind, escape });
    }
}

impl Visit for Collector<'_, '_> {
    noop_visit_type!();

    fn visit_str(&mut self, s: &Str) {
        let whole = self.parsed.range(s.span);
        let inner = whole.start + 1..whole.end.saturating_sub(1);
        let escape = match self.parsed.source.as_bytes().get(whole.start) {
            Some(b'"') => Escape::JsDoubleQuoted,
            Some(b'\'') => Escape::JsSingleQuoted,
            _ => return,
        };
        if let Some(text) = s.value.as_str() {
            self.literal(inner, s.span.lo, text, escape);
        }
    }

    fn visit_regex(&mut self, r: &Regex) {
        self.facts.image_endings.extend(endings::in_pattern(&r.exp.to_ascii_lowercase()).map(str::to_owned));
    }

    fn visit_tpl(&mut self, t: &Tpl) {
        if let (Some(text), [quasi]) = (template_text(t), t.quasis.as_slice()) {
            let inner = self.parsed.range(quasi.span);
            return self.literal(inner, t.span.lo, text, Escape::JsTemplate);
        }
        t.exprs.iter().for_each(|e| self.part(e));
        t.visit_children_with(self);
    }

    fn visit_tpl_element(&mut self, e: &TplElement) {
        if let Some(text) = e.cooked.as_ref().and_then(|c| c.as_str()) {
            if is_sentence(text) {
                self.facts.prose.push(self.parsed.range(e.span));
            }
            self.text(text);
        }
    }

    fn visit_tagged_tpl(&mut self, t: &TaggedTpl) {
        t.tag.visit_with(self);
        t.tpl.quasis.iter().for_each(|q| self.visit_tpl_element(q));
        t.tpl.exprs.visit_with(self);
    }

    fn visit_bin_expr(&mut self, e: &BinExpr) {
        if !is_choice(e.op) {
            self.part(&e.left);
            self.part(&e.right);
        }
        e.visit_children_with(self);
    }

    fn visit_unary_expr(&mut self, e: &UnaryExpr) {
        self.part(&e.arg);
        e.visit_children_with(self);
    }

    fn visit_switch_stmt(&mut self, s: &SwitchStmt) {
        self.part(&s.discriminant);
        s.cases.iter().filter_map(|c| c.test.as_ref()).for_each(|t| self.part(t));
        s.visit_children_with(self);
    }

    fn visit_expr_stmt(&mut self, s: &ExprStmt) {
        self.set(&s.expr, Role::Part);
        s.visit_children_with(self);
    }

    fn visit_object_lit(&mut self, o: &ObjectLit) {
        if is_allowlist(o) {
            return self.allowlists.push(self.parsed.range(o.span));
        }
        self.facts.revisions.extend(precache::revision(self.parsed, o));
        o.visit_children_with(self);
    }

    fn visit_prop_name(&mut self, name: &PropName) {
        match name {
            PropName::Ident(i) => {
                self.facts.introspects |= &*i.sym == "currentScript";
                self.text(&i.sym);
            }
            PropName::Str(s) => self.text(s.value.as_str().unwrap_or_default()),
            PropName::Computed(c) => {
                self.part(&c.expr);
                c.visit_children_with(self);
            }
            _ => {}
        }
    }

    fn visit_object_pat_prop(&mut self, p: &ObjectPatProp) {
        match p {
            ObjectPatProp::KeyValue(KeyValuePatProp { key: PropName::Ident(key), .. }) => self.climbing.taken(&key.sym),
            ObjectPatProp::Assign(p) => self.climbing.taken(&p.key.sym),
            _ => {}
        }
        p.visit_children_with(self);
    }

    fn visit_assign_pat_prop(&mut self, p: &AssignPatProp) {
        self.facts.introspects |= &*p.key.id.sym == "currentScript";
        p.visit_children_with(self);
    }

    fn visit_module_export_name(&mut self, _: &ModuleExportName) {}

    fn visit_member_expr(&mut self, e: &MemberExpr) {
        self.part(&e.obj);
        self.climbing.member(e);
        if let MemberProp::Computed(c) = &e.prop {
            self.part(&c.expr);
        }
        match member_name(e) {
            Some("currentScript") => self.facts.introspects = true,
            Some("previousElementSibling" | "nextElementSibling" | "previousSibling" | "nextSibling") => {
                self.facts.walks = true;
            }
            Some("scripts") if named(&e.obj, "document") => self.facts.introspects = true,
            Some("images") if named(&e.obj, "document") => self.text("img"),
            Some("url") if is_import_meta(&e.obj) => self.facts.introspects = true,
            _ => {}
        }
        e.visit_children_with(self);
    }

    fn visit_ident(&mut self, name: &Ident) {
        self.climbing.name(&name.sym);
    }

    fn visit_pat(&mut self, p: &Pat) {
        if let Pat::Expr(e) = p {
            self.facts.writes_src |= is_source(callee_name(e));
        }
        p.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        if let AssignTarget::Simple(SimpleAssignTarget::Member(m)) = &e.left {
            self.facts.writes_src |= is_source(member_name(m));
        }
        if matches!(e.op, AssignOp::AddAssign) {
            self.part(&e.right);
        }
        e.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, e: &CallExpr) {
        match &e.callee {
            Callee::Import(_) => self.first(&e.args, Role::Url(RefKind::ModuleScript)),
            Callee::Expr(callee) => self.call(callee, &e.args),
            Callee::Super(_) => {}
        }
        match (&e.callee, e.args.first()) {
            // The attributes of an import are not URLs.
            (Callee::Import(_), Some(specifier)) => specifier.visit_with(self),
            _ => e.visit_children_with(self),
        }
    }

    fn visit_opt_call(&mut self, e: &OptCall) {
        self.call(&e.callee, &e.args);
        e.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, e: &NewExpr) {
        let args = e.args.as_deref().unwrap_or_default();
        match (callee_name(&e.callee), args) {
            (Some("URL"), [url, base]) if is_own_url(&base.expr) => {
                let at_itself = literal(&url.expr).is_none_or(|u| u.is_empty() || u.starts_with(['?', '#']));
                if !at_itself {
                    let role = self.roles.get(&url.expr.span_lo()).copied();
                    self.set(&url.expr, role.unwrap_or(Role::Url(RefKind::JsUrl)));
                    self.facts.is_module_syntax = true;
                    return url.visit_with(self);
                }
            }
            (Some("Worker" | "SharedWorker"), [url, options @ ..]) => self.worker(&url.expr, options),
            _ => {}
        }
        e.visit_children_with(self);
    }

    fn visit_meta_prop_expr(&mut self, e: &MetaPropExpr) {
        self.facts.is_module_syntax |= e.kind == MetaPropKind::ImportMeta;
    }

    fn visit_import_decl(&mut self, d: &ImportDecl) {
        self.roles.insert(d.src.span.lo, Role::Url(RefKind::ModuleScript));
        self.visit_str(&d.src);
    }

    fn visit_export_all(&mut self, d: &ExportAll) {
        self.roles.insert(d.src.span.lo, Role::Url(RefKind::ModuleScript));
        self.visit_str(&d.src);
    }

    fn visit_named_export(&mut self, d: &NamedExport) {
        if let Some(src) = &d.src {
            self.roles.insert(src.span.lo, Role::Url(RefKind::ModuleScript));
            self.visit_str(src);
        }
    }

    fn visit_module_decl(&mut self, d: &ModuleDecl) {
        self.facts.is_module_syntax = true;
        d.visit_children_with(self);
    }

    fn visit_function(&mut self, f: &Function) {
        self.functions += 1;
        f.visit_children_with(self);
        self.functions -= 1;
    }

    fn visit_arrow_expr(&mut self, f: &ArrowExpr) {
        self.functions += 1;
        f.visit_children_with(self);
        self.functions -= 1;
    }

    fn visit_await_expr(&mut self, e: &AwaitExpr) {
        self.facts.is_module_syntax |= self.functions == 0;
        e.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, s: &ForOfStmt) {
        self.facts.is_module_syntax |= s.is_await && self.functions == 0;
        s.visit_children_with(self);
    }
}
