//! The lossy encoders behind one interface: what the search turns.

use super::decode::Pixels;
use super::jpeg::Chroma;
use super::{Avif, AvifEncoder, ImageError, avif, jpeg, webp};

/// An encoder and all of its options but the quality, which is a number from 1 (small) to 100.
#[derive(Clone, Copy)]
pub(super) enum Codec {
    Avif(Avif),
    WebP { method: u8, sharp_yuv: bool },
    Jpeg { chroma: Chroma, trellis: bool },
}

impl Codec {
    /// # Errors
    /// `Encode` when the encoder fails.
    pub(super) fn encode(self, pixels: &Pixels, quality: u8) -> Result<Vec<u8>, ImageError> {
        match self {
            Self::Avif(avif) => avif::encode(pixels, quality, avif),
            Self::WebP { method, sharp_yuv } => webp::encode(pixels, quality, method, sharp_yuv),
            Self::Jpeg { chroma, trellis } => jpeg::encode(pixels, quality, chroma, trellis),
        }
    }

    /// A file of this encoder as browsers see it.
    ///
    /// # Errors
    /// `Decode` for anything else.
    pub(super) fn decode(self, file: &[u8], alpha: bool) -> Result<Pixels, ImageError> {
        match self {
            Self::Avif(_) => avif::decode(file, alpha),
            Self::WebP { .. } => webp::decode(file, alpha),
            Self::Jpeg { .. } => jpeg::decode(file).map(Pixels::from),
        }
    }

    /// The score that this quality gives on a middling photograph.
    pub(super) fn score_at(self, quality: f64) -> f64 {
        between(self.curve().iter().map(|&(score, q)| (q, score)), quality)
    }

    /// The quality that gives this score on a middling photograph.
    pub(super) fn quality_for(self, score: f64) -> f64 {
        between(self.curve().iter().copied(), score)
    }

    /// Qualities closer than this give the same file.
    pub(super) fn step(self) -> u8 {
        match self {
            // 64 quantisers.
            Self::Avif(Avif { encoder: AvifEncoder::Aom, .. }) => 2,
            _ => 1,
        }
    }

    /// Scores and qualities, both rising: medians over photographs (see the ignored test `learn`).
    fn curve(self) -> &'static [(f64, f64)] {
        match self {
            Self::Avif(Avif { encoder: AvifEncoder::Aom, full_chroma: true, speed: ..=7 }) => &[
                (30.0, 27.0),
                (50.0, 37.5),
                (60.0, 44.5),
                (70.0, 52.5),
                (75.0, 57.5),
                (80.0, 64.5),
                (85.0, 75.5),
                (90.0, 86.5),
            ],
            Self::Avif(Avif { encoder: AvifEncoder::Aom, full_chroma: true, .. }) => &[
                (30.0, 30.0),
                (50.0, 40.0),
                (60.0, 47.0),
                (70.0, 55.0),
                (75.0, 60.0),
                (80.0, 67.0),
                (85.0, 78.0),
                (90.0, 88.0),
            ],
            Self::Avif(Avif { encoder: AvifEncoder::Aom, .. }) => &[
                (30.0, 33.0),
                (50.0, 44.0),
                (60.0, 53.0),
                (70.0, 63.0),
                (75.0, 70.0),
                (80.0, 80.0),
                (85.0, 92.0),
                (90.0, 99.0),
            ],
            Self::Avif(Avif { encoder: AvifEncoder::Ravif, .. }) => &[
                (30.0, 30.0),
                (50.0, 48.0),
                (60.0, 59.0),
                (70.0, 71.0),
                (75.0, 78.0),
                (80.0, 84.0),
                (85.0, 90.0),
                (90.0, 95.0),
            ],
            Self::WebP { .. } => &[
                (30.0, 20.0),
                (50.0, 31.0),
                (60.0, 47.0),
                (70.0, 70.0),
                (75.0, 77.5),
                (80.0, 83.5),
                (85.0, 90.0),
                (90.0, 95.5),
            ],
            Self::Jpeg { chroma: Chroma::Half, .. } => &[
                (30.0, 24.0),
                (50.0, 39.0),
                (60.0, 56.0),
                (70.0, 72.0),
                (75.0, 79.5),
                (80.0, 87.0),
                (85.0, 92.0),
                (90.0, 97.0),
            ],
            Self::Jpeg { .. } => &[
                (30.0, 23.0),
                (50.0, 36.0),
                (60.0, 50.0),
                (70.0, 68.5),
                (75.0, 76.0),
                (80.0, 84.0),
                (85.0, 90.0),
                (90.0, 95.0),
            ],
        }
    }
}

/// On the line through the two points around `x`, or through the outermost two.
fn between(points: impl Iterator<Item = (f64, f64)> + Clone, x: f64) -> f64 {
    let lines = points.clone().zip(points.skip(1));
    let mut line = None;
    for pair in lines {
        line = Some(pair);
        if x <= pair.1.0 {
            break;
        }
    }
    line.map_or(x, |((x0, y0), (x1, y1))| y0 + (y1 - y0) * (x - x0) / (x1 - x0))
}
