//! Content-Security-Policy (CSP3), as far as it says what may stand in a page.

/// Of a list of policies (CSP3 §2.2.1): one may forbid inline code or style attributes, or allow only those whose hashes it lists.
/// What stands in the page must stay as it is then, and nothing may be added to it.
pub fn restricts(policies: &str) -> bool {
    policies.split(',').any(one_restricts)
}

/// In a text by which a host is told what to send, in no matter what format: some page may be sent with a policy that restricts
/// it. What is not understood may be one.
pub fn is_sent(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(HEADER).any(|(at, _)| {
        let rest = lower.get(at + HEADER.len()..).unwrap_or_default();
        // Up to where it is named again.
        let rest = rest.split(HEADER).next().unwrap_or_default();
        !rest.starts_with("-report-only") && value(rest).is_none_or(restricts)
    })
}

/// Of a list of policies: none keeps out pictures of the site's own origin (CSP3 §6.7.2.8). Of a list of hosts, nobody here
/// knows whether one of them is the site's.
pub fn lets_own_images(policies: &str) -> bool {
    policies.split(',').all(|policy| {
        let said = ["img-src", "default-src"].into_iter().find_map(|name| directive(policy, name));
        let own = |value: &str| ["*", "'self'", "https:", "http:"].iter().any(|v| value.eq_ignore_ascii_case(v));
        said.is_none_or(|values| values.split_ascii_whitespace().any(own))
    })
}

/// The same of a text by which a host is told what to send. What is not understood may keep them out.
pub fn text_lets_own_images(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(HEADER).all(|(at, _)| {
        let rest = lower.get(at + HEADER.len()..).unwrap_or_default().split(HEADER).next().unwrap_or_default();
        // Of a file with a header on each line, what follows on the next is another one.
        let line = value(rest.lines().next().unwrap_or_default());
        rest.starts_with("-report-only") || line.or_else(|| value(rest)).is_some_and(lets_own_images)
    })
}

/// Files in which hosts are told what headers to send, by their names in lower case.
pub const TOLD_IN: [&str; 12] = [
    "_headers",
    "_worker.js",
    ".htaccess",
    "web.config",
    "caddyfile",
    "nginx.conf",
    "customhttp.yml",
    "vercel.json",
    "netlify.toml",
    "firebase.json",
    "staticwebapp.config.json",
    "serve.json",
];

/// In such a text, whatever it says.
pub fn is_mentioned(text: &str) -> bool {
    text.to_ascii_lowercase().contains(HEADER)
}

const HEADER: &str = "content-security-policy";

/// The values of a directive.
fn directive<'p>(policy: &'p str, name: &str) -> Option<&'p str> {
    policy.split(';').map(str::trim).find_map(|d| {
        let (own, values) = d.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((d, ""));
        own.eq_ignore_ascii_case(name).then_some(values)
    })
}

fn one_restricts(policy: &str) -> bool {
    // CSP3 §6.8.3: which directive speaks for which, the nearest first.
    let chains = [
        ["script-src-elem", "script-src", "default-src"],
        ["script-src-attr", "script-src", "default-src"],
        ["style-src-elem", "style-src", "default-src"],
        ["style-src-attr", "style-src", "default-src"],
    ];
    chains
        .iter()
        .any(|chain| chain.iter().find_map(|name| directive(policy, name)).is_some_and(|values| !allows_inline(values)))
}

/// The policy that follows the header's name, where it certainly stands there as it will be sent.
fn value(rest: &str) -> Option<&str> {
    // What formats put between a name and its value: `: `, ` "`, `", "value": "`, `"] = "`.
    let glue = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '`' | ':' | '=' | ',' | ']' | '(' | ')');
    let bare = rest.trim_start_matches(glue);
    let bare = bare.strip_prefix("value").filter(|b| b.starts_with(glue)).map_or(bare, |b| b.trim_start_matches(glue));
    let name = bare.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()?;
    let before = rest.strip_suffix(bare)?;
    let text = match before.chars().next_back() {
        Some(quote @ ('"' | '`')) if !before.ends_with("\"\"\"") => {
            let (text, after) = bare.split_once(quote)?;
            // Or the first of several strings.
            (!after.trim_start().starts_with(['+', '.', '%'])).then_some(text)?
        }
        // Up to where anything else begins, that is: more than it may be.
        _ => bare,
    };
    // Something else takes their places.
    let filled_in = ["$", "{", "%", "+", "__", "<"].iter().any(|sign| text.contains(sign));
    (DIRECTIVES.contains(&name) && !filled_in).then_some(text)
}

const DIRECTIVES: [&str; 27] = [
    "base-uri",
    "block-all-mixed-content",
    "child-src",
    "connect-src",
    "default-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "navigate-to",
    "object-src",
    "plugin-types",
    "prefetch-src",
    "report-to",
    "report-uri",
    "sandbox",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "upgrade-insecure-requests",
    "worker-src",
];

