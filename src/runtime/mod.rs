//! What exists while modules run: the store and the entities in it.
//!
//! In go compiled modules and the embedder's definitions; out come instances whose memories, tables, globals and
//! functions the executor reaches by pointer. Nothing here runs Wasm code or calls the executor. Entities never
//! move and live as long as their store (INV-ARENA), so pointers to them may be kept wherever the store is kept.

mod arena;
mod code;
mod counts;
mod engine;
mod exception;
mod extern_ref;
mod func_ref;
mod gc;
mod global;
mod host;
mod instance;
mod interrupt;
mod memory;
mod parking;
mod shared_memory;
mod objects;
mod roots;
mod stack;
mod store;
mod table;
mod tracer;

pub(crate) use code::{CallSite, CodeState, CompiledModule, FrameHeader, FuncRecord, Landing, Scratch};
pub use counts::{CallPath, CountedLoop, CountedOp, FunctionCounts, OpCounts};
pub(crate) use counts::{CountedFunc, Counter, Cursor};
pub(crate) use engine::EngineShared;
pub(crate) use exception::Exception;
pub(crate) use extern_ref::ExternValues;
pub(crate) use func_ref::FuncPlace;
pub use gc::HeapStats;
pub(crate) use gc::{Front as HeapFront, Heap, NoRoom};
pub(crate) use global::GlobalCell;
pub(crate) use host::{HostCall, HostFunc};
pub(crate) use instance::{Instance, item_type};
pub(crate) use interrupt::InterruptState;
pub(crate) use memory::MemoryEntity;
pub(crate) use objects::HeldStack;
pub use parking::WaitResult;
pub(crate) use parking::{Parked, Waiter, timeout_of};
pub(crate) use roots::RootNumber;
pub(crate) use shared_memory::SharedBlock;
pub(crate) use stack::ValueStack;
pub use store::Sampler;
pub(crate) use store::{ExternVal, StoreCore, StoreId};
pub(crate) use table::TableEntity;
pub use tracer::{Access, Place, TracedFrame, TracedOp, Tracer};
