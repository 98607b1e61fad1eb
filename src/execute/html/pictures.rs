//! `<img>` and `<picture>`: sources in modern formats, and attributes that say how large and how urgent a picture is.

use super::{Editor, UNSEEN};
use crate::analyze::html::{Candidate, ImageUse};
use crate::execute::{Edit, Hole, OFFERED};
use crate::layout::{ratio_declaration, with_declarations};
use crate::model::{AssetId, Escape, ImageFormat, Kind, Piece};
use crate::plan::{Delivery, Markup, Picture, Priority, Ratio};
use crate::syntax::cdn;
use crate::syntax::html::Tag;

/// Bytes of the page. What stands further on is not in the first packets that a server sends.
const FAR: usize = 14 << 10;

impl Editor<'_> {
    /// The edits that deliver one image, and a line on what was done.
    pub(super) fn image(
        &self,
        tag: &Tag,
        sources: &[&Tag],
        image: &ImageUse,
        picture: &Picture,
        edits: &mut Vec<Edit>,
    ) -> String {
        let name = image.src.as_deref().unwrap_or("<img>");
        let mut added = picture.size.map(|(w, h)| format!(" width=\"{w}\" height=\"{h}\"")).unwrap_or_default();
        added.push_str(match picture.priority {
            Priority::Author => "",
            Priority::High => " fetchpriority=\"high\"",
            Priority::Lazy if image.decoding.is_some() => " loading=\"lazy\"",
            Priority::Lazy => " loading=\"lazy\" decoding=\"async\"",
        });
        let reasons: String = picture.reasons.iter().map(|r| format!("; {r}")).collect();
        let offered =
            |done: bool| if done { "offered in modern formats" } else { "no version of it was smaller" }.to_owned();
        let (mut candidates, mut style) = (Vec::new(), Vec::new());
        let done = match &picture.delivery {
            Delivery::Leave(why) => format!("left as it is: {why}"),
            Delivery::SameCandidates => offered(self.same_candidates(tag, sources, image, edits)),
            Delivery::Elsewhere { .. } if self.is_preloaded(image) => "left as it is: a link preloads it".into(),
            Delivery::Elsewhere { widths, sizes, .. } => {
                candidates.extend(in_widths(image, widths, sizes.as_deref()).map(Piece::Text));
                format!("named in widths of {widths:?} px")
            }
            Delivery::Single { asset, widths, sizes, ratio, markup: Markup::Attributes(why) } => {
                let sizes = sizes.clone().or_else(|| guessed_sizes(image, picture));
                candidates = self.own_candidates(image, *asset, widths, sizes.as_deref()).unwrap_or_default();
                if candidates.is_empty() {
                    format!("left as it is: {why}")
                } else {
                    style.extend(held(*ratio));
                    format!("offered in its own format: {why}")
                }
            }
            Delivery::Single { asset, widths, sizes, ratio, markup: Markup::Picture } => {
                let sizes = sizes.clone().or_else(|| guessed_sizes(image, picture));
                let made: Vec<Vec<Piece<Hole>>> = OFFERED
                    .iter()
                    .filter_map(|f| self.single_source(image, *asset, *f, widths, sizes.as_deref()))
                    .collect();
                let late = tag.range.start > FAR && !self.preloaded.contains(asset);
                if picture.priority == Priority::High && late && tag.attr("crossorigin").is_none() {
                    edits.extend(self.preload(image, *asset, widths, sizes.as_deref()));
                }
                if !made.is_empty() {
                    style.extend(held(*ratio));
                }
                offered(self.wrap(tag, image, made, edits))
            }
        };
        let placeholder = picture.placeholder.and_then(|id| self.artifacts.get(id.index())?.placeholder.as_deref());
        style.extend(placeholder.map(behind));
        added.push_str(&styled(tag, &style, edits));
        if !added.is_empty() || !candidates.is_empty() {
            candidates.push(Piece::Text(added));
            edits.push(Edit::insert(tag.insertion_point(), candidates));
        }
        format!("{name}: {done}{reasons}")
    }

    /// By its own address, which a page with other candidates may not ask for.
    fn is_preloaded(&self, image: &ImageUse) -> bool {
        image.src.as_ref().is_some_and(|src| self.preloads.contains(src))
    }

    fn wrap(&self, tag: &Tag, image: &ImageUse, made: Vec<Vec<Piece<Hole>>>, edits: &mut Vec<Edit>) -> bool {
        if made.is_empty() {
            return false;
        }
        let mut pieces = Vec::new();
        if !image.in_picture {
            // The picture has no box of its own: the image stays the child of the same box in any layout.
            pieces.push(Piece::Text("<picture style=\"display:contents\">".into()));
            edits.push(Edit::text(tag.range.end..tag.range.end, "</picture>"));
        }
        pieces.extend(made.into_iter().flatten());
        edits.push(Edit::insert(tag.range.start, pieces));
        true
    }

    /// The page's head names the candidates that browsers with AVIF choose from, as the `<source>` does: it comes first
    /// in every <picture> of kiln's making.
    fn preload(&self, image: &ImageUse, asset: AssetId, widths: &[u32], sizes: Option<&str>) -> Option<Edit> {
        let (srcset, sizes) = self.made(image, asset, ImageFormat::Avif, widths, sizes)?;
        let start = format!("<link rel=\"preload\" as=\"image\" type=\"{}\" imagesrcset=\"", ImageFormat::Avif.mime());
        let sizes = sizes.map(|s| format!(" imagesizes=\"{s}\"")).unwrap_or_default();
        let mut pieces = vec![Piece::Text(start)];
        pieces.extend(srcset);
        pieces.push(Piece::Text(format!("\"{sizes} fetchpriority=\"high\">")));
        Some(Edit::insert(self.head?, pieces))
    }

    /// ` srcset="…" sizes="…"` with smaller versions in the image's own format, and the file itself where screens need it.
    fn own_candidates(
        &self,
        image: &ImageUse,
        asset: AssetId,
        widths: &[u32],
        sizes: Option<&str>,
    ) -> Option<Vec<Piece<Hole>>> {
        let Kind::Image(format) = self.shop.site.get(asset)?.kind else { return None };
        let (srcset, sizes) = self.made(image, asset, format, widths, sizes)?;
        let mut pieces = vec![Piece::Text(" srcset=\"".into())];
        pieces.extend(srcset);
        pieces.push(Piece::Text(format!("\" sizes=\"{}\"", sizes?)));
        Some(pieces)
    }

    fn single_source(
        &self,
        image: &ImageUse,
        asset: AssetId,
        format: ImageFormat,
        widths: &[u32],
        sizes: Option<&str>,
    ) -> Option<Vec<Piece<Hole>>> {
        let (srcset, sizes) = self.made(image, asset, format, widths, sizes)?;
        let mut pieces = vec![Piece::Text(format!("<source type=\"{}\" srcset=\"", format.mime()))];
        pieces.extend(srcset);
        let sizes = sizes.map(|s| format!(" sizes=\"{s}\"")).unwrap_or_default();
        pieces.push(Piece::Text(format!("\"{sizes}{UNSEEN}>")));
        Some(pieces)
    }

    /// The inside of a `srcset`, and the `sizes` that it needs.
    pub(super) fn made<'s>(
        &self,
        image: &ImageUse,
        asset: AssetId,
        format: ImageFormat,
        widths: &[u32],
        sizes: Option<&'s str>,
    ) -> Option<(Vec<Piece<Hole>>, Option<&'s str>)> {
        let artifact = self.artifacts.get(asset.index())?;
        let (natural, widest) = (artifact.width, *widths.last()?);
        let url = image.src.as_deref()?;
        let own = self.shop.site.get(asset).is_some_and(|a| a.kind == Kind::Image(format));
        // In its own format, the widest is the file itself.
        let mut offered: Vec<(u32, Option<u32>)> =
            (own && widest == natural).then_some((natural, None)).into_iter().collect();
        let made = artifact.variants.iter().zip(0..).filter(|(v, _)| v.format == format);
        offered.extend(made.map(|(v, i)| (v.width, Some(i))));
        offered.sort_unstable();
        // Without one that is wide enough, a large screen would get less than it needs.
        let enough = offered.iter().map(|(width, _)| *width).find(|width| *width >= widest)?;
        offered.retain(|(width, _)| *width == enough || (sizes.is_some() && widths.contains(width)));
        // A single file at its own width is as large as the original: it needs no more said.
        let said = sizes.filter(|_| offered.len() > 1 || widest != natural);
        let mut pieces = Vec::new();
        for (n, (width, variant)) in offered.iter().enumerate() {
            pieces.push(Piece::Text(if n == 0 { String::new() } else { ", ".into() }));
            pieces.push(version(url, Hole { asset, variant: *variant }));
            if said.is_some() {
                pieces.push(Piece::Text(format!(" {width}w")));
            }
        }
        Some((pieces, said))
    }

    /// Each of the author's sources again, before it, in each modern format that all of its candidates have.
    fn same_candidates(&self, tag: &Tag, source_tags: &[&Tag], image: &ImageUse, edits: &mut Vec<Edit>) -> bool {
        let mut done = false;
        for (source, source_tag) in image.sources.iter().zip(source_tags) {
            for format in OFFERED {
                let said = [
                    ("media", source.media.as_deref()),
                    ("sizes", source.sizes.as_deref()),
                    ("width", source.width.as_deref()),
                    ("height", source.height.as_deref()),
                ];
                if let Some(pieces) = self.candidates(&source.srcset, format, &said) {
                    edits.push(Edit::insert(source_tag.range.start, pieces));
                    done = true;
                }
            }
        }
        let own = own_candidates(image);
        let said = [("sizes", image.sizes.as_deref())];
        let made: Vec<_> = OFFERED.iter().filter_map(|f| self.candidates(&own, *f, &said)).collect();
        self.wrap(tag, image, made, edits) || done
    }

    fn candidates(
        &self,
        candidates: &[Candidate],
        format: ImageFormat,
        attributes: &[(&str, Option<&str>)],
    ) -> Option<Vec<Piece<Hole>>> {
        let mut pieces = vec![Piece::Text(format!("<source type=\"{}\"", format.mime()))];
        for (name, value) in attributes {
            if let Some(value) = value {
                let mut text = format!(" {name}=\"");
                Escape::Markup.write(value, &mut text);
                pieces.push(Piece::Text(text + "\""));
            }
        }
        pieces.push(Piece::Text(" srcset=\"".into()));
        pieces.extend(self.listed(candidates, format)?);
        // A policy may forbid the style.
        let unseen = if self.restricted { " hidden" } else { UNSEEN };
        pieces.push(Piece::Text(format!("\"{unseen}>")));
        Some(pieces)
    }

    /// The inside of a `srcset` with the full-width versions of all candidates. `None` when one has none.
    pub(super) fn listed(&self, candidates: &[Candidate], format: ImageFormat) -> Option<Vec<Piece<Hole>>> {
        let mut pieces = Vec::new();
        for (n, candidate) in candidates.iter().enumerate() {
            let asset = self.target(&candidate.url)?;
            let artifact = self.artifacts.get(asset.index())?;
            let full = artifact.full(format)?;
            pieces.push(Piece::Text(if n == 0 { String::new() } else { ", ".into() }));
            pieces.push(version(&candidate.url, Hole { asset, variant: Some(full) }));
            if !candidate.descriptor.is_empty() {
                pieces.push(Piece::Text(format!(" {}", candidate.descriptor)));
            }
        }
        (!candidates.is_empty()).then_some(pieces)
    }
}

