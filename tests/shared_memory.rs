//! Shared memories: several stores on several threads over one memory, and what waits for it to change.
//!
//! Every test runs under every dispatch strategy that the build has.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use wapiti::{
    Config, Dispatch, Engine, Error, ErrorKind, Extern, Instance, Linker, Memory, MemoryType,
    MemoryTypeBuilder, Module, SharedMemory, Store, Trap, Val, WaitResult,
};

fn engines() -> impl Iterator<Item = Engine> {
    let strategies = Dispatch::ALL;
    strategies
        .iter()
        .copied()
        .map(|dispatch| Engine::new(Config::new().wasm_threads(true).dispatch(dispatch)))
}

/// An instance of `module`, which imports nothing but the memory, in a store of its own.
fn instantiate(engine: &Engine, module: &Module, memory: &SharedMemory) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[memory.clone().into()]).expect("the memory fits");
    (store, instance)
}

fn word(memory: &SharedMemory, offset: usize) -> u32 {
    let mut bytes = [0; 4];
    memory.read(offset, &mut bytes).expect("within");
    u32::from_le_bytes(bytes)
}

#[test]
fn threads_count_atomically() {
    const THREADS: u32 = 4;
    const TIMES: i32 = 5000;
    let text = r#"(module
        (import "" "" (memory 1 2 shared))
        (func (export "count") (param $times i32)
            (loop $again
                (drop (i32.atomic.rmw.add (i32.const 16) (i32.const 1)))
                (drop (i64.atomic.rmw16.sub_u (i32.const 24) (i64.const 1)))
                (drop (i64.atomic.rmw.xor offset=8 (i32.const 24) (i64.const -1)))
                (block $done (loop $retry
                    (local.set 1 (i32.atomic.load8_u (i32.const 40)))
                    (br_if $done (i32.eq (local.get 1)
                        (i32.atomic.rmw8.cmpxchg_u (i32.const 40) (local.get 1)
                            (i32.and (i32.add (local.get 1) (i32.const 3)) (i32.const 255)))))
                    (br $retry)))
                (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))"#;
    let text = text.replace("(param $times i32)", "(param $times i32) (local i32)");
    for engine in engines() {
        let module = Module::new(&engine, &text).expect("valid");
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 2)).expect("small");
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let (mut store, instance) = instantiate(&engine, &module, &memory);
                    let count = instance.get_typed_func::<i32, ()>(&mut store, "count").expect("exported");
                    count.call(&mut store, TIMES).expect("it does not trap");
                });
            }
        });
        let total = THREADS * TIMES as u32;
        assert_eq!(word(&memory, 16), total);
        assert_eq!(word(&memory, 24), 0_u16.wrapping_sub(total as u16).into());
        assert_eq!((word(&memory, 32), word(&memory, 36)), (0, 0), "an even number of times");
        assert_eq!(word(&memory, 40), (3 * total) & 255);
    }
}

#[test]
fn aligned_loads_do_not_tear_and_unaligned_ones_are_made_of_bytes() {
    let text = r#"(module
        (import "" "" (memory 1 1 shared))
        (func (export "write") (param $times i32)
            (loop $again
                (i64.store (i32.const 8) (i64.const 0))
                (i64.store offset=1 (i32.const 64) (i64.const 0))
                (i64.store (i32.const 8) (i64.const -1))
                (i64.store offset=1 (i32.const 64) (i64.const -1))
                (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
        (func (export "torn") (param $times i32) (result i32) (local $value i64)
            (loop $again
                (local.set $value (i64.load (i32.const 8)))
                (if (i64.gt_u (i64.add (local.get $value) (i64.const 1)) (i64.const 1)) (then (return (i32.const 1))))
                (local.set $value (i64.load (i32.const 65)))
                (if (i64.ne (local.get $value) (i64.mul (i64.const 255)
                        (i64.and (local.get $value) (i64.const 0x0101_0101_0101_0101))))
                    (then (return (i32.const 2))))
                (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
            (i32.const 0)))"#;
    for engine in engines() {
        let module = Module::new(&engine, text).expect("valid");
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).expect("small");
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut store, instance) = instantiate(&engine, &module, &memory);
                let write = instance.get_typed_func::<i32, ()>(&mut store, "write").expect("exported");
                write.call(&mut store, 20_000).expect("it does not trap");
            });
            let (mut store, instance) = instantiate(&engine, &module, &memory);
            let torn = instance.get_typed_func::<i32, i32>(&mut store, "torn").expect("exported");
            assert_eq!(torn.call(&mut store, 20_000).expect("it does not trap"), 0);
        });
    }
}

