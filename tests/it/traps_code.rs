//! Scripts, sheets and workers: names, hashes and meaning.

use crate::support::{DRAWING, Sandbox, sha384, stderr};

#[test]
fn trap_10_a_script_that_looks_at_its_own_address_keeps_it() {
    let s = Sandbox::new(&[
        ("index.html", "<script src=a.js></script><script src=b.js></script><script src=c.js></script>"),
        ("a.js", "var here = document.currentScript.src.replace( /a\\.js$/ , '' );"),
        ("b.js", "var all = document.getElementsByTagName( 'script' ); use( all[all.length-1].src );"),
        ("c.js", "window.c  =  1;"),
    ]);
    s.build();
    assert_eq!((s.renamed("a.js").as_str(), s.renamed("b.js").as_str()), ("a.js", "b.js"));
    assert!(s.is_renamed("c.js"));
}

#[test]
fn trap_11_scripts_that_import_each_other_change_their_names_together() {
    let site = |b: &str| {
        let s = Sandbox::new(&[
            ("index.html", "<script type=module src=js/a.js></script>"),
            ("js/a.js", "import { b } from './b.js'; export const a = 1; console.log( b );"),
            ("js/b.js", b),
        ]);
        s.build();
        assert_eq!(s.dangling("/"), Vec::<String>::new());
        assert!(s.text("js/a.js").contains(&format!("./{}", s.name("js/b.js"))));
        assert!(s.text("js/b.js").contains(&format!("./{}", s.name("js/a.js"))));
        (s.name("js/a.js"), s.name("js/b.js"))
    };
    let one = site("import { a } from './a.js'; export const b = () => a + 1;");
    let same = site("import { a } from './a.js'; export const b = () => a + 1;");
    let two = site("import { a } from './a.js'; export const b = () => a + 2;");
    assert_eq!(one, same);
    assert!(one.0 != two.0 && one.1 != two.1, "{one:?} {two:?}");
    assert!(one.0 != "a.js" && one.1 != "b.js");
}

#[test]
fn trap_12_a_bundlers_name_stays_while_its_bytes_do() {
    let s = Sandbox::new(&[
        ("index.html", "<script type=module src=/assets/index-D4f9aK2x.js></script>"),
        ("assets/index-D4f9aK2x.js", "console.log(1);"),
    ]);
    s.build();
    assert_eq!(s.renamed("assets/index-D4f9aK2x.js"), "assets/index-D4f9aK2x.js");
    assert_eq!(s.page("assets/index-D4f9aK2x.js"), "console.log(1);");
    let cache = s.cache_control("assets/index-D4f9aK2x.js");
    assert!(cache.is_some_and(|c| c.contains("immutable")), "{}", s.page("_headers"));
}

#[test]
fn trap_13_a_bundlers_name_with_other_bytes_is_a_new_name() {
    let old = "assets/index-D4f9aK2x.js";
    let s = Sandbox::new(&[
        ("index.html", "<script type=module src=/assets/index-D4f9aK2x.js></script>"),
        (old, "const text = 'hello' ;\n\n/* not a licence */\nconsole.log( text , text.length ) ;\n"),
        ("kiln-all.toml", "keep_originals = \"all\"\n"),
    ]);
    let config = s.root().join("all.toml");
    std::fs::rename(s.site.join("kiln-all.toml"), &config).unwrap();
    s.build_with(&["--config", config.to_str().unwrap()]);
    assert!(s.is_renamed(old), "{}", s.renamed(old));
    assert!(!s.renamed(old).contains("D4f9aK2x") && s.renamed(old).starts_with("assets/index."), "{}", s.renamed(old));
    assert!(s.page("index.html").contains(&s.name(old)));
    assert!(s.cache_control(&s.renamed(old)).is_some_and(|c| c.contains("immutable")));
    assert!(s.has(old), "asked for by keep_originals");
    assert!(!s.cache_control(old).is_some_and(|c| c.contains("immutable")), "{}", s.page("_headers"));
    s.build();
    assert!(!s.has(old), "hashed names are not kept by default");
}

