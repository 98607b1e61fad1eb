//! A style sheet as a page may take it in.

use super::{Artifact, Edit, Workshop, apply, joined};
use crate::analyze::css;
use crate::analyze::shake::{Item, ItemKind, Sheet, read};
use crate::graph::{Document, Target};
use crate::model::{AssetId, RefKind};
use crate::syntax::url;
use std::ops::Range;
use std::sync::Arc;

/// What a sheet holds, each URL as the sheet writes it.
#[derive(Debug)]
pub struct Code {
    pub text: String,
    pub rules: Sheet,
    /// Bytes that it takes to send it, compressed.
    pub wire: usize,
    /// Why no page can hold it: "it …".
    pub refusal: Option<&'static str>,
    /// Sheets that it begins with, in every medium and with no layer of their own.
    pub imports: Vec<Import>,
    /// Read twice, these would be two layers: `@layer {}`.
    pub nameless_layers: bool,
}

/// `@import "…";`
#[derive(Debug)]
pub struct Import {
    pub url: String,
    /// Of the whole rule.
    range: Range<usize>,
}

impl Code {
    pub fn new(text: &str) -> Self {
        // In a page a byte order mark would be part of the first name, and the encoding is the page's.
        let text = text.trim_start_matches('\u{feff}');
        let encoding = text.strip_prefix("@charset \"").and_then(|rest| rest.split_once("\";"));
        let text = encoding.map_or(text, |(_, rest)| rest).to_owned();
        let rules = read(&text);
        let imports = imports(&text, &rules);
        let refusal = refusal(&text, &rules, imports.len());
        let nameless = |i: &Item| matches!(i.kind, ItemKind::Layer) && i.text == "@layer";
        let nameless_layers = rules.items.iter().any(nameless);
        Self { wire: wire(&text), nameless_layers, text, rules, refusal, imports }
    }

    /// The text with what it imports in place of the imports. `None` where that cannot be had, or goes in a circle.
    fn flattened(&self, depth: usize, imported: &dyn Fn(&str, usize) -> Option<String>) -> Option<String> {
        const MAX_DEPTH: usize = 8;
        let mut edits = Vec::new();
        for import in &self.imports {
            let inner = (depth < MAX_DEPTH).then(|| imported(&import.url, depth + 1)).flatten()?;
            edits.push(Edit::text(import.range.clone(), rebased(&inner, &import.url)?));
        }
        Some(joined(&apply(&self.text, edits)))
    }
}

/// Sheets that pages may take in get what they import.
pub fn flatten(shop: &Workshop<'_>, artifacts: &mut [Artifact]) {
    let code = |id: AssetId| artifacts.get(id.index()).and_then(|a| a.code.as_deref());
    let importing = shop.site.ids().filter(|id| code(*id).is_some_and(|c| !c.imports.is_empty()));
    let whole: Vec<(AssetId, Option<Code>)> =
        importing.map(|id| (id, flat(shop, &code, id, 0).map(|text| Code::new(&text)))).collect();
    for (id, whole) in whole {
        let Some(code) = artifacts.get_mut(id.index()).and_then(|a| a.code.as_mut()).and_then(Arc::get_mut) else {
            continue;
        };
        match whole {
            Some(whole) => *code = whole,
            None => code.refusal = code.refusal.or(Some("imports a sheet that cannot be taken in with it")),
        }
    }
}

fn flat<'a>(
    shop: &Workshop<'_>,
    code: &dyn Fn(AssetId) -> Option<&'a Code>,
    id: AssetId,
    depth: usize,
) -> Option<String> {
    let document = Document { path: &shop.site.get(id)?.path, base: None };
    let imported = |url: &str, depth| match shop.resolver().resolve(&document, url, RefKind::CssImport) {
        Target::Asset(id) => flat(shop, code, id, depth),
        _ => None,
    };
    code(id).filter(|c| c.refusal.is_none())?.flattened(depth, &imported)
}

fn imports(text: &str, rules: &Sheet) -> Vec<Import> {
    let items = rules.items.iter().filter(|i| i.parent.is_none() && i.text.starts_with("@import"));
    let items: Vec<&Item> = items.collect();
    if items.is_empty() {
        return Vec::new();
    }
    let facts = css::analyze(text, css::Context::Sheet);
    let plain = |item: &&Item| {
        let range = item.range();
        let r = facts.refs.iter().find(|r| range.start <= r.range.start && r.range.end <= range.end)?;
        let around = [text.get(range.start..r.range.start)?, text.get(r.range.end..range.end)?];
        let around = around.map(|t| t.replace(['"', '\'', ' '], ""));
        let bare = matches!(&*around[0], "@import" | "@importurl(") && matches!(&*around[1], ";" | ");");
        bare.then(|| Import { url: r.url.clone(), range })
    };
    items.iter().filter_map(plain).collect()
}

/// `flat`: so many imports can be taken in.
fn refusal(text: &str, rules: &Sheet, flat: usize) -> Option<&'static str> {
    let count = |name: &str| rules.items.iter().filter(|i| i.text.starts_with(name)).count();
    if count("@import") > flat || count("@namespace") + count("@charset") > 0 {
        Some("begins with an @import or another rule that counts at the top only")
    } else if text.to_ascii_lowercase().contains("</style") {
        Some("holds an end tag")
    } else if !css::analyze(text, css::Context::Sheet).custom_property_urls.is_empty() {
        Some("has an address in a custom property")
    } else {
        None
    }
}

