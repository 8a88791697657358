//! Accesses to memories other than a memory 0 with 32-bit addresses.
//!
//! Memory 0 with 64-bit addresses has loads and stores of its own (`long`), which take sums and constants for addresses
//! as the ordinary ones do. Any other memory, and any access without such an op, goes by the general one (`far`), which
//! finds the memory by its index. Those of shared memories are atomic (`shared`). Bulk operators are left to the driver.

use wasmparser::{MemArg, MemArgTarget};

use super::Lowerer;
use super::memory::{Address, integer_store, store_constant};
use super::stack::{Entry, Kind};
use crate::isa::ops::Op;
use crate::isa::shape::{B, C};

/// An offset above this is out of bounds of every memory, and so is this one.
pub(super) const MAX_OFFSET: u64 = 1 << 63;
/// The same for a whole address. It leaves room for the width of an access.
const MAX_ADDRESS: u64 = 1 << 62;

/// The memory that a load or store accesses, by index.
pub(super) fn memory_of(memarg: MemArg) -> u32 {
    match memarg.target {
        MemArgTarget::Memory(memory) => memory,
        MemArgTarget::Array(_) => unreachable!("decoding refuses proposals that are not implemented"),
    }
}

/// The offset of an access to any memory, as its op has it.
pub(super) fn far_offset(memarg: MemArg) -> u64 {
    memarg.offset.min(MAX_OFFSET)
}

impl Lowerer<'_> {
    /// Whether loads and stores of this memory are ordinary ones.
    pub(super) fn is_near(&self, memory: u32) -> bool {
        memory == 0 && self.has_near_memory
    }

    /// Whether all of the ordinary operators on memory 0 do for this memory.
    pub(super) fn is_ordinary(&self, memory: u32) -> bool {
        self.is_near(memory) && self.info.memories[0].page_size_log2() == 16
    }

    /// The form of a load or store for memory 0 with 64-bit addresses, if that is its memory.
    fn long_form(&self, op: Op, memarg: MemArg) -> Option<Op> {
        let is_long = memory_of(memarg) == 0 && !self.info.memories[0].is_shared();
        op.facts().long.filter(|_| is_long)
    }

    /// The form of a load or store for any other memory.
    fn far_form(&self, op: Op, memarg: MemArg) -> Op {
        let is_shared = self.info.memories[memory_of(memarg) as usize].is_shared();
        let form = if is_shared { op.facts().shared } else { op.facts().far };
        form.expect("every load and store has a form for every memory")
    }

    /// A load that is not an ordinary one.
    #[cold]
    pub(super) fn load_far(&mut self, op: Op, memarg: MemArg) {
        let entry = self.pop();
        let (facts, offset) = (op.facts(), memarg.offset.min(MAX_OFFSET));
        let Some(long) = self.long_form(op, memarg) else {
            let far = self.far_form(op, memarg);
            let slot = self.slot_of(entry);
            self.consume(&[slot]);
            return self.emit_consumed_value_d(far, [slot, memory_of(memarg)], offset);
        };
        match self.long_address(entry, memarg.offset) {
            Address::Slot(slot) => self.emit_value_d(long, [slot, 0], offset),
            Address::Sum(base, index) => {
                let indexed = long.facts().indexed.expect("every long load has an indexed form");
                self.emit_consumed_value_d(indexed, [base, index], offset);
            }
            Address::At(address) => {
                self.emit_value_d(facts.at.expect("every load has a form at a constant"), [0, 0], address);
            }
        }
    }

    /// A store that is not an ordinary one.
    #[cold]
    pub(super) fn store_far(&mut self, op: Op, memarg: MemArg) {
        let (value, entry) = (self.pop(), self.pop());
        let offset = memarg.offset.min(MAX_OFFSET);
        let Some(long) = self.long_form(op, memarg) else {
            let far = self.far_form(op, memarg);
            let (value, slot) = (self.slot_of(value), self.slot_of(entry));
            self.consume(&[slot, value]);
            return self.emit_consumed_effect_d(far, [slot, value, memory_of(memarg)], offset);
        };
        if let Kind::Const(constant) = value.kind
            && let Some(constant) = store_constant(integer_store(op), constant)
            && !self.is_sum(entry)
        {
            return self.store_long_constant(integer_store(op), entry, constant, memarg.offset);
        }
        // The value is put into its cell first: the address's producer can only be taken back if it came last.
        let value = self.slot_of(value);
        match self.long_address(entry, memarg.offset) {
            Address::Slot(slot) => self.emit_effect_d(long, [slot, value, 0], offset),
            Address::Sum(base, index) => {
                let indexed = long.facts().indexed.expect("every long store has an indexed form");
                self.emit_consumed_effect_d(indexed, [base, value, index], offset);
            }
            Address::At(address) => {
                let at = op.facts().at.expect("every store has a form at a constant");
                self.emit_effect_d(at, [value, value, 0], address);
            }
        }
    }

    /// A store of a constant, at a constant or at what a cell holds.
    fn store_long_constant(&mut self, op: Op, entry: Entry, constant: u32, offset: u64) {
        let facts = op.facts();
        match self.long_address(entry, offset) {
            Address::At(address) => {
                let at = facts.at.expect("every store has a form at a constant").facts();
                self.emit_effect_b32_d(at.imm.expect("integer stores have one"), 0, constant, address);
            }
            Address::Slot(slot) => {
                let long = facts.long.expect("it was asked for before").facts();
                let imm = long.imm.expect("integer stores have one");
                self.emit_effect_b32_d(imm, slot, constant, offset.min(MAX_OFFSET));
            }
            Address::Sum(..) => unreachable!("the caller has asked"),
        }
    }

    fn is_sum(&self, entry: Entry) -> bool {
        self.producer_of(entry) == Some(Op::I64Add)
    }

    /// Looks at what computed the address: an addition just emitted becomes part of the access.
    fn long_address(&mut self, entry: Entry, offset: u64) -> Address {
        if let Kind::Const(base) = entry.kind {
            return Address::At(base.saturating_add(offset).min(MAX_ADDRESS));
        }
        if self.is_sum(entry) {
            let sum = self.take_producer(entry).expect("it was there a line above");
            return Address::Sum(sum.read().u16(B).into(), sum.read().u16(C).into());
        }
        Address::Slot(self.slot_of(entry))
    }

    /// `memory.size`.
    pub(super) fn memory_size(&mut self, memory: u32) {
        if self.is_ordinary(memory) {
            self.emit_value(Op::MemorySize, [0, 0]);
        } else {
            self.driver_get(Op::MemorySizeFar, memory);
        }
    }

    /// `memory.copy`.
    pub(super) fn memory_copy(&mut self, dst: u32, src: u32) {
        if self.is_near(dst) && self.is_near(src) {
            self.ternary_effect(Op::MemoryCopy);
        } else {
            self.driver_effect(Op::MemoryCopyFar, dst, src);
        }
    }

    /// `memory.fill`.
    pub(super) fn memory_fill(&mut self, memory: u32) {
        if self.is_near(memory) {
            self.ternary_effect(Op::MemoryFill);
        } else {
            self.driver_effect(Op::MemoryFillFar, memory, 0);
        }
    }
}
