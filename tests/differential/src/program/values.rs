//! Values: code that pushes one value of a given type.

use wasm_encoder::{HeapType, Instruction, ValType};

use super::body::{Body, Role};
use super::shape::{EXTERNS, LEAVES, MIXED};
use crate::value::{F32_NAN, F64_NAN};

/// How a value of any type can come about.
#[derive(Clone, Copy)]
enum Way {
    Leaf,
    Operator,
    Load,
    Tee,
    Select,
    Block,
    Call,
    BranchWithValue,
}

/// Locals that may be read.
const READABLE: [Role; 3] = [Role::General, Role::Bounded, Role::Counter];

impl Body<'_, '_> {
    /// Pushes a value of each of these types.
    pub(super) fn values(&mut self, types: &[ValType], depth: u32) {
        types.iter().for_each(|ty| self.value(*ty, depth));
    }

    /// Pushes a value made of operators nested at most `depth` deep.
    pub(super) fn value(&mut self, ty: ValType, depth: u32) {
        if depth == 0 || self.is_full() {
            return self.leaf(ty);
        }
        let depth = depth - 1;
        let way = self.choices.weighted(&[
            (4, Way::Leaf),
            (14, Way::Operator),
            (5, Way::Load),
            (4, Way::Tee),
            (3, Way::Select),
            (4, Way::Block),
            (3, Way::Call),
            (2, Way::BranchWithValue),
        ]);
        match way {
            Way::Leaf => self.leaf(ty),
            Way::Operator => self.operator(ty, depth),
            Way::Load => self.load(ty, depth),
            Way::Tee => self.tee_value(ty, depth),
            Way::Select => self.select(ty, depth),
            Way::Block => self.structured(&[ty], depth),
            Way::Call => self.call_for(ty, depth),
            Way::BranchWithValue => self.branch_with_value(ty, depth),
        }
    }

    /// A constant as often as not: many ops have forms for them.
    pub(super) fn operand(&mut self, ty: ValType, depth: u32) {
        if self.choices.chance(1, 3) { self.constant(ty) } else { self.value(ty, depth) }
    }

    /// Pushes a value without any operators.
    pub(super) fn leaf(&mut self, ty: ValType) {
        match self.choices.below(8) {
            0 => self.constant(ty),
            1 => self.global(ty),
            _ => match self.find_local(ty, &READABLE) {
                Some(local) => self.get(local),
                None => self.constant(ty),
            },
        }
    }

    fn global(&mut self, ty: ValType) {
        let globals = self.shape.globals.iter().enumerate();
        let fitting: Vec<u32> =
            globals.filter(|(_, global)| global.ty == ty).map(|(idx, _)| idx as u32).collect();
        if fitting.is_empty() {
            return self.constant(ty);
        }
        let global = self.choices.pick(&fitting);
        self.emit(Instruction::GlobalGet(global));
    }

    pub(super) fn constant(&mut self, ty: ValType) {
        let instruction = match ty {
            ValType::I32 => Instruction::I32Const(self.i32_constant()),
            ValType::I64 => Instruction::I64Const(self.i64_constant()),
            ValType::F32 => {
                let bits = self.choices.bits() as u32;
                let some = [0.0, 1.0, -1.0, 0.5, -0.0, 1e10, f32::INFINITY, f32::NAN, f32::MIN_POSITIVE];
                let some = [&some[..], &[2147483648.0, -2147483904.0, 4294967296.0, 1e-42]].concat();
                let value =
                    if self.choices.chance(1, 8) { f32::from_bits(bits) } else { self.choices.pick(&some) };
                Instruction::F32Const(value.into())
            }
            ValType::F64 => {
                let bits = self.choices.bits();
                let some = [0.0, 1.0, -1.0, 0.5, -0.0, 1e100, f64::INFINITY, f64::NAN, f64::MIN_POSITIVE];
                let some =
                    [&some[..], &[2147483648.0, -2147483649.0, 18446744073709551616.0, 5e-324]].concat();
                let value =
                    if self.choices.chance(1, 8) { f64::from_bits(bits) } else { self.choices.pick(&some) };
                Instruction::F64Const(value.into())
            }
            ty if ty == ValType::FUNCREF => match self.choices.below(2) {
                0 => Instruction::RefNull(HeapType::FUNC),
                _ => {
                    let leaf = self.choices.below(LEAVES as usize) as u32;
                    Instruction::RefFunc(self.shape.leaf_idx(leaf))
                }
            },
            ValType::Ref(ty) => Instruction::RefNull(ty.heap_type),
            // There are none but as fields.
            ValType::V128 => Instruction::V128Const(0),
        };
        self.emit(instruction);
    }

