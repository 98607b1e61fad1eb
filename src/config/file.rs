//! `kiln.toml` as it may be written. Disk is read here and nowhere else in `config`.

use super::error::ConfigError;
use super::resolve::{Overrides, resolve};
use super::{CriticalCss, Effort, JpegMode, KeepOriginals, Placeholder, ScriptImages};
use crate::model::Host;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Settings of kiln. Every key may be left out; `kiln init` writes a file that explains them all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileModel {
    /// Where the site is served: `/sub/` or `https://example.org/sub/`. Guessed from the pages when absent.
    pub base_url: Option<String>,
    /// Only these files are optimised; the others are copied. Globs relative to the site.
    pub include: Option<Vec<String>>,
    /// These files are copied untouched. Globs relative to the site.
    pub exclude: Option<Vec<String>>,
    /// Which renamed files stay available under their old name: `all`, `unhashed` or `none`.
    pub keep_originals: Option<KeepOriginals>,
    /// Folder of the cache; the platform's cache folder when absent.
    pub cache_dir: Option<PathBuf>,
    /// Threads; all cores when absent.
    pub jobs: Option<usize>,
    /// Exit with 1 on warnings too.
    pub strict: Option<bool>,
    /// Ask no server: pictures of `images.remote` come from the cache alone.
    pub offline: Option<bool>,
    pub images: Option<ImagesModel>,
    pub css: Option<CssModel>,
    pub js: Option<JsModel>,
    pub html: Option<HtmlModel>,
    pub layout: Option<LayoutModel>,
    pub svg: Option<SwitchModel>,
    pub json: Option<SwitchModel>,
    pub xml: Option<SwitchModel>,
    pub fingerprint: Option<FingerprintModel>,
    pub headers: Option<HeadersModel>,
    pub limits: Option<LimitsModel>,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Off switches it off for the whole site.
            pub enabled: Option<bool>,
            /// Files that are left out of it. Globs relative to the site.
            pub exclude: Option<Vec<String>>,
            $($(#[$field_doc])* pub $field: Option<$type>,)*
        }
    };
}

section!(/** On or off. */ SwitchModel {});
section!(/** Pictures. */ ImagesModel {
    /// Modern formats to offer beside the original: `avif`, `webp`.
    formats: Vec<FormatModel>,
    /// How good lossy files are: a score of SSIMULACRA2 that each of them reaches, or the encoders' own qualities.
    quality: QualityModel,
    /// How hard to try for small files: `fast`, `balanced` or `max`.
    effort: Effort,
    /// `recompress` the site's own JPEGs where that saves at least a tenth, or `keep` them.
    jpeg: JpegMode,
    /// Pictures that scripts or frameworks show, where nothing else names them: `keep` their format, or write them as
    /// `webp` or `avif` alone. Browsers that cannot read it see none.
    js: ScriptImages,
    /// Widths in pixels that are offered besides the full one.
    widths: Vec<u32>,
    /// What stands in a picture's place until it has come: `none`, its `color`, or a tiny `blur` of it. CSS in the page.
    placeholder: Placeholder,
    /// Larger pictures are copied.
    max_megapixels: u32,
    /// Pictures on other hosts that are fetched and then treated as the site's own. Globs of their addresses, with the
    /// scheme and the host in full: `https://images.example.com/**`.
    remote: Vec<String>,
    /// Scripts that let the pictures of pages be: they neither give them another `src`, ask how large their files are, go by
    /// where they stand, nor make them wider. Globs of their paths; of their URLs, if they are of other origins.
    trusted_scripts: Vec<String>,
    /// Name several widths of pictures that a known image service makes in any width, as Unsplash, imgix and Cloudinary do.
    cdn: bool,
});
section!(/** Style sheets. */ CssModel {
    /// Drop rules that nothing on the whole site can match.
    shake: bool,
    /// Put rules of its sheets into a page, so that it is drawn before they have come: those that its first `screen`
    /// needs, or those that anything on the `page` needs; or `none`.
    critical: CriticalCss,
    /// Classes, ids, tags, attributes, animations, fonts and custom properties whose rules stay. Globs: `js-*`.
    safelist: Vec<String>,
    /// Scripts of other origins that use no class of this site's sheets. Globs of their URLs.
    trusted_scripts: Vec<String>,
    /// `keep` or `drop` licence comments.
    licenses: LicensesModel,
});
section!(/** Scripts. */ JsModel {
    /// Drop statements and exports of modules that nothing on the whole site needs.
    shake: bool,
    /// Leave out modules that no page loads and nothing else names.
    prune: bool,
    /// `keep` or `drop` licence comments.
    licenses: LicensesModel,
    /// `compose` the input's source maps with the minifier's, or `drop` them.
    source_maps: SourceMapsModel,
    /// Who the site is for, as a browserslist query: `kiln plan` names polyfills that none of these needs.
    browsers: String,
});
section!(/** Pages. */ HtmlModel {
    /// Collapse runs of white space where it cannot show.
    collapse_whitespace: bool,
    /// Offer modern formats through `<picture>` where no selector or script can notice.
    picture: bool,
    /// Keep one copy of an inline SVG that a page repeats; the others use its drawing, where no selector or script can notice.
    reuse_svg: bool,
    /// The server sends a Content-Security-Policy that forbids inline code or styles, or lists their hashes: what stands in the pages stays. When left out, files like `_headers` in the folder tell.
    csp: bool,
});
section!(/** Pages laid out at build time: sizes, widths and priorities of images. */ LayoutModel {
    /// Screens in CSS pixels: `390x844`.
    viewports: Vec<String>,
    /// Pixels of a screen per CSS pixel, 1 to 4.
    ratios: Vec<f64>,
});
section!(/** Content hashes in file names. */ FingerprintModel {
    /// Files that keep their names. Globs relative to the site.
    pin: Vec<String>,
});
section!(/** Cache headers for the host. */ HeadersModel {
    /// `netlify`, `cloudflare`, `nginx`.
    hosts: Vec<Host>,
});

