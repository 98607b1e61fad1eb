//! What follows from laying a page out: `sizes`, widths and priorities of images.
#![cfg(feature = "layout")]

use crate::support::{Sandbox, stderr, stdout, tree};

const STYLE: &str = "body{margin:0;font:16px/1.5 Arial}main{max-width:600px;margin:auto;padding:0 20px}\
                     main img{width:100%;height:auto}.tall{height:1600px}";

/// A page with `body` and `STYLE`, and a photograph of 900 by 600 pixels under each of the names.
fn site(body: &str, names: &[&str]) -> Sandbox {
    let page = format!(
        "<!doctype html><html lang=en><head><title>t</title><link rel=stylesheet href=a.css></head><body>{body}</body></html>"
    );
    let s = Sandbox::new(&[("index.html", &page), ("a.css", STYLE)]);
    names.iter().for_each(|name| s.photo(name, 900, 600));
    s
}

/// The start tags of images.
fn images(page: &str) -> Vec<String> {
    page.split("<img").skip(1).map(|t| format!("<img{}", t.split('>').next().unwrap())).collect()
}

#[test]
fn sizes_say_how_wide_the_image_is_in_every_viewport() {
    let s = site("<main><img src=p.jpg width=900 height=600></main>", &["p.jpg"]);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("sizes=\"(min-width: 641px) 600px, calc(100vw - 40px)\""), "{page}");
    let widths: Vec<u32> = page
        .split("<source type=\"image/avif\"")
        .nth(1)
        .unwrap()
        .split('"')
        .nth(1)
        .unwrap()
        .split(", ")
        .map(|c| c.rsplit_once(' ').unwrap().1.trim_end_matches('w').parse().unwrap())
        .collect();
    assert!((3..=5).contains(&widths.len()), "few: {widths:?}");
    assert_eq!(widths.last(), Some(&900), "never scaled up, and enough for the densest screen");
    assert!(widths.windows(2).all(|w| w[1] * 100 > w[0] * 115), "well spaced: {widths:?}");
    assert!(!page.contains("100vw,"), "{page}");
}

#[test]
fn an_image_of_one_size_gets_a_file_for_each_ratio_and_none_beyond() {
    let s = site("<img src=p.jpg width=240 height=160>", &["p.jpg"]);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("sizes=\"240px\""), "{page}");
    for (descriptor, there) in [(" 240w", true), (" 480w", true), (" 720w", true), (" 900w", false)] {
        assert_eq!(page.contains(descriptor), there, "{descriptor}: {page}");
    }
}

