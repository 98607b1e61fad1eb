//! What a script does with the addresses of a page besides loading them: a new name has to mean the same to it.

mod functions;
mod harmless;
mod reads;
#[cfg(test)]
mod tests;

use super::calls::{callee_name, callee_object, is_choice, literal, member, member_name, named, operands};
use super::literal::{could_name_a_file, selects_scripts};
use functions::Functions;
use harmless::{Piece, names_a_script, pieces, stays_whole};
use reads::{Read, Root};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use swc_core::common::Mark;
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Habit {
    /// It takes apart the `src` of something that may be an image.
    TakesSources,
    /// It takes apart the `src` of script elements.
    TakesScripts,
    /// It takes apart a `href`.
    TakesLinks,
    /// It takes apart where an error comes from.
    TakesStacks,
    /// It looks at the page's script elements.
    ListsScripts,
    /// It has a script's name in a string.
    NamesScript,
    /// It has a part of a script's name in a pattern, or in a search.
    SeeksScript,
    /// What it stores may be an address, which comes back on a later visit.
    Stores,
}

pub type Habits = BTreeSet<Habit>;

pub fn habits(program: &Program) -> Habits {
    // Names that are the same in other functions only make it too careful.
    let rough = read(program);
    if !rough.iter().any(|h| matches!(h, Habit::TakesSources | Habit::TakesScripts | Habit::TakesLinks)) {
        return rough;
    }
    let mut program = program.clone();
    program.mutate(&mut resolver(Mark::new(), Mark::new(), false));
    read(&program)
}

/// It finds its own address, or that of another script, without being told.
pub fn finds_itself(habits: &Habits) -> bool {
    habits.contains(&Habit::ListsScripts)
        || habits.contains(&Habit::TakesStacks) && habits.contains(&Habit::SeeksScript)
}

/// It goes by what scripts of the page are called.
pub fn finds_scripts(habits: &Habits) -> bool {
    let looks = habits.contains(&Habit::ListsScripts)
        && (habits.contains(&Habit::TakesSources) || habits.contains(&Habit::TakesScripts));
    let named = habits.contains(&Habit::SeeksScript) || habits.contains(&Habit::NamesScript);
    looks && named || habits.contains(&Habit::TakesStacks) && habits.contains(&Habit::SeeksScript)
}

fn read(program: &Program) -> Habits {
    let mut reader = Reader::default();
    program.visit_with(&mut reader);
    reader.finish()
}

#[derive(Default)]
struct Reader {
    habits: Habits,
    /// What is taken apart.
    taken: Vec<Read>,
    /// Values of variables.
    held: BTreeMap<Id, Vec<Read>>,
    functions: Functions,
    /// What variables may be, where they are elements.
    roots: BTreeMap<Id, BTreeSet<Root>>,
    /// Variables with nodes of a parser, whose `src` is a text.
    parsed: BTreeSet<Id>,
}

/// They tell something of a text, or make another one of it.
const METHODS: &str = "at charAt concat endsWith includes indexOf lastIndexOf localeCompare match matchAll replace \
    replaceAll search slice split startsWith substr substring";

impl Reader {
    fn finish(mut self) -> Habits {
        std::mem::take(&mut self.functions).hand_over(&mut self.held);
        let mut todo = std::mem::take(&mut self.taken);
        while let Some(read) = todo.pop() {
            match read {
                Read::Var(id) => todo.extend(self.held.remove(&id).unwrap_or_default()),
                Read::Link(Root::Other) => {}
                Read::Link(root) if self.settle(&root, 4) == Root::Other => {}
                Read::Link(_) => _ = self.habits.insert(Habit::TakesLinks),
                Read::Stack => _ = self.habits.insert(Habit::TakesStacks),
                Read::Source(root) => self.habits.extend(match self.settle(&root, 4) {
                    Root::Script => Some(Habit::TakesScripts),
                    Root::Other => None,
                    Root::Var(_) | Root::Unknown => Some(Habit::TakesSources),
                }),
            }
        }
        self.habits
    }

    /// What a variable always is.
    fn settle(&self, root: &Root, depth: usize) -> Root {
        let Root::Var(id) = root else { return root.clone() };
        if self.parsed.contains(id) {
            return Root::Other;
        }
        let Some(below) = depth.checked_sub(1) else { return Root::Unknown };
        // In minified code a name may have been given thousands of values.
        let Some(given) = self.roots.get(id).filter(|given| !given.contains(&Root::Unknown)) else {
            return Root::Unknown;
        };
        let mut all = given.iter().map(|r| self.settle(r, below));
        match all.next() {
            Some(only) if only != Root::Unknown && all.all(|other| other == only) => only,
            _ => Root::Unknown,
        }
    }

