//! One picture over HTTP: bounded in time, bytes and redirects, and only from where the settings allow it.

use super::fresh::Terms;
use super::guard::{Guard, OutOfReach};
use crate::config::{Reach, Remote};
use std::error::Error as _;
use std::time::{Duration, Instant, SystemTime};
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Error};
use url::Url;

/// More lead in a circle.
const REDIRECTS: usize = 5;
/// Of the whole time, for a server that does not even take the call.
const CONNECT: Duration = Duration::from_secs(10);

pub struct Client<'a> {
    remote: &'a Remote,
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
        let agents = [Reach::Public, Reach::Private, Reach::Own].map(|reach| (reach, agent(reach)));
        Self { remote, agents: agents.into() }
    }

    /// `known`: of the copy that is there already.
    pub fn get(&self, url: &Url, known: Option<&Terms>) -> Result<Answer, Trouble> {
        let until = Instant::now() + self.remote.patience;
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            let mut response = self.ask(&at, known, until)?;
            let now = SystemTime::now();
            match response.status() {
                StatusCode::OK => {
                    let terms = Terms::of(response.headers(), now);
                    return Ok(Answer::New(self.body(&mut response)?, terms));
                }
                StatusCode::NOT_MODIFIED if let Some(known) = known => {
                    return Ok(Answer::Same(known.renewed(response.headers(), now)));
                }
                status if is_redirect(status) => at = self.next(&at, response.headers())?,
                status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                    return Err(Trouble::Away(format!("its server answers {status}")));
                }
                status => return Err(Trouble::Refused(format!("its server answers {status}"))),
            }
        }
        Err(Trouble::Refused(format!("it leads on more than {REDIRECTS} times")))
    }

    fn ask(&self, url: &Url, known: Option<&Terms>, until: Instant) -> Result<Response<Body>, Trouble> {
        let reach = self.remote.allows(url).ok_or_else(|| Trouble::Refused("it may not be asked for".into()))?;
        let agent = self.agents.iter().find(|(r, _)| *r == reach).map(|(_, agent)| agent);
        let agent = agent.ok_or_else(|| Trouble::Refused("it may not be asked for".into()))?;
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
        // One byte more than is allowed tells that there are more.
        response.body_mut().with_config().limit(most).read_to_vec().map_err(|e| self.trouble(&e))
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

fn agent(reach: Reach) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .user_agent(concat!("kiln/", env!("CARGO_PKG_VERSION")))
        // The formats that kiln makes others from. A server that may choose must not send those that it makes.
        .accept("image/jpeg, image/png, image/*;q=0.8")
        .accept_encoding("identity")
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guard { reach, inner: DefaultResolver::default() })
}
