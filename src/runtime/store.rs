//! The store without the embedder's data: every entity, and what running needs beside them.
//!
//! In go definitions from the embedder and from modules, out come their addresses and types. Everything that has
//! been added stays until the store is dropped (INV-ARENA). Two stores share nothing but their engine, their
//! modules' code, and definitions that are `Send + Sync` themselves.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::arena::Arena;
use super::counts::Counter;
use super::engine::EngineShared;
use super::exception::{Exceptions, TagEntity};
use super::extern_ref::ExternValues;
use super::func_ref::FuncPlace;
use super::gc::Heap;
use super::global::{GlobalCell, Globals};
use super::host::HostFunc;
use super::instance::Instance;
use super::interrupt::InterruptState;
use super::memory::MemoryEntity;
use super::objects::{HeldStack, StackExtents};
use super::roots::Roots;
use super::shared_memory::SharedBlock;
use super::stack::ValueStack;
use super::table::TableEntity;
use super::tracer::Tracer;
use crate::error::{Error, Trap, WasmBacktrace};
use crate::isa::object::{I31_BIT, is_object};
use crate::types::{
    ConcreteType, DefinedType, ExternType, FuncType, GlobalAddr, GlobalType, HeapType, MemoryAddr,
    MemoryType, RefType, TableAddr, TableType, TagAddr, TagType, ValType,
};

/// A store's number, which no other store of the process has had or will have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StoreId(usize);

impl StoreId {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        // Relaxed: only the numbers matter, nothing is published with them.
        let step = |next: usize| next.checked_add(1);
        let id = NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        Self(id.expect("fewer stores are made than a usize counts"))
    }
}

/// Something that can be imported and exported, as a store knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExternVal {
    /// A function reference cell that is not null.
    Func(u64),
    Table(TableAddr),
    Memory(MemoryAddr),
    Global(GlobalAddr),
    Tag(TagAddr),
}

/// A store's entities.
pub struct StoreCore {
    pub(crate) id: StoreId,
    pub(crate) engine: Arc<EngineShared>,
    pub(crate) instances: Arena<Instance>,
    pub(crate) memories: Arena<MemoryEntity>,
    pub(crate) tables: Arena<TableEntity>,
    pub(crate) globals: Globals,
    /// By [`TagAddr`].
    pub(crate) tags: Vec<TagEntity>,
    pub(crate) exceptions: Exceptions,
    pub(crate) host_funcs: Arena<HostFunc>,
    /// Cells of the host functions that came from a linker, by the address of their closure.
    shared_host_funcs: BTreeMap<usize, u64>,
    /// This store's views of shared memories that were given to it, by the address of what is shared.
    shared_memories: BTreeMap<usize, MemoryAddr>,
    pub(crate) externs: ExternValues,
    /// Types that tables and globals of the host's refer to.
    retained_types: BTreeMap<ConcreteType, DefinedType>,
    /// Structs and arrays; `None` until a module with such types is instantiated, or the host makes one.
    pub(crate) heap: Option<Box<Heap>>,
    /// References that the host has handles to.
    pub(crate) roots: Roots,
    /// Operands of constant expressions that are being evaluated.
    pub(crate) evaluating: Vec<u64>,
    /// Value stacks that calls under way use.
    pub(crate) extents: StackExtents,
    /// Value stacks of suspended calls.
    pub(super) held_stacks: Vec<Weak<HeldStack>>,
    /// Value stacks that no call uses at the moment.
    pub(crate) stacks: Vec<ValueStack>,
    /// Calls from the host into the guest that are under way.
    pub(crate) host_nesting: u32,
    /// What another thread sets to stop this store.
    pub(crate) interrupt: Arc<InterruptState>,
    /// Watches what runs, if anybody does.
    pub(crate) tracer: Option<Box<dyn Tracer>>,
    /// Counts what runs, if anybody wants to know.
    pub(crate) counter: Option<Box<Counter>>,
    /// Is shown where the guest is when somebody asks.
    pub(crate) sampler: Option<Sampler>,
}

/// What [`Store::set_sampler`](crate::Store::set_sampler) is given: it is shown the frames, the innermost first.
pub type Sampler = Box<dyn FnMut(&WasmBacktrace) + Send + Sync>;

impl StoreCore {
    pub(crate) fn new(engine: &Arc<EngineShared>) -> Self {
        Self {
            id: StoreId::new(),
            engine: Arc::clone(engine),
            instances: Arena::new(),
            memories: Arena::new(),
            tables: Arena::new(),
            globals: Globals::new(),
            tags: Vec::new(),
            exceptions: Exceptions::new(),
            host_funcs: Arena::new(),
            shared_host_funcs: BTreeMap::new(),
            shared_memories: BTreeMap::new(),
            externs: ExternValues::default(),
            retained_types: BTreeMap::new(),
            heap: None,
            roots: Roots::default(),
            evaluating: Vec::new(),
            extents: StackExtents::default(),
            held_stacks: Vec::new(),
            stacks: Vec::new(),
            host_nesting: 0,
            interrupt: Arc::new(InterruptState::new()),
            tracer: None,
            counter: None,
            sampler: None,
        }
    }

    /// A value stack that no call uses; `None` if there is no memory for it.
    pub(crate) fn take_stack(&mut self) -> Option<ValueStack> {
        self.stacks.pop().or_else(|| self.engine.take_stack())
    }

    /// Adds a host function, made for this store's type of data (INV-HOST), and returns its reference cell.
    pub(crate) fn add_host_func(&mut self, func: HostFunc) -> u64 {
        FuncPlace::Host(self.host_funcs.alloc(func)).cell()
    }

