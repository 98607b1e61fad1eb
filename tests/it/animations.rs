//! Animated pictures on pages: they go on moving, in every browser.

use crate::support::Sandbox;

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

fn is_animated(webp: &[u8]) -> bool {
    webp.get(12..16) == Some(b"VP8X") && webp.get(20).is_some_and(|flags| flags & 2 != 0)
}

#[test]
fn trap_34_an_animation_becomes_an_animated_webp_beside_it() {
    // A comment makes the PNG worth a look.
    let png = std::fs::read("fixtures/images/animated.png").unwrap();
    let text: Vec<u8> =
        [&600_u32.to_be_bytes(), b"tEXtComment\0".as_slice(), &[b'-'; 592], &[0xea, 0x36, 0x3b, 0x09]].concat();
    for name in ["a.gif", "a.png"] {
        let s = Sandbox::new(&[("index.html", &format!("<!doctype html><title>t</title><img src={name} alt=a>"))]);
        s.fixture("a.gif", "images/animated.gif");
        s.put("a.png", &[&png[..33], &text, &png[33..]].concat());
        s.build();
        let page = s.page("index.html");
        assert_eq!((count(&page, "<source"), count(&page, "image/webp")), (1, 1), "{page}");
        let files = s.variants(name);
        assert!(files.len() == 1 && files[0].ends_with(".webp") && page.contains(&files[0]), "{files:?}");
        let (webp, own) = (s.bytes(&files[0]), std::fs::read(s.site.join(name)).unwrap());
        assert!(is_animated(&webp) && webp.len() < own.len());
        let fallback = page.split_once("<img src=").and_then(|(_, rest)| rest.split([' ', '>']).next()).unwrap();
        assert_eq!(s.bytes(fallback.trim_matches('"')), own, "for browsers that read no WebP");
        let said = s.explain("index.html");
        assert!(said.contains("it is animated, and comes as WebP in its own width"), "{said}");
        assert!(!s.explain(name).contains("avif"), "{}", s.explain(name));
    }
}

#[test]
fn trap_34_what_could_lose_its_motion_is_left_alone() {
    // One of several candidates; a background; a PNG that is tiny; a WebP that moves already.
    let html = "<!doctype html><title>t</title><style>p{background:url(d.gif)}</style><p><img srcset='a.gif 1x, e.gif 2x' src=a.gif>\
                <img src=b.png><img src=c.webp>";
    let s = Sandbox::new(&[("index.html", html)]);
    for (name, fixture) in [
        ("a.gif", "animated.gif"),
        ("b.png", "animated.png"),
        ("c.webp", "animated.webp"),
        ("d.gif", "animated.gif"),
        ("e.gif", "animated.gif"),
    ] {
        s.fixture(name, &format!("images/{fixture}"));
    }
    s.build();
    for name in ["a.gif", "b.png", "c.webp", "d.gif", "e.gif"] {
        assert_eq!(s.bytes(&s.renamed(name)), std::fs::read(s.site.join(name)).unwrap(), "{name}");
        assert!(s.variants(name).is_empty(), "{name}: {:?}", s.variants(name));
    }
    assert_eq!(count(&s.page("index.html"), "<source"), 0);
}

#[test]
fn a_still_gif_is_offered_like_any_picture() {
    let s =
        Sandbox::new(&[("index.html", "<!doctype html><title>t</title><img src=a.gif alt=a><img src=b.gif alt=b>")]);
    // Its codes have eight bits and its table four colours: only a full table leaves no doubt.
    let gif = std::fs::read("fixtures/images/still.gif").unwrap();
    let full = [&gif[..10], &[0xf7], &gif[11..25], &[0; 756], &gif[25..]].concat();
    s.put("a.gif", &full);
    s.put("b.gif", &gif);
    s.build();
    let files = s.variants("a.gif");
    assert!(!files.is_empty(), "{}", s.explain("a.gif"));
    for file in files {
        assert!(s.bytes(&file).len() < s.bytes("a.gif").len(), "{file}");
    }
    assert!(s.variants("b.gif").is_empty());
}
