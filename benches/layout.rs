//! Prints where kiln's layout puts the images of a site, as JSON: what `tests/browser/layout.mjs` compares with a browser.
//!
//! `cargo run --example layout -- SITE [BASE]`

use kiln::cache::Cache;
use kiln::config::{Overrides, resolve};
use kiln::facts::Analyst;
use kiln::graph::{self, Summary};
use kiln::layout::Answer;
use kiln::measure::{Ask, measure};
use kiln::model::Kind;
use serde_json::{Value, json};
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(site), base) = (args.next(), args.next()) else { anyhow::bail!("which site?") };
    let config = resolve(None, &[], &Overrides { base_url: base, ..Overrides::default() })?;
    let (site, _) = kiln::scan::scan(Path::new(&site), &Default::default())?;
    let cache = Cache::open(None);
    let analyst = Analyst { site: &site, cache: &cache, untouched: &|_| false };
    let base = config.base.as_ref().map(|b| b.path.as_str());
    let graph = graph::build(&analyst, graph::deployment::guess(&analyst, base, None), &|_| false);
    let pages = site.ids().filter(|id| site.get(*id).is_some_and(|a| a.kind == Kind::Html));
    let asks: Vec<Ask> = pages
        .map(|page| {
            let images = match graph.node(page).map(|n| &n.summary) {
                Some(Summary::Page(p)) => p.images.len(),
                _ => 0,
            };
            Ask {
                page,
                sizes: vec![None; images],
                varies: vec![false; images],
                elsewhere: vec![None; images],
                screen: false,
            }
        })
        .collect();
    let start = std::time::Instant::now();
    let (answers, _) = measure(&analyst, &graph, &config.layout, &asks);
    let seconds = start.elapsed().as_secs_f64();
    let mut out = serde_json::Map::new();
    for (id, answer) in answers {
        let Some(asset) = site.get(id) else { continue };
        let told = match answer {
            Answer::Unknown(why) => json!({ "unknown": why }),
            Answer::Known(known) => {
                let views: Vec<Value> = known
                    .views
                    .iter()
                    .enumerate()
                    .map(|(v, view)| {
                        let images: Vec<Value> = known
                            .images
                            .iter()
                            .map(|i| match i.shown.get(v).copied().flatten() {
                                Some(s) => json!([s.x, s.y, s.width, s.height]),
                                None => Value::Null,
                            })
                            .collect();
                        json!({ "width": view.width, "height": view.height, "images": images,
                                "background": known.backgrounds.get(v).map(|b| b.area) })
                    })
                    .collect();
                json!({ "placed": known.placed, "views": views })
            }
        };
        out.insert(asset.path.to_string(), told);
    }
    println!("{}", json!({ "seconds": seconds, "pages": out }));
    Ok(())
}
