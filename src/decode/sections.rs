//! One function a section: wasmparser's reader in, entries of [`ModuleInfo`] out.
//!
//! The section has been validated as a whole before it gets here: indices are in range, counts are true, export
//! names differ. What remains are types that the engine does not implement, and they are errors.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use wasmparser::{
    BinaryReader, DataKind, DataSectionReader, ElementItems, ElementKind, ElementSectionReader,
    ExportSectionReader, ExternalKind, FunctionSectionReader, GlobalSectionReader, ImportSectionReader,
    MemorySectionReader, Payload, TableInit, TableSectionReader, TagSectionReader, TypeRef,
    TypeSectionReader,
};

use super::const_expr::{const_expr, null};
use super::info::{
    ConstExpr, ConstOp, DataMode, DataSegment, ElemItems, ElemMode, ElemSegment, Export, ExternIdx, Import,
    ModuleInfo, Section,
};
use super::type_conv::{TypeConv, for_each_plain_type, memory_type, plain_val_type, rec_group};
use super::{narrow, narrow_range, not_supported};
use crate::error::Error;
use crate::types::{
    CompositeType, DefinedType, FuncIdx, FuncType, GlobalIdx, MemoryIdx, SubType, TableIdx, TagIdx, TypeIdx,
    TypeRegistry,
};

/// Adds what one payload says, except for function bodies, to `info`.
pub(super) fn add(
    info: &mut ModuleInfo,
    registry: &Arc<TypeRegistry>,
    payload: Payload<'_>,
) -> Result<(), Error> {
    list(info, &payload);
    match payload {
        Payload::TypeSection(reader) => types(info, registry, reader),
        Payload::ImportSection(reader) => imports(info, reader),
        Payload::FunctionSection(reader) => functions(info, reader),
        Payload::TableSection(reader) => tables(info, reader),
        Payload::MemorySection(reader) => memories(info, reader),
        Payload::GlobalSection(reader) => globals(info, reader),
        Payload::TagSection(reader) => tags(info, reader),
        Payload::ExportSection(reader) => exports(info, reader),
        Payload::ElementSection(reader) => elements(info, reader),
        Payload::DataSection(reader) => data(info, reader),
        Payload::StartSection { func, .. } => {
            info.start = Some(FuncIdx(func));
            Ok(())
        }
        Payload::CodeSectionStart { count, .. } => {
            // The validator has compared the count with the function section's.
            info.bodies.reserve_exact((count as usize).min(info.funcs.len()));
            Ok(())
        }
        // Listed above, and read when somebody asks.
        Payload::CustomSection(_) => Ok(()),
        Payload::Version { .. } | Payload::DataCountSection { .. } | Payload::End(_) => Ok(()),
        // The remaining ones are components' and unknown sections, none of which passes validation.
        other => {
            let (id, range) = other.as_section().unwrap_or_default();
            Err(not_supported(&format!("a section with the id {id}"), range.start))
        }
    }
}

fn list(info: &mut ModuleInfo, payload: &Payload<'_>) {
    let Some((id, range)) = payload.as_section() else { return };
    let custom = match payload {
        Payload::CustomSection(reader) => Some((reader.name().into(), narrow(reader.data_offset()))),
        _ => None,
    };
    info.sections.push(Section { id, range: narrow_range(range), custom });
}

fn types(
    info: &mut ModuleInfo,
    registry: &Arc<TypeRegistry>,
    reader: TypeSectionReader<'_>,
) -> Result<(), Error> {
    let (range, bytes) = (reader.range(), Arc::clone(&info.bytes));
    let section = &bytes[range.start as usize..range.end as usize];
    if for_each_plain_type(section, |_, _| {}).is_some() {
        info.types.reserve_exact(reader.count() as usize);
        for_each_plain_type(section, |params, results| {
            let val_type = |byte| plain_val_type(byte).expect("every type was looked at before");
            let ty = FuncType::of_slices(params, results, val_type);
            let ty = SubType { is_final: true, supertype: None, composite: CompositeType::Func(ty) };
            info.types.push(registry.define_one(ty, Vec::new()));
        });
        return Ok(());
    }
    for group in reader {
        let group = rec_group(registry, &info.types, group?)?;
        info.types.extend(group.types());
    }
    Ok(())
}

