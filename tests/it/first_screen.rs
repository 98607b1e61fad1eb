//! `--critical`: pages hold what their first screen needs, as the layout tells it, and nothing moves when the rest comes.

use crate::support::{Sandbox, stdout};

const LINK: &str = "<link rel=stylesheet href=site.css>";

/// 700 rules that no page of these needs, so that there is something to wait for.
fn rest() -> String {
    let number = |i: usize, by: usize| (i * 7919 + by * 104_729) % 997;
    (0..700)
        .map(|i| format!(".other{i}{{margin:{}px {}px;padding:{}px}}\n", number(i, 1), number(i, 2), number(i, 3)))
        .collect()
}

/// A page whose `body` has 90 lines of text between what is seen at once and `<div class=deep>`.
fn site(css: &str, head: &str, body: &str) -> Sandbox {
    let lines = "<p class=line>x</p>".repeat(90);
    let others: String = (0..700).map(|i| format!("<i class=other{i}></i>")).collect();
    let page = |head: &str, body: &str| {
        format!("<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>")
    };
    let body = body.replace("LINES", &lines);
    let css = format!("{css}{}", rest());
    Sandbox::new(&[
        ("index.html", &page(&format!("{head}{LINK}"), &body)),
        ("other.html", &page(LINK, &others)),
        ("site.css", &css),
    ])
}

/// The rules that the page holds, and what is told of it.
fn built(s: &Sandbox, critical: &str) -> (String, String) {
    let told = stdout(&s.run(&[critical, "--verbose", "--no-cache", "--force"]));
    let page = s.page("index.html");
    let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap_or_default();
    (style.to_owned(), told)
}

fn input(s: &Sandbox) -> String {
    std::fs::read_to_string(s.site.join("index.html")).unwrap()
}

const CSS: &str =
    ".head{height:200px;color:red}.head:hover{color:blue}.line{height:20px}.deep{padding:30px}.deep b{color:green}";
const BODY: &str = "<div class=head>x</div>LINES<div class=deep><b>y</b></div>";

#[test]
fn a_page_holds_what_its_first_screen_needs_and_on_request_what_all_of_it_needs() {
    let s = site(CSS, "", BODY);
    let (screen, told) = built(&s, "--critical");
    assert_eq!(screen, ".head{height:200px;color:red}.line{height:20px}", "{told}");
    assert!(told.contains("the rules that its first screen needs are part of it"), "{told}");
    assert_eq!(built(&s, "--critical=screen").0, screen);
    let (page, told) = built(&s, "--critical=page");
    assert!(page.contains(".head:hover{") && page.contains(".deep{padding:30px}.deep b{"), "{page}");
    assert!(told.contains("the rules that it needs are part of it"), "{told}");
    let (none, _) = built(&s, "--critical=none");
    assert_eq!(none, "");
}

#[test]
fn a_page_in_quirks_mode_anywhere_on_the_site_keeps_all_rules_and_is_told() {
    // Names there know no case, so that `.DEEP` would match what the layout of this page calls `.deep`.
    let s = site(CSS, "", BODY);
    std::fs::write(s.site.join("old.html"), "<title>x</title><p class=DEEP>no doctype").unwrap();
    let (page, told) = built(&s, "--critical");
    assert!(page.contains(".deep{padding:30px}"), "{page}");
    assert!(told.contains("a page of the site is in quirks mode"), "{told}");
}

#[test]
fn an_svg_that_closes_itself_does_not_keep_the_sheets_in_place() {
    let (screen, told) = built(&site(CSS, "", &format!("<svg/>{BODY}")), "--critical");
    assert!(screen.contains(".head{height:200px;color:red}"), "{screen}\n{told}");
}

#[test]
fn elements_that_look_alike_keep_their_rules_wherever_the_others_stand() {
    let s = site(CSS, "", "<div class=head>x</div><div class=deep>z</div>LINES<div class=deep><b>y</b></div>");
    let (screen, told) = built(&s, "--critical");
    assert!(screen.contains(".deep{padding:30px}") && !screen.contains(".deep b"), "{screen}\n{told}");
}

#[test]
fn trap_critical_what_is_pulled_up_hidden_or_fixed_keeps_its_rules() {
    let css = format!(
        "{CSS}.bar{{position:fixed;bottom:0}}.up{{position:absolute;top:5px}}.moved{{transform:translateY(-3000px)}}\
         .dialog{{display:none}}.dialog i{{color:#123456}}.badge::after{{content:\"x\";position:absolute;top:0}}"
    );
    let body = "<div class=head>x</div>LINES<div class=moved>m</div><div class=deep><b>y</b></div><div class=badge>p</div>\
                <div class=dialog><i>z</i></div><div class=bar>b</div><div class=up>u</div>";
    let (screen, told) = built(&site(&css, "", body), "--critical");
    for kept in [".bar{", ".up{", ".moved{", ".dialog{display:none}", ".badge:after{"] {
        assert!(screen.contains(kept), "{kept} {screen}\n{told}");
    }
    // A condition that no screen here meets may open the dialog.
    assert!(screen.contains(".dialog i{") && !screen.contains(".deep"), "{screen}\n{told}");
}

