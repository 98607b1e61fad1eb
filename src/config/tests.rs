#![allow(clippy::unwrap_used)]
use super::file::parse;
use super::*;

fn config(toml: &str, env: &[(&str, &str)], flags: &Overrides) -> Result<Config, ConfigError> {
    let env: Vec<(String, String)> = env.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    resolve(Some(parse("kiln.toml", toml)?), &env, flags)
}

#[test]
fn the_template_uncommented_is_the_defaults() {
    let text: String = TEMPLATE
        .lines()
        .map(|l| l.strip_prefix("# ").filter(|l| l.contains(" = ")).unwrap_or(if l.starts_with('#') { "" } else { l }))
        .map(|l| format!("{l}\n"))
        .collect();
    let (written, defaults) =
        (config(&text, &[], &Overrides::default()).unwrap(), config("", &[], &Overrides::default()).unwrap());
    assert!(text.contains("quality = {") && text.contains("[limits]\n"));
    let settings = |c: Config| format!("{:?}", Config { identity: String::new(), ..c });
    let defaults = settings(defaults);
    assert_eq!(settings(written), defaults);
    assert_eq!(settings(config(TEMPLATE, &[], &Overrides::default()).unwrap()), defaults);
    // No key is missing from it.
    let schema = schema();
    for key in
        schema.lines().filter_map(|l| l.trim().strip_prefix('"')?.strip_suffix("\": {")).filter(|k| k.contains('_'))
    {
        assert!(TEMPLATE.contains(&format!("{key} = ")), "{key}");
    }
}

#[test]
fn flags_over_environment_over_file() {
    let toml = "jobs = 2\n[images]\nquality = 40\neffort = \"fast\"\nwidths = [800, 400, 800]\n";
    let c = config(
        toml,
        &[("KILN_JOBS", "3"), ("KILN_IMAGES_QUALITY", "50"), ("KILN_BASE_URL", "/x")],
        &Overrides { jobs: Some(4), effort: Some(Effort::Max), ..Overrides::default() },
    )
    .unwrap();
    assert_eq!(c.jobs, NonZeroUsize::new(4));
    assert_eq!((c.images.quality, c.images.effort), (ImageQuality::Score(50), Effort::Max));
    let c = config("", &[("KILN_IMAGES_QUALITY", "{ avif = 40 }")], &Overrides::default()).unwrap();
    assert_eq!(c.images.quality, ImageQuality::Encoders { avif: 40, webp: 76, jpeg: 80 });
    let c = config(toml, &[("KILN_JOBS", "4"), ("KILN_BASE_URL", "/x")], &Overrides::default()).unwrap();
    assert_eq!((c.images.quality, c.images.effort), (ImageQuality::Score(40), Effort::Fast));
    assert_eq!(c.images.widths, [400, 800]);
    assert_eq!(c.base, Some(BaseUrl { origin: None, path: "/x/".into() }));
}

#[test]
fn mistakes_are_told_with_their_place() {
    let message = |toml: &str| config(toml, &[], &Overrides::default()).unwrap_err().to_string();
    assert!(message("jbos = 1").starts_with("kiln.toml:1:1: unknown field `jbos`"), "{}", message("jbos = 1"));
    assert!(message("jbos = 1").contains("did you mean `jobs`?"));
    assert!(message("a\n[images]\n").starts_with("kiln.toml:1:"));
    assert!(message("strict = false\n[images]\nqualty = 3").starts_with("kiln.toml:3:1: unknown field"));
    assert!(message("keep_originals = \"nnoe\"").contains("did you mean `none`?"));
    assert!(message("[css]\ncritical = true").contains("kiln.toml:2:12: wanted a word in quotes"));
    assert!(message("[images]\nquality = 101").contains("10 to 95"));
    assert!(message("[images]\nquality = { avif = 101 }").contains("1 to 100"));
    assert!(message("[images]\nquality = \"good\"").contains("expected a score like 75"));
    assert!(message("base_url = \"docs\"").contains("like `/docs/`"));
    assert!(message("exclude = [\"a[\"]").contains("is no glob"));
    assert!(message("[headers]\nhosts = [\"netlify\", \"cloudflare\"]").contains("both read `_headers`"));
    assert!(message("[limits]\nmemory = \"much\"").contains("is no size"));
    let env = config("", &[("KILN_JOSB", "1")], &Overrides::default()).unwrap_err().to_string();
    assert!(env.contains("did you mean `KILN_JOBS`?"), "{env}");
    assert!(
        config("", &[("KILN_JOBS", "many")], &Overrides::default()).unwrap_err().to_string().starts_with("KILN_JOBS")
    );
}

#[test]
fn switches_and_globs() {
    let path = |p: &str| SitePath::new(p).unwrap();
    let c = config(
        "exclude = [\"raw/**\"]\n[js]\nexclude = [\"**/*.min.js\"]\n[css]\nenabled = false\n",
        &[],
        &Overrides { skip: vec![Transform::Html], ..Overrides::default() },
    )
    .unwrap();
    assert!(
        c.transforms.allows(Transform::Js, &path("a/b.js")) && !c.transforms.allows(Transform::Js, &path("a/b.min.js"))
    );
    assert!(!c.transforms.is_on(Transform::Css) && !c.transforms.is_on(Transform::Html));
    assert!(!c.select.allows(&path("raw/a.png")) && c.select.allows(&path("a.png")));
    let only =
        config("[css]\nenabled = false\n", &[], &Overrides { only: vec![Transform::Css], ..Overrides::default() })
            .unwrap();
    assert!(only.transforms.is_on(Transform::Css) && !only.transforms.is_on(Transform::Js));
}

#[test]
fn the_checked_in_schema_is_current() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kiln.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, schema()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), schema(), "run UPDATE_SCHEMA=1 cargo test schema");
}