fn allows_inline(values: &str) -> bool {
    let mut inline = false;
    for value in values.split_ascii_whitespace() {
        let value = value.to_ascii_lowercase();
        inline |= value == "'unsafe-inline'";
        // CSP3 §6.7.3.2: with one of these, 'unsafe-inline' is not listened to.
        if value.starts_with("'sha") || value.starts_with("'nonce-") || value == "'strict-dynamic'" {
            return false;
        }
    }
    inline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_that_restrict_a_page() {
        for (policy, expected) in [
            ("frame-ancestors 'none'; upgrade-insecure-requests", false),
            ("img-src 'self'; object-src 'none'", false),
            ("default-src 'self' 'unsafe-inline'", false),
            ("script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'", false),
            ("default-src 'self'", true),
            ("default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'", false),
            ("style-src 'self'", true),
            ("style-src-attr 'none'; style-src 'unsafe-inline'", true),
            ("script-src 'unsafe-inline' 'sha256-x='", true),
            ("SCRIPT-SRC 'nonce-abc' 'unsafe-inline'", true),
            ("script-src 'strict-dynamic' 'unsafe-inline'", true),
            ("img-src *, style-src 'self'", true),
            ("", false),
        ] {
            assert_eq!(restricts(policy), expected, "{policy}");
        }
    }

    #[test]
    fn policies_that_keep_out_pictures_of_the_site() {
        for (policy, expected) in [
            ("script-src 'self'", true),
            ("img-src https://images.example.com", false),
            ("img-src 'none'", false),
            ("default-src 'self'; img-src https://images.example.com", false),
            ("default-src 'none'; img-src 'self' https://images.example.com", true),
            ("default-src https:", true),
            ("img-src *, img-src https://images.example.com", false),
        ] {
            assert_eq!(lets_own_images(policy), expected, "{policy}");
            let line = format!("/*\n  Content-Security-Policy: {policy}\n  X-Frame-Options: DENY\n");
            assert_eq!(text_lets_own_images(&line), expected, "{line}");
            let json = format!("{{\"key\": \"Content-Security-Policy\",\n \"value\": \"{policy}\"}}");
            assert_eq!(text_lets_own_images(&json), expected, "{json}");
        }
        assert!(!text_lets_own_images("add_header Content-Security-Policy $csp;"));
        assert!(text_lets_own_images("Content-Security-Policy-Report-Only: img-src 'none'"));
        assert!(text_lets_own_images("X-Frame-Options: DENY"));
    }

    #[test]
    fn policies_in_texts_for_hosts() {
        for (text, expected) in [
            ("  Content-Security-Policy: frame-ancestors 'none'", false),
            ("  Content-Security-Policy: frame-ancestors 'none'; script-src 'self' 'sha256-a='", true),
            ("  Content-Security-Policy: img-src 'self', style-src 'self'", true),
            ("  Content-Security-Policy-Report-Only: default-src 'self'", false),
            ("{\"key\": \"Content-Security-Policy\",\n \"value\": \"style-src 'self'; img-src *\"}", true),
            ("{\"key\": \"Content-Security-Policy\", \"value\": \"default-src 'self' 'unsafe-inline'\"}", false),
            ("Header set Content-Security-Policy \"default-src 'self'\"", true),
            ("add_header Content-Security-Policy $policy;", true),
            ("headers.set(\"Content-Security-Policy\", policy)", true),
            (
                "const csp = {\"Content-Security-Policy\": [\"style-src 'unsafe-inline'\", \"script-src 'self'\"].join(';')}",
                true,
            ),
            ("Content-Security-Policy = '''\n  frame-ancestors 'none';\n  script-src 'self' 'sha256-a='\n'''", true),
            ("add_header Content-Security-Policy $csp;\nadd_header X-Content-Type-Options nosniff;", true),
            ("{\"key\":\"Content-Security-Policy\",\"value\":\"__CSP__\"},{\"key\":\"X-Content-Type-Options\"}", true),
            ("const csp=\"script-src 'self'\"; h.set(\"Content-Security-Policy\", csp); h.set('a', 'img-src *')", true),
            ("h.set(\"Content-Security-Policy\", \"frame-ancestors 'none'; \" + rest)", true),
            ("h[`Content-Security-Policy`] = `frame-ancestors 'none'; ${rest}`", true),
            ("h[\"Content-Security-Policy\"] = \"frame-ancestors 'none'\";", false),
            ("add_header Content-Security-Policy \"frame-ancestors 'none'\" always;\nadd_header X-A \"$a\";", false),
            ("- key: Content-Security-Policy\n  value: \"img-src *\"\n", false),
            ("X-Frame-Options: DENY", false),
        ] {
            assert_eq!(is_sent(text), expected, "{text}");
        }
    }
}
