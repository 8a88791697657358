//! A program's module, but for the code: functions and their types, globals, tables, memory, segments.
//!
//! In go choices and perhaps an earlier module to import from; out comes the binary format. Always: the functions
//! that code may call are numbered below the one being generated, and their costs are known.

use std::borrow::Cow;

use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection,
    MemoryType, Module, RefType, TableSection, TableType, TagKind, TagSection, TagType, TypeSection, ValType,
};

use super::objects::{OBJECT_TYPES, OBJECTS, object_types};
use crate::choices::Choices;
use crate::host::{BACK, MEMORY, TAG};
use crate::smith::Proposals;
use crate::subject::{F32_CELLS, F64_CELLS};

/// A module while it is being generated.
pub(super) struct Shape {
    /// Types of functions, behind those of objects.
    types: Vec<(Vec<ValType>, Vec<ValType>)>,
    pub(super) has_objects: bool,
    /// What there is to throw.
    pub(super) tags: Vec<Tag>,
    /// Imported ones first; own ones are added as their code is done.
    funcs: Vec<FuncInfo>,
    imported_funcs: u32,
    /// Types of own functions, whether their code is done or not.
    signatures: Vec<u32>,
    codes: Vec<Function>,
    pub(super) globals: Vec<Global>,
    memory: Memory,
    pub(super) data: Vec<Vec<u8>>,
    /// The functions in table [`CALLS`], which never changes.
    calls: Vec<u32>,
    has_start: bool,
    /// Whether the start function may be one of the host's. wasmi does not tell it whose it is.
    may_start_in_host: bool,
}

/// What callers must know of a function.
#[derive(Clone)]
pub(super) struct FuncInfo {
    pub(super) ty: u32,
    /// Operators that a call may execute.
    pub(super) cost: u64,
    source: Source,
}

#[derive(Clone, PartialEq, Eq)]
enum Source {
    /// A function of this name of the host's.
    Host(String),
    /// An export of the module `m0`.
    Earlier(String),
    Own,
}

/// A function's code.
pub(super) struct Function {
    /// Types of locals that are not parameters, with how many there are of each in a row.
    pub(super) locals: Vec<(u32, ValType)>,
    pub(super) code: Vec<Instruction<'static>>,
    pub(super) cost: u64,
}

pub(super) struct Global {
    pub(super) ty: ValType,
    pub(super) is_mutable: bool,
    import: Option<&'static str>,
    init: ConstExpr,
}

/// A tag, and the module it is imported from.
pub(super) struct Tag {
    ty: u32,
    import: Option<&'static str>,
}

struct Memory {
    import: Option<&'static str>,
    minimum: u64,
}

/// The first own functions: short, of the same type, callable by all others, and the only ones in table [`MIXED`].
pub(super) const LEAVES: u32 = 2;
/// Table of functions for calls that are meant to succeed.
pub(super) const CALLS: u32 = 0;
/// Table of leaves and nulls, which changes.
pub(super) const MIXED: u32 = 1;
/// Table of external references, which changes.
pub(super) const EXTERNS: u32 = 2;
/// Elements that the changing tables begin with.
pub(super) const TABLE_LEN: u64 = 6;
/// Elements of the passive segment with leaves and nulls.
pub(super) const SEGMENT_LEN: i32 = 4;
/// Number of that segment.
pub(super) const PASSIVE_ELEMENTS: u32 = 1;

/// What calling a host function counts for: it may call the first leaf, which may call a host function, and so on.
pub(super) const HOST_COST: u64 = 1000;
/// What leaves count for it.
pub(super) const HOST_COST_IN_LEAF: u64 = 100;

const MAX_PAGES: u64 = 4;
const MAX_TABLE_LEN: u64 = 12;
/// Repetitions of the leaves at the start of table [`CALLS`]: any index below is a leaf's.
pub(super) const LEAF_SLOTS: i32 = 4;

impl Shape {
    pub(super) fn random(choices: &mut Choices<'_>, earlier: Option<&Self>, proposals: Proposals) -> Self {
        let has_all = proposals == Proposals::All;
        let mut shape = Self {
            types: Vec::new(),
            // What an earlier module exports may have types of objects.
            has_objects: has_all
                && earlier.map_or_else(|| choices.chance(3, 4), |earlier| earlier.has_objects),
            tags: Vec::new(),
            funcs: Vec::new(),
            imported_funcs: 0,
            signatures: Vec::new(),
            codes: Vec::new(),
            globals: Vec::new(),
            memory: Memory::random(choices, earlier.is_some()),
            data: (0..3).map(|_| choices.bits().to_le_bytes().repeat(1 + choices.below(6))).collect(),
            calls: Vec::new(),
            has_start: choices.chance(1, 2),
            may_start_in_host: has_all,
        };
        if has_all && choices.chance(3, 4) {
            shape.declare_tags(choices, earlier);
        }
        shape.import_funcs(choices, earlier);
        shape.declare_funcs(choices);
        shape.declare_globals(choices);
        shape
    }

