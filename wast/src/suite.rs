//! What the folders of the official test suite need: each holds scripts of some version of WebAssembly, or of a proposal, and
//! these assert that what came later is invalid.

use wapiti::Config;

/// Switches proposals on and off as the script at `path` of the suite needs it. A path begins with the folder: `wasm-v2/i32.wast`,
/// `proposals/simd/simd_load.wast`. What is standardised and newer than the folder is off; a proposal's own is on.
///
/// ```
/// let mut config = wapiti::Config::new();
/// wapiti_wast::configure_for("proposals/threads/atomic.wast", &mut config);
/// let script = "(module (memory 1 1 shared))";
/// assert!(wapiti_wast::run_script(script, "atomic.wast", &config)?.is_success());
/// # Ok::<(), wapiti_wast::ScriptError>(())
/// ```
pub fn configure_for(path: &str, config: &mut Config) {
    let mut folders = path.split('/');
    match (folders.next(), folders.next()) {
        (Some("wasm-v1"), _) => as_of_version_1(config),
        (Some("wasm-v2"), _) => as_of_version_2(config),
        (Some("proposals"), Some(proposal)) => configure_for_proposal(proposal, config),
        _ => {}
    }
}

fn as_of_version_2(config: &mut Config) {
    config
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_exceptions(false)
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_function_references(false)
        .wasm_gc(false);
}

fn as_of_version_1(config: &mut Config) {
    as_of_version_2(config);
    config
        .wasm_sign_extension(false)
        .wasm_saturating_float_to_int(false)
        .wasm_multi_value(false)
        .wasm_bulk_memory(false)
        .wasm_reference_types(false)
        .wasm_simd(false);
}

fn configure_for_proposal(proposal: &str, config: &mut Config) {
    match proposal {
        "bulk-memory" | "multi-value" | "mutable-global" => {
            config.wasm_multi_memory(false).wasm_memory64(false);
        }
        "custom-page-sizes" => _ = config.wasm_custom_page_sizes(true),
        "function-references" => {
            config.wasm_multi_memory(false).wasm_extended_const(false).wasm_gc(false);
        }
        "memory64" => _ = config.wasm_multi_memory(false),
        "reference-types" => {
            config.wasm_multi_memory(false).wasm_memory64(false);
            config.wasm_function_references(false).wasm_gc(false);
        }
        "threads" => {
            as_of_version_2(config);
            config.wasm_threads(true).wasm_reference_types(false);
        }
        "wide-arithmetic" => _ = config.wasm_wide_arithmetic(true),
        _ => {}
    }
}
