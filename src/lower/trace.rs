//! Which operator an op came from.
//!
//! Lowering is deterministic, so nothing of this is kept with the code: whoever needs it (a backtrace that is printed,
//! a listing) lowers the function again with a [`Trace`].

use alloc::vec::Vec;

use super::{Scratch, lower};
use crate::decode::info::ModuleInfo;
use crate::isa::code::CodePos;
use crate::types::FuncIdx;

/// Positions in a function's body, ascending, each with the offset in the module of the operator it was lowered from.
#[derive(Default)]
pub(crate) struct Trace {
    starts: Vec<(CodePos, usize)>,
}

impl Trace {
    pub(super) fn clear(&mut self) {
        self.starts.clear();
    }

    /// From `pos` on, ops come from the operator at `offset`: also when earlier ops from there on were taken back.
    pub(super) fn start(&mut self, pos: CodePos, offset: usize) {
        while self.starts.last().is_some_and(|(last, _)| *last >= pos) {
            self.starts.pop();
        }
        self.starts.push((pos, offset));
    }

    /// The offset of the operator that the op at `pos` in the body came from.
    pub(crate) fn offset_at(&self, pos: CodePos) -> Option<usize> {
        let behind = self.starts.partition_point(|(start, _)| *start <= pos);
        self.starts[..behind].last().map(|(_, offset)| *offset)
    }
}

/// The offset in the module of the operator that the op at byte `code_pos` of `func`'s code came from.
pub(crate) fn source_offset(info: &ModuleInfo, func: FuncIdx, code_pos: u32) -> Option<usize> {
    let mut scratch = Scratch::default();
    let mut trace = Trace::default();
    let prologue = lower(info, func, &mut scratch, Some(&mut trace)).ok()?.prologue.pos();
    // The prologue belongs to the first operator.
    trace.offset_at(CodePos(code_pos.saturating_sub(prologue.0)))
}
