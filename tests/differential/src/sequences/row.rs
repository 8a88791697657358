//! One sequence as a function: every op is written as Wasm that is lowered to it, in the form that the row says.
//!
//! An operand that comes out of an accumulator is what the last op of that class has computed: an expression that goes
//! on, if that op does not store, or else the variable that it was put into. So is one that was there before the op
//! before. All other operands are variables that are in no accumulator. At the end the function returns all its
//! variables, or what the sequence itself returns.

use std::borrow::Cow;

use wasm_encoder::ValType::{self, F32, F64, I32, I64, V128};
use wasm_encoder::{BlockType, Instruction, MemArg};

use super::Item;
use super::meaning::{Access, Compute, Meaning, Place, meaning};
use super::vectors::{has_f64_lanes, has_float_lanes};
use crate::noise::Noise;
use crate::value::{F32_NAN, F64_NAN};

pub(super) const TYPES: [ValType; 5] = [I32, I64, F32, F64, V128];
/// Parameters of each type; there are as many other variables.
pub(super) const VARIABLES: usize = 3;

/// Where in memory there are floats instead of integers.
pub(super) const F32_NUMBERS: u64 = 4096;
pub(super) const F64_NUMBERS: u64 = 8192;

/// The label that conditional branches go to, and the one for all others.
const NEAR: u32 = 0;
const FAR: u32 = 1;

/// A function to be encoded.
pub(super) struct RowFunction {
    pub(super) results: Vec<ValType>,
    pub(super) code: Vec<Instruction<'static>>,
}

/// A function being generated.
pub(super) struct Row<'n> {
    noise: &'n mut Noise,
    code: Vec<Instruction<'static>>,
    /// What is in the accumulators, one for each class.
    held: [Held; CLASSES],
    /// What was there before the op before.
    earlier: [Held; CLASSES],
    /// What the function returns instead of its variables.
    results: Option<Vec<ValType>>,
    /// How many variables that are not parameters the function uses, where that matters: they are cleared first.
    cleared: Option<usize>,
    /// What the sequence takes the lanes of vectors for.
    lanes: Lanes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lanes {
    Integers,
    F32,
    F64,
}

/// Accumulators: for integers, and all that is moved about whatever its type; f32; f64; vectors.
const CLASSES: usize = 4;
const INTEGERS: usize = 0;

/// What is in an accumulator.
#[derive(Clone, Default)]
enum Held {
    #[default]
    Nothing,
    /// An expression, not yet part of the code.
    Expression(Vec<Instruction<'static>>, ValType),
    Variable(u32, ValType),
}

impl<'n> Row<'n> {
    pub(super) fn new(noise: &'n mut Noise) -> Self {
        let lanes = Lanes::Integers;
        Self {
            noise,
            code: Vec::new(),
            held: Default::default(),
            earlier: Default::default(),
            results: None,
            cleared: None,
            lanes,
        }
    }

    /// The function for these ops, or nothing if one of them is not known here.
    pub(super) fn generate(mut self, items: &[Item]) -> Option<RowFunction> {
        self.cleared = cleared_by(items[0].name);
        let items = if self.cleared.is_some() { &items[1..] } else { items };
        self.lanes = Lanes::of(items);
        let meanings = items.iter().map(|item| meaning(item.name, self.noise)).collect::<Option<Vec<_>>>()?;
        self.begin_with_numbers();
        self.code.extend([Instruction::Block(BlockType::Empty), Instruction::Block(BlockType::Empty)]);
        self.begin_with_operands(items, &meanings);
        for (position, (item, meaning)) in items.iter().zip(&meanings).enumerate() {
            let readers = || items.iter().zip(&meanings).skip(position + 1);
            self.op(item, meaning, type_for(readers().next(), readers().nth(1)))?;
        }
        Some(self.finish())
    }

    /// Where lanes are floats, puts small numbers into all variables that are not integers, so that it takes a division to
    /// make a NaN of them.
    fn begin_with_numbers(&mut self) {
        if self.lanes == Lanes::Integers {
            return;
        }
        for number in 0..VARIABLES as u32 {
            let convert = match self.lanes {
                Lanes::F32 => Instruction::F32x4ConvertI32x4S,
                _ => Instruction::F64x2ConvertLowI32x4S,
            };
            for (from, instruction, to) in [
                (I32, Instruction::F32ConvertI32S, F32),
                (I32, Instruction::F64ConvertI32S, F64),
                (V128, convert, V128),
            ] {
                let (from, to) = (local(from, number), local(to, number));
                self.code.extend([Instruction::LocalGet(from), instruction, Instruction::LocalSet(to)]);
            }
        }
    }

