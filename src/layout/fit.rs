//! The width of an image as a function of the viewport's, from widths at some viewports: straight pieces, as CSS makes
//! them.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// CSS pixels by the viewport's width. `None`: not shown there.
pub type Samples = BTreeMap<u32, Option<f32>>;

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The widths of these viewports would tell more.
    Ask(BTreeSet<u32>),
    Done(Fit),
    /// No rule that a `sizes` attribute could say.
    Hopeless,
}

/// Straight pieces, by the viewport width from which each holds; the first holds from 0 on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Piece {
    from: u32,
    /// In hundredths of the viewport's width, with two digits.
    vw: f64,
    px: f64,
}

/// What may be off without anyone seeing it.
const NEAR: f64 = 0.75;
/// A jump is known well enough between viewports that are so close.
const CLOSE: u32 = 6;
/// More conditions than an author would write.
const PIECES: usize = 8;

/// Whether the samples tell the whole function.
pub fn fit(samples: &Samples) -> Step {
    let points: Vec<(u32, f64)> = samples.iter().filter_map(|(x, y)| Some((*x, f64::from((*y)?)))).collect();
    let runs = runs(&points);
    let mut ask = BTreeSet::new();
    for run in &runs {
        ask.extend(unconfirmed(run));
    }
    for (left, right) in runs.iter().zip(runs.iter().skip(1)) {
        ask.extend(between(left, right, samples));
    }
    ask.retain(|x| !samples.contains_key(x));
    if !ask.is_empty() {
        return Step::Ask(ask);
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut end = 0;
    for run in &runs {
        let (first, mut piece) = (run.first().map_or(0, |p| p.0), piece(run));
        // What is between two lines goes to the higher one.
        piece.from = match pieces.last() {
            None => 0,
            Some(last) if piece.at(end + 1) > last.at(end + 1) && first - end <= CLOSE => end + 1,
            Some(_) => first,
        };
        end = run.last().map_or(0, |p| p.0);
        if pieces.last().is_none_or(|last| (last.vw, last.px) != (piece.vw, piece.px)) {
            pieces.push(piece);
        }
    }
    if pieces.is_empty() || pieces.len() > PIECES { Step::Hopeless } else { Step::Done(Fit { pieces }) }
}

impl Fit {
    /// In CSS pixels.
    pub fn at(&self, viewport: u32) -> f64 {
        let piece = self.pieces.iter().rev().find(|p| p.from <= viewport);
        piece.map_or(0.0, |p| p.at(viewport))
    }

    /// For a `sizes` attribute.
    pub fn sizes(&self) -> String {
        let mut text = String::new();
        for piece in self.pieces.iter().rev() {
            if piece.from > 0 {
                let _ = write!(text, "(min-width: {}px) {}, ", piece.from, piece.length());
            } else {
                text.push_str(&piece.length());
            }
        }
        text
    }
}

impl Piece {
    fn at(&self, viewport: u32) -> f64 {
        self.vw / 100.0 * f64::from(viewport) + self.px
    }

    fn length(&self) -> String {
        let sign = if self.px < 0.0 { '-' } else { '+' };
        match (self.vw == 0.0, self.px == 0.0) {
            (true, _) => format!("{}px", self.px),
            (false, true) => format!("{}vw", self.vw),
            (false, false) => format!("calc({}vw {sign} {}px)", self.vw, self.px.abs()),
        }
    }
}

type Run = Vec<(u32, f64)>;

/// Points in a row, as many as lie on one line.
fn runs(points: &[(u32, f64)]) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    for point in points {
        match all.last_mut() {
            Some(run) if continues(run, *point) => run.push(*point),
            _ => all.push(vec![*point]),
        }
    }
    all
}

fn continues(run: &Run, (x, y): (u32, f64)) -> bool {
    let Some((first, last)) = run.first().zip(run.last()) else { return false };
    // From one pixel to the next, a line does not jump.
    if x == last.0 + 1 && (y - last.1).abs() > 2.0 {
        return false;
    }
    let slope = (y - first.1) / f64::from(x - first.0);
    run.iter().all(|p| (first.1 + slope * f64::from(p.0 - first.0) - p.1).abs() <= NEAR)
}

/// Two points lie on a line whatever is between them.
fn unconfirmed(run: &Run) -> Option<u32> {
    match run.as_slice() {
        [a, b] if b.0 - a.0 > 2 => Some(a.0.midpoint(b.0)),
        _ => None,
    }
}

/// Where to look for the end of one line and the beginning of the next.
fn between(left: &Run, right: &Run, samples: &Samples) -> Vec<u32> {
    let (Some((end, _)), Some((start, _))) = (left.last().copied(), right.first().copied()) else { return Vec::new() };
    // Between two viewports that do not show the image, either line will do.
    let hidden = samples.range(end..start).any(|(_, y)| y.is_none());
    if start == end + 1 || hidden {
        return Vec::new();
    }
    let jump = left.last().zip(right.first()).is_some_and(|(a, b)| (a.1 - b.1).abs() > 16.0);
    if jump && start - end <= CLOSE && left.len() > 1 && right.len() > 1 {
        return Vec::new();
    }
    let middle = vec![end.midpoint(start)];
    let (Some(a), Some(b)) = (line(left), line(right)) else { return middle };
    let x = (b.1 - a.1) / (a.0 - b.0);
    if !x.is_finite() || x < f64::from(end) - 1.0 || x > f64::from(start) + 1.0 {
        return middle;
    }
    let asked: Vec<u32> = [x.floor() as u32, x.ceil() as u32].into_iter().filter(|x| *x > end && *x < start).collect();
    if asked.iter().all(|x| samples.contains_key(x)) {
        // The corner is at one of the ends.
        return if x - f64::from(end) <= 1.0 { vec![end + 1] } else { vec![start - 1] };
    }
    asked
}

/// Slope and offset. `None` for a single point.
fn line(run: &Run) -> Option<(f64, f64)> {
    let (first, last) = run.first().zip(run.last()).filter(|(a, b)| a.0 < b.0)?;
    let slope = (last.1 - first.1) / f64::from(last.0 - first.0);
    Some((slope, first.1 - slope * f64::from(first.0)))
}

/// A length that is nowhere less than the width, but for what nobody sees.
fn piece(run: &Run) -> Piece {
    let highest = run.iter().map(|p| p.1).fold(0.0, f64::max);
    let lowest = run.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let Some((slope, _)) = line(run).filter(|_| highest - lowest > NEAR) else {
        return Piece { from: 0, vw: 0.0, px: (highest - 0.1).ceil() };
    };
    // As few digits as say it: authors write 92vw, and a line through rounded points comes out at 91.96.
    let rest = |vw: f64| run.iter().map(move |(x, y)| y - vw / 100.0 * f64::from(*x));
    let most = |vw: f64| rest(vw).fold(f64::NEG_INFINITY, f64::max);
    let spread = |vw: f64| most(vw) - rest(vw).fold(f64::INFINITY, f64::min);
    let rounded = |scale: f64| (slope * 100.0 * scale).round() / scale;
    let vw = [1.0, 10.0].into_iter().map(rounded).find(|vw| spread(*vw) <= 0.4).unwrap_or_else(|| rounded(100.0));
    Piece { from: 0, vw, px: (most(vw) - 0.3).ceil() + 0.0 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
