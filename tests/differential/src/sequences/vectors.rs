//! The Wasm behind ops on vectors.

use std::borrow::Cow;

use wasm_encoder::ValType::{self, F32, F64, I32, I64, V128};
use wasm_encoder::{Instruction, Lane, MemArg};

use super::meaning::{Access, Compute, Meaning, Place};
use crate::noise::Noise;

/// Operators that read a lane from memory or write one there.
pub(super) type LaneAccess = fn(MemArg, Lane) -> Instruction<'static>;

/// Whether the op computes with lanes that are floats. It gets none that are NaNs, whose bits are the engine's choice.
pub(super) fn has_float_lanes(name: &str) -> bool {
    name.contains("F32x4") || has_f64_lanes(name)
}

/// Whether the op computes with lanes that are `f64`s.
pub(super) fn has_f64_lanes(name: &str) -> bool {
    name.contains("F64x2")
}

/// Whether no operator has this op under the settings of these tests, on the usual processors: relaxed operators are
/// deterministic, and processors permute bytes, and multiply and add at once.
pub(super) fn is_for_others(name: &str) -> bool {
    ["Portable", "MulAdd", "MulSub", "RelaxedTrunc", "RelaxedSwizzle"].iter().any(|part| name.contains(part))
}

/// The meaning of the op on vectors called `name` in the table of ops. Lanes and constants are chosen here.
pub(super) fn vector_meaning(name: &str, noise: &mut Noise) -> Option<Meaning> {
    moving(name, noise).or_else(|| computing(name, noise)).or_else(|| accessing(name, noise))
}

fn moving(name: &str, noise: &mut Noise) -> Option<Meaning> {
    let meaning = match name {
        "V128Copy" => Meaning::Copy(Some(V128)),
        "V128Select" => Meaning::Select(Some(V128), [false, false]),
        "V128GlobalGet" => Meaning::GlobalGet(Some(V128)),
        "V128GlobalSet" => Meaning::GlobalSet(Some(V128)),
        "V128Return" => Meaning::ReturnOne(Some(V128)),
        "V128Const" => Meaning::Const128,
        "I8x16Permute" => {
            let lanes = [(); 16].map(|()| noise.below(16) as u8);
            // The lanes of the second operand are not used.
            operands(&[('B', V128), ('-', V128)], Instruction::I8x16Shuffle(lanes), V128)
        }
        "I8x16Shuffle" => {
            let mut lanes = [(); 16].map(|()| noise.below(32) as u8);
            // Some of each.
            (lanes[3], lanes[9]) = (noise.below(16) as u8, 16 + noise.below(16) as u8);
            operands(&[('B', V128), ('C', V128)], Instruction::I8x16Shuffle(lanes), V128)
        }
        _ => return None,
    };
    Some(meaning)
}

fn operands(fields: &[(char, ValType)], instruction: Instruction<'static>, result: ValType) -> Meaning {
    Meaning::Operands(Cow::Owned(fields.to_vec()), vec![instruction], result)
}

fn computing(name: &str, noise: &mut Noise) -> Option<Meaning> {
    if let Some((instruction, result)) = unary(name) {
        return Some(operands(&[('B', V128)], instruction, result));
    }
    if let Some(instruction) = binary(name) {
        return Some(Meaning::Binary(Compute { instruction, is_negated: false }, V128, V128));
    }
    if let Some((instruction, from)) = splat(name) {
        return Some(operands(&[('B', from)], instruction, V128));
    }
    if let Some(instruction) = shift(name) {
        return Some(operands(&[('B', V128), ('C', I32)], instruction, V128));
    }
    if let Some(instruction) = name.strip_suffix("Imm").and_then(shift) {
        let count = Instruction::I32Const(noise.below(70) as i32);
        return Some(Meaning::Operands(Cow::Borrowed(&[('B', V128)]), vec![count, instruction], V128));
    }
    if let Some((lane, lanes, number)) = extract(name) {
        return Some(operands(&[('B', V128)], lane(noise.below(lanes) as Lane), number));
    }
    if let Some((lane, lanes, number)) = replace(name) {
        return Some(operands(&[('B', V128), ('C', number)], lane(noise.below(lanes) as Lane), V128));
    }
    let instruction = ternary(name)?;
    Some(operands(&[('B', V128), ('C', V128), ('D', V128)], instruction, V128))
}

