//! Quality by eye: no lossy file falls below the score that was asked for, by another implementation of the metric too.

use super::super::*;
use super::*;
use codec::Codec;
use score::Reference;

fn corpus() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/photos");
    if !corpus.is_dir() {
        println!("skipped: {} not found", corpus.display());
        return None;
    }
    Some(corpus)
}

fn at(folder: &Path, names: &[&str], width: u32) -> Vec<(String, decode::Pixels)> {
    let one = |name: &&str| {
        let bytes = fs::read(folder.join(name)).unwrap();
        let pixels = decode::decode(&bytes, &probe(&bytes).unwrap()).unwrap();
        ((*name).to_owned(), resize::to_width(&pixels, width).unwrap().into_owned())
    };
    names.iter().map(one).collect()
}

const PHOTOS: [&str; 12] = [
    "camera/hubble.jpg",
    "camera/retina.jpg",
    "camera/sharp-2569067123_aca715a2ee_o.jpg",
    "camera/sharp-Landscape_1.jpg",
    "camera/zune-fox410.jpg",
    "camera/zune-medium_no_samp_2500x1786.jpg",
    "small/chelsea.png",
    "small/coffee.png",
    "small/kodak-1.png",
    "small/kodak-13.png",
    "small/kodak-23.png",
    "small/motorcycle_left.png",
];

/// By the crate `ssimulacra2`, another implementation than the search uses.
fn score_again(seen: &DynamicImage, wanted: &decode::Pixels, background: u8) -> f64 {
    let flat = |rgba: [u8; 4]| {
        let alpha = u32::from(rgba[3]);
        [0, 1, 2].map(|i| (u32::from(rgba[i]) * alpha + u32::from(background) * (255 - alpha)) as f32 / (255.0 * 255.0))
    };
    let (width, height) = (wanted.width as usize, wanted.height as usize);
    let rgb = |samples| {
        use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic};
        Rgb::new(samples, width, height, TransferCharacteristic::SRGB, ColorPrimaries::BT709).unwrap()
    };
    let of_wanted = wanted.data.chunks_exact(wanted.channels());
    let wanted = of_wanted.map(|p| flat([p[0], p[1], p[2], p.get(3).copied().unwrap_or(255)])).collect();
    let seen = seen.to_rgba8().pixels().map(|p| flat(p.0)).collect();
    ssimulacra2::compute_frame_ssimulacra2(rgb(wanted), rgb(seen)).unwrap()
}

/// The other implementation and the other decoders round otherwise.
const TOLERANCE: f64 = 0.5;

fn by_eye(widths: &[u32], score: u8, search: Search) -> ImageOp {
    let mut op = op(widths, BEST);
    op.variants.iter_mut().for_each(|v| v.quality = Quality::Score(score));
    op.avif.full_chroma = true;
    ImageOp { search, ..op }
}

/// -> encodings, and files that came of them.
fn hold_the_floor(name: &str, bytes: &[u8], op: &ImageOp, floor: f64) -> (u32, u32) {
    let info = probe(bytes).unwrap();
    let pixels = decode::decode(bytes, &info).unwrap();
    let origin = Origin::of(&info, bytes);
    let mut output = nothing();
    variants::all(op, &pixels, origin, usize::MAX, &mut output).unwrap();
    let mut files: Vec<(ImageFormat, u32, Made)> =
        output.variants.iter().map(|(spec, made)| (spec.format, spec.width, made.clone())).collect();
    if info.format == ImageFormat::Jpeg {
        variants::jpeg(op, &[bytes, &vec![0; 1 << 20]].concat(), &pixels, (op.variants[0].quality, true), &mut output)
            .unwrap();
        files.extend(output.recompressed.clone().map(|made| (ImageFormat::Jpeg, info.width, made)));
    }
    assert!(!files.is_empty(), "{name}: {:?}", output.notes);
    let mut lossy = 0;
    for (format, width, made) in &files {
        let wanted = resize::to_width(&pixels, *width).unwrap();
        let Some(seen) = seen(&made.bytes, *format) else { continue };
        let again = [0, 255].map(|b| score_again(&seen, &wanted, b)).into_iter().fold(100.0, f64::min);
        println!("{name} {width} {format:?}: {} bytes, {:?}, again {again:.2}", made.bytes.len(), made.loss);
        assert!(again > floor - TOLERANCE, "{name} {width} {format:?}: {:?} {again}", made.loss);
        match made.loss {
            Loss::Score(score) => assert!(score >= floor && (score - again).abs() < 2.5, "{name}: {score} {again}"),
            Loss::None => assert_eq!(*format, ImageFormat::WebP),
            Loss::Unknown => panic!("nobody looked at {name}"),
        }
        lossy += u32::from(made.loss != Loss::None);
    }
    (output.encodes, lossy)
}

