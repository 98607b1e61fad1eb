//! Modules lose what nobody needs, and the site goes on doing the same. Each folder of `fixtures/modules` is one trap:
//! what is called `GONE` in it must go.

use crate::support::{Sandbox, stderr, stdout, tree};
use std::path::Path;
use std::process::Command;

/// What node prints, and whether it ended well. `None` without node.
pub fn run(folder: &Path, script: &str) -> Option<String> {
    let output = match Command::new("node").arg(script).current_dir(folder).output() {
        Ok(output) => output,
        Err(e) => {
            eprintln!("skipped: node cannot be run ({e})");
            return None;
        }
    };
    let error = stderr(&output).lines().find(|l| l.contains("Error")).unwrap_or_default().to_owned();
    Some(format!("{}{error}", stdout(&output)))
}

/// All scripts of the output.
fn scripts(s: &Sandbox) -> String {
    let files = tree(&s.out).into_iter().filter(|(name, _)| name.ends_with(".js"));
    files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect::<Vec<_>>().join("\n")
}

fn site(files: &[(&str, &str)]) -> Sandbox {
    let s = Sandbox::new(files);
    std::fs::write(s.root().join("package.json"), "{\"type\": \"module\"}").unwrap();
    s
}

const PAGE: (&str, &str) = ("index.html", "<!doctype html><script type=module src=main.js></script>");

#[test]
fn every_trap_goes_on_doing_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/modules");
    let mut traps: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    traps.sort();
    assert!(traps.len() > 30);
    for trap in traps {
        let s = site(&[PAGE]);
        for file in std::fs::read_dir(&trap).unwrap().map(|e| e.unwrap().path()) {
            s.put(file.file_name().unwrap().to_str().unwrap(), &std::fs::read(&file).unwrap());
        }
        s.build();
        let name = trap.file_name().unwrap().to_string_lossy();
        let left = scripts(&s);
        assert!(!left.contains("GONE"), "{name}: {left}");
        let (before, after) = (run(&s.site, "main.js"), run(&s.out, &s.renamed("main.js")));
        assert_eq!(before, after, "{name}: {left}");
        assert!(before.is_none_or(|b| !b.trim().is_empty()), "{name} says nothing");
    }
}

#[test]
fn pages_load_what_they_need() {
    let lib = "export const a = 1;\nexport const b = 'GONE';\nexport const c = 'worker';\n";
    let s = site(&[
        (
            "index.html",
            "<!doctype html><link rel=modulepreload href=preloaded.js>\
             <script type=importmap>{\"imports\": {\"lib\": \"./lib.js\", \"kit/\": \"./kit/\"}}</script>\
             <script type=module>import { a } from 'lib'; import { k } from 'kit/k.js'; console.log(a, k);</script>\
             <script>import('./classic.js').then(({ x }) => console.log(x));</script>",
        ),
        ("lib.js", lib),
        ("kit/k.js", "export const k = 1;\nexport const l = 'GONE';\n"),
        ("classic.js", "export const x = 1;\nexport const y = 'GONE';\n"),
        ("preloaded.js", "export const whole = 'kept';\n"),
        ("app.js", "new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });\nconst gone = 'GONE';\n"),
        ("app.html", "<script type=module src=app.js></script>"),
        ("worker.js", "import { c } from './lib.js';\npostMessage(c);\nexport const w = 'kept';\n"),
    ]);
    s.build();
    let left = scripts(&s);
    assert!(!left.contains("GONE"), "{left}");
    assert!(s.text("lib.js").contains("worker") && s.text("preloaded.js").contains("kept"));
    assert!(s.text("worker.js").contains("kept"), "{left}");
}

