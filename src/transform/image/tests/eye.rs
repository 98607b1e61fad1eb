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

/// Prints what the encoders' curves are made of: for each quality the scores of some photographs, lowest to highest.
#[test]
#[ignore = "takes minutes; for whoever changes an encoder"]
fn learn() {
    let Some(corpus) = corpus() else { return };
    let aom = |speed| Codec::Avif(Avif { encoder: AvifEncoder::Aom, speed, full_chroma: false });
    let codecs = [
        ("aom 9", aom(9)),
        ("aom 7", aom(7)),
        ("aom 6", aom(6)),
        ("ravif 8", Codec::Avif(Avif { encoder: AvifEncoder::Ravif, speed: 8, full_chroma: true })),
        ("webp 4", Codec::WebP { method: 4 }),
        ("jpeg", Codec::Jpeg { chroma: jpeg::Chroma::Half }),
    ];
    let photos = at(&corpus, &PHOTOS, 480);
    let references: Vec<_> = photos.iter().map(|(_, p)| (p, Reference::new(p).unwrap())).collect();
    for (name, codec) in codecs {
        for quality in (10..=90).step_by(10).chain([95, 98]) {
            let mut scores: Vec<f64> = references
                .iter()
                .map(|(p, r)| r.score(&codec.decode(&codec.encode(p, quality).unwrap(), p.alpha).unwrap()).unwrap())
                .collect();
            scores.sort_by(f64::total_cmp);
            println!("{name} {quality}: {:.1} {scores:.1?}", scores[scores.len() / 2]);
        }
    }
}
