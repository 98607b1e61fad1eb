//! What scripts could do to a drawing, or with it.

use super::*;

#[test]
fn scripts_that_could_tell_or_take_a_drawing_away_keep_everything() {
    for script in [
        "document.querySelector('.card').textContent = 'Done'",
        "document.querySelector('.card').innerHTML = 'Done'",
        "document.querySelector('.card').remove()",
        "for (const e of document.querySelectorAll('path')) e.style.opacity = .5",
        "for (const e of document.getElementsByTagName('use')) e.hidden = true",
        "for (const e of nav.children) e.hidden = true",
        "onclick = e => e.target.parentNode.classList.add('on')",
        "new XMLSerializer().serializeToString(svg)",
        "document.styleSheets[0].insertRule('path{fill:red}')",
        "what is this",
        "for (const e of document.querySelectorAll('li [fill]')) e.setAttribute('fill', 'red')",
        "for (const e of document.querySelectorAll('svg > *')) e.style.fill = 'red'",
        "shelf.append(document.querySelector('li'))",
        "document.execCommand('delete')",
    ] {
        stays(&format!("<script>{script}</script>"), "");
    }
    stays_in("", &format!("<button onclick=\"this.textContent='x'\">x</button>{}", links(&icon(&path()))), "");
    let named = path().replace("<path", "<path class=mark");
    stays_in("<script>document.querySelector('.mark').hidden = true</script>", &links(&icon(&named)), "");
    let s = site("<script src=a.js></script>", &links(&icon(&path())), "");
    for script in ["import('./b.js')", "let = ="] {
        s.put("a.js", script.as_bytes());
        s.put("b.js", b"document.querySelector('.card').remove()");
        assert!(!build(&s).contains("<use"), "{script}");
    }
}

#[test]
fn scripts_that_take_parts_of_pages_to_others_keep_every_page() {
    let s = site("", &links(&icon(&path())), "");
    assert!(build(&s).contains("<use"));
    let script = "fetch('/').then(r => r.text()).then(t => { box.innerHTML = t })";
    s.put("other.html", format!("<!doctype html><p>x<script>{script}</script>").as_bytes());
    assert!(!build(&s).contains("<use"));
}

#[test]
fn scripts_that_only_switch_states_are_no_matter() {
    shared(
        "<script>document.documentElement.classList.toggle('dark', localStorage.getItem('theme') === 'dark');\
         addEventListener('click', e => e.target.closest('a')?.classList.remove('on'))</script>",
        ".dark .icon{color:#fff}",
    );
}

#[test]
fn a_class_that_a_script_may_add_counts() {
    let script = "<script>document.querySelector('svg').classList.add('grid')</script>";
    stays(script, ".grid>*{opacity:.5}");
    shared(script, ".other>*{opacity:.5}");
}
