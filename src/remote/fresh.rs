//! How long a copy may be used without asking for it again (RFC 9111 §4.2), and what tells it from a newer one.

use crate::config::{Reach, Remote};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use ureq::http::{HeaderMap, HeaderName, header};
use url::Url;

/// Seconds. Whoever promises more has not thought of it.
const MOST: u64 = 366 * 24 * 60 * 60;

/// What a server says of a file that it sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// As they are sent back: `If-None-Match` and `If-Modified-Since` (RFC 9110 §13.1).
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// In seconds since 1970, when it said so.
    pub at: u64,
    /// Seconds from then on.
    pub lifetime: u64,
    /// It may not be kept.
    pub no_store: bool,
    /// The addresses that were asked for it, the one that gave it last, and where each was allowed to lead.
    pub way: Vec<(String, Reach)>,
}

impl Terms {
    /// Of the headers of an answer that came `now`.
    pub fn of(headers: &HeaderMap, now: SystemTime) -> Self {
        let said = Said::of(headers);
        let anything = headers.get_all(header::VARY).iter().any(|v| v.as_bytes().contains(&b'*'));
        let lifetime = if anything { Some(0) } else { said.lifetime };
        Self {
            etag: text(headers, &header::ETAG),
            last_modified: text(headers, &header::LAST_MODIFIED),
            at: seconds(now),
            lifetime: lifetime.or_else(|| expires(headers, now)).unwrap_or(0).saturating_sub(age(headers)).min(MOST),
            no_store: said.no_store,
            way: Vec::new(),
        }
    }

    /// Of what came by this way. Where a redirect leads may be another picture the next time: that is asked for each time.
    pub fn by(self, way: Vec<(String, Reach)>, no_store: bool) -> Self {
        let lifetime = if way.len() > 1 { 0 } else { self.lifetime };
        Self { lifetime, no_store: self.no_store || no_store, way, ..self }
    }

    /// They say something of what is at `url` itself (RFC 9110 §8.8): a validator means nothing anywhere else.
    pub fn are_of(&self, url: &Url) -> bool {
        self.way.last().is_some_and(|(last, _)| last == url.as_str())
    }

    /// Whoever has these settings could have got it the same way.
    pub fn allowed(&self, remote: &Remote) -> bool {
        let allows = |url: &str| Url::parse(url).ok().and_then(|url| remote.allows(&url));
        !self.way.is_empty() && self.way.iter().all(|(url, reach)| allows(url).is_some_and(|r| r >= *reach))
    }

    /// After an answer that nothing has changed (RFC 9111 §4.3.4): what it does not say stays as it was.
    pub fn renewed(&self, headers: &HeaderMap, now: SystemTime) -> Self {
        let new = Self::of(headers, now);
        let silent = [header::CACHE_CONTROL, header::EXPIRES].iter().all(|name| headers.get(name).is_none());
        Self {
            etag: new.etag.or_else(|| self.etag.clone()),
            last_modified: new.last_modified.or_else(|| self.last_modified.clone()),
            lifetime: if silent { self.lifetime } else { new.lifetime },
            ..new
        }
    }

    /// A clock that was put back tells nothing.
    pub fn is_fresh(&self, now: SystemTime) -> bool {
        seconds(now).checked_sub(self.at).is_some_and(|age| age < self.lifetime)
    }
}

/// Of `Cache-Control`, to a cache that serves one user.
#[derive(Default)]
struct Said {
    no_store: bool,
    /// Seconds. Where it says two things, or nothing that can be understood, the copy is stale at once (RFC 9111 §4.2.1).
    lifetime: Option<u64>,
}

impl Said {
    fn of(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|v| v.to_str().ok());
        for directive in lines.flat_map(|line| line.split(',')) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" => said.no_store = true,
                "no-cache" => said.lifetime = Some(0),
                "max-age" => {
                    let new = value.trim().trim_matches('"').parse().unwrap_or(0);
                    let agrees = said.lifetime.is_none_or(|old| old == new);
                    said.lifetime = Some(if agrees { new } else { 0 });
                }
                _ => {}
            }
        }
        said
    }
}

/// RFC 9111 §5.3: a date that is none, like `0`, has passed.
fn expires(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let date = |name| text(headers, name).map(|text| httpdate::parse_http_date(text.trim()));
    let expires = date(&header::EXPIRES)?;
    let sent = date(&header::DATE).and_then(Result::ok).unwrap_or(now);
    Some(expires.ok().and_then(|at| at.duration_since(sent).ok()).map_or(0, |d| d.as_secs()))
}