    /// The first tag is the one that the host throws.
    fn declare_tags(&mut self, choices: &mut Choices<'_>, earlier: Option<&Self>) {
        for tag in earlier.iter().flat_map(|earlier| &earlier.tags) {
            let (params, results) = earlier.expect("its tags are at hand").ty(tag.ty);
            let ty = self.type_idx(params, results);
            self.tags.push(Tag { ty, import: Some("m0") });
        }
        if self.tags.is_empty() {
            let ty = self.type_idx(vec![ValType::I32], Vec::new());
            self.tags.push(Tag { ty, import: choices.chance(1, 3).then_some("host") });
        }
        for _ in 0..choices.below(4) {
            let params = (0..choices.below(5)).map(|_| self.random_value_type(choices)).collect();
            let ty = self.type_idx(params, Vec::new());
            self.tags.push(Tag { ty, import: None });
        }
    }

    /// What an exception with this tag carries.
    pub(super) fn tag_params(&self, tag: u32) -> Vec<ValType> {
        self.ty(self.tags[tag as usize].ty).0
    }

    fn import_funcs(&mut self, choices: &mut Choices<'_>, earlier: Option<&Self>) {
        for number in 0..choices.below(3) {
            let ty = self.random_type(choices);
            let source = Source::Host(format!("h{number}"));
            self.funcs.push(FuncInfo { ty, cost: HOST_COST, source });
        }
        if let Some(earlier) = earlier {
            for (func_idx, info) in earlier.funcs.iter().enumerate() {
                let (params, results) = earlier.ty(info.ty);
                let ty = self.type_idx(params, results);
                let source = Source::Earlier(format!("f{func_idx}"));
                self.funcs.push(FuncInfo { ty, cost: info.cost, source });
            }
        }
        self.imported_funcs = self.funcs.len() as u32;
    }

    fn declare_funcs(&mut self, choices: &mut Choices<'_>) {
        // What the host calls back has no parameters.
        let back = self.type_idx(Vec::new(), vec![ValType::I32]);
        self.signatures.push(back);
        let count = 1 + choices.below(6);
        for number in 0..count {
            let ty = if number == 0 { back } else { self.random_type(choices) };
            self.signatures.push(ty);
        }
        let leaf = self.imported_funcs;
        self.calls = (0..LEAF_SLOTS as u32).map(|slot| leaf + slot % LEAVES).collect();
        self.calls.extend(0..self.imported_funcs + self.signatures.len() as u32);
    }

    fn declare_globals(&mut self, choices: &mut Choices<'_>) {
        let imported = [("i", ValType::I32), ("l", ValType::I64), ("d", ValType::F64)];
        for (name, ty) in imported.into_iter().take(choices.below(4)) {
            let is_mutable = choices.chance(1, 2);
            self.globals.push(Global { ty, is_mutable, import: Some(name), init: ConstExpr::i32_const(0) });
        }
        for _ in 0..2 + choices.below(6) {
            let ty = self.random_value_type(choices);
            let init = match ty {
                ValType::I32 => ConstExpr::i32_const(choices.bits() as i32 >> 20),
                ValType::I64 => ConstExpr::i64_const(choices.bits().cast_signed() >> 40),
                ValType::F32 => ConstExpr::f32_const(f32::from(choices.bits() as i8).into()),
                ValType::F64 => ConstExpr::f64_const(f64::from(choices.bits() as i16).into()),
                ty if ty == ValType::FUNCREF => ConstExpr::ref_func(self.imported_funcs),
                ValType::Ref(ty) => ConstExpr::ref_null(ty.heap_type),
                ValType::V128 => ConstExpr::v128_const(0),
            };
            self.globals.push(Global { ty, is_mutable: choices.chance(4, 5), import: None, init });
        }
    }

    /// A function type, mostly a small one.
    fn random_type(&mut self, choices: &mut Choices<'_>) -> u32 {
        let params = choices.weighted(&[(12, 6), (1, 40)]);
        let results = choices.weighted(&[(12, 4), (1, 20)]);
        let params = (0..choices.below(params)).map(|_| self.random_value_type(choices)).collect();
        let results = (0..choices.below(results)).map(|_| self.random_value_type(choices)).collect();
        self.type_idx(params, results)
    }