/// Bytes of a text once compressed, as servers do without much effort.
pub fn wire(text: &str) -> usize {
    let level = libdeflater::CompressionLvl::default();
    let mut compressor = libdeflater::Compressor::new(level);
    let mut out = vec![0; compressor.deflate_compress_bound(text.len())];
    compressor.deflate_compress(text.as_bytes(), &mut out).unwrap_or(text.len())
}

/// The text with its addresses as a page writes them that loads the sheet from `href`. `None` if one of them cannot be told.
pub fn rebased(text: &str, href: &str) -> Option<String> {
    let facts = css::analyze(text, css::Context::Sheet);
    let mut edits = Vec::new();
    for r in &facts.refs {
        let moved = seen_from(href, &r.url)?;
        if moved != r.url {
            let mut written = String::new();
            r.escape.write(&moved, &mut written);
            edits.push(Edit::text(r.range.clone(), written));
        }
    }
    Some(joined(&apply(text, edits)))
}

/// A URL that is relative to `href`, itself as a page writes it, as that page would write it (RFC 3986 §5.2).
pub fn seen_from(href: &str, url: &str) -> Option<String> {
    if url.is_empty() || url.starts_with(['/', '#']) || url::scheme(url).is_some() {
        return Some(url.to_owned());
    }
    let ((base, _), (path, suffix)) = (url::split_suffix(href), url::split_suffix(url));
    let host = match base.find("//") {
        Some(at) if at == 0 || base.get(..at).is_some_and(|s| s.ends_with(':')) => {
            at + 2 + base.get(at + 2..)?.find('/')?
        }
        _ if url::scheme(base).is_some() => return None,
        _ => 0,
    };
    let (origin, base) = base.split_at(host);
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let rooted = base.starts_with('/');
    let inner = folder.strip_prefix('/').unwrap_or(folder);
    // Empty segments count, and a query alone means the sheet itself.
    if path.is_empty() || inner.contains("//") || path.contains("//") || path.ends_with('/') {
        return None;
    }
    let mut out: Vec<&str> = Vec::new();
    for segment in inner.split('/').chain(path.split('/')) {
        match segment {
            "" | "." => {}
            ".." if out.last().is_some_and(|last| *last != "..") => _ = out.pop(),
            ".." if rooted => {}
            segment => out.push(segment),
        }
    }
    let lead = if rooted { "/" } else { "" };
    let first = out.first().filter(|s| !rooted && s.contains(':')).map_or("", |_| "./");
    Some(format!("{origin}{lead}{first}{}{suffix}", out.join("/")))
}

#[cfg(test)]
mod tests {
    use super::{rebased, seen_from};

    #[test]
    fn addresses_are_seen_from_the_page() {
        for (href, url, seen) in [
            ("css/a.css", "../img/b.png?v=1#x", "img/b.png?v=1#x"),
            ("a.css", "b.png", "b.png"),
            ("../a/b.css", "../../c.png", "../../c.png"),
            ("/x/css/a.css?v=2", "b.png", "/x/css/b.png"),
            ("/a.css", "../../b.png", "/b.png"),
            ("https://own.example/css/a.css", "../b.png", "https://own.example/b.png"),
            ("//own.example/css/a.css", "b.png", "//own.example/css/b.png"),
            ("css/a.css", "/b.png", "/b.png"),
            ("css/a.css", "data:x", "data:x"),
            ("css/a.css", "#clip", "#clip"),
            ("css/a.css", "../x:y.png", "./x:y.png"),
        ] {
            assert_eq!(seen_from(href, url).as_deref(), Some(seen), "{href} {url}");
        }
        assert_eq!(seen_from("css/a.css", "?q"), None);
        assert_eq!(seen_from("css/a.css", "a//b.png"), None);
    }

    #[test]
    fn quotes_and_escapes_stay_right() {
        let text = "a{background:url(\"../i b.png\")}b{background:url(x\\(1\\).png)}";
        let seen = rebased(text, "css/a.css").unwrap_or_default();
        assert_eq!(seen, "a{background:url(\"i b.png\")}b{background:url(css/x\\(1\\).png)}");
    }

    proptest::proptest! {
        /// A browser resolves the moved URL from the page to the same place as the old one from the sheet.
        #[test]
        fn moved_addresses_lead_to_the_same_place(
            folder in proptest::collection::vec("[a-c]|\\.\\.|\\.", 0..4),
            path in proptest::collection::vec("[a-c]|\\.\\.|\\.", 0..4),
            rooted: bool,
        ) {
            let lead = if rooted { "/" } else { "" };
            let href = format!("{lead}{}", folder.iter().map(|s| format!("{s}/")).collect::<String>() + "s.css");
            let url = format!("{}x.png", path.iter().map(|s| format!("{s}/")).collect::<String>());
            let resolve = |base: &[String], reference: &str| {
                let mut out: Vec<String> = if reference.starts_with('/') { Vec::new() } else { base.to_vec() };
                for s in reference.split('/') {
                    match s { "" | "." => {}, ".." => _ = out.pop(), s => out.push(s.to_owned()) }
                }
                out
            };
            let page: Vec<String> = ["p", "q", "r"].map(str::to_owned).to_vec();
            let mut sheet = resolve(&page, &href);
            sheet.pop();
            let seen = seen_from(&href, &url).unwrap_or_default();
            proptest::prop_assert_eq!(resolve(&page, &seen), resolve(&sheet, &url), "{} {} {}", href, url, seen);
        }
    }
}
