//! Rewrites modules so that nothing in them is the engine's choice: makes the NaNs of operators canonical that wasm-smith
//! leaves as they are, takes the time out of waits, and makes the arrays of constant expressions short. If that is wanted,
//! `unreachable` becomes a throw, which leads through all frames there are: wasm-smith by itself hardly ever throws.
//!
//! Such a module terminates, too. A module that has run out of fuel throws at each loop head and function entry, so after a
//! throw nothing is repeated: what catches it lies outside of the loop.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, Function, FunctionSection, Instruction, Module, TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, CompositeInnerType, FunctionBody, FunctionSectionReader, Operator, Parser, Payload,
    TypeRef, TypeSectionReader,
};

use crate::value::{F32_NAN, F64_NAN};

/// The module with waits that do not wait, and with canonical NaNs; with throws of its tags in place of `unreachable` if
/// `throws` says so and there are tags.
pub(crate) fn tame(module: &[u8], throws: bool) -> Vec<u8> {
    let Some(mut tamer) = Tamer::new(module) else {
        return module.to_vec();
    };
    if throws {
        tamer.tags = usable_tags(module);
    }
    let mut tamed = Module::new();
    tamer
        .parse_core_module(&mut tamed, Parser::new(0), module)
        .expect("wasm-smith writes well-formed modules");
    tamed.finish()
}

/// Adds a function that makes NaNs canonical for each type of float there is, and calls them.
struct Tamer {
    first_type: u32,
    first_func: u32,
    /// Tags to throw, with the types of what they carry.
    tags: Vec<(u32, Vec<wasmparser::ValType>)>,
    /// Throws written so far, and what they carry.
    throws: usize,
}

/// The types of floats; function and type are at the same place behind all others.
const FLOATS: [Float; 4] = [Float::F32, Float::F64, Float::F32x4, Float::F64x2];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Float {
    F32,
    F64,
    F32x4,
    F64x2,
}

impl Tamer {
    /// None if there is no code.
    fn new(module: &[u8]) -> Option<Self> {
        let (mut first_type, mut first_func, mut has_code) = (0, 0, false);
        for payload in Parser::new(0).parse_all(module) {
            match payload.expect("wasm-smith writes well-formed modules") {
                Payload::TypeSection(types) => {
                    for group in types {
                        first_type += group.expect("likewise").types().len() as u32;
                    }
                }
                Payload::ImportSection(imports) => {
                    let is_func = |import: &wasmparser::Import<'_>| {
                        matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_))
                    };
                    first_func +=
                        imports.into_imports().filter(|import| import.as_ref().is_ok_and(is_func)).count()
                            as u32;
                }
                Payload::FunctionSection(functions) => first_func += functions.count(),
                Payload::CodeSectionStart { .. } => has_code = true,
                _ => {}
            }
        }
        has_code.then_some(Self { first_type, first_func, tags: Vec::new(), throws: 0 })
    }

    /// Writes the operator, with what it takes before and after it.
    fn operator(&mut self, function: &mut Function, operator: Operator<'_>) -> Result<(), Error<Infallible>> {
        if matches!(operator, Operator::Unreachable) && !self.tags.is_empty() {
            return self.throw(function);
        }
        let float = result_to_mend(&operator);
        if matches!(operator, Operator::MemoryAtomicWait32 { .. } | Operator::MemoryAtomicWait64 { .. }) {
            // The time to wait is the last operand.
            function.instruction(&Instruction::Drop).instruction(&Instruction::I64Const(0));
        }
        function.instruction(&self.instruction(operator)?);
        if let Some(float) = float {
            let number = FLOATS.iter().position(|known| *known == float).expect("all are listed");
            function.instruction(&Instruction::Call(self.first_func + number as u32));
        }
        Ok(())
    }
}

impl Tamer {
    /// Throws one tag after the other, with values that tell the places apart.
    fn throw(&mut self, function: &mut Function) -> Result<(), Error<Infallible>> {
        self.throws += 1;
        let (tag, params) = self.tags[self.throws % self.tags.len()].clone();
        let number = self.throws as i16;
        for param in params {
            function.instruction(&match param {
                wasmparser::ValType::I32 => Instruction::I32Const(number.into()),
                wasmparser::ValType::I64 => Instruction::I64Const(-i64::from(number)),
                wasmparser::ValType::F32 => Instruction::F32Const(f32::from(number).into()),
                wasmparser::ValType::F64 => Instruction::F64Const(f64::from(number).into()),
                wasmparser::ValType::V128 => Instruction::V128Const(number.into()),
                wasmparser::ValType::Ref(ty) => Instruction::RefNull(self.heap_type(ty.heap_type())?),
            });
        }
        function.instruction(&Instruction::Throw(tag));
        Ok(())
    }
}

