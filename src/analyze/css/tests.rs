#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::model::{Escape, RefKind};

fn facts(source: &str) -> CssFacts {
    let facts = analyze(source, Context::Sheet);
    for pair in facts.refs.windows(2) {
        assert!(pair[0].range.end <= pair[1].range.start, "{pair:?}");
    }
    facts
}

fn refs(source: &str) -> Vec<(RefKind, String)> {
    let refs = facts(source).refs;
    for r in &refs {
        assert_eq!(&source[r.range.clone()], r.url, "no escapes in these tests");
    }
    refs.into_iter().map(|r| (r.kind, r.url)).collect()
}

fn urls(source: &str) -> Vec<String> {
    refs(source).into_iter().map(|(_, url)| url).collect()
}

fn decls(source: &str) -> Vec<&str> {
    let f = facts(source);
    for d in &f.image_decls {
        let inside = |&i: &usize| d.range.contains(&f.refs[i].range.start);
        assert!(d.refs.iter().all(inside) && !d.refs.is_empty());
    }
    f.image_decls.iter().map(|d| &source[d.range.clone()]).collect()
}

fn hazards(source: &str) -> Vec<String> {
    let show = |h: &PlaceHazard| {
        let after = h.after.iter().map(|a| format!("{} ~", show(a)));
        h.around.iter().map(|o| show(&o.compound)).chain(after).chain([show(&h.element)]).collect::<Vec<_>>().join(" ")
    };
    facts(source).place_hazards.iter().map(show).collect()
}

fn show(c: &Compound) -> String {
    let mut text = c.tag.clone().unwrap_or("*".into());
    text.extend(c.id.iter().map(|i| format!("#{i}")));
    text.extend(c.classes.iter().map(|i| format!(".{i}")));
    text.push_str(if c.attrs_or_pseudos { "?" } else { "" });
    text.push_str(if c.pseudo_element { "::" } else { "" });
    text
}

fn boxes(source: &str) -> Vec<(String, bool, Vec<BoxProp>)> {
    let rules = facts(source).box_rules;
    rules.into_iter().map(|r| (show(&r.compound), r.certain.is_some_and(|outer| outer.is_empty()), r.props)).collect()
}

/// Inside of what a rule surely applies.
fn certain(source: &str) -> Option<String> {
    let outer = facts(source).box_rules.into_iter().next().unwrap().certain?;
    Some(outer.iter().map(|o| show(&o.compound) + if o.parent { " > " } else { " " }).collect())
}

#[test]
fn every_way_to_write_a_url() {
    let source = "@import 'a.css' layer(x) supports(display: grid) screen; @import url(b.css); @import url(\"c.css\");\
        @namespace svg url(http://www.w3.org/2000/svg);\
        a { background: URL( d.png ), url('e.png'); mask: src(\"f.svg\"); cursor: url(g.cur) 2 2, auto }\
        @font-face { src: url(h.woff2) format('woff2'), local('x.y') }\
        a { background: image-set('i.avif' type('image/avif'), url(j.png) 1x) }\
        @supports (background: url(no.png)) { a { content: 'no.png' url(k.png) } }\
        @media print { @layer z { a { & b:hover { background: url(l.png) } } } }\
        a { filter: url(#x); background: url(data:image/png;base64,AA==) } a { behavior: url(m.htc";
    let found = refs(source);
    let names: String = found.iter().map(|(_, u)| &u[..1]).collect();
    assert_eq!(names, "abcdefghijklm");
    assert!(found[..3].iter().all(|(k, _)| *k == RefKind::CssImport));
    assert!(found[3..].iter().all(|(k, _)| *k == RefKind::CssUrl));
}

#[test]
fn ranges_and_escapes() {
    let source = "\u{feff}/* ü€ */a{b:url( a\\20 b\\(c\\ );c:url('d\\'e');d:url(\"f\\\"\");e:url(\"g";
    let f = facts(source);
    let got: Vec<_> = f.refs.iter().map(|r| (&source[r.range.clone()], &*r.url, r.escape)).collect();
    assert_eq!(
        got,
        [
            ("a\\20 b\\(c\\ ", "a b(c ", Escape::CssUnquoted),
            ("d\\'e", "d'e", Escape::CssSingleQuoted),
            ("f\\\"", "f\"", Escape::CssDoubleQuoted),
            ("g", "g", Escape::CssDoubleQuoted),
        ]
    );
}

