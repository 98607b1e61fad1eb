#![allow(clippy::unwrap_used)]

use super::*;
use crate::analyze::js;
use proptest::prelude::*;
use std::collections::HashSet;

struct Site {
    used: Used,
}

/// A page, a script and other text.
fn site(page: &str, script: &str, text: &str) -> Site {
    let sheet = read("#i{} #j{}");
    let mut all = Collector::new([&sheet]);
    all.add(Evidence::of_page(page, Vec::new(), &[]));
    all.add(Evidence::of_text(text));
    all.add(Evidence { words: js::analyze(script, js::Goal::Unknown).unwrap().words, ..Evidence::default() });
    Site { used: all.finish() }
}

impl Site {
    /// What is left of a sheet, in one line.
    fn shake(&self, css: &str) -> String {
        let sheet = read(css);
        let matcher = Matcher::new(&self.used);
        let mut shaken = Shaken::new(&sheet, &matcher, &|name| name.starts_with("safe"));
        loop {
            let used: HashSet<&str> = shaken.words().chain(self.used.style_words.iter().map(String::as_str)).collect();
            if !shaken.drop_names(&used, &matcher, &|name| name.starts_with("safe")) {
                break;
            }
        }
        let dropped = shaken.dropped();
        let rest = cut(css, &dropped);
        assert!(accounts_for_all(css, &rest, &dropped), "{css}\n{rest}\n{dropped:?}");
        assert!(dropped.iter().all(|d| !d.reason.is_empty() && !d.rule.is_empty()), "{dropped:?}");
        rest.trim().to_owned()
    }

    #[track_caller]
    fn keeps(&self, css: &str) {
        assert_eq!(self.shake(css), css);
    }

    #[track_caller]
    fn drops(&self, css: &str) {
        assert_eq!(self.shake(css), "", "{css}");
    }
}

const PAGE: &str = "<!doctype html><body class=home><main class=a><p class='b c' id=i data-x=one>t<em>e</em></p><i class=d></i></main><table><tr><td class=e></table>";

#[test]
fn names_and_relations_of_static_pages() {
    let s = site(PAGE, "", "");
    for css in [
        ".a{x:y}",
        ".a .b{x:y}",
        ".a>.b{x:y}",
        ".b.c{x:y}",
        "p#i{x:y}",
        ".b+.d{x:y}",
        ".b~i{x:y}",
        "body .e{x:y}",
        "tbody>tr{x:y}",
        "[data-x]{x:y}",
        "[data-x^=on i]{x:y}",
        "*{x:y}",
        ":root{x:y}",
        ":root .b{x:y}",
        ".a:hover .b::before{x:y}",
        ".a:not(.zz){x:y}",
        ".b:has(em){x:y}",
        ":is(.zz,.b):nth-child(2n){x:y}",
        ":where(.a .b){x:y}",
        "::selection{x:y}",
        ":host(.q){x:y}",
        "::slotted(.q){x:y}",
        "svg|p{x:y}",
        "p::-webkit-unknown{x:y}",
        ":nth-child(2 of .q){x:y}",
    ] {
        s.keeps(css);
    }
    for css in [
        ".zz{x:y}",
        ".a.b{x:y}",
        ".b .a{x:y}",
        ".c>em>em{x:y}",
        "p.a{x:y}",
        "#j{x:y}",
        ".e+.b{x:y}",
        "[data-y]{x:y}",
        "[data-x=two]{x:y}",
        "dialog[open]{x:y}",
        ":is(.zz,.yy) .b{x:y}",
        ".b:has(.zz){x:y}",
        ".B{x:y}",
        "table>tr{x:y}",
        ".zz:hover::before,.yy{x:y}",
        "@media print{.zz{x:y}}",
        "@supports (a:b){@media x{.zz{x:y}}}",
        "@media x{}",
    ] {
        s.drops(css);
    }
}

