use super::*;

/// Every sheet is there, under its own address.
struct All;

impl Files for All {
    fn sheet(&mut self, link: Link<'_>) -> Result<Option<String>, String> {
        Ok(Some(match link {
            Link::File("foreign") => return Err("a style sheet of another origin".into()),
            Link::File(url) => format!("/*{url}*/"),
            Link::Text(text) => text.to_owned(),
        }))
    }

    fn pictures(&self) -> Vec<(Range<usize>, String)> {
        Vec::new()
    }
}

fn prepared(body: &str) -> Result<Prepared, String> {
    prepare(&format!("<!DOCTYPE html>{body}"), &[], &mut All)
}

fn html(body: &str) -> String {
    prepared(body).map(|p| p.html.replace("<!DOCTYPE html>", "")).unwrap_or_default()
}

#[test]
fn scripts_and_what_only_they_show_are_gone() {
    assert_eq!(
        html("<script>x</script><noscript><img src=a></noscript><p>b"),
        "<script></script><noscript></noscript><p>b"
    );
    assert_eq!(html("<svg class=i><svg><text>x</text></svg></svg>y"), "<svg class=i></svg>y");
    assert_eq!(html("a<!-- c -->b"), "ab");
}

#[test]
fn images_get_numbers_also_behind_those_that_are_gone() {
    let page = prepared("<img src=a.png><noscript><img src=b.png></noscript><img alt=x>").unwrap_or_default();
    assert_eq!(page.images, 3);
    assert!(page.html.contains("<img src=\"http://image.invalid/0/1\" data-kiln-image=\"0\">"), "{}", page.html);
    assert!(page.html.contains("<img alt=x data-kiln-image=\"2\">"), "{}", page.html);
    let sized = prepare("<!DOCTYPE html><img src=a>", &[Some((30, 20))], &mut All).unwrap_or_default();
    assert!(sized.html.contains(" width=\"30\" height=\"20\""), "{}", sized.html);
}

#[test]
fn sheets_apply_as_in_a_browser() {
    let sheets = |body: &str| prepared(body).unwrap_or_default().sheets;
    assert_eq!(sheets("<link rel=stylesheet href=a.css media=print>"), ["@media print{/*a.css*/}"]);
    assert_eq!(sheets("<link rel=stylesheet href=a.css media=print onload=\"this.media='all'\">"), ["/*a.css*/"]);
    assert_eq!(sheets("<link rel=preload as=style href=a.css onload=\"this.rel='stylesheet'\">"), ["/*a.css*/"]);
    assert_eq!(sheets("<link rel='alternate stylesheet' href=a.css><link rel=icon href=a.ico>"), [] as [&str; 0]);
    assert_eq!(sheets("<style media=screen>p{}</style>"), ["@media screen{p{}}"]);
}

#[test]
fn pages_that_nobody_can_lay_out_are_refused_with_a_reason() {
    let why = |page: &str| prepare(page, &[], &mut All).err().unwrap_or_default();
    assert!(why("<p>x").contains("quirks mode"));
    assert!(why("<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\"><p>x").contains("quirks mode"));
    assert!(why("<!doctype html><link rel=stylesheet href=foreign>").contains("another origin"));
    assert!(why("<!doctype html><div><template shadowrootmode=open></template></div>").contains("shadow"));
    assert!(why(&format!("<!doctype html>{}", "<div>".repeat(2000))).contains("nested"));
    assert!(why(&format!("<!doctype html>{}", "<br>".repeat(ELEMENTS + 1))).contains("elements"));
    assert_eq!(why(&format!("<!doctype html>{}", "<p>".repeat(2000))), "", "paragraphs do not nest");
}
