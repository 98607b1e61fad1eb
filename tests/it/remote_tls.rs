//! Pictures over TLS, from a real nginx with a certificate of its own.

use crate::headers::{Nginx, start_nginx};
use crate::support::{Sandbox, photo, stderr};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An nginx that sends `boat.jpg` on a port, and its certificate.
struct Host {
    port: u16,
    certificate: PathBuf,
    _nginx: Nginx,
}

/// `None`, with a word on it, where it cannot be had.
fn host(prefix: &Path) -> Option<Host> {
    let certificate = prefix.join("certificate.pem");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(prefix.join("key.pem"))
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: openssl is not installed");
        return None;
    }
    std::fs::create_dir_all(prefix.join("site")).unwrap();
    std::fs::write(prefix.join("site/boat.jpg"), photo("boat.jpg", 300, 200)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!(
        "server {{ listen 127.0.0.1:{port} ssl; root site; types {{ image/jpeg jpg; }}
           ssl_certificate certificate.pem; ssl_certificate_key key.pem; }}"
    );
    let Some((nginx, _)) = start_nginx(prefix, &server, "") else {
        eprintln!("skipped: nginx is not installed");
        return None;
    };
    Some(Host { port, certificate, _nginx: nginx })
}

#[test]
fn certificates_are_checked() {
    let prefix = tempfile::tempdir().unwrap();
    let Some(host) = host(prefix.path()) else { return };
    let url = format!("https://localhost:{}/boat.jpg", host.port);
    let s = Sandbox::new(&[("index.html", &format!("<!doctype html><img src={url} width=300 height=200>"))]);
    let settings = format!("[images]\nremote = [\"https://localhost:{}/**\"]\n", host.port);
    crate::remote::settings(&s, &settings);
    let build = |trusted: Option<&Path>| {
        let mut kiln = s.command(&[]);
        kiln.env_remove("SSL_CERT_FILE").envs(trusted.map(|file| ("SSL_CERT_FILE", file)));
        let output = kiln.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stderr(&output)
    };
    let said = build(None);
    assert!(said.contains("is not fetched: its server cannot be reached") && said.contains("ertificate"), "{said}");
    assert!(s.page("index.html").contains(&url));
    let empty = prefix.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let said = build(Some(&empty));
    assert!(said.contains("empty.pem, holds no certificates"), "{said}");
    let said = build(Some(&prefix.path().join("missing.pem")));
    assert!(said.contains("missing.pem, cannot be read"), "{said}");
    let said = build(Some(&host.certificate));
    assert!(!said.contains("is not fetched"), "{said}");
    let page = s.page("index.html");
    assert!(page.contains("<img src=kiln-remote/localhost-") && !page.contains(&url), "{page}");
}
