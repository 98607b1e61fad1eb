use super::SitePath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a file may be cached, by what is known of its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheClass {
    /// The name contains a content hash that kiln made or verified: the bytes at this URL never change.
    Fingerprinted,
    Html,
    /// A service worker, or what it imports: its URL and freshness are its identity.
    ServiceWorker,
    /// Web manifest, robots.txt, sitemaps, feeds.
    Metadata,
    /// A picture, icon or media file under a plain name.
    PlainImage,
    PlainFont,
    /// JSON, scripts, style sheets and everything else under a plain name.
    Plain,
    SourceMap,
}

/// One output file and the headers it should be served with, before any host's syntax.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputHeaders {
    pub path: SitePath,
    pub headers: Vec<HeaderRule>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeaderRule {
    pub name: &'static str,
    pub value: String,
}

/// Servers and services that kiln writes header rules for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Host {
    Netlify,
    Cloudflare,
    Nginx,
}
