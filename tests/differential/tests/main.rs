//! The campaigns. Run them optimised: `cargo test --release -p wapiti-differential`.
//!
//! `WAPITI_CASES=n` sets how many seeds each campaign checks, `WAPITI_FIRST=n` where they begin, `WAPITI_SEED=n` repeats a
//! single one.

use wapiti_differential::{
    Campaign, Case, Failure, Nans, Noise, Padding, Proposals, Tally, check_bytes, check_case,
    check_random_module, check_random_program, check_strategies, check_twins, check_verdict, invalid_module,
    mutate, program_case, random_bytes, random_module, random_program, sequence_module, sequence_modules,
    strategies,
};

#[test]
fn all_strategies_are_offered() {
    let expected = if cfg!(debug_assertions) { 2 } else { 3 };
    assert!(strategies().len() >= expected, "only {:?} are offered", strategies());
}

/// Modules of every kind.
#[test]
fn modules() {
    let tally = Campaign { name: "modules", cases: 2000, check: check_module }.run();
    // Most modules run out of fuel sooner or later, or execute `unreachable`.
    assert_enough_is_compared(&tally, 4);
}

fn check_module(seed: u64) -> Result<Tally, Failure> {
    check_random_module(seed, Proposals::Common, check_case)
}

/// Modules with proposals that wasmi lacks: the strategies and compile modes are compared with one another.
#[test]
fn modules_of_all_proposals() {
    let tally = Campaign { name: "modules_of_all_proposals", cases: 800, check: check_any_module }.run();
    assert_enough_is_compared(&tally, 4);
    assert_all_is_used(&tally);
}

fn check_any_module(seed: u64) -> Result<Tally, Failure> {
    check_random_module(seed, Proposals::All, check_strategies)
}

/// Programs for the hot paths of lowering.
#[test]
fn programs() {
    let tally = Campaign { name: "programs", cases: 1500, check: check_program }.run();
    assert_enough_is_compared(&tally, 2);
}

fn check_program(seed: u64) -> Result<Tally, Failure> {
    check_random_program(seed, Proposals::Common, check_case)
}

/// The same with exceptions and objects, without another engine.
#[test]
fn programs_of_all_proposals() {
    let tally = Campaign { name: "programs_of_all_proposals", cases: 500, check: check_any_program }.run();
    assert_enough_is_compared(&tally, 3);
    assert_all_is_used(&tally);
}

fn check_any_program(seed: u64) -> Result<Tally, Failure> {
    check_random_program(seed, Proposals::All, check_strategies)
}

/// The same programs in frames so large that operands are out of reach of their fields.
#[test]
fn padded_programs() {
    Campaign { name: "padded_programs", cases: 100, check: check_padded_program }.run();
}

fn check_padded_program(seed: u64) -> Result<Tally, Failure> {
    let mut noise = Noise::new(seed);
    // Locals alone stay within reach, which leaves programs on both sides of the border.
    let padding = Padding { locals: 49_000, values: 16_500 + noise.below(300) as u32 };
    let proposals = if seed.is_multiple_of(2) { Proposals::Common } else { Proposals::All };
    check_bytes(seed, |bytes| {
        let twin = program_case(bytes, seed, padding, proposals);
        check_twins(&program_case(bytes, seed, Padding::default(), proposals), &twin)
    })
}

/// Every fused sequence of ops, in several variants.
#[test]
fn sequences() {
    let cases = SEQUENCE_VARIANTS * sequence_modules();
    let tally = Campaign { name: "sequences", cases, check: check_sequences }.run();
    // Sixteen sequences a case.
    assert!(tally.refused * 100 <= tally.cases * 16, "too many sequences have no code: {tally:?}");
}

const SEQUENCE_VARIANTS: u64 = 4;

fn check_sequences(seed: u64) -> Result<Tally, Failure> {
    let (number, variant) = (seed % sequence_modules(), seed / sequence_modules());
    let (module, missing) = sequence_module(number, variant);
    let modules = vec![module];
    let tally = check_case(&Case { modules, seed, rounds: 12, fuel: 0, is_varied: false, nans: Nans::Rare })?;
    Ok(Tally { refused: missing, ..tally })
}

/// Damaged modules, and modules with functions that are arbitrary bytes: valid or not, never a panic.
#[test]
fn verdicts() {
    let tally = Campaign { name: "verdicts", cases: 600, check: check_damaged }.run();
    assert!(tally.invalid <= tally.cases);
}

fn check_damaged(seed: u64) -> Result<Tally, Failure> {
    let bytes = random_bytes(seed);
    let mut noise = Noise::new(!seed);
    let mut originals = random_program(&bytes, Padding::default(), Proposals::All);
    originals.extend(random_module(&bytes, Proposals::All));
    originals.extend(invalid_module(&bytes));
    let mut tally = Tally::default();
    for original in &originals {
        tally += check_verdict(original)?;
        for _ in 0..10 {
            tally += check_verdict(&mutate(original, &mut noise))?;
        }
    }
    Ok(tally)
}

/// Fails if the cases are such that they tell little: one step of `one_in` has to return.
fn assert_enough_is_compared(tally: &Tally, one_in: u64) {
    if tally.cases < 100 {
        return;
    }
    let steps = tally.returned
        + tally.trapped
        + tally.unreachable
        + tally.exhausted
        + tally.host_failed
        + tally.thrown;
    assert!(tally.returned * one_in > steps, "too few steps return: {tally:?}");
    assert!(tally.incomparable * 20 < tally.cases, "too much cannot be compared: {tally:?}");
}

/// Fails if there were no objects, no throws, or no exceptions that reach the host.
fn assert_all_is_used(tally: &Tally) {
    assert!(tally.has_all_proposals() || tally.cases < 100, "some proposals are hardly used: {tally:?}");
}
