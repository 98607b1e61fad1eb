//! A walk over the rules of a sheet, with the error recovery that browsers have.

use super::mentions::Mentions;
use super::selector::{self, Selectors, Subject};
use super::sizing::{self, Sized, Sizing, When};
use super::states::{self, Chain};
use super::urls::{self, MAX_DEPTH, Value};
use super::{BoxProp, BoxRule, Context, CssFacts, ImageDecl, PlaceHazard, Rank, boxes};
use crate::model::RefKind;
use crate::syntax::url;
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserInput, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, Token,
};
use std::collections::BTreeSet;
use std::mem;

type Parsed<'i, T> = Result<T, ParseError<'i, ()>>;

pub fn read(source: &str, context: Context) -> CssFacts {
    let mut input = ParserInput::new(source);
    let mut input = Parser::new(&mut input);
    let mut walker = Walker {
        source,
        facts: CssFacts::default(),
        hazards: BTreeSet::new(),
        block: Block::default(),
        attribute: context == Context::Declarations,
        depth: 0,
    };
    match context {
        Context::Sheet => StyleSheetParser::new(&mut input, &mut walker).for_each(drop),
        Context::Declarations => {
            let block = Block { place: Place::Style, ..Block::default() };
            walker.walk(block, &mut input);
        }
    }
    walker.facts.place_hazards = walker.hazards.into_iter().collect();
    walker.facts
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Outside of all rules, or in a group of rules there.
    #[default]
    Rules,
    Style,
    /// `@property`: what is declared is the value of a custom property.
    Property,
    /// `@font-face`, `@keyframes`, `@page` …: no elements are styled.
    Other,
}

/// The block that is being read.
#[derive(Clone, Default)]
struct Block {
    place: Place,
    /// Whose box it is about.
    subjects: Vec<Subject>,
    /// See `Selectors::around_images`.
    around_images: Vec<PlaceHazard>,
    /// Inside of a condition, or nested in another style rule.
    conditional: bool,
    layered: bool,
    /// In an `@scope` that could begin or end at the `<picture>` that kiln puts around an image.
    scoped: bool,
    /// It sets some property of a box as `!important`.
    important: bool,
    props: Vec<BoxProp>,
    backgrounds: usize,
    image: Option<ImageDecl>,
    /// The selectors of all rules around it as one.
    chains: Vec<Chain>,
    when: When,
    /// The name of the `@keyframes` that it belongs to.
    frames: Option<String>,
    sizes: Vec<Sized>,
    /// `left` and `right`.
    edges: usize,
    animations: Vec<String>,
}

enum AtRule {
    /// A condition or a grouping around rules.
    Group {
        conditional: bool,
        layered: bool,
        when: When,
        scoped: bool,
    },
    Property,
    Keyframes(String),
    Other,
}

struct Walker<'s> {
    source: &'s str,
    facts: CssFacts,
    hazards: BTreeSet<PlaceHazard>,
    block: Block,
    attribute: bool,
    depth: usize,
}

