//! Media queries.

/// A media query asks for nothing but the width of the page.
pub fn is_about_widths(query: &str) -> bool {
    const WORDS: [&str; 9] = ["min-width", "max-width", "width", "and", "or", "not", "only", "screen", "all"];
    let lower = query.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.'))).filter(|w| !w.is_empty());
    let length = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && ["px", "em", "rem", "0"].iter().any(|unit| word.ends_with(unit))
    };
    words.all(|word| WORDS.contains(&word) || length(word))
}
