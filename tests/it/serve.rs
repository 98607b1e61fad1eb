//! `kiln serve` answers as an nginx answers that has kiln's header files, and lets nobody out of its folder.

use crate::support::{DRAWING, Sandbox};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A program that runs until this is dropped.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `kiln serve` on a free port.
pub fn serve(dir: &Path, args: &[&str]) -> (Running, u16) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("kiln"));
    command.arg("serve").arg(dir).args(["--port", "0"]).args(args).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.rsplit_once("127.0.0.1:").and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
    (Running(child), port.unwrap_or_else(|| panic!("no address in {line:?}")))
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// What is sent is `head` as it stands, with a blank line.
pub fn ask(port: u16, head: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // In one piece: a server may answer nonsense, and close, as soon as it has seen the first line.
    stream.write_all(format!("{head}Host: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer to {head:?}"));
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = text.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()));
    Answer { status, headers: headers.collect(), body: bytes[end + 4..].to_vec() }
}

pub fn get(port: u16, url: &str) -> Answer {
    ask(port, &format!("GET {url} HTTP/1.1\r\n"))
}

/// nginx with kiln's files and the lines that the README gives. `None` when it is not installed.
fn nginx(prefix: &Path, out: &Path, base: &str) -> Option<(Running, u16)> {
    let program = ["nginx", "/usr/sbin/nginx"]
        .into_iter()
        .find(|p| Command::new(p).arg("-v").stderr(Stdio::null()).status().is_ok_and(|s| s.success()))?;
    let root = prefix.join("root");
    let site = if base == "/" { root.clone() } else { root.join(base.trim_matches('/')) };
    std::fs::create_dir_all(site.parent().unwrap()).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(out, &site).unwrap();
    let extensions: BTreeSet<String> =
        files(out).iter().filter_map(|f| Some(f.rsplit_once('.')?.1.to_owned())).collect();
    let types: String = extensions
        .iter()
        .filter(|e| !e.contains('/'))
        .map(|e| {
            format!("{} {e};", kiln::emit::manifest::mime(&kiln::model::SitePath::new(&format!("x.{e}")).unwrap()))
        })
        .collect();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let temp: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|t| format!("{t}_temp_path {t};\n")).concat();
    let (http, server) = (out.join("kiln-headers.conf"), out.join("kiln-server.conf"));
    std::fs::write(
        prefix.join("nginx.conf"),
        format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
             events {{}}
             http {{ access_log off; {temp} types {{ {types} }} include {};
               server {{ listen 127.0.0.1:{port}; root {}; include {};
                 location {base} {{ try_files $uri $uri/ $uri.html =404; error_page 404 {base}404.html; }} }} }}",
            http.display(),
            root.display(),
            server.display()
        ),
    )
    .unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(prefix).args(["-e", "stderr", "-c"]).arg(prefix.join("nginx.conf"));
    let running = Running(command.spawn().unwrap());
    for _ in 0..100 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((running, port));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nginx does not answer");
}

fn files(dir: &Path) -> Vec<String> {
    crate::support::tree(dir).into_keys().collect()
}

fn encoded(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%2F", "/")
}

/// Each file, and the shorter ways to it; folders with and without their slash; and what is not there.
fn urls(out: &Path, base: &str) -> BTreeSet<String> {
    let mut urls = BTreeSet::new();
    for file in files(out) {
        urls.insert(format!("{base}{}", encoded(&file)));
        if let Some(stem) = file.strip_suffix(".html") {
            urls.insert(format!("{base}{}", encoded(stem)));
            urls.insert(format!("{base}{}/", encoded(stem)));
        }
        let mut folder = file.as_str();
        while let Some((parent, _)) = folder.rsplit_once('/') {
            urls.insert(format!("{base}{}", encoded(parent)));
            urls.insert(format!("{base}{}/?a=b&c", encoded(parent)));
            urls.insert(format!("{base}{}?a=b&c", encoded(parent)));
            folder = parent;
        }
    }
    for odd in ["", "?x", "gone", "gone/", "gone.html", "gone/page.css", "index.html/", "./", "x/../", "%69ndex.html"] {
        urls.insert(format!("{base}{odd}"));
    }
    urls
}

/// What can be compared: not who says it, when, and in which words an error is told.
fn comparable(mut answer: Answer, port: u16, page_404: bool) -> Answer {
    for name in ["server", "date", "connection"] {
        answer.headers.remove(name);
    }
    if let Some(location) = answer.headers.get_mut("location") {
        *location = location.trim_start_matches(&format!("http://127.0.0.1:{port}")).to_owned();
    }
    if answer.status >= 300 && !(answer.status == 404 && page_404) && answer.status != 304 {
        answer.body.clear();
        answer.headers.remove("content-length");
        answer.headers.remove("content-type");
    }
    answer
}

