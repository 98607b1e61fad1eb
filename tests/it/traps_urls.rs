//! References: found wherever they stand, followed to the right file, written back in the author's way.

use crate::support::{DRAWING, Sandbox, stderr};

#[test]
fn trap_01_a_url_in_a_custom_property_keeps_its_targets_name() {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=css/a.css><link rel=stylesheet href=b.css><p class=x>x"),
        ("css/a.css", ":root{--icon:url(../img/kept.svg)}.y{background:url(../img/free.svg)}"),
        ("b.css", ".x{background:var(--icon)}"),
        ("img/kept.svg", DRAWING),
        ("img/free.svg", DRAWING),
    ]);
    s.build();
    assert_eq!(s.renamed("img/kept.svg"), "img/kept.svg");
    assert!(s.text("css/a.css").contains("../img/kept.svg"), "{}", s.text("css/a.css"));
    assert!(s.is_renamed("img/free.svg"), "others are still renamed");
}

#[test]
fn trap_02_commas_inside_srcset_urls() {
    let cloud = "https://res.cloudinary.com/x/w_400,h_300,c_fill/a.jpg 1x";
    let data = "data:image/svg+xml,%3Csvg/%3E 3x";
    let s = Sandbox::new(&[
        ("index.html", &format!("<img src=i.svg srcset=\"{cloud}, i.svg 2x,{data}\">")),
        ("i.svg", DRAWING),
    ]);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains(cloud) && page.contains(data), "{page}");
    assert!(s.is_renamed("i.svg") && page.contains(&format!("{} 2x", s.name("i.svg"))), "{page}");
}

/// Minifiers leave out the quotes around one address.
#[test]
fn trap_02_a_srcset_without_quotes() {
    let s = Sandbox::new(&[(
        "index.html",
        "<!doctype html><title>t</title><picture><source srcset=/s.a1b2c3d4.jpg media=print><img src=/s.jpg></picture>",
    )]);
    s.photo("s.a1b2c3d4.jpg", 64, 64);
    s.photo("s.jpg", 64, 64);
    s.build();
    let name = s.renamed("s.a1b2c3d4.jpg");
    assert!(s.is_renamed("s.a1b2c3d4.jpg") && s.dangling("/").is_empty(), "{}", s.page("index.html"));
    assert!(s.page("index.html").contains(&format!("srcset=/{name} media=print")), "{}", s.page("index.html"));
}

#[test]
fn trap_03_base_href_moves_every_relative_url() {
    let s = Sandbox::new(&[
        (
            "docs/index.html",
            "<base href=\"/app/\"><link rel=stylesheet href=a.css><script src=\"x.js\"></script><img src=i.svg>",
        ),
        ("app/a.css", "b{background:url(i.svg)}"),
        ("app/x.js", "window.a = 1;"),
        ("app/i.svg", DRAWING),
        ("docs/x.js", "window.wrong = 1;"),
    ]);
    s.build();
    let page = s.page("docs/index.html");
    for file in ["app/a.css", "app/x.js", "app/i.svg"] {
        assert!(s.is_renamed(file) && page.contains(&s.name(file)), "{file}: {page}");
    }
    assert!(!s.is_renamed("docs/x.js"), "nothing refers to it");
    assert!(page.contains("<base href=\"/app/\">") && s.dangling("/").is_empty(), "{page}");
}

fn journal() -> Sandbox {
    let page = "<link rel=stylesheet href=/journal/css/a.css><a href=/journal/about/>a</a><a href=/journal/>h</a>";
    Sandbox::new(&[("index.html", page), ("about/index.html", page), ("css/a.css", "a { color : red }")])
}

#[test]
fn trap_04_a_site_under_a_sub_path_is_guessed() {
    let s = journal();
    let report = s.report(&[]);
    assert_eq!(report["base"], "/journal/");
    let url = format!("/journal/{}", s.renamed("css/a.css"));
    assert!(s.is_renamed("css/a.css") && s.page("about/index.html").contains(&url));
}

