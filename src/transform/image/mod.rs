//! Raster images: what they are, and smaller forms of them.
//!
//! Pure functions: no I/O, no threads, no settings but the operation itself; the same bytes and the same [`ImageOp`]
//! give the same output on any machine of one kind, however many cores it has.

mod animation;
#[cfg(feature = "aom")]
mod aom;
mod apng;
mod avif;
mod codec;
mod colour;
mod decode;
mod draft;
mod gif;
mod jpeg;
mod placeholder;
mod png;
mod probe;
mod reasons;
mod resize;
mod score;
mod search;
mod variants;
mod webp;

#[cfg(test)]
mod tests;

use crate::model::ImageFormat;
use decode::Pixels;
use image::{DynamicImage, RgbImage, RgbaImage};
use serde::{Deserialize, Serialize};

pub use avif::AvifEncoder;
pub use placeholder::Placeholder;
pub use probe::{ImageInfo, probe, sniff};
pub use search::Search;
use variants::Origin;

/// Everything that decides the output bytes besides the input bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageOp {
    /// Wanted WebP and AVIF files, and of a JPEG smaller JPEGs. Widths beyond the source's are skipped: nothing is ever
    /// scaled up.
    pub variants: Vec<VariantSpec>,
    /// How to make the file itself smaller, in its own format. Ignored where it does not fit the source's format.
    pub recompress: Option<Recompress>,
    pub limits: Limits,
    pub avif: Avif,
    /// libwebp's effort: 0 (fast) to 6 (small).
    pub webp_method: u8,
    /// For smaller JPEGs, as in [`Recompress::Jpeg`].
    pub jpeg_trellis: bool,
    pub search: Search,
    pub placeholder: Option<Placeholder>,
}

/// One wanted file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantSpec {
    /// `WebP`, `Avif`, or the source's `Jpeg`.
    pub format: ImageFormat,
    /// Pixels; the height follows from the source's aspect ratio.
    pub width: u32,
    pub quality: Quality,
    /// Only where an AVIF of a smaller width was not worth serving.
    pub spare: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quality {
    /// A score of SSIMULACRA2 that no lossy file falls below, as decoded, against the source scaled to its size.
    Score(u8),
    /// The encoder's own scale, 1 to 100.
    Encoder(u8),
}

/// Which AVIF encoder, and how hard it tries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Avif {
    pub encoder: AvifEncoder,
    /// The encoder's own scale, higher is faster: 0 to 9 for libaom, 1 to 10 for rav1e.
    pub speed: u8,
    /// Colour at full resolution also where the source may be a photograph. rav1e always does that.
    pub full_chroma: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Recompress {
    /// Lossless; oxipng's level, 0 to 6.
    Png { level: u8 },
    /// Lossy. Left out where the source is as coarse already. `trellis`: 7 % fewer bytes for four times the time.
    Jpeg { quality: Quality, trellis: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Width times height beyond which nothing is decoded.
    pub pixels: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageOutput {
    /// `None`: not worth it (less than 1 % saved, for JPEG less than 10 %) or not possible.
    pub recompressed: Option<Made>,
    /// The variants that are worth serving.
    pub variants: Vec<(VariantSpec, Made)>,
    /// A CSS `<image>` that stands behind it until it has come.
    pub placeholder: Option<String>,
    /// How often a lossy encoder ran.
    pub encodes: u32,
    /// Why something that was asked for is missing, for a person to read.
    pub notes: Vec<String>,
}

/// One encoded file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Pixels.
    pub height: u32,
    pub bytes: Vec<u8>,
    pub loss: Loss,
}

/// What an encoding cost of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Loss {
    None,
    /// What is left, as a score of SSIMULACRA2.
    Score(f64),
    /// Nobody looked.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum ImageError {
    #[error(
        "is {width}x{height} px = {} MP; the limit is {} MP; raise images.max_megapixels or exclude the file",
        megapixels(u64::from(*width) * u64::from(*height)), megapixels(*limit)
    )]
    TooLarge { width: u32, height: u32, limit: u64 },
    #[error("cannot be decoded: {reason}")]
    Decode { reason: String },
    #[error("cannot be encoded: {reason}")]
    Encode { reason: String },
    #[error("is not supported: {reason}")]
    Unsupported { reason: String },
}

/// Makes the files that `op` asks for out of one image file, decoding a still one at most once.
///
/// A picture that kiln could only get wrong (CMYK, HDR, profiles that readers differ in) comes back with nothing but a note. Of an animated one
/// there is an animated WebP as wide as it is, or nothing.
///
/// # Errors
/// `TooLarge` before anything is decoded, `Decode` for damaged files, `Unsupported` for bytes that are no image.
/// An encoder that fails costs its variant only, and leaves a note.
pub fn run(op: &ImageOp, bytes: &[u8]) -> Result<ImageOutput, ImageError> {
    let info = probe(bytes).ok_or_else(|| ImageError::Unsupported { reason: "it is no image, or cut short".into() })?;
    op.limits.check(&info)?;

    let mut output = ImageOutput::default();
    if let Some(reason) = reasons::to_leave_alone(&info, bytes) {
        output.notes.push(reason);
        return Ok(output);
    }
    let lossy_reason = reasons::to_stay_lossless(&info, bytes);
    let lossy = lossy_reason.is_none();
    output.notes.extend(lossy_reason);
    if info.animated {
        if lossy {
            animated(op, bytes, &info, &mut output)?;
        }
        return Ok(output);
    }

    if let (Some(Recompress::Png { level }), ImageFormat::Png) = (op.recompress, info.format) {
        let smaller = png::recompress(bytes, level)?;
        output.recompressed = smaller.map(|bytes| Made { height: info.height, bytes, loss: Loss::None });
    }
    let jpeg = match op.recompress {
        Some(Recompress::Jpeg { quality, trellis }) if info.format == ImageFormat::Jpeg => Some((quality, trellis)),
        _ => None,
    };
    if lossy && (jpeg.is_some() || op.placeholder.is_some() || op.variants.iter().any(|v| v.width <= info.width)) {
        let pixels = decode::decode(bytes, &info)?;
        if let Some(kind) = op.placeholder {
            match placeholder::css(kind, &pixels) {
                Ok(css) => output.placeholder = css,
                Err(error) => output.notes.push(format!("no placeholder: it {error}")),
            }
        }
        if let Some(how) = jpeg {
            variants::jpeg(op, bytes, &pixels, how, &mut output)?;
        }
        let budget = output.recompressed.as_ref().map_or(bytes, |made| &made.bytes).len();
        variants::all(op, &pixels, Origin::of(&info, bytes), budget, &mut output)?;
    }
    Ok(output)
}

