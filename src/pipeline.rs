//! The order of the stages. Nothing else knows it.

mod memory;
mod output;
mod pages;
mod precache;
mod record;
mod report;

pub use crate::waste::Waste;
pub use memory::Memory;
pub use report::{DroppedRule, FileReport, KindTotals, Report, ShakenModule, StageTime};

use crate::cache::Cache;
use crate::config::{CacheDir, Config, Transform};
use crate::emit::staging::{self, Refusal, Staging};
use crate::execute::{Workshop, execute};
use crate::facts::Analyst;
use crate::graph::{self, AssetGraph, Deployment};
use crate::link;
use crate::measure;
use crate::model::{Asset, Diagnostic, Kind, RawRef, SitePath};
use crate::observe::Observer;
use crate::plan::{Plan, pictures, plan};
use crate::remote::{self, Fetching, Served};
use crate::scan::{Site, scan};
use crate::waste;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path} is not a folder that can be read: {source}\n  help: name the folder that your build writes, like `dist`", path = path.display())]
    Input { path: PathBuf, source: std::io::Error },
    #[error("{path} holds no files\n  help: run your site's build first", path = path.display())]
    Empty { path: PathBuf },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the output cannot be written: {0}")]
    Write(std::io::Error),
    #[error("stopped before the end; the output is as it was")]
    Cancelled,
}

/// What to build, and where to.
pub struct Job<'a> {
    pub input: &'a Path,
    /// The same folder as `input` works in place.
    pub out: &'a Path,
    pub force: bool,
    pub config: &'a Config,
    pub observer: &'a dyn Observer,
    /// Encode new pictures cheaply for now; the next build does it as the configuration says.
    pub draft: bool,
    /// For a process that builds again and again.
    pub memory: Option<&'a Memory>,
}

/// `kiln build`.
pub fn build(job: &Job<'_>) -> Result<Report, Error> {
    let mut clock = Clock::start();
    let once = Memory::default();
    let memory = job.memory.unwrap_or(&once);
    staging::check(job.input, job.out)?;
    let cache_dir = cache_dir(job)?;
    let (mut site, mut diagnostics) = read_site(job, memory, &mut clock)?;
    // Without a cache, pictures still need not stay in memory until all names are known.
    let scratch = staging::scratch(job.out)?;
    let cache = match &cache_dir {
        Some(dir) => Cache::shared(dir, memory.whole.clone()),
        None => Cache::with(Some(&scratch), memory.whole.clone()),
    };
    let passing = cache_dir.is_none();
    // Its beginning clears away what lies in the scratch.
    let begun = passing.then(|| begin(job, memory)).transpose()?;
    diagnostics.extend(fetch(job, &mut site, &cache, (passing, job.memory.map(|m| &m.asked)), &mut clock));
    wanted(job)?;
    let key = record::key(&site, &diagnostics, job.config);
    if let Some(report) = record::stands(&cache, &key, job.out) {
        return Ok(clock.close(report));
    }
    let staging = begun.map_or_else(|| begin(job, memory), Ok)?;
    if let Some(again) = record::replay(&site, &cache, &key, &staging, &mut clock) {
        wanted(job)?;
        staging.commit()?;
        if job.memory.is_some() {
            memory.placed.remember(job.out, again.files.iter().map(|(p, d, s)| (p, *d, s)));
        }
        record::remember_place(&cache, &key, job.out);
        return Ok(clock.close(again.report));
    }
    let made = Made::new(&site, job.config, &cache, job.observer, &mut clock);
    wanted(job)?;
    diagnostics.extend(made.graph.diagnostics.iter().chain(&made.unknown).cloned());
    let analyst = analyst(&site, &cache, &made.untouched);
    let shop = made.workshop(&site, &cache, &analyst, job);
    let written = output::write(&shop, &made, job.config, &staging, &mut clock).map_err(Error::Write)?;
    // What a cancelled stage left out must reach neither the output nor the record of it.
    wanted(job)?;
    diagnostics.extend(written.diagnostics.iter().cloned());
    let mut report = report::report(&shop, &written, diagnostics);
    report.base = made.graph.deployment.base.clone();
    report.cache_warning = cache.warning();
    report.cache_hits = cache.hits();
    report.cache_misses = cache.misses();
    report.drafts = shop.drafts.as_ref().map_or(0, |count| count.load(Ordering::Relaxed) as u64);
    let recorded =
        report.drafts == 0 && cache_dir.is_some() && record::remember(&cache, &key, &written, &report).is_some();
    written.paths().for_each(|p| staging.keep_time(p));
    wanted(job)?;
    staging.commit()?;
    if job.memory.is_some() {
        let generated = |path| written.generated.iter().any(|(p, _)| p == path);
        let own = written.outputs.iter().filter(|d| !generated(&d.path));
        memory.placed.remember(job.out, own.map(|d| (&d.path, d.digest, &d.sums)));
    }
    if recorded {
        record::remember_place(&cache, &key, job.out);
    }
    Ok(clock.close(report))
}

