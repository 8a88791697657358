//! Which proposals a module uses.
//!
//! Outside of function bodies a proposal is used if the module is valid with every proposal and invalid without that
//! one: the validator is the judge, and nothing is listed twice. Bodies are read once instead, and wasmparser's table
//! says for each operator where it comes from.

use std::collections::BTreeSet;

use wasmparser::{
    BlockType, FunctionBody, Operator, Parser, Payload, Result, ValidPayload, Validator, WasmFeatures,
};

/// The name of what was there before all proposals.
const FIRST_VERSION: &str = "mvp";

/// Proposals for core modules, by the names that engines' switches have.
const PROPOSALS: [(&str, WasmFeatures); 23] = [
    ("bulk-memory", WasmFeatures::BULK_MEMORY),
    ("compact-imports", WasmFeatures::COMPACT_IMPORTS),
    ("custom-descriptors", WasmFeatures::CUSTOM_DESCRIPTORS),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("exceptions", WasmFeatures::EXCEPTIONS),
    ("extended-const", WasmFeatures::EXTENDED_CONST),
    ("function-references", WasmFeatures::FUNCTION_REFERENCES),
    ("gc", WasmFeatures::GC),
    ("legacy-exceptions", WasmFeatures::LEGACY_EXCEPTIONS),
    ("memory-control", WasmFeatures::MEMORY_CONTROL),
    ("memory64", WasmFeatures::MEMORY64),
    ("multi-memory", WasmFeatures::MULTI_MEMORY),
    ("multi-value", WasmFeatures::MULTI_VALUE),
    ("mutable-global", WasmFeatures::MUTABLE_GLOBAL),
    ("reference-types", WasmFeatures::REFERENCE_TYPES),
    ("relaxed-simd", WasmFeatures::RELAXED_SIMD),
    ("shared-everything-threads", WasmFeatures::SHARED_EVERYTHING_THREADS),
    ("sign-extension", WasmFeatures::SIGN_EXTENSION),
    ("simd", WasmFeatures::SIMD),
    ("stack-switching", WasmFeatures::STACK_SWITCHING),
    ("tail-call", WasmFeatures::TAIL_CALL),
    ("threads", WasmFeatures::THREADS),
    ("wide-arithmetic", WasmFeatures::WIDE_ARITHMETIC),
];

/// The proposals that the module `binary` needs, in alphabetical order.
///
/// # Errors
///
/// If the module is not valid with all proposals, or a body of its cannot be read.
pub(crate) fn used(binary: &[u8]) -> Result<Vec<String>> {
    let every = WasmFeatures::all().difference(WasmFeatures::COMPONENT_MODEL);
    validate_sections(binary, every)?;
    let mut used = BTreeSet::new();
    for (name, feature) in PROPOSALS {
        if validate_sections(binary, every.difference(feature)).is_err() {
            used.insert(name.to_owned());
        }
    }
    let mut last = FIRST_VERSION;
    for payload in Parser::new(0).parse_all(binary) {
        if let Payload::CodeSectionEntry(body) = payload? {
            used_in(&body, |proposal| {
                // Neighbours are mostly alike, and comparing addresses is cheap.
                if !std::ptr::eq(proposal, last) {
                    last = proposal;
                    used.insert(proposal.replace('_', "-"));
                }
            })?;
        }
    }
    used.remove(FIRST_VERSION);
    Ok(used.into_iter().collect())
}

/// Validates everything but function bodies.
fn validate_sections(binary: &[u8], features: WasmFeatures) -> Result<()> {
    let mut validator = Validator::new_with_features(features);
    for payload in Parser::new(0).parse_all(binary) {
        // What a body validates with is dropped.
        if let ValidPayload::End(_) = validator.payload(&payload?)? {
            break;
        }
    }
    Ok(())
}

/// Tells `found` where each operator and each block's type comes from.
fn used_in(body: &FunctionBody<'_>, mut found: impl FnMut(&'static str)) -> Result<()> {
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let operator = operators.read()?;
        if let Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } = operator
            && matches!(blockty, BlockType::FuncType(_))
        {
            found("multi_value");
        }
        found(proposal_of(&operator));
    }
    Ok(())
}

/// Expands wasmparser's table of operators to a function over it.
macro_rules! define_proposal_of {
    ($(@$proposal:ident $operator:ident $({ $($field:ident: $ty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
        /// The proposal that an operator belongs to, as wasmparser writes it.
        fn proposal_of(operator: &Operator<'_>) -> &'static str {
            match operator {
                $(Operator::$operator { .. } => stringify!($proposal),)*
                _ => FIRST_VERSION,
            }
        }
    };
}

wasmparser::for_each_operator!(define_proposal_of);

#[cfg(test)]
mod tests {
    use super::used;

    fn proposals(text: &str) -> Vec<String> {
        used(&wat::parse_str(text).expect("well formed")).expect("valid but for the bodies")
    }

    #[test]
    fn each_use_is_found() {
        for (text, expected) in [
            ("(module)", &[][..]),
            ("(module (memory 1) (func (result i32) (i32.load (i32.const 0))))", &[]),
            ("(module (func (drop (i32.extend8_s (i32.const 0)))))", &["sign-extension"]),
            ("(module (func (result i32 i32) (i32.const 0) (i32.const 0)))", &["multi-value"]),
            ("(module (func (i32.const 0) (block (param i32) (drop))))", &["multi-value"]),
            ("(module (func (drop (v128.const i64x2 0 0))))", &["simd"]),
            ("(module (func (param externref)))", &["reference-types"]),
            ("(module (memory 1) (memory 1))", &["multi-memory"]),
            ("(module (memory i64 1))", &["memory64"]),
            ("(module (memory 1 1 shared))", &["threads"]),
            ("(module (func return_call 0))", &["tail-call"]),
            ("(module (global i32 (i32.add (i32.const 1) (i32.const 1))))", &["extended-const"]),
            ("(module (tag) (func (throw 0)))", &["exceptions"]),
            ("(module (type (struct)))", &["gc"]),
            ("(module (global (import \"a\" \"b\") (mut i32)))", &["mutable-global"]),
            (
                "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
                &["bulk-memory"],
            ),
            (
                "(module (func (drop (i32.extend8_s (i32.trunc_sat_f32_s (f32.const 0))))))",
                &["saturating-float-to-int", "sign-extension"],
            ),
        ] {
            assert_eq!(proposals(text), expected, "{text}");
        }
    }
}