#[test]
fn names_in_scripts_and_texts_are_dynamic() {
    let script = "el.classList.toggle('on'); x = `btn-${size} ${x}-active`; y = 'm-' + n; map = {open: 1, 'is-shut': 2};
        el.dataset.fooBar = 1; document.createElement('dialog'); z = [a, b].join('--'); 'blk'; 'elm'; w = \"t\".concat(k, \"-end\");
        el.innerHTML = '<section class=\"made\" aria-label=x>'; k = h + '__' + 'part'; md = `md:${v}`";
    let s = site(
        &format!("{PAGE}<details><summary></summary></details><script src=a.js></script>"),
        script,
        "{\"cls\": \"from-json\"}",
    );
    for css in [
        ".on{x:y}",
        ".a.on .b{x:y}",
        ".btn-lg{x:y}",
        ".tab-active{x:y}",
        ".m-3{x:y}",
        ".open{x:y}",
        ".is-shut{x:y}",
        "[data-foo-bar]{x:y}",
        "dialog[open]{x:y}",
        ".blk--elm{x:y}",
        ".t9-end{x:y}",
        "section.made{x:y}",
        ".from-json{x:y}",
        ".blk__part{x:y}",
        ".md\\:flex{x:y}",
        "details[open] summary.on{x:y}",
        "p[aria-hidden=true]{x:y}",
        ".on+.a{x:y}",
        ".a>.on>.d{x:y}",
        "p[type=reset].on{x:y}",
    ] {
        s.keeps(css);
    }
    for css in [".zz{x:y}", ".on .zz{x:y}", ".blk--zz{x:y}", ".xbtn-lg{x:y}", "[data-zz]{x:y}", "article.on{x:y}"] {
        s.drops(css);
    }
}

#[test]
fn an_element_that_a_script_names_may_be_anywhere() {
    let page = "<!doctype html><div class=x><b class=y></b></div><ul class=z></ul><script src=a.js></script>";
    site(page, "move('.other')", "").drops(".z .y{x:y}");
    site(page, "move('.y')", "").keeps(".z .y{x:y}");
    site(page, "move('.x')", "").keeps(".z .y{x:y}");
}

#[test]
fn quirks_and_templates() {
    site("<p class=Big>", "", "").keeps(".big{x:y}");
    site("<!doctype html><p class=Big>", "", "").drops(".big{x:y}");
    site("<!doctype html><template><p class=t></p></template><div class=u></div>", "", "").keeps(".u .t{x:y}");
    site("<!doctype html><noscript><p class=t></p></noscript>", "", "").keeps("body .t{x:y}");
}

#[test]
fn lists_lose_single_selectors_only_where_all_browsers_know_them() {
    let s = site(PAGE, "", "");
    assert_eq!(s.shake(".zz,.a{x:y}"), ".a{x:y}");
    assert_eq!(s.shake(".a , .zz,.yy{x:y}"), ".a{x:y}");
    assert_eq!(s.shake(".zz,.a,.yy,.b,.xx{x:y}"), ".a,.b{x:y}");
    // Where a browser does not know it, it skips the whole rule: it must go on doing so.
    s.keeps(".zz:-moz-broken,.a{x:y}");
    s.keeps(".zz::part(p),.a{x:y}");
}

#[test]
fn nested_rules() {
    let s = site(PAGE, "", "");
    s.keeps(".a{.b{x:y}}");
    s.keeps(".a{&:hover{x:y}@media print{x:y}}");
    assert_eq!(s.shake(".a{x:y;.zz{x:y}& .e{x:y}>.b{x:y}}"), ".a{x:y;>.b{x:y}}");
    s.drops(".zz{x:y;.b{x:y}@media print{x:y}}");
    s.keeps(".zz{x:y;.a:not(&){x:y}}");
    s.keeps("@scope (.a){.b{x:y}& p{x:y}}");
    assert_eq!(
        s.shake("@layer one,two;@layer two{.zz{x:y}}@layer one{.a{x:y}}"),
        "@layer one,two;@layer two{}@layer one{.a{x:y}}"
    );
}

