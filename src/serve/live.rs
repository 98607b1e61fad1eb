//! Live mode: pages carry a small script that hears of every new output, and browsers keep nothing.

use super::answer::set;
use super::body::Content;
use super::folder::{Folder, Found, Rules};
use super::{Site, target};
use crate::emit::manifest::Manifest;
use crate::model::{CacheClass, Digest};
use crate::syntax::html::{Tag, Token, tokenize};
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response};
use std::io::Read;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Finds out about pages that were closed.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

const SCRIPT: &str = "/.kiln/live.js";
const EVENTS: &str = "/.kiln/live";

/// A worker that an earlier visit left here, or that the page asks for, would answer with old files: this one takes its
/// place, forgets what it kept and goes.
const NO_WORKER: &str = "addEventListener('install', () => skipWaiting());
addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await registration.unregister();
})()));
";

/// The open pages, by the paths that they were asked for at.
#[derive(Default)]
pub struct Live(Mutex<Vec<(String, UnboundedSender<Bytes>)>>);

impl Live {
    /// The answer to what only live mode knows.
    pub fn own<B>(&self, site: &Site, request: &Request<B>) -> Option<Response<Content>> {
        let worker = request.headers().get("service-worker").is_some_and(|v| v == "script");
        let (mime, content) = match request.uri().path() {
            _ if worker => ("text/javascript", Content::bytes(NO_WORKER)),
            SCRIPT => ("text/javascript", Content::bytes(include_str!("live.js"))),
            EVENTS => {
                let query = request.uri().query().unwrap_or_default();
                let page = percent_encoding::percent_decode_str(query).decode_utf8_lossy().into_owned();
                let (sender, receiver) = unbounded_channel();
                let _ = sender.send(event(&site.folder, site.spa, &page));
                self.pages().push((page, sender));
                ("text/event-stream", Content::Events(receiver))
            }
            _ => return None,
        };
        let mut answer = Response::new(content);
        set(&mut answer, header::CONTENT_TYPE, mime);
        set(&mut answer, header::CACHE_CONTROL, "no-store");
        Some(answer)
    }

    /// There is a new output.
    pub fn tell(&self, folder: &Folder, spa: bool) {
        self.pages().retain(|(page, sender)| sender.send(event(folder, spa, page)).is_ok());
    }

    pub fn beat(&self) {
        self.pages().retain(|(_, sender)| sender.send(Bytes::from_static(b":\n\n")).is_ok());
    }

