//! The same site gives the same bytes: on any number of cores, cold or warm, wherever it lies.

use crate::support::{DRAWING, Sandbox, photo, tree};
use std::collections::BTreeMap;
use std::path::Path;

fn site() -> Sandbox {
    let mut index = String::from(
        "<link rel=stylesheet href=css/a.css><script type=module src=js/a.js></script><img src=p.jpg><img src=q.png><p><q></q></p>",
    );
    (0..8).for_each(|i| index.push_str(&format!("<a href=p{i}.html>{i}</a>\n  <img src=i{i}.svg>")));
    let s = Sandbox::new(&[
        ("index.html", &index),
        ("css/a.css", "@import 'b.css'; p { background : url(../p.jpg) }"),
        ("css/b.css", "p { color : red } q { background : url(../i1.svg) }"),
        ("js/a.js", "import { b } from './b.js'; export const a = 1; console.log( b );"),
        ("js/b.js", "import { a } from './a.js'; export const b = a  +  1;"),
        ("data.json", "{ \"a\" : 1 }"),
    ]);
    for i in 0..8 {
        s.put(&format!("p{i}.html"), index.as_bytes());
        s.put(&format!("i{i}.svg"), DRAWING.replace("123456", &format!("12345{i}")).as_bytes());
    }
    s.photo("p.jpg", 300, 200);
    s.photo("q.png", 200, 200);
    s
}

fn build(s: &Sandbox, site: &Path, out: &str, args: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let out = s.root().join(out);
    let output = s.kiln().arg("build").arg(site).arg("--out").arg(&out).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", crate::support::stderr(&output));
    tree(&out)
}

fn same(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>, what: &str) {
    let names = |t: &BTreeMap<String, Vec<u8>>| t.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(a), names(b), "{what}");
    for (name, bytes) in a {
        assert!(b[name] == *bytes, "{what}: {name}");
    }
}

#[test]
fn jobs_cache_and_place_change_no_byte() {
    let s = site();
    let cache = s.root().join("cache");
    let cache = cache.to_str().unwrap();
    let one = build(&s, &s.site, "one", &["--jobs", "1", "--no-cache"]);
    same(&one, &build(&s, &s.site, "two", &["--jobs", "2", "--no-cache"]), "two threads");
    same(&one, &build(&s, &s.site, "cold", &["--cache-dir", cache]), "a cold cache");
    same(&one, &build(&s, &s.site, "warm", &["--cache-dir", cache]), "a warm cache");
    same(&one, &build(&s, &s.site, "warm", &["--cache-dir", cache, "--jobs", "1"]), "a warm cache, over itself");
    // A page more and a page less: the rest comes from the cache file by file.
    s.put("new.html", b"<p>new");
    build(&s, &s.site, "more", &["--cache-dir", cache]);
    std::fs::remove_file(s.site.join("new.html")).unwrap();
    let moved = s.root().join("deep/er/another name");
    std::fs::create_dir_all(moved.parent().unwrap()).unwrap();
    std::fs::rename(&s.site, &moved).unwrap();
    same(&one, &build(&s, &moved, "moved", &["--no-cache"]), "another place");
    same(&one, &build(&s, &moved, "moved-warm", &["--cache-dir", cache]), "another place, warm");
}

#[test]
fn the_output_names_no_place_of_this_machine() {
    let s = site();
    s.build();
    let place = s.root().to_str().unwrap();
    for (name, bytes) in tree(&s.out) {
        assert!(!bytes.windows(place.len()).any(|w| w == place.as_bytes()), "{name}");
    }
}

#[test]
fn a_second_build_does_nothing_again() {
    let s = site();
    let first = s.report(&[]);
    assert!(first["cache_misses"].as_u64().unwrap() > 0 && first["unchanged"] == false, "{first}");
    let times = |s: &Sandbox| {
        let all = tree(&s.out).into_keys();
        all.map(|f| s.out.join(f).metadata().unwrap().modified().unwrap()).collect::<Vec<_>>()
    };
    let before = times(&s);
    let second = s.report(&[]);
    assert_eq!((&second["cache_misses"], &second["unchanged"]), (&0.into(), &true.into()));
    assert_eq!(first["kinds"], second["kinds"]);
    assert_eq!(before, times(&s), "servers see the same files");
}

#[test]
fn one_changed_page_costs_one_page() {
    let s = site();
    let cold = s.report(&[])["cache_misses"].as_u64().unwrap();
    let before = tree(&s.out);
    s.put("p3.html", b"<p>other");
    let report = s.report(&[]);
    assert_eq!(report["unchanged"], false);
    let misses = report["cache_misses"].as_u64().unwrap();
    assert!(misses * 4 < cold, "{misses} of {cold}");
    let after = tree(&s.out);
    let changed: Vec<&String> = after.iter().filter(|(n, b)| before.get(*n) != Some(*b)).map(|(n, _)| n).collect();
    assert_eq!(changed, ["kiln-manifest.json", "p3.html"]);
}

#[test]
fn a_setting_that_changes_bytes_is_not_answered_from_the_cache() {
    let s = site();
    s.build();
    s.build_with(&["--skip", "fingerprint,html"]);
    assert!(!s.is_renamed("css/a.css"));
    s.build();
    assert!(s.is_renamed("css/a.css"));
}

