#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::model::{Escape, RefKind};

fn facts(source: &str) -> JsFacts {
    let facts = analyze(source, Goal::Unknown).expect(source);
    assert_eq!(references(source, Goal::Unknown).expect(source), facts.refs);
    for pair in facts.refs.windows(2) {
        assert!(pair[0].range.end <= pair[1].range.start, "{pair:?}");
    }
    facts
}

fn refs(source: &str) -> Vec<(RefKind, String)> {
    let found = facts(source).refs;
    for r in &found {
        assert_eq!(&source[r.range.clone()], r.url, "no escapes in these tests");
    }
    found.into_iter().map(|r| (r.kind, r.url)).collect()
}

fn urls(source: &str) -> Vec<String> {
    refs(source).into_iter().map(|(_, url)| url).collect()
}

fn one(source: &str) -> (RefKind, String) {
    let mut all = refs(source);
    assert_eq!(all.len(), 1, "{source}: {all:?}");
    all.remove(0)
}

#[test]
fn imports_and_exports() {
    let source =
        "import a from './a.js'; export * from \"b\"; export {c} from 'c.js'; import('./d.js'); import(`./e.js`)";
    let expected = ["./a.js", "b", "c.js", "./d.js", "./e.js"];
    let expected = expected.map(|u| (RefKind::ModuleScript, u.to_owned()));
    assert_eq!(refs(source), expected);
    let f = facts("import d from './d.json' with {type: 'x.json'}; import('./e.json', {with: {type: 'y.json'}})");
    assert_eq!(f.refs.len(), 2);
    assert!(f.is_module_syntax && !f.introspects);
}

#[test]
fn module_syntax_is_recognised_whatever_the_goal() {
    for (source, module) in [
        ("await x", true),
        ("for await (const a of b);", true),
        ("import.meta.env", true),
        ("async function f() { await x }", false),
        ("(async () => { for await (const a of b); })()", false),
        ("import('./a.js')", false),
    ] {
        assert_eq!(analyze(source, Goal::Module).unwrap().is_module_syntax, module, "{source}");
    }
    assert!(analyze("export let a", Goal::Script).is_err());
    assert!(!facts("with (a) b").is_module_syntax);
}

#[test]
fn trap_14_urls_that_bundlers_write_are_references() {
    let vite = "const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=[\"assets/A-1.js\",\"assets/A-2.css\"])))=>i.map(i=>d[i]);";
    assert_eq!(refs(vite), ["assets/A-1.js", "assets/A-2.css"].map(|u| (RefKind::JsString, u.to_owned())));
    for (source, kind) in [
        ("new URL('./a', import.meta.url)", RefKind::JsUrl),
        ("new URL(`./a`, import.meta.url).href", RefKind::JsUrl),
        ("importScripts('./a')", RefKind::ClassicScript),
        ("self.importScripts('./a')", RefKind::ClassicScript),
        ("new Worker('./a')", RefKind::Worker),
        ("new Worker('./a', {name: 'x'})", RefKind::Worker),
        ("new window.Worker('./a', {type: 'module'})", RefKind::ModuleWorker),
        ("new SharedWorker(new URL('./a', import.meta.url), {type: 'module'})", RefKind::JsUrl),
        ("navigator.serviceWorker.register('./a')", RefKind::ServiceWorker),
        ("navigator.serviceWorker?.register('./a', {scope: '/'})", RefKind::ServiceWorker),
        ("import.meta.resolve('./a')", RefKind::JsUrl),
    ] {
        assert_eq!(one(source), (kind, "./a".to_owned()), "{source}");
    }
    assert_eq!(urls("importScripts('a.js', 'b.js')"), ["a.js", "b.js"]);
}

#[test]
fn workers_are_marked() {
    let f = facts("x('a.js'); new Worker(new URL('w.js', import.meta.url)); new Worker('v.js'); y('b.js')");
    assert_eq!(f.workers, [1, 2]);
    assert!(!f.introspects);
}

#[test]
fn whole_strings_that_could_name_a_file() {
    for source in [
        "f('a.png')",
        "f({src: 'a.png'})",
        "x = ['a.png']",
        "let x = 'a.png'",
        "x = y ? 'a.png' : 1",
        "function f(x = 'a.png') {}",
        "() => 'a.png'",
        "x = y || `a.png`",
        "new URL('a.png', document.baseURI)",
        "x.src = 'a.png'",
        "fetch(('a.png'))",
    ] {
        assert_eq!(one(source), (RefKind::JsString, "a.png".to_owned()), "{source}");
    }
    assert_eq!(
        urls("f('/x/a b.png', '/x/a.png?v=1#z', 'a.', '.b', 'a.b.webmanifest', 'data:a.b', 'a')"),
        ["/x/a.png?v=1#z", ".b", "a.b.webmanifest"]
    );
}

#[test]
fn pieces_keys_and_operands_are_no_urls() {
    for source in [
        "x + 'a.png'",
        "(y ? 'a.png' : 'b.png') + x",
        "`${x}a.png`",
        "`${'a.png'}?${x}`",
        "'a.png'.length",
        "x['a.png']",
        "x === 'a.png'",
        "'a.png' in x",
        "x = {'a.png': 1, ['b.png']: 2}",
        "switch (x) { case 'a.png': }",
        "tag`a.png`",
        "typeof 'a.png'",
        "'use a.js'; x()",
        "x += 'a.png'",
        "let {'a.png': y} = x",
    ] {
        assert_eq!(urls(source), [""; 0], "{source}");
    }
}

