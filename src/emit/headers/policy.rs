use crate::model::{CacheClass, HeaderRule, OutputHeaders, SitePath};

/// What Netlify and Cloudflare send of themselves, and what everything under a changeable name gets here:
/// keep it, but ask before each use (a 304 when nothing changed).
pub const REVALIDATE: &str = "public, max-age=0, must-revalidate";

/// Only for names that contain a verified hash of the content.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The headers that a file should be served with, whatever the host.
pub fn headers_for(path: &SitePath, class: CacheClass) -> OutputHeaders {
    let cache = match class {
        CacheClass::Fingerprinted => IMMUTABLE,
        // Not `no-store`: it would keep pages out of the browser's back/forward cache.
        CacheClass::Html | CacheClass::Plain | CacheClass::SourceMap => REVALIDATE,
        CacheClass::ServiceWorker => "no-cache",
        CacheClass::Metadata => "public, max-age=3600, must-revalidate",
        CacheClass::PlainImage => "public, max-age=86400, stale-while-revalidate=604800",
        CacheClass::PlainFont => "public, max-age=604800",
    };
    let mut headers = vec![rule("Cache-Control", cache)];
    match class {
        // Fonts are always fetched in CORS mode; under a plain name they may be linked from other origins.
        CacheClass::PlainFont => headers.push(rule("Access-Control-Allow-Origin", "*")),
        CacheClass::SourceMap => headers.push(rule("X-Robots-Tag", "noindex")),
        _ => {}
    }
    OutputHeaders { path: path.clone(), headers }
}

fn rule(name: &'static str, value: &str) -> HeaderRule {
    HeaderRule { name, value: value.into() }
}
