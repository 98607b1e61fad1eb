//! AVIF, through libaom where it is built in, or through rav1e.

#[cfg(feature = "aom")]
use super::aom;
use super::decode::Pixels;
use super::{Avif, ImageError, encode_error};
use ravif::{BitDepth, Encoder, Img, RGB8, RGBA8};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AvifEncoder {
    /// libaom: much faster. Only in builds with the feature `aom`.
    Aom,
    /// rav1e, always there.
    Ravif,
}

impl Default for AvifEncoder {
    /// The best that this build has.
    fn default() -> Self {
        if cfg!(feature = "aom") { Self::Aom } else { Self::Ravif }
    }
}

/// Encodes with one thread, so that the bytes do not depend on the machine. A `drawing` keeps full chroma.
///
/// # Errors
/// `Encode` when the encoder fails or is not in this build.
pub(super) fn encode(
    pixels: &Pixels,
    quality: u8,
    avif: Avif,
    #[cfg_attr(not(feature = "aom"), expect(unused_variables))] drawing: bool,
) -> Result<Vec<u8>, ImageError> {
    let quality = quality.clamp(1, 100);
    match avif.encoder {
        #[cfg(feature = "aom")]
        AvifEncoder::Aom => aom::encode(pixels, quality, avif.speed, drawing),
        #[cfg(not(feature = "aom"))]
        AvifEncoder::Aom => Err(encode_error("needs libaom, which this build lacks")),
        AvifEncoder::Ravif => encode_with_rav1e(pixels, quality, avif.speed),
    }
}

/// Edges of alpha show more than edges of colour, and cost less: half way to lossless.
pub(super) fn alpha_quality(quality: u8) -> u8 {
    quality.midpoint(100)
}

/// Always with full chroma.
fn encode_with_rav1e(pixels: &Pixels, quality: u8, speed: u8) -> Result<Vec<u8>, ImageError> {
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let encoder = Encoder::new()
        .with_quality(f32::from(quality))
        .with_alpha_quality(f32::from(alpha_quality(quality)))
        .with_speed(speed.clamp(1, 10))
        .with_bit_depth(BitDepth::Eight)
        .with_num_threads(Some(1));
    let encoded = if pixels.alpha {
        let (samples, _) = pixels.data.as_chunks();
        let rgba: Vec<RGBA8> = samples.iter().map(|&[r, g, b, a]| RGBA8::new(r, g, b, a)).collect();
        encoder.encode_rgba(Img::new(&rgba, width, height))
    } else {
        let (samples, _) = pixels.data.as_chunks();
        let rgb: Vec<RGB8> = samples.iter().map(|&[r, g, b]| RGB8::new(r, g, b)).collect();
        encoder.encode_rgb(Img::new(&rgb, width, height))
    };
    encoded.map(|e| e.avif_file).map_err(encode_error)
}