#[test]
fn trap_04_base_url_says_what_cannot_be_guessed() {
    // Found at the root too, so that nothing speaks for a sub-path.
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=https://example.org/shop/a.css><script src=/shop/b.js></script>"),
        ("a.css", "a { color : red }"),
        ("b.js", "window.b  =  1"),
    ]);
    s.build_with(&["--base-url", "https://example.org/shop/"]);
    let page = s.page("index.html");
    assert!(page.contains(&format!("https://example.org/shop/{}", s.name("a.css"))) && s.is_renamed("a.css"), "{page}");
    assert!(page.contains(&format!("/shop/{}", s.name("b.js"))) && s.is_renamed("b.js"), "{page}");
}

#[test]
fn trap_04_the_sites_own_origin_is_told_by_the_canonical_link() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<link rel=canonical href=https://example.org/><link rel=stylesheet href=https://example.org/a.css>\
             <script src=https://other.example/b.js></script>",
        ),
        ("a.css", "a { color : red }"),
        ("b.js", "window.b  =  1"),
    ]);
    s.build();
    let page = s.page("index.html");
    assert!(s.is_renamed("a.css") && page.contains(&format!("https://example.org/{}", s.name("a.css"))), "{page}");
    assert!(page.contains("https://other.example/b.js") && !s.is_renamed("b.js"), "{page}");
}

#[test]
fn trap_05_query_and_fragment_stay() {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=\"a.css?v=1\"><svg><use href=\"s.svg#id\"/></svg>"),
        ("a.css", "@font-face{font-family:x;src:url('x.eot?#iefix') format('embedded-opentype')}svg{font-family:x}"),
        ("x.eot", "not really a font"),
        (
            "s.svg",
            r#"<svg xmlns="http://www.w3.org/2000/svg"><symbol id="id" viewBox="0 0 1 1"><path d="M0 0h1"/></symbol></svg>"#,
        ),
    ]);
    s.build();
    let page = s.page("index.html");
    assert!(s.is_renamed("a.css") && page.contains(&format!("{}?v=1", s.name("a.css"))), "{page}");
    assert!(s.is_renamed("s.svg") && page.contains(&format!("{}#id", s.name("s.svg"))), "{page}");
    let css = s.text("a.css");
    assert!(s.is_renamed("x.eot") && css.contains(&format!("{}?#iefix", s.name("x.eot"))), "{css}");
}

#[test]
fn trap_06_spaces_percent_signs_and_other_scripts_in_names() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<img src=\"a%20b.svg\"><img src=\"c d.svg\"><img src=\"50%25.svg\"><img src=\"gr\u{fc}\u{df}e.svg\">\
             <img src=\"%E6%97%A5.svg\"><link rel=stylesheet href=\"s%20t/a.css\">",
        ),
        ("s t/a.css", "b{background:url(../e\\ f.svg)}i{background:url(\"../(g).svg\")}"),
    ]);
    let names = ["a b.svg", "c d.svg", "50%.svg", "gr\u{fc}\u{df}e.svg", "\u{65e5}.svg", "e f.svg", "(g).svg"];
    for name in names {
        s.put(name, DRAWING.as_bytes());
    }
    s.build();
    assert_eq!(s.dangling("/"), Vec::<String>::new(), "{}", s.page("index.html"));
    for name in names {
        assert!(s.is_renamed(name), "{name}");
    }
}

#[test]
fn trap_09_the_old_name_still_leads_to_the_file() {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=a.css><img src=i.svg><script src=b.js></script>"),
        ("a.css", "a { color : red }"),
        ("b.js", "document.images[0].src  =  'i' + '.' + 'svg'"),
        ("i.svg", DRAWING),
    ]);
    s.build();
    for file in ["a.css", "b.js", "i.svg"] {
        assert!(s.has(file), "{file}");
        assert_eq!(s.bytes(file), s.bytes(&s.renamed(file)), "{file}");
        let cache = s.cache_control(file);
        assert!(!cache.clone().is_some_and(|c| c.contains("immutable")), "{file}: {cache:?}");
    }
}

#[test]
fn trap_30_preview_images_keep_name_and_format() {
    let meta =
        "<meta property=og:image content=\"https://example.org/og.png\"><meta name=twitter:image content=/tw.jpg>";
    let s = Sandbox::new(&[(
        "index.html",
        &format!("<link rel=canonical href=https://example.org/>{meta}<img src=og.png><img src=tw.jpg>"),
    )]);
    s.photo("og.png", 60, 40);
    s.photo("tw.jpg", 60, 40);
    s.build();
    assert!(s.page("index.html").contains(meta), "{}", s.page("index.html"));
    assert!(s.bytes("og.png").starts_with(b"\x89PNG") && s.bytes("tw.jpg").starts_with(b"\xff\xd8\xff"));
    assert!(!s.is_renamed("og.png") && !s.is_renamed("tw.jpg"));
}

