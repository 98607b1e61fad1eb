//! XML (feeds, sitemaps, manifests) with less indentation.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use super::TransformError;

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// What an element passes on to its content.
#[derive(Clone, Copy, Default)]
struct Scope {
    /// `xml:space="preserve"`
    preserve: bool,
    /// XHTML, where white space is the business of style sheets. No way back.
    xhtml: bool,
}

/// What stands on one side of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Open,
    Close,
    /// The edge of the file, or a comment and the like outside of the root element.
    Outside,
    Other,
}

/// Collapses white space of two characters and more to one newline or blank where there is nothing else between
/// two tags. The white space of an element without children is its content, and kept.
pub fn minify(source: &str) -> Result<Option<String>, TransformError> {
    let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let text = source.get(start..).unwrap_or_default();
    let fail = |at: usize, message: String| TransformError::at(text, at, message);
    let mut reader = NsReader::from_str(text);
    let mut scopes: Vec<Scope> = Vec::new();
    let mut blanks: Vec<(usize, usize)> = Vec::new();
    let mut pending: Option<(usize, usize, Side)> = None;
    let mut before = Side::Outside;
    let mut has_root = false;
    loop {
        let from = position(reader.buffer_position());
        let (namespace, event) = match reader.read_resolved_event() {
            Ok((namespace, event)) => (namespace == ResolveResult::Bound(Namespace(XHTML)), event),
            Err(error) => return Err(fail(position(reader.error_position()), error.to_string())),
        };
        let to = position(reader.buffer_position());
        let outer = scopes.last().copied().unwrap_or_default();
        let outside = if scopes.is_empty() { Side::Outside } else { Side::Other };
        let mut second_root = false;
        let (near, far) = match &event {
            Event::Start(tag) => {
                second_root = has_root && scopes.is_empty();
                has_root = true;
                scopes.push(scope(tag, outer, namespace).map_err(|message| fail(from, message))?);
                (Side::Open, Side::Open)
            }
            Event::Empty(tag) => {
                second_root = has_root && scopes.is_empty();
                has_root = true;
                scope(tag, outer, namespace).map_err(|message| fail(from, message))?;
                (Side::Open, Side::Close)
            }
            Event::End(_) => {
                scopes.pop();
                (Side::Close, Side::Close)
            }
            // An internal subset may say that white space counts in some element.
            Event::DocType(doctype) if doctype.contains('[') => return Ok(None),
            Event::Text(content) if is_blank(content) => {
                if to.saturating_sub(from) > 1 && !outer.preserve && !outer.xhtml {
                    pending = Some((from, to, before));
                }
                before = Side::Other;
                continue;
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if scopes.is_empty() => {
                return Err(fail(from, "text outside of the root element".to_owned()));
            }
            Event::Eof if scopes.is_empty() && has_root => (Side::Outside, Side::Outside),
            Event::Eof if has_root => return Err(fail(to, "an element is not closed".to_owned())),
            Event::Eof => return Err(fail(to, "there is no root element".to_owned())),
            _ => (outside, outside),
        };
        if second_root {
            return Err(fail(from, "more than one root element".to_owned()));
        }
        if let Some((from, to, side)) = pending.take()
            && side != Side::Other
            && near != Side::Other
            && (side, near) != (Side::Open, Side::Close)
        {
            blanks.push((start + from, start + to));
        }
        before = far;
        if matches!(event, Event::Eof) {
            break;
        }
    }
    Ok(collapsed(source, &blanks).filter(|out| out.len() < source.len()))
}

/// The scope inside of a tag; looks at every attribute, so malformed ones are found.
fn scope(tag: &BytesStart, outer: Scope, xhtml: bool) -> Result<Scope, String> {
    let mut scope = Scope { xhtml: outer.xhtml || xhtml, ..outer };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        match (attribute.key.as_ref(), attribute.value.as_ref()) {
            ("xml:space", value) => scope.preserve = value != "default",
            ("type", "xhtml") => scope.xhtml = true,
            _ => {}
        }
    }
    Ok(scope)
}

/// The source with each of the given ranges replaced by one white-space character.
fn collapsed(source: &str, blanks: &[(usize, usize)]) -> Option<String> {
    let mut out = String::with_capacity(source.len());
    let mut done = 0;
    for (from, to) in blanks {
        out.push_str(source.get(done..*from)?);
        out.push(if source.get(*from..*to)?.contains(['\n', '\r']) { '\n' } else { ' ' });
        done = *to;
    }
    out.push_str(source.get(done..)?);
    Some(out)
}

pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// What `minify` makes of a source, which is the source when it gains nothing.
    fn small(source: &str) -> String {
        minify(source).unwrap().unwrap_or_else(|| source.to_owned())
    }

    #[test]
    fn indentation_is_collapsed_and_never_removed() {
        let source =
            "<?xml version=\"1.0\"?>\n\n<urlset>\n  <url>\n    <loc>a  b</loc>   <x/>\r\n  </url>\n</urlset>\n\n";
        let expected = "<?xml version=\"1.0\"?>\n<urlset>\n<url>\n<loc>a  b</loc> <x/>\n</url>\n</urlset>\n";
        assert_eq!(small(source), expected);
        assert_eq!(small("\u{feff}<a>\n  <b/>\n</a>"), "\u{feff}<a>\n<b/>\n</a>");
        assert_eq!(minify(expected), Ok(None));
    }

    #[test]
    fn content_is_kept() {
        for source in [
            "<a xml:space=\"preserve\">  <b>  <c/>  </b>  </a>",
            "<a><![CDATA[  ]]>  <b/></a>",
            "<a><b/>  <![CDATA[  ]]></a>",
            "<a><!--  \n  -->  <b/></a>",
            "<a>x  <b/>  y</a>",
            "<a>&amp;  <b/></a>",
            "<a><b/>  &#32;  <b/></a>",
            "<a>   </a>",
            "<feed><content type=\"xhtml\">  <p>  <b/>  </p>  </content></feed>",
            "<feed><div xmlns=\"http://www.w3.org/1999/xhtml\">  <pre>  <b/>  </pre>  </div></feed>",
            "<f xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:pre>  <h:b/>  </h:pre></f>",
            "<!DOCTYPE a [<!ATTLIST a xml:space CDATA #FIXED \"preserve\">]><a>  <b/>  </a>",
        ] {
            assert_eq!(minify(source), Ok(None), "{source}");
        }
    }

    #[test]
    fn preserve_ends_with_its_element_or_with_default() {
        let source = "<a><b xml:space=\"preserve\">  <c/>  <d xml:space=\"default\">  <c/>  </d></b>  <c/></a>";
        let expected = "<a><b xml:space=\"preserve\">  <c/>  <d xml:space=\"default\"> <c/> </d></b> <c/></a>";
        assert_eq!(small(source), expected);
    }

    #[test]
    fn errors_have_a_place() {
        let error = minify("<a>\n  <b></c>\n</a>").unwrap_err();
        assert_eq!((error.line, error.column), (2, 6));
        for source in ["", "  ", "x", "<a>", "<a></a><b/>", "<a/>x", "<a b=1/>", "<a b='1' b='2'/>", "<a", "</a>"] {
            assert!(minify(source).is_err(), "{source}");
        }
    }
}