impl Walker<'_> {
    fn walk(&mut self, block: Block, input: &mut Parser) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let outer = mem::replace(&mut self.block, block);
        RuleBodyParser::new(input, self).for_each(drop);
        let block = mem::replace(&mut self.block, outer);
        self.depth -= 1;
        self.sized(&block);
        // With a second background in the same block, one of the two is the author's own fallback.
        if block.backgrounds == 1 {
            self.facts.image_decls.extend(block.image);
        }
        if block.props.is_empty() {
            return;
        }
        for Subject { compound, certain, specificity, .. } in block.subjects {
            let rank = Rank { specificity, layered: block.layered, important: block.important };
            self.facts.box_rules.push(BoxRule { compound, certain, rank, props: block.props.clone() });
        }
    }

    fn sized(&mut self, block: &Block) {
        let stretched = (block.edges > 1).then_some(sizing::STRETCHED);
        let mut sizes: Vec<Sized> = block.sizes.iter().cloned().chain(stretched).collect();
        sizes.sort();
        sizes.dedup();
        if let Some(name) = &block.frames {
            self.facts.keyframes.extend((!sizes.is_empty()).then(|| (name.clone(), sizes)));
        } else if !sizes.is_empty() || !block.animations.is_empty() {
            let sizing = |chain: &Chain| {
                let (sizes, animations) = (sizes.clone(), block.animations.clone());
                Sizing { chain: chain.clone(), when: block.when, sizes, animations }
            };
            self.facts.sizings.extend(block.chains.iter().map(sizing));
        }
    }

    /// `(.card) to (.footer)`: whether these could describe the `<picture>` that kiln puts around an image.
    fn scope(&mut self, prelude: &mut Parser) -> bool {
        let mut scoped = false;
        while let Ok(token) = prelude.next().cloned() {
            if token == Token::ParenthesisBlock {
                let read = |inner: &mut Parser| -> Result<_, ParseError<()>> { Ok(selector::read(inner)) };
                let selectors = prelude.parse_nested_block(read).unwrap_or_default();
                self.hazards.extend(selectors.hazards(&[]));
                scoped |= !selectors.around_images(&[]).is_empty();
            }
        }
        scoped
    }

    fn mentioned(&mut self, prelude: &mut Parser) {
        let Mentions { pictures, attributes } = Mentions::read(prelude);
        self.facts.styles_pictures |= pictures;
        self.facts.attributes.extend(attributes.into_iter().map(str::to_owned));
    }

    fn declaration(&mut self, name: &str, value: Value, range: std::ops::Range<usize>) {
        let text = self.source.get(range.clone()).unwrap_or_default();
        if !self.block.around_images.is_empty() && boxes::felt_without_a_box(name, &value, text) {
            self.hazards.extend(self.block.around_images.iter().cloned());
        }
        let property = boxes::property(name, &value).filter(|_| self.block.place == Place::Style);
        let custom = name.starts_with("--") || (self.block.place == Place::Property && name == "initial-value");
        let mut own = Vec::new();
        for found in value.urls.into_iter().filter(urls::Found::leads_out) {
            if custom && found.is_relative() {
                self.facts.custom_property_urls.push((found.range, found.url));
            } else {
                own.push(self.facts.refs.len());
                self.facts.refs.push(found.into_ref(RefKind::CssUrl));
            }
        }
        if self.block.place == Place::Style || self.block.frames.is_some() {
            let value = text.split_once(':').map_or("", |(_, value)| value);
            self.block.sizes.extend(sizing::sizes(name, value));
            self.block.edges += usize::from(sizing::is_edge(name, value));
        }
        if self.block.place != Place::Style {
            return;
        }
        if matches!(name, "animation" | "animation-name") {
            let names =
                value.words.iter().filter_map(|w| if let urls::Word::Ident(name) = w { Some(name) } else { None });
            self.block.animations.extend(names.cloned());
        }
        if shows_pictures(name) {
            let refs = own.iter().filter(|i| self.facts.refs.get(**i).is_some_and(|r| url::is_elsewhere(&r.url)));
            self.facts.elsewhere.extend(refs);
        }
        self.block.important |= value.important && property.is_some();
        self.block.props.extend(property);
        if matches!(name, "background" | "background-image") {
            self.block.backgrounds += 1;
            let plain = !value
                .functions
                .iter()
                .any(|f| f.ends_with("image-set") || f.ends_with("cross-fade") || f.ends_with("element") || f == "var");
            let terminated = self.source.as_bytes().get(range.end) == Some(&b';');
            let range = range.start..range.start + text.trim_end().len();
            self.block.image = (plain && !own.is_empty()).then_some(ImageDecl { range, refs: own, terminated });
        }
    }
}

/// Any picture will do there. Masks and fonts are asked for in another way, and filters are no pictures.
fn shows_pictures(property: &str) -> bool {
    ["background", "border-image", "list-style"].iter().any(|start| property.starts_with(start))
        || property == "content"
}

impl<'i> DeclarationParser<'i> for Walker<'_> {
    type Declaration = ();
    type Error = ();

    fn parse_value<'t>(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i, 't>,
        start: &ParserState,
    ) -> Parsed<'i, ()> {
        let value = urls::value(self.source, input);
        // `a:hover {}` is a nested rule.
        if value.has_block && !name.starts_with("--") {
            return Err(input.new_custom_error(()));
        }
        let range = start.position().byte_index()..input.position().byte_index();
        let custom = name.starts_with("--");
        let name = if custom { name.to_string() } else { name.to_ascii_lowercase() };
        self.declaration(&name, value, range);
        Ok(())
    }
}

