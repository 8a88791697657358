//! What a decoded module consists of: the result of this folder, read by every later one.
//!
//! Everything in it has been validated, except function bodies in the mode
//! [`LazyValidation`](crate::config::Compilation::LazyValidation), and never changes again. Byte ranges point
//! into `bytes`.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use super::body::BodyValidator;
use crate::config::Config;
use crate::sync::Mutex;
use crate::types::{
    DataIdx, DefinedType, ElemIdx, FuncIdx, FuncType, GlobalIdx, GlobalType, MemoryIdx, MemoryType, TableIdx,
    TableType, TagIdx, TypeIdx,
};

/// A decoded module.
pub(crate) struct ModuleInfo {
    /// The module's bytes; ranges and offsets elsewhere are relative to their start.
    pub(crate) bytes: Arc<[u8]>,
    /// Types by [`TypeIdx`].
    pub(crate) types: Vec<DefinedType>,
    /// In the order of the import section.
    pub(crate) imports: Vec<Import>,
    /// How many of the following index spaces' first entries are imported.
    pub(crate) imported: ImportedCounts,
    /// Types of all functions by [`FuncIdx`].
    pub(crate) funcs: Vec<TypeIdx>,
    /// Types of all tables by [`TableIdx`].
    pub(crate) tables: Vec<TableType>,
    /// Initial values of the tables that are not imported.
    pub(crate) table_inits: Vec<ConstExpr>,
    /// Types of all memories by [`MemoryIdx`].
    pub(crate) memories: Vec<MemoryType>,
    /// Types of all globals by [`GlobalIdx`].
    pub(crate) globals: Vec<GlobalType>,
    /// Initial values of the globals that are not imported.
    pub(crate) global_inits: Vec<ConstExpr>,
    /// Types of all tags by [`TagIdx`].
    pub(crate) tags: Vec<TypeIdx>,
    /// In the order of the export section.
    pub(crate) exports: Vec<Export>,
    /// Positions in `exports` in the order of their names.
    pub(super) exports_by_name: Box<[u32]>,
    /// Function to run at the end of instantiation.
    pub(crate) start: Option<FuncIdx>,
    /// Element segments by [`ElemIdx`].
    pub(crate) elems: Vec<ElemSegment>,
    /// Data segments by [`DataIdx`].
    pub(crate) datas: Vec<DataSegment>,
    /// Bodies (local declarations and operators, without the leading size) of the functions that are not imported.
    pub(crate) bodies: Vec<Range<u32>>,
    /// Every section's id, payload and name if custom, in order.
    pub(crate) sections: Vec<Section>,
    /// From the name section, read at the first question.
    pub(super) names: Mutex<Option<Names>>,
    /// Checks function bodies one by one, where that was put off; `None` once all of them are validated, and
    /// for a module without any.
    pub(crate) validator: Option<BodyValidator>,
    /// How branches mostly go, by function and offset; empty if nobody is to be told.
    pub(crate) branch_hints: Box<[BranchHint]>,
    /// Whether lowering may make one op of several operators.
    pub(crate) combining: bool,
    /// Whether operators of relaxed SIMD do the same on every processor.
    pub(crate) relaxed_simd_deterministic: bool,
}

/// How many entries of each index space are imported.
#[derive(Clone, Copy, Default)]
pub(crate) struct ImportedCounts {
    pub(crate) funcs: u32,
    pub(crate) tables: u32,
    pub(crate) memories: u32,
    pub(crate) globals: u32,
    pub(crate) tags: u32,
}

/// What a module says of a branch of its ([proposal](https://github.com/WebAssembly/branch-hinting)).
pub(crate) struct BranchHint {
    pub(crate) func: FuncIdx,
    /// Of the operator, from the start of the function's body.
    pub(crate) offset: u32,
    /// Whether the condition mostly holds, or mostly does not.
    pub(crate) likely: bool,
}

/// One import.
pub(crate) struct Import {
    pub(crate) module: Box<str>,
    pub(crate) name: Box<str>,
    /// What is imported, as an index into its index space.
    pub(crate) item: ExternIdx,
}

/// One export.
pub(crate) struct Export {
    pub(crate) name: Box<str>,
    pub(crate) item: ExternIdx,
}

/// An index into one of the index spaces that can be imported and exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExternIdx {
    Func(FuncIdx),
    Table(TableIdx),
    Memory(MemoryIdx),
    Global(GlobalIdx),
    Tag(TagIdx),
}

/// An element segment.
pub(crate) struct ElemSegment {
    pub(crate) items: ElemItems,
    pub(crate) mode: ElemMode,
}

/// The elements of a segment.
pub(crate) enum ElemItems {
    Funcs(Box<[FuncIdx]>),
    Exprs(Box<[ConstExpr]>),
}

/// What happens to an element segment at instantiation.
pub(crate) enum ElemMode {
    Passive,
    Declared,
    Active { table: TableIdx, offset: ConstExpr },
}

/// A data segment.
pub(crate) struct DataSegment {
    pub(crate) bytes: Range<u32>,
    pub(crate) mode: DataMode,
}