/// The same module, loaded in another way besides.
#[track_caller]
fn stays_whole(files: &[(&str, &str)], why: &str) {
    let mut all = vec![
        PAGE,
        ("main.js", "import { a } from './lib/mod.js';\nconsole.log(a);\nconst more = [1, 2, 3, 4, 5];\n"),
        ("lib/mod.js", "export const a = 1;\nexport const b = 'kept';\n"),
    ];
    all.retain(|(name, _)| files.iter().all(|(n, _)| n != name));
    all.extend(files);
    let s = site(&all);
    s.build();
    assert!(s.text("lib/mod.js").contains("kept"), "{}", s.explain("lib/mod.js"));
    assert!(s.explain("lib/mod.js").contains(why), "{}", s.explain("lib/mod.js"));
}

#[test]
fn what_others_may_load_stays_whole() {
    let page = |code: &str| format!("<!doctype html><script type=module src=main.js></script>{code}");
    let with = |code: &str, why: &str| stays_whole(&[("index.html", &page(code))], why);
    with("<div data-module=lib/mod.js></div>", "index.html");
    with("<script>load('lib/mod.js')</script>", "refers to it by more than an import");
    with("<script>load(x + '/mod.js')</script>", "names it, and may load it");
    with("<script>import('./lib/' + name + '.js')</script>", "puts its address together");
    with("<script>import(`./lib/${name}.js`)</script>", "puts its address together");
    with("<script>import(name)</script>", "finds out only when it runs");
    with(
        "<script type=importmap>{\"imports\": {\"./lib/mod.js\": \"./lib/other.js\"}}</script>",
        "redirects addresses",
    );
    with("<script src=lib/mod.js></script>", "refers to it by more than an import");
    stays_whole(&[("data.json", "{\"module\": \"mod.js\"}")], "data.json names it");
    stays_whole(&[("other.js", "export * from './lib/mod.js';\n")], "0 of 2 top-level statements and 0 exports");
    stays_whole(&[("broken.js", "import { b } from './lib/mod.js'; let let;")], "broken.js names it");
}

#[test]
fn comments_and_sentences_load_nothing() {
    for code in ["// see mod.js\n", "console.warn('WARNING: Multiple instances of mod.js being imported.');\n"] {
        let main = format!("import {{ a }} from './mod.js';\nconsole.log(a);\n{code}");
        let s = site(&[PAGE, ("main.js", &main), ("mod.js", "export const a = 1;\nexport const b = 'GONE';\n")]);
        s.build();
        assert!(!scripts(&s).contains("GONE"), "{code}");
    }
}

#[test]
fn files_that_nothing_loads_any_more() {
    let files = [
        PAGE,
        ("main.js", "import { a } from './barrel.js';\nconsole.log(a);\n"),
        ("barrel.js", "export { a } from './a.js';\nexport { b } from './b.js';\n"),
        ("a.js", "export const a = 1;\n"),
        ("b.js", "export const b = 'GONE';\n"),
        ("never.js", "import { n } from './named.js';\nexport const c = 'never' + n;\n"),
        ("named.js", "export const n = 1;\nexport const m = 2;\n"),
    ];
    let s = site(&files);
    let plan = stdout(&s.kiln().arg("plan").arg(&s.site).arg("--no-cache").output().unwrap());
    for file in ["b.js", "never.js", "named.js"] {
        let about = plan.split(file).nth(1).unwrap();
        assert!(about.contains("no page loads it; `--prune` leaves it out"), "{file}: {plan}");
    }
    s.build();
    assert!(s.text("b.js").trim().is_empty() && s.text("never.js").contains("never"), "{}", scripts(&s));
    s.build_with(&["--prune"]);
    assert!(s.has(&s.renamed("a.js")) && !s.manifest()["files"]["b.js"].is_object());
    assert!(!s.has("b.js") && !s.has("never.js") && !s.has("named.js"));
    assert!(s.dangling("/").is_empty());
    std::fs::write(s.root().join("kiln.toml"), "[js]\nprune = true\n").unwrap();
    assert!(!s.build().has("never.js"));
    // A page that names a file keeps it.
    s.put("more.html", b"<link rel=modulepreload href=never.js>");
    assert!(s.build().text("never.js").contains("never") && s.text("named.js").contains("export"));
}

