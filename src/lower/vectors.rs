//! Operators on 128-bit values.
//!
//! A vector takes two neighbouring cells, those of its height on the operand stack. Constants are ops like others: what
//! follows takes the value from the accumulator.

use wasmparser::{MemArg, V128};

use super::Lowerer;
use super::far_memory::{far_offset, memory_of};
use super::memory::Address;
use super::stack::{Entry, Kind};
use crate::isa::code::{CodePos, NARROW_CELLS};
use crate::isa::hardware;
use crate::isa::ops::Op;
use crate::isa::shape::Shape;

/// Cells of a vector.
pub(super) const VECTOR_CELLS: u32 = 2;

/// The immediates of a vector operator, which say how its op is lowered.
pub(super) trait Immediates {
    /// Lowers the operator that has an op of its own name.
    fn lower(self, lowerer: &mut Lowerer<'_>, op: Op);
}

impl Immediates for () {
    fn lower(self, lowerer: &mut Lowerer<'_>, op: Op) {
        match op.shape() {
            Shape::vector_binary => lowerer.vector_binary(op),
            Shape::vector_ternary => lowerer.vector_ternary(op),
            Shape::vector_shift => lowerer.vector_shift(op),
            Shape::vector_splat => lowerer.vector_splat(op),
            _ => lowerer.vector_unary(op),
        }
    }
}

/// A lane's number.
impl Immediates for (u8,) {
    fn lower(self, lowerer: &mut Lowerer<'_>, op: Op) {
        match op.shape() {
            Shape::vector_extract => lowerer.vector_extract(op, self.0),
            _ => lowerer.vector_replace(op, self.0),
        }
    }
}

impl Immediates for (MemArg,) {
    fn lower(self, lowerer: &mut Lowerer<'_>, op: Op) {
        match op.shape() {
            Shape::vector_store => lowerer.vector_store(op, self.0),
            _ => lowerer.vector_load(op, self.0),
        }
    }
}

impl Immediates for (MemArg, u8) {
    fn lower(self, lowerer: &mut Lowerer<'_>, op: Op) {
        match op.shape() {
            Shape::vector_store_lane => lowerer.vector_store_lane(op, self.0, self.1),
            _ => lowerer.vector_load_lane(op, self.0, self.1),
        }
    }
}

impl Immediates for ([u8; 16],) {
    fn lower(self, lowerer: &mut Lowerer<'_>, _: Op) {
        lowerer.vector_shuffle(self.0);
    }
}

impl Immediates for (V128,) {
    fn lower(self, lowerer: &mut Lowerer<'_>, op: Op) {
        lowerer.emit_vector_bytes(op, [0, 0], *self.0.bytes());
    }
}

impl Lowerer<'_> {
    fn vector_unary(&mut self, op: Op) {
        let operand = self.pop();
        let slot = self.slot_of(operand);
        self.emit_vector_value(op, [(slot, VECTOR_CELLS), (0, 1)]);
    }

    fn vector_splat(&mut self, op: Op) {
        let operand = self.pop();
        let slot = self.slot_of(operand);
        self.emit_vector_value(op, [(slot, 1), (0, 1)]);
    }

    fn vector_binary(&mut self, op: Op) {
        let (rhs, lhs) = (self.pop(), self.pop());
        self.vector_binary_of(op, lhs, rhs);
    }

    /// A binary operator whose op has its operands exchanged.
    pub(super) fn vector_binary_swapped(&mut self, op: Op) {
        let (rhs, lhs) = (self.pop(), self.pop());
        self.vector_binary_of(op, rhs, lhs);
    }

    fn vector_binary_of(&mut self, op: Op, lhs: Entry, rhs: Entry) {
        let slots = [self.slot_of(lhs), self.slot_of(rhs)];
        self.emit_vector_value(op, slots.map(|slot| (slot, VECTOR_CELLS)));
    }

