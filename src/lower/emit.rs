//! Emits ops: from cells of any number to code words.
//!
//! Operand fields are narrow. A cell beyond their reach is copied through a reserved one, by an op before or behind
//! that has wide fields ([`Lowerer::near`], [`Lowerer::finish`]).

use super::Lowerer;
use super::locals::Local;
use super::stack::{Entry, Kind};
use crate::isa::code::{CodePos, NARROW_CELLS, OpRef};
use crate::isa::ops::Op;
use crate::isa::shape::{A, D, F};

/// The op just emitted, if it writes a cell and no label stands behind it.
#[derive(Clone, Copy)]
pub(super) struct Last {
    op: Op,
    pos: CodePos,
    dst: u32,
    /// Whether the cell is a temporary's, which nothing has read yet: then the op may still be changed.
    is_temp: bool,
}

/// What a `select` may yield.
#[derive(Clone, Copy)]
pub(super) enum Choice {
    Cell(u32),
    /// A constant of 32 bits, zero-extended.
    Const(u32),
}

impl Choice {
    fn cell(self) -> Option<u32> {
        match self {
            Self::Cell(cell) => Some(cell),
            Self::Const(_) => None,
        }
    }
}

/// An op taken back, to be emitted again with another result cell or in another form.
pub(super) struct Producer {
    words: [u64; 4],
    len: usize,
}

