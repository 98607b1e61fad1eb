//! `_headers` of Cloudflare Pages and Workers static assets: at most 100 rules; rules that set the same header add up.

use super::{Dropped, Host, Rendered, pattern, plan, policy};
use crate::model::OutputHeaders;

pub(super) const MAX_RULES: usize = 100;
pub(super) const MAX_LINE: usize = 2000;

/// `user` is the user's own part of the file: what it sets is left to it, and it counts towards the limit.
pub fn render(outputs: &[OutputHeaders], user: &str) -> Rendered {
    let (mut rules, mut dropped) = plan::rules(&SYNTAX, outputs, user);
    let room = MAX_RULES.saturating_sub(pattern::parse(Host::Cloudflare, user).len());
    if rules.len() > room {
        rules.sort_by_key(|r| std::cmp::Reverse(worth(r)));
        for rule in rules.drain(room..) {
            dropped.extend(rule.paths.into_iter().map(|path| Dropped { path, why: "more than 100 rules" }));
        }
        rules.sort_by(|a, b| a.pattern.cmp(&b.pattern));
        dropped.sort();
        dropped.dedup();
    }
    plan::write(&rules, dropped)
}

/// What a rule saves: a year of requests, then what is needed at all, then how many files it speaks for.
fn worth(rule: &plan::Rule) -> (u8, usize) {
    let kind = |(name, value): &(&str, String)| match (*name, value.as_str()) {
        (_, policy::IMMUTABLE) => 3,
        // The host's default makes browsers ask again too.
        (_, "no-cache") => 0,
        ("Cache-Control", _) => 1,
        _ => 2,
    };
    (rule.headers.iter().map(kind).max().unwrap_or(0), rule.paths.len())
}

const SYNTAX: plan::Syntax = plan::Syntax {
    host: Host::Cloudflare,
    literal: |url| {
        let placeholder = |(i, _): (usize, &str)| url[i + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
        !url.contains('*') && !url.match_indices(':').any(placeholder) && url.len() < MAX_LINE
    },
};
