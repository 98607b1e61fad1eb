//! The merge, and the only place where values are checked.

use super::error::{ConfigError, suggestion};
use super::file::{
    EncodersModel, FileModel, FormatModel, LayoutModel, LicensesModel, QualityModel, SizeModel, SourceMapsModel,
};
use super::{remote, *};
use globset::{Glob, GlobSetBuilder};
use std::time::Duration;

/// What was said on the command line. `None` and empty lists say nothing.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub base_url: Option<String>,
    pub cache_dir: Option<PathBuf>,
    pub no_cache: bool,
    pub jobs: Option<usize>,
    pub strict: bool,
    pub offline: bool,
    pub effort: Option<Effort>,
    pub prune: bool,
    pub critical: Option<CriticalCss>,
    pub only: Vec<Transform>,
    pub skip: Vec<Transform>,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
}

/// Flags over environment over file over defaults. `env` holds the variables whose names start with `KILN_`.
pub fn resolve(file: Option<FileModel>, env: &[(String, String)], flags: &Overrides) -> Result<Config, ConfigError> {
    let file = with_environment(file.unwrap_or_default(), env)?;
    let images = file.images.clone().unwrap_or_default();
    let css = file.css.clone().unwrap_or_default();
    let js = file.js.clone().unwrap_or_default();
    let html = file.html.clone().unwrap_or_default();
    let limits = file.limits.clone().unwrap_or_default();
    let licenses = |l: Option<LicensesModel>| match l {
        Some(LicensesModel::Drop) => Licenses::Drop,
        _ => Licenses::Keep,
    };
    let mut include = file.include.clone().unwrap_or_default();
    include.extend(flags.include.iter().cloned());
    let mut exclude = file.exclude.clone().unwrap_or_default();
    exclude.extend(flags.exclude.iter().cloned());
    let formats = images.formats.clone().unwrap_or_else(|| vec![FormatModel::Avif, FormatModel::Webp]);
    let mut widths = images.widths.clone().unwrap_or_else(|| vec![480, 800, 1200, 1800]);
    widths.sort_unstable();
    widths.dedup();
    if widths.first() == Some(&0) {
        return Err(ConfigError::new("images.widths", "a width is 0").help("widths are in pixels, like [480, 960]"));
    }
    let jobs = flags.jobs.or(file.jobs);
    if jobs == Some(0) {
        return Err(ConfigError::new("jobs", "0 threads can do nothing").help("leave it out to use all cores"));
    }
    Ok(Config {
        base: flags.base_url.as_deref().or(file.base_url.as_deref()).map(base_url).transpose()?,
        select: Select {
            include: if include.is_empty() { None } else { Some(globs("include", &include)?) },
            exclude: globs("exclude", &exclude)?,
        },
        keep_originals: file.keep_originals.unwrap_or(KeepOriginals::Unhashed),
        transforms: switches(&file, flags)?,
        images: Images {
            formats: formats
                .iter()
                .map(|f| if *f == FormatModel::Avif { ImageFormat::Avif } else { ImageFormat::WebP })
                .collect(),
            quality: image_quality(images.quality)?,
            effort: flags.effort.or(images.effort).unwrap_or(Effort::Balanced),
            jpeg: images.jpeg.unwrap_or(JpegMode::Recompress),
            js: images.js.unwrap_or(ScriptImages::Keep),
            widths,
            placeholder: images.placeholder.unwrap_or(Placeholder::None),
            max_megapixels: images.max_megapixels.unwrap_or(100),
            remote: Remote {
                places: remote::places(&images.remote.unwrap_or_default())?,
                file_bytes: size("limits.remote_size", limits.remote_size.as_ref(), 20 << 20)?,
                patience: patience(limits.remote_seconds)?,
                offline: flags.offline || file.offline.unwrap_or(false),
            },
            trusted_scripts: globs("images.trusted_scripts", &images.trusted_scripts.unwrap_or_default())?,
            cdn: images.cdn.unwrap_or(false),
        },
        js: Js {
            licenses: licenses(js.licenses),
            prune: flags.prune || js.prune.unwrap_or(false),
            source_maps: if js.source_maps == Some(SourceMapsModel::Drop) {
                SourceMaps::Drop
            } else {
                SourceMaps::Compose
            },
            browsers: browsers(js.browsers.as_deref().unwrap_or("defaults"))?,
        },
        css: Css {
            licenses: licenses(css.licenses),
            critical: flags.critical.or(css.critical).unwrap_or(CriticalCss::None),
            safelist: globs("css.safelist", &css.safelist.unwrap_or_default())?,
            trusted_scripts: globs("css.trusted_scripts", &css.trusted_scripts.unwrap_or_default())?,
        },
        html: Html {
            collapse_whitespace: html.collapse_whitespace.unwrap_or(true),
            picture: html.picture.unwrap_or(true),
            reuse_svg: html.reuse_svg.unwrap_or(false),
            csp: html.csp,
        },
        layout: layout(file.layout.clone().unwrap_or_default())?,
        fingerprint: Fingerprint {
            pin: globs("fingerprint.pin", &file.fingerprint.clone().and_then(|f| f.pin).unwrap_or_default())?,
        },
        headers: Headers { hosts: hosts(file.headers.as_ref().and_then(|h| h.hosts.clone()))? },
        limits: Limits {
            file_bytes: size("limits.file_size", limits.file_size.as_ref(), 512 << 20)?,
            memory_bytes: size("limits.memory", limits.memory.as_ref(), 512 << 20)?,
        },
        identity: identity(&file, flags),
        strict: flags.strict || file.strict.unwrap_or(false),
        jobs: jobs.and_then(NonZeroUsize::new),
        cache: match (&flags.cache_dir, &file.cache_dir) {
            _ if flags.no_cache => CacheDir::Off,
            (Some(dir), _) | (None, Some(dir)) => CacheDir::At(dir.clone()),
            (None, None) => CacheDir::Default,
        },
    })
}

