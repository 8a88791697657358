//! What an op is in Wasm: the operators behind its name, and the types of its operands and result.

use std::borrow::Cow;

use wasm_encoder::ValType::{self, F32, F64, I32, I64, V128};
use wasm_encoder::{Instruction, Lane, MemArg};

use super::vectors::{LaneAccess, vector_meaning};
use crate::noise::Noise;

/// The Wasm behind an op's name.
#[derive(Clone)]
pub(super) enum Meaning {
    /// One operand, in field B.
    Unary(Instruction<'static>, ValType, ValType),
    /// Two operands of one type, in fields B and C; a result.
    Binary(Compute, ValType, ValType),
    /// The right operand is a constant; the left one is in field B.
    BinaryImm(Compute, ValType, ValType),
    /// The left operand is a constant; the right one is in field C.
    ImmBinary(Compute, ValType, ValType),
    /// Operands in these fields and of these types, what follows them, and a result.
    Operands(Cow<'static, [(char, ValType)]>, Vec<Instruction<'static>>, ValType),
    /// A branch if the comparison of fields A and B holds.
    BranchCompare(Compute, ValType),
    /// Likewise with a constant for the second one.
    BranchCompareImm(Compute, ValType),
    /// A branch if field A is not zero, or if it is.
    BranchIf(bool),
    /// A branch by a table, selected by field A.
    BranchTable,
    Branch,
    /// A load of this type from the address in field B, or what [`Place`] says.
    Load(Access, ValType, Place),
    /// A store of a value of this type, which is a constant if `true`.
    Store(Access, ValType, Place, bool),
    /// A load from the address in field B to a lane of the vector in field C.
    LoadLane(LaneAccess, Lane),
    /// A store to the address in field A of a lane of the vector in field B.
    StoreLane(LaneAccess, Lane),
    /// From field B, of this type or of any.
    Copy(Option<ValType>),
    Const32,
    Const64,
    Const128,
    /// By the condition in field D, of this type or of any; `true` for what is a constant in place of field B or C.
    Select(Option<ValType>, [bool; 2]),
    /// Of this type or of any.
    GlobalGet(Option<ValType>),
    /// Of field A, of this type or of any.
    GlobalSet(Option<ValType>),
    MemorySize,
    Call,
    ReturnNone,
    /// Of field B, of this type or of any.
    ReturnOne(Option<ValType>),
}

/// Operators that compute one value: one, and perhaps `i32.eqz` behind it.
#[derive(Clone)]
pub(super) struct Compute {
    pub(super) instruction: Instruction<'static>,
    pub(super) is_negated: bool,
}

pub(super) type Access = fn(MemArg) -> Instruction<'static>;

/// Where an access's address comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A cell.
    Cell,
    /// A constant.
    At,
    /// The sum of two cells.
    Indexed,
}

impl Place {
    /// The place that the name of an op says at its end, and the name without it.
    pub(super) fn of(name: &str) -> (&str, Self) {
        match (name.strip_suffix("At"), name.strip_suffix("Indexed")) {
            (Some(name), _) => (name, Self::At),
            (_, Some(name)) => (name, Self::Indexed),
            _ => (name, Self::Cell),
        }
    }
}

macro_rules! lookup {
    ($name:ident: $($op:ident)*) => {
        match $name {
            $(stringify!($op) => Some(Instruction::$op),)*
            _ => None,
        }
    };
}

macro_rules! lookup_access {
    ($name:ident: $($known:literal => $op:ident $ty:ident;)*) => {
        match $name {
            $($known => Some((Instruction::$op as Access, $ty)),)*
            _ => None,
        }
    };
}

macro_rules! lookup_unary {
    ($name:ident: $($from:ident -> $to:ident: $($op:ident)*;)*) => {
        match $name {
            $($(stringify!($op) => Some(Meaning::Unary(Instruction::$op, $from, $to)),)*)*
            _ => None,
        }
    };
}