fn imports(info: &mut ModuleInfo, reader: ImportSectionReader<'_>) -> Result<(), Error> {
    info.imports.reserve_exact(reader.count() as usize);
    for import in reader.into_imports_with_offsets() {
        let (offset, import) = import?;
        let item = match import.ty {
            TypeRef::Func(type_idx) => {
                info.funcs.push(TypeIdx(type_idx));
                info.imported.funcs += 1;
                ExternIdx::Func(FuncIdx::from(info.funcs.len() - 1))
            }
            TypeRef::Table(ty) => {
                info.tables.push(TypeConv::new(&info.types).table_type(&ty, offset)?);
                info.imported.tables += 1;
                ExternIdx::Table(TableIdx::from(info.tables.len() - 1))
            }
            TypeRef::Memory(ty) => {
                info.memories.push(memory_type(&ty, offset)?);
                info.imported.memories += 1;
                ExternIdx::Memory(MemoryIdx::from(info.memories.len() - 1))
            }
            TypeRef::Global(ty) => {
                info.globals.push(TypeConv::new(&info.types).global_type(&ty, offset)?);
                info.imported.globals += 1;
                ExternIdx::Global(GlobalIdx::from(info.globals.len() - 1))
            }
            TypeRef::Tag(ty) => {
                info.tags.push(TypeIdx(ty.func_type_idx));
                info.imported.tags += 1;
                ExternIdx::Tag(TagIdx::from(info.tags.len() - 1))
            }
            TypeRef::FuncExact(_) => {
                return Err(not_supported("an import of an exact function", offset));
            }
        };
        info.imports.push(Import { module: import.module.into(), name: import.name.into(), item });
    }
    Ok(())
}

fn functions(info: &mut ModuleInfo, reader: FunctionSectionReader<'_>) -> Result<(), Error> {
    info.funcs.reserve_exact(reader.count() as usize);
    for type_idx in reader {
        info.funcs.push(TypeIdx(type_idx?));
    }
    Ok(())
}

fn tables(info: &mut ModuleInfo, reader: TableSectionReader<'_>) -> Result<(), Error> {
    for table in reader.into_iter_with_offsets() {
        let (offset, table) = table?;
        info.tables.push(TypeConv::new(&info.types).table_type(&table.ty, offset)?);
        info.table_inits.push(match &table.init {
            TableInit::RefNull => null(),
            TableInit::Expr(expr) => const_expr(expr)?,
        });
    }
    Ok(())
}

fn memories(info: &mut ModuleInfo, reader: MemorySectionReader<'_>) -> Result<(), Error> {
    info.memories.reserve_exact(reader.count() as usize);
    for memory in reader.into_iter_with_offsets() {
        let (offset, ty) = memory?;
        info.memories.push(memory_type(&ty, offset)?);
    }
    Ok(())
}

fn globals(info: &mut ModuleInfo, reader: GlobalSectionReader<'_>) -> Result<(), Error> {
    info.globals.reserve_exact(reader.count() as usize);
    info.global_inits.reserve_exact(reader.count() as usize);
    for global in reader.into_iter_with_offsets() {
        let (offset, global) = global?;
        info.globals.push(TypeConv::new(&info.types).global_type(&global.ty, offset)?);
        info.global_inits.push(const_expr(&global.init_expr)?);
    }
    Ok(())
}

fn tags(info: &mut ModuleInfo, reader: TagSectionReader<'_>) -> Result<(), Error> {
    for ty in reader {
        info.tags.push(TypeIdx(ty?.func_type_idx));
    }
    Ok(())
}

fn exports(info: &mut ModuleInfo, reader: ExportSectionReader<'_>) -> Result<(), Error> {
    info.exports.reserve_exact(reader.count() as usize);
    for export in reader.into_iter_with_offsets() {
        let (offset, export) = export?;
        let item = match export.kind {
            ExternalKind::Func => ExternIdx::Func(FuncIdx(export.index)),
            ExternalKind::Table => ExternIdx::Table(TableIdx(export.index)),
            ExternalKind::Memory => ExternIdx::Memory(MemoryIdx(export.index)),
            ExternalKind::Global => ExternIdx::Global(GlobalIdx(export.index)),
            ExternalKind::Tag => ExternIdx::Tag(TagIdx(export.index)),
            ExternalKind::FuncExact => {
                return Err(not_supported("an export of an exact function", offset));
            }
        };
        info.exports.push(Export { name: export.name.into(), item });
    }
    let mut by_name: Box<[u32]> = (0..info.exports.len() as u32).collect();
    by_name.sort_unstable_by_key(|position| &*info.exports[*position as usize].name);
    info.exports_by_name = by_name;
    Ok(())
}

