//! The command line's contract.

use crate::support::{DRAWING, Sandbox, kiln, stderr, stdout};

fn site() -> Sandbox {
    Sandbox::new(&[
        (
            "index.html",
            "<link rel=stylesheet href=a.css>\n\n  <script src=b.js></script><img src=i.svg><img src=og.svg>\
             <meta property=og:image content=/og.svg>",
        ),
        ("a.css", "p { color : red }"),
        ("b.js", "window.b  =  1 ;"),
        ("i.svg", DRAWING),
        ("og.svg", DRAWING),
    ])
}

#[test]
fn exit_codes() {
    let s = site();
    assert_eq!(s.run(&[]).status.code(), Some(0));
    // 1: done, with an error in a file.
    let lost: String = (0..20).map(|i| format!("<img src=/x/{i}.png>")).collect();
    let bad = Sandbox::new(&[("index.html", &lost)]);
    assert_eq!(bad.run(&[]).status.code(), Some(1));
    assert!(bad.has("index.html"), "1 means that the output is there");
    // 2: asked for the wrong thing.
    for args in [
        vec!["--jobs", "0"],
        vec!["--no-such-flag"],
        vec!["--only", "pictures"],
        vec!["--only", "shake"],
        vec!["--base-url", "nonsense"],
    ] {
        let output = s.run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(!stderr(&output).is_empty());
    }
    std::fs::create_dir(s.root().join("empty")).unwrap();
    let empty = s.kiln().args(["build", "empty"]).output().unwrap();
    assert_eq!(empty.status.code(), Some(2));
    assert!(stderr(&empty).contains("holds no files") && stderr(&empty).contains("help:"));
    // 3: the disk.
    let gone = s.kiln().args(["build", "no-such-folder", "--no-cache"]).output().unwrap();
    assert_eq!(gone.status.code(), Some(3));
    assert!(stderr(&gone).contains("no-such-folder"), "{}", stderr(&gone));
    let file = s.kiln().args(["build", "site/a.css", "--no-cache"]).output().unwrap();
    assert_eq!(file.status.code(), Some(3), "{}", stderr(&file));
}

#[test]
fn strict_makes_warnings_count() {
    let s = Sandbox::new(&[("index.html", "<img src=gone.png>")]);
    let relaxed = s.run(&[]);
    assert_eq!(relaxed.status.code(), Some(0));
    assert!(stderr(&relaxed).contains("index.html:1:10: warning[dangling-reference]"), "{}", stderr(&relaxed));
    assert_eq!(s.run(&["--strict"]).status.code(), Some(1), "also when nothing has changed");
    assert_eq!(s.run(&["--strict", "--no-cache"]).status.code(), Some(1));
}

#[test]
fn the_output_is_beside_the_input_by_default() {
    let s = site();
    for dir in ["site", "./site/"] {
        let output = s.kiln().args(["build", dir, "--no-cache"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).contains("site-kiln"), "{}", stdout(&output));
        assert!(s.root().join("site-kiln/index.html").is_file());
    }
    let inside = kiln(&s.site).args(["build", ".", "--no-cache"]).output().unwrap();
    assert_eq!(inside.status.code(), Some(0), "{}", stderr(&inside));
    assert!(!s.site.join("kiln-manifest.json").exists());
}

