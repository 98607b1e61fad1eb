//! What `kiln plan` says a site ships in vain.

use super::support::Sandbox;
use serde_json::{Value, json};

fn told(s: &Sandbox, args: &[&str]) -> String {
    let output = s.kiln().arg("plan").arg(&s.site).arg("--no-cache").args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", super::support::stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn waste(s: &Sandbox, args: &[&str]) -> Value {
    let report: Value = serde_json::from_str(&told(s, &[args, &["--json"]].concat())).unwrap();
    report["waste"].clone()
}

/// A function of about 400 bytes a part, as a minifier writes it with these names for its variables.
fn library(parts: usize, [a, b, c]: [&str; 3]) -> String {
    let part = |n: usize| {
        format!(
            "function {a}{n}({b},{c}){{if({b}.part{n}==null)throw new TypeError('part {n} of the library wants an object that has one');\
             for(let i=0;i<{c}.length;i++)if({c}[i].kind===\"{n}\"&&{b}.accepts({c}[i]))return{{found:!0,index:i,value:{c}[i].value*{n}}};\
             return{{found:!1,index:-1,value:{b}.fallback({c}.length,`nothing for {n}`)}}}}register({a}{n});"
        )
    };
    (0..parts).map(part).collect()
}

#[test]
fn the_same_library_in_two_chunks() {
    let (one, two) = (library(8, ["e", "t", "n"]), library(8, ["x", "y", "z"]));
    let s = Sandbox::new(&[
        ("index.html", "<script type=module src=a.js></script><script type=module src=b.js></script>"),
        ("a.js", &format!("let own='of a';show(own);{one}")),
        ("b.js", &format!("start(2);\n{two}")),
        ("worker.js", &two),
        ("legacy.js", &format!("System.register([],function(){{{two}}})")),
        ("c.js", "new Worker('worker.js')"),
    ]);
    let found = waste(&s, &[]);
    let [repeated] = found["repeated"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(
        (&repeated["paths"], &repeated["functions"]),
        (&json!(["a.js", "b.js"]), &json!(8)),
        "workers and old browsers load their own"
    );
    let bytes = repeated["bytes"].as_u64().unwrap() as usize;
    assert!(bytes < one.len() && bytes > one.len() - 8 * 20, "{bytes} of {}", one.len());
    let text = told(&s, &[]);
    assert!(
        text.contains("the same code in several scripts") && text.contains("(8 functions) in a.js, b.js"),
        "{text}"
    );
    assert!(text.contains("the longest: a.js:1:26, b.js:2:1"), "{text}");
}

#[test]
fn other_code_of_the_same_length_is_not_the_same() {
    let other = library(8, ["e", "t", "n"]).replace(".accepts(", ".rejects(");
    let s = Sandbox::new(&[
        ("index.html", "<script type=module src=a.js></script><script type=module src=b.js></script>"),
        ("a.js", &library(8, ["e", "t", "n"])),
        ("b.js", &other),
    ]);
    assert_eq!(waste(&s, &[])["repeated"], json!([]));
    assert!(!told(&s, &[]).contains("several scripts"));
}

#[test]
fn the_same_file_under_two_names() {
    let text = library(4, ["a", "b", "c"]);
    let s = Sandbox::new(&[
        ("index.html", "<script src=a/lib.js></script><script src=b/lib.js></script>"),
        ("a/lib.js", &text),
        ("b/lib.js", &text),
        ("tiny.js", "x()"),
        ("tiny2.js", "x()"),
    ]);
    let found = waste(&s, &[]);
    assert_eq!(found["twins"], json!([{"bytes": text.len(), "paths": ["a/lib.js", "b/lib.js"]}]));
    assert_eq!(found["repeated"], json!([]), "said once");
}

/// A map with one source for each line.
fn map(sources: &[&str]) -> String {
    let mappings: Vec<&str> = (0..sources.len()).map(|i| if i == 0 { "AAAA" } else { "ACAA" }).collect();
    json!({"version": 3, "sources": sources, "names": [], "mappings": mappings.join(";")}).to_string()
}

#[test]
fn bytes_by_package() {
    let library = library(8, ["a", "b", "c"]);
    let s = Sandbox::new(&[
        ("index.html", "<script type=module src=js/a.js></script><script type=module src=js/b.js></script>"),
        ("js/a.js", &format!("{library}\nmain(1);\n//# sourceMappingURL=a.js.map\n")),
        ("js/a.js.map", &map(&["../../node_modules/@big/lib/index.js", "../../src/main.js"])),
        ("js/b.js", &format!("{library}\n//# sourceMappingURL=b.js.map\n")),
        ("js/b.js.map", &map(&["../../node_modules/other/node_modules/@big/lib/index.js"])),
    ]);
    let found = waste(&s, &[]);
    let package = &found["packages"][0];
    assert_eq!((&package["name"], &package["paths"]), (&json!("@big/lib"), &json!(["js/a.js", "js/b.js"])));
    assert_eq!(package["copies"], json!(["node_modules/@big/lib", "node_modules/other/node_modules/@big/lib"]));
    assert!(package["bytes"].as_u64().unwrap() as usize >= 2 * library.len());
    assert_eq!(found["packages"][1]["name"], "");
    assert_eq!(found["repeated"][0]["packages"], json!(["@big/lib"]));
    let text = told(&s, &[]);
    assert!(text.contains("the site's own in js/a.js") && text.contains("from @big/lib"), "{text}");
}

#[test]
fn polyfills_that_nobody_needs() {
    let core = "!function(t){t({target:\"Array\",proto:!0},{flat:function(){return f(this)}});\
        t({target:\"Array\",proto:!0,forced:x},{toSorted:function(){return s(this)}})}(core);";
    let s = Sandbox::new(&[
        ("index.html", "<script src=app.js></script><script nomodule src=old.js></script>"),
        ("app.js", core),
        ("old.js", core),
    ]);
    let modules = |query: &str| {
        s.put("kiln.toml", format!("[js]\nbrowsers = {query:?}\n").as_bytes());
        let settings = s.site.join("kiln.toml");
        waste(&s, &["--config", settings.to_str().unwrap()])["polyfills"].clone()
    };
    let all = modules("chrome 120");
    assert_eq!(
        (&all[0]["path"], &all[0]["modules"]),
        (&json!("app.js"), &json!(["es.array.flat", "es.array.to-sorted"]))
    );
    assert_eq!(all.as_array().unwrap().len(), 1, "old browsers need theirs");
    assert_eq!(modules("chrome 100")[0]["modules"], json!(["es.array.flat"]));
    assert_eq!(modules("chrome 100, ie 11"), json!([]));
    s.put("kiln.toml", b"[js]\nbrowsers = \"crome 100\"\n");
    let output = s.kiln().arg("plan").arg(&s.site).arg("--config").arg(s.site.join("kiln.toml")).output().unwrap();
    let message = super::support::stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("js.browsers") && message.contains("crome"), "{message}");
}

