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
fn where_a_script_runs_an_element_may_be_anywhere() {
    let page = "<!doctype html><div class=x><b class=y></b></div><ul class=z></ul>";
    site(page, "", "").drops(".z .y{x:y}");
    let page = format!("{page}<script src=a.js></script>");
    let moving = site(&page, "other.append(first.firstElementChild)", "");
    moving.keeps(".z .y{x:y}b>.x~.z{x:y}");
    moving.drops("body.x{x:y}.y body{x:y}");
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
    assert_eq!(s.shake("p:nth-child(n + 2),.zz,.yy{x:y}"), "p:nth-child(n + 2){x:y}");
    assert_eq!(s.shake(".zz,p:nth-last-child(n + 1),.yy em{x:y}"), "p:nth-last-child(n + 1){x:y}");
    assert_eq!(s.shake(".zz:nth-of-type(2n),.zz:not(.a):nth-last-child(2),.a{x:y}"), ".a{x:y}");
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
    let compound = "(\\.(a|b|zz)|p|#i|#q|\\[data-x\\])(:hover|::after|:not\\(\\.b\\)|:is\\(\\.a, \\.zz\\)|:nth-(last-)?child\\(n \\+ 2\\)|:lang\\(a\\))?";
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

/// A page with a script, after kiln: the rules that only the script's work needs.
#[track_caller]
fn keeps_for(body: &str, script: &str, text: &str, css: &str) {
    site(&format!("<!doctype html><body>{body}<script src=a.js></script>"), script, text).keeps(css);
}

#[test]
fn elements_that_nobody_writes_the_names_of() {
    keeps_for("<table id=i></table>", "t.insertRow().insertCell()", "", "tr:nth-child(odd){x:y}td{x:y}tbody{x:y}");
    keeps_for("<table></table>", "t.createTHead(); t.createTFoot(); t.createCaption()", "", "thead,tfoot,caption{x:y}");
    keeps_for("<select></select>", "s.add(new Option('x'))", "", "option{x:y}");
    keeps_for("<p>", "p.append(new Image()); p.append(new window.Audio())", "", "p img{x:y}audio{x:y}");
    keeps_for("<p>", "document.execCommand('bold')", "", "p b{x:y}ul{x:y}");
    keeps_for("<div class=ed contenteditable></div>", "", "", ".ed b{x:y}.ed ul{x:y}");
    keeps_for("<p>", "p.innerHTML = `<table><tr><td>${x}`", "", "tbody{x:y}");
    keeps_for("<p>", "const { ul, li: item, a } = van.tags; f(tags.h2('x'))", "", "ul,li,a,h2{x:y}");
    let plain = site("<!doctype html><p><script src=a.js></script>", "a.p(1); x.map(f)", "");
    plain.drops("tr,td,option,img,map,a{x:y}");
}

#[test]
fn names_that_scripts_make_from_what_stands_on_the_site() {
    let take = "el.classList.add(of(el))";
    keeps_for("<td>Shipped</td>", take, "", ".shipped{x:y}");
    keeps_for("<a href='?theme=dark#forest'>", take, "", ".dark,.forest{x:y}");
    keeps_for("<section id=work><button lang=fr>", take, "", ".work .fr{x:y}");
    keeps_for("<meta content='Web Design'><input type=email>", take, "", ".web-design,.email{x:y}");
    keeps_for("<p>", take, "{\"category\": \"Web Design\", \"isActive\": 1}", ".web-design.is-active{x:y}");
    keeps_for("<p>", take, "Ann,gold\nBob,silver", ".gold,.silver{x:y}");
    keeps_for(
        "<p data-status=archived>",
        "x.className = `${block}--${el.dataset.status}`; b = 'card'",
        "",
        ".card--archived{x:y}",
    );
    keeps_for("<p>", "x.className = `${block}--${d.state}`; b = 'item'", "{\"state\": \"sold\"}", ".item--sold{x:y}");
    keeps_for(
        "<p>",
        "export function about() {} export const home = 1; class Clock {}",
        "",
        ".about,.home,.Clock{x:y}",
    );
    keeps_for("<p>", "x.className = 'is' + cap(state); state = 'open'", "", ".isOpen{x:y}");
    // Where no script runs, prose is prose.
    site("<!doctype html><p>Shipped</p><a href='#forest'>", "", "").drops(".shipped,.forest{x:y}");
    // And it names no elements.
    site("<!doctype html><p>dialog<script src=a.js></script>", take, "").drops("dialog{x:y}");
}

#[test]
fn literals_and_numbers_side_by_side() {
    keeps_for("<p>", "e.className = 'piece ' + color + type; s = [['w', 'K']]", "", ".wK{x:y}");
    keeps_for("<p>", "e.className = prefix + i; prefix = 'col'", "", ".col1{x:y}");
    keeps_for("<p>", "e.classList.add(`${base}${state}`); b = 'card'; s = 'hover'", "", ".cardhover{x:y}");
    let s = site("<!doctype html><p><script src=a.js></script>", "e.className = a + b; c = 'card'; n = 1 + x", "");
    s.drops(".other,.cardzz{x:y}");
}

#[test]
fn markup_that_scripts_fetch_may_come_to_any_place() {
    let sheet = read("");
    let mut all = Collector::new([&sheet]);
    let page = "<!doctype html><div class=shell><ul class=l></ul></div><script src=a.js></script>";
    all.add(Evidence::of_page(page, Vec::new(), &[]));
    all.add(Evidence::of_page("<li class=row>a</li>", Vec::new(), &[]));
    all.add(Evidence::of_page("<!doctype html><main class=m><b class=q></b></main>", Vec::new(), &[]));
    Site { used: all.finish() }.keeps(".shell .row{x:y}.shell>ul>li{x:y}.shell>.q{x:y}");
}

#[test]
fn animations_with_a_blank_in_their_name() {
    site("<!doctype html><p class=x>", "", "").keeps("@keyframes \"my fade\"{}.x{animation:\"my fade\" 2s}");
}
