//! Pictures: what is offered beside them, and where nothing may be.

use crate::support::{DRAWING, Sandbox, photo, stderr, tree};

/// A page with one picture of photographic detail, `p.jpg`.
fn one(page: &str) -> Sandbox {
    let s = Sandbox::new(&[("index.html", page)]);
    s.photo("p.jpg", 300, 200);
    s
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

#[test]
fn trap_07_two_formats_of_one_name_do_not_collide() {
    let s = Sandbox::new(&[("index.html", "<img src=a.jpg><img src=a.png>")]);
    s.photo("a.jpg", 300, 200);
    s.put("a.png", &photo("a.png", 280, 200));
    s.build();
    let (jpg, png) = (s.variants("a.jpg"), s.variants("a.png"));
    assert!(!jpg.is_empty() && !png.is_empty());
    assert!(jpg.iter().all(|v| !png.contains(v)), "{jpg:?} {png:?}");
    let page = s.page("index.html");
    let (first, second) = page.split_once("</picture>").unwrap();
    assert!(jpg.iter().all(|v| first.contains(v) && !second.contains(v)), "{page}");
    assert!(png.iter().all(|v| second.contains(v)), "{page}");
}

#[test]
fn trap_08_a_picture_that_a_script_replaces_gets_no_sources() {
    let s = Sandbox::new(&[(
        "index.html",
        "<img id=hero src=p.jpg><script>document.getElementById('hero').src = 'q.jpg'</script>",
    )]);
    s.photo("p.jpg", 300, 200);
    s.photo("q.jpg", 300, 200);
    s.build();
    assert_eq!(count(&s.page("index.html"), "<source"), 0);
    assert!(s.has("q.jpg"), "the other picture is still there");
}

#[test]
fn trap_25_no_picture_where_a_child_selector_would_lose_the_image() {
    for css in [".card > img{border:1px solid}", "img:first-child{margin:0}", "p + img{margin:0}"] {
        let s = one(&format!("<style>{css}</style><p>x</p><div class=card><img class=x src=p.jpg></div>"));
        s.build();
        assert_eq!(count(&s.page("index.html"), "<picture"), 0, "{css}: {}", s.page("index.html"));
    }
    // A descendant selector does not mind, nor do selectors for a parent or a sibling that the page does not have.
    for css in
        [".card img{border:1px solid}", ".row > *{margin:0}", "legend + *{margin:0}", ".row > .col > img{margin:0}"]
    {
        let s = one(&format!("<style>{css}</style><p>x</p><div class=card><img class=x src=p.jpg></div>"));
        s.build();
        assert_eq!(count(&s.page("index.html"), "<picture"), 1, "{css}: {}", s.page("index.html"));
    }
}

#[test]
fn trap_25_whether_a_selector_notices_depends_on_the_parent_and_the_siblings() {
    let wrapped = |css: &str, body: &str| {
        let s = one(&format!("<!doctype html><style>{css}</style><body>{body}<p><a class=btn>elsewhere</a></p>"));
        s.build();
        count(&s.page("index.html"), "<picture") == 1
    };
    let img = "<img src=p.jpg>";
    let grid = &format!("<div class=row><div class=col>{img}</div></div>");
    let child = &format!("<div class=row>{img}</div>");
    let button = &format!("<div>{img}<a class=btn>x</a></div>");
    for (css, body) in [
        (".row > *{width:9em}", grid),
        (".row > img{margin:0}", grid),
        (".row > :first-child{margin:0}", grid),
        ("img + .btn{margin:0}", child),
        (":not(.x) ~ .btn{margin:0}", button),
        (".other :not(.x) img{margin:0}", grid),
        (":root img, [data-theme=dark] img, .row:not(.x) img{margin:0}", grid),
    ] {
        assert!(wrapped(css, body), "{css} {body}");
    }
    for (css, body) in [
        (".row > *{width:9em}", child),
        (".row > img{margin:0}", child),
        (".row > :first-child{margin:0}", child),
        (".row > * > *{margin:0}", grid),
        ("* > img{margin:0}", grid),
        ("img + .btn{margin:0}", button),
        (":not(.x) ~ .btn{margin:0}", &button.replace("src", "class=x src")),
        // So far the image matches none of these: nothing stands between it and what is named.
        (".col :not(.x) img{margin:0}", grid),
        (".col * img{margin:0}", grid),
        ("[style] img{margin:0}", grid),
        // Nor did anything have a `::before` or its own font size there.
        (".col :not(.x)::before{content:'x'}", grid),
        (".col *{font-size:.5em}", grid),
        (".col *{display:inline-block!important}", grid),
        // The `<div>` closes the paragraph, so the row is the parent.
        (".row > img{margin:0}", &format!("<div class=row><p><div>x</div>{img}</div>")),
        // Browsers open the link again inside of the `<div>`.
        (".x > img{margin:0}", &format!("<p><a class=x><div>{img}</div></a>")),
    ] {
        assert!(!wrapped(css, body), "{css} {body}");
    }
}

#[test]
fn trap_26_an_existing_picture_gets_sources_and_no_second_picture() {
    let s =
        one("<picture><source media=\"(min-width: 60em)\" srcset=\"wide.jpg\"><img src=\"p.jpg\" alt=\"a\"></picture>");
    s.photo("wide.jpg", 420, 200);
    s.build();
    let page = s.page("index.html");
    assert_eq!((count(&page, "<picture"), count(&page, "</picture>")), (1, 1), "{page}");
    let order: Vec<usize> = s.variants("wide.jpg").iter().map(|v| page.find(v.as_str()).unwrap()).collect();
    let author = page.find("srcset=\"wide.jpg\"").unwrap();
    let own = s.variants("p.jpg").iter().map(|v| page.find(v.as_str()).unwrap()).min().unwrap();
    assert!(!order.is_empty() && order.iter().all(|o| *o < author) && author < own, "{page}");
    assert_eq!(count(&page, "media=\"(min-width: 60em)\""), 1 + order.len(), "{page}");
}

#[test]
fn trap_27_no_size_is_added_where_css_sets_only_the_width() {
    let s = one("<style>img{width:200px}</style><img src=p.jpg>");
    s.build();
    let page = s.page("index.html");
    assert!(!page.contains("height=") && !page.contains("width="), "{page}");
    assert_eq!(count(&page, "<picture"), 1);
}

#[test]
fn trap_27_a_size_is_added_only_where_css_surely_takes_the_ratio_alone() {
    let sized = |head: &str, body: &str| {
        let s = Sandbox::new(&[
            ("index.html", &format!("<!doctype html><html><head>{head}</head><body>{body}</body></html>")),
            ("a.css", ".wall img{width:100%;height:auto}"),
        ]);
        s.photo("p.jpg", 900, 600);
        s.build();
        s.page("index.html").contains("width=\"900\" height=\"600\"")
    };
    let wall = "<div class=wall><p><img src=p.jpg></p></div>";
    let style = |css: &str| format!("<style>{css}</style>");
    let auto = "img{width:100%;height:auto}";
    assert!(sized("<link rel=stylesheet href=a.css>", wall));
    assert!(sized(&style(&format!(".wall {auto}")), wall));
    assert!(sized(&style(&format!("body div.wall > div>{auto}")), "<div class=wall><div><img src=p.jpg></div></div>"));
    assert!(sized(&style(&format!(".wall {auto}")), &format!("{wall}<script>gallery('.wall')</script>")));
    // What a script may add a class for is no matter where it would lose.
    let adds = format!("{wall}<script>x.className = 'tall'</script>");
    assert!(sized(&style(&format!(".wall {auto} .tall {{height:9em}}")), &adds));
    assert!(sized(&style(&format!(".wall {auto} .x .tall {{height:9em}}")), &adds));
    let auto_only = ".wall img{height:auto}";
    assert!(sized(&style(&format!("{auto_only} .tall {{height:9em}}")), &adds));
    assert!(!sized(&style(&format!("{auto_only} .x .tall {{height:9em}}")), &adds));
    assert!(!sized(&style(&format!("{auto_only} .tall {{height:9em!important}}")), &adds));
    // Another name, another order, another case; a sheet for print, a choice of the visitor, or none of the page's.
    for (head, body) in [
        (style(&format!(".well {auto}")), wall),
        (style(&format!(".wall {auto}")), "<div class=wall></div><img src=p.jpg>"),
        (style(&format!(".wall main {auto}")), "<main><div class=wall><img src=p.jpg></div></main>"),
        (style(&format!(".wall > {auto}")), "<div class=wall><div><img src=p.jpg></div></div>"),
        (style(&format!(".Wall {auto}")), wall),
        (style(&format!("#wall {auto}")), wall),
        (style(".wall img{height:auto} .wall p img{height:9em}"), wall),
        (format!("<style media=print>.wall {auto}</style>"), wall),
        ("<link rel=stylesheet media=print href=a.css>".into(), wall),
        ("<link rel='alternate stylesheet' title=x href=a.css>".into(), wall),
        ("<link rel=preload as=style href=a.css>".into(), wall),
        ("<noscript><link rel=stylesheet href=a.css></noscript>".into(), wall),
        (style("@import url(a.css) print;"), wall),
        // Unsaid ends: the `<div>` closes the paragraph, and what is in a table's way stands before it.
        (style(&format!(".wall {auto}")), "<p class=wall><div><img src=p.jpg></div>"),
        (style(&format!(".wall {auto}")), "<table class=wall><img src=p.jpg></table>"),
        // A script may take the class away.
        (style(&format!(".wall {auto}")), "<div class=wall><img src=p.jpg></div><script>wrap('wall')</script>"),
    ] {
        assert!(!sized(&head, body), "{head} {body}");
    }
}

#[test]
fn trap_28_an_invalid_width_is_left_to_the_browser() {
    let s = one("<img src=p.jpg width=\"50px\" height=\"30%\">");
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("width=\"50px\" height=\"30%\"") && count(&page, " height=") == 1, "{page}");
}

