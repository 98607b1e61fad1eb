//! The README's commands do what it says, on a copy of the site that it talks about.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use assert_cmd::cargo::cargo_bin;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SITE: &str = "fixtures/sites/photo-journal";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The lines of all fenced blocks of one language.
fn blocks(text: &str, language: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut inside = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), inside) {
            (Some(fence), None) => {
                inside = Some(fence.trim() == language);
                if inside == Some(true) {
                    found.push(Vec::new());
                }
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => found.last_mut().unwrap().push(line.to_owned()),
            _ => {}
        }
    }
    found
}

/// The site as `dist`, and where a checkout has it.
fn workplace() -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    for place in ["dist", SITE] {
        let from = root().join(SITE);
        for entry in walkdir::WalkDir::new(&from) {
            let entry = entry.unwrap();
            let to = work.path().join(place).join(entry.path().strip_prefix(&from).unwrap());
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(to).unwrap();
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    work
}

/// kiln with these variables and arguments, in `folder`. The cache is the test's own.
fn kiln(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("kiln"));
    for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("KILN_")) {
        command.env_remove(name);
    }
    command.env("KILN_CACHE_DIR", "cache").envs(variables.iter().copied()).args(arguments).current_dir(folder);
    command.output().unwrap()
}

fn assert_built(site: &Path, out: &Path) {
    for entry in walkdir::WalkDir::new(site) {
        let entry = entry.unwrap();
        let same = out.join(entry.path().strip_prefix(site).unwrap());
        assert!(same.exists(), "{} is missing", same.display());
    }
    assert!(out.join("kiln-manifest.json").is_file(), "{} has no manifest", out.display());
}

/// A command that does not end by itself: it says what it does, and is ended.
fn runs_on(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(cargo_bin("kiln"));
    // Another program may have the usual port.
    command.env("KILN_CACHE_DIR", "cache").args(arguments).args(["--port", "0"]).current_dir(folder);
    let mut running = crate::serve::Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("at http://127.0.0.1:"), "{arguments:?}");
    if let ["watch", site, "--out", out, ..] = arguments {
        assert!(lines.next().unwrap().starts_with("built: "), "{arguments:?}");
        assert_built(&folder.join(site), &folder.join(out));
    }
}

/// Runs one line of a block; says whether it was kiln's.
fn run(line: &str, folder: &Path) -> bool {
    let (command, output) = line.split_once(" > ").map_or((line, None), |(c, o)| (c, Some(o.trim())));
    let words: Vec<&str> = command.split_whitespace().collect();
    let named = words.iter().take_while(|w| w.contains('=')).count();
    let variables: Vec<(&str, &str)> = words[..named].iter().map(|w| w.split_once('=').unwrap()).collect();
    let arguments: &[&str] = match &words[named..] {
        ["kiln", rest @ ..] | ["cargo", "run", "--release", "--", rest @ ..] => rest,
        ["cargo", "test" | "install", ..] => {
            assert!(root().join("Cargo.toml").is_file() && root().join("Cargo.lock").is_file());
            return false;
        }
        ["npm", "ci", "--prefix", prefix] => {
            assert!(root().join(prefix).join("package-lock.json").is_file(), "{line}");
            return false;
        }
        ["node", script, ..] => {
            assert!(root().join(script).is_file(), "{line}");
            return false;
        }
        _ => panic!("what is `{line}`?"),
    };
    if let ["watch" | "serve", ..] = arguments {
        runs_on(folder, arguments);
        return true;
    }
    let done = kiln(folder, &variables, arguments);
    assert!(done.status.success(), "{line}: {}\n{}", done.status, String::from_utf8_lossy(&done.stderr));
    if let Some(name) = output {
        assert!(!done.stdout.is_empty(), "{line} printed nothing");
        std::fs::write(folder.join(name), &done.stdout).unwrap();
    }
    match arguments {
        ["build", site, rest @ ..] => {
            let out = rest.iter().position(|a| *a == "--out").and_then(|i| rest.get(i + 1));
            let out = out.map_or(format!("{site}-kiln"), |o| (*o).to_owned());
            assert_built(&folder.join(site), &folder.join(out));
        }
        ["plan", ..] => assert!(String::from_utf8_lossy(&done.stdout).contains("index.html"), "{line}"),
        ["explain", _, path] => {
            let text = String::from_utf8_lossy(&done.stdout);
            assert!(text.starts_with(path), "{line}: {text}");
        }
        ["init"] => assert!(folder.join("kiln.toml").is_file()),
        ["schema"] => assert!(serde_json::from_slice::<serde_json::Value>(&done.stdout).is_ok(), "{line}"),
        _ => {}
    }
    true
}

#[test]
fn every_command_works() {
    let work = workplace();
    let mut ran = 0;
    for line in blocks(&readme(), "sh").into_iter().flatten().filter(|l| !l.trim().is_empty()) {
        ran += usize::from(run(&line, work.path()));
    }
    assert!(ran >= 8, "only {ran} commands of kiln were found");
}

#[test]
fn the_settings_are_settings() {
    let excerpts = blocks(&readme(), "toml");
    assert!(!excerpts.is_empty());
    for excerpt in excerpts {
        let work = workplace();
        std::fs::write(work.path().join("kiln.toml"), excerpt.join("\n")).unwrap();
        let done = kiln(work.path(), &[], &["plan", "dist"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// What the table says of the JPEGs is what a build gives, within 2 %.
#[test]
fn the_jpegs_shrink_as_told() {
    let work = workplace();
    assert!(kiln(work.path(), &[], &["build", "dist", "--out", "out"]).status.success());
    let sum = |folder: &str| -> u64 {
        let names = ["ridge", "jetty", "beach-hut", "palms"];
        names.iter().map(|n| work.path().join(folder).join(format!("img/{n}.jpg")).metadata().unwrap().len()).sum()
    };
    let text = readme();
    let row = text.lines().find(|l| l.starts_with("| The four JPEGs")).unwrap();
    let told: Vec<u64> = row.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    let [before, after] = told[..] else { panic!("{row}") };
    assert_eq!(sum("dist") / 1000, before, "{row}");
    assert!((sum("out") / 1000).abs_diff(after) <= after / 50, "{row}: {} now", sum("out"));
}
