//! An independent crawl: which internal references of a folder lead to no file? It shares no code with kiln's own
//! readers, so that a mistake there cannot hide itself here. The scanners are small and err on the side of silence.
#![allow(clippy::unwrap_used, clippy::expect_used)]
// Used by other test modules, as they come.
#![allow(dead_code)]

use html5gum::{DefaultEmitter, Token, Tokenizer};
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use std::path::Path;

mod scan;
use scan::{css, js, srcset};

/// (file, URL as written) of every reference inside `dir`, served under `base`, that leads to no file. Directories
/// lead to their `index.html`, and a page may be named without its `.html`.
pub fn dangling(dir: &Path, base: &str) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        let file = entry.path().strip_prefix(dir).unwrap().to_str().unwrap().replace('\\', "/");
        let Ok(text) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        let mut found = Found::default();
        match file.rsplit_once('.').map_or("", |(_, ext)| ext).to_ascii_lowercase().as_str() {
            "html" | "htm" | "svg" => html(&text, &mut found),
            "css" => css(&text, &mut found),
            "js" | "mjs" => js(&text, &mut found),
            "webmanifest" => sources(&serde_json::from_str(&text).unwrap_or_default(), &mut found),
            _ => {}
        }
        // `<base href>` holds for the whole page.
        let from = match &found.base {
            Some(href) => place(&file, href, base),
            None => Some(file.clone()),
        };
        for url in found.urls {
            if let Some(target) = from.as_ref().and_then(|from| place(from, &url, base))
                && !leads(dir, &target)
            {
                out.insert((file.clone(), url));
            }
        }
    }
    out
}

#[derive(Default)]
struct Found {
    urls: Vec<String>,
    base: Option<String>,
}

/// The path inside of the folder that `url` on `file` means. `None` for other sites, fragments and all that is outside.
fn place(file: &str, url: &str, base: &str) -> Option<String> {
    let url = url.trim();
    let scheme = url.split(['/', '?', '#']).next().unwrap().contains(':');
    if scheme || url.starts_with("//") {
        return None;
    }
    let path = url.split(['?', '#']).next().unwrap();
    if path.is_empty() {
        return None;
    }
    let path = percent_decode_str(path).decode_utf8().ok()?.into_owned();
    let base = base.trim_matches('/');
    let mut segments: Vec<&str> = base.split('/').filter(|s| !s.is_empty()).collect();
    if path.starts_with('/') {
        segments.clear();
    } else {
        segments.extend(file.split('/'));
        segments.pop();
    }
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    let all = segments.join("/") + if path.ends_with(['/', '.']) { "/" } else { "" };
    if base.is_empty() {
        return Some(all.trim_start_matches('/').to_string());
    }
    let inside = all.strip_prefix(base)?;
    (inside.is_empty() || inside.starts_with('/')).then(|| inside.trim_start_matches('/').into())
}

fn leads(dir: &Path, target: &str) -> bool {
    let file = |p: &str| dir.join(p).is_file();
    let plain = target.trim_end_matches('/');
    (file(plain) && !target.ends_with('/'))
        || dir.join(plain).join("index.html").is_file()
        || file(&format!("{plain}.html"))
}

fn html(text: &str, found: &mut Found) {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    // The element whose text is being read, and its type.
    let mut raw: Option<(String, String)> = None;
    for token in Tokenizer::new_with_emitter(text, emitter) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let name = lossy(&tag.name);
                let get = |n: &str| tag.attributes.get(n.as_bytes()).map(|v| lossy(v));
                for (key, value) in &tag.attributes {
                    attribute(&name, &lossy(key), &lossy(value), &get, found);
                }
                let kind = get("type").unwrap_or_default().to_ascii_lowercase();
                raw = (!tag.self_closing && (name == "style" || name == "script")).then_some((name, kind));
            }
            Token::String(text) => {
                let text = lossy(&text);
                match &raw {
                    Some((name, _)) if name == "style" => css(&text, found),
                    Some((_, kind)) if kind == "importmap" => {
                        let map: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                        for value in map["imports"].as_object().into_iter().flat_map(|o| o.values()) {
                            found.urls.extend(value.as_str().map(String::from));
                        }
                    }
                    Some((_, kind)) if !kind.contains("json") && !kind.contains("rules") => js(&text, found),
                    _ => {}
                }
            }
            Token::EndTag(_) => raw = None,
            _ => {}
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn attribute(tag: &str, name: &str, value: &str, get: &dyn Fn(&str) -> Option<String>, found: &mut Found) {
    let url = match (tag, name) {
        ("base", "href") => {
            found.base.get_or_insert(value.into());
            return;
        }
        (_, "style") => return css(value, found),
        ("img" | "source", "srcset") | ("link", "imagesrcset") => {
            return found.urls.extend(srcset(value));
        }
        ("iframe", "srcdoc") => return html(value, found),
        ("a" | "area" | "use" | "image" | "feimage" | "script", "href" | "xlink:href") => true,
        ("link", "href") => {
            let rel = get("rel").unwrap_or_default().to_ascii_lowercase();
            !rel.contains("preconnect") && !rel.contains("dns-prefetch")
        }
        ("script" | "img" | "source" | "iframe" | "embed" | "track" | "audio" | "video" | "input", "src") => true,
        ("video", "poster") | ("object", "data") | ("form", "action") | ("button" | "input", "formaction") => true,
        ("body" | "table" | "td" | "th", "background") => true,
        ("meta", "content") => {
            let what = get("property").or_else(|| get("name")).unwrap_or_default();
            what.contains("image") && !what.contains("image:") && value.contains(['/', '.'])
        }
        _ => false,
    };
    if url {
        found.urls.push(value.into());
    }
}

