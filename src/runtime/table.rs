//! A table: references as cells, with room to grow.
//!
//! In go indices and lengths in elements, checked here without wrap-around; out come cells. The first two fields
//! are what the executor reads. Always: `elems` points at `capacity` initialised cells that belong to this table
//! alone (part of INV-ARENA), and `len` is at most that. What the cells mean is up to the element type.

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use alloc::format;
use core::ptr::NonNull;

use super::arena::Entity;
use super::memory::check_range;
use crate::error::{Error, ErrorKind, Trap};
use crate::types::{RefType, TableAddr, TableType};

/// Elements that a table may have: 80 MB of cells, far more than any compiler emits.
const MAX_ELEMS: u64 = 10_000_000;
/// A table that grows at all gets at least this much room.
const MIN_GROWN_ELEMS: usize = 64;

/// A table.
#[repr(C)]
pub(crate) struct TableEntity {
    /// The first element; dangling but aligned while the table has no elements.
    pub(crate) elems: *mut u64,
    /// The current size in elements.
    pub(crate) len: usize,
    capacity: usize,
    /// As declared: the minimum is the size at the start.
    ty: TableType,
}

const _: () = assert!(core::mem::offset_of!(TableEntity, elems) == 0);
const _: () = assert!(core::mem::offset_of!(TableEntity, len) == size_of::<usize>());

// SAFETY: INV-ARENA: the block behind `elems` belongs to this table alone, as that of a `Vec<u64>` would.
unsafe impl Send for TableEntity {}
// SAFETY: INV-ARENA: as above; through `&TableEntity` the elements are only read.
unsafe impl Sync for TableEntity {}

impl Entity for TableEntity {
    type Addr = TableAddr;
}

impl TableEntity {
    /// A table of the type's minimum size, all null.
    pub(crate) fn new(ty: &TableType) -> Result<Self, Error> {
        let minimum = ty.minimum();
        if minimum > MAX_ELEMS {
            let (what, value, limit) = ("table elements", minimum, MAX_ELEMS);
            return Err(ErrorKind::Limit { what, value, limit, offset: 0 }.into());
        }
        if ty.maximum().is_some_and(|maximum| maximum < minimum) {
            return Err(Error::usage(format!("{ty}: the minimum is over the maximum")));
        }
        let mut table = Self { elems: NonNull::dangling().as_ptr(), len: 0, capacity: 0, ty: *ty };
        match table.move_to(minimum as usize) {
            Some(()) => {
                table.len = minimum as usize;
                Ok(table)
            }
            None => Err(ErrorKind::OutOfMemory(format!("{ty}")).into()),
        }
    }

    /// The type as an importer sees it: the minimum is the current size.
    pub(crate) fn ty(&self) -> TableType {
        self.ty.with_minimum(self.len as u64)
    }

    /// The type of the elements.
    pub(crate) fn element(&self) -> RefType {
        self.ty.element()
    }

    /// What `table.grow` gives to the guest: the former size, or -1 in the type of indices.
    pub(crate) fn grow_cell(&mut self, delta: u64, cell: u64) -> u64 {
        let failed = if self.ty.is_64() { u64::MAX } else { u32::MAX.into() };
        self.grow(delta, cell).unwrap_or(failed)
    }

    /// The element at `idx`, if there is one.
    pub(crate) fn get(&self, idx: u64) -> Option<u64> {
        self.cells().get(usize::try_from(idx).ok()?).copied()
    }

    /// Sets the element at `idx`.
    pub(crate) fn set(&mut self, idx: u64, cell: u64) -> Result<(), Trap> {
        self.fill(idx, cell, 1)
    }

    /// Adds elements that are `cell` and returns the former size, or `None`, having changed nothing, if the maximum,
    /// the limit of this implementation or the host's memory does not allow it. May move the elements.
    pub(crate) fn grow(&mut self, delta: u64, cell: u64) -> Option<u64> {
        let old_len = self.len;
        let limit = self.ty.maximum().unwrap_or(MAX_ELEMS).min(MAX_ELEMS);
        let new_len = (old_len as u64).checked_add(delta).filter(|&len| len <= limit)? as usize;
        if new_len > self.capacity {
            let ample = new_len.max(self.capacity * 2).max(MIN_GROWN_ELEMS).min(limit as usize);
            self.move_to(ample).or_else(|| self.move_to(new_len))?;
        }
        self.len = new_len;
        self.cells_mut()[old_len..].fill(cell);
        Some(old_len as u64)
    }

    /// Sets the `len` elements from `dst` on to `cell`.
    pub(crate) fn fill(&mut self, dst: u64, cell: u64, len: u64) -> Result<(), Trap> {
        let (dst, len) = self.check(dst, len)?;
        self.cells_mut()[dst..dst + len].fill(cell);
        Ok(())
    }

    /// Sets the `len` elements from `dst` on to what `cells` yields, which has at least that many.
    pub(crate) fn init(&mut self, dst: u64, len: u64, cells: impl Iterator<Item = u64>) -> Result<(), Trap> {
        let (dst, len) = self.check(dst, len)?;
        for (elem, cell) in self.cells_mut()[dst..dst + len].iter_mut().zip(cells) {
            *elem = cell;
        }
        Ok(())
    }

