//! Modules made of bytes do the same under every dispatch strategy, and in another engine.
//! `cargo +nightly fuzz run differential`

#![no_main]

use libfuzzer_sys::fuzz_target;
use wapiti_differential::{case_of, check_case};

fuzz_target!(|data: &[u8]| {
    if let Some(Err(failure)) = case_of(data).map(|case| check_case(&case)) {
        panic!("{}", failure.message);
    }
});
