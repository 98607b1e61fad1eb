//! Pixels to fewer pixels.

use super::decode::Pixels;
use super::{ImageError, encode_error};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use std::borrow::Cow;

/// Scales down with Lanczos3 to `width` pixels, keeping the aspect ratio; borrows when there is nothing to do.
/// Colours are weighted by alpha, so that transparent pixels do not bleed into visible ones.
pub(super) fn to_width(source: &Pixels, width: u32) -> Result<Cow<'_, Pixels>, ImageError> {
    if width >= source.width {
        return Ok(Cow::Borrowed(source));
    }
    let height = height_for(source, width);
    let kind = if source.alpha { PixelType::U8x4 } else { PixelType::U8x3 };
    let from = ImageRef::new(source.width, source.height, &source.data, kind).map_err(encode_error)?;
    let mut to = Image::new(width, height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).use_alpha(true);
    Resizer::new().resize(&from, &mut to, &options).map_err(encode_error)?;
    Ok(Cow::Owned(Pixels { width, height, alpha: source.alpha, space: source.space, data: to.into_vec() }))
}

/// Rounded to the nearest, at least one pixel.
fn height_for(source: &Pixels, width: u32) -> u32 {
    let (w, h) = (u64::from(source.width), u64::from(source.height));
    let height = (u64::from(width) * h + w / 2) / w;
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}
