//! Is a module valid? Wapiti and the validator alone must agree, whatever is in the module, and nothing may panic.
//!
//! What is valid is also lowered, every function of it, and what is not fails in each compile mode with the same
//! message and offset. Modules are never run here: they may not terminate.

use wapiti::{Compilation, Dispatch, Engine, Error, ErrorKind, Module};
use wasmparser::{
    BinaryReaderError, FuncValidatorAllocations, Parser, ValidPayload, Validator, WasmFeatures,
};

use crate::campaign::{Failure, Tally};
use crate::check::caught;
use crate::on_wapiti::{Settings, engine};

/// Checks that Wapiti judges the module as wasmparser does.
pub fn check_verdict(module: &[u8]) -> Result<Tally, Failure> {
    match caught(|| compare_verdicts(module)) {
        Ok(Ok(is_valid)) => Ok(Tally { cases: 1, invalid: u64::from(!is_valid), ..Tally::default() }),
        Ok(Err(message)) | Err(message) => Err(Failure { message, modules: vec![module.to_vec()] }),
    }
}

/// A message and its offset.
type Refusal = (String, usize);

/// Returns what the verdict is, or how verdicts differ.
fn compare_verdicts(bytes: &[u8]) -> Result<bool, String> {
    compare_verdicts_by(bytes, DEFAULT_FEATURES, true)?;
    compare_verdicts_by(bytes, FEATURES, false)
}

/// Likewise, by an engine that accepts these proposals.
fn compare_verdicts_by(
    bytes: &[u8],
    features: WasmFeatures,
    default_proposals: bool,
) -> Result<bool, String> {
    let engine =
        |compilation| engine(Settings { default_proposals, ..Settings::new(Dispatch::Match, compilation) });
    let expected = validate(bytes, true, features).err();
    for compilation in [Compilation::Eager, Compilation::Lazy] {
        let found = Module::from_binary(&engine(compilation), bytes);
        if let Ok(module) = &found {
            lower_all(module).map_err(|message| format!("{compilation:?}: {message}"))?;
        }
        same(&expected, found.err()).map_err(|message| format!("{compilation:?}: {message}"))?;
    }
    let late = engine(Compilation::LazyValidation);
    let found = Module::validate(&late, bytes).err();
    same(&expected, found).map_err(|message| format!("Module::validate: {message}"))?;
    // What is outside of bodies comes first.
    let expected_late = validate(bytes, false, features).err().or_else(|| expected.clone());
    let found = with_bodies_validated_late(&late, bytes).err();
    same(&expected_late, found).map_err(|message| format!("LazyValidation: {message}"))?;
    Ok(expected.is_none())
}

/// Validates a module, with or without its function bodies, up to the first error.
fn validate(bytes: &[u8], with_bodies: bool, features: WasmFeatures) -> Result<(), Refusal> {
    let refusal = |error: BinaryReaderError| (error.message().to_owned(), error.offset() as usize);
    let mut validator = Validator::new_with_features(features);
    let mut allocations = FuncValidatorAllocations::default();
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(bytes) {
        let payload = payload.map_err(refusal)?;
        if let ValidPayload::Func(func, body) = validator.payload(&payload).map_err(refusal)?
            && with_bodies
        {
            let mut func = func.into_validator(allocations);
            func.validate(&body).map_err(refusal)?;
            allocations = func.into_allocations();
        }
    }
    Ok(())
}

/// What is on by default.
pub(crate) const DEFAULT_FEATURES: WasmFeatures = WasmFeatures::WASM3.difference(WasmFeatures::THREADS);

/// What the engine under test is told to accept otherwise.
const FEATURES: WasmFeatures =
    WasmFeatures::WASM3.union(WasmFeatures::CUSTOM_PAGE_SIZES).union(WasmFeatures::WIDE_ARITHMETIC);

/// Lowers all functions; only a limit may keep one from it.
fn lower_all(module: &Module) -> Result<(), String> {
    for func_idx in 0..module.function_count() {
        match module.listing(func_idx) {
            Err(error) if !matches!(error.kind(), ErrorKind::Usage(_) | ErrorKind::Limit { .. }) => {
                return Err(format!("valid, but function {func_idx} is not: {error}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a module whose functions are validated when they are first needed, and needs them all in order.
fn with_bodies_validated_late(engine: &Engine, bytes: &[u8]) -> Result<(), Error> {
    let module = Module::from_binary(engine, bytes)?;
    for func_idx in 0..module.function_count() {
        match module.listing(func_idx) {
            Err(error) if !matches!(error.kind(), ErrorKind::Usage(_)) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn same(expected: &Option<Refusal>, found: Option<Error>) -> Result<(), String> {
    let found_invalid = match found.as_ref().map(Error::kind) {
        None => None,
        Some(ErrorKind::Invalid { message, offset }) => Some((message.clone(), *offset)),
        // Valid, or perhaps not, but too large to tell.
        Some(ErrorKind::Limit { .. }) => return Ok(()),
        Some(other) => return Err(format!("an error of another kind: {other}")),
    };
    if *expected == found_invalid {
        return Ok(());
    }
    Err(format!("the validator says {expected:?}, Wapiti says {found_invalid:?}"))
}
