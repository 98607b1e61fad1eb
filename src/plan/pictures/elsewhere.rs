//! Images that a service on another host makes in any width: pages may name several, where the layout tells which.

use super::context::PictureContext;
use super::measured::pixels;
use super::widths::{Needs, Spread};
use super::{Delivery, Picture};
use crate::analyze::html::ImageUse;
use crate::config::Config;
use crate::graph::{AssetGraph, Page};
use crate::layout::{Measured, Ratio, Width};
use crate::syntax::cdn;
use std::collections::BTreeSet;

/// `None`: it comes from no such service, or nobody asked for this.
pub fn deliver(
    image: &ImageUse,
    context: &PictureContext<'_>,
    graph: &AssetGraph,
    config: &Config,
) -> Option<Delivery> {
    let src = image.src.as_deref()?;
    let address = config.images.cdn.then(|| cdn::read(src)).flatten()?;
    if graph.is_held_offline(src) {
        return Some(Delivery::Leave("a service worker has this address for when there is no network".into()));
    }
    Some(sized(image, context, address).unwrap_or_else(Delivery::Leave))
}

/// What it may come to; its widths and `sizes` are for the layout to tell.
fn sized(
    image: &ImageUse,
    context: &PictureContext<'_>,
    address: Result<cdn::Address<'_>, String>,
) -> Result<Delivery, String> {
    let address = address?;
    if image.in_picture || !image.srcset.is_empty() || image.sizes.is_some() {
        return Err("the author offers other candidates already".into());
    }
    if let Some(seen) = context.sees_candidates() {
        return Err(seen);
    }
    let number = |v: &Option<String>| v.as_deref().and_then(|v| v.trim().parse::<u32>().ok()).filter(|n| *n > 0);
    let (Some(w), Some(h)) = (number(&image.width), number(&image.height)) else {
        return Err("it has no width and height to lay the page out with".into());
    };
    // What the service makes is this wide at most; the attributes tell its ratio.
    let width = address.width();
    let height = (f64::from(width) * f64::from(h) / f64::from(w)).round().clamp(1.0, f64::from(u32::MAX)) as u32;
    Ok(Delivery::Elsewhere { natural: (width, height), widths: Vec::new(), sizes: None })
}

/// What another image of the page loads under the same address would be loaded beside its other widths.
pub fn load_once(page: &Page, pictures: &mut [Picture]) {
    let of = |(image, picture): (&ImageUse, &Picture)| {
        let left = matches!(picture.delivery, Delivery::Leave(_)) && !image.off;
        left.then(|| image.src.clone()).flatten()
    };
    let left: BTreeSet<String> = page.images.iter().zip(pictures.iter()).filter_map(of).collect();
    for (image, picture) in page.images.iter().zip(pictures) {
        let same = image.src.as_ref().is_some_and(|src| left.contains(src));
        if same && matches!(picture.delivery, Delivery::Elsewhere { .. }) {
            picture.delivery = Delivery::Leave("another image of the page loads the same address as it is".into());
        }
    }
}

/// Takes over what the layout knows of it, if anything.
pub fn fit(picture: &mut Picture, image: Option<&Measured>, config: &Config) {
    let Delivery::Elsewhere { natural: (width, height), widths, sizes } = &mut picture.delivery else { return };
    let why = match image.map(|i| (i, &i.width)) {
        Some((image, Width::Fits(fit))) => {
            let needs: BTreeSet<u32> = pixels(fit, config).collect();
            let spread = Spread::new(&Needs { own_ratio: needs.clone(), any_ratio: needs }, *width, *height);
            *widths = if image.ratio == Ratio::Ignored { spread.any_ratio } else { spread.own_ratio };
            *sizes = Some(fit.sizes());
            match widths.as_slice() {
                [] => "no screen needs it smaller".to_owned(),
                [only] if only == width => "no screen needs it smaller".to_owned(),
                _ => return,
            }
        }
        Some((_, Width::Unknown(why))) => format!("no sizes from the layout: {why}"),
        _ => "the layout does not know how wide it is shown".to_owned(),
    };
    picture.delivery = Delivery::Leave(why);
}
