//! Sites that work without a network go on doing so: what a service worker keeps is what the pages show.

use crate::support::Sandbox;
use sha1::{Digest, Sha1};

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Angular's worker gives up on a file whose bytes have another hash, and then on the whole version.
#[test]
fn angulars_manifest_has_the_hash_of_every_file_as_it_is_now() {
    let page = "<!doctype html>\n<html lang=en>\n  <head>\n    <title>t</title>\n  <link rel=stylesheet href=styles.css>\n  </head>\n\
        <body>\n  <app-root></app-root>\n  <img src=photo.jpg width=600 height=400 alt=a>\n <img src=other.jpg width=600 height=400 alt=b>\n\
        <script>navigator.serviceWorker.register('ngsw-worker.js')</script>\n</body></html>";
    let s =
        Sandbox::new(&[("index.html", page), ("styles.css", "p { color : red }\n"), ("ngsw-worker.js", "self.x = 1;")]);
    s.photo("photo.jpg", 600, 400);
    s.photo("other.jpg", 600, 400);
    let urls = ["index.html", "styles.css", "photo.jpg"];
    let table: serde_json::Map<String, serde_json::Value> =
        urls.iter().map(|u| (format!("/{u}"), sha1(&std::fs::read(s.site.join(u)).unwrap()).into())).collect();
    let manifest = serde_json::json!({
        "configVersion": 1, "timestamp": 1_700_000_000_000_u64, "index": "/index.html",
        "assetGroups": [{"name": "app", "installMode": "prefetch", "urls": ["/index.html", "/styles.css", "/photo.jpg"], "patterns": []}],
        "hashTable": table,
    });
    s.put("ngsw.json", serde_json::to_string_pretty(&manifest).unwrap().as_bytes());
    s.build();
    let now: serde_json::Value = serde_json::from_str(&s.page("ngsw.json")).unwrap();
    for url in urls {
        assert_eq!(now["hashTable"][format!("/{url}")], sha1(&s.bytes(url)), "{url}");
    }
    assert_ne!(s.page("index.html"), page, "it did change");
    assert_eq!(now["assetGroups"], manifest["assetGroups"]);
    let page = s.page("index.html");
    assert_eq!(page.matches("<picture").count(), 1, "{page}");
    assert!(s.variants("photo.jpg").is_empty() && !s.variants("other.jpg").is_empty());
    assert!(s.explain("index.html").contains("a service worker has this file"), "{}", s.explain("index.html"));
}

/// Nobody says where the site is served, but its pages do.
#[test]
fn angulars_manifest_below_a_path() {
    let page = "<!doctype html>\n<title>t</title>\n<base href=\"/app/\">\n<link rel=stylesheet href=styles.css>\n\
        <p>  a  </p>\n<script src=main.js></script>\n";
    let s = Sandbox::new(&[
        ("index.html", page),
        ("styles.css", "p { color : red }\n"),
        ("main.js", "let  a = 1 ;\nshow( a )\n"),
    ]);
    let urls = ["index.html", "styles.css", "main.js"];
    let entry = |url: &&str| format!("\"\\/app/{url}\" : \"{}\"", sha1(&std::fs::read(s.site.join(url)).unwrap()));
    let table: Vec<String> = urls.iter().map(entry).collect();
    s.put("ngsw.json", format!("{{\"index\":\"/app/index.html\",\"hashTable\":{{{}}}}}", table.join(",")).as_bytes());
    s.build();
    let now: serde_json::Value = serde_json::from_str(&s.page("ngsw.json")).unwrap();
    for url in urls {
        assert_eq!(now["hashTable"][format!("/app/{url}")], sha1(&s.bytes(url)), "{url}");
    }
    assert_ne!(s.page("index.html"), page, "it did change");
}

#[test]
fn a_manifest_that_cannot_follow_is_told_of() {
    let s = Sandbox::new(&[
        ("index.html", "<!doctype html>\n<title>t</title>\n<p>  a  </p>\n"),
        ("ngsw.json", "{\"hashTable\":{\"/app/index.html\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}"),
    ]);
    let said = crate::support::stderr(&s.run(&[]));
    assert!(said.contains("`/app/index.html` leads to no file") && said.contains("--base-url"), "{said}");
}

fn with_worker(worker: &str) -> Sandbox {
    let page = "<!doctype html><title>t</title><link rel=stylesheet href=a.css>\
        <img src=kept.jpg width=600 height=400 alt=a><img src=other.jpg width=600 height=400 alt=b>\
        <script src=app.js></script>";
    // A library registers it: nothing else names it.
    let app = "class W{constructor(u){this.u=u}register(){navigator.serviceWorker.register(this.u)}};new W('/sw.js').register()";
    let sheet = "body{background:url(back.jpg)}";
    let s = Sandbox::new(&[("index.html", page), ("a.css", sheet), ("app.js", app), ("sw.js", worker)]);
    for photo in ["kept.jpg", "other.jpg", "back.jpg"] {
        s.photo(photo, 600, 400);
    }
    s.build();
    s
}

/// Pictures that come in other formats, and whether the background does.
fn offered(s: &Sandbox) -> (usize, bool) {
    (s.page("index.html").matches("<picture").count(), s.page(&s.renamed("a.css")).contains("image-set"))
}

#[test]
fn pictures_that_a_precache_list_names_come_as_they_are() {
    let s = with_worker(
        "precacheAndRoute([{url:'index.html',revision:'4f2'},{url:'kept.jpg',revision:'aa1'},{url:'back.jpg',revision:'aa2'}])",
    );
    assert_eq!(offered(&s), (1, false), "{}", s.page("index.html"));
    let page = s.page("index.html");
    assert!(!page.contains("kept-") && page.contains("other"), "{page}");
    assert!(s.variants("kept.jpg").is_empty() && s.variants("back.jpg").is_empty());
    let worker = s.page("sw.js");
    assert!(!worker.contains("4f2") && worker.contains("'kept.jpg'") | worker.contains("\"kept.jpg\""), "{worker}");
}

#[test]
fn pictures_that_a_worker_knows_by_their_endings_come_as_they_are() {
    let route = |pattern: &str| format!("registerRoute({pattern}, new CacheFirst())");
    for pattern in ["/\\.(?:png|jpe?g|gif)$/i", "({url}) => ['.JPG', '.png'].some(e => url.pathname.endsWith(e))"] {
        assert_eq!(offered(&with_worker(&route(pattern))), (0, false), "{pattern}");
    }
    for pattern in
        ["/\\.(?:avif|webp|jpe?g)$/", "/\\.(?:css|js|png)$/", "({request}) => request.destination === 'image'"]
    {
        assert_eq!(offered(&with_worker(&route(pattern))), (2, true), "{pattern}");
    }
}
