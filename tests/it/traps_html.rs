//! Pages: only what is meant to change does.

use crate::support::{DRAWING, Sandbox, sha384};

/// The page with every new name replaced by the old one: what is left of the differences is not about names.
fn with_old_names(s: &Sandbox, page: &str, files: &[&str]) -> String {
    files.iter().fold(s.page(page), |text, file| {
        assert!(s.is_renamed(file), "{file}");
        text.replace(&s.name(file), file.rsplit('/').next().unwrap())
    })
}

#[test]
fn trap_17_inline_code_under_a_content_security_policy_stays() {
    let style = "<style>body { color : red }\n\n.a { color : blue }</style>";
    let script = "<script>\n  var x = 1 ;\n  console.log( x ) ;\n</script>";
    let csp = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src '{}'\">",
        sha384(b"\n  var x = 1 ;\n  console.log( x ) ;\n")
    );
    let s = Sandbox::new(&[
        ("index.html", &format!("{csp}{style}{script}<img src=p.jpg>")),
        ("other.html", &format!("{style}{script}")),
    ]);
    s.photo("p.jpg", 300, 200);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains(&csp) && page.contains(style) && page.contains(script), "{page}");
    assert!(!page.contains("style="), "an inline style may be forbidden: {page}");
    assert!(!s.page("other.html").contains(script), "without a policy it is minified");
}

/// The policy comes with the page, and kiln sees only the file that tells the host so, or is told.
#[test]
fn trap_17_inline_code_under_a_policy_that_the_server_sends_stays() {
    let script = "<script>\n  var x = 1 ;\n  console.log( x ) ;\n</script>";
    let page = format!("<!doctype html><title>t</title><style>p  {{ color : red }}</style>{script}<img src=p.jpg>");
    let policy = "Content-Security-Policy: default-src 'self'; script-src 'sha256-abc='";
    let harmless = "Content-Security-Policy: frame-ancestors 'none'";
    let told = "[html]\ncsp = true\n";
    for (file, text, restricted) in [
        ("_headers", format!("/*\n  {policy}\n"), true),
        (".htaccess", format!("Header set {}\n", policy.replace(": ", " \"")), true),
        ("vercel.json", "{\"headers\":[{\"source\":\"/(.*)\",\"headers\":[{\"key\":\"Content-Security-Policy\",\n\"value\":\"style-src 'self'\"}]}]}".into(), true),
        ("kiln.toml", told.into(), true),
        ("_headers", format!("/*\n  {harmless}\n"), false),
        ("post.txt", policy.into(), false),
    ] {
        let s = Sandbox::new(&[("index.html", &page), (file, &text)]);
        s.photo("p.jpg", 300, 200);
        let config = s.site.join("kiln.toml");
        let args: Vec<&str> = if file == "kiln.toml" { vec!["--config", config.to_str().unwrap()] } else { vec![] };
        s.build_with(&args);
        let made = s.page("index.html");
        assert_eq!(made.contains(script) && made.contains("<style>p  {"), restricted, "{file}: {made}");
        assert_eq!(!made.contains("style="), restricted, "{file}: {made}");
    }
    let meta = format!("<meta http-equiv=Content-Security-Policy content=\"upgrade-insecure-requests\">{page}");
    let s = Sandbox::new(&[("index.html", &meta)]);
    s.photo("p.jpg", 300, 200);
    s.build();
    assert!(s.page("index.html").contains("<picture"), "one that says nothing of it restricts nothing");
}

#[test]
fn trap_23_a_page_that_a_framework_takes_over_changes_only_in_its_urls() {
    let page = "<!doctype html><html><head><link rel=\"stylesheet\" href=\"/a.css\"></head>\n\n<body>  <div id=\"app\"><!--[-->\n\
        \x20  <p>one   two</p><!----> <img src=\"/i.svg\"><!--]-->\n\n  </div><style> p { color : red } </style>\
        <script> window.__INITIAL_STATE__ = { a : 1 } ; </script>  </body></html>\n";
    let s = Sandbox::new(&[("index.html", page), ("a.css", "p { color : red }"), ("i.svg", DRAWING)]);
    s.photo("p.jpg", 300, 200);
    s.build();
    assert_eq!(with_old_names(&s, "index.html", &["a.css", "i.svg"]), page);
}

#[test]
fn trap_23_pictures_of_a_hydrated_page_are_not_wrapped() {
    let page = "<div id=app data-reactroot><img src=\"p.jpg\" style=\"width:50%\"></div>";
    let s = Sandbox::new(&[("index.html", page)]);
    s.photo("p.jpg", 300, 200);
    s.build();
    assert_eq!(s.page("index.html"), page);
}

#[test]
fn trap_42_white_space_that_shows_is_kept() {
    let pre = "<pre>  a\n\n   b</pre>";
    let area = "<textarea>\n  x   y</textarea>";
    let code = "<code class=\"keep\">  a   b  </code>";
    let s = Sandbox::new(&[(
        "index.html",
        &format!("<style>.keep{{white-space:pre}}</style><ul>\n  <li>a</li>\n  <li>b</li>\n</ul>{pre}{area}{code}"),
    )]);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains(pre) && page.contains(area) && page.contains(code), "{page}");
    // Items may be inline blocks, with the gap of a space between them.
    let between = page.split("</li>").nth(1).unwrap().split("<li>").next().unwrap();
    assert!(!between.is_empty() && between.trim().is_empty(), "{page}");
}

