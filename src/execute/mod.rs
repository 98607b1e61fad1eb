//! The fifth stage: runs the plan's operations in parallel, keeps what is smaller, remembers what was done.

mod background;
mod budget;
mod cut;
pub mod html;
mod images;
mod inline_style;
mod keepers;
mod sheet;
mod text;

pub use cut::{Edit, apply, joined};
pub use keepers::shows_space;

use crate::cache::Cache;
use crate::facts::Analyst;
use crate::graph::{AssetGraph, Document, Resolver, Target};
use crate::model::{AssetId, Body, Diagnostic, Digest, ImageFormat, Piece, RefKind, Severity};
use crate::observe::Observer;
use crate::plan::{Op, Plan};
use crate::scan::Site;
use crate::transform::image::Loss;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Where a URL in a text will lead: a file, or one of the versions made of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Hole {
    pub asset: AssetId,
    /// An index into `Artifact::variants`.
    pub variant: Option<u32>,
}

/// Of what is remembered of single files.
pub const VERSIONS: [u32; 2] = [images::VERSION, text::VERSION];

/// The formats of versions, in the order in which they are offered: of equal candidates a browser takes the first it can decode.
const OFFERED: [ImageFormat; 2] = [ImageFormat::Avif, ImageFormat::WebP];

pub type Text = Body<Hole>;

#[derive(Clone, Debug)]
pub enum Content {
    /// The input's bytes.
    Same,
    Stored(Stored),
    Text {
        body: Text,
        /// It differs from the input even if no name does.
        changed: bool,
        /// The same without `image-set()`s, where those make the file larger than it was: what stands under a name that
        /// the file had before must not grow.
        lean: Option<Text>,
    },
}

/// The versions of pictures that a text names.
pub fn versions_named(body: &Text) -> impl Iterator<Item = Hole> + '_ {
    body.pieces.iter().filter_map(|p| match p {
        Piece::Url { target, .. } => target.variant.map(|_| *target),
        Piece::Text(_) => None,
    })
}

/// Bytes in the cache, or in memory where the cache could not take them.
#[derive(Clone, Debug)]
pub struct Stored {
    pub digest: Digest,
    pub len: u64,
    pub memory: Option<Arc<[u8]>>,
}

#[derive(Clone, Debug)]
pub struct Variant {
    pub format: ImageFormat,
    pub width: u32,
    pub height: u32,
    pub loss: Loss,
    pub stored: Stored,
}

#[derive(Clone, Debug)]
pub struct Artifact {
    pub content: Content,
    pub variants: Vec<Variant>,
    /// A picture's own, in pixels. 0 for anything else.
    pub width: u32,
    /// Of a sheet whose rules pages may take in.
    pub code: Option<Arc<sheet::Code>>,
    /// A source map for the text as it is in `content` with all names unchanged.
    pub map: Option<String>,
    /// Of a picture: a CSS `<image>` that stands behind it until it has come.
    pub placeholder: Option<String>,
    /// How often a lossy encoder ran, and how many files came of it.
    pub encodes: u32,
    pub lossy_files: u32,
    /// What was done or skipped, for people.
    pub notes: Vec<String>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Artifact {
    /// The version that is as large as the picture itself: an index into `variants`.
    pub fn full(&self, format: ImageFormat) -> Option<u32> {
        let at = self.variants.iter().position(|v| v.format == format && v.width == self.width)?;
        u32::try_from(at).ok()
    }

    fn same() -> Self {
        Self {
            content: Content::Same,
            variants: Vec::new(),
            width: 0,
            code: None,
            map: None,
            placeholder: None,
            encodes: 0,
            lossy_files: 0,
            notes: Vec::new(),
            diagnostics: Vec::new(),
        }
    }
}

/// Everything that execution reads.
pub struct Workshop<'a> {
    pub site: &'a Site,
    pub graph: &'a AssetGraph,
    pub plan: &'a Plan,
    pub cache: &'a Cache,
    pub analyst: &'a Analyst<'a>,
    pub observer: &'a dyn Observer,
    pub memory_bytes: u64,
    /// `Some`: pictures that the cache does not hold are encoded cheaply, and counted.
    pub drafts: Option<AtomicUsize>,
}

