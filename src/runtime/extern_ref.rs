//! The host's values that a guest may hold references to.
//!
//! In go boxed values, out come addresses; a reference lies in a cell as its address plus one, null as 0. A value
//! stays until its store is dropped, so a reference that a guest has kept anywhere is always good.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

use crate::types::ExternAddr;

/// A value of the host's.
pub(crate) type ExternValue = Box<dyn Any + Send + Sync>;

/// All external values of a store.
pub(crate) struct ExternValues {
    values: Vec<ExternValue>,
}

impl ExternValues {
    pub(crate) fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// Takes in `value` for the rest of the store's life.
    pub(crate) fn add(&mut self, value: ExternValue) -> ExternAddr {
        let addr = ExternAddr::from(self.values.len());
        self.values.push(value);
        addr
    }

    /// The value at `addr`. Panics if there is none.
    pub(crate) fn get(&self, addr: ExternAddr) -> &(dyn Any + Send + Sync) {
        &*self.values[addr.index()]
    }

    /// The cell of a reference to `addr`.
    pub(crate) fn cell(addr: ExternAddr) -> u64 {
        u64::from(addr.0) + 1
    }

    /// What `cell` refers to; `None` for null.
    pub(crate) fn from_cell(cell: u64) -> Option<ExternAddr> {
        let position =
            usize::try_from(cell.checked_sub(1)?).expect("the cell holds an address of this store's");
        Some(ExternAddr::from(position))
    }
}
