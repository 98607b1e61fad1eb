//! Where a URL leads: to a file of the site, elsewhere, or nowhere.

use crate::model::{AssetId, RefKind, SitePath};
use crate::scan::Site;
use crate::syntax::url;
use std::collections::BTreeSet;

/// How the site is reached from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// With both slashes: `/` or `/journal/`.
    pub base: String,
    /// Root-absolute addresses below it lead to files: it is configured, or some page has one.
    pub sure: bool,
    /// Lower case, without a trailing slash: `https://example.org`. Absolute URLs there are the site's own.
    pub origins: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Asset(AssetId),
    External,
    /// Surely meant to be a file of the site, and there is none.
    Missing,
    /// Not known to be a URL, or not known what it is relative to.
    Opaque,
}

/// What relative URLs of a text are relative to.
pub struct Document<'a> {
    pub path: &'a SitePath,
    /// `<base href>`.
    pub base: Option<&'a str>,
}

pub struct Resolver<'a> {
    pub site: &'a Site,
    pub deployment: &'a Deployment,
}

/// What a script's last `sourceMappingURL` says.
pub fn source_map_url(text: &str) -> Option<&str> {
    text.rsplit_once("sourceMappingURL=")?.1.split_whitespace().next()
}

impl Resolver<'_> {
    pub fn resolve(&self, from: &Document<'_>, reference: &str, kind: RefKind) -> Target {
        match kind {
            RefKind::JsString | RefKind::ServiceWorker | RefKind::Worker | RefKind::ModuleWorker => {
                self.string(from, reference)
            }
            RefKind::ModuleScript if url::is_bare(reference) && is_script(from.path) => Target::External,
            _ => self.url(from, reference),
        }
    }

    /// The map that a script's last `sourceMappingURL` leads to.
    pub fn source_map(&self, script: &Document<'_>, text: &str) -> Option<AssetId> {
        match self.resolve(script, source_map_url(text)?, RefKind::SourceMap) {
            Target::Asset(id) => Some(id),
            _ => None,
        }
    }

    /// The folder of the site that an address with a `/` at its end, or the beginning of one, lies in.
    pub fn folder(&self, document: &Document<'_>, address: &str) -> Option<String> {
        let folder = address.get(..address.rfind('/')? + 1)?;
        let folder = match folder.strip_prefix('/') {
            Some(_) => {
                let inside = folder.strip_prefix(self.deployment.base.as_str())?;
                return Some(url::percent_decode(inside));
            }
            None if document.base.is_some() || url::scheme(folder).is_some() => return None,
            None => url::percent_decode(folder),
        };
        // Any name in it resolves to where it lies.
        let inside = SitePath::resolve(document.path.parent(), &format!("{folder}x"))?;
        Some(inside.as_str().strip_suffix('x')?.to_owned())
    }

    fn url(&self, from: &Document<'_>, reference: &str) -> Target {
        let (path, _) = url::split_suffix(reference);
        match self.local(path) {
            Local::Absolute(path) => self.file("", path),
            Local::Outside => Target::External,
            Local::Relative if path.is_empty() => Target::External,
            Local::Relative => match from.base.map(|b| self.local(url::split_suffix(b).0)) {
                Some(Local::Outside) => Target::External,
                Some(Local::Absolute(base)) => self.file(folder_of(base), path),
                Some(Local::Relative) => {
                    let base = from.base.map_or("", |b| folder_of(url::split_suffix(b).0));
                    self.file(&format!("{}/{base}", from.path.parent()), path)
                }
                None => self.file(from.path.parent(), path),
            },
        }
    }

    /// A string in a script. It counts only when it leads to one file, whichever way it may be meant; what pages say of a
    /// script file's strings comes later.
    fn string(&self, from: &Document<'_>, text: &str) -> Target {
        let (path, _) = url::split_suffix(text);
        let found = match self.local(path) {
            Local::Outside => return Target::External,
            Local::Absolute(path) => vec![self.file("", path)],
            Local::Relative => {
                let by_base = from.base.map(|_| self.url(from, path));
                [self.file("", path), self.file(from.path.parent(), path)].into_iter().chain(by_base).collect()
            }
        };
        let files: BTreeSet<AssetId> = found
            .into_iter()
            .filter_map(|t| match t {
                Target::Asset(id) => Some(id),
                _ => None,
            })
            .collect();
        match files.first() {
            Some(id) if files.len() == 1 => Target::Asset(*id),
            _ => Target::Opaque,
        }
    }

    fn local<'u>(&self, path: &'u str) -> Local<'u> {
        let rooted = if let Some(scheme) = url::scheme(path) {
            match (scheme.as_str(), path.split_once("://")) {
                ("http" | "https", Some((_, rest))) => {
                    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                    if !self.deployment.origins.contains(&format!("{scheme}://{}", host.to_ascii_lowercase())) {
                        return Local::Outside;
                    }
                    path
                }
                _ => return Local::Outside,
            }
        } else if let Some(rest) = path.strip_prefix("//") {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = host.to_ascii_lowercase();
            if !self.deployment.origins.iter().any(|o| o.split_once("//").is_some_and(|(_, h)| h == host)) {
                return Local::Outside;
            }
            path
        } else if path.starts_with('/') {
            path
        } else {
            return Local::Relative;
        };
        match rooted.strip_prefix(self.deployment.base.as_str()) {
            Some(inside) => Local::Absolute(inside),
            None if rooted == self.deployment.base.trim_end_matches('/') => Local::Absolute(""),
            None => Local::Outside,
        }
    }

    /// A file by its percent-decoded name, then as written, then a folder's index or a page without its extension.
    fn file(&self, folder: &str, path: &str) -> Target {
        let decoded = url::percent_decode(path);
        for name in [decoded.as_str(), path] {
            let exact = SitePath::resolve(folder, name);
            let as_folder = if name.is_empty() { folder.to_owned() } else { format!("{folder}/{name}") };
            let page = exact.as_ref().and_then(|p| SitePath::new(&format!("{p}.html")));
            let index = SitePath::resolve(&as_folder, "index.html");
            let candidates = if name.ends_with('/') { vec![index] } else { vec![exact, page, index] };
            if let Some(id) = candidates.iter().flatten().find_map(|p| self.site.find(p)) {
                return Target::Asset(id);
            }
        }
        Target::Missing
    }
}

enum Local<'u> {
    /// Relative to the site's root.
    Absolute(&'u str),
    Relative,
    Outside,
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_script(path: &SitePath) -> bool {
    matches!(path.extension(), "js" | "mjs" | "cjs")
}
