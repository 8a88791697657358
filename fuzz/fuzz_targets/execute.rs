//! Modules made of bytes do the same under every dispatch strategy. `cargo +nightly fuzz run execute`

#![no_main]

use libfuzzer_sys::fuzz_target;
use wapiti_differential::{case_of, check_strategies};

fuzz_target!(|data: &[u8]| {
    if let Some(Err(failure)) = case_of(data).map(|case| check_strategies(&case)) {
        panic!("{}", failure.message);
    }
});
