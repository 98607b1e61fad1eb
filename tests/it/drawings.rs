//! `[html] reuse_svg`: of an inline SVG that a page repeats one copy has the drawing, and nobody can tell.

mod scripts;

use crate::support::{Sandbox, stdout};
use std::fmt::Write;

/// An outline that does not compress to nothing.
fn outline(seed: usize) -> String {
    (0..70).fold("M1 1".to_owned(), |mut d, i| {
        let n = |by: usize| (i * 7919 + seed * 31 + by * 104_729) % 997;
        write!(d, "L{} {}", n(1), n(2)).unwrap();
        d
    })
}

fn path() -> String {
    format!("<path fill=\"currentColor\" d=\"{}\"/>", outline(1))
}

fn icon(inside: &str) -> String {
    format!("<svg class=\"icon\" viewBox=\"0 0 997 997\">{inside}</svg>")
}

/// Links, each with the same icon.
fn links(icon: &str) -> String {
    (0..12).fold(String::new(), |mut all, n| {
        writeln!(all, "<p class=row><a class=card href=\"#{n}\">{icon} Number {n}</a></p>").unwrap();
        all
    })
}

fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>t</title>\
         <link rel=stylesheet href=s.css>{head}</head><body>{body}</body></html>"
    )
}

fn site(head: &str, body: &str, style: &str) -> Sandbox {
    Sandbox::new(&[("index.html", &page(head, body)), ("s.css", style)])
}

fn build(s: &Sandbox) -> String {
    let settings = s.root().join("kiln.toml");
    std::fs::write(&settings, "[html]\nreuse_svg = true\n").unwrap();
    s.build_with(&["--config", settings.to_str().unwrap()]).page("index.html")
}

fn built(head: &str, body: &str, style: &str) -> String {
    build(&site(head, body, style))
}

/// The page's own icons use one drawing, in spite of this.
fn shared(head: &str, style: &str) {
    let page = built(head, &links(&icon(&path())), style);
    assert_eq!(page.matches("<use ").count(), 11, "{head}{style}\n{page}");
    assert_eq!(page.matches("<path").count(), 1, "{head}{style}");
}

/// Because of this every icon keeps its own drawing.
fn stays(head: &str, style: &str) {
    stays_in(head, &links(&icon(&path())), style);
}

fn stays_in(head: &str, body: &str, style: &str) {
    let s = site(head, body, style);
    let page = build(&s);
    assert!(!page.contains("<use href=\"#k"), "{head}{style}\n{page}");
    let told = told(&s);
    assert!(!told.contains("would be larger"), "not because of its size: {told}");
}

fn told(s: &Sandbox) -> String {
    let settings = s.root().join("kiln.toml");
    stdout(&s.run(&["--config", settings.to_str().unwrap(), "--verbose", "--no-cache", "--force"]))
}

#[test]
fn the_first_keeps_its_drawing_and_the_others_use_it() {
    let titled = |n: usize, rest: &str| format!("<svg class=\"icon c{n}\" width={n} viewBox=\"0 0 9 9\">{rest}</svg>");
    let body: String =
        (0..12).map(|n| titled(n, &format!("<title>Number {n}</title>\n  {}\n", path())) + "<b>x</b>").collect();
    let s = site("", &body, "");
    let page = build(&s);
    let (_, id) = page.split_once("\" id=\"").unwrap_or_else(|| panic!("{page}"));
    let id = id.split('"').next().unwrap();
    assert!(id.starts_with('k') && id.len() == 6, "{id}");
    assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1);
    let first =
        titled(0, &format!("<title>Number 0</title>\n  {}\n", path().replace("/>", &format!(" id=\"{id}\"/>"))));
    assert!(page.contains(&first), "{page}");
    for n in 1..12 {
        let other = titled(n, &format!("<title>Number {n}</title><use href=\"#{id}\"/>"));
        assert!(page.contains(&other), "{n}: {page}");
    }
    assert_eq!(build(&s), page, "the same again");
}

