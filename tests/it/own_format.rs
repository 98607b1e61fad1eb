//! Which formats an image gets at which widths: of its own format where it must stay in place, WebP at fewer than AVIF.
#![cfg(feature = "layout")]

use crate::support::Sandbox;

const STYLE: &str = "body{margin:0}main{max-width:600px;margin:auto}img{width:100%;height:auto}";
/// A style that would no longer reach an image in a `<picture>`.
const PLACE: &str = "<style>main>img{color:red}</style>";

/// A photograph of 900 by 600 pixels in `<main class=shots>`.
fn site(head: &str, image: &str, end: &str) -> Sandbox {
    let page = format!(
        "<!doctype html><html lang=en><head><title>t</title><style>{STYLE}</style>{head}</head>\
         <body><main class=shots>{image}</main>{end}</body></html>"
    );
    let s = Sandbox::new(&[("index.html", &page)]);
    s.photo("p.jpg", 900, 600);
    s.build();
    s
}

const IMAGE: &str = "<img src=p.jpg alt=a width=900 height=600>";

/// Names and widths of the candidates.
fn candidates(page: &str) -> Vec<(String, u32)> {
    let Some((_, rest)) = page.split_once("srcset=\"") else { return Vec::new() };
    let all = rest.split('"').next().unwrap().split(", ").map(|c| c.rsplit_once(' ').unwrap());
    all.map(|(url, width)| (url.to_owned(), width.trim_end_matches('w').parse().unwrap())).collect()
}

#[test]
fn smaller_jpegs_where_a_style_needs_the_image_in_its_place() {
    let s = site(PLACE, IMAGE, "");
    let page = s.page("index.html");
    assert!(!page.contains("<picture") && !page.contains("<source"), "{page}");
    assert!(page.contains("src=p.jpg") || page.contains("src=\"p.jpg\""), "{page}");
    assert!(page.contains("sizes=\"(min-width: 601px) 600px, 100vw\""), "{page}");
    let all = candidates(&page);
    assert!(all.len() >= 3, "{page}");
    assert_eq!(all.last().unwrap(), &("p.jpg".to_owned(), 900), "the widest is the file itself");
    for (url, width) in &all {
        let file = image::load_from_memory_with_format(&s.bytes(url), image::ImageFormat::Jpeg).unwrap();
        assert_eq!(file.width(), *width, "{url}");
        assert!((file.height() as i64 * 3 - i64::from(*width) * 2).abs() <= 2, "{url}");
    }
    let bytes: Vec<usize> = all.iter().map(|(url, _)| s.bytes(url).len()).collect();
    assert!(bytes.is_sorted_by(|a, b| a < b), "{bytes:?}");
    assert!(s.explain("index.html").contains("offered in its own format"));
}

#[test]
fn the_reasons_for_which_an_image_stays_in_place() {
    let csp = "<meta http-equiv=Content-Security-Policy content=\"style-src 'sha256-x='\">";
    for (head, end) in
        [(csp, ""), (PLACE, ""), ("", "<script>document.querySelector('main > img').className = 'seen'</script>")]
    {
        let page = site(head, IMAGE, end).page("index.html");
        assert!(!page.contains("<picture") && candidates(&page).len() >= 3, "{head}{end}: {page}");
        assert!(!page.contains("aspect-ratio"), "{page}");
    }
}

#[test]
fn trap_8_no_srcset_that_something_could_notice() {
    let attributes = format!("{PLACE}<style>img[srcset]{{outline:1px solid}}</style>");
    let next = format!("{PLACE}<script>self.__next_f=[]</script>");
    let knows = "<script>document.querySelector('.shots').onclick = e => open(e.target.src)</script>";
    for (head, image, end) in [
        (PLACE, IMAGE, "<script>document.querySelector('.shots').firstChild.src = location.hash</script>"),
        (PLACE, IMAGE, "<script>document.title = document.images[0].naturalWidth</script>"),
        (PLACE, IMAGE, "<script>canvas.getContext('2d').drawImage(document.images[0], 0, 0)</script>"),
        (PLACE, IMAGE, "<script>document.querySelectorAll('[srcset]').forEach(e => e.hidden = true)</script>"),
        (PLACE, IMAGE, "<body onload='document.title = document.images[0].naturalWidth'>"),
        (PLACE, IMAGE, knows),
        (&attributes, IMAGE, ""),
        (PLACE, "<img src=p.jpg sizes=50vw>", ""),
        (PLACE, "<img src=p.jpg data-kiln=off>", ""),
        (&next, IMAGE, ""),
    ] {
        let page = site(head, image, end).page("index.html");
        assert!(!page.contains("srcset=\"") && !page.contains("<picture"), "{page}");
    }
}

/// Else a browser would load it twice.
#[test]
fn all_images_of_one_file_come_in_one_format() {
    let page = site(PLACE, IMAGE, &format!("<div>{IMAGE}</div>")).page("index.html");
    assert!(!page.contains("<source") && !page.contains("srcset"), "{page}");
}