const EVERYTHING: &str = r#"(module
    (import "" "" (memory 1 3 shared))
    (data $text "hello, world")
    (export "memory" (memory 0))
    (func (export "wait32") (param i32 i32 i64) (result i32)
        (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "wait64") (param i32 i64 i64) (result i32)
        (memory.atomic.wait64 offset=8 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "notify") (param i32 i32) (result i32)
        (memory.atomic.notify (local.get 0) (local.get 1)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "size") (result i32) (memory.size))
    (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
    (func (export "init") (param i32 i32 i32) (memory.init $text (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2))))"#;

fn everything(engine: &Engine) -> (SharedMemory, Module) {
    let memory = SharedMemory::new(engine, MemoryType::shared(1, 3)).expect("small");
    (memory, Module::new(engine, EVERYTHING).expect("valid"))
}

#[test]
fn growth_is_seen_everywhere_and_moves_nothing() {
    for engine in engines() {
        let (memory, module) = everything(&engine);
        let base = memory.data().as_ptr();
        let (mut one, first) = instantiate(&engine, &module, &memory);
        let (mut two, second) = instantiate(&engine, &module, &memory);
        let grow = first.get_typed_func::<i32, i32>(&mut one, "grow").expect("exported");
        let size = second.get_typed_func::<(), i32>(&mut two, "size").expect("exported");
        let store = first.get_typed_func::<(i32, i32), ()>(&mut one, "store").expect("exported");
        let load = second.get_typed_func::<i32, i32>(&mut two, "load").expect("exported");
        let error = load.call(&mut two, 65_536).expect_err("beyond the size");
        assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds));
        assert_eq!(grow.call(&mut one, 1).expect("no trap"), 1);
        assert_eq!(size.call(&mut two, ()).expect("no trap"), 2);
        store.call(&mut one, (65_535, 0x0403_0201)).expect("within");
        assert_eq!(load.call(&mut two, 65_536).expect("within"), 2);
        assert_eq!(memory.grow(1).expect("within the maximum"), 2);
        assert_eq!(grow.call(&mut one, 1).expect("no trap"), -1);
        assert!(memory.grow(1).is_err());
        assert_eq!((memory.size(), memory.data_size()), (3, 3 * 65_536));
        assert_eq!(memory.data().as_ptr(), base);
        let exported = first.get_shared_memory(&one, "memory").expect("exported");
        assert_eq!(exported.data().as_ptr(), base);
        assert!(first.get_memory(&one, "memory").is_none());
    }
}

#[test]
fn bulk_operators_work_on_shared_memory() {
    for engine in engines() {
        let (memory, module) = everything(&engine);
        let (mut store, instance) = instantiate(&engine, &module, &memory);
        let mut call = |name: &str, args: [i32; 3]| {
            let func = instance.get_typed_func::<(i32, i32, i32), ()>(&mut store, name).expect("exported");
            func.call(&mut store, args.into()).map_err(|error| error.trap())
        };
        assert_eq!(call("init", [3, 7, 5]), Ok(()));
        assert_eq!(call("copy", [5, 3, 5]), Ok(()));
        assert_eq!(call("fill", [11, i32::from(b'!'), 2]), Ok(()));
        let mut bytes = [0; 14];
        memory.read(0, &mut bytes).expect("within");
        assert_eq!(&bytes, b"\0\0\0woworld\0!!\0");
        for (name, args) in [("init", [65_535, 0, 2]), ("copy", [0, 65_535, 2]), ("fill", [-1, 0, 1])] {
            assert_eq!(call(name, args), Err(Some(Trap::MemoryOutOfBounds)), "{name}");
        }
    }
}

#[test]
fn who_waits_is_woken_in_turn() {
    for engine in engines() {
        let (memory, module) = everything(&engine);
        let ready = Barrier::new(3);
        thread::scope(|scope| {
            let waiters = [(); 2].map(|()| {
                scope.spawn(|| {
                    let (mut store, instance) = instantiate(&engine, &module, &memory);
                    let wait = instance.get_typed_func::<(i32, i32, i64), i32>(&mut store, "wait32");
                    ready.wait();
                    wait.expect("exported").call(&mut store, (4, 0, -1)).expect("it may wait")
                })
            });
            ready.wait();
            let mut woken = 0;
            while woken < 2 {
                woken += memory.atomic_notify(4, 1).expect("there is such a word");
                thread::yield_now();
            }
            assert_eq!(waiters.map(|waiter| waiter.join().expect("no panic")), [0, 0]);
            assert_eq!(memory.atomic_notify(4, u32::MAX), Ok(0));
        });
    }
}

