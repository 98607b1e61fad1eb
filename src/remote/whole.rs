//! Whether all of a picture has come: what ends early looks like one from its first bytes.

use crate::model::ImageFormat;

/// It ends where its format says that it does. Of GIF and WebP, whoever tells the format has seen to that.
pub fn is_whole(format: ImageFormat, bytes: &[u8]) -> bool {
    match format {
        ImageFormat::Png => png(bytes),
        ImageFormat::Jpeg => jpeg(bytes).is_some(),
        ImageFormat::Avif => avif(bytes),
        ImageFormat::Ico => ico(bytes).unwrap_or(false),
        _ => true,
    }
}

fn big(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

fn little(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*four)).ok()
}

/// Chunk after chunk up to `IEND`.
fn png(bytes: &[u8]) -> bool {
    let mut at = 8;
    while let (Some(len), Some(kind)) = (big(bytes, at), bytes.get(at + 4..at + 8)) {
        let end = at.saturating_add(len).saturating_add(12);
        if end > bytes.len() {
            return false;
        }
        if kind == b"IEND" {
            return true;
        }
        at = end;
    }
    false
}

/// Segment after segment up to the end marker: a small picture inside of one has its own.
fn jpeg(bytes: &[u8]) -> Option<()> {
    let mut at = 2;
    loop {
        match (*bytes.get(at)?, *bytes.get(at + 1)?) {
            (0xff, 0xd9) => return Some(()),
            // Padding, stuffed bytes and restarts.
            (0xff, 0xff) => at += 1,
            (0xff, 0 | 1 | 0xd0..=0xd7) => at += 2,
            (0xff, _) => at += 2 + usize::from(u16::from_be_bytes(*bytes.get(at + 2..)?.first_chunk()?)),
            // Between two markers there is only what a scan holds.
            _ => at += bytes.get(at..)?.iter().position(|b| *b == 0xff)?,
        }
    }
}

/// Box after box, with the data of the picture among them.
fn avif(bytes: &[u8]) -> bool {
    let (mut at, mut data) = (0, false);
    while at < bytes.len() {
        let (Some(len), Some(kind)) = (big(bytes, at), bytes.get(at + 4..at + 8)) else { return false };
        // 1: a long length follows. 0: up to the end, wherever that is.
        let len = match len {
            1 => big(bytes, at + 8).filter(|high| *high == 0).and_then(|_| big(bytes, at + 12)),
            len => Some(len),
        };
        let Some(len) = len.filter(|len| *len >= 8) else { return false };
        data |= matches!(kind, b"mdat");
        at = at.saturating_add(len);
    }
    data && at == bytes.len()
}

/// All that its directory names is there.
fn ico(bytes: &[u8]) -> Option<bool> {
    let count = usize::from(u16::from_le_bytes(*bytes.get(4..)?.first_chunk()?));
    for at in (0..count).map(|n| 6 + 16 * n) {
        let (len, start) = (little(bytes, at + 8)?, little(bytes, at + 12)?);
        if start.saturating_add(len) > bytes.len() {
            return Some(false);
        }
    }
    Some(true)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat as Made};
    use std::io::Cursor;

    #[test]
    fn whatever_ends_early_is_not_whole() {
        let picture = DynamicImage::new_rgb8(40, 30);
        for (made, format) in [(Made::Png, ImageFormat::Png), (Made::Jpeg, ImageFormat::Jpeg)] {
            let mut bytes = Vec::new();
            picture.write_to(&mut Cursor::new(&mut bytes), made).unwrap();
            assert!(is_whole(format, &bytes));
            for end in 0..bytes.len() {
                assert!(!is_whole(format, bytes.get(..end).unwrap()), "{format:?} {end}");
            }
            bytes.extend(b"more");
            assert!(is_whole(format, &bytes), "cameras put films after their pictures");
        }
        let avif = b"\0\0\0\x0cftypavif\0\0\0\x0cmdat1234";
        assert!(is_whole(ImageFormat::Avif, avif));
        for end in 0..avif.len() {
            assert!(!is_whole(ImageFormat::Avif, avif.get(..end).unwrap()), "{end}");
        }
        let ico = b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x04\0\0\0\x16\0\0\0abcd";
        assert!(is_whole(ImageFormat::Ico, ico));
        assert!(!is_whole(ImageFormat::Ico, ico.get(..24).unwrap()));
    }
}
