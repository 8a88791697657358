//! Seeds checked as random modules or programs; what fails is made as simple as can be.

use std::time::Duration;

use crate::campaign::{Failure, Tally};
use crate::check::{Case, Nans};
use crate::program::{Padding, random_program};
use crate::reduce::reduce;
use crate::smith::{Proposals, random_bytes, random_module};

/// How long a failure is made simpler before it is reported.
const REDUCTION_TIME: Duration = Duration::from_secs(30);

/// Checks the seed's module, if there is one.
///
/// # Errors
///
/// What `check` finds, in the simplest module that it finds something in.
pub fn check_random_module(
    seed: u64,
    proposals: Proposals,
    check: impl Fn(&Case) -> Result<Tally, Failure>,
) -> Result<Tally, Failure> {
    check_bytes(seed, |bytes| match random_module(bytes, proposals) {
        Some(module) => {
            let modules = vec![module];
            check(&Case { modules, seed, rounds: 8, fuel: 500, is_varied: true, nans: Nans::Canonical })
        }
        None => Ok(Tally::default()),
    })
}

/// Checks the seed's program.
///
/// # Errors
///
/// What `check` finds, in the simplest program that it finds something in.
pub fn check_random_program(
    seed: u64,
    proposals: Proposals,
    check: impl Fn(&Case) -> Result<Tally, Failure>,
) -> Result<Tally, Failure> {
    check_bytes(seed, |bytes| check(&program_case(bytes, seed, Padding::default(), proposals)))
}

/// The program that these bytes choose.
pub fn program_case(bytes: &[u8], seed: u64, padding: Padding, proposals: Proposals) -> Case {
    let modules = random_program(bytes, padding, proposals);
    Case { modules, seed, rounds: 8, fuel: 0, is_varied: true, nans: Nans::InCells }
}

/// Checks what the seed's bytes choose.
///
/// # Errors
///
/// What `check` finds in bytes that are as simple as can be, and at first.
pub fn check_bytes(seed: u64, check: impl Fn(&[u8]) -> Result<Tally, Failure>) -> Result<Tally, Failure> {
    let bytes = random_bytes(seed);
    check(&bytes).map_err(|failure| {
        let reduced = reduce(&bytes, REDUCTION_TIME, |bytes| check(bytes).is_err());
        let reduced = check(&reduced).err().unwrap_or_else(|| failure.clone());
        Failure { message: format!("{}\nat first: {}", reduced.message, failure.message), ..reduced }
    })
}