/// Every `src` of a web manifest.
fn sources(value: &serde_json::Value, found: &mut Found) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|v| sources(v, found)),
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(url) if key == "src" => found.urls.push(url.into()),
                    _ => sources(value, found),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crawl(base: &str, files: &[(&str, &str)]) -> Vec<String> {
        let temp = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = temp.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dangling(temp.path(), base).into_iter().map(|(file, url)| format!("{file}: {url}")).collect()
    }

    #[test]
    fn pages() {
        let page = r##"<base href="/"><a href="/about">1</a><a href="docs/">2</a><a href="#x">3</a><a href=gone.html>4</a>
            <img src="a%20b.png" srcset="a%20b.png 1x, lost.png 2x,a%20b.png"><a href="https://x.test/y">5</a>
            <style>p{background:url( 'bg.png' )}</style><p style="background:url(&quot;bg2.png&quot;)"><a href="mailto:x">
            <script>import("./mod.js");var s="from './no.js'"</script><script src=/mod.js></script><a href="?q">
            <link rel=preload imagesrcset="p1.png 100w" href="about.html"><meta property="og:image" content="/og.png">"##;
        let found = crawl(
            "/",
            &[("index.html", page), ("about.html", ""), ("docs/index.html", ""), ("a b.png", ""), ("mod.js", "")],
        );
        let gone = ["/og.png", "bg.png", "bg2.png", "gone.html", "lost.png", "p1.png"];
        assert_eq!(found, gone.map(|u| format!("index.html: {u}")));
    }

    #[test]
    fn a_base_path_and_relative_places() {
        let files = [
            (
                "sub/index.html",
                "<a href='../'><a href='/base/sub/'><a href='/base/no'><a href='/elsewhere'><a href='..'><img src='../x.png'>",
            ),
            ("index.html", "<img src='/base/x.png'><a href='../out'>"),
            ("x.png", ""),
        ];
        assert_eq!(crawl("/base/", &files), ["sub/index.html: /base/no"]);
    }

    #[test]
    fn style_sheets() {
        let css = r#"@import "a.css"; @import url(b.css) print; @namespace url(http://x/y); /* url(no.png) */
            a{background:image-set("one.png" 1x, "two.png" type("image/png") 2x);content:"url(no.png)"}
            b{background:URL(sp\ ace.png),url("q\22 .png"),url(#id),url(data:image/png;base64,AA)}"#;
        let found = crawl("/", &[("s/a.css", ""), ("s/main.css", css)]);
        let gone = ["b.css", "one.png", "q\".png", "sp ace.png", "two.png"];
        assert_eq!(found, gone.map(|u| format!("s/main.css: {u}")));
    }

    #[test]
    fn scripts_and_manifests() {
        let js = r#"import"./a.js";import{x}from"../b.js";import z from "react";export*from'./c.js';
            import(`./d.js`);import(`./${e}.js`);new URL("f.png",import.meta.url);new URL("/g",location);
            // import './comment.js'
            navigator.serviceWorker.register("/sw.js");obj.import("./h.js");a.from("./i.js")
            //# sourceMappingURL=m.js.map"#;
        let manifest = r#"{"icons":[{"src":"icon.png"},{"src":"/m/there.png"}]}"#;
        let found = crawl("/", &[("m/m.js", js), ("m/a.js", ""), ("m/x.webmanifest", manifest), ("m/there.png", "")]);
        let gone = ["../b.js", "./c.js", "./d.js", "/sw.js", "f.png", "m.js.map"];
        let mut want = gone.map(|u| format!("m/m.js: {u}")).to_vec();
        want.push("m/x.webmanifest: icon.png".into());
        assert_eq!(found, want);
    }

    /// `CRAWL=dir,base`: what is dangling in a folder, for the eye.
    #[test]
    #[ignore = "a tool, not a test"]
    fn list() {
        let arg = std::env::var("CRAWL").unwrap();
        let (dir, base) = arg.split_once(',').unwrap();
        for (file, url) in dangling(Path::new(dir), base) {
            println!("{file}: {url}");
        }
    }
}
