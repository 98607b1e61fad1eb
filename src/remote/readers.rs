//! Scripts that read or change the addresses of images that they did not make.

use super::known::handlers;
use super::uses::Leads;
use crate::analyze::html::{HtmlFacts, InlineKind};
use crate::facts::{Analyst, Facts};
use crate::model::{AssetId, Kind, RawRef, SitePath};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a script does with addresses of images.
#[derive(Default)]
struct Habit {
    /// It reads or writes some, of whatever element.
    acts: bool,
    /// It speaks of images.
    images: bool,
    /// Names by which it could find them.
    names: BTreeSet<String>,
    /// Scripts that it loads.
    loads: Vec<AssetId>,
}

pub struct Readers<'a> {
    leads: &'a Leads<'a>,
    scripts: BTreeMap<AssetId, Habit>,
}

impl<'a> Readers<'a> {
    pub fn of(analyst: &Analyst<'_>, leads: &'a Leads<'a>) -> Self {
        let ids: Vec<AssetId> = analyst.site.ids().collect();
        let read = |id: AssetId| {
            let asset = analyst.site.get(id).filter(|a| a.kind == Kind::Js)?;
            let text = String::from_utf8(analyst.site.read(asset).ok()?).ok()?;
            let habit = match analyst.analysis(id).facts {
                Facts::Js(facts) => Habit {
                    acts: facts.writes_src || reads(&text),
                    images: speaks_of_images(&text),
                    names: facts.tokens.iter().chain(&facts.selected).cloned().collect(),
                    loads: scripts(leads, &asset.path, None, &facts.refs),
                },
                // What cannot be read may do anything.
                _ => Habit { acts: true, images: true, ..Habit::default() },
            };
            Some((id, habit))
        };
        let scripts = ids.into_par_iter().filter_map(read).collect();
        Self { leads, scripts }
    }

    /// One of the page's scripts may act on the addresses of its images.
    pub fn act_on(&self, analyst: &Analyst<'_>, id: AssetId, facts: &HtmlFacts) -> bool {
        let Some(asset) = analyst.site.get(id) else { return true };
        let text = String::from_utf8(analyst.site.read(asset).unwrap_or_default()).unwrap_or_default();
        let inline = facts.inline.iter().filter(|i| matches!(i.kind, InlineKind::Classic | InlineKind::Module));
        let mut code: Vec<String> = inline.filter_map(|i| text.get(i.range.clone())).map(str::to_owned).collect();
        code.extend(handlers(&text));
        let own = Habit {
            acts: facts.scripts.writes_src || code.iter().any(|c| reads(c)),
            images: code.iter().any(|c| speaks_of_images(c)),
            names: facts.scripts.tokens.iter().chain(&facts.scripts.selected).cloned().collect(),
            loads: scripts(self.leads, &asset.path, facts.base.as_deref(), &facts.refs),
        };
        let names: BTreeSet<&str> = facts
            .images
            .iter()
            .flat_map(|i| i.id.iter().chain(&i.classes).chain(i.around.iter().flat_map(|e| e.names())))
            .map(String::as_str)
            .collect();
        let acts = |h: &Habit| h.acts && (h.images || h.names.iter().any(|name| names.contains(name.as_str())));
        let mut seen: BTreeSet<AssetId> = BTreeSet::new();
        let mut left = own.loads.clone();
        if acts(&own) {
            return true;
        }
        while let Some(id) = left.pop() {
            let Some(habit) = self.scripts.get(&id).filter(|_| seen.insert(id)) else { continue };
            if acts(habit) {
                return true;
            }
            left.extend(&habit.loads);
        }
        false
    }
}

/// Those of the references that lead to scripts of the site.
fn scripts(leads: &Leads<'_>, from: &SitePath, base: Option<&str>, refs: &[RawRef]) -> Vec<AssetId> {
    refs.iter().filter_map(|r| leads(from, base, r)).collect()
}

/// It may ask for the address of an image. That of the script itself is none.
fn reads(code: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let read = |at: usize| {
        let after = code.get(at + 4..).unwrap_or_default();
        let own = code.get(..at).unwrap_or_default().ends_with("currentScript");
        let written = after.trim_start().strip_prefix('=').is_some_and(|rest| !rest.starts_with('='));
        !own && !written && !after.starts_with(goes_on)
    };
    let named = ["currentSrc", "srcset", "Attribute(\"src\"", "Attribute('src'", "[\"src\"]", "['src']"];
    named.iter().any(|name| code.contains(name)) || code.match_indices(".src").any(|(at, _)| read(at))
}

fn speaks_of_images(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    ["img", "image", "picture", "target", "this.src", "children", "firstelement"].iter().any(|word| code.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_an_address() {
        for code in
            ["if (i.src === x) y()", "f(i.src)", "e.target.currentSrc", "i.getAttribute('src')", "i.src.replace(a, b)"]
        {
            assert!(reads(code), "{code}");
        }
        for code in ["i.src = x", "i.src=x", "document.currentScript.src", "a.srcObject = y", "x.source"] {
            assert!(!reads(code), "{code}");
        }
    }
}