#[test]
fn trap_33_transparency_survives_in_every_version() {
    let s = Sandbox::new(&[("index.html", "<img src=t.png>")]);
    let mut picture = image::load_from_memory(&photo("t.png", 200, 160)).unwrap().to_rgba8();
    picture.enumerate_pixels_mut().filter(|(x, ..)| *x < 80).for_each(|(.., p)| p.0[3] = 0);
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    s.put("t.png", bytes.get_ref());
    s.build();
    let files: Vec<String> = s.variants("t.png").into_iter().chain([s.renamed("t.png")]).collect();
    assert!(files.len() > 1);
    for file in files.iter().filter(|f| !f.ends_with(".avif")) {
        let seen = image::load_from_memory(&s.bytes(file)).unwrap().to_rgba8();
        assert_eq!((seen.get_pixel(10, 10).0[3], seen.get_pixel(150, 10).0[3]), (0, 255), "{file}");
    }
}

#[test]
fn trap_38_a_picture_that_is_too_large_is_copied_with_a_warning() {
    let s = Sandbox::new(&[("index.html", "<img src=bomb.png><img src=bomb.jpg><img src=good.jpg>")]);
    s.fixture("bomb.png", "images/bomb.png");
    s.fixture("bomb.jpg", "images/bomb.jpg");
    s.photo("good.jpg", 300, 200);
    let output = s.run(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for name in ["bomb.png", "bomb.jpg"] {
        assert!(stderr(&output).contains(&format!("{name}: warning[")), "{}", stderr(&output));
        assert_eq!(s.bytes(&s.renamed(name)), std::fs::read(s.site.join(name)).unwrap());
    }
    assert!(!s.variants("good.jpg").is_empty());
}

#[test]
fn trap_39_versions_that_the_author_offers_are_enough() {
    let s = one("<picture><source type=image/webp srcset=p.webp><img src=p.jpg></picture>");
    s.fixture("p.webp", "images/still.webp");
    s.build();
    assert_eq!(count(&s.page("index.html"), "<source"), 1);
    assert!(s.variants("p.jpg").is_empty());
}

#[test]
fn trap_40_sprite_ids_survive() {
    let sprite = r##"<svg xmlns="http://www.w3.org/2000/svg" style="display:none">
        <symbol id="icon-a" viewBox="0 0 24 24"><path d="M0 0h24v24H0z"/></symbol>
        <symbol id="icon-b" viewBox="0 0 16 16"><g><g><path d="M0 0h16v16H0z"/></g></g></symbol></svg>"##;
    let s = Sandbox::new(&[("index.html", "<svg><use href=\"s.svg#icon-a\"/></svg>"), ("s.svg", sprite)]);
    s.fixture("fixture.svg", "svg/sprite.svg");
    s.fixture("ids.svg", "svg/ids.svg");
    s.build();
    for file in ["s.svg", "fixture.svg", "ids.svg"] {
        let before = std::fs::read_to_string(s.site.join(file)).unwrap();
        let after = s.text(file);
        for part in before.split(" id=\"").skip(1) {
            let id = part.split('"').next().unwrap();
            assert!(after.contains(&format!("id=\"{id}\"")), "{file}: {id} is gone from {after}");
        }
        assert_eq!(count(&before, "viewBox"), count(&after, "viewBox"), "{file}");
    }
}

#[test]
fn trap_60_the_img_itself_keeps_a_format_that_everything_reads() {
    let s =
        Sandbox::new(&[("index.html", "<img src=p.jpg><img src=q.png><img srcset=\"p.jpg 1x, r.jpg 2x\" src=p.jpg>")]);
    s.photo("p.jpg", 300, 200);
    s.photo("r.jpg", 600, 400);
    s.photo("q.png", 300, 200);
    s.build();
    let page = s.page("index.html");
    let tags: Vec<&str> = page.split("<img").skip(1).map(|t| t.split('>').next().unwrap()).collect();
    assert_eq!(tags.len(), 3);
    for tag in tags {
        assert!(!tag.contains(".avif") && !tag.contains(".webp"), "{tag}");
        assert!(tag.contains(".jpg") || tag.contains(".png"), "{tag}");
    }
    assert!(s.bytes(&s.renamed("p.jpg")).starts_with(b"\xff\xd8\xff"));
    assert!(s.bytes(&s.renamed("q.png")).starts_with(b"\x89PNG"));
}

#[test]
fn trap_65_nothing_is_written_that_does_not_pay() {
    let s = Sandbox::new(&[(
        "index.html",
        "<style>img{max-width:100%;height:auto}</style><img src=p.jpg width=900 height=600><img src=tiny.png>",
    )]);
    s.photo("p.jpg", 900, 600);
    s.fixture("tiny.png", "images/pixel.png");
    let report = s.report(&[]);
    let original = std::fs::metadata(s.site.join("p.jpg")).unwrap().len() as usize;
    let page = s.page("index.html");
    let variants = s.variants("p.jpg");
    assert!(variants.len() >= 2, "{variants:?}");
    for v in &variants {
        assert!(s.bytes(v).len() < original && page.contains(v.as_str()), "{v}");
    }
    // No second JPEG of any width, and no larger version of a small picture.
    let jpegs: Vec<String> = tree(&s.out).into_keys().filter(|f| f.ends_with(".jpg")).collect();
    assert_eq!(jpegs, ["p.jpg"]);
    assert!(s.variants("tiny.png").iter().all(|v| s.bytes(v).len() < s.bytes("tiny.png").len()));
    let images = &report["kinds"]["images"];
    assert!(images["after"].as_u64() <= images["before"].as_u64());
    let extra: usize = variants.iter().map(|v| s.bytes(v).len()).sum();
    assert!(images["extra"].as_u64().unwrap() as usize >= extra, "what is added is in the report: {images}");
}

#[test]
fn trap_70_drawings_look_the_same_afterwards() {
    let drawing = r##"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><!-- made by hand -->
      <defs><linearGradient id="g"><stop stop-color="#f00"/><stop offset="1" stop-color="#00f"/></linearGradient></defs>
      <rect x="4" y="4" width="32" height="32" fill="url(#g)" /><circle cx="20" cy="20" r="6" opacity=".5" /></svg>"##;
    let s = Sandbox::new(&[("index.html", "<img src=d.svg><img src=e.svg>"), ("d.svg", drawing), ("e.svg", DRAWING)]);
    s.build();
    let draw = |text: &str| {
        let tree = resvg::usvg::Tree::from_str(text, &resvg::usvg::Options::default()).unwrap();
        let mut map = resvg::tiny_skia::Pixmap::new(40, 40).unwrap();
        resvg::render(&tree, resvg::tiny_skia::Transform::identity(), &mut map.as_mut());
        map.data().to_vec()
    };
    assert!(s.text("d.svg").len() < drawing.len());
    assert_eq!(draw(&s.text("d.svg")), draw(drawing));
}

#[test]
fn trap_39_sizes_that_the_generator_made_are_not_encoded_again() {
    let page = "<img src=_astro/p.D4f9aK2x_Z1xK8l.jpg srcset=\"_astro/p.D4f9aK2x_Z1xK8l.jpg 600w, _astro/p.D4f9aK2x_aB3dE.jpg 300w\">\
        <img src=_astro/q.D4f9aK2x.jpg>";
    let s = Sandbox::new(&[("index.html", page)]);
    s.photo("_astro/p.D4f9aK2x_Z1xK8l.jpg", 600, 400);
    s.photo("_astro/p.D4f9aK2x_aB3dE.jpg", 300, 200);
    s.photo("_astro/q.D4f9aK2x.jpg", 600, 400);
    s.build();
    assert!(s.explain("_astro/p.D4f9aK2x_aB3dE.jpg").contains("the generator made it"));
    assert_eq!(
        s.bytes("_astro/p.D4f9aK2x_aB3dE.jpg"),
        std::fs::read(s.site.join("_astro/p.D4f9aK2x_aB3dE.jpg")).unwrap()
    );
    assert!(!s.explain("_astro/q.D4f9aK2x.jpg").contains("the generator made it"));
}

#[test]
fn a_jpeg_that_no_modern_browser_loads_gets_less_time_than_others() {
    let len = |page: &str| {
        let s = one(page);
        s.build();
        s.bytes("p.jpg").len()
    };
    let fallback = len("<img src=p.jpg>");
    assert!(fallback < photo("p.jpg", 300, 200).len());
    assert_eq!(len("<p>nobody shows it"), fallback);
    let sheet = |css: &str| {
        let s = one("<img src=p.jpg><link rel=stylesheet href=a.css><i></i><u></u>");
        s.put("a.css", css.as_bytes());
        s.build();
        s.bytes("p.jpg").len()
    };
    assert_eq!(sheet("i{background:url(p.jpg)}"), fallback);
    assert!(sheet("i{background:url(p.jpg)}u{background:image-set(url(p.jpg) 1x)}") < fallback);
    for page in [
        "<a href=p.jpg><img src=p.jpg></a>",
        "<img data-src=p.jpg>",
        "<video poster=p.jpg></video>",
        "<img src=p.jpg><style>i{background:url(p.jpg)}b{cursor:url(p.jpg),auto}</style>",
        "<img class=shot src=p.jpg><script>document.querySelector('.shot').src = location.hash</script>",
    ] {
        assert!(len(page) < fallback, "{page}");
    }
}

#[test]
fn an_original_that_the_generator_left_over_keeps_the_bytes_that_its_name_promises() {
    let s = Sandbox::new(&[("index.html", "<img src=_astro/a.DyDs22Ih.jpg>")]);
    s.photo("_astro/a.DyDs22Ih.jpg", 300, 200);
    s.photo("_astro/b.BxEs31Kq.jpg", 310, 200);
    s.build();
    assert_eq!(s.bytes("_astro/b.BxEs31Kq.jpg"), photo("b.jpg", 310, 200));
    assert!(s.explain("_astro/b.BxEs31Kq.jpg").contains("its name promises these bytes"));
    assert!(s.is_renamed("_astro/a.DyDs22Ih.jpg"), "what pages show is made smaller");
}

#[test]
fn by_eye_more_effort_reaches_the_same_score_with_fewer_bytes() {
    let s = Sandbox::new(&[("index.html", "<!doctype html><img src=a.jpg alt=a width=400 height=300>")]);
    s.fixture("a.jpg", "images/photo.jpg");
    std::fs::write(s.root().join("kiln.toml"), "[images]\nquality = 75\n").unwrap();
    let made = |effort: &str| {
        s.build_with(&["--effort", effort, "--force"]);
        let all = s.entry("a.jpg")["variants"].as_array().cloned().unwrap_or_default();
        let avif = all.into_iter().filter(|v| v["url"].as_str().is_some_and(|u| u.ends_with(".avif")));
        let widest = avif.max_by_key(|v| v["bytes"].as_u64()).unwrap();
        (widest["bytes"].as_u64().unwrap(), widest["score"].as_f64().unwrap())
    };
    let ((fast, fast_score), (balanced, score)) = (made("fast"), made("balanced"));
    assert!(fast_score >= 75.0 && score >= 75.0, "{fast_score} {score}");
    assert!(balanced * 100 < fast * 95, "{balanced} bytes at {score}, {fast} at {fast_score}");
}
