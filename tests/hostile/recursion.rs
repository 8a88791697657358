//! Calls without end, of every kind: a trap, and the store goes on working.

use wapiti::{Caller, Engine, Error, Func, Instance, Linker, Module, Store, Trap, Val};

use crate::meter::peak_bytes;
use crate::run::{assert_traps, call, func, instance};
use crate::support::{Setting, one_setting_a_strategy, settings};

/// Calls the export `run`, which exhausts the stack, and then `fine`, which does not, several times.
fn assert_exhausts(store: &mut Store<()>, instance: Instance, setting: Setting) {
    let run = func(store, instance, "run");
    let fine = func(store, instance, "fine");
    let arguments: Vec<Val> = run.ty(&*store).params().iter().map(|ty| Val::default_for_ty(*ty)).collect();
    for _ in 0..3 {
        let error = call(store, run, &arguments).expect_err("it never returns");
        assert_eq!(error.trap(), Some(Trap::StackExhausted), "{error:?}, {setting:?}");
        let results = call(store, fine, &[]).unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
        assert_eq!(results[0].unwrap_i32(), 42, "{setting:?}");
    }
}

/// As [`assert_exhausts`], for a module without imports that defines `run`.
fn module_exhausts(definitions: &str) {
    let text = format!(r#"(module {definitions} (func (export "fine") (result i32) (i32.const 42)))"#);
    for setting in settings() {
        let (mut store, instance) = instance(&setting.config(), text.as_bytes());
        assert_exhausts(&mut store, instance, setting);
    }
}

#[test]
fn direct() {
    module_exhausts(r#"(func $run (export "run") (call $run))"#);
    module_exhausts(
        r#"(func $run (export "run") (param i64) (result i64)
            (i64.add (i64.const 1) (call $run (i64.add (local.get 0) (i64.const 1)))))"#,
    );
}

#[test]
fn mutual() {
    module_exhausts(
        r#"(func $run (export "run") (param i32) (result f64) (call $other (local.get 0) (f32.const 1)))
        (func $other (param i32 f32) (result f64) (call $third) (call $run (local.get 0)))
        (func $third (local i64 i64 i64) (drop (i64.add (local.get 0) (local.get 2))))"#,
    );
}

#[test]
fn indirect() {
    module_exhausts(
        r#"(type $t (func (param i32)))
        (table funcref (elem $a $b))
        (func $a (type $t) (call_indirect (type $t) (local.get 0) (i32.const 1)))
        (func $b (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0)))
        (func (export "run") (param i32) (call_indirect (type $t) (local.get 0) (local.get 0)))"#,
    );
}

/// Each call replaces its caller, but now and then one does not.
#[test]
fn through_tail_calls() {
    module_exhausts(
        r#"(func $run (export "run") (param i32)
            (if (i32.and (local.get 0) (i32.const 1)) (then (call $run (i32.const 0))))
            (return_call $run (i32.const 1)))"#,
    );
}

#[test]
fn with_large_frames() {
    let params = "(param i32) ".repeat(999);
    let gets: String = (0..1000).map(|local| format!("(local.get {local}) ")).collect();
    module_exhausts(&format!(r#"(func $run (export "run") {params} (param i32) (call $run {gets}))"#));
    let locals = "i64 ".repeat(49_999);
    module_exhausts(&format!(
        r#"(func $run (export "run") (param i64) (local {locals})
            (call $run (i64.add (local.get 0) (local.get 49999))))"#
    ));
}

/// The deepest frame may leave no room for anything, or for just a bit.
#[test]
fn on_stacks_of_every_size() {
    let text = r#"(module
        (import "host" "f" (func $f (param i32 i32) (result i32)))
        (func $run (export "run") (param i32) (result i32)
            (i32.add (call $run (i32.add (call $f (local.get 0) (i32.const 1)) (i32.const 0))) (i32.const 1)))
        (func (export "fine") (result i32) (i32.const 42)))"#;
    for setting in one_setting_a_strategy() {
        for cells in 0..40 {
            let mut config = setting.config();
            let engine = Engine::new(config.max_stack_bytes(4096 + cells * 8));
            let module = Module::new(&engine, text).expect("the module is valid");
            let mut store = Store::new(&engine, ());
            let f = Func::wrap(&mut store, |a: i32, b: i32| a + b);
            let instance = Instance::new(&mut store, &module, &[f.into()]).expect("f is defined");
            assert_exhausts(&mut store, instance, setting);
        }
    }
}

