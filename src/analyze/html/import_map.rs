//! What stands in an import map.

use std::ops::Range;

/// The names of an import map with their addresses, those of its scopes too. What it is not sure of has no name.
pub fn mapped(text: &str) -> Vec<(String, String)> {
    use serde_json::Value;
    let Ok(map) = serde_json::from_str::<Value>(text) else { return vec![(String::new(), String::new())] };
    let scopes = map.get("scopes").and_then(Value::as_object).into_iter().flat_map(|s| s.values());
    let all = map.get("imports").into_iter().chain(scopes).filter_map(Value::as_object).flatten();
    all.filter_map(|(name, url)| Some((name.clone(), url.as_str()?.to_owned()))).collect()
}

/// The JSON strings after a `:` that hold no escape, with their bytes between the quotes.
pub fn string_values(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut value = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ':' => value = true,
            '"' => {
                let mut escaped = false;
                let mut end = at + 1;
                while let Some((i, c)) = chars.next() {
                    end = i;
                    match c {
                        '\\' => {
                            escaped = true;
                            chars.next();
                        }
                        '"' => break,
                        _ => {}
                    }
                }
                if let Some(s) = text.get(at + 1..end).filter(|_| value && !escaped) {
                    found.push((at + 1..end, s.to_owned()));
                }
                value = false;
            }
            c if c.is_whitespace() => {}
            _ => value = false,
        }
    }
    found
}
