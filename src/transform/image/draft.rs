//! What to look at until the real thing is there.

use super::codec::Codec;
use super::jpeg::Chroma;
use super::{Avif, AvifEncoder, ImageOp, Quality, Recompress, VariantSpec};
use crate::model::ImageFormat;

impl ImageOp {
    /// The same versions, as cheaply as the encoders go: a quality that mostly gives the wanted score, without a look.
    #[must_use]
    pub fn draft(&self) -> Self {
        let fastest = match self.avif.encoder {
            AvifEncoder::Aom => 9,
            AvifEncoder::Ravif => 10,
        };
        let avif = Avif { speed: self.avif.speed.max(fastest), full_chroma: false, ..self.avif };
        let webp = Codec::WebP { method: 0, sharp_yuv: false };
        let jpeg = Codec::Jpeg { chroma: Chroma::Half, trellis: false };
        let variant = |spec: &VariantSpec| {
            let codec = match spec.format {
                ImageFormat::Avif => Codec::Avif(avif),
                ImageFormat::Jpeg => jpeg,
                _ => webp,
            };
            VariantSpec { quality: unseen(codec, spec.quality), ..spec.clone() }
        };
        let recompress = |how| match how {
            Recompress::Png { .. } => Recompress::Png { level: 0 },
            Recompress::Jpeg { quality, .. } => Recompress::Jpeg { quality: unseen(jpeg, quality), trellis: false },
        };
        Self {
            variants: self.variants.iter().map(variant).collect(),
            recompress: self.recompress.map(recompress),
            avif,
            webp_method: 0,
            jpeg_trellis: false,
            ..self.clone()
        }
    }
}

fn unseen(codec: Codec, quality: Quality) -> Quality {
    match quality {
        Quality::Score(score) => Quality::Encoder(codec.quality_for(f64::from(score)).round().clamp(1.0, 100.0) as u8),
        Quality::Encoder(_) => quality,
    }
}
