//! Scripts and sheets of other origins, which nobody here can read.

/// Page counters that many sites load: they watch, and put no class or element on the page that a site could have styled.
/// Anything that shows something of its own (forms, payments, captchas, embeds, icons) is not in the list: sites do style
/// `.StripeElement` and `.grecaptcha-badge`.
const COUNTERS: [&str; 9] = [
    "cdn.usefathom.com/",
    "cloud.umami.is/",
    "gc.zgo.at/",
    "plausible.io/",
    "scripts.simpleanalyticscdn.com/",
    "ssl.google-analytics.com/",
    "static.cloudflareinsights.com/",
    "www.clarity.ms/",
    "www.google-analytics.com/",
];

/// Hosts whose style sheets hold fonts, and hardly anything else.
const FONT_HOSTS: [&str; 5] =
    ["fonts.googleapis.com/", "fonts.bunny.net/", "use.typekit.net/", "rsms.me/inter/", "api.fontshare.com/"];

/// Whether the script is known to touch nothing that a style could be for.
pub fn only_counts(url: &str) -> bool {
    let rest = without_scheme(url);
    COUNTERS.iter().any(|place| rest.starts_with(place)) || rest.starts_with("www.googletagmanager.com/gtag/")
}

/// Without the sheet, text is a little wider or narrower, and nothing else is different.
pub fn holds_fonts(url: &str) -> bool {
    let rest = without_scheme(url);
    rest != url && FONT_HOSTS.iter().any(|host| rest.starts_with(host))
}

/// Whether the sheet is nothing but `@font-face` rules: it makes no difference what stands before or after it. Icon fonts
/// come with a class, and so do Google's effects.
pub fn holds_only_fonts(url: &str) -> bool {
    let url = url.trim();
    let rest = without_scheme(url);
    let listed = ["fonts.googleapis.com/css", "fonts.bunny.net/css"].iter().any(|place| rest.starts_with(place));
    let rest = rest.to_ascii_lowercase();
    listed && rest.len() < url.len() && !["material", "icons", "effect="].iter().any(|more| rest.contains(more))
}

fn without_scheme(url: &str) -> &str {
    url.split_once("//").map_or(url, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_with_more_than_fonts_keep_their_place() {
        for url in ["https://fonts.googleapis.com/css?family=Lato:300,400", "//fonts.bunny.net/css?family=inter:400"] {
            assert!(holds_only_fonts(url) && holds_fonts(url), "{url}");
        }
        for url in [
            "https://fonts.googleapis.com/icon?family=Material+Icons",
            "https://fonts.googleapis.com/css2?family=Material+Symbols+Outlined",
            "https://fonts.googleapis.com/css?family=Rancho&effect=shadow-multiple",
            "https://use.typekit.net/abc.css",
            "https://fonts.bunny.net/css?family=material-icons:400",
            "fonts.googleapis.com/css?family=Lato",
            "https://example.com/fonts.googleapis.com/css",
        ] {
            assert!(!holds_only_fonts(url), "{url}");
        }
    }
}