impl Lowerer<'_> {
    /// The narrow field for reading `slot` as operand number `operand` of the op that is emitted next.
    #[inline]
    pub(super) fn near(&mut self, slot: u32, operand: u32) -> u16 {
        if slot < NARROW_CELLS { slot as u16 } else { self.bring_near(slot, operand) }
    }

    /// Likewise, for each operand of an op that may have three.
    #[inline]
    fn near_three(&mut self, [first, second, third]: [u32; 3]) -> [u16; 3] {
        [self.near(first, 0), self.near(second, 1), self.near(third, 2)]
    }

    /// Copies `slot`, which no narrow field can name, to a cell that one can; or notes that the function has to be lowered with
    /// such cells.
    #[cold]
    fn bring_near(&mut self, slot: u32, operand: u32) -> u16 {
        if !self.wide {
            self.needs_wide = true;
            return 0;
        }
        let reserved = self.reserved_cell(operand);
        self.code.push_abc_de(Op::CopyWide, 0, 0, 0, reserved, slot);
        reserved as u16
    }

    /// The narrow field for a result that goes to `slot`.
    pub(super) fn near_result(&mut self, slot: u32) -> u16 {
        if slot < NARROW_CELLS {
            return slot as u16;
        }
        self.needs_wide |= !self.wide;
        self.reserved_cell(3) as u16
    }

    /// Notes that the op at `pos` has just written its result to `slot`.
    pub(super) fn finish(&mut self, op: Op, pos: CodePos, slot: u32) {
        // With reserved cells in play an op's operands may not outlive the next op, so none is changed later.
        self.last = if self.wide { None } else { Some(Last { op, pos, dst: slot, is_temp: true }) };
        if slot >= NARROW_CELLS {
            let reserved = self.reserved_cell(3);
            match op.shape().result_cells() {
                1 => self.code.push_abc_de(Op::CopyWide, 0, 0, 0, slot, reserved),
                cells => self.code.push_abc_de(Op::CopySpan, 0, cells as u16, 0, slot, reserved),
            };
        }
    }

    /// The op that has just computed `entry`, if it may still be changed.
    pub(super) fn producer_of(&self, entry: Entry) -> Option<Op> {
        // What makes a struct is longer than a producer may be.
        self.computing(entry).map(|last| last.op).filter(|&op| op != Op::StructNew)
    }

    /// Likewise, for reading its fields.
    pub(super) fn producing(&self, entry: Entry) -> Option<OpRef<'_>> {
        self.producer_of(entry).and(self.last).map(|last| OpRef::at(self.code.words(), last.pos))
    }

    /// Likewise, as it was noted.
    fn computing(&self, entry: Entry) -> Option<Last> {
        let is_it = |last: &Last| {
            self.info.combining && last.is_temp && entry.kind == Kind::Temp && last.dst == entry.slot
        };
        self.last.filter(is_it)
    }

    /// The last op's result is no temporary that may be looked for elsewhere.
    pub(super) fn settle_last(&mut self) {
        if let Some(last) = &mut self.last {
            last.is_temp = false;
        }
    }

    /// To be called before an op is emitted that reads these cells and pops what lies in them.
    pub(super) fn consume(&mut self, operands: &[u32]) {
        if let Some(last) = self.last.filter(|last| last.is_temp && operands.contains(&last.dst)) {
            self.code.mark_dies(last.pos);
        }
    }

    /// Takes back the op that has just computed `entry`.
    pub(super) fn take_producer(&mut self, entry: Entry) -> Option<Producer> {
        self.producer_of(entry)?;
        let last = self.last.take()?;
        let tail = &self.code.words()[last.pos.0 as usize / 8..];
        let mut words = [0; 4];
        words[..tail.len()].copy_from_slice(tail);
        let producer = Producer { words, len: tail.len() };
        self.code.truncate(last.pos);
        if let Some(trace) = self.trace.as_deref_mut() {
            trace.start(last.pos, self.offset);
        }
        Some(producer)
    }

    /// Emits an op that was taken back, with its result going to `slot`, a local's cell.
    pub(super) fn emit_redirected(&mut self, producer: Producer, slot: u32) {
        let dst = self.near_result(slot);
        let pos = self.push_producer(&producer);
        self.code.set_u16(pos, A, dst);
        self.finish(producer.op(), pos, slot);
        // The local may be read any time from now on.
        self.settle_last();
    }

    /// Has what was just computed go to a local's cell, if nothing has to be done before. False if it cannot.
    pub(super) fn redirect_last(&mut self, value: Entry, local: u32) -> bool {
        let Local { slot, pending, .. } = self.locals[local as usize];
        let Some(last) = self.computing(value) else { return false };
        if pending > 0 || slot >= NARROW_CELLS {
            return false;
        }
        self.note_write(local);
        self.code.set_u16(last.pos, A, slot as u16);
        self.last = Some(Last { dst: slot, is_temp: false, ..last });
        true
    }

    fn push_producer(&mut self, producer: &Producer) -> CodePos {
        self.code.push_words(&producer.words[..producer.len])
    }

    /// Emits an op that was taken back, as the op `op` of the same shape.
    pub(super) fn emit_changed(&mut self, producer: &Producer, op: Op, slot: u32) {
        debug_assert_eq!(producer.op().shape(), op.shape());
        let pos = self.push_producer(producer);
        self.code.set_op(pos, op);
        self.finish(op, pos, slot);
    }

    pub(super) fn emit_copy(&mut self, to: u32, from: u32) {
        if to.max(from) < NARROW_CELLS {
            // Not popped: what is copied may be read again.
            self.settle_last();
            self.consume(&[from]);
            let pos = self.code.push_abc(Op::Copy, to as u16, from as u16, 0);
            self.finish(Op::Copy, pos, to);
            self.settle_last();
        } else {
            self.needs_wide |= !self.wide;
            self.code.push_abc_de(Op::CopyWide, 0, 0, 0, to, from);
            self.last = None;
        }
    }

    /// Emits an `i32.wrap_i64` of what has been popped.
    pub(super) fn emit_wrap(&mut self, to: u32, from: u32) {
        self.emit_to(Op::I32WrapI64, [from, 0], to);
    }

    /// As [`emit_copy`](Self::emit_copy), of an entry that is the low half of a cell.
    pub(super) fn emit_wrapped_copy(&mut self, to: u32, from: u32) {
        self.settle_last();
        self.emit_wrap(to, from);
        self.settle_last();
    }

    /// As [`emit_copy`](Self::emit_copy), for a value that takes so many cells.
    pub(super) fn emit_copy_of(&mut self, to: u32, from: u32, cells: u32) {
        match cells {
            1 => self.emit_copy(to, from),
            _ => self.emit_vector_copy(to, from),
        }
    }

    pub(super) fn emit_copy_span(&mut self, to: u32, from: u32, len: u32) {
        match len {
            0 => {}
            1 => self.emit_copy(to, from),
            _ => drop(self.code.push_abc_de(Op::CopySpan, 0, len as u16, (len >> 16) as u16, to, from)),
        }
        self.last = None;
    }

    pub(super) fn emit_const(&mut self, to: u32, value: u64) {
        let dst = self.near_result(to);
        let (op, pos) = match u32::try_from(value) {
            Ok(narrow) => (Op::Const32, self.code.push_a_b32(Op::Const32, dst, narrow)),
            Err(_) => (Op::Const64, self.code.push_abc_d(Op::Const64, dst, 0, 0, value)),
        };
        self.finish(op, pos, to);
        self.settle_last();
    }

    /// Emits an op with cells for operands, which pushes its result.
    pub(super) fn emit_value(&mut self, op: Op, operands: [u32; 2]) {
        let slot = self.push_temp();
        self.emit_to(op, operands, slot);
    }

    /// Likewise, with its result going to `slot`.
    fn emit_to(&mut self, op: Op, operands: [u32; 2], slot: u32) {
        self.consume(&operands);
        let (b, c) = (self.near(operands[0], 0), self.near(operands[1], 1));
        let dst = self.near_result(slot);
        let pos = self.code.push_abc(op, dst, b, c);
        self.finish(op, pos, slot);
    }

    /// Emits an op with cells for operands and a 64-bit field at D, which pushes its result.
    pub(super) fn emit_value_d(&mut self, op: Op, operands: [u32; 2], d: u64) {
        self.consume(&operands);
        self.emit_consumed_value_d(op, operands, d);
    }

    /// Likewise, of operands that are consumed already.
    pub(super) fn emit_consumed_value_d(&mut self, op: Op, operands: [u32; 2], d: u64) {
        let (b, c) = (self.near(operands[0], 0), self.near(operands[1], 1));
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let pos = self.code.push_abc_d(op, dst, b, c, d);
        self.finish(op, pos, slot);
    }

    /// Emits an op with a cell at B and a number at C, which pushes its result.
    pub(super) fn emit_value_c(&mut self, op: Op, operand: u32, c: u16) {
        self.consume(&[operand]);
        let b = self.near(operand, 0);
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let pos = self.code.push_abc(op, dst, b, c);
        self.finish(op, pos, slot);
    }

    /// Likewise, with a 64-bit field at D.
    pub(super) fn emit_value_c_d(&mut self, op: Op, operand: u32, c: u16, d: u64) {
        self.consume(&[operand]);
        let b = self.near(operand, 0);
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let pos = self.code.push_abc_d(op, dst, b, c, d);
        self.finish(op, pos, slot);
    }

    /// Emits a branch that reads a cell at A without popping it, with a number at C, a 64-bit field at D and its target at
    /// F. Returns the target field.
    pub(super) fn emit_peeking_branch(&mut self, op: Op, operand: u32, c: u16, d: u64) -> CodePos {
        self.settle_last();
        self.consume(&[operand]);
        let near = self.near(operand, 0);
        let pos = self.code.push_a_b32_d_f(op, near, u32::from(c) << 16, d, 0);
        self.last = None;
        CodePos(pos.0 + F as u32)
    }

    /// Emits an op of two words that reads and pops up to three cells, and has no result.
    pub(super) fn emit_reader(&mut self, op: Op, operands: [u32; 3]) {
        self.consume(&operands);
        let [a, b, c] = self.near_three(operands);
        self.code.push_abc(op, a, b, c);
        self.last = None;
    }

    /// Emits an op with a 32-bit field at B, which pushes its result.
    pub(super) fn emit_value_b32(&mut self, op: Op, b32: u32) {
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let pos = self.code.push_a_b32(op, dst, b32);
        self.finish(op, pos, slot);
    }

    /// Emits an op with up to three operand cells and a 64-bit field at D, which has no result.
    pub(super) fn emit_effect_d(&mut self, op: Op, operands: [u32; 3], d: u64) {
        self.consume(&operands);
        self.emit_consumed_effect_d(op, operands, d);
    }

    /// Likewise, of operands that are consumed already.
    pub(super) fn emit_consumed_effect_d(&mut self, op: Op, operands: [u32; 3], d: u64) {
        let [a, b, c] = self.near_three(operands);
        self.code.push_abc_d(op, a, b, c, d);
        self.last = None;
    }

    /// Emits an op with one operand cell, a 32-bit field at B and a 64-bit one at D, which has no result.
    pub(super) fn emit_effect_b32_d(&mut self, op: Op, operand: u32, b32: u32, d: u64) {
        self.consume(&[operand]);
        let near = self.near(operand, 0);
        self.code.push_a_b32_d(op, near, b32, d);
        self.last = None;
    }

    /// Emits an op with up to four operand cells, at C, D, D2 and E, which pushes two results, at A and B.
    pub(super) fn emit_two_results(&mut self, op: Op, operands: &[u32]) {
        let mut near = [0; 4];
        for (i, &operand) in (0..).zip(operands) {
            near[i as usize] = self.near(operand, i);
        }
        // All operands are read before a result is written, so results may take the cells reserved for them.
        let (low, high) = (self.push_temp(), self.push_temp());
        let a = self.near_result(low);
        let b = if high < NARROW_CELLS { high } else { self.reserved_cell(2) } as u16;
        let d = u64::from(near[1]) | u64::from(near[2]) << 16 | u64::from(near[3]) << 32;
        self.code.push_abc_d(op, a, b, near[0], d);
        for (slot, reserved) in [(low, a), (high, b)] {
            if slot >= NARROW_CELLS {
                self.code.push_abc_de(Op::CopyWide, 0, 0, 0, slot, reserved.into());
            }
        }
        self.needs_wide |= high >= NARROW_CELLS && !self.wide;
        self.last = None;
    }

    /// Emits an op of four words on the word at an address: operand cells at B, C and, if there are three, F; an offset
    /// at D; and the memory's index behind the last of them, at F or F2. It pushes its result.
    pub(super) fn emit_atomic(&mut self, op: Op, operands: &[u32], offset: u64, memory: u32) {
        self.consume(operands);
        let mut near = [0; 3];
        for (i, &operand) in (0..).zip(operands) {
            near[i as usize] = self.near(operand, i);
        }
        let f = match operands.len() {
            3 => u64::from(near[2]) | u64::from(memory) << 16,
            _ => u64::from(memory),
        };
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let b_and_c = u32::from(near[0]) | u32::from(near[1]) << 16;
        let pos = self.code.push_a_b32_d_f(op, dst, b_and_c, offset, f);
        self.finish(op, pos, slot);
    }

    /// Emits an op of two words with up to three operand cells, which has no result.
    pub(super) fn emit_effect(&mut self, op: Op, operands: [u32; 3]) {
        let [a, b, c] = self.near_three(operands);
        self.code.push_abc(op, a, b, c);
        self.last = None;
    }

    /// Emits a choice: of the first if the cell `condition` is not 0, of the second if it is.
    pub(super) fn emit_select(&mut self, choices: [Choice; 2], condition: u32) {
        // A field that an op does not have names the condition.
        let [b, c] = choices.map(|choice| choice.cell().unwrap_or(condition));
        self.consume(&[b, c, condition]);
        let near = self.near(condition, 2);
        let d = |e: u32| u64::from(near) | u64::from(e) << 32;
        match choices {
            [Choice::Cell(_), Choice::Cell(_)] => self.emit_consumed_value_d(Op::Select, [b, c], d(0)),
            [Choice::Cell(_), Choice::Const(e)] => self.emit_consumed_value_d(Op::SelectImm, [b, c], d(e)),
            [Choice::Const(e), Choice::Cell(_)] => self.emit_consumed_value_d(Op::SelectImmLhs, [b, c], d(e)),
            [Choice::Const(b32), Choice::Const(e)] => {
                let slot = self.push_temp();
                let dst = self.near_result(slot);
                let pos = self.code.push_a_b32_d(Op::SelectImms, dst, b32, d(e));
                self.finish(Op::SelectImms, pos, slot);
            }
        }
    }
}

