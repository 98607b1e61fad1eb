//! What is written for a host is put before the host's own program or parser.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use kiln::emit::headers::{Host, Rendered, check, cloudflare, netlify, nginx, policy};
use kiln::model::{CacheClass, OutputHeaders, SitePath};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// Directories of one kind and of several, names that need every sort of escaping, names longer than nginx's hash
/// likes, and neighbours that differ only in case.
fn site() -> Vec<OutputHeaders> {
    use CacheClass::*;
    let long = "long/".to_string() + &"directory-".repeat(9) + "/photo.jpg";
    [
        ("index.html", Html),
        ("404.html", Html),
        ("about/index.html", Html),
        ("about/team.html", Html),
        ("assets/app.3fa9c1d2.js", Fingerprinted),
        ("assets/deep/er/x.3fa9c1d3.css", Fingerprinted),
        ("fonts/a.woff2", PlainFont),
        ("fonts/b.woff2", PlainFont),
        ("mixed/app.3fa9c1d4.js", Fingerprinted),
        ("mixed/app.js", Plain),
        ("mixed/app.js.map", SourceMap),
        ("mixed/index.html", Html),
        ("odd/a b.png", PlainImage),
        ("odd/50% (off) #1?.png", PlainImage),
        ("odd/quo\"te's.3fa9c1d5.js", Fingerprinted),
        ("odd/back\\slash$1.3fa9c1d6.js", Fingerprinted),
        ("odd/grüße {x} [y]+^|~.3fa9c1d7.css", Fingerprinted),
        ("odd/semi;colon,=&@!.3fa9c1d8.js", Fingerprinted),
        ("odd/日本.webp", PlainImage),
        ("sp ace/ünï/a.3fa9c1d9.js", Fingerprinted),
        ("sp ace/ünï/b.3fa9c1da.js", Fingerprinted),
        ("UPPER.PNG", PlainImage),
        ("sw.js", ServiceWorker),
        ("manifest.webmanifest", Metadata),
        ("robots.txt", Metadata),
        (long.as_str(), PlainImage),
    ]
    .map(|(path, class)| policy::headers_for(&SitePath::new(path).unwrap(), class))
    .into()
}

fn intended(output: &OutputHeaders) -> BTreeMap<String, String> {
    let all = output.headers.iter();
    all.map(|h| (h.name.to_string(), h.value.clone())).collect()
}

/// Asks `tests/node/SCRIPT` for the headers of all URLs. `None` when it cannot run here.
fn ask_node(script: &str, text: &str, urls: &[String]) -> Option<Vec<BTreeMap<String, String>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let needs = folder.join("node_modules/@netlify/headers-parser");
    if script.starts_with("netlify") && !needs.exists() {
        eprintln!("skipped: run `npm ci` in tests/node first");
        return None;
    }
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("_headers");
    std::fs::write(&file, text).unwrap();
    let mut node = Command::new("node");
    node.arg(folder.join(script)).arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = node.spawn() else {
        eprintln!("skipped: no node on the PATH");
        return None;
    };
    let json = serde_json::to_vec(urls).unwrap();
    child.stdin.take().unwrap().write_all(&json).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script} failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn compare_with_node(script: &str, host: Host, rendered: &Rendered) {
    let outputs = site();
    assert_eq!(rendered.dropped, []);
    let expected: Vec<(String, BTreeMap<String, String>)> =
        outputs.iter().flat_map(|o| check::urls(host, &o.path).into_iter().map(|u| (u, intended(o)))).collect();
    let urls: Vec<String> = expected.iter().map(|(url, _)| url.clone()).collect();
    let Some(answers) = ask_node(script, &rendered.text, &urls) else {
        return;
    };
    assert_eq!(answers.len(), expected.len());
    for ((url, want), mut got) in expected.into_iter().zip(answers) {
        // Left out of the file because the host sends it anyway.
        got.entry("Cache-Control".into()).or_insert(policy::REVALIDATE.into());
        assert_eq!(got, want, "{url}\n{}", rendered.text);
    }
}

