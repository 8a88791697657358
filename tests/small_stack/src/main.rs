//! Runs long loops and deep recursion on threads with little native stack, in whatever build this is.
//!
//! A program that embeds the engine may be built without optimisation or with little, and run the engine on a thread
//! of any size. Whatever the guest does must not overflow that thread's stack. If it does, this program crashes; if
//! the engine does not use the strategy that such a build is meant to have, it panics. Run by `.ci/small-stack` for
//! several optimisation levels.

use std::thread;

use wapiti::{
    Caller, Config, Dispatch, Engine, Error, Func, FuncType, Instance, Linker, Module, Store, Trap, Val,
    ValType,
};

/// Native stack for everything but nested calls of the host.
const SMALL_BYTES: usize = 256 << 10;
/// Native stack that nested calls of the host must fit, under the default configuration.
const NESTED_BYTES: usize = 1 << 20;
const ITERATIONS: i32 = 10_000_000;

fn main() {
    let dispatch = check_strategy();
    println!("opt-level {}: {dispatch:?} is the default", env!("OPT_LEVEL"));
    for dispatch in offered() {
        on_thread(SMALL_BYTES, move || long_loops(dispatch));
        on_thread(SMALL_BYTES, move || deep_recursion(dispatch));
        let level_bytes = on_thread(NESTED_BYTES, move || nested_host_calls(dispatch));
        println!("{dispatch:?}: long loops, deep recursion, host calls of {level_bytes} bytes each");
    }
}

/// The strategy in use must be the one that such a build is meant to have.
fn check_strategy() -> Dispatch {
    let has_tail = env!("OPT_LEVEL") != "0" && cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    let expected = if has_tail { Dispatch::Tail } else { Dispatch::Match };
    let found = Engine::new(&Config::new()).dispatch();
    assert_eq!(found, expected, "at opt-level {}", env!("OPT_LEVEL"));
    found
}

/// The strategies that this build has.
fn offered() -> Vec<Dispatch> {
    let all = [Dispatch::Match, Dispatch::Call, Dispatch::Tail];
    all.into_iter()
        .filter(|dispatch| Engine::new(Config::new().dispatch(*dispatch)).dispatch() == *dispatch)
        .collect()
}

/// Runs `work` on a thread of its own with `bytes` of native stack.
fn on_thread<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(bytes).spawn(work).expect("a thread can be had");
    thread.join().expect("the checks hold")
}

fn engine(dispatch: Dispatch) -> Engine {
    Engine::new(Config::new().dispatch(dispatch))
}

fn instance(dispatch: Dispatch, text: &str) -> (Store<()>, Instance) {
    let engine = engine(dispatch);
    let module = Module::new(&engine, text).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
    (store, instance)
}

/// Ops of all kinds, over and over. If one of them left anything on the native stack, it would not last.
fn long_loops(dispatch: Dispatch) {
    let text = r#"(module
        (type $step (func (param i32 i32) (result i32)))
        (memory 1)
        (table funcref (elem $add $mix))
        (global $count (mut i32) (i32.const 0))
        (func $add (type $step) (i32.add (local.get 0) (local.get 1)))
        (func $mix (type $step) (i32.xor (i32.rotl (local.get 0) (i32.const 5)) (local.get 1)))
        (func (export "count") (param $n i32) (result i32) (local $i i32)
            (loop $again
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
            (local.get $i))
        (func (export "tail") (param $n i32) (result i32) (return_call $down (local.get $n) (i32.const 0)))
        (func $down (type $step)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call $down (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1))))
        (func (export "all") (param $n i32) (result i32)
            (local $i i32) (local $x i32) (local $l i64) (local $f f32) (local $d f64)
            (loop $again
                (local.set $x (call $add (local.get $x) (local.get $i)))
                (local.set $x (call_indirect (type $step)
                    (local.get $x) (local.get $i) (i32.and (local.get $i) (i32.const 1))))
                (i32.store offset=8 (i32.and (local.get $x) (i32.const 0xFFF0)) (local.get $i))
                (local.set $l (i64.load (i32.and (local.get $i) (i32.const 0xFF0))))
                (i64.store16 (i32.const 100) (i64.div_u (local.get $l) (i64.const 10)))
                (local.set $f (f32.sqrt (f32.abs (f32.convert_i32_s (local.get $x)))))
                (local.set $d (f64.add (local.get $d) (f64.promote_f32 (local.get $f))))
                (local.set $d (f64.nearest (f64.mul (local.get $d) (f64.const 0.5))))
                (local.set $d (f64.max (f64.floor (local.get $d)) (f64.trunc (f64.ceil (local.get $d)))))
                (local.set $x (i32.add (local.get $x) (i32.trunc_sat_f64_s (local.get $d))))
                (memory.copy (i32.const 200) (i32.const 100) (i32.const 50))
                (memory.fill (i32.const 300) (local.get $i) (i32.const 9))
                (block $c (block $b (block $a
                    (br_table $a $b $c (i32.rem_u (local.get $i) (i32.const 3))))
                    (global.set $count (i32.add (global.get $count) (i32.const 1))))
                    (local.set $x (select (local.get $x) (i32.const 7) (i64.eqz (local.get $l)))))
                (drop (i32.clz (i32.popcnt (memory.size))))
                (drop (table.size 0))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.ne (local.get $i) (local.get $n))))
            (i32.add (local.get $i) (i32.and (i32.const 0) (i32.or (local.get $x) (global.get $count))))))"#;
    let (mut store, instance) = instance(dispatch, text);
    for (name, iterations) in [("count", ITERATIONS), ("tail", ITERATIONS), ("all", ITERATIONS / 10)] {
        let func = instance.get_typed_func::<i32, i32>(&mut store, name).expect("of this type");
        assert_eq!(func.call(&mut store, iterations).expect("it returns"), iterations, "{name}");
    }
}

