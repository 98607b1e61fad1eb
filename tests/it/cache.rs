//! `kiln cache gc`: a cache may be trimmed at any time, and no build is the worse for it.

use crate::support::{DRAWING, Sandbox, stderr, stdout, tree};
use std::process::Output;

fn site() -> Sandbox {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=a.css><script src=b.js></script><img src=p.jpg><img src=i.svg>"),
        ("a.css", "p { color : red }  h1 { background : url( i.svg ) }"),
        ("b.js", "window.b  =  1 ;"),
        ("i.svg", DRAWING),
    ]);
    s.photo("p.jpg", 300, 200);
    s
}

fn gc(s: &Sandbox, max: &str) -> Output {
    s.kiln().args(["cache", "gc", "--max", max, "--cache-dir", "cache"]).output().unwrap()
}

fn cache_bytes(s: &Sandbox) -> u64 {
    let files = tree(&s.root().join("cache"));
    files.values().map(|b| b.len() as u64).sum()
}

#[test]
fn any_part_of_a_cache_may_go() {
    let s = site();
    s.build();
    let (whole, size) = (tree(&s.out), cache_bytes(&s));
    for part in (0..=10).rev() {
        let max = size * part / 10;
        let done = gc(&s, &max.to_string());
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        assert!(cache_bytes(&s) <= max, "{} of {max}: {}", cache_bytes(&s), stdout(&done));
        std::fs::remove_dir_all(&s.out).unwrap();
        s.build();
        assert!(tree(&s.out) == whole, "with {part} tenths of the cache");
    }
}

#[test]
fn builds_and_collections_at_once_do_no_harm() {
    let s = site();
    s.build();
    let whole = tree(&s.out);
    let (removed, busy) = std::thread::scope(|scope| {
        let builds: Vec<_> = ["one", "two"]
            .map(|out| {
                let (s, whole) = (&s, &whole);
                scope.spawn(move || {
                    for _ in 0..6 {
                        let out = s.root().join(out);
                        let _ = std::fs::remove_dir_all(&out);
                        let mut command = s.kiln();
                        command.arg("build").arg(&s.site).arg("--out").arg(&out).args(["--cache-dir", "cache", "-v"]);
                        let output = command.output().unwrap();
                        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
                        assert!(!stderr(&output).contains("cache"), "{}", stderr(&output));
                        assert!(tree(&out) == *whole);
                    }
                })
            })
            .into();
        let (mut removed, mut busy) = (0, 0);
        while !builds.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            match gc(&s, "0").status.code() {
                Some(0) => removed += 1,
                Some(3) => busy += 1,
                other => panic!("{other:?}"),
            }
        }
        (removed, busy)
    });
    assert!(removed + busy > 2, "{removed} collections, {busy} refused");
}

#[test]
fn the_size_is_checked_and_the_result_told() {
    let s = site();
    s.build();
    for wrong in ["", "2X", "-1", "1.5G", "G", "99999999999G"] {
        let output = s.kiln().args(["cache", "gc", "--max", wrong, "--cache-dir", "cache"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {}", stdout(&output));
    }
    let all = gc(&s, "2G");
    assert!(stdout(&all).starts_with("removed 0 files (0 B); "), "{}", stdout(&all));
    let named = s.kiln().env("KILN_CACHE_DIR", "cache").args(["cache", "gc", "--max", "0"]).output().unwrap();
    assert!(stdout(&named).ends_with("; 0 are left (0 B)\n"), "{}", stdout(&named));
    assert!(!stdout(&named).starts_with("removed 0 files"), "{}", stdout(&named));
    let none = s.kiln().args(["cache", "gc", "--max", "1G", "--cache-dir", "nowhere"]).output().unwrap();
    assert_eq!((none.status.code(), s.root().join("nowhere").exists()), (Some(0), false));
}
