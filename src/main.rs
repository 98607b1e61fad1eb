use clap::Parser;
use kiln::cli::{self, Exit, args::Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(&Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("kiln: {error:#}");
            Exit::Io.into()
        }
    }
}
