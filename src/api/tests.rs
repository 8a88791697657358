//! Tests of the embedding API's promises: wrong stores, wrong types, linking, what failures leave behind.

use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    AsContext, Caller, Engine, Extern, ExternRef, Func, Global, Instance, InterruptHandle, Linker, Memory,
    Module, Ref, Store, Table, Tag, Val,
};
use crate::config::{Compilation, Config};
use crate::error::{Error, ErrorKind, Trap};
use crate::types::{
    DefinedType, ExternType, FuncType, GlobalType, HeapType, MemoryType, Mutability, RefType, StructType,
    TableType, ValType,
};

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, text).expect("the test's module is valid")
}

fn instance(store: &mut Store<()>, text: &str, imports: &[Extern]) -> Result<Instance, Error> {
    let module = module(store.engine(), text);
    Instance::new(store, &module, imports)
}

#[test]
fn modules_describe_themselves() {
    let engine = Engine::default();
    let text = r#"(module $m
        (import "a" "f" (func (param i32 f64) (result i64)))
        (import "a" "g" (global (mut i32)))
        (memory (export "mem") 1 2)
        (table (export "tab") 3 funcref)
        (@custom "note" "hello")
        (@custom "note" "world"))"#;
    let module = module(&engine, text);
    assert_eq!(module.name(), Some("m"));
    let imports: Vec<_> =
        module.imports().map(|i| format!("{} {} {}", i.module(), i.name(), i.ty())).collect();
    assert_eq!(imports, ["a f function [i32 f64] -> [i64]", "a g global (mut i32)"]);
    let exports: Vec<_> = module.exports().map(|e| format!("{} {}", e.name(), e.ty())).collect();
    assert_eq!(exports, ["mem memory of 1..=2 pages", "tab table of 3.. funcref"]);
    assert_eq!(module.get_export("mem"), Some(ExternType::Memory(MemoryType::new(1, Some(2)))));
    assert_eq!(module.get_export("nothing"), None);
    assert!(module.custom_sections("note").eq([b"hello", b"world"]));
}

#[test]
fn what_is_no_module_is_an_error() {
    let engine = Engine::default();
    let kind = |bytes: &[u8]| format!("{:?}", Module::new(&engine, bytes).expect_err("no module").kind());
    assert!(kind(b"").contains("Invalid"));
    assert!(kind(b"\0asm").contains("Invalid"));
    assert!(kind(b"(module").contains("Text"));
    assert!(kind(b"\xFF\xFE").contains("Text"));
    assert!(Module::from_binary(&engine, b"(module)").is_err());

    let lazy = Engine::new(Config::new().compilation(Compilation::LazyValidation));
    let invalid = "(module (func (result i32)))";
    assert!(Module::new(&lazy, invalid).is_ok());
    assert!(Module::validate(&lazy, invalid).is_err());
    assert!(Module::validate(&lazy, "(module)").is_ok());
}

#[test]
fn all_value_types_pass_through_calls() {
    let mut store = Store::new(&Engine::default(), ());
    let text = r#"(module
        (type $t (func (param i32 i64 f32 f64 funcref externref) (result externref funcref f64 f32 i64 i32)))
        (import "" "" (func $f (type $t)))
        (func (export "f") (type $t)
          (call $f (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5))))"#;
    let swap =
        Func::wrap(&mut store, |a: i32, b: i64, c: f32, d: f64, e: Option<Func>, f: Option<ExternRef>| {
            (f, e, d, c, b, a)
        });
    let guest = instance(&mut store, text, &[swap.into()]).expect("instantiates");
    let func = guest.get_func(&store, "f").expect("exported");

    let nan = 0x7FA0_0001;
    let value = ExternRef::new(&mut store, 7_u8);
    let args = [Val::I32(-1), Val::I64(-2), Val::F32(nan), Val::F64(1), swap.into(), value.into()];
    let mut results = [Val::I32(0); 6];
    func.call(&mut store, &args, &mut results).expect("returns");
    let data = results[0].unwrap_extern_ref().expect("not null").data(&store);
    assert_eq!(data.downcast_ref::<u8>(), Some(&7));
    let same = results[1].unwrap_func_ref().expect("not null");
    assert_eq!(same.ty(&store), func.ty(&store));
    let numbers = (&results[2], &results[3], &results[4], &results[5]);
    assert!(matches!(numbers, (Val::F64(1), Val::F32(bits), Val::I64(-2), Val::I32(-1)) if *bits == nan));

    type Params = (u32, u64, f32, f64, Option<Func>, Option<ExternRef>);
    type Results = (Option<ExternRef>, Option<Func>, f64, f32, u64, u32);
    let typed = guest.get_typed_func::<Params, Results>(&store, "f").expect("of this type");
    let results = typed.call(&mut store, (1, 2, 3.0, 4.0, None, None)).expect("returns");
    assert!(matches!(results, (None, None, d, c, 2, 1) if d == 4.0 && c == 3.0));
}

