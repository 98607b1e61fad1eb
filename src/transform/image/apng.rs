//! The pictures of an animated PNG, one after another (<https://www.w3.org/TR/png-3/#apng-frame-based-animation>).

use super::{ImageError, decode_error};
use image::{GenericImage, Pixel, RgbaImage, imageops};
use png::{BlendOp, Decoder, DisposeOp, FrameControl, Limits, Reader, Transformations};
use std::io::Cursor;
use std::time::Duration;

/// What is to be seen, and for how long.
pub(super) struct Apng<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    canvas: RgbaImage,
    /// What has to be undone before the next frame.
    undo: Option<Undo>,
    left: u32,
}

/// A part of the canvas, as it was or is to be.
struct Undo {
    x: u32,
    y: u32,
    part: RgbaImage,
}

impl<'a> Apng<'a> {
    /// # Errors
    /// `Decode` for damaged files, and for a PNG that is not animated.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, ImageError> {
        // The caller has checked how many pixels it has.
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: usize::MAX });
        decoder.set_ignore_iccp_chunk(true);
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16 | Transformations::ALPHA);
        let mut reader = decoder.read_info().map_err(decode_error)?;
        let info = reader.info();
        let frames = info.animation_control().ok_or_else(|| decode_error("it has no frames"))?.num_frames;
        let (canvas, apart) = (RgbaImage::new(info.width, info.height), info.frame_control().is_none());
        if apart {
            // What browsers show that know no animated PNG.
            let mut still = vec![0; reader.output_buffer_size().ok_or_else(|| decode_error("it is too large"))?];
            reader.next_frame(&mut still).map_err(decode_error)?;
        }
        Ok(Self { reader, canvas, undo: None, left: frames })
    }

    /// How often it plays; 0 is without end.
    pub(super) fn plays(&self) -> u32 {
        self.reader.info().animation_control().map_or(0, |control| control.num_plays)
    }

    fn frame(&mut self) -> Result<(RgbaImage, Duration), ImageError> {
        if let Some(Undo { x, y, part }) = self.undo.take() {
            self.canvas.copy_from(&part, x, y).map_err(decode_error)?;
        }
        let size = self.reader.output_buffer_size().ok_or_else(|| decode_error("it is too large"))?;
        let mut samples = vec![0; size];
        let read = self.reader.next_frame(&mut samples).map_err(decode_error)?;
        let control = *self.reader.info().frame_control().ok_or_else(|| decode_error("a frame has no size"))?;
        samples.truncate(read.buffer_size());
        let rgba = match read.color_type {
            png::ColorType::GrayscaleAlpha => {
                samples.as_chunks().0.iter().flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha]).collect()
            }
            _ => samples,
        };
        let frame = RgbaImage::from_raw(read.width, read.height, rgba)
            .ok_or_else(|| decode_error("a frame has not as many samples as pixels"))?;
        self.draw(&frame, &control)?;
        Ok((self.canvas.clone(), delay(&control)))
    }

    fn draw(&mut self, frame: &RgbaImage, control: &FrameControl) -> Result<(), ImageError> {
        let FrameControl { x_offset: x, y_offset: y, .. } = *control;
        let (width, height) = frame.dimensions();
        let ends = |at: u32, length: u32, side: u32| at.checked_add(length).is_some_and(|end| end <= side);
        if !ends(x, width, self.canvas.width()) || !ends(y, height, self.canvas.height()) {
            return Err(decode_error("a frame reaches beyond the picture"));
        }
        let before = imageops::crop_imm(&self.canvas, x, y, width, height).to_image();
        let mut part = before.clone();
        match control.blend_op {
            BlendOp::Source => part.clone_from(frame),
            BlendOp::Over => part.pixels_mut().zip(frame.pixels()).for_each(|(under, over)| under.blend(over)),
        }
        self.canvas.copy_from(&part, x, y).map_err(decode_error)?;
        self.undo = match control.dispose_op {
            DisposeOp::None => None,
            DisposeOp::Background => Some(Undo { x, y, part: RgbaImage::new(width, height) }),
            // Of the first frame nothing else was there.
            DisposeOp::Previous => Some(Undo { x, y, part: before }),
        };
        Ok(())
    }
}

impl Iterator for Apng<'_> {
    type Item = Result<(RgbaImage, Duration), ImageError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let frame = self.frame();
        if frame.is_err() {
            self.left = 0;
        }
        Some(frame)
    }
}

fn delay(control: &FrameControl) -> Duration {
    let (part, of) = (u64::from(control.delay_num), u64::from(control.delay_den));
    Duration::from_micros(part * 1_000_000 / if of == 0 { 100 } else { of })
}
