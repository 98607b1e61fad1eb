//! What a script finds in the page by a selector, an id, a class or a tag that stands in its text.

use super::calls::{callee_name, callee_object, literal, named};
use swc_core::ecma::ast::*;

#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    pub selector: String,
    /// All that it describes, as a list.
    pub many: bool,
}

/// What a call finds, if its text says so.
pub fn found(callee: &Expr, args: &[ExprOrSpread]) -> Option<Found> {
    let [ExprOrSpread { spread: None, expr }, ..] = args else { return None };
    let text = literal(expr)?.trim();
    let (selector, many) = match callee_name(callee)? {
        "getElementById" => (format!("#{}", name(text)?), false),
        "getElementsByClassName" => {
            let classes: Option<Vec<_>> = text.split_ascii_whitespace().map(name).collect();
            (format!(".{}", classes?.join(".")), true)
        }
        "getElementsByTagName" | "querySelectorAll" | "find" => (text.to_owned(), true),
        "querySelector" => (text.to_owned(), false),
        // Prototype's takes ids.
        "$" | "jQuery" if text.contains(['.', '#']) && !text.contains('<') => (text.to_owned(), true),
        _ => return None,
    };
    Some(Found { selector, many })
}

/// The list whose elements the call hands on: `Array.from(list)`, and what jQuery returns itself from.
pub fn same<'e>(callee: &'e Expr, args: &'e [ExprOrSpread]) -> Option<&'e Expr> {
    match callee_name(callee)? {
        "from" if callee_object(callee).is_some_and(|o| named(o, "Array")) => match args {
            [only] if only.spread.is_none() => Some(&only.expr),
            _ => None,
        },
        "addClass" | "animate" | "attr" | "css" | "eq" | "fadeIn" | "fadeOut" | "fadeTo" | "first" | "hide"
        | "last" | "off" | "on" | "prop" | "removeClass" | "show" | "stop" => callee_object(callee),
        _ => None,
    }
}

/// The ids and classes of each kind of image that a selector could describe. `None`: it could be any image, or a `<source>`.
pub fn names(selector: &str) -> Option<Vec<Vec<String>>> {
    let mut plain = String::new();
    let mut rest = selector;
    while let Some((before, attribute)) = rest.split_once('[') {
        plain.push_str(before);
        rest = attribute.split_once(']')?.1;
    }
    plain.push_str(rest);
    let mut all = Vec::new();
    for one in plain.split(',') {
        let last = one.split([' ', '\t', '\n', '>', '+', '~']).rfind(|compound| !compound.is_empty())?;
        let compound = last.split(':').next().unwrap_or_default();
        let (tag, names) = compound.split_at(compound.find(['.', '#']).unwrap_or(compound.len()));
        match tag.to_ascii_lowercase().as_str() {
            "" | "img" => {
                let names: Option<Vec<_>> = names.split(['.', '#']).skip(1).map(name).collect();
                all.push(names?.into_iter().map(str::to_owned).collect::<Vec<_>>());
            }
            "picture" | "source" => return None,
            tag if name(tag).is_some() => {}
            _ => return None,
        }
    }
    // One without names is any.
    (!all.iter().any(Vec::is_empty)).then_some(all)
}

/// A name without anything that would need to be read as CSS.
fn name(text: &str) -> Option<&str> {
    let plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    (plain && !text.is_empty()).then_some(text)
}
