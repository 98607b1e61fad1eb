//! Sheets that a page need not wait for: small ones become part of it; of larger ones the rules that it needs do, and the
//! sheets follow at the end of its body.
//!
//! The rules are all that can match any element of the page as it arrives, with what scripts may do to it until the sheets
//! have come. So nothing looks different when they come, and what is measured before is right. Those that only elements
//! below its first screen need may wait, where the layout knows these and no script runs before.

use super::super::sheet::{Code, rebased, wire};
use super::survey::{End, Style, Survey, survey};
use super::{Editor, UNSEEN, background};
use crate::analyze::css;
use crate::analyze::html::InlineKind;
use crate::analyze::shake::{
    self, Combinator, Dom, ItemKind, Matcher, Selector, Shaken, Simple, Used, accounts_for_all, cut, read,
};
use crate::execute::{Edit, Hole, apply};
use crate::graph::{Summary, Target, foreign};
use crate::model::{AssetId, Piece, RefKind};
use crate::plan::{Critical, HtmlOp};
use crate::syntax::html::{Tag, Token};
use crate::syntax::url;
use crate::transform::css::without_remarks;

/// Bytes, compressed. Sheets that come to no more are part of the page: to ask for them takes longer.
const SMALL: usize = 4 << 10;
/// Bytes, compressed. With more the page itself would come later.
const MOST: usize = 14 << 10;
/// Bytes, compressed. Each view of the page loads its rules again, so the sheets must be larger by this.
const WORTH: usize = 4 << 10;

/// Puts rules into the page. What was done, for a person, and whether anything was; `None` where there are no sheets.
pub(super) fn inline(
    editor: &Editor<'_>,
    op: (&HtmlOp, &Critical),
    tokens: &[Token],
    dom: &Dom,
    edits: &mut Vec<Edit>,
) -> Option<(String, bool)> {
    let seen = survey(editor.source, tokens);
    if seen.styles.iter().all(|s| matches!(s, Style::Other)) {
        return None;
    }
    let ordered = seen.styles.iter().filter(|s| !editor.is_in_no_order(s, &seen));
    let sheets: Result<Vec<Option<Sheet<'_>>>, String> = ordered.map(|s| editor.sheet(s)).collect();
    let done = sheets.and_then(|sheets| match whole(editor, &seen, &sheets) {
        Err(None) => parts(editor, op, &seen, &sheets, dom),
        Err(Some(why)) => Err(why),
        Ok(done) => Ok(done),
    });
    Some(match done {
        Ok(done) => {
            done.apply(editor.source, edits);
            (done.note, true)
        }
        Err(why) => (format!("its sheets stay where they are: {why}"), false),
    })
}

/// A link to a sheet of the site.
struct Sheet<'a> {
    tag: &'a Tag,
    asset: AssetId,
    code: &'a Code,
    href: &'a str,
    /// The attribute's text.
    media: Option<&'a str>,
    /// No screen ever waits for it.
    print: bool,
}

struct Done<'a> {
    /// The links that go, each with what stands in its place.
    links: Vec<(&'a Tag, Vec<Piece<Hole>>)>,
    /// Where they stand again.
    end: Option<usize>,
    note: String,
}

impl Done<'_> {
    fn apply(&self, source: &str, edits: &mut Vec<Edit>) {
        let mut moved = Vec::new();
        for (tag, style) in &self.links {
            let range = &tag.range;
            // Rules like `body > * { display: block }` make boxes of links that they match only now.
            if tag.attr("style").is_none() {
                let at = tag.insertion_point();
                edits.push(Edit::text(at..at, UNSEEN));
            }
            let within = |e: &Edit| range.start < e.range.start && e.range.start < range.end;
            let (own, others) = std::mem::take(edits).into_iter().partition(within);
            *edits = others;
            let own: Vec<Edit> = own;
            let by = range.start;
            let shifted = own.into_iter().map(|e| Edit { range: e.range.start - by..e.range.end - by, ..e }).collect();
            moved.extend(apply(source.get(range.clone()).unwrap_or_default(), shifted).pieces);
            edits.push(Edit { range: range.clone(), pieces: style.clone() });
        }
        edits.extend(self.end.map(|at| Edit::insert(at, moved)));
    }
}

