//! The campaigns against Wasmtime. Run them by .ci/differential, or here: `cargo test --release`.
//!
//! `WAPITI_CASES=n` sets how many seeds are checked, `WAPITI_FIRST=n` where they begin, `WAPITI_SEED=n` repeats a single one.

use std::sync::LazyLock;

use wapiti_differential::{
    Campaign, Case, Failure, Proposals, Tally, check_case_with, check_random_module, check_random_program,
};
use wapiti_differential_wasmtime::{OnWasmtime, engine};
use wasmtime::Engine;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine().expect("the settings fit together"));

/// Modules of every kind.
#[test]
fn modules_of_all_proposals() {
    let tally = Campaign { name: "modules_of_all_proposals", cases: 8000, check: check_module }.run();
    assert_enough_is_compared(&tally, 4);
}

fn check_module(seed: u64) -> Result<Tally, Failure> {
    check_random_module(seed, Proposals::All, check_case)
}

/// Programs with exceptions and objects.
#[test]
fn programs_of_all_proposals() {
    let tally = Campaign { name: "programs_of_all_proposals", cases: 5000, check: check_program }.run();
    assert_enough_is_compared(&tally, 3);
}

fn check_program(seed: u64) -> Result<Tally, Failure> {
    check_random_program(seed, Proposals::All, check_case)
}

fn check_case(case: &Case) -> Result<Tally, Failure> {
    check_case_with(case, "Wasmtime", || OnWasmtime::new(&ENGINE))
}

/// Fails if the cases are such that they tell little: one step of `one_in` has to return, and there have to be objects,
/// throws and exceptions that reach the host.
fn assert_enough_is_compared(tally: &Tally, one_in: u64) {
    if tally.cases < 100 {
        return;
    }
    let steps = tally.returned + tally.trapped + tally.thrown + tally.unreachable + tally.host_failed;
    assert!(tally.returned * one_in > steps, "too few steps return: {tally:?}");
    assert!(tally.incomparable * 10 < tally.cases, "too much cannot be compared: {tally:?}");
    assert!(tally.has_all_proposals(), "some proposals are hardly used: {tally:?}");
}
