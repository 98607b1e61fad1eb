//! Rules that nothing can match go; whatever might match stays.

use crate::support::{Sandbox, stdout};

const PAGE: &str = "<!doctype html><link rel=stylesheet href=a.css><body><main class=page><p class='lead big'>t</p></main>\n\
    <dialog>d</dialog><details><summary>s</summary></details><button aria-expanded=false class=btn>b</button>";

/// The page with `more`, and `css` as its sheet after kiln.
fn shaken(more: &str, files: &[(&str, &str)], css: &str) -> String {
    let s = Sandbox::new(files);
    s.put("index.html", format!("{PAGE}{more}").as_bytes());
    s.put("a.css", css.as_bytes());
    s.build().text("a.css")
}

#[track_caller]
fn keeps(more: &str, files: &[(&str, &str)], css: &str) {
    assert_eq!(shaken(more, files, &format!("{css}\n\n.gone-for-sure{{color:red}}\n\n")), css);
}

#[test]
fn unused_rules_go_and_say_why() {
    let s = Sandbox::new(&[
        ("index.html", PAGE),
        (
            "a.css",
            ".page { color: red }\n.unused { color: red }\n@media print {\n  .lead, .other { color: #111 }\n  .more p { color: #222 }\n}\n",
        ),
    ]);
    let text = s.explain("a.css");
    for line in [
        "dropped 2:1: .unused: no page has the class `unused`, and no script or data names it",
        "dropped 4:3: .other: no page has the class `other`, and no script or data names it",
        "dropped 5:3: .more p: no page has the class `more`, and no script or data names it",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(s.build().text("a.css"), ".page{color:red}@media print{.lead{color:#111}}");
    let plan = s.kiln().arg("plan").arg(&s.site).args(["--json", "--no-cache"]).output().unwrap();
    let plan: serde_json::Value = serde_json::from_str(&stdout(&plan)).unwrap();
    let dropped = plan["files"].as_array().unwrap().iter().find(|f| f["path"] == "a.css").unwrap()["dropped"].clone();
    assert_eq!(dropped.as_array().map(Vec::len), Some(3), "{dropped}");
    assert_eq!(
        (&dropped[0]["rule"], &dropped[0]["line"], &dropped[0]["column"]),
        (&".unused".into(), &2.into(), &1.into())
    );
}

#[test]
fn names_in_scripts_stay() {
    let script = |code| [("app.js", code)];
    let load = "<script src=app.js></script>";
    keeps(load, &script("el.className = 'made';"), ".made{color:red}");
    keeps(load, &script("el.className = `made-${x}`;"), ".made-up{color:red}");
    keeps(load, &script("el.className = `${x}-made`;"), ".up-made{color:red}");
    keeps(load, &script("cx({ made: x, 'is-made': y });"), ".made.is-made{color:red}");
    keeps(load, &script("el.classList.toggle('lead')"), ".btn.lead{color:red}");
    keeps(load, &script("fetch('d.json')"), ".page{color:red}");
    keeps(load, &[("app.js", "fetch('d.json')"), ("d.json", "{\"c\": \"made\"}")], ".made{color:red}");
    keeps(load, &script("this is 'no' script made"), ".made{color:red}");
    keeps("<script>x('made')</script>", &[], ".made{color:red}");
    keeps("<p onclick=\"x('made')\">", &[], ".made{color:red}");
}

#[test]
fn states_and_pseudos_stay() {
    for css in [
        ".btn:hover,.btn:focus-visible{color:red}",
        "dialog[open]{color:red}",
        "details[open]>summary{color:red}",
        ".btn[aria-expanded=true]{color:red}",
        ".lead:before{color:red}",
        ":is(.lead,.nope) {color:red}".trim(),
        ".page:has(.lead){color:red}",
        ".page :not(.nope){color:red}",
        "@media print{.lead{color:red}}",
        "@supports (display:grid){.lead{color:red}}",
    ] {
        let left = shaken("", &[], &format!("{css}\n\n.gone-for-sure{{color:red}}\n\n"));
        assert!(!left.contains("gone") && left.contains("color:red"), "{css}: {left}");
    }
}

#[test]
fn layers_keep_their_order() {
    let css = "@layer one, two;\n@layer two { .nope { color: red } }\n@layer one { .lead { color: red } }\n";
    let left = shaken("", &[], css);
    assert!(left.starts_with("@layer one,two;") && left.contains("@layer two") && !left.contains("nope"), "{left}");
}

#[test]
fn names_of_animations_and_properties() {
    let load = "<script>run('by-script');get('--by-script')</script>";
    keeps(load, &[], "@keyframes by-script{0%{color:red}}:root{--by-script:1}");
    keeps("<p style='color:var(--b)'>", &[], ":root{--b:red}");
    let left =
        shaken("", &[], ":root { --b: red; --c: 1 } .lead { color: var(--b) } @keyframes nope { 0% { color: red } }");
    assert_eq!(left, ":root{--b:red}.lead{color:var(--b)}");
}

#[test]
fn what_people_ask_to_keep() {
    keeps("", &[], ".page{color:red}");
    let left = shaken(
        "",
        &[],
        "/* kiln keep */\n.x { color: red }\n.y { color: red }\n/*! purgecss start ignore */ .z { color: red } /*! purgecss end ignore */\n",
    );
    assert!(left.contains(".x{color:red}") && left.contains(".z{color:red}") && !left.contains(".y"), "{left}");
    let s = Sandbox::new(&[("index.html", PAGE), ("a.css", ".js-x { color: red }\n.y { color: red }\n")]);
    std::fs::write(s.root().join("kiln.toml"), "[css]\nsafelist = [\"js-*\"]\n").unwrap();
    assert_eq!(s.build().text("a.css"), ".js-x{color:red}");
    std::fs::write(s.root().join("kiln.toml"), "[css]\nshake = false\n").unwrap();
    assert_eq!(s.build().text("a.css"), ".js-x{color:red}.y{color:red}");
    std::fs::remove_file(s.root().join("kiln.toml")).unwrap();
    assert_eq!(s.build_with(&["--skip", "shake"]).text("a.css"), ".js-x{color:red}.y{color:red}");
}

#[test]
fn sheets_that_others_may_use_stay_whole() {
    let css = ".nope { color: red }\n.lead { color: red }\n";
    let s = Sandbox::new(&[("index.html", PAGE), ("a.css", ".lead{color:red}"), ("embed.css", css)]);
    assert!(s.build().text("embed.css").contains("nope"));
    assert!(s.explain("embed.css").contains("nothing on this site loads it"));
    let foreign = "<script src=https://cdn.example.com/app.js></script>";
    assert!(shaken(foreign, &[], css).contains("nope"), "who knows what that script does");
    for loader in [
        "'https://cdn.example.com/app.js'",
        "'//cdn.example.com/gtm.js?id=' + id",
        "`https://x.example/${v}` + '//y.example/a.mjs'",
    ] {
        let script = format!(
            "<script>var s = document.createElement('script'); s.src = {loader}; document.head.append(s)</script>"
        );
        assert!(shaken(&script, &[], css).contains("nope"), "{loader}");
        assert!(
            shaken("<script src=l.js></script>", &[("l.js", &format!("load({loader})"))], css).contains("nope"),
            "{loader}"
        );
    }
    assert!(!shaken("<script>load('https://plausible.io/js/script.js')</script>", &[], css).contains("nope"));
    assert!(!shaken("<script src=https://plausible.io/js/script.js></script>", &[], css).contains("nope"));
    let s = Sandbox::new(&[("a.css", css), ("index.html", &format!("{PAGE}{foreign}"))]);
    std::fs::write(s.root().join("kiln.toml"), "[css]\ntrusted_scripts = [\"https://cdn.example.com/*\"]\n").unwrap();
    assert!(!s.build().text("a.css").contains("nope"));
    assert!(shaken("", &[("x.wasm", "\0asm")], css).contains("nope"));
}

#[test]
fn styles_in_pages() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<!doctype html><style>.a { color: red } .b { color: red } .c { color: red }</style><p class=a><script>x('c')</script>",
        ),
        ("next.html", "<!doctype html><style>.a { color: red } .b { color: red }</style><p class=b>"),
        (
            "app.html",
            "<!doctype html><style>.a { color: red } .zz { color: red }</style><script>self.__next_f=1</script>",
        ),
    ]);
    s.build();
    // With a script, parts of other pages may come.
    assert!(
        s.page("index.html").contains("<style>.a{color:red}.b{color:red}.c{color:red}</style>"),
        "{}",
        s.page("index.html")
    );
    assert!(s.page("next.html").contains("<style>.b{color:red}</style>"), "{}", s.page("next.html"));
    assert!(s.page("app.html").contains(".zz"));
}

