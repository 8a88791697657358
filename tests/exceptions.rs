//! Exceptions beyond one function: between instances, through host functions, in great numbers and from great depths,
//! and the older operators, under every strategy.

mod support;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use support::one_setting_a_strategy;
use wapiti::{
    Caller, Config, Engine, Error, ErrorKind, ExnRef, Extern, Func, FuncType, Instance, Linker, Module,
    Store, Tag, TagType, TracedOp, Tracer, Trap, Val, ValType,
};

fn each_engine(check: impl Fn(&Engine)) {
    each_engine_with(|config| config, check);
}

fn each_engine_with(change: impl Fn(&mut Config) -> &mut Config, check: impl Fn(&Engine)) {
    for setting in one_setting_a_strategy() {
        check(&Engine::new(change(&mut setting.config())));
    }
}

fn instantiate<T>(store: &mut Store<T>, text: &str, imports: &[Extern]) -> Instance {
    let module = Module::new(store.engine(), text).expect("the module is valid");
    Instance::new(store, &module, imports).expect("it can be instantiated")
}

fn run<T>(store: &mut Store<T>, instance: Instance, name: &str, arguments: &[i32]) -> Result<i32, Error> {
    let func = instance.get_func(&mut *store, name).expect("it is exported");
    let arguments: Vec<Val> = arguments.iter().copied().map(Val::I32).collect();
    let mut results = [Val::I32(0)];
    func.call(store, &arguments, &mut results)?;
    Ok(results[0].unwrap_i32())
}

fn i32_tag<T>(store: &mut Store<T>) -> Tag {
    let ty = TagType::new(FuncType::new([ValType::I32], []));
    Tag::new(store, &ty).expect("the type has no results")
}

/// Instances that call each other, with tags of the same type that differ.
#[test]
fn exceptions_pass_from_instance_to_instance() {
    each_engine(|engine| {
        let mut store = Store::new(engine, ());
        let inner = instantiate(
            &mut store,
            r#"(module
                (tag $a (export "a") (param i32))
                (tag $b (export "b") (param i32))
                (global $depth (mut i32) (i32.const 0))
                (func (export "throw") (param i32) (result i32)
                    (if (i32.lt_s (local.get 0) (i32.const 0)) (then (return (i32.const 7))))
                    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $a (local.get 0))))
                    (throw $b (local.get 0))))"#,
            &[],
        );
        let [a, b] = ["a", "b"].map(|name| Extern::from(inner.get_tag(&store, name).expect("exported")));
        let throws = inner.get_func(&store, "throw").expect("exported");
        let text = r#"(module
            (import "m" "a" (tag $a (param i32)))
            (import "m" "b" (tag $b (param i32)))
            (import "m" "throw" (func $throw (param i32) (result i32)))
            (memory (export "memory") 1)
            (table funcref (elem $throw))
            (func (export "tail") (param i32) (result i32) (return_call $throw (local.get 0)))
            (func (export "direct") (param i32) (result i32)
                (i32.store (i32.const 8) (i32.const 100))
                (block $caught (result i32)
                    (try_table (catch $a $caught) (return (call $throw (local.get 0)))) (unreachable))
                (i32.add (i32.load (i32.const 8))))
            (func (export "indirect") (param i32) (result i32)
                (i32.store (i32.const 8) (i32.const 200))
                (block $caught (result i32)
                    (try_table (catch $b $caught)
                        (return (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))
                    (unreachable))
                (i32.add (i32.load (i32.const 8)))))"#;
        let outer = instantiate(&mut store, text, &[a.clone(), b.clone(), throws.into()]);
        let further = outer.get_func(&store, "direct").expect("exported");
        let tail = outer.get_func(&store, "tail").expect("exported");
        assert_eq!(run(&mut store, outer, "direct", &[-1]).expect("it works"), 7);
        assert_eq!(run(&mut store, outer, "direct", &[3]).expect("it works"), 103);
        assert_eq!(run(&mut store, outer, "indirect", &[4]).expect("it works"), 204);
        // Through two instances, one of which does not catch it; and by way of a tail call.
        let outermost = instantiate(&mut store, text, &[a.clone(), b.clone(), further.into()]);
        assert_eq!(run(&mut store, outermost, "indirect", &[4]).expect("it works"), 204);
        assert_eq!(run(&mut store, outermost, "indirect", &[3]).expect("it works"), 103);
        let outermost = instantiate(&mut store, text, &[a.clone(), b.clone(), tail.into()]);
        assert_eq!(run(&mut store, outermost, "direct", &[5]).expect("it works"), 105);
        // The tags exchanged.
        let exchanged = instantiate(&mut store, text, &[b, a, throws.into()]);
        assert_eq!(run(&mut store, exchanged, "direct", &[4]).expect("it works"), 104);
        let error = run(&mut store, exchanged, "direct", &[5]).expect_err("it fails");
        assert_eq!(error.to_string(), "uncaught exception: tag `a` (i32 5)");
        let names: Vec<u32> = error
            .backtrace()
            .expect("it was thrown by a guest")
            .frames()
            .iter()
            .map(|f| f.func_index())
            .collect();
        assert_eq!(names, [0, 2], "from where it was thrown outwards");
        // The store is as usable as before.
        assert_eq!(run(&mut store, outer, "direct", &[9]).expect("it works"), 109);
    });
}