impl Lowerer<'_> {
    /// Emits an op of two words that reads and pops `slot` in field `A`, with a 32-bit field at B.
    pub(super) fn emit_reader_a(&mut self, op: Op, slot: u32, b32: u32) -> CodePos {
        self.consume(&[slot]);
        let near = self.near(slot, 0);
        let pos = self.code.push_a_b32(op, near, b32);
        self.last = None;
        pos
    }

    /// Emits a branch that compares all of `slot` with zero and leaves it as it is. Returns its target field.
    pub(super) fn emit_branch_on_zero(&mut self, op: Op, slot: u32) -> CodePos {
        // Not popped: what is not null is read again.
        self.settle_last();
        self.emit_branch_a(op, slot)
    }

    /// Emits a branch that reads `slot` at A and nothing else. Returns its target field.
    pub(super) fn emit_branch_a(&mut self, op: Op, slot: u32) -> CodePos {
        self.consume(&[slot]);
        let near = self.near(slot, 0);
        let pos = self.code.push_abc_d(op, near, 0, 0, 0);
        CodePos(pos.0 + D as u32)
    }

    /// Emits the return of one result.
    pub(super) fn emit_return_one(&mut self, link: u16, slot: u32) {
        self.consume(&[slot]);
        let near = self.near(slot, 0);
        self.code.push_abc(Op::ReturnOne, link, near, 0);
        self.last = None;
    }
}

impl Producer {
    /// The op, for reading its fields.
    pub(super) fn read(&self) -> OpRef<'_> {
        OpRef::first_of(&self.words[..self.len])
    }

    pub(super) fn op(&self) -> Op {
        self.read().op
    }
}
