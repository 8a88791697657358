//! Validates function bodies: all of them when the code section has been read, or one by one later.
//!
//! A body and wasmparser's knowledge of the module around it go in, a verdict comes out. Both ways do the same with the
//! same bytes, so an invalid body has the same message and offset whenever it is looked at. Most bodies are accepted
//! without wasmparser ([`super::accept`]); only it refuses one.

use core::fmt;
use core::mem;
use core::ops::Range;

use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, ValidatorResources,
    WasmFeatures,
};

use super::accept::Accepter;
use super::info::ModuleInfo;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::sync::Mutex;
use crate::threads::{Threads, for_each_piece};
use crate::types::FuncIdx;

/// The most values on a function's operand stack. A body of a few megabytes may call a function with a thousand results
/// millions of times, and wasmparser would note the type of every one of them.
const MAX_OPERANDS: u32 = 1 << 22;

/// Validating so many bytes takes far longer than starting a thread, also on a machine that is busy.
const BYTES_PER_THREAD: usize = 256 * 1024;

/// Validates the bodies of one module, once all sections before them are known; threads may share it.
pub(crate) struct BodyValidator {
    /// What wasmparser knows of the module. For one whose sections were accepted without it, it is told when the first
    /// body is not accepted.
    resources: Mutex<Option<ValidatorResources>>,
    features: WasmFeatures,
}

impl BodyValidator {
    /// What validates all bodies of the module that `func` is from: they share one set of resources.
    pub(super) fn new(func: FuncToValidate<ValidatorResources>) -> Self {
        Self { resources: Mutex::new(Some(func.resources)), features: func.features }
    }

    /// Likewise for a module that wasmparser has not validated.
    pub(super) fn of_accepted(features: WasmFeatures) -> Self {
        Self { resources: Mutex::new(None), features }
    }

    fn resources(&self, info: &ModuleInfo) -> Result<ValidatorResources, Error> {
        let mut resources = self.resources.lock();
        if let Some(known) = &*resources {
            return Ok(known.clone());
        }
        Ok(resources.insert(super::resources(&info.bytes, self.features)?).clone())
    }

    /// Validates all bodies that `info` has so far, on several threads if that pays.
    pub(super) fn validate_all<'m>(&self, info: &'m ModuleInfo, max_threads: usize) -> Result<(), Error> {
        let work = |scratch: &mut Scratch<'m>, mut piece: Range<usize>| {
            piece.try_for_each(|body| {
                let func = FuncIdx::from(info.imported.funcs as usize + body);
                self.validate_with(scratch, info, func, info.bodies[body].clone())
            })
        };
        let threads = Threads { max: max_threads, bytes_per_thread: BYTES_PER_THREAD };
        for_each_piece(&info.bodies, threads, || Scratch::new(info), work).map(drop)
    }

    /// Validates the body of `func`, a function of the module `info` that this validator came with. An imported
    /// function has no body, and so nothing that could be invalid.
    pub(crate) fn validate(&self, info: &ModuleInfo, func: FuncIdx) -> Result<(), Error> {
        let Some(body) = info.body(func) else { return Ok(()) };
        self.validate_with(&mut Scratch::new(info), info, func, body)
    }

    fn validate_with<'m>(
        &self,
        scratch: &mut Scratch<'m>,
        info: &'m ModuleInfo,
        func: FuncIdx,
        body: Range<u32>,
    ) -> Result<(), Error> {
        let bytes = &info.bytes[body.start as usize..body.end as usize];
        // What is accepted is valid when all default proposals are on.
        if self.features == Config::DEFAULT_FEATURES && scratch.accepter.accepts(func, bytes) {
            debug_assert!(
                self.ask_wasmparser(scratch, info, func, body).is_ok(),
                "only valid bodies are accepted"
            );
            return Ok(());
        }
        self.ask_wasmparser(scratch, info, func, body)
    }

    fn ask_wasmparser(
        &self,
        scratch: &mut Scratch<'_>,
        info: &ModuleInfo,
        func: FuncIdx,
        body: Range<u32>,
    ) -> Result<(), Error> {
        let bytes = &info.bytes[body.start as usize..body.end as usize];
        let reader = BinaryReader::new_features(bytes, u64::from(body.start), self.features);
        let to_validate = FuncToValidate {
            resources: self.resources(info)?,
            index: func.0,
            ty: info.funcs[func.index()].0,
            features: self.features,
        };
        let mut validator = to_validate.into_validator(mem::take(&mut scratch.allocations));
        validate(&mut validator, &FunctionBody::new(reader))?;
        scratch.allocations = validator.into_allocations();
        Ok(())
    }
}

/// Memory that is used again from body to body.
struct Scratch<'m> {
    accepter: Accepter<'m>,
    allocations: FuncValidatorAllocations,
}

