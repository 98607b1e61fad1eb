//! JPEG: what its header says, and lossy recompression.

use super::colour::{self, DISPLAY_P3, Meaning, Space};
use super::decode::Pixels;
use super::{ImageError, decode_error, encode_error};
use image::RgbImage;
use mozjpeg::Compress;
use std::panic::{AssertUnwindSafe, catch_unwind};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

/// What the markers before the pixels say.
pub(super) struct Header {
    /// Huffman-coded DCT, baseline or progressive: what every decoder reads.
    pub huffman: bool,
    /// Bits per sample.
    pub precision: u8,
    pub components: u8,
    /// Three components that are not YCbCr. Decoders disagree on how to tell.
    pub rgb: bool,
    /// Every component has full resolution.
    pub full_chroma: bool,
    /// Sum of the first component's 64 quantisers.
    pub coarseness: Option<u32>,
    pub icc: Option<Vec<u8>>,
}

/// How to write the decoded file again: chroma at full resolution only where the source has it, grey stays grey.
pub(super) fn chroma_of(header: &Header) -> Chroma {
    match header {
        Header { components: 1, .. } => Chroma::None,
        Header { full_chroma, .. } if *full_chroma => Chroma::Full,
        _ => Chroma::Half,
    }
}

/// The highest quality at which a file is coarser than the source: what lies above cannot look better, and a second
/// loss must be worth it. `None` when every quality does.
pub(super) fn ceiling(header: &Header) -> Option<u8> {
    let Some(source) = header.coarseness else {
        return Some(100);
    };
    let coarser = |quality: &u8| {
        let block = encode_samples(&[0; 64], (8, 8), Space::Srgb, *quality, Chroma::None, true).ok();
        block.and_then(|b| Header::read(&b)?.coarseness).is_some_and(|c| c > source)
    };
    let qualities: Vec<u8> = (1..=100).collect();
    // Coarseness falls as quality rises.
    qualities.partition_point(coarser).checked_sub(1).and_then(|last| qualities.get(last).copied())
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Chroma {
    /// One sample per pixel.
    None,
    /// 4:2:0.
    Half,
    /// 4:4:4.
    Full,
}

/// Progressive, without any metadata: the orientation is in the pixels by now, and they are sRGB.
///
/// # Errors
/// `Encode` when mozjpeg fails.
pub(super) fn encode(pixels: &Pixels, quality: u8, chroma: Chroma, trellis: bool) -> Result<Vec<u8>, ImageError> {
    let grey: Vec<u8>;
    let samples = if chroma == Chroma::None {
        grey = pixels.data.iter().step_by(pixels.channels()).copied().collect();
        &grey
    } else {
        &pixels.data
    };
    encode_samples(samples, (pixels.width, pixels.height), pixels.space, quality, chroma, trellis)
}

/// Not turned. Of damaged data every decoder makes another picture, so none is made here.
///
/// # Errors
/// `Decode` for damaged files.
pub(super) fn decode(file: &[u8]) -> Result<RgbImage, ImageError> {
    let side = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(side).set_max_height(side);
    let mut decoder =
        JpegDecoder::new_with_options(ZCursor::new(file), options.jpeg_set_out_colorspace(ColorSpace::RGB));
    let samples = decoder.decode().map_err(decode_error)?;
    let size = decoder.info().map(|info| (u32::from(info.width), u32::from(info.height)));
    let image = size.and_then(|(width, height)| RgbImage::from_raw(width, height, samples));
    image.ok_or_else(|| decode_error("its header and its data differ in size"))
}

fn encode_samples(
    samples: &[u8],
    (width, height): (u32, u32),
    space: Space,
    quality: u8,
    chroma: Chroma,
    trellis: bool,
) -> Result<Vec<u8>, ImageError> {
    // mozjpeg reports errors by unwinding, without a panic message.
    catch_unwind(AssertUnwindSafe(|| {
        let mut compress = Compress::new(match chroma {
            Chroma::None => mozjpeg::ColorSpace::JCS_GRAYSCALE,
            Chroma::Half | Chroma::Full => mozjpeg::ColorSpace::JCS_RGB,
        });
        compress.set_size(width as usize, height as usize);
        let quality = f32::from(quality.clamp(1, 100));
        if trellis {
            compress.set_quality(quality);
        } else {
            compress.set_fastest_defaults();
            compress.set_optimize_coding(true);
            // The tables that mozjpeg has otherwise, but for steps above 255 at qualities below 70.
            let table = mozjpeg::qtable::NRobidoux.scaled(quality, quality);
            compress.set_luma_qtable(&table);
            compress.set_chroma_qtable(&table);
        }
        // Searching for the best order of scans saves 2 % of the bytes for 60 % more time.
        compress.set_optimize_scans(false);
        compress.set_progressive_mode();
        match chroma {
            Chroma::None => {}
            Chroma::Half => compress.set_chroma_sampling_pixel_sizes((2, 2), (2, 2)),
            Chroma::Full => compress.set_chroma_sampling_pixel_sizes((1, 1), (1, 1)),
        }
        let mut started = compress.start_compress(Vec::new())?;
        if space == Space::DisplayP3 {
            // The first of one part; mozjpeg counts them from zero.
            started.write_marker(mozjpeg::Marker::APP(2), &[b"ICC_PROFILE\0\x01\x01", DISPLAY_P3].concat());
        }
        started.write_scanlines(samples)?;
        started.finish()
    }))
    .map_err(|_| encode_error("mozjpeg gave up"))?
    .map_err(encode_error)
}

impl Header {
    /// What the samples mean.
    pub(super) fn meaning(&self) -> Meaning {
        match self.icc.as_deref().map(colour::meaning) {
            None => Meaning::Is(Space::Srgb),
            Some(Meaning::Is(Space::Srgb)) => Meaning::Is(Space::Srgb),
            // Grey samples cannot be meant by a profile of colours.
            Some(_) if self.components != 3 => Meaning::Unknown,
            Some(meaning) => meaning,
        }
    }

    /// `None` when there is no frame header.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut frame: Option<(u8, &[u8])> = None;
        let mut quantisers: [Option<u32>; 4] = [None; 4];
        let mut icc: Vec<(u8, u8, &[u8])> = Vec::new();
        let (mut jfif, mut adobe_transform) = (false, None);
        for (marker, data) in segments(bytes) {
            match marker {
                0xdb => read_quantisers(data, &mut quantisers),
                0xe0 => jfif |= data.starts_with(b"JFIF\0"),
                0xe2 => icc.extend(
                    data.strip_prefix(b"ICC_PROFILE\0").and_then(|d| Some((*d.first()?, *d.get(1)?, d.get(2..)?))),
                ),
                0xee if data.starts_with(b"Adobe") => adobe_transform = data.get(11).copied(),
                0xc4 | 0xc8 | 0xcc => {}
                0xc0..=0xcf => frame = frame.or(Some((marker, data))),
                _ => {}
            }
        }
        let (marker, data) = frame?;
        let components = *data.get(5)?;
        // Identifier, sampling factors, quantiser's number.
        let parts = data.get(6..)?.as_chunks::<3>().0;
        let first = parts.first()?;
        let ids = parts.iter().map(|p| p[0]);
        let rgb = match adobe_transform {
            Some(transform) => transform == 0,
            None => !jfif && ids.eq(*b"RGB"),
        };
        icc.sort_by_key(|(number, ..)| *number);
        Some(Self {
            huffman: (0xc0..=0xc2).contains(&marker),
            precision: *data.first()?,
            components,
            rgb: components == 3 && rgb,
            full_chroma: parts.iter().all(|p| p[1] == first[1]),
            coarseness: quantisers.get(usize::from(first[2])).copied().flatten(),
            icc: (!icc.is_empty()).then(|| joined(&icc)),
        })
    }
}

