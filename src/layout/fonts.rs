//! Fonts: the site's own, and five faces with the measures of Arial, Times and Courier. Never those of the machine.

use super::style::Face;
use blitz_dom::{FontContext, decode_font_bytes};
use parley::fontique::{
    Blob, Collection, CollectionOptions, FamilyId, FontInfoOverride, FontStyle, FontWeight, GenericFamily, Script,
    SourceCache,
};
use std::sync::Arc;

/// Ready for any number of layouts.
#[derive(Clone)]
pub struct Fonts(pub(super) FontContext);

/// The names under which a browser finds each of the bundled families, or something with the same measures.
const SANS: [&str; 3] = ["Liberation Sans", "Arial", "Helvetica"];
const SERIF: [&str; 3] = ["Liberation Serif", "Times New Roman", "Times"];
const MONO: [&str; 3] = ["Liberation Mono", "Courier New", "Courier"];

impl Fonts {
    /// `faces`: the site's, with their files.
    pub fn new(faces: &[(Face, Vec<u8>)]) -> Self {
        let options = CollectionOptions { shared: false, system_fonts: false };
        let mut context = FontContext { source_cache: SourceCache::new_shared(), collection: Collection::new(options) };
        let all = &mut context.collection;
        let sans = bundled(
            all,
            &SANS,
            &[include_bytes!("fonts/LiberationSans-Regular.ttf"), include_bytes!("fonts/LiberationSans-Bold.ttf")],
        );
        let serif = bundled(
            all,
            &SERIF,
            &[include_bytes!("fonts/LiberationSerif-Regular.ttf"), include_bytes!("fonts/LiberationSerif-Bold.ttf")],
        );
        let mono = bundled(all, &MONO, &[include_bytes!("fonts/LiberationMono-Regular.ttf")]);
        use GenericFamily::{Cursive, Emoji, Fantasy, Math, Monospace, SansSerif, Serif, SystemUi};
        use GenericFamily::{UiMonospace, UiRounded, UiSansSerif, UiSerif};
        for (generics, family) in [
            (&[SansSerif, SystemUi, UiSansSerif, UiRounded, Cursive, Fantasy, Emoji][..], sans),
            (&[Serif, UiSerif, Math][..], serif),
            (&[Monospace, UiMonospace][..], mono),
        ] {
            for generic in generics {
                all.set_generic_families(*generic, family.into_iter());
            }
        }
        for script in [b"Latn", b"Cyrl", b"Grek", b"Zyyy", b"Zinh"] {
            all.set_fallbacks(Script::from_bytes(*script), serif.into_iter());
        }
        for (face, file) in faces {
            let info = FontInfoOverride {
                family_name: Some(&face.family),
                weight: face.weight.map(|w| FontWeight::new(f32::from(w))),
                style: Some(if face.italic { FontStyle::Italic } else { FontStyle::Normal }),
                ..FontInfoOverride::default()
            };
            all.register_fonts(Blob::new(Arc::new(decode_font_bytes(file).into_owned())), Some(info));
        }
        Self(context)
    }
}

/// Registers the files under each of the names.
fn bundled(all: &mut Collection, names: &[&str], files: &[&'static [u8]]) -> Option<FamilyId> {
    let mut first = None;
    for name in names {
        for file in files {
            let info = FontInfoOverride { family_name: Some(name), ..FontInfoOverride::default() };
            let families = all.register_fonts(Blob::new(Arc::new(*file)), Some(info));
            first = first.or(families.first().map(|(id, _)| *id));
        }
    }
    first
}
