//! A store's globals: 16-byte cells in blocks that never move, with their types beside them.
//!
//! In go types and initial values, out come addresses and pointers. An instance's own globals are one block, so
//! that the executor reaches them from a single base. Always: a block lives as long as its store and its cells are
//! initialised (part of INV-ARENA), and a cell holds a value of its global's type.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::NonNull;

use crate::types::{GlobalAddr, GlobalType};

/// Room for one value of any type. Types of 8 bytes and less use the first half.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalCell(pub(crate) [u64; 2]);

/// One global: where its value lies, and its type.
#[derive(Clone, Copy)]
struct GlobalEntity {
    cell: NonNull<GlobalCell>,
    ty: GlobalType,
}

/// All globals of a store.
pub(crate) struct Globals {
    entities: Vec<GlobalEntity>,
    /// Made by `Box::leak`, freed by `drop` below and nowhere else.
    blocks: Vec<NonNull<[GlobalCell]>>,
}

// SAFETY: INV-ARENA: the blocks belong to this collection alone, as those of a `Vec<Box<[GlobalCell]>>` would.
unsafe impl Send for Globals {}
// SAFETY: INV-ARENA: as above; through `&Globals` the cells are only read.
unsafe impl Sync for Globals {}

impl Globals {
    pub(crate) fn new() -> Self {
        Self { entities: Vec::new(), blocks: Vec::new() }
    }

    /// A block of `len` zeroed cells; dangling if `len` is 0.
    pub(crate) fn alloc_block(&mut self, len: usize) -> NonNull<GlobalCell> {
        if len == 0 {
            return NonNull::dangling();
        }
        let mut cells = Vec::new();
        cells.resize(len, GlobalCell([0; 2]));
        let block = NonNull::from(Box::leak(cells.into_boxed_slice()));
        self.blocks.push(block);
        block.cast()
    }

    /// Takes in a global whose value lies in `cell`, part of a block that [`alloc_block`](Self::alloc_block) made.
    pub(crate) fn add(&mut self, cell: NonNull<GlobalCell>, ty: GlobalType) -> GlobalAddr {
        let addr = GlobalAddr::from(self.entities.len());
        self.entities.push(GlobalEntity { cell, ty });
        addr
    }

    /// The global's cell, valid for the store's life.
    pub(crate) fn ptr(&self, addr: GlobalAddr) -> NonNull<GlobalCell> {
        self.entities[addr.index()].cell
    }

    /// The global's type.
    pub(crate) fn ty(&self, addr: GlobalAddr) -> GlobalType {
        self.entities[addr.index()].ty
    }

    /// All globals: their types and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (GlobalType, GlobalCell)> {
        // SAFETY: INV-ARENA: as in `get`.
        self.entities.iter().map(|global| (global.ty, unsafe { global.cell.read() }))
    }

    /// The global's value.
    pub(crate) fn get(&self, addr: GlobalAddr) -> GlobalCell {
        // SAFETY: INV-ARENA: the cell is alive and initialised, and nobody writes while `self` is borrowed.
        unsafe { self.ptr(addr).read() }
    }

    /// Sets the global's value, which the caller knows to be of its type.
    pub(crate) fn set(&mut self, addr: GlobalAddr, value: GlobalCell) {
        // SAFETY: INV-ARENA: the cell is alive, and `&mut self` excludes every other access.
        unsafe { self.ptr(addr).write(value) }
    }
}

impl Drop for Globals {
    fn drop(&mut self) {
        for block in self.blocks.drain(..) {
            // SAFETY: INV-ARENA: `alloc_block` leaked this box, `drain` yields it once, and the store is going away.
            drop(unsafe { Box::from_raw(block.as_ptr()) });
        }
    }
}
