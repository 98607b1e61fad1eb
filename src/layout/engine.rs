//! The layout engine: Blitz (Stylo, Taffy, Parley), fed from memory.

use super::prepare::address;
use super::{
    Image, Intrinsic, Scene, Seen, Sizes, View, boxes, candidates, columns, ratio_declaration, screen,
    with_declarations,
};
use blitz_dom::{DocumentConfig, LocalName, NodeId, QualName, UserAgentStylesheet, local_name, ns};
use blitz_html::HtmlDocument;
use blitz_traits::net::{Bytes, NetHandler, NetProvider, Request};
use blitz_traits::shell::{ColorScheme, Viewport};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once, OnceLock};

/// Does `work` on threads made for [`look`], as many as the caller has: their stacks are deep, as layout recurses, and they
/// stay, as Stylo leaves 30 kB behind in each one that ends.
///
/// # Errors
/// No threads to be had.
pub fn apart<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R, String> {
    // Only reserved: the system commits what is used.
    const STACK: usize = 256 << 20;
    static THREADS: OnceLock<Result<ThreadPool, String>> = OnceLock::new();
    let start = || {
        let builder = ThreadPoolBuilder::new().num_threads(rayon::current_num_threads()).stack_size(STACK);
        builder.thread_name(|n| format!("kiln-layout-{n}")).build().map_err(|e| e.to_string())
    };
    THREADS.get_or_init(start).as_ref().map(|threads| threads.install(work)).map_err(String::clone)
}

/// Lays the page out. To be called from within [`apart`].
///
/// # Errors
/// Why it could not be.
pub fn look(scene: &Scene, view: View, sizes: Sizes) -> Result<Seen, String> {
    catch_unwind(AssertUnwindSafe(|| laid_out(scene, view, sizes)))
        .unwrap_or_else(|_| Err("the layout engine gave up".into()))
}

fn laid_out(scene: &Scene, view: View, sizes: Sizes) -> Result<Seen, String> {
    let mut ua = vec![UserAgentStylesheet::default_sheet()];
    // HTML §15.4.1; without a size, CSS 2.2 §10.3.2. The engine makes nothing of either. A height of `auto` is left to ratios.
    ua.push(UserAgentStylesheet::parse(
        "picture{display:inline}noscript{display:none}\
         iframe,video{display:inline-block;overflow:hidden;width:300px}video>*{display:none}\
         iframe::before,video::before{content:\"\";display:block;height:150px}\
         iframe{border:2px inset}iframe[frameborder=\"0\"],iframe[frameborder=no i]{border:0}",
    ));
    ua.push(UserAgentStylesheet::parse(&scene.embed_sizes));
    let net = Arc::new(Memory { sheets: scene.sheets.clone(), images: scene.images.clone() });
    let config = DocumentConfig {
        viewport: Some(Viewport::new(view.width, view.height, 1.0, ColorScheme::Light)),
        base_url: Some("http://page.invalid/".into()),
        net_provider: Some(net),
        font_ctx: Some(scene.fonts.0.clone()),
        ua_stylesheets: ua,
        ..DocumentConfig::default()
    };
    preferences();
    let mut page = HtmlDocument::from_html(&scene.html, config);
    // A document has its own preferences set when the first one is made.
    let chosen = candidates::chosen(&mut page, &scene.images, sizes);
    for (node, image, density) in chosen {
        let own = scene.images.get(image).filter(|i| i.varies).map(|i| &i.own);
        let lower = matches!(sizes, Sizes::Lower(_) | Sizes::Held(_)) && own.is_some();
        let end = if lower { "/lower" } else { "" };
        set(&mut page, node, local_name!("src"), &format!("{}{end}", address(image, density)));
        if let (Sizes::Held(_), Some(Intrinsic::Pixels(width, height))) = (sizes, own) {
            let before = page.get_node(node).and_then(|n| candidates::attribute(n, "style")).unwrap_or_default();
            let style = with_declarations(before, &[ratio_declaration(*width, *height)]);
            set(&mut page, node, local_name!("style"), &style);
        }
    }
    // Images that sheets ask for arrive with the first pass.
    page.resolve(0.0);
    page.resolve(0.0);
    let columns = columns::narrow(&mut page);
    if columns {
        page.resolve(0.0);
        page.resolve(0.0);
    }
    let screen = scene.screen.then(|| screen::read(&page, view));
    Ok(Seen { placed: !columns, screen, ..boxes::read(&page, scene, view) })
}

fn set(page: &mut HtmlDocument, node: NodeId, attribute: LocalName, value: &str) {
    page.mutate().set_attribute(node, QualName::new(None, ns!(), attribute), value);
}

/// What Stylo knows and leaves off.
fn preferences() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        stylo_static_prefs::set_pref!("layout.css.has-selector.enabled", true);
        stylo_static_prefs::set_pref!("layout.css.grid-template-subgrid-value.enabled", true);
    });
}

/// Answers every request at once: one without an answer would stop the layout.
struct Memory {
    sheets: Vec<String>,
    images: Vec<Image>,
}

impl NetProvider for Memory {
    fn fetch(&self, _document: usize, request: Request, handler: Box<dyn NetHandler>) {
        let bytes = self.answer(&request).unwrap_or_default();
        handler.bytes(request.url.to_string(), Bytes::from(bytes));
    }
}

impl Memory {
    fn answer(&self, request: &Request) -> Option<Vec<u8>> {
        let mut path = request.url.path_segments()?;
        let number: usize = path.next()?.parse().ok()?;
        match request.url.host_str()? {
            "sheet.invalid" => self.sheets.get(number).map(|s| s.clone().into_bytes()),
            "image.invalid" => {
                let density: f64 = path.next()?.parse().ok()?;
                empty(&self.images.get(number)?.own, density, path.next().is_some())
            }
            _ => None,
        }
    }
}

/// A drawing of nothing in the size of the picture: nothing is decoded.
fn empty(image: &Intrinsic, density: f64, lower: bool) -> Option<Vec<u8>> {
    match image {
        Intrinsic::Missing => None,
        Intrinsic::Svg(tag) => Some(format!("{tag}</svg>").into_bytes()),
        Intrinsic::Pixels(width, height) => {
            let (w, h) = (f64::from(*width) / density, f64::from(*height) / density);
            let h = if lower { h * 0.9 } else { h };
            let tag = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\"/>"
            );
            Some(tag.into_bytes())
        }
    }
}
