//! Animated WebP through libwebp's encoder for animations: thin bindings.

use super::{ImageError, config, encode_error};
use libwebp_sys::*;
use std::ffi::{CStr, c_int};
use std::ptr::NonNull;
use std::slice;

/// Frames that become one file.
pub(in crate::transform::image) struct Animation {
    encoder: NonNull<WebPAnimEncoder>,
    config: WebPConfig,
    width: u32,
    height: u32,
}

/// How the frames of an animation are encoded.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::transform::image) enum Frames {
    /// Without loss, except for the colour of pixels that are fully transparent.
    Lossless,
    /// At this quality, 1 to 100; each frame without loss where that is smaller.
    Mixed(u8),
}

impl Animation {
    /// Of so many pixels, played `plays` times; 0 is without end. `method` is the effort, 0 to 6.
    ///
    /// # Errors
    /// `Encode` beyond WebP's 16383 px on a side, and when libwebp fails.
    pub(in crate::transform::image) fn new(
        (width, height): (u32, u32),
        plays: u16,
        frames: Frames,
        method: u8,
    ) -> Result<Self, ImageError> {
        let mut config = config(method)?;
        match frames {
            Frames::Lossless => {
                config.lossless = 1;
                // Without loss, this is an effort.
                config.quality = 75.0;
            }
            Frames::Mixed(quality) => config.quality = f32::from(quality.clamp(1, 100)),
        }
        let side = |side: u32| c_int::try_from(side).ok().filter(|_| (1..=super::MAX_SIDE).contains(&side));
        let (Some(columns), Some(rows)) = (side(width), side(height)) else {
            return Err(encode_error("has a side longer than WebP's 16383 px"));
        };
        let nothing = WebPMuxAnimParams { bgcolor: 0, loop_count: 0 };
        let mut options = WebPAnimEncoderOptions {
            anim_params: nothing,
            minimize_size: 0,
            kmin: 0,
            kmax: 0,
            allow_mixed: 0,
            verbose: 0,
            padding: [0; 4],
        };
        let version = WEBP_MUX_ABI_VERSION as c_int;
        // SAFETY: libwebp fills the structure that it is given, which is one of its own for this version.
        if unsafe { WebPAnimEncoderOptionsInitInternal(&mut options, version) } == 0 {
            return Err(encode_error("libwebp has another version"));
        }
        options.anim_params = WebPMuxAnimParams { bgcolor: 0, loop_count: c_int::from(plays) };
        options.allow_mixed = c_int::from(frames != Frames::Lossless);
        // SAFETY: the options are initialised; libwebp copies them. It returns null when it has no memory.
        let encoder = unsafe { WebPAnimEncoderNewInternal(columns, rows, &options, version) };
        let encoder = NonNull::new(encoder).ok_or_else(|| encode_error("libwebp cannot start an animation"))?;
        Ok(Self { encoder, config, width, height })
    }

    /// The whole picture from `at` milliseconds on, as RGBA, row after row.
    ///
    /// # Errors
    /// `Encode` for frames of another size, and when libwebp fails.
    pub(in crate::transform::image) fn add(&mut self, rgba: &[u8], at: u32) -> Result<(), ImageError> {
        let row = self.width as usize * 4;
        if rgba.len() != row * self.height as usize {
            return Err(encode_error("a frame has another size"));
        }
        let at = time(at)?;
        let mut picture = WebPPicture::new().map_err(|()| encode_error("libwebp has another version"))?;
        picture.width = self.width as c_int;
        picture.height = self.height as c_int;
        picture.use_argb = 1;
        // SAFETY: the picture is initialised, the samples hold all rows (checked above), and the encoder, which nobody else
        // has, is alive. It copies what it needs; what the import allocated is freed on every path.
        let done = unsafe {
            let done = WebPPictureImportRGBA(&mut picture, rgba.as_ptr(), row as c_int) != 0
                && WebPAnimEncoderAdd(self.encoder.as_ptr(), &mut picture, at, &self.config) != 0;
            WebPPictureFree(&mut picture);
            done
        };
        if done { Ok(()) } else { Err(self.error()) }
    }

    /// The file; its last frame ends at `end` milliseconds.
    ///
    /// # Errors
    /// `Encode` when libwebp fails.
    pub(in crate::transform::image) fn finish(self, end: u32) -> Result<Vec<u8>, ImageError> {
        let end = time(end)?;
        // SAFETY: a null frame and a null configuration are how libwebp is told that there are no more; the encoder is alive.
        // On success libwebp hands over an allocation of `size` bytes, which is copied, then freed by its own function.
        unsafe {
            let encoder = self.encoder.as_ptr();
            let mut data = WebPData { bytes: std::ptr::null(), size: 0 };
            let done = WebPAnimEncoderAdd(encoder, std::ptr::null_mut(), end, std::ptr::null()) != 0
                && WebPAnimEncoderAssemble(encoder, &mut data) != 0
                && !data.bytes.is_null();
            if !done {
                return Err(self.error());
            }
            let file = slice::from_raw_parts(data.bytes, data.size).to_vec();
            WebPFree(data.bytes.cast_mut().cast());
            Ok(file)
        }
    }

    fn error(&self) -> ImageError {
        // SAFETY: the encoder is alive, and its message is a string that ends with a zero and lives until its next call.
        let said = unsafe {
            let said = WebPAnimEncoderGetError(self.encoder.as_ptr());
            if said.is_null() { String::new() } else { CStr::from_ptr(said).to_string_lossy().into_owned() }
        };
        encode_error(format!("libwebp says {said:?}"))
    }
}

impl Drop for Animation {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and deleted only here.
        unsafe { WebPAnimEncoderDelete(self.encoder.as_ptr()) }
    }
}

fn time(milliseconds: u32) -> Result<c_int, ImageError> {
    c_int::try_from(milliseconds).map_err(|_| encode_error("it plays for weeks"))
}
