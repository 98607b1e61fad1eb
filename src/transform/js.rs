//! Minifies a script with options that never change what it does.

mod attempts;
mod comments;
mod cut;
mod emit;
mod loops;
mod own_names;
mod scopes;
mod strings;
#[cfg(test)]
mod swc_tests;
#[cfg(test)]
mod tests;
mod top_level;

pub use cut::{Edit, shaken, without};

use super::{Licenses, TransformError};
use crate::syntax::deep;
use swc_core::common::{
    FileName, GLOBALS, Globals, Mark, SourceFile, SourceMap, Spanned, SyntaxContext,
    comments::{Comments, SingleThreadedComments},
    sync::Lrc,
};
use swc_core::ecma::ast::{EsVersion, Program};
use swc_core::ecma::minifier::{
    optimize,
    option::{CompressOptions, ExtraOptions, MangleOptions, MinifyOptions, PureGetterOption, TopLevelOptions},
};
use swc_core::ecma::parser::{EsSyntax, Syntax, error::Error, parse_file_as_module, parse_file_as_script};
use swc_core::ecma::transforms::base::{
    fixer::{fixer, paren_remover},
    resolver,
};

/// How a script is loaded: the top level of a classic script is shared with every other script of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    Module,
    Script,
}

/// Which of its names a script may lose: what its functions are called, and their source, are there to be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Names {
    /// All that nobody else sees.
    #[default]
    Short,
    /// Some script reads what functions and classes are called, so that they keep their names.
    OfFunctions,
    /// Some script reads the source of functions. Nothing goes but comments and white space.
    Kept,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JsOp {
    pub goal: Goal,
    pub names: Names,
    pub licenses: Licenses,
    /// Also make a source map.
    pub source_map: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct JsOutput {
    /// Without a `sourceMappingURL` comment if `changed`: the caller appends its own.
    pub code: String,
    /// From `code` to what the input was made from. Only if asked for and `changed`.
    pub map: Option<String>,
    /// Whether minifying paid. If not, `code` is the input, byte for byte.
    pub changed: bool,
    /// What a person should know: that there is no map although one was asked for.
    pub note: Option<String>,
}

/// Deeper code than this is refused: up to here every kind of nesting was measured to fit.
const MAX_DEPTH: usize = 20_000;

/// Less gain than this is not worth new bytes in every cache: the input was minified already.
const LEAST_GAIN: f64 = 0.01;

/// Minifies `source`. `source_name` is what the map calls it; `input_map` leads from `source` further back.
pub fn minify(source: &str, op: &JsOp, source_name: &str, input_map: Option<&str>) -> Result<JsOutput, TransformError> {
    let output =
        deep::run(source, MAX_DEPTH, || GLOBALS.set(&Globals::default(), || run(source, op, source_name, input_map)))
            .unwrap_or_else(|message| Err(refused(message)))?;
    let before = source.len() - comments::source_map_comment(source).len();
    if output.code.len() as f64 >= before as f64 * (1.0 - LEAST_GAIN) {
        return Ok(JsOutput { code: source.to_owned(), ..JsOutput::default() });
    }
    Ok(output)
}

fn run(source: &str, op: &JsOp, source_name: &str, input_map: Option<&str>) -> Result<JsOutput, TransformError> {
    let map: Lrc<SourceMap> = Lrc::default();
    let name = FileName::Custom(source_name.to_owned());
    let file = map.new_source_file(name.into(), source.to_owned());
    let comments = SingleThreadedComments::default();
    let program = parse(&map, &file, op.goal, &comments)?;
    if own_names::hands_out_source(&program) {
        return Ok(JsOutput { code: source.to_owned(), ..JsOutput::default() });
    }
    let names = op.source_map.then(|| emit::names(&program));
    let licenses = comments::filter(&comments, op.licenses);
    let program = match op.names {
        Names::Kept => program,
        _ => compress(program, op, &map, &comments),
    };
    comments::drop_annotations(&comments);
    let output = emit::emit(
        &program,
        &emit::Context {
            map: &map,
            ascii: source.is_ascii(),
            comments: &comments,
            licenses: &licenses,
            names: names.as_ref(),
            input_map,
        },
    )?;
    check(&output.code, source, op.goal)?;
    Ok(output)
}

fn parse(map: &SourceMap, file: &SourceFile, goal: Goal, comments: &dyn Comments) -> Result<Program, TransformError> {
    let syntax =
        Syntax::Es(EsSyntax { import_attributes: true, explicit_resource_management: true, ..EsSyntax::default() });
    let (version, mut tolerated) = (EsVersion::latest(), Vec::new());
    let program = match goal {
        Goal::Module => {
            parse_file_as_module(file, syntax, version, Some(comments), &mut tolerated).map(Program::Module)
        }
        Goal::Script => {
            parse_file_as_script(file, syntax, version, Some(comments), &mut tolerated).map(Program::Script)
        }
    };
    match (program, tolerated.first()) {
        (Ok(program), None) => Ok(program),
        // A browser refuses such a script too; minified, it might suddenly run.
        (Ok(_), Some(error)) => Err(located(map, error)),
        (Err(error), _) => Err(located(map, &error)),
    }
}

fn located(map: &SourceMap, error: &Error) -> TransformError {
    let place = map.lookup_char_pos(error.span().lo);
    TransformError { line: place.line as u32, column: place.col.0 as u32 + 1, message: error.kind().msg().into_owned() }
}

fn compress(program: Program, op: &JsOp, map: &Lrc<SourceMap>, comments: &SingleThreadedComments) -> Program {
    let (unresolved_mark, top_level_mark) = (Mark::new(), Mark::new());
    let directives = strings::directives(&program);
    let mut program = program.apply(&mut paren_remover(Some(comments)));
    strings::drop_others(&mut program, &directives);
    attempts::hold(&mut program);
    program.mutate(&mut resolver(unresolved_mark, top_level_mark, false));
    let shared = (op.goal == Goal::Script).then(|| SyntaxContext::empty().apply_mark(top_level_mark));
    let options = options(op, &program, shared);
    let mut program = optimize(
        program,
        map.clone(),
        Some(comments),
        None,
        &options,
        &ExtraOptions { unresolved_mark, top_level_mark, mangle_name_cache: None },
    );
    strings::drop_others(&mut program, &directives);
    attempts::release(&mut program);
    program.mutate(&mut fixer(Some(comments)));
    program
}

/// `unsafe_*` and `pure_getters` break real libraries, and a classic script's top level belongs to the whole page.
/// `shared`: see [`top_level::is_delicate`].
fn options(op: &JsOp, program: &Program, shared: Option<SyntaxContext>) -> MinifyOptions {
    let module = op.goal == Goal::Module;
    let named = op.names == Names::OfFunctions;
    let setters = top_level::has_static_setters(program);
    let delicate = setters || top_level::is_delicate(program, shared);
    let alone = module && !delicate;
    let stays = named || setters || loops::is_delicate(program);
    MinifyOptions {
        rename: false,
        compress: Some(CompressOptions {
            passes: 2,
            module: alone,
            // Nothing newer than the author wrote, for the browsers the author chose.
            ecma: EsVersion::Es5,
            top_level: alone.then_some(TopLevelOptions { functions: true }),
            unused: !delicate,
            dead_code: !delicate,
            // A function without a name is called as the variable that it was put into first.
            inline: if stays { 0 } else { 3 },
            collapse_vars: !stays,
            reduce_fns: !named,
            hoist_props: !named,
            keep_fnames: named,
            keep_classnames: named,
            switches: !scopes::are_in_cases(program),
            // Scripts do add to the prototypes of strings and arrays.
            pristine_globals: false,
            pure_getters: PureGetterOption::Strict,
            drop_debugger: false,
            directives: false,
            ..CompressOptions::default()
        }),
        mangle: Some(MangleOptions {
            top_level: Some(module),
            keep_fn_names: named,
            keep_class_names: named,
            reserved: if named { own_names::given(program) } else { Vec::new() },
            ..MangleOptions::default()
        }),
        wrap: false,
        enclose: false,
    }
}

/// What was printed must parse again, and must be as safe to put into a page as the input was.
fn check(code: &str, source: &str, goal: Goal) -> Result<(), TransformError> {
    let map: Lrc<SourceMap> = Lrc::default();
    let file = map.new_source_file(FileName::Anon.into(), code.to_owned());
    parse(&map, &file, goal, &SingleThreadedComments::default())
        .map_err(|e| refused(format!("the minified script does not parse: {e}")))?;
    let (code, source) = (code.to_ascii_lowercase(), source.to_ascii_lowercase());
    for unsafe_in_html in ["</script", "<!--"] {
        if code.contains(unsafe_in_html) && !source.contains(unsafe_in_html) {
            return Err(refused("the minified script would end its element".into()));
        }
    }
    Ok(())
}

/// An error about the script as a whole.
fn refused(message: String) -> TransformError {
    TransformError { line: 1, column: 1, message }
}
