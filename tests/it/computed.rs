//! Modules that scripts import by addresses which they put together: none may be there twice.

use crate::support::Sandbox;

fn built(app: &str, page: &str) -> Sandbox {
    let page = format!("<!doctype html><title>t</title><script type=module src=js/app.js></script>{page}");
    let s = Sandbox::new(&[("index.html", &page), ("js/app.js", app)]);
    for name in ["p/store.js", "p/abcdef12.js", "lib/tool.js"] {
        s.put(&format!("js/{name}"), b"export const store = { count : 0 }; /* a comment that goes */\n");
    }
    s.build();
    s
}

const STATIC: &str =
    "import { store } from './p/store.js'; import { store as tool } from './lib/tool.js'; store.count = tool;";

#[test]
fn what_an_address_of_parts_may_lead_to_keeps_its_name() {
    for import in ["import(`./p/${n}.js`)", "import('/js/p/' + n + '.js')", "import(`./p/${n}.js`).then(m => m.store)"]
    {
        let s = built(&format!("{STATIC} const pick = n => {import}; pick(document.title)"), "");
        assert!(!s.is_renamed("js/p/store.js"), "{import}: {}", s.page(&s.renamed("js/app.js")));
        assert!(s.page(&s.renamed("js/app.js")).contains("./p/store.js"), "{import}");
        assert!(s.is_renamed("js/lib/tool.js") && s.is_renamed("js/app.js"), "others do not: {import}");
        assert!(s.explain("js/p/store.js").contains("js/app.js may import it by an address that it puts together"));
    }
    let page = "<script type=module>const load = n => import(`./js/p/${n}.js`); load(document.title)</script>";
    assert!(!built(STATIC, page).is_renamed("js/p/store.js"), "nor one that a page imports");
}

#[test]
fn an_address_that_nobody_knows_may_lead_to_any_module() {
    let s = built(&format!("{STATIC} addEventListener('x', e => import(e.detail))"), "");
    assert!(!s.is_renamed("js/p/store.js") && !s.is_renamed("js/lib/tool.js"));
    // Other addresses of parts are no matter.
    for other in ["import('https://cdn.example/' + x)", "import('./lib/tool.js')", "fetch('./p/' + x)"] {
        let s = built(&format!("{STATIC} const x = document.title; {other}"), "");
        assert!(s.is_renamed("js/p/store.js"), "{other}");
    }
}

/// VitePress preloads what it will import by name, hash and ending.
#[test]
fn a_hash_in_the_middle_of_a_name_is_one() {
    let s = Sandbox::new(&[
        (
            "index.html",
            "<!doctype html><title>t</title><link rel=modulepreload href=/assets/guide.md.iYSdRcd3.lean.js>\
             <script type=module src=/assets/app.C2x9kQ4z.js></script>",
        ),
        ("assets/app.C2x9kQ4z.js", "const map = {guide:'iYSdRcd3'}; import(`/assets/${n()}.md.${map[n()]}.lean.js`)"),
        ("assets/guide.md.iYSdRcd3.lean.js", "export const   page = 1 ; /* a comment that goes */\n"),
    ]);
    s.build();
    assert!(s.page("index.html").contains("href=/assets/guide.md.iYSdRcd3.lean.js"), "{}", s.page("index.html"));
    assert_eq!(
        s.bytes("assets/guide.md.iYSdRcd3.lean.js"),
        std::fs::read(s.site.join("assets/guide.md.iYSdRcd3.lean.js")).unwrap()
    );
}

/// A visitor who keeps the old `Home` for a year would load a second `main` from it, or none.
#[test]
fn a_hash_among_hashes_is_one_even_if_it_could_be_a_word() {
    let code = "export const   page = () => 1 ; /* a comment that goes */ console.log(page()) ;\n";
    let home = format!("import {{ page as main }} from './main-BEkVtgBA.js' ; main() ; {code}");
    let s = Sandbox::new(&[
        ("index.html", "<!doctype html><title>t</title><script type=module src=/assets/main-BEkVtgBA.js></script>"),
        ("assets/main-BEkVtgBA.js", &format!("{code} import(document.title); import('./Home-Dpd-WtfF.js')")),
        ("assets/Home-Dpd-WtfF.js", &home),
        ("assets/About-B5UQMLWs.js", code),
    ]);
    s.build();
    assert!(s.is_renamed("assets/main-BEkVtgBA.js") && !s.has("assets/main-BEkVtgBA.js"));
    assert!(
        s.is_renamed("assets/Home-Dpd-WtfF.js") && !s.has("assets/Home-Dpd-WtfF.js"),
        "not other bytes by this name"
    );
}
