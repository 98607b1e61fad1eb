//! What stands where a picture will be, until it has come: a few bytes of CSS.

use super::decode::Pixels;
use super::{ImageError, colour, resize, webp};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Placeholder {
    /// The colour that most of it has.
    Color,
    /// Itself, much too small; of a line, the colour.
    Blur,
}

/// Pixels along the longer side of the blurred one.
const TINY: u32 = 16;
/// Pixels across in which colours are counted.
const COUNTED: u32 = 64;

/// A CSS `<image>` (css-images-4, 2), as wide and high as its box. `None`: it would be seen behind the picture, which is
/// transparent somewhere.
///
/// # Errors
/// `Encode` when the codec fails.
pub(super) fn css(kind: Placeholder, pixels: &Pixels) -> Result<Option<String>, ImageError> {
    if pixels.alpha && pixels.data.chunks_exact(4).any(|p| p.last() != Some(&255)) {
        return Ok(None);
    }
    let (w, h) = (u64::from(pixels.width), u64::from(pixels.height));
    let width = u32::try_from(u64::from(TINY) * w / w.max(h).max(1)).unwrap_or(TINY);
    // A line cannot be made small enough.
    let kind = if width == 0 { Placeholder::Color } else { kind };
    Ok(Some(match kind {
        Placeholder::Color => {
            let [r, g, b] = dominant(&colour::to_srgb(resize::to_width(pixels, COUNTED)?.into_owned())?);
            format!("linear-gradient(#{r:02x}{g:02x}{b:02x},#{r:02x}{g:02x}{b:02x})")
        }
        Placeholder::Blur => {
            // A profile would weigh more than the picture.
            let small = colour::to_srgb(resize::to_width(pixels, width)?.into_owned())?;
            let (width, height) = (small.width, small.height);
            let opaque =
                Pixels { width, height, alpha: false, space: small.space, data: colours(&small).flatten().collect() };
            format!("url(data:image/webp;base64,{})", BASE64_STANDARD.encode(webp::encode(&opaque, 30, 6, false)?))
        }
    }))
}

fn colours(pixels: &Pixels) -> impl Iterator<Item = [u8; 3]> {
    let three = |p: &[u8]| match p {
        [r, g, b, ..] => [*r, *g, *b],
        _ => [0; 3],
    };
    pixels.data.chunks_exact(pixels.channels()).map(three)
}

/// The mean of those in the fullest of 512 parts of the colour space; of equal ones, the darkest.
fn dominant(pixels: &Pixels) -> [u8; 3] {
    let mut parts: BTreeMap<[u8; 3], (u64, [u64; 3])> = BTreeMap::new();
    for colour in colours(pixels) {
        let (count, sums) = parts.entry(colour.map(|c| c >> 5)).or_default();
        *count += 1;
        sums.iter_mut().zip(colour).for_each(|(sum, c)| *sum += u64::from(c));
    }
    let fullest = parts.into_iter().max_by_key(|(part, (count, _))| (*count, std::cmp::Reverse(*part)));
    let (count, sums) = fullest.map_or((1, [0; 3]), |(_, found)| found);
    sums.map(|sum| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::colour::Space;
    use super::*;

    fn painted(width: u32, height: u32, paint: impl Fn(u32, u32) -> [u8; 3]) -> Pixels {
        let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| paint(x, y)).collect();
        Pixels { width, height, alpha: false, space: Space::Srgb, data }
    }

    #[test]
    fn the_colour_that_most_of_it_has() {
        let sky = painted(300, 200, |_, y| if y < 140 { [90, 150, 220] } else { [20, 60, 10] });
        assert_eq!(css(Placeholder::Color, &sky).unwrap().unwrap(), "linear-gradient(#5a96dc,#5a96dc)");
    }

    #[test]
    fn the_picture_itself_much_too_small() {
        for (width, height) in [(320, 200), (200, 320), (16, 16), (4000, 1), (40, 640)] {
            let pixels = painted(width, height, |x, _| if x < width / 2 { [200, 30, 30] } else { [30, 30, 200] });
            let css = css(Placeholder::Blur, &pixels).unwrap().unwrap();
            let data = css.strip_prefix("url(data:image/webp;base64,").unwrap().strip_suffix(')').unwrap();
            assert!(data.len() < 400, "{css}");
            let small = image::load_from_memory(&BASE64_STANDARD.decode(data).unwrap()).unwrap().into_rgb8();
            assert!(small.width().max(small.height()) <= 16, "{width}x{height}: {}x{}", small.width(), small.height());
            if width > 100 && height > 1 {
                let (left, right) = (small.get_pixel(1, 1).0, small.get_pixel(small.width() - 2, 1).0);
                assert!(left[0] > left[2] + 60 && right[2] > right[0] + 60, "{left:?} {right:?}");
            }
        }
    }

    #[test]
    fn a_line_has_a_colour() {
        let line = painted(1, 500, |_, _| [1, 2, 3]);
        assert_eq!(css(Placeholder::Blur, &line).unwrap().unwrap(), "linear-gradient(#010203,#010203)");
    }

    #[test]
    fn nothing_stands_behind_what_is_transparent() {
        let see_through = |alpha| Pixels {
            width: 1,
            height: 2,
            alpha: true,
            space: Space::Srgb,
            data: vec![9, 9, 9, 255, 9, 9, 9, alpha],
        };
        assert_eq!(css(Placeholder::Color, &see_through(254)).unwrap(), None);
        assert!(css(Placeholder::Color, &see_through(255)).unwrap().is_some());
        assert!(css(Placeholder::Blur, &see_through(255)).unwrap().is_some());
    }
}
