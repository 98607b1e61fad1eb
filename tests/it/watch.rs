//! `kiln watch` while people and programs work on the site: whenever it rests, the output is that of a fresh build.

use crate::support::{DRAWING, Sandbox, tree};
use crate::watching::{Watcher, fresh, settles, whole};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

fn site() -> Sandbox {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=a.css><script src=js/a.js></script><p class=x><img src=i.svg>"),
        ("about.html", "<link rel=stylesheet href=a.css><p class=y>"),
        ("a.css", "@import 'b.css'; .x { color : red } .y { color : blue } .z { color : green }"),
        ("b.css", "p { background : url(i.svg) }"),
        ("js/a.js", "console.log( 'a' );"),
        ("i.svg", DRAWING),
    ]);
    s.photo("p.jpg", 120, 80);
    s
}

#[test]
fn a_working_day() {
    let s = site();
    let watcher = Watcher::start(&s, &[]);
    settles(&s, &watcher, "the start");
    s.put("about.html", b"<link rel=stylesheet href=a.css><p class=z>other");
    settles(&s, &watcher, "an edited page");
    s.put("a.css", b"@import 'b.css'; .x { color : #123456 } .z { color : tomato }");
    settles(&s, &watcher, "an edited sheet");
    // As editors save: another file, then its name.
    s.put("js/a.js.tmp~", b"console.log( 'b' ) ;");
    fs::rename(s.site.join("js/a.js.tmp~"), s.site.join("js/a.js")).unwrap();
    settles(&s, &watcher, "a file under another's name");
    s.put("new/deep/page.html", b"<link rel=stylesheet href=../../a.css><p class=x>new");
    settles(&s, &watcher, "a new folder");
    s.put("new/deep/page.html", b"<link rel=stylesheet href=../../a.css><p class=x>newer");
    settles(&s, &watcher, "a file in a new folder");
    s.photo("p.jpg", 100, 100);
    settles(&s, &watcher, "another picture");
    fs::remove_dir_all(s.site.join("new")).unwrap();
    settles(&s, &watcher, "a removed folder");
    // As generators build: away with everything, and slowly back.
    for round in 0..2 {
        let before = tree(&s.site);
        fs::remove_dir_all(&s.site).unwrap();
        for (path, bytes) in before {
            s.put(&path, &bytes);
            std::thread::sleep(Duration::from_millis(40));
        }
        for i in 0..60 {
            s.put(&format!("many/{round}-{i}.html"), format!("<p>{i}").as_bytes());
            std::thread::sleep(Duration::from_millis(5));
        }
        settles(&s, &watcher, "all anew");
    }
    s.put("index.html", b"<p>after the new folder");
    settles(&s, &watcher, "an edit in the new folder");
    fs::rename(&s.site, s.root().join("aside")).unwrap();
    watcher.until("word of the missing folder", || watcher.errors().contains("waiting for files"));
    assert!(s.has("index.html"), "the last output stays");
    fs::rename(s.root().join("aside"), &s.site).unwrap();
    s.put("index.html", b"<p>it is back");
    settles(&s, &watcher, "its return");
    std::thread::sleep(Duration::from_millis(500));
    let rest = watcher.reports().len();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(watcher.reports().len(), rest, "it set itself off");
}

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

fn event(s: &Sandbox, dice: &mut Dice, i: usize) {
    let folder = ["", "a/", "a/b/", "c/"][dice.below(4)];
    let name = format!("{folder}{}", ["1.html", "2.html", "s.css", "x.js"][dice.below(4)]);
    let file = s.site.join(&name);
    let text = match name.rsplit('.').next() {
        Some("html") => format!("<link rel=stylesheet href=s.css><p class=c{}>{i}", i % 3),
        Some("css") => format!(".c{} {{ width : {i}px }} p {{ margin : {i}px }}", i % 3),
        _ => format!("console.log( {i} );"),
    };
    match dice.below(8) {
        0..=2 => s.put(&name, text.as_bytes()),
        3 => {
            s.put("new.tmp", text.as_bytes());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::rename(s.site.join("new.tmp"), file).unwrap();
        }
        4 => _ = fs::remove_file(file),
        5 => {
            let other = s.site.join(["a/1.html", "c/x.js", "a/b/s.css"][dice.below(3)]);
            if other.parent().is_some_and(Path::is_dir) {
                let _ = fs::rename(file, other);
            }
        }
        6 if dice.below(4) == 0 => _ = fs::remove_dir_all(s.site.join(["a", "a/b", "c"][dice.below(3)])),
        6 => {
            s.put(&name, b"");
            s.put(&name, text.as_bytes());
        }
        _ => _ = fs::rename(s.site.join("c"), s.site.join("a/b")),
    }
}

