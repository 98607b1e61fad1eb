//! One picture over HTTP: bounded in time, bytes and redirects, and only from where the settings allow it.

use super::fresh::Terms;
use super::guard::{Guard, OutOfReach};
use crate::config::{Reach, Remote};
use std::error::Error as _;
use std::time::{Duration, Instant, SystemTime};
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, Resolver};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Error};
use url::Url;

/// More lead in a circle.
const REDIRECTS: usize = 5;
/// Of the whole time, for a server that does not even take the call.
const CONNECT: Duration = Duration::from_secs(10);

pub struct Client<'a> {
    remote: &'a Remote,
    /// Why no TLS certificate can be checked.
    untrusting: Option<String>,
    /// Connections are never shared between those who may reach different networks.
    agents: Vec<(Reach, Agent)>,
}

pub enum Answer {
    /// The copy is still the same.
    Same(Terms),
    New(Vec<u8>, Terms),
}

/// Why there is no answer. Both go on after a `:`.
pub enum Trouble {
    /// The server does not answer, or is out of order: it may have the picture.
    Away(String),
    /// It does not give a picture that may be taken.
    Refused(String),
}

impl<'a> Client<'a> {
    pub fn new(remote: &'a Remote) -> Self {
        Self::with(remote, DefaultResolver::default)
    }

    /// `names`: who looks names up.
    fn with<R: Resolver>(remote: &'a Remote, names: impl Fn() -> R) -> Self {
        let (roots, untrusting) = match roots() {
            Ok(roots) => (roots, None),
            Err(why) => (RootCerts::WebPki, Some(why)),
        };
        let agent = |reach| (reach, agent(reach, names(), roots.clone()));
        Self { remote, untrusting, agents: [Reach::Public, Reach::Private, Reach::Own].map(agent).into() }
    }