fn accessing(name: &str, noise: &mut Noise) -> Option<Meaning> {
    if let Some((access, lanes)) = load_lane(name) {
        return Some(Meaning::LoadLane(access, noise.below(lanes) as Lane));
    }
    if let Some((access, lanes)) = store_lane(name) {
        return Some(Meaning::StoreLane(access, noise.below(lanes) as Lane));
    }
    let (name, place) = Place::of(name);
    if name == "V128Store" {
        return Some(Meaning::Store(Instruction::V128Store, V128, place, false));
    }
    load(name).map(|access| Meaning::Load(access, V128, place))
}

macro_rules! lookup {
    ($name:ident: $($op:ident)*) => {
        match $name {
            $(stringify!($op) => Some(Instruction::$op),)*
            _ => None,
        }
    };
}

fn unary(name: &str) -> Option<(Instruction<'static>, ValType)> {
    let of_lanes = lookup!(name: V128Not I8x16Abs I8x16Neg I8x16Popcnt I16x8Abs I16x8Neg I32x4Abs I32x4Neg I64x2Abs I64x2Neg
        I16x8ExtendLowI8x16S I16x8ExtendLowI8x16U I16x8ExtendHighI8x16S I16x8ExtendHighI8x16U
        I16x8ExtAddPairwiseI8x16S I16x8ExtAddPairwiseI8x16U I32x4ExtendLowI16x8S I32x4ExtendLowI16x8U
        I32x4ExtendHighI16x8S I32x4ExtendHighI16x8U I32x4ExtAddPairwiseI16x8S I32x4ExtAddPairwiseI16x8U
        I64x2ExtendLowI32x4S I64x2ExtendLowI32x4U I64x2ExtendHighI32x4S I64x2ExtendHighI32x4U F32x4Abs F32x4Neg
        F32x4Sqrt F32x4Ceil F32x4Floor F32x4Trunc F32x4Nearest F64x2Abs F64x2Neg F64x2Sqrt F64x2Ceil F64x2Floor
        F64x2Trunc F64x2Nearest I32x4TruncSatF32x4S I32x4TruncSatF32x4U I32x4TruncSatF64x2SZero
        I32x4TruncSatF64x2UZero F32x4ConvertI32x4S F32x4ConvertI32x4U F64x2ConvertLowI32x4S F64x2ConvertLowI32x4U
        F32x4DemoteF64x2Zero F64x2PromoteLowF32x4);
    let test = lookup!(name: V128AnyTrue I8x16AllTrue I8x16Bitmask I16x8AllTrue I16x8Bitmask I32x4AllTrue I32x4Bitmask
        I64x2AllTrue I64x2Bitmask);
    of_lanes.map(|instruction| (instruction, V128)).or_else(|| test.map(|instruction| (instruction, I32)))
}

fn binary(name: &str) -> Option<Instruction<'static>> {
    lookup!(name: V128And V128AndNot V128Or V128Xor I8x16Swizzle I8x16Add I8x16Sub I8x16AddSatS I8x16AddSatU I8x16SubSatS
        I8x16SubSatU I8x16AvgrU I8x16MinS I8x16MinU I8x16MaxS I8x16MaxU I8x16Eq I8x16Ne I8x16LtS I8x16LtU I8x16GeS
        I8x16GeU I16x8Add I16x8Sub I16x8AddSatS I16x8AddSatU I16x8SubSatS I16x8SubSatU I16x8AvgrU I16x8Mul I16x8MinS
        I16x8MinU I16x8MaxS I16x8MaxU I16x8Eq I16x8Ne I16x8LtS I16x8LtU I16x8GeS I16x8GeU I32x4Add I32x4Sub I32x4Mul
        I32x4MinS I32x4MinU I32x4MaxS I32x4MaxU I32x4Eq I32x4Ne I32x4LtS I32x4LtU I32x4GeS I32x4GeU I64x2Add I64x2Sub
        I64x2Mul I64x2Eq I64x2Ne I64x2LtS I64x2GeS I8x16NarrowI16x8S I8x16NarrowI16x8U I16x8NarrowI32x4S
        I16x8NarrowI32x4U I16x8ExtMulLowI8x16S I16x8ExtMulLowI8x16U I16x8ExtMulHighI8x16S I16x8ExtMulHighI8x16U
        I32x4ExtMulLowI16x8S I32x4ExtMulLowI16x8U I32x4ExtMulHighI16x8S I32x4ExtMulHighI16x8U I64x2ExtMulLowI32x4S
        I64x2ExtMulLowI32x4U I64x2ExtMulHighI32x4S I64x2ExtMulHighI32x4U I16x8Q15MulrSatS I32x4DotI16x8S F32x4Add
        F32x4Sub F32x4Mul F32x4Div F32x4Min F32x4Max F32x4PMin F32x4PMax F32x4Eq F32x4Ne F32x4Lt F32x4Le F64x2Add
        F64x2Sub F64x2Mul F64x2Div F64x2Min F64x2Max F64x2PMin F64x2PMax F64x2Eq F64x2Ne F64x2Lt F64x2Le
        I16x8RelaxedDotI8x16I7x16S)
}