#[test]
fn imported_tags_may_be_the_same() {
    each_engine(|engine| {
        let mut store = Store::new(engine, ());
        let tag = i32_tag(&mut store);
        let text = r#"(module
            (import "m" "a" (tag $a (param i32)))
            (import "m" "b" (tag $b (param i32)))
            (func (export "run") (result i32)
                (block $caught (result i32)
                    (try_table (catch $a $caught) (throw $b (i32.const 5))) (unreachable))))"#;
        let same = instantiate(&mut store, text, &[tag.into(), tag.into()]);
        assert_eq!(run(&mut store, same, "run", &[]).expect("it works"), 5);
        let another = i32_tag(&mut store);
        let different = instantiate(&mut store, text, &[tag.into(), another.into()]);
        let error = run(&mut store, different, "run", &[]).expect_err("it fails");
        assert_eq!(error.exception().expect("it carries one").tag(&store).expect("it works"), another);
    });
}

/// A host function calls the guest, sees its exception, and lets it pass, replaces it, or takes it.
#[test]
fn exceptions_pass_through_host_functions() {
    const TEXT: &str = r#"(module
        (import "host" "call" (func $call (param i32) (result i32)))
        (tag $e (export "e") (param i32))
        (func (export "throws") (param i32) (throw $e (local.get 0)))
        (func $catches (export "catches") (param i32) (result i32)
            (block $caught (result i32)
                (try_table (catch $e $caught) (return (call $call (local.get 0)))) (unreachable))
            (i32.add (i32.const 1000)))
        (func $leaves (param i32) (result i32)
            (try_table (result i32) (catch $e 0) (return_call $call (local.get 0))))
        (func (export "outside") (param i32) (result i32)
            (block $caught (result i32)
                (try_table (catch $e $caught) (return (call $leaves (local.get 0)))) (unreachable))
            (i32.add (i32.const 2000))))"#;
    each_engine(|engine| {
        let mut linker = Linker::<Vec<String>>::new(engine);
        let host = |mut caller: Caller<'_, Vec<String>>, n: i32| -> Result<i32, Error> {
            let throws = caller.get_export("throws").and_then(Extern::into_func).expect("it is exported");
            let error = throws.typed::<i32, ()>(&caller)?.call(&mut caller, n).expect_err("it always throws");
            caller.data_mut().push(error.to_string());
            let exception = error.exception().expect("that is why it failed").clone();
            let tag = exception.tag(&caller)?;
            match n {
                0 => Ok(exception.fields(&mut caller)?[0].unwrap_i32() + 50),
                1 => Err(error),
                2 => Err(tag.exception(&mut caller, &[Val::I32(77)])?.into()),
                3 => {
                    let reference = exception.to_ref(&mut caller)?;
                    assert_eq!(reference.fields(&mut caller)?[0].unwrap_i32(), 3);
                    caller.throw(reference)
                }
                4 => {
                    let reference = ExnRef::new(&mut caller, &tag, &[Val::I32(88)])?;
                    caller.throw(reference)
                }
                _ => Err(Error::msg("something else")),
            }
        };
        linker.func_wrap("host", "call", host).expect("it works");
        let module = Module::new(engine, TEXT).expect("it works");
        let mut store = Store::new(engine, Vec::new());
        let instance = linker.instantiate(&mut store, &module).expect("it works");
        for (n, expected) in [(0, 50), (1, 1001), (2, 1077), (3, 1003), (4, 1088)] {
            assert_eq!(run(&mut store, instance, "catches", &[n]).expect("it works"), expected);
            // The frame that tail-calls the host is gone when the exception comes.
            let outside = if n == 0 { 50 } else { expected + 1000 };
            assert_eq!(run(&mut store, instance, "outside", &[n]).expect("it works"), outside);
        }
        assert_eq!(
            run(&mut store, instance, "catches", &[5]).expect_err("it fails").to_string(),
            "something else"
        );
        assert_eq!(store.data()[2], "uncaught exception: tag `e` (i32 1)");
        let throws = instance.get_typed_func::<i32, ()>(&mut store, "throws").expect("it works");
        let error = throws.call(&mut store, 1).expect_err("it fails");
        assert_eq!(error.backtrace().expect("it works").frames().len(), 1);
    });
}

