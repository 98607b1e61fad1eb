#![allow(clippy::unwrap_used)]
use super::*;

fn refs(source: &str) -> Vec<(String, RefKind)> {
    analyze(source).unwrap().refs.into_iter().map(|r| (r.url, r.kind)).collect()
}

#[test]
fn attributes_are_references_of_their_kind() {
    use RefKind::*;
    let page = r##"<base href=/b/><link rel=stylesheet href="a.css?v=1"><link rel="shortcut icon" href=f.ico>
<script src=' m.js ' type=module></script><a href="p.html#x">x</a><a href="#top"></a>
<img src=a.png srcset="b.png 1x, c,d.png 2x"><svg><use href="s.svg#i"/><image xlink:href="p.jpg"/></svg>
<meta property="og:image" content="https://x.org/o.png"><div style="background:url(&quot;bg &amp; b.png&quot;)" data-bg="z.jpg"></div>
<video poster=v.jpg src=v.mp4></video><noscript><img src=n.png></noscript>"##;
    assert_eq!(
        refs(page),
        [
            ("a.css?v=1", Stylesheet),
            ("f.ico", FormatLocked),
            ("m.js", ModuleScript),
            ("p.html#x", Link),
            ("a.png", Image),
            ("b.png", Image),
            ("c,d.png", Image),
            ("s.svg#i", Other),
            ("p.jpg", Image),
            ("https://x.org/o.png", FormatLocked),
            ("bg & b.png", CssUrl),
            ("z.jpg", FormatLocked),
            ("v.jpg", Image),
            ("v.mp4", Other),
            ("n.png", Image),
        ]
        .map(|(u, k)| (u.to_owned(), k))
    );
    let facts = analyze(page).unwrap();
    assert_eq!(facts.base.as_deref(), Some("/b/"));
    let places: Vec<&str> = facts.refs.iter().map(|r| &page[r.range.clone()]).collect();
    assert_eq!(&places[9..12], ["https://x.org/o.png", "bg &amp; b.png", "z.jpg"]);
}

#[test]
fn inline_code_is_read_in_place() {
    let page = r#"<style>@import "x.css";a{background:url(i.png)}</style><script type=module>import "./m.js"; import "a"; import("b/c.js"); import("c/d.js")</script>
<script type=importmap>{"imports":{"a":"/a.js","b/":"./b/","c/":"/d/"}}</script><script type="application/json">{"u":"/no.js"}</script>"#;
    let facts = analyze(page).unwrap();
    let found: Vec<&str> = facts.refs.iter().map(|r| &page[r.range.clone()]).collect();
    assert_eq!(found, ["x.css", "i.png", "./m.js", "b/c.js", "/a.js"]);
    let kinds: Vec<InlineKind> = facts.inline.iter().map(|i| i.kind).collect();
    assert_eq!(kinds, [InlineKind::Style, InlineKind::Module, InlineKind::Json, InlineKind::Data]);
}

#[test]
fn trap_23_hydrated_pages_are_known() {
    assert_eq!(analyze("<script>self.__next_f.push([0])</script>").unwrap().hydration, Hydration::Page);
    let islands =
        analyze("<img src=a.png><astro-island><div><img src=b.png></div></astro-island><img src=c.png>").unwrap();
    assert_eq!(islands.hydration, Hydration::Islands);
    assert_eq!(islands.images.iter().map(|i| i.hydrated).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn pictures_know_their_sources_and_opt_outs() {
    let facts = analyze(
        r#"<picture><source media="(min-width:9px)" srcset="a.jpg 1x"><img src=b.jpg></picture><div data-kiln=off><img src=c.jpg></div><img src=d.jpg>"#,
    )
    .unwrap();
    assert_eq!(facts.images[0].sources[0].media.as_deref(), Some("(min-width:9px)"));
    assert!(facts.images[0].in_picture && !facts.images[2].in_picture && facts.images[2].sources.is_empty());
    assert_eq!(facts.images.iter().map(|i| i.off).collect::<Vec<_>>(), [false, true, false]);
}
