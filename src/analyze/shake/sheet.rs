//! The rules of a sheet with their places, read with the error recovery that browsers have.

use super::draws::{self, Draws};
use super::selector::{self, Selector, offset};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserInput, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, Token,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sheet {
    /// In the order of the text; what is nested comes after what it is nested in.
    pub items: Vec<Item>,
    /// Something would be read differently if rules before it were gone, so none may go.
    pub rigid: bool,
}

/// A rule, or the declaration of a custom property.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    pub kind: ItemKind,
    /// Bytes of the text, `}` or `;` included.
    pub range: (u32, u32),
    /// Line and column.
    pub place: (u32, u32),
    /// An index into `Sheet::items`.
    pub parent: Option<u32>,
    /// Its selectors or its at-rule up to the block.
    pub text: String,
    /// Names of animations, fonts and custom properties that it may use.
    pub words: Vec<String>,
    /// It has declarations of its own, not counting those of custom properties.
    pub declares: bool,
    /// What its own declarations do to the shapes of an SVG.
    pub draws: Draws,
    /// A comment asks to keep it.
    pub kept: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    Style(Vec<Selector>),
    /// A condition or a scope around rules: without them it means nothing.
    Group,
    /// Its name has a place among the layers.
    Layer,
    Keyframes(String),
    /// The family's name in lower case.
    FontFace(String),
    /// `@property`.
    Property(String),
    /// The declaration of a custom property.
    Custom(String),
    Other,
}

impl Sheet {
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        self.items.iter().flat_map(|i| match &i.kind {
            ItemKind::Style(selectors) => selectors.as_slice(),
            _ => &[],
        })
    }
}

impl Item {
    pub fn range(&self) -> Range<usize> {
        self.range.0 as usize..self.range.1 as usize
    }
}

const MAX_DEPTH: usize = 100;
/// Of a rule's text in reports.
const MAX_TEXT: usize = 200;

pub fn read(source: &str) -> Sheet {
    let blanked = source.strip_prefix('\u{feff}').map(|rest| format!("   {rest}"));
    let source = blanked.as_deref().unwrap_or(source);
    let mut input = ParserInput::new(source);
    let mut reader = Reader { source, sheet: Sheet::default(), open: Vec::new(), lines: Lines::new(source) };
    StyleSheetParser::new(&mut Parser::new(&mut input), &mut reader).for_each(drop);
    let mut sheet = reader.sheet;
    super::keep::mark(source, &mut sheet);
    sheet
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn new(source: &str) -> Self {
        Self(std::iter::once(0).chain(source.match_indices('\n').map(|(i, _)| i + 1)).collect())
    }

    /// 1-based, the column in characters.
    fn place(&self, source: &str, at: usize) -> (u32, u32) {
        let line = self.0.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|i| self.0.get(i)).copied().unwrap_or(0);
        (offset(line), offset(source.get(start..at).map_or(0, |t| t.chars().count()) + 1))
    }
}

struct Reader<'s> {
    source: &'s str,
    sheet: Sheet,
    /// Indexes of the rules around.
    open: Vec<u32>,
    lines: Lines,
}

type Parsed<'i, T> = Result<T, ParseError<'i, ()>>;

struct AtRule {
    name: String,
    /// What stands between the name and the block.
    prelude: String,
    words: Vec<String>,
}

