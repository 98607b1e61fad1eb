//! How much a picture looks like another: SSIMULACRA2, where 100 is no difference, 90 none to be seen, 70 little.

use super::decode::Pixels;
use super::{ImageError, encode_error};
use fast_ssim2::{PixelDescriptor, PixelSlice, Ssimulacra2Reference, compute_ssimulacra2};
use std::borrow::Cow;

/// A picture that others are compared with, prepared once.
pub(super) struct Reference<'a> {
    pixels: &'a Pixels,
    /// One for each background. Empty for large pictures, whose preparation would take too much memory.
    prepared: Vec<Ssimulacra2Reference>,
}

/// What scoring may hold in memory for a picture of so many pixels.
pub(super) fn scoring_bytes(pixels: u64) -> u64 {
    pixels.min(BAND as u64) * 110
}

/// Pictures with more pixels are compared in bands of about so many.
const BAND: usize = 2_100_000;

impl<'a> Reference<'a> {
    /// # Errors
    /// `Encode` for pictures that the metric refuses.
    pub(super) fn new(pixels: &'a Pixels) -> Result<Self, ImageError> {
        let mut prepared = Vec::new();
        if pixels.width as usize * pixels.height as usize <= BAND {
            for background in backgrounds(pixels) {
                let flat = flattened(&pixels.data, pixels, *background);
                let slice = slice(&flat, pixels.width, pixels.height)?;
                prepared.push(Ssimulacra2Reference::new(&slice).map_err(encode_error)?);
            }
        }
        Ok(Self { pixels, prepared })
    }

    /// The score of `other`, which has the same size and layout: over every background and band, the lowest.
    ///
    /// # Errors
    /// `Encode` when sizes differ.
    pub(super) fn score(&self, other: &Pixels) -> Result<f64, ImageError> {
        let p = self.pixels;
        if (other.width, other.height, other.alpha) != (p.width, p.height, p.alpha) {
            return Err(encode_error("came out in another size"));
        }
        let mut lowest = f64::INFINITY;
        for (prepared, background) in self.prepared.iter().zip(backgrounds(p)) {
            let flat = flattened(&other.data, p, *background);
            let score = prepared.compare(&slice(&flat, p.width, p.height)?).map_err(encode_error)?;
            lowest = lowest.min(score);
        }
        if self.prepared.is_empty() {
            lowest = self.lowest_of_bands(other)?;
        }
        Ok(lowest)
    }

    fn lowest_of_bands(&self, other: &Pixels) -> Result<f64, ImageError> {
        let p = self.pixels;
        let row = p.width as usize * p.channels();
        let rows = (p.height as usize).div_ceil((p.width as usize * p.height as usize).div_ceil(BAND).max(1)).max(1);
        let mut lowest = f64::INFINITY;
        for (a, b) in p.data.chunks(rows * row).zip(other.data.chunks(rows * row)) {
            let height = u32::try_from(a.len() / row).unwrap_or(0);
            for background in backgrounds(p) {
                let (a, b) = (flattened(a, p, *background), flattened(b, p, *background));
                let score = compute_ssimulacra2(&slice(&a, p.width, height)?, &slice(&b, p.width, height)?);
                lowest = lowest.min(score.map_err(encode_error)?);
            }
        }
        Ok(lowest)
    }
}

/// What may stand behind transparency: the extremes.
fn backgrounds(pixels: &Pixels) -> &'static [u8] {
    if pixels.alpha { &[0, 255] } else { &[0] }
}

/// RGB on a grey of this level, mixed as browsers do: without undoing the tone curve.
fn flattened<'d>(data: &'d [u8], layout: &Pixels, background: u8) -> Cow<'d, [u8]> {
    if !layout.alpha {
        return Cow::Borrowed(data);
    }
    let mixed = |c: u8, a: u8| {
        let (c, a, b) = (u32::from(c), u32::from(a), u32::from(background));
        ((c * a + b * (255 - a) + 127) / 255) as u8
    };
    Cow::Owned(data.as_chunks().0.iter().flat_map(|&[r, g, b, a]| [r, g, b].map(|c| mixed(c, a))).collect())
}

fn slice(rgb: &[u8], width: u32, height: u32) -> Result<PixelSlice<'_>, ImageError> {
    PixelSlice::new(rgb, width, height, width as usize * 3, PixelDescriptor::RGB8_SRGB).map_err(encode_error)
}
