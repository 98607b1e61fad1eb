//! What stands behind a picture until it has come, where nobody can ever see it beside the picture.

use super::context::PictureContext;
use super::{Attributes, Delivery, Picture, raster, widths};
use crate::analyze::css::BoxProp;
use crate::analyze::html::ImageUse;
use crate::config::{Config, Placeholder};
use crate::graph::{AssetGraph, Page};
use crate::layout::Measured;
use crate::model::AssetId;
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
    let styled = image.style.as_deref().is_some_and(|s| s.contains("background") || s.contains("object-fit"));
    if forbidden
        || directed
        || styled
        || matches!(picture.delivery, Delivery::Leave(_))
        || picture.attributes != Attributes::Free
        || context.asks_for("style")
        // Of what only sometimes applies, the layout has seen one half.
        || context.rules(image).iter().any(|(r, certain)| !certain && r.props.contains(&BoxProp::ObjectFit))
    {
        return None;
    }
    let asset = targets.last().copied().flatten()?;
    (raster(graph, asset).is_some() && !widths::is_light(site, asset)).then_some(asset)
}

/// The layout has seen it, and in each viewport it hides what is behind it.
pub fn stays_hidden(image: &Measured) -> bool {
    image.shown.iter().any(Option::is_some) && image.shown.iter().flatten().all(|shown| shown.hides)
}
