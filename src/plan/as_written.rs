//! What visitors or scripts may read as it was written.

use crate::config::Config;
use crate::graph::{AssetGraph, Node, Page, PinCause, Summary, foreign};
use crate::model::{Asset, AssetId, RefKind};

/// What could show, or read, each blank of a page, beside the styles that kiln sees.
pub fn what_shows_space(graph: &AssetGraph, id: AssetId, page: &Page) -> Option<String> {
    let (sheets, scripts) = (graph.reachable(&page.stylesheets), graph.reachable(&page.script_files));
    let nodes = || [id].into_iter().chain(sheets.iter().copied()).filter_map(|id| graph.node(id));
    if let Some(url) = nodes().find_map(|n| n.foreign_sheets.first()) {
        return Some(format!("{url} may have styles that show it"));
    }
    let reads = |id: &AssetId| matches!(graph.node(*id).map(|n| &n.summary), Some(Summary::Js(js)) if js.reads_lines);
    (page.scripts.reads_lines || scripts.iter().any(reads)).then(|| "a script may read it, or show it".into())
}

/// What would find an `image-set()` where it looks for the `url()` of a background.
pub fn what_reads_backgrounds(graph: &AssetGraph, config: &Config) -> Option<String> {
    if graph.reads_backgrounds {
        return Some("a script may read them".into());
    }
    who_knows_pictures(&graph.foreign_scripts, config).map(|url| format!("{url} may read them"))
}

/// A script of another origin that may have to do with a page's pictures.
pub fn who_knows_pictures<'a>(scripts: impl IntoIterator<Item = &'a String>, config: &Config) -> Option<&'a str> {
    let trusted = [&config.images.trusted_scripts, &config.css.trusted_scripts];
    let known = |url: &str| foreign::lets_pictures_be(url) || trusted.iter().any(|urls| urls.is_match(url));
    scripts.into_iter().map(String::as_str).find(|url| !known(url))
}

/// A link leads to it.
pub fn is_saved(node: &Node) -> bool {
    node.pins.iter().any(|p| p.cause == PinCause::Linked)
}

/// A script that is no script of this site's pages, as far as they tell: a download, a user script, one in another
/// language (`<script type="text/paperscript">`).
pub fn is_only_read(asset: &Asset, node: &Node) -> bool {
    let mut loads = node.incoming.iter().filter(|e| e.kind != RefKind::Link).peekable();
    let otherwise = loads.peek().is_some() && loads.all(|e| e.kind == RefKind::Other);
    is_saved(node) || otherwise || asset.path.as_str().ends_with(".user.js")
}
