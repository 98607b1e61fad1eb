//! Copies of pictures: from the cache as long as they are fresh, else with a question to their server.

use super::client::{Answer, Client, Trouble};
use super::fresh::Terms;
use super::whole::is_whole;
use super::{Fetching, VERSION};
use crate::cache::KeyBuilder;
use crate::model::{Digest, ImageFormat};
use crate::scan::Held;
use crate::transform::image;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use url::Url;

/// Servers that are asked at once, and pictures that each is asked for at once. When none of those can be had, the rest
/// of the server's are not asked for: a build must not wait for each of them.
const SERVERS: usize = 4;
const WAVE: usize = 6;

/// The bytes of a picture.
#[derive(Clone, Debug)]
pub struct Copy {
    pub digest: Digest,
    pub len: u64,
    pub format: ImageFormat,
    pub held: Held,
}

/// What became of an address.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// What its server has, as far as that may be assumed.
    Current(Copy),
    /// What its server had, and why that cannot be asked now.
    Stale(Copy, String),
    /// It stays as it is, because …
    Left(String),
}

impl Outcome {
    pub fn copy(&self) -> Option<&Copy> {
        match self {
            Self::Current(copy) | Self::Stale(copy, _) => Some(copy),
            Self::Left(_) => None,
        }
    }
}

/// What a process that builds again and again was told lately: it does not ask the same after every change of a page.
#[derive(Default)]
pub struct Asked(Mutex<HashMap<Url, (Instant, Outcome)>>);

impl Asked {
    const AGAIN: Duration = Duration::from_secs(5 * 60);
    /// Whoever mends an address wants to see it.
    const AGAIN_IF_LEFT: Duration = Duration::from_secs(60);

    fn lately(&self, url: &Url) -> Option<Outcome> {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, outcome) = asked.get(url)?;
        let long = if matches!(outcome, Outcome::Current(_)) { Self::AGAIN } else { Self::AGAIN_IF_LEFT };
        let there = match outcome.copy().map(|c| &c.held) {
            Some(Held::At(file)) => file.is_file(),
            Some(Held::Here(_)) | None => true,
        };
        (at.elapsed() < long && there).then(|| outcome.clone())
    }

    fn remember(&self, url: &Url, outcome: &Outcome) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(url.clone(), (Instant::now(), outcome.clone()));
    }
}

/// What the cache knows of an address: `None` of one whose server forbids to keep it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    digest: Digest,
    len: u64,
    format: ImageFormat,
    terms: Terms,
}

pub struct Copies<'a> {
    on: &'a Fetching<'a>,
    client: Client<'a>,
}

/// An address to ask for, and the copy that is there.
type Question<'u> = (&'u Url, Option<Box<Entry>>);

impl<'a> Copies<'a> {
    pub fn new(on: &'a Fetching<'a>) -> Self {
        Self { on, client: Client::new(&on.config.images.remote) }
    }

