//! A walk over the rules of a sheet, with the error recovery that browsers have.

use super::mentions::Mentions;
use super::selector::{self, Selectors, Subject};
use super::urls::{self, MAX_DEPTH, Value};
use super::{BoxProp, BoxRule, Context, CssFacts, ImageDecl, PlaceHazard, Rank, boxes};
use crate::model::RefKind;
use crate::syntax::url;
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserInput, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser,
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
    /// It sets some property of a box as `!important`.
    important: bool,
    props: Vec<BoxProp>,
    backgrounds: usize,
    image: Option<ImageDecl>,
}

enum AtRule {
    /// A condition or a grouping around rules.
    Group {
        conditional: bool,
        layered: bool,
    },
    Property,
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
        if self.block.place != Place::Style {
            return;
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
    type Prelude = Selectors;
    type QualifiedRule = ();
    type Error = ();

    fn parse_prelude<'t>(&mut self, input: &mut Parser<'i, 't>) -> Parsed<'i, Selectors> {
        let start = input.state();
        self.mentioned(input);
        input.reset(&start);
        Ok(selector::read(input))
    }

    fn parse_block<'t>(&mut self, selectors: Selectors, _: &ParserState, input: &mut Parser<'i, 't>) -> Parsed<'i, ()> {
        if !matches!(self.block.place, Place::Rules | Place::Style) {
            let block = Block { place: Place::Other, ..Block::default() };
            self.walk(block, input);
            return Ok(());
        }
        let parents = &self.block.subjects;
        self.hazards.extend(selectors.hazards(parents));
        let around_images = selectors.around_images(parents);
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
        let layered = self.block.layered;
        let block = Block { place: Place::Style, subjects, around_images, conditional, layered, ..Block::default() };
        self.walk(block, input);
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Walker<'_> {
    type Prelude = AtRule;
    type AtRule = ();
    type Error = ();

    fn parse_prelude<'t>(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i, 't>) -> Parsed<'i, AtRule> {
        let rule = match &*name.to_ascii_lowercase() {
            "import" if self.depth == 0 => {
                let found = urls::import(self.source, input).filter(urls::Found::leads_out);
                self.facts.refs.extend(found.map(|f| f.into_ref(RefKind::CssImport)));
                AtRule::Other
            }
            "layer" => AtRule::Group { conditional: false, layered: true },
            "media" | "supports" | "container" | "scope" | "starting-style" | "document" | "-moz-document" => {
                AtRule::Group { conditional: true, layered: false }
            }
            "property" => AtRule::Property,
            _ => AtRule::Other,
        };
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
            AtRule::Other => Place::Other,
        };
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
