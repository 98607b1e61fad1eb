//! Reasons to leave a picture as it is. Each is a note for a person.

use super::colour::{Meaning, Space};
use super::{ImageInfo, gif, jpeg, png, probe};
use crate::model::ImageFormat;

/// Nothing at all can be gained without loss: of motion, of light, or of how readers turn it.
pub(super) fn to_leave_alone(info: &ImageInfo, bytes: &[u8]) -> Option<String> {
    use ImageFormat::*;
    let reason = match info.format {
        WebP | Avif if info.animated => "is animated: left as it is",
        WebP | Avif => "is in a modern format already: left as it is",
        Ico => "is an icon: left as it is",
        Unsupported => "is in a format that is passed through",
        Png if info.orientation != 1 => {
            "is a PNG with an EXIF orientation, which not every browser applies: left as it is"
        }
        Png if info.animated && !matches!(png::meaning(bytes), Meaning::Is(Space::Srgb)) => {
            "is animated, with a colour profile: left as it is"
        }
        Gif if !gif::blocks(bytes).plain => "is a GIF that browsers read in different ways: left as it is",
        Jpeg if jpeg::has_gain_map(bytes) => "has an HDR gain map: left as it is",
        Jpeg if has_own_density(info, bytes) => "says its size on the page in its EXIF data: left as it is",
        Jpeg | Png | Gif => return None,
    };
    Some(reason.into())
}

/// Browsers lay a JPEG out at another size than its pixels' when its EXIF data gives a resolution other than 72 dpi
/// and, in agreement with it, that size. A copy without the data would be laid out differently.
fn has_own_density(info: &ImageInfo, bytes: &[u8]) -> bool {
    let Some(exif) = probe::exif(bytes) else {
        return false;
    };
    let value = |tag| Some(&exif.get_field(tag, exif::In::PRIMARY)?.value);
    let Some(exif::Value::Rational(resolution)) = value(exif::Tag::XResolution) else {
        return false;
    };
    let stated = value(exif::Tag::PixelXDimension).and_then(|v| v.get_uint(0));
    let width = if info.orientation < 5 { info.width } else { info.height };
    resolution.first().zip(stated).is_some_and(|(dpi, stated)| {
        let laid_out = f64::from(width) * 72.0 / dpi.to_f64();
        stated != width && laid_out.round() == f64::from(stated)
    })
}

/// Nobody here can say in another file what its samples mean: its colours would change.
pub(super) fn to_stay_lossless(info: &ImageInfo, bytes: &[u8]) -> Option<String> {
    match info.format {
        ImageFormat::Jpeg => of_jpeg(bytes),
        ImageFormat::Png => of_png(bytes),
        _ => None,
    }
}

fn of_jpeg(bytes: &[u8]) -> Option<String> {
    let Some(header) = jpeg::Header::read(bytes) else {
        return Some("has no readable JPEG header: left as it is".into());
    };
    let reason = match header {
        jpeg::Header { huffman: false, .. } => "is an arithmetic, lossless or hierarchical JPEG",
        jpeg::Header { precision, .. } if precision != 8 => "does not have 8 bits per sample",
        jpeg::Header { components: 4, .. } => "is in CMYK",
        jpeg::Header { components, .. } if components != 1 && components != 3 => "has an unusual number of components",
        jpeg::Header { rgb: true, .. } => "is a JPEG in RGB",
        ref header if matches!(header.meaning(), Meaning::Unknown) => "keeps its colour profile",
        _ => return None,
    };
    Some(format!("{reason}: left as it is"))
}

fn of_png(bytes: &[u8]) -> Option<String> {
    let unknown = matches!(png::meaning(bytes), Meaning::Unknown);
    unknown.then(|| "keeps its colour profile: no WebP or AVIF".into())
}
