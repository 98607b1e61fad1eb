//! Addresses in scripts as browsers take them: from the page, whole or in parts.

use crate::support::{DRAWING, Sandbox};

fn page(head: &str, body: &str) -> String {
    format!("<!doctype html><html lang=en><head><title>t</title>{head}</head><body>{body}</body></html>")
}

const OTHER: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><rect width=\"5\" height=\"4\"/></svg>";

#[test]
fn a_string_of_a_script_means_another_file_on_another_page() {
    let html = page("", "<img src=img/open.svg id=x><script src=/js/app.js></script>");
    let app = "document.getElementById('x').onclick = function () { this.src = 'img/closed.svg' };";
    let s = Sandbox::new(&[
        ("index.html", &html),
        ("en/index.html", &html),
        ("js/app.js", app),
        ("img/open.svg", DRAWING),
        ("img/closed.svg", DRAWING),
        ("en/img/open.svg", OTHER),
        ("en/img/closed.svg", OTHER),
    ]);
    s.build();
    assert!(s.text("js/app.js").contains("img/closed.svg"), "{}", s.text("js/app.js"));
    assert!(s.has("img/closed.svg") && s.has("en/img/closed.svg"));
    assert!(!s.is_renamed("img/closed.svg") && !s.is_renamed("en/img/closed.svg"), "a browser asks for either");
    assert!(s.is_renamed("img/open.svg") && s.is_renamed("en/img/open.svg"), "pages are clear");
    let why = s.explain("en/img/closed.svg");
    assert!(why.contains("a string in js/app.js means it on some pages, and another file on others"), "{why}");

    let one = Sandbox::new(&[("index.html", &html), ("js/app.js", app), ("img/open.svg", DRAWING)]);
    one.put("img/closed.svg", OTHER.as_bytes());
    one.build();
    assert!(one.is_renamed("img/closed.svg") && one.text("js/app.js").contains(&one.name("img/closed.svg")));
}

#[test]
fn a_base_says_what_strings_are_relative_to() {
    let own = "var i = new Image; i.src = 'img/b.svg'; document.body.append(i)";
    for (script, file) in
        [("<script src=js/x.js></script>".to_owned(), own), (format!("<script>{own}</script>"), "var unused = 1;")]
    {
        let s = Sandbox::new(&[
            ("app/index.html", &page("<base href=/app/>", &script)),
            ("deep/page/index.html", &page("<base href=/app/>", &script)),
            ("app/js/x.js", file),
            ("app/img/b.svg", DRAWING),
            ("img/b.svg", OTHER),
        ]);
        s.build();
        assert!(!s.is_renamed("app/img/b.svg") && s.has("app/img/b.svg") && s.has("img/b.svg"), "{script}");
    }
}

#[test]
fn workers_are_found_from_the_page() {
    let starts = [
        "new Worker('worker.js')",
        "new Worker('worker.js', {type: 'module'})",
        "new SharedWorker('worker.js')",
        "navigator.serviceWorker.register('worker.js')",
        "new AudioContext().audioWorklet.addModule('worker.js')",
    ];
    for start in starts {
        for tag in ["<script src=js/app.js></script>", "<script type=module src=js/load.js></script>"] {
            let s = Sandbox::new(&[
                ("index.html", &page("", tag)),
                ("js/app.js", &format!("window.started = {start};")),
                ("js/load.js", "import './app.js';"),
                ("worker.js", "onmessage = function (event) { postMessage('root' + event.data) };"),
                ("js/worker.js", "onmessage = function (event) { postMessage('js' + event.data) };"),
            ]);
            s.build();
            assert!(s.text("js/app.js").contains("worker.js"), "{start}: {}", s.text("js/app.js"));
            assert!(s.has("worker.js") && s.has("js/worker.js"), "{start} {tag}");
        }
    }
    let s = Sandbox::new(&[
        ("index.html", &page("", "<script src=js/app.js></script>")),
        ("js/app.js", "window.started = new Worker('worker.js');"),
        ("worker.js", "importScripts('lib/part.js');"),
        ("lib/part.js", "self.part = 1;"),
        ("js/lib/part.js", "self.part = 2;"),
    ]);
    s.build();
    assert!(
        s.is_renamed("worker.js") && s.text("js/app.js").contains(&s.name("worker.js")),
        "one file, so it is clear"
    );
    assert!(s.text("worker.js").contains(&s.name("lib/part.js")), "{}", s.text("worker.js"));
}

fn shown(script: &str, markup: &str) -> Sandbox {
    let s = Sandbox::new(&[
        ("index.html", &page("", &format!("{markup}<script src=js/app.js></script>"))),
        ("other.html", &page("", "<img src=img/other.svg>")),
        ("js/app.js", script),
        ("img/a.svg", DRAWING),
        ("img/a-hover.svg", OTHER),
        ("img/other.svg", OTHER),
    ]);
    s.photo("img/photo.png", 8, 8);
    s.build();
    s
}

