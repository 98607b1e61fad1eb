//! Endings of image files by which a script may tell requests apart.

/// In a pattern: `/\.(?:jpe?g|png)$/`.
pub fn in_pattern(pattern: &str) -> impl Iterator<Item = &'static str> + '_ {
    let named = |ending: &str| match ending {
        "jpg" | "jpeg" => pattern.contains(ending) || pattern.contains("jpe?g"),
        _ => pattern.contains(ending),
    };
    ENDINGS.into_iter().filter(move |e| named(e))
}

/// A string that is nothing else: `.png`, `png`.
pub fn alone(text: &str) -> Option<&'static str> {
    let bare = text.strip_prefix('.').unwrap_or(text);
    ENDINGS.into_iter().find(|e| e.eq_ignore_ascii_case(bare))
}

const ENDINGS: [&str; 4] = ["avif", "jpeg", "jpg", "png"];
