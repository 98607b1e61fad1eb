//! HTML (and SVG) tokens with their places in the source: `html5gum` tokenizes, this adds the bytes of each attribute value.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Tokenizer};
use std::ops::Range;

#[derive(Clone, Debug)]
pub enum Token {
    Start(Tag),
    End { name: String, range: Range<usize> },
    Text { range: Range<usize> },
    Comment { range: Range<usize> },
    Doctype { range: Range<usize> },
}

/// A start tag. `name` and attribute names are lower case.
#[derive(Clone, Debug)]
pub struct Tag {
    pub name: String,
    pub range: Range<usize>,
    pub attrs: Vec<Attr>,
    pub self_closing: bool,
}

#[derive(Clone, Debug)]
pub struct Attr {
    pub name: String,
    /// Entities undone; empty when there is no value.
    pub value: String,
    /// From the name's first byte to the end of the value, closing quote included.
    pub range: Range<usize>,
    /// The value's bytes without quotes; `None` when there is none.
    pub raw: Option<Range<usize>>,
    pub quote: Option<char>,
}

impl Tag {
    pub fn attr(&self, name: &str) -> Option<&Attr> {
        self.attrs.iter().find(|a| a.name == name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.attr(name).map(|a| a.value.as_str())
    }

    pub fn is_void(&self) -> bool {
        matches!(
            self.name.as_str(),
            "area"
                | "base"
                | "br"
                | "col"
                | "embed"
                | "hr"
                | "img"
                | "input"
                | "link"
                | "meta"
                | "source"
                | "track"
                | "wbr"
        )
    }

    /// An attribute that is a list of words, as `rel` is, has this one, in any case.
    pub fn has_word(&self, attribute: &str, word: &str) -> bool {
        self.value(attribute).is_some_and(|v| v.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case(word)))
    }

    /// Its `width` and `height`, where they are plain numbers: CSS pixels.
    pub fn size(&self) -> (Option<u32>, Option<u32>) {
        let number = |name| self.value(name).and_then(|v| v.trim().parse().ok());
        (number("width"), number("height"))
    }

    /// Where an attribute can be put: after the attributes, before `>` or `/>`; after the name where the last attribute is
    /// a bare `alt=`, which would take what follows for its value.
    pub fn insertion_point(&self) -> usize {
        let last = self.attrs.iter().max_by_key(|a| a.range.end);
        let last = last.filter(|a| a.quote.is_some() || !a.value.is_empty() || a.range.len() == a.name.len());
        last.map_or(self.range.start + 1 + self.name.len(), |a| a.range.end)
    }
}

