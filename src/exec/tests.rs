//! Runs small functions without the public API, under every strategy that this build has.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::{call, compile, new_engine};
use crate::config::{Config, Dispatch};
use crate::decode::decode;
use crate::error::Trap;
use crate::runtime::{FuncPlace, StoreCore};
use crate::types::FuncIdx;

/// Calls function 0 of `text` with one cell, under each strategy; the results must agree.
fn run(text: &str, argument: u64) -> Result<u64, Trap> {
    let bytes: Arc<[u8]> = wat::parse_str(text).expect("the test's module is well formed").into();
    let results: Vec<_> = Dispatch::ALL
        .iter()
        .map(|&dispatch| {
            let mut config = Config::new();
            config.dispatch(dispatch);
            let engine = new_engine(&config);
            let info = decode(bytes.clone(), &config, &engine.types).expect("the test's module is valid");
            let module = compile(&engine, info).expect("nothing is over a limit");
            let mut store = StoreCore::new(&engine);
            let instance = store.instantiate(&module, &[]).expect("the test's module has no imports");
            let func = FuncPlace::Wasm { instance, func: FuncIdx(0) }.cell();
            let mut cells = [argument];
            // SAFETY: the store is this function's own, and all functions here take and return at most one cell.
            let outcome = unsafe { call(NonNull::from(&mut store), func, None, &mut cells) };
            outcome.map(|()| cells[0]).map_err(|error| error.trap().expect("nothing but traps fails here"))
        })
        .collect();
    assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
    results[0]
}

#[test]
fn recursion() {
    let fib = "(module (func $fib (param i64) (result i64)
        (if (result i64) (i64.lt_u (local.get 0) (i64.const 2))
            (then (local.get 0))
            (else (i64.add (call $fib (i64.sub (local.get 0) (i64.const 1)))
                           (call $fib (i64.sub (local.get 0) (i64.const 2))))))))";
    assert_eq!(run(fib, 20), Ok(6765));
}

#[test]
fn endless_recursion_exhausts_the_value_stack_only() {
    assert_eq!(
        run("(module (func $f (param i32) (result i32) (call $f (local.get 0))))", 0),
        Err(Trap::StackExhausted)
    );
}
