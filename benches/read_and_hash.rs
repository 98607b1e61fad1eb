//! Reads and hashes every file of a folder, in one thread, and does nothing else: what a warm `kiln build` is held against.
//!
//!   cargo build --release --example read_and_hash

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("which folder?");
        return ExitCode::from(2);
    };
    let mut all = blake3::Hasher::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let read = entry.map_err(std::io::Error::from).and_then(|e| match e.file_type().is_file() {
            true => std::fs::read(e.path()).map(|bytes| all.update(blake3::hash(&bytes).as_bytes())).map(|_| ()),
            false => Ok(()),
        });
        if let Err(e) = read {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    }
    println!("{}", all.finalize());
    ExitCode::SUCCESS
}
