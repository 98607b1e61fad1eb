//! Whether a framework will take the page over, and compare what it finds with what it wants.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Hydration {
    #[default]
    None,
    /// Some elements are taken over (Astro, is-land): the rest of the page is plain HTML.
    Islands,
    /// The whole page is: its elements, text and comments stay as they are.
    Page,
}

/// Reads the marks that frameworks leave in the HTML they render. A mark in prose makes kiln careful, never careless.
pub fn detect(source: &str) -> Hydration {
    const PAGE: [&str; 26] = [
        "__NEXT_DATA__", // Next.js, pages router
        "self.__next_f", // Next.js, app router
        "__NUXT__",      // Nuxt
        "__NUXT_DATA__",
        "__sveltekit_",    // SvelteKit
        "___gatsby",       // Gatsby
        "__docusaurus",    // Docusaurus
        "__VP_HASH_MAP__", // VitePress
        "__VP_SITE_DATA__",
        "data-server-rendered", // Vue 2
        "data-reactroot",       // React before 18
        "__remixContext",       // Remix
        "__reactRouterContext", // React Router 7
        "__staticRouterHydrationData",
        "__TSR",             // TanStack
        "ng-server-context", // Angular
        "ng-version=",
        "q:container", // Qwik
        "_$HY",        // Solid
        "data-hk=",
        "data-v-app", // Vue 3
        "__INITIAL_STATE__",
        "<!--$-->", // React Suspense
        "<!--[-->", // Svelte, Vue fragments
        "hydrateRoot(",
        "data-island", // Fresh and others
    ];
    if PAGE.iter().any(|mark| source.contains(mark)) {
        Hydration::Page
    } else if ["<astro-island", "<is-land", "<astro-slot"].iter().any(|mark| source.contains(mark)) {
        Hydration::Islands
    } else {
        Hydration::None
    }
}

pub fn is_island(element: &str) -> bool {
    matches!(element, "astro-island" | "is-land")
}
