#![allow(clippy::unwrap_used, clippy::expect_used)]

mod eye;
mod moving;
mod robust;
mod traps;

use super::*;
use image::{DynamicImage, RgbaImage, imageops, metadata::Orientation};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BEST: AvifEncoder = if cfg!(feature = "aom") { AvifEncoder::Aom } else { AvifEncoder::Ravif };
const ENCODERS: [AvifEncoder; 2] = [BEST, AvifEncoder::Ravif];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/images")
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

fn op(widths: &[u32], encoder: AvifEncoder) -> ImageOp {
    let spec =
        |format, quality| move |&width| VariantSpec { format, width, quality: Quality::Encoder(quality), spare: false };
    ImageOp {
        variants: widths
            .iter()
            .map(spec(ImageFormat::WebP, 80))
            .chain(widths.iter().map(spec(ImageFormat::Avif, 70)))
            .collect(),
        recompress: None,
        limits: Limits { pixels: 100_000_000 },
        avif: Avif { encoder, speed: 9, full_chroma: false },
        webp_method: 4,
        jpeg_trellis: true,
        search: Search::Close,
        placeholder: None,
    }
}

fn with(op: ImageOp, recompress: Recompress) -> ImageOp {
    ImageOp { recompress: Some(recompress), ..op }
}

/// Variants without the rule that they must be smaller than the file: fixtures are too small for that.
fn all_variants(bytes: &[u8], op: &ImageOp) -> Vec<(VariantSpec, Made)> {
    let info = probe(bytes).unwrap();
    let pixels = decode::decode(bytes, &info).unwrap();
    let origin = Origin::of(&info, bytes);
    let mut all = Vec::new();
    for spec in &op.variants {
        let one = ImageOp { variants: vec![spec.clone()], ..op.clone() };
        let mut output = nothing();
        variants::all(&one, &pixels, origin, usize::MAX, &mut output).unwrap();
        assert_eq!(output.notes, Vec::<String>::new());
        all.append(&mut output.variants);
    }
    all
}

fn nothing() -> ImageOutput {
    ImageOutput::default()
}

/// The JPEG again at this quality of mozjpeg, if that is worth it.
fn jpeg_again(bytes: &[u8], quality: u8) -> Option<Vec<u8>> {
    let pixels = decode::decode(bytes, &probe(bytes).unwrap()).unwrap();
    let mut output = nothing();
    variants::jpeg(&op(&[], BEST), bytes, &pixels, (Quality::Encoder(quality), true), &mut output).unwrap();
    output.recompressed.map(|made| made.bytes)
}

/// Decodes with decoders other than the encoders' own. `None`: AVIF without `avifdec`.
fn seen(file: &[u8], format: ImageFormat) -> Option<DynamicImage> {
    if format != ImageFormat::Avif {
        return Some(image::load_from_memory(file).unwrap());
    }
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("a.avif"), dir.path().join("a.png"));
    fs::write(&from, file).unwrap();
    let Ok(done) = Command::new("avifdec").arg(&from).arg(&to).output() else {
        println!("skipped: avifdec not found");
        return None;
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(image::open(to).unwrap())
}

/// The source as a browser shows it, scaled by other code than the one under test.
fn expected(bytes: &[u8], width: u32, height: u32) -> RgbaImage {
    let mut image = image::load_from_memory(bytes).unwrap();
    image.apply_orientation(Orientation::from_exif(probe(bytes).unwrap().orientation).unwrap());
    if (image.width(), image.height()) == (width, height) {
        return image.into_rgba8();
    }
    let mut image = image.into_rgba8();
    image.pixels_mut().for_each(|p| *p = multiplied(p.0).into());
    imageops::resize(&image, width, height, imageops::Lanczos3)
}

fn multiplied(p: [u8; 4]) -> [u8; 4] {
    let by_alpha = |c: u8| ((u32::from(c) * u32::from(p[3]) + 127) / 255) as u8;
    [by_alpha(p[0]), by_alpha(p[1]), by_alpha(p[2]), p[3]]
}

