//! What the compressor would get wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use std::collections::BTreeSet;

fn made(source: &str, goal: Goal, names: Names) -> String {
    let op = JsOp { goal, names, licenses: Licenses::Keep, source_map: false };
    minify(source, &op, "a.js", None).expect(source).code
}

fn script(source: &str) -> String {
    made(source, Goal::Script, Names::Short)
}

#[test]
fn a_string_that_is_no_directive_does_not_become_one() {
    for source in [
        "; ( function ( ) { window.one = 1 } ) ( ) ;  \"use strict\" ;  two = 2 ;",
        "var  menu = { open : false } ;  function  toggle ( ) { }  'use strict' ;  slide = 1 ;",
        "( function ( ) {  const  speed = 300 ;  'use strict' ;  for ( i = 0 ; i < speed ; i ++ ) go ( i )  } ) ( ) ;",
        "function f ( ) {  ( 'use strict' ) ;  b = 2  }",
        "function f ( ) {  `use strict` ;  b = 2  }",
        "function f ( ) {  ( { } , 'use strict' ) ;  b = 2  }",
        "function f ( ) {  void 0 , 'use strict' ;  b = 2  }",
        "function f ( ) {  true && 'use strict' ;  b = 2  }",
        "function f ( ) {  { 'use strict' ; }  b = 2  }",
        "function f ( ) {  x : 'use strict' ;  b = 2  }",
        "function f ( ) {  if ( x ) 'use strict' ; else 'use strict' ;  b = 2  }",
        "var  f = ( ) => {  var  x ;  'use strict' ;  b = 2  }",
        "class  A { m ( ) {  var  x ;  'use strict' ;  return  this  }  static { 'use strict' ; go ( ) } }",
        "( 'use strict' ) ;  b = 2 ;  go ( b ) ;",
    ] {
        let code = script(source);
        assert!(!code.contains("use strict"), "{source}: {code}");
        assert!(code.len() < source.len(), "{source}");
    }
}

#[test]
fn a_directive_stays_one() {
    for source in [
        "'first' ;  'use strict' ;  b = 2 ;  'use strict' ;",
        "function f ( ) {  'use strict' ;  return  this  }",
        "var  f = ( ) => {  'use strict' ;  b ( 1 ) ;  c ( 2 )  }",
        "var  o = { get  x ( ) {  'use strict' ;  return  this  } }",
        "class  A  extends  B { constructor ( ) {  'use strict' ;  super ( )  } }",
    ] {
        let code = script(source);
        assert_eq!(code.matches("\"use strict\";").count(), 1, "{source}: {code}");
    }
}

#[test]
fn where_a_source_is_read_all_names_stay() {
    let source = "define ( function ( require , unused ) {\n  /* why */ var  load = require ;  var  greet = flag ? require ( './a' ) : require ( './b' ) ;  return  function  start ( name ) { return  greet ( name ) }  } ) ;";
    let code = made(source, Goal::Script, Names::Kept);
    for kept in
        ["function(require,unused)", "load=require", "?require(\"./a\"):require(\"./b\")", "function start(name)"]
    {
        assert!(code.contains(kept), "{kept}: {code}");
    }
    assert!(!code.contains("why"), "{code}");
}

#[test]
fn where_names_are_read_functions_and_classes_keep_theirs() {
    let source = "( function ( ) {
        class  Player { }  class  Enemy  extends  Player { }  function  task ( ) { return  1 }
        const  arrow = ( ) => 2 ;  const  Kept = class { } ;  let  late ;  late = function ( ) { } ;
        const  table = { method : ( ) => 3 } ;  const  once = class  Inner { } ;
        register ( [ Player , Enemy ] , task , arrow , Kept , late , table.method , once , ( other = ( ) => 4 ) => other ) ;
    } ) ( ) ;";
    let code = made(source, Goal::Script, Names::OfFunctions);
    for kept in [
        "class Player",
        "class Enemy",
        "function task(",
        "arrow=",
        "Kept=",
        "late=",
        "method:",
        "class Inner",
        "other=",
    ] {
        assert!(code.contains(kept), "{kept}: {code}");
    }
    let code = made("class  Counter { }  Counter.go ( ) ;", Goal::Module, Names::OfFunctions);
    assert!(code.contains("class Counter"), "{code}");
}

/// swc writes `let t = class n {}` and calls another class `t` that stays `t`: its own name hides the first.
#[test]
fn a_kept_name_hides_nothing() {
    for source in [
        "class  n { constructor ( ) { this . kind = 'A' } }  class  t { make ( ) { return  new  n ( ) } }  export { n , t } ;",
        "class  n { a ( ) { return  1 } }  class  e { make ( ) { return  new  n }  other ( ) { return  new  e } }  class  t { x ( ) { return  new  e } }  export  default  t ;  export { n , e } ;",
    ] {
        let code = made(source, Goal::Module, Names::OfFunctions);
        for name in ["n", "t", "e"] {
            let other =
                code.contains(&format!("let {name}=class ")) && !code.contains(&format!("let {name}=class {name}{{"));
            assert!(!other, "{source}: {code}");
        }
    }
}

