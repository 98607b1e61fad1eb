//! Frames and videos of a page, as far as the markup tells.

use super::attributes::is_for_scripts;
use crate::syntax::html::Tag;
use serde::{Deserialize, Serialize};

/// One `<iframe>` or `<video>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedUse {
    /// Its `src`, or a video's `poster`.
    pub url: String,
    /// Nothing in the markup says when it is to be loaded, and nobody else is likely to care.
    pub free: bool,
    pub id: Option<String>,
    pub classes: Vec<String>,
}

/// An `<iframe>` or `<video>`; `off`: nobody may touch it.
pub fn read(tag: &Tag, off: bool) -> Option<EmbedUse> {
    if !matches!(tag.name.as_str(), "iframe" | "video") {
        return None;
    }
    let url = tag.value("src").or_else(|| tag.value("poster")).unwrap_or_default().trim().to_owned();
    let fits = match tag.name.as_str() {
        // What stands below it moves when its size comes with the file.
        "video" => matches!(tag.size(), (Some(_), Some(_))),
        _ => is_a_page(&url),
    };
    let free = !off && fits && !tag.attrs.iter().any(|a| is_loud(&a.name));
    let classes = tag.value("class").unwrap_or("").split_ascii_whitespace().map(str::to_owned).collect();
    Some(EmbedUse { url, free, id: tag.value("id").map(str::to_owned), classes })
}

/// An attribute for a script, for links that open in it, or for the author's own choice.
fn is_loud(name: &str) -> bool {
    matches!(name, "loading" | "name" | "srcdoc" | "preload" | "fetchpriority" | "hidden")
        || name.starts_with("data-")
        || is_for_scripts(name)
}

/// A document that is loaded, and that no script of the page is expected to talk to.
fn is_a_page(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    let loaded = !url.is_empty() && (!url.contains(':') || url.starts_with("http://") || url.starts_with("https://"));
    // YouTube's `enablejsapi=1`, Vimeo's `api=1`.
    loaded && !url.contains("api=")
}