    fn vector_ternary(&mut self, op: Op) {
        let (third, second, first) = (self.pop(), self.pop(), self.pop());
        let slots = [first, second, third].map(|entry| self.slot_of(entry));
        self.consume(&slots);
        let third = self.near_cells(slots[2], 2, VECTOR_CELLS);
        self.emit_vector_value_d(op, [slots[0], slots[1]].map(|slot| (slot, VECTOR_CELLS)), third.into());
    }

    fn vector_shift(&mut self, op: Op) {
        let (count, operand) = (self.pop(), self.pop());
        let slot = self.slot_of(operand);
        if let (Kind::Const(count), Some(form)) = (count.kind, op.facts().imm) {
            self.consume(&[slot]);
            let near = self.near_cells(slot, 0, VECTOR_CELLS);
            // A count is taken modulo the lanes' width, which is at most 64.
            self.emit_vector(form, |lowerer, dst| {
                lowerer.code.push_abc(form, dst, near, (count % 64) as u16)
            });
            return;
        }
        let count = self.slot_of(count);
        self.emit_vector_value(op, [(slot, VECTOR_CELLS), (count, 1)]);
    }

    fn vector_extract(&mut self, op: Op, lane: u8) {
        let operand = self.pop();
        let slot = self.slot_of(operand);
        self.consume(&[slot]);
        let near = self.near_cells(slot, 0, VECTOR_CELLS);
        let at = u16::from(lane) * lane_bytes(op);
        self.emit_vector(op, |lowerer, dst| lowerer.code.push_abc(op, dst, near, at));
    }

    fn vector_replace(&mut self, op: Op, lane: u8) {
        let (value, operand) = (self.pop(), self.pop());
        let slots = [(self.slot_of(operand), VECTOR_CELLS), (self.slot_of(value), 1)];
        self.consume(&[slots[0].0, slots[1].0]);
        self.emit_vector_value_d(op, slots, lane.into());
    }

    /// A shuffle that takes all its lanes from one vector has an op of its own.
    fn vector_shuffle(&mut self, lanes: [u8; 16]) {
        let (rhs, lhs) = (self.pop(), self.pop());
        let slots = [self.slot_of(lhs), self.slot_of(rhs)];
        if !hardware::permutes_bytes() {
            return self.emit_vector_bytes(Op::I8x16ShufflePortable, slots, lanes);
        }
        let is_same = slots[0] == slots[1];
        if is_same || lanes.iter().all(|&lane| lane < 16) {
            return self.emit_vector_bytes(Op::I8x16Permute, [slots[0], 0], lanes.map(|lane| lane % 16));
        }
        if lanes.iter().all(|&lane| lane >= 16) {
            return self.emit_vector_bytes(Op::I8x16Permute, [slots[1], 0], lanes.map(|lane| lane % 16));
        }
        self.emit_vector_bytes(Op::I8x16Shuffle, slots, lanes);
    }

    pub(super) fn vector_swizzle(&mut self, op: Op) {
        self.vector_binary(if hardware::permutes_bytes() { op } else { Op::I8x16SwizzlePortable });
    }

    /// Which op an operator of relaxed SIMD has: the one that every processor executes in the same way, or this one's.
    pub(super) fn relaxed(&self, deterministic: Op, native: Op) -> Op {
        if self.info.relaxed_simd_deterministic { deterministic } else { native }
    }

    /// `one` rounds once by an instruction, `portable` by calling a function, and `two` rounds twice.
    pub(super) fn vector_mul_add(&mut self, one: Op, portable: Op, two: Op) {
        let op = if hardware::multiplies_and_adds() { one } else { self.relaxed(portable, two) };
        self.vector_ternary(op);
    }

