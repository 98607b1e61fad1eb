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

impl TransformError {
    /// An error at a byte offset of `source`.
    fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = crate::syntax::position(source, offset);
        Self { line, column, message: message.into() }
    }
}

/// Lines and columns never come near the limit.
fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What happens to comments that state a licence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Licenses {
    #[default]
    Keep,
    Drop,
}
