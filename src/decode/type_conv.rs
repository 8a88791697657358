//! wasmparser's types in, [`crate::types`] out.
//!
//! The types have been validated. What validation admits only with a proposal that the engine does not implement
//! is an error with the offset of the entry it stands in, so that a proposal switched on too early is noticed here.

use wasmparser::CompositeInnerType;

use super::not_supported;
use crate::error::Error;
use crate::types::{FuncType, GlobalType, MemoryType, Mutability, RefType, TableType, ValType};

/// A type of the type section; only plain function types are known.
pub(super) fn func_type(ty: &wasmparser::SubType, offset: u64) -> Result<FuncType, Error> {
    let CompositeInnerType::Func(func) = &ty.composite_type.inner else {
        return Err(not_supported("a type that is not a function type", offset));
    };
    if ty.composite_type.shared || !ty.is_final || !ty.supertype_idxs.is_empty() {
        return Err(not_supported("a shared type or a subtype", offset));
    }
    let params = val_types(func.params(), offset)?;
    let results = val_types(func.results(), offset)?;
    Ok(FuncType::new(params, results))
}

fn val_types(types: &[wasmparser::ValType], offset: u64) -> Result<alloc::vec::Vec<ValType>, Error> {
    types.iter().map(|&ty| val_type(ty, offset)).collect()
}

fn val_type(ty: wasmparser::ValType, offset: u64) -> Result<ValType, Error> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => return Err(not_supported("the type v128", offset)),
        wasmparser::ValType::Ref(ty) => ValType::Ref(ref_type(ty, offset)?),
    })
}

pub(super) fn ref_type(ty: wasmparser::RefType, offset: u64) -> Result<RefType, Error> {
    match ty {
        wasmparser::RefType::FUNCREF => Ok(RefType::FUNCREF),
        wasmparser::RefType::EXTERNREF => Ok(RefType::EXTERNREF),
        other => Err(not_supported(&alloc::format!("the type {other}"), offset)),
    }
}

pub(super) fn global_type(ty: &wasmparser::GlobalType, offset: u64) -> Result<GlobalType, Error> {
    if ty.shared {
        return Err(not_supported("a shared global", offset));
    }
    let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
    Ok(GlobalType::new(val_type(ty.content_type, offset)?, mutability))
}

pub(super) fn table_type(ty: &wasmparser::TableType, offset: u64) -> Result<TableType, Error> {
    if ty.table64 || ty.shared {
        return Err(not_supported("a table that is shared or has 64-bit indices", offset));
    }
    let (minimum, maximum) = limits32(ty.initial, ty.maximum, offset)?;
    Ok(TableType::new(ref_type(ty.element_type, offset)?, minimum, maximum))
}

pub(super) fn memory_type(ty: &wasmparser::MemoryType, offset: u64) -> Result<MemoryType, Error> {
    if ty.memory64 || ty.shared || ty.page_size_log2.is_some() {
        let what = "a memory that is shared, has 64-bit addresses or states its page size";
        return Err(not_supported(what, offset));
    }
    let (minimum, maximum) = limits32(ty.initial, ty.maximum, offset)?;
    Ok(MemoryType::new(minimum, maximum))
}

fn limits32(minimum: u64, maximum: Option<u64>, offset: u64) -> Result<(u32, Option<u32>), Error> {
    let narrow = |limit| u32::try_from(limit).map_err(|_| not_supported("a limit of 2^32 or more", offset));
    Ok((narrow(minimum)?, maximum.map(narrow).transpose()?))
}