#[test]
fn no_lossy_file_falls_below_the_score() {
    for (name, widths) in [
        ("photo.jpg", [200, 100].as_slice()),
        ("grey.jpg", &[160]),
        ("transparent.png", &[161, 80]),
        ("still.gif", &[161]),
    ] {
        for (score, search) in [(50, Search::Close), (75, Search::Close), (75, Search::First), (85, Search::Close)] {
            hold_the_floor(name, &fixture(name), &by_eye(widths, score, search), f64::from(score));
        }
    }
}

#[test]
fn photographs_take_few_encodings() {
    let Some(corpus) = corpus() else { return };
    let (mut encodes, mut files) = (0, 0);
    for name in ["camera/sharp-Landscape_1.jpg", "camera/zune-fox410.jpg", "small/kodak-23.png", "small/chelsea.png"] {
        let bytes = fs::read(corpus.join(name)).unwrap();
        let width = probe(&bytes).unwrap().width;
        let counted = hold_the_floor(name, &bytes, &by_eye(&[320, 400, width], 75, Search::Close), 75.0);
        (encodes, files) = (encodes + counted.0, files + counted.1);
    }
    let each = f64::from(encodes) / f64::from(files);
    println!("{each:.2} encodings for each file");
    assert!(each < 2.2, "{each}");
}

#[test]
fn what_cannot_reach_the_score_is_dropped() {
    // Noise in colours: half of their resolution is gone in any lossy WebP.
    let mut noise = image::RgbImage::new(64, 64);
    let mut state = 1u32;
    noise.pixels_mut().for_each(|p| {
        p.0 = [0; 3].map(|_: u8| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    noise.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let output = run(&by_eye(&[64], 90, Search::Close), bytes.get_ref()).unwrap();
    assert!(output.variants.iter().all(|(spec, _)| spec.format == ImageFormat::Avif), "{:?}", output.notes);
    assert!(output.notes.iter().any(|n| n.contains("image/webp dropped")), "{:?}", output.notes);
}

#[test]
fn fixed_qualities_are_not_searched() {
    let output = run(
        &with(op(&[100], BEST), Recompress::Jpeg { quality: Quality::Encoder(50), trellis: true }),
        &fixture("photo.jpg"),
    );
    let output = output.unwrap();
    assert_eq!(output.encodes, 3);
    assert!(output.variants.iter().all(|(_, made)| made.loss == Loss::Unknown));
}

/// Prints what the encoders' curves are made of: for some scores the median quality over some photographs, how many of
/// them reach it, and the bytes of those that all codecs bring there.
#[test]
#[ignore = "takes minutes; for whoever changes an encoder"]
fn learn() {
    let Some(corpus) = corpus() else { return };
    let avif = |encoder, speed, full_chroma| Codec::Avif(Avif { encoder, speed, full_chroma });
    let codecs = [
        ("webp 4", Codec::WebP { method: 4, sharp_yuv: true }),
        ("jpeg", Codec::Jpeg { chroma: jpeg::Chroma::Half, trellis: true }),
        ("jpeg 4:4:4", Codec::Jpeg { chroma: jpeg::Chroma::Full, trellis: true }),
        ("aom 9", avif(AvifEncoder::Aom, 9, false)),
        ("aom 9 4:4:4", avif(AvifEncoder::Aom, 9, true)),
        ("ravif 8", avif(AvifEncoder::Ravif, 8, true)),
        ("aom 6", avif(AvifEncoder::Aom, 6, false)),
        ("aom 6 4:4:4", avif(AvifEncoder::Aom, 6, true)),
    ];
    let wanted = [30.0, 50.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0];
    let width = std::env::var("WIDTH").map_or(480, |w| w.parse().unwrap());
    let photos = at(&corpus, &PHOTOS, width);
    let references: Vec<_> = photos.iter().map(|(_, p)| (p, Reference::new(p).unwrap())).collect();
    for (name, codec) in codecs {
        let lines: Vec<Vec<[f64; 3]>> = references
            .iter()
            .map(|(p, r)| {
                let point = |quality: u8| {
                    let file = codec.encode(p, quality).unwrap();
                    let score = r.score(&codec.decode(&file, p.alpha).unwrap()).unwrap();
                    [score, f64::from(quality), file.len() as f64]
                };
                (20..90).step_by(10).chain([85, 90, 94, 98, 100]).map(point).collect()
            })
            .collect();
        for score in wanted {
            let at = |line: &Vec<[f64; 3]>| {
                let two = line.windows(2).find(|w| w[0][0] <= score && score <= w[1][0])?;
                let part = (score - two[0][0]) / (two[1][0] - two[0][0]);
                Some([1, 2].map(|i| two[0][i] + part * (two[1][i] - two[0][i])))
            };
            let found: Vec<Option<[f64; 2]>> = lines.iter().map(at).collect();
            let mut qualities: Vec<f64> = found.iter().flatten().map(|f| f[0]).collect();
            qualities.sort_by(f64::total_cmp);
            let median = qualities.get(qualities.len() / 2);
            let bytes: Vec<f64> = found.iter().map(|f| f.map_or(0.0, |f| f[1].round())).collect();
            println!("{name} {score}: {median:.1?} {qualities:.0?} {bytes:?}");
        }
    }
}
