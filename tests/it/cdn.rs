//! Pictures that an image service makes in any width: pages name several. No server is asked.

use crate::support::Sandbox;

const URL: &str = "https://images.unsplash.com/photo-1674255909399-9bcb2cab6489?w=1600&h=1000&fit=crop&q=80";

/// A page whose images are as wide as half of the window.
fn site(body: &str) -> Sandbox {
    let head = "<!doctype html><meta name=viewport content='width=device-width'><style>body{margin:0}img{width:50%;height:auto}</style>";
    let s = Sandbox::new(&[("index.html", &format!("{head}{body}"))]);
    std::fs::write(s.root().join("kiln.toml"), "[images]\ncdn = true\n").unwrap();
    s
}

fn image(url: &str) -> String {
    format!("<img src=\"{}\" width=1600 height=1000>", url.replace('&', "&amp;"))
}

fn attribute(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!(" {name}=\""))?;
    Some(rest.split('"').next().unwrap().replace("&amp;", "&"))
}

#[cfg(feature = "layout")]
#[test]
fn a_picture_of_a_service_comes_in_the_widths_that_screens_need() {
    let s = site(&image(URL));
    s.build();
    let page = s.page("index.html");
    assert_eq!(attribute(&page, "src").as_deref(), Some(URL), "{page}");
    assert_eq!(attribute(&page, "sizes").as_deref(), Some("50vw"), "{page}");
    let srcset = attribute(&page, "srcset").unwrap();
    let candidates: Vec<(&str, u32)> = srcset
        .split(", ")
        .map(|c| c.split_once(' ').unwrap())
        .map(|(url, w)| (url, w.strip_suffix('w').unwrap().parse().unwrap()))
        .collect();
    assert!(candidates.len() >= 3 && candidates.is_sorted_by_key(|c| c.1), "{srcset}");
    for (url, width) in &candidates {
        let height = (f64::from(*width) * 1000.0 / 1600.0).round();
        assert_eq!(*url, URL.replace("w=1600", &format!("w={width}")).replace("h=1000", &format!("h={height}")));
    }
    assert!(candidates[0].1 <= 260, "a telephone shows 180 pixels: {srcset}");
    assert_eq!(*candidates.last().unwrap(), (URL, 1600), "never wider than the author's");
    assert_eq!(page.matches("<picture").count(), 0);
    let said = s.explain("index.html");
    assert!(said.contains("named in widths of ["), "{said}");
}

#[test]
fn what_the_author_or_somebody_else_handles_stays() {
    let img = image(URL);
    let preload = format!("<link rel=preload as=image href=\"{}\">{img}", URL.replace('&', "&amp;"));
    for (body, why) in [
        (img.replace("width=1600 ", ""), "no width and height"),
        (img.replace("<img", "<img srcset='a.jpg 2x'"), "other candidates already"),
        (img.replace("<img", "<img sizes=50vw"), "other candidates already"),
        (format!("<picture>{img}</picture>"), "other candidates already"),
        (img.replace("<img", "<img data-kiln=off"), "opted out"),
        (img.replace("<img", "<img onload=go()"), "a script may change its src"),
        (format!("{img}<script id=__NEXT_DATA__></script>"), "a framework takes the page over"),
        (format!("{img}<script>document.querySelector('img').src = x</script>"), "may change the src of an image"),
        (format!("{img}<script>n = document.images[0].naturalWidth</script>"), "how large its file is"),
        (img.replace("q=80", "blur=9"), "`blur`"),
        (img.replace("q=80", "s=0a1b2c"), "`s`"),
        (img.replace("w=1600", "q=1"), "does not say how wide"),
        (img.replace("images.unsplash.com", "images.example.com"), "no file of this site"),
        (format!("{img}<img src=https://x.example/y.jpg>"), "the layout does not know"),
        (format!("{img}{}", img.replace("<img", "<img data-src=x")), "loads the same address"),
        // Which the page itself tells, once it is written.
        (preload, ""),
    ] {
        let s = site(&body);
        s.build();
        assert!(!s.page("index.html").contains("1600w"), "{body}: {}", s.page("index.html"));
        let said = s.explain("index.html");
        assert!(said.contains(why), "{body}: {said}");
    }
}

#[test]
fn what_a_service_worker_has_stays() {
    let s = site(&format!("{}<script>navigator.serviceWorker.register('sw.js')</script>", image(URL)));
    let worker = "addEventListener('install', e => e.waitUntil(caches.open('v').then(c => c.addAll(['/', 'URL']))))";
    s.put("sw.js", worker.replace("URL", URL).as_bytes());
    s.build();
    assert_eq!(attribute(&s.page("index.html"), "srcset"), None);
    assert!(s.explain("index.html").contains("a service worker has this address"), "{}", s.explain("index.html"));
}

#[test]
fn off_nothing_changes() {
    let s = site(&image(URL));
    std::fs::write(s.root().join("kiln.toml"), "").unwrap();
    s.build();
    assert_eq!(attribute(&s.page("index.html"), "srcset"), None);
}
