//! AVIF through libaom: the one place that talks to C by hand.

#![allow(unsafe_code)]

use super::avif::alpha_quality;
use super::colour::Space;
use super::decode::Pixels;
use super::{ImageError, encode_error};
use avif_serialize::{
    Aviffy,
    constants::{ColorPrimaries, MatrixCoefficients},
};
use libaom_sys::*;
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::{ptr, slice};
use yuv::{YuvChromaSubsampling, YuvConversionMode, YuvPlanarImageMut, YuvRange, YuvStandardMatrix};

/// One AVIF file: 8 bits, BT.601, full range, sRGB or Display P3; alpha as a second item. `quality` 1 to 100, `speed` 0 to 9.
///
/// # Errors
/// `Encode` when libaom fails.
pub(super) fn encode(pixels: &Pixels, quality: u8, speed: u8, full_chroma: bool) -> Result<Vec<u8>, ImageError> {
    let colour = encode_frame(&Frame::colour(pixels, full_chroma)?, quality, speed)?;
    let alpha = match pixels.alpha {
        true => Some(encode_frame(&Frame::alpha(pixels), alpha_quality(quality), speed)?),
        false => None,
    };
    let mut file = Vec::new();
    Aviffy::new()
        // BT.601 with sRGB's primaries and curve, full range, is what a file without a `colr` box means; the AV1
        // data says the same.
        .set_matrix_coefficients(MatrixCoefficients::Bt601)
        .set_color_primaries(match pixels.space {
            Space::Srgb => ColorPrimaries::Bt709,
            Space::DisplayP3 => ColorPrimaries::DisplayP3,
        })
        .set_full_color_range(true)
        .set_seq_profile(u8::from(full_chroma))
        .set_chroma_subsampling((!full_chroma, !full_chroma))
        .set_width(pixels.width)
        .set_height(pixels.height)
        .set_bit_depth(8)
        .write_slice(&mut file, &colour, alpha.as_deref())
        .map_err(encode_error)?;
    Ok(file)
}

/// Planes without padding; chroma planes are half as wide and high, rounded up, unless `full_chroma`.
struct Frame {
    width: u32,
    height: u32,
    full_chroma: bool,
    monochrome: bool,
    space: Space,
    planes: [Vec<u8>; 3],
}

impl Frame {
    fn colour(pixels: &Pixels, full_chroma: bool) -> Result<Self, ImageError> {
        let (convert, subsampling): (Convert, _) = match (pixels.alpha, full_chroma) {
            (false, false) => (yuv::rgb_to_yuv420, YuvChromaSubsampling::Yuv420),
            (true, false) => (yuv::rgba_to_yuv420, YuvChromaSubsampling::Yuv420),
            (false, true) => (yuv::rgb_to_yuv444, YuvChromaSubsampling::Yuv444),
            (true, true) => (yuv::rgba_to_yuv444, YuvChromaSubsampling::Yuv444),
        };
        let mut image = YuvPlanarImageMut::alloc(pixels.width, pixels.height, subsampling);
        convert(
            &mut image,
            &pixels.data,
            pixels.width * pixels.channels() as u32,
            YuvRange::Full,
            YuvStandardMatrix::Bt601,
            YuvConversionMode::Balanced,
        )
        .map_err(encode_error)?;
        Ok(Self {
            width: pixels.width,
            height: pixels.height,
            full_chroma,
            monochrome: false,
            space: pixels.space,
            planes: [&image.y_plane, &image.u_plane, &image.v_plane].map(|plane| plane.borrow().to_vec()),
        })
    }

    /// The chroma planes of a monochrome frame are not coded, but libaom looks at them: neutral grey.
    fn alpha(pixels: &Pixels) -> Self {
        let chroma = pixels.width.div_ceil(2) as usize * pixels.height.div_ceil(2) as usize;
        Self {
            width: pixels.width,
            height: pixels.height,
            full_chroma: false,
            monochrome: true,
            space: Space::Srgb,
            planes: [pixels.data.iter().skip(3).step_by(4).copied().collect(), vec![128; chroma], vec![128; chroma]],
        }
    }

    /// Bytes per row of each plane, and whether the planes really hold as many rows.
    fn strides(&self) -> Option<[c_int; 3]> {
        let chroma = |side: u32| {
            if self.full_chroma { side } else { side.div_ceil(2) }
        };
        let (w, h) = (self.width, self.height);
        let sizes = [(w, h), (chroma(w), chroma(h)), (chroma(w), chroma(h))];
        let fits = sizes.iter().zip(&self.planes).all(|((w, h), plane)| plane.len() >= *w as usize * *h as usize);
        let strides = sizes.map(|(w, _)| c_int::try_from(w).unwrap_or(0));
        (fits && !strides.contains(&0)).then_some(strides)
    }
}

type Convert = fn(
    &mut YuvPlanarImageMut<'_, u8>,
    &[u8],
    u32,
    YuvRange,
    YuvStandardMatrix,
    YuvConversionMode,
) -> Result<(), yuv::YuvError>;

