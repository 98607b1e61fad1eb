//! Small scanners for URLs in srcset, style sheets and scripts.

use super::Found;

/// HTML §4.8.4.2.2, as far as URLs go.
pub(super) fn srcset(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return out;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let url = &rest[..end];
        rest = &rest[end..];
        out.push(url.trim_end_matches(',').to_string());
        if !url.ends_with(',') {
            let mut depth = 0;
            let end = rest.find(|c: char| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                c == ',' && depth <= 0
            });
            rest = &rest[end.unwrap_or(rest.len())..];
        }
    }
}

/// `url()`, `@import ""` and the strings of `image-set()`.
pub(super) fn css(text: &str, found: &mut Found) {
    let mut rest = text;
    let (mut functions, mut rule, mut word) = (Vec::<String>::new(), String::new(), String::new());
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("/*") {
            let note = rest.find("*/").map_or(rest, |end| &rest[..end]);
            source_map(note, found);
            rest = &rest[(note.len() + 2).min(rest.len())..];
            continue;
        }
        if c == '"' || c == '\'' {
            let (string, len) = quoted(rest, css_escape);
            let inside = functions.last().map_or("", |f| f.as_str());
            let wanted = inside == "url" || inside.ends_with("image-set") || rule == "@import" && inside.is_empty();
            if wanted && rule != "@namespace" {
                found.urls.push(string);
            }
            rest = &rest[len..];
            word.clear();
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '(' => {
                functions.push(word.to_ascii_lowercase());
                let plain = rest.trim_start();
                if functions.last().is_some_and(|f| f == "url") && !plain.starts_with(['"', '\'']) {
                    let (url, len) = unquoted(plain);
                    if rule != "@namespace" {
                        found.urls.push(url);
                    }
                    rest = &plain[len..];
                }
            }
            ')' => drop(functions.pop()),
            ';' | '{' | '}' => rule.clear(),
            c if c.is_alphanumeric() || "-_@".contains(c) => {
                word.push(c);
                if word.starts_with('@') {
                    rule = word.to_ascii_lowercase();
                }
                continue;
            }
            _ => {}
        }
        word.clear();
    }
}

/// Up to the closing parenthesis, which is left.
fn unquoted(text: &str) -> (String, usize) {
    let (mut out, mut at) = (String::new(), 0);
    while let Some(c) = text[at..].chars().next().filter(|c| *c != ')') {
        at += c.len_utf8();
        if c == '\\' {
            at += css_escape(&text[at..], &mut out);
        } else {
            out.push(c);
        }
    }
    (out.trim_end().to_string(), at)
}

/// The string at the start of `text`, unescaped, and its length with its quotes.
fn quoted(text: &str, escape: fn(&str, &mut String) -> usize) -> (String, usize) {
    let quote = text.chars().next().unwrap();
    let (mut out, mut at) = (String::new(), 1);
    while let Some(c) = text[at..].chars().next() {
        at += c.len_utf8();
        match c {
            c if c == quote => break,
            '\\' => at += escape(&text[at..], &mut out),
            c => out.push(c),
        }
    }
    (out, at)
}

/// What follows a backslash; returns how many bytes that was.
fn css_escape(text: &str, out: &mut String) -> usize {
    let hex = text.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
    let c = text.chars().next();
    if hex == 0 {
        out.extend(c.filter(|c| *c != '\n'));
        return c.map_or(0, char::len_utf8);
    }
    out.extend(u32::from_str_radix(&text[..hex], 16).ok().and_then(char::from_u32));
    hex + usize::from(text[hex..].starts_with([' ', '\t', '\n']))
}

fn js_escape(text: &str, out: &mut String) -> usize {
    let digits = match text.as_bytes().first() {
        Some(b'u') => 4,
        Some(b'x') => 2,
        _ => {
            let c = text.chars().next();
            out.extend(c);
            return c.map_or(0, char::len_utf8);
        }
    };
    let hex = text.get(1..=digits).and_then(|h| u32::from_str_radix(h, 16).ok());
    out.extend(hex.and_then(char::from_u32));
    1 + if hex.is_some() { digits } else { 0 }
}

/// Literals that can only be URLs of files: `import`, `from`, `new URL(x, import.meta.url)`, `serviceWorker.register`.
/// Bare specifiers are not files. Lines that look like comments are skipped; nothing else is understood.
pub(super) fn js(text: &str, found: &mut Found) {
    for keyword in ["import", "from", "new URL", "serviceWorker.register"] {
        for (at, _) in text.match_indices(keyword) {
            let line = text[..at].rsplit('\n').next().unwrap().trim_start();
            let before = text[..at].chars().next_back();
            let part = before.is_some_and(|c| c.is_alphanumeric() || "_$.\"'`".contains(c));
            // Scripts that are not minified name types in comments: `/** @typedef {import("./x")} */`.
            let comment = line.starts_with("//")
                || line.starts_with('*')
                || line.rfind("/*").is_some_and(|i| !line[i..].contains("*/"));
            if comment || (part && !keyword.starts_with("service")) {
                continue;
            }
            let mut rest = text[at + keyword.len()..].trim_start();
            if let Some(call) = rest.strip_prefix('(').filter(|_| keyword != "from") {
                rest = call.trim_start();
            } else if keyword.contains(['U', '.']) {
                continue;
            }
            if !rest.starts_with(['"', '\'', '`']) {
                continue;
            }
            let (url, len) = quoted(rest, js_escape);
            let after = rest[len..].trim_start();
            let is_file = match keyword {
                "new URL" => after.strip_prefix(',').is_some_and(|a| a.trim_start().starts_with("import.meta.url")),
                "serviceWorker.register" => url.starts_with('/'),
                _ => url.starts_with("./") || url.starts_with("../") || url.starts_with('/'),
            };
            if is_file && !url.contains(['\n', ' ']) && !url.contains("${") {
                found.urls.push(url);
            }
        }
    }
    if let Some((_, note)) = text.rsplit_once("//#") {
        source_map(note, found);
    }
}

fn source_map(comment: &str, found: &mut Found) {
    if let Some((_, url)) = comment.split_once("sourceMappingURL=") {
        found.urls.extend(url.split_whitespace().next().map(String::from));
    }
}