    fn take(&mut self, expr: &Expr) {
        reads::of(expr, &mut self.taken);
    }

    fn hold(&mut self, name: &Ident, value: &Expr) {
        let mut found = Vec::new();
        reads::of(value, &mut found);
        self.held.entry(name.to_id()).or_default().extend(found);
        self.roots.entry(name.to_id()).or_default().insert(reads::root(value));
        self.functions.holds(name, value);
        self.lists(value);
    }

    /// `all = d.scripts`, whatever `d` is.
    fn lists(&mut self, value: &Expr) {
        match value {
            Expr::Bin(e) if is_choice(e.op) => {
                self.lists(&e.left);
                self.lists(&e.right);
            }
            _ if is_list(value) => _ = self.habits.insert(Habit::ListsScripts),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        // `'script[src="' + address + '"]'`, of an address that may be put together as well.
        if text.starts_with("script[src") {
            self.habits.extend([Habit::ListsScripts, Habit::TakesScripts, Habit::SeeksScript]);
        }
        if names_a_script(text) {
            self.habits.insert(Habit::NamesScript);
        }
    }

    fn call(&mut self, callee: &Expr, args: &[ExprOrSpread]) {
        self.functions.calls(callee, args);
        let (Some(name), object) = (callee_name(callee), callee_object(callee)) else { return };
        let first = args.first().map(|a| &*a.expr);
        if is_method(name) && first.and_then(literal).is_some_and(names_a_script) {
            self.habits.insert(Habit::SeeksScript);
        }
        if first.and_then(literal).is_some_and(|s| s.starts_with("script[") || s.starts_with("[src")) {
            self.habits.insert(Habit::ListsScripts);
        }
        match (name, object) {
            ("test" | "exec", Some(pattern)) if !stays_whole(name, Some(pattern)) => {
                first.into_iter().for_each(|text| self.take(text));
            }
            ("setItem", Some(_)) if args.get(1).is_some_and(|value| !is_plain(&value.expr)) => {
                self.habits.insert(Habit::Stores);
            }
            (_, Some(text)) if is_method(name) && !stays_whole(name, first) => {
                self.take(text);
                if name == "concat" {
                    args.iter().for_each(|a| self.take(&a.expr));
                }
            }
            ("$" | "jQuery" | "find" | "filter" | "getElementsByTagName" | "querySelector" | "querySelectorAll", _)
                if first.and_then(literal).is_some_and(|s| selects_scripts(s) && !s.contains('<')) =>
            {
                self.habits.insert(Habit::ListsScripts);
            }
            _ => {}
        }
        args.iter().for_each(|a| self.lists(&a.expr));
        if let (Some(object), Some(function)) = (object, first) {
            self.callback(object, function);
        }
    }

    /// `scripts.forEach(s => …)`.
    fn callback(&mut self, object: &Expr, function: &Expr) {
        let param = match function {
            Expr::Arrow(f) => f.params.first(),
            Expr::Fn(f) => f.function.params.first().map(|p| &p.pat),
            _ => None,
        };
        if let Some(Pat::Ident(name)) = param {
            self.roots.entry(name.to_id()).or_default().insert(reads::root(object));
        }
    }

    /// `a + b + c`.
    fn joined(&mut self, pieces: &[Piece<'_>]) {
        for (i, piece) in pieces.iter().enumerate() {
            let Piece::Value(value) = piece else { continue };
            let before = i.checked_sub(1).and_then(|i| pieces.get(i));
            if harmless::is_whole_between(before, pieces.get(i + 1)) {
                continue;
            }
            let from = self.taken.len();
            self.take(value);
            // Keys and addresses of other things are put together of them all the time.
            let link = |read: &Read| matches!(read, Read::Link(_) | Read::Stack);
            let taken = self.taken.split_off(from);
            self.taken.extend(taken.into_iter().filter(|read| !link(read)));
        }
    }

    /// `const {src} = event.target`.
    fn unpack(&mut self, pattern: &ObjectPat, from: &Expr) {
        if !matches!(from, Expr::This(_)) && !matches!(callee_name(from), Some("target" | "currentTarget")) {
            return;
        }
        for prop in &pattern.props {
            let (key, name) = match prop {
                ObjectPatProp::Assign(p) => (&p.key.id.sym, &p.key.id),
                ObjectPatProp::KeyValue(KeyValuePatProp { key: PropName::Ident(key), value }) => match &**value {
                    Pat::Ident(name) => (&key.sym, &name.id),
                    _ => continue,
                },
                _ => continue,
            };
            self.held.entry(name.to_id()).or_default().extend(reads::named(key, Root::Unknown));
        }
    }

    /// `localStorage.theme = value`, `document.cookie = value`.
    fn store(&mut self, target: &MemberExpr, value: &Expr) {
        let storage = named(&target.obj, "localStorage") || named(&target.obj, "sessionStorage");
        if (storage || member_name(target) == Some("cookie")) && !is_plain(value) {
            self.habits.insert(Habit::Stores);
        }
    }
}

fn is_method(name: &str) -> bool {
    METHODS.split(' ').any(|method| method == name)
}

/// `d.scripts`.
fn is_list(expr: &Expr) -> bool {
    member(expr).is_some_and(|m| member_name(m) == Some("scripts"))
}

/// A value that is no address of a file: a number, a word, a choice between such.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(e) => is_plain(&e.expr),
        Expr::Cond(e) => is_plain(&e.cons) && is_plain(&e.alt),
        Expr::Lit(Lit::Str(_)) | Expr::Tpl(_) => literal(expr).is_some_and(|text| !could_name_a_file(text)),
        Expr::Lit(_) | Expr::Unary(_) | Expr::Update(_) => true,
        _ => false,
    }
}

