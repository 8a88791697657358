//! The host's values that a guest may hold references to.
//!
//! In go boxed values, out come addresses; how a reference lies in a cell is in [`crate::isa::object`]. A value stays as
//! long as something refers to it: a collection marks the addresses that it meets, and drops the other values.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

use crate::isa::object::TAG_EXTERN;
use crate::types::ExternAddr;

/// A value of the host's.
pub(crate) type ExternValue = Box<dyn Any + Send + Sync>;

/// A place for a value.
struct Slot {
    value: Option<ExternValue>,
    /// Reached by the collection that is under way.
    marked: bool,
}

/// All external values of a store.
#[derive(Default)]
pub(crate) struct ExternValues {
    slots: Vec<Slot>,
    /// Addresses of slots without a value.
    free: Vec<ExternAddr>,
    /// Values that the last collection has left.
    live: usize,
}

/// Values that are always allowed before a collection.
const MIN_LIMIT: usize = 1024;

impl ExternValues {
    /// Takes in `value`.
    pub(crate) fn add(&mut self, value: ExternValue) -> ExternAddr {
        let slot = Slot { value: Some(value), marked: false };
        if let Some(addr) = self.free.pop() {
            self.slots[addr.index()] = slot;
            return addr;
        }
        let addr = ExternAddr::from(self.slots.len());
        self.slots.push(slot);
        addr
    }

    /// Whether it is time for a collection: there are twice as many values as the last one has left.
    pub(crate) fn is_full(&self) -> bool {
        self.slots.len() - self.free.len() >= MIN_LIMIT.max(self.live * 2)
    }

    /// The value at `addr`. Panics if there is none.
    pub(crate) fn get(&self, addr: ExternAddr) -> &(dyn Any + Send + Sync) {
        self.slots[addr.index()].value.as_deref().expect("a reference keeps its value")
    }

    /// How many values there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Nothing has been reached yet.
    pub(crate) fn begin_marking(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.marked = false);
    }

    /// Marks what `cell` refers to, if there is such a value.
    pub(crate) fn mark_maybe(&mut self, cell: u64) {
        if let Some(slot) = usize::try_from(cell >> 3).ok().and_then(|position| self.slots.get_mut(position))
        {
            slot.marked = true;
        }
    }

    /// Drops the values that have not been reached.
    pub(crate) fn sweep(&mut self) {
        for (position, slot) in self.slots.iter_mut().enumerate() {
            if !slot.marked && slot.value.take().is_some() {
                self.free.push(ExternAddr::from(position));
            }
        }
        self.live = self.slots.len() - self.free.len();
    }

    /// The cell of a reference to `addr`.
    pub(crate) fn cell(addr: ExternAddr) -> u64 {
        u64::from(addr.0) << 3 | TAG_EXTERN
    }

    /// What `cell`, a reference to a value of the host's, refers to.
    pub(crate) fn addr(cell: u64) -> ExternAddr {
        ExternAddr((cell >> 3) as u32)
    }
}
