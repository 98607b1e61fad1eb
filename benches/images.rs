//! For `benches/images.py`: one picture through kiln's encoders, and scores by another implementation of the metric.
//!
//! ```text
//! images encode SOURCE avif|webp|jpeg SCORE fast|balanced|max OUT     prints JSON: bytes, cpu, score, encodes, width, height
//! images score REFERENCE FILE...                                      prints one score a line
//! ```

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use kiln::config::{Effort, FileModel, Images, Overrides, resolve};
use kiln::model::ImageFormat;
use kiln::transform::image::{ImageOp, Limits, Loss, probe, run};
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["encode", source, format, score, effort, out] => encode(source, format, score.parse()?, effort, out),
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

fn encode(source: &str, format: &str, score: u8, effort: &str, out: &str) -> Result<()> {
    let bytes = std::fs::read(source)?;
    let info = probe(&bytes).context("no picture")?;
    let images = images(score, effort)?;
    let variant = |format| vec![images.variant(format, info.width)];
    let op = ImageOp {
        variants: match format {
            "avif" => variant(ImageFormat::Avif),
            "webp" => variant(ImageFormat::WebP),
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
    let made = output.variants.into_iter().map(|(_, made)| made).chain(output.recompressed).next();
    let made = made.with_context(|| format!("{source}: nothing was made: {:?}", output.notes))?;
    let score = if let Loss::Score(score) = made.loss { score } else { 100.0 };
    std::fs::write(out, &made.bytes)?;
    let (encodes, bytes) = (output.encodes, made.bytes.len());
    println!(
        "{}",
        serde_json::json!({ "bytes": bytes, "cpu": cpu, "score": score, "encodes": encodes, "width": info.width, "height": info.height })
    );
    Ok(())
}

/// As `kiln.toml` would give it.
fn images(score: u8, effort: &str) -> Result<Images> {
    let effort = Effort::from_str(effort, true).map_err(anyhow::Error::msg)?;
    let file: FileModel = serde_json::from_value(serde_json::json!({ "images": { "quality": score } }))?;
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