#[test]
fn sixteen_parameters_and_results() {
    let mut store = Store::new(&Engine::default(), 0_i64);
    #[rustfmt::skip]
    let reverse = Func::wrap(
        &mut store,
        |mut caller: Caller<'_, i64>, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64,
         i: i64, j: i64, k: i64, l: i64, m: i64, n: i64, o: i64, p: i64| {
            *caller.data_mut() += a;
            (p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a)
        },
    );
    type Cells = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);
    let typed = reverse.typed::<Cells, Cells>(&store).expect("of this type");
    let (a, .., p) =
        typed.call(&mut store, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)).expect("returns");
    assert_eq!((a, p), (16, 1));

    let args: Vec<_> = (1..17).map(Val::I64).collect();
    let mut results = [Val::I32(0); 16];
    reverse.call(&mut store, &args, &mut results).expect("returns");
    assert!(results.iter().map(Val::unwrap_i64).eq((1..17).rev()));
    assert_eq!(*store.data(), 2);
}

#[test]
fn calls_check_types() {
    let mut store = Store::new(&Engine::default(), ());
    let func = Func::wrap(&mut store, |_: i32| 1_i64);
    let message = |result: Result<(), Error>| result.expect_err("wrong").to_string();
    let mut one = [Val::I32(0)];
    assert_eq!(message(func.call(&mut store, &[], &mut one)), "expected 1 arguments, found 0");
    assert_eq!(
        message(func.call(&mut store, &[Val::I32(0)], &mut [])),
        "expected room for 1 results, found 0"
    );
    assert_eq!(
        message(func.call(&mut store, &[Val::I64(0)], &mut one)),
        "argument 0: type mismatch: expected i32, found i64"
    );
    let error = func.typed::<i32, i32>(&store).expect_err("wrong").to_string();
    assert_eq!(error, "type mismatch: expected a function [i32] -> [i32], found [i32] -> [i64]");

    let ty = FuncType::new([], [ValType::I32]);
    let liar = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::I64(1);
        Ok(())
    });
    let error = message(liar.call(&mut store, &[], &mut one));
    assert_eq!(
        error,
        "a host function of type [] -> [i32]: result 0: type mismatch: expected i32, found i64"
    );
}

