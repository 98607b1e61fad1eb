use super::*;

/// Asks `width` until the fit is done.
fn fitted(start: &[u32], width: impl Fn(u32) -> Option<f64>) -> (Option<Fit>, usize) {
    let sample = |x: &u32| (*x, width(*x).map(|w| w as f32));
    let mut samples: Samples = start.iter().map(sample).collect();
    loop {
        match fit(&samples) {
            Step::Done(fit) => return (Some(fit), samples.len()),
            Step::Hopeless => return (None, samples.len()),
            Step::Ask(_) if samples.len() > 60 => return (None, samples.len()),
            Step::Ask(more) => samples.extend(more.iter().map(sample)),
        }
    }
}

const START: [u32; 5] = [320, 390, 768, 1440, 1920];

fn sizes(start: &[u32], width: impl Fn(u32) -> Option<f64>) -> String {
    let (fit, _) = fitted(start, &width);
    let fit = fit.unwrap();
    for x in 320..=1920 {
        let Some(w) = width(x) else { continue };
        assert!(fit.at(x) >= w - 1.0, "{x}: {} < {w} by {}", fit.at(x), fit.sizes());
        assert!(fit.at(x) <= w + 2.0, "{x}: {} > {w} by {}", fit.at(x), fit.sizes());
    }
    fit.sizes()
}

#[test]
fn constant_and_fluid_widths() {
    assert_eq!(sizes(&START, |_| Some(225.0)), "225px");
    assert_eq!(sizes(&START, |x| Some(f64::from(x))), "100vw");
    assert_eq!(sizes(&START, |x| Some(f64::from(x) / 3.0 - 12.0)), "calc(33.33vw - 12px)");
}

#[test]
fn a_corner_without_a_media_query_is_found() {
    let column = |x: u32| Some((f64::from(x) - 32.0).min(1100.0));
    assert_eq!(sizes(&START, column), "(min-width: 1133px) 1100px, calc(100vw - 32px)");
    let (_, looks) = fitted(&START, column);
    assert!(looks < 14, "{looks}");
}

#[test]
fn steps_of_media_queries_are_exact() {
    let bootstrap = |x: u32| {
        Some(match x {
            0..576 => f64::from(x) - 24.0,
            576..768 => 516.0,
            768..992 => 336.0,
            _ => 296.0,
        })
    };
    let start = [320, 390, 575, 576, 767, 768, 991, 992, 1440, 1920];
    assert_eq!(
        sizes(&start, bootstrap),
        "(min-width: 992px) 296px, (min-width: 768px) 336px, (min-width: 576px) 516px, calc(100vw - 24px)"
    );
}

#[test]
fn a_jump_without_a_media_query_is_found_and_met_from_above() {
    for (narrow, wide) in [(300.0, 500.0), (500.0, 300.0)] {
        let (fit, looks) = fitted(&START, |x| Some(if x < 901 { narrow } else { wide }));
        let fit = fit.unwrap();
        assert!(looks < 20, "{looks}");
        for x in 320..=1920 {
            let width = if x < 901 { narrow } else { wide };
            assert!(fit.at(x) >= width, "{x}: {}", fit.sizes());
            assert!(fit.at(x) <= width || x.abs_diff(901) < 7, "{x}: {}", fit.sizes());
        }
    }
}

#[test]
fn columns_that_fill_a_grid_are_followed() {
    let grid = |x: u32| {
        let inner = f64::from(x) * 0.92;
        let columns = ((inner + 19.2) / (260.0 + 19.2)).floor().max(1.0);
        (inner + 19.2) / columns - 19.2
    };
    let (fit, looks) = fitted(&START, |x| Some(grid(x)));
    let fit = fit.unwrap();
    assert!(looks <= 64, "{looks}");
    let near = (320..=1920).filter(|x| fit.at(*x) >= grid(*x) - 1.0 && fit.at(*x) <= grid(*x) + 2.0).count();
    assert!(near > 1560, "{near} of 1601 by {}", fit.sizes());
    assert!((320..=1920).all(|x| fit.at(x) >= grid(x) - 1.0), "{}", fit.sizes());
}

#[test]
fn where_it_is_hidden_any_size_will_do() {
    assert_eq!(sizes(&[320, 390, 767, 768, 1440, 1920], |x| (x >= 768).then_some(200.0)), "200px");
    let (fit, _) = fitted(&START, |_| None);
    assert_eq!(fit, None);
}

#[test]
fn what_follows_no_simple_rule_is_given_up() {
    let (fit, _) = fitted(&START, |x| Some(f64::from(x % 97) * 7.0 + 40.0));
    assert_eq!(fit, None);
}
