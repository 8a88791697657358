//! Operators that compute a value from values, by type.

use wasm_encoder::{Instruction, ValType};

use super::body::Body;

/// The operators of one kind, as a constant list.
macro_rules! operators {
    ($($name:ident: $($op:ident)*;)*) => {
        $(const $name: &[Instruction<'static>] = &[$(Instruction::$op),*];)*
    };
}

operators! {
    I32_BINARY: I32Add I32Add I32Add I32Sub I32Sub I32Mul I32And I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl
        I32Rotr;
    I64_BINARY: I64Add I64Add I64Add I64Sub I64Sub I64Mul I64And I64And I64Or I64Xor I64Shl I64ShrS I64ShrU I64Rotl
        I64Rotr;
    I32_DIVISIONS: I32DivS I32DivU I32RemS I32RemU;
    I64_DIVISIONS: I64DivS I64DivU I64RemS I64RemU;
    F32_BINARY: F32Add F32Sub F32Mul F32Div F32Min F32Max;
    F64_BINARY: F64Add F64Sub F64Mul F64Div F64Min F64Max;
    I32_UNARY: I32Clz I32Ctz I32Popcnt I32Extend8S I32Extend16S;
    I64_UNARY: I64Clz I64Ctz I64Popcnt I64Extend8S I64Extend16S I64Extend32S;
    F32_UNARY: F32Abs F32Neg F32Ceil F32Floor F32Trunc F32Nearest F32Sqrt;
    F64_UNARY: F64Abs F64Neg F64Ceil F64Floor F64Trunc F64Nearest F64Sqrt;
    I32_COMPARE: I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU;
    I64_COMPARE: I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU I64LeS I64LeU I64GeS I64GeU;
    F32_COMPARE: F32Eq F32Ne F32Lt F32Gt F32Le F32Ge;
    F64_COMPARE: F64Eq F64Ne F64Lt F64Gt F64Le F64Ge;
    F32_TO_I32: I32TruncSatF32S I32TruncSatF32U I32TruncF32S I32TruncF32U;
    F64_TO_I32: I32TruncSatF64S I32TruncSatF64U I32TruncF64S I32TruncF64U;
    F32_TO_I64: I64TruncSatF32S I64TruncSatF32U I64TruncF32S I64TruncF32U;
    F64_TO_I64: I64TruncSatF64S I64TruncSatF64U I64TruncF64S I64TruncF64U;
    I32_TO_I64: I64ExtendI32S I64ExtendI32U;
    I32_TO_F32: F32ConvertI32S F32ConvertI32U F32ReinterpretI32;
    I64_TO_F32: F32ConvertI64S F32ConvertI64U;
    I32_TO_F64: F64ConvertI32S F64ConvertI32U;
    I64_TO_F64: F64ConvertI64S F64ConvertI64U F64ReinterpretI64;
}

impl Body<'_, '_> {
    /// Pushes the result of an operator, whose operands are nested at most `depth` deep.
    pub(super) fn operator(&mut self, ty: ValType, depth: u32) {
        if self.shape.has_objects && !ty.is_reference() && self.choices.chance(1, 5) {
            return self.number_of_object(ty, depth);
        }
        match ty {
            ValType::I32 => self.i32_operator(depth),
            ValType::I64 => self.i64_operator(depth),
            ValType::F32 => self.f32_operator(depth),
            ValType::F64 => self.f64_operator(depth),
            _ => self.reference(ty, depth),
        }
    }

    fn i32_operator(&mut self, depth: u32) {
        match self.choices.below(20) {
            0..8 => self.binary(ValType::I32, I32_BINARY, depth),
            8 => self.division(ValType::I32, I32_DIVISIONS, depth),
            9 => self.unary(ValType::I32, I32_UNARY, depth),
            10..14 => self.comparison(depth),
            14 | 15 => {
                self.value(ValType::I32, depth);
                self.emit(Instruction::I32Eqz);
            }
            16 => {
                self.value(ValType::I64, depth);
                self.emit(Instruction::I32WrapI64);
            }
            17 => self.converted_float(F32_TO_I32, F64_TO_I32, depth),
            18 => self.reinterpreted(ValType::F32, Instruction::I32ReinterpretF32, depth),
            _ => self.inquiry(depth),
        }
    }

    fn i64_operator(&mut self, depth: u32) {
        match self.choices.below(18) {
            0..10 => self.binary(ValType::I64, I64_BINARY, depth),
            10 => self.division(ValType::I64, I64_DIVISIONS, depth),
            11 => self.unary(ValType::I64, I64_UNARY, depth),
            12..16 => self.unary(ValType::I32, I32_TO_I64, depth),
            16 => self.converted_float(F32_TO_I64, F64_TO_I64, depth),
            _ => self.reinterpreted(ValType::F64, Instruction::I64ReinterpretF64, depth),
        }
    }

    fn f32_operator(&mut self, depth: u32) {
        match self.choices.below(12) {
            0..6 => self.binary(ValType::F32, F32_BINARY, depth),
            6 | 7 => self.unary(ValType::F32, F32_UNARY, depth),
            8 => self.copysign(ValType::F32, Instruction::F32Copysign, depth),
            9 => self.unary(ValType::I32, I32_TO_F32, depth),
            10 => self.unary(ValType::I64, I64_TO_F32, depth),
            _ => self.unary(ValType::F64, &[Instruction::F32DemoteF64], depth),
        }
    }

    fn f64_operator(&mut self, depth: u32) {
        match self.choices.below(12) {
            0..6 => self.binary(ValType::F64, F64_BINARY, depth),
            6 | 7 => self.unary(ValType::F64, F64_UNARY, depth),
            8 => self.copysign(ValType::F64, Instruction::F64Copysign, depth),
            9 => self.unary(ValType::I32, I32_TO_F64, depth),
            10 => self.unary(ValType::I64, I64_TO_F64, depth),
            _ => self.unary(ValType::F32, &[Instruction::F64PromoteF32], depth),
        }
    }

    /// Emits one of the operators.
    fn emit_one(&mut self, operators: &[Instruction<'static>]) {
        let instruction = operators[self.choices.below(operators.len())].clone();
        self.emit(instruction);
    }

    fn unary(&mut self, operand: ValType, operators: &[Instruction<'static>], depth: u32) {
        self.value(operand, depth);
        self.emit_one(operators);
    }

    fn binary(&mut self, operand: ValType, operators: &[Instruction<'static>], depth: u32) {
        self.operand(operand, depth);
        self.operand(operand, depth);
        self.emit_one(operators);
    }

    /// A division, whose divisor is seldom zero.
    fn division(&mut self, ty: ValType, operators: &[Instruction<'static>], depth: u32) {
        self.operand(ty, depth);
        let is_64_bit = ty == ValType::I64;
        match self.choices.below(8) {
            0..4 => {
                let divisor = self.choices.pick(&[3, -1, 10, 16, -7, 1]);
                self.emit(if is_64_bit {
                    Instruction::I64Const(divisor)
                } else {
                    Instruction::I32Const(divisor as i32)
                });
            }
            4..7 => {
                self.value(ty, depth);
                self.emit(if is_64_bit { Instruction::I64Const(1) } else { Instruction::I32Const(1) });
                self.emit(if is_64_bit { Instruction::I64Or } else { Instruction::I32Or });
            }
            _ => self.operand(ty, depth),
        }
        self.emit_one(operators);
    }

    /// A comparison, and sometimes its opposite.
    pub(super) fn comparison(&mut self, depth: u32) {
        let (ty, operators) = self.choices.weighted(&[
            (8, (ValType::I32, I32_COMPARE)),
            (4, (ValType::I64, I64_COMPARE)),
            (1, (ValType::F32, F32_COMPARE)),
            (2, (ValType::F64, F64_COMPARE)),
        ]);
        self.binary(ty, operators, depth);
        for _ in 0..self.choices.weighted(&[(6, 0), (2, 1), (1, 2)]) {
            self.emit(Instruction::I32Eqz);
        }
    }

    /// The second operand's sign is looked at, also that of a NaN.
    fn copysign(&mut self, ty: ValType, instruction: Instruction<'static>, depth: u32) {
        self.operand(ty, depth);
        self.operand(ty, depth);
        self.canonicalize(ty);
        self.emit(instruction);
    }

    fn reinterpreted(&mut self, ty: ValType, instruction: Instruction<'static>, depth: u32) {
        self.value(ty, depth);
        self.canonicalize(ty);
        self.emit(instruction);
    }

    /// A conversion to an integer: mostly one that does not trap, which come first.
    fn converted_float(
        &mut self,
        from_f32: &[Instruction<'static>],
        from_f64: &[Instruction<'static>],
        depth: u32,
    ) {
        let (ty, operators) = self.choices.pick(&[(ValType::F64, from_f64), (ValType::F32, from_f32)]);
        let can_trap = self.choices.chance(1, 6);
        let operators = if can_trap { operators } else { &operators[..2] };
        self.unary(ty, operators, depth);
    }

    /// Something about memory, tables or references, or `i64.eqz`.
    fn inquiry(&mut self, depth: u32) {
        match self.choices.below(6) {
            0 => self.emit(Instruction::MemorySize(0)),
            1 => {
                let table = self.choices.below(3) as u32;
                self.emit(Instruction::TableSize(table));
            }
            2 => {
                let ty = self.choices.pick(&[ValType::FUNCREF, ValType::EXTERNREF]);
                self.value(ty, depth);
                self.emit(Instruction::RefIsNull);
            }
            _ => self.unary(ValType::I64, &[Instruction::I64Eqz], depth),
        }
    }
}