#[test]
fn trap_13_a_picture_may_become_smaller_under_a_bundlers_name_that_is_fixed() {
    let picture = "static/media/photo.8f3c21ab.jpg";
    let s = Sandbox::new(&[
        ("index.html", "<img src=/static/media/photo.8f3c21ab.jpg><script src=/app.js></script>"),
        // Put together from pieces: no name can follow.
        ("app.js", "new Image().src = `${location.origin}/static/media/photo.8f3c21ab.jpg?${Date.now()}`"),
    ]);
    s.photo(picture, 300, 200);
    s.build();
    assert!(!s.is_renamed(picture) && s.bytes(picture).len() < std::fs::read(s.site.join(picture)).unwrap().len());
    assert!(s.cache_control(picture).is_some_and(|c| !c.contains("immutable")), "{}", s.page("_headers"));
}

#[test]
fn trap_14_strings_urls_and_workers_in_scripts_follow() {
    let s = Sandbox::new(&[
        ("index.html", "<script type=module src=/assets/main.js></script>"),
        (
            "assets/main.js",
            "const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=[\"assets/page.js\",\"assets/page.css\"])))=>i.map(i=>d[i]);\n\
             const load = (f, deps) => f();\n\
             load(() => import('./page.js'), __vite__mapDeps([0,1]));\n\
             new Worker(new URL('./work.js', import.meta.url));\n\
             document.body.append(new URL('./pic.svg', import.meta.url).href);\n",
        ),
        ("assets/page.js", "export const page  =  1;"),
        ("assets/page.css", "p { color : red }"),
        ("assets/work.js", "importScripts( 'lib.js' ); self.onmessage  =  () => lib();"),
        ("assets/lib.js", "function lib ( ) { return 1 }"),
        ("assets/pic.svg", DRAWING),
    ]);
    s.build();
    assert_eq!(s.dangling("/"), Vec::<String>::new());
    let main = s.text("assets/main.js");
    for file in ["assets/page.js", "assets/page.css", "assets/work.js", "assets/pic.svg"] {
        assert!(main.contains(&s.name(file)), "{file}: {main}");
    }
    assert!(s.is_renamed("assets/page.css") && main.contains(&s.renamed("assets/page.css")), "{main}");
    let worker = s.text("assets/work.js");
    assert!(worker.contains(&s.name("assets/lib.js")), "{worker}");
}

