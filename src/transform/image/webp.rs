//! WebP through libwebp: thin bindings.

#![allow(unsafe_code)]

mod animation;
mod profile;

use super::colour::{DISPLAY_P3, Space};
use super::decode::Pixels;
use super::{ImageError, decode_error, encode_error};
use libwebp_sys::*;
use std::ffi::c_int;
use std::slice;

pub(super) use animation::{Animation, Frames};

/// Lossy, at `quality` (1 to 100) and with lossless alpha. `method` is the effort, 0 to 6; `sharp_yuv` takes more care
/// in halving the resolution of colour.
///
/// # Errors
/// `Encode` beyond WebP's 16383 px on a side, and when libwebp fails.
pub(super) fn encode(pixels: &Pixels, quality: u8, method: u8, sharp_yuv: bool) -> Result<Vec<u8>, ImageError> {
    let mut config = config(method)?;
    config.quality = f32::from(quality.clamp(1, 100));
    config.use_sharp_yuv = c_int::from(sharp_yuv);
    encode_with(pixels, &config)
}

/// Without loss, except for the colour of pixels that are fully transparent.
///
/// # Errors
/// As [`encode`].
pub(super) fn encode_lossless(pixels: &Pixels, method: u8) -> Result<Vec<u8>, ImageError> {
    let mut config = config(method)?;
    config.lossless = 1;
    // Without loss, this is an effort.
    config.quality = 75.0;
    encode_with(pixels, &config)
}

/// With the decoder of browsers; `alpha` says which layout the result has.
///
/// # Errors
/// `Decode` for what libwebp cannot read.
pub(super) fn decode(file: &[u8], alpha: bool) -> Result<Pixels, ImageError> {
    let (mut width, mut height): (c_int, c_int) = (0, 0);
    let channels = if alpha { 4 } else { 3 };
    let read = if alpha { WebPDecodeRGBA } else { WebPDecodeRGB };
    // SAFETY: the pointer and length are those of one slice. On success libwebp returns an allocation of
    // `width * height * channels` bytes, which is copied, then freed by the function made for that.
    unsafe {
        let samples = read(file.as_ptr(), file.len(), &mut width, &mut height);
        if samples.is_null() {
            return Err(decode_error("libwebp cannot read it"));
        }
        let size = usize::try_from(width).unwrap_or(0) * usize::try_from(height).unwrap_or(0) * channels;
        let data = slice::from_raw_parts(samples, size).to_vec();
        WebPFree(samples.cast());
        let (width, height) = (width.unsigned_abs(), height.unsigned_abs());
        Ok(Pixels { width, height, alpha, space: Space::Srgb, data })
    }
}

const MAX_SIDE: u32 = 16_383;

fn config(method: u8) -> Result<WebPConfig, ImageError> {
    let mut config = WebPConfig::new().map_err(|()| encode_error("libwebp has another version"))?;
    config.method = c_int::from(method.min(6));
    Ok(config)
}

fn encode_with(pixels: &Pixels, config: &WebPConfig) -> Result<Vec<u8>, ImageError> {
    if pixels.width.max(pixels.height) > MAX_SIDE {
        return Err(encode_error("has a side longer than WebP's 16383 px"));
    }
    let row = pixels.width as usize * pixels.channels();
    if pixels.width == 0 || pixels.data.len() < row * pixels.height as usize {
        return Err(encode_error("its samples have the wrong size"));
    }
    let import = if pixels.alpha { WebPPictureImportRGBA } else { WebPPictureImportRGB };
    let mut file: Vec<u8> = Vec::new();
    let mut picture = WebPPicture::new().map_err(|()| encode_error("libwebp has another version"))?;
    picture.width = pixels.width as c_int;
    picture.height = pixels.height as c_int;
    picture.use_argb = config.lossless | config.use_sharp_yuv;
    picture.writer = Some(append);
    picture.custom_ptr = (&raw mut file).cast();
    // SAFETY: the picture is initialised, the samples hold all the rows that are imported (checked above), and `file`
    // outlives the encoding. What the import allocated is freed on every path.
    let error = unsafe {
        let done =
            import(&mut picture, pixels.data.as_ptr(), row as c_int) != 0 && WebPEncode(config, &mut picture) != 0;
        WebPPictureFree(&mut picture);
        (!done).then_some(picture.error_code)
    };
    match error {
        None if pixels.space == Space::DisplayP3 => profile::with(&file, DISPLAY_P3),
        None => Ok(file),
        Some(code) => Err(encode_error(format!("libwebp says {code:?}"))),
    }
}

/// libwebp's writer: 1 goes on, 0 stops.
extern "C" fn append(data: *const u8, size: usize, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp calls this while `encode_with` waits, with `size` readable bytes and the picture that it was
    // given, whose `custom_ptr` points to a vector that nobody else uses meanwhile.
    unsafe {
        let file: &mut Vec<u8> = &mut *(*picture).custom_ptr.cast();
        file.extend_from_slice(slice::from_raw_parts(data, size));
    }
    1
}
