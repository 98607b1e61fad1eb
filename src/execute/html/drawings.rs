//! Inline SVGs that stand on a page more than once: the first keeps its drawing, under an id, and the others `<use>` it.
//!
//! Each keeps its own `<svg>` with all attributes, and its `<title>`: only what is drawn inside is taken from elsewhere. A
//! `<use>` holds a copy of the elements in a tree of its own (SVG 2, 5.5), which inherits from where it stands, so colours,
//! sizes and states of the `<svg>` and of what is around it count as before. What counts no longer is told by `hazards`.

mod hazards;
mod icons;

use super::super::sheet::wire;
use super::Editor;
use crate::analyze::shake::Dom;
use crate::execute::{Edit, apply, joined};
use crate::model::{Digest, Piece};
use crate::syntax::html::Token;
use hazards::Hazards;
use icons::{Icon, Seen};
use std::collections::BTreeMap;

/// Hexadecimal digits of an id.
const SHORTEST: usize = 5;
const LONGEST: usize = 16;

/// The edits, and what was done or not, for a person.
pub(super) fn reuse(editor: &Editor<'_>, tokens: &[Token], dom: &Dom) -> (Vec<Edit>, Vec<String>) {
    let seen = icons::read(editor.source, tokens);
    let repeated: Vec<&[Icon<'_>]> = seen.groups.iter().map(Vec::as_slice).filter(|g| g.len() > 1).collect();
    let mut notes = untouched(&seen);
    if repeated.is_empty() {
        return (Vec::new(), notes);
    }
    let hazards = match Hazards::of_page(editor, tokens, dom, &seen) {
        Ok(hazards) => hazards,
        Err(why) => {
            notes.push(format!("its inline SVGs stay as they are: {why}"));
            return (Vec::new(), notes);
        }
    };
    let mut shared = Vec::new();
    for icons in repeated {
        match hazards.obstacle(icons) {
            Some(why) => notes.push(format!("an inline SVG stays where it repeats, {} times: {why}", icons.len())),
            None => {
                let taken = |id: &str| hazards.is_taken(id) || shared.iter().any(|s: &Shared| s.id == id);
                let new = Shared::new(editor.source, icons, &taken);
                shared.extend(new);
            }
        }
    }
    let (edits, note) = smaller(editor.source, shared);
    notes.extend(note);
    (edits, notes)
}

/// Equal drawings, and how they become one.
struct Shared {
    id: String,
    edits: Vec<Edit>,
    copies: usize,
}

impl Shared {
    /// `None` where it would not be smaller, or has no id.
    fn new(source: &str, icons: &[Icon<'_>], taken: &dyn Fn(&str) -> bool) -> Option<Self> {
        let (first, others) = icons.split_first()?;
        let hash = Digest::of(first.drawing(source).as_bytes()).hex();
        let mut ids = (SHORTEST..=LONGEST).filter_map(|n| Some(format!("k{}", hash.get(..n)?)));
        let id = ids.find(|id| !source.contains(id) && !taken(id))?;
        let mut edits = match first.only {
            Some(tag) => vec![(tag.insertion_point()..tag.insertion_point(), format!(" id=\"{id}\""))],
            None => {
                let (start, end) = (first.drawing.start, first.drawing.end);
                vec![(start..start, format!("<g id=\"{id}\">")), (end..end, "</g>".into())]
            }
        };
        edits.extend(others.iter().map(|icon| (icon.content.clone(), format!("<use href=\"#{id}\"/>"))));
        let (gone, new) =
            edits.iter().fold((0, 0), |(gone, new), (range, with)| (gone + range.len(), new + with.len()));
        let edits = edits.into_iter().map(|(range, with)| Edit { range, pieces: vec![Piece::Text(with)] }).collect();
        (new < gone).then_some(Self { id, edits, copies: others.len() })
    }
}

/// All of them, or those without which the page would be larger when it is sent. Each makes it smaller on disk.
fn smaller(source: &str, shared: Vec<Shared>) -> (Vec<Edit>, Option<String>) {
    if shared.is_empty() {
        return (Vec::new(), None);
    }
    let with = |some: &[&Shared]| joined(&apply(source, some.iter().flat_map(|s| s.edits.clone()).collect()));
    let before = wire(source);
    let mut taken: Vec<&Shared> = shared.iter().collect();
    if wire(&with(&taken)) > before {
        let mut least = before;
        taken.clear();
        for one in &shared {
            taken.push(one);
            match wire(&with(&taken)) {
                now if now <= least => least = now,
                _ => _ = taken.pop(),
            }
        }
    }
    if taken.is_empty() {
        return (
            Vec::new(),
            Some(
                "its inline SVGs stay as they are: sent compressed, the page would be larger if they shared drawings"
                    .into(),
            ),
        );
    }
    let text = with(&taken);
    let copies: usize = taken.iter().map(|s| s.copies).sum();
    let (raw, sent) = (source.len().saturating_sub(text.len()), before.saturating_sub(wire(&text)));
    let whose = match taken.len() {
        1 => "drawing of another".to_owned(),
        n => format!("drawings of {n} others"),
    };
    let note = format!("{copies} of its inline SVGs use the {whose}: {raw} bytes less, {sent} compressed");
    (taken.iter().flat_map(|s| s.edits.clone()).collect(), Some(note))
}

/// Those that repeat and hold what cannot be told to look the same from elsewhere.
fn untouched(seen: &Seen<'_>) -> Vec<String> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (why, times) in seen.odd.values().filter(|(_, times)| *times > 1) {
        *reasons.entry(why).or_default() += times;
    }
    reasons.iter().map(|(why, times)| format!("{times} inline SVGs stay, though they repeat: {why}")).collect()
}
