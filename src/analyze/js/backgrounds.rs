//! Whether a script reads which background an element has.

/// It would find an `image-set()` where it looks for a `url()`. Told by the words of its text; reading every style there is
/// is not seen.
pub fn reads(source: &str) -> bool {
    ["backgroundImage", "background-image"]
        .iter()
        .any(|word| occurs(source, word, |before, after| !sets(before, after)))
        || occurs(source, "background", |before, after| match before.chars().next_back() {
            // `getPropertyValue("background")`, `getComputedStyle(hero).background.match(…)`.
            Some(quote @ ('"' | '\'' | '`')) => after.strip_prefix(quote).is_some_and(|rest| rest.starts_with(')')),
            Some('.') => after.starts_with('.') || after.starts_with("?."),
            _ => false,
        })
}

/// The word stands somewhere with these texts around it.
fn occurs(source: &str, word: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
    source.match_indices(word).any(|(at, _)| {
        let (before, rest) = source.split_at(at);
        let after = rest.get(word.len()..).unwrap_or_default();
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        !before.ends_with(inside) && !after.starts_with(inside) && fits(before, after)
    })
}

/// `style.backgroundImage = x`, `{backgroundImage: x}`, `css("background-image", x)`, `background-image: x`.
fn sets(before: &str, after: &str) -> bool {
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
    let quoted = quote.and_then(|quote| after.strip_prefix(quote));
    let member = before.trim_end().ends_with('.') || quoted.is_some_and(|rest| rest.trim_start().starts_with(']'));
    let rest = quoted.unwrap_or(after).trim_start();
    let rest = rest.strip_prefix(']').unwrap_or(rest).trim_start();
    let assigned = rest.starts_with('=') && !rest.starts_with("==");
    assigned || !member && rest.starts_with(':') || quoted.is_some() && rest.starts_with(',')
}

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn scripts_that_read_backgrounds_are_known() {
        for source in [
            "const url = getComputedStyle(hero).backgroundImage.slice(5, -2)",
            "big.src = tile.style.backgroundImage.replace('url(', '')",
            "next.style.backgroundImage = tile.style.backgroundImage",
            "if (el.style.backgroundImage === 'none') load()",
            "x = dark ? a.style.backgroundImage : b",
            "var match = $(this).css('background-image').match(/url/)",
            "getComputedStyle(el).getPropertyValue(\"background-image\")",
            "getComputedStyle(el)['backgroundImage']",
            "getComputedStyle(el).background.split('\"')[1]",
            "$(el).css('background')",
            "const { backgroundImage } = getComputedStyle(el)",
        ] {
            assert!(reads(source), "{source}");
        }
        for source in [
            "el.style.backgroundImage = `url(${src})`",
            "el.style[\"backgroundImage\"]='none'",
            "h('div', { style: { backgroundImage: image, background: 'red' } })",
            "$(el).css('background-image', 'url(' + src + ')').css({ 'background-image': x })",
            "el.style.setProperty('background-image', x)",
            "el.style.cssText = 'background-image:url(a.png)'",
            "el.style.background = 'red'; canvas.backgroundColor.slice(1)",
        ] {
            assert!(!reads(source), "{source}");
        }
    }
}
