use super::super::*;
use super::*;
use std::time::Instant;

#[test]
fn trap_38_pixel_limit() {
    for name in ["bomb.png", "bomb.jpg"] {
        let op = with(op(&[8], BEST), Recompress::Png { level: 2 });
        let start = Instant::now();
        let error = run(&op, &fixture(name)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "is 65535x65535 px = 4295 MP; the limit is 100 MP; raise images.max_megapixels or exclude the file"
        );
        assert!(start.elapsed().as_millis() < 500, "{name} was decoded");
    }
    let tight = ImageOp { limits: Limits { pixels: 29_999 }, ..op(&[8], BEST) };
    assert!(matches!(run(&tight, &fixture("photo.jpg")), Err(ImageError::TooLarge { .. })));
    let fits = ImageOp { limits: Limits { pixels: 30_000 }, ..tight };
    assert!(run(&fits, &fixture("photo.jpg")).is_ok());
}

#[test]
fn damaged_files_are_errors() {
    for (name, decodes) in
        [("truncated.jpg", false), ("truncated.png", false), ("bad-crc.png", false), ("photo.jpg", true)]
    {
        let out = run(&op(&[16], BEST), &fixture(name));
        assert_eq!(out.is_ok(), decodes, "{name}");
        assert!(decodes || matches!(out, Err(ImageError::Decode { .. })), "{name} {out:?}");
    }
    // One wrong byte among the pixels: a decoder that went on would show something, each another thing.
    let mut flipped = fixture("photo.jpg");
    let middle = flipped.len() / 2;
    flipped[middle..middle + 2].copy_from_slice(&[0xff, 0x42]);
    assert!(matches!(run(&op(&[16], BEST), &flipped), Err(ImageError::Decode { .. })));
    let gif = fixture("still.gif");
    assert!(probe(&gif).is_some() && probe(&gif[..gif.len() - 1]).is_some(), "its last byte says no more than that");
    assert_eq!(probe(&gif[..gif.len() / 2]), None);
    let text = run(&op(&[16], BEST), &fixture("not-an-image.jpg"));
    assert!(matches!(text, Err(ImageError::Unsupported { .. })));
}

/// Never a panic, never a file that is larger, whatever the input.
#[test]
fn any_file_gives_a_result() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/photos");
    let mut folders = vec![folder()];
    match corpus.is_dir() {
        true => folders.extend(["odd", "corrupt", "small", "camera"].map(|f| corpus.join(f))),
        false => println!("skipped: {} not found", corpus.display()),
    }
    let mut op = op(&[64], BEST);
    op.limits.pixels = 20_000_000;
    for path in folders.iter().flat_map(|f| fs::read_dir(f).unwrap()) {
        let path = path.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let recompress = match sniff(&bytes) {
            Some(ImageFormat::Png) => Recompress::Png { level: 0 },
            _ => Recompress::Jpeg { quality: Quality::Encoder(75), trellis: true },
        };
        match run(&with(op.clone(), recompress), &bytes) {
            Ok(out) => {
                for made in out.variants.iter().map(|(_, made)| made).chain(&out.recompressed) {
                    assert!(made.bytes.len() < bytes.len(), "{}", path.display());
                }
                println!("{}: {} variants {:?}", path.display(), out.variants.len(), out.notes);
            }
            Err(error) => println!("{} {error}", path.display()),
        }
    }
}

#[test]
fn every_prefix_of_a_file_gives_a_result() {
    for name in ["red-corner.jpg", "still.gif", "gamma.png", "still.webp", "display-p3.jpg"] {
        let bytes = fixture(name);
        let op = with(op(&[1], BEST), Recompress::Png { level: 0 });
        for end in (0..bytes.len()).step_by(7) {
            let _ = run(&op, &bytes[..end]);
        }
    }
    for (name, width) in [("animated.png", 16), ("animated.gif", 370)] {
        let bytes = fixture(name);
        for end in (0..bytes.len()).step_by(if width > 16 { 97 } else { 1 }) {
            let made = run(&op(&[width], BEST), &bytes[..end]);
            assert!(made.is_err() || width == 16 || bytes.len() - end <= 1, "{name} to {end}: all of it or nothing");
        }
    }
}

#[test]
fn the_same_bytes_on_any_number_of_cores() {
    for encoder in ENCODERS {
        for (name, recompress) in [
            ("photo.jpg", Recompress::Jpeg { quality: Quality::Encoder(60), trellis: true }),
            ("transparent.png", Recompress::Png { level: 2 }),
        ] {
            let bytes = fixture(name);
            let op = with(op(&[100, 50], encoder), recompress);
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| (run(&op, &bytes).unwrap(), all_variants(&bytes, &op)))
            };
            let one = on(1);
            assert!(one.0.recompressed.is_some() && !one.1.is_empty(), "{name}");
            assert_eq!(one, on(2), "{name}");
            assert_eq!(one, on(2), "{name}");
        }
    }
}

#[test]
fn png_recompression_keeps_every_sample() {
    for name in ["transparent.png", "deep16.png", "gamma.png"] {
        let bytes = fixture(name);
        let smaller = png::recompress(&bytes, 2).unwrap().expect(name);
        let before = image::load_from_memory(&bytes).unwrap();
        let after = image::load_from_memory(&smaller).unwrap();
        assert_eq!(before.to_rgba16(), after.to_rgba16(), "{name}");
    }
}

#[test]
fn jpeg_recompression_keeps_chroma_and_spares_coarse_sources() {
    let padded = |name| [fixture(name), vec![0; 9000]].concat();
    for (name, components, full_chroma) in [("red-corner.jpg", 3, true), ("photo.jpg", 3, false), ("grey.jpg", 1, true)]
    {
        let file = jpeg_again(&padded(name), 60).expect(name);
        let header = jpeg::Header::read(&file).unwrap();
        assert_eq!((header.components, header.full_chroma), (components, full_chroma), "{name}");
        assert_eq!(jpeg_again(&[file.clone(), vec![0; 9000]].concat(), 60), None, "{name}");
        let db = psnr(
            &image::load_from_memory(&file).unwrap().into_rgba8(),
            &image::load_from_memory(&fixture(name)).unwrap().into_rgba8(),
        );
        assert!(db > 30.0, "{name}: {db:.1} dB");
    }
}

#[test]
fn without_trellis_a_jpeg_is_as_good_and_a_little_larger() {
    let photo = fixture("photo.jpg");
    let pixels = decode::decode(&photo, &probe(&photo).unwrap()).unwrap();
    let original = image::load_from_memory(&photo).unwrap().into_rgba8();
    for quality in [70, 80] {
        let [with, without] =
            [true, false].map(|trellis| jpeg::encode(&pixels, quality, jpeg::Chroma::Half, trellis).unwrap());
        let coarseness = |file: &[u8]| jpeg::Header::read(file).unwrap().coarseness;
        assert_eq!(coarseness(&with), coarseness(&without), "the same tables");
        let more = without.len() as f64 / with.len() as f64;
        assert!((1.0..1.25).contains(&more), "{more}");
        let db = |file: &[u8]| psnr(&image::load_from_memory(file).unwrap().into_rgba8(), &original);
        assert!(db(&without) >= db(&with) - 0.1, "{} {}", db(&without), db(&with));
    }
}
