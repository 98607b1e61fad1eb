//! Animations become WebP that shows the same pictures at the same times.

use super::super::{ImageOp, ImageOutput, Limits, Loss, probe, run};
use super::{BEST, fixture, op};
use crate::model::ImageFormat;
use crate::transform::image::apng::Apng;
use image::codecs::{gif::GifDecoder, webp::WebPDecoder};
use image::metadata::LoopCount;
use image::{AnimationDecoder, Rgba, RgbaImage};
use std::io::Cursor;
use std::time::Duration;

/// A picture that stands until the time.
type Shown = (RgbaImage, Duration);

fn frames<'a>(decoder: impl AnimationDecoder<'a>) -> Vec<Shown> {
    let mut at = Duration::ZERO;
    let frame = |frame: image::ImageResult<image::Frame>| {
        let frame = frame.unwrap();
        at += Duration::from(frame.delay());
        (frame.into_buffer(), at)
    };
    decoder.into_frames().map(frame).collect()
}

/// What comes of a file at its own width.
fn moved(bytes: &[u8], limits: Limits) -> ImageOutput {
    let info = probe(bytes).unwrap();
    run(&ImageOp { limits, ..op(&[info.width / 2, info.width], BEST) }, bytes).unwrap()
}

const PLENTY: Limits = Limits { pixels: 100_000_000 };

/// Pictures, how often they are played (0 is without end), and what was lost.
fn webp(bytes: &[u8]) -> (Vec<Shown>, u32, Loss) {
    let out = moved(bytes, PLENTY);
    let [(spec, made)] = out.variants.as_slice() else { panic!("{:?}", out.notes) };
    assert_eq!((spec.format, spec.width), (ImageFormat::WebP, probe(bytes).unwrap().width));
    assert!(probe(&made.bytes).unwrap().animated && made.bytes.len() < bytes.len());
    let decoder = || WebPDecoder::new(Cursor::new(&made.bytes)).unwrap();
    let plays = match decoder().loop_count() {
        LoopCount::Infinite => 0,
        LoopCount::Finite(plays) => plays.get(),
    };
    (frames(decoder()), plays, made.loss)
}

/// What is to be seen in the middle of every stretch between two changes of either.
fn assert_same(a: &[Shown], b: &[Shown]) {
    let end = a.last().unwrap().1;
    assert_eq!(end, b.last().unwrap().1);
    let mut changes: Vec<Duration> = a.iter().chain(b).map(|(_, until)| *until).collect();
    changes.sort_unstable();
    let at = |shown: &[Shown], time: Duration| shown.iter().find(|(_, until)| time < *until).unwrap().0.clone();
    for pair in changes.windows(2).filter(|pair| pair[0] != pair[1]) {
        let middle = (pair[0] + pair[1]) / 2;
        for (x, y) in at(a, middle).pixels().zip(at(b, middle).pixels()) {
            // The decoder here rounds where frames are blended.
            let near = x.0.iter().zip(y.0).all(|(a, b)| a.abs_diff(b) <= 1);
            assert!(near || x.0[3] == 0 && y.0[3] == 0, "at {middle:?}: {x:?} {y:?}");
        }
    }
}

#[test]
fn a_gif_plays_as_before() {
    let gif = fixture("animated.gif");
    let (seen, plays, loss) = webp(&gif);
    assert_same(&seen, &frames(GifDecoder::new(Cursor::new(&gif[..])).unwrap()));
    assert_eq!(loss, Loss::None, "a drawing");
    // It says that it is repeated twice.
    assert_eq!(plays, 3);
    let name = gif.windows(11).position(|w| w == b"NETSCAPE2.0").unwrap();
    let with = |repeats: u8| [&gif[..name + 13], &[repeats], &gif[name + 14..]].concat();
    assert_eq!(webp(&with(0)).1, 0);
    let without = [&gif[..name - 3], &gif[name + 16..]].concat();
    assert_eq!(webp(&without).1, 1);
}