/// Of a file that is small already, no other width is worth its request.
#[test]
fn small_files_come_in_their_own_width_alone() {
    let s = site("<style>img{width:200px;height:auto}</style><img src=flat.png><img src=p.jpg>", &["p.jpg"]);
    let flat = image::RgbImage::from_fn(600, 300, |x, _| image::Rgb([if x < 300 { 0 } else { 255 }; 3]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    flat.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    s.put("flat.png", &bytes.into_inner());
    s.put(
        "light.html",
        b"<!doctype html><title>t</title><div style='height:9000px'></div><img src=flat.png width=100 height=50>",
    );
    s.put("heavy.html", b"<!doctype html><title>t</title><div style='height:9000px'></div><img src=flat.png width=100 height=50><img src=p.jpg width=90 height=60>");
    s.put(
        "remote.html",
        b"<!doctype html><title>t</title><div style='height:9000px'></div><img src=flat.png width=100 height=50>\
          <img src=https://cdn.example/p.jpg width=900 height=600>",
    );
    s.build();
    let page = s.page("index.html");
    let said = stdout(&s.run(&["--verbose", "--no-cache"]));
    assert!(said.contains("flat.png: offered in modern formats; too small to need other widths"), "{said}");
    let waiting = |page: &str| s.page(page).matches("loading=\"lazy\"").count();
    let all = (waiting("light.html"), waiting("heavy.html"), waiting("remote.html"));
    assert_eq!(all, (0, 2, 2), "a page's few kilobytes need no order");
    let narrower = |name: &str, start: &str| s.variants(name).iter().filter(|v| v.starts_with(start)).count();
    assert_eq!(narrower("flat.png", "flat-"), 0, "{:?}", s.variants("flat.png"));
    assert!(!s.variants("flat.png").is_empty(), "{page}");
    assert!(narrower("p.jpg", "p-") > 1, "{:?}", s.variants("p.jpg"));
}

#[test]
fn the_largest_image_is_named_in_the_head_if_it_comes_late() {
    let head = "<!doctype html><html><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>t</title>\
                <style>img{width:50vw;height:auto}</style></head><body>";
    let image = "<img src=p.jpg width=900 height=600>";
    let s = site(&format!("{head}{image}"), &["p.jpg"]);
    s.put("late.html", format!("{head}<div hidden>{}</div>{image}", "Nobody reads this. ".repeat(1000)).as_bytes());
    let late = std::fs::read_to_string(s.site.join("late.html")).unwrap().replace("<img", "<img crossorigin");
    s.put("cors.html", late.as_bytes());
    s.build();
    assert!(!s.page("cors.html").contains("preload"), "what is asked for otherwise would be loaded twice");
    let page = s.page("late.html");
    let between = |text: &str, start: &str| text.split_once(start).unwrap().1.split('"').next().unwrap().to_owned();
    let (preload, source) = (between(&page, "imagesrcset=\""), between(&page, "<source type=\"image/avif\" srcset=\""));
    assert!(preload == source && preload.contains("w, "), "{page}");
    assert_eq!(between(&page, "imagesizes=\""), between(&page, " sizes=\""), "{page}");
    let place = "<title>t</title><link rel=\"preload\" as=\"image\" type=\"image/avif\" imagesrcset=";
    assert!(page.contains(place) && page.contains("fetchpriority=\"high\"><style>"), "{page}");
    assert!(!s.page("index.html").contains("preload"), "one that comes at once needs no second mention");
}

#[test]
fn trap_27_no_widths_where_the_box_follows_the_file() {
    // Without a width from CSS or attributes a candidate's width would be the image's.
    let s = site("<p><img src=p.jpg style=\"max-width:100%\"></p>", &["p.jpg"]);
    s.build();
    assert!(
        !s.page("index.html").contains("w,") && !s.page("index.html").contains("sizes="),
        "{}",
        s.page("index.html")
    );
    assert!(s.explain("index.html").contains("its box follows the file's own size"), "{}", s.explain("index.html"));
}

#[test]
fn columns_and_grids_are_followed_without_media_queries() {
    let grid = "<style>.g{columns:2 300px;column-gap:20px}.g img{width:100%;height:auto}</style>\
                <div class=g><img src=p.jpg width=900 height=600><img src=q.jpg width=900 height=600></div>";
    let s = site(grid, &["p.jpg", "q.jpg"]);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("calc(50vw - 10px), 100vw\""), "{page}");
    // Where they stand in columns is not known.
    assert!(!page.contains("fetchpriority") && !page.contains("loading="), "{page}");
}

#[test]
fn trap_29_only_the_largest_image_of_the_first_screen_is_fetched_first() {
    let body = "<p><img id=logo src=l.jpg width=60 height=40></p><main><img src=p.jpg width=900 height=600>\
                <div class=tall></div><img src=q.jpg width=900 height=600></main>";
    let s = site(body, &["l.jpg", "p.jpg", "q.jpg"]);
    s.build();
    let images = images(&s.page("index.html"));
    assert!(!images[0].contains("fetchpriority") && !images[0].contains("loading"), "{images:?}");
    assert!(images[1].contains("fetchpriority=\"high\"") && !images[1].contains("loading"), "{images:?}");
    assert!(images[2].contains("loading=\"lazy\" decoding=\"async\"") && !images[2].contains("priority"), "{images:?}");
    let told = s.explain("index.html");
    assert!(told.contains("fetched first: the largest image of the first screen at 390×844"), "{told}");
    assert!(told.contains("lazy: on the first screen of no viewport"), "{told}");
}

#[test]
fn trap_29_what_the_author_wrote_wins() {
    let body = "<main><img src=p.jpg width=900 height=600 loading=lazy><div class=tall></div>\
                <img src=q.jpg width=900 height=600 loading=eager><img src=r.jpg width=900 height=600 fetchpriority=low></main>";
    let s = site(body, &["p.jpg", "q.jpg", "r.jpg"]);
    s.build();
    let images = images(&s.page("index.html"));
    assert!(!images[0].contains("fetchpriority"), "{images:?}");
    assert!(!images[1].contains("lazy") && !images[2].contains("lazy"), "{images:?}");
    assert!(s.explain("index.html").contains("but the author wants it lazy"), "{}", s.explain("index.html"));
}

#[test]
fn images_that_scripts_know_or_without_a_size_do_not_wait() {
    let body = "<main><div class=tall></div><img class=shot src=p.jpg width=900 height=600><p><img src=q.jpg \
                style=\"width:50%\"></p></main><script>for (const i of document.querySelectorAll('.shot')) i.decode()</script>";
    let s = site(body, &["p.jpg", "q.jpg"]);
    s.build();
    assert!(!s.page("index.html").contains("lazy"), "{}", s.page("index.html"));
}

#[test]
fn trap_24_nothing_is_written_where_a_framework_compares() {
    let body = "<main><div class=tall></div><astro-island><img src=p.jpg width=900 height=600></astro-island></main>";
    let s = site(body, &["p.jpg"]);
    s.build();
    let page = s.page("index.html");
    assert!(!page.contains("lazy") && !page.contains("<source"), "{page}");
}

#[test]
fn a_script_that_changes_the_width_keeps_its_files() {
    let body = "<main><img class=shot src=p.jpg width=240 height=160></main><style>main .shot{width:240px}\
                main img.large{width:100vw}</style><script>document.querySelector('.shot').onclick = e => \
                e.target.classList.toggle('large')</script>";
    let s = site(body, &["p.jpg"]);
    s.build();
    assert!(!s.page("index.html").contains("sizes=\"240px\""), "{}", s.page("index.html"));
}

#[test]
fn pages_that_cannot_be_laid_out_say_why_and_keep_their_images() {
    let img = "<img src=p.jpg width=240 height=160>";
    for (head, why) in [
        ("<style>@container (width > 300px){img{width:50%}}</style>", "container queries"),
        ("<style>img{width:calc(50cqi - 1px)}</style>", "units of containers"),
        ("<style>main{writing-mode:vertical-rl}</style>", "vertical text"),
        ("<link rel=stylesheet href=https://styles.example/a.css>", "a style sheet of another origin"),
        ("<style>img[src$=\".jpg\"]{width:50%}</style>", "a style that asks for images by their address"),
    ] {
        let page = format!("<!doctype html><html><head>{head}</head><body>{img}</body></html>");
        let s = Sandbox::new(&[("index.html", &page)]);
        s.photo("p.jpg", 900, 600);
        let told = s.report(&[]).to_string();
        assert!(told.contains(why), "{why}: {told}");
        assert!(!s.page("index.html").contains("sizes=\"240px\""), "{}", s.page("index.html"));
    }
    let s = Sandbox::new(&[("index.html", img)]);
    s.photo("p.jpg", 900, 600);
    assert!(s.report(&[]).to_string().contains("quirks mode"), "no doctype");
}

#[test]
fn it_can_be_switched_off() {
    let body = "<main><img src=p.jpg width=900 height=600></main>";
    let s = site(body, &["p.jpg"]);
    s.build_with(&["--skip", "layout"]);
    assert!(!s.page("index.html").contains("fetchpriority"), "{}", s.page("index.html"));
}

#[test]
fn the_same_from_one_thread_and_two_cold_and_warm() {
    let body =
        "<main><img src=p.jpg width=900 height=600><div class=tall></div><img src=q.jpg width=900 height=600></main>";
    let s = site(body, &["p.jpg", "q.jpg"]);
    s.build_with(&["--jobs", "1", "--no-cache"]);
    let first = tree(&s.root().join("out"));
    for args in [&["--jobs", "2", "--no-cache"][..], &["--jobs", "2"], &["--jobs", "1"]] {
        s.build_with(args);
        assert!(tree(&s.root().join("out")) == first, "{args:?}");
    }
}

#[test]
fn trap_27_files_keep_the_ratio_of_the_original_as_nearly_as_pixels_allow() {
    // 2048 / 1365 has no smaller terms: there every width is off, but two thirds by a pixel in 4000.
    for (width, height, off) in [(1365, 2048, 0.000_25), (1360, 2048, 0.000_02), (2048, 1365, 0.000_25)] {
        let s = site("<main><img src=p.jpg width=900 height=600 style=\"height:auto\"></main>", &[]);
        s.photo("p.jpg", width, height);
        s.build();
        let page = s.page("index.html");
        assert!(page.contains("sizes=") && !page.contains("aspect-ratio"), "{page}");
        let entry = s.entry("p.jpg");
        let versions = entry["variants"].as_array().unwrap();
        assert!(versions.len() > 4, "{versions:?}");
        for version in versions {
            let (w, h) = (version["w"].as_f64().unwrap(), version["h"].as_f64().unwrap());
            let unlike = (h / w * f64::from(width) / f64::from(height) - 1.0).abs();
            assert!(unlike <= off, "{version}: {unlike}");
        }
    }
}

#[test]
fn trap_27_boxes_keep_the_ratio_of_the_original_where_it_adds_up() {
    // 2048 / 1365 has no smaller terms: any other width has another ratio by a fraction of a pixel.
    let ratio = "aspect-ratio:1365/2048";
    for (img, expected) in [
        ("<img src=p.jpg width=1365 height=2048>", format!(" style=\"{ratio}\"")),
        ("<img src=p.jpg style=\"width:50%; height:auto;\">", format!("style=\"width:50%; height:auto;{ratio}\"")),
        ("<img src=p.jpg style='width:50%;height:auto'>", format!("style=\"width:50%;height:auto;{ratio}\"")),
    ] {
        let s = site(&format!("<main>{}</main>", img.repeat(8)), &[]);
        s.photo("p.jpg", 1365, 2048);
        s.build();
        let page = s.page("index.html");
        assert_eq!(page.matches(&expected).count(), 8, "{img}: {page}");
        assert!(s.explain("index.html").contains("the ratio 1365/2048 held by a style"), "{}", s.explain("index.html"));
    }
    for (img, width, height) in [
        ("<img src=p.jpg width=1365 height=2048>", 1365, 2048),
        (&*"<img src=p.jpg width=1360 height=2048>".repeat(8), 1360, 2048),
    ] {
        let s = site(&format!("<main>{img}</main>"), &[]);
        s.photo("p.jpg", width, height);
        s.build();
        let page = s.page("index.html");
        assert!(
            page.contains("sizes=") && !page.contains("aspect-ratio"),
            "one moves nothing, even ones neither: {page}"
        );
    }
}

#[test]
fn trap_27_no_style_holds_the_ratio_where_it_could_be_noticed() {
    let img = "<img src=p.jpg width=1365 height=2048>";
    for (style, img) in [
        ("", "<img src=p.jpg style=\"width:300px;height:200px\">"),
        ("img{object-fit:cover}", img),
        ("img{padding:4px;box-sizing:border-box}", img),
        ("img[style]{outline:1px solid}", img),
        (".x img:hover{aspect-ratio:1}", img),
        ("", "<img src=p.jpg width=1365 height=2048 style=\"aspect-ratio:auto 3/2\">"),
        ("", "<img src=p.jpg width=1365 height=2048 style=\"background:url(p.jpg)\">"),
    ] {
        let s = site(&format!("<style>{style}</style><main>{}</main>", img.repeat(8)), &[]);
        s.photo("p.jpg", 1365, 2048);
        s.build();
        let page = s.page("index.html");
        assert!(!page.contains("aspect-ratio:1365"), "{style} {img}: {page}");
    }
}

#[test]
fn nothing_is_added_that_a_style_asks_for() {
    let body = |style: &str| {
        format!(
            "<style>{style}</style><main><img src=p.jpg><div class=tall></div>\
             <img src=q.jpg width=900 height=600></main>"
        )
    };
    let built = |style: &str| {
        let s = site(&body(style), &["p.jpg", "q.jpg"]);
        s.build();
        images(&s.page("index.html"))
    };
    let plain = built("img.loading{color:red}@media (width>1px){.width{color:red}}");
    assert!(plain[0].contains("width=\"900\"") && plain[1].contains("loading=\"lazy\""), "{plain:?}");
    let lazy = built("img[loading=lazy]{opacity:0}");
    assert!(!lazy[1].contains("loading"), "{lazy:?}");
    let sized = built("img:not([WIDTH]){outline:1px solid}");
    assert!(!sized[0].contains("width="), "{sized:?}");
}

#[test]
fn a_file_that_another_image_of_the_page_keeps_is_not_loaded_twice() {
    let img = "<img src=p.jpg width=240 height=160>";
    let second = "<img class=shot src=p.jpg width=240 height=160>";
    let script = "<script>document.querySelector('.shot').title = location.hash</script>";
    for (body, offered) in [(format!("{img}{img}"), true), (format!("{img}{second}{script}"), false)] {
        let s = site(&body, &["p.jpg"]);
        s.build();
        let page = s.page("index.html");
        assert_eq!(page.contains("<source"), offered, "{page}");
        assert_eq!(s.explain("index.html").contains("another image of the page loads the same file"), !offered);
    }
}

#[test]
fn many_pages_need_no_deeper_stack_than_few() {
    // Threads that wait for a layout take up the next page meanwhile: each must not stand on top of the last.
    let s = site("", &["p.jpg"]);
    for n in 0..1500 {
        let page = format!(
            "<!doctype html><html lang=en><head><title>{n}</title><link rel=stylesheet href=a.css></head>\
             <body><main><p>{n}</p><img src=p.jpg width=900 height=600></main></body></html>"
        );
        s.put(&format!("{n}.html"), page.as_bytes());
    }
    let args = ["build", "site", "--out", "out", "--jobs", "2", "--no-cache"];
    let built = s.kiln().args(args).output().unwrap();
    assert_eq!(built.status.code(), Some(0), "{}", stderr(&built));
    assert!(s.page("1499.html").contains("calc(100vw - 40px)"), "{}", s.page("1499.html"));
}

#[test]
fn what_is_remembered_of_a_page_holds_only_while_its_styles_stay() {
    let body = "<link rel=stylesheet href=later.css><main><img src=p.jpg width=900 height=600></main>";
    let s = site(body, &["p.jpg"]);
    s.build();
    assert!(s.page("index.html").contains("(min-width: 641px) 600px"), "{}", s.page("index.html"));
    let narrower = STYLE.replace("600px", "500px");
    let changes: [(&str, &[u8], &str); 4] = [
        ("other.html", b"<!doctype html><p>no styles", "(min-width: 641px) 600px"),
        ("a.css", narrower.as_bytes(), "(min-width: 541px) 500px"),
        ("later.css", b"@import 'more.css';main{max-width:400px}", "(min-width: 441px) 400px"),
        ("more.css", b"main{padding:0!important}", "(min-width: 401px) 400px"),
    ];
    for (name, content, sizes) in changes {
        s.put(name, content);
        s.build();
        let warm = tree(&s.out);
        assert!(s.page("index.html").contains(sizes), "{name}: {}", s.page("index.html"));
        s.build_with(&["--no-cache"]);
        assert!(tree(&s.out) == warm, "{name}: the same as from nothing");
    }
}

/// What all pages with Bootstrap 5 have.
#[test]
fn pictures_beside_buttons_and_sanitizers_get_other_widths() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<!doctype html><style>.btn-check:checked + .btn,:not(.btn-check) + .btn:active{color:red}</style>\
             <p><img src=p.jpg style='width:300px;height:auto' width=900 height=600><a class=btn>x</a></p>\
             <script src=a.js></script>",
        ),
        (
            "a.js",
            "const e = {'*': ['class', /^aria-/i], a: ['href'], b: [], br: [], img: ['src', 'srcset'], li: [], p: []};\
             document.querySelector('.tip').title = Object.keys(e)",
        ),
    ]);
    s.photo("p.jpg", 900, 600);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("300w, ") && page.contains("600w") && page.contains("sizes=\"300px\""), "{page}");
}