impl Visit for Reader {
    noop_visit_type!();

    fn visit_str(&mut self, s: &Str) {
        self.text(s.value.as_str().unwrap_or_default());
    }

    fn visit_tpl_element(&mut self, e: &TplElement) {
        self.text(&e.raw);
    }

    fn visit_regex(&mut self, r: &Regex) {
        if r.exp.contains("\\.js") {
            self.habits.insert(Habit::SeeksScript);
        }
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
        if let (Some("URL"), Some(url)) = (callee_name(&e.callee), e.args.iter().flatten().next()) {
            self.take(&url.expr);
        }
        e.visit_children_with(self);
    }

    fn visit_bin_expr(&mut self, e: &BinExpr) {
        if e.op != BinaryOp::Add {
            return e.visit_children_with(self);
        }
        let operands = operands(e);
        self.joined(&operands.iter().map(|e| harmless::piece(e)).collect::<Vec<_>>());
        operands.iter().for_each(|e| e.visit_with(self));
    }

    fn visit_tpl(&mut self, t: &Tpl) {
        self.joined(&pieces(t));
        t.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        match (&e.left, e.op) {
            (AssignTarget::Simple(SimpleAssignTarget::Ident(name)), AssignOp::AddAssign) => {
                let name = Expr::Ident(name.id.clone());
                self.joined(&[harmless::piece(&name), harmless::piece(&e.right)]);
            }
            (AssignTarget::Simple(SimpleAssignTarget::Ident(name)), _) => self.hold(&name.id, &e.right),
            (AssignTarget::Simple(SimpleAssignTarget::Member(m)), op) => {
                self.store(m, &e.right);
                self.lists(&e.right);
                if op == AssignOp::AddAssign {
                    let target = Expr::Member(m.clone());
                    self.joined(&[harmless::piece(&target), harmless::piece(&e.right)]);
                }
            }
            (AssignTarget::Pat(AssignTargetPat::Object(p)), _) => self.unpack(p, &e.right),
            _ => {}
        }
        e.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, d: &VarDeclarator) {
        match (&d.name, &d.init) {
            (Pat::Ident(name), Some(init)) => self.hold(&name.id, init),
            (Pat::Object(pattern), Some(init)) => self.unpack(pattern, init),
            _ => {}
        }
        d.visit_children_with(self);
    }

    fn visit_member_expr(&mut self, e: &MemberExpr) {
        let entry = matches!(e.prop, MemberProp::Computed(_)) || matches!(member_name(e), Some("length" | "item"));
        if entry && is_list(&e.obj) {
            self.habits.insert(Habit::ListsScripts);
        }
        if let (Some("tokens"), Root::Var(id)) = (member_name(e), reads::root(&e.obj)) {
            self.parsed.insert(id);
        }
        e.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, f: &FnDecl) {
        self.functions.declares(&f.ident, f.function.params.iter().map(|p| &p.pat));
        f.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, s: &ForOfStmt) {
        self.lists(&s.right);
        if let ForHead::VarDecl(d) = &s.left
            && let Some(Pat::Ident(name)) = d.decls.first().map(|d| &d.name)
        {
            self.roots.entry(name.to_id()).or_default().insert(reads::root(&s.right));
        }
        s.visit_children_with(self);
    }

    fn visit_for_in_stmt(&mut self, s: &ForInStmt) {
        self.lists(&s.right);
        s.visit_children_with(self);
    }

    fn visit_spread_element(&mut self, s: &SpreadElement) {
        self.lists(&s.expr);
        s.visit_children_with(self);
    }
}