    /// The index of a function type, which is added if it is new.
    pub(super) fn type_idx(&mut self, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let ty = (params, results);
        let known = self.types.iter().position(|known| *known == ty);
        let idx = known.unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        });
        self.first_func_type() + idx as u32
    }

    /// The index of the first type of functions.
    pub(super) fn first_func_type(&self) -> u32 {
        if self.has_objects { OBJECT_TYPES } else { 0 }
    }

    /// A type for a value: mostly integers, seldom references.
    pub(super) fn random_value_type(&self, choices: &mut Choices<'_>) -> ValType {
        if self.has_objects && choices.chance(1, 6) {
            return choices.pick(&OBJECTS);
        }
        choices.weighted(&[
            (9, ValType::I32),
            (6, ValType::I64),
            (3, ValType::F32),
            (4, ValType::F64),
            (1, ValType::FUNCREF),
            (1, ValType::EXTERNREF),
        ])
    }

    /// Parameters and results of a type.
    pub(super) fn ty(&self, idx: u32) -> (Vec<ValType>, Vec<ValType>) {
        self.types[(idx - self.first_func_type()) as usize].clone()
    }

    pub(super) fn imported_funcs(&self) -> usize {
        self.imported_funcs as usize
    }

    pub(super) fn own_signatures(&self) -> usize {
        self.signatures.len()
    }

    /// The type of an own function, whose code need not be done.
    pub(super) fn type_of_own(&self, func_idx: usize) -> u32 {
        self.signatures[func_idx - self.imported_funcs()]
    }

    pub(super) fn is_leaf(&self, func_idx: usize) -> bool {
        func_idx - self.imported_funcs() < LEAVES as usize
    }

    /// The functions that may be called by now.
    pub(super) fn callees(&self) -> &[FuncInfo] {
        &self.funcs
    }

    /// A place in table [`CALLS`] of function `func_idx`.
    pub(super) fn call_slot(&self, func_idx: u32) -> i32 {
        LEAF_SLOTS + func_idx.cast_signed()
    }

    pub(super) fn leaf_idx(&self, number: u32) -> u32 {
        self.imported_funcs + number
    }

    pub(super) fn finish_function(&mut self, function: Function) {
        let ty = self.signatures[self.codes.len()];
        self.funcs.push(FuncInfo { ty, cost: function.cost, source: Source::Own });
        self.codes.push(function);
    }

    /// The bounds below which own memory certainly has bytes.
    pub(super) fn min_memory_bytes(&self) -> u64 {
        self.memory.minimum << 16
    }

    /// The module's binary format.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        if self.has_objects {
            types.ty().rec(object_types());
        }
        for (params, results) in &self.types {
            types.ty().function(params.iter().copied(), results.iter().copied());
        }
        module.section(&types);
        module.section(&self.imports());
        let mut functions = FunctionSection::new();
        for ty in &self.signatures {
            functions.function(*ty);
        }
        module.section(&functions);
        module.section(&self.tables());
        if self.memory.import.is_none() {
            module.section(MemorySection::new().memory(self.memory.ty()));
        }
        if !self.tags.is_empty() {
            let mut tags = TagSection::new();
            for tag in self.tags.iter().filter(|tag| tag.import.is_none()) {
                tags.tag(tag.encoded());
            }
            module.section(&tags);
        }
        let mut globals = GlobalSection::new();
        for global in self.globals.iter().filter(|global| global.import.is_none()) {
            globals.global(global.ty(), &global.init);
        }
        module.section(&globals);
        module.section(&self.exports());
        if let Some(function_index) = self.start_idx() {
            module.section(&wasm_encoder::StartSection { function_index });
        }
        module.section(&self.elements());
        module.section(&DataCountSection { count: self.data.len() as u32 + 3 });
        module.section(&self.code());
        module.section(&self.data());
        module.finish()
    }

    fn imports(&self) -> ImportSection {
        let mut imports = ImportSection::new();
        for info in &self.funcs[..self.imported_funcs()] {
            match &info.source {
                Source::Host(name) => imports.import("host", name, EntityType::Function(info.ty)),
                Source::Earlier(name) => imports.import("m0", name, EntityType::Function(info.ty)),
                Source::Own => unreachable!("imported functions come first"),
            };
        }
        for (number, tag) in self.tags.iter().enumerate() {
            if let Some(module) = tag.import {
                imports.import(module, &format!("x{number}"), tag.encoded());
            }
        }
        if let Some(module) = self.memory.import {
            imports.import(module, MEMORY, self.memory.ty());
        }
        for global in &self.globals {
            if let Some(name) = global.import {
                imports.import("host", name, global.ty());
            }
        }
        imports
    }

    fn tables(&self) -> TableSection {
        let table = |element_type, minimum, maximum| TableType {
            element_type,
            minimum,
            maximum: Some(maximum),
            table64: false,
            shared: false,
        };
        let mut tables = TableSection::new();
        let calls = self.calls.len() as u64;
        tables.table(table(RefType::FUNCREF, calls, calls));
        tables.table(table(RefType::FUNCREF, TABLE_LEN, MAX_TABLE_LEN));
        tables.table(table(RefType::EXTERNREF, TABLE_LEN, MAX_TABLE_LEN));
        tables
    }

    fn exports(&self) -> ExportSection {
        let mut exports = ExportSection::new();
        for func_idx in 0..self.funcs.len() as u32 {
            exports.export(&format!("f{func_idx}"), ExportKind::Func, func_idx);
        }
        exports.export(BACK, ExportKind::Func, self.imported_funcs);
        exports.export(MEMORY, ExportKind::Memory, 0);
        for table in [CALLS, MIXED, EXTERNS] {
            exports.export(&format!("t{table}"), ExportKind::Table, table);
        }
        for global in 0..self.globals.len() as u32 {
            exports.export(&format!("g{global}"), ExportKind::Global, global);
        }
        for tag in 0..self.tags.len() as u32 {
            exports.export(&format!("x{tag}"), ExportKind::Tag, tag);
        }
        if !self.tags.is_empty() {
            exports.export(TAG, ExportKind::Tag, 0);
        }
        exports
    }

    /// The start function, if one is wanted and there is a function of its type.
    fn start_idx(&self) -> Option<u32> {
        let is_suited = |info: &FuncInfo| {
            let (params, results) = self.ty(info.ty);
            let is_known = self.may_start_in_host || info.source == Source::Own;
            is_known && params.is_empty() && results.is_empty()
        };
        self.funcs.iter().position(is_suited).filter(|_| self.has_start).map(|idx| idx as u32)
    }

    fn elements(&self) -> ElementSection {
        let mut elements = ElementSection::new();
        let funcs = |funcs: Vec<u32>| Elements::Functions(Cow::Owned(funcs));
        elements.active(Some(CALLS), &ConstExpr::i32_const(0), funcs(self.calls.clone()));
        let leaf = |number| ConstExpr::ref_func(self.leaf_idx(number));
        let null = || ConstExpr::ref_null(wasm_encoder::HeapType::FUNC);
        let mixture = || vec![leaf(0), null(), leaf(1), leaf(0)];
        elements.passive(Elements::Expressions(RefType::FUNCREF, Cow::Owned(mixture())));
        elements.active(
            Some(MIXED),
            &ConstExpr::i32_const(1),
            Elements::Expressions(RefType::FUNCREF, Cow::Owned(mixture())),
        );
        elements
    }

    fn code(&self) -> CodeSection {
        let mut section = CodeSection::new();
        for function in &self.codes {
            let mut body = wasm_encoder::Function::new(function.locals.iter().copied());
            for instruction in &function.code {
                body.instruction(instruction);
            }
            body.instruction(&Instruction::End);
            section.function(&body);
        }
        section
    }

    /// Passive segments, and numbers for code to start from, floats where floats belong.
    fn data(&self) -> DataSection {
        let mut data = DataSection::new();
        for bytes in &self.data {
            data.passive(bytes.iter().copied());
        }
        let numbers: Vec<u8> = (0..96).flat_map(|n: u32| (n * n * 40_503).to_le_bytes()).collect();
        data.active(0, &ConstExpr::i32_const(0), numbers);
        let floats: Vec<u8> = (0..64).flat_map(|n: i16| (f32::from(n - 20) * 1.5).to_le_bytes()).collect();
        data.active(0, &ConstExpr::i32_const(F32_CELLS.start as i32), floats);
        let floats: Vec<u8> = (0..64).flat_map(|n: i16| (f64::from(n - 30) * 2.25).to_le_bytes()).collect();
        data.active(0, &ConstExpr::i32_const(F64_CELLS.start as i32), floats);
        data
    }
}

impl Memory {
    fn random(choices: &mut Choices<'_>, has_earlier: bool) -> Self {
        let import = match choices.below(4) {
            1 => Some("host"),
            2 if has_earlier => Some("m0"),
            _ => None,
        };
        // An earlier module's memory may have one page only.
        let minimum = if import == Some("m0") { 1 } else { 1 + choices.below(2) as u64 };
        Self { import, minimum }
    }

    fn ty(&self) -> MemoryType {
        MemoryType {
            minimum: self.minimum,
            maximum: Some(MAX_PAGES),
            memory64: false,
            shared: false,
            page_size_log2: None,
        }
    }
}

impl Global {
    fn ty(&self) -> GlobalType {
        GlobalType { val_type: self.ty, mutable: self.is_mutable, shared: false }
    }
}

impl Tag {
    fn encoded(&self) -> TagType {
        TagType { kind: TagKind::Exception, func_type_idx: self.ty }
    }
}
