//! Netlify's `_headers`. Patterns ignore case, a slash at the end is optional, and so is the one before `*`.

use super::{Host, Rendered, plan};
use crate::model::OutputHeaders;

/// `user` is the user's own part of the file: what it sets is left to it.
pub fn render(outputs: &[OutputHeaders], user: &str) -> Rendered {
    let (rules, dropped) = plan::rules(&SYNTAX, outputs, user);
    plan::write(&rules, dropped)
}

const SYNTAX: plan::Syntax =
    plan::Syntax { host: Host::Netlify, literal: |url| !url.contains('*') && !url.contains("/:") };
