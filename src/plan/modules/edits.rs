//! What is cut out of a module's text.

use super::Cut;
use super::live::Live;
use super::order::Order;
use super::web::Web;
use crate::analyze::js::modules::Item;
use crate::transform::js::Edit;
use std::collections::BTreeSet;
use std::ops::Range;

/// The request of an import or re-export, and whether something is still taken from it by name.
pub fn taken(live: &Live, node: usize, item: &Item) -> Option<(u32, bool)> {
    let used = |names: &[(u32, Range<usize>)]| names.iter().any(|(b, _)| live.is_used(node, *b));
    let one = |x: &Option<(u32, Range<usize>)>| x.iter().any(|(b, _)| live.is_used(node, *b));
    match item {
        Item::Import { request, default, named, namespace, fixed, .. } => {
            Some((*request, *fixed || one(default) || one(namespace) || used(named)))
        }
        Item::ExportFrom { request, names, fixed, .. } => {
            Some((*request, *fixed || names.iter().any(|(e, _)| live.is_exported(node, *e))))
        }
        Item::Star { request, fixed, .. } => Some((*request, *fixed || live.comes_through(node, *request))),
        Item::ExportList { .. } | Item::Code { .. } => None,
    }
}

/// Requests of a module that are still imported.
pub fn requests(web: &Web<'_>, live: &Live, order: &Order, node: usize) -> BTreeSet<u32> {
    let Some(n) = web.nodes.get(node) else { return BTreeSet::new() };
    if n.whole.is_some() {
        return (0..n.requests.len() as u32).collect();
    }
    let all = n.module.items.iter().filter_map(|item| taken(live, node, item));
    all.filter(|(request, named)| *named || order.stays_bare(node, *request)).map(|(request, _)| request).collect()
}

pub fn cut(web: &Web<'_>, live: &Live, order: &Order, node: usize) -> Cut {
    let Some(n) = web.nodes.get(node) else { return Cut::default() };
    let mut c = Cutter { live, order, node, edits: Vec::new() };
    let dead = order.loaded.get(node) == Some(&false);
    if dead {
        c.edits.push((0..n.module.length, String::new()));
    } else {
        n.module.items.iter().for_each(|item| c.item(item));
    }
    let gone = |list: usize, is_live: &dyn Fn(usize) -> bool| (0..list).filter(|i| dead || !is_live(*i)).count();
    let exports = n.module.exports.iter().enumerate();
    let exports = exports.filter(|(i, _)| dead || !live.is_exported(node, *i as u32)).map(|(_, e)| e.name.clone());
    let edits = spare(c.edits, &n.module.licenses);
    let bytes = edits.iter().map(|e| e.range.len().saturating_sub(e.text.len())).sum();
    Cut {
        statements: gone(n.module.units.len(), &|i| live.is_kept(node, i)),
        of_statements: n.module.units.len(),
        exports: exports.collect(),
        bytes,
        dead,
        edits: if bytes == 0 { Vec::new() } else { edits },
    }
}

/// Licences outlive what they stand in.
fn spare(edits: Vec<(Range<usize>, String)>, licenses: &[Range<usize>]) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    for (range, text) in edits {
        let mut at = range.start;
        for license in licenses.iter().filter(|l| range.start <= l.start && l.end <= range.end) {
            out.push(Edit { range: at..license.start, text: String::new() });
            at = license.end;
        }
        // After a line comment, code needs a line of its own.
        let text = if at == range.start || text.is_empty() { text } else { format!("\n{text}") };
        out.push(Edit { range: at..range.end, text });
    }
    out.retain(|e| !e.range.is_empty());
    out
}

struct Cutter<'l> {
    live: &'l Live,
    order: &'l Order,
    node: usize,
    edits: Vec<(Range<usize>, String)>,
}

