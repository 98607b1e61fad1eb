//! What is sent: bytes, a part of a file in small pieces, or events as they come.

use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::UnboundedReceiver;

pub enum Content {
    Whole(Option<Bytes>),
    File { file: File, left: u64 },
    Events(UnboundedReceiver<Bytes>),
}

const PIECE: usize = 64 * 1024;

impl Content {
    pub fn empty() -> Self {
        Self::Whole(None)
    }

    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }

    pub fn part(mut file: File, start: u64, left: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Self::File { file, left })
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Self::File { left: 0, .. } => Poll::Ready(None),
            Self::File { file, left } => {
                let mut piece = Vec::new();
                let most = (*left).min(PIECE as u64);
                Poll::Ready(Some(match file.take(most).read_to_end(&mut piece) {
                    Ok(0) => Err(io::Error::other("the file has become shorter")),
                    Ok(n) => {
                        *left -= n as u64;
                        Ok(Frame::data(piece.into()))
                    }
                    Err(e) => Err(e),
                }))
            }
            Self::Events(events) => events.poll_recv(cx).map(|e| e.map(|b| Ok(Frame::data(b)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None) | Self::File { left: 0, .. })
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Self::File { left, .. } => SizeHint::with_exact(*left),
            Self::Events(_) => SizeHint::default(),
        }
    }
}
