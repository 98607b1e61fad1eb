//! The nouns that every stage speaks of. No I/O and no policy in here.

mod asset;
mod body;
mod diagnostic;
mod looks;
mod path;
mod policy;
mod refs;
mod stamp;

pub use asset::{Asset, AssetId, Digest, ImageFormat, Kind};
pub use body::{Body, Escape, Piece};
pub use diagnostic::{Diagnostic, Severity};
pub use looks::Looks;
pub use path::SitePath;
pub use policy::{CacheClass, HeaderRule, Host, OutputHeaders};
pub use refs::{RawRef, RefKind};
pub use stamp::Stamp;