/// Tokenizes a whole document. `None` when a place in the source could not be made out: the file is then left alone.
pub fn tokenize(source: &str) -> Option<Vec<Token>> {
    // The tokenizer turns CR LF into LF; a blank keeps every offset where it was.
    let unix;
    let text = if source.contains('\r') {
        unix = source.replace('\r', " ");
        unix.as_str()
    } else {
        source
    };
    let mut tokens: Vec<Token> = Vec::new();
    let mut sound = true;
    let mut tag: Option<Tag> = None;
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: html5gum::Span<usize>| -> Option<()> {
        let range = span.start..span.end;
        match event {
            CallbackEvent::OpenStartTag { name } => {
                let name = String::from_utf8_lossy(name).into_owned();
                tag = Some(Tag { name, range: range.start..range.end, attrs: Vec::new(), self_closing: false });
            }
            CallbackEvent::AttributeName { name } => {
                let name = String::from_utf8_lossy(name).into_owned();
                if let Some(tag) = &mut tag {
                    match value_place(text, range.clone(), &name) {
                        Some((range, raw, quote)) => {
                            tag.attrs.push(Attr { name, value: String::new(), range, raw, quote })
                        }
                        None => sound = false,
                    }
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(attr) = tag.as_mut().and_then(|t| t.attrs.last_mut()) {
                    attr.value = String::from_utf8_lossy(value).into_owned();
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(mut tag) = tag.take() {
                    let end = tag.attrs.iter().map(|a| a.range.end).max().unwrap_or(tag.range.start);
                    let close = text.get(end..).and_then(|t| t.find('>')).map(|i| end + i + 1);
                    tag.range.end = close.unwrap_or(range.end);
                    tag.self_closing = self_closing;
                    let starts = text.get(tag.range.start..).is_some_and(|t| {
                        t.starts_with('<')
                            && t.get(1..=tag.name.len()).is_some_and(|n| n.eq_ignore_ascii_case(&tag.name))
                    });
                    sound &= starts && close.is_some();
                    without_repeated(&mut tag.attrs);
                    tokens.push(Token::Start(tag));
                }
            }
            CallbackEvent::EndTag { name } => {
                tag = None;
                tokens.push(Token::End { name: String::from_utf8_lossy(name).into_owned(), range });
            }
            CallbackEvent::String { .. } => tokens.push(Token::Text { range }),
            CallbackEvent::Comment { .. } => tokens.push(Token::Comment { range }),
            CallbackEvent::Doctype { .. } => tokens.push(Token::Doctype { range }),
            CallbackEvent::Error(_) => {}
        }
        None
    });
    emitter.naively_switch_states(true);
    for _ in Tokenizer::new_with_emitter(text, Quiet(emitter)) {}
    settle(text, &mut tokens);
    (sound && in_order(text, &tokens)).then(|| open_noscript(text, tokens))?
}

/// Without the search for characters that are parse errors, a quarter of the time.
struct Quiet<E>(E);

impl<E: Emitter> ForwardingEmitter for Quiet<E> {
    type Token = E::Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = E::Token> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

/// Browsers ignore a repeated attribute.
fn without_repeated(attrs: &mut Vec<Attr>) {
    if attrs.len() > 1 {
        let mut seen = std::collections::BTreeSet::new();
        let mut first = attrs.iter().map(|a| seen.insert(a.name.as_str())).collect::<Vec<_>>().into_iter();
        attrs.retain(|_| first.next().unwrap_or(true));
    }
}

/// The tokenizer takes `<noscript>` as a browser with scripts does: as text. Without scripts it is markup.
fn open_noscript(text: &str, tokens: Vec<Token>) -> Option<Vec<Token>> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let inside = matches!(out.last(), Some(Token::Start(t)) if t.name == "noscript");
        match token {
            Token::Text { range } if inside => {
                let mut inner = tokenize(text.get(range.clone())?)?;
                inner.iter_mut().for_each(|t| t.shift(range.start));
                out.append(&mut inner);
            }
            other => out.push(other),
        }
    }
    Some(out)
}

/// Where an attribute stands, where its value does, and its quote.
type Place = (Range<usize>, Option<Range<usize>>, Option<char>);

/// From the end of an attribute's name: the attribute's bytes, its value's bytes and its quote.
fn value_place(text: &str, name: Range<usize>, lower: &str) -> Option<Place> {
    let bytes = text.as_bytes();
    if !text.get(name.start..name.start + lower.len())?.eq_ignore_ascii_case(lower) {
        return None;
    }
    let skip = |mut i: usize| {
        while bytes.get(i).is_some_and(u8::is_ascii_whitespace) {
            i += 1;
        }
        i
    };
    let name_end = name.start + lower.len();
    let equals = skip(name_end);
    if bytes.get(equals) != Some(&b'=') {
        return Some((name.start..name_end, None, None));
    }
    let start = skip(equals + 1);
    match bytes.get(start)? {
        q @ (b'"' | b'\'') => {
            let end = start + 1 + text.get(start + 1..)?.find(char::from(*q))?;
            Some((name.start..end + 1, Some(start + 1..end), Some(char::from(*q))))
        }
        b'>' => Some((name.start..start, None, None)),
        _ => {
            let rest = text.get(start..)?;
            let end = start + rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len());
            Some((name.start..end, Some(start..end), None))
        }
    }
}

/// Text and comments get the bytes between their neighbours: markup that tokenizes to nothing belongs to no token.
fn settle(text: &str, tokens: &mut [Token]) {
    let mut from = 0;
    for i in 0..tokens.len() {
        let next = tokens.get(i + 1).map_or(text.len(), |t| t.range().start);
        if let Some(Token::Text { range }) = tokens.get_mut(i) {
            *range = from.max(range.start)..next.max(range.start);
        }
        if let Some(t) = tokens.get(i) {
            from = t.range().end;
        }
    }
}

