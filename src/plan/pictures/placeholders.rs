//! What stands behind a picture until it has come, where nobody can ever see it beside the picture.

use super::context::PictureContext;
use super::{Attributes, Delivery, Picture, raster, widths};
use crate::analyze::css::{BoxProp, BoxRule};
use crate::analyze::html::ImageUse;
use crate::config::{Config, Placeholder};
use crate::graph::{AssetGraph, Page};
use crate::layout::Measured;
use crate::model::{AssetId, ImageFormat};
use crate::scan::Site;

/// The picture whose colours it would have, as far as the markup and the styles tell.
pub fn of(
    (site, graph, config): (&Site, &AssetGraph, &Config),
    page: &Page,
    context: &PictureContext<'_>,
    (image, targets): (&ImageUse, &[Option<AssetId>]),
    picture: &Picture,
) -> Option<AssetId> {
    let forbidden = match config.images.placeholder {
        Placeholder::None => true,
        Placeholder::Color => page.csp,
        // A policy may name the places that pictures come from, and the page itself is none of them.
        Placeholder::Blur => page.csp || page.policy,
    };
    let directed = image.sources.iter().any(|s| s.media.is_some());
    let own = image.style.as_deref().unwrap_or_default().to_ascii_lowercase();
    let styled = ["background", "object-", "content", "url(", "all:"].iter().any(|word| own.contains(word));
    if forbidden
        || directed
        || styled
        || matches!(picture.delivery, Delivery::Leave(_))
        || picture.attributes != Attributes::Free
        || context.asks_for("style")
        || context.rules(image).iter().any(|(rule, certain)| may_uncover(rule, *certain))
    {
        return None;
    }
    let asset = targets.last().copied().flatten()?;
    // Only its own transparency is looked for.
    let opaque = |id: &Option<AssetId>| {
        *id == Some(asset) || id.and_then(|id| raster(graph, id)).is_some_and(|i| i.format == ImageFormat::Jpeg)
    };
    (raster(graph, asset).is_some() && targets.iter().all(opaque) && !widths::is_light(site, asset)).then_some(asset)
}

/// Of what only sometimes applies, the layout has seen one half.
fn may_uncover(rule: &BoxRule, certain: bool) -> bool {
    rule.props.iter().any(|p| match p {
        BoxProp::Behind | BoxProp::Other | BoxProp::All => true,
        BoxProp::ObjectFit => !certain,
        _ => false,
    })
}

/// The layout has seen it, and in each viewport it hides what is behind it.
pub fn stays_hidden(image: &Measured) -> bool {
    image.shown.iter().any(Option::is_some) && image.shown.iter().flatten().all(|shown| shown.hides)
}