#[test]
fn handles_of_another_store_are_refused() {
    let engine = Engine::default();
    let (mut home, mut away) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let func = Func::wrap(&mut home, |_: Option<Func>| {});
    let memory = Memory::new(&mut home, MemoryType::new(1, None)).expect("small");
    let table_ty = TableType::new(RefType::FUNCREF, 1, None);
    let table = Table::new(&mut home, table_ty, Ref::Func(None)).expect("small");
    let global_ty = GlobalType::new(ValType::FUNCREF, Mutability::Var);
    let global = Global::new(&mut home, global_ty, func.into()).expect("of this type");
    let guest = instance(&mut home, "(module (func (export \"f\")))", &[]).expect("instantiates");
    let value = ExternRef::new(&mut home, ());

    let typed = func.typed::<Option<Func>, ()>(&home).expect("of this type");
    assert!(typed.call(&mut away, None).is_err());
    assert!(func.call(&mut away, &[func.into()], &mut []).is_err());
    assert!(func.typed::<Option<Func>, ()>(&away).is_err());
    assert!(memory.grow(&mut away, 1).is_err());
    assert!(table.set(&mut away, 0, Ref::Func(None)).is_err());
    assert!(table.grow(&mut away, 1, Ref::Func(None)).is_err());
    assert!(global.set(&mut away, Val::FuncRef(None)).is_err());
    assert!(guest.get_typed_func::<(), ()>(&away, "f").is_err());
    assert!(instance(&mut away, "(module (import \"\" \"\" (memory 1)))", &[memory.into()]).is_err());
    assert!(Linker::new(&engine).define(&away, "", "", func).is_err());

    let stranger = Func::wrap(&mut away, || {});
    assert!(typed.call(&mut home, Some(stranger)).is_err());
    assert!(func.call(&mut home, &[stranger.into()], &mut []).is_err());
    assert!(table.set(&mut home, 0, stranger.into()).is_err());
    assert!(global.set(&mut home, stranger.into()).is_err());
    let smuggler = Func::wrap(&mut home, move || Some(stranger));
    assert!(smuggler.call(&mut home, &[], &mut [Val::I32(0)]).is_err());

    let panics = |action: &dyn Fn()| catch_unwind(AssertUnwindSafe(action)).is_err();
    assert!(panics(&|| drop(func.ty(&away))));
    assert!(panics(&|| _ = memory.data(&away).len()));
    assert!(panics(&|| _ = memory.size(&away)));
    assert!(panics(&|| _ = table.get(&away, 0)));
    assert!(panics(&|| _ = global.get(&away)));
    assert!(panics(&|| _ = guest.get_export(&away, "f")));
    assert!(panics(&|| _ = value.data(&away)));
    assert!(!panics(&|| _ = value.data(&home)));
}

#[test]
fn modules_of_another_engine_are_refused() {
    let mut store = Store::new(&Engine::default(), ());
    let stranger = module(&Engine::default(), "(module)");
    assert!(matches!(
        Instance::new(&mut store, &stranger, &[]).expect_err("another engine").kind(),
        ErrorKind::Usage(_)
    ));
}

#[test]
fn imports_are_matched_by_the_rules_of_the_spec() {
    let mut store = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut store, MemoryType::new(2, Some(5))).expect("small");
    let table_ty = TableType::new(RefType::FUNCREF, 2, None);
    let table = Table::new(&mut store, table_ty, Ref::null(HeapType::Func)).expect("small");
    let constant = GlobalType::new(ValType::I32, Mutability::Const);
    let global = Global::new(&mut store, constant, Val::I32(1)).expect("of this type");
    let func = Func::wrap(&mut store, |_: i32| {});
    let cases: [(&str, Extern, bool); 15] = [
        ("(memory 2)", memory.into(), true),
        ("(memory 1 5)", memory.into(), true),
        ("(memory 1 9)", memory.into(), true),
        ("(memory 3)", memory.into(), false),
        ("(memory 1 4)", memory.into(), false),
        ("(table 1 funcref)", table.into(), true),
        ("(table 1 9 funcref)", table.into(), false),
        ("(table 1 externref)", table.into(), false),
        ("(global i32)", global.into(), true),
        ("(global (mut i32))", global.into(), false),
        ("(global i64)", global.into(), false),
        ("(func (param i32))", func.into(), true),
        ("(func (param i64))", func.into(), false),
        ("(func (param i32) (result i32))", func.into(), false),
        ("(memory 0)", func.into(), false),
    ];
    for (import, definition, fits) in cases {
        let text = format!("(module (import \"a\" \"b\" {import}))");
        match instance(&mut store, &text, &[definition]) {
            Ok(_) => assert!(fits, "{import} must not fit"),
            Err(error) => {
                assert!(!fits, "{import}: {error}");
                assert!(error.to_string().starts_with("incompatible import type: `a` `b` is "), "{error}");
            }
        }
    }
    memory.grow(&mut store, 1).expect("below the maximum");
    instance(&mut store, "(module (import \"\" \"\" (memory 3)))", &[memory.into()]).expect("has grown");
    assert!(instance(&mut store, "(module)", &[func.into()]).is_err());
}

