//! Response headers for the hosts that take them from a file.
//!
//! The policy is computed per output file, compressed into as few rules as a host's syntax allows, and what was
//! written is read back and evaluated for every URL (`check`). Hosts disagree on what happens when two rules set
//! the same header for one URL (Cloudflare appends, Netlify takes the last), so that never happens here.

pub mod check;
pub mod cloudflare;
pub mod netlify;
pub mod nginx;
mod pattern;
mod plan;
pub mod policy;
#[cfg(test)]
mod tests;
mod urls;

pub use crate::model::Host;
use crate::model::SitePath;
use std::collections::BTreeMap;

/// A file for a host, and the files whose headers could not be expressed in it: they keep the host's default.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Rendered {
    pub text: String,
    pub dropped: Vec<Dropped>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Dropped {
    pub path: SitePath,
    pub why: &'static str,
}

impl Rendered {
    /// One sentence per reason.
    pub fn warnings(&self) -> Vec<String> {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for d in &self.dropped {
            let paths = reasons.entry(d.why).or_default();
            if paths.last() != Some(&d.path.as_str()) {
                paths.push(d.path.as_str());
            }
        }
        reasons
            .into_iter()
            .map(|(why, paths)| format!("left with the host's default headers ({why}): {}", paths.join(", ")))
            .collect()
    }
}

const BEGIN: &str = "# BEGIN kiln";
const END: &str = "# END kiln";

/// Puts `generated` into a user's file as a marked block: the old block is replaced where it stands, a first one is
/// appended. Everything outside of the markers is kept byte for byte.
pub fn merge(existing: &str, generated: &str) -> String {
    let (before, old, after) = split(existing);
    let mut out = String::from(before);
    if !generated.trim().is_empty() {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&format!("{BEGIN}\n{}\n{END}\n", generated.trim_end()));
    } else if old.is_none() {
        return existing.into();
    }
    out + after
}

/// The text before kiln's block, the block's inside if there is one, and the text after it.
fn split(text: &str) -> (&str, Option<&str>, &str) {
    let mut at = 0;
    let mut begin = None;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        match (line.trim(), begin) {
            (BEGIN, _) => begin = Some((at, next)),
            (END, Some((start, inside))) => {
                return (&text[..start], Some(&text[inside..at]), &text[next..]);
            }
            _ => {}
        }
        at = next;
    }
    (text, None, "")
}
