//! wasmparser's types in, [`crate::types`] out.
//!
//! The types have been validated. What validation admits only with a proposal that the engine does not implement
//! is an error with the offset of the entry it stands in, so that a proposal switched on too early is noticed here.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use wasmparser::{AbstractHeapType, BinaryReader, CompositeInnerType, UnpackedIndex};

use super::not_supported;
use crate::error::Error;
use crate::types::{
    ArrayType, CompositeType, ConcreteType, DefinedType, FieldType, FuncType, GlobalType, HeapType,
    MemoryType, MemoryTypeBuilder, Mutability, RecGroup, RefType, StorageType, StructType, SubType,
    TableType, TypeRegistry, ValType,
};

/// Converts types that may refer to those of the module.
pub(super) struct TypeConv<'m> {
    /// The module's types so far.
    types: &'m [DefinedType],
    /// What members of the recursion group behind them will be; empty outside of the type section.
    group: &'m [Kind],
    /// Groups that have been referred to.
    outer: Vec<Arc<RecGroup>>,
}

/// What a member of a recursion group will be.
#[derive(Clone, Copy)]
enum Kind {
    Func,
    Struct,
    Array,
}

/// The most parameters or results that a function type may have.
const MAX_VALUES: u32 = 1000;

/// Shows `each` the parameters and results of all types in a type section, if they are function types as most modules have
/// them: each a group of its own, without supertypes, and of values that have one byte in the binary format and are known
/// to [`plain_val_type`]. If not, it shows a part of them and returns `None`.
pub(super) fn for_each_plain_type(section: &[u8], mut each: impl FnMut(&[u8], &[u8])) -> Option<()> {
    const FUNC: u8 = 0x60;
    let mut reader = BinaryReader::new(section, 0);
    for _ in 0..reader.read_var_u32().ok()? {
        if reader.read_u8().ok()? != FUNC {
            return None;
        }
        let mut values = || {
            let count = reader.read_var_u32().ok().filter(|count| *count <= MAX_VALUES)?;
            let values = reader.read_bytes(count as usize).ok()?;
            values.iter().all(|byte| plain_val_type(*byte).is_some()).then_some(values)
        };
        each(values()?, values()?);
    }
    reader.eof().then_some(())
}

/// The type that a byte stands for: a number, a vector, `funcref` or `externref`.
pub(super) fn plain_val_type(byte: u8) -> Option<ValType> {
    Some(match byte {
        0x7F => ValType::I32,
        0x7E => ValType::I64,
        0x7D => ValType::F32,
        0x7C => ValType::F64,
        0x7B => ValType::V128,
        0x70 => ValType::FUNCREF,
        0x6F => ValType::EXTERNREF,
        _ => return None,
    })
}

/// Registers the types of a recursion group, which come behind `types`.
pub(super) fn rec_group(
    registry: &Arc<TypeRegistry>,
    types: &[DefinedType],
    group: wasmparser::RecGroup,
) -> Result<Arc<RecGroup>, Error> {
    let members: Vec<_> = group.into_types_and_offsets().collect();
    let kinds = members.iter().map(|(offset, ty)| kind(ty, *offset)).collect::<Result<Vec<_>, _>>()?;
    let mut conv = TypeConv { types, group: &kinds, outer: Vec::new() };
    let members = members.iter().map(|(offset, ty)| conv.sub_type(ty, *offset));
    let members = members.collect::<Result<Vec<_>, _>>()?;
    Ok(registry.define(&members, conv.outer))
}

fn kind(ty: &wasmparser::SubType, offset: u64) -> Result<Kind, Error> {
    let composite = &ty.composite_type;
    if composite.shared || composite.descriptor_idx.is_some() || composite.describes_idx.is_some() {
        return Err(not_supported("a shared type or a type with a descriptor", offset));
    }
    match composite.inner {
        CompositeInnerType::Func(_) => Ok(Kind::Func),
        CompositeInnerType::Struct(_) => Ok(Kind::Struct),
        CompositeInnerType::Array(_) => Ok(Kind::Array),
        CompositeInnerType::Cont(_) => Err(not_supported("a continuation type", offset)),
    }
}

impl<'m> TypeConv<'m> {
    /// For types outside of the type section, in a module with the types `types`.
    pub(super) fn new(types: &'m [DefinedType]) -> Self {
        Self { types, group: &[], outer: Vec::new() }
    }

    fn sub_type(&mut self, ty: &wasmparser::SubType, offset: u64) -> Result<SubType, Error> {
        let supertype = match ty.supertype_idxs[..] {
            [] => None,
            [idx] => self.heap_type_at(idx.unpack(), offset)?.concrete(),
            _ => return Err(not_supported("a type with several supertypes", offset)),
        };
        let composite = match &ty.composite_type.inner {
            CompositeInnerType::Func(ty) => {
                let params = self.val_types(ty.params(), offset)?;
                CompositeType::Func(FuncType::new(params, self.val_types(ty.results(), offset)?))
            }
            CompositeInnerType::Struct(ty) => {
                let fields = ty.fields.iter().map(|field| self.field_type(field, offset));
                CompositeType::Struct(StructType::new(fields.collect::<Result<Vec<_>, _>>()?))
            }
            CompositeInnerType::Array(ty) => {
                CompositeType::Array(ArrayType::new(self.field_type(&ty.0, offset)?))
            }
            CompositeInnerType::Cont(_) => return Err(not_supported("a continuation type", offset)),
        };
        Ok(SubType { is_final: ty.is_final, supertype, composite })
    }

