//! The work on one file, as a closed list of operations with exactly the options that can change their output.

use super::critical::{Critical, obstacle};
use super::naming::{Naming, naming};
use super::{Demand, Task, as_written, drawings, modules, own_names, shake};
use crate::analyze::shake::Dropped;
use crate::config::{Config, Effort, SourceMaps, Transform};
use crate::graph::{AssetGraph, Node, Summary};
use crate::layout::Answer;
use crate::model::{Asset, AssetId, ImageFormat, Kind, RefKind};
use crate::scan::Site;
use crate::transform::{
    css::{self, CssOp},
    image::{self, VariantSpec},
    js,
    svg::SvgOp,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub enum Op {
    /// Bytes as they are.
    Copy,
    /// Only references follow new names.
    Rewrite,
    Image(image::ImageOp),
    Css(CssOp, Vec<Dropped>),
    Js(js::JsOp, Vec<js::Edit>),
    Svg(SvgOp),
    Json,
    Xml,
    Html(HtmlOp),
}

#[derive(Clone, Debug)]
pub struct HtmlOp {
    pub collapse: bool,
    pub inline_css: Option<CssOp>,
    /// Rules of its `<style>` elements may go.
    pub shake: bool,
    /// Names that no rule is dropped for.
    pub safelist: globset::GlobSet,
    pub inline_js: Option<js::JsOp>,
    /// Rules of its sheets may come with it.
    pub critical: Option<Critical>,
    /// Inline SVGs that it repeats may use each other's drawings.
    pub reuse_svg: bool,
}

/// How a script is loaded, by who loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsGoal {
    Module,
    Classic,
    Both,
}

/// What was found out about the whole site.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub cuts: &'a shake::Cuts,
    pub shaken: &'a modules::Shaken,
    pub answers: &'a BTreeMap<AssetId, Answer>,
    /// What every script of it may lose.
    pub names: js::Names,
}

pub fn task(
    site: &Site,
    graph: &AssetGraph,
    config: &Config,
    known: Known<'_>,
    id: AssetId,
    demand: Option<&Demand>,
) -> Task {
    let (Some(asset), Some(node)) = (site.get(id), graph.node(id)) else {
        return Task {
            op: Op::Copy,
            naming: Naming::Keep("unknown file".into()),
            instead: None,
            decisions: Vec::new(),
        };
    };
    let naming = match demand {
        Some(Demand { instead: Some(_), .. }) => {
            Naming::Keep("it stays for whoever asks for it, beside the version that pages and scripts name".into())
        }
        demand => naming(site, graph, config, id, demand.is_some_and(|d| !d.widths.is_empty())),
    };
    let mut decisions = Vec::new();
    let op = match stays(site, graph, config, id) {
        Some(why) => {
            decisions.push(why);
            Op::Copy
        }
        None => {
            let shake = asset.kind == Kind::Html
                && config.transforms.allows(Transform::Shake, &asset.path)
                && known.cuts.obstacle.is_none();
            let critical = match (&node.summary, Critical::new(config, known.answers.get(&id))) {
                (Summary::Page(page), Some(critical)) => {
                    let why = obstacle(site, graph, config, (asset, page)).or_else(|| known.cuts.obstacle.clone());
                    decisions.extend(why.as_ref().map(|why| format!("its sheets stay where they are: {why}")));
                    why.is_none().then_some(critical)
                }
                _ => None,
            };
            let reuse_svg = match &node.summary {
                Summary::Page(page) if config.html.reuse_svg && drawings::concerns(page) => {
                    let why = drawings::obstacle(site, graph, config, (asset, page));
                    decisions.extend(why.as_ref().map(|why| format!("its inline SVGs stay as they are: {why}")));
                    why.is_none()
                }
                _ => false,
            };
            let space = match &node.summary {
                Summary::Page(page) => as_written::what_shows_space(graph, id, page),
                _ => None,
            };
            decisions.extend(space.iter().map(|why| format!("white space stays: {why}")));
            let shown = node.summary.backgrounds().is_some_and(|b| !b.all.is_empty());
            let read = as_written::what_reads_backgrounds(graph, config).filter(|_| shown);
            decisions.extend(read.iter().map(|why| format!("backgrounds keep their formats: {why}")));
            let collapse = space.is_none();
            let names = own_names::of_file(known.names, node);
            let rules = Rules {
                collapse,
                cut: known.cuts.of(id),
                shake,
                critical,
                reuse_svg,
                module: known.shaken.of(id),
                names,
            };
            op(asset, node, config, rules, demand, &mut decisions)
        }
    };
    decisions.push(match &naming {
        Naming::Keep(why) => format!("name kept: {why}"),
        Naming::Fingerprint if site.is_fetched(&asset.path) => "name gets a content hash".into(),
        Naming::Fingerprint => "name gets a content hash; the old name stays available".into(),
        Naming::Bundled { .. } => "name carries a bundler's hash: replaced if its bytes change".into(),
    });
    if known.shaken.unreached.contains(&id) {
        decisions.push(match known.shaken.pruned.contains(&id) {
            true => "not written: no page loads it, and `prune` is on".into(),
            false => "no page loads it; `--prune` leaves it out where nothing else names it".into(),
        });
    }
    let instead = demand.and_then(|d| d.instead).filter(|_| matches!(op, Op::Image(_)));
    Task { op, naming, instead, decisions }
}

