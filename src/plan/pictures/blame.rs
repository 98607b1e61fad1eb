//! Which script of a page stands in the way of a picture, and by which name it may find it: for people to look at.

use crate::analyze::html::InlineScripts;
use crate::analyze::js::JsFacts;
use crate::model::SitePath;
use std::fmt;

/// What a script could do to the images of its page.
pub struct Script<'a> {
    /// `None`: it stands in the page.
    path: Option<&'a SitePath>,
    tokens: &'a [String],
    /// Further names, that it only finds elements by.
    selected: &'a [String],
    /// Names by which it finds elements that it goes about in the tree from.
    climbed: &'a [String],
    /// It may give an image another picture.
    pub writes_src: bool,
    pub measures: bool,
}

impl<'a> Script<'a> {
    pub fn inline(scripts: &'a InlineScripts) -> Self {
        Self {
            path: None,
            tokens: &scripts.tokens,
            selected: &scripts.selected,
            climbed: &scripts.climbed,
            writes_src: scripts.writes_src,
            measures: scripts.measures,
        }
    }

    pub fn file(path: Option<&'a SitePath>, facts: &'a JsFacts) -> Self {
        Self {
            path,
            tokens: &facts.tokens,
            selected: &facts.selected,
            climbed: &facts.climbed,
            writes_src: facts.writes_src,
            measures: facts.measures,
        }
    }

    /// That it stands in the way, and what to do if it does not.
    pub fn blamed(&self, what: &str) -> String {
        let advice = if self.path.is_some() { "; if it does not, name it in images.trusted_scripts" } else { "" };
        format!("{self} {what}{advice}")
    }

    fn knows(&self, name: &str) -> bool {
        [self.tokens, self.selected, self.climbed].iter().any(|names| names.iter().any(|n| n == name))
    }
}

impl fmt::Display for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path {
            Some(path) => write!(f, "`{path}`"),
            None => f.write_str("a script in the page"),
        }
    }
}

/// How a script comes to an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way<'a> {
    /// By the image's own id or class, or by one of the element it stands in, or of one beside it.
    Name(&'a str),
    /// From an element around it, which has this tag, id or class.
    From(&'a str),
    /// From any element: by an event, or a call.
    Any,
}

impl Way<'_> {
    /// `js/a.js` knows `box`, and …: the first of the scripts that may have come this way.
    pub fn told(self, scripts: &[Script<'_>], what: &str) -> String {
        let climbs = |from: &str| scripts.iter().find(|s| s.climbed.iter().any(|n| n == from));
        let (script, how) = match self {
            Self::Name(name) => (scripts.iter().find(|s| s.knows(name)), format!("knows `{name}`")),
            Self::From(name) => (climbs(name), format!("goes about in the page from `{name}`")),
            Self::Any => (climbs("img"), "goes about in the page from any image".to_owned()),
        };
        let does = format!("{how}, and {what}");
        script.map_or_else(|| format!("a script {does}"), |script| script.blamed(&does))
    }
}
