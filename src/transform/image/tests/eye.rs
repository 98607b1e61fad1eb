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

/// Prints what the encoders' curves are made of: for some scores the median quality over some photographs, how many of
/// them reach it, and the bytes of those that all codecs bring there.
#[test]
#[ignore = "takes minutes; for whoever changes an encoder"]
fn learn() {
    let Some(corpus) = corpus() else { return };
    let avif = |encoder, speed, full_chroma| Codec::Avif(Avif { encoder, speed, full_chroma });
    let codecs = [
        ("webp 4", Codec::WebP { method: 4, sharp_yuv: true }),
        ("jpeg", Codec::Jpeg { chroma: jpeg::Chroma::Half }),
        ("jpeg 4:4:4", Codec::Jpeg { chroma: jpeg::Chroma::Full }),
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