/// Why a file is only copied, whatever it holds.
pub fn stays(site: &Site, graph: &AssetGraph, config: &Config, id: AssetId) -> Option<String> {
    let (asset, node) = (site.get(id)?, graph.node(id)?);
    if !config.select.allows(&asset.path) {
        Some("copied: excluded by the configuration".into())
    } else if asset.len > config.limits.file_bytes {
        Some(format!("copied: larger than limits.file_size ({} bytes)", config.limits.file_bytes))
    } else if graph.is_frozen(site, id)
        && asset.kind != Kind::Html
        && !matches!(asset.kind, Kind::Json | Kind::WebManifest | Kind::Xml)
    {
        Some(frozen_reason(asset, node).into())
    } else {
        None
    }
}

/// What is known of the use of rules: of a sheet's, and of those in a page.
struct Rules<'a> {
    collapse: bool,
    cut: Option<&'a Result<Vec<Dropped>, String>>,
    shake: bool,
    critical: Option<Critical>,
    reuse_svg: bool,
    module: Option<&'a Result<modules::Cut, String>>,
    names: js::Names,
}

fn frozen_reason(asset: &Asset, node: &Node) -> &'static str {
    match node.summary {
        _ if asset.kind == Kind::SourceMap => "copied, or composed with what minifying changes in its script",
        Summary::Opaque => "copied: text that kiln does not change",
        _ if node.incoming.is_empty() && node.pins.is_empty() => {
            "copied: its name promises these bytes, and nothing of the site refers to it that could follow a new one"
        }
        _ => "copied: its name promises these bytes, and the name cannot change",
    }
}

fn op(
    asset: &Asset,
    node: &Node,
    config: &Config,
    rules: Rules<'_>,
    demand: Option<&Demand>,
    decisions: &mut Vec<String>,
) -> Op {
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
            let dropped = match rules.cut {
                Some(Ok(dropped)) => {
                    decisions.push(format!("rules that nothing on the site can match: {}", dropped.len()));
                    dropped.clone()
                }
                Some(Err(why)) => {
                    decisions.push(why.clone());
                    Vec::new()
                }
                None => Vec::new(),
            };
            Op::Css(sheet(config), dropped)
        }
        Kind::Js if on(Transform::Js) && as_written::is_only_read(asset, node) => {
            decisions.push("not minified: visitors may save or read it, or a script reads it as something else".into());
            Op::Rewrite
        }
        Kind::Json | Kind::Svg if as_written::is_saved(node) => {
            decisions.push("not minified: visitors may save or read it".into());
            Op::Rewrite
        }
        Kind::Js if on(Transform::Js) => {
            let goal = js_goal(node);
            decisions
                .push(format!("minified as a {}", if goal == JsGoal::Module { "module" } else { "classic script" }));
            decisions.extend(own_names::reason(rules.names).map(str::to_owned));
            Op::Js(js_op(goal, rules.names, config), statements(rules.module, decisions))
        }
        Kind::Svg if on(Transform::Svg) => {
            decisions.push("optimised, and kept only if it renders the same".into());
            Op::Svg(SvgOp::default())
        }
        Kind::Json | Kind::WebManifest if on(Transform::Json) => Op::Json,
        Kind::Xml if on(Transform::Xml) => Op::Xml,
        Kind::Html => Op::Html(HtmlOp {
            collapse: rules.collapse && on(Transform::Html) && config.html.collapse_whitespace,
            shake: rules.shake,
            critical: rules.critical,
            reuse_svg: rules.reuse_svg,
            safelist: config.css.safelist.clone(),
            inline_css: on(Transform::Css).then(|| sheet(config)),
            inline_js: on(Transform::Js).then(|| js_op(JsGoal::Classic, rules.names, config)),
        }),
        Kind::Css | Kind::Js | Kind::Svg => {
            off(decisions, "this transform");
            Op::Rewrite
        }
        _ => Op::Copy,
    }
}