#[test]
fn netlify_parser_agrees() {
    compare_with_node("netlify-headers.mjs", Host::Netlify, &netlify::render(&site(), ""));
}

#[test]
fn cloudflare_rules_agree() {
    compare_with_node("cloudflare-headers.mjs", Host::Cloudflare, &cloudflare::render(&site(), ""));
}

/// A running nginx, stopped when dropped.
pub struct Nginx(std::process::Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `None` when nginx is not installed.
pub fn start_nginx(prefix: &Path, http: &str, server: &str) -> Option<(Nginx, u16)> {
    let program = ["nginx", "/usr/sbin/nginx"]
        .into_iter()
        .find(|p| Command::new(p).arg("-v").stderr(Stdio::null()).status().is_ok_and(|s| s.success()))?;
    // The port is free now, and most likely still is in a moment.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::write(prefix.join("kiln-headers.conf"), http).unwrap();
    std::fs::write(prefix.join("kiln-server.conf"), server).unwrap();
    let temp: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|t| format!("{t}_temp_path {t};\n")).concat();
    std::fs::write(
        prefix.join("nginx.conf"),
        format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr warn;
             events {{}}
             http {{ access_log off; {temp} include kiln-headers.conf;
               server {{ listen 127.0.0.1:{port}; root site; include kiln-server.conf;
                 location / {{ try_files $uri $uri/ $uri.html =404; }} }} }}"
        ),
    )
    .unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(prefix).args(["-e", "stderr", "-c", "nginx.conf"]);
    let mut nginx = Nginx(command.spawn().unwrap());
    for _ in 0..100 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((nginx, port));
        }
        if let Some(status) = nginx.0.try_wait().unwrap() {
            panic!("nginx ended with {status}: {http}");
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nginx does not answer");
}

/// Status and headers; a header that comes twice is joined.
fn get(port: u16, url: &str) -> (String, BTreeMap<String, String>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {url} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let mut lines = answer.split("\r\n\r\n").next().unwrap().lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().to_string();
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in lines.filter_map(|l| l.split_once(": ")) {
        let old = headers.entry(name.to_string()).or_default();
        *old = if old.is_empty() { value.into() } else { format!("{old}, {value}") };
    }
    (status, headers)
}

#[test]
fn nginx_answers_with_the_intended_headers() {
    let mut outputs = site();
    // Told apart although nginx's exact keys ignore case, and names that are patterns elsewhere.
    for (path, class) in [
        ("case/App.js", CacheClass::Fingerprinted),
        ("case/app.js", CacheClass::Plain),
        ("odd/a*.png", CacheClass::PlainImage),
        ("odd/:b.png", CacheClass::PlainImage),
    ] {
        outputs.push(policy::headers_for(&SitePath::new(path).unwrap(), class));
    }
    let prefix = tempfile::tempdir().unwrap();
    for output in &outputs {
        let file = prefix.path().join("site").join(output.path.as_str());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "x").unwrap();
    }
    let rendered = nginx::render(&outputs, "/");
    assert_eq!(rendered.dropped, []);
    let server = nginx::server(&outputs);
    let Some((_nginx, port)) = start_nginx(prefix.path(), &rendered.text, &server) else {
        eprintln!("skipped: nginx is not installed");
        return;
    };
    let ours: Vec<&str> = outputs.iter().flat_map(|o| o.headers.iter().map(|h| h.name)).collect();
    for output in &outputs {
        // Clean URLs too: they end in the same file.
        for url in check::urls(Host::Cloudflare, &output.path) {
            let (status, mut headers) = get(port, &url);
            if status == "301" {
                continue; // `/about` leads to `/about/`
            }
            assert_eq!(status, "200", "{url}");
            headers.retain(|name, _| ours.contains(&name.as_str()));
            assert_eq!(headers, intended(output), "{url}\n{}", rendered.text);
        }
    }
    for missing in ["/assets/gone.js", "/nowhere", "/fonts/gone.woff2"] {
        let (status, headers) = get(port, missing);
        assert_eq!(status, "404");
        assert!(!headers.contains_key("Cache-Control"), "{missing}: {headers:?}");
    }
}
