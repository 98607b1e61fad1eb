//! Pictures of other hosts become the site's own, where the settings say so.

use crate::origin::{Answer, Origin};
use crate::support::{Sandbox, photo, stderr, tree};
use crate::watching::Watcher;

const HEAD: &str =
    "<!doctype html><meta name=viewport content='width=device-width'><style>img{max-width:100%;height:auto}</style>";

/// A site with one page, and settings that allow the pictures of `origin`.
pub fn site(origin: &Origin, body: &str) -> Sandbox {
    let s = Sandbox::new(&[("index.html", &format!("{HEAD}{body}"))]);
    settings(&s, &origin.settings(""));
    s
}

pub fn settings(s: &Sandbox, text: &str) {
    std::fs::write(s.root().join("kiln.toml"), text).unwrap();
}

fn boat(width: u32) -> Vec<u8> {
    photo("boat.jpg", width, width / 3 * 2)
}

#[test]
fn pictures_of_other_hosts_become_the_sites_own() {
    let origin = Origin::new();
    origin.put("/boat.jpg?w=900", Answer::file(&boat(900), &["Content-Type: text/plain"]));
    origin.put("/small.jpg", Answer::file(&boat(300), &[]));
    origin.put("/large.jpg", Answer::file(&boat(600), &[]));
    origin.put("/back.png", Answer::file(&photo("back.png", 90, 60), &[]));
    origin.put("/poster.jpg", Answer::file(&boat(240), &[]));
    let url = |path: &str| origin.url(path);
    let s = site(
        &origin,
        &format!(
            "<meta property=og:image content={boat}><link rel=stylesheet href=css/a.css><a href={boat}>\
             <img src={boat}#x width=900 height=600></a><img src=\"{small}\" srcset=\"{small} 300w, {large} 600w\" sizes=50vw>\
             <video poster={poster} width=240 height=160></video>",
            boat = url("/boat.jpg?w=900"),
            small = url("/small.jpg"),
            large = url("/large.jpg"),
            poster = url("/poster.jpg"),
        ),
    );
    s.put("css/a.css", format!("a {{ background : url({}) }}", url("/back.png")).as_bytes());
    s.build();
    let page = s.page("index.html");
    let left: Vec<_> = page.match_indices(&url("/")).map(|(at, _)| &page[at.saturating_sub(8)..at]).collect();
    assert_eq!(left.len(), 2, "what others read and links stay: {page}");
    assert!(page.contains("content=http") && page.contains("<a href=http"), "{page}");
    let place = format!("{}boat-", origin.folder());
    assert!(page.contains(&format!("<img src={place}")), "{page}");
    assert_eq!(page.matches("<source type=\"image/avif\"").count(), 2, "{page}");
    assert!(page.contains(&format!("poster={}poster-", origin.folder())), "{page}");
    let sheet = s.text("css/a.css");
    assert!(sheet.contains(&format!("url(../{}back-", origin.folder())) && sheet.contains("image-set("), "{sheet}");
    assert_eq!(s.dangling("/"), Vec::<String>::new());
    let files: Vec<String> = tree(&s.out).into_keys().filter(|f| f.starts_with("kiln-remote/")).collect();
    assert!(files.iter().all(|f| s.cache_control(f).is_some_and(|c| c.contains("immutable"))), "{files:?}");
    assert_eq!(origin.asked().len(), 5, "each was asked for once");
    assert!(!s.site.join("kiln-remote").exists(), "the input is as it was");
}

#[test]
fn nothing_is_asked_for_unless_the_settings_name_it() {
    let origin = Origin::new();
    origin.put("/boat.jpg", Answer::file(&boat(300), &[]));
    let body = format!("<img src={}>", origin.url("/boat.jpg"));
    let s = site(&origin, &body);
    for other in ["", "[images]\nremote = [\"https://images.example.com/**\"]\n"] {
        settings(&s, other);
        s.build();
        assert!(s.page("index.html").contains(&origin.url("/boat.jpg")));
    }
    settings(&s, &origin.settings(""));
    s.build_with(&["--skip", "images"]);
    assert!(s.page("index.html").contains(&origin.url("/boat.jpg")));
    assert!(origin.asked().is_empty());
    s.build();
    assert_eq!(origin.asked().len(), 1);
}