    /// As [`add_host_func`](Self::add_host_func), but adds the same function only once, so that instantiating a
    /// thousand times does not add a linker's functions a thousand times.
    pub(crate) fn share_host_func(&mut self, func: &HostFunc) -> u64 {
        // The store keeps a clone of the `Arc`, so no other closure can get this address while it is a key.
        let key = Arc::as_ptr(&func.call).addr();
        if let Some(&cell) = self.shared_host_funcs.get(&key) {
            return cell;
        }
        let cell = self.add_host_func(func.clone());
        self.shared_host_funcs.insert(key, cell);
        cell
    }

    /// Adds a memory of the host's.
    pub(crate) fn add_memory(&mut self, ty: &MemoryType) -> Result<MemoryAddr, Error> {
        let memory = MemoryEntity::new(ty, self.engine.config.max_memory_bytes)?;
        Ok(self.memories.alloc(memory))
    }

    /// Adds this store's view of a shared memory, once.
    pub(crate) fn add_shared_memory(&mut self, block: &Arc<SharedBlock>) -> MemoryAddr {
        // The entity keeps the block, so no other one can get its address while it is a key.
        let key = Arc::as_ptr(block).addr();
        if let Some(&addr) = self.shared_memories.get(&key) {
            return addr;
        }
        let addr = self.memories.alloc(MemoryEntity::of_shared(Arc::clone(block)));
        self.shared_memories.insert(key, addr);
        addr
    }

    /// Adds a table of the host's, all elements `cell`, which is of the element type.
    pub(crate) fn add_table(&mut self, ty: &TableType, cell: u64) -> Result<TableAddr, Error> {
        let mut table = TableEntity::new(ty)?;
        table.fill(0, cell, table.len as u64).expect("the range is the whole table");
        Ok(self.tables.alloc(table))
    }

    /// Copies table elements, as [`TableEntity::copy`].
    pub(crate) fn copy_table(
        &mut self,
        dst: TableAddr,
        dst_idx: u64,
        src: TableAddr,
        src_idx: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let (dst, src) = (self.tables.ptr(dst), self.tables.ptr(src));
        // SAFETY: INV-ARENA: both are tables of this store, which is held exclusively.
        unsafe { TableEntity::copy(dst, dst_idx, src, src_idx, len) }
    }

    /// Adds a global of the host's with a value of its type.
    pub(crate) fn add_global(&mut self, ty: GlobalType, value: GlobalCell) -> GlobalAddr {
        let cell = self.globals.alloc_block(1);
        let addr = self.globals.add(cell, ty);
        self.globals.set(addr, value);
        addr
    }

    /// The type of the function that `cell`, which is not null, refers to.
    pub(crate) fn func_type(&self, cell: u64) -> &FuncType {
        match FuncPlace::from_cell(cell).expect("the caller has checked for null") {
            FuncPlace::Wasm { instance, func } => self.instances[instance].module.info.func_type(func),
            FuncPlace::Host(addr) => self.host_funcs[addr].ty(),
        }
    }

    /// The very type of the function that `cell`, which is not null, refers to.
    pub(crate) fn func_defined(&self, cell: u64) -> &DefinedType {
        match FuncPlace::from_cell(cell).expect("the caller has checked for null") {
            FuncPlace::Wasm { instance, func } => {
                let info = &self.instances[instance].module.info;
                &info.types[info.funcs[func.index()].index()]
            }
            FuncPlace::Host(addr) => &self.host_funcs[addr].defined,
        }
    }

    /// Whether `cell`, which holds a reference of the same hierarchy, is of type `ty`.
    pub(crate) fn ref_matches(&self, cell: u64, ty: RefType) -> bool {
        if cell == 0 {
            return ty.is_nullable();
        }
        match ty.heap_type() {
            HeapType::Func | HeapType::Extern | HeapType::Any | HeapType::Exn => true,
            HeapType::ConcreteFunc(_) => {
                self.engine.types.heap_matches(self.func_defined(cell).heap_type(), ty.heap_type())
            }
            below_any => self.engine.types.heap_matches(self.heap_type_of(cell), below_any),
        }
    }

    /// The most particular type of a reference of the hierarchy of `any` or `extern` that is not null: `any` for a value
    /// of the host's.
    pub(crate) fn heap_type_of(&self, cell: u64) -> HeapType {
        if cell & I31_BIT != 0 {
            HeapType::I31
        } else if is_object(cell) {
            let heap = self.heap.as_ref().expect("there is an object");
            heap.ty(heap.header(cell).0).heap_type()
        } else {
            HeapType::Any
        }
    }

    /// Makes a type live as long as the store, if it is or refers to one that a module or the host defines. `None` if
    /// it is no more.
    pub(crate) fn retain_type(&mut self, ty: ValType) -> Option<()> {
        if let Some(concrete) = ty.concrete() {
            let defined = self.engine.types.resolve(concrete)?;
            self.retained_types.insert(concrete, defined);
        }
        Some(())
    }

    /// The type of `item` at this moment: memories and tables have their current sizes as minimum.
    pub(crate) fn extern_type(&self, item: ExternVal) -> ExternType {
        match item {
            ExternVal::Func(cell) => ExternType::Func(self.func_type(cell).clone()),
            ExternVal::Table(addr) => ExternType::Table(self.tables[addr].ty()),
            ExternVal::Memory(addr) => ExternType::Memory(self.memories[addr].ty()),
            ExternVal::Global(addr) => ExternType::Global(self.globals.ty(addr)),
            ExternVal::Tag(addr) => ExternType::Tag(TagType::new(self.tags[addr.index()].ty().clone())),
        }
    }
}

impl Drop for StoreCore {
    fn drop(&mut self) {
        self.engine.give_back_stacks(&mut self.stacks);
    }
}

const _: () = {
    const fn assert_send<T: Send>() {}
    assert_send::<StoreCore>();
};
