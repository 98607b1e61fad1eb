//! Service workers come last: their precache lists hold revisions of other files, which must follow these files' final bytes.

use crate::analyze::js;
use crate::model::SitePath;
use std::collections::BTreeMap;

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
}
