//! Wapiti is a WebAssembly interpreter: fast, embeddable, and readable from the first module to the last.
//!
//! A module's bytes are decoded and validated, its functions are lowered to compact register bytecode, and one of
//! three dispatch strategies, chosen at run time, executes that bytecode. There is no JIT: nothing needs executable
//! memory.
//!
//! ```text
//!     bytes --decode--> Module --lower--> bytecode --exec--> values
//! ```
//!
//! The API has the shape of wasmtime's:
//!
//! ```
//! use wapiti::{Caller, Engine, Linker, Module, Store};
//!
//! # fn main() -> Result<(), wapiti::Error> {
//! let engine = Engine::default();
//! # #[cfg(feature = "wat")] {
//! let module = Module::new(
//!     &engine,
//!     r#"(module
//!         (import "host" "log" (func $log (param i32)))
//!         (func (export "double") (param i32) (result i32)
//!             (call $log (local.get 0))
//!             (i32.add (local.get 0) (local.get 0))))"#,
//! )?;
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "log", |mut caller: Caller<'_, Vec<i32>>, value: i32| {
//!     caller.data_mut().push(value);
//! })?;
//! let mut store = Store::new(&engine, Vec::new());
//! let instance = linker.instantiate(&mut store, &module)?;
//! let double = instance.get_typed_func::<i32, i32>(&mut store, "double")?;
//! assert_eq!(double.call(&mut store, 21)?, 42);
//! assert_eq!(*store.data(), [21]);
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! * An [`Engine`] holds settings ([`Config`]) and what modules share. A [`Module`] is code; both are `Send + Sync`.
//! * A [`Store`] holds instances, memories, tables, globals and the embedder's own data, and runs on one thread at a
//!   time. Handles into it ([`Instance`], [`Func`], [`Memory`] ...) are small copies; using one with another store is
//!   an error or a panic, never undefined behaviour.
//! * A [`Linker`] maps names to host functions and other definitions, and instantiates modules with them.
//! * A guest's failure is a [`Trap`], reported as an [`Error`] with a backtrace. A guest cannot crash the host: calls use
//!   a value stack of limited size instead of the native one, and every access is checked.
//!
//! # Proposals
//!
//! All of WebAssembly 3.0 is on by default. Each proposal has a switch in [`Config`], `wasm_simd`, `wasm_gc` and so on, whose
//! description says what it is by default; off are those that are no part of the standard: threads, custom page sizes, wide
//! arithmetic, and the older form of exceptions.
//!
//! # Features
//!
//! * `std` (default): the standard library's mutex and float functions. Without it the crate is `no_std` + `alloc`.
//! * `wat` (default): [`Module::new`] also takes the text format.

#![no_std]
#![cfg_attr(wapiti_become, feature(explicit_tail_calls, rust_preserve_none_cc))]
#![cfg_attr(wapiti_become, allow(incomplete_features, reason = "the strategy is an experiment"))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod error;
mod sync;
mod threads;
mod types;

mod config;
mod decode;

mod isa;
mod lower;

mod runtime;

mod exec;

mod api;

pub use api::{
    AnyRef, ArrayRef, AsContext, AsContextMut, Caller, Engine, EqRef, Execution, ExnRef, Export, ExportType,
    Extern, ExternRef, Func, Global, I31, ImportType, Instance, InstancePre, InterruptHandle, IntoFunc,
    Linker, Memory, MemoryAccessError, Module, OwnedRef, Ref, SharedMemory, Store, StoreContext,
    StoreContextMut, StructRef, Table, Tag, TypedFunc, Val, WasmParams, WasmResults, WasmRet, WasmTy,
};
pub use config::{Compilation, Config, Dispatch, Fusion};
pub use error::{Error, ErrorKind, FrameInfo, ThrownException, Trap, WasmBacktrace};
pub use lower::{Listing, ListingLine};
pub use runtime::{Access, HeapStats, Place, TracedFrame, TracedOp, Tracer, WaitResult};
pub use runtime::{CallPath, CountedLoop, CountedOp, FunctionCounts, OpCounts, Sampler};
pub use types::{
    ArrayType, CompositeType, ConcreteType, DefinedType, ExternType, FieldType, FuncType, GlobalType,
    HeapType, MemoryType, MemoryTypeBuilder, Mutability, RefType, StorageType, StructType, TableType,
    TagType, V128, ValType,
};

/// Compiles and runs the README's examples with the tests.
#[cfg(all(doctest, feature = "wat"))]
#[doc = include_str!("../README.md")]
mod readme {}