/// Instances that call each other by import and by table.
#[test]
fn between_instances() {
    let first = r#"(module
        (type $t (func (param i32) (result i32)))
        (import "second" "table" (table 1 funcref))
        (func $run (export "run") (param i32) (result i32)
            (i32.add (i32.const 1) (call_indirect (type $t) (local.get 0) (i32.const 0))))
        (func (export "fine") (result i32) (i32.const 42)))"#;
    let second = r#"(module
        (import "first" "run" (func $run (param i32) (result i32)))
        (table (export "table") 1 funcref)
        (func $back (param i32) (result i32) (i32.mul (i32.const 2) (call $run (local.get 0))))
        (func (export "back") (result funcref) (ref.func $back))
        (elem declare func $back))"#;
    for setting in settings() {
        let engine = Engine::new(&setting.config());
        let mut store = Store::new(&engine, ());
        let table_type = wapiti::TableType::new(wapiti::RefType::FUNCREF, 1, None);
        let table = wapiti::Table::new(&mut store, table_type, wapiti::Ref::Func(None)).expect("it is small");
        let first = Module::new(&engine, first).expect("the module is valid");
        let first = Instance::new(&mut store, &first, &[table.into()]).expect("its import is defined");
        let second = Module::new(&engine, second).expect("the module is valid");
        let run = func(&mut store, first, "run");
        let second = Instance::new(&mut store, &second, &[run.into()]).expect("its import is defined");
        let back = func(&mut store, second, "back");
        let back = call(&mut store, back, &[]).expect("it returns")[0].ref_().expect("a reference");
        table.set(&mut store, 0, back).expect("the table has an element");
        assert_exhausts(&mut store, first, setting);
    }
}

/// In constant space, and so without a trap.
#[test]
fn tail_calls_between_instances() {
    let text = r#"(module
        (type $t (func (param i32 i32) (result i32)))
        (import "other" "table" (table 2 funcref))
        (import "other" "index" (global $other i32))
        (func $next (export "next") (type $t)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call_indirect (type $t)
                (i32.sub (local.get 0) (i32.const 1))
                (i32.add (local.get 1) (i32.const 1))
                (global.get $other))))"#;
    let steps = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    for setting in one_setting_a_strategy() {
        let mut config = setting.config();
        let engine = Engine::new(config.max_stack_bytes(4096));
        let mut store = Store::new(&engine, ());
        let table_type = wapiti::TableType::new(wapiti::RefType::FUNCREF, 2, None);
        let table = wapiti::Table::new(&mut store, table_type, wapiti::Ref::Func(None)).expect("it is small");
        let module = Module::new(&engine, text).expect("the module is valid");
        let mut start = None;
        for index in 0..2u32 {
            let ty = wapiti::GlobalType::new(wapiti::ValType::I32, wapiti::Mutability::Const);
            let other =
                wapiti::Global::new(&mut store, ty, Val::I32(1 - index as i32)).expect("it is an i32");
            let imports = [table.into(), other.into()];
            let instance = Instance::new(&mut store, &module, &imports).expect("its imports are defined");
            let next = func(&mut store, instance, "next");
            table
                .set(&mut store, index.into(), wapiti::Ref::Func(Some(next)))
                .expect("the table has two elements");
            start = Some(next);
        }
        let start = start.expect("there are two");
        let results = call(&mut store, start, &[Val::I32(steps), Val::I32(0)]);
        let results = results.unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
        assert_eq!(results[0].unwrap_i32(), steps, "{setting:?}");
    }
}

/// Tail calls of every kind, each as deep as takes about a second.
#[test]
fn tail_calls_of_every_kind() {
    let text = |tail_call| {
        format!(
            r#"(module
            (type $t (func (param i32 i32) (result i32)))
            (table funcref (elem $run))
            (global $self (ref $t) (ref.func $run))
            (func $run (export "run") (type $t)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (i32.sub (local.get 0) (i32.const 1))
                (i32.add (local.get 1) (i32.const 1))
                {tail_call}))"#
        )
    };
    let steps = if cfg!(debug_assertions) { 10_000 } else { 100_000_000 };
    for setting in one_setting_a_strategy() {
        for tail_call in [
            "(return_call $run)",
            "(return_call_indirect (type $t) (i32.const 0))",
            "(return_call_ref $t (global.get $self))",
        ] {
            let mut config = setting.config();
            let (mut store, instance) = instance(config.max_stack_bytes(4096), text(tail_call).as_bytes());
            let run = func(&mut store, instance, "run");
            let results = call(&mut store, run, &[Val::I32(steps), Val::I32(0)]);
            let results = results.unwrap_or_else(|error| panic!("{error:?}, {tail_call}, {setting:?}"));
            assert_eq!(results[0].unwrap_i32(), steps, "{tail_call}, {setting:?}");
        }
    }
}