#[test]
fn imports_of_declared_types() {
    let text = r#"(module
        (rec (type $f (func (param i32))) (type $g (sub (func (param i32)))))
        (import "a" "f" (func (type $f))) (import "a" "g" (func (type $g))) (import "a" "t" (tag (type $g))))"#;
    let mut store = Store::new(&Engine::default(), ());
    let module = module(store.engine(), text);
    let wanted: Vec<_> = module.imports().filter_map(|import| import.func_type().cloned()).collect();
    let [f, g, t] = &wanted[..] else { panic!("these are all functions and tags") };
    assert_eq!(g, t);
    let func =
        |store: &mut Store<()>, ty| Func::of_type(store, ty, |_, _, _| Ok(())).expect("a function type");
    let (func_f, func_g) = (func(&mut store, f), func(&mut store, g));
    assert_eq!(
        (func_f.defined_type(&store), func_g.ty(&store)),
        (f.clone(), FuncType::new([ValType::I32], []))
    );
    let tag = Tag::of_type(&mut store, t).expect("a type without results");
    Instance::new(&mut store, &module, &[func_f.into(), func_g.into(), tag.into()]).expect("the very types");

    let other = Func::wrap(&mut store, |_: i32| {});
    let error = Instance::new(&mut store, &module, &[other.into(), func_g.into(), tag.into()])
        .expect_err("of the same parameters, but not in a group");
    let expected =
        "`a` `f` is function [i32] -> [], but function [i32] -> [] of another type definition is expected";
    assert!(error.to_string().ends_with(expected), "{error}");

    let mut stranger = Store::new(&Engine::default(), ());
    assert!(Func::of_type(&mut stranger, f, |_, _, _| Ok(())).is_err(), "a type of another engine");
    assert!(Tag::of_type(&mut stranger, t).is_err(), "a type of another engine");
    let fields = DefinedType::structure(store.engine(), StructType::new([])).expect("a new type");
    assert!(Func::of_type(&mut store, &fields, |_, _, _| Ok(())).is_err(), "a structure type");
}

#[test]
fn linker_names() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    let mut store = Store::new(&engine, ());
    linker.func_wrap("m", "f", || 1).expect("new");
    assert!(linker.func_wrap("m", "f", || 2).is_err());
    linker.allow_shadowing(true).func_wrap("m", "f", || 3).expect("allowed");
    linker.alias("m", "f", "n", "g").expect("defined").alias_module("n", "o").expect("new");
    assert!(linker.alias("m", "x", "n", "y").is_err());
    let func = linker.get(&mut store, "o", "g").and_then(Extern::into_func).expect("an alias");
    assert_eq!(
        func.typed::<(), i32>(&store).expect("of this type").call(&mut store, ()).expect("returns"),
        3
    );

    let needy = module(
        &engine,
        r#"(module (import "m" "no" (func $no (param i32))) (start $go)
        (func $go (call $no (i32.const 1))))"#,
    );
    let error = linker.instantiate(&mut store, &needy).expect_err("not defined");
    assert_eq!(error.to_string(), "unknown import: `m` `no` (function [i32] -> []) has not been defined");
    linker.define_unknown_imports_as_traps(&needy).expect("functions only");
    let error = linker.instantiate(&mut store, &needy).expect_err("fails when called");
    assert!(matches!(error.kind(), ErrorKind::UnknownImport { .. }));
}

#[test]
fn one_linker_serves_many_stores_and_adds_functions_once() {
    let engine = Engine::default();
    let mut linker = Linker::<u32>::new(&engine);
    linker.func_wrap("", "", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1).expect("new");
    let module = module(&engine, r#"(module (import "" "" (func $f)) (start $f))"#);
    let ready = linker.instantiate_pre(&module).expect("defined");
    for runs in 1..4 {
        let mut store = Store::new(&engine, 0);
        for _ in 0..runs {
            ready.instantiate(&mut store).expect("instantiates");
        }
        assert_eq!(store.as_context().inner.core.host_funcs.next_addr().0, 1);
        assert_eq!(store.into_data(), runs);
    }
}

#[test]
fn failed_instantiation_leaves_what_was_written() {
    let mut store = Store::new(&Engine::default(), ());
    let table_ty = TableType::new(RefType::FUNCREF, 2, None);
    let table = Table::new(&mut store, table_ty, Ref::Func(None)).expect("small");
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("small");
    let text = r#"(module
        (import "" "" (table 2 funcref)) (import "" "" (memory 1))
        (global $seven i32 (i32.sub (i32.const 10) (i32.const 3)))
        (func $f (result i32) (global.get $seven))
        (elem (i32.const 1) $f)
        (data (i32.const 0) "ok")
        (data (i32.const 65535) "no"))"#;
    let error = instance(&mut store, text, &[table.into(), memory.into()]).expect_err("does not fit");
    assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds));
    assert_eq!(&memory.data(&store)[..3], b"ok\0");
    assert_eq!(memory.data(&store)[65_535], 0);
    let func = table.get(&store, 1).and_then(|element| element.as_func()).expect("was written");
    assert_eq!(
        func.typed::<(), i32>(&store).expect("of this type").call(&mut store, ()).expect("returns"),
        7
    );
}

