//! A little of everything that unsafe code does, small enough for Miri, which watches for undefined behaviour, races and
//! leaks; `.ci/miri` has it do so.
//!
//! Miri runs code without optimisation, so there it is the match loop and call-threaded dispatch. A plain `cargo test`
//! runs the same under every strategy.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use wapiti::{
    AnyRef, ArrayRef, ArrayType, Caller, Config, DefinedType, Dispatch, Engine, Error, ExnRef, ExternRef,
    FieldType, Func, I31, Instance, Linker, MemoryType, Module, Mutability, SharedMemory, StorageType, Store,
    StructRef, Tag, Tracer, Trap, Val,
};

/// Checks under every strategy that this build has, collecting before every object. That takes Miri minutes, so it does so
/// under one strategy; what collects is the same for all.
fn each_engine(check: impl Fn(&Engine)) {
    for &dispatch in Dispatch::ALL {
        let mut config = Config::new();
        config
            .dispatch(dispatch)
            .max_stack_bytes(4 << 10)
            .gc_stress(dispatch == Dispatch::Match || !cfg!(miri))
            .wasm_threads(true);
        let engine = Engine::new(&config);
        if engine.dispatch() == dispatch {
            check(&engine);
        }
    }
}

fn instantiate(store: &mut Store<u32>, text: &str) -> Instance {
    let module = Module::new(store.engine(), text).expect("the module is valid");
    let mut linker = Linker::new(store.engine());
    let add = |mut caller: Caller<'_, u32>, n: u32| {
        *caller.data_mut() += n;
        *caller.data()
    };
    linker.func_wrap("host", "add", add).expect("the name is new");
    linker.instantiate(store, &module).expect("it can be instantiated")
}

fn call(store: &mut Store<u32>, instance: Instance, name: &str, argument: i32) -> Result<i32, Error> {
    let func = instance.get_func(&*store, name).expect("it is exported");
    let mut results = [Val::I32(0)];
    func.call(store, &[Val::I32(argument)], &mut results)?;
    Ok(results[0].unwrap_i32())
}

fn check(text: &str, cases: &[(&str, i32, Result<i32, Trap>)]) {
    each_engine(|engine| {
        let mut store = Store::new(engine, 0);
        let instance = instantiate(&mut store, text);
        for (name, argument, expected) in cases {
            let found = call(&mut store, instance, name, *argument);
            let found = found.map_err(|error| error.trap().expect("it is a trap"));
            assert_eq!(&found, expected, "{name}({argument})");
        }
    });
}

