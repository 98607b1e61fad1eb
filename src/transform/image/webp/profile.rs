//! A WebP with an ICC profile, through libwebp's multiplexer: thin bindings.

use super::{ImageError, encode_error};
use libwebp_sys::*;
use std::ffi::c_int;
use std::slice;

/// The same picture, whose samples mean what `icc` says.
///
/// # Errors
/// `Encode` when libwebp fails.
pub(super) fn with(file: &[u8], icc: &[u8]) -> Result<Vec<u8>, ImageError> {
    let failed = || encode_error("libwebp cannot put its colour profile in");
    let data = |bytes: &[u8]| WebPData { bytes: bytes.as_ptr(), size: bytes.len() };
    let mut whole = WebPData { bytes: std::ptr::null(), size: 0 };
    // SAFETY: both slices outlive all of it, and libwebp copies them (`1`). What it returns for assembled is an allocation of
    // `size` bytes, which is copied, then freed by its own function; the multiplexer is deleted on every path.
    unsafe {
        let mux = WebPMuxCreateInternal(&data(file), 1, WEBP_MUX_ABI_VERSION as c_int);
        if mux.is_null() {
            return Err(failed());
        }
        let done = WebPMuxSetChunk(mux, c"ICCP".as_ptr(), &data(icc), 1) == WebPMuxError::WEBP_MUX_OK
            && WebPMuxAssemble(mux, &mut whole) == WebPMuxError::WEBP_MUX_OK
            && !whole.bytes.is_null();
        WebPMuxDelete(mux);
        if !done {
            return Err(failed());
        }
        let made = slice::from_raw_parts(whole.bytes, whole.size).to_vec();
        WebPFree(whole.bytes.cast_mut().cast());
        Ok(made)
    }
}
