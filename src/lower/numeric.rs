//! Operators that compute a value from values.
//!
//! Constants are folded with the ops' own meanings. What is left is brought into few forms, so that every op pays for
//! itself: a constant operand goes to the right where operands may change places, subtraction of a constant becomes
//! addition, `gt` and `le` become `lt` and `ge` with their operands exchanged.

use super::Lowerer;
use super::stack::{Entry, Kind};
use crate::isa::fold::fold;
use crate::isa::ops::Op;
use crate::isa::shape::{B, D};

impl Lowerer<'_> {
    #[inline(never)]
    pub(super) fn unary(&mut self, op: Op) {
        let operand = self.pop();
        if let Kind::Const(value) = operand.kind
            && let Some(result) = fold(op, value, 0)
        {
            return self.push_const(result);
        }
        let slot = self.low_slot_of(operand);
        self.emit_value(op, [slot, 0]);
    }

    #[inline(never)]
    pub(super) fn binary(&mut self, op: Op) {
        let (rhs, lhs) = (self.pop(), self.pop());
        let [lhs, rhs] = self.operands(lhs, rhs);
        self.binary_of(op, lhs, rhs);
    }

    /// A binary operator whose op has its operands exchanged.
    #[inline(never)]
    pub(super) fn binary_swapped(&mut self, op: Op) {
        let (rhs, lhs) = (self.pop(), self.pop());
        let [lhs, rhs] = self.operands(lhs, rhs);
        self.binary_of(op, rhs, lhs);
    }

    /// The operands as they are, or in cells if ops are not to have constants; two constants are folded all the same.
    fn operands(&mut self, lhs: Entry, rhs: Entry) -> [Entry; 2] {
        let are_constants = matches!((lhs.kind, rhs.kind), (Kind::Const(_), Kind::Const(_)));
        if self.info.combining || are_constants {
            return [lhs, rhs];
        }
        [lhs, rhs].map(|entry| match entry.kind {
            Kind::Const(_) => Entry { kind: Kind::Temp, slot: self.slot_of(entry), cells: 1 },
            _ => entry,
        })
    }

    /// What an op of these shapes reads is as wide as its operator's operand, so the low half will do for an i32.
    fn binary_of(&mut self, op: Op, lhs: Entry, rhs: Entry) {
        let facts = op.facts();
        match (lhs.kind, rhs.kind) {
            (Kind::Const(x), Kind::Const(y)) => {
                if let Some(result) = fold(op, x, y) {
                    return self.push_const(result);
                }
            }
            (_, Kind::Const(y)) => {
                if self.shift_back(op, lhs, y) {
                    return;
                }
                if let Some((form, constant)) = imm_form(op, y) {
                    let slot = self.low_slot_of(lhs);
                    return self.emit_value_d(form, [slot, 0], constant);
                }
            }
            (Kind::Const(x), _) => {
                if facts.commutes
                    && let Some(form) = facts.imm
                {
                    let slot = self.low_slot_of(rhs);
                    return self.emit_value_d(form, [slot, 0], x);
                }
                if let Some(form) = facts.imm_lhs {
                    let slot = self.low_slot_of(rhs);
                    return self.emit_value_d(form, [0, slot], x);
                }
                if let Some((form, constant)) = exchanged_comparison(op, x) {
                    let slot = self.low_slot_of(rhs);
                    return self.emit_value_d(form, [slot, 0], constant);
                }
            }
            _ => {}
        }
        let slots = [self.low_slot_of(lhs), self.low_slot_of(rhs)];
        self.emit_value(op, slots);
    }

    /// Emits what shifting right by `y` bits does to a value that was just shifted left by as many: an extension of its
    /// low bits, or a mask. False if that is not what is asked for.
    fn shift_back(&mut self, op: Op, shifted: Entry, y: u64) -> bool {
        let Some((shl, whole_op, mask)) = shifts_back(op, y) else { return false };
        if !self.producing(shifted).is_some_and(|producer| producer.op == shl && producer.u64(D) == y) {
            return false;
        }
        let producer = self.take_producer(shifted).expect("it was there a line above");
        let whole = producer.read().u16(B).into();
        match mask {
            None => self.emit_value(whole_op, [whole, 0]),
            Some(mask) => self.emit_value_d(whole_op, [whole, 0], mask),
        }
        true
    }

    /// `i32.eqz`: the opposite of a comparison just made, or a comparison with zero.
    pub(super) fn i32_eqz(&mut self) {
        let operand = self.pop();
        if let Some(not) = self.producer_of(operand).and_then(|op| op.facts().not) {
            let producer = self.take_producer(operand).expect("it was there a line above");
            let slot = self.push_temp();
            return self.emit_changed(&producer, not, slot);
        }
        self.compare_with_zero(operand, Op::I32Eq);
    }

    /// `i64.eqz` and `ref.is_null`.
    pub(super) fn i64_eqz(&mut self) {
        let operand = self.pop();
        self.compare_with_zero(operand, Op::I64Eq);
    }

    fn compare_with_zero(&mut self, operand: Entry, op: Op) {
        let zero = Entry { kind: Kind::Const(0), slot: operand.slot, cells: 1 };
        self.binary_of(op, operand, zero);
    }
}