#[test]
fn waits_end_by_themselves() {
    for engine in engines() {
        let (memory, module) = everything(&engine);
        let (mut store, instance) = instantiate(&engine, &module, &memory);
        let wait32 = instance.get_typed_func::<(i32, i32, i64), i32>(&mut store, "wait32").expect("exported");
        let wait64 = instance.get_typed_func::<(i32, i64, i64), i32>(&mut store, "wait64").expect("exported");
        let begin = Instant::now();
        assert_eq!(wait32.call(&mut store, (0, 1, -1)).expect("no trap"), 1);
        assert_eq!(wait64.call(&mut store, (0, 0, 3_000_000)).expect("no trap"), 2);
        assert!(begin.elapsed() >= Duration::from_millis(3));
        for (address, trap) in [(2, Trap::UnalignedAtomic), (65_536, Trap::MemoryOutOfBounds)] {
            let error = wait32.call(&mut store, (address, 0, 0)).expect_err("it traps");
            assert_eq!(error.trap(), Some(trap));
        }
        let error = wait64.call(&mut store, (4, 0, 0)).expect_err("it traps");
        assert_eq!(error.trap(), Some(Trap::UnalignedAtomic));
        assert_eq!(memory.atomic_wait32(0, 0, Some(Duration::ZERO)), Ok(WaitResult::TimedOut));
        assert_eq!(memory.atomic_wait64(8, 7, None), Ok(WaitResult::Mismatch));
        assert_eq!(memory.atomic_wait32(3, 0, None), Err(Trap::UnalignedAtomic));
    }
}

#[test]
fn an_interrupt_ends_a_wait() {
    for engine in engines() {
        let (memory, module) = everything(&engine);
        for delay in [0, 20] {
            let (mut store, instance) = instantiate(&engine, &module, &memory);
            let handle = store.interrupt_handle();
            let wait =
                instance.get_typed_func::<(i32, i32, i64), i32>(&mut store, "wait32").expect("exported");
            thread::scope(|scope| {
                scope.spawn(|| {
                    thread::sleep(Duration::from_millis(delay));
                    handle.interrupt();
                });
                let error = wait.call(&mut store, (0, 0, -1)).expect_err("nobody notifies");
                assert_eq!(error.trap(), Some(Trap::Interrupted));
            });
            // The request is done with, and so is the wait.
            assert_eq!(wait.call(&mut store, (0, 0, 0)).expect("no trap"), 2);
            assert_eq!(memory.atomic_notify(0, 1), Ok(0));
        }
    }
}

#[test]
fn who_may_not_wait_traps() {
    let engine = Engine::new(Config::new().wasm_threads(true).allow_wait(false));
    let (memory, module) = everything(&engine);
    let (mut store, instance) = instantiate(&engine, &module, &memory);
    let wait = instance.get_typed_func::<(i32, i32, i64), i32>(&mut store, "wait32").expect("exported");
    let error = wait.call(&mut store, (0, 0, 0)).expect_err("it may not");
    assert_eq!(error.trap(), Some(Trap::WaitNotAllowed));
    let notify = instance.get_typed_func::<(i32, i32), i32>(&mut store, "notify").expect("exported");
    assert_eq!(notify.call(&mut store, (0, 1)).expect("no trap"), 0);
}

