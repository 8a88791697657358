//! The value stack: where the frames of one call from the host, and of everything it calls, lie.
//!
//! In goes a size in bytes; out comes zeroed memory that the operating system commits as it is touched. A stack never
//! moves while a call uses it, so frames are reached by pointer; an unused one waits in its store for the next call, and
//! then in the engine for the next store.

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use core::ptr::NonNull;

/// A stack of cells.
pub(crate) struct ValueStack {
    base: NonNull<u64>,
    cells: usize,
}

// SAFETY: the stack owns its memory alone; cells are plain data.
unsafe impl Send for ValueStack {}
// SAFETY: `&ValueStack` gives out pointers, which are unsafe to use, and nothing else.
unsafe impl Sync for ValueStack {}

impl ValueStack {
    /// A stack of `bytes` bytes, rounded down to whole cells, or `None` if there is no memory for it.
    pub(crate) fn new(bytes: usize) -> Option<Self> {
        let cells = (bytes / size_of::<u64>()).max(1);
        let layout = Layout::array::<u64>(cells).ok()?;
        // SAFETY: the layout is not empty.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        Some(Self { base: base.cast(), cells })
    }

    /// The first cell.
    pub(crate) fn base(&self) -> *mut u64 {
        self.base.as_ptr()
    }

    /// Just behind the last cell.
    pub(crate) fn end(&self) -> *mut u64 {
        // SAFETY: one past the end of the allocation.
        unsafe { self.base.as_ptr().add(self.cells) }
    }

    /// Clears the cells before `end`, which is on this stack. Frames of later calls do not clear all of their cells, and
    /// the collector would keep alive what it finds in them.
    pub(crate) fn clear(&mut self, end: *const u64) {
        let used = (end.addr() - self.base.addr().get()) / size_of::<u64>();
        debug_assert!(used <= self.cells, "the position is on this stack");
        // SAFETY: INV-STACK: these cells are the stack's own.
        unsafe { self.base.as_ptr().write_bytes(0, used.min(self.cells)) };
    }
}

impl Drop for ValueStack {
    fn drop(&mut self) {
        let layout = Layout::array::<u64>(self.cells).expect("the same layout was valid in `new`");
        // SAFETY: `new` allocated this memory with this layout.
        unsafe { dealloc(self.base.as_ptr().cast(), layout) }
    }
}