/// One instance goes on in the other by reference, and that one comes back by import, past a host function.
#[test]
fn tail_calls_by_reference_and_import() {
    let first = r#"(module
        (type $t (func (param i32 i32) (result i32)))
        (table (export "table") 1 (ref null $t))
        (func (export "run") (type $t)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call_ref $t
                (i32.sub (local.get 0) (i32.const 1))
                (i32.add (local.get 1) (i32.const 1))
                (table.get 0 (i32.const 0)))))"#;
    let second = r#"(module
        (type $t (func (param i32 i32) (result i32)))
        (import "first" "table" (table 1 (ref null $t)))
        (import "first" "run" (func $run (type $t)))
        (import "host" "last" (func $last (type $t)))
        (elem (table 0) (i32.const 0) (ref null $t) (ref.func $back))
        (func $back (type $t)
            (if (i32.eqz (local.get 0)) (then (return_call $last (local.get 0) (local.get 1))))
            (return_call $run (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)))))"#;
    let steps = if cfg!(debug_assertions) { 10_001 } else { 10_000_001 };
    for setting in one_setting_a_strategy() {
        let mut config = setting.config();
        let engine = Engine::new(config.max_stack_bytes(4096));
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let last = |zero: i32, steps: i32| steps - zero + 5;
        linker.func_wrap("host", "last", last).expect("the name is new");
        for (name, text) in [("first", first), ("second", second)] {
            let module = Module::new(&engine, text).expect("the module is valid");
            let instance = linker.instantiate(&mut store, &module).expect("its imports are defined");
            linker.instance(&mut store, name, instance).expect("the name is new");
        }
        let run = linker.get(&mut store, "first", "run").and_then(|item| item.into_func());
        let run = run.expect("it was defined").typed::<(i32, i32), i32>(&store).expect("it is of this type");
        let found = run.call(&mut store, (steps, 0)).unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
        assert_eq!(found, steps + 5, "{setting:?}");
    }
}

/// The guest calls the host, which calls the guest, which ...
#[test]
fn between_guest_and_host() {
    let text = r#"(module
        (import "host" "back" (func $back (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (call $back (i32.add (local.get 0) (i32.const 1))))
        (func (export "tail") (param i32) (result i32) (return_call $back (i32.add (local.get 0) (i32.const 1))))
        (func (export "fine") (result i32) (i32.const 42)))"#;
    for setting in settings() {
        for (name, levels) in [("run", 32), ("tail", 32), ("run", 1), ("run", 2)] {
            let mut config = setting.config();
            let engine = Engine::new(config.max_host_nesting(levels));
            let mut linker = Linker::new(&engine);
            let back = move |mut caller: Caller<'_, u32>, depth: i32| -> Result<i32, Error> {
                *caller.data_mut() = caller.data().max(&(depth as u32)).to_owned();
                let run =
                    caller.get_export(name).and_then(|export| export.into_func()).expect("it is exported");
                run.typed::<i32, i32>(&caller)?.call(&mut caller, depth)
            };
            linker.func_wrap("host", "back", back).expect("the name is new");
            let mut store = Store::new(&engine, 0);
            let module = Module::new(&engine, text).expect("the module is valid");
            let instance = linker.instantiate(&mut store, &module).expect("the import is defined");
            for _ in 0..3 {
                let run = instance.get_typed_func::<i32, i32>(&mut store, name).expect("of this type");
                assert_traps(run.call(&mut store, 0), Trap::StackExhausted, setting);
                assert_eq!(*store.data(), levels, "{setting:?}");
                let fine = instance.get_typed_func::<(), i32>(&mut store, "fine").expect("of this type");
                assert_eq!(fine.call(&mut store, ()).expect("it returns"), 42, "{setting:?}");
            }
        }
    }
}

/// A host function that calls itself, and one that makes instances whose start functions call it.
#[test]
fn between_host_and_host() {
    for setting in one_setting_a_strategy() {
        let engine = Engine::new(&setting.config());
        let mut store = Store::new(&engine, None::<Func>);
        let itself = Func::wrap(&mut store, |mut caller: Caller<'_, Option<Func>>| -> Result<(), Error> {
            let itself = caller.data().expect("it was stored");
            itself.call(&mut caller, &[], &mut [])
        });
        *store.data_mut() = Some(itself);
        assert_traps(itself.call(&mut store, &[], &mut []), Trap::StackExhausted, setting);

        let text = r#"(module (import "" "" (func $f)) (start $f))"#;
        let module = Module::new(&engine, text).expect("the module is valid");
        let starts = {
            let module = module.clone();
            Func::wrap(&mut store, move |mut caller: Caller<'_, Option<Func>>| -> Result<(), Error> {
                let itself = caller.data().expect("it was stored");
                Instance::new(&mut caller, &module, &[itself.into()]).map(drop)
            })
        };
        *store.data_mut() = Some(starts);
        assert_traps(Instance::new(&mut store, &module, &[starts.into()]), Trap::StackExhausted, setting);
    }
}

/// Of a hundred thousand frames, the innermost are listed and the rest counted; each has its name and place.
#[test]
fn the_backtrace_is_short() {
    let text = r#"(module $m (func $deep (export "run") (call $deep)))"#;
    for setting in settings() {
        let (mut store, instance) = instance(&setting.config(), text.as_bytes());
        let run = func(&mut store, instance, "run");
        let (error, peak) = peak_bytes(|| call(&mut store, run, &[]).expect_err("it never returns"));
        let backtrace = error.backtrace().expect("a trap has one");
        assert_eq!(backtrace.frames().len(), 64);
        assert!(backtrace.omitted() > 100_000, "{} frames", backtrace.omitted());
        let text = backtrace.to_string();
        assert_eq!(text.matches("m!deep").count(), 64, "{text}");
        assert!(peak < 16 << 20, "{peak} bytes");
    }
}