#[test]
fn trap_15_a_missing_source_map_is_no_error() {
    let s = Sandbox::new(&[
        ("index.html", "<script src=a.js></script><link rel=stylesheet href=a.css>"),
        ("a.js", "var a  =  1;\n//# sourceMappingURL=gone.js.map\n"),
        ("a.css", "p { color : red }\n/*# sourceMappingURL=gone.css.map */\n"),
    ]);
    let output = s.run(&["--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!stderr(&output).contains("gone"), "{}", stderr(&output));
}

#[test]
fn trap_16_urls_in_css_comments_are_none() {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=a.css><p>"),
        ("a.css", "/* @import \"no.css\"; p{background:url(no.png)} */ p { content : \"url(no2.png)\" }"),
    ]);
    let output = s.run(&["--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!stderr(&output).contains("warning"), "{}", stderr(&output));
    assert!(s.text("a.css").contains("url(no2.png)"));
}

#[test]
fn trap_20_integrity_is_that_of_the_final_file() {
    let other = sha384(b"something else");
    let html = format!(
        "<script src=a.js integrity=\"{}\"></script><link rel=stylesheet href=b.css integrity=\"{}\">\
         <script src=https://cdn.example/x.js integrity=\"{other}\"></script>",
        sha384(b"window.a  =  1 ;"),
        sha384(b"p { color : red }"),
    );
    let s = Sandbox::new(&[("index.html", &html), ("a.js", "window.a  =  1 ;"), ("b.css", "p { color : red }")]);
    s.build();
    let page = s.page("index.html");
    for file in ["a.js", "b.css"] {
        let expected = sha384(&s.bytes(&s.renamed(file)));
        assert!(page.contains(&format!("{} integrity=\"{expected}\"", s.name(file))), "{file}: {page}");
        assert_eq!(s.entry(file)["integrity"], expected.as_str());
    }
    assert!(page.contains(&other), "another site's file is not touched");
}

#[test]
fn trap_22_service_workers_and_well_known_files_keep_their_names() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<script>navigator.serviceWorker.register('/worker-x.js')</script><script src=/registerSW.js></script>\
             <link rel=icon href=/favicon.svg><img src=/favicon.svg>",
        ),
        ("worker-x.js", "importScripts( '/sw-part.js' ); self.onfetch  =  () => {};"),
        ("sw-part.js", "self.part  =  1;"),
        ("registerSW.js", "window.r  =  1;"),
        ("sw.js", "self.onfetch  =  () => {};"),
        ("robots.txt", "User-agent: *\n"),
        ("favicon.svg", DRAWING),
        (".well-known/security.txt", "Contact: mailto:a@b\n"),
    ]);
    s.fixture("favicon.ico", "images/pixel.png");
    s.build();
    for file in [
        "worker-x.js",
        "sw-part.js",
        "registerSW.js",
        "sw.js",
        "robots.txt",
        "favicon.svg",
        "favicon.ico",
        ".well-known/security.txt",
    ] {
        assert!(!s.is_renamed(file) && s.has(file), "{file}");
    }
    for file in ["worker-x.js", "sw-part.js", "sw.js"] {
        assert_eq!(s.cache_control(file).as_deref(), Some("no-cache"), "{file}:\n{}", s.page("_headers"));
    }
}

#[test]
fn trap_44_css_that_a_parser_may_not_know_survives() {
    let css = "@layer base, theme;\n@layer theme { .a { color: red } }\n\
        @container side (inline-size > 30em) { .b { color: blue } }\n\
        @media (400px <= width < 900px) { .c { color: green } }\n\
        .d { color: teal; & .e { color: navy } &:hover { color: olive } }\n\
        @property --x { syntax: '<length>'; inherits: false; initial-value: 0px }\n\
        @starting-style { .f { opacity: 0 } }\n\
        .g:has(> .h) { color: plum }\n\
        @scope (.i) to (.j) { .k { color: peru } }\n\
        @future-thing foo { .l { color: gold } }\n";
    let used = "<script>use('a b c d e f g h i k l --x')</script>";
    let page = format!("<link rel=stylesheet href=a.css>{used}");
    let s = Sandbox::new(&[("index.html", &page), ("a.css", css)]);
    s.build();
    let after = s.text("a.css");
    for part in [
        "@layer",
        "@container",
        "@media",
        "@property",
        "@starting-style",
        ":has(",
        "@scope",
        "@future-thing",
        ".e",
        "hover",
        ".l",
    ] {
        assert!(after.contains(part), "{part} is gone: {after}");
    }
    let color = |c: &str| after.contains(c);
    assert!(["red", "green", "teal", "navy", "olive", "plum", "peru", "gold"].iter().all(|c| color(c)), "{after}");
}

#[test]
fn trap_51_names_that_other_scripts_use_stay() {
    let s = Sandbox::new(&[
        ("index.html", "<script src=a.js></script><script src=b.js></script><button onclick=\"openMenu()\">x</button>"),
        (
            "a.js",
            "var settings = { dark : true };\nfunction openMenu ( element ) { return settings.dark ; }\nclass Menu { }\n",
        ),
        ("b.js", "console.log( settings , new Menu() , openMenu.toString() );"),
    ]);
    s.build();
    let (a, b) = (s.text("a.js"), s.text("b.js"));
    for name in ["settings", "function openMenu", "class Menu"] {
        assert!(a.contains(name), "{name}: {a}");
    }
    assert!(b.contains("settings") && b.contains("new Menu"), "{b}");
    assert!(a.len() < 98, "and it is minified: {a}");
}