/// Every sheet in place of its link, if they are small.
///
/// # Errors
/// Why that cannot be; `None` if it is only that they are too large.
fn whole<'a>(editor: &Editor<'_>, seen: &Survey<'_>, sheets: &[Option<Sheet<'a>>]) -> Result<Done<'a>, Option<String>> {
    let waited: Vec<&Sheet<'_>> = sheets.iter().flatten().filter(|s| !s.print).collect();
    let bytes: usize = waited.iter().map(|s| s.code.wire).sum();
    if waited.is_empty() {
        return Err(Some("no screen waits for them".into()));
    }
    if bytes > SMALL {
        return Err(None);
    }
    let mut links = Vec::new();
    for sheet in &waited {
        links.push((sheet.tag, editor.styled(seen, sheet, &sheet.code.text).map_err(Some)?));
    }
    Ok(Done { links, end: None, note: format!("its sheets are part of it: {bytes} bytes compressed") })
}

/// What the page needs of its sheets, in place of the links, which move to the end.
///
/// # Errors
/// Why that cannot be, or would not pay.
fn parts<'a>(
    editor: &Editor<'_>,
    (op, critical): (&HtmlOp, &Critical),
    seen: &Survey<'_>,
    sheets: &[Option<Sheet<'a>>],
    dom: &Dom,
) -> Result<Done<'a>, String> {
    let end = seen.end?;
    // Styles keep their order: those that move must be the last.
    let stay = sheets.iter().rposition(Option::is_none).map_or(0, |i| i + 1);
    let moved: Vec<&Sheet<'a>> = sheets.iter().skip(stay).flatten().collect();
    if moved.is_empty() || sheets.iter().take(stay).any(Option::is_some) {
        return Err("a style that cannot move stands behind them".into());
    }
    if moved.iter().any(|s| s.tag.range.start >= end.at) {
        return Err("they stand at its end already".into());
    }
    let kept = |s: &&Sheet<'_>| editor.rules(s.asset).is_some_and(|r| r.items.iter().any(|i| i.kept));
    if let Some(sheet) = moved.iter().find(|s| kept(s)) {
        return Err(format!("a comment in {} keeps rules", sheet.href));
    }
    if moved.iter().any(|s| s.code.nameless_layers) {
        return Err("a cascade layer without a name would be there twice".into());
    }
    let site = Matcher::new(&editor.shop.graph.used);
    if let Some(selector) = counts_from_the_end(editor, &site, &moved, dom, end) {
        return Err(format!("`{selector}` may count a link at the end of the body"));
    }
    let used = Used::as_it_arrives(&editor.shop.graph.used, dom.clone(), seen.early_scripts);
    let matcher = Matcher::new(&used);
    let (matcher, whose, why_all) = match critical {
        Critical::Screen(_) if used.is_quirky() => (matcher, "it", Some("a page of the site is in quirks mode")),
        Critical::Screen(below) if !seen.early_scripts => (matcher.first_screen(below), "its first screen", None),
        Critical::Screen(_) => (matcher, "it", Some("a script may change it before they have come")),
        Critical::Page(why) => (matcher, "it", why.as_deref()),
    };
    let needed = needed(editor, op, &moved, (&matcher, &site), stay > 0)?;
    let (all, now): (usize, usize) = (moved.iter().map(|s| s.code.wire).sum(), needed.iter().map(|t| wire(t)).sum());
    if now > MOST {
        return Err(format!("it needs {now} bytes of them, compressed, more than should come with it"));
    }
    if now + WORTH > all || now * 2 > all {
        return Err(format!("it needs {now} of their {all} bytes, compressed, so that little would wait"));
    }
    let mut links = Vec::new();
    for (sheet, text) in moved.iter().zip(&needed) {
        // In the body, an element in its place keeps its siblings' numbers.
        let nothing = text.is_empty() && sheet.tag.range.start < seen.head;
        let style = if nothing { Vec::new() } else { editor.styled(seen, sheet, text)? };
        links.push((sheet.tag, style));
    }
    let why_all = why_all.map(|why| format!(". Not only those of its first screen: {why}")).unwrap_or_default();
    let note = format!(
        "the rules that {whose} needs are part of it, {now} bytes compressed; its sheets, {all}, come at its end{why_all}"
    );
    Ok(Done { links, end: Some(end.at), note })
}

