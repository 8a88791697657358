//! Calls. Arguments are settled: their own cells, one behind the other, are where the callee's frame begins.

use super::{Lowerer, RESTORE_CELLS, check_limit};
use crate::error::Error;
use crate::isa::ops::Op;
use crate::isa::shape::{LINK_CELLS, tail_window};
use crate::types::{FuncIdx, FuncType};

impl Lowerer<'_> {
    /// Pops the arguments for a function of type `ty`, which will lie from the returned cell on.
    fn pop_arguments(&mut self, ty: &FuncType) -> u32 {
        let count = ty.params().len();
        self.settle_top(count);
        self.pop_n(count);
        self.last = None;
        // A call into another instance or the host happens within this frame's cells as far as window, link and
        // restore record go; a callee's own frame is checked for when it is entered.
        let window = self.cells + ty.link_cell() + LINK_CELLS + RESTORE_CELLS;
        self.max_cells = self.max_cells.max(window);
        self.cells
    }

    fn push_results(&mut self, ty: &FuncType) {
        for ty in ty.results() {
            self.push_temp_of(ty.cells());
        }
    }

    fn link_of(ty: &FuncType) -> u16 {
        u16::try_from(ty.link_cell()).expect("validation limits parameters and results to 1,000 each")
    }

    /// `call`.
    pub(super) fn call(&mut self, func: u32) {
        let ty = self.info.func_type(FuncIdx(func)).clone();
        let base = self.pop_arguments(&ty);
        let op = if func < self.info.imported.funcs { Op::CallImport } else { Op::Call };
        self.code.push_a_b32_d(op, Self::link_of(&ty), base, func.into());
        self.push_results(&ty);
    }

    /// `call_indirect`.
    pub(super) fn call_indirect(&mut self, type_idx: u32, table: u32) -> Result<(), Error> {
        let (ty, target) = self.pop_element(type_idx, table)?;
        let base = self.pop_arguments(&ty);
        self.code.push_a_b32_d(Op::CallIndirect, Self::link_of(&ty), base, target);
        self.push_results(&ty);
        Ok(())
    }

    /// Pops the index of the element that is called; returns its type and the packed fields D, D2 and E.
    fn pop_element(&mut self, type_idx: u32, table: u32) -> Result<(FuncType, u64), Error> {
        // Validation allows 100,000 tables; the field for the index is narrow.
        let max_table = u16::MAX.into();
        check_limit("index of a table that is called through", table.into(), max_table, self.offset as u32)?;
        let (ty, target) = self.pop_callee(type_idx);
        Ok((ty, target | u64::from(table) << 16))
    }

    /// `call_ref`.
    pub(super) fn call_ref(&mut self, type_idx: u32) {
        let (ty, target) = self.pop_callee(type_idx);
        let base = self.pop_arguments(&ty);
        self.code.push_a_b32_d(Op::CallRef, Self::link_of(&ty), base, target);
        self.push_results(&ty);
    }

    /// `return_call_ref`.
    pub(super) fn return_call_ref(&mut self, type_idx: u32) {
        let (ty, target) = self.pop_callee(type_idx);
        self.emit_return_call(Op::ReturnCallRef, &ty, target);
    }

    /// Pops a reference to the function that is called, or the index of one in a table; returns its type and the packed
    /// fields D and E: where it can be read, and a call site.
    fn pop_callee(&mut self, type_idx: u32) -> (FuncType, u64) {
        let callee = self.pop();
        let ty = self.type_at(type_idx).clone();
        // Settling the arguments must come before, or it would undo what is copied for a far cell.
        self.settle_top(ty.params().len());
        let slot = self.slot_of(callee);
        self.call_sites += 1;
        (ty, u64::from(self.near(slot, 0)) | u64::from(type_idx) << 32)
    }

    /// `ref.func`.
    pub(super) fn ref_func(&mut self, func: u32) {
        let op = if func < self.info.imported.funcs { Op::RefFuncImported } else { Op::RefFunc };
        self.emit_value_d(op, [0, 0], func.into());
    }

    /// `return_call`.
    pub(super) fn return_call(&mut self, func: u32) {
        let ty = self.info.func_type(FuncIdx(func)).clone();
        let op = if func < self.info.imported.funcs { Op::ReturnCallImport } else { Op::ReturnCall };
        self.emit_return_call(op, &ty, func.into());
    }

    /// `return_call_indirect`.
    pub(super) fn return_call_indirect(&mut self, type_idx: u32, table: u32) -> Result<(), Error> {
        let (ty, target) = self.pop_element(type_idx, table)?;
        self.emit_return_call(Op::ReturnCallIndirect, &ty, target);
        Ok(())
    }

    fn emit_return_call(&mut self, op: Op, ty: &FuncType, target: u64) {
        let base = self.pop_arguments(ty);
        let own_link = Self::link_of(self.ty);
        self.code.push_a_b32_d_f(op, own_link, base, target, tail_window(ty.param_cells(), ty.link_cell()));
        self.set_unreachable();
    }
}