#[test]
fn fresh_copies_are_not_asked_for_again() {
    let origin = Origin::new();
    origin.put("/a.jpg", Answer::file(&boat(300), &["Cache-Control: max-age=600"]));
    origin.put("/b.jpg", Answer::file(&boat(240), &["Expires: Fri, 01 Jan 2100 00:00:00 GMT"]));
    let s = site(&origin, &format!("<img src={}><img src={}>", origin.url("/a.jpg"), origin.url("/b.jpg")));
    s.build();
    let first = tree(&s.out);
    assert_eq!(origin.asked().len(), 2);
    assert_eq!(s.report(&[])["unchanged"], true);
    s.put(
        "index.html",
        format!("{HEAD}<p>more<img src={}><img src={}>", origin.url("/a.jpg"), origin.url("/b.jpg")).as_bytes(),
    );
    s.build();
    assert!(origin.asked().is_empty());
    assert_ne!(tree(&s.out), first);
}

#[test]
fn stale_copies_are_asked_for_with_a_condition() {
    let origin = Origin::new();
    origin.put("/a.jpg", Answer::file(&boat(300), &["ETag: \"one\""]));
    origin.put(
        "/b.jpg",
        Answer::file(&boat(240), &["Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "Cache-Control: no-cache"]),
    );
    let s = site(&origin, &format!("<img src={}><img src={}>", origin.url("/a.jpg"), origin.url("/b.jpg")));
    s.build();
    let first = tree(&s.out);
    assert!(origin.asked().iter().all(|a| !a.headers.contains("if-")));
    assert_eq!(s.report(&[])["unchanged"], true);
    let asked = origin.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].headers.contains("if-none-match: \"one\""), "{asked:?}");
    assert!(asked[1].headers.contains("if-modified-since: sun, 06 nov 1994"), "{asked:?}");
    assert!(tree(&s.out) == first);

    // What the server changes, changes in the site: its bytes and its name.
    let name = |s: &Sandbox| tree(&s.out).into_keys().find(|f| f.contains("/a-") && f.ends_with(".jpg")).unwrap();
    let old = name(&s);
    origin.put("/a.jpg", Answer::file(&boat(330), &["ETag: \"two\"", "Cache-Control: max-age=600"]));
    s.build();
    assert_ne!(name(&s), old);
    assert_eq!(s.dangling("/"), Vec::<String>::new());
    assert_eq!(origin.asked().len(), 2);
    s.build();
    assert_eq!(origin.asked().len(), 1, "only the other one is stale");
}

#[test]
fn what_may_not_be_kept_stays_where_it_is() {
    let origin = Origin::new();
    let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
    for headers in [&["ETag: \"one\""][..], &["ETag: \"one\"", "Cache-Control: no-store"], &["Cache-Control: no-store"]]
    {
        origin.put("/a.jpg", Answer::file(&boat(300), headers));
        let said = stderr(&s.run(&[]));
        let kept = headers.contains(&"Cache-Control: no-store");
        assert_eq!(said.contains("its server says that it must not be kept"), kept, "{said}");
        assert_eq!(s.page("index.html").contains(&origin.url("/a.jpg")), kept);
    }
    assert_eq!(
        origin.asked().iter().filter(|a| a.headers.contains("if-none-match")).count(),
        1,
        "then it is forgotten"
    );
    assert!(stderr(&s.run(&["--offline"])).contains("there is no copy of it"));
}

#[test]
fn where_a_redirect_leads_is_asked_each_time() {
    let origin = Origin::new();
    let fresh = ["Cache-Control: max-age=600", "ETag: \"same\""];
    origin.put("/now.jpg", Answer::redirect("/monday.jpg"));
    origin.put("/monday.jpg", Answer::file(&boat(300), &fresh));
    // Another picture with the same tag: tags are of one address only.
    origin.put("/tuesday.jpg", Answer::file(&boat(360), &fresh));
    let s = site(&origin, &format!("<img src={}>", origin.url("/now.jpg")));
    s.build();
    let first = tree(&s.out);
    s.build();
    assert!(tree(&s.out) == first);
    let conditions: Vec<_> =
        origin.asked().iter().map(|a| (a.path.clone(), a.headers.contains("if-none-match"))).collect();
    let asked = |path: &str, condition| (path.to_owned(), condition);
    assert_eq!(
        conditions,
        [asked("/monday.jpg", false), asked("/monday.jpg", true), asked("/now.jpg", false), asked("/now.jpg", false)]
    );
    origin.put("/now.jpg", Answer::redirect("/tuesday.jpg"));
    s.build();
    assert_ne!(tree(&s.out), first);
    assert!(origin.asked().iter().all(|a| !a.headers.contains("if-none-match")));
    // The address itself says now that nothing has changed, of another picture than it gave.
    origin.put("/now.jpg", Answer::file(&boat(420), &fresh));
    let second = tree(&s.out);
    s.build();
    assert_ne!(tree(&s.out), second);
}

