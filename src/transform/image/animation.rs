//! Animated GIF and PNG files as animated WebP: the same pictures at the same times.

use super::apng::Apng;
use super::colour::Space;
use super::decode::Pixels;
use super::webp::{self, Animation, Frames};
use super::{ImageError, ImageInfo, ImageOp, Loss, Made, Quality, decode_error, encode_error, gif};
use crate::model::ImageFormat;
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, RgbaImage};
use std::io::Cursor;
use std::time::Duration;

/// One file of at most nine tenths of the original: it takes browsers longer to decode.
///
/// # Errors
/// `Decode` for damaged files. `Encode` when there is none: libwebp fails, it would take too long, or it is not worth it.
pub(super) fn webp(op: &ImageOp, bytes: &[u8], info: &ImageInfo, quality: Quality) -> Result<Made, ImageError> {
    let area = u64::from(info.width) * u64::from(info.height);
    let (mut count, mut samples) = (0_u64, Vec::new());
    for frame in read(bytes, info.format)?.frames {
        let (frame, _) = frame?;
        count += 1;
        if count * area > op.limits.pixels {
            let most = super::megapixels(op.limits.pixels);
            let why = format!("its frames have more than {most} MP together, which is images.max_megapixels");
            return Err(encode_error(why));
        }
        if SAMPLES.contains(&count) {
            samples.push(pixels(frame));
        }
    }
    let how = match quality {
        // A score tells nothing of motion, and no loss is never too much.
        Quality::Score(_) => Frames::Lossless,
        Quality::Encoder(quality) if is_filmed(&samples, quality, op.webp_method)? => Frames::Mixed(quality),
        Quality::Encoder(_) => Frames::Lossless,
    };
    let Movie { plays, frames } = read(bytes, info.format)?;
    let mut animation = Animation::new((info.width, info.height), plays, how, op.webp_method)?;
    let mut at = Duration::ZERO;
    for frame in frames {
        let (frame, delay) = frame?;
        animation.add(&frame, milliseconds(at)?)?;
        at += shown(delay);
    }
    let file = animation.finish(milliseconds(at)?)?;
    let enough = bytes.len() / 10 * 9;
    if file.len() > enough {
        return Err(encode_error(format!("{} bytes, where {enough} would be worth it", file.len())));
    }
    let loss = if how == Frames::Lossless { Loss::None } else { Loss::Unknown };
    Ok(Made { height: info.height, bytes: file, loss })
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

struct Movie<'a> {
    /// How often it plays; 0 is without end.
    plays: u16,
    /// Whole pictures, and for how long each is to be seen.
    frames: Box<dyn Iterator<Item = Result<(RgbaImage, Duration), ImageError>> + 'a>,
}

fn read(bytes: &[u8], format: ImageFormat) -> Result<Movie<'_>, ImageError> {
    if format == ImageFormat::Png {
        let frames = Apng::new(bytes)?;
        return Ok(Movie { plays: u16::try_from(frames.plays()).unwrap_or(u16::MAX), frames: Box::new(frames) });
    }
    let frames = GifDecoder::new(Cursor::new(bytes)).map_err(decode_error)?.into_frames().map(|frame| {
        let frame = frame.map_err(decode_error)?;
        let delay = frame.delay().into();
        Ok((frame.into_buffer(), delay))
    });
    Ok(Movie { plays: gif::blocks(bytes).plays, frames: Box::new(frames) })
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