    /// Copies `len` elements from `src_idx` in `src` to `dst_idx` in `dst`, as if through a buffer.
    ///
    /// # Safety
    ///
    /// Both must be tables of a store that the caller holds exclusively; they may be the same table.
    pub(crate) unsafe fn copy(
        dst: NonNull<Self>,
        dst_idx: u64,
        src: NonNull<Self>,
        src_idx: u64,
        len: u64,
    ) -> Result<(), Trap> {
        // SAFETY: INV-ARENA: both are alive, and the caller's exclusive hold of the store covers them. Shared
        // references, because they may be one and the same.
        let (dst, src) = unsafe { (dst.as_ref(), src.as_ref()) };
        let (src_idx, _) = src.check(src_idx, len)?;
        let (dst_idx, len) = dst.check(dst_idx, len)?;
        // SAFETY: INV-ARENA: both ranges were just checked against their tables' sizes; `copy` allows overlap.
        unsafe { core::ptr::copy(src.elems.add(src_idx), dst.elems.add(dst_idx), len) };
        Ok(())
    }

    fn check(&self, start: u64, len: u64) -> Result<(usize, usize), Trap> {
        check_range(self.len, start, len).ok_or(Trap::TableOutOfBounds)
    }

    /// All elements.
    pub(crate) fn cells(&self) -> &[u64] {
        // SAFETY: INV-ARENA: `elems` points at `len` initialised cells of this table's own.
        unsafe { core::slice::from_raw_parts(self.elems, self.len) }
    }

    fn cells_mut(&mut self) -> &mut [u64] {
        // SAFETY: INV-ARENA: as in `cells`, and `&mut self` excludes every other access.
        unsafe { core::slice::from_raw_parts_mut(self.elems, self.len) }
    }

    /// Moves the elements to a fresh block of `capacity` cells, which is at least `len`.
    fn move_to(&mut self, capacity: usize) -> Option<()> {
        debug_assert!(capacity >= self.len, "INV-ARENA: a block never shrinks");
        let elems = if capacity == 0 {
            NonNull::dangling().as_ptr()
        } else {
            let layout = Layout::array::<u64>(capacity).ok()?;
            // SAFETY: the layout's size is not zero.
            NonNull::new(unsafe { alloc_zeroed(layout) })?.cast().as_ptr()
        };
        // SAFETY: INV-ARENA: the old block has `len` cells; the new one has no fewer and is apart from it.
        unsafe { core::ptr::copy_nonoverlapping(self.elems, elems, self.len) };
        self.free();
        self.elems = elems;
        self.capacity = capacity;
        Some(())
    }

    fn free(&mut self) {
        if self.capacity != 0 {
            let layout = Layout::array::<u64>(self.capacity).expect("it was allocated with this layout");
            // SAFETY: INV-ARENA: `move_to` allocated the block with this layout, and it is freed once: the caller
            // replaces it or drops the table.
            unsafe { dealloc(self.elems.cast(), layout) };
        }
    }
}

impl Drop for TableEntity {
    fn drop(&mut self) {
        self.free();
    }
}

#[cfg(test)]
mod tests {
    use super::{NonNull, TableEntity, Trap};
    use crate::types::{RefType, TableType};

    fn table(minimum: u32, maximum: Option<u32>) -> TableEntity {
        TableEntity::new(&TableType::new(RefType::FUNCREF, minimum, maximum)).expect("small")
    }

    #[test]
    fn growth_keeps_elements_and_respects_limits() {
        let mut table = table(1, Some(100));
        assert_eq!(table.get(0), Some(0));
        for len in 1..100 {
            assert_eq!(table.grow(1, len), Some(len));
        }
        assert_eq!(table.grow(1, 0), None);
        assert_eq!((1..100).find(|&idx| table.get(idx) != Some(idx)), None);
        assert_eq!(table.get(100), None);
        assert_eq!(self::table(0, None).grow(u32::MAX.into(), 0), None);
        assert!(TableEntity::new(&TableType::new(RefType::FUNCREF, u32::MAX, None)).is_err());
    }

    #[test]
    fn bulk_operators_check_without_wrapping() {
        let mut table = table(4, None);
        assert_eq!(table.init(1, 3, 7..), Ok(()));
        assert_eq!(table.init(2, 3, 7..), Err(Trap::TableOutOfBounds));
        assert_eq!(table.fill(u64::MAX, 1, 2), Err(Trap::TableOutOfBounds));
        assert_eq!(table.set(4, 1), Err(Trap::TableOutOfBounds));
        assert_eq!(table.set(0, 6), Ok(()));
        let ptr = NonNull::from(&mut table);
        // SAFETY: INV-ARENA: the table is this function's own.
        assert_eq!(unsafe { TableEntity::copy(ptr, 1, ptr, 0, 3) }, Ok(()));
        assert_eq!(table.cells(), [6, 6, 7, 8]);
    }
}