    /// Where lanes are floats, makes the NaNs in all variables one.
    fn end_with_canonical_nans(&mut self) {
        if self.lanes == Lanes::Integers {
            return;
        }
        let count = if self.cleared.is_some() { VARIABLES } else { 2 * VARIABLES };
        for variable in (0..count as u32).map(|number| local(V128, number)) {
            let f64_nan = u128::from(F64_NAN) * splat(64);
            let f32_nan = u128::from(F32_NAN) * splat(32);
            for (nan, is_equal) in [(f64_nan, Instruction::F64x2Eq), (f32_nan, Instruction::F32x4Eq)] {
                self.code.extend([
                    Instruction::LocalGet(variable),
                    Instruction::V128Const(nan.cast_signed()),
                    Instruction::LocalGet(variable),
                    Instruction::LocalGet(variable),
                    is_equal,
                    Instruction::V128Bitselect,
                    Instruction::LocalSet(variable),
                ]);
            }
        }
    }

    /// Fills the accumulators that any of these ops reads: perhaps it wants what was there before the sequence. What the
    /// first one reads comes last, because both of its operands may be that.
    fn begin_with_operands(&mut self, items: &[Item], meanings: &[Meaning]) {
        let mut types = Vec::new();
        for (item, meaning) in items.iter().zip(meanings) {
            for field in item.earlier.chars().chain(item.from.chars()) {
                let ty = meaning.operand(field).unwrap_or(I32);
                if !types.iter().any(|other| class_of(*other) == class_of(ty)) {
                    types.push(ty);
                }
            }
        }
        for ty in types.into_iter().rev() {
            let variable = self.variable(ty);
            self.code.push(Instruction::LocalGet(variable));
            match ty {
                I32 => self.code.push(Instruction::I32Popcnt),
                I64 => self.code.push(Instruction::I64Popcnt),
                F32 => self.code.push(Instruction::F32Neg),
                F64 => self.code.push(Instruction::F64Neg),
                // Keeps floats what they are.
                _ => self.code.extend([Instruction::LocalGet(variable), Instruction::I16x8AvgrU]),
            }
            self.code.push(Instruction::LocalSet(variable));
            self.held[class_of(ty)] = Held::Variable(variable, ty);
        }
    }

    /// An op that takes the result of the sequence's last one and is in no sequence, so that this one ends here.
    fn end_with_operand(&mut self) {
        let result = self.held.iter_mut().find(|held| matches!(held, Held::Expression(..)));
        let (mut code, ty) = match result.map(std::mem::take) {
            Some(Held::Expression(code, ty)) => (code, ty),
            _ => (vec![Instruction::LocalGet(self.variable(I32))], I32),
        };
        code.push(match ty {
            I32 => Instruction::I32Ctz,
            I64 => Instruction::I64Ctz,
            F32 => Instruction::F32Ceil,
            F64 => Instruction::F64Ceil,
            _ if self.lanes == Lanes::Integers => Instruction::V128Not,
            _ => Instruction::F32x4Ceil,
        });
        let variable = self.fresh_variable(ty);
        code.push(Instruction::LocalSet(variable));
        self.code.extend(code);
    }

    /// Leaves the blocks and returns.
    fn finish(mut self) -> RowFunction {
        self.end_with_operand();
        self.code.push(Instruction::End);
        // Tells the two labels apart.
        self.code.extend([Instruction::I64Const(77), Instruction::GlobalSet(type_number(I64) as u32)]);
        self.code.push(Instruction::End);
        let own_results = self.results.is_some();
        let results = self.results.take().unwrap_or_else(|| match self.cleared {
            Some(count) => all_types().chain(std::iter::repeat_n(I32, count)).collect(),
            None => all_types().chain(all_types()).collect(),
        });
        self.end_with_canonical_nans();
        let mut next = [0; TYPES.len()];
        for ty in &results {
            let number = type_number(*ty);
            self.code.push(Instruction::LocalGet(local(*ty, next[number])));
            next[number] += 1;
        }
        if let (true, Some(count)) = (own_results, self.cleared) {
            for number in 0..count {
                let variable = local(I32, (VARIABLES + number) as u32);
                self.code.extend([Instruction::LocalGet(variable), Instruction::GlobalSet(0)]);
            }
        }
        RowFunction { results, code: self.code }
    }