    /// `known`: of the copy that is there already.
    pub fn get(&self, url: &Url, known: Option<&Terms>) -> Result<Answer, Trouble> {
        let until = Instant::now() + self.remote.patience;
        let mut at = url.clone();
        let (mut way, mut no_store) = (Vec::new(), false);
        for _ in 0..=REDIRECTS {
            let reach = self.remote.allows(&at).ok_or_else(|| Trouble::Refused("it may not be asked for".into()))?;
            way.push((at.to_string(), reach));
            let known = known.filter(|k| k.are_of(&at));
            let mut response = self.ask(&at, reach, known, until)?;
            let now = SystemTime::now();
            match response.status() {
                StatusCode::OK => {
                    let terms = Terms::of(response.headers(), now).by(way, no_store);
                    return Ok(Answer::New(self.body(&mut response)?, terms));
                }
                StatusCode::NOT_MODIFIED if let Some(known) = known => {
                    return Ok(Answer::Same(known.renewed(response.headers(), now).by(way, no_store)));
                }
                status if is_redirect(status) => {
                    no_store |= Terms::of(response.headers(), now).no_store;
                    at = self.next(&at, response.headers())?;
                }
                status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                    return Err(Trouble::Away(format!("its server answers {status}")));
                }
                status => return Err(Trouble::Refused(format!("its server answers {status}"))),
            }
        }
        Err(Trouble::Refused(format!("it leads on more than {REDIRECTS} times")))
    }

    fn ask(&self, url: &Url, reach: Reach, known: Option<&Terms>, until: Instant) -> Result<Response<Body>, Trouble> {
        let agent = self.agents.iter().find(|(r, _)| *r == reach).map(|(_, agent)| agent);
        let agent = agent.ok_or_else(|| Trouble::Refused("it may not be asked for".into()))?;
        if let Some(why) = self.untrusting.as_ref().filter(|_| url.scheme() == "https") {
            return Err(Trouble::Away(why.clone()));
        }
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mut request = agent.get(url.as_str()).config().timeout_global(Some(left)).build();
        if let Some(etag) = known.and_then(|k| k.etag.as_deref()) {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = known.and_then(|k| k.last_modified.as_deref()) {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        request.call().map_err(|e| self.trouble(&e))
    }

    /// Where a redirect leads (RFC 9110 §10.2.2).
    fn next(&self, from: &Url, headers: &HeaderMap) -> Result<Url, Trouble> {
        let location = headers.get(header::LOCATION).and_then(|v| v.to_str().ok());
        let next = location.and_then(|l| from.join(l).ok());
        let next = next.ok_or_else(|| Trouble::Refused("it leads on to nowhere".into()))?;
        match self.remote.allows(&next) {
            Some(_) => Ok(next),
            None => Err(Trouble::Refused(format!("it leads on to `{next}`, which `images.remote` does not allow"))),
        }
    }

    fn body(&self, response: &mut Response<Body>) -> Result<Vec<u8>, Trouble> {
        let coded = response.headers().get(header::CONTENT_ENCODING);
        if let Some(coding) = coded.filter(|c| !c.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(Trouble::Refused(format!(
                "it comes encoded ({}) unasked",
                String::from_utf8_lossy(coding.as_bytes())
            )));
        }
        let most = self.remote.file_bytes;
        if response.body().content_length().is_some_and(|len| len > most) {
            return Err(self.trouble(&Error::BodyExceedsLimit(most)));
        }
        // At its limit the reader does not look whether there is more.
        let limit = most.saturating_add(1);
        let bytes = response.body_mut().with_config().limit(limit).read_to_vec().map_err(|e| self.trouble(&e))?;
        if bytes.len() as u64 > most {
            return Err(self.trouble(&Error::BodyExceedsLimit(most)));
        }
        Ok(bytes)
    }

    fn trouble(&self, error: &Error) -> Trouble {
        match error {
            Error::BodyExceedsLimit(_) => {
                Trouble::Refused(format!("it is larger than `limits.remote_size` ({} bytes)", self.remote.file_bytes))
            }
            Error::BadUri(_) | Error::Http(_) => Trouble::Refused("the address cannot be asked for".into()),
            Error::Other(other) if other.is::<OutOfReach>() => Trouble::Refused(other.to_string()),
            Error::Timeout(_) => self.late(),
            Error::Io(e) if e.kind() == std::io::ErrorKind::TimedOut => self.late(),
            Error::HostNotFound => Trouble::Away("nobody knows its host".into()),
            Error::Io(e) => Trouble::Away(format!("its server cannot be reached ({})", innermost(e))),
            other => Trouble::Away(format!("its server cannot be reached ({other})")),
        }
    }

    fn late(&self) -> Trouble {
        Trouble::Away(format!("its server does not send it within {} s", self.remote.patience.as_secs()))
    }
}

/// Systems wrap what went wrong.
fn innermost(error: &std::io::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Mozilla's certificates, or those in the file that `SSL_CERT_FILE` names, as for OpenSSL: of a company whose proxy looks
/// into connections, for example.
fn roots() -> Result<RootCerts, String> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let fail = |why: &str| format!("the file that `SSL_CERT_FILE` names, {}, {why}", path.display());
    let pem = std::fs::read(&path).map_err(|e| fail(&format!("cannot be read ({e})")))?;
    let certificate = |item| if let Ok(PemItem::Certificate(c)) = item { Some(c) } else { None };
    let certificates: Vec<_> = parse_pem(&pem).filter_map(certificate).collect();
    match certificates.is_empty() {
        false => Ok(RootCerts::Specific(certificates.into())),
        true => Err(fail("holds no certificates (`-----BEGIN CERTIFICATE-----`)")),
    }
}

fn agent(reach: Reach, names: impl Resolver, roots: RootCerts) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .user_agent(concat!("kiln/", env!("CARGO_PKG_VERSION")))
        // The formats that kiln makes others from. A server that may choose must not send those that it makes.
        .accept("image/jpeg, image/png, image/*;q=0.8")
        .accept_encoding("identity")
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guard { reach, inner: names })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::{Overrides, resolve};
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};
    use std::thread;
    use ureq::config::Config;
    use ureq::http::Uri;
    use ureq::unversioned::resolver::ResolvedSocketAddrs;
    use ureq::unversioned::transport::NextTimeout;

    /// Every name leads there.
    #[derive(Debug)]
    struct Leads(SocketAddr);

    impl Resolver for Leads {
        fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            let mut found = self.empty();
            found.push(self.0);
            Ok(found)
        }
    }

    /// On this machine: it sends three bytes, without saying how many.
    fn server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
            }
        });
        address
    }

    /// What a client gets that may ask `pattern`, with as many bytes.
    fn got(at: SocketAddr, pattern: &str, url: &str, most: u64) -> Result<Vec<u8>, String> {
        let env = vec![("KILN_IMAGES_REMOTE".to_owned(), pattern.to_owned())];
        let mut remote = resolve(None, &env, &Overrides::default()).unwrap().images.remote;
        remote.file_bytes = most;
        match Client::with(&remote, || Leads(at)).get(&Url::parse(url).unwrap(), None) {
            Ok(Answer::New(bytes, _)) => Ok(bytes),
            Ok(Answer::Same(_)) => Err("a copy that nobody has".into()),
            Err(Trouble::Away(why) | Trouble::Refused(why)) => Err(why),
        }
    }

    #[test]
    fn a_name_below_a_pattern_does_not_lead_to_this_machine() {
        let at = server();
        let port = at.port();
        let url = format!("http://images.sub.example:{port}/a.jpg");
        let below = got(at, &format!("http://*.sub.example:{port}/**"), &url, 99).unwrap_err();
        assert_eq!(below, "its name leads to 127.0.0.1, which is not on the internet");
        let named = got(at, &format!("http://images.sub.example:{port}/**"), &url, 99).unwrap_err();
        assert_eq!(named, "its name leads to 127.0.0.1, which is not on the internet");
        let own = format!("http://127.0.0.1:{port}");
        assert_eq!(got(at, &format!("{own}/**"), &format!("{own}/a.jpg"), 99), Ok(b"abc".to_vec()), "it is there");
    }

    #[test]
    fn as_many_bytes_as_are_allowed_and_not_one_more() {
        let at = server();
        let url = format!("http://{at}/a.jpg");
        for (most, passes) in [(2, false), (3, true), (4, true)] {
            let got = got(at, &url, &url, most);
            assert_eq!(got.is_ok(), passes, "{most}: {got:?}");
        }
    }
}
