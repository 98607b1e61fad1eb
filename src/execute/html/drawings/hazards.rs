//! What could tell a drawing in a `<use>` from the same drawing in its own `<svg>`: rules, and scripts that know names in it.
//!
//! Rules of the page match the copies in a `<use>`, but browsers differ in what they take for the elements around
//! them: the copy's, or, in older ones, the original's. So only rules count that match a shape by itself and give
//! it plain paint. Others may not match.

use super::super::Editor;
use super::icons::{Icon, Seen};
use crate::analyze::html::InlineKind;
use crate::analyze::shake::{Combinator, Dom, Draws, ItemKind, Matcher, Selector, Shape, Sheet, Simple, read};
use crate::graph::{Summary, Target, foreign};
use crate::model::{Kind, RefKind};
use crate::syntax::html::Token;
use std::collections::BTreeSet;

pub struct Hazards<'a> {
    /// Rules that show on a shape that they match.
    rules: Vec<Rule>,
    /// Ids that sheets name.
    ids: BTreeSet<String>,
    /// Names that its scripts know.
    tokens: BTreeSet<&'a str>,
    matcher: Matcher<'a>,
    dom: &'a Dom,
    roots: &'a [Shape],
}

/// One selector of a rule.
struct Rule {
    selector: Selector,
    draws: Draws,
    /// What `&` stands for.
    parents: Option<Vec<Selector>>,
    /// It says no more of a shape than its name and classes, in every state of the page.
    bare: bool,
}

impl<'a> Hazards<'a> {
    /// # Errors
    /// Why no SVG of the page may use another's drawing.
    pub fn of_page(editor: &'a Editor<'a>, tokens: &[Token], dom: &'a Dom, seen: &'a Seen<'_>) -> Result<Self, String> {
        let matcher = Matcher::new(&editor.shop.graph.used);
        let names = editor.tokens();
        let mut found =
            Self { rules: Vec::new(), ids: BTreeSet::new(), tokens: names, matcher, dom, roots: &seen.roots };
        editor.links(tokens)?;
        let inline = editor.facts.inline.iter().filter(|i| i.kind == InlineKind::Style);
        for text in inline.filter_map(|i| editor.source.get(i.range.clone())) {
            found.add(&read(text))?;
        }
        for id in editor.shop.graph.reachable(&editor.stylesheets().collect::<Vec<_>>()) {
            match editor.shop.graph.node(id).map(|n| &n.summary) {
                Some(Summary::Css { rules, .. }) => found.add(rules)?,
                _ if editor.shop.site.get(id).is_some_and(|a| a.kind != Kind::Css) => {}
                _ => return Err("a sheet of it could not be read".into()),
            }
        }
        if found.tokens.contains("use") {
            return Err("a script may look for `use`".into());
        }
        match found.rules.iter().find(|rule| added().iter().any(|new| found.reaches(rule, new, &[]))) {
            Some(rule) => Err(format!("`{}` could match a <use> or <g>", rule.selector.text)),
            None => Ok(found),
        }
    }