/// ` srcset="…" sizes="…"` with what the service behind an address makes in these widths.
fn in_widths(image: &ImageUse, widths: &[u32], sizes: Option<&str>) -> Option<String> {
    let address = cdn::read(image.src.as_deref()?)?.ok()?;
    let mut out = String::from(" srcset=\"");
    for (n, width) in widths.iter().enumerate() {
        out.push_str(if n == 0 { "" } else { ", " });
        Escape::Srcset.write(&address.at(*width), &mut out);
        out.push_str(&format!(" {width}w"));
    }
    Some(format!("{out}\" sizes=\"{}\"", sizes?))
}

/// Of the `<img>` itself: its `src` is the one for 1x where no other is (HTML §4.8.4.3.5).
pub(super) fn own_candidates(image: &ImageUse) -> Vec<Candidate> {
    let mut all = image.srcset.clone();
    let plain = |c: &Candidate| match c.descriptor.strip_suffix('x') {
        Some(density) => density.parse::<f64>() == Ok(1.0),
        None => true,
    };
    if !all.iter().any(plain) {
        all.extend(image.src.iter().map(|url| Candidate { url: url.clone(), descriptor: String::new() }));
    }
    all
}

/// The `style` attribute with further declarations, or an edit of the one that is there.
fn styled(tag: &Tag, declarations: &[String], edits: &mut Vec<Edit>) -> String {
    let all = with_declarations(tag.value("style").unwrap_or_default(), declarations);
    match tag.attr("style") {
        _ if declarations.is_empty() => String::new(),
        None => format!(" style=\"{all}\""),
        Some(attr) => {
            let mut style = String::from("style=\"");
            Escape::Markup.write(&all, &mut style);
            edits.push(Edit::text(attr.range.clone(), style + "\""));
            String::new()
        }
    }
}

fn held(ratio: Ratio) -> Option<String> {
    match ratio {
        Ratio::Hold(width, height) => Some(ratio_declaration(width, height)),
        Ratio::Exact | Ratio::MayHold => None,
    }
}

/// As large as the content box, where the picture hides it in the end; a colour of the author's stays around it.
fn behind(placeholder: &str) -> String {
    let size = if placeholder.starts_with("url(") { ";background-size:100% 100%" } else { "" };
    format!("background-image:{placeholder};background-origin:content-box;background-repeat:no-repeat{size}")
}

/// For an image whose width in CSS pixels its attribute tells.
pub(super) fn guessed_sizes(image: &ImageUse, picture: &Picture) -> Option<String> {
    let width = image.width.as_deref().and_then(|w| w.trim().parse::<u32>().ok());
    let shown = width.or(picture.size.map(|s| s.0));
    shown.map(|w| format!("(max-width: {w}px) 100vw, {w}px"))
}

fn version(url: &str, target: Hole) -> Piece<Hole> {
    let mut raw = String::new();
    Escape::Srcset.write(url, &mut raw);
    Piece::Url { raw, url: url.to_owned(), escape: Escape::Srcset, target }
}
