//! PNG: its chunks, what they say of colour, and lossless recompression.

use super::colour::{self, Meaning, Space};
use super::{ImageError, decode_error};
use png::{Decoder, Limits};
use std::io::Cursor;

/// The smallest lossless form of the file that oxipng finds at `level` (0 to 6): the same pixels at the same depth,
/// and every chunk that affects how it looks. `None` when that saves less than 1 %.
///
/// # Errors
/// `Decode` for damaged files.
pub(super) fn recompress(bytes: &[u8], level: u8) -> Result<Option<Vec<u8>>, ImageError> {
    let mut options = oxipng::Options::from_preset(level.min(6));
    options.strip = oxipng::StripChunks::Keep(VISIBLE.into_iter().collect());
    let smaller = oxipng::optimize_from_memory(bytes, &options).map_err(decode_error)?;
    let worth_it = smaller.len() as u64 * 100 <= bytes.len() as u64 * 99;
    Ok(worth_it.then_some(smaller))
}

/// Chunks that say how the samples look or at what size. oxipng's own list leaves out gamma and primaries.
const VISIBLE: [[u8; 4]; 9] =
    [*b"cICP", *b"iCCP", *b"sRGB", *b"gAMA", *b"cHRM", *b"sBIT", *b"pHYs", *b"mDCV", *b"cLLI"];

/// What the file says that its samples mean.
pub(super) fn meaning(bytes: &[u8]) -> Meaning {
    let find = |wanted: &[u8; 4]| chunks(bytes).find(|(name, _)| name == wanted);
    // The order in which browsers trust them.
    if let Some((_, data)) = find(b"cICP") {
        return match data {
            [1, 13, 0, 1] => Meaning::Is(Space::Srgb),
            [12, 13, 0, 1] => Meaning::Is(Space::DisplayP3),
            _ => Meaning::Unknown,
        };
    }
    if find(b"iCCP").is_some() {
        let reader = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_PROFILE }).read_info().ok();
        // One that cannot be read is ignored by browsers, but then its author meant something by it.
        let icc = reader.as_ref().and_then(|reader| reader.info().icc_profile.as_deref());
        return match icc.map_or(Meaning::Unknown, colour::meaning) {
            Meaning::Is(Space::Srgb) => Meaning::Is(Space::Srgb),
            // Grey samples cannot be meant by a profile of colours.
            _ if !is_coloured(bytes) => Meaning::Unknown,
            // Converted after they were rounded, deep ones would show bands.
            Meaning::Converts(_) if is_deep(bytes) => Meaning::Unknown,
            meaning => meaning,
        };
    }
    if find(b"sRGB").is_some() {
        return Meaning::Is(Space::Srgb);
    }
    let near = |data: &[u8], wanted: &[u32], tolerance: u32| {
        let (values, _) = data.as_chunks::<4>();
        values.len() == wanted.len()
            && values.iter().zip(wanted).all(|(v, w)| u32::from_be_bytes(*v).abs_diff(*w) <= tolerance)
    };
    let srgb = find(b"gAMA").is_none_or(|(_, data)| near(data, &[45_455], 500))
        && find(b"cHRM").is_none_or(|(_, data)| near(data, &SRGB_CHRM, 200));
    if srgb { Meaning::Is(Space::Srgb) } else { Meaning::Unknown }
}

/// Bytes that a profile may have when it is unpacked, beside what reading a row takes.
const MAX_PROFILE: usize = 4 << 20;

fn is_coloured(bytes: &[u8]) -> bool {
    chunks(bytes).next().and_then(|(_, header)| header.get(9)).is_some_and(|kind| matches!(kind, 2 | 3 | 6))
}

fn is_deep(bytes: &[u8]) -> bool {
    chunks(bytes).next().and_then(|(_, header)| header.get(8)) == Some(&16)
}

/// White point and primaries as x and y, times 100 000.
const SRGB_CHRM: [u32; 8] = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];

/// Names and data of the chunks before the pixels. Stops at the first that is cut short.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.split_off(..4)?.first_chunk()?);
        let name: [u8; 4] = *rest.split_off(..4)?.first_chunk()?;
        let data = rest.split_off(..length as usize)?;
        let _crc = rest.split_off(..4)?;
        (&name != b"IDAT").then_some((name, data))
    })
}