#[test]
fn atomic_operators_work_on_memories_of_every_kind() {
    let text = r#"(module
        (memory $own 1) (memory $far 1) (memory $long i64 1)
        (func (export "own") (result i64)
            (i32.atomic.store offset=4 (i32.const 0) (i32.const 7))
            (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
            (i64.load (i32.const 0)))
        (func (export "far") (result i64)
            (i64.atomic.store $far (i32.const 8) (i64.const 40))
            (i64.atomic.rmw.add $far (i32.const 8) (i64.const 2)) (drop)
            (i64.load $far (i32.const 8)))
        (func (export "long") (result i64)
            (i64.atomic.rmw32.or_u $long (i64.const 16) (i64.const 0x1_0000_0003)) (drop)
            (i64.atomic.load32_u $long (i64.const 16)))
        (func (export "huge") (result i64)
            (i64.atomic.load $long offset=0xffff_ffff_ffff_fff8 (i64.const 16)))
        (func (export "huge and unaligned") (result i64)
            (i64.atomic.load $long offset=0xffff_ffff_ffff_fff4 (i64.const 0)))
        (func (export "wait") (result i64)
            (i64.extend_i32_u (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))
        (func (export "notify") (result i64)
            (i64.extend_i32_u (memory.atomic.notify (i32.const 0) (i32.const 1))))
        (func (export "unaligned") (result i64)
            (i64.extend_i32_u (i32.atomic.load16_u (i32.const 1)))))"#;
    for engine in engines() {
        let module = Module::new(&engine, text).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
        let mut call = |name: &str| {
            let func = instance.get_typed_func::<(), i64>(&mut store, name).expect("exported");
            func.call(&mut store, ()).map_err(|error| error.trap())
        };
        assert_eq!(call("own"), Ok(8 << 32));
        assert_eq!(call("far"), Ok(42));
        assert_eq!(call("long"), Ok(3));
        assert_eq!(call("huge"), Err(Some(Trap::MemoryOutOfBounds)));
        assert_eq!(call("huge and unaligned"), Err(Some(Trap::UnalignedAtomic)));
        assert_eq!(call("wait"), Err(Some(Trap::ExpectedSharedMemory)));
        assert_eq!(call("notify"), Ok(0));
        assert_eq!(call("unaligned"), Err(Some(Trap::UnalignedAtomic)));
    }
}

#[test]
fn types_and_limits_are_checked() {
    let engine = engines().next().expect("there are some");
    let is_usage = |error: Error| matches!(error.kind(), ErrorKind::Usage(_));
    assert!(SharedMemory::new(&engine, MemoryType::new(1, Some(1))).is_err_and(is_usage));
    assert!(SharedMemory::new(&engine, MemoryType::shared(2, 1)).is_err_and(is_usage));
    assert!(Memory::new(Store::new(&engine, ()), MemoryType::shared(1, 1)).is_err_and(is_usage));
    let huge = MemoryTypeBuilder::new().memory64(true).shared(true).maximum(Some(1 << 48)).build();
    let error = SharedMemory::new(&engine, huge.expect("a valid type")).expect_err("no host has so much");
    assert!(matches!(error.kind(), ErrorKind::OutOfMemory(_)), "{error}");

    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 3)).expect("small");
    for (import, fits) in [("1 3 shared", true), ("1 4 shared", true), ("1 2 shared", false), ("1 3", false)]
    {
        let module =
            Module::new(&engine, format!(r#"(module (import "" "" (memory {import})))"#)).expect("valid");
        let mut store = Store::new(&engine, ());
        assert_eq!(Instance::new(&mut store, &module, &[memory.clone().into()]).is_ok(), fits, "{import}");
    }
    let module = r#"(module (import "" "" (memory 1 3 shared)))"#;
    let module = Module::new(&engine, module).expect("valid");
    let mut store = Store::new(&engine, ());
    let unshared = Memory::new(&mut store, MemoryType::new(1, Some(3))).expect("small");
    assert!(Instance::new(&mut store, &module, &[unshared.into()]).is_err());
}

#[test]
fn a_linker_hands_one_memory_to_many_stores() {
    let engine = engines().next().expect("there are some");
    let (memory, module) = everything(&engine);
    let mut linker = Linker::new(&engine);
    linker.define(&Store::new(&engine, ()), "", "", memory.clone()).expect("new");
    for value in 1..5 {
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).expect("it fits any store");
        let write = instance.get_func(&mut store, "store").expect("exported");
        write.call(&mut store, &[Val::I32(12), Val::I32(value)], &mut []).expect("within");
        assert_eq!(word(&memory, 12), value as u32);
        let Some(Extern::SharedMemory(again)) = linker.get(&mut store, "", "") else { panic!("it is one") };
        assert_eq!(word(&again, 12), value as u32);
    }
}

#[test]
fn off_by_default() {
    let engine = Engine::default();
    assert!(Module::new(&engine, "(module (memory 1 1 shared))").is_err());
    assert!(Module::new(&engine, "(module (func (atomic.fence)))").is_err());
}
