//! Pages and sheets that name the copies instead of the addresses on other hosts.

use super::uses::Text;
use super::{Fetching, VERSION};
use crate::cache::KeyBuilder;
use crate::model::{Asset, Diagnostic, Digest, Kind, SitePath};
use crate::scan::{Held, Site};
use crate::syntax::splice::splice;
use std::collections::BTreeMap;
use std::ops::Range;
use url::Url;

/// The text with its new addresses. `None` when no picture in it has a copy.
///
/// # Errors
/// When it cannot be read.
pub fn with_copies(
    on: &Fetching<'_>,
    site: &Site,
    text: &Text,
    rooted: Option<&str>,
    places: &BTreeMap<&Url, SitePath>,
) -> Result<Option<(Asset, Held)>, Diagnostic> {
    let Some(asset) = site.get(text.id) else { return Ok(None) };
    // A sheet has one address, unless a script takes its text. A page may have several, and not all in one folder: `/blog`
    // and `/blog/`, or a 404.html.
    let rooted = rooted.filter(|_| asset.kind == Kind::Html || text.moves);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for picture in &text.pictures {
        let Some(place) = places.get(&picture.url) else { continue };
        let mut written = String::new();
        picture.reference.escape.write(&address(&asset.path, rooted, place, &picture.reference.url), &mut written);
        edits.push((picture.reference.range.clone(), written));
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let key = KeyBuilder::new("remote-text", VERSION).digest(&asset.digest).serialize(&edits).finish();
    let known: Option<(Digest, u64)> = on.cache.get(&key);
    let held = |digest: &Digest| on.cache.blob_file(digest).map(Held::At);
    let known = known.filter(|(digest, len)| on.cache.has_blob(digest, *len));
    if let Some((digest, len, held)) = known.and_then(|(digest, len)| Some((digest, len, held(&digest)?))) {
        return Ok(Some((Asset { digest, len, ..asset.clone() }, held)));
    }
    // Its facts are those of these very bytes, and nothing else than UTF-8 has any.
    let Ok(source) = String::from_utf8(site.read(asset)?) else { return Ok(None) };
    let bytes = splice(&source, edits).into_bytes();
    let (digest, len) = (Digest::of(&bytes), bytes.len() as u64);
    let stored = on.cache.put_blob(&bytes).and_then(|digest| held(&digest));
    if stored.is_some() {
        on.cache.put(&key, &(digest, len));
    }
    let held = stored.unwrap_or_else(|| Held::Here(bytes.into()));
    Ok(Some((Asset { digest, len, ..asset.clone() }, held)))
}

/// How a text names a file of the site, with the fragment of the old address: styles ask for it. `rooted`: the path below
/// which the site is known to be.
fn address(from: &SitePath, rooted: Option<&str>, to: &SitePath, old: &str) -> String {
    let fragment = old.find('#').and_then(|at| old.get(at..)).unwrap_or_default();
    match rooted {
        Some(base) => format!("{base}{to}{fragment}"),
        None => format!("{}{to}{fragment}", "../".repeat(from.as_str().matches('/').count())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_from_the_text_to_the_copy() {
        let path = |p| SitePath::new(p).unwrap();
        let copy = path("kiln-remote/h/x.jpg");
        assert_eq!(address(&path("index.html"), None, &copy, "https://h/x.jpg#a"), "kiln-remote/h/x.jpg#a");
        assert_eq!(address(&path("a/b/c.css"), None, &copy, "//h/x.jpg"), "../../kiln-remote/h/x.jpg");
        assert_eq!(address(&path("a/b/c.html"), Some("/docs/"), &copy, "x?#"), "/docs/kiln-remote/h/x.jpg#");
    }
}