    fn vector_load(&mut self, op: Op, memarg: MemArg) {
        let entry = self.pop();
        let facts = op.facts();
        if !self.is_near(memory_of(memarg)) {
            let slot = self.slot_of(entry);
            self.consume(&[slot]);
            let operands = [(slot, 1), (memory_of(memarg), 1)];
            return self.emit_vector_value_d(far_form(op), operands, far_offset(memarg));
        }
        match self.address(entry, memarg) {
            Address::Slot(slot) => {
                self.consume(&[slot]);
                self.emit_vector_value_d(op, [(slot, 1), (0, 1)], memarg.offset);
            }
            Address::Sum(base, index) => {
                let indexed = facts.indexed.expect("every load has an indexed form");
                self.emit_vector_value_d(indexed, [(base, 1), (index, 1)], memarg.offset);
            }
            Address::At(address) => {
                let at = facts.at.expect("every load has a form at a constant");
                self.emit_vector_value_d(at, [(0, 1), (0, 1)], address);
            }
        }
    }

    fn vector_store(&mut self, op: Op, memarg: MemArg) {
        let (value, entry) = (self.pop(), self.pop());
        let value = self.slot_of(value);
        let facts = op.facts();
        if !self.is_near(memory_of(memarg)) {
            let slot = self.slot_of(entry);
            self.consume(&[slot, value]);
            let (a, b) = (self.near(slot, 0), self.near_cells(value, 1, VECTOR_CELLS));
            return self.emit_vector_effect(|lowerer| {
                lowerer.code.push_abc_d(far_form(op), a, b, memory_of(memarg) as u16, far_offset(memarg))
            });
        }
        let value_at = |lowerer: &mut Self| lowerer.near_cells(value, 1, VECTOR_CELLS);
        match self.address(entry, memarg) {
            Address::Slot(slot) => {
                self.consume(&[slot, value]);
                let (a, b) = (self.near(slot, 0), value_at(self));
                self.emit_vector_effect(|lowerer| lowerer.code.push_abc_d(op, a, b, 0, memarg.offset));
            }
            Address::Sum(base, index) => {
                let indexed = facts.indexed.expect("every store has an indexed form");
                let (a, b, c) = (self.near(base, 0), value_at(self), self.near(index, 2));
                self.emit_vector_effect(|lowerer| lowerer.code.push_abc_d(indexed, a, b, c, memarg.offset));
            }
            Address::At(address) => {
                let at = facts.at.expect("every store has a form at a constant");
                self.consume(&[value]);
                let b = value_at(self);
                self.emit_vector_effect(|lowerer| lowerer.code.push_abc_d(at, 0, b, 0, address));
            }
        }
    }

    /// The address and the vector of an operator on a lane in memory. A constant address goes by way of its cell.
    fn pop_lane_operands(&mut self) -> (u32, u32) {
        let (vector, address) = (self.pop(), self.pop());
        (self.slot_of(address), self.slot_of(vector))
    }

    fn vector_load_lane(&mut self, op: Op, memarg: MemArg, lane: u8) {
        let (address, vector) = self.pop_lane_operands();
        self.consume(&[address, vector]);
        if !self.is_near(memory_of(memarg)) {
            let [b, c] = self.near_operands([(address, 1), (vector, VECTOR_CELLS)]);
            let f = u64::from(memory_of(memarg)) | u64::from(lane) << 16;
            return self.emit_vector(far_form(op), |lowerer, dst| {
                lowerer.code.push_a_b32_d_f(far_form(op), dst, both(b, c), far_offset(memarg), f)
            });
        }
        let d = memarg.offset | u64::from(lane) << 32;
        self.emit_vector_value_d(op, [(address, 1), (vector, VECTOR_CELLS)], d);
    }

    fn vector_store_lane(&mut self, op: Op, memarg: MemArg, lane: u8) {
        let (address, vector) = self.pop_lane_operands();
        self.consume(&[address, vector]);
        let (a, b) = (self.near(address, 0), self.near_cells(vector, 1, VECTOR_CELLS));
        let at = u64::from(u16::from(lane) * lane_bytes(op));
        if !self.is_near(memory_of(memarg)) {
            let f = u64::from(memory_of(memarg)) | at << 16;
            return self.emit_vector_effect(|lowerer| {
                lowerer.code.push_a_b32_d_f(far_form(op), a, both(b, 0), far_offset(memarg), f)
            });
        }
        let d = memarg.offset | at << 32;
        self.emit_vector_effect(|lowerer| lowerer.code.push_abc_d(op, a, b, 0, d));
    }
}