impl<'m> Scratch<'m> {
    fn new(info: &'m ModuleInfo) -> Self {
        Self { accepter: Accepter::new(info), allocations: FuncValidatorAllocations::default() }
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

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use super::{BodyValidator, Scratch};
    use crate::config::{Compilation, Config};
    use crate::decode::decode;
    use crate::decode::info::ModuleInfo;
    use crate::types::FuncIdx;

    /// Something of everything that is accepted without wasmparser.
    const TEXT: &str = "(module
        (type $pair (func (param i32 i64) (result i64 i32)))
        (import \"m\" \"imported\" (func $imported (param f64)))
        (memory 1) (table 4 funcref) (table 4 externref)
        (global $constant i32 (i32.const 1)) (global $variable (mut i64) (i64.const 1))
        (func $swap (type $pair) (local.get 1) (local.get 0))
        (func $twice (param i32 i64) (result i64 i32)
            (return_call $swap (i32.const 70000) (call $swap (local.get 0) (local.get 1)) (drop)))
        (func (param i32) (result i32) (local i64 f32 f64 i32) (local funcref externref)
            (block $out (block $in
                (br_if $out (i32.eqz (local.get 0)))
                (br_table $in $out $in (i32.and (local.get 0) (i32.const 3))))
                (local.set 1 (i64.mul (i64.extend_i32_s (local.tee 4 (i32.load8_u offset=300 (local.get 0))))
                    (i64.const -123456789012345)))
                (i64.store offset=8 (local.get 0) (local.get 1)))
            (loop $again (result f64)
                (local.set 3 (f64.add (f64.convert_i32_u (local.get 0)) (f64.const 0.5)))
                (if (f64.lt (local.get 3) (f64.promote_f32 (f32.load (i32.const 16)))) (then (br $again)))
                (local.get 3))
            (call $imported)
            (if (result i32) (i64.eqz (global.get $variable))
                (then (global.set $variable (i64.trunc_sat_f64_u (local.get 3))) (i32.const -2147483648))
                (else (drop (call_indirect (type $pair) (i32.const 1) (i64.const 2) (local.get 0)))
                    (i32.wrap_i64)))
            (i32.const 5) (i64.const 6) (block (type $pair) (call $swap)) (drop) (drop)
            (memory.copy (i32.const 1) (i32.const 2) (memory.grow (i32.const 1)))
            (memory.fill (i32.const 1) (i32.const 2) (memory.size))
            (select (i32.reinterpret_f32 (local.get 2)) (i32.extend8_s (local.get 0)) (global.get $constant))
            (return (i32.add)) )
        (func (result i32) (block (br 0)) (if (i32.const 1) (then (unreachable)) (else)) (i32.const 7)))";

    /// Which functions that the module defines are accepted, and which ones are valid.
    fn verdicts(info: &ModuleInfo, validator: &BodyValidator) -> Vec<(bool, bool)> {
        let mut scratch = Scratch::new(info);
        let first = info.imported.funcs;
        (0..info.bodies.len())
            .map(|index| {
                let (func, body) = (FuncIdx(first + index as u32), info.bodies[index].clone());
                let bytes = &info.bytes[body.start as usize..body.end as usize];
                let accepted = scratch.accepter.accepts(func, bytes);
                (accepted, validator.ask_wasmparser(&mut scratch, info, func, body).is_ok())
            })
            .collect()
    }

    fn decode_lazily(bytes: Vec<u8>) -> ModuleInfo {
        let mut config = Config::new();
        decode(Arc::from(bytes), config.compilation(Compilation::LazyValidation), &Arc::default())
            .expect("only bodies change")
    }

    #[test]
    fn what_compilers_emit_is_accepted() {
        let info = decode_lazily(wat::parse_str(TEXT).expect("the text is well-formed"));
        let validator = info.validator.as_ref().expect("bodies are left to be validated");
        assert_eq!(verdicts(&info, validator), [(true, true); 4]);
    }

    #[test]
    fn nothing_invalid_is_accepted() {
        let original = wat::parse_str(TEXT).expect("the text is well-formed");
        let bodies = decode_lazily(original.clone()).bodies;
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as usize % below
        };
        let (mut accepted, mut invalid) = (0, 0);
        for _ in 0..60_000 {
            let mut bytes = original.clone();
            for _ in 0..=random(3) {
                let body = &bodies[random(bodies.len())];
                let at = body.start as usize + random(body.len());
                // Any byte, one that stands elsewhere in the body, or a neighbour of what was there.
                bytes[at] = match random(3) {
                    0 => random(256) as u8,
                    1 => original[body.start as usize + random(body.len())],
                    _ => original[at] ^ 1 << random(8),
                };
            }
            let info = decode_lazily(bytes);
            let validator = info.validator.as_ref().expect("bodies are left to be validated");
            for (is_accepted, is_valid) in verdicts(&info, validator) {
                assert!(is_valid || !is_accepted, "{:x?}", info.bytes);
                accepted += u32::from(is_accepted);
                invalid += u32::from(!is_valid);
            }
        }
        assert!(accepted > 50_000 && invalid > 20_000, "{accepted} {invalid}");
    }
}