/// Calls until the value stack is used up: a trap, however little native stack there is.
fn deep_recursion(dispatch: Dispatch) {
    let text = r#"(module
        (type $t (func (param i32) (result i32)))
        (table funcref (elem $b))
        (func $a (export "direct") (param i32) (result i32)
            (i32.add (i32.const 1) (call $a (i32.add (local.get 0) (i32.const 1)))))
        (func $b (export "indirect") (type $t)
            (i32.mul (i32.const 3) (call_indirect (type $t) (local.get 0) (i32.const 0))))
        (func $depth (export "depth") (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $depth (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0)))))"#;
    let (mut store, instance) = instance(dispatch, text);
    for name in ["direct", "indirect"] {
        let func = instance.get_typed_func::<i32, i32>(&mut store, name).expect("of this type");
        for _ in 0..3 {
            let error = func.call(&mut store, 0).expect_err("it never returns");
            assert_eq!(error.trap(), Some(Trap::StackExhausted), "{name}: {error:?}");
        }
    }
    let depth = instance.get_typed_func::<i32, i32>(&mut store, "depth").expect("of this type");
    assert_eq!(depth.call(&mut store, 100_000).expect("it fits"), 100_000);
}

/// The guest calls the host, which calls the guest, as often as the default configuration allows. Returns the native
/// stack that each such call takes, at most.
fn nested_host_calls(dispatch: Dispatch) -> usize {
    let text = r#"(module
        (import "host" "back" (func $back (param i32) (result i32)))
        (func (export "typed") (param i32) (result i32)
            (i32.add (i32.const 1) (call $back (i32.add (local.get 0) (i32.const 1)))))
        (func (export "untyped") (param i32) (result i32)
            (i32.add (i32.const 1) (call $back (i32.add (local.get 0) (i32.const 1))))))"#;
    let engine = engine(dispatch);
    let module = Module::new(&engine, text).expect("the module is valid");
    let mut most = 0;
    for name in ["typed", "untyped"] {
        let mut linker: Linker<Vec<usize>> = Linker::new(&engine);
        match name {
            "typed" => linker.func_wrap("host", "back", call_typed),
            _ => linker.func_new("host", "back", FuncType::new([ValType::I32], [ValType::I32]), call_untyped),
        }
        .expect("the name is new");
        let mut store = Store::new(&engine, Vec::new());
        let instance = linker.instantiate(&mut store, &module).expect("the import is defined");
        let func = instance.get_typed_func::<i32, i32>(&mut store, name).expect("of this type");
        let error = func.call(&mut store, 0).expect_err("it never returns");
        assert_eq!(error.trap(), Some(Trap::StackExhausted), "{error:?}");
        let places = store.data();
        assert_eq!(places.len(), 32, "calls that the default configuration allows");
        most = places.windows(2).map(|two| two[0].abs_diff(two[1])).fold(most, usize::max);
    }
    most
}

/// Notes where on the native stack it is, and calls back.
fn call_typed(mut caller: Caller<'_, Vec<usize>>, depth: i32) -> Result<i32, Error> {
    let func = exported(&mut caller, "typed");
    func.typed::<i32, i32>(&caller)?.call(&mut caller, depth)
}

fn call_untyped(
    mut caller: Caller<'_, Vec<usize>>,
    params: &[Val],
    results: &mut [Val],
) -> Result<(), Error> {
    let func = exported(&mut caller, "untyped");
    func.call(&mut caller, params, results)
}

fn exported(caller: &mut Caller<'_, Vec<usize>>, name: &str) -> Func {
    let local = 0u8;
    let place = (&raw const local).addr();
    caller.data_mut().push(place);
    caller.get_export(name).and_then(|export| export.into_func()).expect("the guest exports it")
}
