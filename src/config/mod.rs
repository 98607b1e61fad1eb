//! Configuration: defaults < `kiln.toml` < `KILN_*` variables < flags.
//!
//! Three shapes: what was typed (`cli::args`), what may stand in the file (`FileModel`, every key optional), and the
//! frozen [`Config`], validated once by [`resolve`]. Below it no `None` means "default".

mod error;
mod file;
#[cfg(test)]
mod fixtures;
mod remote;
mod resolve;
mod template;
#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use file::{FileModel, load, schema};
pub use remote::{Reach, Remote};
pub use resolve::{Overrides, resolve};
pub use template::TEMPLATE;

use crate::layout::View;
use crate::model::{Host, ImageFormat, SitePath};
use crate::transform::{Licenses, image};
use clap::ValueEnum;
use globset::GlobSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Config {
    /// `None`: guessed from the pages.
    pub base: Option<BaseUrl>,
    pub select: Select,
    pub keep_originals: KeepOriginals,
    pub transforms: Switches,
    pub images: Images,
    pub js: Js,
    pub css: Css,
    pub html: Html,
    pub layout: Layout,
    pub fingerprint: Fingerprint,
    pub headers: Headers,
    pub limits: Limits,
    pub strict: bool,
    pub jobs: Option<NonZeroUsize>,
    pub cache: CacheDir,
    /// Everything above that can reach a byte of the output, as it was written: part of a build's cache key.
    pub identity: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// `https://example.org`, without a trailing slash.
    pub origin: Option<String>,
    /// With both slashes: `/` or `/journal/`.
    pub path: String,
}

/// Files outside of it are copied untouched.
#[derive(Clone, Debug)]
pub struct Select {
    pub include: Option<GlobSet>,
    pub exclude: GlobSet,
}

impl Select {
    pub fn allows(&self, path: &SitePath) -> bool {
        self.include.as_ref().is_none_or(|g| g.is_match(path.as_str())) && !self.exclude.is_match(path.as_str())
    }
}

/// Which renamed files stay available under the name they had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeepOriginals {
    /// Every one.
    All,
    /// All but names with a bundler's hash, every mention of which was rewritten.
    Unhashed,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    Images,
    Css,
    Shake,
    Js,
    JsShake,
    Html,
    Layout,
    Svg,
    Json,
    Xml,
    Fingerprint,
    Headers,
}

/// As `--only` and `--skip` name it.
impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}

impl Transform {
    pub const ALL: [Self; 12] = [
        Self::Images,
        Self::Css,
        Self::Shake,
        Self::Js,
        Self::JsShake,
        Self::Html,
        Self::Layout,
        Self::Svg,
        Self::Json,
        Self::Xml,
        Self::Fingerprint,
        Self::Headers,
    ];
}

#[derive(Clone, Debug)]
pub struct Switches(pub Vec<(Transform, GlobSet)>);

impl Switches {
    /// On, and this file is not excluded from it.
    pub fn allows(&self, transform: Transform, path: &SitePath) -> bool {
        self.0.iter().any(|(t, exclude)| *t == transform && !exclude.is_match(path.as_str()))
    }

    pub fn is_on(&self, transform: Transform) -> bool {
        self.0.iter().any(|(t, _)| *t == transform)
    }
}

#[derive(Clone, Debug)]
pub struct Images {
    pub formats: Vec<ImageFormat>,
    pub quality: ImageQuality,
    pub effort: Effort,
    pub jpeg: JpegMode,
    pub js: ScriptImages,
    pub widths: Vec<u32>,
    pub placeholder: Placeholder,
    pub max_megapixels: u32,
    pub remote: Remote,
    /// Paths or URLs of scripts that have no business with the pictures of pages.
    pub trusted_scripts: GlobSet,
    /// Pictures of image services are named in several widths.
    pub cdn: bool,
}

/// How good lossy files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageQuality {
    /// By eye: the score of SSIMULACRA2 that each of them reaches.
    Score(u8),
    /// On the encoders' own scales.
    Encoders { avif: u8, webp: u8, jpeg: u8 },
}

/// How hard to try for small pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// The fastest settings, and the first file that is good enough.
    Fast,
    /// Settings at which another per cent of the bytes would cost much more time.
    Balanced,
    /// As small as it gets.
    Max,
}

impl Images {
    pub fn variant(&self, format: ImageFormat, width: u32) -> image::VariantSpec {
        let quality = match (self.quality, format) {
            (ImageQuality::Score(score), _) => image::Quality::Score(score),
            (ImageQuality::Encoders { avif, .. }, ImageFormat::Avif) => image::Quality::Encoder(avif),
            (ImageQuality::Encoders { jpeg, .. }, ImageFormat::Jpeg) => image::Quality::Encoder(jpeg),
            (ImageQuality::Encoders { webp, .. }, _) => image::Quality::Encoder(webp),
        };
        image::VariantSpec { format, width, quality, spare: false }
    }

