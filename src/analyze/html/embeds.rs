//! Frames and videos of a page, as far as the markup tells.

use crate::syntax::html::Tag;
use serde::{Deserialize, Serialize};

/// One `<iframe>` or `<video>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedUse {
    pub kind: EmbedKind,
    /// Its `src`, or a video's `poster`.
    pub url: String,
    /// Nothing in the markup says when it is to be loaded, and nobody else is likely to care.
    pub free: bool,
    pub id: Option<String>,
    pub classes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EmbedKind {
    Frame,
    Video,
}

/// An `<iframe>` or `<video>`; `off`: nobody may touch it.
pub fn read(tag: &Tag, off: bool) -> Option<EmbedUse> {
    let kind = match tag.name.as_str() {
        "iframe" => EmbedKind::Frame,
        "video" => EmbedKind::Video,
        _ => return None,
    };
    let url = tag.value("src").or_else(|| tag.value("poster")).unwrap_or_default().trim().to_owned();
    let free = !off && is_quiet(tag) && (kind == EmbedKind::Video || is_a_page(&url));
    let classes = tag.value("class").unwrap_or("").split_ascii_whitespace().map(str::to_owned).collect();
    Some(EmbedUse { kind, url, free, id: tag.value("id").map(str::to_owned), classes })
}

/// No attribute is there for a script, for links that open in it, or for the author's own choice.
fn is_quiet(tag: &Tag) -> bool {
    let sized = match (tag.name.as_str(), tag.size()) {
        // What stands below a video moves when its size comes with the file.
        ("video", (Some(w), Some(h))) => w > TINY && h > TINY,
        ("video", _) => false,
        (_, (w, h)) => w.is_none_or(|w| w > TINY) && h.is_none_or(|h| h > TINY),
    };
    let loud = |name: &str| {
        matches!(name, "loading" | "name" | "srcdoc" | "preload" | "fetchpriority" | "hidden" | "is")
            || name.starts_with("on")
            || name.starts_with("data-")
            || name.starts_with([':', '@'])
            || name.starts_with("v-")
            || name.starts_with("x-")
    };
    sized && !tag.attrs.iter().any(|a| loud(&a.name))
}

/// Pixels. A frame of no more is there to count visits or to sign people in.
const TINY: u32 = 4;

/// A document that is loaded, and that no script of the page is expected to talk to.
fn is_a_page(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    let loaded = !url.is_empty() && (!url.contains(':') || url.starts_with("http://") || url.starts_with("https://"));
    // YouTube's `enablejsapi=1`, Vimeo's `api=1`.
    loaded && !url.contains("api=")
}