/// Bounds on what a build may take.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsModel {
    /// Larger files are copied: bytes, or `"512 MiB"`.
    pub file_size: Option<SizeModel>,
    /// What decoded pictures may take at once: bytes, or `"512 MiB"`.
    pub memory: Option<SizeModel>,
    /// Larger pictures of other hosts are not fetched: bytes, or `"20 MiB"`.
    pub remote_size: Option<SizeModel>,
    /// Seconds that fetching one picture may take.
    pub remote_seconds: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum SizeModel {
    Bytes(u64),
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a score like 75, or encoders' qualities like { avif = 56, webp = 76, jpeg = 80 }"
)]
pub enum QualityModel {
    Score(u8),
    Encoders(EncodersModel),
}

/// Qualities on the encoders' own scales, 1 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EncodersModel {
    pub avif: Option<u8>,
    pub webp: Option<u8>,
    pub jpeg: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FormatModel {
    Avif,
    Webp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LicensesModel {
    Keep,
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SourceMapsModel {
    Compose,
    Drop,
}

/// The named file, or `kiln.toml` in the current folder if there is one.
pub fn load(named: Option<&Path>) -> Result<Option<FileModel>, ConfigError> {
    let path = named.unwrap_or(Path::new("kiln.toml"));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if named.is_none() && e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => {
            return Err(ConfigError::new(path.display().to_string(), format!("cannot be read: {e}"))
                .help("name another file with --config, or write one with `kiln init`"));
        }
    };
    parse(&path.display().to_string(), &text).map(Some)
}

/// Values are checked where all layers are merged; what is wrong without the others is wrong in the file.
pub fn parse(name: &str, text: &str) -> Result<FileModel, ConfigError> {
    let at = |offset| {
        let (line, column) = crate::syntax::position(text, offset);
        format!("{name}:{line}:{column}")
    };
    let file: FileModel =
        toml::from_str(text).map_err(|e| ConfigError::explained(at(e.span().map_or(0, |s| s.start)), e.message()))?;
    match resolve(Some(file.clone()), &[], &Overrides::default()) {
        Ok(_) => Ok(file),
        Err(e) => Err(ConfigError { place: format!("{}: {}", at(value_of(text, &e.place)), e.place), ..e }),
    }
}

/// Where the value of a key (`jobs`, `images.widths`) begins, or the innermost section of it that is there.
fn value_of(text: &str, key: &str) -> usize {
    let Ok(root) = DeTable::parse(text) else { return 0 };
    let (mut table, mut offset) = (Some(root.get_ref()), 0);
    for part in key.split('.') {
        let Some((_, value)) = table.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == part)) else { break };
        offset = value.span().start;
        table = match value.get_ref() {
            DeValue::Table(inner) => Some(inner),
            _ => None,
        };
    }
    offset
}

/// JSON schema of the file, for editors.
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(FileModel)).unwrap_or_default() + "\n"
}
