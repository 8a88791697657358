//! WASI preview 1 for the Wapiti WebAssembly interpreter: what a command-line program compiled to WebAssembly
//! needs of its system.
//!
//! In goes a [`WasiCtx`] (arguments, environment, standard streams, directories, listeners), made by a [`WasiCtxBuilder`];
//! out comes a linker that has `wasi_snapshot_preview1` and its predecessor `wasi_unstable`. What always holds: a
//! guest reaches nothing that was not given to it, no file outside of its preopened directories, and no guest
//! pointer, length or count makes the host panic or read beyond the guest's memory.
//!
//! ```
//! use wapiti::{Engine, Linker, Module, Store};
//! use wapiti_wasi::{I32Exit, OutputPipe, WasiCtx, WasiCtxBuilder};
//!
//! let engine = Engine::default();
//! let module = Module::new(
//!     &engine,
//!     r#"(module
//!         (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
//!         (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
//!         (memory (export "memory") 1)
//!         (data (i32.const 0) "\08\00\00\00\03\00\00\00hi\n")
//!         (func (export "_start")
//!             (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
//!             (call $proc_exit (i32.const 3))))"#,
//! )?;
//!
//! let stdout = OutputPipe::new();
//! let wasi = WasiCtxBuilder::new().arg("hi").stdout(stdout.clone()).build()?;
//! let mut store = Store::new(&engine, wasi);
//! let mut linker = Linker::new(&engine);
//! wapiti_wasi::add_to_linker(&mut linker, |wasi: &mut WasiCtx| wasi)?;
//! let instance = linker.instantiate(&mut store, &module)?;
//!
//! let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
//! let error = start.call(&mut store, ()).expect_err("proc_exit ends the guest");
//! assert_eq!(error.downcast_ref::<I32Exit>(), Some(&I32Exit(3)));
//! assert_eq!(stdout.contents(), b"hi\n");
//! # Ok::<(), wapiti::Error>(())
//! ```

#![forbid(unsafe_code)]
#![allow(clippy::too_many_arguments, reason = "WASI's functions have as many")]

mod types;

mod memory;

mod entropy;
mod host;
mod time;
mod wake;

mod stdio;

mod table;

mod ctx;

mod clock;
mod dir;
mod fd;
mod fdstat;
mod path;
mod poll;
mod process;
mod random;
mod sock;

mod link;

pub use ctx::{DirAccess, WasiCtx, WasiCtxBuilder};
pub use link::add_to_linker;
pub use process::I32Exit;
pub use stdio::OutputPipe;
pub use time::{Clock, Clocks, VirtualClocks};
pub use wake::WakeHandle;