#[test]
fn trap_16_urls_in_css_comments_are_not_references() {
    let source = "/* @import 'a.css'; url(b.png) */ a { /* url(c.png) */ background: /* x */ url(d.png) } /*# sourceMappingURL=e.map */ b {}";
    assert_eq!(urls(source), ["d.png", "e.map"]);
    let first = "/*# sourceMappingURL=e.map */ a { background: url(d.png) }";
    assert_eq!(urls(first), ["e.map", "d.png"]);
    assert_eq!(decls(first), ["background: url(d.png)"]);
}

#[test]
fn trap_1_relative_urls_in_custom_properties_are_set_apart() {
    let source = "a { --x: url(a.png), 'b.png'; --y: url(/c.png) url(https://d/e.png); --z: { x: url('f.png') }; background: var(--x, url(g.png)) } @property --p { initial-value: url(h.png) }";
    assert_eq!(urls(source), ["/c.png", "https://d/e.png", "g.png"]);
    let custom = facts(source).custom_property_urls;
    let names: Vec<_> = custom.iter().map(|(range, url)| (&source[range.clone()], url.as_str())).collect();
    assert_eq!(names, [("a.png", "a.png"), ("f.png", "f.png"), ("h.png", "h.png")]);
}

#[test]
fn trap_66_browsers_skip_bad_declarations_and_so_do_we() {
    assert_eq!(
        urls(".a{background:url(a.png);*zoom:1;_b:url(b.png);: x;c:url(c.png)}}d{e:url(d.png)}"),
        ["a.png", "b.png", "c.png", "d.png"]
    );
}

#[test]
fn image_declarations() {
    assert_eq!(
        decls(
            "a{background:url(a.png)}b{BACKGROUND-IMAGE : url(b.png) , url(data:x) !important ; }@media x{@supports(y){c{background:red url(c.png)}}}"
        ),
        [
            "background:url(a.png)",
            "BACKGROUND-IMAGE : url(b.png) , url(data:x) !important",
            "background:red url(c.png)"
        ]
    );
    assert!(facts("a{background:url(a.png) ;}").image_decls[0].terminated);
    assert!(!facts("a{background:url(a.png)}").image_decls[0].terminated);
    let attribute = analyze("background:url(a.png)", Context::Declarations);
    assert_eq!((attribute.image_decls.len(), attribute.refs.len()), (1, 1));
}

#[test]
fn images_with_fallbacks_are_left_alone() {
    for source in [
        "a{background:url(a.png);background:url(b.png)}",
        "a{background:red;background-image:url(b.png)}",
        "a{background:url(a.png);background:image-set('a.avif')}",
        "a{background:image-set(url(a.png) 1x)}",
        "a{background:url(a.png) var(--x)}",
        "a{mask-image:url(a.png)}",
        "a{background:red}",
        "@keyframes x{to{background:url(a.png)}}",
        "@page{background:url(a.png)}",
    ] {
        assert!(decls(source).is_empty(), "{source}");
    }
}

#[test]
fn box_rules() {
    use BoxProp::*;
    use Size::*;
    assert_eq!(
        boxes(
            "img{max-width:100%;height:auto} @layer a{.x img.y{width:calc(1px + 2%)}} @media print{#z{width:var(--w)!important}}"
        ),
        [
            ("img".into(), true, vec![MaxWidth, Height(Auto)]),
            ("img.y".into(), false, vec![Width(Definite)]),
            ("*#z".into(), false, vec![Width(Unknown)]),
        ]
    );
    assert_eq!(
        boxes(
            "@layer a{img{inline-size:5px}} *{all:unset} pre,img:hover,i::before{white-space:pre-wrap;object-fit:cover}"
        ),
        [
            ("img".into(), true, vec![Width(Definite)]),
            ("*".into(), true, vec![All]),
            ("pre".into(), true, vec![WhiteSpace { preserves: true }, ObjectFit]),
            ("img?".into(), false, vec![WhiteSpace { preserves: true }, ObjectFit]),
        ]
    );
    assert_eq!(
        boxes(".a{img{width:fit-content} @media x{height:0} :is(b,c){zoom:1}} d{color:red}"),
        [
            ("img".into(), false, vec![Width(Content)]),
            ("*.a".into(), false, vec![Height(Definite)]),
            ("*?".into(), false, vec![Other]),
        ]
    );
}

#[test]
fn trap_27_inside_of_what_a_rule_surely_applies() {
    let surely = |selector: &str| certain(&format!("{selector} {{ height: auto }}"));
    assert_eq!(surely("img").as_deref(), Some(""));
    assert_eq!(surely(".wall img").as_deref(), Some("*.wall "));
    assert_eq!(surely("main#x > .a.b figure>img.c").as_deref(), Some("main#x > *.a.b figure > "));
    for other in [".a + img", ".a ~ .b img", ".a:hover img", "[x] img", ":is(.a) img", ".a img:first-child", "> img"] {
        assert_eq!(surely(other), None, "{other}");
    }
    for around in ["@media print { .a img { height: auto } }", ".b { .a img { height: auto } }"] {
        assert_eq!(certain(around), None, "{around}");
    }
}

