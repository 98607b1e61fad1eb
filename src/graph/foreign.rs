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

/// What shows something of its own, or watches, and has no business with the pictures of a page.
const BYSTANDERS: [&str; 22] = [
    "cdn.cookielaw.org/",
    "cdn.startbootstrap.com/sb-forms",
    "challenges.cloudflare.com/",
    "connect.facebook.net/",
    "consent.cookiebot.com/",
    "giscus.app/",
    "hcaptcha.com/",
    "js.hcaptcha.com/",
    "js.hs-scripts.com/",
    "js.hsforms.net/",
    "js.stripe.com/",
    "kit.fontawesome.com/",
    "maps.googleapis.com/",
    "platform.twitter.com/",
    "player.vimeo.com/",
    "snap.licdn.com/",
    "static.hotjar.com/",
    "use.fontawesome.com/",
    "utteranc.es/",
    "www.google.com/recaptcha/",
    "www.googletagmanager.com/",
    "www.youtube.com/iframe_api",
];

/// Libraries that do nothing to a picture unless some script of the site says so, by the names of their files.
const LIBRARIES: [&str; 14] = [
    "axios",
    "bootstrap",
    "chart",
    "d3",
    "dayjs",
    "highlight",
    "htmx",
    "jquery",
    "katex",
    "lodash",
    "moment",
    "popper",
    "prism",
    "three",
];

/// Icon fonts: their rules are for elements that hold no pictures.
const ICONS: [&str; 9] = [
    "all.min.css",
    "all.css",
    "bootstrap-icons",
    "boxicons",
    "devicon",
    "font-awesome",
    "fontawesome",
    "material-icons",
    "remixicon",
];

/// Whether the script is known to let a page's own pictures be.
pub fn lets_pictures_be(url: &str) -> bool {
    let rest = without_scheme(url);
    let file = rest.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let forms = ["min", "slim", "bundle", "esm", "umd", "module", "js", "mjs", ""];
    let is = |name: &&str| {
        let form = |part: &str| forms.contains(&part) || part.bytes().all(|b| b.is_ascii_digit());
        file.strip_prefix(*name).is_some_and(|rest| rest.starts_with(['.', '-']) && rest.split(['.', '-']).all(form))
    };
    BYSTANDERS.iter().any(|place| rest.starts_with(place)) || LIBRARIES.iter().any(is)
}

/// Whether the sheet has no rules for what could be a picture, or around one.
pub fn styles_no_pictures(url: &str) -> bool {
    let file = url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    holds_fonts(url) || ICONS.iter().any(|name| file.starts_with(name))
}

/// Libraries that hand a function what it names, and read its source for that; as they are called at other hosts.
const READERS: [&str; 6] = ["angular.", "angularjs", "prototype.", "prototypejs", "require.", "requirejs"];

/// Whether the script looks like one that reads the source of functions.
pub fn reads_source(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    READERS.iter().any(|name| url.contains(name))
}

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
    fn libraries_are_known_by_their_files() {
        for url in [
            "https://code.jquery.com/jquery-3.7.1.min.js",
            "https://cdn.jsdelivr.net/npm/bootstrap@5.3.3/dist/js/bootstrap.bundle.min.js",
            "//cdnjs.cloudflare.com/ajax/libs/popper.js/2.9.2/popper.min.js?x",
            "https://www.googletagmanager.com/gtm.js?id=x",
        ] {
            assert!(lets_pictures_be(url), "{url}");
        }
        for url in [
            "https://cdn.example/jquery.fancybox.min.js",
            "https://cdn.example/bootstrap-lightbox.js",
            "https://cdn.jsdelivr.net/npm/swiper@11/swiper-bundle.min.js",
            "https://unpkg.com/medium-zoom@1/dist/medium-zoom.min.js",
        ] {
            assert!(!lets_pictures_be(url), "{url}");
        }
        assert!(styles_no_pictures("https://cdnjs.cloudflare.com/ajax/libs/font-awesome/6.5.1/css/all.min.css"));
        assert!(!styles_no_pictures("https://cdn.jsdelivr.net/npm/bootstrap@5.3.3/dist/css/bootstrap.min.css"));
    }

    #[test]
    fn libraries_that_read_functions() {
        for url in [
            "https://ajax.googleapis.com/ajax/libs/angularjs/1.8.2/angular.min.js",
            "https://cdnjs.cloudflare.com/ajax/libs/require.js/2.3.6/require.min.js",
            "//cdn.jsdelivr.net/npm/requirejs@2",
        ] {
            assert!(reads_source(url), "{url}");
        }
        assert!(!reads_source("https://code.jquery.com/jquery-3.7.1.min.js"));
    }

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
