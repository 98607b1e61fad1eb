//! Makes text smaller without changing what it means. URLs are left as they are: they are found again in the result.

pub mod css;
pub mod html;
pub mod image;
pub mod js;
pub mod json;
pub mod svg;
pub mod xml;

use std::fmt;

/// Where and why a text could not be transformed. The caller keeps what it had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransformError {
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    pub message: String,
}

impl fmt::Display for TransformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for TransformError {}

/// What happens to comments that state a licence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Licenses {
    #[default]
    Keep,
    Drop,
}
