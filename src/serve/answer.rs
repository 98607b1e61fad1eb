//! From a request to a response, as nginx answers for a folder: conditions, ranges, redirects, the 404 page.

use super::Site;
use super::body::Content;
use super::folder::{Found, Open, Rules};
use super::live::{self, Live};
use super::target::target;
use crate::emit::manifest::mime;
use crate::model::SitePath;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

type Answer = Response<Content>;

/// What cannot stand in a path as it is.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'\\');

pub fn answer<B>(site: &Site, request: &Request<B>) -> Answer {
    let mut answer = match request.method() {
        &Method::GET | &Method::HEAD => found(site, request),
        _ => plain(StatusCode::METHOD_NOT_ALLOWED),
    };
    if request.method() == Method::HEAD {
        let length = hyper::body::Body::size_hint(answer.body()).exact();
        *answer.body_mut() = Content::empty();
        if let Some(length) = length.filter(|_| answer.status() != StatusCode::NOT_MODIFIED) {
            set(&mut answer, header::CONTENT_LENGTH, &length.to_string());
        }
    }
    answer
}

fn found<B>(site: &Site, request: &Request<B>) -> Answer {
    let (url, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let rules = site.folder.rules();
    if let Some(live) = &site.live
        && let Some(answer) = live.own(site, request)
    {
        return answer;
    }
    let Some(asked) = target(url) else { return plain(StatusCode::BAD_REQUEST) };
    let below = rules.base.trim_matches('/');
    let inside = match (asked.path.strip_prefix(below), below.is_empty()) {
        (_, true) => Some(asked.path.as_str()),
        (Some(""), _) if asked.folder => Some(""),
        (Some(""), _) => None,
        (Some(rest), _) => rest.strip_prefix('/'),
        (None, _) => None,
    };
    let Some(inside) = inside else {
        // The way to the site from where a person begins to look for it.
        return match asked.path.is_empty() || asked.path == below {
            true => redirect(StatusCode::FOUND, &rules.base, query),
            false => plain(StatusCode::NOT_FOUND),
        };
    };
    let place = super::target::Target { path: inside.to_owned(), folder: asked.folder };
    match site.folder.find(&place, rules.host) {
        Found::File(open) => file(site, &rules, request, *open, StatusCode::OK),
        Found::Redirect => {
            let to = format!("/{}/", utf8_percent_encode(&asked.path, ESCAPED));
            let mut answer = redirect(StatusCode::MOVED_PERMANENTLY, &to, query);
            policy(&mut answer, &rules, url, inside);
            answer
        }
        Found::Forbidden => plain(StatusCode::FORBIDDEN),
        Found::Missing => {
            let page = |name: &str, status| Some((site.folder.open(name)?, status));
            let spa = site.spa.then(|| page("index.html", StatusCode::OK)).flatten();
            match spa.or_else(|| page("404.html", StatusCode::NOT_FOUND)) {
                Some((open, status)) => file(site, &rules, request, open, status),
                None => plain(StatusCode::NOT_FOUND),
            }
        }
    }
}

fn file<B>(site: &Site, rules: &Rules, request: &Request<B>, open: Open, status: StatusCode) -> Answer {
    let mime = SitePath::new(&open.path).map_or("application/octet-stream", |p| mime(&p));
    let mut answer = match &site.live {
        Some(live) => whole(site, live, rules, request, open.path.as_str(), open.file, mime),
        None => {
            let path = open.path.clone();
            let mut answer = part(request.headers(), open, status);
            // nginx adds headers to an answer, not to an error, so that no missing file is kept for a year; that a range
            // is beyond the end comes to light later.
            if status == StatusCode::OK && answer.status() != StatusCode::PRECONDITION_FAILED {
                policy(&mut answer, rules, request.uri().path(), &path);
            }
            answer
        }
    };
    if site.live.is_some() {
        *answer.status_mut() = status;
    }
    if !matches!(
        answer.status(),
        StatusCode::NOT_MODIFIED | StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PRECONDITION_FAILED
    ) {
        set(&mut answer, header::CONTENT_TYPE, mime);
    }
    answer
}

/// A file in live mode: fresh, with the client in pages, and with a policy that lets the client in.
fn whole<B>(
    site: &Site,
    live: &Live,
    rules: &Rules,
    request: &Request<B>,
    path: &str,
    mut file: std::fs::File,
    mime: &str,
) -> Answer {
    let mut bytes = Vec::new();
    if file.read_to_end(&mut bytes).is_err() {
        return plain(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let own = live::Client::new(request.headers(), site.address, rules);
    let bytes = if mime == "text/html" { own.in_page(bytes) } else { bytes };
    let mut answer = Response::new(Content::bytes(bytes));
    policy(&mut answer, rules, request.uri().path(), path);
    live.freshen(answer.headers_mut(), &own);
    answer
}

/// The whole file, a range of it, or word that the client has it already.
fn part(asked: &HeaderMap, open: Open, status: StatusCode) -> Answer {
    let len = open.meta.len();
    let modified = open.meta.modified().unwrap_or(UNIX_EPOCH);
    let seconds = modified.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let modified = UNIX_EPOCH + Duration::from_secs(seconds);
    let tag = format!("\"{seconds:x}-{len:x}\"");
    if status == StatusCode::OK
        && let Some(status) = precondition(asked, &tag, modified)
    {
        let mut answer = if status == StatusCode::NOT_MODIFIED { bare(status) } else { plain(status) };
        if status == StatusCode::NOT_MODIFIED {
            set(&mut answer, header::ETAG, &tag);
            set(&mut answer, header::LAST_MODIFIED, &httpdate::fmt_http_date(modified));
        }
        return answer;
    }
    let wanted = match range(asked, len, &tag, modified) {
        _ if status != StatusCode::OK => Range::Whole,
        other => other,
    };
    let (start, length, code) = match wanted {
        Range::Whole => (0, len, status),
        Range::Part(start, end) => (start, end - start, StatusCode::PARTIAL_CONTENT),
        Range::Beyond => {
            let mut answer = plain(StatusCode::RANGE_NOT_SATISFIABLE);
            set(&mut answer, header::CONTENT_RANGE, &format!("bytes */{len}"));
            return answer;
        }
    };
    let Ok(content) = Content::part(open.file, start, length) else { return plain(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut answer = Response::new(content);
    *answer.status_mut() = code;
    set(&mut answer, header::ETAG, &tag);
    if status == StatusCode::OK {
        set(&mut answer, header::LAST_MODIFIED, &httpdate::fmt_http_date(modified));
    }
    match wanted {
        Range::Part(start, end) => set(&mut answer, header::CONTENT_RANGE, &format!("bytes {start}-{}/{len}", end - 1)),
        _ if status == StatusCode::OK => set(&mut answer, header::ACCEPT_RANGES, "bytes"),
        _ => {}
    }
    answer
}

/// The order and the exact comparison of times are nginx's.
fn precondition(asked: &HeaderMap, tag: &str, modified: SystemTime) -> Option<StatusCode> {
    let time = |name: HeaderName| text(asked, &name).map(|v| httpdate::parse_http_date(v).ok());
    let tagged = |name: HeaderName, weak: bool| {
        text(asked, &name).map(|list| {
            list.trim() == "*"
                || list.split(',').map(str::trim).any(|t| t == tag || (weak && t.strip_prefix("W/") == Some(tag)))
        })
    };
    if time(header::IF_UNMODIFIED_SINCE).is_some_and(|t| t.is_none_or(|t| t < modified))
        || tagged(header::IF_MATCH, false) == Some(false)
    {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    let same_time = time(header::IF_MODIFIED_SINCE).map(|t| t == Some(modified));
    let same_tag = tagged(header::IF_NONE_MATCH, true);
    let known = same_time.or(same_tag).is_some() && same_time != Some(false) && same_tag != Some(false);
    known.then_some(StatusCode::NOT_MODIFIED)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Range {
    Whole,
    /// From, and up to but without.
    Part(u64, u64),
    Beyond,
}

/// Of several ranges at once the whole file is sent, as the standard allows.
fn range(asked: &HeaderMap, len: u64, tag: &str, modified: SystemTime) -> Range {
    let Some(value) = text(asked, &header::RANGE) else { return Range::Whole };
    if let Some(since) = text(asked, &header::IF_RANGE) {
        let same = if since.ends_with('"') {
            since.trim() == tag
        } else {
            httpdate::parse_http_date(since).is_ok_and(|t| t == modified)
        };
        if !same {
            return Range::Whole;
        }
    }
    let Some((unit, list)) = value.split_once('=') else { return Range::Whole };
    if !unit.eq_ignore_ascii_case("bytes") || list.contains(',') {
        return Range::Whole;
    }
    let Some((from, to)) = list.trim().split_once('-') else { return Range::Beyond };
    let number = |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<u64>().ok()).flatten();
    match (from.trim(), to.trim()) {
        ("", last) => match number(last) {
            Some(n) if n > 0 && len > 0 => Range::Part(len.saturating_sub(n), len),
            _ => Range::Beyond,
        },
        (first, "") => number(first).filter(|s| *s < len).map_or(Range::Beyond, |s| Range::Part(s, len)),
        (first, last) => match (number(first), number(last)) {
            (Some(s), Some(e)) if s <= e && s < len => Range::Part(s, e.saturating_add(1).min(len)),
            _ => Range::Beyond,
        },
    }
}

fn policy(answer: &mut Answer, rules: &Rules, url: &str, path: &str) {
    for (name, value) in rules.headers(url, path) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(&name), HeaderValue::try_from(&value)) {
            answer.headers_mut().append(name, value);
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub fn set(answer: &mut Answer, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        answer.headers_mut().insert(name, value);
    }
}

fn redirect(status: StatusCode, to: &str, query: &str) -> Answer {
    let mut answer = plain(status);
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    set(&mut answer, header::LOCATION, &format!("{to}{query}"));
    answer
}

fn bare(status: StatusCode) -> Answer {
    let mut answer = Response::new(Content::empty());
    *answer.status_mut() = status;
    answer
}

fn plain(status: StatusCode) -> Answer {
    let text = format!("<!doctype html><title>{status}</title><h1>{status}</h1>\n");
    let mut answer = Response::new(Content::bytes(text));
    *answer.status_mut() = status;
    set(&mut answer, header::CONTENT_TYPE, "text/html");
    answer
}
