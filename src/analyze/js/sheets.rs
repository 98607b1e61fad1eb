//! Whether a script handles style sheets as things: looks for them, or makes some.

use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// It reads or makes sheets: a sheet that moves would stand before the ones it makes, and one that is inlined would not
/// be found. Told by words in its text, comments included; what it builds from pieces is not seen.
pub fn handles(source: &str) -> bool {
    // jQuery asks whether a piece of HTML has some.
    let source = source.replace("/<script|<style|<link/i", "");
    let Some(words) = &*WORDS else { return true };
    words.find_iter(&source).any(|found| match found.pattern().as_usize() {
        0..SURE => true,
        _ => source.get(..found.start()).is_some_and(creates),
    })
}

/// It reads the rules of the page's sheets, or its fonts: it would miss those that are gone.
pub fn reads(source: &str) -> bool {
    let fonts = source.match_indices("document.fonts").any(|(at, found)| {
        let rest = source.get(at + found.len()..).unwrap_or_default();
        // To wait for them is not to ask which there are.
        !rest.trim_start_matches('?').starts_with(".ready")
    });
    fonts || ["styleSheets", "cssRules"].iter().any(|word| source.contains(word))
}

const SURE: usize = 5;

static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        // `styleSheets`, `rel=stylesheet`, `CSSStyleSheet`.
        .build([
            "stylesheet",
            "insertRule",
            "<style",
            "<link",
            "link[",
            "\"style\"",
            "'style'",
            "`style`",
            "\"link\"",
            "'link'",
            "`link`",
        ])
        .ok()
});

/// `createElement("style")`, `createElementNS(ns, 'link')`, `querySelector('style')`.
fn creates(before: &str) -> bool {
    let call = before.trim_end().rsplit(['(', ';']).nth(1).unwrap_or_default();
    let names = ["createElement", "querySelector", "querySelectorAll", "getElementsByTagName", "closest", "matches"];
    names.iter().any(|name| call.trim_end_matches("NS").ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::{handles, reads};

    #[test]
    fn scripts_that_read_rules_are_known() {
        for source in [
            "for (const r of document.styleSheets[0].cssRules) list(r.selectorText)",
            "document.fonts.forEach(f => menu.add(f.family))",
            "link.sheet.cssRules.length",
        ] {
            assert!(reads(source), "{source}");
        }
        for source in ["document.fonts.ready.then(draw)", "document.head.append(link)", "el.style.color = 'red'"] {
            assert!(!reads(source), "{source}");
        }
    }

    #[test]
    fn trap_critical_scripts_that_handle_sheets_are_known() {
        for source in [
            "for (const s of document.styleSheets) s.disabled = true",
            "document.head.append(Object.assign(document.createElement('link'), { href }))",
            "const s = document.createElement( \"style\" ); s.textContent = css",
            "document.createElementNS(ns, 'style')",
            "document.querySelector('link[href=\"/a.css\"]')",
            "el.innerHTML = `<style>a{}</style>`",
            "sheet.insertRule('a{}')",
            "document.querySelector('link').href = 'dark.css'",
            "document.getElementsByTagName(`style`)[0].textContent",
        ] {
            assert!(handles(source), "{source}");
        }
        for source in [
            "el.setAttribute('style', 'color:red')",
            "document.createElement('a').getAttribute(\"style\")",
            "el.style.color = 'red'",
            "var rnoInnerhtml = /<script|<style|<link/i;",
        ] {
            assert!(!handles(source), "{source}");
        }
    }
}