#[test]
fn absurd_sizes_are_errors() {
    let mut store = Store::new(&Engine::default(), ());
    assert!(Memory::new(&mut store, MemoryType::new(65_537, None)).is_err());
    let huge = TableType::new(RefType::FUNCREF, u32::MAX, None);
    assert!(Table::new(&mut store, huge, Ref::Func(None)).is_err());
    let error = instance(&mut store, "(module (table 0xffff_ffff funcref))", &[]).expect_err("too large");
    assert!(matches!(error.kind(), ErrorKind::Limit { value: 0xFFFF_FFFF, .. }));
    let memory = Memory::new(&mut store, MemoryType::new(0, Some(1))).expect("small");
    assert!(memory.grow(&mut store, 2).is_err());
    assert!(memory.grow(&mut store, u64::MAX).is_err());
    assert_eq!(memory.grow(&mut store, 1).expect("the maximum"), 0);
    assert!(memory.write(&mut store, usize::MAX, b"ab").is_err());
    assert!(memory.read(&store, 65_535, &mut [0; 2]).is_err());
}

#[test]
fn tables_copy_within_and_between() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = TableType::new(RefType::EXTERNREF, 4, None);
    let value: Ref = ExternRef::new(&mut store, 1).into();
    let a = Table::new(&mut store, ty, Ref::Extern(None)).expect("small");
    let b = Table::new(&mut store, ty, value).expect("small");
    Table::copy(&mut store, &a, 1, &b, 0, 2).expect("in bounds");
    Table::copy(&mut store, &a, 0, &a, 1, 3).expect("in bounds");
    let nulls: Vec<_> = (0..4).map(|i| a.get(&store, i).expect("in bounds").is_null()).collect();
    assert_eq!(nulls, [false, false, true, true]);
    let error = Table::copy(&mut store, &a, 2, &b, 0, 3).expect_err("out of bounds");
    assert_eq!(error.trap(), Some(Trap::TableOutOfBounds));
    assert!(a.set(&mut store, 0, Ref::Func(None)).is_err());
    assert!(a.get(&store, 4).is_none());
}

#[test]
fn a_panicking_host_function_leaves_the_store_usable() {
    let mut store = Store::new(&Engine::default(), ());
    let calls = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&calls);
    let fuse = Func::wrap(&mut store, move || {
        assert!(seen.fetch_add(1, Ordering::Relaxed) > 0, "the first call panics");
        9
    });
    let text = r#"(module (import "" "" (func $f (result i32))) (func (export "f") (result i32) (call $f)))"#;
    let guest = instance(&mut store, text, &[fuse.into()]).expect("instantiates");
    let func = guest.get_typed_func::<(), i32>(&store, "f").expect("of this type");
    for _ in 0..100 {
        calls.store(0, Ordering::Relaxed);
        assert!(catch_unwind(AssertUnwindSafe(|| func.call(&mut store, ()))).is_err());
        assert_eq!(func.call(&mut store, ()).expect("the second call returns"), 9);
    }
}

