//! Validates function bodies: all of them when the code section has been read, or one by one later.
//!
//! A body and wasmparser's knowledge of the module around it go in, a verdict comes out. Both ways run the same
//! validator over the same bytes, so an invalid body has the same message and offset whenever it is looked at.

use core::fmt;
use core::mem;
use core::ops::Range;

use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, ValidatorResources,
    WasmFeatures,
};

use super::info::ModuleInfo;
use crate::error::{Error, ErrorKind};
use crate::threads::for_each_piece;
use crate::types::FuncIdx;

/// The most values on a function's operand stack. A body of a few megabytes may call a function with a thousand results
/// millions of times, and wasmparser would note the type of every one of them.
const MAX_OPERANDS: u32 = 1 << 22;

/// Validates the bodies of one module, once all sections before them are known; threads may share it.
pub(crate) struct BodyValidator {
    resources: ValidatorResources,
    features: WasmFeatures,
}

impl BodyValidator {
    /// What validates all bodies of the module that `func` is from: they share one set of resources.
    pub(super) fn new(func: FuncToValidate<ValidatorResources>) -> Self {
        Self { resources: func.resources, features: func.features }
    }

    /// Validates all bodies that `info` has so far, on several threads if that pays.
    pub(super) fn validate_all(&self, info: &ModuleInfo, max_threads: usize) -> Result<(), Error> {
        let work = |allocations: &mut FuncValidatorAllocations, mut piece: Range<usize>| {
            piece.try_for_each(|body| {
                let func = FuncIdx::from(info.imported.funcs as usize + body);
                self.validate_with(allocations, info, func, info.bodies[body].clone())
            })
        };
        for_each_piece(&info.bodies, max_threads, FuncValidatorAllocations::default, work).map(drop)
    }

    /// Validates the body of `func`, a function of the module `info` that this validator came with. An imported
    /// function has no body, and so nothing that could be invalid.
    pub(crate) fn validate(&self, info: &ModuleInfo, func: FuncIdx) -> Result<(), Error> {
        let Some(body) = info.body(func) else { return Ok(()) };
        self.validate_with(&mut FuncValidatorAllocations::default(), info, func, body)
    }

    fn validate_with(
        &self,
        allocations: &mut FuncValidatorAllocations,
        info: &ModuleInfo,
        func: FuncIdx,
        body: Range<u32>,
    ) -> Result<(), Error> {
        let bytes = &info.bytes[body.start as usize..body.end as usize];
        let reader = BinaryReader::new_features(bytes, u64::from(body.start), self.features);
        let to_validate = FuncToValidate {
            resources: self.resources.clone(),
            index: func.0,
            ty: info.funcs[func.index()].0,
            features: self.features,
        };
        let mut validator = to_validate.into_validator(mem::take(allocations));
        validate(&mut validator, &FunctionBody::new(reader))?;
        *allocations = validator.into_allocations();
        Ok(())
    }
}

/// Does what the validator's own `validate` does, and counts operands.
fn validate(validator: &mut FuncValidator<ValidatorResources>, body: &FunctionBody<'_>) -> Result<(), Error> {
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    reader.set_features(*validator.features());
    while !reader.eof() {
        let offset = reader.original_position();
        reader.visit_operator(&mut validator.visitor(offset))??;
        let height = validator.operand_stack_height();
        if height > MAX_OPERANDS {
            return Err(too_many_operands(height, offset));
        }
    }
    let end = reader.original_position();
    Ok(reader.finish_expression(&validator.visitor(end))?)
}

#[cold]
fn too_many_operands(height: u32, offset: u64) -> Error {
    let (value, limit) = (height.into(), MAX_OPERANDS.into());
    let offset = super::narrow(offset) as usize;
    ErrorKind::Limit { what: "values on the operand stack", value, limit, offset }.into()
}

impl fmt::Debug for BodyValidator {
    /// wasmparser's own output would list every type of the module.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyValidator").finish_non_exhaustive()
    }
}