#[test]
fn trap_31_icons_keep_name_and_format() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<link rel=manifest href=site.webmanifest><link rel=apple-touch-icon href=touch.png sizes=40x40>\
             <link rel=mask-icon href=mask.svg><link rel=icon href=tab.svg><img src=touch.png>",
        ),
        ("site.webmanifest", r#"{"name":"x","icons":[{"src":"icon.png","type":"image/png","sizes":"60x60"}]}"#),
        ("mask.svg", DRAWING),
        ("tab.svg", DRAWING),
    ]);
    s.photo("icon.png", 60, 60);
    s.photo("touch.png", 40, 40);
    s.build();
    for file in ["site.webmanifest", "icon.png", "touch.png", "mask.svg", "tab.svg"] {
        assert!(!s.is_renamed(file), "{file}");
    }
    assert!(s.bytes("icon.png").starts_with(b"\x89PNG") && s.bytes("touch.png").starts_with(b"\x89PNG"));
    assert!(s.page("site.webmanifest").contains("\"icon.png\""));
}

#[test]
fn trap_32_what_a_feed_names_keeps_its_url() {
    let feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><item><description>&lt;img src=\"https://example.org/i.svg\"></description></item></channel></rss>";
    let s = Sandbox::new(&[
        ("index.html", "<img src=i.svg><img src=j.svg><link rel=alternate type=application/rss+xml href=feed.xml>"),
        ("feed.xml", feed),
        ("i.svg", DRAWING),
        ("j.svg", DRAWING),
    ]);
    s.build();
    assert_eq!(s.renamed("i.svg"), "i.svg");
    assert_eq!(s.renamed("feed.xml"), "feed.xml");
    assert!(s.page("feed.xml").contains("https://example.org/i.svg") && s.is_renamed("j.svg"));
}

#[test]
fn trap_62_imported_sheets_keep_relative_urls_that_lead_somewhere() {
    let s = Sandbox::new(&[
        ("a/b/index.html", "<style>@import \"../../css/one.css\";</style><p>x"),
        ("css/one.css", "@import url(deep/two.css) screen; p { color : red }"),
        ("css/deep/two.css", "p { background : url(../../img/i.svg) }"),
        ("img/i.svg", DRAWING),
    ]);
    s.build();
    assert_eq!(s.dangling("/"), Vec::<String>::new());
    assert!(s.page("a/b/index.html").contains(&format!("../../{}", s.renamed("css/one.css"))));
    assert!(s.text("css/one.css").contains(&format!("deep/{}", s.name("css/deep/two.css"))));
    assert!(s.text("css/deep/two.css").contains(&format!("../../{}", s.renamed("img/i.svg"))));
    assert!(s.is_renamed("css/one.css") && s.is_renamed("css/deep/two.css") && s.is_renamed("img/i.svg"));
}

#[test]
fn trap_64_most_references_lead_nowhere_is_a_loud_error() {
    let links: String = (0..20).map(|i| format!("<img src=/nowhere/{i}.png>")).collect();
    let s = Sandbox::new(&[("index.html", &links)]);
    let output = s.run(&[]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("20 of 20 references lead to no file") && said.contains("--base-url"), "{said}");
    // Said again when nothing has changed.
    assert_eq!(s.run(&[]).status.code(), Some(1));
}

/// Everything is outside of a base that is wrong, so that nothing at all would be done.
#[test]
fn trap_64_a_base_url_that_no_reference_is_under_is_not_taken_silently() {
    let page: String = (0..20).map(|i| format!("<img src=/journal/{i}.svg>")).collect();
    let s = Sandbox::new(&[("index.html", &page)]);
    for i in 0..20 {
        s.put(&format!("{i}.svg"), DRAWING.as_bytes());
    }
    s.build();
    assert!(s.is_renamed("3.svg"), "guessed");
    let output = s.run(&["--base-url", "/jurnal/"]);
    assert!(stderr(&output).contains("--base-url"), "{:?}: {}", output.status, stderr(&output));
}
