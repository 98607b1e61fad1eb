//! The folder that is served: which file answers, and the header rules that came with it. I/O.

use super::target::Target;
use crate::emit::headers::check::{Headers, Sent};
use crate::emit::manifest::Manifest;
use crate::emit::staging::MANIFEST;
use crate::model::Host;
use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

pub struct Folder {
    dir: PathBuf,
    host: Option<Host>,
    rules: Mutex<Option<(Stamp, Arc<Rules>)>>,
}

/// What is read once per output.
pub struct Rules {
    /// Where the site is served, with both slashes.
    pub base: String,
    pub host: Host,
    /// The host that was asked for, when there are no rules for it.
    pub missing: Option<Host>,
    pub sent: Sent,
    pub manifest: Option<Manifest>,
}

type Stamp = Option<(u64, Option<SystemTime>)>;

/// What is found at a place.
pub enum Found {
    File(Box<Open>),
    /// A folder without the slash that its relative URLs need.
    Redirect,
    /// A folder without an index.
    Forbidden,
    Missing,
}

/// A regular file inside of the folder.
pub struct Open {
    pub file: File,
    pub meta: Metadata,
    /// Its path below the root.
    pub path: String,
}

impl Folder {
    pub fn new(dir: PathBuf, host: Option<Host>) -> Self {
        Self { dir, host, rules: Mutex::new(None) }
    }

    /// Of the output that is there now: builds replace it whole.
    pub fn rules(&self) -> Arc<Rules> {
        let stamp: Stamp = fs::metadata(self.dir.join(MANIFEST)).ok().map(|m| (m.len(), m.modified().ok()));
        let mut kept = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, rules)) = &*kept
            && *of == stamp
        {
            return rules.clone();
        }
        let rules = Arc::new(self.read());
        *kept = Some((stamp, rules.clone()));
        rules
    }

    fn read(&self) -> Rules {
        let text = |name: &str| fs::read_to_string(self.dir.join(name)).ok();
        let manifest: Option<Manifest> = text(MANIFEST).and_then(|t| serde_json::from_str(&t).ok());
        let name = |host: Host| match host {
            Host::Nginx => "kiln-headers.conf",
            Host::Netlify | Host::Cloudflare => "_headers",
        };
        let there = [Host::Nginx, Host::Netlify].into_iter().find(|h| self.dir.join(name(*h)).is_file());
        let host = self.host.or(there).unwrap_or(Host::Nginx);
        let rules = text(name(host));
        Rules {
            base: manifest.as_ref().map_or("/", |m| m.base.as_str()).to_owned(),
            host,
            missing: self.host.filter(|_| rules.is_none()),
            sent: Sent::new(host, &rules.unwrap_or_default(), &text("kiln-server.conf").unwrap_or_default()),
            manifest,
        }
    }

    /// As `try_files $uri $uri/ $uri.html` finds it.
    pub fn find(&self, target: &Target, host: Host) -> Found {
        let path = target.path.as_str();
        // These two do not serve the files that are meant for them.
        if matches!(host, Host::Netlify | Host::Cloudflare) && matches!(path, "_headers" | "_redirects") {
            return Found::Missing;
        }
        if !target.folder
            && let Some(open) = self.open(path)
        {
            return Found::File(Box::new(open));
        }
        if self.inside(path).is_some_and(|p| p.is_dir()) {
            let index = if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") };
            return match self.open(&index) {
                _ if !target.folder => Found::Redirect,
                Some(open) => Found::File(Box::new(open)),
                None => Found::Forbidden,
            };
        }
        let page = (!target.folder).then(|| self.open(&format!("{path}.html"))).flatten();
        page.map_or(Found::Missing, |open| Found::File(Box::new(open)))
    }

    pub fn open(&self, path: &str) -> Option<Open> {
        let place = self.inside(path)?;
        // Asked before it is opened: opening a pipe would wait for its other end.
        if !place.is_file() {
            return None;
        }
        let file = File::open(place).ok()?;
        let meta = file.metadata().ok()?;
        meta.is_file().then(|| Open { file, meta, path: path.to_owned() })
    }

    /// Where a path really leads, if that is in the folder.
    fn inside(&self, path: &str) -> Option<PathBuf> {
        let relative = Path::new(path);
        let plain = relative.components().all(|c| matches!(c, std::path::Component::Normal(_)));
        let root = fs::canonicalize(&self.dir).ok()?;
        let real = fs::canonicalize(root.join(relative)).ok()?;
        (plain && real.starts_with(&root)).then_some(real)
    }
}

impl Rules {
    pub fn headers(&self, url: &str, path: &str) -> Headers {
        let below = self.base.trim_end_matches('/');
        // Hosts with a `_headers` file have the folder as their root.
        self.sent.headers(url.strip_prefix(below).unwrap_or(url), &format!("{below}/{path}"))
    }
}
