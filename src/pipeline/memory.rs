use crate::cache::Whole;
use crate::emit::placed::Placed;
use crate::remote::Asked;
use crate::scan::Seen;
use std::sync::Arc;

/// What a process that builds again and again remembers, so that the next build reads and writes less. A build that
/// remembers nothing writes the same bytes.
#[derive(Default)]
pub struct Memory {
    pub(super) seen: Seen,
    pub(super) whole: Arc<Whole>,
    pub(super) placed: Placed,
    pub(super) asked: Asked,
}
