//! Service workers come last: their precache lists hold revisions of other files, which must follow these files' final bytes.

use crate::analyze::js;
use crate::model::SitePath;
use serde::Deserialize;
use sha1::{Digest as _, Sha1};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The script with a new revision for every entry whose file has changed. `changed`: the SHA-256 of such files, by their path
/// in the output. `None` when nothing has to change.
pub fn refresh(script: &str, at: &SitePath, base: &str, changed: &BTreeMap<&SitePath, &str>) -> Option<String> {
    let facts = js::analyze(script, js::Goal::Unknown).ok()?;
    let mut out = String::with_capacity(script.len());
    let mut done = 0;
    for revision in &facts.revisions {
        let Some(sha256) = entry_path(&revision.url, at, base).and_then(|path| changed.get(&path).copied()) else {
            continue;
        };
        // As long as the old one, so that a source map stays right; Workbox writes an MD5.
        let length = if revision.range.len() < 8 { 32 } else { revision.range.len().min(sha256.len()) };
        out.push_str(script.get(done..revision.range.start)?);
        out.push_str(sha256.get(..length)?);
        done = revision.range.end;
    }
    (done > 0).then_some(())?;
    out.push_str(script.get(done..)?);
    Some(out)
}

/// Angular's `ngsw.json` with the SHA-1 of every file that has changed: its worker takes no file with another one.
/// `read`: a file of the output. `None` when nothing has to change.
pub fn rehash(
    manifest: &str,
    at: &SitePath,
    base: &str,
    changed: &BTreeSet<&SitePath>,
    read: &dyn Fn(&SitePath) -> Option<Vec<u8>>,
) -> Option<String> {
    let table = hashes(manifest)?;
    let mut out = String::with_capacity(manifest.len());
    let (mut done, mut key) = (0, None);
    for text in strings(manifest) {
        let written = manifest.get(text.clone())?;
        // A value follows its key and a colon; elsewhere the URL stands in a list.
        if let Some((url, end)) = key.take()
            && manifest.get(end..text.start)?.trim() == ":"
            && let Some(hash) = table.get::<String>(&url).filter(|hash| written.get(1..written.len() - 1) == Some(hash))
            && let Some(path) = entry_path(&url, at, base).filter(|path| changed.contains(path))
        {
            let new: String = Sha1::digest(read(&path)?).iter().map(|byte| format!("{byte:02x}")).collect();
            if hash.len() == new.len() {
                out.push_str(manifest.get(done..=text.start)?);
                out.push_str(&new);
                done = text.end - 1;
            }
        }
        key = serde_json::from_str::<String>(written).ok().map(|url| (url, text.end));
    }
    out.push_str(manifest.get(done..)?);
    (done > 0).then_some(out)
}

/// The first URL in Angular's `ngsw.json` behind which there is no file: whose hash it has, nobody knows.
pub fn stranger(manifest: &str, at: &SitePath, base: &str, exists: &dyn Fn(&SitePath) -> bool) -> Option<String> {
    let known = |url: &String| entry_path(url, at, base).is_some_and(|path| exists(&path));
    hashes(manifest)?.into_keys().find(|url| !known(url))
}

fn hashes(manifest: &str) -> Option<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Manifest {
        hash_table: BTreeMap<String, String>,
    }
    Some(serde_json::from_str::<Manifest>(manifest).ok()?.hash_table)
}

/// Where the strings of a JSON text stand, with their quotes.
fn strings(json: &str) -> Vec<Range<usize>> {
    let (mut found, mut from) = (Vec::new(), None);
    let mut bytes = json.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (byte, from) {
            (b'\\', Some(_)) => _ = bytes.next(),
            (b'"', Some(start)) => {
                found.push(start..at + 1);
                from = None;
            }
            (b'"', None) => from = Some(at),
            _ => {}
        }
    }
    found
}

/// The file behind an entry's URL. A folder's URL is answered with its index.
fn entry_path(url: &str, at: &SitePath, base: &str) -> Option<SitePath> {
    let url = url.split(['?', '#']).next()?;
    let decoded = percent_encoding::percent_decode_str(url).decode_utf8().ok()?;
    let path = match decoded.strip_prefix(base).or_else(|| decoded.strip_prefix('/')) {
        Some(rooted) => rooted.to_owned(),
        None => {
            let folder = at.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{}", decoded.strip_prefix("./").unwrap_or(&decoded))
        }
    };
    let path = path.trim_start_matches('/');
    SitePath::new(&if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn revisions_follow_changed_files_only() {
        let (page, style) = (SitePath::new("index.html").unwrap(), SitePath::new("a/b c.css").unwrap());
        let sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let changed = BTreeMap::from([(&page, sha), (&style, sha)]);
        let script = "x([{url:'/sub/',revision:'aaaaaaaaaa'},{'revision':\"bb\",\"url\":\"./a/b%20c.css\"},\
            {url:'index.html',revision:null},{url:'same.js',revision:'cccccccccc'}])";
        let expected = "x([{url:'/sub/',revision:'0123456789'},{'revision':\"0123456789abcdef0123456789abcdef\",\
            \"url\":\"./a/b%20c.css\"},{url:'index.html',revision:null},{url:'same.js',revision:'cccccccccc'}])";
        let at = SitePath::new("sw.js").unwrap();
        assert_eq!(refresh(script, &at, "/sub/", &changed).unwrap(), expected);
        assert_eq!(refresh(script, &at, "/sub/", &BTreeMap::new()), None);
    }

    #[test]
    fn hashes_of_changed_files_only() {
        let (page, at) = (SitePath::new("index.html").unwrap(), SitePath::new("ngsw.json").unwrap());
        let (old, same) = ("a".repeat(40), "b".repeat(40));
        let list = |page: &str| {
            format!(
                "{{\"index\":\"/app/index.html\",\"assetGroups\":[{{\"urls\":[\"/app/index.html\"]}}],\"hashTable\": {{\n \
                 \"/app/index.html\" : \"{page}\",\"/app/a.js\":\"{same}\"}}}}"
            )
        };
        let made = rehash(&list(&old), &at, "/app/", &BTreeSet::from([&page]), &|_| Some(b"abc".to_vec()));
        // FIPS 180-4's own example.
        assert_eq!(made.unwrap(), list("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert_eq!(rehash(&list(&old), &at, "/app/", &BTreeSet::new(), &|_| None), None);
        assert_eq!(rehash("{}", &at, "/", &BTreeSet::from([&page]), &|_| None), None);
    }
}