#[test]
fn the_source_of_a_function_may_be_a_text() {
    for source in [
        "var  text = ( function ( ) {/* a text */} ) . toString ( ) ;  var  unused   =   1 ;",
        "var  text = String ( ( ) => { work ( ) ; } ) ;  var  unused   =   1 ;",
        "var  text = '(' + function ( ) { work ( ) ; } + ')()' ;  var  unused   =   1 ;",
    ] {
        assert_eq!(script(source), source);
    }
}

#[test]
fn a_variable_that_outlives_a_turn_of_a_loop_stays() {
    for source in [
        "( function ( ) { for ( const li of list ) { const text = li.id ; var last = text ; later ( ( ) => text + last ) } } ) ( )",
        "( function ( ) { let last ; for ( const li of list ) { const text = li.id ; last = text ; later ( ( ) => text + last ) } } ) ( )",
        "( function ( ) { while ( more ( ) ) { let text = next ( ) ; var last = function ( ) { return text } ; later ( ( ) => last ( ) + text ) } } ) ( )",
        "( function ( ) { do { class T { m ( ) { return 1 } } var last = T ; later ( ( ) => new last ( new T ) ) } while ( more ( ) ) } ) ( )",
        "( function ( ) { for ( const one of list ) { let last ; for ( const li in one ) { const text = li.id ; last = text ; later ( ( ) => text + last ) } } } ) ( )",
    ] {
        let code = script(source);
        let function = code.split_once("later(").map(|(_, rest)| rest).unwrap_or_default();
        let words = function.split(|c: char| !c.is_alphanumeric());
        let names: BTreeSet<&str> =
            words.filter(|w| !["", "new", "function", "return", "while", "more"].contains(w)).collect();
        assert_eq!(names.len(), 2, "{code}");
    }
}

#[test]
fn what_a_function_in_a_loop_declares_is_its_own() {
    // Taken for one with such a variable, it would be longer.
    let code = script(
        "( function ( ) { var handler ;  for ( var i = 0 ; i < 3 ; i ++ ) { handler = function ( event ) { var inner = event.x ;  return handler ( inner ) } ;  later ( handler ) }  var once = list.length ;  use ( once ) } ) ( )",
    );
    assert!(code.contains("use(list.length)"), "{code}");
}

#[test]
fn cases_share_what_they_declare() {
    let code = script(
        "( function ( ) { const  MODE = 'dev' ;  let  log , warn ;  switch ( MODE ) { case 'dev' : const  prefix = make ( ) ;  log = ( ) => prefix ;  default : warn = ( ) => prefix }  use ( log , warn ) } ) ( )",
    );
    assert!(code.contains("switch"), "{code}");
}

#[test]
fn what_setters_of_a_class_do_stays() {
    for source in [
        "( function ( ) { class A { static set v ( x ) { log.push ( x ) } }  class B extends A { }  B.v = 3 } ) ( )",
        "( function ( ) { class A { static set v ( x ) { log.push ( x ) } }  A.v = 3 } ) ( )",
    ] {
        let code = script(source);
        assert!(code.contains(".v=3"), "{code}");
    }
}

#[test]
fn prototypes_may_have_been_added_to() {
    let code = script("say (  'hello' . shout ,  [ 1 , 2 , 3 ] . last ,  { } . tag ,  'abc' [ 'shout' ]  ) ;");
    assert_eq!(code, "say(\"hello\".shout,[1,2,3].last,{}.tag,\"abc\".shout);");
}

#[test]
fn what_is_tried_is_not_dropped() {
    for (source, kept) in [
        ("try { 'x' in value ; } catch ( e ) { refused ( ) }", "\"x\"in value"),
        ("try { value instanceof Kind ; } catch ( e ) { refused ( ) }", "value instanceof Kind"),
        ("try { new RegExp ( '(?<=a)' ) ; } catch ( e ) { old = true }", "(?<=a)"),
        ("try { new Array ( size ) ; } catch ( e ) { refused ( ) }", "Array(size)"),
        ("try { BigInt ( text ) , ok ( ) } catch ( e ) { refused ( ) }", "BigInt(text)"),
        ("try { + value ; } catch ( e ) { refused ( ) }", "+value"),
        ("try { `${ value }` ; } catch ( e ) { refused ( ) }", "value"),
        ("try { lookup ; } catch ( e ) { refused ( ) }", "lookup"),
        ("try { text . length ; } catch ( e ) { refused ( ) }", "text.length"),
        ("try { flag && 'x' in value ; } catch ( e ) { refused ( ) }", "&&\"x\"in value"),
        ("try { var  there = 'x' in value ; } catch ( e ) { refused ( ) }", "in value"),
        ("try { ( { } ) instanceof value ; } catch ( e ) { refused ( ) }", "instanceof value"),
    ] {
        for source in [
            source.to_owned(),
            format!("( function ( value , size , text , flag ) {{ {source} }} ) ( a , b , c , d ) ;"),
        ] {
            let code = script(&source);
            assert!(code.contains("try{") && code.contains("catch") && !code.contains("kiln"), "{source}: {code}");
        }
        assert!(script(source).contains(kept), "{source}: {}", script(source));
    }
    // Without somebody to catch it, it may go.
    let code = script(
        "( function ( value ) { try { work ( value ) ; ! function ( ) { go ( ) } ( ) } catch ( e ) { }  'x' in value ; } ) ( a ) ;",
    );
    assert!(!code.contains(" in "), "{code}");
}
