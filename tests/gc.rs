//! The collected heap, as guests and hosts see it: what is lost is collected, and what is needed is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wapiti::{
    AnyRef, Caller, Config, Dispatch, Engine, ErrorKind, ExternRef, Instance, Linker, Module, Store, Trap,
    TypedFunc, Val,
};

/// Runs `test` with every strategy, with and without a collection before every allocation.
fn for_each_engine(test: impl Fn(&Engine)) {
    for dispatch in [Dispatch::Match, Dispatch::Call, Dispatch::Tail] {
        for stress in [false, true] {
            test(&Engine::new(Config::new().dispatch(dispatch).gc_stress(stress)));
        }
    }
}

fn instantiate(engine: &Engine, text: &str) -> (Store<()>, Instance) {
    let module = Module::new(engine, text).expect("valid");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("nothing is imported");
    (store, instance)
}

fn func<P: wapiti::WasmParams, R: wapiti::WasmResults>(
    store: &mut Store<()>,
    instance: Instance,
    name: &str,
) -> TypedFunc<P, R> {
    instance.get_typed_func(store, name).expect("exported")
}

const LISTS: &str = r#"(module
    (type $node (struct (field (mut i64)) (field (mut (ref null $node)))))
    (global $kept (mut (ref null $node)) (ref.null $node))
    (func $list (param i32) (result (ref null $node)) (local (ref null $node))
      (loop $more
        (local.set 1 (struct.new $node (i64.extend_i32_u (local.get 0)) (local.get 1)))
        (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1))
    (func (export "keep") (param i32) (global.set $kept (call $list (local.get 0))))
    (func (export "make") (param i32) (result anyref) (call $list (local.get 0)))
    (func (export "cycle") (local (ref null $node))
      (local.set 0 (struct.new $node (i64.const 1) (ref.null $node)))
      (struct.set $node 1 (local.get 0) (struct.new $node (i64.const 2) (local.get 0))))
    (func (export "sum") (result i64) (local (ref null $node)) (local i64)
      (local.set 0 (global.get $kept))
      (block $end (loop $more
        (br_if $end (ref.is_null (local.get 0)))
        (local.set 1 (i64.add (local.get 1) (struct.get $node 0 (local.get 0))))
        (local.set 0 (struct.get $node 1 (local.get 0)))
        (br $more)))
      (local.get 1))
    (func (export "first") (param anyref) (result i64)
      (struct.get $node 0 (ref.cast (ref $node) (local.get 0)))))"#;

#[test]
fn long_lists_are_marked_without_recursion() {
    let (mut store, instance) = instantiate(&Engine::default(), LISTS);
    func::<i32, ()>(&mut store, instance, "keep").call(&mut store, 1_000_000).expect("it works");
    store.gc();
    let sum = func::<(), i64>(&mut store, instance, "sum").call(&mut store, ()).expect("it works");
    assert_eq!(sum, 500_000_500_000);
    assert_eq!(store.gc_heap_stats().live_bytes(), 24_000_000);
}

#[test]
fn cycles_are_collected() {
    for_each_engine(|engine| {
        let (mut store, instance) = instantiate(engine, LISTS);
        let cycle = func::<(), ()>(&mut store, instance, "cycle");
        (0..100).for_each(|_| cycle.call(&mut store, ()).expect("it works"));
        store.gc();
        assert_eq!(store.gc_heap_stats().live_bytes(), 0);
    });
}

#[test]
fn garbage_needs_no_memory() {
    // 100 times what is alive, 240,000 bytes, under a limit that has no room for it.
    let engine = Engine::new(Config::new().max_gc_heap_bytes(3 << 20));
    let (mut store, instance) = instantiate(&engine, LISTS);
    let keep = func::<i32, ()>(&mut store, instance, "keep");
    (0..100).for_each(|_| keep.call(&mut store, 10_000).expect("it works"));
    assert_eq!(
        func::<(), i64>(&mut store, instance, "sum").call(&mut store, ()).expect("it works"),
        50_005_000
    );
    assert!(store.gc_heap_stats().used_bytes() <= 3 << 20);
    let error = keep.call(&mut store, 1_000_000).expect_err("it fails");
    assert_eq!(error.trap(), Some(Trap::HeapExhausted));
    // What was made in vain is collected, and the store is as good as before.
    keep.call(&mut store, 10_000).expect("it works");
}

#[test]
fn handles_keep_objects_until_their_scope_ends() {
    for_each_engine(|engine| {
        let (mut store, instance) = instantiate(engine, LISTS);
        let make = func::<i32, Option<AnyRef>>(&mut store, instance, "make");
        let first = func::<Option<AnyRef>, i64>(&mut store, instance, "first");
        let outer = make.call(&mut store, 3).expect("it works");
        let (lost, owned) = store.root_scope(|store| {
            let lost = make.call(&mut *store, 5).expect("it works");
            let kept = make.call(&mut *store, 7).expect("it runs").expect("not null");
            (lost, kept.to_owned_ref(&*store).expect("it works"))
        });
        store.gc();
        assert_eq!(store.gc_heap_stats().live_bytes(), 24 * (3 + 7));
        assert_eq!(first.call(&mut store, outer).expect("it works"), 1);
        assert!(matches!(first.call(&mut store, lost).expect_err("it fails").kind(), ErrorKind::Usage(_)));
        let kept = owned.to_ref(&mut store).expect("it works");
        assert_eq!(first.call(&mut store, Some(kept)).expect("it works"), 1);
        let mut other = Store::new(engine, ());
        assert!(owned.to_ref(&mut other).is_err());
    });
}

