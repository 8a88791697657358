//! Gives a module hints which branches are likely, some true, some not: what a module means does not depend on them, but how
//! its code is laid out does.

use wasm_encoder::{BranchHint, BranchHints, Module, RawSection};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::noise::Noise;

/// The module with hints at about half of its conditional branches.
pub(crate) fn with_hints(module: &[u8], seed: u64) -> Vec<u8> {
    const CODE_SECTION: u8 = 10;
    let hints = random_hints(module, &mut Noise::new(seed));
    let mut hinted = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.expect("generated modules are well-formed");
        if let Some((id, range)) = payload.as_section() {
            if id == CODE_SECTION {
                hinted.section(&hints);
            }
            hinted.section(&RawSection { id, data: &module[range.start as usize..range.end as usize] });
        }
    }
    hinted.finish()
}

fn random_hints(module: &[u8], noise: &mut Noise) -> BranchHints {
    let (mut hints, mut func_idx) = (BranchHints::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload.expect("generated modules are well-formed") {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let ty = import.expect("likewise").ty;
                    func_idx += u32::from(matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let found = hints_of(&body, noise);
                if !found.is_empty() {
                    hints.function_hints(func_idx, found);
                }
                func_idx += 1;
            }
            _ => {}
        }
    }
    hints
}

fn hints_of(body: &FunctionBody<'_>, noise: &mut Noise) -> Vec<BranchHint> {
    let mut hints = Vec::new();
    let operators = body.get_operators_reader().expect("likewise").into_iter_with_offsets();
    for operator in operators {
        let (operator, offset) = operator.expect("likewise");
        if matches!(operator, Operator::If { .. } | Operator::BrIf { .. }) && noise.below(2) == 0 {
            hints.push(BranchHint {
                branch_func_offset: (offset - body.range().start) as u32,
                branch_hint_value: noise.below(2) as u32,
            });
        }
    }
    hints
}
