//! The last stage: the output folder, its manifest, and header rules for the host. I/O.

pub mod headers;
pub mod manifest;
pub mod placed;
pub mod staging;

use crate::config::{Config, Transform};
use crate::model::{CacheClass, Diagnostic, Host, OutputHeaders, Severity, SitePath};
use sha2::{Digest as _, Sha256};

/// Lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// One file that has been written to the staging folder.
#[derive(Clone, Debug)]
pub struct Written {
    pub path: SitePath,
    pub class: CacheClass,
}

/// Files for the hosts in the configuration: what is to be written, and what could not be said in a host's syntax.
pub fn host_files(
    config: &Config,
    base: &str,
    written: &[Written],
    existing: &dyn Fn(&SitePath) -> Option<String>,
) -> (Vec<(SitePath, String)>, Vec<Diagnostic>) {
    let (mut files, mut diagnostics) = (Vec::new(), Vec::new());
    if !config.transforms.is_on(Transform::Headers) {
        return (files, diagnostics);
    }
    let wanted: Vec<OutputHeaders> = written
        .iter()
        .filter(|w| config.transforms.allows(Transform::Headers, &w.path))
        .map(|w| headers::policy::headers_for(&w.path, w.class))
        .collect();
    for host in &config.headers.hosts {
        let name = match host {
            Host::Netlify | Host::Cloudflare => "_headers",
            Host::Nginx => "kiln-headers.conf",
        };
        let Some(path) = SitePath::new(name) else { continue };
        let user = existing(&path).unwrap_or_default();
        let rendered = match host {
            Host::Netlify => headers::netlify::render(&wanted, &user),
            Host::Cloudflare => headers::cloudflare::render(&wanted, &user),
            Host::Nginx => headers::nginx::render(&wanted, base),
        };
        let warn = |message: String| Diagnostic::new(Severity::Note, "headers", name, message);
        diagnostics.extend(rendered.warnings().into_iter().map(warn));
        match host {
            // Maps belong into `http {}`, the headers into `server {}`: one file cannot be included in both.
            Host::Nginx => {
                files.push((path, rendered.text));
                files.extend(SitePath::new("kiln-server.conf").map(|p| (p, headers::nginx::server(&wanted))));
            }
            _ => files.extend(Some(headers::merge(&user, &rendered.text)).filter(|t| !t.is_empty()).map(|t| (path, t))),
        }
    }
    (files, diagnostics)
}
