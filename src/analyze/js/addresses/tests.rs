use super::Habit::*;
use super::*;
use crate::analyze::js::{Goal, analyze};

fn habits(source: &str) -> Habits {
    analyze(source, Goal::Unknown).map(|facts| facts.habits).unwrap_or_default()
}

#[test]
fn sources_that_are_taken_apart() {
    for source in [
        "this.src = this.src.replace('.png', '-hover.png')",
        "n = i.src.match(/(\\d+)\\.svg$/)[1]",
        "big.src = e.target.src.replace('/thumbs/', '/photos/')",
        "i.currentSrc?.split('/').pop()",
        "$(this).attr('src').replace('_off', '_on')",
        "(i.getAttribute('src') || '').substring(3)",
        "i.getAttribute('data-src').toLowerCase().lastIndexOf('/')",
        "if (/big/.test(i.src)) f()",
        "var s = i.getAttribute('src'); i.src = s.replace(/(\\.\\w+)$/, '@2x$1')",
        "let s; s = i.src; s.slice(0, -4)",
        "i.src = i.src + '.large'",
        "i.src = `${i.src}.webp`",
        "i.src = base + i.src",
        "i.src += '.webp'",
        "const {src} = e.target; src.split('.')",
        "new URL(i.src).pathname",
        "i.src.endsWith('closed.svg')",
        "i.src.includes('http://x.test/a.svg')",
        "i.src = over(i.src); function over(s) { return s.replace('.png', '-over.png') }",
        "const big = (of, s = '') => s.split('-')[0]; var url = i.src; show(big(1, url))",
    ] {
        assert!(habits(source).contains(&TakesSources), "{source}");
    }
}

#[test]
fn sources_that_are_only_passed_on() {
    for source in [
        "big.src = small.src",
        "a.src = g; m = s.getElementsByTagName(o)[0]; m.parentNode.insertBefore(a, m)",
        "i.src = 'a.png'.replace('a', 'b')",
        "x.style.backgroundImage = 'url(' + i.src + ')'",
        "x.style.backgroundImage = `url(\"${i.src}\")`",
        "i.src = i.src + '?' + Date.now()",
        "i.src += '?v=2'",
        "i.src.startsWith('data:')",
        "/^data:/.test(i.src)",
        "/\\.svg$/.test(i.src)",
        "i.src.endsWith('.svg')",
        "var f = $('.modal iframe'); f.attr('src', f.attr('src').replace('autoplay=1', ''))",
        "function f() { var s = i.src; g(s) } function h(s) { return s.replace('a', 'b') }",
        "i.src === other.src",
        "for (d of all) if (d[x].tokens === g.tokens) d[x].src = d[x].src.replace(rule, '')",
    ] {
        assert!(!habits(source).contains(&TakesSources), "{source}");
    }
}

#[test]
fn links_that_are_taken_apart() {
    for (source, takes) in [
        ("link.getAttribute('href').match(/css\\/(\\w+)\\.css/)", true),
        ("link.href.replace('light', 'dark')", true),
        ("$('#theme').attr('href').split('/')", true),
        ("location.href.split('#')", false),
        ("window.location.href.replace('a', 'b')", false),
        ("link.href = 'a.css'", false),
        ("let b = document.querySelector('base'), e = b && b.getAttribute('href') || '/'; e.replace('a', 'b')", false),
        ("x = '' + new URL('a.jpg', import.meta.url).href.replace('a', 'b')", false),
        ("map.get(key + (link.href || ''))", false),
    ] {
        assert_eq!(habits(source).contains(&TakesLinks), takes, "{source}");
    }
}

#[test]
fn scripts_that_find_scripts() {
    for source in [
        "$('script[src*=\"gallery\"]').attr('src').match(/^(.*)gallery\\.js/)",
        "var all = d.scripts; for (var i = 0; i < all.length; i++) all[i].src.match(/(.*)slider\\.js/)",
        "for (const s of d.scripts) if (s.src.includes('slider.js')) f(s)",
        "[...document.querySelectorAll('script')].forEach(s => s.src.replace('main.js', ''))",
        "new Error().stack.match(/(https?:.*\\/)app\\.js/)",
        "$('script').each(function () { if (/main\\.js$/.test(this.src)) f() })",
    ] {
        let found = habits(source);
        assert!(finds_scripts(&found) && finds_itself(&found), "{source}: {found:?}");
        assert!(analyze(source, Goal::Unknown).is_ok_and(|facts| facts.introspects), "{source}");
    }
    for source in [
        "package.scripts",
        "try { f() } catch (e) { e.stack.split('a') } console.log('Node.js')",
        "r.querySelector('script[async]' + x.src); x.src.replace('a', 'b'); y = 'a.js'",
        "console.log(error.stack, 'see app.js')",
        "var s = document.createElement('script'); s.src = x + '/a.js'",
        "$('<script>').appendTo('body')",
        // webpack finds its folder.
        "var u, n = document.getElementsByTagName('script'); u = n[n.length - 1].src; \
         u = u.replace(/#.*$/, '').replace(/\\/[^\\/]+$/, '/'); x = u + {7: 'a'}[i] + '.js'",
    ] {
        assert!(!finds_scripts(&habits(source)), "{source}");
    }
    let folder = "var n = document.getElementsByTagName('script'), u = n[0].src; u.replace(/#.*$/, '')";
    assert!(!habits(folder).contains(&TakesSources), "no image");
}

#[test]
fn addresses_that_are_stored() {
    for (source, stores) in [
        ("localStorage.setItem('theme', 'css/dark.css')", true),
        ("sessionStorage.setItem('theme', link.href)", true),
        ("localStorage.theme = name", true),
        ("document.cookie = 'theme=' + file", true),
        ("localStorage.setItem('theme', dark ? 'dark' : 'light')", false),
        ("localStorage.setItem('seen', '1')", false),
        ("localStorage.getItem('theme')", false),
    ] {
        assert_eq!(habits(source).contains(&Stores), stores, "{source}");
    }
}
