//! What stands in a picture's place until it has come.

use super::support::Sandbox;

const STYLE: &str = "img{max-width:100%;height:auto}";

/// A page with this in its body, a photograph beside it, and a sheet.
fn site(body: &str, style: &str, placeholder: &str) -> Sandbox {
    site_with("", body, style, placeholder)
}

fn site_with(head: &str, body: &str, style: &str, placeholder: &str) -> Sandbox {
    let page = format!(
        "<!doctype html><html><head><title>t</title>{head}<link rel=stylesheet href=s.css></head><body>{body}</body></html>"
    );
    let s = Sandbox::new(&[("index.html", &page), ("s.css", style)]);
    s.photo("photo.jpg", 900, 600);
    let settings = s.root().join("kiln.toml");
    std::fs::write(&settings, format!("[images]\nplaceholder = \"{placeholder}\"\n")).unwrap();
    s.build_with(&["--config", settings.to_str().unwrap()]);
    s
}

const PLAIN: &str = "<img src=photo.jpg width=900 height=600 alt=a>";

#[test]
fn a_colour() {
    let s = site(PLAIN, STYLE, "color");
    let page = s.page("index.html");
    let (_, rest) = page.split_once(" style=\"background-image:linear-gradient(#").unwrap_or_else(|| panic!("{page}"));
    let (colour, rest) = rest.split_once(',').unwrap();
    assert!(colour.len() == 6 && colour.bytes().all(|b| b.is_ascii_hexdigit()), "{colour}");
    assert!(
        rest.starts_with(&format!("#{colour});background-origin:content-box;background-repeat:no-repeat\"")),
        "{rest}"
    );
}

#[test]
fn a_tiny_picture() {
    let page = site(PLAIN, STYLE, "blur").page("index.html");
    assert_eq!(page.matches("background-image:url(data:image/webp;base64,").count(), 1, "{page}");
    assert!(page.contains(";background-size:100% 100%\""), "{page}");
}

#[test]
fn nobody_asked() {
    let s = Sandbox::new(&[("index.html", PLAIN), ("s.css", STYLE)]);
    s.photo("photo.jpg", 900, 600);
    assert!(!s.build().page("index.html").contains("background"));
}

#[test]
fn another_setting_gives_another_page() {
    let s = site(PLAIN, STYLE, "color");
    let settings = s.root().join("kiln.toml");
    for (setting, found) in [("blur", true), ("none", false)] {
        std::fs::write(&settings, format!("[images]\nplaceholder = \"{setting}\"\n")).unwrap();
        s.build_with(&["--config", settings.to_str().unwrap()]);
        let page = s.page("index.html");
        assert!(page.contains("url(data:") == found && !page.contains("linear-gradient"), "{page}");
    }
}

#[test]
fn the_author_s_style_stays() {
    let body = "<img src=photo.jpg width=900 height=600 alt=a style='border-radius: 9px; margin: 4px;'>";
    let page = site(body, STYLE, "color").page("index.html");
    assert!(page.contains("style=\"border-radius: 9px; margin: 4px;background-image:linear-gradient("), "{page}");
}

/// The picture does not hide what would be behind it, or someone could notice.
#[test]
fn not_where_it_would_show() {
    for (body, style, why) in [
        (PLAIN, "img{width:300px;height:300px;object-fit:contain}", "bars beside it"),
        (
            PLAIN,
            "img{max-width:100%;height:auto}@media(orientation:landscape){img{height:90px;object-fit:scale-down}}",
            "bars at times",
        ),
        (PLAIN, "img{max-width:100%;height:auto;background:linear-gradient(red,blue)}", "the author's own"),
        (
            "<img src=photo.jpg width=900 height=600 alt=a style='background:#eee'>",
            STYLE,
            "the author's own, in the page",
        ),
        (PLAIN, "img{max-width:100%;height:auto}img[style]{outline:1px solid}", "a style for images with styles"),
        (
            "<img id=a src=photo.jpg width=900 height=600 alt=a><script>document.querySelector('img').src=location.hash</script>",
            STYLE,
            "a script's",
        ),
        ("<img data-kiln=off src=photo.jpg width=900 height=600 alt=a>", STYLE, "opted out"),
        (PLAIN, "img{display:none}", "never shown"),
        (
            PLAIN,
            "img{max-width:100%;height:auto}img:hover{background:linear-gradient(red,blue)}",
            "the author's own, at times",
        ),
        (PLAIN, "img{max-width:100%;height:auto;object-position:0 10px}", "pushed aside in a box that it fills"),
        (
            "<img src=photo.jpg width=900 height=600 alt=a style='width:calc(100% - 5px'>",
            STYLE,
            "a style with an open end",
        ),
        (PLAIN, "img{width:300px;height:300px;object-fit:cover;object-position:40px 50%}", "pushed aside"),
        (
            "<img src=photo.jpg width=900 height=600 alt=a style='mask:url(photo.jpg)'>",
            STYLE,
            "an address in its style",
        ),
    ] {
        let page = site(body, style, "color").page("index.html");
        assert!(!page.contains("background-image"), "{why}: {page}");
    }
}

