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

/// The picture whose colours it would have, as far as the markup and the styles tell, or why it gets none.
///
/// # Errors
/// For people.
pub fn of(
    (site, graph, config): (&Site, &AssetGraph, &Config),
    page: &Page,
    context: &PictureContext<'_>,
    (image, targets): (&ImageUse, &[Option<AssetId>]),
    picture: &Picture,
) -> Result<AssetId, &'static str> {
    let own = image.style.as_deref().unwrap_or_default().to_ascii_lowercase();
    let asset = targets.last().copied().flatten().filter(|id| raster(graph, *id).is_some());
    // Only its own transparency is looked for.
    let opaque = |id: &Option<AssetId>| {
        *id == asset || id.and_then(|id| raster(graph, id)).is_some_and(|i| i.format == ImageFormat::Jpeg)
    };
    match asset {
        _ if page.csp => Err("a Content-Security-Policy may forbid inline styles"),
        // It may name the places that pictures come from, and the page itself is none of them.
        _ if config.images.placeholder == Placeholder::Blur && page.policy => {
            Err("a Content-Security-Policy may forbid pictures in styles")
        }
        _ if matches!(picture.delivery, Delivery::Leave(_)) => Err("the image is left as it is"),
        _ if picture.attributes != Attributes::Free => Err("a script knows the image, or a style its attributes"),
        _ if !widths::has_room(image.style.as_deref()) || context.asks_for("style") => {
            Err("its style attribute cannot be added to")
        }
        _ if ["background", "object-", "content"].iter().any(|word| own.contains(word))
            || context.rules(image).iter().any(|(rule, certain)| may_uncover(rule, *certain)) =>
        {
            Err("a style is about what is behind or beside it")
        }
        Some(asset) if widths::is_light(site, asset) => Err("it has come before anyone misses it"),
        Some(asset) if targets.iter().all(opaque) && image.sources.iter().all(|s| s.media.is_none()) => Ok(asset),
        _ => Err("another picture may be shown in its place"),
    }
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
