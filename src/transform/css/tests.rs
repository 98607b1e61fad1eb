#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn min(source: &str) -> String {
    let op = CssOp { context: Context::Sheet, licenses: Licenses::Keep };
    minify(source, &op).expect(source)
}

/// The sheet itself is as short as can be; blanks make it worth minifying.
#[track_caller]
fn keeps(source: &str) {
    assert_eq!(min(&format!("\n\n{source}\n\n")), source);
}

#[test]
fn trap_59_transition_values_keep_their_meaning() {
    keeps("a{transition:filter .35s,-webkit-filter .35s,opacity .375s ease-out}");
    keeps("a{transition-property:-webkit-filter,filter;transition-duration:1s,2s}");
}

#[test]
fn fallbacks_stay_in_their_order() {
    for source in [
        "a{display:-webkit-box;display:-ms-flexbox;display:flex}",
        "a{width:100vw;width:100dvw}",
        "a{background:url(a.png);background:image-set(\"a.avif\" 1x)}",
        "a{height:100%;height:-webkit-fill-available}",
        "a{color:red;color:oklch(50% .1 20)}",
        "a{margin-top:1px;margin:0;margin:max(1px,2vw)}",
        "a{-webkit-user-select:none;user-select:none}",
        "a{}b{color:red}",
        "a:hover{color:red}a::-moz-x{color:red}",
    ] {
        keeps(source);
    }
}

#[test]
fn numbers_keep_their_digits() {
    for value in [
        "line-height:1.4285714286",
        "width:33.33333333%",
        "margin:-.0714285714em 8.33333333vw",
        "transform:translate(-66.66666667%)",
        "width:calc(100vw - 33.33333333%)",
        "flex:0 0 16.66666667%",
        "grid-template-columns:1.23456789fr 2fr",
    ] {
        keeps(&format!("a{{{value}}}"));
    }
    assert_eq!(
        min("a { width: 033.333333330%; margin: 0 -0.1234567px }"),
        "a{width:33.33333333%;margin:0 -.1234567px}"
    );
    // What it works out itself would have six digits.
    for value in ["width:calc(100% - 33.33333333%)", "width:calc(100%/3)", "transition-duration:calc(1s/3)"] {
        keeps(&format!("a{{{value};color:red}}"));
    }
    assert_eq!(min("a { width: calc(100% / 4) }"), "a{width:25%}");
    // Each declaration for itself, and each number in its place.
    assert_eq!(min("a { left: 33.3333% } b { left: 33.33333333% }"), "a{left:33.3333%}b{left:33.33333333%}");
    keeps("a{left:1.9999999px}b:nth-child(2n){font-weight:400;opacity:.9999999;flex:1}");
    keeps("a{margin:1px .9999999px 1px 33.33333333px}");
    assert_eq!(min("a { margin: 1.0000001px 1px 1.0000001px 1px }"), "a{margin:1.0000001px 1px 1.0000001px 1px}");
    keeps("@container (min-width:1023.999px){a{left:0}}");
    keeps("@media (max-width:1023.999px){a{left:0}}@media (min-width:1024px){a{left:1px}}");
    // Numbers in selectors, names, strings and addresses are none.
    let other = "a:nth-child(2n + 1) .x1\\.4285714286{content:\"1.4285714286\";background:url(1.4285714286.png)}";
    assert!(min(&format!("{other} b {{ width: 1.42857px }}")).contains("width:1.42857px"));
    assert!(min(&format!("{other} b {{ width: 1.4285714286px }}")).contains("width:1.4285714286px"));
}

#[test]
fn values_that_would_come_out_as_others_stay_as_written() {
    for value in [
        "-webkit-mask-image:-webkit-linear-gradient(top,black,transparent)",
        "background:-webkit-repeating-linear-gradient(left,red,blue 10px) no-repeat",
        "background:-moz-linear-gradient(0deg,red,blue),-o-linear-gradient(180deg,red,blue)",
        "background:-webkit-linear-gradient(right,red,blue)!important",
        "background:linear-gradient(0deg,red,#ff0)",
        "background:url(a.png),repeating-linear-gradient(to top,red,#00f 9px)",
        "font:condensed bold 30px/1.2 Arial",
        "font:ultra-expanded 300 16px Arial",
        "transform-origin:center top 30px",
        "-webkit-transform-origin:right center 0",
        "animation:none 1s",
        "-webkit-animation:2s ease none",
        "text-emphasis:none red",
    ] {
        let rest = "margin:0 0 0 0;color:#ff0000";
        let out = min(&format!(".a {{ {rest};\n {value} }}\n.b {{ {rest} }}"));
        assert!(out.contains(value), "{value}: {out}");
    }
    // The rest of the sheet is as short as ever.
    assert_eq!(
        min("a { background: -webkit-linear-gradient(top, black, red); color: #ff0000 }"),
        "a{background:-webkit-linear-gradient(top, black, red);color:red}"
    );
}

#[test]
fn syntax_does_not_become_newer() {
    keeps("@media (min-width:1px) and (max-width:20px){a{color:red}}");
    keeps("@media (width>=1px){a{color:red}}");
    keeps("@media (min-width: 1px){a{color: red}}@media (width > 1px){a{color: red}}");
    keeps("a{color:#0008}");
    assert_eq!(min("a { color: rgba(0, 0, 0, 0.5) }"), "a{color:rgba(0,0,0,.5)}");
}

