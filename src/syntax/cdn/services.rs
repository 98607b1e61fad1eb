//! How the addresses of services are written.

use super::table::{CLOUDFLARE, CLOUDINARY, Form, IMAGEKIT, Keys, SERVICES, Service};
use super::{Address, Number};
use crate::syntax::url::split_suffix;
use std::ops::Range;

type Read<'u> = Result<Address<'u>, String>;

pub fn read(url: &str) -> Option<Read<'_>> {
    let rest = ["https://", "http://", "//"].iter().find_map(|start| url.strip_prefix(start))?;
    let (host, path) = rest.split_at(rest.find('/')?);
    let host = host.to_ascii_lowercase();
    let is_host = |pattern: &str| if pattern.starts_with('.') { host.ends_with(pattern) } else { host == *pattern };
    let fits = |s: &&Service| path.starts_with(s.path) && (s.hosts.is_empty() || s.hosts.iter().any(|h| is_host(h)));
    let service = SERVICES.iter().find(fits)?;
    let parts = Parts::new(url, url.len() - path.len());
    if is_signed(path) {
        return Some(Err("its address is signed".into()));
    }
    Some(
        match &service.form {
            Form::Query(keys) => parts.query().and_then(|query| numbers(url, query, ('&', "="), keys)),
            Form::Cloudflare => parts.after("image").and_then(|at| numbers(url, at, (',', "="), &CLOUDFLARE)),
            Form::Cloudinary => cloudinary(&parts),
            Form::ImageKit => imagekit(&parts),
            Form::Storyblok => storyblok(&parts),
        }
        .map(|(width, height)| Address { url, width, height }),
    )
}

/// Something in it may be a proof of the rest, or a time.
fn is_signed(path: &str) -> bool {
    let path = path.split('#').next().unwrap_or_default().to_ascii_lowercase();
    let mut names = path.split(['/', '?', '&', ',', ';']).filter_map(|part| part.split_once('=')).map(|(name, _)| name);
    names.any(|name| ["token", "verify", "signature", "expires"].iter().any(|word| name.contains(word)))
}

/// The places of an address's parts.
struct Parts<'u> {
    url: &'u str,
    /// Without their slashes.
    segments: Vec<Range<usize>>,
    /// Without its `?`.
    query: Range<usize>,
}

type Numbers = (Number, Option<Number>);

impl<'u> Parts<'u> {
    /// `path`: where it begins.
    fn new(url: &'u str, path: usize) -> Self {
        let (before, suffix) = split_suffix(url);
        let mut at = path;
        let segments = before.get(path..).unwrap_or_default().split('/');
        let segments = segments.map(|s| {
            let range = at..at + s.len();
            at = range.end + 1;
            range
        });
        let segments = segments.filter(|r| !r.is_empty()).collect();
        let query = suffix.strip_prefix('?').map_or("", |q| q.split('#').next().unwrap_or_default());
        let start = (before.len() + 1).min(url.len());
        Self { url, segments, query: start..start + query.len() }
    }

    fn text(&self, range: &Range<usize>) -> &'u str {
        self.url.get(range.clone()).unwrap_or_default()
    }

    fn query(&self) -> Result<Range<usize>, String> {
        if self.query.is_empty() { Err(silent()) } else { Ok(self.query.clone()) }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.segments.iter().position(|r| self.text(r) == name)
    }

    fn after(&self, name: &str) -> Result<Range<usize>, String> {
        let at = self.position(name).and_then(|i| self.segments.get(i + 1));
        at.cloned().ok_or_else(silent)
    }
}

fn silent() -> String {
    "its address does not say how wide it comes".into()
}

/// `list`: what is between two parameters, and between a name and its value.
fn numbers(url: &str, range: Range<usize>, list: (char, &str), keys: &Keys) -> Result<Numbers, String> {
    let (mut width, mut height) = (None, None);
    let mut at = range.start;
    for item in url.get(range).unwrap_or_default().split(list.0) {
        let start = at;
        at += item.len() + 1;
        if item.is_empty() {
            continue;
        }
        let (name, value) = item.split_once(list.1).unwrap_or((item, ""));
        let slot = match name {
            name if keys.width.contains(&name) => &mut width,
            name if keys.height.contains(&name) => &mut height,
            name if keys.others.contains(&name) => match keys.values.iter().find(|(n, _)| *n == name) {
                Some((_, values)) if !values.contains(&value) => {
                    return Err(format!("`{item}` in its address may mean something else in another width"));
                }
                _ => continue,
            },
            name => return Err(format!("`{name}` in its address may mean something else in another width")),
        };
        let number = number(value, start + item.len() - value.len());
        let number = number.ok_or_else(|| format!("`{item}` in its address is no number of pixels"))?;
        if slot.replace(number).is_some() {
            return Err(format!("its address says `{name}` twice"));
        }
    }
    Ok((width.ok_or_else(silent)?, height))
}