fn animated(op: &ImageOp, bytes: &[u8], info: &ImageInfo, output: &mut ImageOutput) -> Result<(), ImageError> {
    let Some(spec) = op.variants.iter().find(|v| v.format == ImageFormat::WebP && v.width == info.width) else {
        output.notes.push("is animated: left as it is".into());
        return Ok(());
    };
    match animation::webp(op, bytes, info, spec.quality) {
        Ok(made) => {
            output.encodes += u32::from(made.loss != Loss::None);
            output.variants.push((spec.clone(), made));
        }
        Err(ImageError::Encode { reason }) => output.notes.push(variants::dropped(spec, &reason)),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What a version of this width is encoded from, and compared with.
///
/// # Errors
/// `Unsupported` and `Decode`, as [`run`].
pub fn scaled(bytes: &[u8], width: u32) -> Result<DynamicImage, ImageError> {
    let info = probe(bytes).ok_or_else(|| ImageError::Unsupported { reason: "it is no image, or cut short".into() })?;
    let pixels = decode::decode(bytes, &info)?;
    let Pixels { width, height, alpha, data, .. } = resize::to_width(&pixels, width)?.into_owned();
    let image = match alpha {
        true => RgbaImage::from_raw(width, height, data).map(DynamicImage::from),
        false => RgbImage::from_raw(width, height, data).map(DynamicImage::from),
    };
    image.ok_or_else(|| encode_error("its samples are not as many as its pixels"))
}

impl ImageOp {
    /// What running it on a picture of so many pixels may hold in memory, besides the file.
    pub fn memory(&self, pixels: u64) -> u64 {
        // Decoded samples, a resized copy, the encoders' planes: 17 to 26 bytes a pixel as measured, 37
        // with rav1e, 45 with the most effort.
        let encoding = pixels.saturating_mul(48);
        encoding + if self.is_by_eye() { score::scoring_bytes(pixels) } else { 0 }
    }

    fn is_by_eye(&self) -> bool {
        self.variants.iter().any(|v| matches!(v.quality, Quality::Score(_)))
            || matches!(self.recompress, Some(Recompress::Jpeg { quality: Quality::Score(_), .. }))
    }

    /// Operations that make the same files together, each without the others: the largest versions take about as long as
    /// the file itself and all smaller ones. By eye, one width is the guess for the next, so that they stay together.
    pub fn parts(&self) -> Vec<Self> {
        let widest = self.variants.iter().map(|v| v.width).max();
        let (large, small) = self.variants.iter().cloned().partition(|v| Some(v.width) == widest);
        let rest = Self { variants: small, ..self.clone() };
        let large = Self { variants: large, recompress: None, placeholder: None, ..self.clone() };
        let both = !large.variants.is_empty() && (rest.recompress.is_some() || !rest.variants.is_empty());
        if self.is_by_eye() || !both { vec![self.clone()] } else { vec![rest, large] }
    }
}

impl ImageOutput {
    /// What all parts of one operation have made: versions that are larger than the file itself has become are of no use.
    pub fn joined(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.placeholder = all.placeholder.or(part.placeholder);
            all.recompressed = all.recompressed.or(part.recompressed);
            all.variants.extend(part.variants);
            all.encodes += part.encodes;
            let new: Vec<String> = part.notes.into_iter().filter(|n| !all.notes.contains(n)).collect();
            all.notes.extend(new);
        }
        if let Some(own) = all.recompressed.as_ref().map(|made| made.bytes.len()) {
            let (kept, dropped) = all.variants.into_iter().partition(|(_, made)| made.bytes.len() < own);
            all.variants = kept;
            let dropped: Vec<(VariantSpec, Made)> = dropped;
            all.notes.extend(dropped.iter().map(|(spec, made)| variants::too_large(spec, made.bytes.len(), own)));
        }
        all
    }
}

impl Limits {
    fn check(self, info: &ImageInfo) -> Result<(), ImageError> {
        let (width, height) = (info.width, info.height);
        if u64::from(width) * u64::from(height) <= self.pixels {
            return Ok(());
        }
        Err(ImageError::TooLarge { width, height, limit: self.pixels })
    }
}

/// Rounded, for messages.
fn megapixels(pixels: u64) -> u64 {
    (pixels + 500_000) / 1_000_000
}

/// For the encoders, whose errors all end up as text.
fn encode_error(reason: impl ToString) -> ImageError {
    ImageError::Encode { reason: reason.to_string() }
}

/// For the decoders, whose errors all end up as text.
fn decode_error(reason: impl ToString) -> ImageError {
    ImageError::Decode { reason: reason.to_string() }
}
