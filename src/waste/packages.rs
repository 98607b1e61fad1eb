//! Where the bytes of scripts come from, by their source maps (ECMA-426).

use super::Package;
use super::scripts::Script;
use std::collections::{BTreeMap, BTreeSet};

/// Which source each byte of a script was made from. Empty without a map.
#[derive(Default)]
pub struct Origins {
    sources: Vec<Source>,
    /// Where a source begins to be the one, until the next: byte, and number among `sources`. By byte.
    starts: Vec<(usize, Option<usize>)>,
    len: usize,
}

pub struct Source {
    pub path: String,
    /// The package that it belongs to, and the folder where that was found.
    pub package: Option<(String, String)>,
}

impl Origins {
    pub fn read(text: &str, map: &[u8]) -> Self {
        let map = match swc_sourcemap::decode_slice(map) {
            Ok(swc_sourcemap::DecodedMap::Regular(map)) => map,
            Ok(swc_sourcemap::DecodedMap::Index(map)) => match map.flatten() {
                Ok(map) => map,
                Err(_) => return Self::default(),
            },
            _ => return Self::default(),
        };
        let sources = map.sources().map(|path| Source { path: path.to_string(), package: package(path) }).collect();
        let mut tokens: Vec<(u32, u32, Option<usize>)> = map
            .tokens()
            .map(|t| (t.get_dst_line(), t.get_dst_col(), t.has_source().then_some(t.get_src_id() as usize)))
            .collect();
        tokens.sort_unstable();
        let mut starts = Vec::new();
        let mut tokens = tokens.into_iter().peekable();
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let mut column = 0;
            let mut chars = line.char_indices().peekable();
            while let Some((_, to, source)) = tokens.next_if(|(l, ..)| (*l as usize) <= number) {
                // Columns are UTF-16 units.
                while let Some((_, c)) = chars.next_if(|_| column < to) {
                    column += c.len_utf16() as u32;
                }
                let at = start + chars.peek().map_or(line.len(), |(at, _)| *at);
                starts.push((at, source));
            }
            start += line.len();
        }
        Self { sources, starts, len: text.len() }
    }

    /// The package that made the byte.
    pub fn package_at(&self, at: usize) -> Option<&str> {
        let after = self.starts.partition_point(|(start, _)| *start <= at);
        let (_, source) = self.starts.get(after.checked_sub(1)?)?;
        self.sources.get((*source)?)?.package.as_ref().map(|(name, _)| name.as_str())
    }

    /// How many bytes of the script come from each source.
    pub fn bytes(&self) -> impl Iterator<Item = (&Source, u64)> {
        let mut bytes = vec![0u64; self.sources.len()];
        let ends = self.starts.iter().skip(1).map(|(start, _)| *start).chain([self.len]);
        for ((start, source), end) in self.starts.iter().zip(ends) {
            if let Some(slot) = source.and_then(|s| bytes.get_mut(s)) {
                *slot += end.saturating_sub(*start) as u64;
            }
        }
        self.sources.iter().zip(bytes)
    }
}

/// The most bytes first.
pub fn find(scripts: &[Script]) -> Vec<Package> {
    #[derive(Default)]
    struct Sums<'a> {
        bytes: u64,
        paths: BTreeSet<&'a str>,
        copies: BTreeSet<&'a str>,
    }
    let mut packages: BTreeMap<&str, Sums<'_>> = BTreeMap::new();
    for script in scripts {
        for (source, bytes) in script.origins.bytes().filter(|(_, bytes)| *bytes > 0) {
            let sums = packages.entry(source.package.as_ref().map_or("", |(name, _)| name)).or_default();
            sums.bytes += bytes;
            sums.paths.insert(&script.path);
            sums.copies.extend(source.package.as_ref().map(|(_, folder)| folder.as_str()));
        }
    }
    let copies =
        |all: BTreeSet<&str>| if all.len() > 1 { all.into_iter().map(str::to_owned).collect() } else { Vec::new() };
    let package = |(name, sums): (&str, Sums<'_>)| Package {
        name: name.into(),
        bytes: sums.bytes,
        paths: sums.paths.into_iter().map(str::to_owned).collect(),
        copies: copies(sums.copies),
    };
    let mut found: Vec<Package> = packages.into_iter().map(package).collect();
    found.sort_by_cached_key(|p| (std::cmp::Reverse(p.bytes), p.name.clone()));
    found
}

/// `…/node_modules/@scope/name/file.js`: `@scope/name`, and the folder up to there. Folders before the first `node_modules`
/// are relative to each script; what they say is left out.
fn package(source: &str) -> Option<(String, String)> {
    const FOLDER: &str = "node_modules/";
    let first = source.find(FOLDER)?;
    let start = source.rfind(FOLDER)? + FOLDER.len();
    let rest = source.get(start..)?;
    let segments = if rest.starts_with('@') { 2 } else { 1 };
    let end = rest.match_indices('/').nth(segments - 1)?.0;
    let name = rest.get(..end)?;
    Some((name.to_owned(), source.get(first..start + end)?.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_sources() {
        for (source, name, folder) in [
            ("../../node_modules/lodash-es/map.js", "lodash-es", "node_modules/lodash-es"),
            ("webpack://app/./node_modules/@vue/shared/dist/x.js", "@vue/shared", "node_modules/@vue/shared"),
            (
                "node_modules/.pnpm/react@19.1.0/node_modules/react/index.js",
                "react",
                "node_modules/.pnpm/react@19.1.0/node_modules/react",
            ),
            ("a/node_modules/b/node_modules/c/d.js", "c", "node_modules/b/node_modules/c"),
        ] {
            assert_eq!(package(source), Some((name.into(), folder.into())), "{source}");
        }
        assert_eq!(package("../src/main.js"), None);
        assert_eq!(package("node_modules/x.js"), None);
    }

    #[test]
    fn bytes_go_to_the_source_that_the_map_names() {
        let text = "é=1;b=2;\nc=3;\n";
        let mut map = swc_sourcemap::SourceMapBuilder::new(None);
        map.add(0, 0, 0, 0, Some("../node_modules/a/1.js".into()), None, false);
        map.add(0, 4, 0, 0, Some("../src/b.js".into()), None, false);
        map.add(1, 0, 1, 0, Some("../node_modules/a/2.js".into()), None, false);
        let mut json = Vec::new();
        map.into_sourcemap().to_writer(&mut json).unwrap();
        let origins = Origins::read(text, &json);
        let bytes: Vec<u64> = origins.bytes().map(|(_, n)| n).collect();
        assert_eq!(bytes, ["é=1;".len() as u64, "b=2;\n".len() as u64, "c=3;\n".len() as u64]);
        assert_eq!([0, 4, 5, 9, 10].map(|at| origins.package_at(at)), [Some("a"), Some("a"), None, None, Some("a")]);
    }
}
