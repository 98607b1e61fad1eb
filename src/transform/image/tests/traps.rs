use super::super::*;
use super::*;

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
fn trap_36_cmyk_and_wide_gamut_keep_their_colours() {
    for (name, note) in [
        ("cmyk.jpg", "is in CMYK: left as it is"),
        ("arithmetic.jpg", "is an arithmetic, lossless or hierarchical JPEG: left as it is"),
        ("display-p3.jpg", "keeps its colour profile: left as it is"),
        ("gain-map.jpg", "has an HDR gain map: left as it is"),
    ] {
        let op = with(op(&[8], BEST), Recompress::Jpeg { quality: Quality::Encoder(10), trellis: true });
        let out = run(&op, &fixture(name)).unwrap();
        assert_eq!((out.recompressed, out.variants), (None, vec![]), "{name}");
        assert_eq!(out.notes, [note], "{name}");
    }
    for (name, chunk) in [("display-p3.png", b"iCCP"), ("gamma.png", b"gAMA")] {
        let op = with(op(&[8], BEST), Recompress::Png { level: 2 });
        let bytes = fixture(name);
        let out = run(&op, &bytes).unwrap();
        assert_eq!(out.variants, [], "{name}");
        assert_eq!(out.notes, ["keeps its colour profile: no WebP or AVIF"]);
        let smaller = out.recompressed.map_or(bytes, |made| made.bytes);
        assert!(png::chunks(&smaller).any(|(n, _)| &n == chunk), "{name}");
    }
    let out = run(&op(&[90], BEST), &fixture("srgb-profile.jpg")).unwrap();
    assert!(!out.variants.is_empty() && !out.notes.iter().any(|n| n.contains("profile")));
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
