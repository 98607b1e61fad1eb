//! Scripts of other origins, which nobody here can read.

/// Services that many sites load, and the classes that they put on the site's own elements. `None`: unknown.
pub fn classes(url: &str) -> Option<&'static [&'static str]> {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    SERVICES.iter().find(|(place, _)| rest.starts_with(place)).map(|(_, classes)| *classes)
}

const NONE: &[&str] = &[];
const SERVICES: &[(&str, &[&str])] = &[
    ("www.googletagmanager.com/gtag/", NONE),
    ("www.google-analytics.com/", NONE),
    ("ssl.google-analytics.com/", NONE),
    ("static.cloudflareinsights.com/", NONE),
    ("plausible.io/", NONE),
    ("cdn.usefathom.com/", NONE),
    ("scripts.simpleanalyticscdn.com/", NONE),
    ("gc.zgo.at/", NONE),
    ("cloud.umami.is/", NONE),
    ("static.hotjar.com/", NONE),
    ("www.clarity.ms/", NONE),
    ("js.stripe.com/", NONE),
    ("www.google.com/recaptcha/", NONE),
    ("js.hcaptcha.com/", NONE),
    ("challenges.cloudflare.com/turnstile/", NONE),
    ("pagead2.googlesyndication.com/", NONE),
    ("platform.twitter.com/", NONE),
    ("connect.facebook.net/", NONE),
    ("www.youtube.com/iframe_api", NONE),
    ("use.fontawesome.com/", NONE),
    ("kit.fontawesome.com/", NONE),
    ("use.typekit.net/", &["wf-loading", "wf-active", "wf-inactive"]),
    ("polyfill.io/", NONE),
    ("cdn.startbootstrap.com/sb-forms", &["d-none", "d-block", "disabled", "is-valid", "is-invalid", "was-validated"]),
];
