//! Random graphs of modules, told apart by what node prints before and after.

use crate::modules::run;
use crate::support::Sandbox;
use std::fmt::Write;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

const EXPORTS: [&str; 7] = ["f", "c", "l", "K", "o", "bump", "default"];

/// One module of a graph. It uses later modules at once and earlier ones only in functions, so that circles arise but
/// nothing is read before it is there.
fn module(dice: &mut Dice, own: usize, count: usize) -> String {
    let mut code = String::new();
    let mut words: Vec<String> = vec!["1".into(), "'text'".into()];
    let mut calls: Vec<String> = Vec::new();
    for other in own + 1..count {
        match dice.roll(5) {
            0 => _ = writeln!(code, "import './m{other}.js';"),
            1 => {
                _ = writeln!(code, "import {{ f as f{other}, l as l{other}, K as K{other} }} from './m{other}.js';");
                words.extend([format!("l{other}"), format!("f{other}(2)"), format!("new K{other}(3).v")]);
                calls.push(format!("f{other}"));
            }
            2 => {
                _ = writeln!(code, "import * as n{other} from './m{other}.js';");
                words.extend([format!("n{other}.c"), format!("n{other}.o.x"), format!("n{other}.default")]);
                calls.push(format!("n{other}.bump"));
            }
            3 => {
                _ = writeln!(code, "import d{other}, {{ o as o{other}, bump as bump{other} }} from './m{other}.js';");
                words.extend([format!("(typeof d{other} + 'd')"), format!("o{other}.x")]);
                calls.push(format!("bump{other}"));
                if dice.roll(2) == 0 {
                    _ = writeln!(code, "o{other}.x = 'set by {own}';");
                }
            }
            _ => {}
        }
    }
    let back = if own > 0 { Some(dice.roll(own)) } else { None };
    if let Some(back) = back {
        _ = writeln!(code, "import {{ c as back, bump as backBump }} from './m{back}.js';");
    }
    if own + 1 < count && dice.roll(3) == 0 {
        let star = own + 1 + dice.roll(count - own - 1);
        _ = writeln!(code, "export * from './m{star}.js';\nexport * as all from './m{star}.js';");
    }
    let word = |dice: &mut Dice| words[dice.roll(words.len())].clone();
    let (a, b, c) = (word(dice), word(dice), word(dice));
    _ = writeln!(code, "export function f(x) {{ const own = {{}}; own.x = x; return own.x + 'f{own}'; }}");
    _ = writeln!(code, "export const c = {a}, hidden = {b};");
    _ = writeln!(code, "export let l = {c};");
    _ = writeln!(code, "export function bump() {{ l = l + '!'; return l; }}");
    let parent = if dice.roll(2) == 0 { "" } else { " extends Base" };
    let super_call = if parent.is_empty() { "" } else { "super(); " };
    _ = writeln!(code, "class Base {{ constructor() {{ this.base = {own}; }} }}");
    _ = writeln!(
        code,
        "export class K{parent} {{ constructor(v) {{ {super_call}this.v = v; }} get g() {{ return 'g'; }} }}"
    );
    let setter = if dice.roll(3) == 0 {
        format!(", set x(v) {{ console.log('set in {own}', v); }}, get x() {{ return 'got'; }}")
    } else {
        ", x: 0".into()
    };
    _ = writeln!(code, "export const o = {{ y: {own}{setter} }};");
    _ = writeln!(
        code,
        "export default {};",
        ["c", "{ toString() { return 'made'; } }", "[1, 2]", "[c, hidden]", "f(1)"][dice.roll(5)]
    );
    for _ in 0..dice.roll(6) {
        let value = word(dice);
        let line = match dice.roll(13) {
            0 => format!("console.log('m{own}', {value});"),
            1 => "K.prototype.z = l;".into(),
            2 => format!("K.extra = {value};"),
            3 => "o.x = 'own';".into(),
            4 => "bump();".into(),
            5 => format!("var v = {value}; var v = v + 1;"),
            6 => format!("if ({value}) {{ var inner = {value}; console.log('inner', typeof inner); }}"),
            7 => "const unused = /*#__PURE__*/ f('pure');".into(),
            8 => format!("(() => {{ const t = [{value}]; t.push(2); return t; }})();"),
            // The minifier drops a change of an exported name at the top level: only through a function.
            9 => "bump();".into(),
            10 => "class S { static s = console.log('static'); }".into(),
            11 => format!("const {{ y, x: taken }} = o; console.log(y, taken, {value});"),
            _ => match calls.is_empty() {
                true => "f(3);".into(),
                false => format!("{}(4);", calls[dice.roll(calls.len())]),
            },
        };
        // Each in a block of its own now and then: names do not clash, and `var` is hoisted out of it.
        _ = writeln!(code, "{{ {line} }}");
        if line.starts_with("K") || line.starts_with("o.") || line.starts_with("l") || line.ends_with("();") {
            _ = writeln!(code, "{line}");
        }
    }
    if back.is_some() {
        _ = writeln!(code, "export function late() {{ return backBump() + typeof back; }}");
    }
    code
}

