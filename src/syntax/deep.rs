//! Parsers of scripts recurse as deep as the code is nested: a stack that deep code cannot exhaust.

use std::thread;

/// Only reserved: the system commits what is used.
const STACK: usize = 512 << 20;

/// Runs `work`, which recurses into `source`, on a deep stack.
///
/// # Errors
/// What to say of `source` when it is nested deeper than `limit`, when there is no thread for it, or when `work` panicked.
pub fn run<T: Send>(source: &str, limit: usize, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    if nesting(source) > limit {
        return Err("too deeply nested".into());
    }
    thread::scope(|scope| {
        thread::Builder::new()
            .name("kiln-js".into())
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|e| e.to_string())?
            .join()
            .map_err(|_| "the parser gave up".into())
    })
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