/// Answers of both to every URL, and to conditions and ranges. `None` without nginx.
fn compare(out: &Path, prefix: &Path, base: &str) -> Option<usize> {
    let (_nginx, theirs) = nginx(prefix, out, base)?;
    let (_kiln, ours) = serve(out, &["--host", "nginx"]);
    let page_404 = out.join("404.html").is_file();
    let mut compared = 0;
    let mut same = |head: &str| {
        let expected = comparable(ask(theirs, head), theirs, page_404);
        let got = comparable(ask(ours, head), ours, page_404);
        assert!(
            got == expected,
            "{head:?}\nnginx {} {:?} ({} bytes)\nkiln  {} {:?} ({} bytes)",
            expected.status,
            expected.headers,
            expected.body.len(),
            got.status,
            got.headers,
            got.body.len()
        );
        compared += 1;
        expected
    };
    for (i, url) in urls(out, base).iter().enumerate() {
        let answer = same(&format!("GET {url} HTTP/1.1\r\n"));
        same(&format!("HEAD {url} HTTP/1.1\r\n"));
        if answer.status != 200 || i % 5 > 0 {
            continue;
        }
        let (tag, time) = (&answer.headers["etag"], &answer.headers["last-modified"]);
        let old = "Mon, 01 Jan 2001 00:00:00 GMT";
        for line in [
            format!("If-None-Match: {tag}"),
            format!("If-None-Match: \"x\", W/{tag}"),
            "If-None-Match: \"x\"".into(),
            "If-None-Match: *".into(),
            format!("If-Modified-Since: {time}"),
            format!("If-Modified-Since: {old}"),
            format!("If-None-Match: {tag}\r\nIf-Modified-Since: {old}"),
            format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {time}"),
            format!("If-Match: {tag}"),
            "If-Match: \"x\"".into(),
            format!("If-Unmodified-Since: {time}"),
            format!("If-Unmodified-Since: {old}"),
            "Range: bytes=0-0".into(),
            "Range: bytes=1-".into(),
            "Range: bytes=-3".into(),
            "Range: bytes=0-99999999".into(),
            "Range: bytes=99999999-".into(),
            "Range: bytes=3-1".into(),
            "Range: bytes=x".into(),
            "Range: lines=0-1".into(),
            format!("Range: bytes=0-1\r\nIf-Range: {tag}"),
            "Range: bytes=0-1\r\nIf-Range: \"x\"".into(),
            format!("Range: bytes=0-1\r\nIf-Range: {time}"),
            format!("Range: bytes=0-1\r\nIf-None-Match: {tag}"),
        ] {
            same(&format!("GET {url} HTTP/1.1\r\n{line}\r\n"));
        }
    }
    same(&format!("POST {base} HTTP/1.1\r\nContent-Length: 0\r\n"));
    Some(compared)
}

fn built(s: &Sandbox, site: &Path, base: &str) -> PathBuf {
    std::fs::write(s.root().join("kiln.toml"), "[headers]\nhosts = [\"nginx\"]\n").unwrap();
    let mut command = s.kiln();
    // Pictures have nothing to do with headers, but for time.
    command.arg("build").arg(site).arg("--out").arg(&s.out).args([
        "--no-cache",
        "--skip",
        "images",
        "--base-url",
        base,
    ]);
    assert!(command.output().unwrap().status.code() < Some(2));
    s.out.clone()
}

fn odd_site() -> Sandbox {
    let s = Sandbox::new(&[
        ("index.html", "<link rel=stylesheet href=css/a.css><script src='js/a b.js'></script><img src=i.svg>"),
        ("404.html", "<p>gone, says the site"),
        ("about.html", "<p>about"),
        ("docs/index.html", "<p>docs"),
        ("docs/deep/page.html", "<p>page"),
        ("both.html", "<p>a page"),
        ("both/index.html", "<p>and a folder"),
        ("bare/data.json", "{}"),
        ("css/a.css", "p { color : red }"),
        ("js/a b.js", "console.log( 1 );"),
        ("odd/50% (off) #1?.txt", "odd"),
        ("odd/grüße.html", "<p>grüße"),
        ("odd/semi;colon,=&@!.txt", "odd"),
        ("i.svg", DRAWING),
        ("sw.js", "self.x = 1;"),
        ("robots.txt", "User-agent: *"),
        ("empty.txt", ""),
        (".well-known/security.txt", "x"),
        ("font.woff2", "font"),
    ]);
    s.put("big.bin", &[7; 200_000]);
    s
}

#[test]
fn nginx_and_kiln_answer_alike() {
    for base in ["/", "/sub/path/"] {
        let s = odd_site();
        let out = built(&s, &s.site.clone(), base);
        match compare(&out, tempfile::tempdir().unwrap().path(), base) {
            Some(n) => eprintln!("{n} answers below {base}"),
            None => eprintln!("skipped: nginx is not installed"),
        }
    }
}

