//! Counting ops: programs whose counts are known by hand, under every strategy and setting of this build.

#![allow(missing_docs, reason = "a test")]

use wapiti::{Config, Dispatch, Engine, Error, Fusion, Instance, Module, OpCounts, Store, Val};

const STRATEGIES: &[Dispatch] = Dispatch::ALL;
const FUSIONS: [Fusion; 3] = [Fusion::None, Fusion::Pairs, Fusion::Full];

/// Every setting that counts may depend on.
fn configs() -> impl Iterator<Item = Config> {
    let strategies = STRATEGIES.iter().copied();
    let fused = strategies.flat_map(|dispatch| FUSIONS.map(|fusion| (dispatch, fusion)));
    fused.flat_map(|(dispatch, fusion)| {
        [true, false].map(|accumulators| {
            let mut config = Config::new();
            config.dispatch(dispatch).fusion(fusion).accumulators(accumulators);
            config
        })
    })
}

/// Calls the export `run` with `argument`, and returns its result and what was counted.
fn count(config: &Config, text: &str, argument: i32) -> Result<(i32, OpCounts), Error> {
    let engine = Engine::new(config);
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
    store.count_ops(true);
    let result = run.call(&mut store, argument);
    let counts = store.op_counts();
    result.map(|result| (result, counts))
}

/// Executions by name, of one function.
fn executions(counts: &OpCounts, name: &str) -> Vec<(&'static str, u64)> {
    let function = counts.functions.iter().find(|function| function.name.as_deref() == Some(name));
    let ops = &function.expect("it was called").ops;
    ops.iter().map(|op| (op.name(), op.executions)).collect()
}

fn check_sums(counts: &OpCounts) {
    let by_path: u64 = counts.paths.iter().map(|path| path.ops).sum();
    assert_eq!(by_path, counts.ops(), "the paths have all ops between them");
    let by_op: u64 = counts.functions.iter().flat_map(|function| &function.ops).map(|op| op.executions).sum();
    assert_eq!(by_op, counts.ops());
    assert!(counts.dispatches() <= counts.ops());
    for op in counts.functions.iter().flat_map(|function| &function.ops) {
        assert!(op.dispatches <= op.executions && op.followed <= op.executions, "{op:?}");
    }
}

const SUM: &str = r#"(module
    (func $sum (export "run") (param $n i32) (result i32)
      (local $sum i32)
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $sum)))"#;

#[test]
fn a_loop_is_counted_by_turn() {
    for config in configs() {
        let (result, counts) = count(&config, SUM, 10).expect("it does not trap");
        assert_eq!(result, 55);
        let expected = [("zero", 1), ("i32.add", 10), ("i32.add_imm", 10), ("br_if", 10), ("return", 1)];
        assert_eq!(executions(&counts, "sum"), expected);
        assert_eq!(counts.ops(), 32);
        let [function] = &counts.functions[..] else { panic!("there is one function") };
        assert_eq!(function.calls, 1);
        let [only] = function.loops[..] else { panic!("there is one loop") };
        let within = function.ops.iter().filter(|op| (only.head..=only.end).contains(&op.position));
        assert_eq!(within.map(|op| op.executions).sum::<u64>(), 30);
        // The branch goes back nine times, and once on to the return.
        let followed: Vec<u64> = function.ops.iter().map(|op| op.followed).collect();
        assert_eq!(followed, [1, 10, 10, 1, 0]);
        check_sums(&counts);
    }
}

#[test]
fn without_sequences_every_op_is_dispatched() {
    for mut config in configs() {
        let (_, counts) = count(config.fusion(Fusion::None), SUM, 10).expect("it does not trap");
        assert_eq!(counts.dispatches(), 32);
    }
    for fusion in FUSIONS {
        let mut config = Config::new();
        let (_, counts) =
            count(config.dispatch(Dispatch::Call).fusion(fusion), SUM, 10).expect("it does not trap");
        assert_eq!(counts.dispatches(), 32);
    }
}

/// The ops that are executed are known, and with the lengths of sequences so is what is dispatched to.
#[test]
fn a_sequence_is_dispatched_once() {
    for config in configs() {
        let (_, counts) = count(&config, SUM, 10).expect("it does not trap");
        let ops = &counts.functions[0].ops;
        let executed = [0].into_iter().chain((0..10).flat_map(|_| [1, 2, 3])).chain([4]);
        let (mut covered, mut before) = (0, usize::MAX);
        let mut dispatches = [0; 5];
        for at in executed {
            if covered > 0 && at == before.wrapping_add(1) {
                covered -= 1;
            } else {
                dispatches[at] += 1;
                covered = ops[at].sequence - 1;
            }
            before = at;
        }
        assert_eq!(ops.iter().map(|op| op.dispatches).collect::<Vec<_>>(), dispatches, "{config:?}");
        check_sums(&counts);
    }
}

#[test]
fn sequences_are_as_long_as_the_setting_allows() {
    for config in configs() {
        let (_, counts) = count(&config, SUM, 3).expect("it does not trap");
        let longest = counts.functions[0].ops.iter().map(|op| op.sequence).max().expect("there are ops");
        let mut pairs = config.clone();
        let (_, fewer) = count(pairs.fusion(Fusion::Pairs), SUM, 3).expect("it does not trap");
        let longest_pair = fewer.functions[0].ops.iter().map(|op| op.sequence).max();
        assert!(longest_pair <= Some(2));
        assert!(longest <= 4);
    }
}