#[test]
fn it_can_be_switched_off() {
    let files = [
        PAGE,
        ("main.js", "import { a } from './a.js';\nconsole.log(a);\n"),
        ("a.js", "export const a = 1;\nexport const b = 'unused';\n"),
    ];
    let s = site(&files);
    assert!(!s.build().text("a.js").contains("unused"));
    assert!(s.build_with(&["--skip", "js-shake"]).text("a.js").contains("unused"));
    for toml in ["[js]\nshake = false\n", "[js]\nexclude = [\"a.js\"]\n", "exclude = [\"a.js\"]\n"] {
        std::fs::write(s.root().join("kiln.toml"), toml).unwrap();
        assert!(s.build().text("a.js").contains("unused"), "{toml}");
    }
}

#[test]
fn a_page_that_starts_to_use_an_export_brings_it_back() {
    let s = site(&[
        PAGE,
        ("main.js", "import { a } from './a.js';\nconsole.log(a);\n"),
        ("a.js", "export const a = 1;\nexport const b = 'unused';\n"),
    ]);
    assert!(!s.build().text("a.js").contains("unused"));
    s.put("two.html", b"<script type=module>import { b } from './a.js'; console.log(b)</script>");
    assert!(s.build().text("a.js").contains("unused"));
}

#[test]
fn what_goes_is_reported() {
    let s = site(&[
        PAGE,
        ("main.js", "import { a } from './a.js';\nconsole.log(a);\n"),
        ("a.js", "export const a = 1;\nexport const b = 'unused';\nexport function c() {}\n"),
    ]);
    let text = s.explain("a.js");
    assert!(text.contains("2 of 3 top-level statements and 2 exports dropped"), "{text}");
    let plan = s.kiln().arg("plan").arg(&s.site).args(["--json", "--no-cache"]).output().unwrap();
    let plan: serde_json::Value = serde_json::from_str(&stdout(&plan)).unwrap();
    let file = plan["files"].as_array().unwrap().iter().find(|f| f["path"] == "a.js").unwrap();
    assert_eq!(file["shaken"]["exports"], serde_json::json!(["b", "c"]));
    assert_eq!((file["shaken"]["statements"].as_u64(), file["shaken"]["of"].as_u64()), (Some(2), Some(3)));
    assert!(file["shaken"]["bytes"].as_u64() > Some(40), "{file}");
}

#[test]
fn a_source_map_follows_what_is_left() {
    let code = "export const gone = 'unused'; export function kept(first) { return first.alpha + first.beta; }\n\
                export function other() { return 'unused'; }\n//# sourceMappingURL=a.js.map\n";
    let s = site(&[PAGE, ("main.js", "import { kept } from './a.js';\nconsole.log(kept({ alpha: 1, beta: 2 }));\n")]);
    s.put("a.js", code.as_bytes());
    let mut builder = swc_sourcemap::SourceMapBuilder::new(None);
    for (word, line) in [("gone", 1), ("kept", 2), ("other", 3)] {
        let (row, text) = code.lines().enumerate().find(|(_, l)| l.contains(word)).unwrap();
        builder.add(
            row as u32,
            text.find(word).unwrap() as u32,
            line,
            0,
            Some("src/a.ts".into()),
            None::<&str>.map(Into::into),
            false,
        );
    }
    let mut map = Vec::new();
    builder.into_sourcemap().to_writer(&mut map).unwrap();
    s.put("a.js.map", &map);
    s.build();
    let map = s.entry("a.js")["map"].as_str().unwrap().to_owned();
    let map = swc_sourcemap::SourceMap::from_slice(&s.bytes(&map)).unwrap();
    let lines: std::collections::BTreeSet<u32> =
        map.tokens().filter(|t| t.has_source()).map(|t| t.get_src_line()).collect();
    assert_eq!(lines.into_iter().collect::<Vec<_>>(), [2], "{}", s.text("a.js"));
}