#[test]
fn files_that_the_author_keeps_are_kept() {
    let s = site(PLACE, IMAGE, "");
    let config = s.root().join("keep.toml");
    std::fs::write(&config, "[images]\njpeg = \"keep\"\n").unwrap();
    s.build_with(&["--config", config.to_str().unwrap()]);
    assert!(candidates(&s.page("index.html")).is_empty());
}

#[test]
fn trap_8_scripts_in_attributes_and_scripts_that_know_no_name() {
    for (image, end) in [
        ("<img class=ph src=p.jpg>", "<button onclick=\"document.querySelector('.ph').src='q.jpg'\">next</button>"),
        ("<img src=p.jpg>", "<script>document.body.onclick = e => { e.target.src = 'q.jpg' }</script>"),
        ("<img src=p.jpg>", "<a href=\" JavaScript:document.images[0].src='q.jpg'\">next</a>"),
        // An element with an id is a variable, too.
        ("<img id=big src=p.jpg>", "<img onclick=\"big.src='q.jpg'\" data-kiln=off>"),
        ("<img id=notthis src=p.jpg>", "<img onclick=\"notthis.src='q.jpg'\" data-kiln=off>"),
        ("<img src=p.jpg>", "<b onclick='not( a script'></b><b onclick=\"document.images[0].src='q.jpg'\"></b>"),
    ] {
        let page = site("", image, end).page("index.html");
        assert!(!page.contains("srcset") && !page.contains("<picture"), "{page}");
    }
    // Of itself alone.
    for own in [
        "onerror=\"this.src='q.jpg'\"",
        "onmouseover=\"this.src='q.jpg'\"",
        "onload=\"event.target.src=this.getAttribute('data-src')\"",
    ] {
        let s = site("", &format!("<img src=p.jpg {own}><img src=r.jpg>"), "");
        s.photo("r.jpg", 900, 600);
        s.build();
        let page = s.page("index.html");
        assert_eq!(page.matches("<picture").count(), 1, "{page}");
        assert!(page.contains("<img src=p.jpg on") && !page.contains("p-"), "{page}");
    }
}

/// Its natural size would be another one.
#[test]
fn no_other_widths_where_a_script_or_a_style_shows_the_files_own() {
    for (head, image, end) in [
        (
            "<style>.wide .ph{width:auto}</style>",
            "<img class=ph src=p.jpg width=900 height=600>",
            "<script>document.documentElement.classList.toggle('wide')</script>",
        ),
        ("<style>main img{height:200px;object-fit:none}</style>", IMAGE, ""),
        ("<style>main img{height:200px}@media(max-width:500px){main img{object-fit:none}}</style>", IMAGE, ""),
    ] {
        let page = site(head, image, end).page("index.html");
        assert!(!page.contains("sizes="), "{page}");
    }
}

#[test]
fn no_attribute_is_there_twice() {
    let two = format!("{IMAGE}<p><img src=p.jpg sizes='(min-width:1px) 50px'></p>");
    let page = site("<style>main>img{color:red}</style>", &two, "").page("index.html");
    assert!(page.split("<img").skip(1).all(|t| t.split('>').next().unwrap().matches("sizes=").count() < 2), "{page}");
    let page = site("<style>main>img{color:red}</style>", "<img src=p.jpg srcset=''>", "").page("index.html");
    assert_eq!(page.matches("srcset").count(), 1, "{page}");
}

/// The widths that a page offers in a format.
fn widths(page: &str, format: &str) -> Vec<u32> {
    let source = page.split(&format!("<source type=\"image/{format}\" ")).nth(1).unwrap_or_default();
    candidates(source).into_iter().map(|(_, width)| width).collect()
}

#[test]
fn webp_comes_at_fewer_widths_than_avif_and_is_wide_enough_on_every_page() {
    let page = |width: u32| {
        format!(
            "<!doctype html><title>t</title><style>img{{width:{width}px;height:auto}}</style><img src=p.jpg width=2400 height=1600>"
        )
    };
    let s = Sandbox::new(&[("index.html", &page(600)), ("small.html", &page(290)), ("other.html", &page(410))]);
    s.photo("p.jpg", 2400, 1600);
    s.build();
    for name in ["index.html", "small.html", "other.html"] {
        let page = s.page(name);
        let (avif, webp) = (widths(&page, "avif"), widths(&page, "webp"));
        assert!(!webp.is_empty() && webp.last() >= avif.last(), "{name}: {avif:?} {webp:?}");
        assert!(webp.iter().all(|w| avif.contains(w) || w > avif.last().unwrap()), "{name}: {avif:?} {webp:?}");
    }
    let webp = widths(&s.page("index.html"), "webp");
    assert!(webp[1..].is_sorted_by(|a, b| a * 3 <= b * 2), "{webp:?}");
    let (all, some) =
        (s.variants("p.jpg"), |format: &str| s.variants("p.jpg").iter().filter(|v| v.ends_with(format)).count());
    assert!(some(".webp") < some(".avif"), "{all:?}");
    let config = s.root().join("webp.toml");
    std::fs::write(&config, "[images]\nformats = [\"webp\"]\n").unwrap();
    let avif = widths(&s.page("index.html"), "avif");
    s.build_with(&["--config", config.to_str().unwrap()]);
    assert_eq!(widths(&s.page("index.html"), "webp"), avif, "alone, it has them all");
}
