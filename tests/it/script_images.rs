//! `images.js`: pictures that scripts and frameworks show, in one format of the user's choice.

use crate::support::{Sandbox, tree};

const HASHED: &str = "assets/photo-D4f9aK2x.jpg";

fn configured(s: &Sandbox, js: &str) -> Vec<String> {
    let config = s.root().join("kiln.toml");
    std::fs::write(&config, format!("[images]\njs = \"{js}\"\n")).unwrap();
    vec!["--config".into(), config.to_str().unwrap().into()]
}

fn build(s: &Sandbox, js: &str) {
    let args = configured(s, js);
    s.build_with(&args.iter().map(String::as_str).collect::<Vec<_>>());
}

/// The file that a text names with this start and this end.
fn named(text: &str, start: &str, end: &str) -> String {
    let at = text.find(start).unwrap_or_else(|| panic!("{start}: {text}"));
    let rest = &text[at..];
    rest[..rest.find(end).unwrap_or_else(|| panic!("{end}: {text}")) + end.len()].to_owned()
}

fn app(script: &str, page: &str) -> Sandbox {
    let page = format!("<!doctype html><title>t</title>{page}<script type=module src=/assets/app.js></script>");
    let s = Sandbox::new(&[("index.html", &page), ("assets/app.js", script)]);
    s.photo(HASHED, 300, 200);
    s
}

const SHOWS: &str =
    "const photo = '/assets/photo-D4f9aK2x.jpg'; document.body.append(Object.assign(new Image(), { src: photo }))";

#[test]
fn a_script_names_the_version_in_the_chosen_format() {
    for (js, format) in [("webp", image::ImageFormat::WebP), ("avif", image::ImageFormat::Avif)] {
        let s = app(SHOWS, "");
        build(&s, js);
        let name = named(&s.text("assets/app.js"), "assets/photo", &format!(".{js}"));
        let bytes = s.bytes(&name);
        assert_eq!(image::guess_format(&bytes).unwrap(), format, "{name}");
        assert!(bytes.len() < std::fs::metadata(s.site.join(HASHED)).unwrap().len() as usize);
        if js == "webp" {
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), (300, 200), "as large as it was");
        }
        assert!(s.has(HASHED), "whoever asks for it finds the picture itself");
        assert!(s.cache_control(&name).is_some_and(|c| c.contains("immutable")));
        // Warm, the same.
        let first = tree(&s.out);
        build(&s, js);
        assert_eq!(first, tree(&s.out));
    }
}

#[test]
fn formats_stay_without_being_asked() {
    let s = app(SHOWS, "");
    s.build();
    assert!(named(&s.text("assets/app.js"), "assets/photo", ".jpg").ends_with(".jpg"));
    assert!(s.variants(HASHED).is_empty());
}

/// React, Svelte and Vue compare the page with what their scripts make.
#[test]
fn trap_24_a_page_and_the_framework_that_takes_it_over_name_the_same_file() {
    let s = app(
        "export const photo = new URL('photo-D4f9aK2x.jpg', import.meta.url).href",
        "<img src=/assets/photo-D4f9aK2x.jpg alt=''><script>__sveltekit_1x = {}</script>",
    );
    build(&s, "webp");
    let (page, script) = (s.page("index.html"), s.text("assets/app.js"));
    let name = named(&page, "photo", ".webp");
    assert!(script.contains(&name), "{page}\n{script}");
    assert!(!page.contains(".jpg") && !script.contains(".jpg"), "{page}\n{script}");
    // A change of the format changes both, also when the page could be remembered.
    build(&s, "avif");
    assert!(s.page("index.html").contains(".avif") && s.text("assets/app.js").contains(".avif"));
    build(&s, "keep");
    assert!(!s.page("index.html").contains(".avif") && !s.text("assets/app.js").contains(".avif"));
}

#[test]
fn what_is_named_otherwise_keeps_its_format() {
    for page in [
        "<a href=/assets/photo-D4f9aK2x.jpg>large</a>",
        "<meta property=og:image content=/assets/photo-D4f9aK2x.jpg>",
        "<picture><source type=image/jpeg srcset=/assets/photo-D4f9aK2x.jpg><img alt=''></picture>",
        "<div data-kiln=off><img src=/assets/photo-D4f9aK2x.jpg></div>",
        "<img src=/assets/photo-D4f9aK2x.jpg>",
        "<script>const name = 'photo'; open(`/assets/photo-D4f9aK2x.jpg?${name}`)</script>",
    ] {
        let s = app(SHOWS, page);
        build(&s, "webp");
        assert!(!s.text("assets/app.js").contains(".webp"), "{page}: {}", s.text("assets/app.js"));
    }
    let s = app(SHOWS, "");
    let config = configured(&s, "webp");
    s.build_with(&["--skip", "fingerprint", &config[0], &config[1]]);
    assert!(s.page("assets/app.js").contains(".jpg"), "names do not change");
}