/// Emission.
impl Lowerer<'_> {
    /// As [`near`](Self::near), for a value of so many cells.
    pub(super) fn near_cells(&mut self, slot: u32, operand: u32, cells: u32) -> u16 {
        if slot < NARROW_CELLS || cells == 1 || !self.wide {
            return self.near(slot, operand);
        }
        let reserved = self.reserved_cell(operand);
        self.code.push_abc_de(Op::CopySpan, 0, cells as u16, 0, reserved, slot);
        reserved as u16
    }

    /// Emits an op that `push` writes, given the narrow field of its result, which is pushed.
    fn emit_vector(&mut self, op: Op, push: impl FnOnce(&mut Self, u16) -> CodePos) {
        let slot = self.push_temp_of(op.shape().result_cells());
        let dst = self.near_result(slot);
        let pos = push(self, dst);
        self.finish(op, pos, slot);
    }

    fn emit_vector_effect(&mut self, push: impl FnOnce(&mut Self) -> CodePos) {
        push(self);
        self.last = None;
    }

    /// As [`emit_value`](Self::emit_value), with the cells that each operand takes.
    fn emit_vector_value(&mut self, op: Op, operands: [(u32, u32); 2]) {
        self.consume(&operands.map(|(slot, _)| slot));
        let [b, c] = self.near_operands(operands);
        self.emit_vector(op, |lowerer, dst| lowerer.code.push_abc(op, dst, b, c));
    }

    fn emit_vector_value_d(&mut self, op: Op, operands: [(u32, u32); 2], d: u64) {
        let [b, c] = self.near_operands(operands);
        self.emit_vector(op, |lowerer, dst| lowerer.code.push_abc_d(op, dst, b, c, d));
    }

    fn emit_vector_bytes(&mut self, op: Op, operands: [u32; 2], bytes: [u8; 16]) {
        self.consume(&operands);
        let [b, c] = self.near_operands(operands.map(|slot| (slot, VECTOR_CELLS)));
        self.emit_vector(op, |lowerer, dst| lowerer.code.push_abc_bytes(op, dst, b, c, bytes));
    }

    fn near_operands(&mut self, operands: [(u32, u32); 2]) -> [u16; 2] {
        [0, 1].map(|i| self.near_cells(operands[i].0, i as u32, operands[i].1))
    }
}

