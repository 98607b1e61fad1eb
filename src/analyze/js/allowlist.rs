//! What a sanitizer lets through, as in Bootstrap's tooltips and in sanitize-html: `{ a: ["href"], img: ["src", "srcset"], … }`.
//! It says which markup may be made, and nothing of the elements that a page has.

use super::calls::literal;
use super::writes::key_name;
use swc_core::ecma::ast::*;

/// Elements that every such list has. Fewer together could be about anything.
const USUAL: [&str; 6] = ["a", "b", "br", "img", "li", "p"];

/// Lists of attributes for tags.
pub fn is_allowlist(object: &ObjectLit) -> bool {
    let lists = |prop: &PropOrSpread| match prop {
        PropOrSpread::Prop(prop) => match &**prop {
            Prop::KeyValue(pair) => matches!(&*pair.value, Expr::Array(list) if is_of_names(list)),
            _ => false,
        },
        PropOrSpread::Spread(_) => false,
    };
    let has = |tag: &&str| {
        object.props.iter().any(|p| match p {
            PropOrSpread::Prop(p) => {
                matches!(&**p, Prop::KeyValue(pair) if key_name(&pair.key).as_deref() == Some(*tag))
            }
            PropOrSpread::Spread(_) => false,
        })
    };
    object.props.len() >= USUAL.len()
        && object.props.iter().all(lists)
        && USUAL.iter().all(has)
        && object.props.iter().any(is_of_sources)
}

/// `img: ["src", …]`.
fn is_of_sources(prop: &PropOrSpread) -> bool {
    let PropOrSpread::Prop(prop) = prop else { return false };
    let Prop::KeyValue(KeyValueProp { key, value }) = &**prop else { return false };
    let Expr::Array(list) = &**value else { return false };
    let names = list.elems.iter().flatten().filter_map(|e| literal(&e.expr));
    key_name(key).as_deref() == Some("img") && names.into_iter().any(|name| name == "src")
}

fn is_of_names(list: &ArrayLit) -> bool {
    let plain = |e: &ExprOrSpread| e.spread.is_none() && matches!(&*e.expr, Expr::Lit(Lit::Str(_) | Lit::Regex(_)));
    list.elems.iter().flatten().all(plain)
}
