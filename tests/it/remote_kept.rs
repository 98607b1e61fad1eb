//! Pictures of other hosts that stay there, because something of the site knows their addresses.

use crate::origin::{Answer, Origin};
use crate::remote::site;
use crate::support::{Sandbox, photo, stderr};

fn origin() -> Origin {
    let origin = Origin::new();
    for n in ["a", "b"] {
        origin.put(&format!("/{n}.jpg"), Answer::file(&photo("a.jpg", 300, 200), &["Cache-Control: max-age=600"]));
    }
    origin
}

/// Whether the page shows the copy of `/a.jpg`, and that of `/b.jpg`.
fn copies(s: &Sandbox, origin: &Origin, page: &str) -> (bool, bool) {
    let page = s.page(page);
    let copied = |name: &str| {
        let (copy, own) = (format!("{}{name}-", origin.folder()), origin.url(&format!("/{name}.jpg")));
        assert_ne!(page.contains(&copy), page.contains(&format!("<img class={name} src={own}")), "{page}");
        page.contains(&copy)
    };
    (copied("a"), copied("b"))
}

fn images(origin: &Origin) -> String {
    format!("<img class=a src={}><img class=b src={}>", origin.url("/a.jpg"), origin.url("/b.jpg"))
}

#[test]
fn styles_that_look_at_addresses_keep_them() {
    let origin = origin();
    let s = site(&origin, &format!("<link rel=stylesheet href=a.css><p>{}", images(&origin)));
    for (sheet, copied) in [
        ("img[src^=http]{border:3px solid red}", false),
        ("img[src*='/a.']{opacity:.5}", false),
        ("[srcset*=http]{opacity:.5}", false),
        ("iframe[src*=youtube]{border:0}a[href^=http]{color:red}img[src]{opacity:.5}", true),
    ] {
        s.put("a.css", sheet.as_bytes());
        let said = stderr(&s.run(&["-v"]));
        assert_eq!(copies(&s, &origin, "index.html"), (copied, copied), "{sheet}");
        assert_ne!(said.contains("a style or script asks for images"), copied, "{said}");
    }
}

#[test]
fn the_fragment_of_an_address_stays_for_styles() {
    let origin = origin();
    let style = "<style>img[src*=\"#center\"]{display:block}</style>";
    let s = site(&origin, &format!("{style}<p><img src=\"{}#center\">", origin.url("/a.jpg")));
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("img[src*="), "the rule stays: {page}");
    let (_, rest) = page.split_once(&format!("<img src=\"{}a-", origin.folder())).unwrap_or_else(|| panic!("{page}"));
    assert!(rest.split('"').next().unwrap().ends_with("#center"), "{page}");
}

#[test]
fn addresses_that_scripts_and_data_hold_stay() {
    let origin = origin();
    let (a, host) = (origin.url("/a.jpg"), origin.url("").replace("http://", ""));
    let bare = a.replace("http:", "");
    for (file, text, copied) in [
        ("x.js", format!("document.querySelector('img[src=\"{a}\"]').title = 'x'"), (false, true)),
        ("x.js", format!("show(\"{bare}\")"), (false, true)),
        ("x.js", format!("const host = '{host}'"), (false, false)),
        ("sw.js", format!("caches.open('v').then(c => c.addAll(['/', '{a}']))"), (false, true)),
        ("x.json", format!("[{{\"src\": \"{}\"}}]", a.replace('/', "\\/")), (false, true)),
        ("x.txt", a.clone(), (false, true)),
        ("feed.xml", format!("<rss><img>{a}</img></rss>"), (true, true)),
        ("x.js", "document.querySelector('img[src*=\"/a.\"]').title = 'x'".into(), (false, false)),
        ("x.js", "const host = 'example.com'".into(), (true, true)),
    ] {
        let s = site(&origin, &images(&origin));
        s.put(file, text.as_bytes());
        s.build();
        assert_eq!(copies(&s, &origin, "index.html"), copied, "{file}: {text}");
    }
}

#[test]
fn a_page_whose_scripts_act_on_addresses_of_images_stays() {
    let origin = origin();
    let body = images(&origin);
    for (script, copied) in [
        ("for (const i of document.images) i.onclick = () => { i.src = i.src.replace('/t/', '/large/') }", false),
        ("addEventListener('click', e => open(e.target.currentSrc))", false),
        ("document.querySelector('.a').src = go()", false),
        ("const s = document.createElement('script'); s.src = 'https://x.example/y.js'; document.head.append(s)", true),
        ("console.log(document.currentScript.src)", true),
    ] {
        let s = site(&origin, &format!("{body}<script>{script}</script>"));
        s.put("other.html", format!("<!doctype html>{body}<script src=x.js></script>").as_bytes());
        s.put("x.js", b"import('./y.js')");
        s.put("y.js", script.as_bytes());
        s.put("third.html", format!("<!doctype html>{body}").as_bytes());
        s.build();
        assert_eq!(copies(&s, &origin, "index.html"), (copied, copied), "{script}");
        assert_eq!(copies(&s, &origin, "other.html"), (copied, copied), "{script}");
        assert_eq!(copies(&s, &origin, "third.html"), (true, true), "{script}");
    }
    let s = site(&origin, &body.replace("<img", "<img onclick=\"open(this.src)\""));
    s.build();
    assert!(!s.page("index.html").contains(&origin.folder()));
}

#[test]
fn texts_that_move_keep_their_addresses_without_a_sure_root() {
    let origin = origin();
    let body = images(&origin);
    let s = site(&origin, "<script>fetch('parts/card.html');fetch('css/x.css')</script>");
    let page = format!("<!doctype html>{body}");
    s.put("404.html", page.as_bytes());
    s.put("parts/card.html", page.as_bytes());
    s.put("bare.html", body.as_bytes());
    s.put("whole.html", page.as_bytes());
    s.put("css/x.css", format!("body{{background:url({})}}", origin.url("/a.jpg")).as_bytes());
    s.build();
    for (name, copied) in [("404.html", false), ("parts/card.html", false), ("bare.html", false), ("whole.html", true)]
    {
        assert_eq!(s.page(name).contains(&origin.folder()), copied, "{name}");
    }
    assert!(s.text("css/x.css").contains(&origin.url("/a.jpg")));
    s.build_with(&["--base-url", "/"]);
    for name in ["404.html", "parts/card.html", "bare.html", "whole.html"] {
        assert!(s.page(name).contains(&format!("src=/{}", origin.folder())), "{name}");
    }
    assert!(s.text("css/x.css").contains(&format!("url(/{}", origin.folder())), "{}", s.text("css/x.css"));
}

#[test]
fn a_file_where_the_copies_would_lie_stays_and_so_do_the_addresses() {
    let origin = origin();
    for name in ["kiln-remote".to_owned(), origin.folder().trim_end_matches('/').to_owned()] {
        let s = site(&origin, &images(&origin));
        s.put(&name, b"hello");
        s.build();
        assert_eq!(s.text(&name), "hello");
        assert!(s.page("index.html").contains(&origin.url("/a.jpg")));
    }
}