#[test]
fn a_copy_is_only_for_those_who_may_ask_for_it() {
    let (origin, other) = (Origin::new(), Origin::new());
    let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
    origin.put("/a.jpg", Answer::redirect(&other.url("/b.jpg")));
    other.put("/b.jpg", Answer::file(&boat(300), &["Cache-Control: max-age=600"]));
    settings(&s, &format!("[images]\nremote = [\"{}\", \"{}\"]\n", origin.url("/**"), other.url("/**")));
    s.build();
    s.build_with(&["--offline"]);
    assert!(s.page("index.html").contains(&origin.folder()));
    settings(&s, &origin.settings(""));
    let said = stderr(&s.run(&["--offline"]));
    assert!(said.contains("there is no copy of it"), "{said}");
    let said = stderr(&s.run(&[]));
    assert!(said.contains("which `images.remote` does not allow"), "{said}");
}

#[test]
fn the_output_is_the_same_on_any_number_of_threads_and_with_any_cache() {
    let origin = Origin::new();
    let mut body = String::new();
    for n in 0..20 {
        // Some of them cannot be had.
        if n % 7 != 3 {
            origin.put(&format!("/{n}.jpg"), Answer::file(&boat(60 + n * 6), &["ETag: \"x\""]));
        }
        body.push_str(&format!("<img src={}>", origin.url(&format!("/{n}.jpg"))));
    }
    let s = site(&origin, &body);
    s.build_with(&["--jobs", "1"]);
    let first = tree(&s.out);
    assert_eq!(first.keys().filter(|f| f.starts_with(&origin.folder()) && f.ends_with(".jpg")).count(), 17);
    for args in [&["--jobs", "2"][..], &["--no-cache", "--jobs", "2"], &["--no-cache", "--jobs", "1"], &[]] {
        std::fs::remove_dir_all(&s.out).unwrap();
        s.build_with(args);
        assert!(tree(&s.out) == first, "{args:?}");
    }
    let copies = origin.asked().into_iter().filter(|a| a.path == "/0.jpg").count();
    assert_eq!(copies, 5);
}

#[test]
fn the_addresses_of_copies_fit_the_site() {
    let origin = Origin::new();
    origin.put("/a.jpg", Answer::file(&boat(300), &["Cache-Control: max-age=600"]));
    let img = format!("<img src={}>", origin.url("/a.jpg"));
    let s = site(&origin, &img);
    let deep = |s: &Sandbox, body: &str| s.put("blog/post/index.html", format!("{HEAD}{body}{img}").as_bytes());
    deep(&s, "");
    s.build();
    assert!(s.page("blog/post/index.html").contains(&format!("src=../../{}a-", origin.folder())));
    // Where addresses from the root are known to lead into the site, they hold for a page under any address.
    deep(&s, "<link rel=stylesheet href=/a.css>");
    s.put("a.css", b"p{color:red}");
    s.build();
    assert!(s.page("blog/post/index.html").contains(&format!("src=/{}a-", origin.folder())));
    s.build_with(&["--base-url", "/docs/"]);
    assert!(s.page("blog/post/index.html").contains(&format!("src=/docs/{}a-", origin.folder())));
    deep(&s, "<base href=https://other.example/>");
    s.build();
    assert!(s.page("blog/post/index.html").contains(&origin.url("/a.jpg")));
    deep(&s, "<base href=/><link rel=stylesheet href=a.css>");
    s.build();
    assert!(s.page("blog/post/index.html").contains(&format!("src=/{}a-", origin.folder())));
    assert_eq!(s.dangling("/"), Vec::<String>::new());
}