fn begin<'m>(job: &Job<'_>, memory: &'m Memory) -> Result<Staging<'m>, Error> {
    if !job.force {
        staging::check_replaceable(job.input, job.out)?;
    }
    Ok(Staging::begin(job.out, &memory.placed)?)
}

fn wanted(job: &Job<'_>) -> Result<(), Error> {
    if job.observer.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

/// `kiln plan` and `kiln explain`: everything but the writing. With `execute` the operations run too.
pub fn preview(job: &Job<'_>, run: bool) -> Result<Report, Error> {
    let mut clock = Clock::start();
    let (mut site, mut diagnostics) = read_site(job, &Memory::default(), &mut clock)?;
    let cache = cache_dir(job)?.map_or_else(|| Cache::open(None), |dir| Cache::shared(&dir, Arc::default()));
    diagnostics.extend(fetch(job, &mut site, &cache, (false, None), &mut clock));
    let made = Made::new(&site, job.config, &cache, job.observer, &mut clock);
    diagnostics.extend(made.graph.diagnostics.iter().chain(&made.unknown).cloned());
    let analyst = analyst(&site, &cache, &made.untouched);
    if !run {
        let waste = Some(waste::find(&analyst, &made.graph, &job.config.js.browsers));
        clock.lap("look for waste");
        return Ok(clock.close(Report { waste, ..report::planned(&site, &made.graph, &made.plan, diagnostics) }));
    }
    let artifacts = execute(&made.workshop(&site, &cache, &analyst, job));
    let names = link::names(&site, &made.plan, &artifacts);
    let linked = link::link(&site, &made.plan, &artifacts, &names, &job.config.keep_originals);
    let shop = made.workshop(&site, &cache, &analyst, job);
    Ok(clock.close(report::explained(&shop, &artifacts, &names, &linked, diagnostics)))
}

fn read_site(job: &Job<'_>, memory: &Memory, clock: &mut Clock) -> Result<(Site, Vec<Diagnostic>), Error> {
    let input = |source| Error::Input { path: job.input.to_owned(), source };
    if !std::fs::metadata(job.input).map_err(input)?.is_dir() {
        return Err(input(std::io::Error::other("it is a file")));
    }
    let (site, diagnostics) = scan(job.input, &memory.seen).map_err(input)?;
    clock.lap("read and hash");
    if site.assets.is_empty() {
        return Err(Error::Empty { path: job.input.to_owned() });
    }
    Ok((site, diagnostics))
}

/// Takes in pictures of other hosts, if the settings name some; gives what is to be told of them. `passing`: the cache ends
/// with the build.
fn fetch(
    job: &Job<'_>,
    site: &mut Site,
    cache: &Cache,
    (passing, asked): (bool, Option<&remote::Asked>),
    clock: &mut Clock,
) -> Vec<Diagnostic> {
    let config = job.config;
    if config.images.remote.places.is_empty() || !config.transforms.is_on(Transform::Images) {
        return Vec::new();
    }
    let on = Fetching { config, cache, passing, asked, observer: job.observer };
    let untouched = untouched(config);
    let analyst = analyst(site, cache, &*untouched);
    let served = || {
        let deployment = deployment(&analyst, config);
        let (rooted, origins) = (deployment.sure.then(|| deployment.base.clone()), deployment.origins.clone());
        let site = analyst.site;
        let leads = move |path: &SitePath, base: Option<&str>, r: &RawRef| {
            let resolver = graph::Resolver { site, deployment: &deployment };
            match resolver.resolve(&graph::Document { path, base }, &r.url, r.kind) {
                graph::Target::Asset(id) => site.get(id).filter(|a| a.kind == Kind::Js).map(|_| id),
                _ => None,
            }
        };
        Served { rooted, origins, leads: Box::new(leads) }
    };
    let fetched = remote::fetch(&on, &analyst, served);
    let diagnostics = fetched.settle(site);
    clock.lap("fetch pictures");
    diagnostics
}

/// Where results are kept from one build to the next. `None`: nowhere.
pub fn cache_folder(config: &Config) -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    match &config.cache {
        CacheDir::At(dir) => Some(dir.clone()),
        CacheDir::Default => etcetera::choose_base_strategy().ok().map(|s| s.cache_dir().join("kiln")),
        CacheDir::Off => None,
    }
}