fn elements(info: &mut ModuleInfo, reader: ElementSectionReader<'_>) -> Result<(), Error> {
    info.elems.reserve_exact(reader.count() as usize);
    for element in reader.into_iter_with_offsets() {
        let (offset, element) = element?;
        let items = elem_items(&info.types, element.items, offset)?;
        let mode = match &element.kind {
            ElementKind::Passive => ElemMode::Passive,
            ElementKind::Declared => ElemMode::Declared,
            ElementKind::Active { table_index, offset_expr } => ElemMode::Active {
                table: TableIdx(table_index.unwrap_or(0)),
                offset: const_expr(offset_expr)?,
            },
        };
        info.elems.push(ElemSegment { items, mode });
    }
    Ok(())
}

fn elem_items(types: &[DefinedType], items: ElementItems<'_>, offset: u64) -> Result<ElemItems, Error> {
    Ok(match items {
        ElementItems::Functions(reader) => {
            let funcs: Result<Box<[FuncIdx]>, Error> =
                reader.into_iter().map(|func| Ok(FuncIdx(func?))).collect();
            ElemItems::Funcs(funcs?)
        }
        ElementItems::Expressions(ty, reader) => {
            let exprs: Result<Vec<_>, Error> = reader.into_iter().map(|expr| const_expr(&expr?)).collect();
            // Validation relates the type to tables'; here it only has to be one that the engine knows.
            TypeConv::new(types).ref_type(ty, offset)?;
            ElemItems::Exprs(exprs?.into())
        }
    })
}

/// Shows `each` the offset and the bytes (as positions in the section) of all data segments in a data section, if they are
/// like most: in memory 0 from an `i32.const` on. If not, it shows a part of them and returns `None`.
pub(super) fn for_each_plain_segment(section: &[u8], mut each: impl FnMut(u32, Range<u64>)) -> Option<()> {
    const IN_MEMORY_0: u8 = 0;
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0B;
    let mut reader = BinaryReader::new(section, 0);
    for _ in 0..reader.read_var_u32().ok()? {
        if reader.read_u8().ok()? != IN_MEMORY_0 || reader.read_u8().ok()? != I32_CONST {
            return None;
        }
        let offset = reader.read_var_i32().ok()?;
        if reader.read_u8().ok()? != END {
            return None;
        }
        let len = reader.read_var_u32().ok()?;
        let start = reader.original_position();
        reader.read_bytes(len as usize).ok()?;
        each(offset.cast_unsigned(), start..start + u64::from(len));
    }
    reader.eof().then_some(())
}

fn data(info: &mut ModuleInfo, reader: DataSectionReader<'_>) -> Result<(), Error> {
    info.datas.reserve_exact(reader.count() as usize);
    let (range, bytes) = (reader.range(), Arc::clone(&info.bytes));
    let section = &bytes[range.start as usize..range.end as usize];
    let add_plain = |offset: u32, bytes: Range<u64>| {
        let offset = ConstExpr(Box::new([ConstOp::Value(offset.into())]));
        let mode = DataMode::Active { memory: MemoryIdx(0), offset };
        let bytes = narrow_range(range.start + bytes.start..range.start + bytes.end);
        info.datas.push(DataSegment { bytes, mode });
    };
    if for_each_plain_segment(section, add_plain).is_some() {
        return Ok(());
    }
    info.datas.clear();
    for segment in reader {
        let segment = segment?;
        let mode = match &segment.kind {
            DataKind::Passive => DataMode::Passive,
            DataKind::Active { memory_index, offset_expr } => {
                DataMode::Active { memory: MemoryIdx(*memory_index), offset: const_expr(offset_expr)? }
            }
        };
        // The bytes come last in a segment; `segment.range` covers its header as well.
        let end = narrow(segment.range.end);
        let data_bytes = narrow(segment.data.len() as u64);
        info.datas.push(DataSegment { bytes: end - data_bytes..end, mode });
    }
    Ok(())
}
