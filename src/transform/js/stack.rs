//! Deep code must not exhaust the stack, and a library's panic must not reach the caller.

use crate::transform::TransformError;
use std::thread;

/// Only reserved: the system commits what is used.
const STACK: usize = 512 << 20;
/// Deeper code than this is refused: up to here every kind of nesting was measured to fit.
const MAX_DEPTH: usize = 20_000;

/// Runs `work` on a stack that is deep enough for `source`.
pub fn run<T: Send>(
    source: &str,
    work: impl FnOnce() -> Result<T, TransformError> + Send,
) -> Result<T, TransformError> {
    if nesting(source) > MAX_DEPTH {
        return Err(refused("too deeply nested"));
    }
    thread::scope(|scope| {
        thread::Builder::new()
            .name("kiln-js".into())
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|e| refused(&e.to_string()))?
            .join()
            .unwrap_or_else(|_| Err(refused("the minifier gave up")))
    })
}

/// An error about the script as a whole.
pub fn refused(message: &str) -> TransformError {
    TransformError { line: 1, column: 1, message: message.to_owned() }
}

/// An upper estimate of how deep the tree gets: brackets that are open, and operators since the last separator in each.
fn nesting(source: &str) -> usize {
    let mut open: Vec<usize> = Vec::new();
    let (mut chain, mut depth, mut deepest) = (0usize, 0usize, 0usize);
    let mut bytes = source.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'(' | b'[' | b'{' => {
                open.push(chain);
                depth += chain + 1;
                chain = 0;
            }
            b')' | b']' | b'}' => {
                chain = open.pop().unwrap_or(0) + 1;
                depth = depth.saturating_sub(chain);
            }
            b';' | b',' => chain = 0,
            b'\'' | b'"' => skip_string(&mut bytes, byte),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'!' | b'~' | b'?' | b'=' | b'<' | b'>' | b'.' => {
                chain += 1
            }
            _ => {}
        }
        deepest = deepest.max(depth + chain);
    }
    deepest
}

fn skip_string(bytes: &mut std::str::Bytes, quote: u8) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'\n' => return,
            b if b == quote => return,
            _ => {}
        }
    }
}