#[test]
fn trap_59_transitions_keep_their_durations_and_curves() {
    let css = ".a { transition: filter .35s ease,-webkit-filter .35s ease,opacity .375s ease-out }";
    let s = Sandbox::new(&[("index.html", "<link rel=stylesheet href=a.css><p class='a b'>"), ("a.css", css)]);
    s.build();
    let after = s.text("a.css");
    assert!(after.contains(".375s") && after.contains("ease-out"), "{after}");
}

#[test]
fn trap_66_an_invalid_declaration_takes_no_valid_one_with_it() {
    let css = ".a { color : red ; width : 10px ; = nonsense ; *zoom : 1 ; height : 20px }\n.b { margin : 1px }";
    let s = Sandbox::new(&[("index.html", "<link rel=stylesheet href=a.css><p class='a b'>"), ("a.css", css)]);
    s.build();
    let after: String = s.text("a.css").chars().filter(|c| *c != ' ').collect();
    for part in ["color:red", "width:10px", "height:20px", "margin:1px"] {
        assert!(after.contains(part), "{part} is gone: {after}");
    }
}

#[test]
fn trap_67_licence_comments_stay_wherever_they_stand() {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=a.css><script src=a.js></script>"),
        ("a.css", "@charset \"UTF-8\";\n.a { color : red }\n/*! Lib v1 (MIT) */\n.b { color : blue }\n/* a note */"),
        (
            "a.js",
            "var a  =  1;\n/*! Script v2 (MIT) */\nvar b  =  2;\n/** @license Other v3 */\nvar c  =  3; // a note",
        ),
    ]);
    s.build();
    assert!(s.text("a.css").contains("/*! Lib v1 (MIT) */") && !s.text("a.css").contains("a note"));
    let js = s.text("a.js");
    assert!(
        js.contains("/*! Script v2 (MIT) */") && js.contains("@license Other v3") && !js.contains("a note"),
        "{js}"
    );
}

#[test]
fn trap_68_code_with_effects_is_not_taken_for_pure() {
    let s = Sandbox::new(&[
        ("index.html", "<script src=a.js></script><script type=module src=m.js></script>"),
        (
            "a.js",
            "function unusedHere ( ) { return 1 }\nvar alsoUnused = 2;\n(function ( ) { window.touched.getter ; })( );",
        ),
        ("m.js", "import './side.js';\nconst o = window.thing;\no.getter;\nexport const a  =  1;"),
        ("side.js", "window.side  =  1;"),
    ]);
    s.build();
    let (a, m) = (s.text("a.js"), s.text("m.js"));
    for part in ["unusedHere", "alsoUnused", "window.touched.getter"] {
        assert!(a.contains(part), "{part} is gone: {a}");
    }
    assert!(m.contains(".getter") && m.contains(&s.name("side.js")), "{m}");
}

/// Whoever saves a script, or looks at it, gets what its author wrote.
#[test]
fn scripts_that_are_no_scripts_of_the_page_are_not_minified() {
    let code = "// ==UserScript==\n// @name a\n// ==/UserScript==\nvar   a = 1 ;\n";
    let page = "<a href=get/tool.user.js>Install</a> <a download href=get/lib.js>lib.js</a> <a href=d.json>data</a>\
        <script type=text/paperscript src=draw.js></script><script type=text/x-javascript src=old.js></script>";
    let kept = ["get/tool.user.js", "get/lib.js", "get/other.user.js", "d.json", "draw.js"];
    let data = "{ \"a\" :  1 }";
    let mut files = vec![("index.html", page), ("old.js", code)];
    files.extend(kept.iter().map(|name| (*name, if name.ends_with("json") { data } else { code })));
    let s = Sandbox::new(&files);
    s.build();
    for name in kept {
        assert_eq!(s.text(name), if name.ends_with("json") { data } else { code }, "{name}");
    }
    assert_eq!(s.text("old.js").trim_end(), "var a=1;");
}
