//! What can be imported and exported, of any kind.
//!
//! In go and out come handles; all conversions between them and what a store knows are here.

use super::context::AsContext;
use super::func::Func;
use super::global::Global;
use super::memory::Memory;
use super::shared_memory::SharedMemory;
use super::table::Table;
use super::tag::Tag;
use crate::error::Error;
use crate::runtime::{ExternVal, StoreCore, StoreId};
use crate::types::ExternType;

/// Something that can be imported and exported.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A global.
    Global(Global),
    /// A table.
    Table(Table),
    /// A linear memory that is not shared.
    Memory(Memory),
    /// A tag of exceptions.
    Tag(Tag),
    /// A shared memory.
    SharedMemory(SharedMemory),
}

/// An export of an [`Instance`](crate::Instance): its name and what it is.
#[derive(Clone, Debug)]
pub struct Export<'instance> {
    name: &'instance str,
    item: Extern,
}

impl Extern {
    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        match self {
            Self::Func(func) => Some(func),
            _ => None,
        }
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        match self {
            Self::Global(global) => Some(global),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The memory, if it is one and not shared.
    pub fn into_memory(self) -> Option<Memory> {
        match self {
            Self::Memory(memory) => Some(memory),
            _ => None,
        }
    }

    /// The tag, if it is one.
    pub fn into_tag(self) -> Option<Tag> {
        match self {
            Self::Tag(tag) => Some(tag),
            _ => None,
        }
    }

    /// The shared memory, if it is one.
    pub fn into_shared_memory(self) -> Option<SharedMemory> {
        match self {
            Self::SharedMemory(memory) => Some(memory),
            _ => None,
        }
    }

    /// The type at this moment: the minimum of a memory or a table is its current size.
    ///
    /// # Panics
    ///
    /// If `store` is another one than it belongs to.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        let core = &store.as_context().inner.core;
        if let Self::SharedMemory(memory) = self {
            return ExternType::Memory(memory.ty());
        }
        match self.own_item(core.id) {
            Ok(item) => core.extern_type(item),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn new(core: &StoreCore, item: ExternVal) -> Self {
        let id = core.id;
        match item {
            ExternVal::Func(cell) => Self::Func(Func::new_unchecked(cell, id)),
            ExternVal::Table(addr) => Self::Table(Table::new_unchecked(addr, id)),
            ExternVal::Memory(addr) => match core.memories[addr].shared() {
                Some(block) => Self::SharedMemory(SharedMemory::from_block(block)),
                None => Self::Memory(Memory::new_unchecked(addr, id)),
            },
            ExternVal::Global(addr) => Self::Global(Global::new_unchecked(addr, id)),
            ExternVal::Tag(addr) => Self::Tag(Tag::new_unchecked(addr, id)),
        }
    }

    /// What the store knows this as. A shared memory is added to it for this.
    pub(crate) fn item(&self, core: &mut StoreCore) -> Result<ExternVal, Error> {
        match self {
            Self::SharedMemory(memory) => Ok(ExternVal::Memory(core.add_shared_memory(memory.block()))),
            own => own.own_item(core.id),
        }
    }

    /// Checks that the store `id` can use this.
    pub(crate) fn check_store(&self, id: StoreId) -> Result<(), Error> {
        match self {
            Self::SharedMemory(_) => Ok(()),
            own => own.own_item(id).map(|_item| ()),
        }
    }

    /// What the store `id` knows this as, if it is of a kind that belongs to stores.
    fn own_item(&self, id: StoreId) -> Result<ExternVal, Error> {
        match self {
            Self::Func(func) => func.cell_in(id).map(ExternVal::Func),
            Self::Table(table) => table.addr(id).map(ExternVal::Table),
            Self::Memory(memory) => memory.addr(id).map(ExternVal::Memory),
            Self::Global(global) => global.addr(id).map(ExternVal::Global),
            Self::Tag(tag) => tag.addr(id).map(ExternVal::Tag),
            Self::SharedMemory(_) => unreachable!("the callers have asked"),
        }
    }
}

impl<'instance> Export<'instance> {
    pub(crate) fn new(name: &'instance str, item: Extern) -> Self {
        Self { name, item }
    }

    /// The export's name.
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// What is exported.
    pub fn into_extern(self) -> Extern {
        self.item
    }

    /// The type at this moment: see [`Extern::ty`].
    ///
    /// # Panics
    ///
    /// If `store` is another one than the instance's.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.item.ty(store)
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        self.item.into_func()
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        self.item.into_global()
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        self.item.into_table()
    }

    /// The memory, if it is one and not shared.
    pub fn into_memory(self) -> Option<Memory> {
        self.item.into_memory()
    }

    /// The tag, if it is one.
    pub fn into_tag(self) -> Option<Tag> {
        self.item.into_tag()
    }

    /// The shared memory, if it is one.
    pub fn into_shared_memory(self) -> Option<SharedMemory> {
        self.item.into_shared_memory()
    }
}

impl From<Func> for Extern {
    fn from(func: Func) -> Self {
        Self::Func(func)
    }
}

impl From<Global> for Extern {
    fn from(global: Global) -> Self {
        Self::Global(global)
    }
}

impl From<Table> for Extern {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl From<Memory> for Extern {
    fn from(memory: Memory) -> Self {
        Self::Memory(memory)
    }
}

impl From<Tag> for Extern {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl From<SharedMemory> for Extern {
    fn from(memory: SharedMemory) -> Self {
        Self::SharedMemory(memory)
    }
}
