//! Guests whose memory is shared by threads: each thread has a store and a context of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use wapiti::{Config, Engine, Instance, Linker, MemoryType, Module, SharedMemory, Store, Val};
use wapiti_wasi::{DirAccess, OutputPipe, WasiCtx, WasiCtxBuilder};

use crate::support::{FUNCTIONS, SUCCESS, guest_text};

const PAGES: u32 = 40;
/// Each thread has this many bytes for itself.
const ROOM: u32 = 0x1_0000;

fn engine() -> Engine {
    Engine::new(Config::new().wasm_threads(true))
}

fn memory(engine: &Engine) -> SharedMemory {
    SharedMemory::new(engine, MemoryType::shared(PAGES, PAGES)).expect("it is small")
}

fn instantiate(
    engine: &Engine,
    module: &Module,
    memory: &SharedMemory,
    ctx: WasiCtx,
) -> (Store<WasiCtx>, Instance) {
    let mut store = Store::new(engine, ctx);
    let mut linker = Linker::new(engine);
    wapiti_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx).expect("the linker is empty");
    linker.define(&store, "host", "memory", memory.clone()).expect("the name is free");
    let instance = linker.instantiate(&mut store, module).expect("all imports are there");
    (store, instance)
}

/// Prints what it reads, with its number in front, until there is no more: `run(number)`, whose room begins at
/// `number * ROOM`. Returns an error code.
const COPY: &str = r#"(module
    (import "host" "memory" (memory 40 40 shared))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (export "memory" (memory 0))
    (func (export "run") (param $number i32) (result i32)
        (local $base i32) (local $code i32) (local $read i32)
        (local.set $base (i32.mul (local.get $number) (i32.const 0x10000)))
        (i32.store8 offset=100 (local.get $base) (i32.add (local.get $number) (i32.const 0x30)))
        (loop $more (result i32)
            ;; One buffer of 64 bytes, at 101, to read into.
            (i32.store (local.get $base) (i32.add (local.get $base) (i32.const 101)))
            (i32.store offset=4 (local.get $base) (i32.const 64))
            (local.set $code (call $fd_read (i32.const 0) (local.get $base) (i32.const 1)
                (i32.add (local.get $base) (i32.const 16))))
            (if (local.get $code) (then (return (local.get $code))))
            (local.set $read (i32.load offset=16 (local.get $base)))
            (if (i32.eqz (local.get $read)) (then (return (i32.const 0))))
            ;; The number and what was read, as two buffers.
            (i32.store (local.get $base) (i32.add (local.get $base) (i32.const 100)))
            (i32.store offset=4 (local.get $base) (i32.const 1))
            (i32.store offset=8 (local.get $base) (i32.add (local.get $base) (i32.const 101)))
            (i32.store offset=12 (local.get $base) (local.get $read))
            (local.set $code (call $fd_write (i32.const 1) (local.get $base) (i32.const 2)
                (i32.add (local.get $base) (i32.const 16))))
            (if (local.get $code) (then (return (local.get $code))))
            (if (i32.ne (i32.load offset=16 (local.get $base)) (i32.add (local.get $read) (i32.const 1)))
                (then (return (i32.const -1))))
            (br $more))))"#;

#[test]
fn several_threads_read_and_print() {
    let engine = engine();
    let module = Module::new(&engine, COPY).expect("the guest is valid");
    let memory = memory(&engine);
    let outputs: Vec<Vec<u8>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|number: u8| {
                let (engine, module, memory) = (&engine, &module, &memory);
                scope.spawn(move || {
                    let stdout = OutputPipe::new();
                    let input = vec![b'a' + number; 100 * 64];
                    let ctx = WasiCtxBuilder::new()
                        .stdin(std::io::Cursor::new(input))
                        .stdout(stdout.clone())
                        .build();
                    let ctx = ctx.expect("nothing is wrong with it");
                    let (mut store, instance) = instantiate(engine, module, memory, ctx);
                    let run =
                        instance.get_typed_func::<i32, i32>(&mut store, "run").expect("it exports that");
                    assert_eq!(run.call(&mut store, number.into()).expect("it does not trap"), SUCCESS);
                    drop(store);
                    stdout.contents()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    });
    for (number, output) in outputs.iter().enumerate() {
        let number = u8::try_from(number).expect("there are few");
        let line = [&[b'0' + number][..], &[b'a' + number; 64][..]].concat();
        assert_eq!(output, &line.repeat(100));
    }
    let mut first = [0; 1];
    memory.read(3 * ROOM as usize + 100, &mut first).expect("within");
    assert_eq!(&first, b"3");
}

/// A guest that exports all functions, over a memory of its own that is shared.
fn shared_guest(engine: &Engine) -> Module {
    let text = guest_text("wasi_snapshot_preview1", 1)
        .replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 1 1 shared)");
    assert!(text.contains("shared"), "{text}");
    Module::new(engine, text).expect("the guest is valid")
}

#[test]
fn odd_arguments_over_a_shared_memory() {
    let engine = engine();
    let module = shared_guest(&engine);
    let memory = memory(&engine);
    let dir = tempfile::TempDir::new().expect("a temporary directory");
    for value in [-1i32, 0, 1, i32::MIN, i32::MAX, 0xffff, 0x1_0000] {
        let mut builder = WasiCtxBuilder::new();
        builder.arg("prog").env("A", "B").stdin(&b"some input"[..]).stdout(OutputPipe::new());
        builder.preopened_dir(dir.path(), "/", DirAccess::ReadWrite).expect("just made");
        let ctx = builder.build().expect("nothing is wrong with it");
        let (mut store, instance) = instantiate(&engine, &module, &memory, ctx);
        // The first would end the guest, the second may rightly wait.
        for (name, params) in
            FUNCTIONS.into_iter().filter(|(name, _)| !["proc_exit", "poll_oneoff"].contains(name))
        {
            let args: Vec<Val> = params
                .chars()
                .map(|ty| if ty == 'i' { Val::I32(value) } else { Val::I64(value.into()) })
                .collect();
            let func = instance.get_func(&mut store, name).expect("it exports all functions");
            func.call(&mut store, &args, &mut [Val::I32(0)])
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// One thread prints what another one keeps changing, buffers and their array alike.
#[test]
fn what_changes_meanwhile_harms_nobody() {
    let engine = engine();
    let text = guest_text("wasi_snapshot_preview1", PAGES).replace(
        &format!("(memory (export \"memory\") {PAGES})"),
        &format!(
            "(import \"host\" \"memory\" (memory {PAGES} {PAGES} shared)) (export \"memory\" (memory 0))"
        ),
    );
    assert!(text.contains("shared"), "{text}");
    let module = Module::new(&engine, text).expect("the guest is valid");
    let memory = memory(&engine);
    let (mut store, instance) = instantiate(
        &engine,
        &module,
        &memory,
        WasiCtxBuilder::new().build().expect("nothing is wrong with it"),
    );
    let fd_write = instance.get_func(&mut store, "fd_write").expect("it exports all functions");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut len = 1u32;
            while !done.load(Ordering::Relaxed) {
                for i in 0..1000 {
                    memory.write(8 * i + 4, &len.to_le_bytes()).expect("within");
                }
                len = len.rotate_left(7).wrapping_add(1);
            }
        });
        for _ in 0..20 {
            let args = [Val::I32(1), Val::I32(0), Val::I32(1000), Val::I32(0x1_0000)];
            fd_write.call(&mut store, &args, &mut [Val::I32(0)]).expect("the code says what is wrong");
        }
        done.store(true, Ordering::Relaxed);
    });
}
