#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

const SCRIPT: JsOp = JsOp { goal: Goal::Script, names: Names::Short, licenses: Licenses::Keep, source_map: false };
const MODULE: JsOp = JsOp { goal: Goal::Module, ..SCRIPT };

fn script(source: &str) -> String {
    minify(source, &SCRIPT, "a.js", None).expect(source).code
}

fn module(source: &str) -> String {
    minify(source, &MODULE, "a.js", None).expect(source).code
}

#[test]
fn trap_51_the_top_level_of_a_script_is_kept() {
    let code = script(
        "var  shared = 1;  function  helper( argument )  { return argument + shared }  class  Thing  {}  let unused = 2;",
    );
    for name in ["shared", "helper", "Thing", "unused"] {
        assert!(code.contains(name), "{code}");
    }
    assert!(!code.contains("argument"), "{code}");
}

#[test]
fn trap_51_direct_eval_and_with_keep_their_names() {
    let code = script("function f ( first , second ) { return eval ( first ) + second }");
    assert!(code.contains("first") && code.contains("second"), "{code}");
    let code = script("function f ( first , second ) { with ( first ) { return second } }");
    assert!(code.contains("second"), "{code}");
    assert!(script("var  x = 010 ;   f ( x )").contains("f(x)"));
}

#[test]
fn others_see_every_value_of_a_variable_at_the_top_level() {
    for (source, last) in [
        ("export  let count = 1 ;  { count += 1 }  count += 1 ;", "+="),
        ("export  let count = 1 ;  if ( globalThis.x )  count = 2 ;  count += 5 ;", "+=5"),
        ("let count ;  export { count } ;  count = 1 ;  console.log( 'x' ) ;  count = 9 ;", "=9"),
        (
            "let count ;  export { count } ;  [ count ] = [ 1 ] ;  console.log( 'x' ) ;  ( { count } = { count : 9 } ) ;",
            "9",
        ),
        ("export  default  function  count ( ) { } ;  console.log( 'x' ) ;  count = 9 ;", "=9"),
    ] {
        let code = module(source);
        assert!(code.contains(last), "{source}: {code}");
    }
    let code = module("class  P { static set z ( v ) { console.log( v ) } }  class  Q extends P { }  Q.z = 3 ;");
    assert!(code.contains(".z=3"), "{code}");
    for source in [
        "var  count = 1 ;  if ( window.x )  count = 2 ;  count += 5 ;",
        "let  count = 1 ;  if ( window.x )  count = 2 ;  count += 5 ;",
    ] {
        let code = script(source);
        assert!(code.contains("count+=5"), "{source}: {code}");
    }
    // Where nobody can see it, it goes.
    assert_eq!(module("let  count = 1 ;  count += 1 ;  export  const  answer = 42 ;"), "export const answer=42;");
}

#[test]
fn trap_68_a_module_keeps_its_exports_and_effects() {
    let code = module(
        "const  internal = () => sideEffect( ) ; export  const  visible = internal ( ) ; export  default  class  Named {} ; function unused ( ) { }",
    );
    assert!(code.contains("visible") && code.contains("sideEffect()"), "{code}");
    assert!(!code.contains("unused") && !code.contains("internal"), "{code}");
    let code = script("x . getter ;   y  = z . other . deep ;");
    assert!(code.contains("x.getter") && code.contains("z.other.deep"), "{code}");
}

#[test]
fn trap_51_licences_survive_wherever_they_stood() {
    let source = "/*! first */\n(function(){ /* gone */ var unused = /* @license second\n * line */ 1; // @preserve third\n function dead() { /*! fourth */ }\n go ( ) ; })();\n//! fifth\n";
    let code = script(source);
    for kept in ["/*! first */", "@license second\n * line", "// @preserve third\n", "/*! fourth */", "//! fifth"] {
        assert!(code.contains(kept), "{kept}: {code}");
    }
    assert!(!code.contains("gone"), "{code}");
    let op = JsOp { licenses: Licenses::Drop, ..SCRIPT };
    let code = minify(source, &op, "a.js", None).unwrap().code;
    assert!(!code.contains("/*") && !code.contains("//"), "{code}");
}

#[test]
fn comments_that_tools_read_stay_and_the_source_map_goes() {
    let code = module(
        "  import ( /* webpackIgnore: true */   a  ) ;  import ( /* @vite-ignore */   b  ) ; /* x */\n//# sourceMappingURL=a.map\n",
    );
    assert!(code.contains("webpackIgnore") && code.contains("@vite-ignore"), "{code}");
    assert!(!code.contains("sourceMappingURL") && !code.contains("/* x"), "{code}");
}