#[test]
fn drawings_of_several_elements_get_a_group() {
    let inside = format!(
        "{}<g stroke=\"#000\" transform=\"translate(1 2)\"><circle cx=\"1\" cy=\"2\" r=\"3\"></circle></g>",
        path()
    );
    let page = built("", &links(&icon(&inside)), "");
    let (before, after) = page.split_once("<g id=\"").unwrap_or_else(|| panic!("{page}"));
    let id = after.split('"').next().unwrap();
    assert!(before.ends_with("<svg class=\"icon\" viewBox=\"0 0 997 997\">"), "{page}");
    assert!(after.starts_with(&format!("{id}\">{inside}</g></svg>")), "{page}");
    assert_eq!(page.matches(&format!("viewBox=\"0 0 997 997\"><use href=\"#{id}\"/></svg>")).count(), 11);
}

#[test]
fn nothing_happens_unless_asked_for() {
    let s = site("", &links(&icon(&path())), "");
    assert!(!s.build().page("index.html").contains("<use"));
    assert!(build(&s).contains("<use"), "the cache knows the difference");
}

#[test]
fn other_drawings_get_other_ids() {
    let other = icon(&format!("<path d=\"{}\"/>", outline(2)));
    let page = built("", &(links(&icon(&path())) + &links(&other)), "");
    assert_eq!(page.matches("<use ").count(), 22, "{page}");
    let ids: Vec<&str> = page.split("href=\"#k").skip(1).filter_map(|t| t.get(..5)).collect();
    assert_eq!((ids.iter().filter(|id| **id == ids[0]).count(), ids.len()), (11, 22), "{ids:?}");
}

#[test]
fn an_id_that_something_knows_is_not_taken() {
    let body = links(&icon(&path()));
    let id = |page: &str| page.split("href=\"#k").nth(1).map(|t| format!("k{}", t.split('"').next().unwrap()));
    let first = id(&built("", &body, "")).unwrap();
    for (head, style) in [
        (format!("<meta name=x content=\"{first}\">"), String::new()),
        (String::new(), format!("#{first}{{color:red}}")),
        (format!("<script>const place = '{first}'</script>"), String::new()),
    ] {
        let second = id(&built(&head, &body, &style)).unwrap();
        assert!(second != first && second.starts_with(&first), "{head}{style}: {second}");
    }
}

#[test]
fn a_page_never_becomes_larger() {
    let small = site("", &icon("<path d=\"M1 1h2\"/>").repeat(2), "");
    assert!(!build(&small).contains("<use"));
}

#[test]
fn styles_that_count_for_shapes_only_by_themselves_are_no_matter() {
    shared("", "*,::before,::after{box-sizing:border-box;margin:0;border:0 solid}");
    shared("", "a:hover svg{color:red}.icon{fill:#123;width:2em;transition:color .2s}.dark .icon{stroke:red}");
    shared("", "path{fill:none;stroke:currentColor}@media (prefers-color-scheme:dark){path{fill:#fff}}");
    shared(
        "",
        ".grid>*{width:100%;opacity:.5}[hidden]{display:none!important}::selection{color:red}:focus-visible{outline:1px solid}",
    );
    shared("", ".chart path{stroke:red}.card:has(> svg){color:red}.card{&:hover{color:red}&::after{color:red}}");
    shared("", "@media(prefers-reduced-motion){*,:after{transition-duration:.01ms!important}}:focus{outline:none}");
    shared("<link rel=stylesheet href=\"https://fonts.googleapis.com/css2?family=Inter\">", "");
}

#[test]
fn rules_that_match_shapes_by_where_they_stand_keep_them() {
    for style in [
        ".icon path{fill:red}",
        "svg>path:first-child{fill:red}",
        ".card:hover path{fill:red}",
        "path:hover{fill:red}",
        "path:nth-child(2n){fill:red}",
        "[fill]{fill:red}",
        "p:nth-child(2) svg *{fill:red}",
        ".card{path{fill:red}}",
        ".card{& svg > &, path{fill:red}}",
        "@container (min-width: 9px){path{fill:red}}",
        "@scope (.card){path{fill:red}}",
        ":is(path,rect){fill:red}",
        ".card path/*::before*/{fill:red}",
        "path:not(.card path){fill:red}",
        ".row:nth-child(2) path{transition:fill 1s}",
    ] {
        stays("", style);
    }
}

