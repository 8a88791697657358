//! Accepts the sections of most modules at a fraction of what wasmparser's validator takes, which for a small module is
//! longer than all that is done with it afterwards.
//!
//! A section and what was read before it go in; out comes whether the section is certainly valid. As with bodies
//! ([`super::accept`]), "no" means nothing: then the whole module is left to wasmparser, which says what is wrong and
//! where. What is left to it: types other than functions of simple values, constant expressions of several operators,
//! elements by expression, whatever is very large, and every module as soon as a proposal is switched on or off that is not
//! by default. Order and counts of sections are not looked at here, because wasmparser's parser does that.

use wasmparser::{
    DataKind, DataSectionReader, ElementItems, ElementKind, ElementSectionReader, Encoding,
    ExportSectionReader, ExternalKind, GlobalSectionReader, ImportSectionReader, MemorySectionReader,
    Operator, Payload, RefType, TableInit, TableSectionReader, TypeRef, ValType,
};

use super::info::ModuleInfo;
use super::sections::for_each_plain_segment;
use super::type_conv::for_each_plain_type;
use crate::types::{FuncIdx, TypeIdx};

/// More items than this in a section are left to wasmparser, whose limits are between twice and twenty times as many.
const MAX_ITEMS: u32 = 50_000;
/// The most memories, for wasmparser as well.
const MAX_MEMORIES: usize = 100;
/// Types that all imports, or all exports, consist of; wasmparser's limit is for both together.
const MAX_TYPE_SIZE: usize = 400_000;
/// The longest body; wasmparser has 7,654,321 bytes.
const MAX_BODY_SIZE: u64 = 7_000_000;

/// `None` as soon as something is unknown or wrong.
type Accepted = Option<()>;

/// Whether a payload is certainly valid with all proposals that are on by default, given that everything in `info` is.
/// Names of exports are not compared.
pub(super) fn accepts(info: &ModuleInfo, payload: &Payload<'_>) -> bool {
    let few = |count: u32| only_if(count <= MAX_ITEMS);
    let accepted = match payload {
        Payload::Version { encoding: Encoding::Module, .. } => Some(()),
        Payload::TypeSection(reader) => {
            few(reader.count()).and_then(|()| for_each_plain_type(info.bytes_at(reader.range()), |_, _| {}))
        }
        Payload::ImportSection(reader) => few(reader.count()).and_then(|()| imports(info, reader)),
        Payload::FunctionSection(reader) => few(reader.count()).and_then(|()| {
            let mut types = reader.clone().into_iter();
            types.try_for_each(|ty| only_if((ty.ok()? as usize) < info.types.len()))
        }),
        Payload::TableSection(reader) => few(reader.count()).and_then(|()| tables(reader)),
        Payload::MemorySection(reader) => memories(info, reader),
        Payload::GlobalSection(reader) => few(reader.count()).and_then(|()| globals(info, reader)),
        Payload::ExportSection(reader) => few(reader.count()).and_then(|()| exports(info, reader)),
        Payload::StartSection { func, .. } => start(info, *func),
        Payload::ElementSection(reader) => few(reader.count()).and_then(|()| elements(info, reader)),
        Payload::DataCountSection { count, .. } => few(*count),
        Payload::CodeSectionStart { .. } => Some(()),
        Payload::CodeSectionEntry(body) => {
            let range = body.range();
            only_if(range.end - range.start <= MAX_BODY_SIZE)
        }
        Payload::DataSection(reader) => few(reader.count()).and_then(|()| data(info, reader)),
        Payload::CustomSection(_) | Payload::End(_) => Some(()),
        _ => None,
    };
    accepted.is_some()
}

fn only_if(condition: bool) -> Accepted {
    condition.then_some(())
}

