use super::super::jpeg::Chroma;
use super::super::*;
use super::*;
use image::ImageDecoder;

#[test]
fn trap_33_transparent_png_keeps_alpha() {
    for name in ["transparent.png", "still.gif"] {
        let bytes = fixture(name);
        for encoder in ENCODERS {
            for (spec, Made { bytes: file, .. }) in all_variants(&bytes, &op(&[161, 80], encoder)) {
                let Some(image) = seen(&file, spec.format) else {
                    continue;
                };
                assert!(image.color().has_alpha(), "{spec:?}");
                let rgba = image.into_rgba8();
                let right = rgba.width() - 1;
                assert!(rgba.get_pixel(right, 0).0[3] < 8, "{name} {spec:?} {encoder:?}");
                let (x, y) = (rgba.width() / 2, rgba.height() / 6);
                assert!(rgba.get_pixel(x, y).0[3] > 247, "{name} {spec:?} {encoder:?}");
            }
        }
    }
}

#[test]
fn trap_34_animation_is_never_lost() {
    for name in ["animated.gif", "animated.webp", "animated.png"] {
        for recompress in
            [Recompress::Png { level: 2 }, Recompress::Jpeg { quality: Quality::Encoder(50), trellis: true }]
        {
            let out = run(&with(op(&[8], BEST), recompress), &fixture(name)).unwrap();
            assert_eq!((out.recompressed, out.variants), (None, vec![]), "{name}");
            assert_eq!(out.notes, ["is animated: left as it is"]);
        }
    }
}

#[test]
fn trap_35_exif_orientation_is_baked() {
    // Where the stored top left corner is shown.
    let corners = [
        (false, false),
        (true, false),
        (true, true),
        (false, true),
        (false, false),
        (true, false),
        (true, true),
        (false, true),
    ];
    for (orientation, (right, bottom)) in (1..=8).zip(corners) {
        let bytes = with_orientation(&fixture("red-corner.jpg"), orientation);
        let info = probe(&bytes).unwrap();
        assert_eq!(info.orientation, orientation);
        let shown = if orientation < 5 { (48, 32) } else { (32, 48) };
        assert_eq!((info.width, info.height), shown);

        let op = with(op(&[info.width], BEST), Recompress::Jpeg { quality: Quality::Encoder(60), trellis: true });
        let jpeg = jpeg_again(&[bytes.clone(), vec![0; 4000]].concat(), 60).unwrap();
        assert_eq!(probe(&jpeg).unwrap().orientation, 1);
        let mut files = vec![(ImageFormat::Jpeg, jpeg)];
        files.extend(all_variants(&bytes, &op).into_iter().map(|(s, made)| (s.format, made.bytes)));
        for (format, file) in files {
            let Some(image) = seen(&file, format) else {
                continue;
            };
            let rgb = image.into_rgb8();
            assert_eq!(rgb.dimensions(), shown, "{orientation} {format:?}");
            let is_red = |x, y| {
                let [r, _, b] = rgb.get_pixel(x, y).0;
                r > 150 && b < 100
            };
            let (x, y) = (shown.0 - 4, shown.1 - 4);
            for (is_right, is_bottom) in [(false, false), (false, true), (true, false), (true, true)] {
                let red = is_red(if is_right { x } else { 4 }, if is_bottom { y } else { 4 });
                let wanted = (is_right, is_bottom) == (right, bottom);
                assert_eq!(red, wanted, "{orientation} {format:?} {is_right} {is_bottom}");
            }
        }
    }
}

#[test]
fn trap_36_what_cannot_be_told_in_another_file_is_left_alone() {
    for (name, note) in [
        ("cmyk.jpg", "is in CMYK: left as it is"),
        ("arithmetic.jpg", "is an arithmetic, lossless or hierarchical JPEG: left as it is"),
        ("gain-map.jpg", "has an HDR gain map: left as it is"),
    ] {
        let op = with(op(&[8], BEST), Recompress::Jpeg { quality: Quality::Encoder(10), trellis: true });
        let out = run(&op, &fixture(name)).unwrap();
        assert_eq!((out.recompressed, out.variants), (None, vec![]), "{name}");
        assert_eq!(out.notes, [note], "{name}");
    }
    let out = run(&with(op(&[8], BEST), Recompress::Png { level: 2 }), &fixture("gamma.png")).unwrap();
    assert_eq!(out.variants, []);
    assert_eq!(out.notes, ["keeps its colour profile: no WebP or AVIF"]);
    let out = run(&op(&[90], BEST), &fixture("srgb-profile.jpg")).unwrap();
    assert!(!out.variants.is_empty() && !out.notes.iter().any(|n| n.contains("profile")));
    assert!(out.variants.iter().all(|(spec, made)| spec.format != ImageFormat::WebP || profile(&made.bytes).is_none()));
}

/// The ICC profile of a WebP.
fn profile(webp: &[u8]) -> Option<Vec<u8>> {
    image::codecs::webp::WebPDecoder::new(std::io::Cursor::new(webp)).unwrap().icc_profile().unwrap()
}

