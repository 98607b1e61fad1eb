//! Addresses that something of the site other than its pages and sheets knows: it may look for them in a page.

use super::styles;
use crate::analyze::html::InlineKind;
use crate::facts::{Analyst, Facts};
use crate::model::{AssetId, Kind};
use crate::syntax::html::{Token, tokenize};
use rayon::prelude::*;
use std::collections::BTreeSet;
use url::Url;

/// Larger files of no known kind are no text.
const OTHER_BYTES: u64 = 1 << 20;

/// What the texts of a site say of pictures on other hosts.
#[derive(Default)]
pub struct Known {
    /// Without a scheme, in lower case.
    addresses: BTreeSet<String>,
    /// Of which scripts know the name: any address there may be told by it.
    hosts: BTreeSet<String>,
    /// Some style or script asks for images by their address.
    pub asks: bool,
    /// Names of files that scripts hold.
    named: BTreeSet<String>,
}

/// Texts that a script runs or reads.
enum Text {
    Code(String),
    Data(String),
}

impl Known {
    /// `urls`: the addresses that matter. `names`: of files, the same.
    pub fn of(analyst: &Analyst<'_>, urls: &BTreeSet<&Url>, names: &BTreeSet<&str>) -> Self {
        let wanted: BTreeSet<String> = urls.iter().map(|url| bare(url.as_str())).collect();
        let hosts: BTreeSet<&str> = urls.iter().filter_map(|url| url.host_str()).collect();
        let ids: Vec<AssetId> = analyst.site.ids().collect();
        let each = ids.into_par_iter().map(|id| Self::of_file(analyst, id, &wanted, &hosts, names));
        each.reduce(Self::default, Self::with)
    }

    fn with(mut self, other: Self) -> Self {
        self.addresses.extend(other.addresses);
        self.hosts.extend(other.hosts);
        self.named.extend(other.named);
        self.asks |= other.asks;
        self
    }

    /// A script or data may look for it under this address.
    pub fn holds(&self, url: &Url) -> bool {
        self.addresses.contains(&bare(url.as_str())) || url.host_str().is_some_and(|host| self.hosts.contains(host))
    }

    /// A script may take this file as text, for another place.
    pub fn names(&self, file: &str) -> bool {
        self.named.contains(file)
    }

    fn of_file(
        analyst: &Analyst<'_>,
        id: AssetId,
        wanted: &BTreeSet<String>,
        hosts: &BTreeSet<&str>,
        names: &BTreeSet<&str>,
    ) -> Self {
        let (texts, asks) = texts(analyst, id);
        let mut known = Self { asks, ..Self::default() };
        for text in texts {
            let (text, code) = match text {
                Text::Code(text) => (unescaped(&text), true),
                Text::Data(text) => (unescaped(&text), false),
            };
            if code {
                known.asks |= asks_in_code(&text);
                let named = names.iter().filter(|name| occurs(&text, &name.to_ascii_lowercase()).next().is_some());
                known.named.extend(named.map(|name| (*name).to_owned()));
            }
            for host in hosts {
                for at in occurs(&text, host) {
                    let found = address(text.get(at..).unwrap_or_default(), wanted);
                    match found {
                        Some(address) => _ = known.addresses.insert(address),
                        None if code => _ = known.hosts.insert((*host).to_owned()),
                        None => {}
                    }
                }
            }
        }
        known
    }
}

/// The texts of a file in which addresses could stand, and whether one of its styles asks for them. Feeds, sitemaps and
/// JSON-LD are for readers outside of the site.
fn texts(analyst: &Analyst<'_>, id: AssetId) -> (Vec<Text>, bool) {
    let Some(asset) = analyst.site.get(id) else { return (Vec::new(), false) };
    let small = asset.kind == Kind::Other && asset.len <= OTHER_BYTES;
    let wanted = asset.kind.is_text() && !matches!(asset.kind, Kind::SourceMap | Kind::Xml);
    if !(small || wanted) {
        return (Vec::new(), false);
    }
    let bytes = analyst.site.read(asset).unwrap_or_default();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) if small => return (Vec::new(), false),
        Err(wrong) => String::from_utf8_lossy(wrong.as_bytes()).into_owned(),
    };
    match asset.kind {
        Kind::Css => (Vec::new(), styles::ask(&text)),
        Kind::Js => (vec![Text::Code(text)], false),
        Kind::Html | Kind::Svg => page(analyst, id, text),
        _ => (vec![Text::Data(text)], false),
    }
}