impl Workshop<'_> {
    fn resolver(&self) -> Resolver<'_> {
        Resolver { site: self.site, deployment: &self.graph.deployment }
    }

    /// The file whose name a reference must follow, if that may change.
    fn hole(&self, from: &Document<'_>, url: &str, kind: RefKind) -> Option<Hole> {
        let Target::Asset(asset) = self.resolver().resolve(from, url, kind) else { return None };
        self.renamable(asset, kind)
    }

    fn renamable(&self, asset: AssetId, kind: RefKind) -> Option<Hole> {
        (follows(kind) && self.plan.may_be_renamed(asset)).then_some(Hole { asset, variant: None })
    }

    /// Where a reference to a file leads: to the version that takes its place, if it was worth making.
    fn instead(&self, hole: Hole, artifacts: &[Artifact]) -> Hole {
        let format = self.plan.task(hole.asset).and_then(|t| t.instead);
        let version = format.and_then(|format| artifacts.get(hole.asset.index())?.full(format));
        Hole { variant: version.or(hole.variant), ..hole }
    }

    fn store(&self, bytes: Vec<u8>) -> Stored {
        let len = bytes.len() as u64;
        match self.cache.put_blob(&bytes) {
            Some(digest) => Stored { digest, len, memory: None },
            None => Stored { digest: Digest::of(&bytes), len, memory: Some(bytes.into()) },
        }
    }

    /// Like every operation, but for pages, which are made while they are written.
    pub fn guarded_page<T>(&self, id: AssetId, work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
        self.caught(id, "page", work)
    }

    /// A codec's or printer's panic costs one file its optimisation, never the build.
    fn caught<T>(&self, id: AssetId, what: &str, work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
        catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
            let cause =
                panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            let path = self.site.get(id).map_or("", |a| a.path.as_str());
            Diagnostic::new(
                Severity::Warning,
                "internal",
                path,
                format!("the {what} stopped unexpectedly: {}", cause.unwrap_or("no reason given")),
            )
            .help("the file stays as it is; please report it")
        })
    }
}

/// A reference of this kind is rewritten when its file gets another name.
fn follows(kind: RefKind) -> bool {
    !matches!(kind, RefKind::Link | RefKind::FormatLocked | RefKind::ServiceWorker | RefKind::SourceMap)
}

/// Every file but the pages, which come last: they name all others and nothing depends on their bytes.
pub fn execute(shop: &Workshop<'_>) -> Vec<Artifact> {
    let is_image = |id: &AssetId| shop.plan.task(*id).is_some_and(|t| matches!(t.op, Op::Image(_)));
    let is_page = |id: &AssetId| shop.plan.task(*id).is_some_and(|t| matches!(t.op, Op::Html(_)));
    // Of a build that is given up, the rest stays as it is and goes nowhere.
    let wanted = |_: &AssetId| !shop.observer.cancelled();
    let mut artifacts: Vec<Artifact> = shop.site.ids().map(|_| Artifact::same()).collect();
    // So that no thread is left with a long one at the end.
    let largest_first =
        |ids: &mut Vec<AssetId>| ids.sort_by_key(|id| std::cmp::Reverse(shop.site.get(*id).map_or(0, |a| a.len)));

    let mut pictures: Vec<AssetId> = shop.site.ids().filter(is_image).collect();
    largest_first(&mut pictures);
    shop.observer.stage("images", pictures.len());
    let done = images::artifacts(shop, pictures);
    fill(&mut artifacts, done);

    let mut texts: Vec<AssetId> = shop.site.ids().filter(|id| !is_image(id) && !is_page(id)).collect();
    largest_first(&mut texts);
    shop.observer.stage("styles and scripts", texts.len());
    let done: Vec<(AssetId, Artifact)> =
        texts.into_iter().par_bridge().filter(wanted).map(|id| (id, text::artifact(shop, &artifacts, id))).collect();
    fill(&mut artifacts, done);
    sheet::flatten(shop, &mut artifacts);
    artifacts
}

fn fill(artifacts: &mut [Artifact], done: Vec<(AssetId, Artifact)>) {
    for (id, artifact) in done {
        if let Some(slot) = artifacts.get_mut(id.index()) {
            *slot = artifact;
        }
    }
}
