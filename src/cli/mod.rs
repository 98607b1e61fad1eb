//! The command line: the only user of clap and of exit codes.

pub mod args;
mod serve;
mod watch;

use crate::config::{self, Config, ConfigError};
use crate::pipeline::{self, Error, Job, Report};
use crate::ui;
use args::{CacheCommand, Cli, Command, Common};
use clap::CommandFactory;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Part of the contract: scripts tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    Done = 0,
    /// Done, but some file had errors (or, with `--strict`, warnings).
    Trouble = 1,
    Usage = 2,
    Io = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

pub fn run(cli: &Cli) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Build { dir, out, in_place, force, common } => {
            let config = match configure(common) {
                Ok(config) => config,
                Err(e) => return Ok(usage(&e)),
            };
            let out = if *in_place { dir.clone() } else { out.clone().unwrap_or_else(|| beside(dir)) };
            finish(common, &config, build(common, &config, dir, &out, *force), |report| {
                ui::summary(report, &out, common.verbose)
            })
        }
        Command::Watch { dir, out, force, poll, fast, serve, serving, common } => {
            let config = match configure(common) {
                Ok(config) => config,
                Err(e) => return Ok(usage(&e)),
            };
            let out = out.clone().unwrap_or_else(|| beside(dir));
            watch::run(&watch::Watching {
                dir,
                out: &out,
                force: *force,
                poll: poll.map(std::time::Duration::from_millis),
                fast: *fast,
                serving: serve.then_some(serving),
                common,
                config: &config,
            })
        }
        Command::Serve { dir, serving } => serve::run(dir, serving),
        Command::Plan { dir, common } => preview(common, dir, false, ui::plan),
        Command::Explain { dir, path, common } => {
            let path = path.strip_prefix(dir).unwrap_or(path).to_string_lossy().replace('\\', "/");
            preview(common, dir, true, |report| ui::explain(report, &path))
        }
        Command::Cache { command: CacheCommand::Gc { max, cache_dir, config } } => {
            let place = Common { cache_dir: cache_dir.clone(), config: config.clone(), ..Common::default() };
            Ok(collect(&place, *max)?)
        }
        Command::Init { force } => init(*force),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "kiln", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Command::Schema => {
            print(&config::schema())?;
            Ok(Exit::Done)
        }
    }
}

fn configure(common: &Common) -> Result<Config, ConfigError> {
    // Other variables may hold anything; ours are text.
    let ours = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    let mut env: Vec<(String, String)> = ours.filter(|(k, _)| k.starts_with("KILN_") && k != "KILN_CONFIG").collect();
    env.sort();
    let named = common.config.clone().or_else(|| std::env::var_os("KILN_CONFIG").map(PathBuf::from));
    config::resolve(config::load(named.as_deref())?, &env, &common.overrides())
}

/// `dist` → `dist-kiln`.
fn beside(dir: &Path) -> PathBuf {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    match (dir.file_name(), whole.file_name()) {
        (Some(name), _) => dir.with_file_name(format!("{}-kiln", name.to_string_lossy())),
        (None, Some(name)) => whole.with_file_name(format!("{}-kiln", name.to_string_lossy())),
        (None, None) => whole.join("kiln-out"),
    }
}

fn build(common: &Common, config: &Config, dir: &Path, out: &Path, force: bool) -> Result<Report, Error> {
    let progress = ui::progress(common.quiet || common.json);
    let result = pooled(config, || {
        pipeline::build(&Job {
            input: dir,
            out,
            force,
            config,
            observer: progress.as_ref(),
            draft: false,
            memory: None,
        })
    });
    drop(progress);
    result
}

fn preview(common: &Common, dir: &Path, run: bool, show: impl Fn(&Report) -> String) -> anyhow::Result<Exit> {
    let config = match configure(common) {
        Ok(config) => config,
        Err(e) => return Ok(usage(&e)),
    };
    let progress = ui::progress(common.quiet || common.json || !run);
    let job = Job {
        input: dir,
        out: dir,
        force: false,
        config: &config,
        observer: progress.as_ref(),
        draft: false,
        memory: None,
    };
    let result = pooled(&config, || pipeline::preview(&job, run));
    drop(progress);
    finish(common, &config, result, show)
}

/// Parsers of scripts recurse: worker threads get the stack that the main thread has, and more.
fn pooled<T: Send>(config: &Config, work: impl FnOnce() -> T + Send) -> T {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(config.jobs.map_or(0, Into::into)).stack_size(16 << 20).build();
    match pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn finish(
    common: &Common,
    config: &Config,
    result: Result<Report, Error>,
    show: impl Fn(&Report) -> String,
) -> anyhow::Result<Exit> {
    let report = match result {
        Ok(report) => report,
        Err(error) => {
            eprintln!("kiln: {error}");
            return Ok(match error {
                Error::Input { .. } | Error::Write(_) => Exit::Io,
                Error::Refused(crate::emit::staging::Refusal::Io { .. }) => Exit::Io,
                Error::Empty { .. } | Error::Refused(_) => Exit::Usage,
                Error::Cancelled => Exit::Trouble,
            });
        }
    };
    if common.json {
        print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        ui::diagnostics(&report, common.verbose, common.quiet);
        if !common.quiet {
            print(&show(&report))?;
        }
    }
    let warned = config.strict && report.count(crate::model::Severity::Warning) > 0;
    Ok(if report.has_errors() || warned { Exit::Trouble } else { Exit::Done })
}

fn collect(place: &Common, max: u64) -> std::io::Result<Exit> {
    let folder = match configure(place) {
        Ok(config) => pipeline::cache_folder(&config),
        Err(e) => return Ok(usage(&e)),
    };
    match folder.map(|f| crate::cache::collect(&f, max)).transpose() {
        Ok(done) => {
            let done = done.unwrap_or_default();
            let (gone, left) = (ui::bytes(done.removed_bytes), ui::bytes(done.kept_bytes));
            print(&format!("removed {} files ({gone}); {} are left ({left})\n", done.removed, done.kept))?;
            Ok(Exit::Done)
        }
        Err(error) => {
            eprintln!("kiln: {error}");
            Ok(Exit::Io)
        }
    }
}

fn init(force: bool) -> anyhow::Result<Exit> {
    let path = Path::new("kiln.toml");
    if path.exists() && !force {
        eprintln!("kiln: kiln.toml exists\n  help: --force replaces it");
        return Ok(Exit::Usage);
    }
    std::fs::write(path, config::TEMPLATE.replace("#! ", "# "))?;
    print("wrote kiln.toml: every setting with its default, commented out\n")?;
    Ok(Exit::Done)
}

fn usage(error: &ConfigError) -> Exit {
    eprintln!("kiln: {error}");
    Exit::Usage
}

/// A reader that has seen enough (`kiln plan dist | head`) is no error.
fn print(text: &str) -> std::io::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