/// What is cut out of a module, and why no more.
fn statements(module: Option<&Result<modules::Cut, String>>, decisions: &mut Vec<String>) -> Vec<js::Edit> {
    match module {
        Some(Ok(cut)) => {
            let (gone, all, exports) = (cut.statements, cut.of_statements, cut.exports.len());
            decisions.push(match cut.dead {
                true => "left empty: nothing imports anything of it any more".into(),
                false => {
                    format!("{gone} of {all} top-level statements and {exports} exports dropped: nothing needs them")
                }
            });
            cut.edits.clone()
        }
        Some(Err(why)) => {
            decisions.push(why.clone());
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// A module only if every loader says so: minifying a classic script as a module would lose its globals.
fn js_goal(node: &Node) -> JsGoal {
    let syntax = matches!(&node.summary, Summary::Js(f) if f.is_module_syntax);
    let module = node.incoming.iter().any(|e| matches!(e.kind, RefKind::ModuleScript | RefKind::ModuleWorker));
    let classic = node.incoming.iter().any(|e| matches!(e.kind, RefKind::ClassicScript | RefKind::Worker));
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

fn js_op(goal: JsGoal, names: js::Names, config: &Config) -> js::JsOp {
    js::JsOp {
        goal: if goal == JsGoal::Module { js::Goal::Module } else { js::Goal::Script },
        names,
        licenses: config.js.licenses,
        source_map: config.js.source_maps == SourceMaps::Compose,
    }
}

fn is_animated(node: &Node) -> bool {
    matches!(&node.summary, Summary::Image(info) if info.animated)
}

/// Some of the widths, the least and the widest among them: hardly a browser reads WebP and not AVIF, and each file takes
/// time and room.
fn spaced(widths: &BTreeSet<u32>) -> BTreeSet<u32> {
    const APART: f64 = 1.5;
    let mut some: BTreeSet<u32> = widths.first().copied().into_iter().collect();
    let mut last = f64::INFINITY;
    for width in widths.iter().rev() {
        if f64::from(*width) * APART <= last {
            some.insert(*width);
            last = f64::from(*width);
        }
    }
    some
}

fn image_op(
    format: ImageFormat,
    node: &Node,
    config: &Config,
    demand: Option<&Demand>,
    decisions: &mut Vec<String>,
) -> Op {
    let generated = format == ImageFormat::Jpeg && demand.is_some_and(|d| d.generated);
    let seldom = demand.is_some_and(|d| d.seldom);
    let recompress = config.images.recompress(format, seldom).filter(|_| !generated);
    if seldom && recompress.is_some() {
        decisions.push("made smaller with little effort: no modern browser is known to load the file itself".into());
    }
    if generated {
        decisions.push("not encoded again as JPEG: the generator made it as one of several sizes".into());
    }
    let mut variants = Vec::new();
    if let Some(demand) = demand.filter(|d| !d.widths.is_empty()) {
        let few = match config.images.formats.contains(&ImageFormat::Avif) {
            true => spaced(&demand.widths),
            false => demand.widths.clone(),
        };
        // No other plays in every browser that reads it.
        let still = |format: &&ImageFormat| **format == ImageFormat::WebP || !is_animated(node);
        for format in config.images.formats.iter().filter(still) {
            let spare = |width: &u32| *format == ImageFormat::WebP && !few.contains(width);
            let at: Vec<String> = demand.widths.iter().filter(|w| !spare(w)).map(u32::to_string).collect();
            let more = if at.len() < demand.widths.len() { " (at more where AVIF is no smaller)" } else { "" };
            let (name, at) = (format.extension(), at.join(", "));
            decisions.push(format!("{name} made at {at} px wide{more}, each kept where it is smaller"));
            let spec = |w: &u32| VariantSpec { spare: spare(w), ..config.images.variant(*format, *w) };
            variants.extend(demand.widths.iter().map(spec));
        }
    } else {
        decisions.push("no modern versions: nothing that could choose one shows it".into());
    }
    if let (Some(format), Summary::Image(info)) = (demand.and_then(|d| d.instead), &node.summary) {
        variants.push(config.images.variant(format, info.width));
        decisions.push(format!("references lead to a version in {}, as `images.js` says", format.extension()));
    }
    if let Some(demand) = demand.filter(|d| !d.own.is_empty()) {
        variants.extend(demand.own.iter().map(|width| config.images.variant(format, *width)));
        let widths: Vec<String> = demand.own.iter().map(u32::to_string).collect();
        decisions.push(format!("smaller ones made in its own format, {} px wide", widths.join(", ")));
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
        jpeg_trellis: config.images.effort != Effort::Fast,
        search: config.images.search(),
        placeholder: config.images.placeholder.kind().filter(|_| demand.is_some_and(|d| d.placeholder)),
    })
}
