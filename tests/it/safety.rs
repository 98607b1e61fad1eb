//! What must never be lost, and what must not stop a build.

use crate::support::{DRAWING, Sandbox, stderr, tree};

fn small() -> Sandbox {
    Sandbox::new(&[("index.html", "<link rel=stylesheet href=a.css><p>x"), ("a.css", "p { color : red }")])
}

fn build(s: &Sandbox, site: &std::path::Path, out: &std::path::Path, more: &[&str]) -> std::process::Output {
    s.kiln().arg("build").arg(site).arg("--out").arg(out).arg("--no-cache").args(more).output().unwrap()
}

#[test]
fn an_output_inside_the_input_or_around_it_is_refused() {
    let s = small();
    let before = tree(&s.site);
    for out in [s.site.join("out"), s.root().to_owned(), s.site.join("../site/deep/out")] {
        let output = build(&s, &s.site, &out, &["--force"]);
        assert_eq!(output.status.code(), Some(2), "{}: {}", out.display(), stderr(&output));
        assert!(stderr(&output).contains("help:"), "{}", stderr(&output));
        assert_eq!(tree(&s.site), before);
    }
}

#[test]
fn an_output_with_files_of_others_is_refused_and_force_replaces_it() {
    let s = small();
    std::fs::create_dir_all(s.out.join("photos")).unwrap();
    std::fs::write(s.out.join("photos/only-copy.jpg"), "precious").unwrap();
    let output = build(&s, &s.site, &s.out, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("photos/only-copy.jpg") && stderr(&output).contains("--force"),
        "{}",
        stderr(&output)
    );
    assert_eq!(tree(&s.out).len(), 1);
    assert_eq!(build(&s, &s.site, &s.out, &["--force"]).status.code(), Some(0));
    assert!(!s.has("photos/only-copy.jpg") && s.has("index.html"));
}

#[test]
fn a_file_that_was_added_to_kilns_output_is_protected_too() {
    let s = small();
    s.build().build();
    std::fs::write(s.out.join("CNAME"), "example.org").unwrap();
    let output = s.run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("CNAME"), "{}", stderr(&output));
    assert!(s.has("CNAME") && s.has("index.html"));
}