#[test]
fn directives_are_kept() {
    let code = script("'use strict' ;   'use client' ;   window . a  =  function ( ) { 'use strict' ; return this } ;");
    assert!(code.starts_with("\"use strict\";\"use client\""), "{code}");
    let code = module("'use client' ;   export  default  function  A ( ) { 'use server' ; return b ( ) } ");
    assert!(code.starts_with("\"use client\"") && code.contains("\"use server\""), "{code}");
}

#[test]
fn minified_input_is_returned_as_it_is() {
    for source in ["f(1);", "f(1),g(2)\n//# sourceMappingURL=a.js.map\n", ""] {
        let op = JsOp { source_map: true, ..SCRIPT };
        let out = minify(source, &op, "a.js", None).unwrap();
        assert_eq!(out, JsOutput { code: source.to_owned(), ..JsOutput::default() });
    }
}

#[test]
fn what_a_browser_refuses_is_an_error_with_a_place() {
    let error = minify("a;\n let let = ;", &SCRIPT, "a.js", None).unwrap_err();
    assert_eq!(error.line, 2);
    assert!(minify("export   let   a", &SCRIPT, "a.js", None).is_err());
    assert!(minify("'use strict'; var  x = 010", &SCRIPT, "a.js", None).is_err());
}

#[test]
fn nothing_can_end_the_script_element() {
    let code = script(
        "x  =  '</scr' + 'ipt>' ;  y  =  '<!' + '--' ;  z  =  `</scr${'ipt'}>` ;  a  <  ! -- b ;  r = /<\\/script>/ ;  q = '</' + 'SCRIPT ' ;",
    );
    assert!(!code.to_lowercase().contains("</script") && !code.contains("<!--"), "{code}");
}

#[test]
fn deep_code_is_minified_or_refused() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("x+", "x", ""),
        ("a?b:", "c", ""),
        ("!", "x", ""),
        ("()=>", "x", ""),
        ("f(function(){return ", "1", "})"),
        ("a(b)||", "c", ""),
    ] {
        for times in [1_000, 5_000, 200_000] {
            let source = format!("go ( {}{middle}{} )", open.repeat(times), close.repeat(times));
            let _ = minify(&source, &SCRIPT, "a.js", None);
        }
    }
}

fn decoded(map: &str) -> swc_sourcemap::SourceMap {
    swc_sourcemap::SourceMap::from_slice(map.as_bytes()).unwrap()
}

const LONG: &str = "/*! licence */\nfunction  greet ( somebody )  {\n   return  'hello '  +  somebody . name ;\n}\n";

#[test]
fn source_maps_lead_to_the_author() {
    let op = JsOp { source_map: true, ..SCRIPT };
    let out = minify(LONG, &op, "src/a.js", None).unwrap();
    let map = decoded(&out.map.unwrap());
    let line = out.code.lines().position(|l| l.contains("greet")).unwrap() as u32;
    let column = out.code.lines().nth(line as usize).unwrap().find(".name").unwrap() as u32;
    let token = map.lookup_token(line, column).unwrap();
    assert_eq!((token.get_src_line(), token.get_source().map(|s| s.to_string())), (2, Some("src/a.js".into())));
    assert!(map.get_source_contents(0).is_some());
    assert!(map.names().any(|n| n == "somebody"));
    assert_eq!(out.note, None);
}

#[test]
fn source_maps_compose() {
    let input = r#"{"version":3,"sources":["orig.ts"],"names":[],"mappings":"AAAA;AAQA;AACA"}"#;
    let op = JsOp { source_map: true, ..SCRIPT };
    let out = minify(LONG, &op, "a.js", Some(input)).unwrap();
    let map = decoded(&out.map.unwrap());
    assert!(map.sources().eq(["orig.ts"]));
    assert!(map.tokens().any(|t| t.get_src_line() == 8));
}