/// The form of `op` with the constant `y` on the right.
fn imm_form(op: Op, y: u64) -> Option<(Op, u64)> {
    match op {
        Op::I32Sub => Some((Op::I32AddImm, u64::from((y as u32).wrapping_neg()))),
        Op::I64Sub => Some((Op::I64AddImm, y.wrapping_neg())),
        _ => op.facts().imm.map(|form| (form, y)),
    }
}

/// The op that shifts left by `y` bits, and what it and `op`, a shift to the right by as many, do together: an op, with
/// the mask if it has one.
fn shifts_back(op: Op, y: u64) -> Option<(Op, Op, Option<u64>)> {
    match (op, y) {
        (Op::I32ShrS, 24) => Some((Op::I32ShlImm, Op::I32Extend8S, None)),
        (Op::I32ShrS, 16) => Some((Op::I32ShlImm, Op::I32Extend16S, None)),
        (Op::I32ShrU, 1..32) => Some((Op::I32ShlImm, Op::I32AndImm, Some(u64::from(u32::MAX >> y)))),
        (Op::I64ShrS, 56) => Some((Op::I64ShlImm, Op::I64Extend8S, None)),
        (Op::I64ShrS, 48) => Some((Op::I64ShlImm, Op::I64Extend16S, None)),
        (Op::I64ShrS, 32) => Some((Op::I64ShlImm, Op::I64Extend32S, None)),
        (Op::I64ShrU, 1..64) => Some((Op::I64ShlImm, Op::I64AndImm, Some(u64::MAX >> y))),
        _ => None,
    }
}

/// `x < y` as `y >= x + 1` and `x >= y` as `y < x + 1`, for a constant `x` that has a successor.
fn exchanged_comparison(op: Op, x: u64) -> Option<(Op, u64)> {
    let form = match op {
        Op::I32LtS
        | Op::I32LtU
        | Op::I64LtS
        | Op::I64LtU
        | Op::I32GeS
        | Op::I32GeU
        | Op::I64GeS
        | Op::I64GeU => op.facts().not?.facts().imm?,
        _ => return None,
    };
    let successor = match op {
        Op::I32LtS | Op::I32GeS => (x as i32).checked_add(1)?.cast_unsigned().into(),
        Op::I32LtU | Op::I32GeU => (x as u32).checked_add(1)?.into(),
        Op::I64LtS | Op::I64GeS => x.cast_signed().checked_add(1)?.cast_unsigned(),
        _ => x.checked_add(1)?,
    };
    Some((form, successor))
}

#[cfg(test)]
mod tests {
    use super::exchanged_comparison;
    use crate::isa::fold::fold;
    use crate::isa::ops::Op;

    #[test]
    fn exchanging_a_comparison_keeps_its_meaning() {
        let samples = [
            0,
            1,
            2,
            5,
            0x7FFF_FFFF,
            0x8000_0000,
            0xFFFF_FFFE,
            0xFFFF_FFFF,
            1 << 63,
            (1 << 63) - 1,
            u64::MAX,
        ];
        let ops =
            [Op::I32LtS, Op::I32LtU, Op::I32GeS, Op::I32GeU, Op::I64LtS, Op::I64LtU, Op::I64GeS, Op::I64GeU];
        let compare = |imm: Op| {
            // The form with a constant has the same meaning as the one with two cells.
            *ops.iter().find(|op| op.facts().imm == Some(imm)).expect("a comparison")
        };
        let mut exchanged = 0;
        for op in ops {
            for x in samples {
                let Some((form, successor)) = exchanged_comparison(op, x) else { continue };
                exchanged += 1;
                for y in samples {
                    assert_eq!(fold(op, x, y), fold(compare(form), y, successor), "{op:?} {x:#x} {y:#x}");
                }
            }
        }
        assert!(exchanged > 60);
    }
}