impl Cutter<'_> {
    fn cut(&mut self, range: Range<usize>, text: &str) {
        self.edits.push((range, text.to_owned()));
    }

    /// A statement that goes leaves a `;`: the one before it may have ended only because this one began.
    fn drop(&mut self, range: &Range<usize>) {
        self.cut(range.clone(), ";");
    }

    /// Nothing is taken from it by name any more.
    fn bare(&mut self, range: &Range<usize>, from: usize, request: u32) {
        if self.order.stays_bare(self.node, request) {
            self.cut(range.start..from, "import");
        } else {
            self.drop(range);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Import { fixed: true, .. }
            | Item::ExportFrom { fixed: true, .. }
            | Item::Star { fixed: true, .. } => {}
            Item::Import { range, request, from, default, named, namespace, .. } => {
                self.import(range, *request, *from, default, named, namespace);
            }
            Item::ExportFrom { range, request, from, names, .. } => {
                if names.iter().any(|(e, _)| self.live.is_exported(self.node, *e)) {
                    self.list(names, |l, n, e| l.is_exported(n, e));
                } else {
                    self.bare(range, *from, *request);
                }
            }
            Item::Star { range, request, from, .. } => {
                if !self.live.comes_through(self.node, *request) {
                    self.bare(range, *from, *request);
                }
            }
            Item::ExportList { range, names } => {
                if names.iter().any(|(e, _)| self.live.is_exported(self.node, *e)) {
                    self.list(names, |l, n, e| l.is_exported(n, e));
                } else {
                    self.drop(range);
                }
            }
            Item::Code { range, units, bare, exports } => {
                if !units.iter().any(|(u, _)| self.live.is_kept(self.node, *u as usize)) {
                    return self.drop(range);
                }
                let exported = exports.iter().any(|e| self.live.is_exported(self.node, *e));
                if *bare > range.start && !exports.is_empty() && !exported {
                    self.cut(range.start..*bare, "");
                }
                if units.len() > 1 {
                    self.list(units, |l, n, u| l.is_kept(n, u as usize));
                }
            }
        }
    }

    fn import(
        &mut self,
        range: &Range<usize>,
        request: u32,
        from: usize,
        default: &Option<(u32, Range<usize>)>,
        named: &[(u32, Range<usize>)],
        namespace: &Option<(u32, Range<usize>)>,
    ) {
        let used = |x: &(u32, Range<usize>)| self.live.is_used(self.node, x.0);
        let default_used = default.as_ref().is_some_and(used);
        let rest_used = namespace.as_ref().is_some_and(used) || named.iter().any(used);
        let rest = namespace.iter().chain(named).map(|(_, r)| r.start).min();
        match (default, rest) {
            (None, None) => {
                // `import "x"` and `import {} from "x"`.
                if !self.order.stays_bare(self.node, request) {
                    self.drop(range);
                }
            }
            _ if !default_used && !rest_used => self.bare(range, from, request),
            (Some((_, d)), Some(_)) if !rest_used => self.cut(d.end..from, " from"),
            (Some((_, d)), Some(rest)) if !default_used => {
                // The brace, or the star, begins after the comma.
                let text = if namespace.is_some() { "" } else { "{" };
                let first = named.iter().find(|x| used(x)).map_or(rest, |(_, r)| r.start);
                self.cut(d.start..first, text);
                self.list_from(named, first);
            }
            _ => self.list(named, |l, n, b| l.is_used(n, b)),
        }
    }

    /// What is left of a list after its first part that stays, which begins at `first`.
    fn list_from(&mut self, parts: &[(u32, Range<usize>)], first: usize) {
        let rest: Vec<_> = parts.iter().filter(|(_, r)| r.start >= first).cloned().collect();
        self.list(&rest, |l, n, b| l.is_used(n, b));
    }

    /// Takes parts out of a list with commas; one at least stays, or the list is empty.
    fn list(&mut self, parts: &[(u32, Range<usize>)], stays: impl Fn(&Live, usize, u32) -> bool) {
        let stays: Vec<bool> = parts.iter().map(|(x, _)| stays(self.live, self.node, *x)).collect();
        let Some(first) = stays.iter().position(|s| *s) else { return };
        if let (Some((_, a)), Some((_, b))) = (parts.first(), parts.get(first))
            && first > 0
        {
            self.cut(a.start..b.start, "");
        }
        for (i, pair) in parts.windows(2).enumerate().skip(first) {
            if let [(_, before), (_, this)] = pair
                && stays.get(i + 1) == Some(&false)
            {
                self.cut(before.end..this.end, "");
            }
        }
    }
}
