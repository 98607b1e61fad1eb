//! Pictures that somebody outside of kiln's sight has to do with, and boxes that must not come or change.

use crate::support::Sandbox;

fn built(page: &str) -> String {
    let s = Sandbox::new(&[("index.html", &format!("<!doctype html><body>{page}"))]);
    s.photo("p.jpg", 600, 400);
    s.build();
    s.page("index.html")
}

fn has_picture(page: &str) -> bool {
    built(page).contains("<picture")
}

/// HTML's style sheet does not hide a `<source>`: in a flex container it would be an item with a gap of its own.
#[test]
fn sources_have_no_boxes() {
    let page = built("<div style='display:flex;gap:20px'><img src=p.jpg width=150 height=100><p>t</div>");
    let sources: Vec<&str> = page.split("<source").skip(1).collect();
    assert!(
        !sources.is_empty()
            && sources.iter().all(|s| s.split('>').next().unwrap().ends_with(" style=\"display:none\"")),
        "{page}"
    );
}

#[test]
fn a_source_that_is_repeated_keeps_its_size() {
    let page = "<picture><source media='(max-width:700px)' srcset=q.jpg width=200 height=300>\
        <img src=p.jpg width=600 height=400></picture>";
    let s = Sandbox::new(&[("index.html", page)]);
    s.photo("p.jpg", 600, 400);
    s.photo("q.jpg", 400, 600);
    s.build();
    let built = s.page("index.html");
    let narrow = built.split("<source").filter(|t| t.contains("max-width")).count();
    assert!(narrow > 1 && built.matches("width=\"200\" height=\"300\"").count() == narrow - 1, "{built}");
}

#[test]
fn sheets_of_other_origins_may_have_any_rule() {
    let css = |url: &str| format!("<link rel=stylesheet href={url}><div class=row><img src=p.jpg></div>");
    assert!(!has_picture(&css("https://cdn.jsdelivr.net/npm/bootstrap@5.3.3/dist/css/bootstrap.min.css")));
    assert!(has_picture(&css("https://fonts.googleapis.com/css2?family=Lato")));
    assert!(has_picture(&css("https://cdnjs.cloudflare.com/ajax/libs/font-awesome/6.5.1/css/all.min.css")));
    let text = "<p>a   b</p>";
    assert!(built(&format!("<link rel=stylesheet href=https://cdn.example/x.css>{text}")).contains(text));
}

#[test]
fn scripts_of_other_origins_may_know_a_picture() {
    let script = |url: &str| format!("<img src=p.jpg><script src={url}></script>");
    assert!(!has_picture(&script("https://unpkg.com/medium-zoom@1/dist/medium-zoom.min.js")));
    assert!(has_picture(&script("https://code.jquery.com/jquery-3.7.1.min.js")));
    let config = "[css]\ntrusted_scripts = [\"https://cdn.example/**\"]\n";
    let s = Sandbox::new(&[("index.html", &script("https://cdn.example/stats.js")), ("kiln.toml", config)]);
    s.photo("p.jpg", 600, 400);
    s.build_with(&["--config", s.site.join("kiln.toml").to_str().unwrap()]);
    assert!(s.page("index.html").contains("<picture"), "{}", s.page("index.html"));
}

#[test]
fn trap_24_scripts_that_climb_from_elements_without_a_name() {
    for js in [
        "document.querySelectorAll('main img').forEach(i => i.parentElement.classList.add('framed'))",
        "document.querySelectorAll('a').forEach(a => { if (a.firstElementChild.nodeName == 'IMG') a.className = 'lb' })",
        "document.querySelectorAll('main p').forEach(p => { if (p.childNodes.length == 1) p.className = 'only' })",
        "document.querySelector('.gallery').onclick = e => { location = e.target.parentElement.href }",
        "$('p').children('img').hide()",
    ] {
        let page = format!("<main class=gallery><p><a href=x><img src=p.jpg></a></p></main><script>{js}</script>");
        assert!(!has_picture(&page), "{js}");
    }
    let counter = "(function(d,s){var j=d.createElement(s),f=d.getElementsByTagName(s)[0];j.async=1;\
        f.parentNode.insertBefore(j,f)})(document,'script')";
    assert!(has_picture(&format!("<main><p><img src=p.jpg></p></main><script>{counter}</script>")));
}

#[test]
fn an_image_in_a_slot_stays_in_it() {
    assert!(!has_picture("<div><img slot=image src=p.jpg></div>"));
    assert!(!has_picture("<image-slider><img src=p.jpg></image-slider>"));
    assert!(has_picture("<my-layout><div><img src=p.jpg></div></my-layout>"));
}

#[test]
fn a_script_that_asks_for_the_size_of_files_gets_the_same() {
    let js = "document.querySelectorAll('img').forEach(i => { if (i.naturalWidth > 500) i.className = 'wide' })";
    let style = "<style>img{width:200px;height:auto}</style>";
    let page = built(&format!("{style}<img src=p.jpg width=600 height=400><script>{js}</script>"));
    assert!(page.contains("<source") && !page.contains("w,"), "{page}");
}

/// A width from an attribute does not stretch, and does not follow a bounded height.
#[test]
fn trap_27_no_size_where_it_is_more_than_a_ratio() {
    const FLUID: &str = "<style>img{max-width:100%;height:auto}</style>";
    for (css, body) in [
        ("img{max-height:200px}", "<p><img src=p.jpg></p>"),
        (".post img{max-height:70vh}", "<div class=post><img src=p.jpg></div>"),
        ("img{min-height:500px}", "<p><img src=p.jpg></p>"),
        (".row{display:flex}", "<div class=row><img src=p.jpg></div>"),
        ("", "<div style='display:grid'><img src=p.jpg></div>"),
        ("body{display:flex}", "<img src=p.jpg>"),
    ] {
        let page = built(&format!("{FLUID}<style>{css}</style>{body}"));
        assert!(!page.contains("width=\"600\""), "{css} {body}: {page}");
    }
    for (css, body) in [
        (".row{display:flex}", "<div class=row><figure><img src=p.jpg></figure></div>"),
        (".other img{max-height:9px} img{width:100%;max-height:200px}", "<p><img src=p.jpg></p>"),
    ] {
        let page = built(&format!("{FLUID}<style>{css}</style>{body}"));
        assert!(page.contains("width=\"600\""), "{css} {body}: {page}");
    }
}

/// What one page fetches, and puts into itself, has that page's styles.
#[test]
fn parts_of_pages_are_left_to_the_pages_that_fetch_them() {
    let part = "<header><a class=logo href=/><img src=p.jpg></a></header>";
    let page = "<!doctype html><style>.logo > img{height:60px}</style><div id=h></div>\
        <script>fetch('header.html').then(r => r.text()).then(t => document.getElementById('h').innerHTML = t)</script>";
    let s = Sandbox::new(&[("index.html", page), ("header.html", part)]);
    s.photo("p.jpg", 600, 400);
    s.build();
    assert!(!s.page("header.html").contains("<picture"), "{}", s.page("header.html"));
}

#[test]
fn text_that_a_script_reads_line_by_line_keeps_its_lines() {
    let text = "<div id=md hidden>\n# a\n\n  * b\n    * c\n</div>";
    let js = "md.textContent.split(/\\n\\s*\\n/).forEach(show)";
    assert!(built(&format!("{text}<script>{js}</script>")).contains(text));
    assert!(built(&format!("{text}<script>md.style.whiteSpace = 'pre'</script>")).contains(text));
    assert!(!built(&format!("{text}<script>md.hidden = false</script>")).contains(text));
}