#[test]
fn ranges_are_bytes_in_the_file_even_after_a_byte_order_mark() {
    let source = "\u{feff}/* ü€😀 */ f('a.png')";
    assert_eq!(one(source).1, "a.png");
    let source = r"f('\x61.png', 'b\u{2e}png', `c\
.png`)";
    let f = facts(source);
    let got: Vec<_> = f.refs.iter().map(|r| (&source[r.range.clone()], &*r.url, r.escape)).collect();
    assert_eq!(
        got,
        [
            (r"\x61.png", "a.png", Escape::JsSingleQuoted),
            (r"b\u{2e}png", "b.png", Escape::JsSingleQuoted),
            ("c\\\n.png", "c.png", Escape::JsTemplate)
        ]
    );
}

#[test]
fn the_last_source_map_comment_counts() {
    assert_eq!(
        one("f()\n//# sourceMappingURL=a.map\n//# sourceMappingURL=b.js.map \n"),
        (RefKind::SourceMap, "b.js.map".to_owned())
    );
    assert_eq!(one("//@ sourceMappingURL=c.map").1, "c.map");
    assert_eq!(one("/*# sourceMappingURL=d.map */").1, "d.map");
    assert!(urls("f()\n//# sourceMappingURL=data:application/json;base64,e30=").is_empty());
    assert!(urls("f('//# sourceMappingURL=b')").is_empty());
}

#[test]
fn trap_8_scripts_that_set_src() {
    for (source, writes) in [
        ("img.src = x", true),
        ("a.b['srcset'] = x", true),
        ("e.setAttribute('src', x)", true),
        ("e?.setAttribute(\"srcset\", x)", true),
        ("$(e).attr('src', x)", true),
        ("x = img.src", false),
        ("e.setAttribute('alt', x)", false),
        ("src = 1", false),
    ] {
        assert_eq!(facts(source).writes_src, writes, "{source}");
    }
}

#[test]
fn trap_10_scripts_that_introspect() {
    for (source, introspects) in [
        ("document.currentScript.src", true),
        ("let {currentScript: s} = document", true),
        ("document.getElementsByTagName('script')", true),
        ("document.querySelector('script[src*=app]')", true),
        ("d.querySelectorAll('head > script')", true),
        ("document.scripts[0]", true),
        ("x = import.meta.url", true),
        ("new URL(x, import.meta.url)", true),
        ("new URL('', import.meta.url)", true),
        ("new URL('a.png', import.meta.url)", false),
        ("import.meta.env", false),
        ("document.querySelector('.script')", false),
        ("document.querySelector('[data-x=\"script\"]')", false),
        ("a.scripts", false),
    ] {
        assert_eq!(facts(source).introspects, introspects, "{source}");
    }
}

#[test]
fn tokens_and_selectors() {
    let f = facts(
        "e.classList.add('is-open'); x = {active: 1, 'b c': `d${2}e_f`}; q('.g > img', 'h > p', '<a><img>', 'i img:first-child'); document.images",
    );
    let expected = ["a", "active", "b", "c", "d", "e_f", "first-child", "h", "i", "img", "is-open", "p"];
    assert_eq!(f.tokens, expected);
    assert_eq!(f.selected, ["g"]);
    assert_eq!(f.selector_strings, [".g > img", "i img:first-child"]);
    assert_eq!(facts("q('.a b#c'); q(`#d,.b`)").selected, ["a", "c", "d"]);
}

#[test]
fn errors_have_places() {
    let error = analyze("let a;\n  let = = 2;", Goal::Script).unwrap_err();
    assert_eq!(error.line, 2);
    assert!(error.column > 3, "{error}");
}

#[test]
fn deep_code_is_read_or_refused() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("x+", "x", ""),
        ("a?b:", "c", ""),
        ("!", "x", ""),
        ("()=>", "x", ""),
        ("{", "", "}"),
        ("if(a){}else ", "b", ""),
        ("f(function(){return ", "1", "})"),
    ] {
        for times in [5_000, 49_000, 200_000] {
            let source = format!("{}{middle}{}", open.repeat(times), close.repeat(times));
            let result = analyze(&source, Goal::Unknown);
            if times == 5_000 {
                result.expect(open);
            }
        }
    }
}

#[test]
fn what_a_sanitizer_lets_through_is_about_no_picture_of_the_page() {
    let list = "{'*': ['class', /^aria-/i], a: ['href'], b: [], br: [], img: ['src', 'srcset'], li: [], p: []}";
    let f = facts(&format!("const allowed = {list}; clean(html, allowed)"));
    assert!(!f.measures && !f.tokens.contains(&"img".to_owned()), "{:?}", f.tokens);
    for code in [
        format!("const allowed = {list}; x.srcset = y"),
        list.replace("['href']", "[read]").replace('{', "const a = {"),
        format!("const zoomable = {}", list.replace("'src', ", "")),
        "const lazy = {img: ['src', 'srcset'], source: ['srcset']}".to_owned(),
    ] {
        assert!(facts(&code).measures, "{code}");
    }
}

#[test]
fn what_is_asked_of_a_pictures_file() {
    for (source, asks) in [
        ("i.naturalWidth", true),
        ("i['natural' + side]", true),
        ("i[`natural${side}`]", true),
        ("i[camel('natural-' + side)]", true),
        ("c.drawImage(i, 0, 0)", true),
        ("open(i.currentSrc)", true),
        ("i.getAttribute('srcset')", true),
        ("spring(this._naturalFrequency) // a natural motion", false),
    ] {
        assert_eq!(facts(source).measures, asks, "{source}");
    }
}
