//! Files in which hosts are told what headers to send.

use crate::scan::Site;
use crate::syntax::policy;

/// Some page may be sent with a Content-Security-Policy that restricts what stands in it.
pub fn send_a_policy(site: &Site) -> bool {
    const FILES: [&str; 12] = [
        "_headers",
        "_worker.js",
        ".htaccess",
        "web.config",
        "caddyfile",
        "nginx.conf",
        "customhttp.yml",
        "vercel.json",
        "netlify.toml",
        "firebase.json",
        "staticwebapp.config.json",
        "serve.json",
    ];
    let named = |name: &str| FILES.iter().any(|file| file.eq_ignore_ascii_case(name));
    let told = site.assets.iter().filter(|a| named(a.path.file_name()) && a.len <= 1 << 20);
    let mut texts = told.filter_map(|a| String::from_utf8(site.read(a).ok()?).ok());
    texts.any(|text| policy::sent_with(&text))
}
