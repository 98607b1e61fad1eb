//! Files to pixels.

use super::colour::{self, Meaning, Space};
use super::{ImageError, ImageInfo, decode_error, jpeg, png};
use crate::model::ImageFormat;
use image::{DynamicImage, ImageReader, RgbImage, metadata::Orientation};
use std::io::Cursor;

/// Eight bits a sample, row after row without padding, the right way up: RGB, or RGBA with colours not multiplied by alpha.
#[derive(Clone)]
pub(super) struct Pixels {
    pub width: u32,
    pub height: u32,
    pub alpha: bool,
    pub space: Space,
    /// `width * height * channels()` bytes.
    pub data: Vec<u8>,
}

impl Pixels {
    pub(super) fn channels(&self) -> usize {
        if self.alpha { 4 } else { 3 }
    }
}

impl From<RgbImage> for Pixels {
    fn from(image: RgbImage) -> Self {
        Self { width: image.width(), height: image.height(), alpha: false, space: Space::Srgb, data: image.into_raw() }
    }
}

/// Decodes a JPEG, PNG or GIF (its first frame), and turns it as its EXIF orientation says.
/// The caller has checked its dimensions and that it is known what its samples mean.
///
/// # Errors
/// `Decode` for damaged files, and for JPEGs that end early: a browser shows their upper part, an encoder would make
/// the grey of the rest permanent.
pub(super) fn decode(bytes: &[u8], info: &ImageInfo) -> Result<Pixels, ImageError> {
    let mut image = match info.format {
        ImageFormat::Jpeg if !jpeg::is_complete(bytes) => {
            return Err(decode_error("the JPEG ends early"));
        }
        ImageFormat::Jpeg => jpeg::decode(bytes)?.into(),
        ImageFormat::Png => other(bytes, image::ImageFormat::Png)?,
        ImageFormat::Gif => other(bytes, image::ImageFormat::Gif)?,
        other => {
            return Err(ImageError::Unsupported { reason: format!("there is no decoder for {}", other.mime()) });
        }
    };
    if let Some(orientation) = Orientation::from_exif(info.orientation) {
        image.apply_orientation(orientation);
    }
    let pixels = into_pixels(image);
    if (pixels.width, pixels.height) != (info.width, info.height) {
        return Err(decode_error("its header and its data differ in size"));
    }
    let meaning = match info.format {
        ImageFormat::Jpeg => jpeg::Header::read(bytes).map(|header| header.meaning()),
        ImageFormat::Png => Some(png::meaning(bytes)),
        _ => None,
    };
    match meaning {
        Some(Meaning::Is(space)) => Ok(Pixels { space, ..pixels }),
        Some(Meaning::Converts(profile)) => colour::convert(pixels, &profile),
        Some(Meaning::Unknown) | None => Ok(pixels),
    }
}

fn other(bytes: &[u8], format: image::ImageFormat) -> Result<DynamicImage, ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // The header was checked against the operation's own limit.
    reader.no_limits();
    reader.decode().map_err(decode_error)
}

/// An alpha channel that is opaque everywhere is dropped: it would cost bytes in every variant.
fn into_pixels(image: DynamicImage) -> Pixels {
    let (width, height) = (image.width(), image.height());
    let (alpha, data) = if image.color().has_alpha() {
        let rgba = image.into_rgba8();
        if rgba.pixels().any(|p| p.0[3] != 255) {
            (true, rgba.into_raw())
        } else {
            (false, DynamicImage::from(rgba).into_rgb8().into_raw())
        }
    } else {
        (false, image.into_rgb8().into_raw())
    };
    Pixels { width, height, alpha, space: Space::Srgb, data }
}
