//! A small site in a temporary folder, the real program, and a look at what it wrote.

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

pub struct Sandbox {
    /// Removed with the sandbox.
    _dir: tempfile::TempDir,
    pub site: PathBuf,
    pub out: PathBuf,
}

impl Sandbox {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let sandbox = Self { site: root.join("site"), out: root.join("out"), _dir: dir };
        std::fs::create_dir(&sandbox.site).unwrap();
        for (path, text) in files {
            sandbox.put(path, text.as_bytes());
        }
        sandbox
    }

    pub fn root(&self) -> &Path {
        self.out.parent().unwrap()
    }

    pub fn put(&self, path: &str, bytes: &[u8]) {
        let file = self.site.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    /// A file of `fixtures/`.
    pub fn fixture(&self, path: &str, fixture: &str) {
        self.put(path, &std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture)).unwrap());
    }

    /// A picture with the detail of a photograph, in the format that its name says.
    pub fn photo(&self, path: &str, width: u32, height: u32) {
        self.put(path, &photo(path, width, height));
    }

    /// The program, away from the settings of the machine.
    pub fn kiln(&self) -> Command {
        kiln(self.root())
    }

    /// `kiln build` with a cache of its own; any exit code.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The same, not started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.kiln();
        command.arg("build").arg(&self.site).arg("--out").arg(&self.out);
        if !args.contains(&"--no-cache") {
            command.arg("--cache-dir").arg(self.root().join("cache"));
        }
        command.args(args);
        command
    }

    /// The same, and it must end well.
    pub fn build(&self) -> &Self {
        self.build_with(&[])
    }

    pub fn build_with(&self, args: &[&str]) -> &Self {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        self
    }

    pub fn report(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(&[args, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)))
    }

    /// `kiln explain`, whole.
    pub fn explain(&self, path: &str) -> String {
        let output = self.kiln().arg("explain").arg(&self.site).args([path, "--no-cache"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn has(&self, path: &str) -> bool {
        self.out.join(path).is_file()
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.out.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// A file of the output by the name it has there.
    pub fn page(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).unwrap()
    }

    pub fn manifest(&self) -> serde_json::Value {
        serde_json::from_str(&self.page("kiln-manifest.json")).unwrap()
    }

    pub fn entry(&self, path: &str) -> serde_json::Value {
        let entry = self.manifest()["files"][path].clone();
        assert!(entry.is_object(), "{path} is not in the manifest");
        entry
    }

    /// The final path of a file of the input.
    pub fn renamed(&self, path: &str) -> String {
        self.entry(path)["url"].as_str().unwrap().to_string()
    }

    pub fn is_renamed(&self, path: &str) -> bool {
        self.renamed(path) != path
    }

    /// The final name without its folder.
    pub fn name(&self, path: &str) -> String {
        self.renamed(path).rsplit('/').next().unwrap().to_string()
    }

    /// The final text of a file of the input.
    pub fn text(&self, path: &str) -> String {
        self.page(&self.renamed(path))
    }

    pub fn variants(&self, path: &str) -> Vec<String> {
        let entry = self.entry(path);
        let all = entry["variants"].as_array().cloned().unwrap_or_default();
        all.iter().map(|v| v["url"].as_str().unwrap().to_string()).collect()
    }

    /// References of the output that lead nowhere.
    pub fn dangling(&self, base: &str) -> Vec<String> {
        super::crawl::dangling(&self.out, base).into_iter().map(|(file, url)| format!("{file}: {url}")).collect()
    }

    /// What `_headers` says of `Cache-Control` for one path: of all rules that match, the last line.
    pub fn cache_control(&self, path: &str) -> Option<String> {
        let mut found = None;
        let mut applies = false;
        for line in self.page("_headers").lines() {
            if line.starts_with('/') {
                applies = glob(line.trim(), &format!("/{path}"));
            } else if let Some(value) = line.trim().strip_prefix("Cache-Control:").filter(|_| applies) {
                found = Some(value.trim().to_string());
            } else if line.trim() == "! Cache-Control" && applies {
                found = None;
            }
        }
        found
    }
}

pub fn kiln(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("kiln").unwrap();
    let of_machine = |name: &str| name.starts_with("KILN_") || name.to_ascii_lowercase().ends_with("_proxy");
    for (name, _) in std::env::vars().filter(|(name, _)| of_machine(name)) {
        command.env_remove(name);
    }
    command.current_dir(folder).timeout(std::time::Duration::from_secs(300));
    command
}

/// `*` is any text; `:name` one segment or a part of it.
fn glob(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => path
            .strip_prefix(before)
            .is_some_and(|rest| (0..=rest.len()).any(|i| rest.is_char_boundary(i) && glob(after, &rest[i..]))),
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Every file below `dir` with its bytes.
pub fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(dir) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(dir).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    files
}

pub fn photo(name: &str, width: u32, height: u32) -> Vec<u8> {
    let mut state = 1u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 26) as u8
    };
    let picture = image::RgbImage::from_fn(width, height, |x, y| {
        let wave = |a: u32, b: u32| (96.0 + 90.0 * (f64::from(x * a + y * b) / 97.0).sin()) as u8;
        image::Rgb([wave(3, 1) + noise(), wave(1, 4) + noise(), wave(2, 2) + noise()])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    if name.ends_with(".png") {
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    } else {
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 93).encode_image(&picture).unwrap();
    }
    bytes.into_inner()
}

/// `sha384-…`, by no code of kiln's.
pub fn sha384(bytes: &[u8]) -> String {
    use base64::Engine;
    use sha2::Digest;
    format!("sha384-{}", base64::engine::general_purpose::STANDARD.encode(sha2::Sha384::digest(bytes)))
}

pub const DRAWING: &str =
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#123456"/></svg>"##;