#[test]
fn scripts_that_could_be_deferred() {
    let page = |scripts: &str| format!("<!doctype html><title>t</title>{scripts}<h1>Text</h1>");
    let s = Sandbox::new(&[
        ("index.html", &page("<script src=jquery.js></script><script src=app.js></script>")),
        ("other.html", &page("<script src=jquery.js></script><script src=app.js></script>")),
        ("inline.html", &page("<script src=jquery.js></script><script>$(start)</script>")),
        ("late.html", "<h1>Text</h1><script src=jquery.js></script>"),
        ("theme.html", &page("<script src=theme.js></script>")),
        ("writes.html", &page("<script src=app.js></script><script src=writes.js></script>")),
        ("elsewhere.html", &page("<script src=app.js></script><script src=https://elsewhere.example/x.js></script>")),
        ("jquery.js", "window.$=function(f){addEventListener('load',f)}"),
        ("app.js", "$(function(){document.querySelector('h1').textContent='!'})"),
        ("body.html", "<header>Text</header><script src=jquery.js></script><h1>Text</h1>"),
        (
            "async.html",
            &page("<script src=jquery.js></script><script async src=https://elsewhere.example/x.js></script>"),
        ),
        ("theme.js", "document.documentElement.classList.add(localStorage.theme)"),
        ("writes.js", "document.write('<p>now</p>')"),
    ]);
    let found = waste(&s, &[]);
    let bytes = ["jquery.js", "app.js"].map(|f| std::fs::metadata(s.site.join(f)).unwrap().len()).iter().sum::<u64>();
    assert_eq!(
        found["blocking"],
        json!([{"pages": ["index.html", "other.html"], "scripts": ["jquery.js", "app.js"], "bytes": bytes}])
    );
    let text = told(&s, &[]);
    assert!(text.contains("on 2 pages: index.html, other.html"), "{text}");
    // Only told.
    s.build();
    assert!(!s.page("index.html").contains("defer"));
}

#[test]
fn a_site_without_waste_hears_nothing() {
    let s = Sandbox::new(&[("index.html", "<h1>Text</h1><script src=a.js></script>"), ("a.js", "start()")]);
    let text = told(&s, &[]);
    assert!(!text.contains("\n\n"), "{text}");
}