#[test]
fn calls_and_branches() {
    check(
        r#"(module
            (import "host" "add" (func $add (param i32) (result i32)))
            (type $unary (func (param i32) (result i32)))
            (table funcref (elem $fib $even $add))
            (func $fib (export "fib") (param i32) (result i32)
                (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0)) (else
                    (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
            (func $even (export "even") (param i32) (result i32)
                (if (result i32) (local.get 0)
                    (then (return_call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
            (func $odd (param i32) (result i32)
                (if (result i32) (local.get 0)
                    (then (return_call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
            (func (export "indirect") (param i32) (result i32)
                (call_indirect (type $unary) (i32.const 6) (local.get 0)))
            (func (export "switch") (param i32) (result i32)
                (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 10))) (return (i32.const 11)))
                (f32.convert_i32_s (local.get 0)) (f64.promote_f32) (i32.trunc_f64_s))
            (func $deep (export "deep") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1))))"#,
        &[
            ("fib", 6, Ok(8)),
            ("even", 9, Ok(0)),
            ("indirect", 0, Ok(8)),
            ("indirect", 0, Ok(8)),
            ("indirect", 1, Ok(1)),
            ("indirect", 2, Ok(6)),
            ("indirect", 3, Err(Trap::UndefinedElement)),
            ("switch", 1, Ok(11)),
            ("switch", 7, Ok(7)),
            ("deep", 0, Err(Trap::StackExhausted)),
        ],
    );
}

#[test]
fn memories_and_tables() {
    check(
        r#"(module
            (memory $m (export "memory") 1 3)
            (memory $far 1)
            (data $d "abcdefgh")
            (table $t 2 8 funcref)
            (elem $e func 0)
            (global $g (mut i64) (i64.const 5))
            (global $v (mut v128) (v128.const i32x4 1 2 3 4))
            (func (export "bulk") (param i32) (result i32)
                (memory.init $d (local.get 0) (i32.const 0) (i32.const 8))
                (memory.copy $far $m (i32.const 16) (local.get 0) (i32.const 8))
                (drop (memory.grow (i32.const 1)))
                (memory.fill (i32.const 65540) (i32.const 1) (i32.const 4))
                (i32.store16 offset=1 (local.get 0) (i32.load (i32.const 65540)))
                (i32.add (i32.load8_u $far (i32.const 17)) (i32.load (local.get 0))))
            (func (export "table") (param i32) (result i32)
                (drop (table.grow $t (ref.null func) (local.get 0)))
                (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 1))
                (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))
                (i32.add (table.size $t) (ref.is_null (table.get $t (i32.const 0)))))
            (func (export "global") (param i32) (result i32)
                (global.set $g (i64.add (global.get $g) (i64.extend_i32_u (local.get 0))))
                (global.set $v (i32x4.add (global.get $v) (i32x4.splat (local.get 0))))
                (i32.add (i32.wrap_i64 (global.get $g)) (i32x4.extract_lane 3 (global.get $v)))))"#,
        &[
            ("bulk", 100, Ok(0x6401_0161 + 98)),
            ("bulk", 131_070, Err(Trap::MemoryOutOfBounds)),
            ("table", 3, Ok(5)),
            ("global", 7, Ok(12 + 11)),
        ],
    );
}

#[test]
fn shared_memory() {
    check(
        r#"(module (memory 1 2 shared) (data (i32.const 3) "xyz")
            (func (export "run") (param i32) (result i32)
                (drop (memory.grow (i32.const 1)))
                (drop (i32.atomic.rmw.add (i32.const 65536) (local.get 0)))
                (i64.store offset=5 (i32.const 65536) (i64.const -1))
                (i32.add (i32.load16_u (i32.const 65540)) (i32.atomic.load (i32.const 65536)))))"#,
        &[("run", 5, Ok(0xff00 + 5))],
    );
}

const THROWS: &str = r#"(module
    (import "host" "add" (func $add (param i32) (result i32)))
    (tag $e (export "e") (param i32 i64))
    (table $kept (export "kept") 1 exnref)
    (func $throw (param i32)
        (if (local.get 0) (then (throw $e (local.get 0) (i64.const 3))))
        (call $throw (i32.const 11)))
    (func (export "caught") (param i32) (result i32)
        (block $c (result i32 i64) (try_table (catch $e $c) (call $throw (local.get 0))) (unreachable))
        (i32.wrap_i64) (i32.add))
    (func (export "again") (param i32) (result i32) (local exnref)
        (block $outer (result i32 i64 exnref)
            (try_table (catch_ref $e $outer)
                (block $c (result exnref) (try_table (catch_all_ref $c) (call $throw (local.get 0))) (unreachable))
                (throw_ref))
            (unreachable))
        (local.set 1) (table.set $kept (i32.const 0) (local.get 1)) (drop))
    (func (export "uncaught") (param i32) (result i32)
        (drop (call $add (i32.const 1))) (call $throw (local.get 0)) (i32.const 0)))"#;

#[test]
fn exceptions() {
    each_engine(|engine| {
        let mut store = Store::new(engine, 0);
        let instance = instantiate(&mut store, THROWS);
        assert_eq!(call(&mut store, instance, "caught", 4).expect("it is caught"), 7);
        for n in 0..3 {
            assert_eq!(
                call(&mut store, instance, "again", n).expect("it is caught"),
                if n == 0 { 11 } else { n }
            );
        }
        let error = call(&mut store, instance, "uncaught", 8).expect_err("nothing catches it");
        assert_eq!(error.to_string(), "uncaught exception: tag `e` (i32 8, i64 3)");
        let tag: Tag = instance.get_tag(&store, "e").expect("it is exported");
        let made = ExnRef::new(&mut store, &tag, &[Val::I32(1), Val::I64(2)]).expect("the types agree");
        assert_eq!(made.tag(&store).expect("it is of this store"), tag);
    });
}

