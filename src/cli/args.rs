//! What can be typed.

use crate::config::{CriticalCss, Effort, Overrides, Transform};
use crate::model::Host;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Fires a finished web build: a folder that looks and behaves the same, and loads faster.
///
/// Run it after your site's own build, on the folder that it wrote (dist, out, build, _site, public).
#[derive(Parser, Debug)]
#[command(
    name = "kiln",
    version,
    max_term_width = 100,
    after_help = "Example:\n  npm run build && kiln build dist --out dist-fired"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Write the optimised site.
    ///
    /// Pictures get AVIF and WebP versions, scripts and sheets are minified, names carry content hashes with every
    /// reference following, and a manifest and cache headers come with it. The input is never changed (unless
    /// --in-place says so), and the output is replaced whole or not at all.
    #[command(
        after_help = "Exit codes: 0 done; 1 done, but some files had errors (or, with --strict, warnings);\n2 usage or configuration; 3 the disk\n\nExamples:\n  kiln build dist\n  kiln build out --out public --base-url https://example.org/docs/\n  kiln build dist --skip images,html"
    )]
    Build {
        /// The folder that your site's build wrote.
        dir: PathBuf,
        /// Where to write; the input's name with `-kiln` when left out.
        #[arg(long, short, conflicts_with = "in_place")]
        out: Option<PathBuf>,
        /// Replace the input folder by the result.
        #[arg(long)]
        in_place: bool,
        /// Replace an output folder that holds files kiln did not write.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Write the optimised site again after every change, until Ctrl-C.
    ///
    /// Each time it is the same build as with `kiln build`, from a warm cache, once the folder has come to rest. A build
    /// that a further change outdates is given up; one that fails leaves the last good output in place.
    #[command(
        after_help = "Examples:\n  kiln watch dist --out dist-fired\n  kiln watch dist --out dist-fired --serve\n  kiln watch dist --poll=1000"
    )]
    Watch {
        /// The folder that your site's build writes.
        dir: PathBuf,
        /// Where to write; the input's name with `-kiln` when left out.
        #[arg(long, short)]
        out: Option<PathBuf>,
        /// Replace an output folder that holds files kiln did not write.
        #[arg(long)]
        force: bool,
        /// Ask the folder for changes every so many milliseconds (500 when left out) instead of waiting for the
        /// system's events, which network folders and shared folders of containers do not have.
        #[arg(long, value_name = "MS", num_args = 0..=1, require_equals = true, default_missing_value = "500", value_parser = clap::value_parser!(u64).range(10..))]
        poll: Option<u64>,
        /// Encode new and changed pictures cheaply first, so that the page is there sooner, and then as the settings
        /// say. What it comes to rest at is the same.
        #[arg(long)]
        fast: bool,
        /// Serve the output too, with live reload.
        #[arg(long)]
        serve: bool,
        #[command(flatten)]
        serving: Serving,
        #[command(flatten)]
        common: Common,
    },
    /// Serve an output folder the way its host will, on this machine.
    ///
    /// URLs lead to files as in an nginx with `try_files $uri $uri/ $uri.html`, below the path that the site was built
    /// for; 404.html answers for missing pages. Headers come from the rules for the host in the folder itself.
    #[command(after_help = "Examples:\n  kiln serve dist-fired\n  kiln serve dist-fired --host nginx --port 8080")]
    Serve {
        /// The folder that kiln wrote.
        dir: PathBuf,
        #[command(flatten)]
        serving: Serving,
    },
    /// Show what would happen to each file, and why, and what the site ships in vain. Writes nothing.
    Plan {
        /// The folder that your site's build wrote.
        dir: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Show every decision on one file: what is done or skipped, why, and who refers to it. Writes nothing.
    #[command(after_help = "Example:\n  kiln explain dist assets/hero.jpg")]
    Explain {
        /// The folder that your site's build wrote.
        dir: PathBuf,
        /// The file, relative to that folder.
        path: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Look after the folder of results that builds keep.
    Cache {
        #[command(subcommand)]
        command: CacheCommand,
    },
    /// Write a kiln.toml that explains every setting.
    Init {
        /// Replace an existing kiln.toml.
        #[arg(long)]
        force: bool,
    },
    /// Print a completion script for a shell.
    Completions { shell: clap_complete::Shell },
    /// Print the JSON schema of kiln.toml, for editors.
    Schema,
}

#[derive(Subcommand, Debug)]
pub enum CacheCommand {
    /// Remove what was used longest ago until the cache is no larger than this. Nothing goes while a build runs.
    #[command(after_help = "Example:\n  kiln cache gc --max 2G")]
    Gc {
        /// Bytes, or with K, M, G: thousands, millions, billions.
        #[arg(long, value_name = "SIZE", value_parser = size)]
        max: u64,
        /// Folder of the cache; the one that a build would use when left out.
        #[arg(long, value_name = "DIR")]
        cache_dir: Option<PathBuf>,
        /// Settings; ./kiln.toml when left out and there is one.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default() {
        "" | "B" => Some(1),
        "K" | "kB" => Some(1_000),
        "M" | "MB" => Some(1_000_000),
        "G" | "GB" => Some(1_000_000_000),
        _ => None,
    };
    let bytes = unit.and_then(|unit| digits.parse::<u64>().ok()?.checked_mul(unit));
    bytes.ok_or_else(|| "a size is a whole number, alone or with K, M or G, like 500M".into())
}

#[derive(Args, Debug)]
pub struct Serving {
    /// Whose header rules to follow: nginx (kiln-headers.conf), netlify or cloudflare (_headers). The one whose file
    /// is there when left out.
    #[arg(long, value_name = "NAME")]
    pub host: Option<ServedHost>,
    /// The port; 0 takes any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 4173)]
    pub port: u16,
    /// The address to listen on. Others than this machine can come in on `0.0.0.0` or `::`.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub listen: std::net::IpAddr,
    /// Answer with index.html where there is no file, for a site that does its routing in the browser.
    #[arg(long)]
    pub spa: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum ServedHost {
    Nginx,
    Netlify,
    Cloudflare,
}

impl From<ServedHost> for Host {
    fn from(host: ServedHost) -> Self {
        match host {
            ServedHost::Nginx => Self::Nginx,
            ServedHost::Netlify => Self::Netlify,
            ServedHost::Cloudflare => Self::Cloudflare,
        }
    }
}

#[derive(Args, Debug, Default)]
pub struct Common {
    /// Threads; all cores when left out.
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// Where the site is served: `/sub/` or `https://example.org/sub/`. Guessed from the pages when left out.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Folder of the cache; the platform's cache folder when left out.
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Remember nothing and reuse nothing.
    #[arg(long, conflicts_with = "cache_dir")]
    pub no_cache: bool,
    /// Settings; ./kiln.toml when left out and there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only errors.
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every decision and every note.
    #[arg(long, short)]
    pub verbose: bool,
    /// The whole report as JSON on standard output.
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 on warnings too.
    #[arg(long)]
    pub strict: bool,
    /// Ask no server: pictures of other hosts (`images.remote`) come from the cache alone.
    #[arg(long)]
    pub offline: bool,
    /// How hard to try for small pictures; `images.effort` when left out, and that is balanced.
    #[arg(long, value_name = "EFFORT")]
    pub effort: Option<Effort>,
    /// Leave out modules that no page loads and nothing else names (`kiln plan` lists them).
    #[arg(long)]
    pub prune: bool,
    /// Put the rules that a page's first screen needs into it, or those that anything on the page needs, so that it is
    /// drawn before its sheets have come.
    #[arg(long, value_name = "RULES", num_args = 0..=1, require_equals = true, default_missing_value = "screen")]
    pub critical: Option<CriticalCss>,
    /// Run only these transforms.
    #[arg(long, value_name = "TRANSFORM", value_delimiter = ',')]
    pub only: Vec<Transform>,
    /// Leave these transforms out.
    #[arg(long, value_name = "TRANSFORM", value_delimiter = ',')]
    pub skip: Vec<Transform>,
    /// Optimise only these files; the others are copied. Globs relative to the site.
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Copy these files untouched. Globs relative to the site.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
}

impl Common {
    pub fn overrides(&self) -> Overrides {
        Overrides {
            base_url: self.base_url.clone(),
            cache_dir: self.cache_dir.clone(),
            no_cache: self.no_cache,
            jobs: self.jobs,
            strict: self.strict,
            offline: self.offline,
            effort: self.effort,
            prune: self.prune,
            critical: self.critical,
            only: self.only.clone(),
            skip: self.skip.clone(),
            include: self.include.clone(),
            exclude: self.exclude.clone(),
        }
    }
}