    /// Nothing is kept, and the site's policy lets the client in.
    pub fn freshen(&self, headers: &mut HeaderMap, client: &Client) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        const REPORT_ONLY: HeaderName = header::CONTENT_SECURITY_POLICY_REPORT_ONLY;
        for name in [header::CONTENT_SECURITY_POLICY, REPORT_ONLY] {
            let old: Vec<HeaderValue> = headers.get_all(&name).iter().cloned().collect();
            headers.remove(&name);
            for value in old {
                let policy = value.to_str().ok().and_then(|v| HeaderValue::try_from(client.admitted(v)).ok());
                headers.append(&name, policy.unwrap_or(value));
            }
        }
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, Vec<(String, UnboundedSender<Bytes>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a page has to know of the output, for the client to compare with what it knew before.
fn event(folder: &Folder, spa: bool, page: &str) -> Bytes {
    let rules = folder.rules();
    let (styles, others) = rules.manifest.as_ref().map(digests).unwrap_or_default();
    let path = page.strip_prefix(rules.base.trim_end_matches('/')).unwrap_or(page);
    let found = target::target(path).map(|t| folder.find(&t, rules.host));
    let file = match found {
        Some(Found::File(open)) => Some(*open),
        _ => folder.open(if spa { "index.html" } else { "404.html" }),
    };
    let mut bytes = Vec::new();
    let _ = file.map(|mut open| open.file.read_to_end(&mut bytes));
    let (shape, sheets) = shape(&bytes);
    let text = serde_json::json!({
        "build": build(&rules), "styles": styles, "others": others, "shape": shape, "sheets": sheets,
    });
    format!("data: {text}\n\n").into()
}

fn build(rules: &Rules) -> String {
    rules.manifest.as_ref().map_or("none", |m| m.id.get(..16).unwrap_or("none")).to_owned()
}

/// One digest over all sheets, and one over all that is neither sheet nor page nor source map.
fn digests(manifest: &Manifest) -> (String, String) {
    let (mut styles, mut others) = (String::new(), String::new());
    for entry in manifest.files.values() {
        let text = match entry.class {
            CacheClass::Html | CacheClass::SourceMap => continue,
            _ if entry.mime == "text/css" => &mut styles,
            _ => &mut others,
        };
        [&entry.url, " ", &entry.sha256, "\n"].iter().for_each(|t| text.push_str(t));
    }
    (Digest::of(styles.as_bytes()).hex(), Digest::of(others.as_bytes()).hex())
}

/// A digest of all of a page but the addresses of its sheets, and these.
fn shape(page: &[u8]) -> (String, Vec<String>) {
    let text = String::from_utf8_lossy(page);
    let (mut rest, mut at, mut sheets) = (String::new(), 0, Vec::new());
    for tag in tags(&text, "link") {
        let rel = tag.value("rel").unwrap_or_default().to_ascii_lowercase();
        let sheet = rel.split_ascii_whitespace().any(|r| r == "stylesheet");
        if sheet {
            sheets.extend(tag.value("href").map(str::to_owned));
        }
        if sheet || tag.value("as") == Some("style") {
            let mut ranges: Vec<Range<usize>> =
                ["href", "integrity"].iter().filter_map(|name| Some(tag.attr(name)?.range.clone())).collect();
            ranges.sort_by_key(|r| r.start);
            for range in ranges {
                rest.push_str(text.get(at..range.start).unwrap_or_default());
                at = range.end;
            }
        }
    }
    rest.push_str(text.get(at..).unwrap_or_default());
    (Digest::of(rest.as_bytes()).hex(), sheets)
}

fn tags(text: &str, name: &str) -> Vec<Tag> {
    let tokens = tokenize(text).unwrap_or_default().into_iter();
    let tags = tokens.filter_map(|t| if let Token::Start(tag) = t { Some(tag) } else { None });
    tags.filter(|t| t.name == name).collect()
}

/// The script in a page, and how a policy names it.
pub struct Client {
    /// `http://localhost:4173`.
    origin: String,
    build: String,
}

impl Client {
    pub fn new(asked: &HeaderMap, address: SocketAddr, rules: &Rules) -> Self {
        let plain = |h: &&str| h.bytes().all(|b| b.is_ascii_alphanumeric() || b".:[]-".contains(&b));
        let host = asked.get(header::HOST).and_then(|h| h.to_str().ok()).filter(plain);
        Self { origin: format!("http://{}", host.map_or(address.to_string(), str::to_owned)), build: build(rules) }
    }

    /// The page with the script at its end, where it moves no element that the page's own code could count.
    pub fn in_page(&self, page: Vec<u8>) -> Vec<u8> {
        let script = format!("<script src=\"{SCRIPT}?{}\" nonce=\"{NONCE}\"></script>\n", self.build);
        let Ok(text) = std::str::from_utf8(&page) else { return [page, script.into_bytes()].concat() };
        let (mut out, mut at) = (String::with_capacity(text.len() + script.len()), 0);
        for tag in tags(text, "meta") {
            let name = tag.value("http-equiv").unwrap_or_default();
            if !name.eq_ignore_ascii_case("content-security-policy") {
                continue;
            }
            if let Some((attr, before)) = tag.attr("content").and_then(|a| Some((a, text.get(at..a.range.start)?))) {
                let policy = self.admitted(&attr.value).replace('&', "&amp;").replace('"', "&quot;");
                out.push_str(&format!("{before}content=\"{policy}\""));
                at = attr.range.end;
            }
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out.push_str(&script);
        out.into_bytes()
    }

    /// A policy that allows what it allowed, and the client.
    pub fn admitted(&self, policies: &str) -> String {
        policies.split(',').map(|p| self.admit(p)).collect::<Vec<_>>().join(",")
    }

    fn admit(&self, policy: &str) -> String {
        let directives: Vec<(&str, &str)> = policy
            .split(';')
            .map(str::trim)
            .filter(|d| !d.is_empty())
            .map(|d| d.split_once(char::is_whitespace).unwrap_or((d, "")))
            .collect();
        let value = |name: &str| directives.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
        let mut out: Vec<String> = directives.iter().map(|(n, v)| format!("{n} {v}").trim().to_owned()).collect();
        // The narrowest directive of its kind, so that nothing else is let in with the client.
        for (chain, url) in [
            (["script-src-elem", "script-src", "default-src"].as_slice(), SCRIPT),
            (["connect-src", "default-src"].as_slice(), EVENTS),
        ] {
            let Some(sources) = chain.iter().find_map(|n| value(n)) else { continue };
            let kept: Vec<&str> = sources.split_whitespace().filter(|s| !s.eq_ignore_ascii_case("'none'")).collect();
            // Addresses count for nothing beside this word.
            let nonce = kept.iter().any(|s| s.eq_ignore_ascii_case("'strict-dynamic'")) && url == SCRIPT;
            let own = if nonce { format!("'nonce-{NONCE}'") } else { format!("{}{url}", self.origin) };
            let name = chain.first().copied().unwrap_or_default();
            out.retain(|d| !d.split_whitespace().next().is_some_and(|n| n.eq_ignore_ascii_case(name)));
            out.push(format!("{name} {} {own}", kept.join(" ")).replace("  ", " "));
        }
        out.join("; ")
    }
}

/// No secret: whoever can put a script into a page while it is worked on needs none.
const NONCE: &str = "kiln-live";
