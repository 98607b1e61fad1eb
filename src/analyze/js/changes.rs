//! What a script may do to a page's elements. One that uses nothing but what is listed here switches states, and leaves the
//! elements themselves where and what they are; of any other nobody knows.

use super::calls::literal;
use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Changes {
    /// It may take elements off a page, put markup there or read it, or go through elements without knowing their names.
    pub rebuilds: bool,
    /// It may take parts of one page to another.
    pub carries: bool,
}

impl Changes {
    /// Of a script that cannot be read.
    pub const ANY: Self = Self { rebuilds: true, carries: true };

    pub fn of(program: &Program, source: &str) -> Self {
        let mut reader = Reader { rebuilds: false };
        program.visit_with(&mut reader);
        let has = |words: &LazyLock<Option<AhoCorasick>>| words.as_ref().is_none_or(|w| w.is_match(source));
        let carries = reader.rebuilds && (has(&OTHER_PAGES) || has(&WRITES) && has(&LOADS));
        Self { rebuilds: reader.rebuilds, carries }
    }

    pub fn add(&mut self, other: Self) {
        self.rebuilds |= other.rebuilds;
        self.carries |= other.carries;
    }
}

fn words(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::new(words).ok()
}

static OTHER_PAGES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    words(&[
        "DOMParser",
        "parseFromString",
        "parseHTML",
        "createContextualFragment",
        "responseXML",
        "contentDocument",
        "contentWindow",
        "frames",
        "window.open",
        "opener",
        "PictureInPicture",
        ".load(",
    ])
});

static WRITES: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| words(&["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTML", ".html(", "document.write"]));

static LOADS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| words(&["fetch", "XMLHttpRequest", "ajax", "axios", "$.get("]));

/// Properties and methods that change no more than a state, an attribute or a style of an element that the script knows by
/// name.
static HARMLESS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    "abs add addEventListener addListener altKey ariaChecked ariaExpanded ariaHidden ariaPressed ariaSelected blur \
     body bottom catch ceil checked classList className clearInterval clearTimeout clientHeight clientWidth close \
     code contains ctrlKey dataset defaultPrevented detail dir disabled documentElement endsWith error every filter \
     finally find floor focus forEach from getAttribute getBoundingClientRect getElementById getFullYear getHours \
     getItem getTime hasAttribute hash head height hidden history host hostname href includes indexOf innerHeight \
     innerWidth join json key lang language left length localStorage location log map matchMedia max media metaKey \
     min navigator now offsetHeight offsetTop offsetWidth ok onchange onclick oninput onload onsubmit open origin \
     parse pathname platform preventDefault push pushState random readyState register removeAttribute \
     removeEventListener removeItem replace replaceState requestAnimationFrame right round scrollTo scrollTop scrollX \
     scrollY search serviceWorker sessionStorage setInterval setItem setTimeout shiftKey show showModal slice some \
     split startsWith status stopPropagation stringify style then title toLowerCase toString toggle"
        .split_ascii_whitespace()
        .collect()
});

/// Attributes that scripts may set: they leave what is in the element alone.
const ATTRIBUTES: [&str; 10] =
    ["class", "hidden", "disabled", "href", "title", "style", "lang", "role", "tabindex", "open"];

struct Reader {
    rebuilds: bool,
}

impl Reader {
    fn name(&mut self, name: &str) {
        self.rebuilds |= !HARMLESS.contains(name);
    }

    /// The call of a method. Whether its name was dealt with.
    fn method(&mut self, method: &MemberExpr, arguments: &[ExprOrSpread]) -> bool {
        let MemberProp::Ident(name) = &method.prop else { return false };
        let text = arguments.first().filter(|a| a.spread.is_none()).and_then(|a| literal(&a.expr));
        match name.sym.as_ref() {
            "querySelector" | "querySelectorAll" | "closest" | "matches" => {
                self.rebuilds |= !text.is_some_and(names_all);
            }
            "getElementsByClassName" | "getElementsByTagName" => self.rebuilds |= text.is_none_or(|t| t.contains('*')),
            "setAttribute" | "toggleAttribute" => {
                let harmless = |t: &str| t.starts_with("aria-") || t.starts_with("data-") || ATTRIBUTES.contains(&t);
                self.rebuilds |= !text.is_some_and(harmless);
            }
            // Of a name, not of an element.
            "remove" => self.rebuilds |= last_name(&method.obj) != Some("classList"),
            // Another window.
            "open" => self.rebuilds = true,
            _ => return false,
        }
        true
    }

    fn call(&mut self, callee: &Expr, arguments: &[ExprOrSpread]) {
        match (member(callee), callee) {
            (Some(method), _) if self.method(method, arguments) => {
                // What was hit may be a shape; what is around it by name is none.
                let hit = member(&method.obj).filter(|_| last_name(callee) == Some("closest"));
                match hit.filter(|_| matches!(last_name(&method.obj), Some("target" | "currentTarget"))) {
                    Some(hit) => hit.obj.visit_with(self),
                    None => method.obj.visit_with(self),
                }
            }
            (None, Expr::Ident(name)) if matches!(&*name.sym, "setTimeout" | "setInterval") => {
                let code = |a: &ExprOrSpread| !matches!(&*a.expr, Expr::Arrow(_) | Expr::Fn(_) | Expr::Ident(_));
                self.rebuilds |= arguments.first().is_none_or(code);
            }
            _ => callee.visit_with(self),
        }
        arguments.visit_with(self);
    }
}

