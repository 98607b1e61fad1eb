use clap::Parser;
use kiln::cli::{self, Exit, args::Cli};
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Trees of pages, sheets and scripts are many small allocations: see `benches/README.md`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match cli::run(&Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("kiln: {error:#}");
            Exit::Io.into()
        }
    }
}