    fn i32_constant(&mut self) -> i32 {
        match self.choices.below(8) {
            0..3 => self.choices.below(5) as i32,
            3 => -1,
            4 => self.choices.below(256) as i32,
            5 => 1 << self.choices.below(32),
            6 => self.choices.pick(&[i32::MAX, i32::MIN, i32::MIN + 1, 0xFFFF, 0x8000, -2]),
            _ => self.choices.bits() as i32,
        }
    }

    fn i64_constant(&mut self) -> i64 {
        match self.choices.below(8) {
            0..3 => self.choices.below(5) as i64,
            3 => -1,
            4 => self.choices.below(256) as i64,
            5 => 1 << self.choices.below(64),
            6 => {
                let (max, min) = (i64::from(i32::MAX), i64::from(i32::MIN));
                self.choices.pick(&[i64::MAX, i64::MIN, max, min, max + 1, min - 1, 0xFFFF_FFFF])
            }
            _ => self.choices.bits().cast_signed(),
        }
    }

    fn tee_value(&mut self, ty: ValType, depth: u32) {
        self.value(ty, depth);
        if let Some(local) = self.find_local(ty, &[Role::General]) {
            self.tee(local);
        }
    }

    fn select(&mut self, ty: ValType, depth: u32) {
        self.operand(ty, depth);
        self.operand(ty, depth);
        self.condition(depth);
        let is_typed = self.choices.chance(1, 4) || ty.is_reference();
        self.emit(if is_typed { Instruction::TypedSelect(ty) } else { Instruction::Select });
    }

    /// Pushes an i32 that something depends on: mostly a comparison.
    pub(super) fn condition(&mut self, depth: u32) {
        if depth == 0 || self.is_full() {
            return self.leaf(ValType::I32);
        }
        match self.choices.below(8) {
            0 => self.value(ValType::I32, depth),
            1 => {
                self.condition(depth - 1);
                self.emit(Instruction::I32Eqz);
            }
            2 => self.kept_comparison(depth - 1),
            _ => self.comparison(depth - 1),
        }
    }

    /// A comparison whose result is also put into a local.
    fn kept_comparison(&mut self, depth: u32) {
        self.comparison(depth);
        if let Some(local) = self.find_local(ValType::I32, &[Role::General]) {
            self.tee(local);
        }
    }

    /// Pushes a reference.
    pub(super) fn reference(&mut self, ty: ValType, depth: u32) {
        let table = match ty {
            ValType::FUNCREF => MIXED,
            ValType::EXTERNREF => EXTERNS,
            ValType::EXNREF => return self.leaf(ty),
            _ => return self.object(ty, depth),
        };
        match self.choices.below(4) {
            0 => self.constant(ty),
            1 => {
                self.table_index(depth);
                self.emit(Instruction::TableGet(table));
            }
            _ => self.leaf(ty),
        }
    }

    /// Pushes an index that is mostly below the size of the tables that change.
    pub(super) fn table_index(&mut self, depth: u32) {
        self.value(ValType::I32, depth);
        let mask = self.choices.weighted(&[(12, 3), (1, 15)]);
        self.emit(Instruction::I32Const(mask));
        self.emit(Instruction::I32And);
    }

    /// Makes the float on top of the stack canonical if it is a NaN.
    pub(super) fn canonicalize(&mut self, ty: ValType) {
        let scratch = self.scratch(ty);
        self.tee(scratch);
        let (nan, equal) = match ty {
            ValType::F32 => (Instruction::F32Const(f32::from_bits(F32_NAN).into()), Instruction::F32Eq),
            _ => (Instruction::F64Const(f64::from_bits(F64_NAN).into()), Instruction::F64Eq),
        };
        self.emit(nan);
        self.get(scratch);
        self.get(scratch);
        self.emit(equal);
        self.emit(Instruction::Select);
    }
}
