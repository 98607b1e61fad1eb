//! What the `<picture style>` that kiln puts around an image could be.

use cssparser::{Parser, Token};

/// Pseudo-classes of elements that a `<picture>` without `id` is none of: the root, links, controls, media.
pub const NEVER_A_PICTURE: [&str; 34] = [
    "any-link",
    "autofill",
    "buffering",
    "checked",
    "default",
    "disabled",
    "empty",
    "enabled",
    "focus",
    "focus-visible",
    "fullscreen",
    "host",
    "in-range",
    "indeterminate",
    "invalid",
    "link",
    "local-link",
    "modal",
    "muted",
    "open",
    "optional",
    "out-of-range",
    "paused",
    "placeholder-shown",
    "playing",
    "popover-open",
    "required",
    "root",
    "scope",
    "target",
    "user-invalid",
    "user-valid",
    "valid",
    "visited",
];

/// An attribute selector that a `style` could match.
pub fn names_style(input: &mut Parser) -> bool {
    let mut found = false;
    while let Ok(token) = input.next() {
        found |= matches!(token, Token::Ident(name) if name.eq_ignore_ascii_case("style"));
    }
    found
}