/// Threads, the cache's place and strictness change nothing that is written; nor does whether a server was asked for bytes
/// that are in the key themselves.
fn identity(file: &FileModel, flags: &Overrides) -> String {
    let file = FileModel { jobs: None, cache_dir: None, strict: None, offline: None, ..file.clone() };
    let Overrides { base_url, effort, prune, critical, only, skip, include, exclude, .. } = flags;
    let (aom, layout) = (cfg!(feature = "aom"), cfg!(feature = "layout"));
    format!(
        "{file:?} {base_url:?} {effort:?} {prune} {critical:?} {only:?} {skip:?} {include:?} {exclude:?} aom={aom} layout={layout}"
    )
}

/// `KILN_BASE_URL` is `base_url`, `KILN_IMAGES_QUALITY` is `quality` under `[images]`. A value is read as TOML,
/// else as a string, else as a list with commas: the first that fits its key.
fn with_environment(file: FileModel, env: &[(String, String)]) -> Result<FileModel, ConfigError> {
    if env.is_empty() {
        return Ok(file);
    }
    let mut file = file;
    let known = known_variables();
    for (name, value) in env {
        let Some((_, path)) = known.iter().find(|(k, _)| k == name) else {
            let error = ConfigError::new(name.clone(), "no setting has this name");
            let close = suggestion(name, known.iter().map(|(k, _)| k.as_str()));
            return Err(error.help(
                close.map_or_else(|| "see `kiln init` for all settings".into(), |k| format!("did you mean `{k}`?")),
            ));
        };
        let string = toml::Value::String(value.clone());
        let list = value.split(',').map(str::trim).filter(|v| !v.is_empty()).map(toml_or_string).collect();
        let first = with_setting(&file, path, toml_or_string(value));
        let fitting = first.or_else(|error| {
            let others = [string, toml::Value::Array(list)];
            others.into_iter().find_map(|v| with_setting(&file, path, v).ok()).ok_or(error)
        });
        file = fitting.map_err(|message| ConfigError::explained(name.clone(), &message))?;
    }
    Ok(file)
}