fn imports(info: &ModuleInfo, reader: &ImportSectionReader<'_>) -> Accepted {
    let (mut type_size, mut memory_count, mut count) = (0, 0, 0);
    for import in reader.clone().into_imports_with_offsets() {
        // One entry may be for several of them.
        count += 1;
        only_if(count <= MAX_ITEMS)?;
        match import.ok()?.1.ty {
            TypeRef::Func(type_idx) => type_size += size_of_type(info, TypeIdx(type_idx))?,
            TypeRef::Table(ty) => table_type(&ty)?,
            TypeRef::Memory(ty) => {
                memory_type(&ty)?;
                memory_count += 1;
            }
            TypeRef::Global(ty) => only_if(is_simple(ty.content_type) && !ty.shared)?,
            TypeRef::Tag(_) | TypeRef::FuncExact(_) => return None,
        }
        type_size += 1;
    }
    only_if(type_size <= MAX_TYPE_SIZE && memory_count <= MAX_MEMORIES)
}

/// What wasmparser counts of a function's type, at most.
fn size_of_type(info: &ModuleInfo, idx: TypeIdx) -> Option<usize> {
    let ty = info.types.get(idx.index())?.as_func()?;
    Some(2 + ty.params().len() + ty.results().len())
}

fn tables(reader: &TableSectionReader<'_>) -> Accepted {
    reader.clone().into_iter().try_for_each(|table| {
        let table = table.ok()?;
        only_if(matches!(table.init, TableInit::RefNull))?;
        table_type(&table.ty)
    })
}

fn table_type(ty: &wasmparser::TableType) -> Accepted {
    only_if([RefType::FUNCREF, RefType::EXTERNREF].contains(&ty.element_type))?;
    only_if(!ty.table64 && !ty.shared)?;
    limits(ty.initial, ty.maximum, u32::MAX.into())
}

fn memories(info: &ModuleInfo, reader: &MemorySectionReader<'_>) -> Accepted {
    only_if(info.memories.len() + reader.count() as usize <= MAX_MEMORIES)?;
    reader.clone().into_iter().try_for_each(|ty| memory_type(&ty.ok()?))
}

fn memory_type(ty: &wasmparser::MemoryType) -> Accepted {
    only_if(!ty.memory64 && !ty.shared && ty.page_size_log2.is_none())?;
    limits(ty.initial, ty.maximum, 1 << 16)
}

fn limits(minimum: u64, maximum: Option<u64>, reachable: u64) -> Accepted {
    let maximum = maximum.unwrap_or(reachable);
    only_if(minimum <= maximum && maximum <= reachable)
}

fn globals(info: &ModuleInfo, reader: &GlobalSectionReader<'_>) -> Accepted {
    reader.clone().into_iter().try_for_each(|global| {
        let global = global.ok()?;
        only_if(is_simple(global.ty.content_type) && !global.ty.shared)?;
        const_expr(info, &global.init_expr, global.ty.content_type)
    })
}

fn is_simple(ty: ValType) -> bool {
    match ty {
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => true,
        ValType::Ref(ty) => [RefType::FUNCREF, RefType::EXTERNREF].contains(&ty),
    }
}

/// A constant, or the value of a global that an earlier section has.
fn const_expr(info: &ModuleInfo, expr: &wasmparser::ConstExpr<'_>, expected: ValType) -> Accepted {
    let mut reader = expr.get_operators_reader();
    let ty = match reader.read().ok()? {
        Operator::I32Const { .. } => ValType::I32,
        Operator::I64Const { .. } => ValType::I64,
        Operator::F32Const { .. } => ValType::F32,
        Operator::F64Const { .. } => ValType::F64,
        Operator::V128Const { .. } => ValType::V128,
        Operator::GlobalGet { global_index } => {
            use crate::types::{Mutability, ValType as Own};

            let global = info.globals.get(global_index as usize)?;
            only_if(global.mutability() == Mutability::Const)?;
            match global.content() {
                Own::I32 => ValType::I32,
                Own::I64 => ValType::I64,
                Own::F32 => ValType::F32,
                Own::F64 => ValType::F64,
                Own::V128 | Own::Ref(_) => return None,
            }
        }
        _ => return None,
    };
    only_if(ty == expected && matches!(reader.read(), Ok(Operator::End)) && reader.eof())
}

