//! Of a page's sheets what it needs while they are still to come.

use super::live::Shaken;
use super::matching::Matcher;
use std::collections::HashSet;

/// Drops the animations, fonts and custom properties that then nothing names: no rule that stays, and no text of the
/// `site`, as attributes and pictures name them, too. `named` are those of other styles.
pub fn drop_unnamed(
    sheets: &mut [Shaken<'_>],
    named: &HashSet<String>,
    site: &Matcher<'_>,
    safe: &dyn Fn(&str) -> bool,
) {
    let mut dropping = true;
    while dropping {
        let mut used: HashSet<&str> = named.iter().map(String::as_str).collect();
        sheets.iter().for_each(|s| used.extend(s.words()));
        dropping = sheets.iter_mut().fold(false, |any, s| s.drop_names(&used, site, safe) | any);
    }
}
