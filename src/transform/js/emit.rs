//! Syntax tree to text and map.

use super::JsOutput;
use super::refused;
use crate::transform::TransformError;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use swc_core::atoms::Atom;
use swc_core::common::{
    BytePos, FileName, LineCol, SourceMap, comments::SingleThreadedComments, source_map::SourceMapGenConfig, sync::Lrc,
};
use swc_core::ecma::ast::{Ident, Program};
use swc_core::ecma::codegen::{
    Config, Emitter,
    text_writer::{JsWriter, WriteJs, omit_trailing_semi},
};
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

pub struct Context<'a> {
    pub map: &'a Lrc<SourceMap>,
    /// The input is independent of its encoding, and so must be the output.
    pub ascii: bool,
    pub comments: &'a SingleThreadedComments,
    /// All that must be in the text.
    pub licenses: &'a [String],
    /// The author's names. `None`: no source map.
    pub names: Option<&'a Names>,
    pub input_map: Option<&'a str>,
}

/// What stands where in the author's text.
pub type Names = HashMap<BytePos, Atom>;

/// To be called before names are mangled.
pub fn names(program: &Program) -> Names {
    struct Collect(Names);
    impl Visit for Collect {
        noop_visit_type!();
        fn visit_ident(&mut self, ident: &Ident) {
            self.0.insert(ident.span.lo, ident.sym.clone());
        }
    }
    let mut collect = Collect(Names::new());
    program.visit_with(&mut collect);
    collect.0
}

pub fn emit(program: &Program, context: &Context) -> Result<JsOutput, TransformError> {
    let (mut code, mut mappings) = print(program, context)?;
    let shift = restore_licenses(&mut code, context.licenses);
    for (_, place) in &mut mappings {
        place.line += shift;
    }
    let (map, note) = match context.names {
        Some(names) => source_map(context, names, &mappings),
        None => (None, None),
    };
    Ok(JsOutput { code, map, changed: true, note })
}

fn print(program: &Program, context: &Context) -> Result<(String, Vec<(BytePos, LineCol)>), TransformError> {
    let (mut bytes, mut mappings) = (Vec::new(), Vec::new());
    let recorded = context.names.is_some().then_some(&mut mappings);
    let writer = JsWriter::new(context.map.clone(), "\n", &mut bytes, recorded);
    let mut emitter = Emitter {
        cfg: Config::default().with_minify(true).with_inline_script(true).with_ascii_only(context.ascii),
        cm: context.map.clone(),
        comments: Some(context.comments),
        wr: Box::new(omit_trailing_semi(writer)) as Box<dyn WriteJs>,
    };
    let printed = emitter.emit_program(program);
    drop(emitter);
    printed.map_err(|e| refused(e.to_string()))?;
    let code = String::from_utf8(bytes).map_err(|e| refused(e.to_string()))?;
    Ok((code, mappings))
}

/// A comment goes with the code it stood at; a licence must stay. Returns how many lines were put in front.
fn restore_licenses(code: &mut String, licenses: &[String]) -> u32 {
    let mut lost = String::new();
    for license in licenses {
        if !code.contains(license.as_str()) && !lost.contains(license.as_str()) {
            lost.push_str(license);
            lost.push('\n');
        }
    }
    let first_line = if code.starts_with("#!") { code.find('\n').map_or(code.len(), |end| end + 1) } else { 0 };
    code.insert_str(first_line, &lost);
    lost.matches('\n').count() as u32
}

fn source_map(context: &Context, names: &Names, mappings: &[(BytePos, LineCol)]) -> (Option<String>, Option<String>) {
    let broken = |why: &str| (None, Some(format!("its source map cannot be used: {why}")));
    let input = match context.input_map.map(|m| swc_sourcemap::SourceMap::from_slice(m.as_bytes())) {
        None => None,
        Some(Ok(map)) => Some(map),
        Some(Err(e)) => return broken(&e.to_string()),
    };
    // A map that contradicts the text makes the library index out of bounds.
    let built = catch_unwind(AssertUnwindSafe(|| {
        let map = context.map.build_source_map(mappings, input, MapConfig(names));
        let mut text = Vec::new();
        map.to_writer(&mut text).map(|()| text)
    }));
    match built {
        Ok(Ok(text)) => (String::from_utf8(text).ok(), None),
        Ok(Err(e)) => broken(&e.to_string()),
        Err(_) => broken("it contradicts the script"),
    }
}

struct MapConfig<'a>(&'a Names);

impl SourceMapGenConfig for MapConfig<'_> {
    fn file_name_to_source(&self, name: &FileName) -> String {
        match name {
            FileName::Custom(name) => name.clone(),
            other => other.to_string(),
        }
    }

    fn name_for_bytepos(&self, at: BytePos) -> Option<&str> {
        self.0.get(&at).map(|name| &**name)
    }

    fn inline_sources_content(&self, _: &FileName) -> bool {
        true
    }
}
