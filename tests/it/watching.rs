//! A running `kiln watch`, and what its output should be.

use crate::support::{Sandbox, tree};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

type Tree = BTreeMap<String, Vec<u8>>;

/// A running `kiln watch --json`, ended when dropped.
pub struct Watcher {
    child: Child,
    log: PathBuf,
    errors: PathBuf,
}

impl Watcher {
    pub fn start(s: &Sandbox, args: &[&str]) -> Self {
        Self::start_with(s, args, true)
    }

    pub fn start_with(s: &Sandbox, args: &[&str], cached: bool) -> Self {
        let (log, errors) = (s.root().join("log"), s.root().join("errors"));
        let program = s.kiln();
        let mut command = Command::new(program.get_program());
        command.env_remove("KILN_CACHE_DIR").current_dir(s.root());
        command.arg("watch").arg(&s.site).arg("--out").arg(&s.out).arg("--json").args(args);
        if cached {
            command.arg("--cache-dir").arg(s.root().join("cache"));
        }
        command.stdout(fs::File::create(&log).unwrap()).stderr(fs::File::create(&errors).unwrap());
        Self { child: command.spawn().unwrap(), log, errors }
    }

    /// One report for each build that ended.
    pub fn reports(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(&self.log).unwrap();
        text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect()
    }

    pub fn errors(&self) -> String {
        fs::read_to_string(&self.errors).unwrap()
    }

    pub fn until(&self, what: &str, mut met: impl FnMut() -> bool) {
        let start = Instant::now();
        while !met() {
            assert!(start.elapsed() < Duration::from_secs(60), "{what} never came:\n{}", self.errors());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `kiln build` makes of the site, in no relation to what was there before. `None` when it fails.
pub fn fresh(s: &Sandbox) -> Option<Tree> {
    let out = s.root().join("fresh");
    let _ = fs::remove_dir_all(&out);
    let done = s.kiln().arg("build").arg(&s.site).arg("--out").arg(&out).arg("--no-cache").output().unwrap();
    matches!(done.status.code(), Some(0 | 1)).then(|| tree(&out))
}

/// Waits until the site rests and the output is that of a fresh build of it.
pub fn settles(s: &Sandbox, watcher: &Watcher, what: &str) {
    let (mut built, mut expected) = (Tree::new(), None);
    let start = Instant::now();
    loop {
        let site = whole(&s.site).unwrap_or_default();
        if site != built && !site.is_empty() {
            (built, expected) = (site, fresh(s));
            // A program may have written meanwhile.
            continue;
        }
        let now = whole(&s.out);
        if expected.is_some() && now == expected {
            return;
        }
        if start.elapsed() > Duration::from_secs(60) {
            let (now, expected) = (now.unwrap_or_default(), expected.unwrap_or_default());
            let different: Vec<_> = expected.iter().filter(|(n, b)| now.get(*n) != Some(b)).map(|(n, _)| n).collect();
            let names: Vec<_> = now.keys().collect();
            panic!("after {what}: {different:?} differ, there are {names:?}\n{}", watcher.errors());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The files of a folder that may be replaced while they are read; `None` when one was.
pub fn whole(dir: &Path) -> Option<Tree> {
    let files = walkdir::WalkDir::new(dir).into_iter().collect::<Result<Vec<_>, _>>().ok()?;
    let files = files.iter().filter(|e| e.file_type().is_file());
    files.map(|e| Some((e.path().strip_prefix(dir).ok()?.to_str()?.to_owned(), fs::read(e.path()).ok()?))).collect()
}