#[test]
fn pictures_whose_names_a_script_takes_apart_keep_them() {
    let markup = "<img id=x src=img/a.svg><input type=image alt=send src=img/photo.png>";
    for script in [
        "document.getElementById('x').onmouseover = function () { this.src = this.src.replace('.svg', '-hover.svg') };",
        "var s = document.images[0].getAttribute('src'); document.title = s.split('/').pop();",
        "$('#x').attr('src', $('#x').attr('src').replace('a.', 'a-hover.'));",
    ] {
        let s = shown(script, markup);
        assert!(!s.is_renamed("img/a.svg") && !s.is_renamed("img/photo.png"), "{script}");
        assert!(s.page("index.html").contains("src=img/a.svg") && s.has("img/a-hover.svg"), "{script}");
        assert!(
            s.is_renamed("img/other.svg") && s.is_renamed("js/app.js"),
            "what it does not see is renamed: {script}"
        );
        assert!(s.explain("img/a.svg").contains("js/app.js takes addresses apart"), "{}", s.explain("img/a.svg"));
    }
    let inline = "<img src=img/a.svg onmouseover=\"this.src=this.src.replace('.svg','-hover.svg')\">";
    assert!(!shown("window.a = 1;", inline).is_renamed("img/a.svg"), "nor in a handler");
    let passed = "document.getElementById('big').src = document.getElementById('x').src;";
    assert!(
        shown(passed, "<img id=x src=img/a.svg><img id=big>").is_renamed("img/a.svg"),
        "an address that is passed on"
    );
    let own =
        "var i = new Image; i.src = 'img/a.svg'; i.onclick = function () { i.src = i.src.replace('a.', 'a-hover.') };";
    assert!(!shown(own, "<p>text").is_renamed("img/a.svg"), "one that the script itself shows");
}

#[test]
fn sheets_whose_names_a_script_takes_apart_keep_them() {
    let built = |link: &str, script: &str| {
        let s = Sandbox::new(&[
            ("index.html", &page(link, "<p>text</p><script src=js/app.js></script>")),
            ("js/app.js", script),
            ("css/light.css", "p { color : black }"),
            ("css/dark.css", "p { color : white }"),
        ]);
        s.build();
        s.is_renamed("css/light.css")
    };
    let plain = "<link rel=stylesheet href=css/light.css>";
    let known = "<link id=theme rel=stylesheet href=css/light.css>";
    let by_id =
        "var l = document.getElementById('theme'); document.title = l.getAttribute('href').match(/css\\/(\\w+)/)[1];";
    assert!(!built(known, by_id));
    assert!(!built(plain, "document.title = document.querySelector('link').href.split('/').pop();"));
    assert!(built(plain, by_id) && built(known, "document.links[0].onclick = function () { this.href.split('#') };"));
}

#[test]
fn scripts_that_are_found_by_their_names_keep_them() {
    for script in [
        "var src = $('script[src*=\"gallery\"]').attr('src'); window.path = src.match(/^(.*)gallery\\.js/)[1];",
        "(function (d) { var all = d.scripts; for (var i = 0; i < all.length; i++) { var m = all[i].src.match(/(.*)gallery\\.js/); if (m) window.path = m[1]; } })(document);",
        "window.path = new Error().stack.match(/(https?:.*\\/)gallery\\.js/)[1];",
    ] {
        for (gallery, other) in [(script, "window.b = 1;"), ("window.b = 1;", script)] {
            let s = Sandbox::new(&[
                ("index.html", &page("", "<script src=js/gallery.js></script><script src=js/other.js></script>")),
                ("js/gallery.js", gallery),
                ("js/other.js", other),
            ]);
            s.build();
            assert!(!s.is_renamed("js/gallery.js") && s.page("index.html").contains("src=js/gallery.js"), "{script}");
        }
    }
}

#[test]
fn what_a_script_stores_lives_on() {
    let app = "var link = document.getElementById('theme'); link.href = localStorage.getItem('theme') || 'css/light.css'; \
               document.onclick = function () { localStorage.setItem('theme', 'css/dark.css'); link.href = 'css/dark.css' };";
    let link = "<link id=theme rel=stylesheet href=css/light.css>";
    let files = [("css/light.css", "p { color : black }"), ("css/dark.css", "p { color : white }")];
    let built = |file: &str, inline: &str| {
        let page = page(link, &format!("<p>text</p><script src=js/app.js></script><script>{inline}</script>"));
        let s = Sandbox::new(&[("index.html", page.as_str()), ("js/app.js", file), files[0], files[1]]);
        s.build();
        s
    };
    for s in [built(app, "window.a = 1"), built("window.a = 1;", app)] {
        assert!(!s.is_renamed("css/dark.css") && !s.is_renamed("css/light.css"));
    }
    let word = app.replace("'theme', 'css/dark.css'", "'theme', 'dark'");
    assert!(built(&word, "window.a = 1").is_renamed("css/dark.css"), "a word is no address");
}

