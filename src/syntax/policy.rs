//! Content-Security-Policy (CSP3), as far as it says what may stand in a page.

/// It may forbid inline code or style attributes, or allows only those whose hashes it lists: what stands in the page must stay
/// as it is, and nothing may be added to it.
pub fn restricts(policy: &str) -> bool {
    let directive = |name: &str| {
        policy.split(';').map(str::trim).find_map(|d| {
            let (own, values) = d.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((d, ""));
            own.eq_ignore_ascii_case(name).then_some(values)
        })
    };
    // CSP3 §6.8.3: which directive speaks for which, the nearest first.
    let chains = [
        ["script-src-elem", "script-src", "default-src"],
        ["script-src-attr", "script-src", "default-src"],
        ["style-src-elem", "style-src", "default-src"],
        ["style-src-attr", "style-src", "default-src"],
    ];
    chains
        .iter()
        .any(|chain| chain.iter().find_map(|name| directive(name)).is_some_and(|values| !allows_inline(values)))
}

/// In a host's file of headers, in no matter what format: some page may be sent with a policy that restricts it.
pub fn sent_with(text: &str) -> bool {
    const HEADER: &str = "content-security-policy";
    let lower = text.to_ascii_lowercase();
    lower.match_indices(HEADER).any(|(at, _)| {
        let rest = lower.get(at + HEADER.len()..).unwrap_or_default();
        if rest.starts_with("-report-only") {
            return false;
        }
        // In JSON, the value may stand on the next line.
        let mut lines = rest.lines();
        let line = lines.next().unwrap_or_default();
        let rest = if line.contains(|c: char| c.is_alphanumeric() || c == '$') {
            line
        } else {
            lines.next().unwrap_or_default()
        };
        let starts = ["default-src", "script-src", "style-src"].iter().filter_map(|name| rest.find(name)).min();
        // One that is put together elsewhere may say anything.
        let Some(policy) = starts.and_then(|at| rest.get(at..)) else { return rest.contains(['$', '{']) };
        policy.split('"').next().is_some_and(restricts)
    })
}

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
            ("", false),
        ] {
            assert_eq!(restricts(policy), expected, "{policy}");
        }
    }

    #[test]
    fn policies_in_files_of_hosts() {
        for (text, expected) in [
            ("/*\n  Content-Security-Policy: frame-ancestors 'none'\n  X-A: style-src\n", false),
            ("/*\n  Content-Security-Policy: frame-ancestors 'none'; script-src 'self' 'sha256-a='\n", true),
            ("/a\n  Content-Security-Policy: img-src *\n/b\n  content-security-policy: default-src 'self'\n", true),
            ("/*\n  Content-Security-Policy-Report-Only: default-src 'self'\n", false),
            ("{\"key\": \"Content-Security-Policy\",\n \"value\": \"style-src 'self'; img-src *\"}", true),
            ("{\"key\": \"Content-Security-Policy\", \"value\": \"default-src 'self' 'unsafe-inline'\"}", false),
            ("Header set Content-Security-Policy \"default-src 'self'\"", true),
            ("add_header Content-Security-Policy $policy;", true),
            ("X-Frame-Options: DENY", false),
        ] {
            assert_eq!(sent_with(text), expected, "{text}");
        }
    }
}
