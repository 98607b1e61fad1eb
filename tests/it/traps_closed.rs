//! Traps that were open once, each with the smallest site that fell into it.

use crate::support::{Sandbox, sha384};

#[test]
fn trap_20_integrity_in_an_import_map() {
    let module = "export const a  =  1 ;";
    let map = format!(r#"{{"imports":{{"m":"./m.js"}},"integrity":{{"./m.js":"{}"}}}}"#, sha384(module.as_bytes()));
    let page = format!("<script type=importmap>{map}</script><script type=module>import 'm'</script>");
    let s = Sandbox::new(&[("index.html", &page), ("m.js", module)]);
    s.build();
    assert!(s.page("index.html").contains(&sha384(&s.bytes(&s.renamed("m.js")))), "{}", s.page("index.html"));
}

#[test]
fn names_of_an_import_map_are_no_addresses() {
    let page = r#"<script type=importmap>{"imports":{"m.js":"/lib/a.js","kit/":"/lib/","far":"https://cdn.example/l.js"}}</script>
<script type=module>import "m.js"; import "kit/b.js"; import "far"; import("none")</script>"#;
    let files = [("index.html", page), ("lib/a.js", "console.log('a')"), ("lib/b.js", "console.log('b')")];
    let s = Sandbox::new(&[&files[..], &[("m.js", "console.log('another')")]].concat());
    let told = s.report(&[]).to_string();
    assert!(!told.contains("dangling"), "{told}");
    let built = s.page("index.html");
    assert!(built.contains("\"m.js\"") && built.contains("\"kit/b.js\""), "{built}");
    assert!(s.root().join("out/lib/b.js").exists(), "found by a part of its name");
}

#[test]
fn trap_20_integrity_in_a_script() {
    let chunk = "window.chunk  =  1 ;";
    let loader = format!(
        "var s = document.createElement('script'); s.src = '/js/chunk.js'; s.integrity = '{}'; document.head.append(s);",
        sha384(chunk.as_bytes())
    );
    let s =
        Sandbox::new(&[("index.html", "<script src=/main.js></script>"), ("main.js", &loader), ("js/chunk.js", chunk)]);
    s.build();
    assert!(s.text("main.js").contains(&sha384(&s.bytes(&s.renamed("js/chunk.js")))), "{}", s.text("main.js"));
}

#[test]
fn trap_52_scripts_in_an_inline_svg_hold_entities() {
    let s = Sandbox::new(&[("index.html", "<svg><script>var a = 1 &lt; 2 ;</script></svg>")]);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("&lt; 2") || page.contains("&lt;2"), "{page}");
}

#[test]
fn trap_25_selectors_that_a_new_picture_would_match() {
    for css in ["picture img{border:9px solid}", "picture{display:block!important}", "picture{visibility:hidden}"] {
        let s = Sandbox::new(&[("index.html", &format!("<style>{css}</style><img src=p.jpg>"))]);
        s.photo("p.jpg", 300, 200);
        s.build();
        assert!(!s.page("index.html").contains("<picture"), "{css}: {}", s.page("index.html"));
    }
}

#[test]
fn trap_21_revisions_in_a_precache_list_follow_the_bytes() {
    let list = "self.list = [{url:'index.html',revision:'4f2'},{url:'a.css',revision:'aa1'}];";
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=a.css><script>navigator.serviceWorker.register('/sw.js')</script>"),
        ("a.css", "p { color : red }"),
        ("sw.js", list),
    ]);
    s.build();
    let changed = s.page("index.html") != std::fs::read_to_string(s.site.join("index.html")).unwrap();
    assert!(changed && !s.page("sw.js").contains("4f2"), "{}", s.page("sw.js"));
    assert!(!s.page("sw.js").contains("aa1"), "{}", s.page("sw.js"));
}

#[test]
fn trap_24_scripts_that_walk_the_tree() {
    let mut wrong = Vec::new();
    for js in [
        "document.getElementById('c').firstElementChild.src = 'q.jpg'",
        "document.getElementById('im').nextElementSibling.hidden = true",
        "document.querySelector('.x').parentElement.style.color = 'red'",
        "document.getElementById('c').removeChild(document.getElementById('im'))",
        "document.getElementById('c').insertBefore(note, document.querySelector('.x'))",
        "$('.card').children('img').hide()",
    ] {
        let page = format!("<div class=card id=c><img class=x id=im src=p.jpg><p class=t>x</div><script>{js}</script>");
        let s = Sandbox::new(&[("index.html", &page)]);
        s.photo("p.jpg", 300, 200);
        s.build();
        if s.page("index.html").contains("<picture") {
            wrong.push(js);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing in the script names the image or what it stands in.
#[test]
fn trap_24_scripts_that_walk_from_a_neighbour() {
    let page = "<div class=card id=c><img class=x id=im src=p.jpg><p class=t>x</div>\
        <script>document.querySelector('.t').previousElementSibling.style.width = '1px'</script>";
    let s = Sandbox::new(&[("index.html", page)]);
    s.photo("p.jpg", 300, 200);
    s.build();
    assert!(!s.page("index.html").contains("<picture"), "{}", s.page("index.html"));
}

#[test]
fn a_sheet_that_gains_nothing_stays_as_it_was_under_its_old_name() {
    let sheet = "@font-face{font-family:f;src:url(f.woff2)}p{font-family:f}";
    let html = "<!doctype html><title>t</title><link rel=stylesheet href=a.css><p>x";
    let s = Sandbox::new(&[("index.html", html), ("a.css", sheet), ("b.css", sheet), ("f.woff2", "wOF2 a font")]);
    s.build();
    let font = s.renamed("f.woff2");
    assert!(font != "f.woff2" && s.has("f.woff2"));
    assert!(s.text("a.css").contains(&font), "under its new name it names the font's");
    assert!(s.renamed("a.css") != "a.css" && s.renamed("b.css") == "b.css");
    for name in ["a.css", "b.css"] {
        assert_eq!(String::from_utf8(s.bytes(name)).unwrap(), sheet, "no byte longer than before");
    }
    let said = s.explain("b.css");
    assert!(said.contains(&format!("{0} B before, {0} B after", sheet.len())), "{said}");
    // Without the font's old name there is no choice.
    std::fs::write(s.root().join("kiln.toml"), "keep_originals = \"none\"").unwrap();
    s.build();
    assert!(s.text("b.css").contains(&font) && !s.has("f.woff2") && !s.has("a.css"));
}