/// The meaning of the op called `name` in the table of ops, if it is one that sequences are made of. What its immediates
/// are, is chosen.
pub(super) fn meaning(name: &str, noise: &mut Noise) -> Option<Meaning> {
    let simple = match name {
        "Copy" => Meaning::Copy(None),
        "Const32" => Meaning::Const32,
        "Const64" => Meaning::Const64,
        "Select" => Meaning::Select(None, [false, false]),
        "SelectImm" => Meaning::Select(None, [false, true]),
        "SelectImmLhs" => Meaning::Select(None, [true, false]),
        "SelectImms" => Meaning::Select(None, [true, true]),
        "GlobalGet" => Meaning::GlobalGet(None),
        "GlobalSet" => Meaning::GlobalSet(None),
        "MemorySize" => Meaning::MemorySize,
        "Call" => Meaning::Call,
        "ReturnNone" => Meaning::ReturnNone,
        "ReturnOne" => Meaning::ReturnOne(None),
        "Br" => Meaning::Branch,
        "BrIf" => Meaning::BranchIf(true),
        "BrIfNot" => Meaning::BranchIf(false),
        "BrTable" => Meaning::BranchTable,
        _ => {
            return vector_meaning(name, noise).or_else(|| computing(name)).or_else(|| accessing(name));
        }
    };
    Some(simple)
}

fn computing(name: &str) -> Option<Meaning> {
    if let Some(comparison) = name.strip_prefix("BrIf") {
        return Some(match comparison.strip_suffix("Imm") {
            Some(comparison) => {
                let (compute, ty, _) = compute(comparison)?;
                Meaning::BranchCompareImm(compute, ty)
            }
            None => {
                let (compute, ty, _) = compute(comparison)?;
                Meaning::BranchCompare(compute, ty)
            }
        });
    }
    if let Some(plain) = name.strip_suffix("ImmLhs") {
        return compute(plain).map(|(compute, from, to)| Meaning::ImmBinary(compute, from, to));
    }
    if let Some((compute, from, to)) = name.strip_suffix("Imm").and_then(compute) {
        return Some(Meaning::BinaryImm(compute, from, to));
    }
    if let Some((compute, from, to)) = compute(name) {
        return Some(Meaning::Binary(compute, from, to));
    }
    unary(name)
}

/// A binary operator with the types of its operands and its result.
fn compute(name: &str) -> Option<(Compute, ValType, ValType)> {
    let ty = match name.get(..3)? {
        "I32" => I32,
        "I64" => I64,
        "F32" => F32,
        _ => F64,
    };
    let plain = |instruction| Compute { instruction, is_negated: false };
    if let Some(instruction) = arithmetic(name) {
        return Some((plain(instruction), ty, ty));
    }
    if let Some(instruction) = comparison(name) {
        return Some((plain(instruction), ty, I32));
    }
    let instruction = match name {
        "F32Nlt" => Instruction::F32Lt,
        "F32Nle" => Instruction::F32Le,
        "F64Nlt" => Instruction::F64Lt,
        "F64Nle" => Instruction::F64Le,
        _ => return None,
    };
    Some((Compute { instruction, is_negated: true }, ty, I32))
}

fn arithmetic(name: &str) -> Option<Instruction<'static>> {
    lookup!(name: I32Add I32Sub I32Mul I32DivS I32DivU I32RemS I32RemU I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl
        I32Rotr I64Add I64Sub I64Mul I64DivS I64DivU I64RemS I64RemU I64And I64Or I64Xor I64Shl I64ShrS I64ShrU
        I64Rotl I64Rotr F32Add F32Sub F32Mul F32Div F32Min F32Max F32Copysign F64Add F64Sub F64Mul F64Div F64Min
        F64Max F64Copysign)
}

fn comparison(name: &str) -> Option<Instruction<'static>> {
    lookup!(name: I32Eq I32Ne I32LtS I32LtU I32GeS I32GeU I64Eq I64Ne I64LtS I64LtU I64GeS I64GeU F32Eq F32Ne F32Lt F32Le
        F64Eq F64Ne F64Lt F64Le)
}

