#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::check::{self, verify};
use super::*;
use crate::model::{CacheClass, OutputHeaders};
use proptest::prelude::*;

fn outputs(files: &[(&str, CacheClass)]) -> Vec<OutputHeaders> {
    files.iter().map(|(p, c)| policy::headers_for(&SitePath::new(p).unwrap(), *c)).collect()
}

fn render(host: Host, outputs: &[OutputHeaders], user: &str) -> Rendered {
    match host {
        Host::Netlify => netlify::render(outputs, user),
        Host::Cloudflare => cloudflare::render(outputs, user),
        Host::Nginx => nginx::render(outputs, "/"),
    }
}

fn site() -> Vec<OutputHeaders> {
    outputs(&[
        ("index.html", CacheClass::Html),
        ("about/index.html", CacheClass::Html),
        ("assets/app.3fa9c1d2.js", CacheClass::Fingerprinted),
        ("assets/font.3fa9c1d3.woff2", CacheClass::Fingerprinted),
        ("fonts/a.woff2", CacheClass::PlainFont),
        ("fonts/b.woff2", CacheClass::PlainFont),
        ("sw.js", CacheClass::ServiceWorker),
        ("app.js.map", CacheClass::SourceMap),
    ])
}

#[test]
fn a_directory_of_one_kind_is_one_rule() {
    let expected = "/app.js.map\n  X-Robots-Tag: noindex\n\
        /assets/*\n  Cache-Control: public, max-age=31536000, immutable\n\
        /fonts/*\n  Access-Control-Allow-Origin: *\n  Cache-Control: public, max-age=604800\n\
        /sw.js\n  Cache-Control: no-cache\n";
    assert_eq!(netlify::render(&site(), "").text, expected);
    assert_eq!(cloudflare::render(&site(), "").text, expected);
    let nginx = nginx::render(&site(), "/").text;
    assert!(nginx.contains("  \"~^/assets/\" \"public, max-age=31536000, immutable\";\n"));
    assert_eq!(check::evaluate_nginx(&nginx, "/ASSETS/x").len(), 1);
    assert!(nginx::server(&site()).contains("add_header Cache-Control $kiln_cache_control;\n"));
}

#[test]
fn netlifys_splat_does_not_reach_a_neighbour() {
    let files = outputs(&[
        ("assets/a.js", CacheClass::Fingerprinted),
        ("assets/b.js", CacheClass::Fingerprinted),
        ("AssetsX.png", CacheClass::PlainImage),
    ]);
    assert!(!netlify::render(&files, "").text.contains('*'));
    assert!(cloudflare::render(&files, "").text.contains("/assets/*"));
    let page = outputs(&[
        ("img/a.png", CacheClass::PlainImage),
        ("img/b.png", CacheClass::PlainImage),
        ("img.html", CacheClass::Html),
    ]);
    assert!(!netlify::render(&page, "").text.contains('*'));
    assert!(verify(Host::Netlify, &netlify::render(&page, "").text, "", &page).is_empty());
}

#[test]
fn names_that_would_be_patterns_are_listed() {
    let files = outputs(&[
        ("a*b.js", CacheClass::Fingerprinted),
        ("a:b.js", CacheClass::Fingerprinted),
        (":c.js", CacheClass::Fingerprinted),
    ]);
    let netlify = netlify::render(&files, "");
    assert_eq!(
        netlify.warnings(),
        ["left with the host's default headers (its URL cannot be written as a rule): :c.js, a*b.js"]
    );
    let cloudflare = cloudflare::render(&files, "");
    assert!(cloudflare.text.contains("/a%3Ab.js\n") && !cloudflare.text.contains("/a:b.js"));
    assert_eq!(cloudflare.dropped.len(), 3);
}

#[test]
fn cloudflares_hundred_rules_go_to_what_saves_most() {
    let mut files: Vec<(String, CacheClass)> =
        (0..99).map(|i| (format!("d{i}/x.js"), CacheClass::Fingerprinted)).collect();
    files.extend((0..20).map(|i| (format!("p{i}.png"), CacheClass::PlainImage)));
    files.push(("index.html".into(), CacheClass::Html));
    let files: Vec<_> = files.iter().map(|(p, c)| (p.as_str(), *c)).collect();
    let files = outputs(&files);
    let rendered = cloudflare::render(&files, "");
    assert_eq!(rendered.text.lines().filter(|l| l.starts_with('/')).count(), 100);
    assert_eq!(rendered.dropped.len(), 19);
    assert!(rendered.dropped.iter().all(|d| d.path.as_str().starts_with('p')));
    assert!(rendered.warnings()[0].contains("more than 100 rules"));
    let fewer = cloudflare::render(&files, "/x\n  X-A: b\n");
    assert_eq!(fewer.dropped.len(), 20);
}

