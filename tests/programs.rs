//! The examples, run as an embedder would run them, under every dispatch strategy and compile mode.

mod support;

use std::fs;
use std::path::Path;

use wapiti::{Engine, ExternType, Instance, Linker, Module, Store, Val};
use wapiti_wasi::{OutputPipe, WasiCtx, WasiCtxBuilder};

use support::settings;

/// The example `name`, as text.
fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    fs::read_to_string(path).expect("the example is there")
}

#[test]
fn hello_says_hello() {
    let text = example("hello.wat");
    for setting in settings() {
        let engine = Engine::new(&setting.config());
        let module = Module::new(&engine, &text).expect("the example is valid");
        let stdout = OutputPipe::new();
        let wasi = WasiCtxBuilder::new().stdout(stdout.clone()).build().expect("nothing is wrong with it");
        let mut linker = Linker::new(&engine);
        wapiti_wasi::add_to_linker(&mut linker, |wasi: &mut WasiCtx| wasi).expect("the linker is empty");
        let mut store = Store::new(&engine, wasi);
        let instance = linker.instantiate(&mut store, &module).expect("it imports nothing but WASI");
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("it is a program");
        for _ in 0..2 {
            start.call(&mut store, ()).unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
        }
        assert_eq!(stdout.contents(), b"Hello, World!\nHello, World!\n", "{setting:?}");
    }
}

#[test]
fn fib_computes_fibonacci_numbers() {
    let text = example("fib.wat");
    let (mut last, mut next) = (0, 1);
    let numbers: Vec<i32> = (0..=20)
        .map(|_| {
            let number = last;
            (last, next) = (next, last + next);
            number
        })
        .collect();
    for setting in settings() {
        let engine = Engine::new(&setting.config());
        let module = Module::new(&engine, &text).expect("the example is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let fib = instance.get_typed_func::<i32, i32>(&mut store, "fib").expect("of this type");
        for (n, number) in (0..).zip(&numbers) {
            let found = fib.call(&mut store, n).unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
            assert_eq!(found, *number, "fib({n}), {setting:?}");
        }
    }
}

#[test]
fn simple_has_one_of_everything() {
    let text = example("simple.wat");
    for setting in settings() {
        let engine = Engine::new(&setting.config());
        let module = Module::new(&engine, &text).expect("the example is valid");
        let exports: Vec<String> = module.exports().map(|export| export.name().to_owned()).collect();
        assert_eq!(exports, ["memory", "__data_end", "__heap_base", "main"]);
        assert!(matches!(module.get_export("main"), Some(ExternType::Func(_))));

        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let memory = instance.get_memory(&store, "memory").expect("it is exported");
        assert_eq!(memory.size(&store), 16);
        let heap_base = instance.get_global(&store, "__heap_base").expect("it is exported");
        assert_eq!(heap_base.get(&store).unwrap_i32(), 1 << 20);
        let main = instance.get_func(&store, "main").expect("it is exported");
        let mut results = [Val::I32(0)];
        main.call(&mut store, &[Val::I32(0), Val::I32(0)], &mut results).expect("it returns");
        assert_eq!(results[0].unwrap_i32(), 42, "{setting:?}");
    }
}