/// webpack's `[name].[fullhash:8].js`.
#[test]
fn a_hash_of_which_names_have_the_first_part_keeps_them() {
    let load = "r.u = e => \"js/\" + e + \".\" + r.h().slice(0, 8) + \".js\", r.h = () => \"4ff2a1c9d0e1f2a3b4c5\"";
    let s = Sandbox::new(&[
        ("index.html", &page("", "<script src=js/main.4ff2a1c9.js></script>")),
        ("js/main.4ff2a1c9.js", load),
        ("js/about.4ff2a1c9.js", "function  unused ( ) { }  console . log (  'about'  )  ;"),
    ]);
    s.build();
    assert!(s.has("js/about.4ff2a1c9.js"));
    assert!(s.text("js/about.4ff2a1c9.js").contains("function  unused"), "its name promises its bytes");
}

#[test]
fn explain_names_the_script_that_holds_a_picture_back() {
    let long = format!(
        "/*{}*/var fade=e=>{{e.nextElementSibling.hidden=1}};document.querySelectorAll('.wall').forEach(fade)",
        "-".repeat(30_000)
    );
    for (around, code, why) in [
        ("<a class=box>", "show('.box')", "`js/app.js` knows `box`, and may count on where the image stands"),
        (
            "<div class=wall><p>",
            &*long,
            "`js/app.js` goes about in the page from `wall`, and may count on where the image stands",
        ),
        (
            "<p>",
            "addEventListener('click', e => e.target.parentElement.remove())",
            "`js/app.js` goes about in the page from any image",
        ),
        ("<p>", "document.querySelector('img').src = next", "`js/app.js` may change the src of an image"),
    ] {
        let image = format!("{around}<img src=p.jpg alt=a width=900 height=600>");
        let page = format!("<!doctype html><title>t</title>{image}<script src=js/app.js></script>");
        let s = Sandbox::new(&[("index.html", &page), ("js/app.js", code)]);
        s.photo("p.jpg", 900, 600);
        s.build();
        assert!(!s.page("index.html").contains("<picture"), "{around}");
        let said = s.explain("index.html");
        assert!(said.contains(why) && said.contains("; if it does not, name it in images.trusted_scripts"), "{said}");
        // One who knows that it does not says so.
        std::fs::write(s.root().join("kiln.toml"), "[images]\ntrusted_scripts = [\"js/*.js\"]").unwrap();
        s.build();
        assert!(s.page("index.html").contains("<picture"), "{around}");
        // The same from a script in the page.
        let page = format!("<!doctype html><title>t</title>{image}<script>{code}</script>");
        let s = Sandbox::new(&[("index.html", &page)]);
        s.photo("p.jpg", 900, 600);
        std::fs::write(s.root().join("kiln.toml"), "[images]\ntrusted_scripts = [\"**\"]").unwrap();
        let said = s.explain("index.html");
        assert!(said.contains(&why.replace("`js/app.js`", "a script in the page")), "{around}: {said}");
    }
}

/// A lightbox that only takes the address of a thumbnail, and has classes that fill the window.
#[test]
#[cfg(feature = "layout")]
fn trusted_scripts_let_pictures_have_their_widths() {
    let lightbox = "const make = e => { const box = document.createElement('div'); box.className = 'shade'; \
                    box.style.backgroundImage = `url(${e.currentSrc})`; document.body.append(box) }; \
                    document.querySelectorAll('.wall').forEach(wall => wall.onclick = e => make(e.target))";
    let page = page(
        "<style>.wall img{width:200px;height:auto}.shade img{width:100vw}</style>",
        "<div class=wall><p><img src=p.jpg alt=a width=900 height=600></div><script src=js/box.js></script>\
         <p style=\"height:3000px\"><p><iframe src=map.html title=a class=shade></iframe><iframe src=map.html title=b></iframe>",
    );
    let s = Sandbox::new(&[("index.html", &page), ("map.html", "<!doctype html><p>a"), ("js/box.js", lightbox)]);
    s.photo("p.jpg", 900, 600);
    s.build();
    assert!(!s.page("index.html").contains("sizes="));
    std::fs::write(s.root().join("kiln.toml"), "[images]\ntrusted_scripts = [\"js/box.js\"]").unwrap();
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("sizes=") && page.contains("402w"), "{page}");
    assert_eq!(page.matches("loading=").count(), 1, "a frame whose class it knows is no picture: {page}");
}
