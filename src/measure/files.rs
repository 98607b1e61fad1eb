//! The style sheets and fonts of a site, each read once per build.

use crate::analyze::css;
use crate::cache::KeyBuilder;
use crate::graph::{Deployment, Document, Resolver, Target, foreign};
use crate::layout::Fonts;
use crate::layout::prepare::{self, Link};
use crate::layout::style::{self, Face, Sheet};
use crate::model::{Asset, AssetId, Digest, Kind, RawRef, RefKind, SitePath};
use crate::scan::Site;
use crate::syntax::splice::splice;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Of sheets that import each other.
const IMPORTS: usize = 8;

/// What all pages share.
pub struct Shared<'s> {
    site: &'s Site,
    deployment: &'s Deployment,
    /// Of everything that [`Files`] may find: as long as it stays, the same page gives the same scene.
    pub digest: Digest,
    /// Custom properties that some sheet uses.
    variables: OnceLock<BTreeSet<String>>,
    sheets: Mutex<BTreeMap<SheetKey, Arc<Sheet>>>,
    fonts: Mutex<BTreeMap<Vec<AssetId>, Vec<SetOfFonts>>>,
    /// A sheet has changed since it was hashed: what follows without it must not be remembered.
    stale: AtomicBool,
}

/// A sheet, and the custom properties that only the page uses.
type SheetKey = (AssetId, Vec<String>);
/// The same files may stand for other faces.
type SetOfFonts = (Vec<Face>, Arc<Fonts>);

impl<'s> Shared<'s> {
    pub fn new(site: &'s Site, deployment: &'s Deployment) -> Self {
        let seen = |a: &'s Asset| (&a.path, may_shape(a.kind).then_some(&a.digest));
        let all: Vec<_> = site.assets.iter().map(seen).collect();
        let digest = KeyBuilder::new("styles", 1).options(deployment).serialize(&all).finish();
        let stale = AtomicBool::new(false);
        Self {
            site,
            deployment,
            digest,
            variables: OnceLock::new(),
            sheets: Mutex::default(),
            fonts: Mutex::default(),
            stale,
        }
    }

    /// Every sheet so far was what [`Shared::digest`] says.
    pub fn is_sound(&self) -> bool {
        !self.stale.load(Ordering::Relaxed)
    }

    fn resolver(&self) -> Resolver<'s> {
        Resolver { site: self.site, deployment: self.deployment }
    }

    fn text(&self, asset: &Asset) -> Option<String> {
        let bytes = self.site.read(asset);
        if bytes.is_err() {
            self.stale.store(true, Ordering::Relaxed);
        }
        String::from_utf8(bytes.ok()?).ok()
    }

    /// Not in parallel: a thread that waits for its share would take up another page, which would wait for this.
    fn variables(&self) -> &BTreeSet<String> {
        self.variables.get_or_init(|| {
            let sheets = self.site.assets.iter().filter(|a| a.kind == Kind::Css);
            let texts = sheets.filter_map(|a| self.text(a));
            texts.flat_map(|t| style::variables(&t).map(str::to_owned).collect::<Vec<_>>()).collect()
        })
    }

    fn sheet(&self, id: AssetId, own: &[String]) -> Option<Arc<Sheet>> {
        let key = (id, own.to_vec());
        let known = self.sheets.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if known.is_some() {
            return known;
        }
        let asset = self.site.get(id)?;
        let text = self.text(asset)?;
        let mut sheet = style::read(&text, &|name| self.used(name, own));
        sheet.text = with_files(&self.resolver(), &Document { path: &asset.path, base: None }, sheet.text);
        let sheet = Arc::new(sheet);
        self.sheets.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&sheet));
        Some(sheet)
    }

    fn used(&self, name: &str, own: &[String]) -> bool {
        self.variables().contains(name) || own.iter().any(|n| n == name)
    }

    /// # Errors
    /// A font that cannot be read.
    pub fn fonts(&self, faces: &[(Face, AssetId)]) -> Result<Arc<Fonts>, String> {
        let files: Vec<AssetId> = faces.iter().map(|(_, id)| *id).collect();
        let wanted: Vec<Face> = faces.iter().map(|(face, _)| face.clone()).collect();
        let mut all = self.fonts.lock().unwrap_or_else(PoisonError::into_inner);
        let of_files = all.entry(files).or_default();
        if let Some((_, fonts)) = of_files.iter().find(|(known, _)| *known == wanted) {
            return Ok(Arc::clone(fonts));
        }
        let mut read = Vec::new();
        for (face, id) in faces {
            let asset = self.site.get(*id).ok_or("a font is gone")?;
            read.push((face.clone(), self.site.read(asset).map_err(|d| d.message)?));
        }
        let fonts = Arc::new(Fonts::new(&read));
        of_files.push((wanted, Arc::clone(&fonts)));
        Ok(fonts)
    }
}

/// Sheets and fonts. Of pages, pictures and scripts only the names matter: files of these kinds are taken for neither.
fn may_shape(kind: Kind) -> bool {
    !matches!(kind, Kind::Html | Kind::Js | Kind::Image(_))
}

/// The files of one page.
pub struct Files<'a> {
    shared: &'a Shared<'a>,
    resolver: &'a Resolver<'a>,
    page: &'a Asset,
    base: Option<&'a str>,
    /// Custom properties that the page itself uses, and no sheet does.
    own: Vec<String>,
    /// Its references.
    refs: &'a [RawRef],
    /// Fonts with their first file of this site.
    pub faces: Vec<(Face, AssetId)>,
    pub steps: BTreeSet<u32>,
    /// As in [`Sheet`].
    pub unplaced: Option<&'static str>,
    pub unsteady: bool,
}

