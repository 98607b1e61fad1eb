//! Another host: a small HTTP server on this machine that does as it is told, and remembers what it was asked for.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Ends with the value.
pub struct Origin {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// By path and query.
    answers: Mutex<BTreeMap<String, Answer>>,
    asked: Mutex<Vec<Asked>>,
    ended: AtomicBool,
}

/// One request: its path and query, and its header lines in lower case.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: String,
}

#[derive(Clone)]
pub enum Answer {
    /// With these header lines; asked for with the same ETag or date, 304 without a body.
    File(Vec<u8>, Vec<String>),
    Status(u16, Vec<String>, Vec<u8>),
    /// Fewer bytes than it promises.
    CutShort(Vec<u8>),
    /// No word on how many.
    Unmeasured(Vec<u8>),
    /// Bytes without end, and without a word on how many.
    Endless(Vec<u8>),
    /// Takes the request and says nothing.
    Silent,
}

impl Answer {
    pub fn file(bytes: &[u8], headers: &[&str]) -> Self {
        Self::File(bytes.to_vec(), headers.iter().map(ToString::to_string).collect())
    }

    pub fn redirect(to: &str) -> Self {
        Self::Status(302, vec![format!("Location: {to}")], Vec::new())
    }
}

impl Origin {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), Arc::new(Shared::default()));
        let own = shared.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if own.ended.load(Ordering::SeqCst) {
                    return;
                }
                let shared = own.clone();
                std::thread::spawn(move || answer(&shared, stream));
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The folder in which kiln puts what comes from here.
    pub fn folder(&self) -> String {
        format!("kiln-remote/127.0.0.1-{}/", self.address.port())
    }

    /// A kiln.toml that allows everything here, with more lines under `[images]`.
    pub fn settings(&self, more: &str) -> String {
        format!("[images]\nremote = [\"{}\"]\n{more}", self.url("/**"))
    }

    pub fn put(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// What it was asked for since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        let mut asked = std::mem::take(&mut *self.shared.asked.lock().unwrap());
        asked.sort_by(|a, b| a.path.cmp(&b.path));
        asked
    }

    pub fn end(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.shared.ended.store(true, Ordering::SeqCst);
            let _ = TcpStream::connect(self.address);
            thread.join().unwrap();
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whoever asks may go at any time.
fn answer(shared: &Shared, mut stream: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let headers = lines.map_while(Result::ok).take_while(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
    let headers = headers.to_ascii_lowercase();
    shared.asked.lock().unwrap().push(Asked { path: path.clone(), headers: headers.clone() });
    let answer = shared.answers.lock().unwrap().get(&path).cloned();
    match answer.unwrap_or(Answer::Status(404, Vec::new(), b"not here".to_vec())) {
        Answer::File(bytes, own) => {
            let same = |name: &str, condition: &str| {
                let value = own.iter().find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_ascii_lowercase());
                value.is_some_and(|v| headers.lines().any(|l| l == format!("{condition}: {v}")))
            };
            let unchanged = same("ETag:", "if-none-match") || same("Last-Modified:", "if-modified-since");
            let (status, body) = if unchanged { (304, Vec::new()) } else { (200, bytes) };
            write(&mut stream, status, &own, &body, body.len())
        }
        Answer::Status(status, own, body) => write(&mut stream, status, &own, &body, body.len()),
        Answer::CutShort(bytes) => write(&mut stream, 200, &[], &bytes, bytes.len() + 1000),
        Answer::Unmeasured(bytes) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").ok()?;
            stream.write_all(&bytes).ok()
        }
        Answer::Endless(start) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").ok()?;
            stream.write_all(&start).ok()?;
            loop {
                stream.write_all(&[0; 65536]).ok()?;
            }
        }
        Answer::Silent => {
            while !shared.ended.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
            None
        }
    }
}

fn write(stream: &mut TcpStream, status: u16, headers: &[String], body: &[u8], len: usize) -> Option<()> {
    let lines: String = headers.iter().map(|l| format!("{l}\r\n")).collect();
    let length = if status == 304 { String::new() } else { format!("Content-Length: {len}\r\n") };
    let head = format!("HTTP/1.1 {status} Said\r\nConnection: close\r\n{length}{lines}\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}
