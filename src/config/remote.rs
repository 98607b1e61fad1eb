//! Which addresses of other hosts pictures may be fetched from.

use super::ConfigError;
use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::{Host, Url};

/// Pictures of other hosts that are treated as the site's own. Without a place, there are none.
#[derive(Clone, Debug)]
pub struct Remote {
    pub places: Vec<Place>,
    /// Larger ones stay where they are.
    pub file_bytes: u64,
    /// For one picture, redirects included.
    pub patience: Duration,
    /// No server is asked.
    pub offline: bool,
}

/// `https://images.example.com/blog/**`
#[derive(Clone, Debug)]
pub struct Place {
    https: bool,
    host: HostPattern,
    port: u16,
    /// Of the path, without a query.
    path: GlobMatcher,
}

/// Into which networks the name of a host may lead. A name that anybody may have made must not lead to what only the
/// machine that builds can see: its own services, or its cloud's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reach {
    /// The internet.
    Public,
    /// Private networks, too: somebody wrote down this very name.
    Private,
    /// This machine and its link, too: somebody wrote down this very address.
    Own,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Exactly(Host),
    /// Any name that ends in a dot and this one.
    Below(String),
}

impl Remote {
    /// Where the host of an address may lead, if pictures may be fetched from there. Never with a name and password.
    pub fn allows(&self, url: &Url) -> Option<Reach> {
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        self.places.iter().filter(|p| p.matches(url)).map(|p| p.host.reach()).max()
    }
}

impl Place {
    fn matches(&self, url: &Url) -> bool {
        url.scheme() == if self.https { "https" } else { "http" }
            && url.port_or_known_default() == Some(self.port)
            && url.host().is_some_and(|host| self.host.matches(&host.to_owned()))
            && self.path.is_match(url.path())
    }
}

impl HostPattern {
    fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Exactly(own), host) => own == host,
            (Self::Below(domain), Host::Domain(name)) => {
                name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
            _ => false,
        }
    }

    fn reach(&self) -> Reach {
        match self {
            Self::Below(_) => Reach::Public,
            Self::Exactly(Host::Domain(name)) if name == "localhost" || name.ends_with(".localhost") => Reach::Own,
            Self::Exactly(Host::Domain(_)) => Reach::Private,
            Self::Exactly(Host::Ipv4(_) | Host::Ipv6(_)) => Reach::Own,
        }
    }
}

/// # Errors
/// A pattern that is none, or that leaves open which hosts it means.
pub fn places(patterns: &[String]) -> Result<Vec<Place>, ConfigError> {
    patterns.iter().map(|p| place(p.trim())).collect()
}

fn place(pattern: &str) -> Result<Place, ConfigError> {
    let wrong = |why: &str| {
        ConfigError::new("images.remote", format!("`{pattern}` {why}"))
            .help("like `https://images.example.com/**`, or `https://*.example.com/**` for all hosts below that name")
    };
    let (https, rest) = match (pattern.strip_prefix("https://"), pattern.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(wrong("does not start with `https://` or `http://`")),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            (host, port.parse().ok().filter(|p| *p > 0).ok_or_else(|| wrong("has no port after its `:`"))?)
        }
        _ => (authority, if https { 443 } else { 80 }),
    };
    let host = host_pattern(host).map_err(wrong)?;
    let path = if path.trim_matches('/').is_empty() { "/**" } else { path };
    let path = GlobBuilder::new(path)
        .literal_separator(true)
        .build()
        .map_err(|e| wrong(&format!("is no glob: {}", e.kind())))?;
    Ok(Place { https, host, port, path: path.compile_matcher() })
}

fn host_pattern(text: &str) -> Result<HostPattern, &'static str> {
    let (name, below) = match text.strip_prefix("*.") {
        Some(name) => (name, true),
        None => (text, false),
    };
    if name.is_empty() || name.trim_matches(['*', '.']).is_empty() {
        return Err("names no host, so anybody could be asked");
    }
    if name.contains(['*', '?', '{', '}', '@', '\\']) || name.contains(['[', ']']) && !name.starts_with('[') {
        return Err("has a host that is not written out");
    }
    match Host::parse(name) {
        Ok(Host::Domain(domain)) if below && domain.trim_matches('.').contains('.') => Ok(HostPattern::Below(domain)),
        Ok(_) if below => Err("has a host that is not written out"),
        Ok(host) => Ok(HostPattern::Exactly(host)),
        Err(_) => Err("has a host that is none"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn reach(pattern: &str, url: &str) -> Option<Reach> {
        let places = places(&[pattern.to_owned()]).unwrap();
        let remote = Remote { places, file_bytes: 0, patience: Duration::ZERO, offline: false };
        remote.allows(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_pattern_is_for_one_scheme_host_and_port() {
        let pattern = "https://images.example.com/blog/**";
        for url in ["https://images.example.com/blog/a.jpg", "https://IMAGES.example.com:443/blog/2024/a.jpg?w=300#x"] {
            assert_eq!(reach(pattern, url), Some(Reach::Private), "{url}");
        }
        for url in [
            "http://images.example.com/blog/a.jpg",
            "https://images.example.com:8443/blog/a.jpg",
            "https://images.example.com.evil.example/blog/a.jpg",
            "https://evil.example/images.example.com/blog/a.jpg",
            "https://images.example.com@evil.example/blog/a.jpg",
            "https://user:secret@images.example.com/blog/a.jpg",
            "https://images.example.com/a.jpg",
            "https://images.example.com/blog/../a.jpg",
            "https://images.example.com/blog/%2e%2e/a.jpg",
        ] {
            assert_eq!(reach(pattern, url), None, "{url}");
        }
        assert!(reach("https://images.example.com", "https://images.example.com/a/b.jpg").is_some());
        assert!(reach("https://images.example.com/*.jpg", "https://images.example.com/a/b.jpg").is_none());
    }

    #[test]
    fn only_names_that_are_written_down_lead_into_private_networks() {
        assert_eq!(reach("https://*.example.com/**", "https://a.b.example.com/x.jpg"), Some(Reach::Public));
        assert_eq!(reach("https://*.example.com/**", "https://example.com/x.jpg"), None);
        assert_eq!(reach("https://*.example.com/**", "https://badexample.com/x.jpg"), None);
        assert_eq!(reach("http://127.0.0.1:8080/**", "http://0x7f.1:8080/x.jpg"), Some(Reach::Own));
        assert_eq!(reach("http://[::1]/**", "http://[0:0::1]/x.jpg"), Some(Reach::Own));
        assert_eq!(reach("http://localhost/**", "http://localhost/x.jpg"), Some(Reach::Own));
        assert_eq!(reach("http://localhost/**", "http://127.0.0.1/x.jpg"), None);
    }

    #[test]
    fn patterns_that_leave_the_host_open_are_refused() {
        for pattern in [
            "https://**",
            "https://*/**",
            "https://*.*/x",
            "https://*.com/**",
            "https:///x",
            "https://img*.example.com/**",
            "//images.example.com/**",
            "images.example.com/**",
            "ftp://images.example.com/**",
            "**",
            "",
            "https://{a,b}.example.com/**",
            "https://me@example.com/**",
            "https://example.com:x/**",
            "https://example.com/a[",
        ] {
            let error = places(&[pattern.to_owned()]).unwrap_err();
            assert!(error.help.unwrap().contains("https://images.example.com/**"), "{pattern}");
        }
    }
}
