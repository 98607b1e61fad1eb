//! CSS backgrounds that are what a visitor sees first: the head names them, as the styles will ask for them.

use crate::support::{Sandbox, stdout};

const HERO: &str = ".hero{height:80vh;background:url(../img/hero.jpg) center/cover}";
const BODY: &str = "<div class=hero><h1>Hello</h1></div><p>More</p>";

/// A page in a folder, with a sheet and a picture in others.
fn site(css: &str, head: &str, body: &str) -> Sandbox {
    let head = format!("<meta charset=utf-8><title>t</title>{head}<link rel=stylesheet href=../css/a.css>");
    let page = format!("<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>");
    let s = Sandbox::new(&[("blog/index.html", &page), ("css/a.css", &format!("body{{margin:0}}{css}"))]);
    s.photo("img/hero.jpg", 900, 600);
    s.photo("img/other.jpg", 900, 600);
    s
}

/// What the page preloads, from the site's root.
fn preloaded(s: &Sandbox) -> Option<String> {
    let page = s.page("blog/index.html");
    let head = page.split("</head>").next()?;
    let tag = head.split_once("<link rel=\"preload\"")?.1.split_once('>')?.0;
    assert!(tag.contains("as=\"image\"") && tag.contains("fetchpriority=\"high\""), "{tag}");
    let href = tag.split_once("href=\"")?.1.split('"').next()?;
    Some(href.trim_start_matches("../").to_owned())
}

#[test]
fn a_page_names_the_background_of_its_first_screen_in_its_head() {
    let s = site(HERO, "", BODY);
    let told = stdout(&s.run(&["--verbose"]));
    let file = preloaded(&s).unwrap_or_else(|| panic!("{}", s.page("blog/index.html")));
    let page = s.page("blog/index.html");
    assert!(file.ends_with(".avif") && s.has(&file), "{file}");
    assert!(s.text("css/a.css").contains(&format!("../{file}")), "{file} {}", s.text("css/a.css"));
    assert!(
        page.contains("type=\"image/avif\"") && page.find("rel=\"preload\"") < page.find("rel=stylesheet"),
        "{page}"
    );
    assert!(told.contains("img/hero.jpg: preloaded: the background"), "{told}");
    assert_eq!(s.dangling("/"), [""; 0]);
    // From the cache, the same.
    let before = page;
    s.build();
    assert_eq!(s.page("blog/index.html"), before);
}

#[test]
fn styles_of_the_page_itself_count_as_well() {
    for (head, body) in [
        ("", "<div style=\"height:80vh;background-image:url(../img/hero.jpg)\"></div>"),
        ("<style>.own{height:80vh;background:url('../img/hero.jpg')}</style>", "<div class=own></div>"),
    ] {
        let s = site("", head, body);
        s.build();
        let file = preloaded(&s).unwrap_or_else(|| panic!("{}", s.page("blog/index.html")));
        assert!(s.has(&file) && s.page("blog/index.html").matches(&file).count() == 2, "{}", s.page("blog/index.html"));
    }
}

#[test]
fn without_other_versions_it_is_the_file_itself() {
    let s = site(HERO, "", BODY);
    std::fs::write(s.root().join("kiln.toml"), "[images]\nformats = []\njpeg = \"keep\"\n").unwrap();
    s.build();
    assert_eq!(preloaded(&s), Some(s.renamed("img/hero.jpg")), "{}", s.page("blog/index.html"));
    assert!(!s.page("blog/index.html").contains("image/avif"));
}