#[test]
fn what_the_user_sets_is_the_users() {
    let user = "/assets/*\n  Cache-Control: private\n/fonts/*\n  X-A: b\n";
    for host in [Host::Netlify, Host::Cloudflare] {
        let ours = render(host, &site(), user);
        assert!(!ours.text.contains("/assets"), "{}", ours.text);
        assert_eq!(verify(host, &ours.text, user, &site()), [], "{}", ours.text);
        // On Cloudflare a second `/fonts/*` would replace the user's.
        assert_eq!(ours.text.contains("/fonts/*"), host == Host::Netlify);
    }
}

#[test]
fn the_check_sees_wrong_files() {
    let files = site();
    for host in [Host::Netlify, Host::Cloudflare] {
        let good = render(host, &files, "").text;
        assert_eq!(verify(host, &good, "", &files), []);
        let twice = format!("{good}/*\n  Cache-Control: private\n");
        assert!(!verify(host, &twice, "", &files).is_empty());
        assert!(!verify(host, &good.replace("/assets/*", "/other/*"), "", &files).is_empty());
        assert!(!verify(host, "", "", &files).is_empty());
    }
    let twice = "/a.js\n  Cache-Control: x\n/*\n  Cache-Control: y\n";
    let value = |h: check::Headers| h[0].1.clone();
    assert_eq!(value(check::evaluate_netlify(twice, "/a.js")), "y");
    assert_eq!(value(check::evaluate_cloudflare(twice, "/a.js")), "x, y");
    assert_eq!(value(check::evaluate_cloudflare("/a\n  ! Cache-Control\n  X-A: b", "/a")), "b");
}

fn class() -> impl Strategy<Value = CacheClass> {
    use CacheClass::*;
    prop_oneof![
        Just(Fingerprinted),
        Just(Fingerprinted),
        Just(Html),
        Just(ServiceWorker),
        Just(Metadata),
        Just(PlainImage),
        Just(PlainFont),
        Just(Plain),
        Just(SourceMap),
    ]
}

/// Few names, so that trees have siblings, prefixes of each other and names that differ in case.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["a", "A", "ab", "assets", "Assets", "assetsX", "index.html", "b.html", "b"])
            .prop_map(String::from),
        2 => "[aB .%#?()'\"é:*@\\\\{}^$|+~!\\[\\]&;,<>`-]{1,4}",
        1 => "[a-z]{40,60}",
    ]
}

fn tree() -> impl Strategy<Value = Vec<OutputHeaders>> {
    let path = prop::collection::vec(segment(), 1..4).prop_map(|s| s.join("/"));
    prop::collection::btree_map(path, class(), 0..40).prop_map(|files| {
        files.into_iter().filter_map(|(p, c)| Some(policy::headers_for(&SitePath::new(&p)?, c))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_url_gets_what_was_meant_or_is_listed(files in tree()) {
        for host in [Host::Netlify, Host::Cloudflare, Host::Nginx] {
            let rendered = render(host, &files, "");
            for m in verify(host, &rendered.text, "", &files) {
                prop_assert!(
                    rendered.dropped.iter().any(|d| d.path == m.path),
                    "{host:?}: {m}\n{}", rendered.text
                );
            }
        }
    }

    #[test]
    fn with_a_users_file_too(files in tree(), user in prop::sample::select(vec![
        "/*\n  X-Frame-Options: DENY\n", "/assets/*\n  Cache-Control: private\n",
        "/a/:x\n  cache-control: private\n/ab\n  X-A: b\n", "/A/*\n  X-A: b\n/b\n  ! Cache-Control\n",
    ])) {
        for host in [Host::Netlify, Host::Cloudflare] {
            let rendered = render(host, &files, user);
            let text = merge(user, &rendered.text);
            for m in verify(host, &rendered.text, user, &files) {
                prop_assert!(
                    rendered.dropped.iter().any(|d| d.path == m.path),
                    "{host:?}: {m}\n{text}"
                );
            }
            prop_assert_eq!(merge(&text, &rendered.text), text);
        }
    }
}

#[test]
fn the_users_lines_survive() {
    let user = "/*\n  X-Frame-Options: DENY";
    let once = merge(user, "/a/*\n  Cache-Control: no-cache\n");
    assert_eq!(once, "/*\n  X-Frame-Options: DENY\n# BEGIN kiln\n/a/*\n  Cache-Control: no-cache\n# END kiln\n");
    assert_eq!(merge(&once, "/a/*\n  Cache-Control: no-cache\n"), once);
    let more = format!("{once}/z\n  X-A: b\n");
    let replaced = merge(&more, "/b\n  X-C: d\n");
    assert!(replaced.contains("# BEGIN kiln\n/b\n  X-C: d\n# END kiln\n/z\n"));
    assert!(!replaced.contains("/a/*"));
    assert_eq!(merge(&more, ""), "/*\n  X-Frame-Options: DENY\n/z\n  X-A: b\n");
    assert_eq!(merge(user, ""), user);
}

#[test]
fn a_begin_without_its_end_is_only_a_comment() {
    let broken = "# BEGIN kiln\n/mine\n  X-A: b\n";
    assert!(merge(broken, "/b\n  X-C: d\n").starts_with(broken));
}