    /// Emits one op; `wanted` is the result's type where any will do.
    fn op(&mut self, item: &Item, meaning: &Meaning, wanted: ValType) -> Option<()> {
        match meaning {
            Meaning::Unary(..)
            | Meaning::Binary(..)
            | Meaning::BinaryImm(..)
            | Meaning::ImmBinary(..)
            | Meaning::Operands(..) => {
                let (code, ty) = self.computed(item, meaning)?;
                self.result(item, code, ty, wanted)?;
            }
            Meaning::BranchCompare(compute, ty) => {
                let mut code = self.operand(item, 'A', *ty)?;
                code.extend(self.operand(item, 'B', *ty)?);
                self.branch(code, compute)?;
            }
            Meaning::BranchCompareImm(compute, ty) => {
                let mut code = self.operand(item, 'A', *ty)?;
                code.push(self.constant(*ty));
                self.branch(code, compute)?;
            }
            Meaning::BranchIf(when) => {
                let mut code = self.operand(item, 'A', I32)?;
                code.extend((!when).then_some(Instruction::I32Eqz));
                code.push(Instruction::BrIf(NEAR));
                self.effect(code)?;
            }
            Meaning::BranchTable => {
                let mut code = self.operand(item, 'A', I32)?;
                code.push(Instruction::BrTable(Cow::Owned(vec![NEAR, FAR, NEAR]), FAR));
                self.effect(code)?;
            }
            Meaning::Load(access, ty, place) => {
                let (mut code, memarg) = self.address(item, *place, ['B', 'C'])?;
                code.push(access(memarg));
                self.result(item, code, *ty, wanted)?;
            }
            Meaning::Store(access, ty, place, is_constant) => {
                self.store(item, *access, *ty, *place, *is_constant)?;
            }
            Meaning::LoadLane(access, lane) => {
                let (mut code, memarg) = self.address(item, Place::Cell, ['B', 'C'])?;
                code.extend(self.operand(item, 'C', V128)?);
                code.push(access(memarg, *lane));
                self.result(item, code, V128, wanted)?;
            }
            Meaning::StoreLane(access, lane) => {
                let (mut code, memarg) = self.address(item, Place::Cell, ['A', 'C'])?;
                code.extend(self.operand(item, 'B', V128)?);
                code.push(access(memarg, *lane));
                self.effect(code)?;
            }
            _ => self.simple_op(item, meaning, wanted)?,
        }
        Some(())
    }

