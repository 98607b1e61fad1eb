//! Boxes that follow their files keep the ratio of the original, though files have whole numbers of rows.
#![cfg(feature = "layout")]

use crate::support::Sandbox;

/// A page with `body`, its images as wide as a column.
fn site(body: &str) -> Sandbox {
    let style = "body{margin:0}main{max-width:600px;margin:auto;padding:0 20px}main img{width:100%;height:auto}";
    let page = format!(
        "<!doctype html><html lang=en><head><title>t</title><link rel=stylesheet href=a.css></head><body>{body}</body></html>"
    );
    Sandbox::new(&[("index.html", &page), ("a.css", style)])
}

#[test]
fn trap_27_files_keep_the_ratio_of_the_original_as_nearly_as_pixels_allow() {
    // 2048 / 1365 has no smaller terms: there every width is off, but two thirds by a pixel in 4000.
    for (width, height, off) in [(1365, 2048, 0.000_25), (1360, 2048, 0.000_02), (2048, 1365, 0.000_25)] {
        let s = site("<main><img src=p.jpg width=900 height=600 style=\"height:auto\"></main>");
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
        let s = site(&format!("<main>{}</main>", img.repeat(16)));
        s.photo("p.jpg", 1365, 2048);
        s.build();
        let page = s.page("index.html");
        assert_eq!(page.matches(&expected).count(), 16, "{img}: {page}");
        assert!(s.explain("index.html").contains("the ratio 1365/2048 held by a style"), "{}", s.explain("index.html"));
    }
    for (img, width, height) in [
        ("<img src=p.jpg width=1365 height=2048>", 1365, 2048),
        (&*"<img src=p.jpg width=1360 height=2048>".repeat(8), 1360, 2048),
    ] {
        let s = site(&format!("<main>{img}</main>"));
        s.photo("p.jpg", width, height);
        s.build();
        let page = s.page("index.html");
        assert!(
            page.contains("sizes=") && !page.contains("aspect-ratio"),
            "one moves nothing, even ones neither: {page}"
        );
    }
}

/// A style would do it too, but `getComputedStyle` tells of it, and it gives images a box that had none before they came.
#[test]
fn trap_27_what_is_off_about_one_picture_makes_up_for_another() {
    // 552 / 737 has no smaller terms, and 240 pixels of it are off by a tenth of a pixel, one way or the other.
    let (width, height, shown) = (552, 737, 240.0);
    let names: Vec<String> = (0..8).map(|n| format!("p{n}.jpg")).collect();
    let images: String = names.iter().map(|name| format!("<img src={name} width=552 height=737>")).collect();
    let s = site(&format!("<style>main img{{width:240px;display:block}}</style><main>{images}</main>"));
    names.iter().for_each(|name| s.photo(name, width, height));
    s.build();
    let page = s.page("index.html");
    assert!(!page.contains("aspect-ratio"), "{page}");
    let mut smaller = 0;
    for density in [1.0, 2.0] {
        let (mut off, mut most) = (0.0_f64, 0.0_f64);
        for name in &names {
            let entry = s.entry(name);
            let sizes = entry["variants"].as_array().unwrap().iter();
            let sizes = sizes.map(|v| (v["w"].as_f64().unwrap(), v["h"].as_f64().unwrap()));
            let enough = sizes.filter(|(w, _)| *w >= shown * density);
            let (w, h) = enough.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((552.0, 737.0));
            off += h / w * shown - 737.0 / 552.0 * shown;
            most = most.max(off.abs());
            smaller += usize::from(w < 552.0);
        }
        assert!(most < 0.25, "at {density}: what stands below is moved by {most}");
    }
    assert!(smaller >= names.len(), "smaller files are offered: {smaller}");
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
        let s = site(&format!("<style>{style}</style><main>{}</main>", img.repeat(16)));
        s.photo("p.jpg", 1365, 2048);
        s.build();
        let page = s.page("index.html");
        assert!(!page.contains("aspect-ratio:1365"), "{style} {img}: {page}");
    }
}
