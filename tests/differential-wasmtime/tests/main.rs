//! The campaigns against Wasmtime. Run them by .ci/differential, or here: `cargo test --release`.
//!
//! `WAPITI_CASES=n` sets how many seeds are checked, `WAPITI_FIRST=n` where they begin, `WAPITI_SEED=n` repeats a single one.

use std::sync::LazyLock;
use std::time::Duration;

use wapiti_differential::{
    Campaign, Case, Failure, Nans, Proposals, Tally, check_case_with, random_bytes, random_module, reduce,
};
use wapiti_differential_wasmtime::{OnWasmtime, engine};
use wasmtime::Engine;

/// How long a failure is made simpler before it is reported.
const REDUCTION_TIME: Duration = Duration::from_secs(30);

static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine().expect("the settings fit together"));

#[test]
fn modules_of_all_proposals() {
    let tally = Campaign { name: "modules_of_all_proposals", cases: 20_000, check }.run();
    if tally.cases >= 100 {
        let steps = tally.returned + tally.trapped + tally.thrown + tally.unreachable + tally.host_failed;
        assert!(tally.returned * 4 > steps, "too few steps return: {tally:?}");
        assert!(tally.incomparable * 5 < tally.cases, "too much cannot be compared: {tally:?}");
    }
}

fn check(seed: u64) -> Result<Tally, Failure> {
    let bytes = random_bytes(seed);
    let check = |bytes: &[u8]| match random_module(bytes, Proposals::All) {
        Some(module) => {
            let modules = vec![module];
            let case = Case { modules, seed, rounds: 8, fuel: 500, is_varied: true, nans: Nans::Canonical };
            check_case_with(&case, "Wasmtime", || OnWasmtime::new(&ENGINE))
        }
        None => Ok(Tally::default()),
    };
    check(&bytes).map_err(|failure| {
        let reduced = reduce(&bytes, REDUCTION_TIME, |bytes| check(bytes).is_err());
        let reduced = check(&reduced).err().unwrap_or_else(|| failure.clone());
        Failure { message: format!("{}\nat first: {}", reduced.message, failure.message), ..reduced }
    })
}