/// What depends on the whole site reaches a task only as far as it matters to it.
#[test]
fn an_edit_costs_what_depends_on_it() {
    let s = Sandbox::new(&[
        ("a.html", "<link rel=stylesheet href=a.css><script src=a.js></script><p class=x>"),
        ("b.html", "<link rel=stylesheet href=b.css><p class=y><img src=p.jpg>"),
        ("a.css", ".x { color : red } .later { color : blue }"),
        ("b.css", ".y { color : red }"),
        ("a.js", "console.log( 'a' );"),
    ]);
    s.photo("p.jpg", 120, 80);
    s.build();
    // A build that is new to the cache looks for its own record, and for the place of it.
    let misses = |path: &str, text: &str| {
        s.put(path, text.as_bytes());
        s.report(&[])["cache_misses"].as_u64().unwrap() - 2
    };
    assert_eq!(
        misses("a.html", "<link rel=stylesheet href=a.css><script src=a.js></script><p class=x>edited"),
        2,
        "the page's analysis, and the page"
    );
    assert_eq!(
        misses("b.css", ".y { color : green }"),
        5,
        "the sheet's analysis, its minified text and what that names, and the page with its layout"
    );
    assert_eq!(misses("a.js", "console.log( 'b' );"), 4, "the script's, and the page");
    // A class more: the sheet that has rules for it is printed again, the other one is not.
    assert_eq!(
        misses("a.html", "<link rel=stylesheet href=a.css><script src=a.js></script><p class='x later'>"),
        4,
        "the page's analysis, the page, the sheet's minified text and what that names"
    );
    s.photo("p.jpg", 100, 80);
    assert_eq!(
        s.report(&[])["cache_misses"].as_u64().unwrap() - 2,
        4,
        "the picture's analysis, its encodings, and the page with its layout"
    );
}

/// Pages are taken from the cache as long as nothing that they are made from changes, and no longer.
#[test]
fn a_page_is_made_again_when_what_it_is_made_from_changes() {
    let s = Sandbox::new(&[
        (
            "a.html",
            "<!doctype html><title>a</title><link rel=stylesheet href=a.css><script src=a.js integrity=sha384-x></script>\
             <style>.x{color:red}.late{color:blue}</style><p class=x>  one  <b>  two  </b></p><a href=b.html>b</a>",
        ),
        ("b.html", "<!doctype html><title>b</title><p><img src=p.jpg><img src=later.jpg><script src=a.js></script>"),
        (
            "d.html",
            "<!doctype html><title>d</title><link rel=preload as=fetch href=d.json integrity=sha384-x>\
             <link rel=manifest href=m.json integrity=sha384-x>\
             <script>{const name = 'dark'; document.getElementById('x').href = 'themes/' + name + '.css'}</script>",
        ),
        ("e.html", "<!doctype html><title>e</title><link rel=stylesheet href=themes/dark.css><p class=x>"),
        ("d.json", "{ \"d\": 1 }"),
        ("m.json", "{ \"name\": \"m\" }"),
        ("themes/dark.css", ".x { color : black }"),
        ("c.html", "<!doctype html><title>c</title><p style='background:url(p.jpg)'>c"),
        ("a.css", ".x { color : red }"),
        ("a.js", "console.log( 'a' );"),
    ]);
    s.photo("p.jpg", 120, 80);
    s.build();

    let changes: [(&str, Vec<u8>); 12] = [
        ("d.json", "{ \"d\": 2 }".into()),
        ("m.json", "{ \"name\": \"n\" }".into()),
        ("themes/dark.css", ".x { color : white }".into()),
        ("b.html", "<!doctype html><title>b</title><p>edited <img src=p.jpg><img src=later.jpg>".into()),
        ("a.css", ".x { color : green }".into()),
        ("a.js", "console.log( 'b' );".into()),
        ("p.jpg", photo("p.jpg", 100, 80)),
        ("later.jpg", photo("p.jpg", 90, 80)),
        ("a.css", ".x { color : green } b { white-space : pre }".into()),
        ("a.js", "document.body.className = 'late';".into()),
        ("sub/a.css", ".y { color : green }".into()),
        ("c.html", "<!doctype html><title>c</title><p style='background:url(p.jpg)'>c <a href=a.css>a</a>".into()),
    ];
    for (path, bytes) in changes {
        s.put(path, &bytes);
        s.build();
        let warm = tree(&s.out);
        s.build_with(&["--no-cache"]);
        assert!(tree(&s.out) == warm, "{path}");
    }
}

#[test]
fn an_edit_does_not_cost_more_where_there_are_more_pages() {
    let misses = |pages: usize| {
        let s = Sandbox::new(&[("a.css", ".x{color:red}")]);
        for n in 0..pages {
            s.put(&format!("{n}.html"), format!("<link rel=stylesheet href=a.css><p class=x>{n}").as_bytes());
        }
        s.build();
        s.put("0.html", b"<link rel=stylesheet href=a.css><p class=x>edited");
        s.report(&[])["cache_misses"].as_u64().unwrap()
    };
    assert_eq!(misses(3), misses(30));
}
