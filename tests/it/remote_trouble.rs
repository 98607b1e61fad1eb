//! Pictures of other hosts that cannot be had: the build goes on, and says so.

use crate::origin::{Answer, Origin};
use crate::remote::{settings, site};
use crate::support::{DRAWING, Sandbox, photo, stderr, tree};
use std::time::{Duration, Instant};

fn picture() -> Vec<u8> {
    photo("a.jpg", 300, 200)
}

/// A build of a page with one picture at `/a.jpg`, that keeps its address; what it said.
fn left(origin: &Origin, answer: Answer, more: &str) -> String {
    origin.put("/a.jpg", answer);
    let s = site(origin, &format!("<p>\n<img src={}>", origin.url("/a.jpg")));
    settings(&s, &origin.settings(more));
    let output = s.run(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(s.page("index.html").contains(&format!("<img src={}>", origin.url("/a.jpg"))));
    assert!(!s.out.join("kiln-remote").exists());
    let said = stderr(&output);
    assert!(
        said.contains(&format!("index.html:2:10: warning[remote]: `{}` is not fetched: ", origin.url("/a.jpg"))),
        "{said}"
    );
    assert!(said.contains("help: the address stays"), "{said}");
    said
}

#[test]
fn what_is_no_picture_stays_where_it_is() {
    let origin = Origin::new();
    let page = Answer::file(b"<!doctype html><h1>Not found</h1>", &["Content-Type: image/jpeg"]);
    assert!(left(&origin, page, "").contains("no picture that kiln knows"));
    assert!(left(&origin, Answer::file(DRAWING.as_bytes(), &["Content-Type: image/png"]), "").contains("it is an SVG"));
    assert!(left(&origin, Answer::file(b"MM\0*................", &[]), "").contains("no picture that kiln knows"));
    assert!(left(&origin, Answer::Status(404, vec![], picture()), "").contains("answers 404"));
    assert!(left(&origin, Answer::Status(206, vec![], picture()), "").contains("answers 206"));
    assert!(left(&origin, Answer::Status(304, vec![], vec![]), "").contains("answers 304"));
    assert!(left(&origin, Answer::Status(503, vec![], vec![]), "").contains("answers 503"));
    assert!(left(&origin, Answer::CutShort(picture()), "").contains("its server cannot be reached"));
    let coded = Answer::file(&picture(), &["Content-Encoding: br"]);
    assert!(left(&origin, coded, "").contains("encoded (br)"));
    let s = site(&origin, &format!("<img src={}>", origin.url("/drawing.svg")));
    origin.asked();
    assert!(stderr(&s.run(&[])).contains("it is an SVG") && origin.asked().is_empty());
}

#[test]
fn what_is_too_large_or_too_slow_stays_where_it_is() {
    let origin = Origin::new();
    let size = "[limits]\nremote_size = 5000\n";
    assert!(
        left(&origin, Answer::file(&picture(), &[]), size).contains("larger than `limits.remote_size` (5000 bytes)")
    );
    let start = Instant::now();
    assert!(left(&origin, Answer::Endless(picture()), "[limits]\nremote_size = \"1 MiB\"\n").contains("larger than"));
    assert!(left(&origin, Answer::Silent, "[limits]\nremote_seconds = 1\n").contains("within 1 s"));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_never_answers_holds_up_a_build_once() {
    let origin = Origin::new();
    let body: String = (0..30).map(|n| format!("<img src={}>", origin.url(&format!("/{n}.jpg")))).collect();
    (0..30).for_each(|n| origin.put(&format!("/{n}.jpg"), Answer::Silent));
    let s = site(&origin, &body);
    settings(&s, &origin.settings("[limits]\nremote_seconds = 1\n"));
    let start = Instant::now();
    let said = stderr(&s.run(&[]));
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    assert!(said.contains("did not answer for others") && origin.asked().len() < 10, "{said}");
}

#[test]
fn redirects_are_followed_only_where_pictures_may_come_from() {
    let (origin, other) = (Origin::new(), Origin::new());
    other.put("/a.jpg", Answer::file(&picture(), &[]));
    for (to, why) in [
        (other.url("/a.jpg"), "which `images.remote` does not allow"),
        ("http://169.254.169.254/latest".into(), "which `images.remote` does not allow"),
        ("file:///etc/passwd".into(), "which `images.remote` does not allow"),
        ("http://[".into(), "leads on to nowhere"),
        ("/a.jpg".into(), "leads on more than 5 times"),
    ] {
        let said = left(&origin, Answer::redirect(&to), "");
        assert!(said.contains(why), "{to}: {said}");
    }
    assert!(other.asked().is_empty());
    origin.put("/a.jpg", Answer::redirect("/b/../c.jpg?x=1"));
    origin.put("/c.jpg?x=1", Answer::file(&picture(), &["ETag: \"c\""]));
    let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
    s.build();
    assert!(s.page("index.html").contains("kiln-remote/"));
}

#[test]
fn without_its_server_an_older_copy_is_used() {
    let mut origin = Origin::new();
    origin.put("/a.jpg", Answer::file(&picture(), &["ETag: \"one\""]));
    let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
    s.build();
    let first = tree(&s.out);
    let stale = |s: &Sandbox| {
        let output = s.run(&[]);
        assert_eq!(output.status.code(), Some(0));
        let said = stderr(&output);
        assert!(said.contains("warning[remote]") && said.contains("an older copy is used"), "{said}");
        assert!(tree(&s.out) == first);
    };
    origin.put("/a.jpg", Answer::Status(500, vec![], vec![]));
    stale(&s);
    // A server that says that there is no such picture is listened to.
    origin.put("/a.jpg", Answer::Status(410, vec![], vec![]));
    assert!(stderr(&s.run(&[])).contains("answers 410") && s.page("index.html").contains(&origin.url("/a.jpg")));
    origin.end();
    stale(&s);
    assert_eq!(s.run(&["--strict"]).status.code(), Some(1));
    assert_eq!(s.run(&["--offline"]).stderr, b"", "nobody expected an answer");
    assert!(tree(&s.out) == first);
    let output = s.run(&["--no-cache"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("its server cannot be reached"), "{}", stderr(&output));
    assert!(s.page("index.html").contains(&origin.url("/a.jpg")));
}

#[test]
fn a_part_of_a_picture_is_none() {
    let origin = Origin::new();
    for name in ["a.jpg", "a.png"] {
        let bytes = photo(name, 300, 200);
        let half = bytes[..bytes.len() / 2].to_vec();
        assert!(left(&origin, Answer::Unmeasured(half.clone()), "").contains("only a part of it"));
        origin.put("/a.jpg", Answer::Unmeasured(bytes));
        let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
        s.build();
        let first = tree(&s.out);
        assert!(s.page("index.html").contains(&origin.folder()));
        origin.put("/a.jpg", Answer::Unmeasured(half));
        assert!(stderr(&s.run(&[])).contains("an older copy is used"));
        assert!(tree(&s.out) == first);
    }
}

#[test]
fn offline_no_server_is_asked() {
    let origin = Origin::new();
    origin.put("/a.jpg", Answer::file(&picture(), &[]));
    let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
    let said = stderr(&s.run(&["--offline"]));
    assert!(said.contains("there is no copy of it") && origin.asked().is_empty(), "{said}");
    s.build();
    let first = tree(&s.out);
    assert_eq!(origin.asked().len(), 1);
    s.build_with(&["--offline"]);
    assert!(origin.asked().is_empty() && tree(&s.out) == first);
}

#[test]
fn plan_and_explain_speak_of_the_copies() {
    let origin = Origin::new();
    origin.put("/a.jpg", Answer::file(&picture(), &[]));
    let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
    let output = s.kiln().arg("plan").arg(&s.site).arg("--no-cache").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(&origin.folder()), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(s.explain("index.html").contains("offered in modern formats"), "{}", s.explain("index.html"));
}
