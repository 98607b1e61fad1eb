use super::SitePath;
use serde::{Deserialize, Serialize};
use std::fmt;

/// BLAKE3-256 of a file's bytes or of a cache key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Lower-case hexadecimal, 64 characters.
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex()[..12])
    }
}

/// An index into the site's assets, which are sorted by `SitePath`: it does not depend on walk or thread order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AssetId(pub u32);

impl AssetId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a file is. Images are told by their bytes, everything else by its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Kind {
    Html,
    Css,
    Js,
    Json,
    WebManifest,
    Xml,
    SourceMap,
    /// Other readable text: `.txt`, `.md`, `_headers`, `.htaccess`. Never changed, but searched for names of files.
    Text,
    Svg,
    Image(ImageFormat),
    Font,
    Media,
    Wasm,
    Other,
}

impl Kind {
    /// Text that may mention other files.
    pub fn is_text(self) -> bool {
        use Kind::*;
        matches!(self, Html | Css | Js | Json | WebManifest | Xml | SourceMap | Text | Svg)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum ImageFormat {
    Jpeg,
    Png,
    Gif,
    WebP,
    Avif,
    Ico,
    /// JPEG XL, TIFF, BMP, HEIC …: recognised, passed through.
    Unsupported,
}

impl ImageFormat {
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
            Self::Ico => "image/x-icon",
            Self::Unsupported => "application/octet-stream",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Avif => "avif",
            Self::Ico => "ico",
            Self::Unsupported => "bin",
        }
    }
}

/// One file of the input.
#[derive(Clone, Debug)]
pub struct Asset {
    pub path: SitePath,
    pub kind: Kind,
    pub digest: Digest,
    /// Bytes on disk.
    pub len: u64,
}