#[test]
fn plan_says_what_would_happen_and_writes_nothing() {
    let s = site();
    let output = s.kiln().args(["plan", "site", "--no-cache"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stdout(&output);
    for part in ["site at /", "a.css \u{2192} a.<hash>.css", "minified as a style sheet", "name kept: pages keep"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let json = s.kiln().args(["plan", "site", "--no-cache", "--json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["base"], "/");
    let files: Vec<&str> = report["files"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(files, ["a.css", "b.js", "i.svg", "index.html", "og.svg"]);
    let there: Vec<_> = std::fs::read_dir(s.root()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(there, ["site"]);
}

#[test]
fn explain_names_who_pins_a_name_and_who_refers() {
    let s = site();
    let said = s.explain("og.svg");
    assert!(said.contains("name kept: pinned: index.html gives its address"), "{said}");
    let css = s.explain("a.css");
    assert!(css.contains("referred to by index.html") && css.contains("before"), "{css}");
    assert!(s.explain("nothing.css").contains("no file of the site is called nothing.css"));
    // The path as a shell completes it.
    let whole = s.kiln().args(["explain", "site", "site/a.css", "--no-cache"]).output().unwrap();
    assert!(stdout(&whole).starts_with("a.css"), "{}", stdout(&whole));
    s.build();
    assert!(css.contains(&s.renamed("a.css")), "the name that a build gives: {css}");
}

#[test]
fn explain_names_the_file_that_stands_in_the_way() {
    let s = Sandbox::new(&[("assets/index-DxY7a2Qb.js", "var a  =  1;")]);
    s.photo("b.jpg", 300, 200);
    s.fixture("a.webp", "images/still.webp");
    s.put("index.html", b"<!doctype html><picture><source srcset=a.webp><img src=b.jpg></picture>");
    assert!(s.explain("assets/index-DxY7a2Qb.js").contains("nothing of the site refers to it"));
    let page = s.explain("index.html");
    assert!(page.contains("`a.webp` is no JPEG, PNG or GIF"), "{page}");
    s.build();
    assert_eq!(s.text("assets/index-DxY7a2Qb.js"), "var a  =  1;", "a name with a hash promises its bytes");
}

#[test]
fn init_writes_settings_that_change_nothing() {
    let s = site();
    s.build();
    let before = crate::support::tree(&s.out);
    let init = || s.kiln().arg("init").output().unwrap();
    assert_eq!(init().status.code(), Some(0));
    let again = init();
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("--force"));
    assert_eq!(s.kiln().args(["init", "--force"]).output().unwrap().status.code(), Some(0));
    s.build_with(&["--no-cache"]);
    assert_eq!(crate::support::tree(&s.out), before);
    // Every commented setting is a valid one.
    let toml = std::fs::read_to_string(s.root().join("kiln.toml")).unwrap();
    let is_setting = |l: &str| {
        l.strip_prefix("# ").is_some_and(|l| l.split(" = ").count() > 1 && !l.starts_with(char::is_uppercase))
    };
    let live: String =
        toml.lines().map(|l| if is_setting(l) { &l[2..] } else { l }).map(|l| format!("{l}\n")).collect();
    std::fs::write(s.root().join("kiln.toml"), &live).unwrap();
    let all = s.run(&[]);
    assert_eq!(all.status.code(), Some(0), "{}\n{live}", stderr(&all));
}

#[test]
fn completions() {
    for shell in ["bash", "zsh", "fish"] {
        let output = kiln(std::path::Path::new(".")).args(["completions", shell]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("base-url"), "{shell}");
    }
}

#[test]
fn the_published_schema_is_the_programs() {
    let output = kiln(std::path::Path::new(".")).arg("schema").output().unwrap();
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kiln.schema.json");
    assert_eq!(stdout(&output), std::fs::read_to_string(file).unwrap());
}

#[test]
fn the_schema_is_json_and_knows_the_keys() {
    let output = kiln(std::path::Path::new(".")).arg("schema").output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in ["base_url", "images", "fingerprint", "headers", "limits"] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}

#[test]
fn an_unknown_key_is_told_with_its_place_and_what_was_meant() {
    let s = site();
    std::fs::write(s.root().join("kiln.toml"), "base_url = \"/\"\n\n[images]\nqualty = 50\n").unwrap();
    let output = s.run(&[]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("kiln.toml:4:1: unknown field `qualty`"), "{said}");
    assert!(said.contains("help: did you mean `quality`?"), "{said}");
    assert!(!s.out.exists());
    let named = s.run(&["--config", "elsewhere.toml"]);
    assert_eq!(named.status.code(), Some(2));
    assert!(stderr(&named).contains("elsewhere.toml"), "{}", stderr(&named));
}

#[test]
fn variables_set_what_flags_do_not() {
    let s = site();
    let run =
        |name: &str, value: &str| s.kiln().env(name, value).args(["plan", "site", "--no-cache"]).output().unwrap();
    assert!(stdout(&run("KILN_BASE_URL", "/journal/")).contains("site at /journal/"));
    let wrong = run("KILN_BASE_ULR", "/journal/");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("KILN_BASE_URL"), "{}", stderr(&wrong));
}

#[test]
fn only_and_skip() {
    let s = site();
    s.build_with(&["--only", "css"]);
    assert_eq!(s.page("b.js"), "window.b  =  1 ;");
    assert_eq!(s.page("index.html"), std::fs::read_to_string(s.site.join("index.html")).unwrap());
    assert!(s.page("a.css").len() < 17 && !s.has("_headers"), "{}", s.page("a.css"));
    s.build_with(&["--skip", "css,headers"]);
    assert_eq!(s.text("a.css"), "p { color : red }");
    assert!(s.text("b.js").len() < 16 && s.is_renamed("a.css") && !s.has("_headers"));
}

#[test]
fn include_and_exclude() {
    let s = site();
    s.build_with(&["--exclude", "*.css", "--exclude", "i.svg"]);
    assert_eq!(s.renamed("a.css"), "a.css");
    assert_eq!(s.page("a.css"), "p { color : red }");
    assert!(!s.is_renamed("i.svg") && s.is_renamed("b.js"));
    s.build_with(&["--include", "a.css"]);
    assert_eq!(s.page("b.js"), "window.b  =  1 ;");
    assert_eq!(s.page("index.html"), std::fs::read_to_string(s.site.join("index.html")).unwrap());
    // The page that names it stays as it is, so that its name must.
    assert_eq!(s.renamed("a.css"), "a.css");
    assert!(s.page("a.css").len() < 17, "{}", s.page("a.css"));
}

#[test]
fn data_kiln_off_opts_out() {
    let off = "<div data-kiln=\"off\"><img src=\"p.jpg\"><style> p { color : red } </style></div>";
    let s = Sandbox::new(&[("index.html", &format!("{off}<img src=p.jpg><style> p {{ color : red }} </style>"))]);
    s.photo("p.jpg", 300, 200);
    s.build();
    let page = s.page("index.html");
    assert!(page.starts_with(off), "{page}");
    assert_eq!(page.matches("<picture").count(), 1, "{page}");
}

#[test]
fn no_escape_codes_away_from_a_terminal() {
    let s = Sandbox::new(&[("index.html", "<img src=gone.png><img src=p.jpg>")]);
    s.photo("p.jpg", 300, 200);
    for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1")] {
        for args in
            [vec!["build", "site", "--no-cache", "--verbose"], vec!["plan", "site", "--no-cache"], vec!["--help"]]
        {
            let output = s.kiln().env(name, value).args(&args).output().unwrap();
            for text in [&output.stdout, &output.stderr] {
                assert!(!text.contains(&0x1b) && !text.contains(&b'\r'), "{args:?}");
            }
        }
    }
}

#[test]
fn quiet_says_nothing_and_json_only_json() {
    let s = Sandbox::new(&[("index.html", "<img src=gone.png>")]);
    let quiet = s.run(&["--quiet"]);
    assert_eq!((stdout(&quiet).as_str(), stderr(&quiet).as_str()), ("", ""));
    let json = s.run(&["--json", "--no-cache"]);
    assert_eq!(stderr(&json), "");
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["diagnostics"][0]["code"], "dangling-reference");
    assert_eq!((&report["diagnostics"][0]["line"], &report["diagnostics"][0]["column"]), (&1.into(), &10.into()));
}

#[test]
fn help_shows_an_example_and_the_exit_codes() {
    let output = kiln(std::path::Path::new(".")).args(["build", "--help"]).output().unwrap();
    assert!(stdout(&output).contains("Exit codes") && stdout(&output).contains("kiln build dist"));
    let version = kiln(std::path::Path::new(".")).arg("--version").output().unwrap();
    assert_eq!(stdout(&version), format!("kiln {}\n", env!("CARGO_PKG_VERSION")));
}

/// A map that is composed anew counts among the source maps, where the author's was.
#[test]
fn the_summary_counts_composed_source_maps() {
    let script = "function   greet( name )  {\n  return  'hello ' + name ;\n}\nshow( greet( 'you' ) ) ;\n//# sourceMappingURL=a.js.map\n";
    let map = r#"{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA;AACA;AACA;AACA","sourcesContent":["one\ntwo\nthree\nfour\n"]}"#;
    let page = "<!doctype html><title>t</title><script src=a.js></script>";
    let s = Sandbox::new(&[("index.html", page), ("a.js", script), ("a.js.map", map)]);
    let report = s.report(&[]);
    let script = s.renamed("a.js");
    let maps = [format!("{script}.map"), "a.js.map".to_owned()];
    let written: Vec<u64> = maps.iter().filter(|m| s.has(m)).map(|m| s.bytes(m).len() as u64).collect();
    assert!(s.has(&maps[0]) && s.page(&maps[0]).contains("a.ts"), "composed");
    assert_eq!(report["kinds"]["source maps"]["files"], written.len());
    assert_eq!(report["kinds"]["source maps"]["after"], written.iter().sum::<u64>());
}