impl<'i> QualifiedRuleParser<'i> for Walker<'_> {
    type Prelude = (Selectors, Vec<Chain>);
    type QualifiedRule = ();
    type Error = ();

    fn parse_prelude<'t>(&mut self, input: &mut Parser<'i, 't>) -> Parsed<'i, Self::Prelude> {
        let start = input.state();
        self.mentioned(input);
        input.reset(&start);
        let chains = states::read(input);
        input.reset(&start);
        Ok((selector::read(input), chains))
    }

    fn parse_block<'t>(
        &mut self,
        (selectors, chains): Self::Prelude,
        _: &ParserState,
        input: &mut Parser<'i, 't>,
    ) -> Parsed<'i, ()> {
        if !matches!(self.block.place, Place::Rules | Place::Style) {
            let block = Block { place: Place::Other, frames: self.block.frames.clone(), ..Block::default() };
            self.walk(block, input);
            return Ok(());
        }
        let parents = &self.block.subjects;
        self.hazards.extend(selectors.hazards(parents));
        let around_images = selectors.around_images(parents);
        let scoped = self.block.scoped;
        let element = |s: Subject| PlaceHazard { element: s.compound, ..PlaceHazard::default() };
        let inside = selectors.subjects(parents).into_iter().filter(|_| scoped).map(element);
        self.hazards.extend(inside.filter(|h| h.element.tag.as_deref().is_none_or(|tag| tag == "img")));
        let nested = self.block.place == Place::Style;
        let conditional = self.block.conditional || nested;
        let subjects = selectors
            .subjects(parents)
            .into_iter()
            .filter(|s| !s.compound.pseudo_element)
            .map(|s| Subject {
                certain: s.certain.filter(|_| !conditional),
                specificity: s.specificity.filter(|_| !nested),
                ..s
            })
            .collect();
        let (layered, when) = (self.block.layered, self.block.when);
        let chains = states::nested(&self.block.chains, chains);
        let place = Place::Style;
        let block =
            Block { place, subjects, around_images, conditional, layered, scoped, chains, when, ..Block::default() };
        self.walk(block, input);
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Walker<'_> {
    type Prelude = AtRule;
    type AtRule = ();
    type Error = ();

    fn parse_prelude<'t>(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i, 't>) -> Parsed<'i, AtRule> {
        let start = input.state();
        let name = name.to_ascii_lowercase();
        let rule = match name.as_str() {
            "import" if self.depth == 0 => {
                let found = urls::import(self.source, input).filter(urls::Found::leads_out);
                self.facts.refs.extend(found.map(|f| f.into_ref(RefKind::CssImport)));
                AtRule::Other
            }
            "layer" => AtRule::Group { conditional: false, layered: true, when: When::Screen, scoped: false },
            "media" | "supports" | "container" | "scope" | "starting-style" | "document" | "-moz-document" => {
                let from = input.position();
                while input.next().is_ok() {}
                let when = match name.as_str() {
                    "media" => When::of_query(input.slice_from(from)),
                    "container" => When::Other,
                    _ => When::Screen,
                };
                input.reset(&start);
                AtRule::Group { conditional: true, layered: false, when, scoped: name == "scope" && self.scope(input) }
            }
            _ if name.ends_with("keyframes") => match input.expect_ident_or_string() {
                Ok(name) => AtRule::Keyframes(name.to_ascii_lowercase()),
                Err(_) => AtRule::Other,
            },
            "property" => AtRule::Property,
            _ => AtRule::Other,
        };
        if name != "import" {
            input.reset(&start);
        }
        self.mentioned(input);
        Ok(rule)
    }

    fn rule_without_block(&mut self, _: AtRule, _: &ParserState) -> Result<(), ()> {
        Ok(())
    }

    fn parse_block<'t>(&mut self, rule: AtRule, _: &ParserState, input: &mut Parser<'i, 't>) -> Parsed<'i, ()> {
        let place = match rule {
            AtRule::Group { .. } => self.block.place,
            AtRule::Property => Place::Property,
            AtRule::Other | AtRule::Keyframes(_) => Place::Other,
        };
        let when = self.block.when.max(if let AtRule::Group { when, .. } = rule { when } else { When::Screen });
        let within = matches!(rule, AtRule::Group { conditional: true, .. }) || self.block.conditional;
        // Declarations in a condition inside of a style rule are about that rule's elements.
        let subjects = self.block.subjects.iter().cloned();
        let subjects = subjects.map(|s| Subject { certain: s.certain.filter(|_| !within), ..s });
        let layered = self.block.layered || matches!(rule, AtRule::Group { layered: true, .. });
        let style = place == Place::Style;
        let block = Block {
            place,
            subjects: if style { subjects.collect() } else { Vec::new() },
            around_images: if style { self.block.around_images.clone() } else { Vec::new() },
            conditional: within,
            layered,
            scoped: self.block.scoped || matches!(rule, AtRule::Group { scoped: true, .. }),
            chains: if style { self.block.chains.clone() } else { Vec::new() },
            when,
            frames: if let AtRule::Keyframes(name) = rule { Some(name) } else { self.block.frames.clone() },
            ..Block::default()
        };
        self.walk(block, input);
        Ok(())
    }
}

impl<'i> RuleBodyItemParser<'i, (), ()> for Walker<'_> {
    fn parse_declarations(&self) -> bool {
        self.block.place != Place::Rules
    }

    fn parse_qualified(&self) -> bool {
        !self.attribute
    }
}