/// The tags that carry numbers, vectors, and references that may be null.
fn usable_tags(module: &[u8]) -> Vec<(u32, Vec<wasmparser::ValType>)> {
    let (mut types, mut tags) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.expect("wasm-smith writes well-formed modules") {
            Payload::TypeSection(groups) => {
                for group in groups {
                    for ty in group.expect("likewise").into_types() {
                        types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => ty.params().to_vec(),
                            _ => Vec::new(),
                        });
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Tag(tag) = import.expect("likewise").ty {
                        tags.push(tag.func_type_idx);
                    }
                }
            }
            Payload::TagSection(section) => {
                tags.extend(section.into_iter().map(|tag| tag.expect("likewise").func_type_idx));
            }
            _ => {}
        }
    }
    let tags = tags.into_iter().enumerate().map(|(tag, ty)| (tag as u32, types[ty as usize].clone()));
    tags.filter(|(_, params)| params.iter().all(|param| param.is_defaultable())).collect()
}

/// The type of the operator's result, if it may be a NaN of any bits.
fn result_to_mend(operator: &Operator<'_>) -> Option<Float> {
    Some(match operator {
        Operator::F32DemoteF64 => Float::F32,
        Operator::F64PromoteF32 => Float::F64,
        Operator::F32x4DemoteF64x2Zero
        | Operator::F32x4RelaxedMadd
        | Operator::F32x4RelaxedNmadd
        | Operator::F32x4RelaxedMin
        | Operator::F32x4RelaxedMax => Float::F32x4,
        Operator::F64x2PromoteLowF32x4
        | Operator::F64x2RelaxedMadd
        | Operator::F64x2RelaxedNmadd
        | Operator::F64x2RelaxedMin
        | Operator::F64x2RelaxedMax => Float::F64x2,
        _ => return None,
    })
}

impl Reencode for Tamer {
    type Error = Infallible;

    /// No array is made while instantiating that is so long that it is the engine's choice whether there is room.
    fn const_expr(&mut self, const_expr: wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Error<Infallible>> {
        let mut operators = const_expr.get_operators_reader();
        let mut instructions = Vec::new();
        while !operators.is_end_then_eof() {
            let instruction = self.parse_instruction(&mut operators)?;
            if matches!(instruction, Instruction::ArrayNew(_) | Instruction::ArrayNewDefault(_))
                && let Some(Instruction::I32Const(len)) = instructions.last_mut()
            {
                *len &= 63;
            }
            instructions.push(instruction);
        }
        Ok(ConstExpr::extended(instructions))
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_type_section(self, types, section)?;
        for float in FLOATS {
            types.ty().function([float.ty()], [float.ty()]);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_function_section(self, functions, section)?;
        for ty in (self.first_type..).take(FLOATS.len()) {
            functions.function(ty);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_code_section(self, code, section)?;
        for float in FLOATS {
            code.function(&float.mend());
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            self.operator(&mut function, reader.read()?)?;
        }
        code.function(&function);
        Ok(())
    }
}

impl Float {
    fn ty(self) -> ValType {
        match self {
            Self::F32 => ValType::F32,
            Self::F64 => ValType::F64,
            Self::F32x4 | Self::F64x2 => ValType::V128,
        }
    }

    /// A function that returns its argument, or the canonical NaN where it is none that equals itself.
    fn mend(self) -> Function {
        let f32_nans = u128::from(F32_NAN) * (u128::MAX / u128::from(u32::MAX));
        let f64_nans = u128::from(F64_NAN) * (u128::MAX / u128::from(u64::MAX));
        let (nan, is_equal) = match self {
            Self::F32 => (Instruction::F32Const(f32::from_bits(F32_NAN).into()), Instruction::F32Eq),
            Self::F64 => (Instruction::F64Const(f64::from_bits(F64_NAN).into()), Instruction::F64Eq),
            Self::F32x4 => (Instruction::V128Const(f32_nans.cast_signed()), Instruction::F32x4Eq),
            Self::F64x2 => (Instruction::V128Const(f64_nans.cast_signed()), Instruction::F64x2Eq),
        };
        let is_vector = self.ty() == ValType::V128;
        let choose = if is_vector { Instruction::V128Bitselect } else { Instruction::Select };
        let argument = Instruction::LocalGet(0);
        let mut function = Function::new([]);
        for instruction in [&argument, &nan, &argument, &argument, &is_equal, &choose, &Instruction::End] {
            function.instruction(instruction);
        }
        function
    }
}