#[test]
fn which_rule_wins_whatever_the_order() {
    let rank = |source: &str| facts(source).box_rules.into_iter().next().unwrap().rank;
    let of = |selector: &str| rank(&format!("{selector} {{ height: auto }}")).specificity;
    assert_eq!(of("main#x .a.b > img"), Some([1, 2, 2]));
    assert_eq!(of("#a#b [c]:hover *"), Some([2, 2, 0]));
    for unknown in [":is(#a) img", ".a:not(.b)", "a:nth-child(2)"] {
        assert_eq!(of(unknown), None, "{unknown}");
    }
    let [plain, weak, important, layered, nested] = [
        ".a img { height: auto }",
        ".b { height: 9px }",
        ".b { height: 9px !important }",
        "@layer x { #b { height: 9px } }",
        ".b { img { height: 9px } }",
    ]
    .map(rank);
    assert!(plain.surely_beats(&weak) && !weak.surely_beats(&plain) && !weak.surely_beats(&weak));
    assert!(!plain.surely_beats(&important) && !plain.surely_beats(&nested));
    assert!(weak.surely_beats(&layered) && !layered.surely_beats(&weak));
}

#[test]
fn trap_25_selectors_that_notice_a_picture() {
    for (source, expected) in [
        (".a > img{}", vec!["*.a img"]),
        (".a>*{}", vec!["*.a *"]),
        (".a > div, .b img, p + p{}", vec![]),
        ("img + .c{}", vec!["img ~ *.c", "img"]),
        ("p ~ img.x{}", vec!["p ~ img.x"]),
        (".a legend + *{}", vec!["*.a legend ~ *"]),
        ("img:first-child, li:nth-child(2) img{}", vec!["img?"]),
        (".i:not(:last-child){}", vec!["*.i?"]),
        ("a:has(> img) b{}", vec!["img"]),
        (":is(.a > img, b) c{}", vec!["*?"]),
        (".g{> img{} & + picture{}}", vec!["*?", "img", "*? ~ picture"]),
        (".g img > .x > *{}", vec!["*.g img *.x *", "*.g img *.x"]),
        ("img{ + .c{}}", vec!["*.c", "img"]),
        ("picture[x] > source{}", vec![]),
        ("svg|img:only-child{}", vec!["img?"]),
        // A picture without names is as good as an image there. A `.b` image is none of these, and its picture would be.
        (":not(.b):not(#c) + .d{}", vec!["*.b", "*? ~ *.d", "*#c"]),
        (":not(:checked) ~ .d{}", vec!["*?", "*? ~ *.d"]),
        // An image is empty wherever it stands, and what it stands in never is.
        ("img:empty, .a:empty img, .b :empty{}", vec![]),
        ("@media x{.a > IMG{}}", vec!["*.a img"]),
    ] {
        assert_eq!(hazards(source), expected, "{source}");
    }
}

/// What kiln puts around an image has a `style` and nothing else.
#[test]
fn trap_25_selectors_for_what_is_inside_of_something_nameless() {
    for (source, expected) in [
        ("body * img{}", vec!["body * img"]),
        (".a :not(.b) img{}", vec!["*.a *? img"]),
        ("[style] img{}", vec!["*? img"]),
        ("[data-x=y] [style*='x'] *{}", vec!["*? *? *"]),
        (".a :hover .b{}", vec!["*.a *? *.b"]),
        (".a{:not(.b) img{}}", vec!["*? img"]),
        ("[style]{img{}}", vec!["img"]),
        ("[style]{& img{}}", vec!["*? img"]),
        (".a{* img{}}", vec!["* img"]),
        ("img:is(.a *:not(.b) *){}", vec!["img?"]),
        (":is(.a, [style]) img{}", vec!["*? img"]),
        ("*|* *|img{}", vec!["*? img?"]),
    ] {
        assert_eq!(hazards(source), expected, "{source}");
    }
    for source in [
        "* img{}",
        "body:not(.a) img{}",
        ":root img{}",
        ":root:not([data-theme=light]) img{}",
        "[data-theme=dark] img, [dir=rtl] .a img{}",
        ":is(.a, #b) img, :where(.a .b, h1) img{}",
        ".a :not(.b) p{}",
        ".a :focus img, a:hover img{}",
        ".a{img{} & img{} .b & img{}}",
        ".a{@media print{img{}}}",
        ".a:is(.dark *){}",
        "img:not(.a *){}",
    ] {
        assert!(hazards(source).is_empty(), "{source}: {:?}", hazards(source));
    }
}