#[test]
fn optimised_builds_fuse_the_loop() {
    let engine = Engine::default();
    if engine.dispatch() != Dispatch::Tail {
        return;
    }
    let (_, full) = count(&Config::new(), SUM, 1000).expect("it does not trap");
    let (_, pairs) = count(Config::new().fusion(Fusion::Pairs), SUM, 1000).expect("it does not trap");
    assert!(full.dispatches() < pairs.dispatches() + 1000, "{} {}", full.dispatches(), pairs.dispatches());
    assert!(pairs.dispatches() < pairs.ops(), "{}", pairs.dispatches());
}

const FIB: &str = r#"(module
    (func $start (export "run") (param $n i32) (result i32) (call $fib (local.get $n)))
    (func $fib (param $n i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                       (call $fib (i32.sub (local.get $n) (i32.const 2))))))))"#;

#[test]
fn calls_are_counted_by_path() {
    for config in configs() {
        let (result, counts) = count(&config, FIB, 10).expect("it does not trap");
        assert_eq!(result, 55);
        let fib = counts.functions.iter().find(|function| function.name.as_deref() == Some("fib"));
        // fib(n) makes 2 * fib(n + 1) - 1 calls: 88 of them add, 89 return at once.
        assert_eq!(fib.expect("it was called").calls, 177);
        let adding: u64 =
            executions(&counts, "fib").iter().filter(|op| op.0 == "i32.add").map(|op| op.1).sum();
        assert_eq!(adding, 88);
        let depth = |mut path: usize| {
            let mut depth = 0;
            while let Some(caller) = counts.paths[path].caller {
                (path, depth) = (caller, depth + 1);
            }
            depth
        };
        // From `start`, fib(10) to fib(1) are within one another.
        assert_eq!((0..counts.paths.len()).map(depth).max(), Some(10));
        check_sums(&counts);
    }
}

#[test]
fn tail_calls_take_the_place_of_their_caller() {
    let text = r#"(module
        (func $even (export "run") (param i32) (result i32)
          (if (result i32) (local.get 0)
            (then (return_call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
        (func $odd (param i32) (result i32)
          (if (result i32) (local.get 0)
            (then (return_call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0)))))"#;
    for config in configs() {
        let (result, counts) = count(&config, text, 100_000).expect("it does not trap");
        assert_eq!(result, 1);
        assert_eq!(counts.functions.iter().map(|function| function.calls).sum::<u64>(), 100_001);
        assert!(counts.paths.iter().all(|path| path.caller.is_none()), "{:?}", counts.paths);
        check_sums(&counts);
    }
}

#[test]
fn deep_recursion_counts_until_it_traps() {
    let text = r#"(module (func $f (export "run") (param i32) (result i32) (call $f (local.get 0))))"#;
    for mut config in configs() {
        let engine = Engine::new(config.max_stack_bytes(256 * 1024));
        let module = Module::new(&engine, text).expect("it is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("there are no imports");
        let run = instance.get_func(&mut store, "run").expect("it is exported");
        store.count_ops(true);
        let error = run.call(&mut store, &[Val::I32(0)], &mut [Val::I32(0)]).expect_err("it never ends");
        assert_eq!(error.trap(), Some(wapiti::Trap::StackExhausted));
        let counts = store.op_counts();
        assert!(counts.ops() > 1000, "{}", counts.ops());
        assert!(counts.paths.len() < 1000, "{}", counts.paths.len());
        check_sums(&counts);
    }
}

#[test]
fn counting_again_begins_at_zero() {
    let engine = Engine::default();
    let module = Module::new(&engine, SUM).expect("it is valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("there are no imports");
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("it is exported");
    assert_eq!(store.op_counts().ops(), 0);
    for _ in 0..2 {
        store.count_ops(true);
        run.call(&mut store, 1).expect("it does not trap");
        assert_eq!(store.op_counts().ops(), 5);
    }
    run.call(&mut store, 1).expect("it does not trap");
    assert_eq!(store.op_counts().ops(), 10);
    store.count_ops(false);
    run.call(&mut store, 1).expect("it does not trap");
    assert_eq!(store.op_counts().ops(), 0);
}

/// A store that is asked where it is goes on as if nothing had been, under every strategy.
#[test]
fn samples_show_where_the_guest_is() {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    for &dispatch in STRATEGIES {
        let engine = Engine::new(Config::new().dispatch(dispatch));
        let module = Module::new(&engine, FIB).expect("it is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("there are no imports");
        let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("it is exported");
        let (seen, depth) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(0)));
        let (counter, deepest) = (Arc::clone(&seen), Arc::clone(&depth));
        store.set_sampler(Some(Box::new(move |backtrace| {
            counter.fetch_add(1, Ordering::Relaxed);
            let mut deepest = deepest.lock().expect("nobody panics");
            *deepest = backtrace.frames().len().max(*deepest);
        })));
        let handle = store.interrupt_handle();
        let done = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&done);
        let asking = std::thread::spawn(move || {
            while !watched.load(Ordering::Relaxed) {
                handle.sample();
                std::thread::yield_now();
            }
        });
        while seen.load(Ordering::Relaxed) < 20 {
            assert_eq!(run.call(&mut store, 15).expect("it is not stopped"), 610);
        }
        done.store(true, Ordering::Relaxed);
        asking.join().expect("asking does not fail");
        assert!(*depth.lock().expect("nobody panics") > 1);
        // A request of the other kind still stops it.
        store.interrupt_handle().sample();
        store.interrupt_handle().interrupt();
        let error = run.call(&mut store, 15).expect_err("it is stopped");
        assert_eq!(error.trap(), Some(wapiti::Trap::Interrupted));
        assert_eq!(run.call(&mut store, 15).expect("it is stopped once"), 610);
    }
}
