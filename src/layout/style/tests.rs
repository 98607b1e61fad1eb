use super::*;

fn sheet(text: &str) -> Sheet {
    read(text, &|name| name == "--used")
}

#[test]
fn paint_goes_and_boxes_stay() {
    let read =
        sheet("/* c */ a { color: red; width: 10px } b{color:rgba(0,0,0,.1)} c{height:calc(1px + 2px);fill:red}");
    assert_eq!(read.text, "a{width: 10px;}c{height:calc(1px + 2px);}");
    assert_eq!(sheet("p{--used:rgba(1,2,3,.5);--other:1px;margin:0}").text, "p{--used:rgba(1,2,3,.5);margin:0;}");
    assert_eq!(
        sheet("a{background:url(x.png) red}b{background:red}").text,
        "a{background:url(x.png) red;}b{background:none;}"
    );
    let shown = "a{background:rgb(1 2 3)!important;}b{background-image:image-set(\"x.png\" 1x);}c{background:inherit;}";
    assert_eq!(sheet(shown).text, shown.replace("rgb(1 2 3)", "none"));
    assert_eq!(sheet("p{width:1px").text, "p{width:1px;}", "unfinished, as browsers finish it");
}

#[test]
fn backgrounds_that_depend_on_more_than_widths_are_told() {
    for steady in [
        "@media (min-width:600px){a{background:url(x)}}",
        "@media (hover){a{width:1px}}",
        "@keyframes x{to{left:0;background-position:0 0}}",
    ] {
        assert!(!sheet(steady).unsteady, "{steady}");
    }
    for unsteady in [
        "@media (min-resolution:2dppx){a{background:url(x)}}",
        "@media (min-width:9px) and (orientation:landscape){a{background:none}}",
        "@supports (top:0){@media screen{a{background:url(x)}}}",
        "@keyframes x{to{background-image:url(x)}}",
        "a{background:cross-fade(url(x),url(y))}",
    ] {
        assert!(sheet(unsteady).unsteady, "{unsteady}");
    }
    assert!(sheet("a{-webkit-line-clamp:2}").unplaced.is_some() && sheet("a{left:0}").unplaced.is_none());
    assert!(sheet("@scope (a){b{left:0}}").unknown.is_some());
}

#[test]
fn groups_layers_and_nested_rules_stay() {
    let text = "@layer a,b;@layer a{}@media (min-width: 40em){a{b{width:1px}}}@supports (display:grid){p{margin:0}}";
    assert_eq!(
        sheet(text).text,
        "@layer a,b;@layer a{}@media (min-width: 40em){a{b{width:1px;}}}@supports (display:grid){p{margin:0;}}"
    );
    assert_eq!(sheet("@media print{p{width:1px}}@keyframes x{to{width:1px}}@page{margin:0}").text, "");
}

#[test]
fn steps_are_the_first_widths_of_something_new() {
    let steps = |text: &str| sheet(text).steps.into_iter().collect::<Vec<_>>();
    assert_eq!(steps("@media (min-width:600px){a{}}"), [600]);
    assert_eq!(steps("@media screen and (max-width:767.98px){a{}}"), [768]);
    assert_eq!(steps("@media (min-width: 30em) and (max-width: 50em){a{}}"), [480, 801]);
    assert_eq!(steps("@media (600px <= width < 900px){a{}}"), [600, 601, 900, 901]);
    assert_eq!(steps("@media (min-height:600px){a{}}@media (prefers-color-scheme:dark){a{}}"), [] as [u32; 0]);
}

#[test]
fn fonts_and_imports_are_told_apart() {
    let read = sheet(
        "@charset \"UTF-8\";@import url('b.css') screen;@import \"c.css\" layer(x);\
         @font-face{font-family:'My Font';src:local(x),url(a.woff2) format('woff2'),url(\"a.woff\");font-weight:700;font-style:italic}\
         @font-face{font-family:Greek;src:url(g.woff2);unicode-range:U+0370-03FF}\
         @font-face{font-family:Latin;src:url(l.woff2);font-weight:100 900;unicode-range:U+0000-00FF}a{width:1px}",
    );
    let import = |url: &str, conditions: &str| Import { url: url.into(), conditions: conditions.into() };
    assert_eq!(read.imports, [import("b.css", "screen"), import("c.css", "layer(x)")]);
    let names: Vec<_> = read.faces.iter().map(|f| (f.family.as_str(), f.weight, f.italic, f.urls.len())).collect();
    assert_eq!(names, [("My Font", Some(700), true, 2), ("Latin", None, false, 1)]);
    assert_eq!(read.text, "a{width:1px;}");
}

#[test]
fn what_the_layout_does_not_know_is_said() {
    assert_eq!(sheet("@container (width > 1px){a{width:1px}}").unknown, Some("container queries"));
    assert!(sheet("img[src*=x]{width:1px}").unknown.is_some());
    assert_eq!(sheet("a[href]{width:1px}").unknown, None);
}

#[test]
fn variables_are_found_in_any_text() {
    assert_eq!(variables("calc(var( --a, var(--b)) + var(--c-d))").collect::<Vec<_>>(), ["--a", "--b", "--c-d"]);
}