#[test]
fn wrong_values_and_stores_are_refused() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let tag = i32_tag(&mut store);
    let is_usage = |error: Error| matches!(error.kind(), ErrorKind::Usage(_));
    assert!(is_usage(ExnRef::new(&mut store, &tag, &[]).expect_err("it fails")));
    assert!(is_usage(ExnRef::new(&mut store, &tag, &[Val::I64(1)]).expect_err("it fails")));
    assert!(is_usage(ExnRef::new(&mut other, &tag, &[Val::I32(1)]).expect_err("it fails")));
    assert!(is_usage(tag.exception(&mut other, &[Val::I32(1)]).expect_err("it fails")));
    let with_results = TagType::new(FuncType::new([], [ValType::I32]));
    assert!(is_usage(Tag::new(&mut store, &with_results).expect_err("it fails")));
    let exception = ExnRef::new(&mut store, &tag, &[Val::I32(1)]).expect("it works");
    assert!(is_usage(exception.tag(&other).expect_err("it fails")));
    assert!(is_usage(other.throw::<()>(exception).expect_err("it fails")));
    // An exception of another store is an error like any other to the guest.
    let foreign = tag.exception(&mut store, &[Val::I32(1)]).expect("it works");
    assert!(is_usage(foreign.tag(&other).expect_err("it fails")));
    let host = Func::wrap(&mut other, move || -> Result<(), Error> { Err(foreign.clone().into()) });
    let text = r#"(module (import "m" "f" (func $f))
        (func (export "run") (result i32) (block $out (try_table (catch_all $out) (call $f))) (i32.const 1)))"#;
    let instance = instantiate(&mut other, text, &[host.into()]);
    assert!(run(&mut other, instance, "run", &[]).expect_err("it fails").exception().is_some());
}

const REFERENCES: &str = r#"(module
    (tag $e (export "e") (param i32))
    (tag $wraps (param exnref i32))
    (global $g (export "g") (mut exnref) (ref.null exn))
    (table $t (export "t") 2 exnref)
    (func $make (export "make") (param i32) (result exnref) (local $r exnref)
        (block $caught (result i32 exnref)
            (try_table (catch_ref $e $caught) (throw $e (local.get 0))) (unreachable))
        (local.set $r) (drop) (local.get $r))
    (func $value (export "value") (param exnref) (result i32)
        (block $caught (result i32)
            (try_table (catch $e $caught) (throw_ref (local.get 0))) (unreachable)))
    (func $waste (param i32) (local $r exnref)
        (loop $more
            (local.set $r (call $make (local.get 0)))
            (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "run") (param $n i32) (result i32) (local $r exnref) (local $wrapped exnref)
        (local.set $r (call $make (i32.const 1)))
        (global.set $g (call $make (i32.const 20)))
        (table.set $t (i32.const 1) (call $make (i32.const 300)))
        (block $w (result exnref)
            (try_table (catch_all_ref $w) (throw $wraps (call $make (i32.const 4000)) (i32.const 1)))
            (unreachable))
        (local.set $wrapped)
        (call $waste (local.get $n))
        (block $w (result exnref i32)
            (try_table (catch $wraps $w) (throw_ref (local.get $wrapped))) (unreachable))
        (drop)
        (call $value)
        (i32.add (call $value (local.get $r)))
        (i32.add (call $value (global.get $g)))
        (i32.add (call $value (table.get $t (i32.const 1))))))"#;

