//! `--critical`: the rules that a page needs come with it, and nothing looks or works otherwise.

use crate::support::{Sandbox, stdout};

/// A page with `head` and `body`.
fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>t</title>{head}</head><body>{body}</body></html>"
    )
}

const LINK: &str = "<link rel=stylesheet href=css/site.css>";

/// Rules that do not compress to nothing: `n` classes with numbers of their own.
fn rules(class: &str, n: usize) -> String {
    let number = |i: usize, by: usize| (i * 7919 + by * 104_729) % 997;
    let rule = |i: usize| {
        let [a, b, c, d] = [1, 2, 3, 4].map(|by| number(i, by));
        format!(
            ".{class}{i}{{margin:{a}px {b}px;padding:{c}px;top:{d}px;color:rgb({},{},{})}}\n",
            a % 255,
            b % 255,
            c % 255
        )
    };
    (0..n).map(rule).collect()
}

/// A sheet of 12 kB compressed, of which `index.html` needs two rules and `other.html` all others.
fn large(head: &str, body: &str) -> Sandbox {
    let others: String = (0..900).map(|i| format!("<i class=other{i}></i>")).collect();
    let css = format!(".seen{{color:#123456}}@media print{{.seen{{color:red}}}}{}", rules("other", 900));
    let s = Sandbox::new(&[
        ("index.html", &page(head, body)),
        ("other.html", &page(LINK, &others)),
        ("css/site.css", &css),
        ("a.js", "console.log(1)"),
    ]);
    s.build_with(&["--critical"]);
    s
}

fn moved(s: &Sandbox) -> bool {
    let page = s.page("index.html");
    let (style, link) = (page.find("<style"), page.find("rel=stylesheet"));
    style.is_some() && link > page.find("<p")
}

fn why(s: &Sandbox) -> String {
    let output = s.run(&["--critical", "--verbose", "--no-cache", "--force"]);
    stdout(&output)
}

#[test]
fn a_page_holds_the_rules_it_needs_and_its_sheet_comes_at_the_end() {
    let s = large(LINK, "<p class=seen>x</p><script src=a.js></script>");
    let page = s.page("index.html");
    let name = s.name("css/site.css");
    assert!(page.contains("<style>.seen{color:#123456}@media print{.seen{color:red}}</style></head>"), "{page}");
    assert!(
        page.contains(&format!(
            "<p class=seen>x</p><link rel=stylesheet href=css/{name} style=\"display:none\"><script src={}>",
            s.name("a.js")
        )),
        "{page}"
    );
    assert_eq!(page.matches("stylesheet").count(), 1, "{page}");
    assert!(s.page("other.html").contains("<head>") && !s.page("other.html").contains("<style"));
    assert!(why(&s).contains("the rules that its first screen needs are part of it"), "{}", why(&s));
    assert!(why(&s).contains("its sheets stay where they are: it needs"), "{}", why(&s));
}

#[test]
fn nothing_happens_unless_asked_for() {
    let s = large(LINK, "<p class=seen>x</p>");
    s.build();
    assert!(!s.page("index.html").contains("<style"), "{}", s.page("index.html"));
    s.put("kiln.toml", b"");
    std::fs::write(s.root().join("kiln.toml"), "[css]\ncritical = \"screen\"\n").unwrap();
    s.build();
    assert!(moved(&s), "{}", s.page("index.html"));
}

