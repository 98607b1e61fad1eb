//! For `benches/images.py`: one picture through kiln's encoders, and scores by another implementation of the metric.
//!
//! ```text
//! images encode SOURCE avif|webp|jpeg SCORE fast|balanced|max FOLDER WIDTH...    prints JSON: cpu, encodes, files
//! images score REFERENCE FILE...                                                 prints one score a line
//! ```

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use kiln::config::{Effort, FileModel, Images, Overrides, resolve};
use kiln::model::ImageFormat;
use kiln::transform::image::{ImageOp, Limits, Loss, probe, run, scaled};
use serde_json::json;
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["encode", source, format, score, effort, folder, ref widths @ ..] => {
            encode(source, format, score.parse()?, effort, folder, widths)
        }
        ["score", reference, ref files @ ..] => {
            let reference = read(reference)?;
            for file in files {
                let scored = compute_frame_ssimulacra2(reference.clone(), read(file)?);
                println!("{:.3}", scored.with_context(|| (*file).to_owned())?);
            }
            Ok(())
        }
        _ => bail!("see the top of this example's source"),
    }
}

/// JPEGs are written at their own width alone. Beside each file goes what it was encoded from, as a PNG.
fn encode(source: &str, format: &str, score: u8, effort: &str, folder: &str, widths: &[&str]) -> Result<()> {
    let bytes = std::fs::read(source)?;
    let info = probe(&bytes).context("no picture")?;
    let widths = widths.iter().map(|w| w.parse()).collect::<Result<Vec<u32>, _>>()?;
    let images = images(score, effort)?;
    let variants = |format| widths.iter().map(|w| images.variant(format, *w)).collect();
    let op = ImageOp {
        variants: match format {
            "avif" => variants(ImageFormat::Avif),
            "webp" => variants(ImageFormat::WebP),
            _ => Vec::new(),
        },
        recompress: if format == "jpeg" { images.recompress(ImageFormat::Jpeg, false) } else { None },
        limits: Limits { pixels: 100_000_000 },
        avif: images.avif(),
        webp_method: images.webp_method(),
        jpeg_trellis: true,
        search: images.search(),
        placeholder: None,
    };
    let start = cpu_seconds();
    let output = run(&op, &bytes)?;
    let cpu = cpu_seconds() - start;
    let made = output.variants.into_iter().map(|(spec, made)| (spec.width, made));
    let made: Vec<_> = made.chain(output.recompressed.map(|made| (info.width, made))).collect();
    let wanted = if format == "jpeg" { 1 } else { widths.len() };
    ensure!(made.len() == wanted, "{source}: not everything was made: {:?}", output.notes);
    let mut files = Vec::new();
    for (width, made) in made {
        let [file, reference] = [format, "png"].map(|ending| format!("{folder}/{width}.{ending}"));
        std::fs::write(&file, &made.bytes)?;
        scaled(&bytes, width)?.save(&reference)?;
        let score = if let Loss::Score(score) = made.loss { score } else { 100.0 };
        let pixels = u64::from(width) * u64::from(made.height);
        files.push(json!({ "file": file, "reference": reference, "pixels": pixels, "bytes": made.bytes.len(), "score": score }));
    }
    println!("{}", json!({ "cpu": cpu, "encodes": output.encodes, "files": files }));
    Ok(())
}

/// As `kiln.toml` would give it.
fn images(score: u8, effort: &str) -> Result<Images> {
    let effort = Effort::from_str(effort, true).map_err(anyhow::Error::msg)?;
    let file: FileModel = serde_json::from_value(json!({ "images": { "quality": score } }))?;
    let config = resolve(Some(file), &[], &Overrides { effort: Some(effort), ..Overrides::default() })?;
    Ok(config.images)
}

/// Of this thread, which does all the work.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn read(path: &str) -> Result<Rgb> {
    let image = image::ImageReader::open(path)?.with_guessed_format()?.decode()?.into_rgb8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let samples = image.pixels().map(|p| p.0.map(|c| f32::from(c) / 255.0)).collect();
    Rgb::new(samples, width, height, TransferCharacteristic::SRGB, ColorPrimaries::BT709).map_err(anyhow::Error::msg)
}
