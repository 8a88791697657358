//! The collected heap, as guests and hosts see it: what is lost is collected, and what is needed is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wapiti::{
    AnyRef, ArrayRef, ArrayType, Caller, Config, DefinedType, Dispatch, Engine, EqRef, Error, ErrorKind,
    ExnRef, ExternRef, FieldType, FuncType, HeapType, I31, Instance, Linker, Module, Mutability, RefType,
    StorageType, Store, StructRef, StructType, Tag, TagType, Trap, TypedFunc, V128, Val, ValType,
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

/// What a failed call has left on the stack keeps nothing alive when another function's frame comes to lie there.
#[test]
fn calls_that_failed_leave_nothing_behind() {
    let text = r#"(module
        (type $node (struct (field i64) (field (ref null $node))))
        (func $fill (local (ref null $node))
          (loop $more (local.set 0 (struct.new $node (i64.const 1) (local.get 0))) (br $more)))
        (func $between (param i64 i64 i64 i64) (call $fill))
        (func (export "fill") (call $between (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))
        (func $last (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64) (local.get 7))
        (func (export "few") (param i32) (result i64)
          (loop $more
            (drop (struct.new $node (i64.const 1) (ref.null $node)))
            (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          ;; The arguments' cells have not been written before.
          (call $last (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
            (i64.const 7) (i64.const 8))))"#;
    for dispatch in [Dispatch::Match, Dispatch::Call, Dispatch::Tail] {
        let engine = Engine::new(Config::new().dispatch(dispatch).max_gc_heap_bytes(64 << 10));
        let (mut store, instance) = instantiate(&engine, text);
        let fill = func::<(), ()>(&mut store, instance, "fill");
        let few = func::<i32, i64>(&mut store, instance, "few");
        for _ in 0..3 {
            assert_eq!(fill.call(&mut store, ()).expect_err("it fails").trap(), Some(Trap::HeapExhausted));
            assert_eq!(few.call(&mut store, 20).expect("there is room"), 8);
        }
    }
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

/// The type of the first parameter of an exported function, as a definition.
fn defined(engine: &Engine, store: &Store<()>, instance: Instance, name: &str) -> DefinedType {
    let ty = instance.get_func(store, name).expect("it is exported").ty(store);
    let concrete = ty.params()[0]
        .as_ref()
        .expect("it is a reference")
        .heap_type()
        .concrete()
        .expect("a module defines it");
    DefinedType::resolve(engine, concrete).expect("the type lives")
}

/// What is wrong, if it is the host's fault.
fn usage<R>(result: Result<R, Error>) -> String {
    match result.err().expect("it is wrong").kind() {
        ErrorKind::Usage(text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn small_integers_are_read_with_and_without_a_sign() {
    let all = [0, 1, -1, (1 << 30) - 1, -(1 << 30)];
    for value in all {
        let i31 = I31::new_i32(value).expect("it has 31 bits");
        assert_eq!((i31.get_i32(), i31.get_u32()), (value, value as u32 & 0x7FFF_FFFF));
        assert_eq!(I31::new_u32(i31.get_u32()), Some(i31));
        assert_eq!(I31::wrapping_i32(value ^ i32::MIN), i31, "the highest bit is lost");
        assert_eq!(I31::wrapping_u32(value as u32), i31);
    }
    assert_eq!([1 << 30, -(1 << 30) - 1, i32::MIN, i32::MAX].map(I31::new_i32), [None; 4]);
    assert_eq!([1 << 31, u32::MAX].map(I31::new_u32), [None; 2]);
    for_each_engine(|engine| {
        let (mut store, instance) = instantiate(
            engine,
            r#"(module
            (func (export "signed") (param i31ref) (result i32) (i31.get_s (local.get 0)))
            (func (export "unsigned") (param (ref i31)) (result i32) (i31.get_u (local.get 0)))
            (func (export "make") (param i32) (result (ref i31)) (ref.i31 (local.get 0)))
            (func (export "any") (param i32) (result anyref) (ref.i31 (local.get 0))))"#,
        );
        let signed = func::<Option<I31>, i32>(&mut store, instance, "signed");
        let unsigned = func::<I31, u32>(&mut store, instance, "unsigned");
        let make = func::<i32, I31>(&mut store, instance, "make");
        let any = func::<i32, Option<AnyRef>>(&mut store, instance, "any");
        for value in all {
            let i31 = I31::new_i32(value).expect("it has 31 bits");
            assert_eq!(signed.call(&mut store, Some(i31)).expect("the guest does not trap"), value);
            assert_eq!(unsigned.call(&mut store, i31).expect("the guest does not trap"), i31.get_u32());
            assert_eq!(make.call(&mut store, value).expect("the guest does not trap"), i31);
            let found =
                any.call(&mut store, value).expect("the guest does not trap").expect("it is not null");
            assert_eq!(found.as_i31(&store).expect("the handle is good"), Some(i31));
            let made = AnyRef::from_i31(&mut store, i31);
            assert!(AnyRef::ref_eq(&store, &made, &found).expect("the handle is good"));
            assert!(
                made.is_i31(&store).expect("the handle is good")
                    && made.is_eqref(&store).expect("the handle is good")
            );
            assert!(
                !made.is_struct(&store).expect("the handle is good")
                    && !made.is_array(&store).expect("the handle is good")
            );
        }
        assert_eq!(
            signed.call(&mut store, None).expect_err("it is refused").trap(),
            Some(Trap::NullI31Reference)
        );
    });
}

const EVERYTHING: &str = r#"(module
    (type $all (sub (struct
      (field $i8 (mut i8)) (field $i16 (mut i16)) (field $i32 (mut i32)) (field $i64 (mut i64))
      (field $f32 (mut f32)) (field $f64 (mut f64)) (field $v128 (mut v128))
      (field $func (mut funcref)) (field $extern (mut externref)) (field $self (mut (ref null $all)))
      (field $fixed i32))))
    (type $more (sub $all (struct
      (field $i8 (mut i8)) (field $i16 (mut i16)) (field $i32 (mut i32)) (field $i64 (mut i64))
      (field $f32 (mut f32)) (field $f64 (mut f64)) (field $v128 (mut v128))
      (field $func (mut funcref)) (field $extern (mut externref)) (field $self (mut (ref null $all)))
      (field $fixed i32) (field $any anyref))))
    (func $id (export "id") (param (ref $all)) (result (ref $all)) (local.get 0))
    (func (export "is_more") (param (ref $more)) (result i32) (ref.test (ref $more) (local.get 0)))
    (func (export "default") (result (ref $all))
      (struct.new_default $more))
    (func (export "change") (param $s (ref $all)) (result (ref $all))
      (struct.set $all $i8 (local.get $s) (i32.sub (struct.get_s $all $i8 (local.get $s)) (i32.const 1)))
      (struct.set $all $i16 (local.get $s) (i32.sub (struct.get_s $all $i16 (local.get $s)) (i32.const 1)))
      (struct.set $all $i32 (local.get $s) (i32.sub (struct.get $all $i32 (local.get $s)) (i32.const 1)))
      (struct.set $all $i64 (local.get $s) (i64.sub (struct.get $all $i64 (local.get $s)) (i64.const 1)))
      (struct.set $all $f32 (local.get $s) (f32.neg (struct.get $all $f32 (local.get $s))))
      (struct.set $all $f64 (local.get $s) (f64.neg (struct.get $all $f64 (local.get $s))))
      (struct.set $all $v128 (local.get $s) (v128.not (struct.get $all $v128 (local.get $s))))
      (struct.set $all $func (local.get $s) (ref.func $id))
      (struct.get $all $self (local.get $s))
      (struct.set $all $self (local.get $s) (local.get $s))
      (ref.as_non_null)))"#;

#[test]
fn structures_of_the_hosts_are_the_guests() {
    for_each_engine(|engine| {
        let (mut store, instance) = instantiate(engine, EVERYTHING);
        let ty = defined(engine, &store, instance, "id");
        let host_value = ExternRef::new(&mut store, 5_i32);
        let default = func::<(), StructRef>(&mut store, instance, "default")
            .call(&mut store, ())
            .expect("the guest does not trap");
        let values = [
            Val::I32(0x1FF),
            Val::I32(0x1_0000),
            Val::I32(7),
            Val::I64(i64::MIN),
            Val::from(1.5_f32),
            Val::from(2.5),
            Val::V128(V128::from(1)),
            Val::FuncRef(None),
            host_value.into(),
            default.into(),
            Val::I32(11),
        ];
        let made = StructRef::new(&mut store, &ty, &values).expect("the values fit");
        assert_eq!(made.ty(&store).expect("the handle is good"), ty);
        let change = func::<StructRef, StructRef>(&mut store, instance, "change");
        let inner = change.call(&mut store, made).expect("the guest does not trap");
        assert!(AnyRef::ref_eq(&store, &inner.into(), &default.into()).expect("the handle is good"));
        let fields = made.fields(&mut store).expect("the handle is good");
        assert_eq!(fields[..3].iter().map(Val::unwrap_i32).collect::<Vec<_>>(), [254, 0xFFFF, 6]);
        assert_eq!((fields[3].unwrap_i64(), fields[4].unwrap_f32()), (i64::MAX, -1.5));
        assert_eq!((fields[5].unwrap_f64(), fields[6].unwrap_v128()), (-2.5, V128::from(!1)));
        assert!(fields[7].unwrap_func_ref().is_some());
        let value = fields[8].unwrap_extern_ref().expect("it is not null");
        assert_eq!(value.data(&store).downcast_ref(), Some(&5));
        assert!(
            AnyRef::ref_eq(&store, &fields[9].unwrap_any_ref().expect("it is not null"), &made.into())
                .expect("the handle is good")
        );
        assert_eq!(fields[10].unwrap_i32(), 11);

        // What the guest made is of a subtype; null and zero are what it begins with.
        let more = defined(engine, &store, instance, "is_more");
        assert_eq!(default.ty(&store).expect("the handle is good"), more);
        assert!(default.to_anyref().matches_ty(&store, ty.heap_type()).expect("the handle is good"));
        assert!(!made.to_anyref().matches_ty(&store, more.heap_type()).expect("the handle is good"));
        assert!(!made.to_anyref().matches_ty(&store, HeapType::Func).expect("the handle is good"));
        let fields = default.fields(&mut store).expect("the handle is good");
        assert!(
            fields[7..10]
                .iter()
                .chain(&fields[11..])
                .all(|value| value.ref_().expect("it is a reference").is_null())
        );
        assert!(fields[..3].iter().all(|value| value.unwrap_i32() == 0));
        made.set_field(&mut store, 9, Val::AnyRef(None)).expect("the value fits");
        made.set_field(&mut store, 6, V128::from(3).into()).expect("the value fits");
        assert!(made.field(&mut store, 9).expect("the handle is good").unwrap_any_ref().is_none());
        assert_eq!(made.field(&mut store, 6).expect("the handle is good").unwrap_v128(), V128::from(3));
        assert_eq!(
            made.field(&mut store, 5).expect("the handle is good").unwrap_f64(),
            -2.5,
            "the neighbour is as it was"
        );
    });
}

#[test]
fn arrays_of_the_hosts_are_the_guests() {
    for_each_engine(|engine| {
        let (mut store, instance) = instantiate(
            engine,
            r#"(module
            (type $bytes (array (mut i8)))
            (type $vectors (array v128))
            (type $lists (array (mut (ref null $bytes))))
            (func (export "sum") (param $a (ref $bytes)) (result i32) (local $i i32) (local $sum i32)
              (block $end (loop $more
                (br_if $end (i32.ge_u (local.get $i) (array.len (local.get $a))))
                (local.set $sum (i32.add (local.get $sum) (array.get_u $bytes (local.get $a) (local.get $i))))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $more)))
              (local.get $sum))
            (func (export "second") (param (ref $lists)) (result arrayref)
              (array.get $lists (local.get 0) (i32.const 1)))
            (func (export "lane") (param (ref $vectors)) (result i32)
              (i32x4.extract_lane 0 (array.get $vectors (local.get 0) (i32.const 2)))))"#,
        );
        let [bytes, lists, vectors] =
            ["sum", "second", "lane"].map(|name| defined(engine, &store, instance, name));
        let array = ArrayRef::new(&mut store, &bytes, Val::I32(-1), 1000).expect("the value fits");
        assert_eq!(
            (array.len(&store).expect("the handle is good"), array.ty(&store).expect("the handle is good")),
            (1000, bytes.clone())
        );
        array.set(&mut store, 999, Val::I32(0x101)).expect("the value fits");
        let sum = func::<ArrayRef, i32>(&mut store, instance, "sum");
        assert_eq!(sum.call(&mut store, array).expect("the guest does not trap"), 999 * 255 + 1);
        let elems = array.elems(&mut store).expect("the handle is good");
        assert_eq!((elems.len(), elems[0].unwrap_i32(), elems[999].unwrap_i32()), (1000, 255, 1));

        let list = ArrayRef::new_fixed(&mut store, &lists, &[Val::AnyRef(None), array.into()])
            .expect("the values fit");
        let second = func::<ArrayRef, Option<ArrayRef>>(&mut store, instance, "second");
        let found = second.call(&mut store, list).expect("the guest does not trap").expect("it is not null");
        assert!(AnyRef::ref_eq(&store, &found.into(), &array.into()).expect("the handle is good"));
        assert!(list.get(&mut store, 0).expect("the handle is good").unwrap_any_ref().is_none());
        let found =
            list.get(&mut store, 1).expect("the handle is good").unwrap_any_ref().expect("it is not null");
        assert!(
            found.is_array(&store).expect("the handle is good")
                && found.as_struct(&store).expect("the handle is good").is_none()
        );
        assert_eq!(
            found
                .as_array(&store)
                .expect("the handle is good")
                .expect("it is not null")
                .len(&store)
                .expect("the handle is good"),
            1000
        );
        assert_eq!(
            usage(sum.call(&mut store, list)).split(" (ref").next(),
            Some("argument 0: type mismatch: expected")
        );
        list.set(&mut store, 1, Val::AnyRef(None)).expect("the value fits");
        assert!(second.call(&mut store, list).expect("the guest does not trap").is_none());

        let values = [1, 2, 3].map(|value| Val::V128(V128::from(value)));
        let three = ArrayRef::new_fixed(&mut store, &vectors, &values).expect("the values fit");
        let lane = func::<ArrayRef, i32>(&mut store, instance, "lane");
        assert_eq!(lane.call(&mut store, three).expect("the guest does not trap"), 3);
        let four = ArrayRef::new(&mut store, &vectors, values[1], 4).expect("the value fits");
        assert_eq!(lane.call(&mut store, four).expect("the guest does not trap"), 2);
        assert_eq!(four.get(&mut store, 3).expect("the handle is good").unwrap_v128(), V128::from(2));
        let none = ArrayRef::new_fixed(&mut store, &vectors, &[]).expect("the values fit");
        assert!(
            none.is_empty(&store).expect("the handle is good")
                && none.elems(&mut store).expect("the handle is good").is_empty()
        );
        assert_eq!(
            lane.call(&mut store, none).expect_err("it is refused").trap(),
            Some(Trap::ArrayOutOfBounds)
        );
    });
}

#[test]
fn what_does_not_fit_is_refused() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let field = |storage, mutability| FieldType::new(storage, mutability);
    let number = field(StorageType::Val(ValType::I64), Mutability::Const);
    let small = field(StorageType::I8, Mutability::Var);
    let pair = DefinedType::structure(&engine, StructType::new([number, small])).expect("the types live");
    let numbers = DefinedType::array(&engine, ArrayType::new(number)).expect("the types live");
    let bytes = DefinedType::array(&engine, ArrayType::new(small)).expect("the types live");
    let pair_ref = StorageType::Val(ValType::Ref(RefType::new(false, pair.heap_type())));
    let pairs = DefinedType::array(&engine, ArrayType::new(field(pair_ref, Mutability::Var)))
        .expect("the types live");
    let values = [Val::I64(1), Val::I32(2)];

    assert_eq!(
        usage(StructRef::new(&mut store, &bytes, &values)),
        "type mismatch: expected a structure type, found array (mut i8)"
    );
    assert_eq!(
        usage(ArrayRef::new_fixed(&mut store, &pair, &values)),
        "type mismatch: expected an array type, found struct i64 (mut i8)"
    );
    assert_eq!(usage(StructRef::new(&mut store, &pair, &values[..1])), "expected 2 fields, found 1");
    assert_eq!(
        usage(StructRef::new(&mut store, &pair, &[Val::I64(1), Val::I64(2)])),
        "field 1: type mismatch: expected i32, found i64"
    );
    assert_eq!(
        usage(ArrayRef::new_fixed(&mut store, &numbers, &values)),
        "element 1: type mismatch: expected i64, found i32"
    );
    let made = StructRef::new(&mut store, &pair, &values).expect("the values fit");
    assert_eq!(usage(made.field(&mut store, 2)), "there is no field 2: the structure has 2, counted from 0");
    assert_eq!(
        usage(made.set_field(&mut store, usize::MAX, Val::I32(0))),
        format!("there is no field {}: the structure has 2, counted from 0", usize::MAX)
    );
    assert_eq!(
        usage(made.set_field(&mut store, 0, Val::I64(5))),
        "field 0 cannot be set: it is immutable, i64"
    );
    assert_eq!(
        usage(made.set_field(&mut store, 1, Val::F32(5))),
        "field 1: type mismatch: expected i32, found f32"
    );
    assert_eq!(made.field(&mut store, 0).expect("the handle is good").unwrap_i64(), 1);

    let array = ArrayRef::new(&mut store, &numbers, Val::I64(3), 4).expect("the value fits");
    let missing = "there is no element 4: the array has 4, counted from 0";
    assert_eq!(usage(array.get(&mut store, 4)), missing);
    assert_eq!(usage(array.set(&mut store, 4, Val::I64(3))), missing);
    assert_eq!(usage(array.set(&mut store, 3, Val::I64(3))), "element 3 cannot be set: it is immutable, i64");
    // References: null where there is none, and objects of other types.
    let list = ArrayRef::new_fixed(&mut store, &pairs, &[made.into()]).expect("the values fit");
    for wrong in [Val::AnyRef(None), array.into(), Val::ExternRef(None)] {
        assert!(
            usage(list.set(&mut store, 0, wrong))
                .starts_with("element 0: type mismatch: expected (ref $struct")
        );
    }

    // Other stores, engines and scopes.
    let mut other = Store::new(&engine, ());
    let wrong_store = "a reference was used with a store that it does not belong to";
    assert_eq!(usage(made.field(&mut other, 0)), wrong_store);
    assert_eq!(usage(array.len(&other)), wrong_store);
    assert_eq!(usage(made.to_anyref().is_struct(&other)), wrong_store);
    assert_eq!(
        usage(ArrayRef::new_fixed(&mut other, &pairs, &[made.into()])),
        format!("element 0: {wrong_store}")
    );
    let another_engine = "a type was used with another engine than its own";
    let mut foreign = Store::new(&Engine::default(), ());
    assert_eq!(usage(StructRef::new(&mut foreign, &pair, &values)), another_engine);
    assert_eq!(usage(ArrayRef::new(&mut foreign, &bytes, Val::I32(0), 1)), another_engine);
    let late = store.root_scope(|store| StructRef::new(store, &pair, &values).expect("the values fit"));
    let ended = "a reference was used after the end of the scope it was made in";
    assert_eq!(usage(late.ty(&store)), ended);
    assert_eq!(usage(list.set(&mut store, 0, late.into())), format!("element 0: {ended}"));
}

#[test]
fn a_full_heap_is_an_error_for_the_host_too() {
    let engine = Engine::new(Config::new().max_gc_heap_bytes(1 << 20));
    let mut store = Store::new(&engine, ());
    let bytes = FieldType::new(StorageType::I8, Mutability::Var);
    let ty = DefinedType::array(&engine, ArrayType::new(bytes)).expect("the types live");
    let new = |store: &mut Store<()>, len| ArrayRef::new(store, &ty, Val::I32(1), len);
    assert_eq!(new(&mut store, u32::MAX).expect_err("it is refused").trap(), Some(Trap::HeapExhausted));
    store.root_scope(|store| {
        let count = (0..2000).take_while(|_| new(store, 1000).is_ok()).count();
        assert!((900..1100).contains(&count), "{count}");
        assert_eq!(new(store, 1000).expect_err("it is refused").trap(), Some(Trap::HeapExhausted));
    });
    // The handles are good no more, so there is room again.
    assert_eq!(
        new(&mut store, 500_000).expect("the handle is good").len(&store).expect("the handle is good"),
        500_000
    );
    // In a loop whose handles do not stay, memory is never short.
    for _ in 0..5000 {
        store.root_scope(|store| assert!(new(store, 1000).is_ok()));
    }
}

#[test]
fn host_functions_make_objects_while_a_guest_runs() {
    for_each_engine(|engine| {
        let boxed = FieldType::new(StorageType::Val(ValType::I32), Mutability::Const);
        let ty = DefinedType::structure(engine, StructType::new([boxed])).expect("the types live");
        let mut linker = Linker::<()>::new(engine);
        let add =
            move |mut caller: Caller<'_, ()>, a: StructRef, b: Option<EqRef>| -> Result<StructRef, Error> {
                let a = a.field(&mut caller, 0)?.unwrap_i32();
                let b = match b.map(EqRef::to_anyref) {
                    None => 0,
                    Some(b) => match (b.as_i31(&caller)?, b.as_struct(&caller)?) {
                        (Some(i31), _) => i31.get_i32(),
                        (None, Some(b)) => b.field(&mut caller, 0)?.unwrap_i32(),
                        (None, None) => return Err(Error::msg("neither")),
                    },
                };
                StructRef::new(&mut caller, &ty, &[Val::I32(a + b)])
            };
        linker.func_wrap("host", "add", add).expect("the name is new");
        let module = Module::new(
            engine,
            r#"(module
            (type $box (struct (field i32)))
            (import "host" "add" (func $add (param (ref struct) eqref) (result (ref struct))))
            (func (export "run") (param $n i32) (result i32) (local $sum (ref $box)) (local $first (ref $box))
              (local.set $first (struct.new $box (i32.const 1000000)))
              (local.set $sum (struct.new $box (i32.const 0)))
              (loop $more
                (local.set $sum (ref.cast (ref $box) (call $add (local.get $sum) (ref.i31 (local.get $n)))))
                (local.set $sum (ref.cast (ref $box)
                  (call $add (local.get $sum) (struct.new $box (i32.const 1)))))
                (drop (call $add (local.get $sum) (ref.null eq)))
                (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
              (i32.add (struct.get $box 0 (local.get $first)) (struct.get $box 0 (local.get $sum)))))"#,
        )
        .expect("the module is valid");
        let mut store = Store::new(engine, ());
        let instance = linker.instantiate(&mut store, &module).expect("every import is defined");
        let run = func::<i32, i32>(&mut store, instance, "run");
        assert_eq!(run.call(&mut store, 100).expect("the guest does not trap"), 1_000_000 + 5050 + 100);
    });
}

#[test]
fn lists_of_the_hosts_are_kept_by_their_heads() {
    for_each_engine(|engine| {
        let (mut store, instance) = instantiate(engine, LISTS);
        let keep = instance.get_typed_func::<i32, ()>(&mut store, "keep").expect("it is exported");
        keep.call(&mut store, 1).expect("the guest does not trap");
        let make = func::<i32, Option<AnyRef>>(&mut store, instance, "make");
        let ty = make
            .call(&mut store, 1)
            .expect("the guest does not trap")
            .expect("it is not null")
            .as_struct(&store)
            .expect("the handle is good")
            .expect("it is not null");
        let ty = ty.ty(&store).expect("the handle is good");
        let head = store.root_scope(|store| {
            let mut list = Val::AnyRef(None);
            for value in 0..100 {
                list = StructRef::new(&mut *store, &ty, &[Val::I64(value), list])
                    .expect("the values fit")
                    .into();
            }
            list.unwrap_any_ref()
                .expect("it is not null")
                .as_struct(&*store)
                .expect("the handle is good")
                .expect("it is not null")
                .to_owned_ref(&*store)
                .expect("the handle is good")
        });
        store.gc();
        // The one that is kept, the one whose type was asked for, and the list.
        assert_eq!(store.gc_heap_stats().live_bytes(), 24 * 102);
        let mut node = Some(head.to_ref(&mut store).expect("the handle is good"));
        let mut values = Vec::new();
        while let Some(found) = node {
            values.push(found.field(&mut store, 0).expect("the handle is good").unwrap_i64());
            let next = found.field(&mut store, 1).expect("the handle is good").unwrap_any_ref();
            node =
                next.map(|next| next.as_struct(&store).expect("the handle is good").expect("it is not null"));
        }
        assert_eq!(values, (0..100).rev().collect::<Vec<_>>());
    });
}

#[test]
fn values_that_nothing_refers_to_are_dropped_as_new_ones_come() {
    /// Counts those that live.
    struct Counted(Arc<()>);
    let counter = Arc::new(());
    let mut store = Store::new(&Engine::default(), ());
    let new = |store: &mut Store<()>| ExternRef::new(store, Counted(Arc::clone(&counter)));
    let kept = new(&mut store);
    for _ in 0..10_000 {
        store.root_scope(|store| assert!(new(store).is_host(&*store)));
    }
    assert!(Arc::strong_count(&counter) <= 1100, "{}", Arc::strong_count(&counter));
    let value = kept.data(&store).downcast_ref::<Counted>().expect("it is what was given");
    assert!(Arc::ptr_eq(&value.0, &counter));
}

#[test]
fn exceptions_in_fields_are_kept_for_their_handles() {
    for_each_engine(|engine| {
        let mut store = Store::new(engine, ());
        let ty = TagType::new(FuncType::new([ValType::I32], []));
        let tag = Tag::new(&mut store, &ty).expect("the type fits");
        let exnref = StorageType::Val(ValType::Ref(RefType::EXNREF));
        let cell = StructType::new([FieldType::new(exnref, Mutability::Var)]);
        let ty = DefinedType::structure(engine, cell).expect("the types live");
        let exception = ExnRef::new(&mut store, &tag, &[Val::I32(5)]).expect("the values fit");
        let holder =
            StructRef::new(&mut store, &ty, &[Val::ExnRef(Some(exception))]).expect("the values fit");
        let found = holder
            .field(&mut store, 0)
            .expect("the handle is good")
            .unwrap_exn_ref()
            .expect("it is not null");
        holder.set_field(&mut store, 0, Val::ExnRef(None)).expect("the value fits");
        store.gc();
        assert_eq!(found.fields(&mut store).expect("the handle is good")[0].unwrap_i32(), 5);
        assert!(holder.field(&mut store, 0).expect("the handle is good").unwrap_exn_ref().is_none());
    });
}
