//! Scripts of other origins, which nobody here can read.

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

/// Whether the script is known to touch nothing that a style could be for.
pub fn only_counts(url: &str) -> bool {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    COUNTERS.iter().any(|place| rest.starts_with(place)) || rest.starts_with("www.googletagmanager.com/gtag/")
}
