//! Marking: finds all objects that can be reached.
//!
//! In go roots, cell by cell; at the end everything that they lead to is marked. Marking never recurses: what is still to
//! be looked at is on a stack of limited size. If that is full, the lowest object that found no place is remembered, and
//! once the stack is empty all marked objects from there on are looked at again.

use alloc::vec::Vec;

use super::heap::Blocks;
use super::{Others, Types};
use crate::isa::object::{HEADER_BYTES, TAG_EXCEPTION, TAG_EXTERN, TAG_MASK, is_object};
use crate::types::{CanonicalType, Layout, Storage};

/// Elements of an array that are looked at in one go; the rest waits on the stack as one entry.
const ELEMS_AT_ONCE: u64 = 256;
/// The smallest limit of the stack, in entries.
const MIN_STACK: usize = 16 * 1024;
/// Beyond that, an entry for so many bytes of the heap.
const BYTES_PER_ENTRY: usize = 1024;

/// An object that is marked, but not yet what it refers to.
#[derive(Clone, Copy)]
struct Pending {
    /// Its offset in units of 8 bytes.
    object: u32,
    /// Of an array, the first element to look at.
    elem: u32,
}

/// A collection that is marking.
pub(crate) struct Marker<'h> {
    blocks: &'h mut Blocks,
    types: &'h Types,
    others: &'h mut Others,
    /// Cells that were looked at.
    shown: usize,
    stack: Vec<Pending>,
    max_stack: usize,
    /// The lowest object that did not fit onto the stack.
    left_out: Option<u64>,
}

impl<'h> Marker<'h> {
    pub(super) fn new(
        blocks: &'h mut Blocks,
        types: &'h Types,
        others: &'h mut Others,
        max_stack: Option<usize>,
    ) -> Self {
        let max_stack = max_stack.unwrap_or_else(|| MIN_STACK.max(blocks.bytes() / BYTES_PER_ENTRY));
        Self { blocks, types, others, shown: 0, stack: Vec::new(), max_stack, left_out: None }
    }

    /// A cell that may hold anything: marks what it refers to, if it looks like a reference.
    #[inline]
    pub(crate) fn maybe(&mut self, cell: u64) {
        self.shown += 1;
        if self.blocks.is_object(cell) {
            self.object(cell);
        } else if cell != 0 {
            self.other(cell);
        }
    }

    /// A cell that holds a reference, or null.
    #[inline]
    pub(crate) fn reference(&mut self, cell: u64) {
        self.shown += 1;
        if is_object(cell) {
            self.object(cell);
        } else if cell != 0 {
            self.other(cell);
        }
    }

    /// A cell that is no object, and may be an exception or a value of the host's.
    fn other(&mut self, cell: u64) {
        match cell & TAG_MASK {
            TAG_EXTERN => self.others.externs.mark_maybe(cell),
            TAG_EXCEPTION => self.others.exceptions.mark_maybe(cell),
            _ => {}
        }
    }

    fn object(&mut self, offset: u64) {
        if self.blocks.mark(offset) {
            self.push(offset, 0);
        }
    }

    fn push(&mut self, offset: u64, elem: u32) {
        if self.stack.len() < self.max_stack && self.stack.try_reserve(1).is_ok() {
            self.stack.push(Pending { object: (offset / 8) as u32, elem });
        } else {
            self.left_out = Some(self.left_out.map_or(offset, |lowest| lowest.min(offset)));
        }
    }

    /// Marks everything that can be reached from what is marked. Returns how many cells have been looked at.
    pub(super) fn finish(mut self) -> usize {
        loop {
            self.finish_objects();
            let Some(exception) = self.others.exceptions.next_pending() else { return self.shown };
            exception.payload.iter().for_each(|&cell| self.maybe(cell));
        }
    }

    fn finish_objects(&mut self) {
        self.drain();
        while let Some(mut from) = self.left_out.take() {
            while let Some(offset) = self.blocks.next_marked(from) {
                self.look_at(offset, 0);
                self.drain();
                from = offset + 8;
            }
        }
    }

    fn drain(&mut self) {
        while let Some(Pending { object, elem }) = self.stack.pop() {
            self.look_at(u64::from(object) * 8, elem);
        }
    }

    /// Marks what the object refers to, or puts it onto the stack again for the rest of it.
    fn look_at(&mut self, offset: u64, first_elem: u32) {
        // SAFETY: INV-HEAP: the object begins with a header.
        let [ty, len] = unsafe { self.blocks.at(offset).cast::<[u32; 2]>().read() };
        let types = self.types;
        match types.layout(CanonicalType(ty)) {
            Layout::Struct(layout) => {
                for &field in &layout.refs {
                    self.reference_at(offset + u64::from(field));
                }
            }
            Layout::Array(Storage::Ref) => {
                let first = u64::from(first_elem);
                let end = u64::from(len).min(first + ELEMS_AT_ONCE);
                if end < len.into() {
                    self.push(offset, end as u32);
                }
                for elem in first..end {
                    self.reference_at(offset + u64::from(HEADER_BYTES) + elem * 8);
                }
            }
            Layout::Array(_) => {}
        }
    }

    fn reference_at(&mut self, offset: u64) {
        // SAFETY: INV-HEAP: the field or element is within its object and holds a reference.
        let cell = unsafe { self.blocks.at(offset).cast::<u64>().read() };
        self.reference(u64::from_le(cell));
    }
}
