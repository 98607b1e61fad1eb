//! JSON without the white space between its tokens; every token stays byte for byte.

use serde::de::IgnoredAny;

use super::{TransformError, saturated};

/// Removes insignificant white space. Numbers, strings, duplicate keys and a byte order mark are kept as written.
pub fn minify(source: &str) -> Result<Option<String>, TransformError> {
    let (mark, text) = match source.strip_prefix('\u{feff}') {
        Some(text) => ("\u{feff}", text),
        None => ("", source),
    };
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| TransformError {
        line: saturated(error.line().max(1)),
        column: saturated(error.column().max(1)),
        message: error.to_string(),
    })?;

    let mut out = String::with_capacity(source.len());
    out.push_str(mark);
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            in_string = c == '"';
        }
        out.push(c);
    }
    Ok((out.len() < source.len()).then_some(out))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn tokens_are_kept_byte_for_byte() {
        let source =
            "{ \"a\" : 1.50e+10,\n\t\"a\" : 12345678901234567890123, \"b \\\" \\\\\" : [ -0.0 , \"\\u00e9  \" ] }\n";
        let expected = "{\"a\":1.50e+10,\"a\":12345678901234567890123,\"b \\\" \\\\\":[-0.0,\"\\u00e9  \"]}";
        assert_eq!(minify(source).unwrap().as_deref(), Some(expected));
    }

    #[test]
    fn nothing_gained_is_none() {
        for source in ["{\"a\":1}", "1", "\"a b\"", "[]"] {
            assert_eq!(minify(source), Ok(None), "{source}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_kept() {
        assert_eq!(minify("\u{feff}[ 1 ]").unwrap().as_deref(), Some("\u{feff}[1]"));
        assert_eq!(minify("\u{feff}[1]"), Ok(None));
    }

    #[test]
    fn invalid_json_has_a_place() {
        let error = minify("{\n  \"a\": 1,\n}").unwrap_err();
        assert_eq!((error.line, error.column), (3, 1));
        for source in ["", " ", "{", "[1,]", "{a:1}", "// x\n1", "1 2", "'a'", "\"\n\"", "\u{a0}1"] {
            assert!(minify(source).is_err(), "{source:?}");
        }
    }

    /// Any JSON value, a few levels deep.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ \\\\\"\t\n{}:,]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn minified_means_the_same(value in values()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let small = minify(&pretty).unwrap().unwrap_or(pretty);
            prop_assert_eq!(&serde_json::from_str::<Value>(&small).unwrap(), &value);
            prop_assert_eq!(small, serde_json::to_string(&value).unwrap());
        }
    }
}