/// The host calls the guest, which calls the host, which calls the guest.
#[test]
fn nested_calls() {
    each_engine(|engine| {
        let mut store = Store::new(engine, 0);
        let again = Func::wrap(&mut store, |mut caller: Caller<'_, u32>, n: i32| -> Result<i32, Error> {
            let func = caller.get_export("run").and_then(wapiti::Extern::into_func);
            func.expect("it is exported").typed::<i32, i32>(&caller)?.call(&mut caller, n)
        });
        let text = r#"(module
            (import "host" "again" (func $again (param i32) (result i32)))
            (func (export "run") (param i32) (result i32)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 100))))
                (i32.add (i32.const 1) (call $again (i32.sub (local.get 0) (i32.const 1))))))"#;
        let module = Module::new(engine, text).expect("the module is valid");
        let instance = Instance::new(&mut store, &module, &[again.into()]).expect("it imports one function");
        assert_eq!(call(&mut store, instance, "run", 4).expect("it ends"), 104);
        let error = call(&mut store, instance, "run", 1000).expect_err("that is too deep");
        assert_eq!(error.trap(), Some(Trap::StackExhausted));
    });
}

/// Calls between instances, executed op by op, and interrupted.
#[test]
fn other_ways_to_run() {
    each_engine(|engine| {
        let mut store = Store::new(engine, 0);
        let inner = instantiate(
            &mut store,
            r#"(module (global $g (mut i32) (i32.const 0))
                (func (export "next") (param i32) (result i32)
                    (global.set $g (i32.add (global.get $g) (local.get 0))) (global.get $g)))"#,
        );
        let next = inner.get_func(&store, "next").expect("it is exported");
        let text = r#"(module
            (import "inner" "next" (func $next (param i32) (result i32)))
            (func (export "sum") (param i32) (result i32)
                (loop $more
                    (drop (call $next (local.get 0)))
                    (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (call $next (i32.const 0)))
            (func (export "for_ever") (param i32) (result i32) (loop $more (br $more)) (unreachable)))"#;
        let module = Module::new(engine, text).expect("the module is valid");
        let outer = Instance::new(&mut store, &module, &[next.into()]).expect("it imports one function");
        assert_eq!(call(&mut store, outer, "sum", 4).expect("it ends"), 10);
        let sum = outer.get_func(&store, "sum").expect("it is exported");
        let mut execution = sum.start(&mut store, &[Val::I32(3)]).expect("the types agree");
        assert!(execution.resume(&mut store, 5).expect("it runs").is_none());
        let results = execution.resume(&mut store, 1000).expect("it runs").expect("it ends");
        assert_eq!(results[0].unwrap_i32(), 16);
        store.interrupt_handle().interrupt();
        let error = call(&mut store, outer, "for_ever", 0).expect_err("it is interrupted");
        assert_eq!(error.trap(), Some(Trap::Interrupted));
    });
}

const OBJECTS: &str = r#"(module
    (import "host" "add" (func $add (param i32) (result i32)))
    (type $node (sub (struct (field $value i32) (field $next (mut (ref null $node))))))
    (type $wide (sub $node (struct (field $value i32) (field $next (mut (ref null $node))) (field v128))))
    (type $bytes (array (mut i8)))
    (type $all (array (mut anyref)))
    (tag $e (param (ref null $node) i64))
    (global $kept (mut (ref null $all)) (ref.null $all))
    (elem $nodes (ref $node) (struct.new $node (i32.const 5) (ref.null $node)))
    (data $text "text")
    (func $node (export "node") (param i32) (result (ref $node))
        (struct.new $node (local.get 0) (struct.new $wide (local.get 0) (ref.null $node) (v128.const i64x2 1 2))))
    (func (export "cycle") (param i32) (result i32) (local $a (ref null $node))
        (local.set $a (call $node (local.get 0)))
        (struct.set $node $next (struct.get $node $next (local.get $a)) (local.get $a))
        (drop (call $node (i32.const 1)))
        (struct.get $node $value (struct.get $node $next (struct.get $node $next (local.get $a)))))
    (func (export "arrays") (param i32) (result i32) (local $a (ref null $all)) (local $b (ref null $bytes))
        (local.set $b (array.new_data $bytes $text (i32.const 1) (i32.const 3)))
        (local.set $a (array.new_default $all (i32.const 4)))
        (array.set $all (local.get $a) (i32.const 1) (local.get $b))
        (array.fill $all (local.get $a) (i32.const 2) (ref.i31 (local.get 0)) (i32.const 2))
        (array.copy $all $all (local.get $a) (i32.const 0) (local.get $a) (i32.const 1) (i32.const 3))
        (array.init_elem $all $nodes (local.get $a) (i32.const 3) (i32.const 0) (i32.const 1))
        (global.set $kept (local.get $a))
        (drop (call $add (i32.const 1)))
        (i32.add
            (array.get_u $bytes (ref.cast (ref $bytes) (array.get $all (global.get $kept) (i32.const 0))) (i32.const 1))
            (i31.get_s (ref.cast (ref i31) (array.get $all (global.get $kept) (i32.const 2))))))
    (func (export "cast") (param i32) (result i32)
        (block $no (result anyref)
            (drop (br_on_cast_fail $no (ref null struct) (ref $wide)
                (struct.get $node $next (call $node (local.get 0)))))
            (drop (br_on_cast_fail $no anyref (ref $node) (array.get $all (global.get $kept) (i32.const 3))))
            (drop (br_on_cast_fail $no anyref (ref $node) (ref.i31 (i32.const 1))))
            (return (i32.const 1)))
        (ref.cast (ref i31)) (i31.get_u))
    (func (export "payload") (param i32) (result i32)
        (block $c (result (ref null $node) i64)
            (try_table (catch $e $c) (throw $e (call $node (local.get 0)) (i64.const 3)))
            (unreachable))
        (i32.wrap_i64) (drop) (call $node (i32.const 1)) (drop) (struct.get $node $value))
    (func (export "fill") (param i32) (result i32) (local $kept (ref null $all))
        (loop $more
            (local.set $kept (array.new_fixed $all 2 (local.get $kept) (call $node (i32.const 1))))
            (br $more))
        (unreachable))
    (func (export "bad") (param i32) (result i32)
        (struct.get $node $value (ref.cast (ref $node) (ref.i31 (local.get 0)))))
    (func (export "through") (param anyref) (result anyref)
        (drop (call $node (i32.const 2))) (local.get 0)))"#;