#[test]
fn an_output_that_was_touched_is_made_whole_again_and_an_untouched_one_left_alone() {
    let s = small();
    s.build();
    let (whole, page) = (tree(&s.out), s.out.join("index.html"));
    let time = || std::fs::metadata(&page).unwrap().modified().unwrap();
    let first = time();
    s.build();
    assert_eq!((time(), tree(&s.out)), (first, whole.clone()));
    // The same length and the same time.
    let swapped = String::from_utf8(std::fs::read(&page).unwrap()).unwrap().replace("<p>x", "<p>y");
    std::fs::write(&page, swapped).unwrap();
    std::fs::File::options().write(true).open(&page).unwrap().set_modified(first).unwrap();
    assert_ne!(tree(&s.out), whole);
    s.build();
    assert_eq!(tree(&s.out), whole);
    std::fs::remove_file(s.out.join("a.css")).unwrap();
    s.build();
    assert_eq!(tree(&s.out), whole);
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let s = small();
    std::fs::write(&s.out, "a file").unwrap();
    let output = s.run(&["--force"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(&s.out).unwrap(), "a file");
}

#[test]
fn files_that_left_the_input_leave_the_output() {
    let s = small();
    s.put("old.html", b"<p>old");
    s.build();
    assert!(s.has("old.html"));
    std::fs::remove_file(s.site.join("old.html")).unwrap();
    s.build();
    assert!(!s.has("old.html") && s.has("index.html"));
}

#[test]
fn the_input_is_not_touched() {
    let s = small();
    s.photo("p.jpg", 300, 200);
    s.put("index.html", b"<link rel=stylesheet href=a.css>  <img src=p.jpg>");
    let before = tree(&s.site);
    s.build().build();
    assert!(s.kiln().arg("plan").arg(&s.site).arg("--no-cache").output().unwrap().status.success());
    assert_eq!(tree(&s.site), before);
}

#[test]
fn in_place_replaces_the_input_and_a_second_run_refuses() {
    let s = small();
    let run = || s.kiln().arg("build").arg(&s.site).args(["--in-place", "--no-cache"]).output().unwrap();
    let first = run();
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    let fired = tree(&s.site);
    assert!(fired.contains_key("kiln-manifest.json") && fired.contains_key("index.html"));
    let second = run();
    assert_eq!(second.status.code(), Some(2), "{}", stderr(&second));
    assert!(stderr(&second).contains("help:"), "{}", stderr(&second));
    assert_eq!(tree(&s.site), fired);
}

#[test]
fn corrupt_files_do_not_stop_the_others() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<img src=bad.jpg><img src=cut.png><img src=good.jpg><script src=bad.js></script><link rel=stylesheet href=bad.css>",
        ),
        ("bad.js", "function ( { ] this is no script"),
        ("bad.css", "p { color : red } } } @media { ] q { color : blue"),
        ("data.json", "{ not json"),
        ("feed.xml", "<rss><unclosed>"),
        ("broken.svg", "<svg><g></svg"),
    ]);
    s.fixture("bad.jpg", "images/not-an-image.jpg");
    s.fixture("cut.png", "images/truncated.png");
    s.put("notes.html", b"<p>\xff\xfe not UTF-8");
    s.put("empty.css", b"");
    s.put("empty.html", b"");
    s.photo("good.jpg", 300, 200);
    let output = s.run(&[]);
    let code = output.status.code();
    let errors = stderr(&output).contains("error[");
    assert_eq!(code, Some(i32::from(errors)), "{}", stderr(&output));
    for file in
        ["bad.jpg", "cut.png", "bad.js", "data.json", "feed.xml", "broken.svg", "notes.html", "empty.css", "empty.html"]
    {
        assert_eq!(s.bytes(&s.renamed(file)), std::fs::read(s.site.join(file)).unwrap(), "{file}");
    }
    assert!(!s.variants("good.jpg").is_empty() && s.page("index.html").contains("<picture"));
    assert!(stderr(&output).contains("bad.js"), "{}", stderr(&output));
}

#[test]
fn an_unwritable_cache_is_only_a_warning() {
    let s = small();
    // A file where the folder should be: nobody can write there, whoever runs the test.
    let cache = s.root().join("cache-file");
    std::fs::write(&cache, "").unwrap();
    let output =
        s.kiln().arg("build").arg(&s.site).arg("--out").arg(&s.out).arg("--cache-dir").arg(&cache).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("cache"), "{}", stderr(&output));
    assert!(s.is_renamed("a.css"));
}

