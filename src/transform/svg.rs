use super::TransformError;
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SvgOp {}
pub fn optimise(_: &str, _: &SvgOp) -> Result<Option<String>, TransformError> {
    Ok(None)
}