    /// Ops that move values or leave.
    fn simple_op(&mut self, item: &Item, meaning: &Meaning, wanted: ValType) -> Option<()> {
        match meaning {
            Meaning::Copy(ty) => {
                let ty = ty.or_else(|| self.type_of_source(item, 'B')).unwrap_or(wanted);
                let code = self.operand(item, 'B', ty)?;
                self.result(item, code, ty, wanted)?;
            }
            Meaning::Const32 => {
                let value = self.noise.below(40) as i32;
                let code = if wanted == I64 {
                    vec![Instruction::I64Const(value.into())]
                } else {
                    vec![Instruction::I32Const(value)]
                };
                self.result(item, code, if wanted == I64 { I64 } else { I32 }, wanted)?;
            }
            Meaning::Const64 => {
                self.result(item, vec![Instruction::I64Const(i64::MIN + 5)], I64, wanted)?;
            }
            Meaning::Const128 => {
                let code = vec![self.vector()];
                self.result(item, code, V128, wanted)?;
            }
            Meaning::Select(ty, are_constants) => {
                let found = ['B', 'C'].into_iter().find_map(|field| self.type_of_source(item, field));
                let ty = ty.or(found).unwrap_or(wanted);
                let mut code = Vec::new();
                for (field, &is_constant) in ['B', 'C'].into_iter().zip(are_constants) {
                    if is_constant {
                        code.push(self.narrow_constant(ty));
                    } else {
                        code.extend(self.operand(item, field, ty)?);
                    }
                }
                code.extend(self.operand(item, 'D', I32)?);
                code.push(Instruction::Select);
                self.result(item, code, ty, wanted)?;
            }
            Meaning::GlobalGet(ty) => {
                let ty = ty.unwrap_or(wanted);
                let code = vec![Instruction::GlobalGet(self.global(ty))];
                self.result(item, code, ty, wanted)?;
            }
            Meaning::GlobalSet(ty) => {
                let ty = ty.or_else(|| self.type_of_source(item, 'A')).unwrap_or(I32);
                let mut code = self.operand(item, 'A', ty)?;
                code.push(Instruction::GlobalSet(self.global(ty)));
                self.effect(code)?;
            }
            Meaning::MemorySize => self.result(item, vec![Instruction::MemorySize(0)], I32, wanted)?,
            Meaning::Call => self.effect(vec![Instruction::Call(0)])?,
            Meaning::Branch => self.effect(vec![Instruction::Br(FAR)])?,
            Meaning::ReturnNone => {
                self.effect(vec![Instruction::Return])?;
                self.results = Some(Vec::new());
            }
            Meaning::ReturnOne(ty) => {
                let ty = ty.or_else(|| self.type_of_source(item, 'B')).unwrap_or(I32);
                let mut code = self.operand(item, 'B', ty)?;
                code.push(Instruction::Return);
                self.effect(code)?;
                self.results = Some(vec![ty]);
            }
            _ => unreachable!("all other ops have been taken care of"),
        }
        Some(())
    }

    /// The code of an op that computes, and the type of its result.
    fn computed(&mut self, item: &Item, meaning: &Meaning) -> Option<(Vec<Instruction<'static>>, ValType)> {
        let (mut code, compute, to) = match meaning {
            Meaning::Unary(instruction, from, to) => {
                let mut code = self.operand(item, 'B', *from)?;
                code.push(instruction.clone());
                return Some((code, *to));
            }
            Meaning::Operands(fields, rest, to) => {
                let mut code = Vec::new();
                for (field, ty) in fields.iter() {
                    code.extend(self.operand(item, *field, *ty)?);
                }
                code.extend(rest.iter().cloned());
                return Some((code, *to));
            }
            Meaning::Binary(compute, from, to) => {
                let mut code = self.operand(item, 'B', *from)?;
                code.extend(self.operand(item, 'C', *from)?);
                (code, compute, *to)
            }
            Meaning::BinaryImm(compute, from, to) => {
                let mut code = self.operand(item, 'B', *from)?;
                code.push(self.constant(*from));
                (code, compute, *to)
            }
            Meaning::ImmBinary(compute, from, to) => {
                let mut code = vec![self.constant(*from)];
                code.extend(self.operand(item, 'C', *from)?);
                (code, compute, *to)
            }
            _ => return None,
        };
        code.push(compute.instruction.clone());
        code.extend(compute.is_negated.then_some(Instruction::I32Eqz));
        Some((code, to))
    }

    fn store(
        &mut self,
        item: &Item,
        access: Access,
        ty: ValType,
        place: Place,
        is_constant: bool,
    ) -> Option<()> {
        let (mut code, memarg) = self.address(item, place, ['A', 'C'])?;
        // Narrow stores of both widths are the same op.
        let is_wide = !is_constant && ty == I32 && self.type_of_source(item, 'B') == Some(I64);
        let ty = if is_wide { I64 } else { ty };
        if is_constant {
            code.push(self.constant(ty));
        } else {
            code.extend(self.operand(item, 'B', ty)?);
        }
        code.push(match access(memarg) {
            Instruction::I32Store(memarg) if is_wide => Instruction::I64Store32(memarg),
            Instruction::I32Store16(memarg) if is_wide => Instruction::I64Store16(memarg),
            Instruction::I32Store8(memarg) if is_wide => Instruction::I64Store8(memarg),
            other => other,
        });
        self.effect(code)?;
        Some(())
    }