impl Visit for Reader {
    noop_visit_type!();

    fn visit_call_expr(&mut self, call: &CallExpr) {
        match &call.callee {
            Callee::Expr(callee) => self.call(callee, &call.args),
            _ => call.visit_children_with(self),
        }
    }

    fn visit_opt_call(&mut self, call: &OptCall) {
        self.call(&call.callee, &call.args);
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        match &member.prop {
            // Names of their own.
            _ if matches!(last_name(&member.obj), Some("dataset" | "style")) && !member.prop.is_computed() => {}
            // Whether a media query does.
            MemberProp::Ident(name) if name.sym == "matches" => {}
            MemberProp::Ident(name) => self.name(name.sym.as_ref()),
            MemberProp::PrivateName(_) => {}
            MemberProp::Computed(computed) => match &*computed.expr {
                Expr::Lit(Lit::Num(_)) => {}
                expr => match literal(expr) {
                    Some(name) => self.name(name),
                    None => self.rebuilds = true,
                },
            },
        }
        member.visit_children_with(self);
    }

    fn visit_super_prop_expr(&mut self, _: &SuperPropExpr) {
        self.rebuilds = true;
    }

    fn visit_object_pat_prop(&mut self, prop: &ObjectPatProp) {
        match prop {
            ObjectPatProp::KeyValue(pair) => match &pair.key {
                PropName::Ident(name) => self.name(name.sym.as_ref()),
                _ => self.rebuilds = true,
            },
            ObjectPatProp::Assign(own) => self.name(own.key.sym.as_ref()),
            ObjectPatProp::Rest(_) => self.rebuilds = true,
        }
        prop.visit_children_with(self);
    }

    fn visit_with_stmt(&mut self, _: &WithStmt) {
        self.rebuilds = true;
    }

    fn visit_ident(&mut self, name: &Ident) {
        const ELSEWHERE: [&str; 7] = ["eval", "Function", "open", "frames", "opener", "parent", "top"];
        self.rebuilds |= ELSEWHERE.contains(&&*name.sym);
    }
}

/// Each compound of a selector list says a tag, a class or an id, and nothing else.
fn names_all(selector: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#');
    let mut compounds = selector.split([' ', ',']).filter(|c| !c.is_empty()).peekable();
    compounds.peek().is_some() && compounds.all(|c| c.chars().all(in_name))
}

/// `a.b`, `a?.b`.
fn member(expr: &Expr) -> Option<&MemberExpr> {
    match expr {
        Expr::Paren(inner) => member(&inner.expr),
        Expr::Member(member) => Some(member),
        Expr::OptChain(chain) => match &*chain.base {
            OptChainBase::Member(member) => Some(member),
            OptChainBase::Call(_) => None,
        },
        _ => None,
    }
}

/// The property that an expression ends with.
fn last_name(expr: &Expr) -> Option<&str> {
    match &member(expr)?.prop {
        MemberProp::Ident(name) => Some(name.sym.as_ref()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::analyze::js::{Changes, Goal, analyze};

    fn of(source: &str) -> Changes {
        analyze(source, Goal::Script).map_or(Changes::ANY, |facts| facts.changes)
    }

    #[test]
    fn what_may_take_elements_away_is_told_from_what_switches_states() {
        for source in [
            "button.textContent = 'Copied'",
            "menu.remove()",
            "list.replaceChildren()",
            "$('#a').empty()",
            "for (const c of nav.children) c.hidden = true",
            "document.querySelectorAll('*')",
            "copy = icon.cloneNode(true)",
            "eval(code)",
            "document.createElement('ul').append(document.querySelector('li'))",
            "el['remove']()",
            "el.remove ()",
            "el[name]()",
            "const { append } = shelf",
            "document.execCommand('delete')",
            "document.designMode = 'on'",
            "el.setAttribute('contenteditable', '')",
            "open('').document",
            "frames.f.document.body",
            "li.querySelectorAll('[fill]')",
            "li.querySelectorAll('svg > *')",
            "li.querySelector(':first-child')",
            "li.querySelector(selector)",
            "e.target.matches('[d]')",
            "e.target.hasAttribute('fill')",
            "setTimeout('x()')",
            "with (el) remove()",
            "Object.assign(el, { textContent: '' })",
        ] {
            assert!(of(source).rebuilds, "{source}");
        }
        for source in [
            "document.documentElement.classList.toggle('dark')",
            "button.setAttribute('aria-expanded', open1)",
            "document.querySelector('nav').hidden = !shown",
            "el.addEventListener('click', e => e.target.closest('a')?.classList?.remove('on'))",
            "localStorage.removeItem('theme')",
            "if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.dataset.theme = 'dark'",
            "document.querySelectorAll('.tab, nav a').forEach((tab, i) => { tab.style.display = i ? 'none' : '' })",
            "fetch('/count', { method: 'POST' }).then(r => r.json())",
        ] {
            assert!(!of(source).rebuilds, "{source}");
        }
    }

    #[test]
    fn what_takes_parts_of_one_page_to_another() {
        for source in [
            "new DOMParser().parseFromString(t, 'text/html')",
            "fetch(u).then(r => r.text()).then(t => main.innerHTML = t)",
            "$('#main').load('/b.html #main')",
            "frames.f.document.body.append(document.querySelector('li'))",
        ] {
            assert!(of(source).carries, "{source}");
        }
        for source in ["fetch('/count')", "box.innerHTML = 'x'"] {
            assert!(!of(source).carries, "{source}");
        }
    }
}
