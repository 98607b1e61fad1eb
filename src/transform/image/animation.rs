//! Animated GIF and PNG files as animated WebP: the same pictures at the same times.

use super::apng::Apng;
use super::colour::{Meaning, Space};
use super::decode::Pixels;
use super::webp::{self, Animation, Frames};
use super::{ImageError, ImageInfo, ImageOp, Loss, Made, Quality, VariantSpec, decode_error, gif, png};
use crate::model::ImageFormat;
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, RgbaImage};
use std::io::Cursor;
use std::time::Duration;

/// How often it plays; 0 is without end. Or for a person, why it has to stay what it is.
///
/// # Errors
/// `Decode` for damaged files.
pub(super) fn plays(bytes: &[u8], info: &ImageInfo) -> Result<Result<u16, &'static str>, ImageError> {
    match info.format {
        ImageFormat::Gif => Ok(Ok(gif::blocks(bytes).plays)),
        ImageFormat::Png if !matches!(png::meaning(bytes), Meaning::Is(Space::Srgb)) => {
            Ok(Err("is animated, with a colour profile: left as it is"))
        }
        ImageFormat::Png if info.orientation != 1 => Ok(Err("is animated, with an EXIF orientation: left as it is")),
        ImageFormat::Png => Ok(Ok(u16::try_from(Apng::new(bytes)?.plays()).unwrap_or(u16::MAX))),
        _ => Ok(Err("is animated: left as it is")),
    }
}

/// One file of less than nine tenths of the original: it takes browsers longer to decode. Or for a person why there is none.
///
/// # Errors
/// `Decode` for damaged files, `Encode` when libwebp fails.
pub(super) fn made(
    op: &ImageOp,
    bytes: &[u8],
    info: &ImageInfo,
    plays: u16,
    spec: &VariantSpec,
) -> Result<Result<Made, String>, ImageError> {
    let area = u64::from(info.width) * u64::from(info.height);
    let (mut frames, mut samples) = (0_u64, Vec::new());
    for frame in decoded(bytes, info.format)? {
        let (frame, _) = frame?;
        frames += 1;
        if frames * area > op.limits.pixels {
            let most = super::megapixels(op.limits.pixels);
            return Ok(Err(format!("its frames have more than {most} MP together, which is images.max_megapixels")));
        }
        if SAMPLES.contains(&frames) {
            samples.push(pixels(frame));
        }
    }
    let how = match spec.quality {
        // A score tells nothing of motion, and no loss is never too much.
        Quality::Score(_) => Frames::Lossless,
        Quality::Encoder(quality) if is_filmed(&samples, quality, op.webp_method)? => Frames::Mixed(quality),
        Quality::Encoder(_) => Frames::Lossless,
    };
    let mut animation = Animation::new((info.width, info.height), plays, how, op.webp_method)?;
    let mut at = Duration::ZERO;
    for frame in decoded(bytes, info.format)? {
        let (frame, delay) = frame?;
        animation.add(&frame, milliseconds(at)?)?;
        at += shown(delay);
    }
    let file = animation.finish(milliseconds(at)?)?;
    let enough = bytes.len() / 10 * 9;
    if file.len() > enough {
        return Ok(Err(format!("{} bytes, where {enough} would be worth it", file.len())));
    }
    let loss = if how == Frames::Lossless { Loss::None } else { Loss::Unknown };
    Ok(Ok(Made { height: info.height, bytes: file, loss }))
}

/// The frames, counted from one, by which an animation is judged.
const SAMPLES: [u64; 5] = [1, 4, 16, 64, 256];

/// It shows something like photographs. Of a drawing or a recorded screen, whose edges would suffer, a file without loss is
/// about as small as one with.
fn is_filmed(samples: &[Pixels], quality: u8, method: u8) -> Result<bool, ImageError> {
    let (mut lossy, mut lossless) = (0, 0);
    for frame in samples {
        lossy += webp::encode(frame, quality, method, false)?.len();
        lossless += webp::encode_lossless(frame, method)?.len();
    }
    Ok(lossy * 2 < lossless)
}

type Decoded<'a> = Box<dyn Iterator<Item = Result<(RgbaImage, Duration), ImageError>> + 'a>;

/// Whole pictures, and for how long each is to be seen.
fn decoded(bytes: &[u8], format: ImageFormat) -> Result<Decoded<'_>, ImageError> {
    if format == ImageFormat::Png {
        return Ok(Box::new(Apng::new(bytes)?));
    }
    let frames = GifDecoder::new(Cursor::new(bytes)).map_err(decode_error)?.into_frames();
    Ok(Box::new(frames.map(|frame| {
        let frame = frame.map_err(decode_error)?;
        let delay = frame.delay().into();
        Ok((frame.into_buffer(), delay))
    })))
}

/// Browsers show frames that are to stand for 10 ms or less for a tenth of a second.
fn shown(delay: Duration) -> Duration {
    if delay <= Duration::from_millis(10) { Duration::from_millis(100) } else { delay }
}

/// To the nearest.
fn milliseconds(time: Duration) -> Result<u32, ImageError> {
    u32::try_from((time.as_micros() + 500) / 1000).map_err(|_| decode_error("it plays for weeks"))
}

fn pixels(image: RgbaImage) -> Pixels {
    Pixels { width: image.width(), height: image.height(), alpha: true, space: Space::Srgb, data: image.into_raw() }
}