#[test]
fn host_functions_call_back_and_reach_the_caller() {
    let mut store = Store::new(&Engine::default(), ());
    let host = Func::wrap(&mut store, |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
        if n == 0 {
            return Err(Error::msg("bottom"));
        }
        assert!(caller.get_export("nothing").is_none());
        let memory = caller.get_export("mem").and_then(Extern::into_memory).expect("exported");
        memory.data_mut(&mut caller)[n as usize] = n as u8;
        let func = caller.get_export("f").and_then(Extern::into_func).expect("exported");
        func.typed::<i32, i32>(&caller)?.call(&mut caller, n - 1)
    });
    let text = r#"(module (import "" "" (func $f (param i32) (result i32))) (memory (export "mem") 1)
        (func (export "f") (param i32) (result i32) (call $f (local.get 0))))"#;
    let guest = instance(&mut store, text, &[host.into()]).expect("instantiates");
    let func = guest.get_typed_func::<i32, i32>(&store, "f").expect("of this type");
    assert_eq!(func.call(&mut store, 5).expect_err("at the bottom").to_string(), "bottom");
    let memory = guest.get_memory(&store, "mem").expect("exported");
    assert_eq!(&memory.data(&store)[..7], [0, 1, 2, 3, 4, 5, 0]);
    assert_eq!(func.call(&mut store, 1_000).expect_err("too deep").trap(), Some(Trap::StackExhausted));
    assert!(host.call(&mut store, &[Val::I32(0)], &mut [Val::I32(0)]).is_err());
}

#[test]
fn a_host_function_as_start_function_reaches_the_instance() {
    let mut store = Store::new(&Engine::default(), ());
    let start = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| -> Result<(), Error> {
        let memory = caller.get_export("mem").and_then(Extern::into_memory).expect("exported");
        memory.write(&mut caller, 4, &[7])?;
        Ok(())
    });
    let text = r#"(module (import "" "start" (func)) (memory (export "mem") 1) (start 0))"#;
    let instance = instance(&mut store, text, &[start.into()]).expect("the import fits");
    let memory = instance.get_memory(&store, "mem").expect("exported");
    assert_eq!(memory.data(&store)[4], 7);
}

#[test]
fn stores_move_between_threads_and_share_modules() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module (func (export "f") (param i64) (result i64)
        (i64.mul (local.get 0) (local.get 0))))"#,
    );
    let threads: Vec<_> = (0..4_i64)
        .map(|n| {
            let mut store = Store::new(&engine, n);
            let module = module.clone();
            std::thread::spawn(move || {
                let guest = Instance::new(&mut store, &module, &[]).expect("instantiates");
                let func = guest.get_typed_func::<i64, i64>(&store, "f").expect("of this type");
                let argument = *store.data();
                func.call(&mut store, argument).expect("returns")
            })
        })
        .collect();
    let squares: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    assert_eq!(squares, [0, 1, 4, 9]);
}

#[test]
fn indirect_calls_by_far_tables_are_over_a_limit() {
    let tables = "(table 0 funcref)".repeat(0x1_0001);
    for operator in ["call_indirect", "return_call_indirect"] {
        let call = |table: u32| {
            let text = format!(r#"(module {tables} (func (export "f") ({operator} {table} (i32.const 0))))"#);
            let mut store = Store::new(&Engine::default(), ());
            let guest = instance(&mut store, &text, &[]).expect("instantiates");
            let func = guest.get_typed_func::<(), ()>(&store, "f").expect("of this type");
            func.call(&mut store, ()).expect_err("there is nothing to call")
        };
        assert_eq!(call(0xFFFF).trap(), Some(Trap::UndefinedElement));
        assert!(matches!(call(0x1_0000).kind(), ErrorKind::Limit { value: 0x1_0000, limit: 0xFFFF, .. }));
    }
}

#[test]
fn heads_are_switched_only_while_an_interrupted_store_runs() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module (import "host" "f" (func $f)) (func (export "plain")) (func (export "through") (call $f)))"#,
    );
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "f", |caller: Caller<'_, Vec<InterruptHandle>>| {
            caller.data().iter().for_each(InterruptHandle::interrupt);
        })
        .expect("the name is new");
    let mut store = Store::new(&engine, Vec::new());
    let guest = linker.instantiate(&mut store, &module).expect("instantiates");
    let plain = guest.get_typed_func::<(), ()>(&store, "plain").expect("of this type");
    let through = guest.get_typed_func::<(), ()>(&store, "through").expect("of this type");
    let handle = store.interrupt_handle();

    // Of an idle store: the request waits, and another store does not notice.
    handle.interrupt();
    assert!(!module.code().is_armed());
    let mut other = Store::new(&engine, Vec::new());
    let others = linker.instantiate(&mut other, &module).expect("instantiates");
    let others_plain = others.get_typed_func::<(), ()>(&other, "plain").expect("of this type");
    others_plain.call(&mut other, ()).expect("this store is not interrupted");
    let error = plain.call(&mut store, ()).expect_err("the request waits");
    assert_eq!(error.trap(), Some(Trap::Interrupted));
    assert!(!module.code().is_armed());
    plain.call(&mut store, ()).expect("the request is used up");

    // Of a running one that ends before it comes to a head.
    store.data_mut().push(handle);
    through.call(&mut store, ()).expect("no head comes after the request");
    assert!(!module.code().is_armed());
    let error = plain.call(&mut store, ()).expect_err("the request waits");
    assert_eq!(error.trap(), Some(Trap::Interrupted));
}