#[test]
fn collections_in_host_calls_keep_what_callers_need() {
    for_each_engine(|engine| {
        let mut linker = Linker::<()>::new(engine);
        let collect = |mut caller: Caller<'_, ()>,
                       object: Option<AnyRef>|
         -> Result<Option<AnyRef>, wapiti::Error> {
            let again = caller.get_export("again").and_then(|item| item.into_func()).expect("it is exported");
            let mut results = [Val::I32(0)];
            again.call(&mut caller, &[], &mut results)?;
            assert_eq!(results[0].unwrap_i32(), 10);
            Ok(object)
        };
        linker.func_wrap("host", "collect", collect).expect("it works");
        let module = Module::new(engine, r#"(module
            (type $box (struct (field i32) (field v128)))
            (type $boxes (array (mut (ref null $box))))
            (import "host" "collect" (func $collect (param anyref) (result anyref)))
            (func $box (param i32) (result (ref $box))
              (struct.new $box (local.get 0) (i32x4.splat (local.get 0))))
            (func $unbox (param anyref) (result i32) (local (ref null $box))
              (local.set 1 (ref.cast (ref $box) (local.get 0)))
              (i32.add (struct.get $box 0 (local.get 1)) (i32x4.extract_lane 3 (struct.get $box 1 (local.get 1)))))
            (func (export "again") (result i32) (local (ref null $boxes)) (local i32)
              (local.set 0 (array.new_default $boxes (i32.const 5000)))
              (loop $more
                (array.set $boxes (local.get 0) (local.get 1) (call $box (local.get 1)))
                (br_if $more (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 50))))
              (call $unbox (array.get $boxes (local.get 0) (i32.const 5))))
            (func (export "run") (result i32) (local (ref null $box))
              (local.set 0 (call $box (i32.const 1)))
              (i32.add (call $unbox (call $box (i32.const 10)))
                (i32.add (call $unbox (call $collect (call $box (i32.const 100))))
                  (call $unbox (local.get 0))))))"#).expect("it works");
        let mut store = Store::new(engine, ());
        let instance = linker.instantiate(&mut store, &module).expect("it works");
        let run = func::<(), i32>(&mut store, instance, "run");
        (0..20).for_each(|_| assert_eq!(run.call(&mut store, ()).expect("it works"), 222));
    });
}

/// Says when it is dropped.
struct Witness(Arc<AtomicBool>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn objects_exceptions_and_host_values_keep_each_other() {
    for_each_engine(|engine| {
        let (mut store, instance) = instantiate(
            engine,
            r#"(module
            (type $cell (struct (field (mut exnref))))
            (tag $e (param externref))
            (global $kept (mut (ref null $cell)) (ref.null $cell))
            (func (export "keep") (param externref)
              (global.set $kept (struct.new $cell
                (block $caught (result exnref)
                  (try_table (catch_all_ref $caught) (throw $e (local.get 0)))
                  (unreachable)))))
            (func (export "lose") (global.set $kept (ref.null $cell)))
            (func (export "get") (result externref)
              (block $caught (result externref)
                (try_table (catch $e $caught) (throw_ref (struct.get $cell 0 (global.get $kept))))
                (unreachable))))"#,
        );
        let is_dropped = Arc::new(AtomicBool::new(false));
        let keep = func::<Option<ExternRef>, ()>(&mut store, instance, "keep");
        store.root_scope(|store| {
            let value = ExternRef::new(&mut *store, Witness(Arc::clone(&is_dropped)));
            keep.call(&mut *store, Some(value)).expect("it works");
        });
        store.gc();
        assert!(!is_dropped.load(Ordering::Relaxed));
        let get = func::<(), Option<ExternRef>>(&mut store, instance, "get");
        store.root_scope(|store| {
            let value = get.call(&mut *store, ()).expect("it runs").expect("not null");
            assert!(value.data(&*store).is::<Witness>());
        });
        func::<(), ()>(&mut store, instance, "lose").call(&mut store, ()).expect("it works");
        store.gc();
        assert!(is_dropped.load(Ordering::Relaxed));
    });
}

#[test]
fn collections_see_frames_of_all_instances() {
    for_each_engine(|engine| {
        let (mut store, lists) = instantiate(engine, LISTS);
        let mut linker = Linker::<()>::new(engine);
        linker.instance(&mut store, "lists", lists).expect("it works");
        let module = Module::new(
            engine,
            r#"(module
            (import "lists" "make" (func $make (param i32) (result anyref)))
            (import "lists" "first" (func $first (param anyref) (result i64)))
            (func (export "run") (result i64) (local anyref)
              (local.set 0 (call $make (i32.const 2)))
              (drop (call $make (i32.const 300)))
              (i64.add (call $first (local.get 0)) (call $first (call $make (i32.const 4))))))"#,
        )
        .expect("it works");
        let instance = linker.instantiate(&mut store, &module).expect("it works");
        let run = func::<(), i64>(&mut store, instance, "run");
        (0..5).for_each(|_| assert_eq!(run.call(&mut store, ()).expect("it works"), 2));
    });
}
