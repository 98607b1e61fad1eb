//! A page as it is laid out: without scripts and what only they show, its sheets and images under numbers.

use super::style::unknown;
use crate::model::Looks;
use crate::syntax::html::{Tag, Token, tokenize};
use crate::syntax::splice::splice;
use std::collections::BTreeSet;
use std::ops::Range;

/// What the caller knows of the files that a page names.
pub trait Files {
    /// What applies of a linked sheet, or of a `<style>` with this text. `None` for none.
    ///
    /// # Errors
    /// Why the page cannot be laid out.
    fn sheet(&mut self, link: Link<'_>) -> Result<Option<String>, String>;

    /// What stands in the page's text in place of the addresses of pictures in its own styles.
    fn pictures(&self) -> Vec<(Range<usize>, String)>;
}

pub enum Link<'a> {
    /// `<link rel=stylesheet href>`.
    File(&'a str),
    /// `<style>`.
    Text(&'a str),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// Images carry their number in [`IMAGE`]; the sheets are linked as `http://sheet.invalid/0` and so on.
    pub html: String,
    pub sheets: Vec<String>,
    /// Those that are files of their own, by number.
    pub linked: BTreeSet<usize>,
    /// One of them is for some media only, and not only for screens.
    pub some_media: bool,
    /// Of elements that are left out.
    pub unseen: BTreeSet<Looks>,
    pub images: usize,
    /// `<iframe>`s and `<video>`s carry theirs in [`EMBED`].
    pub embeds: usize,
    /// Rules with the sizes that their attributes give them, which lose to any other.
    pub embed_sizes: String,
}

pub const IMAGE: &str = "data-kiln-image";
pub const EMBED: &str = "data-kiln-embed";

/// Where styles look for pictures of the site.
pub const FILES: &str = "file.invalid";

/// The address of a file as styles have it: nothing in it ends a `url()` or an attribute.
pub fn file_address(path: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
    format!("http://{FILES}/{}", utf8_percent_encode(path, PATH))
}

/// Beyond these a layout would take too long. Counted, not timed: the same on every machine.
const ELEMENTS: usize = 12_000;
const SHEET_BYTES: usize = 5 << 20;
/// As deep as elements may be nested: layout recurses.
const NESTING: usize = 400;

/// `sizes`: for each `<img>`, in document order, the `width` and `height` that it will be given.
///
/// # Errors
/// Why the page cannot be laid out.
pub fn prepare(source: &str, sizes: &[Option<(u32, u32)>], files: &mut dyn Files) -> Result<Prepared, String> {
    let tokens = tokenize(source).ok_or("markup that cannot be placed")?;
    let mut page = Preparing { source, sizes, edits: files.pictures(), made: Prepared::default() };
    check(source, &tokens)?;
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        match token {
            Token::Start(tag) => i = page.start(tag, &tokens, i, files)?,
            // The parser takes one that speaks of XHTML for XML.
            Token::Doctype { range } => page.edits.push((range.clone(), "<!DOCTYPE html>".into())),
            Token::Comment { range } => page.edits.push((range.clone(), String::new())),
            _ => {}
        }
        i += 1;
    }
    if page.made.sheets.iter().map(String::len).sum::<usize>() > SHEET_BYTES {
        return Err("too many styles".into());
    }
    page.made.html = splice(source, page.edits);
    Ok(page.made)
}

fn check(source: &str, tokens: &[Token]) -> Result<(), String> {
    let doctype = tokens.iter().find_map(|t| match t {
        Token::Doctype { range } => source.get(range.clone()),
        _ => None,
    });
    let doctype = doctype.map(str::to_ascii_lowercase);
    let quirks = match &doctype {
        None => true,
        Some(d) => {
            d.contains("//dtd html 3")
                || d.contains("//dtd html 2")
                || (d.contains("transitional") && !d.contains("http"))
        }
    };
    if quirks {
        return Err("no <!DOCTYPE html>: browsers lay it out in quirks mode".into());
    }
    let (mut elements, mut open, mut deepest) = (0usize, 0usize, 0usize);
    for token in tokens {
        match token {
            Token::Start(tag) => {
                elements += 1;
                if !tag.is_void() && !tag.self_closing && !implied(&tag.name) {
                    open += 1;
                    deepest = deepest.max(open);
                }
            }
            Token::End { name, .. } if !implied(name) => open = open.saturating_sub(1),
            _ => {}
        }
    }
    if elements > ELEMENTS {
        return Err(format!("more than {ELEMENTS} elements"));
    }
    if deepest > NESTING {
        return Err(format!("elements nested deeper than {NESTING}"));
    }
    Ok(())
}

/// Elements whose end tags people leave out: they do not nest by that.
fn implied(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "td"
            | "th"
            | "tr"
            | "dt"
            | "dd"
            | "option"
            | "tbody"
            | "thead"
            | "tfoot"
            | "html"
            | "body"
            | "head"
    )
}

