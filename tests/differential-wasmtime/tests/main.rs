//! The campaigns against Wasmtime. Run them by .ci/differential, or here: `cargo test --release`.
//!
//! `WAPITI_CASES=n` sets how many seeds are checked, `WAPITI_FIRST=n` where they begin, `WAPITI_SEED=n` repeats a single one.

use std::sync::LazyLock;
use std::time::Duration;

use wapiti_differential::{
    Campaign, Case, Failure, Nans, Padding, Proposals, Tally, check_case_with, random_bytes, random_module,
    random_program, reduce,
};
use wapiti_differential_wasmtime::{OnWasmtime, engine};
use wasmtime::Engine;

/// How long a failure is made simpler before it is reported.
const REDUCTION_TIME: Duration = Duration::from_secs(30);

static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine().expect("the settings fit together"));

/// Modules of every kind.
#[test]
fn modules_of_all_proposals() {
    let tally = Campaign { name: "modules_of_all_proposals", cases: 8000, check: check_module }.run();
    assert_enough_is_compared(&tally, 4);
}

fn check_module(seed: u64) -> Result<Tally, Failure> {
    let bytes = random_bytes(seed);
    let check = |bytes: &[u8]| match random_module(bytes, Proposals::All) {
        Some(module) => {
            let modules = vec![module];
            check_case(&Case { modules, seed, rounds: 8, fuel: 500, is_varied: true, nans: Nans::Canonical })
        }
        None => Ok(Tally::default()),
    };
    check(&bytes).map_err(|failure| simplest(failure, &bytes, check))
}

/// Programs with exceptions and objects.
#[test]
fn programs_of_all_proposals() {
    let tally = Campaign { name: "programs_of_all_proposals", cases: 5000, check: check_program }.run();
    assert_enough_is_compared(&tally, 3);
}

fn check_program(seed: u64) -> Result<Tally, Failure> {
    let bytes = random_bytes(seed);
    let check = |bytes: &[u8]| {
        let modules = random_program(bytes, Padding::default(), Proposals::All);
        check_case(&Case { modules, seed, rounds: 8, fuel: 0, is_varied: true, nans: Nans::InCells })
    };
    check(&bytes).map_err(|failure| simplest(failure, &bytes, check))
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
    let is_used = tally.object_ops > 0 && tally.throws > 0 && tally.thrown > 0;
    assert!(is_used, "some proposals are hardly used: {tally:?}");
}

/// The failure that is left when the bytes behind it are made as simple as can be.
fn simplest(failure: Failure, bytes: &[u8], check: impl Fn(&[u8]) -> Result<Tally, Failure>) -> Failure {
    let reduced = reduce(bytes, REDUCTION_TIME, |bytes| check(bytes).is_err());
    let reduced = check(&reduced).err().unwrap_or_else(|| failure.clone());
    Failure { message: format!("{}\nat first: {}", reduced.message, failure.message), ..reduced }
}
