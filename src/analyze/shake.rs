//! Which rules of a site's sheets can never match.
//!
//! Each page gives its elements, each text its words; their union over the site answers for every selector whether it
//! may match. A name that stands both on elements and in a text is dynamic: it may come to any element. A name that
//! stands only on elements stays there, and those elements stay where they are unless a script can name them. A name
//! that stands nowhere matches nothing. Whatever is not understood may match.

mod attributes;
mod dom;
pub mod draws;
pub mod implied;
mod keep;
mod live;
mod matching;
mod needed;
mod selector;
mod shape;
mod sheet;
#[cfg(test)]
mod tests;
mod used;
mod words;

pub use dom::Dom;
pub use draws::Draws;
pub use live::{Dropped, Shaken, accounts_for_all, cut};
pub use matching::Matcher;
pub use needed::drop_unnamed;
pub use selector::{Combinator, Selector, Simple};
pub use shape::Shape;
pub use sheet::{Item, ItemKind, Sheet, read};
pub use used::{Collector, Used};
pub use words::{HOLE, sorted};

use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What one file says about which rules are used.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// Words; patterns of words with a `*` for what is not known; with a `=`, words that stand alone in a script or in
    /// data; with a `~`, those of prose. Sorted.
    pub words: Vec<String>,
    /// What styles outside of sheets name. Sorted.
    pub style_words: Vec<String>,
    /// Of a page.
    pub dom: Option<Dom>,
}

impl Evidence {
    /// Of a text in no matter what language.
    pub fn of_text(text: &str) -> Self {
        let mut words = HashSet::new();
        words::read(text, &mut words);
        for part in text.split(['"', '\'', ',', ';', '\t', '\n', '<', '>']) {
            words::value(part.trim(), &mut words);
        }
        Self { words: sorted(words), ..Self::default() }
    }

    /// Of a page; `words` are those of its scripts, `styles` the texts of its `<style>` elements.
    pub fn of_page(source: &str, words: impl IntoIterator<Item = String>, styles: &[&str]) -> Self {
        let mut words: HashSet<String> = words.into_iter().collect();
        let mut style_words = HashSet::new();
        let dom = dom::read(source, &mut words, &mut style_words);
        for style in styles {
            style_words.extend(read(style).items.into_iter().flat_map(|i| i.words));
        }
        Self { words: sorted(words), style_words: sorted(style_words), dom: Some(dom) }
    }
}

/// A word that may fill the hole of a pattern, added to `into`; nothing if `text` is not one word.
pub fn read_piece(text: &str, into: &mut HashSet<String>) {
    words::piece(text, into);
}

/// The words of a name that a script may put on elements as it is, by a roundabout way.
pub fn read_data(text: &str, into: &mut HashSet<String>) {
    words::data(text, into);
}

/// The patterns of a text that becomes names, where holes stand side by side.
pub fn read_adjoined(text: &str, into: &mut HashSet<String>) {
    words::adjoined(text, into);
}

/// The words and patterns of one text, added to `into`. Holes are [`HOLE`]s.
pub fn read_words(text: &str, into: &mut HashSet<String>) {
    words::read(text, into);
}
