//! Real sites, if they are at hand: what is found can be replaced, and minifying loses no reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::analyze::{css, js};
use crate::model::{RawRef, RefKind};
use crate::transform::{self, Licenses};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn corpus(extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/sites");
    if !sites.exists() {
        eprintln!("skipped: no corpus");
    }
    let files = walkdir::WalkDir::new(sites).sort_by_file_name();
    files
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)))
        .map(|p| (p.clone(), std::fs::read_to_string(p).unwrap()))
        .collect()
}

fn named(refs: &[RawRef]) -> BTreeSet<(RefKind, String)> {
    let kept = refs.iter().filter(|r| r.kind != RefKind::SourceMap);
    kept.map(|r| (r.kind, r.url.clone())).collect()
}

fn check_ranges(path: &Path, source: &str, refs: &[RawRef]) {
    for r in refs {
        let text = &source[r.range.clone()];
        assert!(text == r.url || text.contains('\\'), "{path:?}: {text} {r:?}");
    }
    assert!(refs.windows(2).all(|w| w[0].range.end <= w[1].range.start), "{path:?}");
}

#[test]
fn scripts_keep_their_references_when_minified() {
    for (path, source) in corpus(&["js", "mjs"]) {
        let facts = js::analyze(&source, js::Goal::Unknown).expect("parses");
        check_ranges(&path, &source, &facts.refs);
        let goal = match facts.is_module_syntax {
            true => transform::js::Goal::Module,
            false => transform::js::Goal::Script,
        };
        let op = transform::js::JsOp { goal, names: Default::default(), licenses: Licenses::Keep, source_map: false };
        let out = transform::js::minify(&source, &op, "a.js", None).unwrap();
        let after = js::analyze(&out.code, js::Goal::Unknown).unwrap();
        check_ranges(&path, &out.code, &after.refs);
        let new: Vec<_> = named(&after.refs).difference(&named(&facts.refs)).cloned().collect();
        assert!(new.is_empty(), "{path:?}: {new:?}");
        assert_eq!(facts.is_module_syntax, after.is_module_syntax, "{path:?}");
    }
}

#[test]
fn sheets_keep_their_references_when_minified() {
    for (path, source) in corpus(&["css"]) {
        let facts = css::analyze(&source, css::Context::Sheet);
        check_ranges(&path, &source, &facts.refs);
        let op = transform::css::CssOp { context: transform::css::Context::Sheet, licenses: Licenses::Keep };
        let out = transform::css::minify(&source, &op).unwrap();
        let after = css::analyze(&out, css::Context::Sheet);
        check_ranges(&path, &out, &after.refs);
        assert_eq!(named(&facts.refs), named(&after.refs), "{path:?}");
        assert_eq!(facts.image_decls.len(), after.image_decls.len(), "{path:?}");
        assert_eq!(facts.place_hazards, after.place_hazards, "{path:?}");
    }
}
