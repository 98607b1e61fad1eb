//! Scripts in attributes, and what frameworks run as such. Of what they do to elements, all is taken in; their URLs stay
//! as they are.

use super::InlineScripts;
use crate::analyze::js::{self, Goal};
use crate::syntax::html::Tag;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Handlers {
    /// On an image, about nothing else: see `ImageUse::scripted`.
    own: BTreeSet<String>,
    any: BTreeSet<String>,
}

impl Handlers {
    pub fn collect(&mut self, tag: &Tag) {
        for attr in &tag.attrs {
            let Some(code) = code(&attr.name, &attr.value) else { continue };
            let own = tag.name == "img" && !is_about_others(&code);
            if own { &mut self.own } else { &mut self.any }.insert(code.into_owned());
        }
    }

    pub fn read(&self, scripts: &mut InlineScripts) {
        for (codes, others) in [(&self.own, false), (&self.any, true)] {
            take_in(&codes.iter().map(String::as_str).collect::<Vec<_>>(), scripts, others);
        }
    }
}

/// It may give other images another picture. Elements with an id are variables, too: `big.src = …` (HTML §7.2.2.3).
fn is_about_others(code: &str) -> bool {
    const SEARCHES: [&str; 4] = ["document", "$", "query", "getElement"];
    const ITSELF: [&str; 7] = [
        "this.",
        "this.dataset.",
        "data-",
        "this.setAttribute('",
        "this.setAttribute(\"",
        "event.target.",
        "event.currentTarget.",
    ];
    let itself =
        |before: &str| ITSELF.iter().filter_map(|way| before.strip_suffix(way)).any(|rest| !rest.ends_with(is_in_name));
    SEARCHES.iter().any(|word| code.contains(word))
        || code.match_indices("src").any(|(at, _)| !code.get(..at).is_some_and(itself))
}

fn is_in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.')
}

/// As statements.
fn code<'a>(name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    const SCHEME: &str = "javascript:";
    let url = value.trim_start();
    match url.split_at_checked(SCHEME.len()) {
        // HTML §7.4.2.3.1: its code is percent-encoded.
        Some((scheme, code)) if scheme.eq_ignore_ascii_case(SCHEME) => {
            Some(percent_decode_str(code).decode_utf8_lossy())
        }
        _ if name.starts_with("on") => Some(Cow::Borrowed(value)),
        _ => bound(name, value),
    }
}

/// Code that Alpine, Vue or AngularJS run: `:class="'step' + n"`, `@click="open = !open"`, `x-for="item of items"`.
fn bound<'a>(name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if value.trim().is_empty() || !starts(&[":", "@", "x-", "v-", "ng-", "data-ng-"]) {
        return None;
    }
    if starts(&["@", "x-on:", "x-init", "x-effect", "v-on:"]) {
        return Some(Cow::Borrowed(value));
    }
    let list = [" in ", " of "].iter().find_map(|word| value.split_once(word)).map(|(_, list)| list);
    let expression = list.filter(|_| name.ends_with("-for") || name.ends_with("-repeat")).unwrap_or(value);
    Some(Cow::Owned(format!("({expression})")))
}

/// All at once, since each parse takes a thread; by halves where one of them is no script. `others`: they may give other
/// images another picture.
fn take_in(codes: &[&str], scripts: &mut InlineScripts, others: bool) {
    if codes.is_empty() {
        return;
    }
    let all: String = codes.iter().map(|code| format!("{{{code}\n}}\n")).collect();
    match js::analyze(&all, Goal::Script) {
        Ok(facts) => {
            // From the element that it stands on, or any that it is told of.
            let climbed = facts.climbed.first().map(|_| "img".to_owned()).into_iter().collect();
            scripts.add(js::JsFacts { writes_src: facts.writes_src && others, climbed, ..facts });
        }
        Err(_) if codes.len() > 1 => {
            let (first, second) = codes.split_at(codes.len() / 2);
            take_in(first, scripts, others);
            take_in(second, scripts, others);
        }
        Err(_) => {
            scripts.handles_sheets |= js::handles_sheets(&all);
            scripts.reads.add(js::Reads::of_text(&all));
            scripts.reads_sheets |= js::reads_sheets(&all);
            scripts.changes.add(js::Changes::ANY);
            scripts.embeds |= js::embeds(&all);
            scripts.measures |= js::measures(&all);
            scripts.writes_src |= others && all.contains("src");
            scripts.habits.extend(all.contains("src").then_some(js::Habit::TakesSources));
        }
    }
}
