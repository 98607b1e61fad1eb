//! `kiln serve`: a folder over HTTP, as its host will serve it. Level 4.
//!
//! One thread for all connections: a slow client holds a file and a few kilobytes, and nobody else. Files are read in
//! small pieces in that thread, which on a local disk takes less time than handing them to another one.

mod answer;
mod body;
mod folder;
mod live;
mod target;

use crate::model::Host;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub struct Serve {
    pub dir: PathBuf,
    /// `None`: the one whose rules are in the folder.
    pub host: Option<Host>,
    pub address: SocketAddr,
    /// Pages that are not there are the front page's business.
    pub spa: bool,
    pub mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Exactly what the host would send.
    Preview,
    /// For working on the site: pages follow its changes, and browsers keep nothing.
    Live,
}

/// A running server; it ends with the program.
pub struct Server {
    site: Arc<Site>,
    address: SocketAddr,
    thread: std::thread::JoinHandle<()>,
}

/// What all connections share.
struct Site {
    folder: folder::Folder,
    spa: bool,
    live: Option<live::Live>,
    address: SocketAddr,
}

/// More connections than these wait for one of them to end.
const CONNECTIONS: usize = 1024;

/// For a request's head to come in; nginx waits as long.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn start(serve: Serve) -> io::Result<Server> {
    let listener = std::net::TcpListener::bind(serve.address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let site = Arc::new(Site {
        folder: folder::Folder::new(serve.dir, serve.host),
        spa: serve.spa,
        live: (serve.mode == Mode::Live).then(live::Live::default),
        address,
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let shared = site.clone();
    let thread = std::thread::Builder::new().name("serve".into()).spawn(move || {
        if let Err(e) = runtime.block_on(accept(listener, shared)) {
            eprintln!("kiln: the server has ended: {e}");
        }
    })?;
    Ok(Server { site, address, thread })
}

impl Server {
    /// Where the site is.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.site.folder.rules().base)
    }

    /// What is not as asked for.
    pub fn warning(&self) -> Option<String> {
        let rules = self.site.folder.rules();
        let name = match rules.missing? {
            Host::Nginx => "nginx",
            Host::Netlify => "netlify",
            Host::Cloudflare => "cloudflare",
        };
        Some(format!(
            "the folder has no header rules for {name}, so none are sent\n  help: build it with `hosts = [\"{name}\"]` under [headers]"
        ))
    }

    /// There is another output: open pages hear of it.
    pub fn changed(&self) {
        if let Some(live) = &self.site.live {
            live.tell(&self.site.folder, self.site.spa);
        }
    }

    /// For as long as it runs.
    pub fn wait(self) {
        let _ = self.thread.join();
    }
}

async fn accept(listener: std::net::TcpListener, site: Arc<Site>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    if site.live.is_some() {
        let site = site.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(live::HEARTBEAT).await;
                site.live.iter().for_each(live::Live::beat);
            }
        });
    }
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return Ok(()) };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // The client has gone again, or there are no more files to be had: others will end.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let site = site.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let site = site.clone();
                async move { Ok::<_, std::convert::Infallible>(answer::answer(&site, &request)) }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).half_close(true);
            // An error is the client's: it has gone, or did not speak HTTP and has been told.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}
