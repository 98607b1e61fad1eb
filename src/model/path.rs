//! The one path type after `scan`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A file's place inside the site: UTF-8, `/`-separated, relative, never empty, without `.`, `..` or empty segments.
///
/// It holds the name as it is on disk: URLs are percent-decoded once before they become a `SitePath`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SitePath(Box<str>);

impl SitePath {
    /// `None` for anything that is not a plain relative path of at least one segment.
    pub fn new(path: &str) -> Option<Self> {
        let plain =
            !path.is_empty() && path.split('/').all(|s| !s.is_empty() && s != "." && s != "..") && !path.contains('\0');
        plain.then(|| Self(path.into()))
    }

    /// Resolves `relative` against a directory (`""` is the root) as the URL standard does with dot segments:
    /// `..` above the root stays at the root. `None` when nothing is left.
    pub fn resolve(directory: &str, relative: &str) -> Option<Self> {
        let mut segments: Vec<&str> = Vec::new();
        for segment in directory.split('/').chain(relative.split('/')) {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                other => segments.push(other),
            }
        }
        Self::new(&segments.join("/"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder, without a trailing slash; `""` for the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(dir, _)| dir)
    }

    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The last extension, without its dot; `""` when there is none (a leading dot is not one).
    pub fn extension(&self) -> &str {
        match self.file_name().rsplit_once('.') {
            Some((stem, ext)) if !stem.is_empty() => ext,
            _ => "",
        }
    }

    /// The file name without its last extension.
    pub fn stem(&self) -> &str {
        match self.file_name().rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => self.file_name(),
        }
    }

    /// The same folder, another file name.
    pub fn with_file_name(&self, name: &str) -> Self {
        match self.parent() {
            "" => Self(name.into()),
            dir => Self(format!("{dir}/{name}").into()),
        }
    }
}

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts() {
        let p = SitePath::new("a/b.min.js").unwrap();
        assert_eq!((p.parent(), p.file_name(), p.stem(), p.extension()), ("a", "b.min.js", "b.min", "js"));
        assert_eq!(SitePath::new(".htaccess").unwrap().extension(), "");
        assert_eq!(p.with_file_name("c.js").as_str(), "a/c.js");
    }

    #[test]
    fn odd_paths_are_refused() {
        for bad in ["", "/a", "a//b", "../a", "a/./b", "a/"] {
            assert!(SitePath::new(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn resolving_never_leaves_the_root(dir in "[a-z/.]{0,12}", rel in "[a-z/.]{0,20}") {
            if let Some(p) = SitePath::resolve(&dir, &rel) {
                prop_assert!(SitePath::new(p.as_str()).is_some());
            }
        }
    }
}