#[test]
fn rules_whose_values_depend_on_the_place_keep_them() {
    for style in [
        "path{fill:inherit}",
        "path{fill:var(--c)}",
        "path{opacity:inherit}",
        "path{stroke-width:10%}",
        "path{transition:fill 1s}",
        "path{animation:turn 1s}",
        "path{fill:url(#gradient)}",
        "path{unknown-property:1}",
    ] {
        stays("", style);
    }
}

#[test]
fn rules_that_the_new_elements_could_match_keep_them() {
    for style in [
        "use{fill:red}",
        "*{opacity:.9}",
        "*{transition:all .2s}",
        "svg>*{transform:scale(2)}",
        "g{display:none}",
        "[href]{color:red}",
        "[id]{opacity:.5}",
    ] {
        stays("", style);
    }
}

#[test]
fn rules_that_look_into_an_svg_keep_it() {
    for style in [
        "a:has(path){color:red}",
        "svg:not(:has(path)){display:none}",
        ".card:has(svg > :first-child){margin:1px}",
        "svg:has(use){display:none}",
    ] {
        stays("", style);
    }
}

#[test]
fn styles_in_the_page_and_imported_ones_count_too() {
    stays("<style>.card path{fill:red}</style>", "");
    stays("<style media=print>.card path{fill:red}</style>", "");
    let s = site("", &links(&icon(&path())), "@import \"b.css\";");
    s.put("b.css", b".card path{fill:red}");
    assert!(!build(&s).contains("<use"));
    s.put("b.css", b".card svg{fill:red}");
    assert!(build(&s).contains("<use"), "the cache knows what is imported");
}

#[test]
fn sheets_that_nobody_can_read_keep_everything() {
    for sheet in [
        "stylesheet href=https://cdn.example/a.css",
        "stylesheet href=no.css",
        "preload as=style href=//cdn.example/a.css",
    ] {
        stays(&format!("<link rel={sheet}>"), "");
    }
    stays("<script src=missing.js></script>", "");
    stays("<style>@import \"https://cdn.example/a.css\";</style>", "");
    stays("", "@import url(//cdn.example/a.css);");
}

#[test]
fn only_plain_shapes_are_shared() {
    let p = path();
    for inside in [
        format!("{p}<text x=1 y=1>a</text>"),
        format!("<g><title>t</title>{p}</g>"),
        format!("{p}<desc>t</desc>"),
        format!("<linearGradient id=a><stop/></linearGradient>{p}"),
        format!("<style>path{{fill:red}}</style>{p}"),
        format!("<script>1</script>{p}"),
        format!("<a href=#x>{p}</a>"),
        format!("<image href=#x />{p}"),
        format!("<foreignObject>{p}</foreignObject>"),
        format!("<use href=#a />{p}"),
        format!("<g id=a>{p}</g>"),
        format!("<g onclick=f()>{p}</g>"),
        format!("<g tabindex=0>{p}</g>"),
        format!("<g aria-label=a>{p}</g>"),
        format!("<g data-n=1>{p}</g>"),
        format!("<g fill=\"url(#a)\">{p}</g>"),
        format!("<g fill=inherit>{p}</g>"),
        format!("<g style=\"fill:var(--a)\">{p}</g>"),
        format!("<g style=\"animation:turn 1s\">{p}</g>"),
        format!("<g filter=\"url(#a)\">{p}</g>"),
        format!("<rect width=\"50%\" height=9 />{p}"),
        format!("<svg>{p}</svg>"),
        format!("<unknown>{p}</unknown>"),
        p.replace("/>", "><animate attributeName=fill to=red begin=click dur=1s /></path>"),
        p.replace("/>", "></g>"),
        p.replace("/>", ">text</path>"),
    ] {
        stays_in("", &links(&icon(&inside)), "");
    }
    assert!(built("", &links(&icon(&format!("<g style=\"fill:#fff;stroke-width:2\">{p}</g>"))), "").contains("<use"));
}

