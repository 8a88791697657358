//! Stopping a store from another thread, whatever keeps its guest busy, under every strategy and compile mode.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use support::settings;
use wapiti::{Caller, Engine, Error, Instance, InterruptHandle, Linker, Module, Store, Trap};

/// Ways never to come back, and one that does.
const GUEST: &str = r#"(module
    (table funcref (elem $again))
    (type $plain (func))
    (func (export "loop") (loop $l (br $l)))
    (func (export "count") (local i32)
        (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if $l (i32.const 1))))
    (func $calls (export "calls") (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0))
            (then (i32.const 0))
            (else (i32.add (call $calls (i32.sub (local.get 0) (i32.const 1)))
                           (call $calls (i32.sub (local.get 0) (i32.const 1)))))))
    (func $tail (export "tail") (return_call $tail))
    (func $again (export "indirect") (return_call_indirect (type $plain) (i32.const 0)))
    (func (export "finite") (param i64) (result i64) (local i64)
        (loop $l
            (local.set 1 (i64.add (local.get 1) (local.get 0)))
            (br_if $l (i64.ne (local.tee 0 (i64.sub (local.get 0) (i64.const 1))) (i64.const 0))))
        (local.get 1)))"#;

fn each_engine(check: impl Fn(&Engine)) {
    for setting in settings() {
        check(&Engine::new(&setting.config()));
    }
}

/// Runs `export` until another thread stops it.
fn interrupted(store: &mut Store<()>, instance: Instance, export: &str) -> Option<Trap> {
    let handle = store.interrupt_handle();
    let stopper = thread::spawn(move || {
        thread::sleep(Duration::from_millis(10));
        handle.interrupt();
    });
    let error = match export {
        "calls" => instance
            .get_typed_func::<i32, i32>(&mut *store, export)
            .and_then(|func| func.call(&mut *store, 60).map(drop)),
        _ => {
            instance.get_typed_func::<(), ()>(&mut *store, export).and_then(|func| func.call(&mut *store, ()))
        }
    }
    .expect_err("the guest does not end by itself");
    stopper.join().expect("the other thread only interrupts");
    assert!(!error.backtrace().expect("a trap has a backtrace").frames().is_empty());
    error.trap()
}

#[test]
fn whatever_never_ends_is_stopped_and_the_store_stays_usable() {
    each_engine(|engine| {
        let module = Module::new(engine, GUEST).expect("the guest is valid");
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("the guest has no imports");
        for export in ["loop", "count", "calls", "tail", "indirect"] {
            let trap = interrupted(&mut store, instance, export);
            assert_eq!(trap, Some(Trap::Interrupted), "{export} under {:?}", engine.dispatch());
        }
        let finite = instance.get_typed_func::<i64, i64>(&mut store, "finite").expect("it is exported");
        assert_eq!(finite.call(&mut store, 1000).expect("nobody interrupts now"), 500_500);
    });
}

#[test]
fn other_stores_of_the_module_go_on() {
    each_engine(|engine| {
        let module = Module::new(engine, GUEST).expect("the guest is valid");
        let finite_sum = |rounds: i64| {
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("the guest has no imports");
            let finite = instance.get_typed_func::<i64, i64>(&mut store, "finite").expect("it is exported");
            finite.call(&mut store, rounds).expect("this store is not interrupted")
        };
        thread::scope(|scope| {
            let undisturbed = scope.spawn(|| (0..20).map(|_| finite_sum(20_000)).collect::<Vec<_>>());
            for _ in 0..3 {
                let mut store = Store::new(engine, ());
                let instance = Instance::new(&mut store, &module, &[]).expect("the guest has no imports");
                assert_eq!(interrupted(&mut store, instance, "loop"), Some(Trap::Interrupted));
            }
            let sums = undisturbed.join().expect("the other stores run to their end");
            assert_eq!(sums, [200_010_000; 20]);
        });
    });
}

