//! What an ICC profile means. Profiles are judged by what they do, since their names lie and vary.

use super::decode::Pixels;
use super::{ImageError, decode_error};
use moxcms::{ColorProfile, Layout, TransformExecutor, TransformOptions};
use std::sync::{Arc, LazyLock};

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

/// Of RGB and grey samples with this profile. Only of one that every reader takes, and takes in the same way: a matrix with
/// tone curves, as cameras and screens have it.
pub(super) fn meaning(icc: &[u8]) -> Meaning {
    if !is_sound(icc) {
        return Meaning::Unknown;
    }
    if is(icc, &SRGB) {
        return Meaning::Is(Space::Srgb);
    }
    if is(icc, &P3) {
        return Meaning::Is(Space::DisplayP3);
    }
    if icc.get(16..20) != Some(b"RGB ") || !has_white(icc) || !CURVES.iter().all(|name| rises(icc, name)) {
        return Meaning::Unknown;
    }
    match ColorProfile::new_from_slice(icc) {
        Ok(profile) if transform(&profile, &DISPLAY_P3_PROFILE, false).is_ok() => Meaning::Converts(Box::new(profile)),
        _ => Meaning::Unknown,
    }
}

/// Its header is one that Chromium accepts, its tags lie within it, and none of them says more than matrix and curves do.
fn is_sound(icc: &[u8]) -> bool {
    let size = u32_at(icc, 0).map_or(0, |size| size as usize);
    let header = size <= icc.len()
        && icc.get(36..40) == Some(b"acsp")
        && icc.get(20..24) == Some(b"XYZ ")
        && icc.get(8).is_some_and(|version| *version <= 4)
        && WHITE.into_iter().zip([68, 72, 76]).all(|(v, at)| fixed_at(icc, at).is_some_and(|f| (f - v).abs() < 0.01));
    let Some(entries) =
        u32_at(icc, 128).filter(|count| *count <= 100).and_then(|count| icc.get(132..132 + 12 * count as usize))
    else {
        return false;
    };
    let known = |entry: &[u8]| {
        let end = u32_at(entry, 4).zip(u32_at(entry, 8)).and_then(|(start, length)| start.checked_add(length));
        let more = [b"A2B", b"D2B", b"cic"].iter().any(|name| entry.starts_with(*name));
        !more && end.is_some_and(|end| end as usize <= size)
    };
    header && entries.chunks_exact(12).all(known)
}

/// Its primaries come to the white that all profiles have.
fn has_white(icc: &[u8]) -> bool {
    let sum = |at| P3.iter().map(|(name, _)| tag(icc, name).and_then(|xyz| fixed_at(xyz, at))).sum::<Option<f64>>();
    WHITE.into_iter().zip([8, 12, 16]).all(|(v, at)| sum(at).is_some_and(|sum| (sum - v).abs() < 0.01))
}

/// It goes from black to white without turning back.
fn rises(icc: &[u8], name: &[u8; 4]) -> bool {
    let Some(curve) = tag(icc, name) else { return false };
    let values: Option<Vec<f64>> = (0..=32).map(|step| apply(curve, f64::from(step) / 32.0)).collect();
    values.is_some_and(|v| {
        let ends = v.first().zip(v.last()).is_some_and(|(first, last)| first.abs() < 0.05 && (last - 1.0).abs() < 0.05);
        ends && v.is_sorted()
    })
}

/// Into Display P3.
///
/// # Errors
/// `Decode` for profiles that tell too little.
pub(super) fn convert(pixels: Pixels, profile: &ColorProfile) -> Result<Pixels, ImageError> {
    let mut data = vec![0; pixels.data.len()];
    transform(profile, &DISPLAY_P3_PROFILE, pixels.alpha)?.transform(&pixels.data, &mut data).map_err(decode_error)?;
    Ok(Pixels { data, space: Space::DisplayP3, ..pixels })
}

/// As they look where nobody can say that they are wider.
///
/// # Errors
/// `Decode`, never as far as is known.
pub(super) fn to_srgb(pixels: Pixels) -> Result<Pixels, ImageError> {
    if pixels.space == Space::Srgb {
        return Ok(pixels);
    }
    let mut data = vec![0; pixels.data.len()];
    let srgb = ColorProfile::new_srgb();
    transform(&DISPLAY_P3_PROFILE, &srgb, pixels.alpha)?.transform(&pixels.data, &mut data).map_err(decode_error)?;
    Ok(Pixels { data, space: Space::Srgb, ..pixels })
}

static DISPLAY_P3_PROFILE: LazyLock<ColorProfile> =
    LazyLock::new(|| ColorProfile::new_from_slice(DISPLAY_P3).unwrap_or_else(|_| ColorProfile::new_display_p3()));

fn transform(
    from: &ColorProfile,
    to: &ColorProfile,
    alpha: bool,
) -> Result<Arc<dyn TransformExecutor<u8> + Send + Sync>, ImageError> {
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    from.create_transform_8bit(layout, to, layout, TransformOptions::default()).map_err(decode_error)
}

/// The profile's primaries and tone curves are these (for grey profiles: the curve).
fn is(icc: &[u8], primaries: &Primaries) -> bool {
    match icc.get(16..20) {
        Some(b"RGB ") => {
            primaries.iter().all(|(name, xyz)| tag(icc, name).is_some_and(|t| is_near(t, xyz)))
                && CURVES.iter().all(|name| has_srgb_curve(icc, name))
        }
        Some(b"GRAY") => has_srgb_curve(icc, b"kTRC"),
        _ => false,
    }
}

/// D50.
const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];

const CURVES: [&[u8; 4]; 3] = [b"rTRC", b"gTRC", b"bTRC"];

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
