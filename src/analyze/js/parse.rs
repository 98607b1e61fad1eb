//! Text to syntax tree, on a stack that deep code cannot exhaust.

use super::Goal;
use crate::analyze::SyntaxError;
use crate::syntax::deep;
use swc_core::common::{
    BytePos, FileName, GLOBALS, Globals, SourceMap, Span, Spanned, comments::SingleThreadedComments, sync::Lrc,
};
use swc_core::ecma::ast::{EsVersion, Program};
use swc_core::ecma::parser::{
    EsSyntax, Syntax, error::Error, parse_file_as_module, parse_file_as_program, parse_file_as_script,
};

/// Deeper code than this is refused. Measured: every kind of nesting fits up to here.
const MAX_DEPTH: usize = 50_000;

/// A parsed script and what is needed to find its parts in the text.
pub struct Parsed<'s> {
    pub source: &'s str,
    pub program: Program,
    pub comments: SingleThreadedComments,
    start: BytePos,
    bom: usize,
}

impl Parsed<'_> {
    /// Bytes of the source. The parser counts from 1 and does not see a byte order mark.
    pub fn range(&self, span: Span) -> std::ops::Range<usize> {
        let at = |pos: BytePos| (pos.0.saturating_sub(self.start.0)) as usize + self.bom;
        at(span.lo)..at(span.hi)
    }

    /// Where all comments stand, in the order of the text.
    pub fn comments(&self) -> Vec<std::ops::Range<usize>> {
        let (leading, trailing) = self.comments.borrow_all();
        let all = leading.values().chain(trailing.values()).flatten();
        let mut found: Vec<_> = all.map(|c| self.range(c.span)).collect();
        found.sort_by_key(|r| r.start);
        found.dedup();
        found
    }

    /// Comments that must stay whatever becomes of the code around them, in the order of the text.
    pub fn licenses(&self) -> Vec<std::ops::Range<usize>> {
        const MARKS: [&str; 4] = ["@license", "@preserve", "@cc_on", "@lic"];
        let (leading, trailing) = self.comments.borrow_all();
        let all = leading.values().chain(trailing.values()).flatten();
        let kept = all.filter(|c| c.text.starts_with('!') || MARKS.iter().any(|m| c.text.contains(m)));
        let mut found: Vec<_> = kept.map(|c| self.range(c.span)).collect();
        found.sort_by_key(|r| r.start);
        found.dedup();
        found
    }
}

/// Parses, and lets `read` look at the tree. Both recurse as deep as the code is nested.
pub fn with_program<T: Send>(
    source: &str,
    goal: Goal,
    read: impl FnOnce(&Parsed) -> T + Send,
) -> Result<T, SyntaxError> {
    let work = || GLOBALS.set(&Globals::default(), || Ok(read(&parse(source, goal)?)));
    deep::run(source, MAX_DEPTH, work).unwrap_or_else(|message| Err(SyntaxError { line: 1, column: 1, message }))
}

fn parse(source: &str, goal: Goal) -> Result<Parsed<'_>, SyntaxError> {
    let map: Lrc<SourceMap> = Lrc::default();
    let file = map.new_source_file(FileName::Anon.into(), source.to_owned());
    let comments = SingleThreadedComments::default();
    let syntax = Syntax::Es(EsSyntax {
        import_attributes: true,
        allow_return_outside_function: true,
        explicit_resource_management: true,
        ..EsSyntax::default()
    });
    let (version, kept) = (EsVersion::latest(), Some(&comments as _));
    // What a parser can recover from does not hide a reference.
    let mut tolerated = Vec::new();
    let program = match goal {
        Goal::Module => parse_file_as_module(&file, syntax, version, kept, &mut tolerated).map(Program::Module),
        Goal::Script => parse_file_as_script(&file, syntax, version, kept, &mut tolerated).map(Program::Script),
        Goal::Unknown => parse_file_as_program(&file, syntax, version, kept, &mut tolerated),
    }
    .map_err(|e| located(&map, &e))?;
    Ok(Parsed {
        source,
        program,
        comments,
        start: file.start_pos,
        bom: if source.starts_with('\u{feff}') { 3 } else { 0 },
    })
}

fn located(map: &SourceMap, error: &Error) -> SyntaxError {
    let place = map.lookup_char_pos(error.span().lo);
    SyntaxError { line: place.line as u32, column: place.col.0 as u32 + 1, message: error.kind().msg().into_owned() }
}
