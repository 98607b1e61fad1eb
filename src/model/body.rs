use serde::{Deserialize, Serialize};

/// Text with holes: a URL is a hole in the structure, never a placeholder in the text.
///
/// `T` says what a hole leads to; it is filled by `link`, once all names are known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Body<T> {
    pub pieces: Vec<Piece<T>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Piece<T> {
    Text(String),
    Url {
        /// As it stands in the text: written again, byte for byte, when the name does not change.
        raw: String,
        /// The same, unescaped.
        url: String,
        escape: Escape,
        target: T,
    },
}

/// How a URL is written where it stands. `InStyleAttribute` is CSS inside of an HTML attribute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Escape {
    /// As it is: plain text, raw script text that needs none.
    Plain,
    /// An HTML or XML attribute value, in quotes of either kind, or XML text.
    Markup,
    /// An HTML attribute value without quotes.
    MarkupUnquoted,
    /// One URL inside a `srcset`, with quotes or without: like `Markup`, and white space and a comma at either end are
    /// percent-encoded.
    Srcset,
    CssDoubleQuoted,
    CssSingleQuoted,
    /// `url(x)` without quotes.
    CssUnquoted,
    JsDoubleQuoted,
    JsSingleQuoted,
    JsTemplate,
    /// A JSON string; also right for a double-quoted JS string.
    Json,
    /// CSS inside of a quoted HTML attribute: CSS first, then HTML.
    AttributeCssDoubleQuoted,
    AttributeCssSingleQuoted,
    AttributeCssUnquoted,
}

impl Escape {
    /// Writes `url` so that a reader of the surrounding text gets exactly `url` back.
    pub fn write(self, url: &str, out: &mut String) {
        match self {
            Self::Plain => out.push_str(url),
            Self::Markup => markup(url, out),
            Self::MarkupUnquoted => url.chars().for_each(|c| match c {
                '&' => out.push_str("&amp;"),
                '"' | '\'' | '<' | '>' | '=' | '`' => out.push_str(&format!("&#{};", c as u32)),
                c if c.is_ascii_whitespace() => out.push_str(&format!("&#{};", c as u32)),
                c => out.push(c),
            }),
            Self::Srcset => {
                let inner = url.trim_matches(',');
                let lead = url.len() - url.trim_start_matches(',').len();
                let tail = if inner.is_empty() { 0 } else { url.len() - url.trim_end_matches(',').len() };
                out.push_str(&"%2C".repeat(lead));
                inner.chars().for_each(|c| match c {
                    c if c.is_ascii_whitespace() => out.push_str(&format!("%{:02X}", c as u32)),
                    c => markup(c.encode_utf8(&mut [0; 4]), out),
                });
                out.push_str(&"%2C".repeat(tail));
            }
            Self::CssDoubleQuoted => css_string(url, '"', out),
            Self::CssSingleQuoted => css_string(url, '\'', out),
            Self::CssUnquoted => css_unquoted(url, out),
            Self::JsDoubleQuoted => js_string(url, '"', out),
            Self::JsSingleQuoted => js_string(url, '\'', out),
            Self::JsTemplate => js_string(url, '`', out),
            Self::Json => js_string(url, '"', out),
            Self::AttributeCssDoubleQuoted => via(Self::CssDoubleQuoted, url, out),
            Self::AttributeCssSingleQuoted => via(Self::CssSingleQuoted, url, out),
            Self::AttributeCssUnquoted => via(Self::CssUnquoted, url, out),
        }
    }

    /// This CSS context inside of an HTML attribute.
    #[must_use]
    pub fn in_attribute(self) -> Self {
        match self {
            Self::CssDoubleQuoted => Self::AttributeCssDoubleQuoted,
            Self::CssSingleQuoted => Self::AttributeCssSingleQuoted,
            Self::CssUnquoted => Self::AttributeCssUnquoted,
            other => other,
        }
    }
}

fn via(css: Escape, url: &str, out: &mut String) {
    let mut inner = String::with_capacity(url.len());
    css.write(url, &mut inner);
    markup(&inner, out);
}

fn markup(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

/// CSS Syntax 3 §4.3.5; a newline must be a hexadecimal escape. `<` is escaped so that no `</style` can arise.
fn css_string(url: &str, quote: char, out: &mut String) {
    for c in url.chars() {
        match c {
            '\n' | '\r' | '\x0c' | '<' | '\0' => out.push_str(&format!("\\{:x} ", c as u32)),
            c if c == quote || c == '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
}

/// CSS Syntax 3 §4.3.6.
fn css_unquoted(url: &str, out: &mut String) {
    for c in url.chars() {
        match c {
            c if (c as u32) < 0x20 || c as u32 == 0x7f || c == '<' => out.push_str(&format!("\\{:x} ", c as u32)),
            '"' | '\'' | '(' | ')' | '\\' | ' ' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
}

/// ECMA-262 §12.9.4. `<` is escaped so that no `</script` or `<!--` can arise.
fn js_string(url: &str, quote: char, out: &mut String) {
    for c in url.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            '$' if quote == '`' => out.push_str("\\$"),
            c if (c as u32) < 0x20 || c == '<' || c == '\u{2028}' || c == '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(escape: Escape, url: &str) -> String {
        let mut out = String::new();
        escape.write(url, &mut out);
        out
    }

    #[test]
    fn each_context_has_its_own_escapes() {
        let url = r#"a"b'c d(e)?x=1&y=<"#;
        assert_eq!(written(Escape::Markup, url), "a&quot;b&#39;c d(e)?x=1&amp;y=&lt;");
        assert_eq!(written(Escape::CssDoubleQuoted, url), "a\\\"b'c d(e)?x=1&y=\\3c ");
        assert_eq!(written(Escape::CssUnquoted, "a b(c).png"), "a\\ b\\(c\\).png");
        assert_eq!(written(Escape::JsSingleQuoted, url), "a\"b\\'c d(e)?x=1&y=\\u003c");
        assert_eq!(written(Escape::AttributeCssDoubleQuoted, "a\"b"), "a\\&quot;b");
        assert_eq!(written(Escape::Srcset, "a,b,"), "a,b%2C");
        assert_eq!(written(Escape::MarkupUnquoted, "a b>"), "a&#32;b&#62;");
    }
}