/// References in locals, globals, tables, payloads and handles; they outlive any number of others.
#[test]
fn references_keep_exceptions() {
    each_engine(|engine| {
        let mut store = Store::new(engine, ());
        let instance = instantiate(&mut store, REFERENCES, &[]);
        assert_eq!(run(&mut store, instance, "run", &[20_000]).expect("it works"), 4321);
        // Handles of the host's.
        let make = instance.get_func(&store, "make").expect("it works");
        let mut made = [Val::I32(0)];
        make.call(&mut store, &[Val::I32(55)], &mut made).expect("it works");
        let Val::ExnRef(Some(handle)) = made[0] else { panic!("{made:?}") };
        let tag = instance.get_tag(&store, "e").expect("it works");
        assert_eq!(handle.tag(&store).expect("it works"), tag);
        let mine = ExnRef::new(&mut store, &tag, &[Val::I32(66)]).expect("it works");
        let in_global = instance.get_global(&store, "g").expect("it works").get(&mut store);
        let in_table =
            instance.get_table(&store, "t").expect("it works").get(&mut store, 1).expect("it works");
        assert_eq!(run(&mut store, instance, "run", &[20_000]).expect("it works"), 4321);
        let value = instance.get_func(&store, "value").expect("it works");
        for (reference, expected) in
            [(made[0], 55), (Val::ExnRef(Some(mine)), 66), (in_global, 20), (in_table.into(), 300)]
        {
            let mut result = [Val::I32(0)];
            value.call(&mut store, &[reference], &mut result).expect("it works");
            assert_eq!(result[0].unwrap_i32(), expected);
        }
        let mut result = [Val::I32(0)];
        let error = value.call(&mut store, &[Val::ExnRef(None)], &mut result).expect_err("it fails");
        assert_eq!(error.trap(), Some(Trap::NullReference));
    });
}

#[test]
fn an_exception_unwinds_a_million_frames() {
    let text = r#"(module
        (tag $e (param i32))
        (func $deep (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 42))))
            (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
        (func (export "run") (param i32) (result i32)
            (block $caught (result i32)
                (try_table (catch $e $caught) (drop (call $deep (local.get 0)))) (unreachable)))
        (func (export "uncaught") (param i32) (result i32) (call $deep (local.get 0)))
        ;; Every frame catches, and throws again.
        (func $each (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 1))))
            (block $caught (result i32)
                (try_table (result i32) (catch $e $caught) (call $each (i32.sub (local.get 0) (i32.const 1)))))
            (throw $e (i32.add (i32.const 1))))
        (func (export "each") (param i32) (result i32)
            (block $caught (result i32)
                (try_table (catch $e $caught) (drop (call $each (local.get 0)))) (unreachable))))"#;
    each_engine_with(
        |config| config.max_stack_bytes(256 << 20),
        |engine| {
            let mut store = Store::new(engine, ());
            let instance = instantiate(&mut store, text, &[]);
            assert_eq!(run(&mut store, instance, "run", &[1_000_000]).expect("it works"), 42);
            let error = run(&mut store, instance, "uncaught", &[1_000_000]).expect_err("it fails");
            assert_eq!(error.to_string(), "uncaught exception: tag 0 (i32 42)");
            assert_eq!(error.backtrace().expect("it works").omitted(), 1_000_002 - 64);
            assert_eq!(run(&mut store, instance, "each", &[100_000]).expect("it works"), 100_001);
            // Exhaustion is a trap, which nobody catches.
            let error = run(&mut store, instance, "run", &[i32::MAX]).expect_err("it fails");
            assert_eq!(error.trap(), Some(Trap::StackExhausted));
            assert_eq!(run(&mut store, instance, "run", &[10]).expect("it works"), 42);
        },
    );
}

