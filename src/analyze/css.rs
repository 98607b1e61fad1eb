//! What a style sheet refers to, and which of its rules would notice a change to images.

mod boxes;
mod mentions;
mod selector;
mod sheet;
mod sizing;
mod states;
#[cfg(test)]
mod tests;
mod urls;
mod wrapper;

use crate::model::RawRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

pub use sizing::{Extent, Sized, Sizing, What, When};
pub use states::{Chain, Step, Tie, text as chain_text};

/// Where the text stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Context {
    /// A file or a `<style>`.
    Sheet,
    /// A `style` attribute, unescaped.
    Declarations,
}

/// What is known of a style sheet from its text alone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CssFacts {
    /// Sorted by place, never overlapping. Without `data:` URLs and bare fragments.
    pub refs: Vec<RawRef>,
    /// Relative URLs in custom properties: what they are relative to depends on the sheet that uses the property.
    pub custom_property_urls: Vec<(Range<usize>, String)>,
    pub image_decls: Vec<ImageDecl>,
    /// Indexes into `refs`: pictures on other hosts that boxes show.
    pub elsewhere: Vec<usize>,
    pub box_rules: Vec<BoxRule>,
    /// Rules about widths.
    pub sizings: Vec<Sizing>,
    /// What `@keyframes` say about widths, by name in lower case; a name may come twice.
    pub keyframes: Vec<(String, Vec<Sized>)>,
    /// What would match differently if an `img` were put into a `picture`. Sorted, without duplicates.
    pub place_hazards: Vec<PlaceHazard>,
    /// Some selector names `picture` elements, and would reach an image that is put into one.
    pub styles_pictures: bool,
    /// Of the attributes that kiln adds to images, those that some selector asks for.
    pub attributes: BTreeSet<String>,
}

impl CssFacts {
    /// Takes over the rules of a `<style>`. `always`: nothing turns it off.
    pub fn take_in(&mut self, other: Self, always: bool, when: When) {
        self.merge_images(&other);
        self.styles_pictures |= other.styles_pictures;
        self.attributes.extend(other.attributes);
        let rules = other.box_rules.into_iter();
        self.box_rules.extend(rules.map(|r| BoxRule { certain: r.certain.filter(|_| always), ..r }));
        self.sizings.extend(other.sizings.into_iter().map(|s| Sizing { when: s.when.max(when), ..s }));
        self.keyframes.extend(other.keyframes);
        self.place_hazards.extend(other.place_hazards);
    }

    /// Takes over which URLs stand in declarations of backgrounds; places are those of the other text.
    pub fn merge_images(&mut self, other: &Self) {
        for decl in &other.image_decls {
            let from = self.refs.len();
            self.refs.extend(decl.refs.iter().filter_map(|i| other.refs.get(*i)).cloned());
            self.image_decls.push(ImageDecl { refs: (from..self.refs.len()).collect(), ..decl.clone() });
        }
    }
}

/// A `background` or `background-image` to which an `image-set()` could be added: the only one in its block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImageDecl {
    /// `name: value !important`, without the `;`.
    pub range: Range<usize>,
    /// Indexes into `CssFacts::refs`.
    pub refs: Vec<usize>,
    /// Whether a `;` follows.
    pub terminated: bool,
}

/// What one selector of one rule says about boxes. Selectors of pseudo-elements are left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BoxRule {
    /// The part of the selector that describes the element itself.
    pub compound: Compound,
    /// `Some`: the rule applies, in every medium, to every element that the compound describes inside of all of these,
    /// outermost first. `None`: it may apply.
    pub certain: Option<Vec<Outer>>,
    pub rank: Rank,
    /// In the order of the text; a property may come twice.
    pub props: Vec<BoxProp>,
}

/// Where a rule stands among others that apply to the same element (CSS Cascade 5, §6.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rank {
    /// Ids; classes, attributes and pseudo-classes; types and pseudo-elements. `None`: more than is counted here.
    pub specificity: Option<[u32; 3]>,
    /// In an `@layer`.
    pub layered: bool,
    /// Some of its declarations are.
    pub important: bool,
}