/// A profile from its parts, by their number and how many there are. Empty unless each is there once: readers differ.
fn joined(parts: &[(u8, u8, &[u8])]) -> Vec<u8> {
    let whole = parts.iter().zip(1..).all(|((number, of, _), n)| number == &n && usize::from(*of) == parts.len());
    if whole { parts.iter().flat_map(|(.., data)| *data).copied().collect() } else { Vec::new() }
}

/// Ultra HDR and its relatives: a second picture after the first, or a note of it in the metadata.
pub(super) fn has_gain_map(bytes: &[u8]) -> bool {
    let names = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build([
        "hdrgm:",
        "hdr-gain-map",
        "hdrgainmap",
        "iso:ts:21496",
    ]);
    names.is_ok_and(|names| names.is_match(bytes))
}

/// True when the picture has its end marker: within its coded data those two bytes mean nothing else.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    let headers: usize = segments(bytes).map(|(_, data)| data.len() + 4).sum();
    bytes.get(2 + headers..).is_some_and(|scans| scans.windows(2).rev().any(|w| w == [0xff, 0xd9]))
}

/// Markers and data of the segments before the first scan.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        // Any number of fill bytes may stand before a marker.
        while rest.starts_with(&[0xff, 0xff]) {
            rest.split_off_first();
        }
        let [0xff, marker, high, low, tail @ ..] = rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
        rest = tail;
        let data = rest.split_off(..length)?;
        (*marker != 0xda).then_some((*marker, data))
    })
}

/// One DQT segment holds any number of tables, with 8 or 16 bits per value.
fn read_quantisers(mut data: &[u8], sums: &mut [Option<u32>; 4]) {
    while let Some(&head) = data.split_off_first() {
        let width = if head >> 4 == 0 { 1 } else { 2 };
        let Some(table) = data.split_off(..64 * width) else {
            return;
        };
        let sum: u32 = table.chunks_exact(width).map(|v| v.iter().fold(0, |sum, b| sum << 8 | u32::from(*b))).sum();
        if let Some(slot) = sums.get_mut(usize::from(head & 15)) {
            *slot = Some(sum);
        }
    }
}