/// In dB, over all four channels.
fn psnr(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let squares = a.pixels().zip(b.pixels()).flat_map(|(a, b)| {
        let (a, b) = (a.0, b.0);
        (0..4).map(move |i| (f64::from(a[i]) - f64::from(b[i])).powi(2))
    });
    let error = squares.sum::<f64>() / f64::from(a.width() * a.height() * 4);
    10.0 * (255.0 * 255.0 / error.max(1e-9)).log10()
}

fn premultiplied(mut image: RgbaImage) -> RgbaImage {
    image.pixels_mut().for_each(|p| *p = multiplied(p.0).into());
    image
}

#[test]
fn formats_are_told_by_content() {
    use ImageFormat::*;
    for (name, format, size, animated) in [
        ("red-corner.jpg", Jpeg, (48, 32), false),
        ("transparent.png", Png, (161, 121), false),
        ("animated.png", Png, (16, 16), true),
        ("still.gif", Gif, (161, 121), false),
        ("animated.gif", Gif, (370, 285), true),
        ("still.webp", WebP, (100, 75), false),
        ("animated.webp", WebP, (370, 285), true),
    ] {
        let info = probe(&fixture(name)).unwrap();
        let wanted = ImageInfo { format, width: size.0, height: size.1, orientation: 1, animated };
        assert_eq!(info, wanted, "{name}");
    }
    for (head, format) in [
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1miaf".as_slice(), Some(Avif)),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", Some(Avif)),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some(Unsupported)),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", None),
        (b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0", Some(Ico)),
        (b"\xff\x0a\xfa\x1f", Some(Unsupported)),
        (b"II*\0\x08\0\0\0", Some(Unsupported)),
        (b"BM stands for bitmap", None),
        (b"", None),
    ] {
        assert_eq!(sniff(head), format, "{head:?}");
    }
}

#[test]
fn variants_look_like_their_source() {
    for (name, widths, floor) in [
        ("photo.jpg", [200, 101, 33].as_slice(), 30.0),
        ("red-corner.jpg", &[48], 30.0),
        ("grey.jpg", &[160, 79], 30.0),
        ("transparent.png", &[161, 80, 1], 28.0),
        ("palette.png", &[64, 31], 25.0),
        ("still.gif", &[161, 80], 28.0),
        ("deep16.png", &[40], 20.0),
        ("pixel.png", &[1], 30.0),
    ] {
        let bytes = fixture(name);
        for encoder in ENCODERS {
            for (spec, Made { height, bytes: file, .. }) in all_variants(&bytes, &op(widths, encoder)) {
                let what = format!("{name} {spec:?} {encoder:?}");
                let size = imagesize::blob_size(&file).unwrap();
                assert_eq!((size.width, size.height), (spec.width as usize, height as usize), "{what}");
                assert_eq!(sniff(&file), Some(spec.format), "{what}");
                let Some(image) = seen(&file, spec.format) else {
                    continue;
                };
                let mut wanted = expected(&bytes, spec.width, height);
                if spec.width == probe(&bytes).unwrap().width {
                    wanted = premultiplied(wanted);
                }
                let db = psnr(&premultiplied(image.into_rgba8()), &wanted);
                println!("{what}: {} bytes, {db:.1} dB", file.len());
                assert!(db > floor, "{what}: {db:.1} dB");
            }
        }
    }
}

