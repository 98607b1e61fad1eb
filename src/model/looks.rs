//! What most rules go by.

use serde::{Deserialize, Serialize};

/// An element by its name, id and classes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Looks {
    /// In lower case, in SVG too.
    pub tag: String,
    pub id: Option<String>,
    /// Sorted, each once.
    pub classes: Vec<String>,
}

impl Looks {
    /// From the values of its attributes.
    pub fn new(tag: &str, id: Option<&str>, class: &str) -> Self {
        let mut classes: Vec<String> = class.split_ascii_whitespace().map(str::to_owned).collect();
        classes.sort_unstable();
        classes.dedup();
        Self { tag: tag.to_ascii_lowercase(), id: id.map(|id| id.trim().to_owned()), classes }
    }
}