/// Of each sheet the rules that something on the page may match.
fn needed(
    editor: &Editor<'_>,
    op: &HtmlOp,
    moved: &[&Sheet<'_>],
    (matcher, site): (&Matcher<'_>, &Matcher<'_>),
    others: bool,
) -> Result<Vec<String>, String> {
    let safe = |name: &str| op.safelist.is_match(name);
    let mut shaken: Vec<Shaken<'_>> = moved.iter().map(|s| Shaken::new(&s.code.rules, matcher, &safe)).collect();
    // Styles that stay may name anything.
    if !others {
        shake::drop_unnamed(&mut shaken, &editor.shop.graph.used.style_words, site, &safe);
    }
    let text = |(sheet, shaken): (&&Sheet<'_>, &Shaken<'_>)| {
        let (source, dropped) = (&sheet.code.text, shaken.dropped());
        let rest = cut(source, &dropped);
        match accounts_for_all(source, &rest, &dropped) {
            _ if sheet.print => Ok(String::new()),
            // The licences are told in the sheets.
            true => Ok(without_remarks(&rest)),
            false => Err(format!("rules could not be cut out of {} cleanly", sheet.href)),
        }
    };
    moved.iter().zip(&shaken).map(text).collect()
}

/// A selector that may match another element of the body, or no longer one, with a link more at its end.
fn counts_from_the_end(
    editor: &Editor<'_>,
    site: &Matcher<'_>,
    moved: &[&Sheet<'_>],
    dom: &Dom,
    end: End,
) -> Option<String> {
    let inline = editor.facts.inline.iter().filter(|i| i.kind == InlineKind::Style);
    let inline: Vec<_> = inline.filter_map(|i| editor.source.get(i.range.clone())).map(read).collect();
    let others = editor.stylesheets().filter_map(|id| editor.rules(id));
    let all = moved.iter().map(|s| &s.code.rules).chain(&inline).chain(others).flat_map(shake::Sheet::selectors);
    let known = |name: &str| site.known(name);
    let is = |tag: &str| dom.shapes.iter().position(|s| s.tag == tag).and_then(|i| u32::try_from(i).ok());
    let body = is("body");
    let children = || dom.inside.iter().filter(|(p, _)| Some(*p) == body).map(|(_, c)| *c);
    let fits = |simples: &[Simple], at: u32| dom.shapes.get(at as usize).is_none_or(|s| s.may_be(simples, &known));
    // Behind the last scripts nothing else is last.
    let counts = |simples: &[Simple]| Selector::from_end(simples).is_some_and(|nth| nth || !end.scripts);
    // Of something inside: `body:has(> p:last-child)`.
    let within = |simple: &Simple| match simple {
        Simple::Has(list) => list.iter().flat_map(|s| &s.compounds).any(|(_, c)| counts(c)),
        _ => false,
    };
    let counted = |selector: &&Selector| {
        let mut above: Option<&[Simple]> = None;
        selector.compounds.iter().any(|(combinator, simples)| {
            let around = match (above, combinator) {
                (None, _) => true,
                (Some(above), Combinator::Sibling) => children().any(|c| fits(above, c)),
                (Some(above), _) => [body, is("html")].into_iter().flatten().any(|at| fits(above, at)),
            };
            above = Some(simples);
            simples.iter().any(within) || around && counts(simples) && children().any(|c| fits(simples, c))
        })
    };
    all.into_iter().find(counted).map(|s| s.text.clone())
}

impl Editor<'_> {
    /// A sheet of fonts alone, which no sheet of the site has others for: before or after these, it makes no difference.
    fn is_in_no_order(&self, style: &Style<'_>, seen: &Survey<'_>) -> bool {
        let Some(href) = style.href().filter(|href| foreign::holds_only_fonts(href)) else { return false };
        let asked = url::percent_decode(href).replace('+', " ").to_ascii_lowercase();
        let own = seen.styles.iter().filter_map(|s| self.target(s.href()?.trim())).filter_map(|id| self.rules(id));
        let mut faces = own.flat_map(|rules| &rules.items).filter_map(|item| match &item.kind {
            ItemKind::FontFace(family) => Some(family.to_ascii_lowercase()),
            _ => None,
        });
        !faces.any(|family| asked.contains(&family))
    }

    /// A sheet's rules as its author wrote them.
    fn rules(&self, sheet: AssetId) -> Option<&shake::Sheet> {
        match &self.shop.graph.node(sheet)?.summary {
            Summary::Css { rules, .. } => Some(rules),
            _ => None,
        }
    }

    /// Those of this site that the page or a `<style>` of it names.
    pub(super) fn stylesheets(&self) -> impl Iterator<Item = AssetId> {
        match self.shop.graph.node(self.id()).map(|n| &n.summary) {
            Some(Summary::Page(page)) => page.stylesheets.as_slice(),
            _ => &[],
        }
        .iter()
        .copied()
    }

    /// `None` for styles that no browser waits for, or that come from elsewhere: they stay, and how soon they come has
    /// nothing to do with what this site sends.
    ///
    /// # Errors
    /// Why it must be waited for where it stands: then nothing is gained by what others do.
    fn sheet<'s>(&'s self, style: &Style<'s>) -> Result<Option<Sheet<'s>>, String> {
        let (Style::Link(tag) | Style::Kept(tag)) = style else { return Ok(None) };
        let href = tag.value("href").unwrap_or_default().trim();
        let media = tag.attr("media").and_then(|m| m.raw.clone()).and_then(|raw| self.source.get(raw));
        let print = media.is_some_and(|m| m.trim().eq_ignore_ascii_case("print"));
        if self.shop.resolver().resolve(&self.document, href, RefKind::Stylesheet) == Target::External {
            return Ok(None);
        }
        let asset = self.target(href);
        let code = asset.and_then(|id| self.artifacts.get(id.index())?.code.as_deref());
        let refusal = match (style, code) {
            (Style::Kept(_), _) => Some("is opted out, or has attributes that a script may look for"),
            (_, None) => Some("is no sheet of this site that may change"),
            _ if media.is_some_and(|m| m.contains(['"', '\'', '<', '>'])) => Some("has an odd media query"),
            (_, Some(code)) => code.refusal,
        };
        match (refusal, asset.zip(code)) {
            (None, Some((asset, code))) => Ok(Some(Sheet { tag, asset, code, href, media, print })),
            _ if print => Ok(None),
            (why, _) => Err(format!("{href} must be waited for: it {}", why.unwrap_or_default())),
        }
    }

    /// A `<style>` with this part of a sheet.
    fn styled(&self, seen: &Survey<'_>, sheet: &Sheet<'_>, text: &str) -> Result<Vec<Piece<Hole>>, String> {
        if !seen.utf8 && !text.is_ascii() {
            return Err("the page does not say before its styles that it is UTF-8".into());
        }
        let untold = || format!("an address in {} cannot be told as seen from the page", sheet.href);
        let text = rebased(text, sheet.href).ok_or_else(untold)?;
        let facts = css::analyze(&text, css::Context::Sheet);
        let mut edits = background::edits(&text, &facts, self.backdrops(), &|url| self.target(url));
        edits.extend(facts.refs.iter().filter_map(|r| Edit::url(&text, r, self.hole(&r.url, r.kind)?)));
        let open = sheet.media.map_or_else(|| "<style>".to_owned(), |m| format!("<style media=\"{m}\">"));
        let mut pieces = vec![Piece::Text(open)];
        pieces.extend(apply(&text, edits).pieces);
        pieces.push(Piece::Text("</style>".into()));
        Ok(pieces)
    }
}
