//! `<link rel=preload as=image>`: what is fetched early is what the page shows, and nothing is fetched twice.

use crate::support::Sandbox;

const STYLE: &str = "body{margin:0}main{max-width:600px;margin:auto}img{width:100%;height:auto}";
const LINK: &str = "<link rel=preload as=image href=p.jpg fetchpriority=high>";
const IMAGE: &str = "<img src=p.jpg alt=a width=900 height=600>";

fn site(head: &str, body: &str) -> Sandbox {
    let page = format!(
        "<!doctype html><html lang=en><head><title>t</title>{head}<style>{STYLE}</style></head><body>{body}</body></html>"
    );
    let s = Sandbox::new(&[("index.html", &page)]);
    s.photo("p.jpg", 900, 600);
    s.photo("small.jpg", 450, 300);
    s
}

/// The value of an attribute of the first tag that begins so.
fn attribute(page: &str, tag: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(tag)?;
    let tag = rest.split_once('>')?.0;
    Some(tag.split_once(&format!(" {name}=\""))?.1.split('"').next()?.to_owned())
}

#[test]
fn the_link_names_the_candidates_of_the_picture() {
    let s = site(&LINK.replace("href", "type=image/jpeg href"), &format!("<main>{IMAGE}</main>"));
    s.build();
    let page = s.page("index.html");
    assert_eq!(page.matches("rel=preload").count(), 1, "{page}");
    let link = |name| attribute(&page, "<link rel=preload", name);
    assert_eq!(link("imagesrcset"), attribute(&page, "<source type=\"image/avif\"", "srcset"), "{page}");
    assert!(link("imagesrcset").is_some(), "{page}");
    assert_eq!(link("imagesizes"), attribute(&page, "<source type=\"image/avif\"", "sizes"), "{page}");
    assert_eq!(link("type").as_deref(), Some("image/avif"), "browsers without AVIF fetch nothing in vain");
    let tag = page.split_once("<link rel=preload").unwrap().1.split_once('>').unwrap().0;
    assert!(!tag.contains("href") && !tag.contains("jpeg") && tag.contains("fetchpriority=high"), "{tag}");
}

#[test]
fn the_link_names_the_version_of_the_background() {
    for image in ["", IMAGE] {
        let s = site(&format!("{LINK}<link rel=stylesheet href=a.css>"), &format!("<main class=hero>{image}</main>"));
        s.put("a.css", b"@import 'b.css';p{color:red}");
        s.put("b.css", b".hero{background:url(p.jpg)}p{color:green}");
        s.build();
        let (page, sheet) = (s.page("index.html"), s.page(&s.renamed("b.css")));
        let name = attribute(&page, "<link rel=preload", "href").unwrap_or_default();
        assert!(name.ends_with(".avif") && sheet.contains(&name) && s.has(&name), "{page}\n{sheet}");
        assert_eq!(attribute(&page, "<link rel=preload", "type").as_deref(), Some("image/avif"));
    }
    let s = site(LINK, "<main style=\"background:url(p.jpg)\"></main>");
    s.build();
    let page = s.page("index.html");
    let name = attribute(&page, "<link rel=preload", "href").unwrap_or_default();
    assert!(name.ends_with(".avif") && page.matches(&name).count() == 2, "{page}");
}

#[test]
fn the_link_names_the_candidates_that_the_author_wrote() {
    let srcset = "small.jpg 450w, p.jpg 900w";
    for href in ["p.jpg", "small.jpg"] {
        let link = format!("<link rel=preload as=image href={href} imagesrcset=\"{srcset}\" imagesizes=\"50vw\">");
        let s = site(&link, &format!("<img src=p.jpg srcset=\"{srcset}\" sizes=\"50vw\" alt=a>"));
        s.build();
        let page = s.page("index.html");
        let of = |name| attribute(&page, "<link rel=preload", name);
        assert_eq!(of("imagesrcset"), attribute(&page, "<source type=\"image/avif\"", "srcset"), "{page}");
        assert_eq!((of("imagesizes").as_deref(), of("href")), (Some("50vw"), None), "{page}");
        assert!(of("imagesrcset").unwrap().contains(".avif 450w"), "{page}");
    }
}

#[test]
fn the_link_of_one_source_names_the_candidates_of_that_source() {
    let link = "<link rel=preload as=image href=p.jpg media=\"(min-width: 601px)\">";
    let picture = "<picture><source media=\"(min-width: 601px)\" srcset=\"p.jpg\"><img src=small.jpg alt=a></picture>";
    let s = site(link, picture);
    s.build();
    let page = s.page("index.html");
    assert_eq!(
        attribute(&page, "<link rel=preload", "imagesrcset"),
        attribute(&page, "<source type=\"image/avif\" media", "srcset")
    );
    assert!(attribute(&page, "<link rel=preload", "imagesrcset").unwrap().starts_with("p."), "{page}");
    assert_eq!(attribute(&page, "<link rel=preload", "media").as_deref(), Some("(min-width: 601px)"), "{page}");
}

