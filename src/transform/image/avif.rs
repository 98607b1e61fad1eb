//! AVIF: encoded by libaom where it is built in, or by rav1e; decoded by rav1d, the port of what browsers use.

#[cfg(feature = "aom")]
use super::aom;
use super::colour::Space;
use super::decode::Pixels;
use super::{Avif, ImageError, decode_error, encode_error};
use rav1d::{Decoder, PixelLayout, PlanarImageComponent as Component, Settings};
use ravif::{BitDepth, Encoder, Img, RGB8, RGBA8};
use re_rav1d::dav1d as rav1d;
use serde::{Deserialize, Serialize};
use yuv::{YuvPlanarImage, YuvRange, YuvStandardMatrix};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AvifEncoder {
    /// libaom: much faster. Only in builds with the feature `aom`.
    Aom,
    /// rav1e, always there.
    Ravif,
}

impl Default for AvifEncoder {
    /// The best that this build has.
    fn default() -> Self {
        if cfg!(feature = "aom") { Self::Aom } else { Self::Ravif }
    }
}

/// Encodes with one thread, so that the bytes do not depend on the machine.
///
/// # Errors
/// `Encode` when the encoder fails or is not in this build.
pub(super) fn encode(pixels: &Pixels, quality: u8, avif: Avif) -> Result<Vec<u8>, ImageError> {
    let quality = quality.clamp(1, 100);
    match avif.encoder {
        #[cfg(feature = "aom")]
        AvifEncoder::Aom => aom::encode(pixels, quality, avif.speed, avif.full_chroma),
        #[cfg(not(feature = "aom"))]
        AvifEncoder::Aom => Err(encode_error("needs libaom, which this build lacks")),
        AvifEncoder::Ravif => encode_with_rav1e(pixels, quality, avif.speed),
    }
}

/// For files of this module's own making: 8 bits, BT.601, full range; values as they are, whatever their primaries. Chroma is interpolated as browsers do.
///
/// # Errors
/// `Decode` for files that are damaged or made otherwise.
pub(super) fn decode(file: &[u8], alpha: bool) -> Result<Pixels, ImageError> {
    let parts = avif_parse::read_avif(&mut &*file).map_err(decode_error)?;
    let colour = frame(&parts.primary_item)?;
    let (width, height) = (colour.width(), colour.height());
    let [y, u, v] = [Component::Y, Component::U, Component::V].map(|c| (colour.plane(c), colour.stride(c)));
    let planes = YuvPlanarImage {
        y_plane: y.0.as_ref(),
        y_stride: y.1,
        u_plane: u.0.as_ref(),
        u_stride: u.1,
        v_plane: v.0.as_ref(),
        v_stride: v.1,
        width,
        height,
    };
    let channels: u32 = if alpha { 4 } else { 3 };
    let mut data = vec![255; width as usize * height as usize * channels as usize];
    let convert = match (colour.pixel_layout(), alpha) {
        (PixelLayout::I420, false) => yuv::yuv420_to_rgb_bilinear,
        (PixelLayout::I420, true) => yuv::yuv420_to_rgba_bilinear,
        (PixelLayout::I444, false) => yuv::yuv444_to_rgb,
        (PixelLayout::I444, true) => yuv::yuv444_to_rgba,
        (layout, _) => return Err(decode_error(format!("a layout of {layout:?} was not expected"))),
    };
    convert(&planes, &mut data, width * channels, YuvRange::Full, YuvStandardMatrix::Bt601).map_err(decode_error)?;
    if let Some(item) = parts.alpha_item.filter(|_| alpha) {
        let opacity = frame(&item)?;
        let (plane, stride) = (opacity.plane(Component::Y), opacity.stride(Component::Y) as usize);
        let rows = plane.as_ref().chunks(stride.max(1)).zip(data.chunks_exact_mut(width as usize * 4));
        for (from, to) in rows {
            to.iter_mut().skip(3).step_by(4).zip(from).for_each(|(to, from)| *to = *from);
        }
    }
    Ok(Pixels { width, height, alpha, space: Space::Srgb, data })
}

/// Edges of alpha show more than edges of colour, and cost less: half way to lossless.
pub(super) fn alpha_quality(quality: u8) -> u8 {
    quality.midpoint(100)
}

fn frame(data: &[u8]) -> Result<rav1d::Picture, ImageError> {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    let mut decoder = Decoder::with_settings(&settings).map_err(decode_error)?;
    decoder.send_data(data.to_vec(), None, None, None).map_err(decode_error)?;
    decoder.get_picture().map_err(decode_error)
}

/// Always with full chroma.
fn encode_with_rav1e(pixels: &Pixels, quality: u8, speed: u8) -> Result<Vec<u8>, ImageError> {
    if pixels.space != Space::Srgb {
        return Err(encode_error("has more colours than sRGB, and only libaom's files say so"));
    }
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let encoder = Encoder::new()
        .with_quality(f32::from(quality))
        .with_alpha_quality(f32::from(alpha_quality(quality)))
        .with_speed(speed.clamp(1, 10))
        .with_bit_depth(BitDepth::Eight)
        .with_num_threads(Some(1));
    let encoded = if pixels.alpha {
        let (samples, _) = pixels.data.as_chunks();
        let rgba: Vec<RGBA8> = samples.iter().map(|&[r, g, b, a]| RGBA8::new(r, g, b, a)).collect();
        encoder.encode_rgba(Img::new(&rgba, width, height))
    } else {
        let (samples, _) = pixels.data.as_chunks();
        let rgb: Vec<RGB8> = samples.iter().map(|&[r, g, b]| RGB8::new(r, g, b)).collect();
        encoder.encode_rgb(Img::new(&rgb, width, height))
    };
    encoded.map(|e| e.avif_file).map_err(encode_error)
}
