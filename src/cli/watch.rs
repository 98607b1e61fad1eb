//! `kiln watch`: one line a cycle, until Ctrl-C.

use super::args::{Common, Serving};
use super::{Exit, pooled, print, serve};
use crate::config::Config;
use crate::pipeline::{self, Job, Memory};
use crate::serve::{Mode, Server};
use crate::ui;
use crate::watch::{self, Bell, Cancellable, News, Pass, Watch};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub struct Watching<'a> {
    pub dir: &'a Path,
    pub out: &'a Path,
    pub force: bool,
    pub poll: Option<Duration>,
    /// A draft first, where pictures are new.
    pub fast: bool,
    /// Serve the output too.
    pub serving: Option<&'a Serving>,
    pub common: &'a Common,
    pub config: &'a Config,
}

pub fn run(w: &Watching<'_>) -> anyhow::Result<Exit> {
    if std::path::absolute(w.dir)? == std::path::absolute(w.out)? {
        eprintln!("kiln: watching a folder that kiln itself replaces would never end\n  help: choose another --out");
        return Ok(Exit::Usage);
    }
    let bell = Arc::new(Bell::default());
    stop_on_signal(&bell)?;
    let server = match w.serving {
        Some(serving) => match serve::start(w.out, serving, Mode::Live) {
            Ok(server) => Some(server),
            Err(exit) => return Ok(exit),
        },
        None => None,
    };
    let memory = Memory::default();
    pooled(w.config, || cycles(w, &bell, &memory, server.as_ref()));
    Ok(Exit::Done)
}

fn cycles(w: &Watching<'_>, bell: &Arc<Bell>, memory: &Memory, server: Option<&Server>) {
    let quiet = w.common.quiet || w.common.json;
    let mut first = true;
    let mut build = |pass| {
        // Later builds are over before a bar would be of use.
        let progress = ui::progress(quiet || !std::mem::take(&mut first));
        let observer = Cancellable { bell, inner: progress.as_ref() };
        pipeline::build(&Job {
            input: w.dir,
            out: w.out,
            force: w.force,
            config: w.config,
            observer: &observer,
            draft: pass == Pass::Draft,
            memory: Some(memory),
        })
    };
    let mut known = ui::Known::default();
    let mut tell = |news: News<'_>| match news {
        News::Built { changes, took, result } => {
            match result {
                Ok(report) if w.common.json => {
                    let _ = serde_json::to_string(report).map(|line| print(&(line + "\n")));
                }
                Ok(report) => {
                    known.show(report, w.common.verbose, w.common.quiet);
                    if !w.common.quiet {
                        let _ = print(&ui::cycle(
                            &changes.paths().map(AsRef::as_ref).collect::<Vec<_>>(),
                            took,
                            report,
                            w.out,
                        ));
                    }
                }
                Err(error) => eprintln!("kiln: {error}\n  {}", ui::still(w.out)),
            }
            if let (Ok(_), Some(server)) = (result, server) {
                server.changed();
            }
        }
        News::Waiting if w.common.quiet => {}
        News::Waiting => eprintln!("kiln: waiting for files in {}", w.dir.display()),
        News::Polling { why } => eprintln!(
            "kiln: {why}\n  help: until then the folder is looked at every {} ms; --poll does so at once",
            watch::DEFAULT_POLL.as_millis()
        ),
    };
    watch::run(&Watch { input: w.dir, poll: w.poll, fast: w.fast, bell }, &mut build, &mut tell);
}

/// The first signal lets the files at work end, and a replacement of the output; the second one ends the program, which
/// leaves a whole output too.
fn stop_on_signal(bell: &Arc<Bell>) -> anyhow::Result<()> {
    let bell = bell.clone();
    ctrlc::set_handler(move || {
        if bell.stopped() {
            std::process::exit(130);
        }
        bell.stop();
    })?;
    Ok(())
}