#[test]
fn what_somebody_counts_on_stays() {
    let origin = Origin::new();
    let at = |name: &str| origin.url(&format!("/{name}.jpg"));
    let s = site(
        &origin,
        &format!(
            "<img src={} crossorigin><picture><source srcset=\"{}\"><img src={} crossorigin></picture>\
             <div data-kiln=off><img src={}><p style=\"background:url({})\"></p></div><img data-src={}>\
             <astro-island><img src={}></astro-island><p style=\"--x:url({});mask:url({})\"></p>\
             <script>var a = '{}'</script><style>@font-face{{font-family:x;src:url({})}}</style>\
             <img src=https://other.example/a.jpg>",
            at("a"),
            at("b"),
            at("c"),
            at("d"),
            at("e"),
            at("f"),
            at("g"),
            at("h"),
            at("i"),
            at("j"),
            at("k"),
        ),
    );
    s.put("next.html", format!("<img src={}><script id=__NEXT_DATA__></script>", at("l")).as_bytes());
    let policy = |policy: &str, name| {
        format!("<!doctype html><meta http-equiv=Content-Security-Policy content=\"{policy}\"><img src={}>", at(name))
    };
    s.put("out.html", policy("img-src http://127.0.0.1:*", "m").as_bytes());
    s.build_with(&["-v"]);
    assert!(origin.asked().is_empty());
    let said = stderr(&s.run(&["-v"]));
    assert!(said.contains("next.html: note[remote]") && said.contains("a framework takes the page over"), "{said}");
    assert!(said.contains("out.html: note[remote]") && said.contains("Content-Security-Policy"), "{said}");
    // A policy that the host sends is for all pages; one that lets the site's own pictures in keeps nothing out.
    s.put("out.html", policy("img-src 'self'", "m").as_bytes());
    s.put("_headers", b"/*\n  Content-Security-Policy: img-src https://images.example.com\n");
    s.build();
    assert!(origin.asked().is_empty());
    s.put("_headers", b"/*\n  X-Frame-Options: DENY\n");
    origin.put("/m.jpg", Answer::file(&boat(300), &[]));
    s.build();
    assert!(origin.asked().is_empty(), "a script knows the host");
    s.put("index.html", format!("{HEAD}<p>x").as_bytes());
    s.build();
    assert_eq!(origin.asked().iter().map(|a| a.path.as_str()).collect::<Vec<_>>(), ["/m.jpg"]);
    assert!(s.page("out.html").contains(&origin.folder()));
}

#[test]
fn a_sheet_whose_hash_a_script_holds_stays() {
    let origin = Origin::new();
    origin.put("/a.png", Answer::file(&photo("a.png", 60, 40), &[]));
    let sheet = format!("p{{background:url({})}}", origin.url("/a.png"));
    let s = site(&origin, "<script src=a.js></script><link rel=stylesheet href=a.css integrity=sha384-x><p>x");
    s.put("a.css", sheet.as_bytes());
    s.put("a.js", format!("load('a.css', '{}')", crate::support::sha384(sheet.as_bytes())).as_bytes());
    s.build();
    assert!(origin.asked().is_empty() && s.text("a.css").contains(&origin.url("/a.png")));
    // The one in the page can follow.
    s.put("a.js", b"load('b.css')");
    s.build();
    let made = s.text("a.css");
    assert!(made.contains("kiln-remote/"), "{made}");
    assert!(s.page("index.html").contains(&crate::support::sha384(made.as_bytes())));
}

#[test]
fn a_running_watch_does_not_ask_after_every_change() {
    let origin = Origin::new();
    origin.put("/a.jpg", Answer::file(&boat(300), &["ETag: \"one\"", "Cache-Control: no-cache"]));
    for cache in ["--jobs=1", "--no-cache"] {
        let s = site(&origin, &format!("<img src={}>", origin.url("/a.jpg")));
        let watcher = Watcher::start_with(&s, &[cache], cache != "--no-cache");
        watcher.until("the first build", || watcher.reports().len() == 1);
        s.put("index.html", format!("{HEAD}<p>edited<img src={}>", origin.url("/a.jpg")).as_bytes());
        watcher.until("the second build", || watcher.reports().len() == 2);
        assert!(s.page("index.html").contains(&origin.folder()), "{}", watcher.errors());
        assert_eq!(origin.asked().len(), 1, "{cache}");
    }
}
