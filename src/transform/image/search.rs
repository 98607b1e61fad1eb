//! The lowest quality at which a picture still looks as it should.

use super::ImageError;
use super::codec::Codec;
use super::decode::Pixels;
use super::score::Reference;
use serde::{Deserialize, Serialize};

/// How long to look for a smaller file that still reaches the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Search {
    /// The first file that reaches it is taken.
    First,
    /// Files that are clearly better than asked for are made smaller.
    Close,
}

pub(super) struct Aim {
    /// No file with a lower score is ever returned.
    pub score: f64,
    /// Files must be smaller than this many bytes.
    pub budget: usize,
    /// The highest quality that makes sense, at most 100.
    pub ceiling: u8,
    pub search: Search,
}

#[derive(Debug)]
pub(super) struct Found {
    pub file: Vec<u8>,
    pub quality: u8,
    pub score: f64,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Found(Found),
    /// It would have at least so many bytes.
    TooLarge(usize),
    /// The best score that was seen.
    OutOfReach(f64),
}

/// What the encodings of one image with one codec have taught so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Experience {
    /// By how much this image scores above the codec's curve at `width`.
    shift: f64,
    /// Pixels.
    width: u32,
    /// Encodings made.
    pub encodes: u32,
}

impl Default for Experience {
    /// As the curves were learned.
    fn default() -> Self {
        Self { shift: 0.0, width: 480, encodes: 0 }
    }
}

impl Experience {
    /// The same quality scores a little worse on a larger copy of the same image.
    fn shift_at(&self, width: u32) -> f64 {
        let doublings = (f64::from(width.max(1)) / f64::from(self.width)).log2();
        self.shift + (PER_DOUBLING * doublings).clamp(-3.0, 3.0)
    }
}

/// Points of score for twice the width: over the photographs of five sites, -1.4 with WebP and -1.7 with AVIF; what is
/// left varies by 1.1 points.
const PER_DOUBLING: f64 = -1.5;
/// Encodings for one file at most.
const TRIES: usize = 5;
/// Encodings after which a good enough file is not made smaller any more.
const REFINED: usize = 3;
/// How far above the wanted score to aim.
const LEAD: f64 = 1.0;
/// The same while nothing is known of the image: the first file is to be enough, or the search goes on anyway.
const LEAD_FIRST: f64 = 1.5;
const LEAD_CLOSE: f64 = 0.5;
/// What is not better than asked for by more than this is good enough.
const SLACK: f64 = 2.5;
/// A point of score costs at least this part of a file's bytes more.
const PER_POINT: f64 = 0.02;
/// And at most this part.
const MOST_PER_POINT: f64 = 0.08;

/// Looks for the smallest file of `pixels` that reaches the aim; every candidate is decoded and scored as a whole.
///
/// The image's own curve is taken to be the codec's, moved up or down: each encoding says by how much, and two that
/// lie on both sides of the aim are interpolated. `experience` carries over to the next width of the same image.
///
/// # Errors
/// `Encode` and `Decode` when the codec fails.
pub(super) fn search(
    codec: Codec,
    pixels: &Pixels,
    reference: &Reference<'_>,
    aim: &Aim,
    experience: &mut Experience,
) -> Result<Outcome, ImageError> {
    let wanted = |experience: &Experience| {
        let lead = match (experience.encodes, aim.search) {
            (0, Search::First) => LEAD_FIRST,
            (0, Search::Close) => LEAD_CLOSE,
            _ => LEAD,
        };
        codec.quality_for(aim.score + lead - experience.shift_at(pixels.width))
    };
    let mut quality = whole(wanted(experience), 1, aim.ceiling);
    let mut below: Option<(u8, f64)> = None;
    let mut above: Option<Found> = None;
    for tries in 1..=TRIES {
        let file = codec.encode(pixels, quality)?;
        let score = reference.score(&codec.decode(&file, pixels.alpha)?)?;
        let shift = score - codec.score_at(f64::from(quality));
        *experience = Experience { shift, width: pixels.width, encodes: experience.encodes + 1 };
        if score < aim.score {
            let needed = file.len() as f64 * (1.0 + PER_POINT * (aim.score - score));
            if needed >= aim.budget as f64 {
                return Ok(Outcome::TooLarge(needed as usize));
            }
            below = Some((quality, score));
        } else {
            let least = file.len() as f64 * (1.0 - MOST_PER_POINT * (score - aim.score));
            if least >= aim.budget as f64 {
                return Ok(Outcome::TooLarge(file.len()));
            }
            let good_enough = aim.search == Search::First || score < aim.score + SLACK || tries >= REFINED;
            if above.as_ref().is_none_or(|best| file.len() <= best.file.len()) {
                above = Some(Found { file, quality, score });
            }
            if good_enough {
                break;
            }
        }
        let (low, high) = (
            below.map_or(1, |(q, _)| q.saturating_add(codec.step())),
            above.as_ref().map_or(aim.ceiling, |found| found.quality.saturating_sub(codec.step())),
        );
        if low > high {
            break;
        }
        let next = match (&below, &above) {
            (Some((q0, s0)), Some(Found { quality: q1, score: s1, .. })) => {
                let part = (aim.score + LEAD - s0) / (s1 - s0);
                f64::from(*q0) + part * (f64::from(*q1) - f64::from(*q0))
            }
            _ => wanted(experience),
        };
        quality = whole(next, low, high);
    }
    Ok(match (above, below) {
        (Some(found), _) if found.file.len() >= aim.budget => Outcome::TooLarge(found.file.len()),
        (Some(found), _) => Outcome::Found(found),
        (None, best) => Outcome::OutOfReach(best.map_or(f64::NEG_INFINITY, |(_, score)| score)),
    })
}

fn whole(quality: f64, low: u8, high: u8) -> u8 {
    (quality.round() as u8).clamp(low, high.max(low))
}
