//! kiln fires a finished web build: it reads a folder of built files and writes a folder of smaller, faster, safely
//! cacheable files that behave the same.
//!
//! Every stage is a function from borrowed data to new data; `pipeline` is the only file that knows their order:
//!
//! ```text
//! argv, kiln.toml ─► config::resolve ─► Config                 merged, validated once, then frozen
//! dir             ─► scan            ─► Site                   walk + hash                                    I/O
//! Site            ─► facts           ─► Analysis per file      each text parsed once, cached by its content
//! Site + facts    ─► remote          ─► Site                   pictures of other hosts, where that is asked for  I/O
//! Site + facts    ─► graph           ─► AssetGraph             references resolved, reasons to keep names
//! graph           ─► measure         ─► Answer per page        pages with images laid out, cached
//! graph           ─► waste           ─► Waste                  what people could do better; changes nothing
//! graph + Config  ─► plan            ─► Plan                   operations and naming policy, printable        pure
//! Plan            ─► execute         ─► Vec<Artifact>          images, then css/js/svg, parallel, cached
//! Artifacts       ─► link            ─► Vec<Output>            cycles hashed together → names → holes filled  pure
//! pages           ─► execute::html   ─► written one by one     they name all other files, nothing names their bytes
//! Outputs         ─► emit            ─► manifest, headers      staging folder, one rename                     I/O
//! ```
//!
//! # Invariants
//!
//! 1. A transform is a function of bytes and its own options: no file system, clock, environment or globals. Policy sits
//!    in `plan`, mechanism in `transform`, scheduling in `execute`.
//! 2. One level of parallelism, across files. The same input gives the same output tree on any core count, cold or warm.
//! 3. Unknown means keep: what does not parse or is not understood stays, and says so in a [`model::Diagnostic`].
//! 4. Never larger, never worse: the input is kept where a result is not smaller; a panic costs one file its optimisation.
//! 5. Text is edited by splicing byte ranges. A transform minifies without touching URLs; then its *output* is analysed
//!    again and cut at its references, so a URL is a hole in the structure and no placeholder ever stands in text.
//! 6. A renamed file stays in its folder: only the last segment of a URL ever changes.
//! 7. The output folder is replaced whole or not at all; the input is never modified unless asked.
//! 8. Everything that can change bytes is in the cache key. The cache may fail, the build may not.
//!
//! # Layers
//!
//! A lower one never imports a higher one; `tests/it/tidy.rs` reads the imports and enforces it.
//!
//! ```text
//! 0  model, observe, syntax                        nothing of ours
//! 1  transform, analyze, layout, cache, config     level 0; config names the options of transforms and of the layout
//! 2  scan, facts, remote, graph, waste, measure, plan, execute, link, emit
//!                                                  levels 0-1 and the stages before
//! 3  pipeline                                      the stage order
//! 4  ui, watch, serve                              pipeline, model, observe; serve also what emit writes
//! 5  cli, main                                     the only users of clap and exit codes
//! ```

pub mod analyze;
pub mod cache;
pub mod cli;
pub mod config;
pub mod emit;
pub mod execute;
pub mod facts;
pub mod graph;
pub mod layout;
pub mod link;
pub mod measure;
pub mod model;
pub mod observe;
pub mod pipeline;
pub mod plan;
pub mod remote;
pub mod scan;
pub mod serve;
pub mod syntax;
pub mod transform;
pub mod ui;
pub mod waste;
pub mod watch;