#[test]
fn a_page_that_starts_to_use_a_rule_brings_it_back() {
    let s = Sandbox::new(&[("index.html", PAGE), ("a.css", ".lead { color: red } .new { color: red }")]);
    assert_eq!(s.build().text("a.css"), ".lead{color:red}");
    s.put("two.html", b"<!doctype html><link rel=stylesheet href=a.css><p class=new>");
    assert_eq!(s.build().text("a.css"), ".lead{color:red}.new{color:red}");
}

#[test]
fn scripts_that_read_rules_keep_them_all() {
    for script in ["show(document.styleSheets[0].cssRules[2])", "document.fonts.forEach(f => list(f.family))"] {
        let css = ".lead{color:red}.swatch{color:#00f}";
        assert_eq!(shaken(&format!("<script>{script}</script>"), &[], css), css);
    }
}

#[test]
fn classes_from_elsewhere_keep_all_rules_and_it_is_said() {
    let css = ".rain{background:#00f}";
    let page = format!("{PAGE}<script>document.body.className=location.hash.slice(1)</script>");
    let s = Sandbox::new(&[("index.html", &page), ("a.css", css)]);
    let text = s.explain("a.css");
    assert!(text.contains("no rules dropped: a script in index.html takes classes from elsewhere"), "{text}");
    assert_eq!(s.build().text("a.css"), css);
}