#[test]
fn trap_15_a_broken_input_map_is_noted() {
    let op = JsOp { source_map: true, ..SCRIPT };
    for broken in ["nonsense", "{\"version\":3}", "{\"version\":3,\"sources\":[],\"names\":[],\"mappings\":\"!!\"}", ""]
    {
        let out = minify(LONG, &op, "a.js", Some(broken)).unwrap();
        assert!(out.changed, "{broken}");
        assert!(out.map.is_none() == out.note.is_some(), "{broken}: {out:?}");
    }
}
/// Finds syntax that ES5 does not have.
#[derive(Default)]
struct Modern(Vec<&'static str>);

impl Visit for Modern {
    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {
        self.0.push("arrow");
    }
    fn visit_tpl(&mut self, _: &Tpl) {
        self.0.push("template");
    }
    fn visit_opt_chain_expr(&mut self, _: &OptChainExpr) {
        self.0.push("optional chain");
    }
    fn visit_var_decl(&mut self, d: &VarDecl) {
        if d.kind != VarDeclKind::Var {
            self.0.push("let");
        }
        d.visit_children_with(self);
    }
    fn visit_bin_expr(&mut self, e: &BinExpr) {
        if matches!(e.op, BinaryOp::NullishCoalescing | BinaryOp::Exp) {
            self.0.push("operator");
        }
        e.visit_children_with(self);
    }
    fn visit_assign_expr(&mut self, e: &AssignExpr) {
        if matches!(e.op, AssignOp::AndAssign | AssignOp::OrAssign | AssignOp::NullishAssign | AssignOp::ExpAssign) {
            self.0.push("logical assignment");
        }
        e.visit_children_with(self);
    }
    fn visit_prop(&mut self, p: &Prop) {
        if matches!(p, Prop::Shorthand(_) | Prop::Method(_)) {
            self.0.push("shorthand");
        }
        p.visit_children_with(self);
    }
    fn visit_spread_element(&mut self, _: &SpreadElement) {
        self.0.push("spread");
    }
    fn visit_catch_clause(&mut self, c: &CatchClause) {
        if c.param.is_none() {
            self.0.push("catch without binding");
        }
        c.visit_children_with(self);
    }
    fn visit_computed_prop_name(&mut self, _: &ComputedPropName) {
        self.0.push("computed key");
    }
}

#[test]
fn trap_51_es5_stays_es5() {
    let source = r#"
        (function (root) {
            var a = null == root.x ? undefined : root.x.y;
            var b = root.x !== null && root.x !== undefined ? root.x : 'default';
            root.z = root.z || {}; root.w = root.w && 1; if (!root.v) { root.v = 2; }
            if (root.u == null) { root.u = 3; }
            var self = this; var text = 'line\n' + a + "\n'q'\"r\"" + b + '\u{1F600}'.length;
            root.list.map(function (item) { return item * 2; });
            root.object = { a: a, b: b, self: self, run: function () { return text; } };
            root.power = Math.pow(a, 2); root.call.apply(root, [1, 2].concat(a));
            try { risky(); } catch (error) { }
            for (var i = 0; i < 10; i++) { (function (j) { root.push(j); })(i); }
            function Class() { } Class.prototype.method = function () { return Array.prototype.slice.call(arguments); };
            root.Class = Class; var key = 'k'; var made = {}; made[key] = 1; root.made = made;
            root.fn = function () { return root.a.b.c(function () { return 1; }); };
        })(window);
    "#
    .replace("\\u{1F600}", "\u{1F600}");
    let code = script(&source);
    let map: Lrc<SourceMap> = Lrc::default();
    let file = map.new_source_file(FileName::Anon.into(), code.clone());
    let program = parse(&map, &file, Goal::Script, &SingleThreadedComments::default()).unwrap();
    let mut modern = Modern::default();
    program.visit_with(&mut modern);
    assert!(modern.0.is_empty(), "{:?}: {code}", modern.0);
    assert!(!code.contains("\\u{") && !code.contains('`'), "{code}");
}

#[test]
fn nothing_is_lowered() {
    let code = module(
        "export  const  a = b ?. c ?? d ;  export  class  E { #f = 1 ; static { this . g ??= 2n ** 3n } ; get h ( ) { return this . #f } }",
    );
    for kept in ["?.", "??", "#", "static{", "??="] {
        assert!(code.contains(kept), "{kept}: {code}");
    }
}

#[test]
fn what_does_not_depend_on_the_encoding_stays_so() {
    let code = script("x  =  '\\u00e9\\ue001' ;   y  =  /\\u00e9/ ;   z  =  `\\u00e9` ;");
    assert!(code.is_ascii(), "{code}");
    assert!(script("x  =  'é' ;   y   =   2 ;").contains('é'));
}