#[test]
fn what_would_take_too_long_or_differs_between_browsers_stays() {
    let gif = fixture("animated.gif");
    let out = moved(&gif, Limits { pixels: 370 * 285 * 2 });
    assert_eq!(out.variants, vec![]);
    assert!(out.notes[0].contains("images.max_megapixels"), "{:?}", out.notes);
    // Less wide than its frames; with a disposal that nobody has defined; with fewer colours than its codes can name.
    let control = gif.windows(3).position(|w| w == [0x21, 0xf9, 4]).unwrap() + 3;
    let frame = 13 + (3 << ((gif[10] & 7) + 1));
    assert!(gif[10] & 0x80 != 0 && frame < control);
    let few = [&gif[..10], &[0x80], &gif[11..13], &gif[13..19], &gif[frame..]].concat();
    let with = |at: usize, value: u8| [&gif[..at], &[value], &gif[at + 1..]].concat();
    for odd in [with(6, gif[6] - 20), with(control, 4 << 2), few] {
        let out = moved(&odd, PLENTY);
        assert_eq!(out.variants, vec![]);
        assert_eq!(out.notes, ["is a GIF that browsers read in different ways: left as it is"]);
    }
    // A still one, too, and however large its frame: nothing is decoded.
    let mut still = fixture("still.gif");
    still[6] -= 1;
    let out = run(&op(&[8], BEST), &still).unwrap();
    assert_eq!((out.variants, out.notes.len()), (vec![], 1));
}

#[test]
fn frames_without_a_time_stand_for_a_tenth_of_a_second() {
    let mut gif = fixture("animated.gif");
    let first = gif.windows(3).position(|w| w == [0x21, 0xf9, 4]).unwrap();
    gif[first + 4..first + 6].copy_from_slice(&[1, 0]);
    assert_eq!(webp(&gif).0[0].1, Duration::from_millis(100));
}

/// One frame of a made PNG: where it stands, its colour, how it is drawn and what happens to it afterwards.
type Drawn = ((u32, u32, u32, u32), [u8; 4], ::png::BlendOp, ::png::DisposeOp);

const SIDE: u32 = 64;

fn apng(drawn: &[Drawn]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(::png::ColorType::Rgba);
    encoder.set_compression(::png::Compression::NoCompression);
    encoder.set_animated(drawn.len() as u32, 2).unwrap();
    encoder.set_frame_delay(1, 3).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for ((x, y, width, height), colour, blend, dispose) in drawn {
        writer.set_frame_dimension(*width, *height).unwrap();
        writer.set_frame_position(*x, *y).unwrap();
        writer.set_blend_op(*blend).unwrap();
        writer.set_dispose_op(*dispose).unwrap();
        writer.write_image_data(&colour.repeat((width * height) as usize)).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn a_png_plays_as_its_standard_says() {
    use ::png::{BlendOp::*, DisposeOp::*};
    const WHOLE: (u32, u32, u32, u32) = (0, 0, SIDE, SIDE);
    let (red, blue, half) = ([200, 0, 0, 255], [0, 0, 200, 255], [0, 200, 0, 130]);
    let part = (8, 8, 16, 16);
    let file = apng(&[
        (WHOLE, red, Source, None),
        (part, blue, Over, Background),
        // Over what was cleared there, which comes back afterwards.
        ((0, 8, 24, 8), half, Over, Previous),
        ((40, 40, 8, 8), half, Over, None),
        ((40, 40, 8, 8), half, Source, None),
    ]);
    let (seen, plays, loss) = webp(&file);
    assert_eq!((plays, loss), (2, Loss::None));
    // A third of a second each, to the nearest millisecond.
    assert_eq!(seen.iter().map(|s| s.1.as_millis()).collect::<Vec<_>>(), [333, 667, 1000, 1333, 1667]);
    // Pictures as they are handed to the encoder: `image` does not clear what a frame of a WebP leaves.
    let drawn: Vec<RgbaImage> = Apng::new(&file).unwrap().map(|frame| frame.unwrap().0).collect();
    let at = |n: usize, x, y| *drawn[n].get_pixel(x, y);
    assert_eq!((at(0, 10, 10), at(1, 10, 10), at(1, 4, 10)), (Rgba(red), Rgba(blue), Rgba(red)));
    assert_eq!((at(2, 10, 10), at(2, 10, 20).0[3], at(2, 30, 30)), (Rgba(half), 0, Rgba(red)));
    let over = at(2, 4, 10).0;
    assert!(over[0].abs_diff(100) <= 2 && over[1].abs_diff(100) <= 2 && over[3] == 255, "{over:?}");
    assert_eq!((at(3, 10, 10).0[3], at(3, 4, 10)), (0, Rgba(red)), "undone");
    assert!(at(3, 44, 44).0[3] == 255 && at(4, 44, 44) == Rgba(half), "over, and instead");
}
