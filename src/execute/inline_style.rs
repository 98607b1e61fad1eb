//! `<style>` elements: without the rules that nothing on their page can match.

use super::text::without;
use crate::analyze::html::{Inline, InlineKind};
use crate::analyze::shake::{Dom, Matcher, Shaken, Used, read};
use crate::graph::AssetGraph;
use crate::plan::HtmlOp;

/// The text of each `<style>` that loses rules, by where it begins, and a line for each rule.
pub fn shaken(
    graph: &AssetGraph,
    op: &HtmlOp,
    source: &str,
    inline: &[Inline],
    dom: Option<Dom>,
) -> (Vec<(usize, String)>, Vec<String>) {
    let (mut texts, mut notes) = (Vec::new(), Vec::new());
    let styles: Vec<&Inline> = inline.iter().filter(|i| i.kind == InlineKind::Style && !i.off).collect();
    let Some(dom) = dom.filter(|_| op.shake && op.inline_css.is_some() && !styles.is_empty()) else {
        return (texts, notes);
    };
    let used = Used::of_page(&graph.used, dom);
    let matcher = Matcher::new(&used);
    for style in styles {
        let Some(text) = source.get(style.range.clone()) else { continue };
        let sheet = read(text);
        let dropped = Shaken::new(&sheet, &matcher, &|name| op.safelist.is_match(name)).dropped();
        let Some(rest) = without(text, &dropped).filter(|_| !dropped.is_empty()) else { continue };
        notes.extend(dropped.iter().map(|d| format!("dropped from a <style>: {}: {}", d.rule, d.reason)));
        texts.push((style.range.start, rest));
    }
    (texts, notes)
}