#[test]
fn the_parts_of_an_operation_make_what_it_makes() {
    let photo = |quality: u8| {
        let noise = |x: u32, y: u32| (x * 31 + y * 17 + (x * y) % 101) as u8;
        let picture =
            image::RgbImage::from_fn(320, 240, |x, y| image::Rgb([noise(x, y) / 4 + (x / 2) as u8, (y / 2) as u8, 90]));
        let mut out = std::io::Cursor::new(Vec::new());
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, quality);
        DynamicImage::ImageRgb8(picture).write_with_encoder(encoder).unwrap();
        out.into_inner()
    };
    let drawing = || {
        let stripes = image::RgbImage::from_fn(320, 240, |x, y| {
            image::Rgb([if (x / 20 + y / 30) % 2 == 0 { 20 } else { 230 }; 3])
        });
        let mut out = std::io::Cursor::new(Vec::new());
        let plain = image::codecs::png::CompressionType::Uncompressed;
        let encoder = image::codecs::png::PngEncoder::new_with_quality(&mut out, plain, Default::default());
        DynamicImage::ImageRgb8(stripes).write_with_encoder(encoder).unwrap();
        out.into_inner()
    };
    let jpeg = |quality| Recompress::Jpeg { quality: Quality::Encoder(quality), trellis: false };
    let mut dropped = 0;
    for (bytes, recompress) in [(photo(95), jpeg(80)), (photo(95), jpeg(20)), (drawing(), Recompress::Png { level: 1 })]
    {
        let whole = with(op(&[60, 120, 320, 5000], BEST), recompress);
        let parts = whole.parts();
        assert_eq!(parts.len(), 2);
        let (mut made, joined) = (
            run(&whole, &bytes).unwrap(),
            ImageOutput::joined(parts.iter().map(|p| run(p, &bytes).unwrap()).collect()),
        );
        assert_eq!((&made.recompressed, &made.variants), (&joined.recompressed, &joined.variants));
        assert!(made.recompressed.is_some());
        dropped += joined.notes.iter().filter(|n| n.contains("dropped")).count();
        // A version may be told to be larger than the file or than another version.
        let told = |notes: &mut Vec<String>| {
            notes.iter_mut().map(|n| n.split(':').next().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(told(&mut made.notes), told(&mut joined.notes.clone()));
    }
    assert!(dropped > 0, "nothing was too large to be of use");
    let by_eye = ImageOp {
        recompress: Some(Recompress::Jpeg { quality: Quality::Score(75), trellis: false }),
        ..op(&[60, 120], BEST)
    };
    assert_eq!(by_eye.parts(), [by_eye]);
}

#[test]
fn webp_steps_in_where_avif_is_not_worth_it() {
    let webp = |op: ImageOp| {
        let variants = op
            .variants
            .into_iter()
            .map(|v| VariantSpec { spare: v.format == ImageFormat::WebP && v.width == 480, ..v });
        ImageOp { variants: variants.collect(), ..op }
    };
    let made = |bytes: &[u8]| {
        let made = run(&webp(op(&[240, 480, 960], BEST)), bytes).unwrap().variants;
        let of = |format| made.iter().filter(|(v, _)| v.format == format).map(|(v, _)| v.width).collect::<Vec<_>>();
        (of(ImageFormat::WebP), of(ImageFormat::Avif))
    };
    let png = |picture: image::RgbImage| {
        let mut out = std::io::Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture).write_to(&mut out, image::ImageFormat::Png).unwrap();
        out.into_inner()
    };
    let noise =
        |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 29;
    let photo = png(image::RgbImage::from_fn(960, 640, |x, y| {
        let wave = (x as f32 / 31.0).sin() * (y as f32 / 47.0).cos();
        image::Rgb([90, 110, 70].map(|base| (wave.mul_add(60.0, base as f32 + noise(x, y) as f32)) as u8))
    }));
    assert_eq!(made(&photo), (vec![240, 960], vec![240, 480, 960]));
    // Without loss, WebP is the smaller.
    let stripes = png(image::RgbImage::from_fn(960, 640, |x, y| {
        image::Rgb([if (x / 8 + y / 8) % 2 == 0 { 10 } else { 240 }; 3])
    }));
    assert_eq!(made(&stripes), (vec![240, 480, 960], vec![]));
}
