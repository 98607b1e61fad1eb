//! From which elements a script goes to what is in them, around them or beside them.

use super::calls::{callee_name, callee_object, literal, member_name, named};
use super::literal::tokens;
use std::collections::BTreeSet;
use swc_core::ecma::ast::*;

#[derive(Default)]
pub struct Climbing {
    climbs: bool,
    /// It asks for the images in an element: `child(slide, 'img')`.
    aims: bool,
    /// It asks events what they are about, or tells images from others by what they are.
    targets: bool,
    /// Words of the selectors it asks for.
    queried: BTreeSet<String>,
}

impl Climbing {
    pub fn member(&mut self, e: &MemberExpr) {
        let Some(name) = member_name(e) else { return };
        self.targets |= is_target(name);
        self.climbs |= climbs(name);
    }

    /// A variable, or a key that is taken out of an object.
    pub fn name(&mut self, name: &str) {
        self.targets |= name == "HTMLImageElement";
    }

    /// `{ target: { parentElement } }`
    pub fn taken(&mut self, key: &str) {
        self.climbs |= climbs(key);
        self.targets |= is_target(key);
    }

    pub fn call(&mut self, callee: &Expr, args: &[ExprOrSpread]) {
        let of_page = callee_object(callee).is_none_or(|object| named(object, "document"));
        let callee = callee_name(callee);
        if let [element, tag] = args {
            self.aims |=
                literal(&tag.expr) == Some("img") && matches!(&*element.expr, Expr::Ident(_) | Expr::Member(_));
        }
        if callee == Some("composedPath") {
            (self.climbs, self.targets) = (true, true);
        }
        if callee.is_some_and(|name| QUERIES.contains(&name)) {
            let selector = args.first().and_then(|arg| literal(&arg.expr)).unwrap_or_default();
            // A library knows what is around the images in an element that it is given, and what its links are.
            let own = |word: &&str| match *word {
                "img" => of_page,
                word => !matches!(word, "a" | "div" | "li" | "p" | "span"),
            };
            let words = tokens(selector).map(|(word, _)| word).filter(own);
            self.queried.extend(words.map(str::to_owned));
        }
    }

    /// The names of those elements, in order; `img` if it may be any image. `words`: all that it knows.
    pub fn from<'a>(self, source: &str, words: impl Iterator<Item = &'a String>) -> Vec<String> {
        if !self.climbs {
            return Vec::new();
        }
        let (mut names, mut anywhere) = (self.queried, self.aims);
        if source.len() <= super::SHORT {
            names.extend(words.cloned());
            anywhere |= self.targets || names.is_empty() || names.contains("IMG");
        }
        names.extend(anywhere.then(|| "img".to_owned()));
        names.into_iter().collect()
    }
}

fn climbs(name: &str) -> bool {
    CLIMBING.contains(&name)
}

fn is_target(name: &str) -> bool {
    matches!(name, "target" | "srcElement")
}

/// What finds elements by a selector, a tag, a class or an id.
const QUERIES: [&str; 8] = [
    "$",
    "closest",
    "getElementById",
    "getElementsByClassName",
    "getElementsByTagName",
    "jQuery",
    "querySelector",
    "querySelectorAll",
];

/// From an element to its parent or its children, in the DOM and in jQuery; or to put something beside it.
const CLIMBING: [&str; 23] = [
    "after",
    "before",
    "childElementCount",
    "childNodes",
    "children",
    "contents",
    "firstChild",
    "firstElementChild",
    "insertAdjacentElement",
    "insertAdjacentHTML",
    "insertBefore",
    "lastChild",
    "lastElementChild",
    "next",
    "nextElementSibling",
    "nextSibling",
    "parent",
    "parentElement",
    "parentNode",
    "prev",
    "previousElementSibling",
    "previousSibling",
    "replaceWith",
];