    /// How files are made smaller in their own format. `seldom`: hardly a browser loads it, and it is not worth as
    /// much time.
    pub fn recompress(&self, format: ImageFormat, seldom: bool) -> Option<image::Recompress> {
        let quality = match self.quality {
            ImageQuality::Score(score) => image::Quality::Score(score),
            ImageQuality::Encoders { jpeg, .. } => image::Quality::Encoder(jpeg),
        };
        let effort = match self.effort {
            Effort::Balanced if seldom => Effort::Fast,
            effort => effort,
        };
        match (format, self.jpeg, effort) {
            (ImageFormat::Png, _, Effort::Fast) => Some(image::Recompress::Png { level: 0 }),
            // Level 2 takes 1.6 to 2 times as long for 0.2 to 1 % of the bytes.
            (ImageFormat::Png, _, Effort::Balanced) => Some(image::Recompress::Png { level: 1 }),
            (ImageFormat::Png, _, Effort::Max) => Some(image::Recompress::Png { level: 4 }),
            (ImageFormat::Jpeg, JpegMode::Recompress, effort) => {
                Some(image::Recompress::Jpeg { quality, trellis: effort != Effort::Fast })
            }
            _ => None,
        }
    }

    pub fn avif(&self) -> image::Avif {
        let encoder = image::AvifEncoder::default();
        let by_eye = matches!(self.quality, ImageQuality::Score(_));
        let speed = match (encoder, self.effort) {
            // 6 takes half as long again for one percent fewer bytes, and 9 writes nearly a fifth more.
            (image::AvifEncoder::Aom, Effort::Balanced) if by_eye => 7,
            (image::AvifEncoder::Aom, Effort::Fast | Effort::Balanced) => 9,
            (image::AvifEncoder::Aom, Effort::Max) => 5,
            (image::AvifEncoder::Ravif, Effort::Fast) => 10,
            (image::AvifEncoder::Ravif, Effort::Balanced) => 8,
            (image::AvifEncoder::Ravif, Effort::Max) => 4,
        };
        // With half the colour resolution many photographs never get beyond a score of 75, or at twice the bytes.
        let full_chroma = self.effort == Effort::Max || matches!(self.quality, ImageQuality::Score(60..));
        image::Avif { encoder, speed, full_chroma }
    }

    pub fn webp_method(&self) -> u8 {
        match self.effort {
            Effort::Fast => 1,
            // 4 takes more than twice as long for 1 to 4 % of the bytes.
            Effort::Balanced => 2,
            Effort::Max => 6,
        }
    }

    pub fn search(&self) -> image::Search {
        match self.effort {
            Effort::Fast => image::Search::First,
            Effort::Balanced | Effort::Max => image::Search::Close,
        }
    }
}

/// What becomes of the site's own JPEGs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JpegMode {
    Keep,
    /// Written again where that saves at least a tenth.
    Recompress,
}

/// What becomes of pictures that scripts and frameworks show: there is one address, and so one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptImages {
    /// They keep theirs.
    Keep,
    Webp,
    Avif,
}

/// Which rules of its sheets come with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum CriticalCss {
    /// None: they are all waited for.
    None,
    /// Those that its first screen needs.
    Screen,
    /// Those that anything on it needs.
    Page,
}

/// What stands where a picture will be until it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Placeholder {
    None,
    /// The colour that most of it has.
    Color,
    /// Itself, much too small.
    Blur,
}

impl Placeholder {
    pub fn kind(self) -> Option<image::Placeholder> {
        match self {
            Self::None => None,
            Self::Color => Some(image::Placeholder::Color),
            Self::Blur => Some(image::Placeholder::Blur),
        }
    }
}

impl ScriptImages {
    /// The one that was chosen.
    pub fn format(self) -> Option<ImageFormat> {
        match self {
            Self::Keep => None,
            Self::Webp => Some(ImageFormat::WebP),
            Self::Avif => Some(ImageFormat::Avif),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Js {
    pub licenses: Licenses,
    pub source_maps: SourceMaps,
    /// Modules that no page loads are not written.
    pub prune: bool,
    /// Who the site is for.
    pub browsers: Vec<browserslist::Distrib>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceMaps {
    Compose,
    Drop,
}

#[derive(Clone, Debug)]
pub struct Css {
    pub licenses: Licenses,
    /// Which rules of their sheets pages hold, so that the sheets can wait.
    pub critical: CriticalCss,
    /// Names whose rules stay.
    pub safelist: GlobSet,
    /// URLs of scripts that use no class of the site's.
    pub trusted_scripts: GlobSet,
}

#[derive(Clone, Debug)]
pub struct Html {
    pub collapse_whitespace: bool,
    pub picture: bool,
    /// Of an inline SVG that a page repeats, one copy has the drawing.
    pub reuse_svg: bool,
    /// Pages are sent with a policy that restricts what stands in them. `None`: the folder tells.
    pub csp: Option<bool>,
}

/// The screens that pages are laid out for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// From narrow to wide.
    pub views: Vec<View>,
    /// Pixels of the screen per CSS pixel, in hundredths.
    pub ratios: Vec<u32>,
}

#[derive(Clone, Debug)]
pub struct Fingerprint {
    pub pin: GlobSet,
}

#[derive(Clone, Debug)]
pub struct Headers {
    pub hosts: Vec<Host>,
}

#[derive(Clone, Debug)]
pub struct Limits {
    pub file_bytes: u64,
    pub memory_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheDir {
    /// The platform's cache folder.
    Default,
    At(PathBuf),
    Off,
}