/// An export that steps a local of type `ty` on in a loop, whose first op leaves its value where the next one may take
/// it from, and that calls the host in each round. `ty` names the export as well; the local is `$x`, the seed `$seed`.
fn chain(ty: &str, start: &str, step: &str, result: &str) -> String {
    format!(
        r#"(func (export "{ty}") (param $rounds i32) (param $seed i64) (result i64) (local $x {ty})
            (local.set $x {start})
            (loop $l
                (local.set $x {step})
                (call $look)
                (br_if $l (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
            {result})"#
    )
}

/// The step of a chain of floats.
fn quotient(ty: &str) -> String {
    format!("({ty}.div ({ty}.mul (local.get $x) ({ty}.const 1.25)) ({ty}.add (local.get $x) ({ty}.const 3)))")
}

/// A chain for each kind of accumulator.
fn chains() -> String {
    let ints = chain(
        "i64",
        "(local.get $seed)",
        "(i64.rotl (i64.mul (local.get $x) (i64.const 0x9E3779B97F4A7C15)) (local.get $x))",
        "(local.get $x)",
    );
    let singles = chain(
        "f32",
        "(f32.convert_i64_s (local.get $seed))",
        &quotient("f32"),
        "(i64.extend_i32_u (i32.reinterpret_f32 (local.get $x)))",
    );
    let doubles = chain(
        "f64",
        "(f64.convert_i64_s (local.get $seed))",
        &quotient("f64"),
        "(i64.reinterpret_f64 (local.get $x))",
    );
    let vectors = chain(
        "v128",
        "(i64x2.splat (local.get $seed))",
        "(i64x2.sub (i64x2.mul (local.get $x) (local.get $x)) (i32x4.add (local.get $x) (local.get $x)))",
        "(i64x2.extract_lane 1 (local.get $x))",
    );
    format!(r#"(module (import "host" "look" (func $look)) {ints} {singles} {doubles} {vectors})"#)
}

#[test]
fn a_head_that_was_taken_leaves_its_value_where_the_next_op_looks() {
    each_engine(|engine| {
        let module = Module::new(engine, chains()).expect("the guest is valid");
        let result = |export: &str, samples: bool| {
            let mut linker = Linker::new(engine);
            let look = move |caller: Caller<'_, Option<InterruptHandle>>| {
                caller.data().iter().for_each(InterruptHandle::sample);
            };
            linker.func_wrap("host", "look", look).expect("the name is new");
            let mut store = Store::new(engine, None);
            let seen = Arc::new(AtomicU32::new(0));
            if samples {
                let counter = Arc::clone(&seen);
                store.set_sampler(Some(Box::new(move |_| _ = counter.fetch_add(1, Ordering::Relaxed))));
                *store.data_mut() = Some(store.interrupt_handle());
            }
            let instance = linker.instantiate(&mut store, &module).expect("instantiates");
            let chain = instance.get_typed_func::<(i32, i64), i64>(&store, export).expect("it is exported");
            let result = chain.call(&mut store, (20, 7)).expect("nobody interrupts");
            assert_eq!(seen.load(Ordering::Relaxed), if samples { 19 } else { 0 }, "{export}");
            result
        };
        for export in ["i64", "f32", "f64", "v128"] {
            assert_eq!(result(export, true), result(export, false), "{export} under {:?}", engine.dispatch());
        }
    });
}

#[test]
fn a_request_to_an_idle_store_waits_and_concerns_no_other() {
    each_engine(|engine| {
        let module = Module::new(engine, GUEST).expect("the guest is valid");
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("the guest has no imports");
        let finite = instance.get_typed_func::<i64, i64>(&mut store, "finite").expect("it is exported");
        // Lowered before and after.
        finite.call(&mut store, 10).expect("nobody interrupts yet");
        store.interrupt_handle().interrupt();

        let mut other = Store::new(engine, ());
        let others = Instance::new(&mut other, &module, &[]).expect("the guest has no imports");
        let others_finite = others.get_typed_func::<i64, i64>(&mut other, "finite").expect("it is exported");
        assert_eq!(others_finite.call(&mut other, 1000).expect("this store is not meant"), 500_500);

        let endless = instance.get_typed_func::<(), ()>(&mut store, "loop").expect("it is exported");
        let error = endless.call(&mut store, ()).expect_err("the request waits");
        assert_eq!(error.trap(), Some(Trap::Interrupted));
        assert_eq!(finite.call(&mut store, 1000).expect("the request is used up"), 500_500);
    });
}

#[test]
fn a_request_made_before_the_call_stops_it_and_a_dropped_store_leaves_nothing_behind() {
    each_engine(|engine| {
        let module = Module::new(engine, GUEST).expect("the guest is valid");
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("the guest has no imports");
        store.interrupt_handle().interrupt();
        let endless = instance.get_typed_func::<(), ()>(&mut store, "loop").expect("it is exported");
        let error = endless.call(&mut store, ()).expect_err("the request waits");
        assert_eq!(error.trap(), Some(Trap::Interrupted));

        store.interrupt_handle().interrupt();
        drop(store);
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("the guest has no imports");
        let finite = instance.get_typed_func::<i64, i64>(&mut store, "finite").expect("it is exported");
        assert_eq!(finite.call(&mut store, 1000).expect("the request went with its store"), 500_500);
    });
}

#[test]
fn a_host_function_that_asks_uses_the_request_up() {
    each_engine(|engine| {
        let text = r#"(module (import "host" "wait" (func $wait)) (func (export "run") (call $wait)))"#;
        let module = Module::new(engine, text).expect("the guest is valid");
        let mut store = Store::new(engine, ());
        let handle = store.interrupt_handle();
        let mut linker = Linker::new(engine);
        let wait = move |mut caller: Caller<'_, ()>| {
            caller.check_interrupt()?;
            handle.interrupt();
            assert_eq!(caller.check_interrupt(), Err(Trap::Interrupted));
            Ok::<_, Error>(caller.check_interrupt()?)
        };
        linker.func_wrap("host", "wait", wait).expect("the linker is empty");
        let instance = linker.instantiate(&mut store, &module).expect("it is all defined");
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("it is exported");
        run.call(&mut store, ()).expect("the request is used up");
    });
}