    fn field_type(&mut self, ty: &wasmparser::FieldType, offset: u64) -> Result<FieldType, Error> {
        let storage = match ty.element_type {
            wasmparser::StorageType::I8 => StorageType::I8,
            wasmparser::StorageType::I16 => StorageType::I16,
            wasmparser::StorageType::Val(ty) => StorageType::Val(self.val_type(ty, offset)?),
        };
        Ok(FieldType::new(storage, mutability(ty.mutable)))
    }

    fn val_types(&mut self, types: &[wasmparser::ValType], offset: u64) -> Result<Vec<ValType>, Error> {
        types.iter().map(|&ty| self.val_type(ty, offset)).collect()
    }

    pub(super) fn val_type(&mut self, ty: wasmparser::ValType, offset: u64) -> Result<ValType, Error> {
        Ok(match ty {
            wasmparser::ValType::I32 => ValType::I32,
            wasmparser::ValType::I64 => ValType::I64,
            wasmparser::ValType::F32 => ValType::F32,
            wasmparser::ValType::F64 => ValType::F64,
            wasmparser::ValType::V128 => ValType::V128,
            wasmparser::ValType::Ref(ty) => ValType::Ref(self.ref_type(ty, offset)?),
        })
    }

    pub(super) fn ref_type(&mut self, ty: wasmparser::RefType, offset: u64) -> Result<RefType, Error> {
        Ok(RefType::new(ty.is_nullable(), self.heap_type(ty.heap_type(), offset)?))
    }

    pub(super) fn heap_type(&mut self, ty: wasmparser::HeapType, offset: u64) -> Result<HeapType, Error> {
        match ty {
            wasmparser::HeapType::Abstract { shared: false, ty } => abstract_heap_type(ty, offset),
            wasmparser::HeapType::Concrete(idx) => self.heap_type_at(idx, offset),
            other => Err(not_supported(&alloc::format!("the heap type {other:?}"), offset)),
        }
    }

    fn heap_type_at(&mut self, idx: UnpackedIndex, offset: u64) -> Result<HeapType, Error> {
        let UnpackedIndex::Module(idx) = idx else {
            return Err(not_supported("a type that is not named by its index", offset));
        };
        let idx = idx as usize;
        let in_group = idx.checked_sub(self.types.len());
        if let Some((position, kind)) = in_group.and_then(|at| Some((at as u32, self.group.get(at)?))) {
            let member = ConcreteType::in_group(position);
            return Ok(match kind {
                Kind::Func => HeapType::ConcreteFunc(member),
                Kind::Struct => HeapType::ConcreteStruct(member),
                Kind::Array => HeapType::ConcreteArray(member),
            });
        }
        let ty = self.types.get(idx).ok_or_else(|| not_supported("a type defined later", offset))?;
        // Outside of the type section the module's own list keeps all types alive.
        if !self.group.is_empty() {
            self.outer.push(Arc::clone(ty.group()));
        }
        Ok(ty.heap_type())
    }

    pub(super) fn global_type(
        &mut self,
        ty: &wasmparser::GlobalType,
        offset: u64,
    ) -> Result<GlobalType, Error> {
        if ty.shared {
            return Err(not_supported("a shared global", offset));
        }
        Ok(GlobalType::new(self.val_type(ty.content_type, offset)?, mutability(ty.mutable)))
    }

    pub(super) fn table_type(&mut self, ty: &wasmparser::TableType, offset: u64) -> Result<TableType, Error> {
        if ty.shared {
            return Err(not_supported("a shared table", offset));
        }
        let element = self.ref_type(ty.element_type, offset)?;
        if ty.table64 {
            return Ok(TableType::new64(element, ty.initial, ty.maximum));
        }
        let (minimum, maximum) = limits32(ty.initial, ty.maximum, offset)?;
        Ok(TableType::new(element, minimum, maximum))
    }
}

fn abstract_heap_type(ty: AbstractHeapType, offset: u64) -> Result<HeapType, Error> {
    Ok(match ty {
        AbstractHeapType::Func => HeapType::Func,
        AbstractHeapType::NoFunc => HeapType::NoFunc,
        AbstractHeapType::Extern => HeapType::Extern,
        AbstractHeapType::NoExtern => HeapType::NoExtern,
        AbstractHeapType::Any => HeapType::Any,
        AbstractHeapType::Eq => HeapType::Eq,
        AbstractHeapType::I31 => HeapType::I31,
        AbstractHeapType::Struct => HeapType::Struct,
        AbstractHeapType::Array => HeapType::Array,
        AbstractHeapType::None => HeapType::None,
        AbstractHeapType::Exn => HeapType::Exn,
        AbstractHeapType::NoExn => HeapType::NoExn,
        AbstractHeapType::Cont | AbstractHeapType::NoCont => {
            return Err(not_supported("the type of continuations", offset));
        }
    })
}

fn mutability(is_mutable: bool) -> Mutability {
    if is_mutable { Mutability::Var } else { Mutability::Const }
}

pub(super) fn memory_type(ty: &wasmparser::MemoryType, offset: u64) -> Result<MemoryType, Error> {
    let page_size_log2 = ty.page_size_log2.map_or(Ok(MemoryType::DEFAULT_PAGE_SIZE_LOG2), u8::try_from);
    let page_size_log2 = page_size_log2.map_err(|_| not_supported("this page size", offset))?;
    MemoryTypeBuilder::new()
        .minimum(ty.initial)
        .maximum(ty.maximum)
        .memory64(ty.memory64)
        .shared(ty.shared)
        .page_size_log2(page_size_log2)
        .build()
        .map_err(|error| not_supported(&error.to_string(), offset))
}

fn limits32(minimum: u64, maximum: Option<u64>, offset: u64) -> Result<(u32, Option<u32>), Error> {
    let narrow = |limit| u32::try_from(limit).map_err(|_| not_supported("a limit of 2^32 or more", offset));
    Ok((narrow(minimum)?, maximum.map(narrow).transpose()?))
}
