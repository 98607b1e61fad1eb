//! A site of odd and damaged pictures: each is offered as a browser shows it, or stays with a reason.

use crate::support::{Sandbox, stderr};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn pictures(folder: &Path) -> BTreeMap<String, PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    // Drawings are another operation's.
    let files = files.filter(|p| p.is_file() && p.extension().is_some_and(|e| e != "svg"));
    files.map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), p)).collect()
}

/// A page with all of them, built. -> for each file its decisions and diagnostics.
fn built(files: &BTreeMap<String, PathBuf>) -> (Sandbox, BTreeMap<String, Vec<String>>) {
    let page: String = files.keys().map(|name| format!("<img src=\"{name}\">\n")).collect();
    let s = Sandbox::new(&[("index.html", &page)]);
    files.iter().for_each(|(name, path)| s.put(name, &std::fs::read(path).unwrap()));
    let report = s.report(&["--effort", "fast"]);
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in report["files"].as_array().unwrap() {
        let decisions = file["decisions"].as_array().unwrap().iter().map(|d| d.as_str().unwrap().to_owned());
        said.insert(file["path"].as_str().unwrap().to_owned(), decisions.collect());
    }
    for d in report["diagnostics"].as_array().unwrap() {
        let message = format!("{}: {}", d["severity"].as_str().unwrap(), d["message"].as_str().unwrap());
        said.entry(d["path"].as_str().unwrap().to_owned()).or_default().push(message);
    }
    (s, said)
}

fn explained(decisions: &[String]) -> bool {
    let reasons =
        ["left as it is", "keeps its", "dropped", "warning", "no modern versions", "passed through", "copied"];
    decisions.iter().any(|d| reasons.iter().any(|r| d.contains(r)))
}

fn check(files: &BTreeMap<String, PathBuf>) {
    let (s, said) = built(files);
    for name in files.keys() {
        let decisions = &said[name];
        let versions = s.variants(name);
        println!("{name}: {} versions, {decisions:?}", versions.len());
        assert!(!versions.is_empty() || explained(decisions), "{name}: {decisions:?}");
        assert!(s.has(name) || s.has(&s.renamed(name)), "{name} is gone");
    }
}

#[test]
fn odd_pictures_are_converted_or_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(&pictures(&root.join("fixtures/images")));
    let corpus = root.join("../shared/corpus/photos/odd");
    if !corpus.is_dir() {
        println!("skipped: {} not found", corpus.display());
        return;
    }
    check(&pictures(&corpus));
}

#[test]
fn damaged_pictures_are_told_of_and_stay() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = pictures(&root.join("fixtures/images"));
    files.retain(|name, _| {
        ["truncated.jpg", "truncated.png", "bad-crc.png", "not-an-image.jpg"].contains(&name.as_str())
    });
    assert_eq!(files.len(), 4);
    let corpus = root.join("../shared/corpus/photos/corrupt");
    if corpus.is_dir() {
        files.extend(pictures(&corpus).into_iter().map(|(name, path)| (format!("corpus-{name}"), path)));
    } else {
        println!("skipped: {} not found", corpus.display());
    }
    let page: String = files.keys().map(|name| format!("<img src=\"{name}\">\n")).collect();
    let s = Sandbox::new(&[("index.html", &page)]);
    files.iter().for_each(|(name, path)| s.put(name, &std::fs::read(path).unwrap()));
    let output = s.run(&[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stderr(&output);
    for (name, path) in &files {
        let kept = s.bytes(&s.renamed(name)) == std::fs::read(path).unwrap();
        let told = said.contains(&format!("{name}: warning["));
        println!("{name}: told {told}, kept {kept}");
        // A component with an odd number: every decoder shows the same picture.
        let harmless = name == "corpus-huge_sof_number.jpg";
        assert!(harmless || (told && kept), "{name}: {said}");
    }
}