fn toml_or_string(text: &str) -> toml::Value {
    let parsed = format!("v = {text}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("v"));
    parsed.unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

/// The file with one key (`jobs`, `images.widths`) set, or why it cannot have that value.
fn with_setting(file: &FileModel, path: &str, value: toml::Value) -> Result<FileModel, String> {
    let mut table = toml::Table::try_from(file).map_err(|e| e.to_string())?;
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((section, key)) => {
            let section = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let Some(t) = section.as_table_mut() {
                t.insert(key.to_owned(), value);
            }
        }
    }
    FileModel::deserialize(table).map_err(|e| e.message().to_owned())
}

/// Each variable and the key it stands for, read off the schema so that none is forgotten.
fn known_variables() -> Vec<(String, String)> {
    let schema: serde_json::Value = serde_json::from_str(&super::schema()).unwrap_or_default();
    let mut known = Vec::new();
    let names = |v: &serde_json::Value| {
        v.get("properties")
            .and_then(|p| p.as_object())
            .map(|o| o.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    for key in names(&schema) {
        let property = schema.pointer(&format!("/properties/{key}")).map(ToString::to_string).unwrap_or_default();
        let section = property
            .split("#/$defs/")
            .nth(1)
            .and_then(|d| d.split('"').next())
            .and_then(|d| schema.pointer(&format!("/$defs/{d}")));
        let fields = section.map(names).unwrap_or_default();
        if fields.is_empty() {
            known.push((format!("KILN_{}", key.to_uppercase()), key.clone()));
        }
        known.extend(
            fields
                .into_iter()
                .map(|f| (format!("KILN_{}_{}", key.to_uppercase(), f.to_uppercase()), format!("{key}.{f}"))),
        );
    }
    known
}

fn switches(file: &FileModel, flags: &Overrides) -> Result<Switches, ConfigError> {
    type Section<'a> = Option<(Option<bool>, Option<&'a Vec<String>>)>;
    const PARTS: [(Transform, &[Transform]); 3] = [
        (Transform::Shake, &[Transform::Css]),
        (Transform::JsShake, &[Transform::Js]),
        (Transform::Layout, &[Transform::Images, Transform::Html]),
    ];
    for (part, wholes) in PARTS {
        if flags.only.contains(&part) && !wholes.iter().all(|whole| flags.only.contains(whole)) {
            let (part, wholes) =
                (part.to_string(), wholes.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
            return Err(ConfigError::new("--only", format!("`{part}` does nothing without `{wholes}`"))
                .help(format!("--only {wholes},{part}")));
        }
    }
    let mut on = Vec::new();
    for transform in Transform::ALL {
        let section: Section<'_> = match transform {
            Transform::Images => file.images.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Css => file.css.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Shake => file.css.as_ref().map(|s| (s.shake, s.exclude.as_ref())),
            Transform::Js => file.js.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::JsShake => file.js.as_ref().map(|s| (s.shake, s.exclude.as_ref())),
            Transform::Html => file.html.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Layout => file.layout.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Svg => file.svg.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Json => file.json.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Xml => file.xml.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Fingerprint => file.fingerprint.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
            Transform::Headers => file.headers.as_ref().map(|s| (s.enabled, s.exclude.as_ref())),
        };
        let (enabled, exclude) = section.unwrap_or((None, None));
        let asked = if flags.only.is_empty() { enabled.unwrap_or(true) } else { flags.only.contains(&transform) };
        if asked && !flags.skip.contains(&transform) {
            on.push((transform, globs("exclude", exclude.map_or(&[], Vec::as_slice))?));
        }
    }
    Ok(Switches(on))
}

fn globs(place: &str, patterns: &[String]) -> Result<GlobSet, ConfigError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|e| {
            ConfigError::new(place, format!("`{pattern}` is no glob: {}", e.kind()))
                .help("like `drafts/**` or `*.min.js`")
        })?);
    }
    set.build().map_err(|e| ConfigError::new(place, e.to_string()))
}

fn browsers(query: &str) -> Result<Vec<browserslist::Distrib>, ConfigError> {
    let all = [query];
    let none = |why: String| {
        ConfigError::new("js.browsers", format!("`{query}` names no browsers{why}"))
            .help("like `defaults` or `> 0.5%, not dead`: https://browsersl.ist tries a query")
    };
    let found = browserslist::resolve(all, &browserslist::Opts::default()).map_err(|e| none(format!(": {e}")))?;
    if found.is_empty() { Err(none(String::new())) } else { Ok(found) }
}

fn base_url(text: &str) -> Result<BaseUrl, ConfigError> {
    let wrong = || {
        ConfigError::new("base_url", format!("`{text}` is neither a path nor a URL"))
            .help("like `/docs/` or `https://example.org/docs/`")
    };
    let (origin, path) = match text.split_once("://") {
        Some(("http" | "https", rest)) if !rest.starts_with('/') && !rest.is_empty() => {
            let host = rest.find('/').unwrap_or(rest.len());
            let origin = text.len() - rest.len() + host;
            (text.get(..origin), text.get(origin..).unwrap_or("/"))
        }
        Some(_) => return Err(wrong()),
        None if text.starts_with('/') && !text.starts_with("//") => (None, text),
        None => return Err(wrong()),
    };
    if path.contains(['?', '#']) {
        return Err(wrong());
    }
    let inner = path.trim_matches('/');
    let path = if inner.is_empty() { "/".into() } else { format!("/{inner}/") };
    Ok(BaseUrl { origin: origin.map(str::to_ascii_lowercase), path })
}