#[test]
fn nothing_is_fetched_in_vain() {
    let narrow = "@media (max-width:600px){.hero{height:80vh;background:url(../img/hero.jpg)}}";
    let other = format!("{HERO}@media (min-width:1000px){{.hero{{background-image:url(../img/other.jpg)}}}}");
    let two = ".hero{height:80vh;background:url(../img/hero.jpg),url(../img/other.jpg)}";
    let more = |css: &str| format!("{HERO}{css}");
    let none = more("@media (max-width:600px){.hero{background:none}}");
    let colour = more(".hero{background:#123}");
    let set = more(".hero{background-image:image-set(\"../img/other.jpg\" 1x)}");
    let dense = more("@media (min-resolution:2dppx){.hero{background-image:url(../img/other.jpg)}}");
    let wide = more("@media (min-width:1600px){.hero{background-image:url(../img/other.jpg)}}");
    let between =
        more("@media (min-width:900px) and (max-width:1000px){.hero{background-image:url(../img/other.jpg)}}");
    let animated = more("@keyframes k{to{background-image:url(../img/other.jpg)}}.hero{animation:k 1s}");
    let queries = ".small{background:url(../img/hero.jpg?v=1)}.hero{height:80vh;background:url(../img/hero.jpg?v=2)}";
    let choice = more(".js .hero{background-image:url(../img/other.jpg)}");
    let hidden = format!("{HERO}.hero{{visibility:hidden}}");
    let below = format!("{HERO}.above{{height:300vh}}");
    let both = format!("{HERO}img{{display:block;width:100%;height:95vh}}");
    let by_author = "<link rel=preload as=image href=../img/hero.jpg>";
    let next =
        "<script src=/_next/static/chunks/main.js></script><script id=__NEXT_DATA__ type=application/json>{}</script>";
    for (why, css, head, body) in [
        ("only phones show it", narrow, "", BODY.to_owned()),
        ("wide screens show another", other.as_str(), "", BODY.to_owned()),
        ("phones show none", none.as_str(), "", BODY.to_owned()),
        ("a colour comes later", colour.as_str(), "", BODY.to_owned()),
        ("an image-set comes later", set.as_str(), "", BODY.to_owned()),
        ("dense screens show another", dense.as_str(), "", BODY.to_owned()),
        ("very wide screens show another", wide.as_str(), "", BODY.to_owned()),
        ("some show another in between", between.as_str(), "", BODY.to_owned()),
        ("it is animated", animated.as_str(), "", BODY.to_owned()),
        ("it has two addresses", queries, "", BODY.to_owned()),
        ("a script may choose", choice.as_str(), "", format!("<script>document.body.className='js'</script>{BODY}")),
        ("there are two", two, "", BODY.to_owned()),
        ("nobody sees it", hidden.as_str(), "", BODY.to_owned()),
        ("it stands below", below.as_str(), "", format!("<div class=above></div>{BODY}")),
        (
            "an image is larger",
            both.as_str(),
            "",
            format!("<img src=../img/other.jpg alt=o width=900 height=600>{BODY}"),
        ),
        ("the page belongs to a framework", HERO, "", format!("<div id=__next>{BODY}</div>{next}")),
        ("the author has done it", HERO, by_author, BODY.to_owned()),
        ("no element has the class", HERO, "", "<p>x</p>".to_owned()),
    ] {
        let s = site(css, head, &body);
        s.build();
        assert_eq!(preloaded(&s), None, "{why}: {}", s.page("blog/index.html"));
    }
    let s = site(HERO, "", BODY);
    s.photo("img/hero.jpg", 60, 40);
    s.build();
    assert_eq!(preloaded(&s), None, "it is small: {}", s.page("blog/index.html"));
}

#[test]
fn the_link_follows_the_picture_and_the_styles() {
    let s = site(HERO, "", BODY);
    s.build();
    let first = preloaded(&s);
    s.photo("img/hero.jpg", 960, 640);
    s.build();
    let second = preloaded(&s);
    assert!(second.is_some() && first != second && s.has(second.as_deref().unwrap()), "{first:?} {second:?}");
    s.put("css/a.css", HERO.replace("hero.jpg", "other.jpg").as_bytes());
    s.build();
    let third = preloaded(&s).unwrap_or_default();
    assert!(third.starts_with("img/other.") && s.has(&third), "{third}");
    s.put("css/a.css", b".hero{color:red}");
    s.build();
    assert_eq!(preloaded(&s), None);
}

#[test]
fn a_background_that_a_script_reads_keeps_its_url() {
    let reading = "<script>open(getComputedStyle(tile).backgroundImage.slice(5, -2))</script>";
    let shown = "<img src=../img/hero.jpg width=90 height=60>";
    for more in [reading, "<script src=https://cdn.example/parallax.js></script>"] {
        let s = site(HERO, "", &format!("{BODY}<i style='background:url(../img/hero.jpg)'></i>{shown}{more}"));
        s.build();
        let (page, name) = (s.page("blog/index.html"), s.renamed("img/hero.jpg"));
        assert!(!page.contains("image-set") && page.contains(&format!("background:url(../{name})")), "{page}");
        assert!(s.text("css/a.css").contains(&format!("url(../{name})")), "{}", s.text("css/a.css"));
        assert!(!s.text("css/a.css").contains("image-set"), "{}", s.text("css/a.css"));
        // What the page preloads is what its styles ask for.
        assert_eq!(preloaded(&s), Some(name), "{page}");
        assert!(s.explain("css/a.css").contains("backgrounds keep their formats: "), "{}", s.explain("css/a.css"));
    }
    let s = site(HERO, "", &format!("{BODY}{shown}<script>tile.style.backgroundImage = 'none'</script>"));
    s.build();
    assert!(s.text("css/a.css").contains("image-set"), "{}", s.text("css/a.css"));
}