#[test]
fn trap_66_no_declaration_is_lost_next_to_a_bad_one() {
    assert_eq!(min(".a { color : red ; *zoom : 1 ; margin : 0 ; }"), ".a{color : red;*zoom : 1;margin : 0;}");
    assert_eq!(min("a { color: red } b { margin: 0; : x } "), "a{color: red}b{margin: 0;: x}");
}

#[test]
fn trap_67_licences_are_moved_to_the_start() {
    let source =
        "@charset \"utf-8\";\na { color : red }\n/*! one */ /* no */\nb { /* @license two */ color: red /*! one */ }";
    assert_eq!(min(source), "@charset \"utf-8\";/*! one */\n/* @license two */\na{color:red}b{color:red}");
    let op = CssOp { context: Context::Sheet, licenses: Licenses::Drop };
    assert_eq!(minify("/*! one */a{}", &op).unwrap(), "a{}");
}

#[test]
fn trap_44_rules_that_are_not_known_stay() {
    for source in [
        "@layer a,b;@layer a{b{color:red}}",
        "@container x (width>1px){a{color:red}}",
        "a{&:hover{color:red}@media print{color:red}}",
        "@property --x{syntax:\"*\";inherits:false}",
        "@scope (.a) to (.b){c{color:red}}",
        "@starting-style{a{opacity:0}}",
        "@import \"a.css\" layer(x) supports(display:grid) screen;",
        "@font-palette-values --x{font-family:y;base-palette:1}",
        "@position-try --x{inset-area:top}",
        "@media not all and (monochrome){a{color:red}}",
        "@namespace svg \"http://www.w3.org/2000/svg\";",
    ] {
        let out = min(&format!("\n\n{source}\n\n"));
        assert_eq!(shape::of(&out, Context::Sheet), shape::of(source, Context::Sheet), "{out}");
        assert!(out.len() < source.len() + 4, "{out}");
    }
}

#[test]
fn ascii_sheets_stay_ascii() {
    assert_eq!(
        min("a::before { content : '\\e001' } b::before { content : '\\e001  a\\e002 b' }"),
        "a:before{content:\"\\e001\"}b:before{content:\"\\e001  a\\e002 b\"}"
    );
    assert_eq!(min("a::before { content : 'é' }"), "a:before{content:\"é\"}");
}

#[test]
fn trap_15_the_source_map_comment_goes_with_the_old_text() {
    assert_eq!(min("a { color : red }\n/*# sourceMappingURL=a.css.map */"), "a{color:red}");
    let minified = "a{color:red}\n/*# sourceMappingURL=a.css.map */";
    assert_eq!(min(minified), minified);
}

#[test]
fn nothing_can_end_the_style_element() {
    assert_eq!(min("a { content : '\\3c/style>' }"), "a{content : '\\3c/style>'}");
}

#[test]
fn style_attributes() {
    let op = CssOp { context: Context::StyleAttribute, licenses: Licenses::Keep };
    assert_eq!(
        minify(" color : #ff0000 ; background : url( 'a.png' ) ", &op).unwrap(),
        "color:red;background:url(a.png)"
    );
    assert_eq!(minify(" --x : 1 ; *zoom : 1 ; ", &op).unwrap(), "--x : 1;*zoom : 1;");
}

#[test]
fn custom_properties_are_not_interpreted() {
    keeps("a{--x:#ff0000;--y:0.50px;--z:{ a : b };--w:;--u:url('a.png');--v:A b}");
    assert_eq!(
        min("a { --x : #FF0000 !important ; color : red ; --x : 1.0 ; --y :  a/**/  b }"),
        "a{color:red;--x:1.0;--y:a b;--x:#FF0000!important}"
    );
}

#[test]
fn the_conservative_way() {
    let min = |s: &str| conservative::minify(s).unwrap();
    assert_eq!(min(" a  >  b , c:hover { x : y /* z */ ; } "), "a > b , c:hover{x : y;}");
    assert_eq!(min("a/**/b{c:d/**/e 1/**/px calc( 1px  +  2px )}"), "a/**/b{c:d/**/e 1/**/px calc( 1px + 2px )}");
    for broken in ["a{b:c", "a{b:'c\n'}", "a{b:url(c d)}", "a}", "a)"] {
        assert!(conservative::minify(broken).is_err(), "{broken}");
    }
}

#[test]
fn deep_sheets_are_refused() {
    let op = CssOp { context: Context::Sheet, licenses: Licenses::Keep };
    for deep in ["a{", "a{b:f(", "@media x{", ":is(", "a{b:calc(("] {
        assert!(minify(&deep.repeat(20_000), &op).is_err());
    }
}

fn corpus() -> Vec<std::path::PathBuf> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/sites")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|e| e == "css") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

#[test]
fn real_sheets_keep_their_shape() {
    let files = corpus();
    if files.is_empty() {
        eprintln!("skipped: no corpus");
    }
    let op = CssOp { context: Context::Sheet, licenses: Licenses::Keep };
    for path in files {
        let source = std::fs::read_to_string(&path).unwrap();
        let shape = shape::of(&source, Context::Sheet).unwrap();
        let out = minify(&source, &op).unwrap();
        assert_eq!(shape::of(&out, Context::Sheet).unwrap(), shape, "{path:?}");
        assert_eq!(out.is_ascii(), source.is_ascii(), "{path:?}");
        let printed = printed(&source, Context::Sheet, &shape).is_some();
        assert!(printed, "{path:?}");
    }
}