#[test]
fn throwing_for_ever_can_be_interrupted() {
    let text = r#"(module
        (tag $e)
        (func $throw (throw $e))
        (func (export "run") (result i32)
            (loop $more
                (block $caught (try_table (catch_all $caught) (call $throw)))
                (br $more))
            (unreachable))
        (func (export "again") (result i32)
            (loop $more (try_table (catch_all $more) (call $throw)))
            (unreachable)))"#;
    each_engine(|engine| {
        let mut store = Store::new(engine, ());
        let instance = instantiate(&mut store, text, &[]);
        for export in ["run", "again"] {
            let handle = store.interrupt_handle();
            let stopper = thread::spawn(move || {
                thread::sleep(Duration::from_millis(10));
                handle.interrupt();
            });
            let error = run(&mut store, instance, export, &[]).expect_err("it fails");
            stopper.join().expect("it works");
            assert_eq!(error.trap(), Some(Trap::Interrupted));
        }
    });
}

/// A tracer sees throws, and where they lead; calls in portions go on there, too.
#[test]
fn throws_can_be_watched() {
    struct Names(Arc<Mutex<Vec<(&'static str, u32)>>>);

    impl Tracer for Names {
        fn after(&mut self, op: &TracedOp<'_>, _outcome: Result<(), &Error>) {
            self.0.lock().expect("it works").push((op.name(), op.function()));
        }
    }

    let text = r#"(module
        (tag $e (param i32))
        (func $throw (param i32) (throw $e (local.get 0)))
        (func (export "run") (param i32) (result i32)
            (block $caught (result i32 exnref)
                (try_table (catch_ref $e $caught) (call $throw (local.get 0))) (unreachable))
            (drop)))"#;
    each_engine(|engine| {
        let mut store = Store::new(engine, ());
        let instance = instantiate(&mut store, text, &[]);
        let names = Arc::default();
        store.set_tracer(Some(Box::new(Names(Arc::clone(&names)))));
        assert_eq!(run(&mut store, instance, "run", &[5]).expect("it works"), 5);
        let expected = [("copy", 1), ("call", 1), ("copy", 0), ("throw", 0), ("return", 1)];
        assert_eq!(*names.lock().expect("it works"), expected);
        store.set_tracer(None);

        let func = instance.get_func(&store, "run").expect("it works");
        let mut execution = func.start(&mut store, &[Val::I32(6)]).expect("it works");
        assert!(execution.resume(&mut store, 3).expect("it works").is_none());
        let seen = execution.next_op(&mut store, |op| (op.name(), op.reads()[0].value)).expect("it works");
        assert_eq!(seen, Some(("throw", Some(6))));
        assert_eq!(execution.resume(&mut store, 10).expect("it works").expect("it works")[0].unwrap_i32(), 6);
        // A suspended call may hold references to exceptions.
        let mut execution = func.start(&mut store, &[Val::I32(7)]).expect("it works");
        assert!(execution.resume(&mut store, 4).expect("it works").is_none());
        for _ in 0..3000 {
            assert_eq!(run(&mut store, instance, "run", &[5]).expect("it works"), 5);
        }
        assert_eq!(execution.resume(&mut store, 10).expect("it works").expect("it works")[0].unwrap_i32(), 7);
    });
}

const LEGACY: &str = r#"(module
    (import "host" "id" (func $id (param i32) (result i32)))
    (tag $a (export "a") (param i32))
    (tag $b (param i64 i32))
    (tag $none)
    (func $throws (param i32) (result i32)
        (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 10))))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b (i64.const 5) (i32.const 20))))
        (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $none)))
        (i32.const 7))
    (func (export "catch") (param i32) (result i32) (local $set i32)
        i32.const 1000
        local.get 0
        try (param i32) (result i32)
            call $throws
            i32.const 5
            local.set $set
        catch $a
            (local.set $set (i32.add (local.get $set) (i32.const 1)))
        catch $b
            local.set 0
            i32.wrap_i64
            (i32.add (local.get 0))
            (i32.add (local.get $set))
        end
        i32.add
        (i32.add (i32.mul (local.get $set) (i32.const 10000))))
    (func (export "rethrow") (param i32) (result i32)
        try (result i32)
            try (result i32)
                (call $throws (local.get 0))
            catch $a
                (drop (i32.const 5))
                try (result i32)
                    (throw $none)
                catch_all
                    (drop (call $id (i32.const 1)))
                    rethrow 1
                end
                i32.add
            catch_all
                i32.const 1
            end
        catch $a
            (i32.add (i32.const 100))
        end)
    (func (export "delegate") (param i32) (result i32)
        try $outer (result i32)
            try $inner (result i32)
                try $skipped (result i32)
                    (call $throws (local.get 0))
                delegate $outer
            catch_all
                i32.const 999
            end
        catch $a
            (i32.add (i32.const 200))
        catch_all
            i32.const 300
        end)
    (func (export "delegate_out") (param i32) (result i32)
        try $t (result i32)
            try (result i32)
                (call $throws (local.get 0))
            delegate 1
        catch_all
            i32.const 999
        end)
    (func (export "throw_in_catch") (param i32) (result i32)
        try (result i32)
            try (result i32)
                (call $throws (local.get 0))
            catch $a
                local.set 0
                (throw $b (i64.const 1) (local.get 0))
            catch $b
                drop
                drop
                i32.const 999
            end
        catch $b
            local.set 0
            drop
            (i32.add (local.get 0) (i32.const 1))
        end)
    (func (export "branches") (param i32) (result i32)
        (block $out (result i32)
            (loop $again
                try
                    (br $out (call $throws (local.get 0)))
                catch $a
                    drop
                    (local.set 0 (i32.const 0))
                    br $again
                catch_all
                    (local.set 0 (i32.sub (local.get 0) (i32.const 2)))
                    br $again
                end)
            (unreachable)))
    (func (export "mixed") (param i32) (result i32)
        (block $caught (result i32)
            (try_table (result i32) (catch $a $caught)
                try (result i32)
                    (call $throws (local.get 0))
                catch $b
                    return
                catch_all
                    rethrow 0
                end)))
    (func (export "dead") (param i32) (result i32)
        (return (i32.const 3))
        try
            try
                (throw $none)
            delegate 0
        catch $a
            drop
        catch_all
            rethrow 0
        end
        (unreachable)))"#;

