//! Raster images: what they are, and smaller forms of them.
//!
//! Pure functions: no I/O, no threads, no settings but the operation itself; the same bytes and the same [`ImageOp`]
//! give the same output on any machine of one kind, however many cores it has.

#[cfg(feature = "aom")]
mod aom;
mod avif;
mod colour;
mod decode;
mod jpeg;
mod png;
mod probe;
mod reasons;
mod resize;
mod webp;

#[cfg(test)]
mod tests;

use crate::model::ImageFormat;
use decode::Pixels;
use serde::{Deserialize, Serialize};

pub use avif::AvifEncoder;
pub use probe::{ImageInfo, probe, sniff};

/// Everything that decides the output bytes besides the input bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageOp {
    /// Wanted WebP and AVIF files. Widths beyond the source's are skipped: nothing is ever scaled up.
    pub variants: Vec<VariantSpec>,
    /// How to make the file itself smaller, in its own format. Ignored where it does not fit the source's format.
    pub recompress: Option<Recompress>,
    pub limits: Limits,
    pub avif: Avif,
    /// libwebp's effort: 0 (fast) to 6 (small).
    pub webp_method: u8,
    /// The picture may be a drawing: for PNG and GIF sources a lossless WebP is tried too and AVIF keeps full chroma.
    pub lossless_ok: bool,
}

/// One wanted file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantSpec {
    /// `WebP` or `Avif`.
    pub format: ImageFormat,
    /// Pixels; the height follows from the source's aspect ratio.
    pub width: u32,
    /// The encoder's own scale, 1 to 100.
    pub quality: u8,
}

/// Which AVIF encoder, and how hard it tries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Avif {
    pub encoder: AvifEncoder,
    /// The encoder's own scale, higher is faster: 0 to 9 for libaom, 1 to 10 for rav1e.
    pub speed: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Recompress {
    /// Lossless; oxipng's level, 0 to 6.
    Png { level: u8 },
    /// Lossy; mozjpeg's quality, 1 to 100. Left out where the source is at or below it already.
    Jpeg { quality: u8 },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Width times height beyond which nothing is decoded.
    pub pixels: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageOutput {
    /// `None`: not worth it (less than 1 % saved, for JPEG less than 10 %) or not possible.
    pub recompressed: Option<Vec<u8>>,
    /// The variants that are worth serving, each with its height in pixels and its bytes.
    pub variants: Vec<(VariantSpec, u32, Vec<u8>)>,
    /// Why something that was asked for is missing, for a person to read.
    pub notes: Vec<String>,
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

/// Makes the files that `op` asks for out of one image file, decoding it at most once.
///
/// A picture that kiln could only get wrong (animation, CMYK, wide gamut, HDR) comes back with nothing but a note.
///
/// # Errors
/// `TooLarge` before anything is decoded, `Decode` for damaged files, `Unsupported` for bytes that are no image.
/// An encoder that fails costs its variant only, and leaves a note.
pub fn run(op: &ImageOp, bytes: &[u8]) -> Result<ImageOutput, ImageError> {
    let info =
        probe(bytes).ok_or_else(|| ImageError::Unsupported { reason: "its header is not that of an image".into() })?;
    op.limits.check(&info)?;

    let mut notes = Vec::new();
    if let Some(reason) = reasons::to_leave_alone(&info, bytes) {
        notes.push(reason);
        return Ok(ImageOutput { recompressed: None, variants: Vec::new(), notes });
    }
    let lossy_reason = reasons::to_stay_lossless(&info, bytes);
    let lossy = lossy_reason.is_none();
    notes.extend(lossy_reason);

    let mut pixels = None;
    let recompressed = match op.recompress {
        Some(Recompress::Png { level }) if info.format == ImageFormat::Png => png::recompress(bytes, level)?,
        Some(Recompress::Jpeg { quality }) if info.format == ImageFormat::Jpeg && lossy => {
            let decoded = pixels.insert(decode::decode(bytes, &info)?);
            jpeg::recompress(bytes, decoded, quality)?
        }
        _ => None,
    };

    let mut variants = Vec::new();
    if lossy && op.variants.iter().any(|v| v.width <= info.width) {
        let pixels = match pixels {
            Some(pixels) => pixels,
            None => decode::decode(bytes, &info)?,
        };
        let budget = recompressed.as_deref().unwrap_or(bytes).len();
        let drawing = op.lossless_ok && info.format != ImageFormat::Jpeg;
        variants = encode_all(op, &pixels, drawing, budget, &mut notes)?;
    }
    Ok(ImageOutput { recompressed, variants, notes })
}

/// Encodes width by width, so that only one scaled copy is in memory, and keeps what is smaller than `budget` bytes.
fn encode_all(
    op: &ImageOp,
    source: &Pixels,
    drawing: bool,
    budget: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<(VariantSpec, u32, Vec<u8>)>, ImageError> {
    let mut widths: Vec<u32> = op.variants.iter().map(|v| v.width).collect();
    widths.retain(|&w| w > 0 && w <= source.width);
    widths.sort_unstable();
    widths.dedup();

    let mut kept = Vec::new();
    for width in widths {
        let pixels = resize::to_width(source, width)?;
        let mut of_width = Vec::new();
        for spec in op.variants.iter().filter(|v| v.width == width) {
            let encoded = match spec.format {
                ImageFormat::WebP => webp::encode(&pixels, spec.quality, op.webp_method, drawing),
                ImageFormat::Avif => avif::encode(&pixels, spec.quality, op.avif, drawing),
                _ => Err(ImageError::Unsupported { reason: "variants are WebP or AVIF".into() }),
            };
            let name = format!("{width} px {}", spec.format.mime());
            match encoded {
                Ok(file) if file.len() < budget => of_width.push((spec.clone(), pixels.height, file)),
                Ok(file) => notes.push(format!("{name} dropped: {} bytes, the file itself has {budget}", file.len())),
                Err(error) => notes.push(format!("{name} dropped: it {error}")),
            }
        }
        kept.append(&mut without_useless_avif(of_width, notes));
    }
    Ok(kept)
}

/// Browsers that read AVIF read WebP too: of two files of one size in pixels, an AVIF must be the smaller to be of use.
fn without_useless_avif(
    mut files: Vec<(VariantSpec, u32, Vec<u8>)>,
    notes: &mut Vec<String>,
) -> Vec<(VariantSpec, u32, Vec<u8>)> {
    let smallest_webp = files
        .iter()
        .filter(|(spec, ..)| spec.format == ImageFormat::WebP)
        .map(|(.., file)| file.len())
        .min()
        .unwrap_or(usize::MAX);
    files.retain(|(spec, _, file)| {
        let keep = spec.format != ImageFormat::Avif || file.len() < smallest_webp;
        if !keep {
            notes.push(format!(
                "{} px image/avif dropped: {} bytes, the WebP has {smallest_webp}",
                spec.width,
                file.len()
            ));
        }
        keep
    });
    files
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