impl Reader<'_> {
    fn begin(&mut self, kind: ItemKind, start: usize, body: usize) -> u32 {
        let index = offset(self.sheet.items.len());
        let text = self.source.get(start..body).unwrap_or_default().trim().trim_end_matches('{').trim_end();
        let mut end = text.len().min(MAX_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.sheet.items.push(Item {
            kind,
            range: (offset(start), offset(body)),
            place: self.lines.place(self.source, start),
            parent: self.open.last().copied(),
            text: text.get(..end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
            words: Vec::new(),
            declares: false,
            draws: Draws::Nothing,
            kept: false,
        });
        index
    }

    /// Reads a block; what is nested too deeply is not looked at.
    fn block(&mut self, index: u32, input: &mut Parser) {
        if self.open.len() < MAX_DEPTH {
            self.open.push(index);
            RuleBodyParser::new(input, self).for_each(drop);
            self.open.pop();
        } else {
            while input.next().is_ok() {}
            self.sheet.rigid = true;
        }
        self.end(index, input.position().byte_index(), b'}');
    }

    fn end(&mut self, index: u32, at: usize, mark: u8) {
        let closed = self.source.as_bytes().get(at) == Some(&mark);
        if let Some(item) = self.sheet.items.get_mut(index as usize) {
            item.range.1 = offset(at + usize::from(closed));
        }
    }

    fn current(&mut self) -> Option<&mut Item> {
        let index = *self.open.last()?;
        self.sheet.items.get_mut(index as usize)
    }

    /// In a block that styles elements: a style rule, or a condition in one.
    fn styles(&self) -> bool {
        self.open.iter().any(|i| matches!(self.kind(*i), Some(ItemKind::Style(_))))
            && self
                .open
                .last()
                .is_some_and(|i| matches!(self.kind(*i), Some(ItemKind::Style(_) | ItemKind::Group | ItemKind::Layer)))
    }

    fn kind(&self, index: u32) -> Option<&ItemKind> {
        self.sheet.items.get(index as usize).map(|i| &i.kind)
    }

    fn holds_rules(&self) -> bool {
        self.open
            .last()
            .is_none_or(|i| matches!(self.kind(*i), Some(ItemKind::Style(_) | ItemKind::Group | ItemKind::Layer)))
    }
}

/// Words of a value that may name something, and whether there is a `{}` in it.
fn words(input: &mut Parser, all: bool, depth: usize, into: &mut BTreeSet<String>) -> bool {
    let mut block = false;
    while let Ok(token) = input.next().cloned() {
        match &token {
            Token::Ident(name) if all || name.starts_with("--") => {
                into.insert(name.to_string());
            }
            Token::QuotedString(text) if all => {
                into.extend(text.split_whitespace().map(str::to_owned));
                // An animation's name may hold blanks.
                into.insert(unquoted(text));
            }
            _ => {}
        }
        let opens = matches!(
            token,
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock
        );
        block |= matches!(token, Token::CurlyBracketBlock);
        if opens && depth < MAX_DEPTH {
            let _ = input.parse_nested_block(|inner| -> Result<(), ParseError<()>> {
                words(inner, all, depth + 1, into);
                Ok(())
            });
        }
    }
    block
}

impl<'i> DeclarationParser<'i> for Reader<'_> {
    type Declaration = ();
    type Error = ();

    fn parse_value<'t>(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i, 't>,
        start: &ParserState,
    ) -> Parsed<'i, ()> {
        let custom = name.starts_with("--");
        let property = name.to_ascii_lowercase();
        let naming = custom || ["animation", "font", "src"].iter().any(|p| property.contains(p));
        let value_start = input.position().byte_index();
        let mut found = BTreeSet::new();
        let block = words(input, naming, 0, &mut found);
        // `a:hover {}` is a nested rule.
        if block && !custom {
            return Err(input.new_custom_error(()));
        }
        let at = input.position().byte_index();
        let value = self.source.get(value_start..at).unwrap_or_default().trim();
        let in_style = self.styles();
        if custom && in_style {
            let index = self.begin(ItemKind::Custom(name.to_string()), start.position().byte_index(), at);
            self.end(index, at, b';');
            if let Some(item) = self.sheet.items.get_mut(index as usize) {
                item.words = found.into_iter().collect();
            }
            return Ok(());
        }
        if let Some(item) = self.current() {
            item.declares = true;
            item.draws = item.draws.max(draws::of(&property, value));
            match &mut item.kind {
                ItemKind::FontFace(family) if property == "font-family" => {
                    *family = unquoted(value).to_ascii_lowercase();
                }
                _ => item.words.extend(found),
            }
        }
        Ok(())
    }
}