#[test]
fn objects() {
    check(
        OBJECTS,
        &[
            ("cycle", 4, Ok(4)),
            ("arrays", 7, Ok(i32::from(b'x') + 7)),
            ("cast", 7, Ok(1)),
            ("payload", 9, Ok(9)),
            ("bad", 9, Err(Trap::CastFailure)),
        ],
    );
}

#[test]
fn the_heap_has_an_end() {
    let engine = Engine::new(Config::new().max_gc_heap_bytes(128 << 10));
    let mut store = Store::new(&engine, 0);
    let instance = instantiate(&mut store, OBJECTS);
    let error = call(&mut store, instance, "fill", 0).expect_err("it needs ever more");
    assert_eq!(error.trap(), Some(Trap::HeapExhausted));
}

#[test]
fn objects_of_the_hosts() {
    each_engine(|engine| {
        let mut store = Store::new(engine, 0);
        let instance = instantiate(&mut store, OBJECTS);
        let node = instance.get_typed_func::<i32, StructRef>(&store, "node").expect("it is exported");
        let through =
            instance.get_typed_func::<Option<AnyRef>, Option<AnyRef>>(&store, "through").expect("likewise");
        let value = Arc::new(());
        let owned = store.root_scope(|store| {
            let made = node.call(&mut *store, 3).expect("it works");
            let ty: DefinedType = made.ty(&*store).expect("it lives");
            let mine = StructRef::new(&mut *store, &ty, &[Val::I32(8), made.into()]).expect("they fit");
            let external = ExternRef::new(&mut *store, Arc::clone(&value));
            let same = through.call(&mut *store, Some(AnyRef::convert_extern(external))).expect("it works");
            let same = ExternRef::convert_any(same.expect("it is not null"));
            assert!(same.data(&*store).is::<Arc<()>>());
            let i31 = AnyRef::from_i31(&mut *store, I31::wrapping_i32(-4));
            let back = through.call(&mut *store, Some(i31)).expect("it works").expect("it is not null");
            assert_eq!(back.as_i31(&*store).expect("it lives"), Some(I31::wrapping_i32(-4)));
            mine.to_owned_ref(&*store).expect("it lives")
        });
        assert_eq!(Arc::strong_count(&value), 2);
        store.gc();
        assert_eq!(Arc::strong_count(&value), 1, "the scope is over");
        let mine = owned.to_ref(&mut store).expect("it is kept");
        let fields = mine.fields(&mut store).expect("it lives");
        assert_eq!(fields[0].unwrap_i32(), 8);
        let inner = fields[1].unwrap_any_ref().expect("it is not null").as_struct(&store);
        let inner = inner.expect("the handle is good").expect("it is a struct");
        assert_eq!(inner.field(&mut store, 0).expect("it lives").unwrap_i32(), 3);
        let elem = FieldType::new(StorageType::I16, Mutability::Var);
        let array = DefinedType::array(engine, ArrayType::new(elem)).expect("it refers to nothing");
        let array = ArrayRef::new(&mut store, &array, Val::I32(-1), 3).expect("it is small");
        array.set(&mut store, 1, Val::I32(5)).expect("there are three");
        let found: Vec<i32> =
            array.elems(&mut store).expect("it lives").iter().map(Val::unwrap_i32).collect();
        assert_eq!(found, [0xFFFF, 5, 0xFFFF]);
        // What keeps objects may be dropped after they are.
        drop(store);
        drop(owned);
    });
}