/// HTML §4.8.4.3.5: a `src` is the candidate for screens of one pixel per CSS pixel where the `srcset` has none.
#[test]
fn the_src_beside_candidates_for_dense_screens_is_offered_too() {
    let srcset = "p.jpg 2x";
    let link = "<link rel=preload as=image imagesrcset=\"small.jpg, p.jpg 2x\">";
    let s = site(link, &format!("<img src=small.jpg srcset=\"{srcset}\" alt=a>"));
    s.build();
    let page = s.page("index.html");
    let avif = attribute(&page, "<source type=\"image/avif\"", "srcset").unwrap();
    let all: Vec<&str> = avif.split(", ").collect();
    assert!(
        all.len() == 2 && all[0].ends_with(" 2x") && all[1].starts_with("small.") && !all[1].contains(' '),
        "{page}"
    );
    assert_eq!(attribute(&page, "<link rel=preload", "imagesrcset").as_deref(), Some(&*avif), "{page}");
}

/// Two of its files are the hero's, one of them is also a thumbnail.
#[test]
fn the_link_of_several_files_is_not_about_a_thumbnail() {
    let srcset = "small.jpg 450w, p.jpg 900w";
    let s = site(
        &format!("<link rel=preload as=image imagesrcset=\"{srcset}\" imagesizes=100vw>"),
        &format!(
            "<img src=small.jpg width=100 height=67 alt=t><img srcset=\"{srcset}\" sizes=100vw alt=a fetchpriority=high>"
        ),
    );
    s.build();
    let page = s.page("index.html");
    let link = page.split("<link rel=preload").nth(1).unwrap().split('>').next().unwrap();
    assert!(link.contains("450w") && link.contains("900w") && link.contains("imagesizes=100vw"), "{page}");
}

/// What stands in an imported sheet decides; a build from the cache comes to the same as one from nothing.
#[test]
fn a_link_follows_a_sheet_that_has_changed() {
    let s = site(&format!("{LINK}<link rel=stylesheet href=a.css>"), &format!("<main class=hero>{IMAGE}</main>"));
    s.put("a.css", b"@import 'b.css';");
    s.put("b.css", b"main{color:red}");
    s.put("files.json", b"[\"a.css\", \"b.css\"]");
    s.build();
    assert!(attribute(&s.page("index.html"), "<link rel=preload", "imagesrcset").is_some());
    s.put("b.css", b"main{background:url(p.jpg)}");
    s.build();
    let again = s.page("index.html");
    s.build_with(&["--no-cache"]);
    assert_eq!(again, s.page("index.html"));
    assert!(again.contains(LINK), "a sheet that keeps its name does not grow by other versions: {again}");
}

/// Where it stays a JPEG of several widths.
#[test]
#[cfg(feature = "layout")]
fn the_link_names_the_candidates_in_the_files_own_format() {
    let s = site(&format!("{LINK}<style>main>img{{color:red}}</style>"), &format!("<main>{IMAGE}</main>"));
    s.build();
    let page = s.page("index.html");
    assert!(!page.contains("<picture"), "{page}");
    assert_eq!(attribute(&page, "<link rel=preload", "imagesrcset"), attribute(&page, "<img", "srcset"), "{page}");
    assert!(attribute(&page, "<img", "srcset").is_some(), "{page}");
}

#[test]
fn the_link_stays_where_something_may_load_the_file_itself() {
    let main = format!("<main>{IMAGE}</main>");
    for body in [
        "<p>nothing shows it</p>".to_owned(),
        format!("{main}<video poster=p.jpg></video>"),
        format!("{main}<input type=image src=p.jpg alt=go>"),
        format!("{main}<noscript><img src=p.jpg alt=a></noscript>"),
        format!("{main}<script>fetch('p.jpg')</script>"),
        format!("{main}<script src=a.js></script>"),
        format!("<main>{}</main>", IMAGE.replace("<img", "<img onclick=\"this.src=''\"")),
        format!("<main style=\"mask-image:url(p.jpg)\">{IMAGE}</main>"),
        "<style>.a{background:url(p.jpg)}.b{--x:url(p.jpg);background:var(--x)}</style>".to_owned(),
        "<link rel=stylesheet href=two.css>".to_owned(),
    ] {
        let s = site(LINK, &body);
        s.put("a.js", b"new Image().src = 'p.jpg'");
        s.put("two.css", b".a{background:url(p.jpg)}.b{--x:url(p.jpg);background:var(--x)}");
        s.build();
        let page = s.page("index.html");
        assert!(page.contains(LINK), "{body}: {page}");
    }
    for link in [
        LINK.replace("<link", "<link data-kiln=off"),
        LINK.replace("href=p.jpg", "href=p.jpg href=q.jpg"),
        format!("<noscript>{LINK}</noscript>"),
        format!("<template>{LINK}</template>"),
    ] {
        let s = site(&link, &main);
        s.build();
        assert!(s.page("index.html").contains(&link), "{}", s.page("index.html"));
    }
}
