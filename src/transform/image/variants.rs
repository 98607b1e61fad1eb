//! The wanted files of one image, width by width.

use super::codec::Codec;
use super::decode::Pixels;
use super::jpeg::Chroma;
use super::score::Reference;
use super::search::{Aim, Experience, Outcome, Search, search};
use super::{Avif, ImageError, ImageInfo, ImageOp, ImageOutput, Loss, Made, Quality, VariantSpec, jpeg, resize, webp};
use crate::model::ImageFormat;

/// How the source was compressed: a lossless file may be a drawing.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Origin {
    /// A JPEG, with this resolution of colour.
    Lossy(Chroma),
    Lossless,
}

impl Origin {
    pub(super) fn of(info: &ImageInfo, bytes: &[u8]) -> Self {
        match jpeg::Header::read(bytes).filter(|_| info.format == ImageFormat::Jpeg) {
            Some(header) => Self::Lossy(jpeg::chroma_of(&header)),
            None => Self::Lossless,
        }
    }
}

/// Writes a JPEG again where that saves at least a tenth.
///
/// # Errors
/// `Encode` and `Decode` when a codec fails.
pub(super) fn jpeg(
    op: &ImageOp,
    source: &[u8],
    pixels: &Pixels,
    (quality, trellis): (Quality, bool),
    output: &mut ImageOutput,
) -> Result<(), ImageError> {
    let Some(header) = jpeg::Header::read(source) else {
        return Ok(());
    };
    let Some(ceiling) = jpeg::ceiling(&header) else {
        return Ok(());
    };
    let own = jpeg::chroma_of(&header);
    let budget = source.len() * 9 / 10 + 1;
    let made = match quality {
        Quality::Encoder(quality) if quality > ceiling => return Ok(()),
        Quality::Encoder(quality) => {
            output.encodes += 1;
            let file = jpeg::encode(pixels, quality, own, trellis)?;
            Some((file, Loss::Unknown)).filter(|(file, _)| file.len() < budget)
        }
        Quality::Score(score) => {
            let aim = Aim { score: f64::from(score), budget, ceiling, search: op.search };
            let (outcome, encodes) = jpeg_by_eye(pixels, own, trellis, &aim)?;
            output.encodes += encodes;
            match outcome {
                Outcome::Found(found) => Some((found.file, Loss::Score(found.score))),
                Outcome::TooLarge(_) | Outcome::OutOfReach(_) => None,
            }
        }
    };
    output.recompressed = made.map(|(bytes, loss)| Made { height: pixels.height, bytes, loss });
    Ok(())
}

/// A ceiling that is middling by so much below what is wanted is not tried.
const HOPELESS: f64 = 8.0;

/// With half the colour resolution where that is good enough, else with the source's own.
fn jpeg_by_eye(pixels: &Pixels, own: Chroma, trellis: bool, aim: &Aim) -> Result<(Outcome, u32), ImageError> {
    let reference = Reference::new(pixels)?;
    let first = if own == Chroma::Full { Chroma::Half } else { own };
    let mut encodes = 0;
    let mut outcome = Outcome::OutOfReach(f64::NEG_INFINITY);
    for chroma in [first, own] {
        let codec = Codec::Jpeg { chroma, trellis };
        if codec.score_at(f64::from(aim.ceiling)) < aim.score - HOPELESS {
            continue;
        }
        // A small copy tells nothing of it: what counts is how the source was compressed.
        let mut experience = Experience::default();
        outcome = search(codec, pixels, &reference, aim, &mut experience)?;
        encodes += experience.encodes;
        if !matches!(outcome, Outcome::OutOfReach(_)) || first == own {
            break;
        }
    }
    Ok((outcome, encodes))
}

/// Makes what is wanted and smaller than `budget` bytes. One scaled copy is in memory at a time.
///
/// # Errors
/// `Encode` when the source cannot be scaled. An encoder that fails costs its file only, and leaves a note.
pub(super) fn all(
    op: &ImageOp,
    source: &Pixels,
    origin: Origin,
    budget: usize,
    output: &mut ImageOutput,
) -> Result<(), ImageError> {
    let mut widths: Vec<u32> = op.variants.iter().map(|v| v.width).collect();
    widths.retain(|&w| w > 0 && w <= source.width);
    widths.sort_unstable();
    widths.dedup();

    let scores = op.variants.iter().any(|v| matches!(v.quality, Quality::Score(_)));
    let avif = Avif { full_chroma: op.avif.full_chroma || origin == Origin::Lossless, ..op.avif };
    let drawing = origin == Origin::Lossless && is_drawing(source);
    // Otherwise saturated edges cost points that no quality brings back.
    let webp = Codec::WebP { method: op.webp_method, sharp_yuv: scores };
    let chroma = if let Origin::Lossy(chroma) = origin { chroma } else { Chroma::Full };
    // WebP first: browsers that read AVIF read WebP too, so that an AVIF must be the smaller to be of use. A page that
    // offers JPEGs offers nothing else.
    let mut codecs = [
        (ImageFormat::Jpeg, Codec::Jpeg { chroma, trellis: op.jpeg_trellis }, Experience::default()),
        (ImageFormat::WebP, webp, Experience::default()),
        (ImageFormat::Avif, Codec::Avif(avif), Experience::default()),
    ];
    let mut no_avif = false;
    for width in widths {
        let pixels = resize::to_width(source, width)?;
        let reference = if scores { Some(Reference::new(&pixels)?) } else { None };
        let scaled = Scaled { search: op.search, source, pixels: &pixels, reference, drawing };
        let mut budget = budget;
        for (format, codec, experience) in &mut codecs {
            let specs = op.variants.iter().filter(|v| v.width == width && v.format == *format);
            for spec in specs {
                if spec.spare && !no_avif {
                    continue;
                }
                match made(&scaled, *codec, spec.quality, budget, experience) {
                    Ok(made) => {
                        if *format != ImageFormat::Jpeg {
                            budget = budget.min(made.bytes.len());
                        }
                        output.variants.push((spec.clone(), made));
                    }
                    Err(why) => {
                        no_avif |= *format == ImageFormat::Avif;
                        output.notes.push(dropped(spec, &why));
                    }
                }
            }
        }
    }
    output.encodes += codecs.iter().map(|(.., experience)| experience.encodes).sum::<u32>();
    Ok(())
}

