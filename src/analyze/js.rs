//! What a script refers to, and which of its habits forbid a change to the site around it.

mod addresses;
mod allowlist;
mod backgrounds;
mod calls;
mod changes;
mod climbing;
mod collect;
mod comment;
#[cfg(test)]
mod corpus;
mod endings;
mod literal;
pub mod modules;
mod origins;
mod outside;
mod parse;
mod precache;
mod reads;
pub mod shape;
mod sheets;
#[cfg(test)]
mod tests;
mod words;
mod writes;
#[cfg(test)]
mod writes_tests;

pub use addresses::{Habit, Habits, finds_scripts};
pub use changes::Changes;
pub use precache::Revision;
pub use reads::Reads;
pub use shape::{Shapes, shapes};
pub use sheets::{handles as handles_sheets, reads as reads_sheets};

use super::SyntaxError;
use crate::model::RawRef;
use serde::{Deserialize, Serialize};

/// How a script is loaded. It decides what the text means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    Module,
    Script,
    /// Not known yet: a module if it has a module's syntax, otherwise a script.
    Unknown,
}

/// What is known of a script from its text alone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct JsFacts {
    /// Sorted by place, never overlapping. Bare specifiers are included: the resolver knows what they are.
    pub refs: Vec<RawRef>,
    /// Indexes into `refs` of the URLs that `Worker` and `SharedWorker` are started with.
    pub workers: Vec<usize>,
    /// It looks at its own URL or at the page's script elements: it must keep its name.
    pub introspects: bool,
    /// What it does with addresses that it finds.
    pub habits: Habits,
    /// It may set `src` or `srcset` on something that it did not create itself: a `srcset` added to an image that it drives would win over it.
    pub writes_src: bool,
    /// It may ask how large a picture's file is, draw it, or know of candidates.
    pub measures: bool,
    /// It may talk to a frame, or play a video.
    pub embeds: bool,
    /// It may talk to the page that holds its own in a frame.
    pub reaches_out: bool,
    /// It goes from an element to the one beside it.
    pub walks: bool,
    /// Names of elements from which it goes to their parents, children or neighbours. Of long scripts only those that it asks
    /// for: a library climbs from what it is given, and the site's own script says what that is.
    pub climbed: Vec<String>,
    /// It may read the text of a page line by line, or let its white space show.
    pub reads_lines: bool,
    /// What it learns of functions other than by calling them.
    pub reads: Reads,
    /// It looks at style sheets, or makes some.
    pub handles_sheets: bool,
    /// It reads the rules or the fonts that sheets hold.
    pub reads_sheets: bool,
    /// It may put classes on elements that come from elsewhere: an answer, the address, the visitor.
    pub outside: bool,
    /// What it may do to elements.
    pub changes: Changes,
    /// Scripts of a full address that it may load: strings and their first parts that name one.
    pub loads: Vec<String>,
    /// Words in strings, templates and object keys that may be classes, ids or tags. Sorted, without duplicates.
    pub tokens: Vec<String>,
    /// Further ones, that only stand after a `.` or a `#`: it finds elements by them, and has no such word to take off them.
    pub selected: Vec<String>,
    /// What it could put on elements: words, and patterns of words with a `*`. Sorted, without duplicates.
    pub words: Vec<String>,
    /// Strings that look like selectors which depend on where an `img` or `picture` stands.
    pub selector_strings: Vec<String>,
    /// Of `avif jpeg jpg png`, those that patterns and strings of their own name.
    pub image_endings: Vec<String>,
    /// The entries of precache lists, in the order of the text.
    pub revisions: Vec<Revision>,
    /// Where its comments and sentences stand: text for people.
    pub prose: Vec<std::ops::Range<usize>>,
    /// Of a module, and of a script that imports.
    pub module: Option<Box<modules::Module>>,
    /// `import`, `export`, `import.meta` or a top-level `await`: it cannot be a classic script.
    pub is_module_syntax: bool,
}

/// Reads a script as its author or a minifier wrote it.
pub fn analyze(source: &str, goal: Goal) -> Result<JsFacts, SyntaxError> {
    let facts = parse::with_program(source, goal, collect::facts)?;
    Ok(JsFacts {
        handles_sheets: sheets::handles(source),
        reads_sheets: sheets::reads(source),
        embeds: embeds(source),
        reaches_out: reaches_out(source),
        reads_lines: reads_lines(source),
        ..facts
    })
}

/// [`JsFacts::refs`] alone.
pub fn references(source: &str, goal: Goal) -> Result<Vec<RawRef>, SyntaxError> {
    parse::with_program(source, goal, collect::refs)
}

/// Bytes. Libraries that go about in a tree are larger, even minified.
const SHORT: usize = 24 << 10;

/// Of long ones only what surely is about that: nearly every library has text, and line breaks somewhere.
fn reads_lines(source: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| source.contains(word));
    let reads = source.len() <= SHORT && has(&["textContent", "innerText", "innerHTML", ".text()", ".html()"]);
    has(&["white-space", "whiteSpace"]) || reads && has(&["\\n", "\\s", "trimStart", "trimEnd", "marked", "mermaid"])
}

pub fn embeds(source: &str) -> bool {
    const WORDS: [&str; 12] = [
        "contentwindow",
        "contentdocument",
        "iframe",
        "frames",
        "postmessage",
        "onmessage",
        "\"message\"",
        "'message'",
        "`message`",
        "video",
        "htmlmedia",
        ".play(",
    ];
    let source = source.to_ascii_lowercase();
    WORDS.iter().any(|word| source.contains(word))
}

/// It may talk to the page that holds its own in a frame.
fn reaches_out(source: &str) -> bool {
    ["parent", "opener", "top", "frameElement", "postMessage"].iter().any(|word| source.contains(word))
}

pub fn measures(source: &str) -> bool {
    const ASKS: [&str; 6] = ["currentSrc", "srcset", "drawImage", "createImageBitmap", "texImage", "texSubImage"];
    // The side may be put to it: `'natural' + side`. Springs have a `naturalFrequency`.
    let side = |rest: &str| {
        rest.starts_with(['"', '\'', '`', '$', '-']) || rest.starts_with("Width") || rest.starts_with("Height")
    };
    let natural = source.match_indices("natural").any(|(at, word)| source.get(at + word.len()..).is_some_and(side));
    natural || ASKS.iter().any(|name| source.contains(name))
}