    /// The code for an address whose parts are in the fields with these letters.
    fn address(
        &mut self,
        item: &Item,
        place: Place,
        fields: [char; 2],
    ) -> Option<(Vec<Instruction<'static>>, MemArg)> {
        let offset = self.lanes.memory() + [0, 4, 64][self.noise.below(3)];
        let code = match place {
            Place::At => vec![Instruction::I32Const(self.noise.below(800) as i32)],
            Place::Cell => self.operand(item, fields[0], I32)?,
            Place::Indexed => {
                let mut code = self.operand(item, fields[0], I32)?;
                code.extend(self.operand(item, fields[1], I32)?);
                code.push(Instruction::I32Add);
                code
            }
        };
        Some((code, MemArg { offset, align: 0, target: Default::default(), ordering: None }))
    }

    fn branch(&mut self, mut code: Vec<Instruction<'static>>, compute: &Compute) -> Option<()> {
        code.push(compute.instruction.clone());
        code.extend(compute.is_negated.then_some(Instruction::I32Eqz));
        code.push(Instruction::BrIf(NEAR));
        self.effect(code)
    }

    /// What is, or was, in the accumulator that this field's operand comes from, if it comes from one.
    fn source(&mut self, item: &Item, field: char, class: usize) -> Option<&mut Held> {
        if item.from.contains(field) {
            Some(&mut self.held[class])
        } else if item.earlier.contains(field) {
            Some(&mut self.earlier[class])
        } else {
            None
        }
    }

    /// The type of an operand for which any will do, if it comes from an accumulator.
    fn type_of_source(&mut self, item: &Item, field: char) -> Option<ValType> {
        match *self.source(item, field, INTEGERS)? {
            Held::Expression(_, ty) | Held::Variable(_, ty) => Some(ty),
            Held::Nothing => None,
        }
    }

    /// The code of the operand in this field: what is in an accumulator, or a variable.
    fn operand(&mut self, item: &Item, field: char, ty: ValType) -> Option<Vec<Instruction<'static>>> {
        let Some(source) = self.source(item, field, class_of(ty)) else {
            return Some(vec![Instruction::LocalGet(self.variable(ty))]);
        };
        let (mut code, found) = match source {
            Held::Nothing => return None,
            &mut Held::Variable(variable, ty) => (vec![Instruction::LocalGet(variable)], ty),
            Held::Expression(code, ty) => {
                let operand = (std::mem::take(code), *ty);
                *source = Held::Nothing;
                operand
            }
        };
        match (found, ty) {
            // Takes no op.
            (I32, I64) => code.push(Instruction::I64ExtendI32U),
            // Takes none either, or is one of the sequence.
            (I64, I32) => code.push(Instruction::I32WrapI64),
            _ if found == ty => {}
            _ => return None,
        }
        Some(code)
    }

    /// Takes the code of an op with a result.
    fn result(
        &mut self,
        item: &Item,
        mut code: Vec<Instruction<'static>>,
        ty: ValType,
        wanted: ValType,
    ) -> Option<()> {
        self.end_of_op()?;
        if !item.stores {
            self.held[class_of(ty)] = Held::Expression(code, ty);
            return Some(());
        }
        // A variable has the type that it will be read with.
        let ty = if ty == I32 && wanted == I64 {
            code.push(Instruction::I64ExtendI32U);
            I64
        } else {
            ty
        };
        // None that is in an accumulator: the next op may ask for that.
        let variable = self.variable(ty);
        code.push(Instruction::LocalSet(variable));
        self.code.extend(code);
        self.held[class_of(ty)] = Held::Variable(variable, ty);
        Some(())
    }

    /// Takes the code of an op without a result.
    fn effect(&mut self, code: Vec<Instruction<'static>>) -> Option<()> {
        self.end_of_op()?;
        self.code.extend(code);
        Some(())
    }

    /// What accumulators held before this op is earlier for the next. Nothing if it has not read what the op before did
    /// not store: no code is lowered to that.
    fn end_of_op(&mut self) -> Option<()> {
        self.earlier = self.held.clone();
        let is_stored = |held: &Held| !matches!(held, Held::Expression(..));
        self.held.iter().all(is_stored).then_some(())
    }

    /// Some variable that is in no accumulator.
    fn variable(&mut self, ty: ValType) -> u32 {
        loop {
            let variable = self.fresh_variable(ty);
            let is_it = |held: &Held| matches!(held, Held::Variable(other, _) if *other == variable);
            if !self.held.iter().chain(&self.earlier).any(is_it) {
                return variable;
            }
        }
    }