#[test]
fn trap_critical_rules_further_down_that_move_the_first_screen_are_there_too() {
    // The widest line, far below, makes the whole table as wide.
    let css = format!("{CSS}.wrap{{display:inline-block;padding:7px}}.wide{{width:611px}}.side{{text-align:right}}");
    let body = "<div class=wrap><div class=head>x</div><div class=side>t</div>LINES<div class=wide>w</div></div>";
    let (screen, told) = built(&site(&css, "", body), "--critical");
    assert!(screen.contains(".wide{width:611px}"), "{screen}\n{told}");
    assert!(told.contains("rules for what stands below move something on the first screen"), "{told}");
}

/// Of a page whose `.deep` stands below, with what else is on it: whether its rule waits.
fn waits(css: &str, body: &str) -> (bool, String) {
    let (screen, told) = built(&site(&format!("{CSS}{css}"), "", body), "--critical");
    assert!(screen.contains(".head{"), "{body}: {told}");
    (!screen.contains(".deep{"), format!("{body}\n{css}\n{screen}\n{told}"))
}

#[test]
fn trap_critical_what_would_make_the_page_wider_does_not_wait() {
    let wide = "<pre><b class=w>a very long line of code</b></pre>".replace("long", &"long ".repeat(90));
    for (css, more) in [
        ("pre{overflow-x:auto;max-width:100%}", wide.as_str()),
        (".tall{width:100%}", "<img class=tall src=wide.png width=3000 height=9>"),
        (
            ".box{overflow:hidden}.box i{display:block;width:2500px}",
            "<div class=box><i style=\"display:block;width:2500px\">x</i></div>",
        ),
    ] {
        let (screen, told) = built(&site(&format!("{CSS}{css}"), "", &format!("{BODY}{more}")), "--critical");
        let rule = css.split('}').next().unwrap();
        assert!(screen.contains(rule) && !screen.contains(".deep{"), "{rule} {screen}\n{told}");
    }
    let (waited, told) = waits("pre{color:red}", &format!("{BODY}<pre>short</pre>"));
    assert!(waited, "{told}");
}

#[test]
fn trap_critical_generated_boxes_that_would_cover_the_first_screen_do_not_wait() {
    let css = ".tint::after{content:'';position:absolute;inset:0;background:#0009}.hero,.card{position:relative}";
    let body = "<div class=head>x</div><div class='hero tint'>h</div>LINES<div class=deep><b>y</b><div class='card tint'>c</div></div>";
    let (waited, told) = waits(css, body);
    assert!(!waited && told.contains("move something on the first screen"), "{told}");
}

#[test]
fn trap_critical_what_shows_without_standing_there_keeps_its_rules() {
    for (css, more) in [
        // It follows the screen.
        (".bar{position:sticky;bottom:0}", "<div class=bar><i class=deep>z</i></div>"),
        // The layout leaves it out.
        ("p{top:0}", "<svg class=top><foreignObject><i class=deep>z</i></foreignObject></svg>"),
        ("p{top:0}", "<noscript><i class=deep>z</i></noscript>"),
        // Where rows of a table stand, it does not know.
        (".t{width:50%}", "<table class=above><tr><td>LINES</td></tr><tr><td><i class=deep>z</i></td></tr></table>"),
        // It takes no notice of these.
        ("p{-webkit-line-clamp:2}", "<p>z</p>"),
        ("@scope (p){b{display:none}}", "<p>z</p>"),
        // Other screens show it.
        ("nav{display:none}@media (pointer:coarse){nav{display:flex}}", "<nav><i class=deep>z</i></nav>"),
        (
            ".mid{display:none}@media (min-width:900px) and (max-width:1300px){.mid{display:block;position:absolute;top:0}}",
            "<div class=mid><i class=deep>z</i></div>",
        ),
    ] {
        let rest = more.strip_prefix("<table").map_or(String::new(), |t| format!("<table{t}"));
        let body = match rest.is_empty() {
            true => format!("{BODY}{more}"),
            false => format!("<div class=head>x</div>{rest}LINES<div class=deep><b>y</b></div>"),
        };
        let (waited, told) = waits(css, &body);
        assert!(!waited, "{told}");
    }
}

