//! The work on one file, as a closed list of operations with exactly the options that can change their output.

use super::naming::{Naming, naming};
use super::{Demand, Task};
use crate::config::{Config, SourceMaps, Transform};
use crate::graph::{AssetGraph, Node, Summary};
use crate::model::{Asset, AssetId, ImageFormat, Kind, RefKind};
use crate::scan::Site;
use crate::transform::{
    css::{self, CssOp},
    image, js,
    svg::SvgOp,
};

#[derive(Clone, Debug)]
pub enum Op {
    /// Bytes as they are.
    Copy,
    /// Only references follow new names.
    Rewrite,
    Image(image::ImageOp),
    Css(CssOp),
    Js(js::JsOp),
    Svg(SvgOp),
    Json,
    Xml,
    Html(HtmlOp),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlOp {
    pub collapse: bool,
    pub inline_css: Option<CssOp>,
    pub inline_js: Option<js::JsOp>,
}

/// How a script is loaded, by who loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsGoal {
    Module,
    Classic,
    Both,
}

pub fn task(site: &Site, graph: &AssetGraph, config: &Config, id: AssetId, demand: Option<&Demand>) -> Task {
    let (Some(asset), Some(node)) = (site.get(id), graph.node(id)) else {
        return Task { op: Op::Copy, naming: Naming::Keep("unknown file".into()), decisions: Vec::new() };
    };
    let naming = naming(site, graph, config, id, demand.is_some());
    let mut decisions = Vec::new();
    let op = if !config.select.allows(&asset.path) {
        decisions.push("copied: excluded by the configuration".into());
        Op::Copy
    } else if asset.len > config.limits.file_bytes {
        decisions.push(format!("copied: larger than limits.file_size ({} bytes)", config.limits.file_bytes));
        Op::Copy
    } else if graph.is_frozen(site, id)
        && asset.kind != Kind::Html
        && !matches!(asset.kind, Kind::Json | Kind::WebManifest | Kind::Xml)
    {
        decisions.push(frozen_reason(node).into());
        Op::Copy
    } else {
        op(asset, node, config, demand, &mut decisions)
    };
    decisions.push(match &naming {
        Naming::Keep(why) => format!("name kept: {why}"),
        Naming::Fingerprint => "name gets a content hash; the old name stays available".into(),
        Naming::Bundled => "name carries a bundler's hash: replaced if its bytes change".into(),
    });
    Task { op, naming, decisions }
}

fn frozen_reason(node: &Node) -> &'static str {
    match node.summary {
        Summary::Opaque => "copied: text that kiln does not change",
        _ => "copied: its name promises these bytes, and the name cannot change",
    }
}

fn op(asset: &Asset, node: &Node, config: &Config, demand: Option<&Demand>, decisions: &mut Vec<String>) -> Op {
    let on = |t: Transform| config.transforms.allows(t, &asset.path);
    let off =
        |decisions: &mut Vec<String>, t: &str| decisions.push(format!("not optimised: `{t}` is switched off for it"));
    match asset.kind {
        Kind::Image(format) if on(Transform::Images) => image_op(format, node, config, demand, decisions),
        Kind::Image(_) => {
            off(decisions, "images");
            Op::Copy
        }
        Kind::Css if on(Transform::Css) => {
            decisions.push("minified as a style sheet".into());
            Op::Css(sheet(config))
        }
        Kind::Js if on(Transform::Js) => {
            let goal = js_goal(node);
            decisions
                .push(format!("minified as a {}", if goal == JsGoal::Module { "module" } else { "classic script" }));
            Op::Js(js_op(goal, config))
        }
        Kind::Svg if on(Transform::Svg) => {
            decisions.push("optimised, and kept only if it renders the same".into());
            Op::Svg(SvgOp::default())
        }
        Kind::Json | Kind::WebManifest if on(Transform::Json) => Op::Json,
        Kind::Xml if on(Transform::Xml) => Op::Xml,
        Kind::Html => Op::Html(HtmlOp {
            collapse: on(Transform::Html) && config.html.collapse_whitespace,
            inline_css: on(Transform::Css).then(|| sheet(config)),
            inline_js: on(Transform::Js).then(|| js_op(JsGoal::Classic, config)),
        }),
        Kind::Css | Kind::Js | Kind::Svg => {
            off(decisions, "this transform");
            Op::Rewrite
        }
        _ => Op::Copy,
    }
}

/// A module only if every loader says so: minifying a classic script as a module would lose its globals.
fn js_goal(node: &Node) -> JsGoal {
    let syntax = matches!(&node.summary, Summary::Js(f) if f.is_module_syntax);
    let module = node.incoming.iter().any(|e| e.kind == RefKind::ModuleScript);
    let classic = node.incoming.iter().any(|e| e.kind == RefKind::ClassicScript);
    match (syntax, module, classic) {
        (true, ..) => JsGoal::Module,
        (_, true, true) => JsGoal::Both,
        // A module without imports or exports still has its own scope, but nothing is lost by taking it as a script.
        _ => JsGoal::Classic,
    }
}

fn sheet(config: &Config) -> CssOp {
    CssOp { context: css::Context::Sheet, licenses: config.css.licenses }
}

pub fn js_op(goal: JsGoal, config: &Config) -> js::JsOp {
    js::JsOp {
        goal: if goal == JsGoal::Module { js::Goal::Module } else { js::Goal::Script },
        licenses: config.js.licenses,
        source_map: config.js.source_maps == SourceMaps::Compose,
    }
}

fn image_op(
    format: ImageFormat,
    node: &Node,
    config: &Config,
    demand: Option<&Demand>,
    decisions: &mut Vec<String>,
) -> Op {
    let recompress = config.images.recompress(format);
    let mut variants = Vec::new();
    if let Some(demand) = demand {
        for width in &demand.widths {
            for format in &config.images.formats {
                variants.push(config.images.variant(*format, *width));
            }
        }
        let widths: Vec<String> = demand.widths.iter().map(u32::to_string).collect();
        decisions.push(format!("modern versions made at {} px wide, each kept where it is smaller", widths.join(", ")));
    } else {
        decisions.push("no modern versions: nothing that could choose one shows it".into());
    }
    let unreadable = !matches!(node.summary, Summary::Image(_));
    // The operation says what is wrong with the file.
    if variants.is_empty() && recompress.is_none() && !unreadable {
        return Op::Copy;
    }
    let limits = image::Limits { pixels: u64::from(config.images.max_megapixels) * 1_000_000 };
    Op::Image(image::ImageOp {
        variants,
        recompress,
        limits,
        avif: config.images.avif(),
        webp_method: config.images.webp_method(),
        search: config.images.search(),
    })
}