/// How long it has lain in caches on its way.
fn age(headers: &HeaderMap) -> u64 {
    text(headers, &header::AGE).and_then(|t| t.trim().parse().ok()).unwrap_or(0)
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap()
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let all = lines.iter().map(|(n, v)| (n.parse::<HeaderName>().unwrap(), v.parse().unwrap()));
        all.collect()
    }

    #[test]
    fn how_long_an_answer_lasts() {
        for (lines, lifetime) in [
            (&[][..], 0),
            (&[("cache-control", "public, max-age=600")], 600),
            (&[("cache-control", "Max-Age=\"600\"")], 600),
            (&[("cache-control", "max-age=600"), ("age", "100")], 500),
            (&[("cache-control", "max-age=60"), ("age", "100")], 0),
            (&[("cache-control", "max-age=600, max-age=60")], 0),
            (&[("cache-control", "max-age=600, no-cache")], 0),
            (&[("cache-control", "no-cache, max-age=600")], 0),
            (&[("cache-control", "max-age=soon")], 0),
            (&[("cache-control", "s-maxage=600")], 0),
            (&[("cache-control", "max-age=99999999999")], MOST),
            (&[("expires", "Sun, 06 Nov 1994 08:59:37 GMT")], 600),
            (&[("expires", "Sun, 06 Nov 1994 08:59:37 GMT"), ("date", "Sun, 06 Nov 1994 08:58:37 GMT")], 60),
            (&[("expires", "0")], 0),
            (&[("cache-control", "max-age=600"), ("vary", "*")], 0),
            (&[("cache-control", "max-age=600"), ("vary", "Accept")], 600),
            (&[("expires", "Sun, 06 Nov 1994 08:59:37 GMT"), ("cache-control", "max-age=5")], 5),
        ] {
            let terms = Terms::of(&headers(lines), now());
            assert_eq!(terms.lifetime, lifetime, "{lines:?}");
            assert_eq!(terms.is_fresh(now()), lifetime > 0, "{lines:?}");
            assert!(!terms.is_fresh(now() + Duration::from_secs(lifetime)) && !terms.no_store, "{lines:?}");
        }
        let terms = Terms::of(&headers(&[("cache-control", "max-age=600")]), now());
        assert!(!terms.is_fresh(now() - Duration::from_secs(5)), "the clock was put back");
        assert!(Terms::of(&headers(&[("cache-control", "no-store")]), now()).no_store);
    }

    #[test]
    fn a_redirect_on_the_way_leaves_nothing_fresh() {
        let hop = |url: &str| (url.to_owned(), Reach::Private);
        let fresh = Terms::of(&headers(&[("cache-control", "max-age=600")]), now());
        let direct = fresh.clone().by(vec![hop("https://a.example/1.jpg")], false);
        assert_eq!((direct.lifetime, direct.no_store), (600, false));
        let led = fresh.by(vec![hop("https://a.example/"), hop("https://a.example/1.jpg")], true);
        assert_eq!((led.lifetime, led.no_store), (0, true));
        let url = |url| Url::parse(url).unwrap();
        assert!(led.are_of(&url("https://a.example/1.jpg")) && !led.are_of(&url("https://a.example/")));
        let allowed = |pattern: &str| {
            let env = vec![("KILN_IMAGES_REMOTE".to_owned(), pattern.to_owned())];
            let config = crate::config::resolve(None, &env, &crate::config::Overrides::default()).unwrap();
            led.allowed(&config.images.remote)
        };
        assert!(allowed("https://a.example/**"));
        assert!(!allowed("https://a.example/*.jpg"), "not the address that led to it");
        assert!(!allowed("https://*.example.com/**"));
    }

    #[test]
    fn an_answer_that_nothing_has_changed_says_only_what_is_new() {
        let later = now() + Duration::from_secs(1000);
        let old = Terms::of(&headers(&[("etag", "\"a\""), ("cache-control", "max-age=60")]), now());
        let silent = old.renewed(&headers(&[]), later);
        assert_eq!((silent.etag.as_deref(), silent.lifetime, silent.is_fresh(later)), (Some("\"a\""), 60, true));
        let new = old.renewed(&headers(&[("etag", "\"b\""), ("cache-control", "no-cache")]), later);
        assert_eq!((new.etag.as_deref(), new.lifetime), (Some("\"b\""), 0));
    }
}
