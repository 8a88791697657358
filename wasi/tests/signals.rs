//! Real signals: they come while a guest sleeps, reads and accepts, and it notices none of them.
//!
//! A program without the usual harness, because a signal for the process goes to its main thread, and that is where the
//! guest has to be.

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(not(unix))]
fn main() {
    eprintln!("skipped: there are no signals here");
}

#[cfg(unix)]
mod unix {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use rustix::process::{Signal, getpid, kill_process};
    use wapiti::{Engine, Linker, Module, Store};
    use wapiti_wasi::{WasiCtx, WasiCtxBuilder};

    /// Sleeps for 300 ms, then accepts a connection and reads a byte from it; the result is 0, or the first code that
    /// is not.
    const GUEST: &str = r#"(module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32) (local $code i32)
            (i32.store (i32.const 16) (i32.const 1))
            (i64.store (i32.const 24) (i64.const 300000000))
            (local.set $code (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
            (if (local.get $code) (then (return (local.get $code))))
            (local.set $code (call $accept (i32.const 3) (i32.const 0) (i32.const 128)))
            (if (local.get $code) (then (return (local.get $code))))
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const 1))
            (call $read (i32.load (i32.const 128)) (i32.const 0) (i32.const 1) (i32.const 8))))"#;

    pub(super) fn main() {
        let came = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::clone(&came))
            .expect("nobody else has it");
        // With a handle the waits are polls, without one they are the system's own blocking calls.
        for with_handle in [false, true] {
            came.store(false, Ordering::Relaxed);
            undisturbed(with_handle);
            assert!(came.load(Ordering::Relaxed), "no signal came");
        }
        println!("signals: the guest noticed none");
    }

    fn undisturbed(with_handle: bool) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("the loopback device is there");
        let address = listener.local_addr().expect("it is bound");
        let engine = Engine::default();
        let ctx = WasiCtxBuilder::new().preopened_listener(listener).build().expect("there is room");
        let mut store = Store::new(&engine, ctx);
        let wake = with_handle.then(|| store.data_mut().wake_handle().expect("descriptors are left"));
        let mut linker = Linker::new(&engine);
        wapiti_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx).expect("the linker is empty");
        let module = Module::new(&engine, GUEST).expect("the guest is valid");
        let instance = linker.instantiate(&mut store, &module).expect("WASI is all it imports");
        let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("it is exported");

        let done = AtomicBool::new(false);
        let before = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    kill_process(getpid(), Signal::USR1).expect("it is this process");
                    std::thread::sleep(Duration::from_millis(2));
                }
            });
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(400));
                let mut stream = std::net::TcpStream::connect(address).expect("somebody listens");
                std::thread::sleep(Duration::from_millis(100));
                std::io::Write::write_all(&mut stream, b"x").expect("connected");
                std::thread::sleep(Duration::from_millis(100));
            });
            let code = run.call(&mut store, ());
            done.store(true, Ordering::Relaxed);
            assert_eq!(code.expect("it does not trap"), 0);
        });
        assert!(before.elapsed() >= Duration::from_millis(500), "a wait ended early");
        drop(wake);
    }
}