fn page(analyst: &Analyst<'_>, id: AssetId, text: String) -> (Vec<Text>, bool) {
    let (Facts::Html(facts) | Facts::Svg(facts)) = analyst.analysis(id).facts else {
        return (vec![Text::Data(text)], false);
    };
    let (mut found, mut asks) = (Vec::new(), false);
    for inline in &facts.inline {
        let inner = text.get(inline.range.clone()).unwrap_or_default();
        match inline.kind {
            InlineKind::Style => asks |= styles::ask(inner),
            InlineKind::Classic | InlineKind::Module => found.push(Text::Code(inner.to_owned())),
            InlineKind::Data => found.push(Text::Data(inner.to_owned())),
            InlineKind::Json => {}
        }
    }
    found.extend(handlers(&text).into_iter().map(Text::Code));
    (found, asks)
}

/// Scripts in attributes.
pub fn handlers(page: &str) -> Vec<String> {
    let tokens = tokenize(page).unwrap_or_default();
    let mut found = Vec::new();
    for token in tokens {
        let Token::Start(tag) = token else { continue };
        let script = |name: &str, value: &str| name.starts_with("on") || value.trim_start().starts_with("javascript:");
        found.extend(tag.attrs.iter().filter(|a| script(&a.name, &a.value)).map(|a| a.value.clone()));
    }
    found
}

/// Without its scheme, in lower case.
fn bare(url: &str) -> String {
    url.split_once("://").map_or(url, |(_, rest)| rest).to_ascii_lowercase()
}

/// As far as strings, patterns and JSON write addresses in other ways, in lower case.
fn unescaped(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    let ways = [("\\/", "/"), ("\\.", "."), ("\\u002f", "/"), ("\\u0026", "&"), ("\\x26", "&"), ("&amp;", "&")];
    ways.iter().fold(text, |text, (from, to)| if text.contains(from) { text.replace(from, to) } else { text })
}

/// Where a name stands that is not part of another one.
fn occurs<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    text.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let mut before = text.get(..*at).unwrap_or_default().chars().rev();
        let mut after = text.get(at + name.len()..).unwrap_or_default().chars();
        let (near, far) = (before.next(), before.next());
        let longer = |near: Option<char>, far: Option<char>| part(near) || (near == Some('.') && part(far));
        !longer(near, far) && !longer(after.next(), after.next())
    })
}

/// The one of the addresses that the text begins with in full.
fn address(text: &str, wanted: &BTreeSet<String>) -> Option<String> {
    let end = text.find(|c: char| c.is_whitespace() || "\"'`<>\\".contains(c)).unwrap_or(text.len());
    let whole = text.get(..end)?;
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "/=&%-_".contains(c);
    let ends = whole.char_indices().filter(|(_, c)| !goes_on(*c)).map(|(at, _)| at).chain([whole.len()]);
    let mut ends: Vec<usize> = ends.collect();
    ends.reverse();
    ends.into_iter().filter_map(|end| whole.get(..end)).find(|part| wanted.contains(*part)).map(str::to_owned)
}

/// `img[src="` in a script; of `script[src="` and the like nobody takes notice.
fn asks_in_code(code: &str) -> bool {
    const OTHERS: [&str; 6] = ["script", "iframe", "audio", "embed", "frame", "track"];
    ["[src", "[srcset", "[poster"].iter().any(|name| {
        code.match_indices(name).any(|(at, _)| {
            let after = code.get(at + name.len()..).unwrap_or_default();
            let value = after.trim_start_matches(['^', '*', '$', '~', '|']).strip_prefix('=');
            let fragment = value.is_some_and(|v| v.trim_start_matches(['"', '\'', '\\']).starts_with('#'));
            let full = value.is_some_and(|v| v.trim_start_matches(['"', '\'', '\\']).starts_with("http"));
            let before = code.get(..at).unwrap_or_default();
            // Which one a full address means is known.
            let whole = full && after.starts_with('=');
            value.is_some() && !fragment && !whole && !OTHERS.iter().any(|tag| before.ends_with(tag))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_found_in_full_only() {
        let found = |text: &str| occurs(text, "h.example").next().is_some();
        assert!(found("a('h.example')") && found("https://h.example/x") && found("\".h.example\""));
        assert!(!found("h.example.com") && !found("x.h.example") && !found("oh.example") && !found("h.example-x"));
        let wanted = BTreeSet::from(["h/2.png".to_owned(), "h/2.png?w=3".to_owned()]);
        assert_eq!(address("h/2.png?w=3\" x", &wanted).as_deref(), Some("h/2.png?w=3"));
        assert_eq!(address("h/2.png)", &wanted).as_deref(), Some("h/2.png"));
        assert_eq!(address("h/2.pngx", &wanted), None);
        assert_eq!(unescaped(r"https:\/\/H\/a.png?x\u0026y"), "https://h/a.png?x&y");
    }

    #[test]
    fn selectors_in_scripts() {
        assert!(asks_in_code("q('img[src*=\"/t/\"]')") && asks_in_code("q('[src=\"'+u+'\"]')"));
        assert!(!asks_in_code("q('script[src=\"'+u+'\"]')") && !asks_in_code("q('img[src$=\"#x\"]')"));
        assert!(!asks_in_code("const [src] = x; q('img[src]')"));
    }
}