/// Functions are lowered by whoever calls them first, and calls patched, while others run the same code and are
/// interrupted.
#[test]
fn threads_share_code() {
    let text = r#"(module
        (type $unary (func (param i32) (result i32)))
        (table funcref (elem $leaf))
        (func $leaf (type $unary) (i32.mul (local.get 0) (i32.const 2)))
        (func $down (export "down") (type $unary)
            (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
            (i32.add (call_indirect (type $unary) (local.get 0) (i32.const 0))
                (call $down (i32.sub (local.get 0) (i32.const 1)))))
        (func (export "spin") (param i32) (result i32) (loop $more (drop (call $leaf (i32.const 1))) (br $more)) (unreachable)))"#;
    each_engine(|engine| {
        let module = Module::new(engine, text).expect("the module is valid");
        let make = || {
            let mut store = Store::new(engine, 0);
            let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
            (store, instance)
        };
        let (mut spinning, instance) = make();
        let handle = spinning.interrupt_handle();
        thread::scope(|scope| {
            let spin = scope.spawn(move || call(&mut spinning, instance, "spin", 0));
            let down = || {
                let (mut store, instance) = make();
                call(&mut store, instance, "down", 4)
            };
            let others = [scope.spawn(down), scope.spawn(down)];
            handle.interrupt();
            for other in others {
                assert_eq!(other.join().expect("it does not panic").expect("nobody interrupts it"), 20);
            }
            let error = spin.join().expect("it does not panic").expect_err("it was interrupted");
            assert_eq!(error.trap(), Some(Trap::Interrupted));
        });
    });
}

/// A function is lowered while all heads of its module are switched.
#[test]
fn code_made_during_an_interrupt() {
    let text = r#"(module
        (import "host" "stop" (func $stop))
        (func $late (param i32) (result i32)
            (loop $more (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))
        (func (export "run") (param i32) (result i32) (call $stop) (call $late (local.get 0))))"#;
    each_engine(|engine| {
        let module = Module::new(engine, text).expect("the module is valid");
        let mut store = Store::new(engine, 0);
        let handle = store.interrupt_handle();
        let stop = Func::wrap(&mut store, move || handle.interrupt());
        let instance = Instance::new(&mut store, &module, &[stop.into()]).expect("it imports one function");
        let error = call(&mut store, instance, "run", 3).expect_err("it is interrupted");
        assert_eq!(error.trap(), Some(Trap::Interrupted));
        let sampled = store.interrupt_handle();
        store.set_sampler(Some(Box::new(|backtrace| assert!(!backtrace.frames().is_empty()))));
        sampled.sample();
        let error = call(&mut store, instance, "run", 3).expect_err("it is interrupted again");
        assert!(error.backtrace().is_some_and(|backtrace| backtrace.frames().len() == 2));
    });
}