/// For a person.
pub(super) fn too_large(spec: &VariantSpec, bytes: usize, budget: usize) -> String {
    dropped(spec, &enough(bytes, budget))
}

pub(super) fn dropped(spec: &VariantSpec, why: &str) -> String {
    format!("{} px {} dropped: {why}", spec.width, spec.format.mime())
}

fn enough(bytes: usize, budget: usize) -> String {
    format!("{bytes} bytes, where {budget} are enough without it")
}

/// A source at one of its widths.
struct Scaled<'a> {
    search: Search,
    source: &'a Pixels,
    pixels: &'a Pixels,
    /// `None` when nothing is to be scored.
    reference: Option<Reference<'a>>,
    drawing: bool,
}

/// One file of less than `budget` bytes, or for a person why there is none.
fn made(
    scaled: &Scaled<'_>,
    codec: Codec,
    quality: Quality,
    budget: usize,
    experience: &mut Experience,
) -> Result<Made, String> {
    let height = scaled.pixels.height;
    let told = |error: ImageError| format!("it {error}");
    let too_large = |bytes: usize| enough(bytes, budget);
    let lossless = match codec {
        // A drawing is often smaller without loss than with a little.
        Codec::WebP { method, .. } if scaled.drawing => {
            Some(webp::encode_lossless(scaled.pixels, method).map_err(told)?)
        }
        _ => None,
    };
    let lossless = lossless.filter(|file| file.len() < budget);
    let limit = lossless.as_ref().map_or(budget, Vec::len);
    let lossy = match (quality, &scaled.reference) {
        (Quality::Score(score), Some(reference)) => {
            let aim = Aim { score: f64::from(score), budget: limit, ceiling: 100, search: scaled.search };
            learn(codec, scaled.source, scaled.pixels, &aim, experience).map_err(told)?;
            match search(codec, scaled.pixels, reference, &aim, experience).map_err(told)? {
                Outcome::Found(found) => Ok((found.file, Loss::Score(found.score))),
                Outcome::TooLarge(bytes) => Err(too_large(bytes)),
                Outcome::OutOfReach(best) => Err(format!("it scores {best:.1} at best, below {score}")),
            }
        }
        (Quality::Encoder(quality) | Quality::Score(quality), _) => {
            experience.encodes += 1;
            let file = codec.encode(scaled.pixels, quality).map_err(told)?;
            if file.len() < limit { Ok((file, Loss::Unknown)) } else { Err(too_large(file.len())) }
        }
    };
    match (lossy, lossless) {
        (Ok((bytes, loss)), _) => Ok(Made { height, bytes, loss }),
        (Err(_), Some(bytes)) => Ok(Made { height, bytes, loss: Loss::None }),
        (Err(why), None) => Err(why),
    }
}

/// Wide enough to be like the picture, and cheap to encode.
const PROBE_WIDTH: u32 = 640;
/// A picture with so many times the pixels of the probe is worth a probe.
const WORTH_A_PROBE: u64 = 6;

/// Looks at a large picture in small first, if it is the first of its image: then one encoding of it is mostly enough.
fn learn(
    codec: Codec,
    source: &Pixels,
    pixels: &Pixels,
    aim: &Aim,
    experience: &mut Experience,
) -> Result<(), ImageError> {
    let count = |p: &Pixels| u64::from(p.width) * u64::from(p.height);
    if experience.encodes > 0 || pixels.width <= PROBE_WIDTH {
        return Ok(());
    }
    let small = resize::to_width(source, PROBE_WIDTH)?;
    if count(pixels) < WORTH_A_PROBE * count(&small) {
        return Ok(());
    }
    let aim = Aim { budget: usize::MAX, ..*aim };
    search(codec, &small, &Reference::new(&small)?, &aim, experience)?;
    Ok(())
}

/// Flat areas and sharp edges, as in screenshots, charts and text: many pixels are exactly like the one before.
fn is_drawing(pixels: &Pixels) -> bool {
    let channels = pixels.channels();
    let row = (pixels.width as usize * channels).max(1);
    let equal =
        |row: &[u8]| row.chunks_exact(channels).zip(row.chunks_exact(channels).skip(1)).filter(|(a, b)| a == b).count();
    let equal: usize = pixels.data.chunks_exact(row).map(equal).sum();
    equal * 4 > pixels.width as usize * pixels.height as usize
}
