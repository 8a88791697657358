//! The embedding API: what users of the library see and hold.
//!
//! In go the embedder's modules, functions and values; out come instances and results. The names and shapes are
//! those of wasmtime's API. What users hold of a store's entities are small handles that carry their store's
//! number; every use compares it (INV-HANDLE), so a handle used with another store is an error or a panic. All
//! casts between the erased and the typed view of a store are in `store` and `host_def` (INV-HOST).

mod caller;
mod context;
mod engine;
mod exception;
mod execution;
mod extern_item;
mod func;
mod global;
mod host_def;
mod instance;
mod into_func;
mod linker;
mod memory;
mod module;
mod objects;
mod refs;
mod shared_memory;
mod store;
mod table;
mod tag;
#[cfg(test)]
mod tests;
mod typed;
mod types;
mod val;

pub use caller::Caller;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use engine::Engine;
pub use execution::Execution;
pub use extern_item::{Export, Extern};
pub use func::Func;
pub use global::Global;
pub use instance::{Instance, InstancePre};
pub use into_func::{IntoFunc, WasmRet};
pub use linker::Linker;
pub use memory::{Memory, MemoryAccessError};
pub use module::{ExportType, ImportType, Module};
pub use objects::{ArrayRef, EqRef, I31, StructRef};
pub use refs::{AnyRef, ExnRef, ExternRef, OwnedRef, Ref};
pub use shared_memory::SharedMemory;
pub use store::{InterruptHandle, Store};
pub use table::Table;
pub use tag::Tag;
pub use typed::{TypedFunc, WasmParams, WasmResults, WasmTy};
pub use val::Val;
