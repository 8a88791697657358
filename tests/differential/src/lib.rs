//! Random modules, run on Wapiti under every strategy and on another engine, and compared.
//!
//! ```text
//!     seed --noise--> bytes --smith/program--> modules --on_wapiti/on_wasmi--> transcripts --compare--> verdict
//! ```
//!
//! Every choice is taken from bytes, and the bytes from a seed, so that a run can be repeated by its seed, a failure
//! reduced by shortening its bytes, and a fuzzer put in the seed's place. Nothing here depends on the clock or on
//! the order of threads.

mod campaign;
mod check;
mod choices;
mod hints;
mod host;
mod mutate;
mod noise;
mod on_wapiti;
mod on_wasmi;
mod program;
mod random_case;
mod reduce;
mod sequences;
mod smith;
mod subject;
mod tame;
mod transcript;
mod value;
mod verdict;
mod watchdog;

pub use campaign::{Campaign, Failure, Tally};
pub use check::{
    Case, Nans, case_of, check_case, check_case_with, check_strategies, check_twins, strategies,
};
pub use host::{
    BACK, Deed, FAILURE, HostLog, IMPOSSIBLE, MEMORY, TAG, earlier_instance, global_value, import_number,
};
pub use mutate::mutate;
pub use noise::Noise;
pub use program::{Padding, random_program};
pub use random_case::{check_bytes, check_random_module, check_random_program, program_case};
pub use sequences::{sequence_module, sequence_modules};
pub use smith::{Proposals, invalid_module, random_bytes, random_module};
pub use subject::{FUEL, Subject};
pub use value::{Digest, End, Heap, MAX_DEPTH, MAX_ELEMENTS, Object, Signature, TrapKind, Type, Value};
pub use verdict::check_verdict;
