//! Real generators' output, where it is at hand: every reference that led somewhere still does.

use crate::crawl::dangling;
use crate::support::{kiln, stderr, stdout, tree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// (page under its old name, URL with every new file name made old again): comparable between input and output.
fn comparable(dir: &Path, base: &str, old: &BTreeMap<String, String>) -> BTreeSet<(String, String)> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let old_names: BTreeMap<String, String> = old.iter().map(|(new, old)| (name(new), name(old))).collect();
    let found = dangling(dir, base).into_iter().map(|(file, url)| {
        let (path, rest) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
        let last = name(path);
        let url = match old_names.get(&last) {
            Some(was) => format!("{}{was}{rest}", &path[..path.len() - last.len()]),
            None => url,
        };
        (old.get(&file).cloned().unwrap_or(file), url)
    });
    found.collect()
}

fn check(name: &str, base: &str) {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/sites").join(name);
    if !site.is_dir() {
        eprintln!("skipped: no {}", site.display());
        return;
    }
    let work = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let temp = tempfile::tempdir_in(&work).unwrap();
    let out = temp.path().join("out");
    let output = kiln(temp.path())
        .args(["build", "--json", "--cache-dir"])
        .arg(work.join("sites-cache"))
        .arg(&site)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(report["base"], base);

    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("kiln-manifest.json")).unwrap()).unwrap();
    let files = manifest["files"].as_object().unwrap();
    let url = |entry: &serde_json::Value| entry["url"].as_str().unwrap().to_owned();
    let old: BTreeMap<String, String> = files.iter().map(|(old, entry)| (url(entry), old.clone())).collect();
    let before = comparable(&site, base, &BTreeMap::new());
    let lost: Vec<_> = comparable(&out, base, &old).difference(&before).cloned().collect();
    assert!(lost.is_empty(), "{name}: {lost:?}");

    // Nothing is lost, nothing grows, and the manifest tells the truth.
    let written = tree(&out);
    for (path, entry) in files {
        let now = url(entry);
        let bytes = written.get(&now).unwrap_or_else(|| panic!("{path} \u{2192} {now} is not there"));
        assert_eq!(entry["bytes"], bytes.len(), "{path}");
        // A page or a sheet may name more files than before, under longer names; the rest is never larger.
        let names_files = [".html", ".css", ".js", ".svg"].iter().any(|x| path.ends_with(x));
        let was = std::fs::metadata(site.join(path)).unwrap().len() as usize;
        assert!(names_files || bytes.len() <= was, "{path}: {was} to {}", bytes.len());
    }
    assert_eq!(files.len(), tree(&site).len(), "every file of the input is in the output");
    for (kind, total) in report["kinds"].as_object().unwrap() {
        let size = |k: &str| total[k].as_u64().unwrap();
        assert!(kind == "pages" || size("after") <= size("before") + size("before") / 100, "{kind}: {total}");
    }
    let sum = |k: &str| report["kinds"].as_object().unwrap().values().map(|t| t[k].as_u64().unwrap()).sum::<u64>();
    assert!(sum("after") < sum("before"), "{name}: nothing gained");
}

macro_rules! sites {
    ($($test:ident: $name:literal at $base:literal,)*) => {
        $(#[test] fn $test() { check($name, $base); })*
    };
}

sites! {
    astro_blog: "astro-blog" at "/journal/",
    next_export: "next-export" at "/",
    photo_wall: "photo-wall" at "/",
    agency: "sb-agency" at "/",
    creative: "sb-creative" at "/",
    freelancer: "sb-freelancer" at "/",
    landing: "sb-landing" at "/",
    sveltekit_static: "sveltekit-static" at "/",
    vite_vue_spa: "vite-vue-spa" at "/",
}