/// Accesses of different widths that are not ordered are to bytes of each thread's own: INV-ATOMIC goes beyond Rust's
/// memory model there, and Miri knows no other.
#[test]
fn threads_share_memory() {
    let text = r#"(module
        (import "" "" (memory 1 2 shared))
        (data $d "abcdefghijklmnop")
        (func (export "run") (param i32) (result i32)
            (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 3)))
            (drop (i64.atomic.rmw8.xchg_u (i32.const 17) (i64.const 3)))
            (i64.store16 offset=33 (local.get 0) (i64.const 1))
            (memory.init $d (i32.add (local.get 0) (i32.const 101)) (i32.const 0) (i32.const 16))
            (memory.copy
                (i32.add (local.get 0) (i32.const 103)) (i32.add (local.get 0) (i32.const 101)) (i32.const 16))
            (memory.fill (i32.add (local.get 0) (i32.const 120)) (local.get 0) (i32.const 20))
            (drop (memory.grow (i32.const 1)))
            (drop (i32.load offset=117 (local.get 0)))
            (drop (memory.atomic.notify (i32.const 12) (i32.const 1)))
            (memory.atomic.wait32 (i32.const 12) (i32.const 0) (i64.const 1000000))))"#;
    each_engine(|engine| {
        let module = Module::new(engine, text).expect("the module is valid");
        let memory = SharedMemory::new(engine, MemoryType::shared(1, 2)).expect("it is small");
        let run = |own: i32| {
            let mut store = Store::new(engine, 0);
            let instance =
                Instance::new(&mut store, &module, &[memory.clone().into()]).expect("the memory fits");
            call(&mut store, instance, "run", own).expect("it does not trap")
        };
        let waits = thread::scope(|scope| {
            let other = scope.spawn(|| run(1000));
            [run(0), other.join().expect("it does not panic")]
        });
        assert!(waits.iter().all(|wait| [0, 2].contains(wait)), "{waits:?}");
        let mut bytes = [0; 4];
        memory.read(8, &mut bytes).expect("it is within");
        assert_eq!(bytes, [6, 0, 0, 0]);
        memory.read(101, &mut bytes).expect("it is within");
        assert_eq!(&bytes, b"abab");
        assert_eq!(memory.size(), 2);
    });
}

/// What refers to a store, or is referred to by one, may go in any order.
#[test]
fn drops_in_any_order() {
    let text = r#"(module (func $f (export "run") (param i32) (result i32)
        (if (local.get 0) (then (return (call $f (i32.sub (local.get 0) (i32.const 1)))))) (unreachable)))"#;
    each_engine(|engine| {
        let engine = engine.clone();
        let mut store = Store::new(&engine, 0);
        let instance = instantiate(&mut store, text);
        let run = instance.get_func(&store, "run").expect("it is exported");
        let error = call(&mut store, instance, "run", 2).expect_err("it traps");
        let mut started = run.start(&mut store, &[Val::I32(9)]).expect("the type is right");
        assert!(started.resume(&mut store, 4).expect("it goes on").is_none());
        let lost = run.start(&mut store, &[Val::I32(9)]).expect("the type is right");
        drop(lost);
        let handle = store.interrupt_handle();
        drop(engine);
        drop(store);
        handle.interrupt();
        drop(started);
        // The function is lowered anew to name the place.
        assert!(error.to_string().contains("unreachable"), "{error}");
        assert_eq!(error.backtrace().expect("a trap has one").frames().len(), 3);
        assert!(format!("{:?}", error.backtrace()).len() > 10);
    });
}

/// A panic of the host's passes through guests; the store goes on afterwards.
#[test]
fn panics_of_the_hosts() {
    let text = r#"(module
        (import "host" "panic" (func $panic (param i32)))
        (func (export "run") (param i32) (result i32)
            (if (local.get 0) (then (call $panic (local.get 0)))) (i32.const 7)))"#;
    each_engine(|engine| {
        let mut store = Store::new(engine, 0);
        let panic = |n: i32| -> Result<(), Error> { resume_unwind(Box::new(n)) };
        let panic = Func::wrap(&mut store, panic);
        let module = Module::new(engine, text).expect("the module is valid");
        let instance = Instance::new(&mut store, &module, &[panic.into()]).expect("it imports one function");
        let payload = catch_unwind(AssertUnwindSafe(|| call(&mut store, instance, "run", 3).map(drop)));
        assert_eq!(payload.expect_err("the host panicked").downcast_ref(), Some(&3));
        assert_eq!(call(&mut store, instance, "run", 0).expect("it works"), 7);
    });
}

struct Watcher;

impl Tracer for Watcher {}

#[test]
fn watched_and_counted() {
    each_engine(|engine| {
        let mut store = Store::new(engine, 0);
        let instance = instantiate(&mut store, THROWS);
        store.set_tracer(Some(Box::new(Watcher)));
        assert_eq!(call(&mut store, instance, "caught", 4).expect("it is caught"), 7);
        store.set_tracer(None);
        store.count_ops(true);
        assert_eq!(call(&mut store, instance, "again", 4).expect("it is caught"), 4);
        call(&mut store, instance, "uncaught", 4).expect_err("nobody catches it");
        assert!(store.op_counts().ops() > 10);
    });
}
