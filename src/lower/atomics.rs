//! Atomic operators, on memories of every kind.

use wasmparser::MemArg;

use super::Lowerer;
use super::far_memory::{MAX_OFFSET, memory_of};
use crate::isa::ops::Op;
use crate::isa::shape::Shape;

/// What lowers an atomic operator that can be reached.
macro_rules! lower_atomic {
    ($self:ident AtomicFence $ordering:ident) => {{
        let _ = $ordering;
        $self.emit_effect(Op::AtomicFence, [0; 3])
    }};
    // INV-CELL: the cell of a narrow word is the same for both integer types.
    ($self:ident I64AtomicLoad8U $memarg:ident) => {
        $self.atomic(Op::I32AtomicLoad8U, $memarg)
    };
    ($self:ident I64AtomicStore8 $memarg:ident) => {
        $self.atomic(Op::I32AtomicStore8, $memarg)
    };
    ($self:ident I64AtomicLoad16U $memarg:ident) => {
        $self.atomic(Op::I32AtomicLoad16U, $memarg)
    };
    ($self:ident I64AtomicStore16 $memarg:ident) => {
        $self.atomic(Op::I32AtomicStore16, $memarg)
    };
    ($self:ident I64AtomicLoad32U $memarg:ident) => {
        $self.atomic(Op::I32AtomicLoad, $memarg)
    };
    ($self:ident I64AtomicStore32 $memarg:ident) => {
        $self.atomic(Op::I32AtomicStore, $memarg)
    };
    ($self:ident I64AtomicRmw8AddU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw8AddU, $memarg)
    };
    ($self:ident I64AtomicRmw16AddU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw16AddU, $memarg)
    };
    ($self:ident I64AtomicRmw32AddU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmwAdd, $memarg)
    };
    ($self:ident I64AtomicRmw8SubU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw8SubU, $memarg)
    };
    ($self:ident I64AtomicRmw16SubU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw16SubU, $memarg)
    };
    ($self:ident I64AtomicRmw32SubU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmwSub, $memarg)
    };
    ($self:ident I64AtomicRmw8AndU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw8AndU, $memarg)
    };
    ($self:ident I64AtomicRmw16AndU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw16AndU, $memarg)
    };
    ($self:ident I64AtomicRmw32AndU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmwAnd, $memarg)
    };
    ($self:ident I64AtomicRmw8OrU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw8OrU, $memarg)
    };
    ($self:ident I64AtomicRmw16OrU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw16OrU, $memarg)
    };
    ($self:ident I64AtomicRmw32OrU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmwOr, $memarg)
    };
    ($self:ident I64AtomicRmw8XorU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw8XorU, $memarg)
    };
    ($self:ident I64AtomicRmw16XorU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw16XorU, $memarg)
    };
    ($self:ident I64AtomicRmw32XorU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmwXor, $memarg)
    };
    ($self:ident I64AtomicRmw8XchgU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw8XchgU, $memarg)
    };
    ($self:ident I64AtomicRmw16XchgU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw16XchgU, $memarg)
    };
    ($self:ident I64AtomicRmw32XchgU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmwXchg, $memarg)
    };
    ($self:ident I64AtomicRmw8CmpxchgU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw8CmpxchgU, $memarg)
    };
    ($self:ident I64AtomicRmw16CmpxchgU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmw16CmpxchgU, $memarg)
    };
    ($self:ident I64AtomicRmw32CmpxchgU $memarg:ident) => {
        $self.atomic(Op::I32AtomicRmwCmpxchg, $memarg)
    };
    ($self:ident $op:ident $memarg:ident) => {
        $self.atomic(Op::$op, $memarg)
    };
}
pub(super) use lower_atomic;

/// Bytes of the widest word.
const MAX_WIDTH: u64 = 8;

impl Lowerer<'_> {
    /// An atomic operator with an address.
    pub(super) fn atomic(&mut self, op: Op, memarg: MemArg) {
        // What is out of bounds anyhow is still aligned or not, which is looked at first.
        let offset = memarg.offset.min(MAX_OFFSET | (memarg.offset % MAX_WIDTH));
        let memory = memory_of(memarg);
        match op.shape() {
            Shape::atomic_load => {
                let entry = self.pop();
                let slot = self.slot_of(entry);
                self.consume(&[slot]);
                self.emit_consumed_value_d(op, [slot, memory], offset);
            }
            Shape::atomic_store => {
                let (value, entry) = (self.pop(), self.pop());
                let (value, slot) = (self.slot_of(value), self.slot_of(entry));
                self.consume(&[slot, value]);
                self.emit_consumed_effect_d(op, [slot, value, memory], offset);
            }
            Shape::atomic_rmw | Shape::leave_notify => {
                let (value, entry) = (self.pop(), self.pop());
                let slots = [self.slot_of(entry), self.slot_of(value), 0];
                self.emit_atomic(op, &slots[..2], offset, memory);
            }
            _ => {
                let (third, second, entry) = (self.pop(), self.pop(), self.pop());
                let slots = [entry, second, third].map(|entry| self.slot_of(entry));
                self.emit_atomic(op, &slots, offset, memory);
            }
        }
    }
}
