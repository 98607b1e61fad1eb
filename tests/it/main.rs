//! The program as a user meets it: real folders in, real folders out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cache;
mod cli;
mod crawl;
mod critical;
mod determinism;
mod headers;
mod kill;
mod layout;
mod modules;
mod modules_random;
mod odd;
mod readme;
mod safety;
mod serve;
mod shake;
mod sites;
mod support;
mod tidy;
mod traps_closed;
mod traps_code;
mod traps_html;
mod traps_images;
mod traps_urls;
mod watch;
mod watching;