#[test]
fn interrupts_race_with_calls_that_begin_and_end() {
    const REQUESTS: u32 = if cfg!(miri) { 20 } else { 20_000 };
    let engine = Engine::default();
    let module = module(&engine, r#"(module (func (export "f")))"#);
    let mut store = Store::new(&engine, ());
    let guest = Instance::new(&mut store, &module, &[]).expect("instantiates");
    let func = guest.get_typed_func::<(), ()>(&store, "f").expect("of this type");
    let handle = store.interrupt_handle();
    let requested = AtomicU32::new(0);
    let mut stopped = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..REQUESTS {
                handle.interrupt();
                requested.fetch_add(1, Ordering::Release);
            }
        });
        while requested.load(Ordering::Acquire) < REQUESTS {
            stopped += u32::from(func.call(&mut store, ()).is_err());
        }
    });
    // The last request may have come behind the last call.
    stopped += u32::from(func.call(&mut store, ()).is_err());
    assert!((1..=REQUESTS).contains(&stopped), "{stopped} of {REQUESTS}");
    func.call(&mut store, ()).expect("nobody interrupts any more");
    assert!(!module.code().is_armed());
    handle.interrupt();
    func.call(&mut store, ()).expect_err("no request is lost");
    assert!(!module.code().is_armed());
}

#[test]
fn stores_leave_their_value_stacks_to_the_next_ones() {
    let engine = Engine::default();
    let module = module(&engine, r#"(module (func (export "f") (result i64) (local i64) (local.get 0)))"#);
    let call_in = |store: &mut Store<()>| {
        let instance = Instance::new(&mut *store, &module, &[]).expect("instantiates");
        let func = instance.get_typed_func::<(), i64>(&mut *store, "f").expect("of this type");
        assert_eq!(func.call(store, ()).expect("does not trap"), 0);
    };
    for _ in 0..3 {
        let mut store = Store::new(&engine, ());
        call_in(&mut store);
        drop(store);
        assert_eq!(engine.shared().idle_stack_count(), 1);
    }
    let mut stores: Vec<_> = (0..10).map(|_| Store::new(&engine, ())).collect();
    stores.iter_mut().for_each(call_in);
    assert_eq!(engine.shared().idle_stack_count(), 0);
    drop(stores);
    assert_eq!(engine.shared().idle_stack_count(), 4, "an engine keeps a few");
}

#[test]
fn engines_keep_a_few_small_types() {
    let engine = Engine::default();
    let define = |ty: FuncType| DefinedType::func(&engine, ty).expect("it refers to none").concrete();
    let small = define(FuncType::new([ValType::I32], []));
    let large = define(FuncType::new([ValType::I32; 5], []));
    let lives = |ty| DefinedType::resolve(&engine, ty).is_some();
    assert!(lives(small) && !lives(large));
    let many = (0..3).flat_map(|params| (0..3).map(move |results| (params, results)));
    for (params, results) in many {
        define(FuncType::new(
            [ValType::F32; 2].into_iter().take(params),
            [ValType::F64; 2].into_iter().take(results),
        ));
    }
    assert!(!lives(small));
}
