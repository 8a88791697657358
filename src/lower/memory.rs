//! Loads, stores, globals and the operators on whole memories and tables.

use wasmparser::MemArg;

use super::Lowerer;
use super::far_memory::memory_of;
use super::stack::{Entry, Kind};
use super::vectors::VECTOR_CELLS;
use crate::isa::ops::Op;
use crate::isa::shape::{B, C};
use crate::types::GlobalIdx;

/// Where the address of a load or store comes from.
pub(super) enum Address {
    /// A cell, plus the offset.
    Slot(u32),
    /// The sum of two cells, plus the offset.
    Sum(u32, u32),
    /// A constant, offset included.
    At(u64),
}

impl Lowerer<'_> {
    /// Looks at what computed the address: an addition just emitted becomes part of the access.
    pub(super) fn address(&mut self, entry: Entry, memarg: MemArg) -> Address {
        if let Kind::Const(base) = entry.kind
            && self.info.combining
        {
            return Address::At(u64::from(base as u32) + memarg.offset);
        }
        if self.producer_of(entry) == Some(Op::I32Add) {
            let sum = self.take_producer(entry).expect("it was there a line above");
            return Address::Sum(sum.read().u16(B).into(), sum.read().u16(C).into());
        }
        Address::Slot(self.low_slot_of(entry))
    }

    /// A load; `op` is the form with a cell for its address.
    #[inline(never)]
    pub(super) fn load(&mut self, op: Op, memarg: MemArg) {
        if !self.is_near(memory_of(memarg)) {
            return self.load_far(op, memarg);
        }
        let entry = self.pop();
        let facts = op.facts();
        match self.address(entry, memarg) {
            Address::Slot(slot) => self.emit_value_d(op, [slot, 0], memarg.offset),
            Address::Sum(base, index) => {
                let indexed = facts.indexed.expect("every load has an indexed form");
                self.emit_consumed_value_d(indexed, [base, index], memarg.offset);
            }
            Address::At(address) => {
                self.emit_value_d(facts.at.expect("every load has a form at a constant"), [0, 0], address);
            }
        }
    }

    /// A store; `op` is the form with cells for address and value.
    #[inline(never)]
    pub(super) fn store(&mut self, op: Op, memarg: MemArg) {
        if !self.is_near(memory_of(memarg)) {
            return self.store_far(op, memarg);
        }
        let (value, entry) = (self.pop(), self.pop());
        let (op, constant) = match value.kind {
            Kind::Const(constant) if self.info.combining => {
                let op = integer_store(op);
                (op, store_constant(op, constant))
            }
            _ => (op, None),
        };
        // The value is put into its cell first: the address's producer can only be taken back if it came last.
        let value = if constant.is_some() { 0 } else { self.low_slot_of(value) };
        let address = self.address(entry, memarg);
        let form = match address {
            Address::Slot(_) => op,
            Address::Sum(..) => op.facts().indexed.expect("every store has an indexed form"),
            Address::At(_) => op.facts().at.expect("every store has a form at a constant"),
        };
        match constant {
            None => self.emit_store(form, address, value, memarg.offset),
            Some(constant) => {
                let form = form.facts().imm.expect("every form of a store has one with a constant");
                self.emit_store_imm(form, address, constant, memarg.offset);
            }
        }
    }

    fn emit_store(&mut self, op: Op, address: Address, value: u32, offset: u64) {
        match address {
            Address::Slot(slot) => self.emit_effect_d(op, [slot, value, 0], offset),
            Address::Sum(base, index) => {
                self.emit_consumed_effect_d(op, [base, value, index], offset);
            }
            Address::At(at) => self.emit_effect_d(op, [value, value, 0], at),
        }
    }

    fn emit_store_imm(&mut self, op: Op, address: Address, constant: u32, offset: u64) {
        let offset_and_constant = offset | u64::from(constant) << 32;
        match address {
            Address::Slot(slot) => self.emit_effect_d(op, [slot, slot, slot], offset_and_constant),
            Address::Sum(base, index) => {
                self.emit_consumed_effect_d(op, [base, 0, index], offset_and_constant);
            }
            Address::At(at) => {
                self.code.push_a_b32_d(op, 0, constant, at);
                self.last = None;
            }
        }
    }

    pub(super) fn global_get(&mut self, global: u32) {
        if self.is_vector_global(global) {
            return self.vector_global_get(global);
        }
        match global.checked_sub(self.info.imported.globals) {
            Some(own) => self.emit_value_b32(Op::GlobalGet, own),
            None => self.emit_value_b32(Op::GlobalGetImported, GlobalIdx(global).0),
        }
    }

    pub(super) fn global_set(&mut self, global: u32) {
        let value = self.pop();
        let slot = self.slot_of(value);
        if value.cells == VECTOR_CELLS {
            return self.vector_global_set(slot, global);
        }
        match global.checked_sub(self.info.imported.globals) {
            Some(own) => self.emit_reader_a(Op::GlobalSet, slot, own),
            None => self.emit_reader_a(Op::GlobalSetImported, slot, global),
        };
    }

    /// An operator with three operands and no result, of two words.
    pub(super) fn ternary_effect(&mut self, op: Op) {
        let operands = self.pop_slots();
        self.emit_effect(op, operands);
    }

    /// An operator that the driver executes: three operands, two immediates, no result.
    pub(super) fn driver_effect(&mut self, op: Op, first: u32, second: u32) {
        let operands = self.pop_slots();
        self.emit_effect_d(op, operands, u64::from(first) | u64::from(second) << 32);
    }

    /// Likewise, without operands.
    pub(super) fn driver_effect0(&mut self, op: Op, first: u32) {
        self.emit_effect_d(op, [0; 3], first.into());
    }

    /// `table.set`: two operands.
    pub(super) fn table_set(&mut self, table: u32) {
        let (value, index) = (self.pop(), self.pop());
        let slots = [self.slot_of(index), self.slot_of(value), 0];
        self.emit_effect_d(Op::TableSet, slots, table.into());
    }

    /// An operator that the driver executes: one operand, an immediate, a result.
    pub(super) fn driver_unary(&mut self, op: Op, immediate: u32) {
        let operand = self.pop();
        let slot = self.slot_of(operand);
        self.emit_value_d(op, [slot, 0], immediate.into());
    }

    /// Likewise, with two operands.
    pub(super) fn driver_binary(&mut self, op: Op, immediate: u32) {
        let (rhs, lhs) = (self.pop(), self.pop());
        let slots = [self.slot_of(lhs), self.slot_of(rhs)];
        self.emit_value_d(op, slots, immediate.into());
    }

    /// Likewise, without operands.
    pub(super) fn driver_get(&mut self, op: Op, immediate: u32) {
        self.emit_value_d(op, [0, 0], immediate.into());
    }

    fn pop_slots(&mut self) -> [u32; 3] {
        let (third, second, first) = (self.pop(), self.pop(), self.pop());
        [first, second, third].map(|entry| self.slot_of(entry))
    }
}

/// The store that writes the same bytes of a cell as integers.
pub(super) fn integer_store(op: Op) -> Op {
    match op {
        Op::F32Store => Op::I32Store,
        Op::F64Store => Op::I64Store,
        integer => integer,
    }
}

/// The 32-bit field that makes a store with a constant write `constant`, if there is one: 64-bit stores sign-extend
/// it, narrower ones use its low bits.
pub(super) fn store_constant(op: Op, constant: u64) -> Option<u32> {
    let low = constant as u32;
    let extended = i64::from(low.cast_signed()).cast_unsigned();
    (op != Op::I64Store || extended == constant).then_some(low)
}