fn in_order(text: &str, tokens: &[Token]) -> bool {
    let mut at = 0;
    tokens.iter().all(|t| {
        let r = t.range();
        let fine = at <= r.start && r.start <= r.end && text.get(r.clone()).is_some();
        at = r.end;
        fine && match t {
            Token::End { .. } => text.get(r).is_some_and(|s| s.starts_with("</") && s.ends_with('>')),
            _ => true,
        }
    })
}

impl Token {
    fn shift(&mut self, by: usize) {
        let shift = |r: &mut Range<usize>| *r = r.start + by..r.end + by;
        match self {
            Self::Start(tag) => {
                shift(&mut tag.range);
                for attr in &mut tag.attrs {
                    shift(&mut attr.range);
                    attr.raw.as_mut().map(shift);
                }
            }
            Self::End { range, .. } | Self::Text { range } | Self::Comment { range } | Self::Doctype { range } => {
                shift(range)
            }
        }
    }

    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Start(tag) => tag.range.clone(),
            Self::End { range, .. } | Self::Text { range } | Self::Comment { range } | Self::Doctype { range } => {
                range.clone()
            }
        }
    }
}

/// Whether browsers run a `<script>` with this `type`, as a classic script ("JavaScript MIME type" of the MIME Sniffing
/// standard).
pub fn is_classic_script(kind: &str) -> bool {
    let kind = kind.trim().to_ascii_lowercase();
    let (group, name) = kind.split_once('/').unwrap_or(("", &kind));
    match name.strip_prefix("x-").unwrap_or(name) {
        "" => kind.is_empty(),
        "javascript" | "ecmascript" => matches!(group, "text" | "application"),
        "jscript" | "livescript" => group == "text" && !name.starts_with("x-"),
        _ => {
            let version = name.strip_prefix("javascript1.").filter(|_| group == "text");
            matches!(version, Some("0" | "1" | "2" | "3" | "4" | "5"))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn tags(source: &str) -> Vec<Tag> {
        tokenize(source)
            .unwrap()
            .into_iter()
            .filter_map(|t| match t {
                Token::Start(t) => Some(t),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn places_are_exact() {
        let s = "<!doctype html>\r\n<p CLASS=x  id = 'a&amp;b' hidden>t<br/>ü<img src=a.png></p><!-- c --> z";
        for token in tokenize(s).unwrap() {
            let text = &s[token.range()];
            match token {
                Token::Start(t) => {
                    assert!(text.starts_with('<') && text.ends_with('>'), "{text}");
                    for a in t.attrs {
                        let raw = a.raw.map(|r| &s[r]).unwrap_or_default();
                        assert_eq!(raw.replace("&amp;", "&"), a.value);
                    }
                }
                Token::End { .. } => assert_eq!(text, "</p>"),
                Token::Text { .. } => assert!(["\r\n", "t", "ü", " z"].contains(&text), "{text:?}"),
                Token::Comment { .. } => assert!(text.contains(" c "), "{text:?}"),
                Token::Doctype { .. } => {}
            }
        }
        let p = &tags(s)[0];
        assert_eq!((p.value("class"), p.value("id"), p.value("hidden")), (Some("x"), Some("a&b"), Some("")));
        assert_eq!(&s[p.insertion_point()..p.range.end], ">");
    }

    #[test]
    fn an_attribute_can_follow_one_without_a_value() {
        for (s, at) in
            [("<img src=a alt=>", 4), ("<img src=a alt>", 14), ("<img src=a alt=\"\">", 17), ("<img src=a alt= >", 4)]
        {
            assert_eq!(tags(s)[0].insertion_point(), at, "{s}");
        }
    }

    #[test]
    fn scripts_and_styles_are_text() {
        let s = "<script>if(a<b)document.write('<p>')</script><style>a>b{}</style><noscript><img src=x></noscript><textarea><b></textarea>";
        let names: Vec<String> = tags(s).into_iter().map(|t| t.name).collect();
        assert_eq!(names, ["script", "style", "noscript", "img", "textarea"]);
    }

    #[test]
    fn corpus_pages_tokenize() {
        let sites = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/sites");
        if !sites.is_dir() {
            eprintln!("skipped: no corpus beside the checkout");
            return;
        }
        for entry in walkdir::WalkDir::new(sites).into_iter().flatten() {
            if entry.path().extension().is_some_and(|e| e == "html") {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                assert!(tokenize(&text).is_some(), "{}", entry.path().display());
            }
        }
    }
}
