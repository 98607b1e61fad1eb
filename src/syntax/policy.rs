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
        !rest.starts_with("-report-only") && (!is_literal(rest) || rest.split(['"', '`']).any(piece_restricts))
    })
}

/// In such a text, whatever it says.
pub fn is_mentioned(text: &str) -> bool {
    text.to_ascii_lowercase().contains(HEADER)
}

const HEADER: &str = "content-security-policy";

fn one_restricts(policy: &str) -> bool {
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

/// Its directives stand there, and are not put together elsewhere.
fn is_literal(text: &str) -> bool {
    ["-src", "-ancestors", "-uri", "-action", "-requests", "-content"].iter().any(|end| text.contains(end))
}

/// From its first directive for code or styles on; what stands before are names, quotes and colons.
fn piece_restricts(text: &str) -> bool {
    let starts = ["default-src", "script-src", "style-src"].iter().filter_map(|name| text.find(name)).min();
    starts.and_then(|at| text.get(at..)).is_some_and(restricts)
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
            ("img-src *, style-src 'self'", true),
            ("", false),
        ] {
            assert_eq!(restricts(policy), expected, "{policy}");
        }
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
            ("X-Frame-Options: DENY", false),
        ] {
            assert_eq!(is_sent(text), expected, "{text}");
        }
    }
}