struct Preparing<'a> {
    source: &'a str,
    sizes: &'a [Option<(u32, u32)>],
    edits: Vec<(Range<usize>, String)>,
    made: Prepared,
}

impl Preparing<'_> {
    /// The index of the last token that was dealt with.
    fn start(&mut self, tag: &Tag, tokens: &[Token], i: usize, files: &mut dyn Files) -> Result<usize, String> {
        let own = tag.value("style").unwrap_or_default().split(';').filter_map(|d| d.split_once(':'));
        if let Some(what) = own.into_iter().find_map(|(name, value)| unknown(&name.trim().to_ascii_lowercase(), value))
        {
            return Err(what.into());
        }
        match tag.name.as_str() {
            "img" => self.image(tag),
            "base" => self.edits.push((tag.range.clone(), String::new())),
            "link" => self.link(tag, files)?,
            "template" if tag.attr("shadowrootmode").is_some() => return Err("shadow trees".into()),
            "style" => return self.style(tag, tokens, i, files),
            // What it draws takes no part in the layout.
            "svg" if !tag.self_closing => return Ok(self.emptied(tag, tokens, i)),
            "script" | "noscript" | "template" | "object" | "math" if !tag.self_closing => {
                return Ok(self.emptied(tag, tokens, i));
            }
            "iframe" | "video" => {
                self.embed(tag);
                let text = tag.name == "iframe" && !tag.self_closing;
                return Ok(if text { self.emptied(tag, tokens, i) } else { i });
            }
            "source" | "audio" | "embed" | "input" => {
                self.edits.extend(
                    ["src", "srcdoc", "poster"]
                        .iter()
                        .filter_map(|a| tag.attr(a))
                        .map(|a| (a.range.clone(), String::new())),
                );
            }
            "html" => self.edits.extend(tag.attr("xmlns").map(|a| (a.range.clone(), String::new()))),
            _ => {}
        }
        Ok(i)
    }

    fn image(&mut self, tag: &Tag) {
        let n = self.made.images;
        self.made.images += 1;
        let mut added = format!(" {IMAGE}=\"{n}\"");
        match tag.attr("src") {
            Some(src) => self.edits.push((src.range.clone(), format!("src=\"{}\"", address(n, 1.0)))),
            None if tag.attr("srcset").is_some() => added.push_str(&format!(" src=\"{}\"", address(n, 1.0))),
            None => {}
        }
        if let Some(Some((width, height))) = self.sizes.get(n) {
            added.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
        }
        let at = tag.insertion_point();
        self.edits.push((at..at, added));
    }

    fn embed(&mut self, tag: &Tag) {
        let n = self.made.embeds;
        self.made.embeds += 1;
        let loaded = ["src", "srcdoc", "poster"].iter().filter_map(|a| tag.attr(a));
        self.edits.extend(loaded.map(|a| (a.range.clone(), String::new())));
        let at = tag.insertion_point();
        self.edits.push((at..at, format!(" {EMBED}=\"{n}\"")));
        let length = |name: &str| {
            let value = tag.value(name)?.trim();
            let (digits, unit) = value.strip_suffix('%').map_or((value, "px"), |digits| (digits, "%"));
            digits.parse::<u32>().ok().map(|number| format!("{name}:{number}{unit};"))
        };
        let ratio = match tag.size() {
            (Some(w), Some(h)) if tag.name == "video" => format!("aspect-ratio:auto {w}/{h}"),
            _ => String::new(),
        };
        let [width, height] = ["width", "height"].map(|name| length(name).unwrap_or_default());
        self.made.embed_sizes.push_str(&format!("[{EMBED}=\"{n}\"]{{{width}{height}{ratio}}}"));
    }

    fn link(&mut self, tag: &Tag, files: &mut dyn Files) -> Result<(), String> {
        let Some(rel) = tag.value("rel").map(str::to_ascii_lowercase) else { return Ok(()) };
        let has = |word: &str| rel.split_ascii_whitespace().any(|w| w == word);
        let when_loaded = tag.value("onload").is_some_and(|code| code.contains("stylesheet") || code.contains("media"));
        let late = has("preload") && tag.value("as").is_some_and(|a| a.eq_ignore_ascii_case("style")) && when_loaded;
        let applies = (has("stylesheet") && !has("alternate") && tag.attr("disabled").is_none()) || late;
        let text = match tag.value("href").filter(|_| applies) {
            Some(href) => files.sheet(Link::File(href.trim()))?,
            None => None,
        };
        let media = tag.value("media").filter(|_| !when_loaded);
        self.made.linked.extend(text.is_some().then_some(self.made.sheets.len()));
        self.linked(tag.range.clone(), text, media);
        Ok(())
    }

    fn linked(&mut self, range: Range<usize>, text: Option<String>, media: Option<&str>) {
        let link = text.map(|text| {
            let n = self.made.sheets.len();
            // The engine takes no notice of the attribute.
            let media = media.map(str::trim).filter(|m| !m.is_empty() && !m.eq_ignore_ascii_case("all"));
            self.made.some_media |=
                media.is_some_and(|m| !["screen", "print"].iter().any(|k| m.eq_ignore_ascii_case(k)));
            self.made.sheets.push(match media {
                Some(media) => format!("@media {media}{{{text}}}"),
                None => text,
            });
            format!("<link rel=\"stylesheet\" href=\"http://sheet.invalid/{n}\">")
        });
        self.edits.push((range, link.unwrap_or_default()));
    }

    fn style(&mut self, tag: &Tag, tokens: &[Token], i: usize, files: &mut dyn Files) -> Result<usize, String> {
        let Some(Token::Text { range }) = tokens.get(i + 1) else { return Ok(i) };
        let Some(text) = self.source.get(range.clone()) else { return Ok(i) };
        let css = tag.value("type").is_none_or(|t| matches!(t.trim(), "" | "text/css"));
        let text = if css { files.sheet(Link::Text(text))? } else { None };
        let (end, last) = match tokens.get(i + 2) {
            Some(Token::End { range, .. }) => (range.end, i + 2),
            _ => (range.end, i + 1),
        };
        self.linked(tag.range.start..end, text, tag.value("media"));
        Ok(last)
    }

    /// Drops what is inside of an element; its tags stay, for selectors that count on them.
    fn emptied(&mut self, tag: &Tag, tokens: &[Token], i: usize) -> usize {
        let (mut depth, mut at) = (0usize, i);
        for (j, token) in tokens.iter().enumerate().skip(i + 1) {
            match token {
                Token::Start(inner) => {
                    let value = |name: &str| inner.value(name);
                    let looks = Looks::new(&inner.name, value("id"), value("class").unwrap_or_default());
                    self.made.unseen.insert(looks);
                    self.made.images += usize::from(inner.name == "img");
                    self.made.embeds += usize::from(matches!(&*inner.name, "iframe" | "video"));
                    depth += usize::from(inner.name == tag.name && !inner.self_closing);
                }
                Token::End { name, range } if *name == tag.name => {
                    if depth == 0 {
                        self.edits.push((tag.range.end..range.start, String::new()));
                        return j;
                    }
                    depth -= 1;
                }
                _ => {}
            }
            at = j;
        }
        self.edits.push((tag.range.end..self.source.len(), String::new()));
        at
    }
}

/// The address of an image by its number, of `density` pixels per CSS pixel.
pub fn address(image: usize, density: f64) -> String {
    format!("http://image.invalid/{image}/{density}")
}

#[cfg(test)]
mod tests;
