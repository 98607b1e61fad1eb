use super::Escape;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A URL as it stands in a text: where, what it says, and what it is for. Not yet resolved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RawRef {
    /// Bytes of the URL in the text, quotes excluded. Replacing exactly these bytes replaces the URL.
    pub range: Range<usize>,
    /// The URL after the text's own escapes are undone (entities, CSS or JS escapes), percent-encoding kept.
    pub url: String,
    pub kind: RefKind,
    /// How a URL is written into `range`.
    pub escape: Escape,
}

/// What a reference is for. It decides what a URL is relative to, and what may be put there instead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum RefKind {
    /// `<a href>`, `<area href>`, `<form action>`, `<iframe src>`, speculation rules, sitemap `<loc>`: leads to a page or a download.
    Link,
    Stylesheet,
    /// `<script src>` without `type=module`, `importScripts()`.
    ClassicScript,
    /// `<script type=module>`, `modulepreload`, static and dynamic `import`, import maps.
    ModuleScript,
    /// `new Worker(url)`, `new SharedWorker(url)`: relative to the page, whichever script starts it.
    Worker,
    /// The same with `type: "module"`.
    ModuleWorker,
    /// An image that the page shows: `<img>`, `<source>`, `<video poster>`, SVG `<image>`, `imagesrcset`.
    Image,
    /// Seen by readers other than the browser's renderer (og:image, feeds, JSON-LD) or format-locked (icons, web manifest).
    FormatLocked,
    /// `url()`, `src()` or an `image-set()` string in CSS.
    CssUrl,
    CssImport,
    /// `new URL(x, import.meta.url)`: relative to the script.
    JsUrl,
    /// A string literal in a script that may or may not name a file: relative to the site root, the base path, the script or
    /// the page.
    JsString,
    /// A preload, media, track, object, SVG `use`, web manifest link, or an attribute that exactly names a file (`data-src`).
    Other,
    /// `sourceMappingURL`.
    SourceMap,
    /// `navigator.serviceWorker.register()`.
    ServiceWorker,
}
