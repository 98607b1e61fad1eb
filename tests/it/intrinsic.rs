//! Pictures whose file's own width has a part in boxes, and scripts that go from one element to another.
#![cfg(feature = "layout")]

use crate::support::Sandbox;

/// A page with a photograph of 900 by 600 pixels.
fn site(css: &str, body: &str, script: &str) -> Sandbox {
    let page = format!(
        "<!doctype html><html lang=en><head><title>t</title><style>body{{margin:0}}{css}</style></head><body>{body}\
         <script src=a.js></script></body></html>"
    );
    let s = Sandbox::new(&[("index.html", &page), ("a.js", script)]);
    s.photo("p.jpg", 900, 600);
    s
}

const IMG: &str = "<img src=p.jpg width=900 height=600 alt=''>";

/// In Chromium each of these is as wide as its file says, or a box around it is; Blitz takes no notice.
#[test]
fn where_its_own_width_is_felt_a_picture_keeps_it() {
    for (css, body) in [
        (
            ".card{display:inline-block}.card img{width:100%;height:auto}",
            format!("<div class=card>{IMG}<p>t</p></div>"),
        ),
        (".c{float:left}.c img{width:50%;height:auto}", format!("<div class=c>{IMG}</div>")),
        (".c{width:fit-content}.c img{width:100%;height:auto}", format!("<div class=c>{IMG}</div>")),
        (".c{position:absolute;left:0}.c img{width:100%;height:auto}", format!("<div class=c>{IMG}</div>")),
        (
            ".c{display:flex;flex-direction:column;align-items:center}.c img{width:80%;height:auto}",
            format!("<div class=c><p>{IMG}</p></div>"),
        ),
        (
            ".c{display:grid;place-items:center}.c img{width:100%;height:auto}",
            format!("<div class=c><p>{IMG}</p></div>"),
        ),
        (
            ".c{display:grid;grid-template-columns:auto 1fr}.c img{width:100%;height:auto}",
            format!("<div class=c><p>{IMG}</p><p>t</div>"),
        ),
        ("button img{width:100%;height:auto}", format!("<button>{IMG}</button>")),
        // Items of a row are no narrower than their files.
        (
            ".c{display:flex}.c img{max-height:150px;width:auto;max-width:100%;height:auto}",
            format!("<div class=c>{}</div>", IMG.repeat(3)),
        ),
        (".c{display:flex}.c img{flex:1;max-width:100%;height:auto}", format!("<div class=c>{IMG}<p>text</p></div>")),
        (
            ".c{display:flex}.c img{flex:0 0 30%;max-width:100%;height:auto}",
            format!("<div class=c>{IMG}<p>text</p></div>"),
        ),
        // Only where the window is narrow.
        ("@media (max-width:500px){.c{float:left}}.c img{width:50%;height:auto}", format!("<div class=c>{IMG}</div>")),
        // A width is nothing to what is in a line, but for the engine.
        (
            "a{max-width:50%}img{display:block;max-width:100%;max-height:300px;width:auto;height:auto}",
            format!("<a href=#>{IMG}</a>"),
        ),
    ] {
        let s = site(css, &body, "");
        s.build();
        let page = s.page("index.html");
        assert!(page.contains("<source type=\"image/avif\"") && !page.contains("sizes="), "{css}: {page}");
    }
}

#[test]
fn where_something_else_says_how_wide_it_is_it_comes_in_others() {
    for (css, body) in [
        (".card{display:inline-block}.card img{width:240px;height:auto}", format!("<div class=card>{IMG}</div>")),
        (
            ".card{display:inline-block;width:300px}.card img{width:100%;height:auto}",
            format!("<div class=card>{IMG}</div>"),
        ),
        (
            ".row{display:flex}.row>p{flex:0 0 33%}.row img{width:100%;height:auto}",
            format!("<div class=row><p>{IMG}</p><p>t</div>"),
        ),
        (
            ".row{display:flex}.row img{width:120px;height:80px;object-fit:cover}",
            format!("<div class=row>{IMG}<p>t</p></div>"),
        ),
        (
            ".c{display:grid;grid-template-columns:1fr 1fr}.c img{width:100%;height:auto}",
            format!("<div class=c><p>{IMG}</p><p>t</div>"),
        ),
        (
            ".c{display:flex;flex-direction:column}.c img{width:100%;height:auto}",
            format!("<div class=c><p>{IMG}</p></div>"),
        ),
        (".c{position:absolute;left:0;right:50%}.c img{width:100%;height:auto}", format!("<div class=c>{IMG}</div>")),
    ] {
        let s = site(css, &body, "");
        s.build();
        let page = s.page("index.html");
        assert!(page.contains("sizes=") && page.contains("w, "), "{css}: {page}");
    }
}