#[test]
fn comments_stay_where_they_are() {
    let page = built("", &links(&icon(&format!("<!--! a licence -->{}<!-- end -->", path()))), "");
    assert_eq!(page.matches("<!--! a licence --><use href=\"#k").count(), 11, "{page}");
    assert_eq!(page.matches("<!-- end -->").count(), 12, "{page}");
}

#[test]
fn places_that_are_no_part_of_the_page_are_left_alone() {
    let all = links(&icon(&path()));
    let places = "template,template shadowrootmode=open,noscript,math,svg,canvas,object,noframes,div data-kiln=off,div contenteditable";
    for around in places.split(',') {
        let name = around.split(' ').next().unwrap();
        stays_in("", &format!("<{around}>{all}</{name}>"), "");
    }
    stays_in("", &all.replace("<svg ", "<svg data-kiln=off "), "");
    // Outside, they share a drawing that is there.
    let page = built("", &format!("<noframes>{}</noframes>{all}", icon(&path())), "");
    let (inert, rest) = page.split_once("</noframes>").unwrap();
    assert!(!inert.contains(" id=") && rest.matches("<use href=\"#k").count() == 11, "{page}");
}

#[test]
fn pages_whose_elements_others_handle_are_left_alone() {
    stays("<base href=\"/\">", "");
    stays("<script id=__NEXT_DATA__ type=application/json>{}</script>", "");
    stays_in("", &format!("<astro-island>x</astro-island>{}", links(&icon(&path()))), "");
    stays("<script src=https://cdn.example/a.js></script>", "");
    let s = site("", &links(&icon(&path())), "");
    s.put("a.xhtml", page("", &links(&icon(&path()))).as_bytes());
    assert!(build(&s).contains("<use") && !s.page("a.xhtml").contains("<use"));
    s.put("a.wasm", b"");
    assert!(!build(&s).contains("<use"));
}

#[test]
fn with_everything_else_on_the_page_is_whole() {
    let s =
        site("<style>use{color:red}.none{color:red}b  {  color : red }</style>", &links(&icon(&path())), "p{margin:0}");
    assert!(!build(&s).contains("<use"), "a rule for <use> stays a rule for what the author wrote");
    let s = site(
        "<style>.none{color:red}b  {  color : red }</style>",
        &format!("<p>a   b\n\n c</p>{}", links(&icon(&path()))),
        ".card{color:red}",
    );
    let settings = s.root().join("all.toml");
    std::fs::write(&settings, "[html]\nreuse_svg = true\n[css]\ncritical = \"screen\"\n").unwrap();
    let page = s.build_with(&["--config", settings.to_str().unwrap()]).page("index.html");
    assert!(page.contains("<p>a b\nc</p>") && page.contains("<style>.card{color:red}</style>"), "{page}");
    assert!(!page.contains(".none") && page.matches("<use ").count() == 11, "{page}");
    assert!(s.dangling("/").is_empty());
}

#[test]
fn it_says_what_was_done_or_why_not() {
    let told = |head: &str, body: &str, style: &str| {
        let s = site(head, body, style);
        build(&s);
        super::drawings::told(&s)
    };
    let all = links(&icon(&path()));
    let done = told("", &all, "");
    assert!(done.contains("11 of its inline SVGs use the drawing of another: "), "{done}");
    let kept = told("", &all, ".card path{fill:red}");
    assert!(kept.contains("an inline SVG stays where it repeats, 12 times: `.card path` may not match it"), "{kept}");
    let kept = told("<base href=/>", &all, "");
    assert!(kept.contains("its inline SVGs stay as they are: a <base> leads"), "{kept}");
    let kept = told("", &links(&icon("<text>a</text>")), "");
    assert!(kept.contains("12 inline SVGs stay, though they repeat: it holds a <text>"), "{kept}");
}