#[test]
fn older_operators_work() {
    each_engine_with(
        |config| config.wasm_legacy_exceptions(true),
        |engine| {
            let mut store = Store::new(engine, ());
            let id = Func::wrap(&mut store, |n: i32| n);
            let instance = instantiate(&mut store, LEGACY, &[id.into()]);
            let a = |n: i32| format!("uncaught exception: tag `a` (i32 {n})");
            let cases: &[(&str, i32, Result<i32, String>)] = &[
                ("catch", 0, Ok(51_007)),
                ("catch", 1, Ok(11_010)),
                ("catch", 2, Ok(1025)),
                ("catch", 3, Err("uncaught exception: tag 2".into())),
                ("rethrow", 0, Ok(7)),
                ("rethrow", 1, Ok(110)),
                ("rethrow", 2, Ok(1)),
                ("delegate", 0, Ok(7)),
                ("delegate", 1, Ok(210)),
                ("delegate", 3, Ok(300)),
                ("delegate_out", 1, Err(a(10))),
                ("throw_in_catch", 0, Ok(7)),
                ("throw_in_catch", 1, Ok(11)),
                ("branches", 1, Ok(7)),
                ("branches", 3, Ok(7)),
                ("mixed", 1, Ok(10)),
                ("mixed", 2, Ok(20)),
                ("mixed", 3, Err("uncaught exception: tag 2".into())),
                ("dead", 0, Ok(3)),
            ];
            for (name, argument, expected) in cases {
                let found = run(&mut store, instance, name, &[*argument]);
                assert_eq!(&found.map_err(|error| error.to_string()), expected, "{name}({argument})");
            }
        },
    );
    // They are off by default.
    assert!(Module::new(&Engine::default(), "(module (func (try (do) (catch_all))))").is_err());
}
