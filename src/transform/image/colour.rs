//! What an ICC profile means. Profiles are judged by what they do, since their names lie and vary.

use super::decode::Pixels;
use super::{ImageError, decode_error};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransferCharacteristics, TransformOptions};

/// What samples mean: values on sRGB's curve, of one of these sets of primaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Space {
    Srgb,
    /// The wide gamut of today's screens (SMPTE EG 432-1, with sRGB's white and curve).
    DisplayP3,
}

/// A profile of Display P3, for files that have no other way to say so.
pub(super) const DISPLAY_P3: &[u8] = include_bytes!("display-p3.icc");

/// What to make of a file's samples.
pub(super) enum Meaning {
    Is(Space),
    /// Colours that can be told in Display P3.
    Converts(Box<ColorProfile>),
    /// A reader that knows the profile has to see it.
    Unknown,
}

/// Of RGB and grey samples with this profile.
pub(super) fn meaning(icc: &[u8]) -> Meaning {
    if is(icc, &SRGB) {
        return Meaning::Is(Space::Srgb);
    }
    if is(icc, &P3) {
        return Meaning::Is(Space::DisplayP3);
    }
    let Ok(profile) = ColorProfile::new_from_slice(icc) else { return Meaning::Unknown };
    let high = |t| matches!(t, TransferCharacteristics::Smpte2084 | TransferCharacteristics::Hlg);
    let bright = profile.cicp.as_ref().is_some_and(|cicp| high(cicp.transfer_characteristics));
    if profile.color_space != DataColorSpace::Rgb || bright || transform(&profile, false).is_err() {
        return Meaning::Unknown;
    }
    Meaning::Converts(Box::new(profile))
}

/// Into Display P3.
///
/// # Errors
/// `Decode` for profiles that tell too little.
pub(super) fn convert(pixels: Pixels, profile: &ColorProfile) -> Result<Pixels, ImageError> {
    let mut data = vec![0; pixels.data.len()];
    transform(profile, pixels.alpha)?.transform(&pixels.data, &mut data).map_err(decode_error)?;
    Ok(Pixels { data, space: Space::DisplayP3, ..pixels })
}

fn transform(
    profile: &ColorProfile,
    alpha: bool,
) -> Result<std::sync::Arc<dyn moxcms::TransformExecutor<u8> + Send + Sync>, ImageError> {
    let p3 = ColorProfile::new_from_slice(DISPLAY_P3).map_err(decode_error)?;
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    profile.create_transform_8bit(layout, &p3, layout, TransformOptions::default()).map_err(decode_error)
}

/// The profile's primaries and tone curves are these (for grey profiles: the curve). Profiles with lookup tables are not
/// understood here.
fn is(icc: &[u8], primaries: &Primaries) -> bool {
    if tag(icc, b"A2B0").is_some() {
        return false;
    }
    match icc.get(16..20) {
        Some(b"RGB ") => {
            primaries.iter().all(|(name, xyz)| tag(icc, name).is_some_and(|t| is_near(t, xyz)))
                && [b"rTRC", b"gTRC", b"bTRC"].iter().all(|name| has_srgb_curve(icc, name))
        }
        Some(b"GRAY") => has_srgb_curve(icc, b"kTRC"),
        _ => false,
    }
}

type Primaries = [(&'static [u8; 4], [f64; 3]); 3];

/// As profiles hold them, adapted to D50.
const SRGB: Primaries =
    [(b"rXYZ", [0.4360, 0.2225, 0.0139]), (b"gXYZ", [0.3851, 0.7169, 0.0971]), (b"bXYZ", [0.1431, 0.0606, 0.7139])];

const P3: Primaries =
    [(b"rXYZ", [0.5151, 0.2412, -0.0011]), (b"gXYZ", [0.2920, 0.6922, 0.0419]), (b"bXYZ", [0.1571, 0.0666, 0.7841])];

/// The data of a tag, its type signature included.
fn tag<'a>(icc: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let count = u32_at(icc, 128)?.min(100) as usize;
    let entry = icc.get(132..)?.chunks_exact(12).take(count).find(|entry| entry.starts_with(name))?;
    let start = u32_at(entry, 4)? as usize;
    icc.get(start..start.checked_add(u32_at(entry, 8)? as usize)?)
}

fn is_near(tag: &[u8], wanted: &[f64; 3]) -> bool {
    (8..).step_by(4).zip(wanted).all(|(at, w)| fixed_at(tag, at).is_some_and(|v| (v - w).abs() < 0.003))
}

/// Compares at a dark, a middle and a light tone: a plain gamma of 2.2 fails in the dark.
fn has_srgb_curve(icc: &[u8], name: &[u8; 4]) -> bool {
    tag(icc, name).is_some_and(|curve| {
        [0.1, 0.5, 0.8].into_iter().all(|x: f64| {
            let srgb = ((x + 0.055) / 1.055).powf(2.4);
            apply(curve, x).is_some_and(|y| (y - srgb).abs() < 0.003)
        })
    })
}

/// The curve's value at `x`, both from 0 to 1. `None` for curve types that are not understood.
fn apply(curve: &[u8], x: f64) -> Option<f64> {
    match curve.get(..4)? {
        b"curv" => match u32_at(curve, 8)? as usize {
            0 => Some(x),
            1 => Some(x.powf(f64::from(u16_at(curve, 12)?) / 256.0)),
            count => {
                let position = x * (count - 1) as f64;
                let (low, part) = (position.floor() as usize, position.fract());
                let value = |i: usize| Some(f64::from(u16_at(curve, 12 + 2 * i)?) / 65535.0);
                Some(value(low)? * (1.0 - part) + value((low + 1).min(count - 1))? * part)
            }
        },
        b"para" => {
            let p = |i: usize| fixed_at(curve, 12 + 4 * i);
            match u16_at(curve, 8)? {
                0 => Some(x.powf(p(0)?)),
                3 if x < p(4)? => Some(p(3)? * x),
                3 => Some((p(1)? * x + p(2)?).powf(p(0)?)),
                4 if x < p(4)? => Some(p(3)? * x + p(6)?),
                4 => Some((p(1)? * x + p(2)?).powf(p(0)?) + p(5)?),
                _ => None,
            }
        }
        _ => None,
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// ICC's s15Fixed16Number.
fn fixed_at(bytes: &[u8], at: usize) -> Option<f64> {
    let raw = i32::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
    Some(f64::from(raw) / 65536.0)
}