fn unquoted(text: &str) -> String {
    text.trim_matches(['"', '\'']).split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'i> QualifiedRuleParser<'i> for Reader<'_> {
    type Prelude = Vec<Selector>;
    type QualifiedRule = ();
    type Error = ();

    fn parse_prelude<'t>(&mut self, input: &mut Parser<'i, 't>) -> Parsed<'i, Vec<Selector>> {
        Ok(if self.holds_rules() {
            let mut selectors = selector::read(input);
            for s in &mut selectors {
                s.text = self.source.get(s.range.0 as usize..s.range.1 as usize).unwrap_or_default().to_owned();
            }
            selectors
        } else {
            while input.next().is_ok() {}
            Vec::new()
        })
    }

    fn parse_block<'t>(
        &mut self,
        selectors: Vec<Selector>,
        start: &ParserState,
        input: &mut Parser<'i, 't>,
    ) -> Parsed<'i, ()> {
        let kind = if self.holds_rules() { ItemKind::Style(selectors) } else { ItemKind::Other };
        let index = self.begin(kind, start.position().byte_index(), input.position().byte_index());
        self.block(index, input);
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Reader<'_> {
    type Prelude = AtRule;
    type AtRule = ();
    type Error = ();

    fn parse_prelude<'t>(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i, 't>) -> Parsed<'i, AtRule> {
        let start = input.position().byte_index();
        let mut found = BTreeSet::new();
        words(input, false, 0, &mut found);
        let prelude = self.source.get(start..input.position().byte_index()).unwrap_or_default().trim().to_owned();
        Ok(AtRule { name: name.to_ascii_lowercase(), prelude, words: found.into_iter().collect() })
    }

    fn rule_without_block(&mut self, rule: AtRule, start: &ParserState) -> Result<(), ()> {
        // These only count before all rules: without the rules before them they would begin to.
        let leads = matches!(rule.name.as_str(), "import" | "namespace" | "charset");
        let after = |i: &Item| !(matches!(i.kind, ItemKind::Other) && i.text.starts_with('@'));
        self.sheet.rigid |= leads && self.sheet.items.iter().any(after);
        let at = start.position().byte_index();
        let end = self.source.get(at..).and_then(|t| t.find(&rule.prelude)).map_or(at, |i| at + i + rule.prelude.len());
        let index = self.begin(ItemKind::Other, at, end);
        self.end(index, end, b';');
        if let Some(item) = self.sheet.items.get_mut(index as usize) {
            item.words = rule.words;
        }
        Ok(())
    }

    fn parse_block<'t>(&mut self, rule: AtRule, start: &ParserState, input: &mut Parser<'i, 't>) -> Parsed<'i, ()> {
        let kind = match rule.name.as_str() {
            "media" | "supports" | "container" | "scope" | "starting-style" | "document" | "-moz-document" => {
                ItemKind::Group
            }
            "layer" => ItemKind::Layer,
            "property" => ItemKind::Property(rule.prelude.clone()),
            "font-face" => ItemKind::FontFace(String::new()),
            name if name.ends_with("keyframes") => ItemKind::Keyframes(unquoted(&rule.prelude)),
            _ => ItemKind::Other,
        };
        let index = self.begin(kind, start.position().byte_index(), input.position().byte_index());
        if let Some(item) = self.sheet.items.get_mut(index as usize) {
            // A registration is no use.
            item.words = if rule.name == "property" { Vec::new() } else { rule.words };
        }
        self.block(index, input);
        Ok(())
    }
}

impl<'i> RuleBodyItemParser<'i, (), ()> for Reader<'_> {
    fn parse_declarations(&self) -> bool {
        !self.open.is_empty() && (self.styles() || !self.holds_rules())
    }

    fn parse_qualified(&self) -> bool {
        true
    }
}
