//! `<link rel=preload as=image>`: where a page offers other versions of a picture, the file itself would come in vain.

use super::survey::survey;
use super::{Edit, Editor, Hole, pictures};
use crate::analyze::html::{Candidate, ImageUse};
use crate::execute::sheet::seen_from;
use crate::execute::{Content, OFFERED, versions_named};
use crate::graph::{Backgrounds, Edge, Node, Page, Summary, image_urls};
use crate::model::{AssetId, Escape, ImageFormat, Kind, Piece, RawRef, RefKind};
use crate::plan::{Delivery, Picture, Priority};
use crate::syntax::html::{Attr, Tag, Token};
use crate::syntax::srcset;
use crate::syntax::url::split_suffix;
use std::collections::BTreeSet;

/// How a page comes by a picture that it preloads.
enum Shown<'a> {
    Element(&'a ImageUse, &'a Picture),
    /// Its styles name the full-width versions.
    Background,
}

impl Editor<'_> {
    /// The links of a page that preload images, but for those that only browsers without scripts, or scripts, make something of.
    pub(super) fn preloading(tokens: &[Token]) -> Vec<&Tag> {
        let preloads = |tag: &Tag| tag.name == "link" && tag.has_word("rel", "preload") && tag.has_word("as", "image");
        let (mut found, mut inert) = (Vec::new(), 0usize);
        for token in tokens {
            match token {
                Token::Start(tag) if matches!(&*tag.name, "noscript" | "template") => inert += 1,
                Token::End { name, .. } if matches!(&**name, "noscript" | "template") => {
                    inert = inert.saturating_sub(1)
                }
                Token::Start(tag) if inert == 0 && preloads(tag) && tag.value("data-kiln") != Some("off") => {
                    found.push(tag)
                }
                _ => {}
            }
        }
        found
    }

    /// The picture that it preloads for every visitor.
    pub(super) fn preloaded(&self, link: &Tag) -> Option<AssetId> {
        self.first(link).filter(|_| link.attr("media").is_none())
    }

    fn first(&self, link: &Tag) -> Option<AssetId> {
        self.target(&urls(link).into_iter().next()?)
    }

    /// The edits by which a link names what the page will load, and a line on it. `styles`: the edits of the page's own.
    pub(super) fn preload_of(
        &self,
        link: &Tag,
        links: &[&Tag],
        node: &Node,
        pictures: &[Picture],
        styles: &[Edit],
    ) -> Option<(Vec<Edit>, String)> {
        let asset = self.first(link)?;
        let text = self.source.get(link.range.clone())?.to_ascii_lowercase();
        // A second one of a name counts for nothing until the first is gone.
        if link.attr("integrity").is_some()
            || ["href", "type", "sizes"].iter().any(|name| text.matches(&format!("{name}=")).count() > 1)
        {
            return None;
        }
        let named = link.attr("imagesrcset").or_else(|| link.attr("href"))?;
        // The author's.
        let mut sizes = false;
        let (format, pieces) = match self.shown(asset, links, node, pictures, styles)? {
            Shown::Background => OFFERED.iter().find_map(|f| Some((*f, self.full(link, asset, *f)?)))?,
            Shown::Element(image, picture) => {
                sizes = picture.delivery == Delivery::SameCandidates;
                let own = self.shop.site.get(asset).and_then(|a| match a.kind {
                    Kind::Image(format) if !picture.delivery.is_modern() => Some(format),
                    _ => None,
                });
                let formats = own.map_or(OFFERED.to_vec(), |own| vec![own]);
                formats.into_iter().find_map(|f| Some((f, self.candidates_of(link, image, picture, f)?)))?
            }
        };
        let mut attributes = vec![Piece::Text(format!("type=\"{}\" ", format.mime()))];
        attributes.extend(pieces);
        let replaced = |attr: &&Attr| match attr.name.as_str() {
            "href" | "type" | "imagesrcset" => attr.range != named.range,
            "imagesizes" => !sizes,
            _ => false,
        };
        let gone = |attr: &Attr| {
            let before =
                self.source.get(..attr.range.start).is_some_and(|s| s.ends_with(|c: char| c.is_ascii_whitespace()));
            Edit::text(attr.range.start - usize::from(before)..attr.range.end, "")
        };
        let gone: Vec<Edit> = link.attrs.iter().filter(replaced).map(gone).collect();
        let mut edits = vec![Edit { range: named.range.clone(), pieces: attributes }];
        edits.extend(gone);
        let name = self.shop.site.get(asset).map_or("", |a| a.path.as_str());
        Some((edits, format!("{name}: preloaded as {}", format.extension())))
    }

    /// `None` when something may load the file itself, or nobody knows what does.
    fn shown<'p>(
        &'p self,
        asset: AssetId,
        links: &[&Tag],
        node: &Node,
        pictures: &'p [Picture],
        styles: &[Edit],
    ) -> Option<Shown<'p>> {
        let Summary::Page(page) = &node.summary else { return None };
        let leads = |url: &&str| self.target(url) == Some(asset);
        let uses: Vec<(&ImageUse, &Picture)> =
            self.facts.images.iter().zip(pictures).filter(|(image, _)| image_urls(image).any(|u| leads(&u))).collect();
        if uses.iter().any(|(image, picture)| image.off || matches!(picture.delivery, Delivery::Leave(_))) {
            return None;
        }
        // Posters, inputs and images in SVG load it as it is.
        let by_images: usize = uses.iter().map(|(image, _)| image_urls(image).filter(leads).count()).sum();
        let spare = links.iter().filter(|l| l.attr("imagesrcset").is_some()).filter_map(|l| l.value("href"));
        let by_links =
            links.iter().flat_map(|l| urls(l)).filter(|u| leads(&u.as_str())).count() + spare.filter(leads).count();
        let images = self.facts.refs.iter().filter(|r| r.kind == RefKind::Image && leads(&r.url.as_str())).count();
        let loads = |edge: &Edge| {
            edge.asset == asset
                && !matches!(edge.kind, RefKind::Image | RefKind::CssUrl | RefKind::FormatLocked | RefKind::Link)
        };
        let (graph, scripts) = (self.shop.graph, self.shop.graph.reachable(&page.script_files));
        let sheets = graph.reachable(&page.stylesheets);
        self.asked.borrow_mut().extend(scripts.iter().chain(&sheets));
        let by_scripts = scripts.into_iter().filter_map(|id| graph.node(id)).flat_map(|n| &n.edges);
        if images != by_images + by_links || node.edges.iter().chain(by_scripts).any(loads) {
            return None;
        }
        let offered = self.offered_by_styles(asset, sheets, node, styles);
        let first = uses.iter().find(|(_, p)| p.priority == Priority::High).or(uses.first());
        match offered.as_slice() {
            [] => first.map(|(image, picture)| Shown::Element(image, picture)),
            all => (!all.contains(&false)).then_some(Shown::Background),
        }
    }

    /// Of each sheet, and of the page's own styles, that shows the picture: whether the full-width versions are all it names.
    fn offered_by_styles(&self, asset: AssetId, sheets: BTreeSet<AssetId>, node: &Node, styles: &[Edit]) -> Vec<bool> {
        let styled = |e: &Edge| e.asset == asset && e.kind == RefKind::CssUrl;
        let mut offered: Vec<bool> = Vec::new();
        if node.edges.iter().any(styled) {
            let urls = self
                .facts
                .refs
                .iter()
                .filter(|r| r.kind == RefKind::CssUrl && self.target(&r.url) == Some(asset))
                .count();
            let holes = styles.iter().flat_map(|e| &e.pieces).filter_map(version);
            let formats =
                OFFERED.iter().filter(|f| self.artifacts.get(asset.index()).is_some_and(|a| a.full(**f).is_some()));
            offered.push(holes.filter(|h| h.asset == asset).count() == urls * formats.count());
        }
        for sheet in sheets {
            let Some(Node { edges, summary: Summary::Css { backgrounds, .. }, .. }) = self.shop.graph.node(sheet)
            else {
                continue;
            };
            if edges.iter().any(styled) {
                let content = self.artifacts.get(sheet.index()).map(|a| &a.content);
                offered.push(match content {
                    Some(Content::Text { body, .. }) => {
                        backgrounds.alone.contains(&asset) && versions_named(body).any(|h| h.asset == asset)
                    }
                    _ => false,
                });
            }
        }
        offered
    }

    /// The link by which the head names a background before any styles have come, and a line on it. `None` where the styles
    /// may load another version, or nobody knows the address as seen from the page.
    pub(super) fn preload_background(
        &self,
        asset: AssetId,
        node: &Node,
        tokens: &[Token],
        styles: &[Edit],
    ) -> Option<(Edit, String)> {
        let Summary::Page(page) = &node.summary else { return None };
        let sheets = self.shop.graph.reachable(&page.stylesheets);
        self.asked.borrow_mut().extend(&sheets);
        if survey(self.source, tokens).early_scripts && self.has_other_backgrounds(asset, &sheets, page) {
            return None;
        }
        let offered = self.offered_by_styles(asset, sheets.clone(), node, styles);
        let artifact = self.artifacts.get(asset.index())?;
        let version = OFFERED.iter().find_map(|f| Some((*f, artifact.full(*f)?)));
        let version = version.filter(|_| self.shop.plan.image_sets);
        let url = self.address_in_styles(asset, &sheets, tokens)?;
        let (kind, target) = match version {
            Some((format, variant)) if !offered.is_empty() && !offered.contains(&false) => {
                (format!(" type=\"{}\"", format.mime()), Some(Hole { asset, variant: Some(variant) }))
            }
            None => (String::new(), self.hole(&url, RefKind::CssUrl)),
            Some(_) => return None,
        };
        let mut pieces = vec![Piece::Text(format!("<link rel=\"preload\" as=\"image\"{kind} href=\""))];
        let mut raw = String::new();
        Escape::Markup.write(&url, &mut raw);
        pieces.push(match target {
            Some(target) => Piece::Url { raw, url, escape: Escape::Markup, target },
            None => Piece::Text(raw),
        });
        pieces.push(Piece::Text("\" fetchpriority=\"high\">".into()));
        let name = self.shop.site.get(asset).map_or("", |a| a.path.as_str());
        let note = format!("{name}: preloaded: the background that is the largest picture of the first screen");
        Some((Edit::insert(self.head?, pieces), note))
    }

    /// A script that runs before the styles have come may choose among them.
    fn has_other_backgrounds(&self, asset: AssetId, sheets: &BTreeSet<AssetId>, page: &Page) -> bool {
        let of_sheets = sheets.iter().filter_map(|id| self.backgrounds(*id)).flat_map(|b| &b.all);
        of_sheets.chain(&page.backgrounds.all).any(|other| *other != asset)
    }

    fn backgrounds(&self, sheet: AssetId) -> Option<&Backgrounds> {
        self.shop.graph.node(sheet)?.summary.backgrounds()
    }

    /// How the page would write the address that its styles, or those of a sheet that it links, have of a picture. `None`
    /// also where they have several: `a.jpg?1` and `a.jpg?2` are two pictures to a browser.
    fn address_in_styles(&self, asset: AssetId, sheets: &BTreeSet<AssetId>, tokens: &[Token]) -> Option<String> {
        let styled = |r: &&RawRef| r.kind == RefKind::CssUrl;
        let own =
            self.facts.refs.iter().filter(styled).map(|r| r.url.as_str()).filter(|u| self.target(u) == Some(asset));
        let mut own: Vec<String> = own.map(str::to_owned).collect();
        let mut suffixes: BTreeSet<String> = own.iter().map(|url| split_suffix(url).1.to_owned()).collect();
        let in_sheet = |id: AssetId| {
            let all = self.backgrounds(id).into_iter().flat_map(|b| &b.addresses);
            all.filter(|(of, _)| *of == asset).map(|(_, url)| url)
        };
        suffixes.extend(sheets.iter().flat_map(|id| in_sheet(*id)).map(|url| split_suffix(url).1.to_owned()));
        if suffixes.len() != 1 {
            return None;
        }
        let linked = |token: &Token| match token {
            Token::Start(tag) if tag.name == "link" && tag.has_word("rel", "stylesheet") => {
                let href = tag.value("href")?.trim();
                let sheet = self.target(href).filter(|id| sheets.contains(id))?;
                in_sheet(sheet).filter_map(|url| seen_from(href, url)).find(|url| self.target(url) == Some(asset))
            }
            _ => None,
        };
        own.pop().or_else(|| tokens.iter().find_map(linked))
    }

    /// ` href="…"` with the full-width version.
    fn full(&self, link: &Tag, asset: AssetId, format: ImageFormat) -> Option<Vec<Piece<Hole>>> {
        let variant = Some(self.artifacts.get(asset.index())?.full(format)?);
        let url = urls(link).into_iter().next()?;
        let target = Hole { asset, variant };
        let url = Piece::Url { raw: String::new(), url, escape: Escape::Markup, target };
        Some(vec![Piece::Text("href=\"".into()), url, Piece::Text("\"".into())])
    }

    /// ` imagesrcset="…" imagesizes="…"` as the element has them.
    fn candidates_of(
        &self,
        link: &Tag,
        image: &ImageUse,
        picture: &Picture,
        format: ImageFormat,
    ) -> Option<Vec<Piece<Hole>>> {
        let targets = |urls: &mut dyn Iterator<Item = &str>| -> BTreeSet<_> { urls.map(|u| self.target(u)).collect() };
        let asked = targets(&mut urls(link).iter().map(String::as_str));
        let (list, sizes) = match &picture.delivery {
            Delivery::Single { asset, widths, sizes, .. } if asked == BTreeSet::from([Some(*asset)]) => {
                let sizes = sizes.clone().or_else(|| pictures::guessed_sizes(image, picture));
                let (list, sizes) = self.made(image, *asset, format, widths, sizes.as_deref())?;
                (list, sizes.map(str::to_owned))
            }
            // Those of the one `<source>` that it is about, or of the element itself.
            Delivery::SameCandidates => {
                let own = pictures::own_candidates(image);
                let mut lists = image.sources.iter().map(|source| &source.srcset).chain([&own]);
                let same = |list: &&Vec<Candidate>| targets(&mut list.iter().map(|c| c.url.as_str())) == asked;
                (self.listed(lists.find(same)?, format)?, None)
            }
            _ => return None,
        };
        let mut pieces = vec![Piece::Text("imagesrcset=\"".into())];
        pieces.extend(list);
        let sizes = sizes.map(|s| format!(" imagesizes=\"{s}\"")).unwrap_or_default();
        pieces.push(Piece::Text(format!("\"{sizes}")));
        Some(pieces)
    }
}

fn version(piece: &Piece<Hole>) -> Option<Hole> {
    match piece {
        Piece::Url { target, .. } if target.variant.is_some() => Some(*target),
        _ => None,
    }
}

/// Browsers take `imagesrcset` where there is one.
fn urls(link: &Tag) -> Vec<String> {
    match (link.value("imagesrcset"), link.value("href")) {
        (Some(list), _) => {
            let candidates = srcset::parse(list);
            candidates.into_iter().filter_map(|c| list.get(c.url).map(str::to_owned)).collect()
        }
        (None, href) => href.map(|h| h.trim().to_owned()).into_iter().collect(),
    }
}
