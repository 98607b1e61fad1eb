//! Precache lists of service workers, as Workbox and its kin write them: `[{url: "a.html", revision: "4f2…"}, …]`.

use super::parse::Parsed;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use swc_core::ecma::ast::*;

/// An entry whose freshness hangs on its revision. Entries with `revision: null` carry a hash in their URL.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revision {
    pub url: String,
    /// Its bytes in the text, without the quotes.
    pub range: Range<usize>,
}

pub fn revision(parsed: &Parsed<'_>, object: &ObjectLit) -> Option<Revision> {
    let url = string(object, "url")?.value.as_str()?.to_owned();
    let revision = string(object, "revision")?;
    let plain = revision.value.as_str()?.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let range = parsed.range(revision.span);
    plain.then(|| Revision { url, range: range.start + 1..range.end.saturating_sub(1) })
}

fn string<'a>(object: &'a ObjectLit, name: &str) -> Option<&'a Str> {
    object.props.iter().find_map(|prop| match prop {
        PropOrSpread::Prop(prop) => match &**prop {
            Prop::KeyValue(KeyValueProp { key, value }) if is_named(key, name) => match &**value {
                Expr::Lit(Lit::Str(text)) => Some(text),
                _ => None,
            },
            _ => None,
        },
        PropOrSpread::Spread(_) => None,
    })
}

fn is_named(key: &PropName, name: &str) -> bool {
    match key {
        PropName::Ident(key) => &*key.sym == name,
        PropName::Str(key) => key.value.as_str() == Some(name),
        _ => false,
    }
}
