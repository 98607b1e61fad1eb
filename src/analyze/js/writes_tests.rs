#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn check(cases: &[&str], expected: bool) {
    for source in cases {
        assert_eq!(analyze(source, Goal::Unknown).expect(source).writes_src, expected, "{source}");
    }
}

#[test]
fn writes_to_what_the_script_made_itself() {
    check(
        &[
            "const i = new Image(); i.src = x",
            "let i; i = document.createElement('img'); i.setAttribute('src', x)",
            "this.element = createElement('x','img'); const e = this.element; e.src = u",
            "let a = {}; a.src = 1",
            "const i = y ? new Image() : _createElement('img'); i?.setAttribute('srcset', x)",
            "let i = null; (i = i || new Image()).src = x",
            "function f(i) { i.remove() } const i = new Image(); i.src = x",
            "class A { #i = new Image(); load(u) { this.#i.src = u } }",
            "class A { constructor(p) { this.i = null; this.o = p } f(u) { this.i ??= new Image(); this.i.src = u } }\
             const other = {i: document.images[0]};",
            "class A { constructor(u) { this.src = u } }",
            "class A extends Base { constructor(u) { super(); const self = this; self.src = u } }",
            "function A(u) { this.src = u } new A(1)",
            "A.prototype.f = function (u) { this.src = u }",
            "A.prototype = {f: function (u) { this.src = u }, g(u) { this.src = u }}",
            "class A {f(){ this.e = new Image; this.e.src = 1; }} x.style[k] = v; const o = {}; o[k] = v",
            "const r = {i: new Image()}; r.i.src = x",
            "class A { i = new Image(); f(u) { const {i} = this; i.src = u } }",
            "class A { i = new Image(); p = {}; f(u, k, v) { this.i.src = u; const {p} = v; p[k] = v } }",
        ],
        false,
    );
}

#[test]
fn writes_that_may_hit_the_page() {
    check(
        &[
            "function swap(el) { el.src = x }",
            "document.querySelectorAll('img').forEach(i => i.src = x)",
            "let i = document.createElement('img'); i = document.querySelector('img'); i.src = x",
            "let i = new Image(); [i] = y; i.src = x",
            "let i = new Image(); ({a: i} = y); i.src = x",
            "let i = new Image(); for (i of document.images) i.src = x",
            "for (const i of document.images) i.src = x",
            "let i = new Image(); ({i} = y); i.srcset = x",
            "try {} catch (i) { i.src = x }",
            "import i from './i.js'; i.src = x",
            "const i = getOrCreateElement('img'); i.src = x",
            "const i = img.cloneNode(); i.src = x",
            "let i = null; i.src = x",
            "hero = hero || new Image(); hero.src = x",
            "let i = i; i.src = x",
            "[a.src] = x",
            "for (a.src of x);",
            "class A { constructor(e) { this.i = new Image(); this.i = e } f(u) { this.i.src = u } }",
            "class A { get i() { return q() } f(u) { this.i.src = u } }",
            "class A { constructor(o) { this.i = new Image(); Object.assign(this, o) } f(u) { this.i.src = u } }",
            "class A { constructor(o) { this.i = new Image(); for (const k in o) this[k] = o[k] } f() { this.i.src = 1 } }",
            "class A { constructor(o) { this.i = new Image(); const s = this; s[k] = o } f() { this.i.src = 1 } }",
            "const {i} = x; i.src = 1",
            "const {i = new Image()} = x; i.src = 1",
            "const {a: {i}} = {a: new Image()}; i.src = 1",
            "class A { i = new Image(); f(u, o) { const {i} = o; i.src = u } }",
            "class A { constructor(o) { this.i = new Image(); e(this, o) } f() { this.i.src = 1 } }\
             function e(a, b) { for (const k in b) a[k] = b[k] }",
            "class A { i = new Image(); f(u) { this.i.src = u } } class B extends A { g(e) { this.i = e } }",
            "class A extends C { i = new Image(); f(u) { this.i.src = u } }",
            "class A { i = new Image(); f(u) { this.i.src = u } } function g(a, e) { a.i = e }",
            "class A extends HTMLImageElement { f(u) { this.src = u } }",
            "class A extends window.HTMLElement {} class B extends A { f(u) { this.src = u } }",
            "class A extends mixin(HTMLElement) { f(u) { this.src = u } }",
            "img.addEventListener('error', function () { this.src = x })",
            "img.onerror = function () { this.src = x }",
            "function f() { this.src = x } img.onerror = f",
            "this.i = new Image(); opts.i.src = x",
            "const r = {i: new Image(), ...o}; r.i.src = x",
            "const r = {i: new Image()}; r[k] = document.images[0]; r.i.src = x",
            "const r = [new Image()]; r[0].src = x",
            "const e = document.createElement('div'); e.firstChild.src = x",
            "const a = new Image(); a.src = x; b.src = x",
        ],
        true,
    );
}

#[test]
fn lightboxes_leave_the_images_of_the_page_alone() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/sites/photo-wall/js");
    for name in ["photoswipe.esm.js", "photoswipe-lightbox.esm.js"] {
        match std::fs::read_to_string(folder.join(name)) {
            Ok(source) => assert!(!analyze(&source, Goal::Module).unwrap().writes_src, "{name}"),
            Err(_) => eprintln!("skipped: no corpus"),
        }
    }
}

#[test]
fn deep_code_is_followed() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("a?b:", "c", ""),
        ("a||", "c", ""),
        ("a=", "c", ""),
        ("a.", "b", ""),
        ("{b:", "1", "}"),
        ("()=>", "x", ""),
        ("f(function(){return ", "1", "})"),
    ] {
        for times in [5_000, 20_000, 49_000] {
            let source = format!("b.src=1;x={}{middle}{}", open.repeat(times), close.repeat(times));
            let _ = analyze(&source, Goal::Unknown);
        }
    }
}