/// The AV1 data of one still frame.
fn encode_frame(frame: &Frame, quality: u8, speed: u8) -> Result<Vec<u8>, ImageError> {
    let strides = frame.strides().ok_or_else(|| encode_error("its planes have the wrong size"))?;
    let mut codec = Codec::new(frame)?;
    codec.control(AOME_SET_CPUUSED, c_int::from(speed.min(9)))?;
    codec.control(AOME_SET_CQ_LEVEL, quantiser(quality))?;
    codec.control(AV1E_SET_COLOR_RANGE, AOM_CR_FULL_RANGE as c_int)?;
    if !frame.monochrome {
        codec.control(AOME_SET_TUNING, AOM_TUNE_SSIM as c_int)?;
        let primaries = match frame.space {
            Space::Srgb => AOM_CICP_CP_BT_709,
            Space::DisplayP3 => AOM_CICP_CP_SMPTE_432,
        };
        codec.control(AV1E_SET_COLOR_PRIMARIES, primaries as c_int)?;
        codec.control(AV1E_SET_TRANSFER_CHARACTERISTICS, AOM_CICP_TC_SRGB as c_int)?;
        codec.control(AV1E_SET_MATRIX_COEFFICIENTS, AOM_CICP_MC_BT_601 as c_int)?;
    }

    let mut image = MaybeUninit::<aom_image_t>::zeroed();
    let format = if frame.full_chroma { AOM_IMG_FMT_I444 } else { AOM_IMG_FMT_I420 };
    // SAFETY: `image` is writable and zeroed, which is a valid state of this plain C struct. libaom only reads the
    // planes of an image to encode, so that the pointers may come from shared slices; `strides` has checked that
    // every plane holds all the rows that libaom will read, and `frame` outlives the encoding below.
    let image = unsafe {
        let first = frame.planes[0].as_ptr().cast_mut();
        if aom_img_wrap(image.as_mut_ptr(), format, frame.width, frame.height, 1, first).is_null() {
            return Err(encode_error("libaom refuses its size"));
        }
        let mut image = image.assume_init();
        image.planes = frame.planes.each_ref().map(|plane| plane.as_ptr().cast_mut());
        image.stride = strides;
        image.range = AOM_CR_FULL_RANGE;
        image.monochrome = c_int::from(frame.monochrome);
        image
    };
    let mut data = Vec::new();
    codec.send(Some(&image), &mut data)?;
    codec.send(None, &mut data)?;
    Ok(data)
}

/// libavif's scale: quality 0 to 100 to quantiser 63 to 0.
fn quantiser(quality: u8) -> c_int {
    (c_int::from(100 - quality.min(100)) * 63 + 50) / 100
}

/// An initialised encoder, destroyed on drop.
struct Codec(aom_codec_ctx_t);

impl Codec {
    fn new(frame: &Frame) -> Result<Self, ImageError> {
        let mut config = MaybeUninit::<aom_codec_enc_cfg_t>::zeroed();
        // SAFETY: the interface is a static of libaom; `config` is writable, and filled before it is read.
        let (interface, mut config) = unsafe {
            let interface = aom_codec_av1_cx();
            let code = aom_codec_enc_config_default(interface, config.as_mut_ptr(), AOM_USAGE_ALL_INTRA);
            succeed(code, "default configuration")?;
            (interface, config.assume_init())
        };
        config.g_w = frame.width;
        config.g_h = frame.height;
        // One frame makes a still picture.
        config.g_limit = 1;
        config.g_lag_in_frames = 0;
        config.g_threads = 1;
        config.g_profile = u32::from(frame.full_chroma);
        config.monochrome = u32::from(frame.monochrome);
        config.rc_end_usage = AOM_Q;
        config.rc_min_quantizer = 0;
        config.rc_max_quantizer = 63;

        let mut context = MaybeUninit::<aom_codec_ctx_t>::zeroed();
        // SAFETY: all pointers are valid for the call, and libaom copies the configuration. On success the context
        // is initialised; on failure libaom has freed what it had, and `Codec` is not made.
        unsafe {
            let version = AOM_ENCODER_ABI_VERSION as c_int;
            let code = aom_codec_enc_init_ver(context.as_mut_ptr(), interface, &config, 0, version);
            succeed(code, "initialisation")?;
            Ok(Self(context.assume_init()))
        }
    }

    /// Only for controls that take an `int` or an `unsigned int`.
    fn control(&mut self, id: aome_enc_control_id, value: c_int) -> Result<(), ImageError> {
        // SAFETY: the context is initialised, and all controls used here read one argument of `int`'s size.
        let code = unsafe { aom_codec_control(&mut self.0, id as c_int, value) };
        succeed(code, "a setting")
    }

    /// Encodes an image, or with `None` flushes, and appends the packets that are ready.
    fn send(&mut self, image: Option<&aom_image_t>, out: &mut Vec<u8>) -> Result<(), ImageError> {
        let image = image.map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the context is initialised; the image is null or valid for the call.
        let code = unsafe { aom_codec_encode(&mut self.0, image, 0, 1, 0) };
        succeed(code, "encoding")?;
        let mut iterator: aom_codec_iter_t = ptr::null();
        // SAFETY: a packet is null or valid until the next call on this context, and is copied before that. The
        // kind says which field of the union is set.
        unsafe {
            while let Some(packet) = aom_codec_get_cx_data(&mut self.0, &mut iterator).as_ref() {
                if packet.kind == AOM_CODEC_CX_FRAME_PKT {
                    let frame = packet.data.frame;
                    out.extend_from_slice(slice::from_raw_parts(frame.buf.cast(), frame.sz));
                }
            }
        }
        Ok(())
    }
}

impl Drop for Codec {
    fn drop(&mut self) {
        // SAFETY: the context was initialised, and nothing uses it after this.
        unsafe {
            aom_codec_destroy(&mut self.0);
        }
    }
}

fn succeed(code: aom_codec_err_t, what: &str) -> Result<(), ImageError> {
    if code == AOM_CODEC_OK { Ok(()) } else { Err(encode_error(format!("libaom failed in {what} (code {code})"))) }
}
