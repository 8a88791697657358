//! Random modules from wasm-smith: every kind of definition and operator, and termination by fuel.
//!
//! In go bytes, out comes a module with the proposals that Wapiti implements. All its items are exported, and so is
//! the global that counts its fuel. NaNs that operators make are made canonical by the module itself, so that their
//! bits may be stored and compared.

use arbitrary::Unstructured;
use wasm_encoder::{ExportKind, ExportSection, RawSection};
use wasm_smith::{Config, Module};
use wasmparser::{ExternalKind, Parser, Payload};

use crate::choices::Choices;
use crate::hints::with_hints;
use crate::noise::Noise;
use crate::subject::FUEL;
use crate::tame::tame;

/// Fuel that a start function has; calls get what the case says.
const START_FUEL: u32 = 500;

/// Bytes that the kind of a module is chosen by, about one a choice: too few would leave the last proposals off.
const CONFIG_BYTES: usize = 48;

/// The bytes that belong to a seed: some seeds have few, most have enough for many functions.
pub fn random_bytes(seed: u64) -> Vec<u8> {
    let mut noise = Noise::new(seed);
    let len = [200, 1000, 2000, 4000, 8000, 16_000][noise.below(6)];
    noise.bytes(len)
}

/// What there is in a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposals {
    /// What wasmi has, too.
    Common,
    /// All that Wapiti has.
    All,
}

/// A module made of `bytes`, or nothing if they do not suffice.
pub fn random_module(bytes: &[u8], proposals: Proposals) -> Option<Vec<u8>> {
    let (head, rest) = bytes.split_at_checked(CONFIG_BYTES)?;
    let mut choices = Choices::new(head);
    let config = config(&mut choices, proposals);
    let throws = config.exceptions_enabled && choices.chance(1, 2);
    let hints = choices.chance(1, 3).then(|| choices.bits());
    let mut module = Module::new(config, &mut Unstructured::new(rest)).ok()?;
    let fuel_idx = module.ensure_termination(START_FUEL).ok()?;
    let module = with_export(&module.to_bytes(), FUEL, ExportKind::Global, fuel_idx);
    let module = if proposals == Proposals::All { tame(&module, throws) } else { module };
    Some(match hints {
        Some(seed) => with_hints(&module, seed),
        None => module,
    })
}

/// A module made of `bytes` whose functions may be arbitrary bytes.
pub fn invalid_module(bytes: &[u8]) -> Option<Vec<u8>> {
    let (head, rest) = bytes.split_at_checked(CONFIG_BYTES)?;
    let mut config = config(&mut Choices::new(head), Proposals::All);
    config.allow_invalid_funcs = true;
    Some(Module::new(config, &mut Unstructured::new(rest)).ok()?.to_bytes())
}

fn config(choices: &mut Choices<'_>, proposals: Proposals) -> Config {
    let mut config = common_config(choices);
    if proposals == Proposals::All {
        config.gc_enabled = choices.chance(3, 4);
        config.reference_types_enabled |= config.gc_enabled;
        config.exceptions_enabled = choices.chance(3, 4);
        config.min_tags = 1;
        config.max_tags = 4;
        config.threads_enabled = choices.chance(1, 2);
        config.relaxed_simd_enabled = config.simd_enabled && choices.chance(1, 2);
    }
    config
}

fn common_config(choices: &mut Choices<'_>) -> Config {
    Config {
        export_everything: true,
        min_funcs: 3,
        max_funcs: 3 + choices.below(12),
        max_instructions: choices.pick(&[100, 400, 1000]),
        max_types: 6 + choices.below(20),
        max_imports: choices.pick(&[0, 2, 8]),
        max_globals: choices.pick(&[2, 10]),
        max_tables: choices.pick(&[1, 3]),
        max_memories: choices.pick(&[1, 1, 3]),
        min_memories: choices.below(2) as u32,
        max_elements: 20,
        max_element_segments: 5,
        max_data_segments: 5,
        max_memory32_bytes: 4 << 16,
        max_memory64_bytes: 4 << 16,
        memory_max_size_required: true,
        max_table_elements: 60,
        table_max_size_required: true,
        allow_floats: choices.chance(3, 4),
        canonicalize_nans: true,
        reference_types_enabled: choices.chance(3, 4),
        bulk_memory_enabled: true,
        multi_value_enabled: true,
        sign_extension_ops_enabled: true,
        saturating_float_to_int_enabled: true,
        tail_call_enabled: true,
        extended_const_enabled: true,
        simd_enabled: choices.chance(1, 2),
        relaxed_simd_enabled: false,
        threads_enabled: false,
        shared_everything_threads_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        // Gets further, but lets less happen.
        disallow_traps: choices.chance(1, 2),
        allow_start_export: choices.chance(1, 2),
        memory64_enabled: choices.chance(1, 4),
        custom_page_sizes_enabled: choices.chance(1, 4),
        wide_arithmetic_enabled: choices.chance(1, 2),
        compact_imports_enabled: false,
        custom_descriptors_enabled: false,
        acquire_release_atomics_enabled: false,
        multibyte_array_access_enabled: false,
        ..Config::default()
    }
}

/// The module with one export more.
fn with_export(module: &[u8], name: &str, kind: ExportKind, idx: u32) -> Vec<u8> {
    let mut out = wasm_encoder::Module::new();
    let mut is_done = false;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.expect("wasm-smith writes well-formed modules");
        if let Payload::ExportSection(exports) = &payload {
            let mut section = ExportSection::new();
            for export in exports.clone() {
                let export = export.expect("wasm-smith writes well-formed exports");
                section.export(export.name, export_kind(export.kind), export.index);
            }
            out.section(section.export(name, kind, idx));
            is_done = true;
        } else if let Some((id, range)) = payload.as_section() {
            out.section(&RawSection { id, data: &module[range.start as usize..range.end as usize] });
        }
    }
    // Without an export section there is nothing to call.
    if is_done { out.finish() } else { module.to_vec() }
}

fn export_kind(kind: ExternalKind) -> ExportKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
    }
}
