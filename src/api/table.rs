//! Tables, as the host reads and writes them.
//!
//! In go indices and references, out come references. Always: an element is of the table's element type and of the
//! table's store, which every function checks.

use alloc::format;

use super::context::{AsContext, AsContextMut};
use super::refs::Ref;
use super::store::{assert_store, check_store, retain, wrong_store};
use crate::error::{Error, ErrorKind};
use crate::runtime::{StoreCore, StoreId, TableEntity};
use crate::types::{RefType, TableAddr, TableType, ValType};

/// A table of a store's. Sizes and indices are in elements.
///
/// ```
/// use wapiti::{Engine, Func, Ref, RefType, Store, Table, TableType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
/// let answer = Func::wrap(&mut store, || 42);
/// table.set(&mut store, 1, answer.into())?;
/// let found = table.get(&mut store, 1).and_then(|element| element.as_func()).unwrap();
/// assert_eq!(found.typed::<(), i32>(&store)?.call(&mut store, ())?, 42);
/// # Ok::<(), wapiti::Error>(())
/// ```
///
/// # Panics
///
/// [`ty`](Self::ty), [`size`](Self::size) and [`get`](Self::get) panic if they are given another store than the
/// table's. The other functions return an error.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    store: StoreId,
    addr: TableAddr,
}

impl Table {
    /// A table of the type's minimum size, all elements `init`.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if `init` is not of the element type or of another store, the minimum is over the
    /// maximum, or the type refers to a [`DefinedType`](crate::DefinedType) that is no more; [`Limit`](ErrorKind::Limit) over 10,000,000 elements; [`OutOfMemory`](ErrorKind::OutOfMemory)
    /// if the host has no room.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().inner.core;
        retain(core, ValType::Ref(ty.element()))?;
        let cell = element_cell(init, ty.element(), core)?;
        Ok(Self { store: core.id, addr: core.add_table(&ty, cell)? })
    }

    /// The type, with the current size as minimum.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let core = &store.as_context().inner.core;
        self.entity(core).ty()
    }

    /// The current size.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let core = &store.as_context().inner.core;
        self.entity(core).len as u64
    }

    /// The element at `index`, if there is one.
    pub fn get(&self, store: impl AsContext, index: u64) -> Option<Ref> {
        let core = &store.as_context().inner.core;
        let table = self.entity(core);
        let cell = table.get(index)?;
        core.pin_exceptions(&[ValType::Ref(table.element())], &[cell]);
        Some(Ref::from_cell(table.element(), cell, core))
    }

    /// Sets the element at `index`.
    ///
    /// # Errors
    ///
    /// [`Trap::TableOutOfBounds`](crate::Trap::TableOutOfBounds) if there is no such element,
    /// [`Usage`](ErrorKind::Usage) if `value` is not of the element type or something is of another store.
    pub fn set(&self, store: impl AsContextMut, index: u64, value: Ref) -> Result<(), Error> {
        self.fill(store, index, value, 1)
    }

    /// Adds `delta` elements that are `init` and returns the former size.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`](ErrorKind::OutOfMemory) if the table's maximum, the limit of 10,000,000 elements or the host
    /// does not allow it; [`Usage`](ErrorKind::Usage) as for [`set`](Self::set). Nothing has changed then.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64, Error> {
        let core = &mut store.as_context_mut().inner.core;
        let (table, cell) = self.entity_and_cell(core, init)?;
        table.grow(delta, cell).ok_or_else(|| {
            let message = format!("a {} cannot grow by {delta} elements", table.ty());
            ErrorKind::OutOfMemory(message).into()
        })
    }

    /// Sets the `len` elements from `dst` on to `value`.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set); nothing is written then.
    pub fn fill(&self, mut store: impl AsContextMut, dst: u64, value: Ref, len: u64) -> Result<(), Error> {
        let core = &mut store.as_context_mut().inner.core;
        let (table, cell) = self.entity_and_cell(core, value)?;
        Ok(table.fill(dst, cell, len)?)
    }

    /// Copies `len` elements from `src_index` of `src` on to `dst_index` of `dst` on, as if through a buffer. The
    /// tables may be the same one.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set), if one of the ranges is not within its table or `src` may have elements that `dst` may not; nothing
    /// is written then.
    pub fn copy(
        mut store: impl AsContextMut,
        dst: &Self,
        dst_index: u64,
        src: &Self,
        src_index: u64,
        len: u64,
    ) -> Result<(), Error> {
        let core = &mut store.as_context_mut().inner.core;
        let (dst, src) = (dst.addr(core.id)?, src.addr(core.id)?);
        let (expected, found) = (core.tables[dst].element(), core.tables[src].element());
        if !core.engine.types.ref_matches(found, expected) {
            let message = format!("type mismatch: expected elements of type {expected}, found {found}");
            return Err(Error::usage(message));
        }
        Ok(core.copy_table(dst, dst_index, src, src_index, len)?)
    }

    pub(crate) fn new_unchecked(addr: TableAddr, id: StoreId) -> Self {
        Self { store: id, addr }
    }

    /// The table's address in the store `id`.
    pub(crate) fn addr(self, id: StoreId) -> Result<TableAddr, Error> {
        if self.store == id { Ok(self.addr) } else { Err(wrong_store("a table")) }
    }

    #[track_caller]
    fn entity(self, core: &StoreCore) -> &TableEntity {
        assert_store(core, self.store, "a table");
        &core.tables[self.addr]
    }

    fn entity_and_cell(self, core: &mut StoreCore, value: Ref) -> Result<(&mut TableEntity, u64), Error> {
        check_store(core, self.store, "a table")?;
        let cell = element_cell(value, core.tables[self.addr].element(), core)?;
        Ok((&mut core.tables[self.addr], cell))
    }
}

fn element_cell(value: Ref, element: RefType, core: &StoreCore) -> Result<u64, Error> {
    value.cell_of_type(element, core).map_err(|error| Error::usage(format!("an element: {error}")))
}