#[test]
fn trap_critical_names_are_not_compared_where_capitals_do_not_count() {
    let s = site(CSS, "", "<div class=head>x</div><div class=Deep>z</div>LINES<div class=deep><b>y</b></div>");
    s.put("quirks.html", b"<p class=x>no doctype");
    let (screen, told) = built(&s, "--critical");
    assert!(screen.to_lowercase().contains(".deep{"), "{screen}\n{told}");
}

#[test]
fn trap_46_fonts_that_the_site_has_too_keep_their_order() {
    let fonts = "<link rel=stylesheet href=\"https://fonts.googleapis.com/css?family=Open+Sans\">";
    let css = format!("{CSS}@font-face{{font-family:'Open Sans';src:url(own.woff2)}}.head{{font-family:'Open Sans'}}");
    let s = site(&css, "", BODY);
    s.put("own.woff2", b"wOF2");
    s.put("index.html", input(&s).replace(LINK, &format!("{LINK}{fonts}")).as_bytes());
    let (screen, told) = built(&s, "--critical");
    assert!(screen.is_empty() && told.contains("a style that cannot move stands behind them"), "{screen}\n{told}");
}

#[test]
fn trap_critical_a_page_that_early_scripts_may_change_holds_what_all_of_it_needs() {
    let body = format!("<script>document.body.className='js'</script>{BODY}");
    let (screen, told) = built(&site(CSS, "", &body), "--critical");
    assert!(screen.contains(".deep{"), "{screen}\n{told}");
    assert!(told.contains("Not only those of its first screen: a script may change it"), "{told}");
}

#[test]
fn a_page_that_cannot_be_laid_out_holds_what_all_of_it_needs() {
    let s = site(CSS, "", BODY);
    s.put("site.css", format!("{CSS}@container (width > 1px){{.head{{top:0}}}}{}", rest()).as_bytes());
    let (screen, told) = built(&s, "--critical");
    assert!(screen.contains(".deep{"), "{screen}\n{told}");
    assert!(told.contains("Not only those of its first screen: container queries"), "{told}");
    std::fs::write(s.root().join("kiln.toml"), "[layout]\nenabled = false\n").unwrap();
    let (screen, told) = built(&s, "--critical");
    assert!(screen.contains(".deep{"), "{screen}\n{told}");
    assert!(told.contains("it was not laid out"), "{told}");
}

#[test]
fn fonts_of_another_site_hold_nothing_back() {
    let fonts = "<link rel=stylesheet href=\"https://fonts.googleapis.com/css?family=Lato\">";
    // After the sheet too: they are in no order.
    let s = site(CSS, fonts, BODY);
    let (screen, told) = built(&s, "--critical");
    assert_eq!(screen, ".head{height:200px;color:red}.line{height:20px}", "{told}");
    let page = s.page("index.html");
    let (font, own) = (page.find("fonts.googleapis.com"), page.find("<link rel=stylesheet href=site."));
    assert!(font < page.find("</head>") && own > page.find("class=deep"), "{page}");
    let s = site(CSS, "", BODY);
    s.put("index.html", input(&s).replace(LINK, &format!("{LINK}{fonts}")).as_bytes());
    assert_eq!(built(&s, "--critical").0, screen);
}

#[test]
fn licences_and_encodings_are_told_in_the_sheet_alone() {
    let css = format!("@charset \"UTF-8\";/*! MIT, somebody */{CSS}/*! other */.line{{content:\"/* no remark */\"}}");
    let s = site(&css, "", BODY);
    let (screen, told) = built(&s, "--critical");
    assert!(
        !screen.contains("somebody") && !screen.contains("@charset") && screen.contains("/* no remark */"),
        "{screen}\n{told}"
    );
    let sheet = s.text("site.css");
    assert!(sheet.contains("MIT, somebody"), "{sheet}");
}

#[test]
fn a_change_below_reaches_the_page() {
    let s = site(CSS, "", BODY);
    s.build_with(&["--critical"]);
    assert!(!s.page("index.html").contains(".deep{"), "{}", s.page("index.html"));
    // Now something like it is seen at once; by the page, then by the sheet.
    let page = input(&s);
    s.put(
        "index.html",
        page.replace("<div class=head>x</div>", "<div class=head>x</div><p class=deep>z</p>").as_bytes(),
    );
    s.build_with(&["--critical"]);
    assert!(!s.page("index.html").contains(".deep b"), "{}", s.page("index.html"));
    s.put("index.html", page.as_bytes());
    s.put(
        "site.css",
        format!("{}{}", CSS.replace(".line{height:20px}", ".line{height:1px;margin:0}"), rest()).as_bytes(),
    );
    s.build_with(&["--critical"]);
    assert!(s.page("index.html").contains(".deep{"), "{}", s.page("index.html"));
}
