//! What may be done to an address whose file gets another name in the same folder, with the same ending.

use super::super::calls::literal;
use swc_core::ecma::ast::*;

/// A piece of a text that is put together.
pub enum Piece<'a> {
    Text(&'a str),
    Value(&'a Expr),
}

pub fn piece(expr: &Expr) -> Piece<'_> {
    literal(expr).map_or(Piece::Value(expr), Piece::Text)
}

pub fn pieces(t: &Tpl) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    for (i, quasi) in t.quasis.iter().enumerate() {
        all.extend(Some(&*quasi.raw).filter(|text| !text.is_empty()).map(Piece::Text));
        all.extend(t.exprs.get(i).map(|e| Piece::Value(e)));
    }
    all
}

/// An address between such texts stays what it is: `url(` and `)`, `src="` and `"`, nothing and `?v=1`.
pub fn is_whole_between(before: Option<&Piece<'_>>, after: Option<&Piece<'_>>) -> bool {
    let begins = match before {
        None => true,
        Some(Piece::Text(text)) => text.is_empty() || text.ends_with(['(', '"', '\'', '=', ' ', '\n', ',', ':', '>']),
        Some(Piece::Value(_)) => false,
    };
    let ends = match after {
        None => true,
        Some(Piece::Text(text)) => {
            text.is_empty() || text.starts_with([')', '"', '\'', ' ', '\n', ',', '?', '#', '<', '>', '\\'])
        }
        Some(Piece::Value(_)) => false,
    };
    begins && ends
}

/// Whether a method tells or changes nothing but how an address begins, or which ending it has.
pub fn stays_whole(method: &str, first: Option<&Expr>) -> bool {
    match (method, first) {
        ("test", Some(Expr::Lit(Lit::Regex(r)))) => begins(&r.exp) || r.exp.starts_with("\\."),
        ("match" | "search" | "replace" | "exec", Some(Expr::Lit(Lit::Regex(r)))) => begins(&r.exp),
        ("charAt" | "at", Some(Expr::Lit(Lit::Num(n)))) => n.value == 0.0,
        ("indexOf" | "lastIndexOf" | "includes" | "startsWith" | "endsWith", Some(text)) => {
            literal(text).is_some_and(|text| is_start(text) || is_ending(text) || method == "startsWith" && text == "/")
        }
        _ => false,
    }
}

/// `^https?:`, `^(?:data|blob):`.
fn begins(pattern: &str) -> bool {
    let Some(rest) = pattern.strip_prefix('^') else { return false };
    let rest = rest.trim_start_matches(['(', '?', ':']);
    let known = ["data", "http", "blob", "file", "\\/\\/", "[a-z]", "#"].iter().any(|s| rest.starts_with(s));
    known && rest.len() <= 32 && !rest.contains('$')
}

fn is_start(text: &str) -> bool {
    const STARTS: [&str; 9] = ["data:", "blob:", "http", "file:", "about:", "javascript:", "//", "?", "#"];
    STARTS.iter().any(|start| text.starts_with(start)) && !text.rsplit('/').next().unwrap_or_default().contains('.')
}

/// `.svg`.
fn is_ending(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|e| (2..=4).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `gallery.js`, `script[src*="gallery"]`: a name, or a part of one; a mere ending is none.
pub fn names_a_script(text: &str) -> bool {
    let named = |(at, ending): (usize, &str)| {
        let ends = |c: char| !c.is_ascii_alphanumeric();
        text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_alphanumeric()))
            && text.get(at + ending.len()..).is_some_and(|after| after.chars().next().is_none_or(ends))
    };
    text.contains("script[src") || text.len() <= 1024 && !text.starts_with('.') && text.match_indices(".js").any(named)
}
