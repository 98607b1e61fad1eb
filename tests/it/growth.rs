//! Images that some state, medium or animation makes wider than the layout sees them.
#![cfg(feature = "layout")]

use crate::support::Sandbox;

/// A page where a photograph of 900 by 600 pixels is 240 pixels wide at rest.
fn site(css: &str, body: &str) -> Sandbox {
    let page = format!(
        "<!doctype html><html lang=en><head><title>t</title><style>body{{margin:0}}figure{{margin:0;width:240px}}\
         .row img{{width:100%;height:auto}}{css}</style></head><body>{body}</body></html>"
    );
    let s = Sandbox::new(&[("index.html", &page)]);
    s.photo("p.jpg", 900, 600);
    s
}

const BODY: &str = "<main class=row><figure class=card><img src=p.jpg width=900 height=600></figure></main>\
                    <nav class=menu><a>x</a></nav>";

/// It is offered in the widths that it needs at rest.
fn is_narrow(css: &str, body: &str) -> bool {
    site(css, body).explain("index.html").contains("sizes \"240px\"")
}

#[test]
fn what_may_grow_later_keeps_its_own_width() {
    let adds = |name: &str| format!("{BODY}<script>document.body.classList.toggle('{name}')</script>");
    for (css, body) in [
        (".zoomed .card img{width:100vw}", adds("zoomed")),
        (
            ".row.open figure{width:90vw}",
            format!("{BODY}<script>document.querySelector('.row').classList.toggle('open')</script>"),
        ),
        (
            ".row{&.open{figure{width:90vw}}}",
            format!("{BODY}<script>document.querySelector('.row').classList.toggle('open')</script>"),
        ),
        (
            ".row[data-zoom] figure{width:80%}",
            format!("{BODY}<script>document.querySelector('.row').dataset.zoom = 1</script>"),
        ),
        (
            ".row[data-zoom] figure{width:80%}",
            format!("{BODY}<script>document.querySelector('.row').setAttribute('data-zoom', '')</script>"),
        ),
        ("figure:hover{width:600px}", BODY.into()),
        ("figure:has(:checked){min-width:50vw}", BODY.into()),
        (":checked ~ .row figure{width:50rem}", format!("<input type=checkbox>{BODY}")),
        (".row:focus-within{position:fixed;inset:0} .card:focus-within{width:100%}", BODY.into()),
        ("figure:active img{transform:scale(3)}", BODY.into()),
        ("figure:target{scale:200%}", BODY.into()),
        ("figure{animation:grow 1s forwards}@keyframes grow{to{width:90vw}}", BODY.into()),
        ("@media print{.card{width:100%}}", BODY.into()),
        ("</style><style media=print>.card{width:100%}", BODY.into()),
        (".card:hover{--w:80vw}.card{width:var(--w,240px)}", BODY.into()),
        ("main:fullscreen figure{width:auto}", BODY.into()),
        ("details[open] figure{width:100%}", format!("<details open>{BODY}</details>")),
        (
            "img[data-zoom]{width:100vw}",
            format!("{BODY}<script>document.querySelector('img').dataset.zoom = 1</script>"),
        ),
        (".row.big figure{width:90vw}", BODY.replace("class=row", "class=row ng-class=\"{big: open}\"")),
        (".big{all:unset}", format!("{BODY}<script>document.querySelector('.card').className = 'big'</script>")),
        (
            ".card .big{width:600px}",
            format!("{BODY}<script>document.getElementsByTagName('img')[0].classList.add('big')</script>"),
        ),
        (
            ".big img{width:800px !important}",
            format!(
                "<section><button id=z></button>{BODY}</section>\
                     <script>z.onclick = () => z.parentElement.classList.add('big')</script>"
            ),
        ),
        // What holds it back may go.
        (
            ".row.small .card{width:240px}figure{width:auto}",
            format!(
                "{}<script>document.querySelector('main').classList.remove('small')</script>",
                BODY.replace("class=row", "\"class=row small\"")
            ),
        ),
        (
            ".row.big figure{width:90vw}",
            BODY.replace("class=row", "class=row :class=\"{big: open}\" x-data=\"{open: false}\""),
        ),
    ] {
        let body = body.replace("\"class=row small\"", "class=\"row small\"");
        assert!(!is_narrow(css, &body), "{css} {body}");
    }
    let bare = Sandbox::new(&[(
        "index.html",
        "<!doctype html><title>t</title><style>.card img{width:240px;height:auto}.zoomed .card img{width:900px}</style>\
         <figure class=card><img src=p.jpg width=900 height=600></figure><script>document.body.classList.add('zoomed')</script>",
    )]);
    bare.photo("p.jpg", 900, 600);
    assert!(!bare.explain("index.html").contains("sizes \"240px\""), "a body whose tag is left out");
    let told = site("figure:hover{width:600px}", BODY).explain("index.html");
    assert!(told.contains("`figure:…` may make it wider than it is at first"), "{told}");
}

#[test]
fn what_cannot_make_it_wider_is_no_reason() {
    for (css, body) in [
        ("figure:hover img{transform:scale(1.05)}", BODY.to_owned()),
        (".menu:hover{width:100vw}", BODY.into()),
        ("figure:hover{width:250px;max-width:100px}", BODY.into()),
        ("@media (min-width:9000px){.card{width:100%}}", BODY.into()),
        ("@media print{.menu{width:100%}}", BODY.into()),
        (".open figure{width:90vw}", BODY.into()),
        (
            ".menu.open{width:90vw}",
            format!("{BODY}<script>document.querySelector('.menu').classList.toggle('open')</script>"),
        ),
        (
            ".open > .other figure{width:90vw}",
            format!("{BODY}<script>document.querySelector('.menu').classList.toggle('open')</script>"),
        ),
        ("figure{animation:in 1s}@keyframes in{from{transform:scale(.9)}}", BODY.into()),
        (".card:hover{--tw-scale-x:1.05;transform:scaleX(var(--tw-scale-x))}", BODY.into()),
        (".other:hover{width:100vw}img{max-width:100%}", "<p class=other><img src=p.jpg width=240 height=160>".into()),
        ("figure:hover{width:240px;color:red;left:0}", BODY.into()),
    ] {
        assert!(is_narrow(css, &body), "{css} {body}");
    }
}
