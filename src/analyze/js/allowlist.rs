//! What a sanitizer lets through, as in Bootstrap's tooltips and in sanitize-html: `{ a: ["href"], img: ["src", "srcset"], … }`.
//! It says which markup may be made, and nothing of the elements that a page has.

use super::calls::literal;
use super::writes::key_name;
use swc_core::ecma::ast::*;

/// Elements that every such list has. Fewer together could be about anything.
const USUAL: [&str; 6] = ["a", "b", "br", "img", "li", "p"];

/// Lists of attributes for tags. `img` may have a `src`.
pub fn is_allowlist(object: &ObjectLit) -> bool {
    let Some(entries) = object.props.iter().map(entry).collect::<Option<Vec<_>>>() else { return false };
    let list = |tag: &str| entries.iter().find(|(key, _)| key == tag).map(|(_, list)| *list);
    let has_source = |list: &ArrayLit| list.elems.iter().flatten().any(|e| literal(&e.expr) == Some("src"));
    USUAL.iter().all(|tag| list(tag).is_some()) && list("img").is_some_and(has_source)
}

/// `tag: ["name", /^pattern/]`.
fn entry(prop: &PropOrSpread) -> Option<(String, &ArrayLit)> {
    let Prop::KeyValue(KeyValueProp { key, value }) = &**prop.as_prop()? else { return None };
    let Expr::Array(list) = &**value else { return None };
    let plain = |e: &ExprOrSpread| e.spread.is_none() && matches!(&*e.expr, Expr::Lit(Lit::Str(_) | Lit::Regex(_)));
    list.elems.iter().flatten().all(plain).then_some((key_name(key)?, list))
}