#[test]
fn trap_43_comments_that_mean_something_stay() {
    let comments = "<!--#include virtual=\"/x\" --><!--[if IE]><p>old</p><![endif]--><!-- plain -->";
    let s = Sandbox::new(&[("index.html", &format!("<p>a</p>{comments}<p>b</p>"))]);
    s.build();
    assert!(s.page("index.html").contains(comments), "{}", s.page("index.html"));
}

#[test]
fn trap_46_sheets_keep_their_order() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<link rel=stylesheet href=one.css><style>p{color:red}</style><link rel=stylesheet href=two.css media=print>\
             <link rel=stylesheet href=three.css>",
        ),
        ("one.css", "p { color : red }"),
        ("two.css", "p { color : blue }"),
        ("three.css", "p { color : lime }"),
    ]);
    s.build();
    let page = s.page("index.html");
    let at: Vec<usize> = [&s.name("one.css"), "<style>", &s.name("two.css"), "media=print", &s.name("three.css")]
        .map(|part| page.find(part).unwrap_or_else(|| panic!("{part}: {page}")))
        .to_vec();
    assert!(at.is_sorted(), "{page}");
}

#[test]
fn trap_52_templates_noscript_and_data_are_not_touched() {
    let template =
        "<template><style> p { color : red } </style><script> var a = 1 ; </script><img src=\"p.jpg\"></template>";
    let noscript = "<noscript><img src=\"p.jpg\"></noscript>";
    let data = "<script type=\"application/json\" id=\"data\">{ \"a\" : 1,  \"img\" : \"p.jpg\" }</script>";
    let other = "<script type=\"text/x-template\"><p> {{ a }} </p></script>";
    let s = Sandbox::new(&[("index.html", &format!("<p>x</p>{template}{noscript}{data}{other}<img src=p.jpg>"))]);
    s.photo("p.jpg", 300, 200);
    s.build();
    let page = s.page("index.html");
    for part in [template, noscript, data, other] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page.matches("<picture").count(), 1, "the visible one is: {page}");
}

#[test]
fn trap_52_shadow_roots_and_srcdoc_still_find_their_files() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<x-a><template shadowrootmode=open><link rel=stylesheet href=a.css><img src=i.svg></template></x-a>\
             <iframe srcdoc=\"&lt;img src=&quot;j.svg&quot;&gt;\"></iframe>",
        ),
        ("a.css", "p { color : red }"),
        ("i.svg", DRAWING),
        ("j.svg", DRAWING),
    ]);
    s.build();
    assert_eq!(s.dangling("/"), Vec::<String>::new(), "{}", s.page("index.html"));
}

#[test]
fn trap_53_bytes_outside_the_edits_are_the_authors() {
    let page = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"><HTML><Body BGCOLOR=white onLoad='x()'><P>caf\u{e9} &amp &copy; &#38; a<br/>\
        <IMG SRC = 'i.svg' ALT=\"a&quot;b\"  ><table><tr><td>1<td>2</table><p/>unclosed <b>bold <i>both</b> it</i>\
        <a href=x.html?a=1&b=2&copy=3>q</a><!-- c --><custom-el :bind=\"a\" @click='b'></custom-el></Body></HTML><p>after";
    let s = Sandbox::new(&[("index.html", page), ("i.svg", DRAWING), ("x.html", "x")]);
    s.build();
    assert_eq!(with_old_names(&s, "index.html", &["i.svg"]), page);
}

#[test]
fn trap_53_line_ends_and_a_byte_order_mark_stay() {
    let page = "\u{feff}<!doctype html>\r\n<p>a</p>\r\n<pre>1\r\n2</pre><img src=\"i.svg\">";
    let s = Sandbox::new(&[("index.html", page), ("i.svg", DRAWING)]);
    s.build_with(&["--skip", "html"]);
    assert_eq!(with_old_names(&s, "index.html", &["i.svg"]), page);
}

#[test]
fn trap_61_a_link_keeps_its_id_and_attributes() {
    let s = Sandbox::new(&[
        ("index.html", "<link id=\"theme\" rel=\"stylesheet\" href=\"a.css\" data-x='1' title=\"Light\" disabled>"),
        ("a.css", "p { color : red }"),
    ]);
    s.build();
    let page = s.page("index.html");
    let expected = format!(
        "<link id=\"theme\" rel=\"stylesheet\" href=\"{}\" data-x='1' title=\"Light\" disabled>",
        s.name("a.css")
    );
    assert_eq!(page, expected);
}

#[test]
fn trap_63_values_that_frameworks_compare_stay() {
    let head = "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"x\" content=\"  a   b \">";
    let s = Sandbox::new(&[("index.html", &format!("<!doctype html>{head}<p   class=\" a  b \">x"))]);
    s.build();
    let page = s.page("index.html");
    assert!(page.contains(head) && page.contains("<p   class=\" a  b \">"), "{page}");
}

#[test]
fn trap_69_white_space_between_inline_elements_is_never_removed() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<p>one <b>two</b>\n\n     <i>three</i> , <a href=#>four</a>\n<img src=i.svg>  <button>five</button>  <span> six </span></p>",
        ),
        ("i.svg", DRAWING),
    ]);
    s.build();
    let page = with_old_names(&s, "index.html", &["i.svg"]);
    // Runs become one character of white space; none disappears.
    let mut words = String::new();
    for c in page.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if c != ' ' || !words.ends_with(' ') {
            words.push(c);
        }
    }
    assert_eq!(
        words,
        "<p>one <b>two</b> <i>three</i> , <a href=#>four</a> <img src=i.svg> <button>five</button> <span> six </span></p>"
    );
    assert!(!page.contains("  ") && !page.contains("\n\n"), "{page}");
}
