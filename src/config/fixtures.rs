//! Each `fixtures/configs/x.toml` is valid, or has the message it must give in `x.expected`.
#![allow(clippy::unwrap_used)]

use super::{Config, ConfigError, Overrides, file::parse, resolve};
use std::path::Path;

fn config(toml: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env: Vec<(String, String)> = env.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    resolve(Some(parse("kiln.toml", toml)?), &env, &Overrides::default())
}

#[test]
fn every_file_gives_the_message_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configs");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        seen += 1;
        let said = config(&std::fs::read_to_string(&entry).unwrap(), &[]).err().map(|e| format!("{e}\n"));
        let expected = std::fs::read_to_string(entry.with_extension("expected")).ok();
        assert_eq!(said, expected, "{}", entry.display());
    }
    assert!(seen >= 10, "{seen} files");
}

#[test]
fn variables_are_read_as_their_key_wants_them() {
    let c =
        config("", &[("KILN_CACHE_DIR", "123"), ("KILN_IMAGES_WIDTHS", "800, 400"), ("KILN_HEADERS_HOSTS", "nginx")]);
    let c = c.unwrap();
    assert_eq!(c.cache, super::CacheDir::At("123".into()));
    assert_eq!(c.images.widths, [400, 800]);
    assert_eq!(c.headers.hosts, [crate::model::Host::Nginx]);
    let c = config("exclude = [\"a\"]", &[("KILN_EXCLUDE", "raw/**,*.min.js")]).unwrap();
    let path = |p| crate::model::SitePath::new(p).unwrap();
    assert!(!c.select.allows(&path("raw/x.png")) && !c.select.allows(&path("y.min.js")) && c.select.allows(&path("a")));
    assert!(config("exclude = [\"a\"]", &[("KILN_EXCLUDE", "")]).unwrap().select.allows(&path("a")));
}

#[test]
fn mistakes_in_variables_are_explained() {
    let message = |name: &str, value: &str| config("", &[(name, value)]).unwrap_err().to_string();
    assert!(message("KILN_KEEP_ORIGINALS", "nnoe").ends_with("did you mean `none`?"));
    assert!(message("KILN_HEADERS_HOST", "nginx").ends_with("did you mean `KILN_HEADERS_HOSTS`?"));
    assert!(message("KILN_STRICT", "yes").contains("expected a boolean"));
    assert!(message("KILN_JOBS", "").starts_with("KILN_JOBS: "));
}