/// What happens to a data segment at instantiation.
pub(crate) enum DataMode {
    Passive,
    Active { memory: MemoryIdx, offset: ConstExpr },
}

/// A constant expression, validated, in evaluation order (postfix).
pub(crate) struct ConstExpr(pub(crate) Box<[ConstOp]>);

/// One operator of a constant expression.
#[derive(Clone, Copy)]
pub(crate) enum ConstOp {
    /// A number as the cell holds it: 32-bit values zero-extended, floats as their bits.
    Value(u64),
    /// 128 bits, as they lie in memory.
    Vector([u8; 16]),
    RefNull,
    RefFunc(FuncIdx),
    GlobalGet(GlobalIdx),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
    RefI31,
    StructNew(TypeIdx),
    StructNewDefault(TypeIdx),
    ArrayNew(TypeIdx),
    ArrayNewDefault(TypeIdx),
    ArrayNewFixed(TypeIdx, u32),
}

impl ConstExpr {
    /// Whether evaluating it makes an object, so that every time gives another value.
    pub(crate) fn makes_objects(&self) -> bool {
        self.0.iter().any(|op| {
            matches!(
                op,
                ConstOp::StructNew(_)
                    | ConstOp::StructNewDefault(_)
                    | ConstOp::ArrayNew(_)
                    | ConstOp::ArrayNewDefault(_)
                    | ConstOp::ArrayNewFixed(..)
            )
        })
    }
}

/// One section as it lies in the bytes.
pub(crate) struct Section {
    pub(crate) id: u8,
    /// The payload: what comes behind id and size.
    pub(crate) range: Range<u32>,
    /// A custom section's name and where its data begins.
    pub(crate) custom: Option<(Box<str>, u32)>,
}

/// The name section's parts that messages and listings use, as ranges of the module's bytes.
#[derive(Default)]
pub(super) struct Names {
    pub(super) module: Option<Range<u32>>,
    pub(super) funcs: BTreeMap<u32, Range<u32>>,
}

impl ModuleInfo {
    /// The bytes at these positions of the module, which wasmparser gave as a section's.
    pub(super) fn bytes_at(&self, range: Range<u64>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// A module without any section, to be filled section by section.
    pub(super) fn new(bytes: Arc<[u8]>, config: &Config) -> Self {
        Self {
            bytes,
            types: Vec::new(),
            imports: Vec::new(),
            imported: ImportedCounts::default(),
            funcs: Vec::new(),
            tables: Vec::new(),
            table_inits: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            global_inits: Vec::new(),
            tags: Vec::new(),
            exports: Vec::new(),
            exports_by_name: Box::default(),
            start: None,
            elems: Vec::new(),
            datas: Vec::new(),
            bodies: Vec::new(),
            // As many as most modules have.
            sections: Vec::with_capacity(8),
            names: Mutex::new(None),
            validator: None,
            branch_hints: Box::default(),
            combining: config.combining,
            relaxed_simd_deterministic: config.relaxed_simd_deterministic,
        }
    }

    /// The type of function `idx`.
    pub(crate) fn func_type(&self, idx: FuncIdx) -> &FuncType {
        self.func_type_at(self.funcs[idx.index()])
    }

    /// The function type at `idx`, which validation has seen to be one.
    pub(crate) fn func_type_at(&self, idx: TypeIdx) -> &FuncType {
        self.types[idx.index()]
            .as_func()
            .expect("validation: functions, blocks and calls have function types")
    }

    /// The type of tag `idx`: its parameters are what an exception carries.
    pub(crate) fn tag_type(&self, idx: TagIdx) -> &FuncType {
        self.func_type_at(self.tags[idx.index()])
    }

    /// The body of function `idx`, or `None` if it is imported.
    pub(crate) fn body(&self, idx: FuncIdx) -> Option<Range<u32>> {
        let defined = idx.0.checked_sub(self.imported.funcs)?;
        self.bodies.get(defined as usize).cloned()
    }

    /// Bytes of all bodies and what is between them.
    pub(crate) fn bodies_bytes(&self) -> usize {
        match &self.bodies[..] {
            [first, .., last] => (last.end - first.start) as usize,
            [only] => only.len(),
            [] => 0,
        }
    }

    /// What is exported as `name`.
    pub(crate) fn export(&self, name: &str) -> Option<ExternIdx> {
        let name_at = |position: &u32| &*self.exports[*position as usize].name;
        let at = self.exports_by_name.binary_search_by(|position| name_at(position).cmp(name)).ok()?;
        Some(self.exports[self.exports_by_name[at] as usize].item)
    }

    /// Whether two exports have the same name.
    pub(super) fn has_ambiguous_exports(&self) -> bool {
        let name_at = |position: u32| &self.exports[position as usize].name;
        self.exports_by_name.windows(2).any(|pair| name_at(pair[0]) == name_at(pair[1]))
    }

    /// The bytes of data segment `idx`.
    pub(crate) fn data(&self, idx: DataIdx) -> &[u8] {
        let range = &self.datas[idx.index()].bytes;
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// Element segment `idx`.
    pub(crate) fn elem(&self, idx: ElemIdx) -> &ElemSegment {
        &self.elems[idx.index()]
    }
}
