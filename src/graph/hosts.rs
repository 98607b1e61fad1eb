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
    let told = site.assets.iter().filter(|a| named(a.path.file_name()));
    told.filter_map(|a| Some((a, site.read(a).ok()?))).any(|(asset, bytes)| {
        let text = String::from_utf8_lossy(&bytes);
        // One line, one header; elsewhere, a policy may stand on several.
        if asset.path.file_name() == "_headers" { text.lines().any(policy::is_sent) } else { policy::is_sent(&text) }
    })
}
