//! Any bytes: Wapiti and the validator alone agree on whether they are a module, what is one is lowered, and nothing
//! panics. `cargo +nightly fuzz run decode`
//!
//! Bytes that begin with a 0, as the binary format does, are taken as they are. Of others a module is made, with
//! functions that are arbitrary bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wapiti_differential::{check_verdict, invalid_module};

fuzz_target!(|data: &[u8]| {
    let module = match data.first() {
        Some(0) => Some(data.to_vec()),
        _ => invalid_module(data),
    };
    if let Some(Err(failure)) = module.map(|module| check_verdict(&module)) {
        panic!("{}", failure.message);
    }
});
