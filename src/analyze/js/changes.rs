//! What a script may do to a page's elements, told by words in its text, comments included. Names that it puts together from
//! pieces are not seen.

use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

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

    /// Of a script's text.
    pub fn of(source: &str) -> Self {
        let has = |words: &LazyLock<Option<AhoCorasick>>| words.as_ref().is_none_or(|w| w.is_match(source));
        let removes = source.match_indices(".remove").any(|(at, word)| {
            let (before, after) =
                (source.get(..at).unwrap_or_default(), source.get(at + word.len()..).unwrap_or_default());
            // From a list of classes it takes a name, no element.
            after.starts_with(['(', '?', ')', ',']) && !before.trim_end_matches('?').ends_with("classList")
        });
        Self { rebuilds: removes || has(&REBUILDS), carries: has(&PARSES) || has(&WRITES) && has(&LOADS) }
    }

    pub fn add(&mut self, other: Self) {
        self.rebuilds |= other.rebuilds;
        self.carries |= other.carries;
    }
}

fn words(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::new(words).ok()
}

static REBUILDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    words(&[
        // Writes over what is there.
        "innerHTML",
        "outerHTML",
        "innerText",
        "outerText",
        "textContent",
        "setHTML",
        ".html(",
        ".text(",
        "document.write",
        "writeln",
        // Takes it off, or to where no reference reaches.
        "removeChild",
        "replaceWith",
        "replaceChild",
        ".detach(",
        ".empty(",
        "extractContents",
        "deleteContents",
        "surroundContents",
        "attachShadow",
        "DocumentFragment",
        "adoptNode",
        "importNode",
        "contentDocument",
        "contentWindow",
        // Reads or copies it.
        "cloneNode",
        "cloneContents",
        "XMLSerializer",
        "serializeToString",
        "isEqualNode",
        // Goes from one element to the next, whatever they are.
        "children",
        "childNodes",
        "childElementCount",
        "firstChild",
        "lastChild",
        "ElementChild",
        "ibling",
        "parentNode",
        "parentElement",
        "TreeWalker",
        "NodeIterator",
        "composedPath",
        "FromPoint",
        "document.all",
        "MutationObserver",
        "target.id",
        "'*'",
        "\"*\"",
        "`*`",
        // What it runs may be anything.
        "eval(",
        "Function(",
    ])
});

static PARSES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    words(&[
        "DOMParser",
        "parseFromString",
        "parseHTML",
        "createContextualFragment",
        "responseXML",
        "contentDocument",
        ".load(",
    ])
});

static WRITES: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| words(&["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTML", ".html(", "document.write"]));

static LOADS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| words(&["fetch", "XMLHttpRequest", "ajax", "axios", "$.get("]));

#[cfg(test)]
mod tests {
    use super::Changes;

    #[test]
    fn what_takes_elements_away_is_told_from_what_changes_their_looks() {
        for source in [
            "button.textContent = 'Copied'",
            "menu.remove()",
            "list.replaceChildren()",
            "$('#a').empty()",
            "for (const c of nav.children) c.hidden = true",
            "document.querySelectorAll('*')",
            "copy = icon.cloneNode(true)",
            "eval(code)",
        ] {
            assert!(Changes::of(source).rebuilds, "{source}");
        }
        for source in [
            "document.documentElement.classList.toggle('dark')",
            "button.setAttribute('aria-expanded', open)",
            "document.querySelector('nav').hidden = !open",
            "el.addEventListener('click', e => e.target.closest('a')?.classList?.remove('on'))",
            "document.body.append(Object.assign(document.createElement('p'), { hidden: true }))",
            "localStorage.removeItem('theme')",
        ] {
            assert!(!Changes::of(source).rebuilds, "{source}");
        }
    }

    #[test]
    fn what_takes_parts_of_one_page_to_another() {
        for source in [
            "new DOMParser().parseFromString(t, 'text/html')",
            "fetch(u).then(r => r.text()).then(t => main.innerHTML = t)",
            "$('#main').load('/b.html #main')",
        ] {
            assert!(Changes::of(source).carries, "{source}");
        }
        for source in ["fetch('/count')", "box.innerHTML = 'x'"] {
            assert!(!Changes::of(source).carries, "{source}");
        }
    }
}