/// What is closed again may be added to.
#[test]
fn a_style_with_brackets() {
    let body = "<img src=photo.jpg width=900 height=600 alt=a style='width: calc(100% - 5px)'>";
    let page = site(body, STYLE, "color").page("index.html");
    assert!(page.contains("style=\"width: calc(100% - 5px);background-image:linear-gradient("), "{page}");
}

#[test]
fn explained() {
    let s = site(PLAIN, "img{max-width:100%;height:auto;background:red}", "color");
    let told = |what: &str| {
        let settings = s.root().join("kiln.toml");
        let mut command = s.kiln();
        command.arg(what).arg(&s.site).args((what == "explain").then_some("index.html"));
        let output = command.args(["--no-cache", "--config"]).arg(settings).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for what in ["plan", "explain"] {
        let text = told(what);
        assert!(text.contains("no placeholder: a style is about what is behind or beside it"), "{what}: {text}");
    }
    s.put("s.css", STYLE.as_bytes());
    assert!(told("plan").contains("a placeholder behind it until it has come"), "{}", told("plan"));
}

/// A version with holes may be the one that is shown.
#[test]
fn other_candidates_may_be_transparent() {
    let body = "<img src=photo.jpg srcset=\"clear.png 2x\" width=900 height=600 alt=a><img src=photo.jpg srcset=\"more.jpg 2x\" width=900 height=600 alt=b>";
    let s = site(body, STYLE, "color");
    s.photo("clear.png", 1800, 1200);
    s.photo("more.jpg", 1800, 1200);
    s.build_with(&["--config", s.root().join("kiln.toml").to_str().unwrap()]);
    let page = s.page("index.html");
    let [a, b] = ["alt=a", "alt=b"].map(|alt| page.split_once(alt).unwrap().1.split('>').next().unwrap());
    assert!(!a.contains("background-image") && b.contains("background-image"), "{page}");
}

#[test]
fn a_crop_hides_it_too() {
    let page = site(PLAIN, "img{width:300px;height:300px;object-fit:cover}", "color").page("index.html");
    assert!(page.contains("background-image:linear-gradient(#"), "{page}");
}

#[test]
fn nothing_behind_a_transparent_picture() {
    let s = site("<img src=clear.png width=640 height=480 alt=a>", STYLE, "color");
    let mut clear =
        image::RgbaImage::from_fn(640, 480, |x, y| image::Rgba([(x * y) as u8, (x ^ y) as u8, x as u8, 255]));
    clear.put_pixel(3, 3, image::Rgba([0, 0, 0, 0]));
    let built = |picture: &image::RgbaImage| {
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        s.put("clear.png", png.get_ref());
        s.build_with(&["--config", s.root().join("kiln.toml").to_str().unwrap()]).page("index.html")
    };
    assert!(!built(&clear).contains("background-image"));
    clear.put_pixel(3, 3, image::Rgba([0, 0, 0, 255]));
    assert!(built(&clear).contains("background-image"));
}

/// `img-src` may not allow what stands in the page; a gradient is no picture that is fetched.
#[test]
fn policies() {
    let meta = |policy: &str| format!("<meta http-equiv=Content-Security-Policy content=\"{policy}\">");
    let (pictures, styles) = (meta("img-src 'self'"), meta("style-src 'self'"));
    let found = |head: &str, setting: &str| {
        site_with(head, PLAIN, STYLE, setting).page("index.html").contains("background-image")
    };
    assert!(found(&pictures, "color") && !found(&pictures, "blur"));
    assert!(!found(&styles, "color") && !found(&styles, "blur"));
    let s = site(PLAIN, STYLE, "blur");
    s.put("_headers", b"/*\n  Content-Security-Policy: img-src 'self'\n");
    s.build_with(&["--config", s.root().join("kiln.toml").to_str().unwrap()]);
    assert!(!s.page("index.html").contains("background-image"), "the server's policy");
}