/// `display: contents` takes an element's box, but not all that others see of it.
#[test]
fn trap_25_declarations_that_a_picture_without_a_box_passes_on() {
    for source in [
        ".a *{display:block!important}",
        ".a :not(.b){all:unset !important}",
        ".a *::before{content:'x'}",
        ".a *:after{content:var(--x)}",
        ".a *{font-size:.9em}",
        ".a *{font:90%/1.5 serif !important}",
        ".a *{font-size:clamp(1em,2vw,3em)}",
        ".a *{counter-increment:x}",
        ".a *{@media print{font-size:smaller}}",
    ] {
        assert_eq!(hazards(source).len(), 1, "{source}: {:?}", hazards(source));
    }
    for source in [
        "*,*::before,*::after{box-sizing:border-box}",
        ".a *{display:block}",
        ".a *{font:inherit;font-size:100%}",
        "*{font-size:1.2rem;line-height:1.5em}",
        "*::before{content:none}",
        "[class^=icon-]::before{content:'x'}",
        ".a p{font-size:.9em}",
        ".a *{@keyframes x{from{font-size:2em}}}",
    ] {
        assert!(hazards(source).is_empty(), "{source}: {:?}", hazards(source));
    }
}

#[test]
fn nothing_breaks_it() {
    for source in [
        "",
        "}",
        "a{",
        "url(",
        "@",
        "@import",
        "a{b:url(",
        "a{b:url(\"",
        "a{b:'\\",
        "/*",
        "a{b:url()}",
        "@import ''",
        "/*# sourceMappingURL=*/",
    ] {
        assert!(facts(source).refs.is_empty(), "{source}");
    }
    assert_eq!(urls("\u{feff}@import 'a.css';"), ["a.css"]);
    for odd in ["a{b:url(\\", "a{b:url( \\ ", "a{b:url(é\\"] {
        let refs = facts(odd).refs;
        assert!(refs.iter().all(|r| odd.get(r.range.clone()).is_some()), "{odd}");
    }
    for deep in ["a{", "(", "a{b:f(", "@media x{", ":is("] {
        facts(&deep.repeat(20_000));
    }
}

#[test]
fn a_comment_about_pictures_is_no_style_for_them() {
    for css in [
        "a{}\n/* The picture on top. */\nb{}",
        "a{/* picture */}",
        "a{content:'/*'} /* picture */ b{}",
        ".picture, #picture, .a-picture{}",
        "a{content:'\\\n/* picture '}",
    ] {
        assert!(!facts(css).styles_pictures, "{css}");
    }
    for css in [
        "picture{}",
        "/* a */ picture{}",
        "a{content:'/*'}\n picture{}",
        "/* a */\n.x picture, b{}",
        "PICTURE{}",
        ":is(a, picture) b{}",
        ":nth-child(2 of picture){}",
        "a{&:has(> picture){}}",
        "a{picture:hover{}}",
        "@media x{picture{}}",
        "@scope (picture) to (.b){a{}}",
        "@unknown{picture{}}",
    ] {
        assert!(facts(css).styles_pictures, "{css}");
    }
}

#[test]
fn attributes_that_are_added_to_images_are_known_when_a_selector_asks_for_them() {
    let asked = |css: &str| facts(css).attributes.into_iter().collect::<Vec<_>>();
    assert_eq!(asked("img[loading=lazy],a:not([STYLE*='x']){}"), ["loading", "style"]);
    assert_eq!(asked("@scope ([width]){a{}} a{&:has(> img[height]){}}"), ["height", "width"]);
    assert!(asked("a[href='style'],.style,#width,style,a{width:1px}@media (width>1px){a{style:x}}").is_empty());
}

#[test]
fn a_scope_may_begin_or_end_at_a_picture_around_an_image() {
    assert_eq!(hazards("@scope (.card > img) to (.x){:scope{margin:0}}"), ["*.card img"]);
    assert_eq!(hazards("@scope (.card:not(.x)){img{margin:0}}"), [] as [&str; 0]);
    assert_eq!(hazards("@scope (.card) to (:not(.x)){img{margin:0} p{margin:0}}"), ["img"]);
    assert_eq!(hazards("@scope ([style]){@media print{.a img{margin:0}}}"), ["img"]);
}