    /// Why equal drawings stay each in its own SVG.
    pub fn obstacle(&self, icons: &[Icon<'_>]) -> Option<String> {
        let shapes: &[Shape] = &icons.first()?.shapes;
        let known = |name: &&String| self.tokens.contains(name.as_str());
        if let Some(name) = shapes.iter().flat_map(|s| s.classes.iter().chain([&s.tag])).find(known) {
            return Some(format!("a script may look for `{name}`"));
        }
        let plain = |rule: &Rule| rule.bare && rule.draws == Draws::Paint;
        let matches = |rule: &&Rule| !plain(rule) && shapes.iter().any(|shape| self.reaches(rule, shape, shapes));
        let rule = self.rules.iter().find(matches)?;
        Some(format!("`{}` may not match it as a part of another", rule.selector.text))
    }

    /// Something on the site knows this id.
    pub fn is_taken(&self, id: &str) -> bool {
        self.matcher.knows_folded(id) || self.ids.iter().any(|i| i.eq_ignore_ascii_case(id))
    }

    /// # Errors
    /// A rule that may look into an SVG from outside, or one that nobody has read.
    fn add(&mut self, sheet: &Sheet) -> Result<(), String> {
        if sheet.rigid || sheet.items.iter().any(imports_from_elsewhere) {
            return Err("a sheet of it imports rules that nobody here can read".into());
        }
        for selector in sheet.selectors() {
            self.ids.extend(selector.names().into_iter().map(str::to_owned));
            if self.looks_inside(selector) {
                return Err(format!("`{}` may look into them", selector.text));
            }
        }
        for item in sheet.items.iter().filter(|i| i.draws != Draws::Nothing) {
            let around = || std::iter::successors(Some(item), |i| sheet.items.get(i.parent? as usize));
            let mut styles = around().filter_map(|i| match &i.kind {
                ItemKind::Style(selectors) => Some(selectors),
                _ => None,
            });
            let Some(selectors) = styles.next() else { continue };
            let parents = styles.next().cloned();
            let fixed = around().all(|i| match &i.kind {
                ItemKind::Group => ["@media", "@supports"].iter().any(|name| i.text.starts_with(name)),
                kind => matches!(kind, ItemKind::Layer | ItemKind::Style(_)),
            });
            let bare = |s: &Selector| parents.is_none() && fixed && is_bare(&s.text);
            let shown = selectors.iter().filter(|s| !is_never_a_shape(&s.text));
            self.rules.extend(shown.map(|s| Rule {
                selector: s.clone(),
                draws: item.draws,
                bare: bare(s),
                parents: parents.clone(),
            }));
        }
        Ok(())
    }

    /// `:has()` of something that will be in fewer places, or in more.
    fn looks_inside(&self, selector: &Selector) -> bool {
        let (mut lists, mut todo) = (0, vec![selector]);
        let mut inside = false;
        while let Some(selector) = todo.pop() {
            for simple in selector.compounds.iter().flat_map(|(_, c)| c) {
                match simple {
                    Simple::Has(list) => {
                        lists += 1;
                        inside |= list.iter().flat_map(|s| &s.compounds).any(|(_, c)| self.is_in_a_drawing(c));
                        todo.extend(list);
                    }
                    Simple::Any(list) => todo.extend(list),
                    _ => {}
                }
            }
        }
        // Those in `:not()` are not read.
        inside || selector.text.to_ascii_lowercase().matches(":has(").count() != lists
    }

    fn is_in_a_drawing(&self, simples: &[Simple]) -> bool {
        const TAGS: [&str; 9] = ["path", "g", "circle", "ellipse", "rect", "line", "polyline", "polygon", "use"];
        // Told by their names alone: one with a class is no drawing's, or stays because of it.
        let tag = simples.iter().any(|s| matches!(s, Simple::Tag(t) if TAGS.contains(&t.as_str())));
        let other = simples.iter().any(|s| match s {
            Simple::Tag(t) => !TAGS.contains(&t.as_str()),
            Simple::Class(class) => !self
                .dom
                .shapes
                .iter()
                .any(|s| TAGS.contains(&&*s.tag) && s.classes.iter().any(|c| c.eq_ignore_ascii_case(class))),
            _ => false,
        });
        tag || !other
    }

    /// The rule may match this element of a drawing, whose others are `beside` it or around it.
    fn reaches(&self, rule: &Rule, shape: &Shape, beside: &[Shape]) -> bool {
        let compounds = &rule.selector.compounds;
        let Some(((combinator, last), outer)) = compounds.split_last() else { return true };
        if !shape.stays_like(last) {
            return false;
        }
        if last.contains(&Simple::Parent) {
            let like = |s: &Selector| s.compounds.last().is_none_or(|(_, c)| shape.stays_like(c));
            return rule.parents.as_ref().is_none_or(|p| p.iter().any(like));
        }
        // Nested ones stand for more than they say.
        if rule.parents.is_some() {
            return true;
        }
        // Where no script runs, nothing gets another name.
        let known = |name: &str| self.dom.scripts && self.matcher.known(name);
        let Some(((_, next), _)) = outer.split_last() else { return true };
        let near = match combinator {
            Combinator::Descendant => true,
            Combinator::Child => {
                self.roots.iter().any(|s| s.may_be(next, &known))
                    || self.in_drawings(beside).any(|s| s.stays_like(next))
            }
            Combinator::Sibling => self.in_drawings(beside).any(|s| s.stays_like(next)),
        };
        let exists = |simples: &[Simple]| self.dom.shapes.iter().chain(&added()).any(|s| s.may_be(simples, &known));
        near && outer.iter().all(|(_, simples)| exists(simples))
    }

    /// What a shape can stand in or beside.
    fn in_drawings<'s>(&self, shapes: &'s [Shape]) -> impl Iterator<Item = std::borrow::Cow<'s, Shape>> {
        let titles = ["title", "desc"].map(|tag| Shape { tag: tag.into(), ..Shape::default() });
        let others = added().into_iter().chain(titles).map(std::borrow::Cow::Owned);
        shapes.iter().map(std::borrow::Cow::Borrowed).chain(others)
    }
}