#[test]
fn nginx_and_kiln_answer_alike_for_real_sites() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/sites");
    let real = [(corpus.join("astro-blog"), "/journal/"), (corpus.join("next-export"), "/")];
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sites/photo-journal");
    for (site, base) in real.into_iter().chain([(fixture, "/")]) {
        let s = Sandbox::new(&[]);
        if !site.is_dir() {
            eprintln!("skipped: {} is not here", site.display());
            continue;
        }
        let out = built(&s, &site, base);
        match compare(&out, tempfile::tempdir().unwrap().path(), base) {
            Some(n) => eprintln!("{n} answers of {}", site.display()),
            None => eprintln!("skipped: nginx is not installed"),
        }
    }
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let s = odd_site();
    let out = built(&s, &s.site.clone(), "/");
    std::fs::write(s.root().join("secret.txt"), "secret").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(s.root().join("secret.txt"), out.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(s.root(), out.join("up")).unwrap();
        std::os::unix::fs::symlink("index.html", out.join("inner.html")).unwrap();
        assert!(Command::new("mkfifo").arg(out.join("pipe")).status().unwrap().success());
    }
    let (_kiln, port) = serve(&out, &[]);
    for url in [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2Fsecret.txt",
        "/docs/../../secret.txt",
        "/docs/..%2f..%2fsecret.txt",
        "/....//secret.txt",
        "/..;/secret.txt",
        "/..\\secret.txt",
        "/%5c..%5csecret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/%252e%252e/secret.txt",
        "/link.txt",
        "/up/secret.txt",
        "/up/",
        "/up",
        "//secret.txt",
        "/index.html%00.txt",
        "/%",
        "/%zz",
        "/pipe",
        "/%ff%fe",
        "/secret.txt",
    ] {
        let answer = get(port, url);
        assert!(matches!(answer.status, 400 | 404), "{url}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret"), "{url}");
    }
    for head in
        ["GET ../secret.txt HTTP/1.1\r\n", "GET secret.txt HTTP/1.1\r\n", "nonsense\r\n\r\n", "OPTIONS * HTTP/1.1\r\n"]
    {
        assert!(matches!(ask(port, head).status, 400..=405), "{head:?}");
    }
    assert_eq!(get(port, "/inner.html").status, 200, "a link inside is one of its files");
    assert_eq!(get(port, "http://other.example/about").status, 200);
    assert_eq!(get(port, "/").status, 200, "it still runs");
}

#[test]
fn slow_clients_are_in_nobodys_way() {
    let s = odd_site();
    // More than sockets hold back by themselves.
    s.put("big.bin", &vec![7; 24 << 20]);
    let out = built(&s, &s.site.clone(), "/");
    let (_kiln, port) = serve(&out, &[]);
    let clients: Vec<TcpStream> = (0..200)
        .map(|i| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            // Some do not even end their question, the others do not read the answer.
            let end = if i % 2 == 0 { "" } else { "\r\n" };
            write!(stream, "GET /big.bin HTTP/1.1\r\nHost: x\r\n{end}").unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(get(port, "/about").status, 200);
    }
    assert_eq!(get(port, "/big.bin").body.len(), 24 << 20);
    drop(clients);
    assert_eq!(get(port, "/").status, 200);
}

#[test]
fn the_hosts_own_rules_are_followed() {
    let s = odd_site();
    s.put("_headers", b"/about\n  X-Own: yes\n");
    s.build_with(&["--skip", "images"]);
    let (_kiln, port) = serve(&s.out, &["--spa"]);
    assert_eq!(get(port, "/about").headers["x-own"], "yes");
    assert!(get(port, &format!("/{}", s.renamed("css/a.css"))).headers["cache-control"].contains("immutable"));
    assert_eq!(get(port, "/_headers").body, s.bytes("index.html"), "it is the host's, not the visitors'");
    let answer = get(port, "/some/route");
    assert_eq!((answer.status, answer.body), (200, s.bytes("index.html")));
    // There are no rules for this one, which is said.
    let mut command = s.kiln();
    let done = command.arg("serve").arg(&s.out).args(["--port", "0", "--host", "nginx"]);
    let done = done.timeout(Duration::from_secs(2)).output().unwrap();
    assert!(crate::support::stderr(&done).contains("no header rules for nginx"));
}

#[test]
fn what_cannot_be_served_is_refused() {
    let s = odd_site();
    let refused = |args: &[&str]| {
        let done = s.kiln().arg("serve").args(args).output().unwrap();
        (done.status.code(), crate::support::stderr(&done))
    };
    let (code, text) = refused(&["nowhere"]);
    assert!(code == Some(2) && text.contains("is no folder"), "{text}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, text) = refused(&["site", "--port", &port]);
    assert!(code == Some(3) && text.contains("--port"), "{text}");
}