fn exports(info: &ModuleInfo, reader: &ExportSectionReader<'_>) -> Accepted {
    let mut type_size = 0;
    for export in reader.clone() {
        let export = export.ok()?;
        let idx = export.index as usize;
        match export.kind {
            ExternalKind::Func => type_size += size_of_type(info, *info.funcs.get(idx)?)?,
            ExternalKind::Table => only_if(idx < info.tables.len())?,
            ExternalKind::Memory => only_if(idx < info.memories.len())?,
            ExternalKind::Global => only_if(idx < info.globals.len())?,
            ExternalKind::Tag | ExternalKind::FuncExact => return None,
        }
        type_size += 1;
    }
    only_if(type_size <= MAX_TYPE_SIZE)
}

fn start(info: &ModuleInfo, func: u32) -> Accepted {
    info.funcs.get(func as usize)?;
    let ty = info.func_type(FuncIdx(func));
    only_if(ty.params().is_empty() && ty.results().is_empty())
}

fn elements(info: &ModuleInfo, reader: &ElementSectionReader<'_>) -> Accepted {
    reader.clone().into_iter().try_for_each(|element| {
        let element = element.ok()?;
        let ElementItems::Functions(funcs) = element.items else { return None };
        if let ElementKind::Active { table_index, offset_expr } = &element.kind {
            let table = info.tables.get(table_index.unwrap_or(0) as usize)?;
            only_if(table.element() == crate::types::RefType::FUNCREF && !table.is_64())?;
            const_expr(info, offset_expr, ValType::I32)?;
        }
        // Fewer than wasmparser allows, which has a limit of its own for each segment.
        only_if(funcs.count() <= 5_000_000)?;
        funcs.into_iter().try_for_each(|func| only_if((func.ok()? as usize) < info.funcs.len()))
    })
}