    /// The same answers give the same, in whatever order they come.
    pub fn all<'u>(&self, urls: &std::collections::BTreeSet<&'u Url>) -> BTreeMap<&'u Url, Outcome> {
        let now = SystemTime::now();
        let mut outcomes = BTreeMap::new();
        let mut questions: BTreeMap<String, Vec<Question<'u>>> = BTreeMap::new();
        for url in urls {
            let lately = self.on.asked.and_then(|asked| asked.lately(url));
            match lately.map_or_else(|| self.without_asking(url, now), Ok) {
                Ok(outcome) => _ = outcomes.insert(*url, outcome),
                Err(known) => questions.entry(url.origin().ascii_serialization()).or_default().push((url, known)),
            }
        }
        if !questions.is_empty() {
            self.on.observer.stage("fetching pictures", questions.values().map(Vec::len).sum());
        }
        let servers: Vec<Vec<Question<'u>>> = questions.into_values().collect();
        for some in servers.chunks(SERVERS) {
            let answers = together(some, |questions| self.server(questions));
            outcomes.extend(answers.into_iter().flatten().flatten());
        }
        // What a build that is given up did not ask is to be asked by the next one.
        if let Some(asked) = self.on.asked.filter(|_| !self.on.observer.cancelled()) {
            outcomes.iter().for_each(|(url, outcome)| asked.remember(url, outcome));
        }
        outcomes
    }

    /// What can be said at once, or what is known when it is asked for.
    fn without_asking(&self, url: &Url, now: SystemTime) -> Result<Outcome, Option<Box<Entry>>> {
        let remote = &self.on.config.images.remote;
        let known = self.on.cache.get::<Option<Entry>>(&key(url)).flatten();
        let known = known.filter(|e| e.terms.allowed(remote));
        let known = known.filter(|e| e.len <= remote.file_bytes && self.on.cache.has_blob(&e.digest, e.len));
        match known {
            Some(entry) if remote.offline || entry.terms.is_fresh(now) => match self.copy(&entry) {
                Some(copy) => Ok(Outcome::Current(copy)),
                None => Err(None),
            },
            None if remote.offline => Ok(Outcome::Left("there is no copy of it, and no server is asked".into())),
            None if url.path().to_ascii_lowercase().ends_with(".svg") => Ok(Outcome::Left(DRAWING.into())),
            known => Err(known.map(Box::new)),
        }
    }

    /// All that one server is asked for.
    fn server<'u>(&self, questions: &[Question<'u>]) -> Vec<(&'u Url, Outcome)> {
        let mut outcomes = Vec::with_capacity(questions.len());
        let mut away = None;
        for wave in questions.chunks(WAVE) {
            let gone =
                || if self.on.observer.cancelled() { Some("the build was given up".to_owned()) } else { away.clone() };
            let answers = match gone() {
                Some(why) => wave.iter().map(|_| Some(Err(Trouble::Away(why.clone())))).collect(),
                None => together(wave, |(url, known)| self.client.get(url, known.as_ref().map(|e| &e.terms))),
            };
            if answers.iter().all(|a| matches!(a, Some(Err(Trouble::Away(_))))) {
                away.get_or_insert_with(|| "its server did not answer for others".to_owned());
            }
            for ((url, known), answer) in wave.iter().zip(answers) {
                self.on.observer.step(0);
                let answer = answer.unwrap_or_else(|| Err(Trouble::Refused("kiln stopped unexpectedly there".into())));
                outcomes.push((*url, self.outcome(url, known.as_deref(), answer)));
            }
        }
        outcomes
    }

    fn outcome(&self, url: &Url, known: Option<&Entry>, answer: Result<Answer, Trouble>) -> Outcome {
        // A connection that ends looks like an answer that says nothing of its length.
        let answer = answer.and_then(|answer| match &answer {
            Answer::New(bytes, _) if format(bytes).is_ok_and(|format| !is_whole(format, bytes)) => {
                Err(Trouble::Away("its server sends only a part of it".into()))
            }
            _ => Ok(answer),
        });
        match (answer, known) {
            (Ok(Answer::Same(terms) | Answer::New(_, terms)), _) if terms.no_store => {
                self.on.cache.put(&key(url), &None::<Entry>);
                Outcome::Left("its server says that it must not be kept".into())
            }
            (Ok(Answer::Same(terms)), Some(known)) => {
                let entry = Entry { terms, ..known.clone() };
                self.remember(url, &entry);
                self.copy(&entry).map_or_else(|| Outcome::Left("its copy is gone".into()), Outcome::Current)
            }
            (Ok(Answer::Same(_)), None) => Outcome::Left("its server speaks of a copy that nobody has".into()),
            (Ok(Answer::New(bytes, terms)), _) => match format(&bytes) {
                Ok(format) => Outcome::Current(self.taken(url, bytes, format, terms)),
                Err(why) => Outcome::Left(why.to_owned()),
            },
            (Err(Trouble::Away(why)), Some(known)) => match self.copy(known) {
                Some(copy) => Outcome::Stale(copy, why),
                None => Outcome::Left(why),
            },
            (Err(Trouble::Away(why) | Trouble::Refused(why)), _) => Outcome::Left(why),
        }
    }

    fn taken(&self, url: &Url, bytes: Vec<u8>, format: ImageFormat, terms: Terms) -> Copy {
        let (digest, len) = (Digest::of(&bytes), bytes.len() as u64);
        let stored = self.on.cache.put_blob(&bytes).and_then(|digest| self.on.cache.blob_file(&digest));
        if stored.is_some() {
            self.remember(url, &Entry { digest, len, format, terms });
        }
        // In a cache that ends with this build, the next one would not find it.
        let stored = stored.filter(|_| !(self.on.passing && self.on.asked.is_some()));
        Copy { digest, len, format, held: stored.map_or_else(|| Held::Here(bytes.into()), Held::At) }
    }

    fn remember(&self, url: &Url, entry: &Entry) {
        self.on.cache.put(&key(url), &Some(entry));
    }

    fn copy(&self, entry: &Entry) -> Option<Copy> {
        let held = Held::At(self.on.cache.blob_file(&entry.digest)?);
        Some(Copy { digest: entry.digest, len: entry.len, format: entry.format, held })
    }
}

