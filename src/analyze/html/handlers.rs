//! Scripts in attributes. Of what they do to elements, all is taken in; their URLs stay as they are.

use super::InlineScripts;
use crate::analyze::js::{self, Goal};
use crate::syntax::html::Tag;
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Handlers {
    /// On an image, about nothing else: see `ImageUse::scripted`.
    own: BTreeSet<String>,
    any: BTreeSet<String>,
}

impl Handlers {
    pub fn collect(&mut self, tag: &Tag) {
        let elsewhere = |code: &str| ["document", "$", "query", "getElement"].iter().any(|word| code.contains(word));
        for attr in &tag.attrs {
            let Some(code) = code(&attr.name, &attr.value) else { continue };
            let own = tag.name == "img" && !elsewhere(code);
            if own { &mut self.own } else { &mut self.any }.insert(code.to_owned());
        }
    }

    pub fn read(&self, scripts: &mut InlineScripts) {
        take_in(&self.own, scripts, false);
        take_in(&self.any, scripts, true);
    }
}

fn code<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    const SCHEME: &str = "javascript:";
    let url = value.trim_start();
    match url.split_at_checked(SCHEME.len()) {
        Some((scheme, code)) if scheme.eq_ignore_ascii_case(SCHEME) => Some(code),
        _ => Some(value).filter(|_| name.starts_with("on")),
    }
}

/// All at once, since each parse takes a thread; one by one if one of them is no script. `others`: they may give other
/// images another picture.
fn take_in(codes: &BTreeSet<String>, scripts: &mut InlineScripts, others: bool) {
    if codes.is_empty() {
        return;
    }
    let all: String = codes.iter().map(|code| format!("{{{code}\n}}\n")).collect();
    match js::analyze(&all, Goal::Script) {
        Ok(facts) => scripts.add(js::JsFacts { writes_src: facts.writes_src && others, ..facts }),
        Err(_) if codes.len() > 1 => {
            codes.iter().for_each(|code| take_in(&BTreeSet::from([code.clone()]), scripts, others));
        }
        Err(_) => {
            scripts.handles_sheets |= js::handles_sheets(&all);
            scripts.writes_src |= others && all.contains("src");
        }
    }
}
