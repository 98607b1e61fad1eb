#![allow(clippy::unwrap_used)]

use super::*;
use crate::analyze::js::{Goal, analyze};

fn module(code: &str) -> Module {
    *analyze(code, Goal::Module).unwrap().module.unwrap()
}

/// Whether the last statement always has an effect.
fn has_effect(code: &str) -> bool {
    module(&format!("{code}\nexport {{}};")).units.last().unwrap().work.always
}

#[test]
fn what_has_no_effect() {
    for code in [
        "const a = 1;",
        "const a = [1, 'x', {y: () => z()}];",
        "let a = `x${1 + 2}`;",
        "function f() { alert(1) }",
        "class A { x = alert(1); static y = 1; m() { alert(1) } }",
        "class A {} class B extends A { static z = 1 }",
        "class A extends Error {}",
        "const a = Math.max(1, 2), b = Object.keys({}), c = new Map(), d = new Set([1]), e = new Float32Array(3);",
        "const a = Array.prototype.slice, b = Symbol.iterator, c = Object.prototype.hasOwnProperty;",
        "const a = /*#__PURE__*/ f(1), b = /* @__PURE__ */ new F();",
        "(() => { let n = 0; for (let i = 0; i < 3; i++) n += i; return n; })();",
        "function F() { this.x = 1 } F.prototype.y = 2;",
        "const o = {}; o.x = 1;",
        "const o = {a: 1}; const p = o; p.x = 1;",
        "const list = []; list.push(1);",
        "const map = new Map(); map.set(1, 2);",
        "const n = 3, a = new Float32Array(n * 2), b = new Uint8Array([1, 2]); a[0] = 1; b.set(a);",
        "const x = typeof nobodyKnows;",
        "const u = import.meta.url;",
        "class C { static #x = 1; static { this.#x; this.y = 2 } }",
        "const o = {a: {b: 1}}; const c = o.a.b;",
        "const {a, b: c} = {a: 1, b: 2};",
    ] {
        assert!(!has_effect(code), "{code}");
    }
}

#[test]
fn what_has_an_effect() {
    for code in [
        "alert(1);",
        "nobodyKnows;",
        "const a = f();",
        "const a = x.y;",
        "let o; const a = o.x;",
        "document.title = 'x';",
        "globalThis.x = 1;",
        "await 1;",
        "const a = import('x');",
        "for (;;) {}",
        "throw new Error();",
        "const a = [...b];",
        "const {a} = b;",
        "const [a] = b;",
        "const o = {set x(v) { alert(v) }}; o.x = 1;",
        "const o = {get x() { alert(1) }}; o.x;",
        "class A { static set x(v) {} } class B extends A {} A.x = 1;",
        "class A { static x = alert(1) }",
        "class A { static { alert(1) } }",
        "class A { [alert(1)]() {} }",
        "class A extends f() {}",
        "class A extends HTMLElement {} new A().x;",
        "class A extends HTMLElement { constructor() { super(); } } new A();",
        "const a = late; const late = 1;",
        "let o = {}; o = window; o.x = 1;",
        "const o = {a: window}; o.a.x = 1;",
        "function f() {} f.name = 'x';",
        "const o = {}; Object.freeze(o); o.x = 1;",
        "const o = {}; Object.defineProperty(o, 'x', {get() { alert(1) }}); o.x;",
        "function F() {} F.prototype = make(); F.prototype.x = 1;",
        "/*#__PURE__*/ f(g());",
        "/*#__PURE__*/ f()();",
        "(async () => { await 1; alert(1) })();",
        "const f = function () { return this.x }; f();",
        "class A { constructor() { this.x = 1 } } class B extends A { set x(v) { alert(v) } } new B();",
        "tag`x`;",
        "new Map(unknown);",
        "new Proxy({}, {});",
        "const o = {__proto__: window}; o.x = 1;",
        "const a = {}; const b = new Uint8Array(a); b[0] = 1;",
        "const a = new ArrayBuffer(8); const b = new Uint8Array(a); b.set([1]);",
        "const a = {x: 1}; const b = new Object(a); b.x = 2;",
    ] {
        let all = module(&format!("{code}\nexport {{}};"));
        let seen = all.units.iter().any(|u| {
            let calls = u.work.calls.iter().any(|c| {
                let b = all.bindings.get(c.name.binding as usize).unwrap();
                [&b.call, &b.construct].into_iter().flatten().any(|w| w.always)
            });
            let reads = u.work.reads.iter().any(|r| {
                let b = all.bindings.get(r.name.binding as usize).unwrap();
                b.object.as_ref().is_none_or(|p| !p.accessors.is_empty())
            });
            u.work.always || calls || reads
        });
        assert!(seen, "{code}");
    }
}

#[test]
fn names_that_are_used() {
    let m = module("import * as ns from './x.js'; import {a} from './y.js'; const q = () => ns.one + ns['two'] + a.b;");
    let mut names: Vec<String> = m.units.last().unwrap().uses.iter().filter_map(|n| n.member.clone()).collect();
    names.sort();
    assert_eq!(names, ["b", "one", "two"]);
    let escapes = module("import * as ns from './x.js'; f(ns);");
    assert!(escapes.units.last().unwrap().uses.iter().any(|n| n.member.is_none()));
}

#[test]
fn imports_that_wait() {
    let names =
        |code: &str| module(&format!("{code}\nexport {{}};")).units.first().unwrap().dynamic.first().unwrap().clone();
    let some = |all: &[&str]| Some(all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
    assert_eq!(names("const {a, b: c} = await import('./x.js');").names, some(&["a", "b"]));
    assert_eq!(names("import('./x.js').then(({a}) => a);").names, some(&["a"]));
    assert_eq!(names("import('./x.js').then((m) => m.a + m.b);").names, some(&["a", "b"]));
    assert_eq!(names("import('./x.js').then((m) => f(m));").names, None);
    assert_eq!(names("import('./x.js');").names, some(&[]));
    assert_eq!(names("f((await import('./x.js')).a);").names, some(&["a"]));
    assert_eq!(names("const m = await import('./x.js');").names, None);
    assert_eq!(names("const {a, ...rest} = await import('./x.js');").names, None);
    assert_eq!(names("import('./lang/' + x);").target, Specifier::Prefix("./lang/".into()));
    assert_eq!(names("import(`./lang/${x}.js`);").target, Specifier::Prefix("./lang/".into()));
    assert_eq!(names("import(x);").target, Specifier::Unknown);
}

#[test]
fn deep_and_long_code_is_read() {
    for source in [
        format!("export const a = {}1;", "1+".repeat(40_000)),
        format!("export const a = {}1{};", "[".repeat(20_000), "]".repeat(20_000)),
        format!("export const f = {}1;", "() => ".repeat(5_000)),
        format!("{}export {{ a }};", "var a = 1;".repeat(5_000)),
    ] {
        assert!(analyze(&source, Goal::Module).unwrap().module.is_some());
    }
}