fn unary(name: &str) -> Option<Meaning> {
    lookup_unary!(name:
        I32 -> I32: I32Clz I32Ctz I32Popcnt I32Extend8S I32Extend16S;
        I64 -> I64: I64Clz I64Ctz I64Popcnt I64Extend8S I64Extend16S I64Extend32S;
        F32 -> F32: F32Abs F32Neg F32Ceil F32Floor F32Trunc F32Nearest F32Sqrt;
        F64 -> F64: F64Abs F64Neg F64Ceil F64Floor F64Trunc F64Nearest F64Sqrt;
        I64 -> I32: I32WrapI64;
        I32 -> I64: I64ExtendI32S;
        F32 -> I32: I32TruncF32S I32TruncF32U I32TruncSatF32S I32TruncSatF32U;
        F64 -> I32: I32TruncF64S I32TruncF64U I32TruncSatF64S I32TruncSatF64U;
        F32 -> I64: I64TruncF32S I64TruncF32U I64TruncSatF32S I64TruncSatF32U;
        F64 -> I64: I64TruncF64S I64TruncF64U I64TruncSatF64S I64TruncSatF64U;
        I32 -> F32: F32ConvertI32S F32ConvertI32U;
        I64 -> F32: F32ConvertI64S F32ConvertI64U;
        I32 -> F64: F64ConvertI32S F64ConvertI32U;
        I64 -> F64: F64ConvertI64S F64ConvertI64U;
        F64 -> F32: F32DemoteF64;
        F32 -> F64: F64PromoteF32;
    )
}

fn accessing(name: &str) -> Option<Meaning> {
    let (name, place) = Place::of(name);
    let (name, is_constant) = name.strip_suffix("Imm").map_or((name, false), |name| (name, true));
    if let Some((access, ty)) = load(name) {
        return Some(Meaning::Load(access, ty, place));
    }
    store(name).map(|(access, ty)| Meaning::Store(access, ty, place, is_constant))
}

fn load(name: &str) -> Option<(Access, ValType)> {
    lookup_access!(name:
        "I32Load" => I32Load I32;
        "I64Load" => I64Load I64;
        "I32Load8S" => I32Load8S I32;
        "I32Load8U" => I32Load8U I32;
        "I32Load16S" => I32Load16S I32;
        "I32Load16U" => I32Load16U I32;
        "I64Load8S" => I64Load8S I64;
        "I64Load16S" => I64Load16S I64;
        "I64Load32S" => I64Load32S I64;
        "F32Load" => F32Load F32;
        "F64Load" => F64Load F64;
    )
}

fn store(name: &str) -> Option<(Access, ValType)> {
    lookup_access!(name:
        "I32Store" => I32Store I32;
        "I64Store" => I64Store I64;
        "I32Store8" => I32Store8 I32;
        "I32Store16" => I32Store16 I32;
        "F32Store" => F32Store F32;
        "F64Store" => F64Store F64;
    )
}

impl Meaning {
    /// The type of the operand in the field with this letter; `None` if any type will do.
    pub(super) fn operand(&self, field: char) -> Option<ValType> {
        match self {
            Self::Unary(_, from, _)
            | Self::Binary(_, from, _)
            | Self::BinaryImm(_, from, _)
            | Self::ImmBinary(_, from, _)
            | Self::BranchCompare(_, from)
            | Self::BranchCompareImm(_, from) => Some(*from),
            Self::Operands(fields, ..) => fields.iter().find(|(name, _)| *name == field).map(|(_, ty)| *ty),
            Self::Store(_, ty, _, false) if field == 'B' => Some(*ty),
            Self::LoadLane(..) if field == 'C' => Some(V128),
            Self::StoreLane(..) if field == 'B' => Some(V128),
            Self::Select(ty, _) if field != 'D' => *ty,
            Self::Copy(ty) | Self::GlobalSet(ty) | Self::ReturnOne(ty) => *ty,
            _ => Some(I32),
        }
    }
}