#[test]
fn pieces_of_pages_that_scripts_fetch_may_stand_anywhere() {
    let row = "<style>.page{margin:60px}.none{margin:0}</style><li class=row>a</li>";
    let load = "<div class=shell><ul hx-get=rows.html></ul></div><script>go(get('hx-get'))</script>";
    keeps(load, &[("rows.html", row)], ".shell .row{color:red}.shell>ul>li{color:red}");
    let s = Sandbox::new(&[("rows.html", row), ("index.html", &format!("{PAGE}{load}"))]);
    assert!(s.build().text("rows.html").contains(".none"));
    let other = "<!doctype html><title>t</title><main><article class=post><h2>t</h2></article></main>";
    let load = "<div class=shell><p>x</p></div><script>fetch('post.html').then(put)</script>";
    keeps(load, &[("post.html", other)], ".shell>.post h2{color:red}");
}

#[test]
fn names_that_attributes_put_together() {
    for tag in [
        "<p :class=\"'step' + n\">",
        "<p x-bind:class='`step${n}`'>",
        "<template x-for='n of [1, 2].map(n => `step` + n)'></template>",
        "<p @click=\"$el.className = 'step' + n; go()\">",
        "<p ng-class=\"'step' + n\">",
        "<p class='big step{{n}}'>",
    ] {
        keeps(&format!("{tag}<script src=x.js></script>"), &[("x.js", "start()")], ".step2{color:red}");
    }
}
