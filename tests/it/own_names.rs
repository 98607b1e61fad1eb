//! Names that a script reads, of its own functions or of another's.

use crate::support::Sandbox;

const ANGULAR: &str =
    "var FN_ARGS = /^[^(]*\\(\\s*([^)]*)\\)/m;  function inject( f ) { return f.toString().match( FN_ARGS )[ 1 ] }";
const APP: &str =
    "inject( function ( $scope , calc ) {  /* greets */  $scope.greeting = calc.twice( 'Hello' ) ;  } ) ;";

#[test]
fn parameters_that_another_script_reads_stay() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<script src=lib.js></script><script src=app.js></script><script>later( function ( $timeout ) {  $timeout( 1 )  } )</script>",
        ),
        ("lib.js", ANGULAR),
        ("app.js", APP),
    ]);
    s.build();
    let (app, page) = (s.text("app.js"), s.page("index.html"));
    assert!(app.contains("function($scope,calc)") && !app.contains("greets"), "{app}");
    assert!(page.contains("function($timeout)"), "{page}");
    assert!(s.explain("app.js").contains("names stay"), "{}", s.explain("app.js"));
}

#[test]
fn parameters_stay_for_a_library_that_is_not_changed_or_elsewhere() {
    let elsewhere = "<script src=https://ajax.googleapis.com/ajax/libs/angularjs/1.8.2/angular.min.js></script><script src=app.js></script>";
    let excluded = "<script src=vendor/lib.js></script><script src=app.js></script>";
    for (page, file) in [(elsewhere, "vendor/other.txt"), (excluded, "vendor/lib.js")] {
        let settings = ("kiln.toml", "exclude = [\"vendor/**\"]\n");
        let s = Sandbox::new(&[("index.html", page), (file, ANGULAR), ("app.js", APP), settings]);
        s.build();
        assert!(s.text("app.js").contains("function($scope,calc)"), "{page}: {}", s.text("app.js"));
    }
}

#[test]
fn without_such_a_library_parameters_are_short() {
    let s = Sandbox::new(&[("index.html", "<script src=app.js></script>"), ("app.js", APP)]);
    s.build();
    assert!(!s.text("app.js").contains("$scope"), "{}", s.text("app.js"));
}

#[test]
fn names_of_classes_stay_where_another_module_reads_them() {
    let s = Sandbox::new(&[
        ("index.html", "<my-counter></my-counter><script type=module src=app.js></script>"),
        ("app.js", "import { Base } from './base.js';  class  Counter  extends  Base { }  Counter.register( ) ;"),
        (
            "base.js",
            "export  class  Base  extends  HTMLElement { static register( ) {  customElements.define( 'my-' + this.name.toLowerCase( ) , this )  } }",
        ),
    ]);
    s.build();
    assert!(s.text("app.js").contains("class Counter"), "{}", s.text("app.js"));
}

#[test]
fn a_worker_is_made_of_the_function_as_it_was() {
    let worker = "(function () {
        function square( number ) { return number * number ; }
        function start( ) { self.onmessage = function ( event ) { self.postMessage( square( event.data ) + square( 1 ) ) ; } ; }
        var source = [ square , start ].map( String ).join( '\\n' ) + '\\nstart();' ;
        use( new Worker( URL.createObjectURL( new Blob( [ source ] ) ) ) ) ;
    })() ;";
    let s = Sandbox::new(&[
        ("index.html", "<script src=a.js></script><script src=b.js></script>"),
        ("a.js", worker),
        ("b.js", "window.f = function ( argument ) { return argument + 1 } ;"),
    ]);
    s.build();
    let code = s.text("a.js");
    assert!(code.contains("function square(number)") && code.contains("square(event.data)+square(1)"), "{code}");
    assert!(!s.text("b.js").contains("argument"));
}
