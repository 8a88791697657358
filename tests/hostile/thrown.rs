//! Exceptions without end: what nobody refers to is freed, and handlers may be nested as deep as a body is long.

use wapiti::{Caller, Engine, Error, Extern, Linker, Module, Store, Val};

use crate::meter::peak_bytes;
use crate::run::{assert_returns, call, func};
use crate::support::one_setting_a_strategy;

/// Exceptions that nobody refers to any more take no memory, with and without references, and if the host sees each.
#[test]
fn millions_of_exceptions_fit_into_little_memory() {
    const COUNT: i32 = if cfg!(debug_assertions) { 100_000 } else { 10_000_000 };
    let text = r#"(module
        (import "host" "pass" (func $pass (param i32)))
        (tag $e (export "e") (param i32 i64 i64 i64 i64 i64 i64 i64))
        (func $throw (export "throw") (param i32)
            (throw $e (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
                (i64.const 6) (i64.const 7)))
        (func (export "run") (param i32) (result i32) (local $last exnref)
            (loop $more
                (block $caught (result exnref)
                    (try_table (catch_all_ref $caught) (call $throw (local.get 0))) (unreachable))
                (local.set $last)
                (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (ref.is_null (local.get $last)))
        (func (export "host") (param i32) (result i32) (local $last exnref)
            (loop $more
                (block $caught (result exnref)
                    (try_table (catch_all_ref $caught) (call $pass (local.get 0))) (unreachable))
                (local.set $last)
                (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (ref.is_null (local.get $last))))"#;
    for setting in one_setting_a_strategy() {
        let engine = &Engine::new(&setting.config());
        let mut linker = Linker::<()>::new(engine);
        let pass = |mut caller: Caller<'_, ()>, n: i32| -> Result<(), Error> {
            let throw = caller.get_export("throw").and_then(Extern::into_func).expect("it is exported");
            throw.typed::<i32, ()>(&caller)?.call(&mut caller, n)
        };
        linker.func_wrap("host", "pass", pass).expect("a new name");
        let module = Module::new(engine, text).expect("valid");
        let mut store = Store::new(engine, ());
        let instance = linker.instantiate(&mut store, &module).expect("linked");
        let ((), peak) = peak_bytes(|| {
            for (export, count) in [("run", COUNT), ("host", COUNT / 10)] {
                let func = func(&mut store, instance, export);
                let results = call(&mut store, func, &[Val::I32(count)]).expect("all is caught");
                assert_eq!(results[0].unwrap_i32(), 0, "{setting:?}");
            }
        });
        assert!(peak < 24 << 20, "{peak} bytes, {setting:?}");
    }
}

/// A throw in blocks that do not catch it, and one in a function with as many regions side by side.
#[test]
fn handlers_are_nested_and_many() {
    const COUNT: usize = 3000;
    let catching = "(try_table (catch $other $out)";
    let deep = format!("{} (throw $e) {}", catching.repeat(COUNT), ")".repeat(COUNT));
    let wide = format!("{catching} (call $throw))").repeat(COUNT);
    for body in [deep.repeat(2), wide] {
        let text = format!(
            r#"(module (tag $e) (tag $other)
                (func $throw (if (i32.const 0) (then (throw $e))))
                (func (export "run") (result i32)
                    (block $out (block $caught (try_table (catch $e $caught) {body} (throw $e))))
                    (i32.const 5)))"#
        );
        assert_returns(text.as_bytes(), &[], &[5]);
    }
}