#[test]
fn names_of_animations_fonts_and_properties() {
    let s =
        site("<!doctype html><p class=a style='animation:inline'>", "run('byjs'); get('--js'); f('--pre-' + x)", "");
    s.keeps("@keyframes in{}.a{animation:in 1s}");
    s.keeps("@keyframes inline{}@keyframes byjs{}@keyframes safe-one{}");
    s.drops("@keyframes zz{from{x:y}}.zz{animation:zz}");
    s.keeps("@font-face{font-family:\"My Font\";src:url(x)}.a{font:12px my font}");
    s.drops("@font-face{font-family:My Other;src:url(x)}");
    s.keeps(".a{--b:1;x:var(--b);--js:1;--pre-c:2}");
    assert_eq!(s.shake(".a{--b:1;x:y;--c:var(--d);--d:2}"), ".a{x:y;}");
    s.drops(".a{--b:1}@property --b{syntax:'*'}");
    s.keeps("@property --b{syntax:'*'}.a{--b:1;x:calc(1px + var(--b,2))}");
    s.keeps(".a{--anim:spin 1s;animation:var(--anim)}@keyframes spin{}");
}

#[test]
fn comments_keep() {
    let s = site(PAGE, "", "");
    s.keeps("/* kiln keep */.zz{x:y}");
    assert_eq!(s.shake("/*! purgecss ignore */.zz{x:y}.yy{x:y}"), "/*! purgecss ignore */.zz{x:y}");
    s.keeps("/* purgecss start ignore */.zz{x:y}@media x{.yy{x:y}}/* purgecss end ignore */");
    s.keeps("/* kiln keep start */.zz{x:y}.yy{x:y}");
    s.keeps(".zz{/* purgecss ignore current */x:y}");
    s.keeps("/* kiln keep */@media x{.zz{x:y}}");
    s.keeps(".safe-one{x:y}");
}

#[test]
fn what_stands_before_a_late_import_stays() {
    site(PAGE, "", "").keeps(".zz{x:y}@import 'a.css';");
    assert_eq!(site(PAGE, "", "").shake("@layer a;@import 'a.css';.zz{x:y}"), "@layer a;@import 'a.css';");
}

fn selector() -> impl Strategy<Value = String> {
    let compound = "(\\.(a|b|zz)|p|#i|#q|\\[data-x\\])(:hover|::after|:not\\(\\.b\\)|:is\\(\\.a, \\.zz\\))?";
    proptest::collection::vec((compound, "( |>| \\+ |~|, )"), 1..4).prop_map(|parts| {
        let text: String = parts.into_iter().flat_map(|(c, j)| [c, j]).collect();
        text.trim_end_matches([' ', '>', '+', '~', ',']).to_owned()
    })
}

fn rules() -> impl Strategy<Value = String> {
    let rule = (selector(), "(x:y;?|--v: 1;x:var\\(--v\\)|--u:2;|)").prop_map(|(s, d)| format!("{s} {{ {d} }}\n"));
    rule.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..5).prop_map(|r| r.concat()),
            ("@(media print|layer x|supports \\(a:b\\)|layer|scope \\(\\.a\\))", inner.clone())
                .prop_map(|(a, r)| format!("{a}{{{r}}}")),
            (selector(), inner).prop_map(|(s, r)| format!("{s}{{x:y;{r}}}")),
            Just("@layer x,y;".to_owned()),
            Just("/* c */ garbage; }".to_owned()),
            Just("@keyframes k{from{x:y}}@font-face{font-family:f}".to_owned()),
        ]
    })
}

proptest! {
    #[test]
    fn every_rule_is_in_the_output_or_in_the_list(css in rules()) {
        site(PAGE, "", "").shake(&css);
    }

    #[test]
    fn no_text_breaks_it(css in "[.#a-c{}();:@,>&*/\"' \\\\\n-]{0,60}") {
        let used = site(PAGE, "", "").used;
        let sheet = read(&css);
        let dropped = Shaken::new(&sheet, &Matcher::new(&used), &|_| false).dropped();
        // Where it cannot be told, the sheet stays whole.
        accounts_for_all(&css, &cut(&css, &dropped), &dropped);
    }
}

#[test]
fn attributes_name_properties_and_go_on_naming_classes() {
    let page =
        "<body><svg><path fill='var(--accent)'/></svg><div x-data=\"{ on: 'is-open', c: 'var(--other)' }\"></div>";
    let site = site(page, "", "");
    let css = ":root{--accent:red;--other:red;--none:red}.is-open{x:y}.is-shut{x:y}";
    assert_eq!(site.shake(css), ":root{--accent:red;--other:red;}.is-open{x:y}");
}