/// `naturalWidth` of a file among others is what `sizes` says.
#[test]
fn a_picture_whose_size_a_script_asks_for_comes_in_its_own_width() {
    let s = site("img{max-width:100%;height:auto}", IMG, "for (const i of document.images) o.title += i.naturalWidth");
    s.build();
    let page = s.page("index.html");
    assert!(page.contains("<source type=\"image/avif\"") && !page.contains("00w"), "{page}");
}

#[test]
fn a_script_that_goes_from_element_to_element_finds_them_where_they_were() {
    let library = format!("var library = [{}];", "'a b c d e f g h',".repeat(2_000));
    let long = |script: &str| format!("{library}{script}");
    for (script, body) in [
        (
            "document.addEventListener('click', e => { if (e.target.tagName === 'IMG') e.target.parentElement.classList.toggle('open') })".to_owned(),
            format!("<figure>{IMG}</figure>"),
        ),
        ("onload = ({target: {parentElement: p}}) => p.classList.add('x')".into(), format!("<div>{IMG}</div>")),
        ("onclick = e => e.composedPath()[1].classList.add('x')".into(), format!("<div>{IMG}</div>")),
        (
            "onclick = e => { if (e.target instanceof HTMLImageElement) e.target.nextElementSibling.hidden = false }".into(),
            format!("<figure>{IMG}<b hidden>x</b></figure>"),
        ),
        (long("document.querySelectorAll('figure').forEach(f => f.firstElementChild.classList.add('hot'))"), format!("<figure>{IMG}</figure>")),
        (
            long("document.querySelector('.gallery').onclick = e => e.target.parentElement.classList.toggle('hot')"),
            format!("<div class=gallery><figure>{IMG}</figure></div>"),
        ),
        (long("[...document.querySelector('.sl ul').children].forEach(li => { li.children[0].style.opacity = .2 })"), format!("<div class=sl><ul><li>{IMG}</ul></div>")),
        (long("var cover = child(slide, 'img'); cover.parentNode.style.background = cover"), format!("<ul><li>{IMG}</ul>")),
        (long("q(slide)?.closest('.gallery')?.firstElementChild.remove()"), format!("<div class=gallery><p>{IMG}</div>")),
        (String::new(), format!("<p>{}", IMG.replace("alt", "ng-class='{tall: on}' alt"))),
        (String::new(), format!("<div onclick=\"this.firstElementChild.classList.toggle('x')\">{IMG}</div>")),
        ("q('.row a > *').forEach(show)".into(), format!("<div class=row><a>{IMG}</a></div>")),
        ("q('.post p > :not(b), b').forEach(show)".into(), format!("<div class=post><p>{IMG}</div>")),
        ("q('.box a :first-child').forEach(show)".into(), format!("<div class=box><a>{IMG}</a></div>")),
    ] {
        let s = site("img{max-width:100%;height:auto}", &body, &script);
        s.build();
        assert!(!s.page("index.html").contains("<picture"), "{body} {}", script.trim_start_matches(&library));
    }
    for script in [
        long("document.querySelector('.other').firstElementChild.classList.add('hot')"),
        long("function find(e) { return e.querySelector('img') || e.parentNode.target }"),
        "document.querySelector('.other').nextElementSibling.hidden = true".into(),
        "q('.other > .item, a[href*=x]').forEach(show)".into(),
    ] {
        let s = site("img{max-width:100%;height:auto}", &format!("<p>{IMG}</p><div class=other></div>"), &script);
        s.build();
        assert!(s.page("index.html").contains("<picture"), "{}", script.trim_start_matches(&library));
    }
}