/// Elements that were not there.
fn added() -> [Shape; 2] {
    let of = |tag: &str, id: Option<&str>, attrs: &[&str]| Shape {
        tag: tag.into(),
        id: id.map(str::to_owned),
        attrs: attrs.iter().map(|a| (*a).to_owned()).collect(),
        ..Shape::default()
    };
    [of("use", None, &["href"]), of("g", Some(""), &[])]
}

impl Editor<'_> {
    /// # Errors
    /// The page has a sheet or a script that nobody here can read.
    fn links(&self, tokens: &[Token]) -> Result<(), String> {
        for token in tokens {
            let Token::Start(tag) = token else { continue };
            let sheet = tag.name == "link" && (tag.has_word("rel", "stylesheet") || tag.has_word("as", "style"));
            let (kind, url) = match tag.name.as_str() {
                "link" if sheet => (RefKind::Stylesheet, tag.value("href")),
                "script" => (RefKind::ClassicScript, tag.value("src")),
                _ => continue,
            };
            let Some(url) = url.map(str::trim) else { continue };
            let read = match self.shop.resolver().resolve(&self.document, url, kind) {
                Target::Asset(id) => match self.shop.graph.node(id).map(|n| &n.summary) {
                    Some(Summary::Css { .. }) => true,
                    Some(Summary::Js(_)) => !sheet,
                    _ => false,
                },
                Target::External if sheet => foreign::holds_only_fonts(url),
                // Those of other sites are looked at for the whole site.
                Target::External => url.contains("//"),
                Target::Missing | Target::Opaque => false,
            };
            if !read {
                return Err(format!("nobody here can read {url}"));
            }
        }
        Ok(())
    }

    /// Words of the page's scripts that may be tags and classes.
    fn tokens(&self) -> BTreeSet<&str> {
        let graph = self.shop.graph;
        let Some(Summary::Page(page)) = graph.node(self.id()).map(|n| &n.summary) else { return BTreeSet::new() };
        let own = page.scripts.tokens.iter().chain(&page.scripts.selected);
        let files = graph.node(self.id()).into_iter().flat_map(|n| &n.edges).map(|e| e.asset);
        let files = graph.reachable(&files.collect::<Vec<_>>()).into_iter().filter_map(|id| graph.node(id));
        let theirs = files.flat_map(|node| match &node.summary {
            Summary::Js(js) => [js.tokens.as_slice(), &js.selected].into_iter().flatten().collect(),
            _ => Vec::new(),
        });
        own.chain(theirs).map(String::as_str).collect()
    }
}

fn imports_from_elsewhere(item: &crate::analyze::shake::Item) -> bool {
    item.text.starts_with("@import")
        && ["//", "data:", "blob:"].iter().any(|s| item.text.contains(s))
        && !item.text.split(['"', '\'', '(', ')']).any(foreign::holds_only_fonts)
}

/// `*`, `path`, `.a.b`: nothing about states, places or other attributes.
fn is_bare(selector: &str) -> bool {
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*');
    !selector.is_empty() && selector.chars().all(in_name)
}

/// It is about a pseudo-element, which shapes do not have, or a state that they are never in.
fn is_never_a_shape(selector: &str) -> bool {
    const NEVER: [&str; 26] = [
        "before",
        "after",
        "first-line",
        "first-letter",
        "root",
        "host",
        "focus",
        "focus-visible",
        "focus-within",
        "-moz-focusring",
        "-moz-ui-invalid",
        "checked",
        "indeterminate",
        "disabled",
        "valid",
        "invalid",
        "required",
        "placeholder-shown",
        "link",
        "visited",
        "any-link",
        "popover-open",
        "modal",
        "open",
        "autofill",
        "fullscreen",
    ];
    if selector.contains(['(', '[', '\\', '"', '\'', '/']) {
        return false;
    }
    let last = selector.rsplit([' ', '>', '+', '~', '\n', '\t']).next().unwrap_or_default();
    last.contains("::") || last.split(':').skip(1).any(|name| NEVER.contains(&name.to_ascii_lowercase().as_str()))
}