fn ternary(name: &str) -> Option<Instruction<'static>> {
    lookup!(name: V128Bitselect F32x4RelaxedMadd F32x4RelaxedNmadd F64x2RelaxedMadd F64x2RelaxedNmadd
        I32x4RelaxedDotI8x16I7x16AddS)
}

fn shift(name: &str) -> Option<Instruction<'static>> {
    lookup!(name: I8x16Shl I8x16ShrS I8x16ShrU I16x8Shl I16x8ShrS I16x8ShrU I32x4Shl I32x4ShrS I32x4ShrU I64x2Shl I64x2ShrS
        I64x2ShrU)
}

fn splat(name: &str) -> Option<(Instruction<'static>, ValType)> {
    let instruction = lookup!(name: I8x16Splat I16x8Splat I32x4Splat I64x2Splat F32x4Splat F64x2Splat)?;
    let from = match instruction {
        Instruction::I64x2Splat => I64,
        Instruction::F32x4Splat => F32,
        Instruction::F64x2Splat => F64,
        _ => I32,
    };
    Some((instruction, from))
}

/// An operator on one of so many lanes, and the type of a number that a lane is extracted to or replaced by.
type OnLane = (fn(Lane) -> Instruction<'static>, usize, ValType);

macro_rules! lookup_lanes {
    ($name:ident: $($op:ident $($extra:expr),*;)*) => {
        match $name {
            $(stringify!($op) => Some((Instruction::$op, $($extra),*)),)*
            _ => None,
        }
    };
}

fn extract(name: &str) -> Option<OnLane> {
    lookup_lanes!(name: I8x16ExtractLaneS 16, I32; I8x16ExtractLaneU 16, I32; I16x8ExtractLaneS 8, I32;
        I16x8ExtractLaneU 8, I32; I32x4ExtractLane 4, I32; I64x2ExtractLane 2, I64; F32x4ExtractLane 4, F32;
        F64x2ExtractLane 2, F64;)
}

fn replace(name: &str) -> Option<OnLane> {
    lookup_lanes!(name: I8x16ReplaceLane 16, I32; I16x8ReplaceLane 8, I32; I32x4ReplaceLane 4, I32; I64x2ReplaceLane 2, I64;
        F32x4ReplaceLane 4, F32; F64x2ReplaceLane 2, F64;)
}

macro_rules! lookup_lane_access {
    ($name:ident: $($op:ident $lanes:literal;)*) => {
        match $name {
            $(stringify!($op) => {
                let access: LaneAccess = |memarg, lane| Instruction::$op { memarg, lane };
                Some((access, $lanes))
            })*
            _ => None,
        }
    };
}

fn load_lane(name: &str) -> Option<(LaneAccess, usize)> {
    lookup_lane_access!(name: V128Load8Lane 16; V128Load16Lane 8; V128Load32Lane 4; V128Load64Lane 2;)
}

fn store_lane(name: &str) -> Option<(LaneAccess, usize)> {
    lookup_lane_access!(name: V128Store8Lane 16; V128Store16Lane 8; V128Store32Lane 4; V128Store64Lane 2;)
}

fn load(name: &str) -> Option<Access> {
    macro_rules! lookup {
        ($($op:ident)*) => {
            match name {
                $(stringify!($op) => Some(Instruction::$op),)*
                _ => None,
            }
        };
    }
    lookup!(V128Load V128Load8x8S V128Load8x8U V128Load16x4S V128Load16x4U V128Load32x2S V128Load32x2U V128Load8Splat
        V128Load16Splat V128Load32Splat V128Load64Splat V128Load32Zero V128Load64Zero)
}
