//! Wide arithmetic: operators with two results, in cells of their own.

use super::Lowerer;
use crate::isa::ops::Op;

impl Lowerer<'_> {
    /// `i64.add128` and `i64.sub128`.
    pub(super) fn wide_sum(&mut self, op: Op) {
        let operands = [(); 4].map(|()| self.pop());
        let [d, c, b, a] = operands.map(|entry| self.slot_of(entry));
        self.emit_two_results(op, &[a, b, c, d]);
    }

    /// `i64.mul_wide_s` and `i64.mul_wide_u`.
    pub(super) fn wide_product(&mut self, op: Op) {
        let operands = [(); 2].map(|()| self.pop());
        let [b, a] = operands.map(|entry| self.slot_of(entry));
        self.emit_two_results(op, &[a, b]);
    }
}
