//! Locals: their cells, and whether they must be cleared before the body runs.
//!
//! A local needs no clearing if it is written before anything could read it. That is known in one forward pass: as
//! long as no branch leads to a label further ahead, all code so far is always executed before what follows.

use wasmparser::{FunctionBody, ValType};

use super::vectors::VECTOR_CELLS;
use super::{Lowerer, check_limit};
use crate::error::Error;
use crate::isa::code::NARROW_CELLS;
use crate::isa::shape::LINK_CELLS;

/// A parameter or local variable.
pub(super) struct Local {
    pub(super) slot: u32,
    /// Cells that it takes.
    pub(super) cells: u32,
    /// Operand stack entries that stand for this local and have not been copied.
    pub(super) pending: u32,
    start: Start,
}

/// What is known of a local's value before its first use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Untouched,
    /// A parameter, or written before any read.
    Written,
    ReadAsZero,
}

impl Local {
    pub(super) fn needs_zero(&self) -> bool {
        self.start == Start::ReadAsZero
    }
}

impl Lowerer<'_> {
    /// Cells reserved for copies of far operands: five operands, or three and a result, of up to two cells each.
    const RESERVED_CELLS: u32 = 5 * VECTOR_CELLS;

    /// Lays out parameters, link, reserved cells and locals.
    pub(super) fn declare_locals(&mut self, body: &FunctionBody<'_>) -> Result<(), Error> {
        let mut slot = 0;
        for ty in self.ty.params() {
            let cells = ty.cells();
            self.locals.push(Local { slot, cells, pending: 0, start: Start::Written });
            slot += cells;
        }
        slot = self.reserved_cell(0);
        if self.wide {
            slot += Self::RESERVED_CELLS;
        }
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            let cells = cells_of(ty);
            for _ in 0..count {
                self.locals.push(Local { slot, cells, pending: 0, start: Start::Untouched });
                slot += cells;
            }
        }
        check_limit("cells of a frame", slot.into(), super::MAX_FRAME_CELLS.into(), self.offset as u32)?;
        self.cells = slot;
        self.max_cells = slot;
        Ok(())
    }

    /// The cell through which operand number `operand` of an op is copied if its own is too far.
    pub(super) fn reserved_cell(&self, operand: u32) -> u32 {
        let cell = self.ty.link_cell() + LINK_CELLS + operand * VECTOR_CELLS;
        debug_assert!(cell < NARROW_CELLS, "validation limits parameters and results to 1,000 each");
        cell
    }

    pub(super) fn note_read(&mut self, local: u32) {
        let start = &mut self.locals[local as usize].start;
        if *start == Start::Untouched {
            *start = Start::ReadAsZero;
        }
    }

    pub(super) fn note_write(&mut self, local: u32) {
        let always_first = self.open_labels == 0;
        let start = &mut self.locals[local as usize].start;
        if *start == Start::Untouched {
            *start = if always_first { Start::Written } else { Start::ReadAsZero };
        }
    }
}

/// Cells that a value of this type takes.
pub(super) fn cells_of(ty: ValType) -> u32 {
    if ty == ValType::V128 { VECTOR_CELLS } else { 1 }
}