fn hosts(hosts: Option<Vec<Host>>) -> Result<Vec<Host>, ConfigError> {
    let mut hosts = hosts.unwrap_or_else(|| vec![Host::Netlify]);
    hosts.sort_unstable();
    hosts.dedup();
    if hosts.contains(&Host::Netlify) && hosts.contains(&Host::Cloudflare) {
        return Err(ConfigError::new(
            "headers.hosts",
            "netlify and cloudflare both read `_headers`, each in its own way",
        )
        .help("name the one that this build is for"));
    }
    Ok(hosts)
}

fn image_quality(model: Option<QualityModel>) -> Result<ImageQuality, ConfigError> {
    let encoders = match model {
        Some(QualityModel::Score(score)) => {
            return within("images.quality", Some(score), 75, 10, 95).map(ImageQuality::Score);
        }
        Some(QualityModel::Encoders(encoders)) => encoders,
        None => EncodersModel::default(),
    };
    Ok(ImageQuality::Encoders {
        avif: within("images.quality.avif", encoders.avif, 56, 1, 100)?,
        webp: within("images.quality.webp", encoders.webp, 76, 1, 100)?,
        jpeg: within("images.quality.jpeg", encoders.jpeg, 80, 1, 100)?,
    })
}

fn layout(model: LayoutModel) -> Result<Layout, ConfigError> {
    let viewports = model.viewports.unwrap_or_else(|| ["390x844", "768x1024", "1440x900"].map(str::to_owned).to_vec());
    let mut views = Vec::new();
    for text in &viewports {
        let side = |t: &str| t.trim().parse::<u32>().ok().filter(|n| (200..=8000).contains(n));
        let view = text.split_once('x').and_then(|(w, h)| Some(View { width: side(w)?, height: side(h)? }));
        views.push(view.ok_or_else(|| {
            ConfigError::new("layout.viewports", format!("`{text}` is no viewport"))
                .help("width and height in CSS pixels, 200 to 8000, like \"390x844\"")
        })?);
    }
    views.sort_unstable();
    views.dedup();
    let ratios = model.ratios.unwrap_or_else(|| vec![1.0, 2.0, 3.0]);
    if views.is_empty() || views.len() > 8 || ratios.is_empty() {
        return Err(ConfigError::new("layout", "no screens to lay out for, or too many")
            .help("one to eight viewports, and one ratio at least; `enabled = false` switches it off"));
    }
    if let Some(wrong) = ratios.iter().find(|r| !(1.0..=4.0).contains(*r)) {
        return Err(
            ConfigError::new("layout.ratios", format!("{wrong} is out of range")).help("1 to 4, like [1, 2, 3]")
        );
    }
    let mut ratios: Vec<u32> = ratios.iter().map(|r| (r * 100.0).round() as u32).collect();
    ratios.sort_unstable();
    ratios.dedup();
    Ok(Layout { views, ratios })
}

fn patience(seconds: Option<u64>) -> Result<Duration, ConfigError> {
    let seconds = seconds.unwrap_or(30);
    if (1..=3600).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(ConfigError::new("limits.remote_seconds", format!("{seconds} is out of range"))
        .help("1 to 3600; 30 when left out"))
}

fn within(place: &str, value: Option<u8>, default: u8, from: u8, to: u8) -> Result<u8, ConfigError> {
    let value = value.unwrap_or(default);
    if (from..=to).contains(&value) {
        return Ok(value);
    }
    Err(ConfigError::new(place, format!("{value} is out of range"))
        .help(format!("{from} to {to}; {default} when left out")))
}

/// Bytes, or a number with KB, MB, GB (thousands) or KiB, MiB, GiB (1,024s).
fn size(place: &str, value: Option<&SizeModel>, default: u64) -> Result<u64, ConfigError> {
    let text = match value {
        None => return Ok(default),
        Some(SizeModel::Bytes(n)) => return Ok(*n),
        Some(SizeModel::Text(text)) => text.trim(),
    };
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => 0,
    };
    let bytes = number.trim().parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).filter(|_| factor > 0);
    bytes.ok_or_else(|| ConfigError::new(place, format!("`{text}` is no size")).help("like 1000000 or \"512 MiB\""))
}