/// Values as such: copies, choice, globals, results.
impl Lowerer<'_> {
    pub(super) fn emit_vector_copy(&mut self, to: u32, from: u32) {
        if to.max(from) >= NARROW_CELLS {
            self.needs_wide |= !self.wide;
            return self.emit_copy_span(to, from, VECTOR_CELLS);
        }
        // Not popped: what is copied may be read again.
        self.settle_last();
        self.consume(&[from]);
        let pos = self.code.push_abc(Op::V128Copy, to as u16, from as u16, 0);
        self.finish(Op::V128Copy, pos, to);
        self.settle_last();
    }

    /// Emits the choice between two vectors: if true, if false, condition.
    pub(super) fn vector_select(&mut self, [if_true, if_false, condition]: [u32; 3]) {
        self.consume(&[if_true, if_false, condition]);
        let condition = self.near(condition, 2);
        let operands = [if_true, if_false].map(|slot| (slot, VECTOR_CELLS));
        self.emit_vector_value_d(Op::V128Select, operands, condition.into());
    }

    pub(super) fn is_vector_global(&self, global: u32) -> bool {
        self.info.globals[global as usize].content().cells() == VECTOR_CELLS
    }

    pub(super) fn vector_global_get(&mut self, global: u32) {
        let (op, number) = match global.checked_sub(self.info.imported.globals) {
            Some(own) => (Op::V128GlobalGet, own),
            None => (Op::V128GlobalGetImported, global),
        };
        self.emit_vector(op, |lowerer, dst| lowerer.code.push_a_b32(op, dst, number));
    }

    pub(super) fn vector_global_set(&mut self, slot: u32, global: u32) {
        let (op, number) = match global.checked_sub(self.info.imported.globals) {
            Some(own) => (Op::V128GlobalSet, own),
            None => (Op::V128GlobalSetImported, global),
        };
        self.consume(&[slot]);
        let near = self.near_cells(slot, 0, VECTOR_CELLS);
        self.emit_vector_effect(|lowerer| lowerer.code.push_a_b32(op, near, number));
    }

    /// Emits the return of a vector.
    pub(super) fn emit_return_vector(&mut self, link: u16, slot: u32) {
        self.consume(&[slot]);
        let near = self.near_cells(slot, 0, VECTOR_CELLS);
        self.emit_vector_effect(|lowerer| lowerer.code.push_abc(Op::V128Return, link, near, 0));
    }
}

/// Fields and elements.
impl Lowerer<'_> {
    /// Emits the read of a field from the struct in `slot`.
    pub(super) fn vector_struct_get(&mut self, slot: u32, offset: u32) {
        self.consume(&[slot]);
        self.emit_vector_value_d(Op::StructGet128, [(slot, 1), (0, 1)], offset.into());
    }

    /// Emits the write of a field: struct, value.
    pub(super) fn vector_struct_set(&mut self, slots: [u32; 2], offset: u32) {
        self.consume(&slots);
        let (a, b) = (self.near(slots[0], 0), self.near_cells(slots[1], 1, VECTOR_CELLS));
        self.emit_vector_effect(|lowerer| lowerer.code.push_abc_d(Op::StructSet128, a, b, 0, offset.into()));
    }

    /// Emits an array of equal elements: value, length.
    pub(super) fn vector_array_new(&mut self, [value, len]: [u32; 2], ty: u32) {
        let [b, c] = self.near_operands([(value, VECTOR_CELLS), (len, 1)]);
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let pos = self.code.push_abc_d(Op::ArrayNew, dst, b, c, ty.into());
        self.finish(Op::ArrayNew, pos, slot);
    }

    /// Emits the read of an element: array, index.
    pub(super) fn vector_array_get(&mut self, slots: [u32; 2]) {
        self.emit_vector_value(Op::ArrayGet128, slots.map(|slot| (slot, 1)));
    }

    /// Emits the write of an element: array, value, index.
    pub(super) fn vector_array_set(&mut self, slots: [u32; 3]) {
        self.consume(&slots);
        let (a, c) = (self.near(slots[0], 0), self.near(slots[2], 2));
        let b = self.near_cells(slots[1], 1, VECTOR_CELLS);
        self.emit_vector_effect(|lowerer| lowerer.code.push_abc(Op::ArraySet128, a, b, c));
    }
}

/// The form of a load or store for any memory.
fn far_form(op: Op) -> Op {
    op.facts().far.expect("every access has a form for any memory")
}

/// Two narrow fields.
fn both(b: u16, c: u16) -> u32 {
    u32::from(b) | u32::from(c) << 16
}

/// Bytes of the lanes that an op of one lane works on.
fn lane_bytes(op: Op) -> u16 {
    match op {
        Op::I8x16ExtractLaneS | Op::I8x16ExtractLaneU | Op::V128Store8Lane => 1,
        Op::I16x8ExtractLaneS | Op::I16x8ExtractLaneU | Op::V128Store16Lane => 2,
        Op::I32x4ExtractLane | Op::F32x4ExtractLane | Op::V128Store32Lane => 4,
        _ => 8,
    }
}