#[test]
fn of_five_hundred_random_events_none_is_missed() {
    let s = site();
    let watcher = Watcher::start(&s, &[]);
    let mut dice = Dice(58);
    for i in 0..500 {
        event(&s, &mut dice, i);
        if dice.below(4) == 0 {
            std::thread::sleep(Duration::from_millis(dice.below(60) as u64));
        }
        if i % 25 == 24 {
            settles(&s, &watcher, &format!("event {i}"));
        }
    }
    // The report comes after the output.
    std::thread::sleep(Duration::from_millis(500));
    let rest = watcher.reports().len();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(watcher.reports().len(), rest, "it set itself off");
}

#[test]
fn fast_shows_new_pictures_as_drafts_until_they_are_done() {
    let s = Sandbox::new(&[("index.html", "<img src=p.jpg width=640 height=480><img src=q.jpg width=640 height=480>")]);
    fs::write(s.root().join("kiln.toml"), "[images]\nquality = 75\n").unwrap();
    s.photo("p.jpg", 640, 480);
    s.photo("q.jpg", 640, 480);
    let watcher = Watcher::start(&s, &["--fast"]);
    let drafts = || watcher.reports().iter().map(|r| r["drafts"].as_u64().unwrap()).collect::<Vec<_>>();
    settles(&s, &watcher, "the start");
    watcher.until("the second report", || drafts() == [2, 0]);
    s.photo("p.jpg", 600, 480);
    watcher.until("a draft", || drafts().len() == 3);
    settles(&s, &watcher, "a new picture");
    watcher.until("the fourth report", || drafts() == [2, 0, 1, 0]);
    let encodes = |i: usize| watcher.reports()[i]["encodes"].as_u64().unwrap();
    assert!(encodes(0) < encodes(1), "a draft is not looked at");
    s.put("index.html", b"<img src=p.jpg width=640 height=480><img src=q.jpg width=640 height=480><p>other");
    settles(&s, &watcher, "a page");
    // A page has no draft.
    watcher.until("the fifth report", || drafts() == [2, 0, 1, 0, 0]);
}

#[test]
fn without_events_the_folder_is_asked() {
    let s = site();
    let watcher = Watcher::start(&s, &["--poll=50"]);
    settles(&s, &watcher, "the start");
    s.put("about.html", b"<p>polled");
    settles(&s, &watcher, "an edit");
    fs::remove_dir_all(&s.site).unwrap();
    s.put("index.html", b"<p>all anew");
    settles(&s, &watcher, "a new folder");
}

#[cfg(unix)]
#[test]
fn a_link_that_is_turned_to_another_folder_is_followed() {
    let s = site();
    let (one, two) = (s.root().join("one"), s.root().join("two"));
    fs::rename(&s.site, &one).unwrap();
    fs::create_dir(&two).unwrap();
    fs::write(two.join("index.html"), "<p>two").unwrap();
    std::os::unix::fs::symlink(&one, &s.site).unwrap();
    let watcher = Watcher::start(&s, &[]);
    settles(&s, &watcher, "the start");
    fs::write(one.join("about.html"), "<p>through the link").unwrap();
    settles(&s, &watcher, "an edit");
    std::os::unix::fs::symlink(&two, s.root().join("next")).unwrap();
    fs::rename(s.root().join("next"), &s.site).unwrap();
    settles(&s, &watcher, "another folder");
    fs::write(two.join("index.html"), "<p>two again").unwrap();
    settles(&s, &watcher, "an edit there");
}

#[test]
fn a_failed_run_keeps_the_last_good_output() {
    let s = site();
    let watcher = Watcher::start(&s, &[]);
    settles(&s, &watcher, "the start");
    let good = tree(&s.out);
    // Not to be built: it looks like kiln's own output.
    s.put("kiln-manifest.json", b"{}");
    watcher.until("word of the failure", || watcher.errors().contains("holds the last good output"));
    assert!(tree(&s.out) == good);
    fs::remove_file(s.site.join("kiln-manifest.json")).unwrap();
    s.put("about.html", b"<p>good again");
    settles(&s, &watcher, "the repair");
}