#[test]
fn trap_36_wide_gamut_stays_wide() {
    use colour::{DISPLAY_P3, Meaning, Space};
    assert!(matches!(colour::meaning(DISPLAY_P3), Meaning::Is(Space::DisplayP3)));
    for name in ["display-p3.jpg", "display-p3.png", "adobe-rgb.jpg"] {
        let bytes = fixture(name);
        let info = probe(&bytes).unwrap();
        let source = decode::decode(&bytes, &info).unwrap();
        for (spec, made) in all_variants(&bytes, &op(&[info.width], BEST)) {
            if spec.format == ImageFormat::WebP {
                assert_eq!(profile(&made.bytes).as_deref(), Some(DISPLAY_P3), "{name}");
            } else {
                // The primaries of SMPTE EG 432-1 and sRGB's curve, in the container.
                let colr = made.bytes.windows(8).position(|w| w == b"colrnclx").unwrap();
                assert_eq!(made.bytes[colr + 8..colr + 12], [0, 12, 0, 13], "{name}");
            }
        }
        // And of a JPEG that is written again, once.
        let file = jpeg::encode(&source, 90, Chroma::Half, false).unwrap();
        assert_eq!(jpeg::Header::read(&file).unwrap().icc.as_deref(), Some(DISPLAY_P3), "{name}");
    }
    // What is red for Adobe's RGB is more than that in Display P3; greys are the same but for the curves.
    let plain = decode::decode(&fixture("photo.jpg"), &probe(&fixture("photo.jpg")).unwrap()).unwrap();
    let wide = decode::decode(&fixture("adobe-rgb.jpg"), &probe(&fixture("adobe-rgb.jpg")).unwrap()).unwrap();
    let (pairs, mut seen) = (plain.data.chunks_exact(3).zip(wide.data.chunks_exact(3)), [false; 2]);
    for (a, b) in pairs {
        let spread = |p: &[u8]| p.iter().max().unwrap() - p.iter().min().unwrap();
        if spread(a) < 3 && a[0] > 60 {
            assert!(spread(b) <= 5 && a[0].abs_diff(b[0]) <= 5, "grey: {a:?} {b:?}");
            seen[0] = true;
        }
        if a[0] > a[1].saturating_add(60) && a[0] > a[2].saturating_add(60) {
            assert!(b[0] >= a[0], "red: {a:?} {b:?}");
            seen[1] = true;
        }
    }
    assert!(seen[0] || seen[1]);
    // The encoder that cannot say so makes nothing.
    let only = ImageOp { variants: op(&[8], AvifEncoder::Ravif).variants, ..op(&[8], AvifEncoder::Ravif) };
    let out = run(&only, &fixture("adobe-rgb.jpg")).unwrap();
    assert!(out.variants.iter().all(|(spec, _)| spec.format == ImageFormat::WebP));
    assert!(out.notes.iter().any(|n| n.contains("only libaom's files say so")), "{:?}", out.notes);
}

#[test]
fn trap_37_variants_are_dropped_when_not_smaller() {
    let bytes = fixture("photo.jpg");
    for encoder in ENCODERS {
        let mut op =
            with(op(&[200, 100, 4000], encoder), Recompress::Jpeg { quality: Quality::Encoder(60), trellis: true });
        op.variants.iter_mut().for_each(|v| v.quality = Quality::Encoder(100));
        let out = run(&op, &bytes).unwrap();
        let recompressed = out.recompressed.unwrap().bytes;
        assert!(recompressed.len() * 10 <= bytes.len() * 9);
        assert!(!out.variants.iter().any(|(spec, ..)| spec.width >= 200), "{:?}", out.notes);
        assert!(out.notes.iter().any(|n| n.starts_with("200 px image/avif dropped")));
        for (spec, made) in &out.variants {
            assert!(made.bytes.len() < recompressed.len(), "{spec:?}");
        }
        // At a bad quality for AVIF, WebP stays alone; and the other way round both stay.
        for (avif_quality, kept) in [(100, 1), (20, 2)] {
            let mut op = ImageOp { recompress: None, ..op.clone() };
            op.variants.retain(|v| v.width == 100);
            op.variants[0].quality = Quality::Encoder(50);
            op.variants[1].quality = Quality::Encoder(avif_quality);
            assert_eq!(run(&op, &bytes).unwrap().variants.len(), kept, "{encoder:?}");
        }
    }
}

fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let exif = [
        b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
        &[orientation, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

#[test]
fn a_size_in_the_exif_data_is_kept() {
    use exif::{Field, In, Rational, Tag, Value};
    let jpeg = fixture("red-corner.jpg");
    for (stated, left_alone) in [(24, true), (48, false), (30, false)] {
        let fields = [
            (Tag::XResolution, Value::Rational(vec![Rational { num: 144, denom: 1 }])),
            (Tag::PixelXDimension, Value::Long(vec![stated])),
        ]
        .map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value });
        let mut writer = exif::experimental::Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut data = std::io::Cursor::new(Vec::new());
        writer.write(&mut data, false).unwrap();
        let tiff = [b"Exif\0\0".to_vec(), data.into_inner()].concat();
        let length = (tiff.len() as u16 + 2).to_be_bytes();
        let file = [&jpeg[..2], b"\xff\xe1", &length, &tiff, &jpeg[2..]].concat();
        let notes = run(&op(&[8], BEST), &file).unwrap().notes;
        let kept = notes.iter().any(|n| n.starts_with("says its size on the page"));
        assert_eq!(kept, left_alone, "{stated} {notes:?}");
    }
}
