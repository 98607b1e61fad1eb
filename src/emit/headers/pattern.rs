//! Reading a `_headers` file as its two hosts do, from their published parsers.

use super::Host;
use std::collections::HashMap;

/// A path pattern of `_headers`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pattern {
    pub text: String,
    tokens: Vec<Token>,
    any_case: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Text(String),
    OptionalSlash,
    /// `*`: anything, slashes included.
    Splat,
    /// `:name`: one segment or a part of one.
    Placeholder,
    /// An unescaped dot of Netlify's.
    AnyChar,
}

/// One block of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Block {
    pub pattern: Pattern,
    pub set: Vec<(String, String)>,
    /// Cloudflare's `! Name`.
    pub unset: Vec<String>,
}

impl Block {
    pub fn touches(&self, name: &str) -> bool {
        let named = |n: &String| n.eq_ignore_ascii_case(name);
        self.set.iter().any(|(n, _)| named(n)) || self.unset.iter().any(named)
    }
}

/// Blocks in the order in which they apply. Lines that a host ignores are ignored.
pub(super) fn parse(host: Host, text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // Under a path that cannot be compiled, headers are read and lost.
    let mut lost = true;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if host == Host::Cloudflare && line.chars().count() > super::cloudflare::MAX_LINE {
            continue;
        }
        if line.contains("://") && !line.starts_with('/') && !line.contains(char::is_whitespace) {
            // A rule for one host name: not ours to weigh.
            lost = true;
            continue;
        }
        if line.starts_with('/') {
            let pattern = match host {
                Host::Cloudflare => Pattern::cloudflare(&super::urls::encoded(line)),
                _ => Some(Pattern::netlify(line)),
            };
            lost = pattern.is_none();
            blocks.extend(pattern.map(|pattern| Block { pattern, set: Vec::new(), unset: Vec::new() }));
            continue;
        }
        let Some(block) = blocks.last_mut().filter(|_| !lost) else {
            continue;
        };
        match line.split_once(':') {
            Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
                let (name, value) = (name.trim(), value.trim());
                // The same name again in one block: a list.
                match block.set.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
                    Some((_, old)) => *old = format!("{old}, {value}"),
                    None => block.set.push((name.into(), value.into())),
                }
            }
            None if host == Host::Cloudflare && line.starts_with('!') => {
                block.unset.push(line[1..].trim().into());
            }
            _ => {}
        }
    }
    blocks.retain(|b| !b.set.is_empty() || !b.unset.is_empty());
    if host == Host::Cloudflare {
        blocks.truncate(super::cloudflare::MAX_RULES);
        // Rules are kept by path: the last block of a path replaces the others, in the place of the first.
        let mut unique: Vec<Block> = Vec::new();
        for block in blocks {
            match unique.iter_mut().find(|b| b.pattern.text == block.pattern.text) {
                Some(old) => *old = block,
                None => unique.push(block),
            }
        }
        blocks = unique;
    }
    blocks
}

/// The blocks of a file, quick to look up: a large site may have a rule per file.
pub(super) struct Index {
    blocks: Vec<Block>,
    literal: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Index {
    pub fn new(host: Host, text: &str) -> Self {
        let mut index = Self { blocks: parse(host, text), literal: HashMap::new(), others: Vec::new() };
        for (i, block) in index.blocks.iter().enumerate() {
            match block.pattern.literal() {
                Some(key) => index.literal.entry(key).or_default().push(i),
                None => index.others.push(i),
            }
        }
        index
    }

    /// In the order of the file.
    pub fn matching(&self, url: &str) -> Vec<&Block> {
        let near = [self.literal.get(url), self.literal.get(&fold(url)).filter(|_| fold(url) != url)];
        let mut hits: Vec<usize> = near.into_iter().flatten().flatten().chain(&self.others).copied().collect();
        hits.sort_unstable();
        hits.into_iter().map(|i| &self.blocks[i]).filter(|b| b.pattern.matches(url)).collect()
    }
}

/// One spelling for all that Netlify does not tell apart.
fn fold(path: &str) -> String {
    path.strip_suffix('/').unwrap_or(path).to_ascii_lowercase()
}

impl Pattern {
    /// `/assets/*` is `^/assets/?(.*)/?$`, ignoring case.
    fn netlify(text: &str) -> Self {
        let mut tokens = vec![Token::Text("/".into())];
        let parts = text.split('/').map(str::trim_end).filter(|p| !p.is_empty());
        for (i, part) in parts.enumerate() {
            if part == "*" {
                // The slash before it is optional, also the very first one.
                if i == 0 {
                    tokens.clear();
                }
                tokens.extend([Token::OptionalSlash, Token::Splat]);
                continue;
            }
            if i > 0 {
                tokens.push(Token::Text("/".into()));
            }
            if part.starts_with(':') {
                tokens.push(Token::Placeholder);
            } else if part.contains('*') {
                // Not escaped by Netlify. Of what that may mean only the dot is followed here.
                for c in part.chars() {
                    tokens.push(match c {
                        '*' => Token::Splat,
                        '.' => Token::AnyChar,
                        c => Token::Text(c.into()),
                    });
                }
            } else {
                tokens.push(Token::Text(part.into()));
            }
        }
        tokens.push(Token::OptionalSlash);
        Self { text: text.into(), tokens, any_case: true }
    }