fn key(url: &Url) -> Digest {
    KeyBuilder::new("remote", VERSION).text(url.as_str()).finish()
}

const DRAWING: &str = "it is an SVG, and one that is opened on its own could run scripts in the site's name";

/// By what it holds, whatever the server calls it.
fn format(bytes: &[u8]) -> Result<ImageFormat, &'static str> {
    match image::probe(bytes).map(|info| info.format) {
        Some(ImageFormat::Unsupported) => Err("it is in a format that kiln does not know"),
        Some(format) => Ok(format),
        None if bytes.get(..1024.min(bytes.len())).is_some_and(|head| head.windows(4).any(|w| w == b"<svg")) => {
            Err(DRAWING)
        }
        None => Err("what its server sends is no picture that kiln knows, or a damaged one"),
    }
}

/// One thread for each. `None` where one stopped.
fn together<I: Sync, O: Send>(items: &[I], work: impl Fn(&I) -> O + Sync) -> Vec<Option<O>> {
    thread::scope(|scope| {
        let started: Vec<_> = items.iter().map(|item| scope.spawn(|| work(item))).collect();
        started.into_iter().map(|thread| thread.join().ok()).collect()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::cache::Cache;
    use crate::config::{Overrides, resolve};
    use crate::observe::{Observer, Silent};
    use std::collections::BTreeSet;

    struct GivenUp;

    impl Observer for GivenUp {
        fn stage(&self, _: &'static str, _: usize) {}
        fn step(&self, _: i64) {}
        fn cancelled(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_build_that_is_given_up_tells_the_next_one_nothing() {
        // Nobody listens there once the listener is gone.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let pattern = format!("KILN_IMAGES_REMOTE=http://127.0.0.1:{port}/**");
        let env: Vec<_> = pattern.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect();
        let config = resolve(None, &env, &Overrides::default()).unwrap();
        let (cache, asked) = (Cache::open(None), Asked::default());
        let url = Url::parse(&format!("http://127.0.0.1:{port}/a.jpg")).unwrap();
        let ask = |observer: &dyn Observer| {
            let on = Fetching { config: &config, cache: &cache, passing: false, asked: Some(&asked), observer };
            let outcomes = Copies::new(&on).all(&BTreeSet::from([&url]));
            assert!(matches!(outcomes.get(&url), Some(Outcome::Left(_))), "{outcomes:?}");
            asked.lately(&url).is_some()
        };
        assert!(!ask(&GivenUp));
        assert!(ask(&Silent));
    }
}