impl Rank {
    /// Whichever of the two comes later.
    pub fn surely_beats(&self, other: &Self) -> bool {
        let higher = self.specificity.zip(other.specificity).is_some_and(|(a, b)| a > b);
        !self.layered && !other.important && (other.layered || higher)
    }
}

/// A compound selector. `None` and empty lists mean that anything matches.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Compound {
    /// In lower case.
    pub tag: Option<String>,
    pub id: Option<String>,
    pub classes: Vec<String>,
    /// There are further conditions: an element like this may match, or may not.
    pub attrs_or_pseudos: bool,
    pub pseudo_element: bool,
}

/// A compound for an element around another one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Outer {
    pub compound: Compound,
    /// It is the parent of what the next one (or the rule's own compound) describes: `>`.
    pub parent: bool,
}

/// An element that a selector would no longer match, or newly match, once an `img` is put into a `picture`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct PlaceHazard {
    pub element: Compound,
    /// Only inside of all of these, outermost first.
    pub around: Vec<Outer>,
    /// Only after this one.
    pub after: Option<Compound>,
    /// Only before this one.
    pub before: Option<Compound>,
}

impl Compound {
    /// It could describe an element with this tag and without attributes.
    pub fn could_be_bare(&self, tag: &str) -> bool {
        self.id.is_none() && self.classes.is_empty() && self.tag.as_deref().is_none_or(|t| t == tag)
    }
}

impl fmt::Display for Compound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.id.is_some() || !self.classes.is_empty();
        match &self.tag {
            Some(tag) => f.write_str(tag)?,
            None if named => {}
            None => f.write_str("*")?,
        }
        self.id.iter().try_for_each(|id| write!(f, "#{id}"))?;
        self.classes.iter().try_for_each(|class| write!(f, ".{class}"))?;
        f.write_str(if self.attrs_or_pseudos { ":…" } else { "" })
    }
}

impl fmt::Display for PlaceHazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outer in &self.around {
            write!(f, "{} {}", outer.compound, if outer.parent { "> " } else { "" })?;
        }
        self.after.iter().try_for_each(|before| write!(f, "{before} ~ "))?;
        write!(f, "{}", self.element)?;
        self.before.iter().try_for_each(|after| write!(f, " ~ {after}"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum BoxProp {
    Width(Size),
    Height(Size),
    MinWidth,
    MaxWidth,
    MinHeight,
    MaxHeight,
    AspectRatio,
    ObjectFit,
    All,
    WhiteSpace {
        preserves: bool,
    },
    /// What is seen behind a picture, or beside it in its box, besides colours.
    Behind,
    /// `display: flex`, `grid` and their like.
    Arranges,
    /// `zoom`, `flex`, `flex-basis`, `content`.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Size {
    Auto,
    /// A length, a percentage, or computed from such.
    Definite,
    /// `min-content` and its like.
    Content,
    /// `var()`, `inherit` and whatever else cannot be told from the text.
    Unknown,
}

/// Reads a style sheet as its author or a minifier wrote it. There are no errors in CSS: what browsers skip is skipped.
pub fn analyze(source: &str, context: Context) -> CssFacts {
    // To a tokenizer a byte order mark is a letter. Blanks in its place keep all offsets.
    let blanked = source.strip_prefix('\u{feff}').map(|rest| format!("   {rest}"));
    let source = blanked.as_deref().unwrap_or(source);
    let mut facts = sheet::read(source, context);
    if let Some(comment) = urls::source_map(source) {
        let at = facts.refs.partition_point(|r| r.range.start < comment.range.start);
        facts.refs.insert(at, comment);
        let indexes = facts.image_decls.iter_mut().flat_map(|d| &mut d.refs);
        indexes.filter(|i| **i >= at).for_each(|i| *i += 1);
    }
    facts
}
