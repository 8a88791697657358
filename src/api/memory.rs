//! Linear memories, as the host reads and writes them.
//!
//! In go byte positions and slices, out come bytes of the guest's. While the host holds such a slice it holds the
//! store, so no guest code runs and the memory does not move.

use alloc::format;

use super::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use super::store::{StoreInner, assert_store, check_store, wrong_store};
use crate::error::{Error, ErrorKind};
use crate::runtime::{MemoryEntity, StoreCore, StoreId};
use crate::types::{MemoryAddr, MemoryType};

/// A linear memory of a store's; not a [shared](crate::SharedMemory) one. Sizes are in pages where it says so, else in
/// bytes.
///
/// ```
/// use wapiti::{Engine, Memory, MemoryType, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 100, b"hello")?;
/// assert_eq!(&memory.data(&store)[100..105], b"hello");
/// assert_eq!(memory.grow(&mut store, 1)?, 1);
/// assert_eq!(memory.data_size(&store), 2 * 65_536);
/// # Ok::<(), wapiti::Error>(())
/// ```
///
/// # Panics
///
/// Every function of this type panics if it is given another store than the memory's, except for those that return
/// an [`Error`].
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    store: StoreId,
    addr: MemoryAddr,
}

/// [`Memory::read`] or [`Memory::write`] went beyond the memory's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("out of bounds memory access")]
#[non_exhaustive]
pub struct MemoryAccessError;

impl From<MemoryAccessError> for Error {
    fn from(error: MemoryAccessError) -> Self {
        Self::host(error)
    }
}

impl Memory {
    /// A zeroed memory of the type's minimum size.
    ///
    /// # Errors
    ///
    /// [`Limit`](ErrorKind::Limit) over what addresses reach, [`Usage`](ErrorKind::Usage) if the minimum is over the
    /// maximum or the memory is to be [shared](crate::SharedMemory), [`OutOfMemory`](ErrorKind::OutOfMemory) if the host has no room.
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().inner.core;
        if ty.is_shared() {
            return Err(Error::usage(format!("a {ty} is made by `SharedMemory::new`")));
        }
        Ok(Self { store: core.id, addr: core.add_memory(&ty)? })
    }

    /// The type, with the current size as minimum.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        let core = &store.as_context().inner.core;
        self.entity(core).ty()
    }

    /// The current size in pages.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let core = &store.as_context().inner.core;
        self.entity(core).pages()
    }

    /// The current size in bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        let core = &store.as_context().inner.core;
        self.entity(core).len_bytes
    }

    /// All bytes.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        let core = &store.into().inner.core;
        self.entity(core).bytes()
    }

    /// All bytes.
    pub fn data_mut<'a, T: 'static>(&self, store: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        self.data_and_store_mut(store).0
    }

    /// All bytes, and the store's data, for use side by side.
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let StoreInner { core, data, .. } = store.into().inner;
        assert_store(core, self.store, "a memory");
        (core.memories[self.addr].bytes_mut(), data)
    }

    /// Copies bytes from `offset` on into `buffer`, as many as it holds.
    ///
    /// # Errors
    ///
    /// If they are not all within the memory; `buffer` is left as it was.
    pub fn read(
        &self,
        store: impl AsContext,
        offset: usize,
        buffer: &mut [u8],
    ) -> Result<(), MemoryAccessError> {
        let bytes = self.data(store.as_context());
        let source = offset.checked_add(buffer.len()).and_then(|end| bytes.get(offset..end));
        buffer.copy_from_slice(source.ok_or(MemoryAccessError)?);
        Ok(())
    }

    /// Copies `buffer` into the memory, from `offset` on.
    ///
    /// # Errors
    ///
    /// If it does not fit into the memory; nothing is written then.
    pub fn write(
        &self,
        mut store: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), MemoryAccessError> {
        let bytes = self.data_mut(store.as_context_mut());
        let target = offset.checked_add(buffer.len()).and_then(|end| bytes.get_mut(offset..end));
        target.ok_or(MemoryAccessError)?.copy_from_slice(buffer);
        Ok(())
    }

    /// Adds `delta` zeroed pages and returns the former size in pages.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`](ErrorKind::OutOfMemory) if the memory's maximum or the host does not allow it, and
    /// [`Usage`](ErrorKind::Usage) for another store's memory. Nothing has changed then.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64, Error> {
        let core = &mut store.as_context_mut().inner.core;
        check_store(core, self.store, "a memory")?;
        let memory = &mut core.memories[self.addr];
        memory.grow(delta).ok_or_else(|| {
            let message = format!("a {} cannot grow by {delta} pages", memory.ty());
            ErrorKind::OutOfMemory(message).into()
        })
    }

    pub(crate) fn new_unchecked(addr: MemoryAddr, id: StoreId) -> Self {
        Self { store: id, addr }
    }

    /// The memory's address in the store `id`.
    pub(crate) fn addr(self, id: StoreId) -> Result<MemoryAddr, Error> {
        if self.store == id { Ok(self.addr) } else { Err(wrong_store("a memory")) }
    }

    #[track_caller]
    fn entity(self, core: &StoreCore) -> &MemoryEntity {
        assert_store(core, self.store, "a memory");
        &core.memories[self.addr]
    }
}
