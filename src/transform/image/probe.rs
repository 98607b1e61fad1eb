//! What an image is, by its content and without decoding it.

use super::{gif, png};
use crate::model::ImageFormat;
use serde::{Deserialize, Serialize};
use std::io::Cursor;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageInfo {
    pub format: ImageFormat,
    /// Pixels, as displayed: the orientation is applied.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// EXIF orientation, 1 to 8; 1 is upright, 5 to 8 swap width and height.
    pub orientation: u8,
    /// More than one frame.
    pub animated: bool,
}

/// Reads format, dimensions, orientation and animation. `None`: not an image, its header is damaged, or a WebP or GIF
/// that ends early.
pub fn probe(bytes: &[u8]) -> Option<ImageInfo> {
    let format = sniff(bytes)?;
    let whole = match format {
        ImageFormat::WebP => !is_cut_short(bytes),
        ImageFormat::Gif => gif::blocks(bytes).whole,
        _ => true,
    };
    if !whole {
        return None;
    }
    let size = imagesize::blob_size(bytes).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    let orientation = orientation(format, bytes);
    let (width, height) = match orientation {
        5..=8 => (height, width),
        _ => (width, height),
    };
    (width > 0 && height > 0).then_some(ImageInfo {
        format,
        width,
        height,
        orientation,
        animated: is_animated(format, bytes),
    })
}

/// The format by its magic bytes alone: the first 64 bytes of a file are enough.
pub fn sniff(bytes: &[u8]) -> Option<ImageFormat> {
    use ImageFormat::*;
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(WebP),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => sniff_brands(bytes),
        // An icon directory: at least one entry, whose reserved byte is zero.
        [0, 0, 1, 0, count, 0, _, _, _, 0, ..] if *count > 0 => Some(Ico),
        // JPEG XL: a bare codestream, or a container.
        [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => Some(Unsupported),
        [b'I', b'I', 0x2a, 0, ..] | [b'M', b'M', 0, 0x2a, ..] => Some(Unsupported),
        // Two letters are not much: BMP's four reserved bytes are zero, which no text has.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(Unsupported),
        _ => None,
    }
}

/// A RIFF file says how long it is.
fn is_cut_short(riff: &[u8]) -> bool {
    let stated = riff.get(4..).and_then(|rest| rest.first_chunk()).map_or(0, |length| u32::from_le_bytes(*length));
    u64::from(stated) + 8 > riff.len() as u64
}

/// ISO media files: pictures among them say so in a brand, films have other brands.
fn sniff_brands(bytes: &[u8]) -> Option<ImageFormat> {
    let has = |wanted: &[&[u8; 4]]| brands(bytes).any(|b| wanted.iter().any(|w| b == *w));
    if has(&[b"avif", b"avis"]) {
        Some(ImageFormat::Avif)
    } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
        Some(ImageFormat::Unsupported)
    } else {
        None
    }
}

/// The major and the compatible brands of an `ftyp` box.
fn brands(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let length = bytes.first_chunk().map_or(0, |length| u32::from_be_bytes(*length) as usize);
    let end = length.min(bytes.len());
    // The minor version stands among them as a number, and never looks like a brand.
    bytes.get(8..end).unwrap_or_default().chunks_exact(4)
}

/// The EXIF data of a file, as far as it can be read: cameras write it wrong in places, and browsers take what they can.
pub(super) fn exif(bytes: &[u8]) -> Option<exif::Exif> {
    exif::Reader::new()
        .continue_on_error(true)
        .read_from_container(&mut Cursor::new(bytes))
        .or_else(|error| error.distill_partial_result(|_| {}))
        .ok()
}

/// The orientation that browsers apply. AVIF is left out: it is turned by a property that `imagesize` reads.
fn orientation(format: ImageFormat, bytes: &[u8]) -> u8 {
    use ImageFormat::{Jpeg, Png, WebP};
    if !matches!(format, Jpeg | Png | WebP) {
        return 1;
    }
    exif(bytes)
        .and_then(|exif| {
            let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?;
            u8::try_from(field.value.get_uint(0)?).ok()
        })
        .filter(|o| (1..=8).contains(o))
        .unwrap_or(1)
}

fn is_animated(format: ImageFormat, bytes: &[u8]) -> bool {
    match format {
        ImageFormat::Gif => gif::blocks(bytes).frames > 1,
        ImageFormat::Png => png::chunks(bytes).any(|(name, _)| &name == b"acTL"),
        // The animation flag of the extended header.
        ImageFormat::WebP => bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0),
        ImageFormat::Avif => brands(bytes).any(|b| b == b"avis"),
        _ => false,
    }
}
