//! Constant expressions: wasmparser's operators in, [`ConstExpr`] out.
//!
//! The expression has been validated, so its operators are those allowed in constant expressions and leave
//! exactly one value. The final `end` is dropped.

use alloc::boxed::Box;
use alloc::vec::Vec;

use wasmparser::Operator;

use super::info::{ConstExpr, ConstOp};
use super::not_supported;
use crate::error::Error;
use crate::types::{FuncIdx, GlobalIdx, TypeIdx};

/// Converts a whole expression.
pub(super) fn const_expr(expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Error> {
    // Nearly all of them are a single operator.
    let mut ops = Vec::with_capacity(1);
    let mut reader = expr.get_operators_reader();
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset()?;
        // Both hierarchies represent references in the same way.
        if !matches!(operator, Operator::End | Operator::AnyConvertExtern | Operator::ExternConvertAny) {
            ops.push(const_op(&operator, offset)?);
        }
    }
    Ok(ConstExpr(ops.into()))
}

/// The expression that a table without one begins with.
pub(super) fn null() -> ConstExpr {
    ConstExpr(Box::new([ConstOp::RefNull]))
}

fn const_op(operator: &Operator<'_>, offset: u64) -> Result<ConstOp, Error> {
    Ok(match *operator {
        // The sign is dropped on purpose: a cell holds an i32 zero-extended.
        Operator::I32Const { value } => ConstOp::Value(u64::from(value as u32)),
        Operator::I64Const { value } => ConstOp::Value(value as u64),
        Operator::F32Const { value } => ConstOp::Value(u64::from(value.bits())),
        Operator::F64Const { value } => ConstOp::Value(value.bits()),
        Operator::V128Const { value } => ConstOp::Vector(*value.bytes()),
        Operator::RefNull { .. } => ConstOp::RefNull,
        Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIdx(function_index)),
        Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIdx(global_index)),
        Operator::I32Add => ConstOp::I32Add,
        Operator::I32Sub => ConstOp::I32Sub,
        Operator::I32Mul => ConstOp::I32Mul,
        Operator::I64Add => ConstOp::I64Add,
        Operator::I64Sub => ConstOp::I64Sub,
        Operator::I64Mul => ConstOp::I64Mul,
        Operator::RefI31 => ConstOp::RefI31,
        Operator::StructNew { struct_type_index } => ConstOp::StructNew(TypeIdx(struct_type_index)),
        Operator::StructNewDefault { struct_type_index } => {
            ConstOp::StructNewDefault(TypeIdx(struct_type_index))
        }
        Operator::ArrayNew { array_type_index } => ConstOp::ArrayNew(TypeIdx(array_type_index)),
        Operator::ArrayNewDefault { array_type_index } => ConstOp::ArrayNewDefault(TypeIdx(array_type_index)),
        Operator::ArrayNewFixed { array_type_index, array_size } => {
            ConstOp::ArrayNewFixed(TypeIdx(array_type_index), array_size)
        }
        _ => return Err(not_supported("this operator in a constant expression", offset)),
    })
}
