//! Killed at any moment, the output is a whole one: the old or the new.

use crate::support::{DRAWING, Sandbox, tree};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn site(s: &Sandbox, version: u32) {
    s.put("index.html", format!("<link rel=stylesheet href=a.css><img src=i.svg><img src=p.jpg>v{version}").as_bytes());
    s.put("a.css", format!("p {{ width : {version}px }}").as_bytes());
    s.put("i.svg", DRAWING.as_bytes());
    for i in 0..40 {
        s.put(&format!("pages/{i}.html"), format!("<img src=../p.jpg>  <p>{version}").as_bytes());
    }
}

#[test]
fn trap_58_a_killed_build_leaves_the_old_or_the_new_tree() {
    let s = Sandbox::new(&[]);
    s.photo("p.jpg", 300, 200);
    site(&s, 2);
    let program = s.kiln();
    let build = |out: &std::path::Path| {
        let mut command = Command::new(program.get_program());
        command.arg("build").arg(&s.site).arg("--out").arg(out).arg("--no-cache");
        command.current_dir(s.root()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let reference = s.root().join("reference");
    let start = Instant::now();
    assert!(build(&reference).status().unwrap().success());
    let whole = start.elapsed().max(Duration::from_millis(15));
    let new = tree(&reference);
    site(&s, 1);
    s.build_with(&["--no-cache"]);
    let old = tree(&s.out);
    assert_ne!(old, new);
    site(&s, 2);
    let (mut seen_old, mut killed) = (0, 0);
    for i in 0..15u32 {
        let mut child = build(&s.out).spawn().unwrap();
        std::thread::sleep(whole * (i + 1) / 14);
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        let now = tree(&s.out);
        assert!(now == old || now == new, "a mixture after {i}: {:?}", now.keys());
        seen_old += usize::from(now == old);
    }
    assert!(killed > 0 && seen_old > 0, "no kill came in time: {whole:?}");
    assert!(build(&s.out).status().unwrap().success());
    assert_eq!(tree(&s.out), new);
    let left: Vec<String> = std::fs::read_dir(s.root())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
