//! kiln fires a finished web build.

pub mod model;
pub mod syntax;
