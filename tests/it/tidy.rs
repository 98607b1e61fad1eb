//! The order of the house, read from its own sources.

use std::path::{Path, PathBuf};

const LAYERS: [&[&str]; 6] = [
    &["model", "observe", "syntax"],
    &["transform", "analyze", "layout", "cache", "config"],
    &["scan", "facts", "remote", "graph", "waste", "measure", "plan", "execute", "link", "emit"],
    &["pipeline"],
    &["ui", "watch", "serve"],
    &["cli", "main"],
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Source {
    /// Relative to `src`.
    name: String,
    text: String,
}

impl Source {
    /// The module of the crate that it belongs to.
    fn module(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap_or("")
    }

    fn is_test(&self) -> bool {
        self.name.ends_with("tests.rs") || self.name.contains("/tests/") || self.text.starts_with("#![cfg(test)]")
    }

    /// Without the unit tests at its end and without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = ["#[cfg(test)]\nmod ", "#[cfg(test)]\n#[allow("].iter().filter_map(|m| self.text.find(m)).min();
        let code = &self.text[..end.unwrap_or(self.text.len())];
        let lines = code.lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let files = walkdir::WalkDir::new(&src).sort_by_file_name().into_iter().map(Result::unwrap);
    let all: Vec<Source> = files
        .filter(|e| e.path().extension().is_some_and(|x| x == "rs"))
        .map(|e| Source {
            name: e.path().strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/"),
            text: std::fs::read_to_string(e.path()).unwrap(),
        })
        .collect();
    // Modules that their parent compiles for tests only.
    let only_tests: Vec<String> = all
        .iter()
        .flat_map(|s| {
            let folder = s.name.trim_end_matches("mod.rs").trim_end_matches(".rs").trim_end_matches('/').to_owned();
            let names = s.text.split("#[cfg(test)]\nmod ").skip(1).filter_map(|t| t.split_once(';'));
            names.filter(|(n, _)| !n.contains('{')).map(move |(n, _)| format!("{folder}/{n}.rs")).collect::<Vec<_>>()
        })
        .collect();
    all.into_iter().filter(|s| !s.is_test() && !only_tests.contains(&s.name)).collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|l| l.contains(&module))
}

/// The modules that a line of code names after `crate::`.
fn named(line: &str) -> Vec<String> {
    let word = |t: &str| t.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => found.extend(list.split(',').map(|t| word(t.trim()))),
            None => found.push(word(rest)),
        }
    }
    found
}

#[test]
fn a_lower_layer_never_imports_a_higher_one() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| s.name != "lib.rs") {
        let own = layer(source.module()).unwrap_or_else(|| panic!("{} is in no layer of src/lib.rs", source.name));
        for (number, line) in source.code() {
            for other in named(line).iter().filter(|o| *o != source.module()) {
                let Some(theirs) = layer(other) else { continue };
                // Among equals: stages in their order, configuration may name the transforms' options.
                let order = |m: &str| LAYERS[own].iter().position(|x| *x == m);
                let before = own == theirs
                    && ((own == 2 && order(other) < order(source.module()))
                        || (source.module() == "config" && (other == "transform" || other == "layout")));
                if theirs >= own && !before {
                    wrong.push(format!("src/{}:{number}: {} imports {other}", source.name, source.module()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_layers_are_the_ones_that_the_crate_describes() {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for (i, modules) in LAYERS.iter().enumerate() {
        let line = format!("//! {i}  {}", modules.join(", "));
        assert!(text.contains(&line), "{line}");
    }
    for line in text.lines().filter_map(|l| l.strip_prefix("pub mod ")) {
        assert!(layer(line.trim_end_matches(';')).is_some(), "{line}");
    }
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let mut long = Vec::new();
    for folder in ["src", "tests/it"] {
        for entry in walkdir::WalkDir::new(root().join(folder)).into_iter().map(Result::unwrap) {
            if entry.path().extension().is_some_and(|x| x == "rs") {
                let lines = std::fs::read_to_string(entry.path()).unwrap().lines().count();
                if lines > 400 {
                    long.push(format!("{}: {lines}", entry.path().strip_prefix(root()).unwrap().display()));
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_panics_on_purpose() {
    let mut found = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            if [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!("].iter().any(|w| line.contains(w)) {
                found.push(format!("src/{}:{number}: {}", source.name, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn unsafe_code_is_in_the_codec_bindings_only() {
    let bindings = [
        "transform/image/aom.rs",
        "transform/image/webp.rs",
        "transform/image/webp/animation.rs",
        "transform/image/webp/profile.rs",
    ];
    for source in sources().iter().filter(|s| !bindings.contains(&s.name.as_str())) {
        for (number, line) in source.code() {
            let code = line.split("//").next().unwrap_or("");
            assert!(
                !code.contains("unsafe {") && !code.contains("unsafe fn") && !code.contains("allow(unsafe"),
                "src/{}:{number}",
                source.name
            );
        }
    }
}

/// Files of the repository, without what builds and installations put there.
fn files() -> Vec<PathBuf> {
    let skip = |name: &str| matches!(name, "target" | "node_modules" | ".git" | ".kiln");
    let walk = walkdir::WalkDir::new(root()).into_iter();
    let entries = walk.filter_entry(move |e| e.depth() == 0 || !skip(&e.file_name().to_string_lossy()));
    entries.map(Result::unwrap).filter(|e| e.file_type().is_file()).map(|e| e.into_path()).collect()
}

#[test]
fn nothing_names_a_machine() {
    // Put together here, so that this file does not name them itself.
    let folders = ["home", "root", "Users", "work", "tmp"].map(|f| format!("/{f}/"));
    let public = ["registry.npmjs.org", "github.com/rust-lang/crates.io-index"];
    let mut found = Vec::new();
    for file in files() {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            let path = folders.iter().any(|f| {
                line.match_indices(f.as_str()).any(|(at, _)| {
                    let before = line[..at].chars().next_back().unwrap_or(' ');
                    !before.is_alphanumeric() && !"./_-*}>".contains(before)
                })
            });
            let locked = name.ends_with("Cargo.lock") && line.starts_with("source = ")
                || name.ends_with("package-lock.json") && line.contains("\"resolved\":")
                || name.contains(".cargo/config") && line.contains("://")
                || name.ends_with(".npmrc") && line.contains("://");
            if path || (locked && !public.iter().any(|p| line.contains(p))) {
                found.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
