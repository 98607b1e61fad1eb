//! Frames and videos wait until someone scrolls to them, where nobody minds.
#![cfg(feature = "layout")]

use crate::support::Sandbox;

const FRAME: &str = "<iframe src=/map.html width=560 height=315 title=map></iframe>";
const VIDEO: &str = "<video src=a.mp4 width=640 height=360 controls></video>";
const SPACE: &str = "<div style=\"height:3000px\"></div>";

fn built(head: &str, body: &str) -> Sandbox {
    let page = format!("<!doctype html><html lang=en><head><title>t</title>{head}</head><body>{body}</body></html>");
    let s = Sandbox::new(&[("index.html", &page), ("map.html", "<!doctype html><title>m</title>")]);
    s.put("a.mp4", b"not really");
    s.put("talks.html", b"<!doctype html><title>m</title><script>parent.document.title = 'x'</script>");
    s.put("says.html", b"<!doctype html><title>m</title><script src=says.js></script>");
    s.put("says.js", b"window.top.postMessage('x')");
    s.build();
    s
}

fn lazy(s: &Sandbox) -> usize {
    s.page("index.html").matches("loading=\"lazy\"").count()
}

#[test]
fn below_the_first_screen_they_wait() {
    for embed in [FRAME, VIDEO, "<iframe src=https://www.youtube-nocookie.com/embed/x title=v></iframe>"] {
        let s = built("", &format!("{embed}{SPACE}{embed}"));
        let page = s.page("index.html");
        assert_eq!(lazy(&s), 1, "{page}");
        assert!(
            page.find("loading").unwrap() > page.find("3000px").unwrap(),
            "not the one on the first screen: {page}"
        );
        assert!(s.explain("index.html").contains("frame or video 2: lazy"), "{}", s.explain("index.html"));
    }
}

/// What stands above takes up its place.
#[test]
fn frames_and_videos_are_as_large_as_browsers_make_them() {
    let tall = "<iframe src=/map.html width=100 height=2000 title=a style=\"display:block\"></iframe>";
    assert_eq!(lazy(&built("", &format!("{tall}{FRAME}"))), 1);
    let styled = "<style>video{display:block;width:100%;height:auto}</style>";
    assert_eq!(lazy(&built(styled, &format!("<video width=100 height=400></video>{FRAME}"))), 1, "four screens high");
    assert_eq!(lazy(&built(styled, &format!("<video width=400 height=100></video>{FRAME}"))), 0);
    assert_eq!(lazy(&built("", &format!("<iframe title=a></iframe>{FRAME}"))), 0, "150 pixels without a size");
    let ratio = |ratio| {
        format!("<style>.r{{display:block;width:100%;aspect-ratio:{ratio}}}</style><iframe title=a class=r></iframe>")
    };
    assert_eq!(lazy(&built("", &format!("{}{FRAME}", ratio("1/9")))), 1, "nine times as high as wide");
    assert_eq!(lazy(&built("", &format!("{}{FRAME}", ratio("9/1")))), 0);
    let open = "<div><video width=100 height=100></div>";
    assert_eq!(lazy(&built("", &format!("{open}{SPACE}{FRAME}"))), 1, "a video ends with what it is in");
}

#[test]
fn the_author_scripts_and_styles_come_first() {
    let frame = |more: &str| FRAME.replace("title", &format!("{more} title"));
    for (head, below) in [
        ("", frame("loading=eager")),
        ("", frame("name=inner")),
        ("", frame("onload=ready()")),
        ("", frame("data-kiln=off")),
        ("", frame("data-src=x")),
        ("", FRAME.replace("/map.html", "about:blank")),
        ("", FRAME.replace("/map.html", "https://player.example/x?enablejsapi=1")),
        ("", FRAME.replace("width=560 height=315", "width=1 height=1")),
        ("", frame("style=\"display:none\"")),
        ("", format!("<noscript>{FRAME}</noscript>")),
        ("", VIDEO.replace("controls", "preload=auto")),
        ("", VIDEO.replace("width=640 height=360", "")),
        ("<script>addEventListener('message', e => e.source.postMessage(1))</script>", FRAME.into()),
        ("<script>document.querySelector('.map').remove()</script>", frame("class=map")),
        ("<script>document.querySelector('video').play()</script>", VIDEO.into()),
        ("<script src=https://player.example/api.js></script>", FRAME.into()),
        ("<style>iframe[loading=lazy]{opacity:0}</style>", FRAME.into()),
        ("<script>addEventListener(\"message\", e => show(e.data))</script>", FRAME.into()),
        ("<script>document.getElementsByTagName('IFRAME')[0].remove()</script>", FRAME.into()),
        (
            "",
            format!(
                "{FRAME}<a href=\"javascript:document.getElementsByTagName(%27iframe%27)%5B0%5D.src=%27x%27\">x</a>"
            ),
        ),
        ("", format!("{FRAME}<b onclick=\"not( a script about an iframe\">x</b>")),
        ("", FRAME.replace("map", "talks")),
        ("", FRAME.replace("map", "says")),
        // Frames that nobody sees are there for something else.
        ("", frame("style=\"width:1px;height:1px;border:0\"")),
        ("", frame("style=\"opacity:0;position:absolute\"")),
        ("", format!("<div style=\"height:0;overflow:hidden\">{FRAME}</div>")),
        ("", format!("<div style=\"opacity:0\"><p>{FRAME}</p></div>")),
        ("<style>@media(max-width:500px){iframe{display:none}}</style>", FRAME.into()),
    ] {
        let s = built(head, &format!("{SPACE}{below}"));
        assert_eq!(lazy(&s), 0, "{head}{below}: {}", s.page("index.html"));
    }
}
