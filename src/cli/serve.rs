//! `kiln serve`.

use super::args::Serving;
use super::{Exit, print};
use crate::serve::{self, Mode, Serve, Server};
use std::net::SocketAddr;
use std::path::Path;

pub fn run(dir: &Path, serving: &Serving) -> anyhow::Result<Exit> {
    if !dir.is_dir() {
        eprintln!("kiln: {} is no folder\n  help: name the folder that kiln wrote", dir.display());
        return Ok(Exit::Usage);
    }
    match start(dir, serving, Mode::Preview) {
        Ok(server) => {
            server.wait();
            Ok(Exit::Done)
        }
        Err(exit) => Ok(exit),
    }
}

/// Serves, and says where.
pub fn start(dir: &Path, serving: &Serving, mode: Mode) -> Result<Server, Exit> {
    let address = SocketAddr::new(serving.listen, serving.port);
    let host = serving.host.map(Into::into);
    let server = serve::start(Serve { dir: dir.to_owned(), host, address, spa: serving.spa, mode }).map_err(|e| {
        eprintln!("kiln: cannot listen on {address}: {e}\n  help: choose another --port; 0 takes any that is free");
        Exit::Io
    })?;
    if let Some(warning) = server.warning() {
        eprintln!("kiln: {warning}");
    }
    let _ = print(&format!("serving {} at {}\n", dir.display(), server.url()));
    Ok(server)
}