    /// Some variable to write.
    fn fresh_variable(&mut self, ty: ValType) -> u32 {
        let count = if self.cleared.is_some() { VARIABLES } else { 2 * VARIABLES };
        local(ty, self.noise.below(count) as u32)
    }

    /// A constant vector.
    fn vector(&mut self) -> Instruction<'static> {
        let bits = match self.lanes {
            Lanes::Integers => u128::from(self.noise.next_u64()) << 64 | u128::from(self.noise.next_u64()),
            Lanes::F32 => u128::from((1.0 + self.noise.below(9) as f32).to_bits()) * splat(32),
            Lanes::F64 => u128::from((0.5 + self.noise.below(9) as f64).to_bits()) * splat(64),
        };
        Instruction::V128Const(bits.cast_signed())
    }

    /// The global of this type.
    fn global(&self, ty: ValType) -> u32 {
        let of_floats = ty == V128 && self.lanes != Lanes::Integers;
        if of_floats { TYPES.len() as u32 } else { type_number(ty) as u32 }
    }

    /// A constant of which only the lower 32 bits are not zero.
    fn narrow_constant(&mut self, ty: ValType) -> Instruction<'static> {
        if ty == F64 { Instruction::F64Const(0.0.into()) } else { self.constant(ty) }
    }

    fn constant(&mut self, ty: ValType) -> Instruction<'static> {
        let value = 1 + self.noise.below(14) as i32;
        match ty {
            I32 => Instruction::I32Const(value),
            I64 => Instruction::I64Const(value.into()),
            F32 => Instruction::F32Const((value as f32 * 0.75).into()),
            _ => Instruction::F64Const((f64::from(value) * 0.75).into()),
        }
    }
}

/// The accumulator for values of this type.
fn class_of(ty: ValType) -> usize {
    match ty {
        F32 => 1,
        F64 => 2,
        V128 => 3,
        _ => INTEGERS,
    }
}

/// The type for a result of any type: what the next op reads from the accumulator for those, or the one behind.
fn type_for(next: Option<(&Item, &Meaning)>, one_behind: Option<(&Item, &Meaning)>) -> ValType {
    let asked = |(fields, meaning): (&str, &Meaning)| {
        let mut types = fields.chars().filter_map(|field| meaning.operand(field));
        types.find(|ty| class_of(*ty) == INTEGERS)
    };
    let of_next = next.map(|(item, meaning)| (item.from, meaning)).and_then(asked);
    let of_one_behind = || {
        one_behind.and_then(|(item, meaning)| asked((item.earlier, meaning)).or(asked((item.from, meaning))))
    };
    of_next.or_else(of_one_behind).unwrap_or(I32)
}

impl Lanes {
    fn of(items: &[Item]) -> Self {
        if items.iter().any(|item| has_f64_lanes(item.name)) {
            Self::F64
        } else if items.iter().any(|item| has_float_lanes(item.name)) {
            Self::F32
        } else {
            Self::Integers
        }
    }

    /// Where in memory there are numbers of this kind.
    fn memory(self) -> u64 {
        match self {
            Self::Integers => 0,
            Self::F32 => F32_NUMBERS,
            Self::F64 => F64_NUMBERS,
        }
    }
}

/// What a lane of so many bits is multiplied with to have it in all lanes.
fn splat(lane_bits: u32) -> u128 {
    u128::MAX / ((1 << lane_bits) - 1)
}

/// How many variables an op of this name clears, if that is what it does.
fn cleared_by(name: &str) -> Option<usize> {
    name.strip_prefix("Zero")?.parse().ok()
}

fn all_types() -> impl Iterator<Item = ValType> {
    TYPES.into_iter().flat_map(|ty| [ty; VARIABLES])
}

fn type_number(ty: ValType) -> usize {
    TYPES.iter().position(|known| *known == ty).expect("sequences compute with numbers only")
}

/// The local that is variable number `number` of its type: first come the parameters of all types, then the others.
fn local(ty: ValType, number: u32) -> u32 {
    let (half, number) = (number / VARIABLES as u32, number % VARIABLES as u32);
    half * (TYPES.len() * VARIABLES) as u32 + (type_number(ty) * VARIABLES) as u32 + number
}