fn cache_dir(job: &Job<'_>) -> Result<Option<PathBuf>, Error> {
    Ok(cache_folder(job.config).map(|dir| staging::check_cache(&dir, job.input, job.out)).transpose()?)
}

fn analyst<'a>(site: &'a Site, cache: &'a Cache, untouched: &'a (dyn Fn(&Asset) -> bool + Sync)) -> Analyst<'a> {
    Analyst { site, cache, untouched }
}

fn untouched<'a>(config: &'a Config) -> Box<dyn Fn(&Asset) -> bool + Sync + 'a> {
    Box::new(|a: &Asset| !config.select.allows(&a.path) || a.len > config.limits.file_bytes)
}

fn deployment(analyst: &Analyst<'_>, config: &Config) -> Deployment {
    let base = config.base.as_ref();
    graph::deployment::guess(analyst, base.map(|b| b.path.as_str()), base.and_then(|b| b.origin.as_deref()))
}

/// The stages up to the plan.
pub(crate) struct Made<'a> {
    pub graph: AssetGraph,
    pub plan: Plan,
    /// Pages that could not be laid out.
    pub unknown: Vec<Diagnostic>,
    pub untouched: Box<dyn Fn(&Asset) -> bool + Sync + 'a>,
}

impl<'a> Made<'a> {
    fn new(site: &'a Site, config: &'a Config, cache: &'a Cache, observer: &dyn Observer, clock: &mut Clock) -> Self {
        let untouched = untouched(config);
        observer.stage("reading pages", 0);
        let analyst = Analyst { site, cache, untouched: &untouched };
        let deployment = deployment(&analyst, config);
        let renamable = |a: &Asset| {
            matches!(a.kind, Kind::Css | Kind::Js | Kind::Svg | Kind::Image(_) | Kind::Font)
                && config.transforms.allows(Transform::Fingerprint, &a.path)
        };
        let mut graph = graph::build(&analyst, deployment, &renamable);
        let sent = match config.html.csp {
            Some(true) => Some(true),
            Some(false) => graph::hosts::sent_policy(site).map(|_| false),
            None => graph::hosts::sent_policy(site),
        };
        if let Some(restricts) = sent {
            graph.send_a_policy(restricts);
        }
        clock.lap("analyse");
        let mut pages = pictures::pictures(site, &graph, config);
        let free = pictures::free(site, &graph, config);
        let asks = pictures::asks(site, &graph, config, &pages, &free);
        observer.stage("laying out pages", asks.len());
        let (answers, unknown) = measure::measure(&analyst, &graph, &config.layout, &asks);
        pictures::refine(&graph, config, &answers, &mut pages);
        let lazy = pictures::lazy(free, &answers);
        clock.lap("lay out");
        let plan = plan(site, &graph, config, pages, lazy, &answers);
        clock.lap("plan");
        Self { graph, plan, unknown, untouched }
    }

    fn workshop<'w>(
        &'w self,
        site: &'w Site,
        cache: &'w Cache,
        analyst: &'w Analyst<'w>,
        job: &'w Job<'_>,
    ) -> Workshop<'w> {
        Workshop {
            site,
            graph: &self.graph,
            plan: &self.plan,
            cache,
            analyst,
            observer: job.observer,
            memory_bytes: job.config.limits.memory_bytes,
            drafts: job.draft.then(AtomicUsize::default),
        }
    }
}

/// Wall time per stage; only ever shown, never written to the output.
pub(crate) struct Clock {
    last: Instant,
    laps: Vec<StageTime>,
}

impl Clock {
    fn start() -> Self {
        Self { last: Instant::now(), laps: Vec::new() }
    }

    pub(crate) fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.push(StageTime { name: name.into(), seconds: (now - self.last).as_secs_f64() });
        self.last = now;
    }

    fn close(mut self, report: Report) -> Report {
        self.lap("replace output");
        Report { stages: self.laps, ..report }
    }
}