#[test]
fn trap_62_small_sheets_become_part_of_the_page_with_their_media_and_addresses() {
    let head = "<link rel=stylesheet href='/css/a.css' integrity=sha384-old><style>b{color:red}</style>\
                <link rel=stylesheet href=css/b.css media=\"(min-width: 600px)\"><link rel=stylesheet href=css/p.css media=print>";
    let s = Sandbox::new(&[
        ("index.html", &page(head, "<b class=a>x</b>")),
        ("css/a.css", "@font-face{font-family:F;src:url(../f.woff2)}.a{font-family:F;background:url(i.svg#x)}"),
        ("css/b.css", ".a{background:url(\"../css/i.svg\")}"),
        ("css/p.css", ".a{color:#000}"),
        ("css/i.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("f.woff2", "wOF2"),
    ]);
    s.build_with(&["--critical"]);
    let page = s.page("index.html");
    let (font, image) = (s.name("f.woff2"), s.name("css/i.svg"));
    assert!(page.contains(&format!("<style>@font-face{{font-family:F;src:url(/{font})}}.a{{font-family:F;background:url(/css/{image}#x)}}</style>")), "{page}");
    assert!(
        page.contains(&format!(
            "<style>b{{color:red}}</style><style media=\"(min-width: 600px)\">.a{{background:url(css/{image})}}</style>"
        )),
        "{page}"
    );
    assert!(page.contains(&format!("<link rel=stylesheet href=css/{} media=print>", s.name("css/p.css"))), "{page}");
}

#[test]
fn trap_62_imports_are_taken_in_with_their_addresses() {
    let s = Sandbox::new(&[
        ("index.html", &page("<link rel=stylesheet href=css/a.css>", "<b class=a>x</b><i class=b>y</i>")),
        ("css/a.css", "@import url(sub/b.css);@import \"c.css\";.a{color:red}"),
        ("css/sub/b.css", "@import '../c.css';.b{background:url(../../i.svg)}"),
        ("css/c.css", "i{color:#00f}"),
        ("i.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("round.html", &page("<link rel=stylesheet href=round.css>", "<b>x</b>")),
        ("round.css", "@import 'round2.css';b{color:red}"),
        ("round2.css", "@import 'round.css';b{color:blue}"),
    ]);
    s.build_with(&["--critical"]);
    let rules = format!(
        "<style>i{{color:#00f}}.b{{background:url({})}}i{{color:#00f}}.a{{color:red}}</style>",
        s.name("i.svg")
    );
    assert!(s.page("index.html").contains(&rules), "{}", s.page("index.html"));
    assert!(!s.page("round.html").contains("<style"), "{}", s.page("round.html"));
    // What is imported counts for the page as well.
    s.put("css/c.css", b"i{color:#0f0}");
    s.build_with(&["--critical"]);
    assert!(s.page("index.html").contains("i{color:#0f0}.b{"), "{}", s.page("index.html"));
}

#[test]
fn a_changed_font_reaches_the_rules_in_the_page() {
    let css = "@font-face{font-family:F;src:url(f.woff2)}.a{font-family:F}";
    let s = Sandbox::new(&[
        ("index.html", &page("<link rel=stylesheet href=a.css>", "<b class=a>x</b>")),
        ("a.css", css),
        ("f.woff2", "wOF2"),
    ]);
    for text in ["wOF2 1", "wOF2 2"] {
        s.put("f.woff2", text.as_bytes());
        s.build_with(&["--critical"]);
        assert!(s.page("index.html").contains(&s.name("f.woff2")), "{}", s.page("index.html"));
    }
    s.put("a.css", css.replace(".a{", ".a{color:#abcdef;").as_bytes());
    s.build_with(&["--critical"]);
    assert!(s.page("index.html").contains("#abcdef"), "{}", s.page("index.html"));
}

#[test]
fn rules_for_what_early_scripts_do_are_there_in_time() {
    let css = format!(".seen{{color:red}}.js .seen{{color:#00f}}.late{{color:#0f0}}{}", rules("other", 900));
    let others: String = (0..900).map(|i| format!("<i class=other{i}></i>")).collect();
    for (script, kept) in [
        ("<script>document.documentElement.className = 'js'</script><p class=seen>x</p>", true),
        ("<p class=seen>x</p><script>document.documentElement.className = 'js'</script>", false),
        ("<p class=seen onclick=\"this.className = 'late'\">x</p>", true),
    ] {
        let s = Sandbox::new(&[
            ("index.html", &page(LINK, script)),
            ("other.html", &page(LINK, &others)),
            ("css/site.css", &css),
        ]);
        s.build_with(&["--critical"]);
        let text = s.page("index.html");
        assert!(moved(&s), "{text}");
        let style = text.split("</style>").next().unwrap();
        assert_eq!(style.contains(".js .seen") || style.contains(".late"), kept, "{text}");
    }
}

#[test]
fn trap_46_styles_keep_their_order() {
    // A <style>, or another site's sheet, after the link would come before it.
    for head in [
        format!("{LINK}<style>.seen{{color:red}}</style>"),
        format!("{LINK}<link rel=stylesheet href=https://fonts.googleapis.com/icon?family=Material+Icons>"),
        format!("{LINK}<noscript><style>.seen{{color:red}}</style></noscript>"),
        format!("{LINK}<link rel=stylesheet href=css/site.css id=theme>"),
        format!("{LINK}<link rel=stylesheet href=css/site.css data-kiln=off>"),
    ] {
        let s = large(&head, "<p class=seen>x</p>");
        assert!(s.page("index.html").contains("<title>t</title><link rel=stylesheet"), "{}", s.page("index.html"));
        let why = why(&s);
        assert!(
            why.contains("a style that cannot move stands behind them") || why.contains("must be waited for"),
            "{why}"
        );
    }
    let s = large(&format!("<style>.seen{{color:red}}</style>{LINK}"), "<p class=seen>x</p>");
    assert!(moved(&s), "what stands before may stay there");
}

#[test]
fn trap_critical_scripts_that_handle_sheets_find_them() {
    for script in [
        "<script src=a.js></script>",
        "<script type=module src=b.js></script>",
        "<script>document.head.appendChild(document.createElement('style'))</script>",
        "<link rel=preload as=style href=css/site.css onload=\"this.rel='stylesheet'\">",
        "<script>var s = document.createElement('script'); s.src = 'a.js'; document.body.append(s)</script>",
    ] {
        let s = Sandbox::new(&[
            ("index.html", &page(LINK, &format!("<p class=seen>x</p>{script}"))),
            ("css/site.css", ".seen{color:red}"),
            ("a.js", "for (const s of document.styleSheets) console.log(s)"),
            ("b.js", "import './c.js'"),
            ("c.js", "document.querySelectorAll('link[rel=stylesheet]').forEach(console.log)"),
        ]);
        s.build_with(&["--critical"]);
        assert!(!s.page("index.html").contains("<style>"), "{}", s.page("index.html"));
        assert!(why(&s).contains("looks at style sheets or makes some"), "{}", why(&s));
    }
}

#[test]
fn trap_critical_pages_that_forbid_or_rebuild_themselves_stay() {
    let csp = "<meta http-equiv=Content-Security-Policy content=\"style-src 'self'\">";
    for (head, body, reason) in [
        (format!("{csp}{LINK}"), "<p class=seen>x</p>", "Content-Security-Policy"),
        (format!("<base href=/>{LINK}"), "<p class=seen>x</p>", "<base>"),
        (LINK.to_owned(), "<p class=seen>x</p><script src=https://cdn.example/x.js></script>", "may use any class"),
        (LINK.to_owned(), "<p class=seen><table><tr><td>x", "still open"),
    ] {
        let s = large(&head, body);
        assert!(!s.page("index.html").contains("<style>"), "{}", s.page("index.html"));
        assert!(why(&s).contains(reason), "{reason}: {}", why(&s));
    }
}

#[test]
fn trap_critical_a_policy_of_the_host_is_heeded() {
    for file in ["_headers", "nginx.conf", "netlify.toml", "vercel.json"] {
        let s = Sandbox::new(&[
            ("index.html", &page(LINK, "<p class=seen>x</p>")),
            ("css/site.css", ".seen{color:red}"),
            (file, "/*\n  content-security-policy: style-src 'self'\n"),
        ]);
        s.build_with(&["--critical"]);
        assert!(!s.page("index.html").contains("<style>"), "{file}: {}", s.page("index.html"));
    }
}

#[test]
fn the_manifest_has_the_hashes_for_a_policy() {
    let s = large(LINK, "<p class=seen>x</p>");
    let page = s.page("index.html");
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = kiln::syntax::integrity::value(style.as_bytes(), "sha256").unwrap();
    assert_eq!(s.entry("index.html")["styles"], serde_json::json!([hash]));
    assert!(s.entry("other.html")["styles"].is_null());
    // The same from the cache.
    s.build_with(&["--critical", "--force"]);
    assert_eq!(s.entry("index.html")["styles"], serde_json::json!([hash]));
}

#[test]
fn trap_critical_a_link_at_the_end_is_not_the_last_child() {
    let css = |selector: &str| format!("{selector}{{margin:0}}.seen{{color:red}}{}", rules("other", 900));
    let others: String = (0..900).map(|i| format!("<i class=other{i}></i>")).collect();
    for (selector, script, stays) in [
        ("body>:last-child", "", true),
        (".seen:last-child", "", true),
        ("body>:last-child", "<script src=a.js></script>", false),
        ("p:nth-last-child(3)", "<script src=a.js></script>", true),
        ("div>b:last-child", "", false),
        (".seen>:last-child", "", false),
        ("div :last-child", "", false),
        ("html :not(:last-child)", "", true),
        ("body:has(>p:last-child)", "", true),
        (".seen:not(:has(+ *))", "<script src=a.js></script>", true),
        (".active:last-child", "<script>document.querySelector('p').className = 'active'</script>", false),
        ("p:is(:only-child)", "", true),
    ] {
        let body = format!("<div><b>x</b></div><p class=seen>x</p>{script}");
        let s = Sandbox::new(&[
            ("index.html", &page(LINK, &body)),
            ("other.html", &page(LINK, &others)),
            ("css/site.css", &css(selector)),
            ("a.js", "console.log(1)"),
        ]);
        s.build_with(&["--critical"]);
        assert_eq!(!moved(&s), stays, "{selector} {script}: {}", s.page("index.html"));
    }
}

#[test]
fn trap_45_layers_keep_their_order_and_imports_stay() {
    let others: String = (0..900).map(|i| format!("<i class=other{i}></i>")).collect();
    let built = |css: &str| {
        let css = format!("{css}.seen{{color:red}}{}", rules("other", 900));
        let s = Sandbox::new(&[
            ("index.html", &page(LINK, "<p class=seen>x</p>")),
            ("other.html", &page(LINK, &others)),
            ("css/site.css", &css),
        ]);
        s.build_with(&["--critical"]);
        s
    };
    for (css, reason) in [
        ("@layer{.seen{color:#00f}}", "a cascade layer without a name"),
        ("@import 'https://a.example/x.css';", "imports a sheet that cannot be taken in"),
        ("@import 'print.css' print;", "begins with an @import"),
        (":root{--i:url(i.png)}.seen{background:var(--i)}", "an address in a custom property"),
        (":root{--i:image-set(\"i.png\" 1x)}.seen{background:var(--i)}", "an address in a custom property"),
        ("/* kiln keep */.later{color:#00f}", "keeps rules"),
    ] {
        let s = built(css);
        assert!(!moved(&s) && why(&s).contains(reason), "{css}: {}", why(&s));
    }
    // The order of layers is said where it was said.
    let s = built("@layer a,b;@layer b{.other1{color:#00f}}@layer a{.seen{color:#0f0}}");
    let style = s.page("index.html").split("</style>").next().unwrap().to_owned();
    assert!(style.contains("<style>@layer a,b;") && style.contains("@layer a{.seen"), "{style}");
}

#[test]
fn what_stands_beside_the_link_stays_there() {
    let body = "<img src=a.jpg width=60 height=40><link rel=stylesheet href=css/site.css><img src=b.jpg width=60 height=40><p class=seen>x</p>";
    let others: String = (0..900).map(|i| format!("<i class=other{i}></i>")).collect();
    for rest in [rules("other", 900), String::new()] {
        let s = Sandbox::new(&[
            ("index.html", &page("", body)),
            ("other.html", &page(LINK, &others)),
            ("css/site.css", &format!("\u{feff}.seen{{color:red}}.seen::before{{content:\"→\"}}{rest}")),
        ]);
        s.photo("a.jpg", 600, 400);
        s.photo("b.jpg", 600, 400);
        s.build_with(&["--critical"]);
        let page = s.page("index.html");
        let style = "</picture><style>.seen{color:red}.seen:before{content:\"→\"}</style><picture style=";
        assert!(page.contains(style) && page.matches("</picture>").count() == 2, "{page}");
        assert_eq!(page.contains("<p class=seen>x</p><link rel=stylesheet"), !rest.is_empty(), "{page}");
    }
}

#[test]
fn what_attributes_and_sprites_name_is_kept() {
    let others: String = (0..900).map(|i| format!("<i class=other{i}></i>")).collect();
    let css = format!(
        ":root{{--accent:red;--icon:blue;--none:1px}}.other1{{color:var(--accent);fill:var(--icon);top:var(--none)}}{}",
        rules("other", 900)
    );
    let svg = "<svg><path fill='var(--accent)' d='M0 0h9v9'/><use href='i.svg#x'/></svg><p>x</p>";
    let s = Sandbox::new(&[
        ("index.html", &page(LINK, svg)),
        ("other.html", &page(LINK, &others)),
        ("css/site.css", &css),
        ("i.svg", "<svg xmlns='http://www.w3.org/2000/svg'><path id='x' fill='var(--icon)' d='M0 0h9v9'/></svg>"),
    ]);
    s.build_with(&["--critical"]);
    assert!(s.page("index.html").contains("<style>:root{--accent:red;--icon:blue"), "{}", s.page("index.html"));
    assert!(!s.page("index.html").contains("--none"), "{}", s.page("index.html"));
}

#[test]
fn a_second_build_gives_the_same_bytes_and_any_number_of_threads() {
    let s = large(LINK, "<p class=seen>x</p>");
    let first = s.bytes("index.html");
    for args in [
        &["--critical", "--no-cache", "--jobs", "1"][..],
        &["--critical"],
        &["--critical", "--jobs", "2", "--no-cache"],
    ] {
        s.build_with(args);
        assert_eq!(s.bytes("index.html"), first);
    }
}
