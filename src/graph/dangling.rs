//! References that lead to no file.

use super::Deployment;
use crate::model::{Asset, Diagnostic, RawRef, RefKind, Severity};
use crate::syntax::position;
use std::collections::BTreeMap;

/// References that mean a file for certain, so that a missing one is worth telling.
pub fn is_sure(kind: RefKind) -> bool {
    use RefKind::*;
    matches!(kind, Stylesheet | ClassicScript | ModuleScript | Image | CssUrl | CssImport | Link)
}

pub fn dangling(asset: &Asset, text: Option<&[u8]>, r: &RawRef) -> Diagnostic {
    let (line, column) = text.and_then(|t| std::str::from_utf8(t).ok()).map_or((1, 1), |t| position(t, r.range.start));
    Diagnostic::new(
        Severity::Warning,
        "dangling-reference",
        asset.path.as_str(),
        format!("`{}` leads to no file of the site", r.url),
    )
    .at(line, column)
}

/// One line for each missing URL, however many pages repeat it.
#[derive(Default)]
pub struct Dangling {
    by_url: BTreeMap<String, (Diagnostic, usize)>,
    missing: usize,
    resolved: usize,
    outside: usize,
}

impl Dangling {
    pub fn add(&mut self, missing: Vec<(String, Diagnostic)>, resolved: usize, outside: usize) {
        self.outside += outside;
        self.resolved += resolved;
        self.missing += missing.len();
        for (url, diagnostic) in missing {
            self.by_url.entry(url).or_insert((diagnostic, 0)).1 += 1;
        }
    }

    pub fn report(self, deployment: &Deployment) -> Vec<Diagnostic> {
        let mut out: Vec<Diagnostic> = Vec::new();
        // A site under a sub-path looks just like this when its base is not known.
        if self.missing >= 10 && self.missing > self.resolved {
            out.push(
                Diagnostic::new(
                    Severity::Error,
                    "wrong-base-url",
                    ".",
                    format!(
                        "{} of {} references lead to no file, with the site at `{}`",
                        self.missing,
                        self.missing + self.resolved,
                        deployment.base
                    ),
                )
                .help("say where the site is served: --base-url /sub/ or --base-url https://example.org/sub/"),
            );
        }
        if self.outside >= 10 && self.outside > self.resolved {
            let message = format!(
                "{} root-absolute references lie outside of `{}`, where the site is said to be served",
                self.outside, deployment.base
            );
            out.push(
                Diagnostic::new(Severity::Error, "wrong-base-url", ".", message)
                    .help("correct --base-url, or leave it out to have it guessed"),
            );
        }
        out.extend(self.by_url.into_values().map(|(mut d, n)| {
            if n > 1 {
                d.message = format!("{} (and {} more times)", d.message, n - 1);
            }
            d
        }));
        out
    }
}