impl<'a> Files<'a> {
    pub fn new(
        shared: &'a Shared<'a>,
        resolver: &'a Resolver<'a>,
        page: &'a Asset,
        base: Option<&'a str>,
        (text, refs): (&str, &'a [RawRef]),
    ) -> Self {
        let own: BTreeSet<&str> = style::variables(text).filter(|name| !shared.variables().contains(*name)).collect();
        let own = own.into_iter().map(str::to_owned).collect();
        Self {
            shared,
            resolver,
            page,
            base,
            own,
            refs,
            faces: Vec::new(),
            steps: BTreeSet::new(),
            unplaced: None,
            unsteady: false,
        }
    }

    /// The text of a linked or imported sheet with everything that it imports.
    fn linked(
        &mut self,
        from: &SitePath,
        base: Option<&str>,
        url: &str,
        depth: usize,
    ) -> Result<Option<String>, String> {
        match self.resolver.resolve(&Document { path: from, base }, url, RefKind::Stylesheet) {
            Target::Asset(id) => {
                let shared = self.shared;
                if !shared.site.get(id).is_some_and(|a| may_shape(a.kind)) {
                    return Ok(None);
                }
                let own = std::mem::take(&mut self.own);
                let sheet = shared.sheet(id, &own);
                self.own = own;
                let Some((sheet, asset)) = sheet.zip(shared.site.get(id)) else { return Ok(None) };
                self.whole(&sheet, &asset.path, None, depth).map(Some)
            }
            // Without them text is a little wider or narrower.
            Target::External if foreign::holds_fonts(url) => Ok(None),
            Target::External => Err("a style sheet of another origin".into()),
            Target::Missing | Target::Opaque => Ok(None),
        }
    }

    fn whole(&mut self, sheet: &Sheet, path: &SitePath, base: Option<&str>, depth: usize) -> Result<String, String> {
        if let Some(what) = sheet.unknown {
            return Err(what.into());
        }
        self.steps.extend(&sheet.steps);
        self.unplaced = self.unplaced.or(sheet.unplaced);
        self.unsteady |=
            sheet.unsteady || sheet.imports.iter().any(|i| !crate::syntax::media::is_about_widths(&i.conditions));
        for face in &sheet.faces {
            let document = Document { path, base };
            let file = face.urls.iter().find_map(|u| match self.resolver.resolve(&document, u, RefKind::CssUrl) {
                Target::Asset(id) => Some(id).filter(|id| self.shared.site.get(*id).is_some_and(|a| may_shape(a.kind))),
                _ => None,
            });
            let known = |f: &(Face, AssetId)| f.0.family == face.family && Some(f.1) == file && f.0 == *face;
            if let Some(file) = file.filter(|_| !self.faces.iter().any(known)) {
                self.faces.push((face.clone(), file));
            }
        }
        let mut text = String::new();
        for import in &sheet.imports {
            if depth >= IMPORTS {
                return Err("sheets that import each other".into());
            }
            let Some(imported) = self.linked(path, base, &import.url, depth + 1)? else { continue };
            text.push_str(&conditional(&import.conditions, &imported).ok_or("an @import with conditions")?);
        }
        Ok(text + &sheet.text)
    }
}

impl prepare::Files for Files<'_> {
    fn sheet(&mut self, link: Link<'_>) -> Result<Option<String>, String> {
        let (page, base) = (&self.page.path, self.base);
        match link {
            Link::File(url) => self.linked(page, base, url, 0),
            Link::Text(text) => {
                let mut sheet = style::read(text, &|name| self.shared.used(name, &self.own));
                sheet.text = with_files(self.resolver, &Document { path: page, base }, sheet.text);
                self.whole(&sheet, page, base, 0).map(Some)
            }
        }
    }

    fn pictures(&self) -> Vec<(Range<usize>, String)> {
        let document = Document { path: &self.page.path, base: self.base };
        self.refs.iter().filter_map(|url| picture(self.resolver, &document, url)).collect()
    }
}

/// The sheet with the paths of the pictures that it shows.
fn with_files(resolver: &Resolver<'_>, document: &Document<'_>, sheet: String) -> String {
    if !sheet.contains("url(") {
        return sheet;
    }
    let urls = css::analyze(&sheet, css::Context::Sheet).refs;
    splice(&sheet, urls.iter().filter_map(|url| picture(resolver, document, url)).collect())
}

/// Where it stands, and the address that it gets, if it leads to a picture of the site.
fn picture(resolver: &Resolver<'_>, document: &Document<'_>, url: &RawRef) -> Option<(Range<usize>, String)> {
    let Target::Asset(id) = resolver.resolve(document, &url.url, RefKind::Image) else { return None };
    let asset = resolver.site.get(id).filter(|a| url.kind == RefKind::CssUrl && matches!(a.kind, Kind::Image(_)))?;
    Some((url.range.clone(), prepare::file_address(asset.path.as_str())))
}

/// The sheet as a rule of the one that imports it.
fn conditional(conditions: &str, text: &str) -> Option<String> {
    let rest = conditions.trim();
    if rest.is_empty() {
        return Some(text.to_owned());
    }
    if let Some(layer) = rest.strip_prefix("layer(") {
        let (name, rest) = layer.split_once(')')?;
        return conditional(rest, &format!("@layer {name}{{{text}}}"));
    }
    if rest.starts_with("layer") || rest.starts_with("supports") {
        return None;
    }
    Some(format!("@media {rest}{{{text}}}"))
}