fn number(digits: &str, at: usize) -> Option<Number> {
    let plain = !digits.starts_with('0') && digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit());
    let value = digits.parse().ok().filter(|n| *n > 0 && plain)?;
    Some(Number { range: at..at + digits.len(), value })
}

/// `/<cloud>/image/upload/c_fill,w_300/v1/a.jpg`: one list, for it alone.
fn cloudinary(parts: &Parts<'_>) -> Result<Numbers, String> {
    let named = |i: usize| parts.segments.get(i).map(|r| parts.text(r)).unwrap_or_default();
    if named(1) != "image" || !matches!(named(2), "upload" | "fetch") {
        return Err("its address is of a kind that kiln does not change".into());
    }
    if named(3).starts_with("s--") || !parts.query.is_empty() {
        return Err("its address is signed".into());
    }
    let list = parts.segments.get(3).cloned().ok_or_else(silent)?;
    // `e_blur:300`, `t_small`; a folder may look the same.
    let is_list = |text: &str| text.split_once('_').is_some_and(|(key, _)| (1..=3).contains(&key.len()));
    if !is_list(parts.text(&list)) {
        return Err(silent());
    }
    let last = parts.segments.len() == 5;
    if !last && is_list(named(4)) {
        return Err("its address has several steps".into());
    }
    // These cut out so many pixels, or as many as a face takes.
    if parts.text(&list).split(',').any(|item| matches!(item, "c_crop" | "c_thumb" | "c_auto" | "c_imagga_crop")) {
        return Err("its address cuts a piece out of the picture by its size".into());
    }
    let background = |item: &str| item.strip_prefix("b_").map(str::to_owned);
    let mut backgrounds = parts.text(&list).split(',').filter_map(background);
    if backgrounds.any(|b| !is_colour(&b)) {
        return Err("the background in its address may look otherwise in another width".into());
    }
    numbers(parts.url, list, (',', "_"), &CLOUDINARY)
}

/// `white`, `rgb:aabbcc`.
fn is_colour(text: &str) -> bool {
    let digits = |hex: &str| matches!(hex.len(), 3 | 4 | 6 | 8) && hex.bytes().all(|b| b.is_ascii_hexdigit());
    match text.strip_prefix("rgb:") {
        Some(hex) => digits(hex),
        None => text != "auto" && text != "blurred" && text.bytes().all(|b| b.is_ascii_lowercase()),
    }
}

fn imagekit(parts: &Parts<'_>) -> Result<Numbers, String> {
    if parts.text(&parts.query).split('&').any(|p| p.starts_with("ik-s=") || p.starts_with("ik-t=")) {
        return Err("its address is signed".into());
    }
    let steps = parts.segments.iter().filter(|r| parts.text(r).starts_with("tr:")).count()
        + parts.text(&parts.query).split('&').filter(|p| p.starts_with("tr=")).count();
    if steps > 1 {
        return Err("its address has several steps".into());
    }
    let list = parts.segments.iter().find_map(|r| parts.text(r).starts_with("tr:").then(|| r.start + 3..r.end));
    let in_query = || {
        let at = parts.text(&parts.query).split('&').scan(parts.query.start, |at, p| {
            let range = *at..*at + p.len();
            *at = range.end + 1;
            Some(range)
        });
        at.filter(|r| parts.text(r).starts_with("tr=")).map(|r| r.start + 3..r.end).next()
    };
    let list = list.or_else(in_query).ok_or_else(silent)?;
    if parts.text(&list).contains(':') {
        return Err("its address has several steps".into());
    }
    numbers(parts.url, list, (',', "-"), &IMAGEKIT)
}

fn storyblok(parts: &Parts<'_>) -> Result<Numbers, String> {
    let from = parts.position("m").ok_or_else(silent)?;
    let mut size = None;
    for range in parts.segments.iter().skip(from + 1) {
        let text = parts.text(range);
        match text.split_once('x') {
            Some((w, h)) if !w.is_empty() && [w, h].iter().all(|s| s.bytes().all(|b| b.is_ascii_digit())) => {
                size = Some((w, h, range.start));
            }
            _ if matches!(text, "smart" | "fit-in") || are_filters(text) => {}
            _ => return Err(format!("`{text}` in its address may mean something else in another width")),
        }
    }
    let (w, h, at) = size.ok_or_else(silent)?;
    Ok((number(w, at).ok_or_else(silent)?, number(h, at + w.len() + 1)))
}

/// `filters:quality(80):format(webp)`
fn are_filters(text: &str) -> bool {
    const ANY_SIZE: [&str; 6] = ["quality", "format", "grayscale", "rotate", "fill", "focal"];
    // The numbers of a focal point are those of the original.
    let mut open = 0;
    let outer: String = text
        .chars()
        .filter(|c| match c {
            '(' => {
                open += 1;
                false
            }
            ')' => {
                open -= 1;
                false
            }
            _ => open == 0,
        })
        .collect();
    outer.strip_prefix("filters:").is_some_and(|names| names.split(':').all(|name| ANY_SIZE.contains(&name)))
}
