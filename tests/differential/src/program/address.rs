//! Addresses, and the loads and stores at them.
//!
//! Integers live below [`F32_CELLS`] and at the memory's end. An address is a sum of at most three parts of at most
//! [`BOUND`] each, and an offset of [`MAX_OFFSET`], so that with its operand's bytes it stays below. A few addresses are
//! meant for the memory's end or beyond it.

use wasm_encoder::{Instruction, MemArg, ValType};

use super::body::{BOUND, Body, Role};
use crate::subject::{F32_CELLS, F64_CELLS};

/// An operator with an immediate that is still to be filled in.
type Access = fn(MemArg) -> Instruction<'static>;

/// Accesses with the logarithm of their width in bytes.
const I32_LOADS: &[(u32, Access)] = &[
    (2, Instruction::I32Load),
    (2, Instruction::I32Load),
    (0, Instruction::I32Load8S),
    (0, Instruction::I32Load8U),
    (1, Instruction::I32Load16S),
    (1, Instruction::I32Load16U),
];
const I64_LOADS: &[(u32, Access)] = &[
    (3, Instruction::I64Load),
    (3, Instruction::I64Load),
    (0, Instruction::I64Load8S),
    (0, Instruction::I64Load8U),
    (1, Instruction::I64Load16S),
    (1, Instruction::I64Load16U),
    (2, Instruction::I64Load32S),
    (2, Instruction::I64Load32U),
];
const I32_STORES: &[(u32, Access)] = &[
    (2, Instruction::I32Store),
    (2, Instruction::I32Store),
    (0, Instruction::I32Store8),
    (1, Instruction::I32Store16),
];
const I64_STORES: &[(u32, Access)] = &[
    (3, Instruction::I64Store),
    (3, Instruction::I64Store),
    (0, Instruction::I64Store8),
    (1, Instruction::I64Store16),
    (2, Instruction::I64Store32),
];

/// The largest offset.
const MAX_OFFSET: u64 = 0x7F0;

const _: () = assert!(3 * BOUND as usize + MAX_OFFSET as usize + 8 <= F32_CELLS.start);

impl Body<'_, '_> {
    /// Pushes a value loaded from memory.
    pub(super) fn load(&mut self, ty: ValType, depth: u32) {
        let (width, access) = match ty {
            ValType::I32 => self.choices.pick(I32_LOADS),
            ValType::I64 => self.choices.pick(I64_LOADS),
            ValType::F32 => (2, Instruction::F32Load as Access),
            ValType::F64 => (3, Instruction::F64Load as Access),
            _ => return self.reference(ty, depth),
        };
        let memarg = self.address(ty, width, depth);
        self.emit(access(memarg));
    }

    /// Stores a value of some type.
    pub(super) fn store(&mut self, depth: u32) {
        let ty = self.choices.pick(&[ValType::I32, ValType::I32, ValType::I64, ValType::F32, ValType::F64]);
        let (width, access) = match ty {
            ValType::I32 => self.choices.pick(I32_STORES),
            ValType::I64 => self.choices.pick(I64_STORES),
            ValType::F32 => (2, Instruction::F32Store as Access),
            _ => (3, Instruction::F64Store as Access),
        };
        let memarg = self.address(ty, width, depth);
        self.operand(ty, depth);
        self.emit(access(memarg));
    }

    /// Pushes an address where values of this type may be; returns the immediate that belongs to it.
    fn address(&mut self, ty: ValType, width: u32, depth: u32) -> MemArg {
        let offset = match ty {
            ValType::F32 => self.cell_address(F32_CELLS.start, F32_CELLS.len() - 4, depth),
            ValType::F64 => self.cell_address(F64_CELLS.start, F64_CELLS.len() - 8, depth),
            _ if self.choices.chance(1, 24) => self.daring_address(depth),
            _ => {
                self.sum(depth);
                self.choices.pick(&[0, 0, 4, 8, 0x100, MAX_OFFSET])
            }
        };
        let align = self.choices.below(width as usize + 1) as u32;
        MemArg { offset, align, target: Default::default(), ordering: None }
    }

    /// Pushes an aligned address in a range of cells, less the returned offset.
    fn cell_address(&mut self, start: usize, mask: usize, depth: u32) -> u64 {
        self.operand(ValType::I32, depth);
        self.emit(Instruction::I32Const(mask as i32));
        self.emit(Instruction::I32And);
        if self.choices.chance(1, 2) {
            return start as u64;
        }
        self.emit(Instruction::I32Const(start as i32));
        self.emit(Instruction::I32Add);
        0
    }

    /// Pushes an address of up to three parts.
    fn sum(&mut self, depth: u32) {
        self.part(depth);
        for _ in 0..self.choices.weighted(&[(3, 0), (6, 1), (1, 2)]) {
            self.part(depth);
            self.emit(Instruction::I32Add);
        }
    }

    /// Pushes a number from 0 to [`BOUND`].
    pub(super) fn part(&mut self, depth: u32) {
        let local = self.find_local(ValType::I32, &[Role::Bounded]);
        match (self.choices.below(8), local) {
            (0, _) => {
                let constant = self.choices.below(BOUND as usize + 1) as i32;
                self.emit(Instruction::I32Const(constant));
            }
            (1..5, Some(local)) => self.get(local),
            (5, Some(local)) => {
                self.masked(depth);
                self.tee(local);
            }
            _ => self.masked(depth),
        }
    }

    fn masked(&mut self, depth: u32) {
        if self.choices.chance(1, 3) {
            // An index of elements of 8 bytes.
            self.value(ValType::I32, depth);
            self.emit(Instruction::I32Const(BOUND >> 3));
            self.emit(Instruction::I32And);
            self.emit(Instruction::I32Const(3));
            self.emit(Instruction::I32Shl);
        } else {
            self.value(ValType::I32, depth);
            self.emit(Instruction::I32Const(BOUND));
            self.emit(Instruction::I32And);
        }
    }

    /// Pushes an address near the end of the memory or beyond, less the returned offset.
    fn daring_address(&mut self, depth: u32) -> u64 {
        let end = self.shape.min_memory_bytes();
        match self.choices.below(4) {
            0 => {
                // Bytes before the end, whatever the size is by now.
                self.emit(Instruction::MemorySize(0));
                self.emit(Instruction::I32Const(16));
                self.emit(Instruction::I32Shl);
                let distance = self.choices.below(17) as i32;
                self.emit(Instruction::I32Const(distance));
                self.emit(Instruction::I32Sub);
                0
            }
            1 => {
                self.sum(depth);
                end - self.choices.below(0x2000) as u64
            }
            2 => {
                let constant =
                    self.choices.pick(&[end as i32 - 8, end as i32 - 4, end as i32, -4, -1, i32::MIN]);
                self.emit(Instruction::I32Const(constant));
                self.choices.pick(&[0, 4, u64::from(u32::MAX)])
            }
            _ => {
                // The sum of base and index wraps, and is far beyond in between.
                self.value(ValType::I32, depth);
                self.emit(Instruction::I32Const(0x7FFF_0000));
                self.emit(Instruction::I32Or);
                self.part(depth);
                self.emit(Instruction::I32Add);
                self.choices.pick(&[0, 0xFFFF_0000, u64::from(u32::MAX)])
            }
        }
    }
}
