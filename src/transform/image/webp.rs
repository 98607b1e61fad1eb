//! WebP through libwebp.

use super::decode::Pixels;
use super::{ImageError, encode_error};
use webp::{Encoder, PixelLayout, WebPConfig};

/// Lossy at `quality` (1 to 100), with lossless alpha; for a `drawing` also without loss, and the smaller of the two.
///
/// # Errors
/// `Encode` beyond WebP's 16383 px on a side, and when libwebp fails.
pub(super) fn encode(pixels: &Pixels, quality: u8, method: u8, drawing: bool) -> Result<Vec<u8>, ImageError> {
    if pixels.width.max(pixels.height) > MAX_SIDE {
        return Err(encode_error("has a side longer than WebP's 16383 px"));
    }
    let mut config = WebPConfig::new().map_err(|()| encode_error("libwebp has another version"))?;
    config.method = i32::from(method.min(6));
    config.quality = f32::from(quality.clamp(1, 100));
    let lossy = encode_with(pixels, &config)?;
    if !drawing {
        return Ok(lossy);
    }
    config.lossless = 1;
    // Without loss, this is an effort.
    config.quality = 75.0;
    let lossless = encode_with(pixels, &config)?;
    Ok(if lossless.len() <= lossy.len() { lossless } else { lossy })
}

const MAX_SIDE: u32 = 16_383;

fn encode_with(pixels: &Pixels, config: &WebPConfig) -> Result<Vec<u8>, ImageError> {
    let layout = if pixels.alpha { PixelLayout::Rgba } else { PixelLayout::Rgb };
    Encoder::new(&pixels.data, layout, pixels.width, pixels.height)
        .encode_advanced(config)
        .map(|file| file.to_vec())
        .map_err(|error| encode_error(format!("libwebp says {error:?}")))
}