fn data(info: &ModuleInfo, reader: &DataSectionReader<'_>) -> Accepted {
    if info.memories.first().is_some_and(|memory| !memory.is_64())
        && for_each_plain_segment(info.bytes_at(reader.range()), |_, _| {}).is_some()
    {
        return Some(());
    }
    reader.clone().into_iter().try_for_each(|segment| match &segment.ok()?.kind {
        DataKind::Passive => Some(()),
        DataKind::Active { memory_index, offset_expr } => {
            only_if(!info.memories.get(*memory_index as usize)?.is_64())?;
            const_expr(info, offset_expr, ValType::I32)
        }
    })
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use crate::config::Config;
    use crate::decode::info::ModuleInfo;
    use crate::decode::{read_accepted, read_sections};

    /// Something of everything that is accepted without wasmparser.
    const TEXT: &str = r#"(module
        (type $pair (func (param i32 i64) (result i64 i32)))
        (type (func (param f32 f64 v128 funcref externref)))
        (import "m" "f" (func $imported (type $pair)))
        (import "m" "t" (table 1 2 funcref))
        (import "m" "m" (memory 1 9))
        (import "m" "g" (global $base i32))
        (import "m" "v" (global (mut i64)))
        (func $swap (type $pair) (local.get 1) (local.get 0))
        (func $start)
        (table 3 externref)
        (memory 1)
        (global i32 (global.get $base)) (global (mut i64) (i64.const -1)) (global f32 (f32.const 1))
        (global f64 (f64.const 1)) (global v128 (v128.const i64x2 1 2))
        (export "swap" (func $swap)) (export "mem" (memory 1)) (export "g" (global 3)) (export "tab" (table 1))
        (start $start)
        (elem (i32.const 0) func $swap $start) (elem (global.get $base) func $imported)
        (elem declare func $swap) (elem func $swap)
        (data (i32.const 8) "active") (data "passive") (data (memory 1) (global.get $base) "there"))"#;

    /// Types and data segments as most modules have them.
    const PLAIN: &str = r#"(module
        (type (func (param i32 i64) (result f32 f64)))
        (memory 2)
        (data (i32.const 8) "one") (data (i32.const -70000) "another") (data (i32.const 100) "") (data (i32.const 0) "x"))"#;

    /// Whether a module's sections are accepted, and whether they are valid.
    fn verdict(bytes: &[u8]) -> (bool, bool) {
        let (config, registry) = (Config::new(), Arc::default());
        let new_info = || ModuleInfo::new(Arc::from(bytes), &config);
        let accepted = read_accepted(bytes, &config, &registry, &mut new_info()).is_some();
        (accepted, read_sections(bytes, &config, &registry, &mut new_info()).is_ok())
    }

    fn random_numbers() -> impl FnMut(usize) -> usize {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as usize % below
        }
    }

    #[test]
    fn what_compilers_emit_is_accepted() {
        let mut bytes = wat::parse_str(TEXT).expect("the text is well-formed");
        assert_eq!(verdict(&bytes), (true, true));
        // A custom section.
        bytes.extend([0, 2, 1, b'x']);
        assert_eq!(verdict(&bytes), (true, true));
        let bytes = wat::parse_str(PLAIN).expect("the text is well-formed");
        assert_eq!(verdict(&bytes), (true, true));
        assert_eq!(verdict(b"\0asm\x01\0\0\0"), (true, true));
        assert_eq!(verdict(b"\0asm\x0D\0\x01\0"), (false, false));
    }

    #[test]
    fn nothing_is_accepted_with_other_proposals_than_the_default_ones() {
        let bytes = wat::parse_str("(module)").expect("the text is well-formed");
        let mut config = Config::new();
        config.wasm_extended_const(false);
        let mut info = ModuleInfo::new(Arc::from(&*bytes), &config);
        assert!(read_accepted(&bytes, &config, &Arc::default(), &mut info).is_none());
    }

    #[test]
    fn two_exports_of_one_name_are_not_accepted() {
        let text = r#"(module (memory 1) (export "a" (memory 0)) (export "b" (memory 0)))"#;
        let mut bytes = wat::parse_str(text).expect("the text is well-formed");
        let name = bytes.iter().position(|byte| *byte == b'b').expect("there is one");
        bytes[name] = b'a';
        assert_eq!(verdict(&bytes), (false, false));
    }

    #[test]
    fn nothing_invalid_is_accepted() {
        let (accepted, invalid) = change_at_random(TEXT, 20_000);
        assert!(accepted > 1_000 && invalid > 5_000, "{accepted} {invalid}");
        let (accepted, invalid) = change_at_random(PLAIN, 20_000);
        assert!(accepted > 1_000 && invalid > 5_000, "{accepted} {invalid}");
    }

    /// Looks at so many changed modules; returns how many were accepted, and how many are invalid.
    fn change_at_random(text: &str, count: u32) -> (u32, u32) {
        let original = wat::parse_str(text).expect("the text is well-formed");
        let mut random = random_numbers();
        let (mut accepted, mut invalid) = (0, 0);
        for _ in 0..count {
            let mut bytes: Vec<u8> = original.clone();
            for _ in 0..=random(3) {
                let at = 8 + random(bytes.len() - 8);
                // Any byte, one that stands elsewhere in the module, or a neighbour of what was there.
                bytes[at] = match random(3) {
                    0 => random(256) as u8,
                    1 => original[random(original.len())],
                    _ => original[at] ^ 1 << random(8),
                };
            }
            let (is_accepted, is_valid) = verdict(&bytes);
            assert!(is_valid || !is_accepted, "{bytes:x?}");
            accepted += u32::from(is_accepted);
            invalid += u32::from(!is_valid);
        }
        (accepted, invalid)
    }
}