#[test]
fn a_damaged_cache_gives_the_same_output() {
    let s = small();
    s.photo("p.jpg", 300, 200);
    s.put("index.html", b"<link rel=stylesheet href=a.css>  <img src=p.jpg>");
    s.build();
    let good = tree(&s.out);
    for entry in walkdir::WalkDir::new(s.root().join("cache")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            std::fs::write(entry.path(), &bytes[..bytes.len() / 2]).unwrap();
        }
    }
    s.build();
    assert_eq!(tree(&s.out).keys().collect::<Vec<_>>(), good.keys().collect::<Vec<_>>());
    assert_eq!(tree(&s.out), good);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn links_out_of_the_site_are_not_followed() {
        let s = small();
        std::fs::create_dir(s.root().join("private")).unwrap();
        std::fs::write(s.root().join("private/key.txt"), "secret").unwrap();
        symlink(s.root().join("private"), s.site.join("folder")).unwrap();
        symlink(s.root().join("private/key.txt"), s.site.join("file.txt")).unwrap();
        symlink("a.css", s.site.join("inside.css")).unwrap();
        symlink(".", s.site.join("loop")).unwrap();
        let output = s.run(&[]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(tree(&s.out).values().all(|b| !b.windows(6).any(|w| w == b"secret")));
        assert!(stderr(&output).contains("folder: warning[symlink]"), "{}", stderr(&output));
        assert!(stderr(&output).contains("file.txt: warning[symlink]"), "{}", stderr(&output));
        assert!(s.has("inside.css") && !s.has("folder/key.txt") && !s.has("loop/index.html"));
    }

    #[test]
    fn what_cannot_be_taken_in_is_told_on_every_run() {
        let s = small();
        s.build();
        // Nothing that is read has changed: only this came.
        std::fs::write(s.site.join(std::ffi::OsStr::from_bytes(b"latin-\xe9.css")), "a{}").unwrap();
        for _ in 0..3 {
            let output = s.run(&[]);
            assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
            assert!(stderr(&output).contains("error[file-name]"), "{}", stderr(&output));
        }
        std::fs::remove_file(s.site.join(std::ffi::OsStr::from_bytes(b"latin-\xe9.css"))).unwrap();
        assert_eq!(s.run(&[]).status.code(), Some(0));
    }

    #[test]
    fn a_link_to_nothing_is_told() {
        let s = small();
        symlink("gone.css", s.site.join("lost.css")).unwrap();
        let output = s.run(&[]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
        assert!(stderr(&output).contains("lost.css") && s.has("index.html"), "{}", stderr(&output));
    }

    #[test]
    fn odd_names_are_copied_or_told() {
        let s = small();
        for name in ["-flag.css", "a\nb.svg", "%zz.svg", "..hidden", "q?x#y.svg", "back\\slash.svg", "con.svg."] {
            s.put(name, DRAWING.as_bytes());
        }
        std::fs::write(s.site.join(std::ffi::OsStr::from_bytes(b"latin-\xe9.svg")), DRAWING).unwrap();
        let output = s.run(&[]);
        assert_eq!(output.status.code(), Some(1), "a file was left out: {}", stderr(&output));
        assert!(stderr(&output).contains("error[file-name]"), "{}", stderr(&output));
        for name in ["-flag.css", "a\nb.svg", "%zz.svg", "..hidden", "q?x#y.svg", "back\\slash.svg", "con.svg."] {
            assert!(s.has(name), "{name:?}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_and_the_rest_is_done() {
        let s = small();
        s.put("shut.css", b"p { color : blue }");
        let shut = s.site.join("shut.css");
        std::fs::set_permissions(&shut, PermissionsExt::from_mode(0o000)).unwrap();
        if std::fs::read(&shut).is_ok() {
            eprintln!("skipped: this user may read everything");
            return;
        }
        let output = s.run(&[]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains("shut.css") && s.has("index.html"), "{}", stderr(&output));
    }
}

#[test]
fn a_cache_among_the_files_of_the_site_is_refused() {
    let s = small();
    s.build();
    let before = (tree(&s.site), tree(&s.out));
    for place in [s.site.join(".cache"), s.out.join(".cache"), s.out.clone(), s.site.join("none/../c")] {
        let output =
            s.kiln().arg("build").arg(&s.site).arg("--out").arg(&s.out).arg("--cache-dir").arg(&place).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(2), "{}: {}", place.display(), stderr(&output));
        assert!(stderr(&output).contains("help: choose a --cache-dir"), "{}", stderr(&output));
        assert_eq!((tree(&s.site), tree(&s.out)), before);
    }
    // `..` of a folder that is not there yet does not make that folder.
    let beside = s.root().join("later/../cache");
    let mut kiln = s.kiln();
    let command = kiln.arg("build").arg(&s.site).arg("--out").arg(s.root().join("later"));
    assert_eq!(command.arg("--cache-dir").arg(beside).output().unwrap().status.code(), Some(0));
    assert!(s.root().join("cache").is_dir());
}
