//! Validates function bodies: all of them while the module is decoded, or one by one later.
//!
//! A body and wasmparser's knowledge of the module around it go in, a verdict comes out. Both ways run the same
//! validator over the same bytes, so an invalid body has the same message and offset whenever it is looked at.

use core::fmt;
use core::mem;

use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, ValidatorResources,
    WasmFeatures,
};

use super::info::ModuleInfo;
use crate::config::{Compilation, Config};
use crate::error::{Error, ErrorKind};
use crate::types::FuncIdx;

/// The most values on a function's operand stack. A body of a few megabytes may call a function with a thousand results
/// millions of times, and wasmparser would note the type of every one of them.
const MAX_OPERANDS: u32 = 1 << 22;

/// What decoding does with each body as it comes by.
pub(super) enum BodyPass {
    /// Validate it, with the allocations of the one before.
    Validate(FuncValidatorAllocations),
    /// Put it off, keeping what validating it will need.
    PutOff(Option<BodyValidator>),
}

impl BodyPass {
    pub(super) fn new(config: &Config) -> Self {
        match config.compilation {
            Compilation::Eager | Compilation::Lazy => Self::Validate(FuncValidatorAllocations::default()),
            Compilation::LazyValidation => Self::PutOff(None),
        }
    }

    pub(super) fn body(
        &mut self,
        func: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
    ) -> Result<(), Error> {
        match self {
            Self::Validate(allocations) => {
                let mut validator = func.into_validator(mem::take(allocations));
                validate(&mut validator, body)?;
                *allocations = validator.into_allocations();
            }
            // All bodies of a module share one set of resources.
            Self::PutOff(validator) => {
                validator.get_or_insert(BodyValidator { resources: func.resources, features: func.features });
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Option<BodyValidator> {
        match self {
            Self::Validate(_) => None,
            Self::PutOff(validator) => validator,
        }
    }
}

/// Validates the bodies of one module after it has been decoded; threads may share it.
pub(crate) struct BodyValidator {
    resources: ValidatorResources,
    features: WasmFeatures,
}

impl BodyValidator {
    /// Validates the body of `func`, a function of the module `info` that this validator came with. An imported
    /// function has no body, and so nothing that could be invalid.
    pub(crate) fn validate(&self, info: &ModuleInfo, func: FuncIdx) -> Result<(), Error> {
        let Some(range) = info.body(func) else { return Ok(()) };
        let bytes = &info.bytes[range.start as usize..range.end as usize];
        let reader = BinaryReader::new_features(bytes, u64::from(range.start), self.features);
        let to_validate = FuncToValidate {
            resources: self.resources.clone(),
            index: func.0,
            ty: info.funcs[func.index()].0,
            features: self.features,
        };
        let mut validator = to_validate.into_validator(FuncValidatorAllocations::default());
        validate(&mut validator, &FunctionBody::new(reader))
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