#[test]
fn a_run_that_a_change_outdates_is_given_up() {
    use kiln::observe::Observer;
    use std::sync::atomic::{AtomicUsize, Ordering};
    struct After(AtomicUsize, usize);
    impl Observer for After {
        fn stage(&self, _: &'static str, _: usize) {}
        fn step(&self, _: i64) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= self.1
        }
    }
    let s = site();
    (0..9).for_each(|i| s.photo(&format!("p{i}.png"), 40, 30));
    s.build_with(&["--no-cache"]);
    let old = tree(&s.out);
    s.put("about.html", b"<p>other");
    let config = {
        let overrides = kiln::config::Overrides { no_cache: true, ..Default::default() };
        kiln::config::resolve(None, &[], &overrides).unwrap()
    };
    for steps in 0..16 {
        let observer = After(AtomicUsize::new(0), steps);
        let job = kiln::pipeline::Job {
            input: &s.site,
            out: &s.out,
            force: false,
            config: &config,
            observer: &observer,
            draft: false,
            memory: None,
        };
        let result = kiln::pipeline::build(&job);
        assert!(matches!(result, Err(kiln::pipeline::Error::Cancelled)), "after {steps}");
        assert!(tree(&s.out) == old && !s.root().join(".out.kiln-staging").exists(), "after {steps}");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_and_leaves_a_whole_output() {
    for signal in ["-INT", "-TERM"] {
        let s = site();
        (0..6).for_each(|i| s.photo(&format!("p{i}.jpg"), 900, 600));
        s.put("index.html", (0..6).map(|i| format!("<img src=p{i}.jpg>")).collect::<String>().as_bytes());
        let mut watcher = Watcher::start(&s, &[]);
        // In the middle of the first build, and after it.
        if signal == "-INT" {
            std::thread::sleep(Duration::from_millis(150));
        } else {
            settles(&s, &watcher, "the start");
        }
        watcher.signal(signal);
        assert_eq!(watcher.ended(), Some(0), "{}", watcher.errors());
        let left = whole(&s.out).unwrap_or_default();
        assert!(left.is_empty() || Some(left) == fresh(&s));
        assert!(!s.root().join(".out.kiln-staging").exists());
    }
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let s = site();
    let program = s.kiln().get_program().to_owned();
    let watch = |args: &[&str]| {
        let mut command = Command::new(&program);
        let done = command.current_dir(s.root()).arg("watch").args(args).stdin(Stdio::null()).output().unwrap();
        (done.status.code(), crate::support::stderr(&done))
    };
    let (code, text) = watch(&["site", "--out", "site"]);
    assert!(code == Some(2) && text.contains("choose another --out"), "{text}");
    let (code, text) = watch(&["site", "--poll=1"]);
    assert!(code == Some(2) && text.contains("--poll"), "{text}");
}

/// `vite build --watch` on a copy of `tests/vite`, into the sandbox's site. `None` where it is not installed.
fn vite(s: &Sandbox) -> Option<(super::serve::Running, PathBuf)> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vite");
    let program = from.join("node_modules/vite/bin/vite.js");
    if !program.is_file() {
        eprintln!("skipped: run `npm ci` in tests/vite first");
        return None;
    }
    let project = s.root().join("project");
    fs::create_dir_all(project.join("src")).unwrap();
    for file in ["index.html", "package.json", "src/main.js", "src/late.js", "src/style.css", "src/late.css"] {
        fs::copy(from.join(file), project.join(file)).unwrap();
    }
    let mut command = Command::new("node");
    command.arg(program).args(["build", "--watch", "--emptyOutDir", "--logLevel", "error", "--outDir"]).arg(&s.site);
    let child = command.current_dir(&project).stdin(Stdio::null()).stdout(Stdio::null()).spawn().ok()?;
    Some((super::serve::Running(child), project))
}

#[test]
fn a_working_day_with_vite() {
    let s = Sandbox::new(&[]);
    fs::remove_dir(&s.site).unwrap();
    let watcher = Watcher::start(&s, &[]);
    let Some((_vite, project)) = vite(&s) else { return };
    let in_output = |text: &str| {
        let files = whole(&s.site).unwrap_or_default();
        files.values().any(|b| String::from_utf8_lossy(b).contains(text))
    };
    watcher.until("vite's first build", || in_output("version 0"));
    settles(&s, &watcher, "vite's first build");
    for (i, (file, from, to)) in [
        ("src/main.js", "version 0", "version 1"),
        ("src/style.css", "#123456", "#654321"),
        ("src/late.js", "'late'", "'later'"),
        ("src/late.css", ".late", ".later"),
        ("index.html", "<p id", "<p class=\"note\" id"),
        ("src/main.js", "version 1", "version 2"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = project.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(&path, text.replace(from, to)).unwrap();
        let trace = to.trim_matches(['\'', '.']);
        watcher.until(&format!("vite's build {i}"), || in_output(trace));
        settles(&s, &watcher, file);
    }
}