#[test]
fn random_modules_go_on_printing_the_same() {
    const GRAPHS: usize = 120;
    let s = Sandbox::new(&[]);
    std::fs::write(s.root().join("package.json"), "{\"type\": \"module\"}").unwrap();
    let mut list = String::new();
    for graph in 0..GRAPHS {
        let mut dice = Dice(graph as u64 + 1);
        let count = 2 + dice.roll(5);
        for own in 1..count {
            s.put(&format!("g{graph}/m{own}.js"), module(&mut dice, own, count).as_bytes());
        }
        let mut main = module(&mut dice, 0, count);
        for other in 1..count {
            let name = EXPORTS[dice.roll(EXPORTS.len())];
            _ = writeln!(main, "import {{ {name} as last{other} }} from './m{other}.js';");
            _ = writeln!(
                main,
                "console.log('last', typeof last{other} === 'function' ? 'code' : String(last{other}), typeof last{other} === 'object' ? last{other}.x : '', typeof last{other} === 'function' ? Object.keys(last{other}).join() : '');"
            );
            _ = writeln!(main, "if ('{name}' === 'K') console.log(new last{other}(5).z, new last{other}(6).base);");
            if dice.roll(3) == 0 {
                _ = writeln!(
                    main,
                    "import * as whole{other} from './m{other}.js';\nconsole.log(whole{other}.late ? whole{other}.late() : 'none');"
                );
            }
        }
        s.put(&format!("g{graph}/m0.js"), main.as_bytes());
        s.put(&format!("g{graph}/index.html"), b"<script type=module src=m0.js></script>");
        _ = writeln!(
            list,
            "console.log('graph {graph}'); try {{ await import(process.argv[2] + '/' + names['g{graph}/m0.js']); }} catch (e) {{ console.log(e.name); }}"
        );
    }
    s.build();
    let manifest = s.manifest();
    let runner = |names: &str| format!("const names = {names};\n{list}");
    let all: Vec<(String, String)> = (0..GRAPHS)
        .map(|g| format!("g{g}/m0.js"))
        .map(|n| (n.clone(), manifest["files"][&n]["url"].as_str().unwrap().into()))
        .collect();
    let map = |pick: &dyn Fn(&(String, String)) -> String| {
        let entries: Vec<String> = all.iter().map(|p| format!("'{}': '{}'", p.0, pick(p))).collect();
        format!("{{{}}}", entries.join(","))
    };
    let run_in = |folder: &std::path::Path, names: String| {
        let code = runner(&names).replace("process.argv[2]", "'.'");
        std::fs::write(folder.join("run-all.js"), code).unwrap();
        run(folder, "run-all.js")
    };
    let (before, after) = (run_in(&s.site, map(&|p| p.0.clone())), run_in(&s.out, map(&|p| p.1.clone())));
    let (Some(before), Some(after)) = (before, after) else { return };
    for (a, b) in before.split("graph ").zip(after.split("graph ")) {
        // A name that is read before it is there: the minifier takes such a read for nothing, too.
        if !a.contains("ReferenceError") {
            assert_eq!(a, b, "{}", s.root().display());
        }
    }
    assert_eq!(before.matches("graph ").count(), GRAPHS);
    assert_eq!(after.matches("graph ").count(), GRAPHS);
    // Most of them run to their end.
    let errors = before.lines().filter(|l| l.ends_with("Error")).count();
    assert!(errors < GRAPHS / 2 && before.lines().count() > GRAPHS * 3, "{errors} errors in {before}");
}