    /// `None` when it would not compile: a second `*`, or the same placeholder twice.
    fn cloudflare(text: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut names = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let after = &rest[c.len_utf8()..];
            if c == '*' {
                names.push("splat");
                tokens.push(Token::Splat);
                rest = after;
            } else if c == ':' && after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                names.push(&after[..end]);
                tokens.push(Token::Placeholder);
                rest = &after[end..];
            } else {
                match tokens.last_mut() {
                    Some(Token::Text(t)) => t.push(c),
                    _ => tokens.push(Token::Text(c.into())),
                }
                rest = after;
            }
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        (names.len() == count).then(|| Self { text: text.into(), tokens, any_case: false })
    }

    /// What URLs are looked up by that this pattern matches, when it is no more than one path.
    fn literal(&self) -> Option<String> {
        match self.tokens.as_slice() {
            [Token::Text(t)] => Some(t.clone()),
            [texts @ .., Token::OptionalSlash] => {
                let mut key = String::new();
                for token in texts {
                    let Token::Text(t) = token else { return None };
                    key.push_str(t);
                }
                Some(fold(&key))
            }
            _ => None,
        }
    }

    pub fn matches(&self, url: &str) -> bool {
        self.rest_matches(&self.tokens, url.as_bytes())
    }

    fn rest_matches(&self, tokens: &[Token], url: &[u8]) -> bool {
        let Some((token, rest)) = tokens.split_first() else {
            return url.is_empty();
        };
        match token {
            Token::Text(t) => {
                let n = t.len();
                url.len() >= n
                    && (url[..n] == *t.as_bytes() || self.any_case && url[..n].eq_ignore_ascii_case(t.as_bytes()))
                    && self.rest_matches(rest, &url[n..])
            }
            Token::OptionalSlash => {
                url.first() == Some(&b'/') && self.rest_matches(rest, &url[1..]) || self.rest_matches(rest, url)
            }
            Token::AnyChar => !url.is_empty() && self.rest_matches(rest, &url[1..]),
            Token::Splat if rest.iter().all(|t| *t == Token::OptionalSlash) => true,
            Token::Splat => (0..=url.len()).any(|i| self.rest_matches(rest, &url[i..])),
            Token::Placeholder => {
                let segment = url.iter().take_while(|b| **b != b'/').count();
                (1..=segment).any(|i| self.rest_matches(rest, &url[i..]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn netlify_patterns() {
        let m = |p: &str, u: &str| Pattern::netlify(p).matches(u);
        for u in ["/assets/a.js", "/assets", "/assetsX", "/ASSETS/x/y"] {
            assert!(m("/assets/*", u), "{u}");
        }
        assert!(m("/*", "/") && m("/*", "/a/b") && m("/", "/") && !m("/", "/a"));
        assert!(m("/about", "/about/") && m("/a/:x/c", "/a/b/c") && !m("/a/:x", "/a/b/c"));
        assert!(m("/*.k.js", "/xk?js"));
    }

    #[test]
    fn cloudflare_patterns() {
        let m = |p: &str, u: &str| Pattern::cloudflare(p).is_some_and(|p| p.matches(u));
        assert!(m("/assets/*", "/assets/a/b") && !m("/assets/*", "/assets") && !m("/assets/*", "/Assets/a"));
        assert!(m("/a:b.js", "/axx.js") && m("/a:1.js", "/a:1.js") && !m("/a:1.js", "/ax.js"));
        assert!(!m("/*/x/*", "/a/x/b"));
    }
}
