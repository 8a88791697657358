//! An instance, and instantiation up to the start function.
//!
//! In go a compiled module and a definition for each of its imports; out comes an instance with its memories, tables
//! and globals, active segments copied ([spec][spec]). Running the start function is left to the caller. Always:
//! every definition fits its import's type, and all pointers are to entities of the same store (INV-ARENA).
//!
//! [spec]: https://webassembly.github.io/spec/core/exec/modules.html#instantiation

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::arena::Entity;
use super::code::CompiledModule;
use super::func_ref::FuncPlace;
use super::global::GlobalCell;
use super::memory::{MemoryEntity, check_range};
use super::store::{ExternVal, StoreCore};
use super::table::TableEntity;
use crate::decode::info::{ConstExpr, ConstOp, DataMode, ElemItems, ElemMode, ExternIdx, Import, ModuleInfo};
use crate::error::{Error, ErrorKind, Trap};
use crate::isa::eval;
use crate::types::{
    DataIdx, ElemIdx, ExternType, FuncIdx, GlobalAddr, GlobalIdx, InstanceAddr, MemoryAddr, MemoryIdx,
    Mutability, TableAddr, TableIdx, TagAddr, TagIdx, TagType, V128, ValType,
};

/// An instance of a module. Everything by index is in index space order, imported entities first.
pub(crate) struct Instance {
    /// The first of this instance's own globals; the others follow.
    pub(crate) own_globals: NonNull<GlobalCell>,
    pub(crate) global_ptrs: Box<[NonNull<GlobalCell>]>,
    pub(crate) memories: Box<[NonNull<MemoryEntity>]>,
    pub(crate) tables: Box<[NonNull<TableEntity>]>,
    /// Reference cells of the imported functions.
    pub(crate) imported_funcs: Box<[u64]>,
    pub(crate) module: Arc<CompiledModule>,
    /// This instance's own address.
    pub(crate) addr: InstanceAddr,
    pub(crate) memory_addrs: Box<[MemoryAddr]>,
    pub(crate) table_addrs: Box<[TableAddr]>,
    pub(crate) global_addrs: Box<[GlobalAddr]>,
    pub(crate) tag_addrs: Box<[TagAddr]>,
    /// By [`ElemIdx`], the elements of segments whose expressions make objects; dropped with the segment.
    evaluated: Box<[Box<[u64]>]>,
    /// Segments that can no longer be copied from: by [`ElemIdx`] and, behind those, by [`DataIdx`].
    dropped: Box<[bool]>,
}

// SAFETY: INV-ARENA: the pointers are to entities of the store that owns this instance; whoever has the instance on
// a thread has the whole store there.
unsafe impl Send for Instance {}
// SAFETY: INV-ARENA: as above; what `&Instance` gives safely only reads.
unsafe impl Sync for Instance {}

impl Entity for Instance {
    type Addr = InstanceAddr;
}

impl Instance {
    /// The reference cell of function `idx`.
    pub(crate) fn func_cell(&self, idx: FuncIdx) -> u64 {
        match self.imported_funcs.get(idx.index()) {
            Some(&cell) => cell,
            None => FuncPlace::Wasm { instance: self.addr, func: idx }.cell(),
        }
    }

    /// The value of global `idx`, of which there is one.
    pub(crate) fn global_cell(&self, idx: usize) -> u64 {
        // SAFETY: INV-ARENA: the global lives as long as the store; whoever sees the instance has the store, in which
        // nothing runs at the moment.
        unsafe { self.global_ptrs[idx].read() }.0[0]
    }

    /// The entity at `item` in this instance's index spaces.
    pub(crate) fn item(&self, item: ExternIdx) -> ExternVal {
        match item {
            ExternIdx::Func(idx) => ExternVal::Func(self.func_cell(idx)),
            ExternIdx::Table(idx) => ExternVal::Table(self.table_addrs[idx.index()]),
            ExternIdx::Memory(idx) => ExternVal::Memory(self.memory_addrs[idx.index()]),
            ExternIdx::Global(idx) => ExternVal::Global(self.global_addrs[idx.index()]),
            ExternIdx::Tag(idx) => ExternVal::Tag(self.tag_addrs[idx.index()]),
        }
    }

    /// What the module exports as `name`.
    pub(crate) fn export(&self, name: &str) -> Option<ExternVal> {
        Some(self.item(self.module.info.export(name)?))
    }

    /// `memory.init`: positions in bytes.
    ///
    /// # Safety
    ///
    /// The caller must hold this instance's store exclusively, with no reference to one of its memories.
    pub(crate) unsafe fn memory_init(
        &self,
        memory: MemoryIdx,
        data: DataIdx,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let dropped = self.dropped[self.data_flag(data)];
        let bytes = if dropped { &[] } else { self.module.info.data(data) };
        // SAFETY: INV-ARENA: the memory is alive, and the caller holds it exclusively.
        let memory = unsafe { &mut *self.memories[memory.index()].as_ptr() };
        memory.init(dst, bytes, src, len)
    }

    /// `data.drop`.
    pub(crate) fn drop_data(&mut self, data: DataIdx) {
        self.dropped[self.data_flag(data)] = true;
    }

    /// `table.init`: positions in elements.
    ///
    /// # Safety
    ///
    /// The caller must hold this instance's store exclusively, with no reference to one of its tables or globals.
    pub(crate) unsafe fn table_init(
        &self,
        table: TableIdx,
        elem: ElemIdx,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let items = &self.module.info.elem(elem).items;
        let items_len = if self.dropped[elem.index()] { 0 } else { items_len(items) };
        let (src, count) = check_range(items_len, src, len).ok_or(Trap::TableOutOfBounds)?;
        // SAFETY: INV-ARENA: the table is alive, and the caller holds it exclusively.
        let table = unsafe { &mut *self.tables[table.index()].as_ptr() };
        match items {
            ElemItems::Funcs(funcs) => {
                table.init(dst, len, funcs[src..src + count].iter().map(|&idx| self.func_cell(idx)))
            }
            ElemItems::Exprs(_) if !self.evaluated[elem.index()].is_empty() => {
                let cells = &self.evaluated[elem.index()][src..src + count];
                table.init(dst, len, cells.iter().copied())
            }
            // Constant expressions read only constants, so the value is the same whenever it is worked out.
            ElemItems::Exprs(exprs) => {
                table.init(dst, len, exprs[src..src + count].iter().map(|expr| self.evaluate(expr)))
            }
        }
    }

    /// `elem.drop`.
    pub(crate) fn drop_elem(&mut self, elem: ElemIdx) {
        self.dropped[elem.index()] = true;
        self.evaluated[elem.index()] = Box::default();
    }

    /// Elements of a segment, from `src` on; `None` if there are not so many.
    pub(crate) fn elem_cells(&self, elem: ElemIdx, src: u32, len: u32) -> Option<Vec<u64>> {
        let items = &self.module.info.elem(elem).items;
        let items_len = if self.dropped[elem.index()] { 0 } else { items_len(items) };
        let (src, count) = check_range(items_len, src.into(), len.into())?;
        let range = src..src + count;
        Some(match items {
            ElemItems::Funcs(funcs) => funcs[range].iter().map(|&idx| self.func_cell(idx)).collect(),
            ElemItems::Exprs(_) if !self.evaluated[elem.index()].is_empty() => {
                self.evaluated[elem.index()][range].to_vec()
            }
            ElemItems::Exprs(exprs) => exprs[range].iter().map(|expr| self.evaluate(expr)).collect(),
        })
    }

    /// The bytes of a data segment, from `src` on; `None` if there are not so many.
    pub(crate) fn data_bytes(&self, data: DataIdx, src: u64, len: u64) -> Option<&[u8]> {
        let bytes = if self.dropped[self.data_flag(data)] { &[] } else { self.module.info.data(data) };
        let (src, len) = check_range(bytes.len(), src, len)?;
        Some(&bytes[src..src + len])
    }

    /// All elements that were evaluated at instantiation.
    pub(super) fn evaluated_elems(&self) -> impl Iterator<Item = &u64> {
        self.evaluated.iter().flatten()
    }

    /// The value of a constant expression of this instance's module that makes no objects ([spec][spec]).
    ///
    /// [spec]: https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
    pub(crate) fn evaluate(&self, expr: &ConstExpr) -> u64 {
        // Nearly all of them are a single operator and need no stack.
        if let [op] = *expr.0 {
            return self.evaluate_leaf(op).expect("validation has seen an operand for every operator");
        }
        let mut stack = Vec::new();
        expr.0.iter().for_each(|&op| self.evaluate_op(op, &mut stack));
        stack.pop().expect("validation has seen a result")
    }

    /// Does what an operator that makes no object does to the operand stack.
    pub(super) fn evaluate_op(&self, op: ConstOp, stack: &mut Vec<u64>) {
        if let Some(cells) = self.evaluate_vector(op) {
            return stack.extend(cells);
        }
        let value = self.evaluate_leaf(op).unwrap_or_else(|| {
            let rhs = stack.pop().expect("validation has seen an operand");
            if matches!(op, ConstOp::RefI31) {
                return eval::ref_i31(rhs as u32).into();
            }
            let lhs = stack.pop().expect("validation has seen two operands");
            evaluate_binary(op, lhs, rhs)
        });
        stack.push(value);
    }

    /// The two cells of an operator's value, if it is one of 128 bits.
    fn evaluate_vector(&self, op: ConstOp) -> Option<[u64; 2]> {
        match op {
            ConstOp::Vector(bytes) => Some(V128::from(bytes).cells()),
            ConstOp::GlobalGet(idx) if self.module.info.globals[idx.index()].content() == ValType::V128 => {
                // SAFETY: as in `global`.
                Some(unsafe { self.global_ptrs[idx.index()].read().0 })
            }
            _ => None,
        }
    }

    /// Sets what the expressions of an element segment gave.
    pub(super) fn set_evaluated(&mut self, elem: usize, cells: &[u64]) {
        self.evaluated[elem] = cells.into();
    }

    /// The value of an operator without operands; `None` for the others.
    fn evaluate_leaf(&self, op: ConstOp) -> Option<u64> {
        match op {
            ConstOp::Value(value) => Some(value),
            ConstOp::RefNull => Some(0),
            ConstOp::RefFunc(idx) => Some(self.func_cell(idx)),
            ConstOp::GlobalGet(idx) => Some(self.global(idx)),
            ConstOp::Vector(_) => {
                unreachable!("vectors take two cells, which is asked for before")
            }
            ConstOp::I32Add | ConstOp::I32Sub | ConstOp::I32Mul => None,
            ConstOp::I64Add | ConstOp::I64Sub | ConstOp::I64Mul | ConstOp::RefI31 => None,
            ConstOp::StructNew(_) | ConstOp::StructNewDefault(_) => None,
            ConstOp::ArrayNew(_) | ConstOp::ArrayNewDefault(_) | ConstOp::ArrayNewFixed(..) => None,
        }
    }

    fn global(&self, idx: GlobalIdx) -> u64 {
        // SAFETY: INV-ARENA: the cell is alive; nobody writes to globals while an instance is used from safe code.
        unsafe { self.global_ptrs[idx.index()].read().0[0] }
    }

    /// Where in `dropped` the flag of `data` lies.
    fn data_flag(&self, data: DataIdx) -> usize {
        self.module.info.elems.len() + data.index()
    }
}

impl StoreCore {
    /// Makes an instance of `module` with a definition for each import, in their order, and copies its active
    /// segments. Does not run the start function.
    ///
    /// If a segment does not fit, what has been written stays written, and so does the instance: its functions may
    /// be in tables of others by then.
    pub(crate) fn instantiate(
        &mut self,
        module: &Arc<CompiledModule>,
        imports: &[ExternVal],
    ) -> Result<InstanceAddr, Error> {
        debug_assert!(Arc::ptr_eq(&module.engine, &self.engine), "types are numbered by engine");
        self.check_imports(module, imports)?;
        let addr = self.add_instance(module, imports)?;
        self.interrupt.register(module);
        self.copy_elems(addr, &module.info)?;
        self.copy_datas(addr, &module.info)?;
        Ok(addr)
    }

    fn check_imports(&self, module: &CompiledModule, definitions: &[ExternVal]) -> Result<(), Error> {
        let info = &module.info;
        if info.imports.len() != definitions.len() {
            let (expected, found) = (info.imports.len(), definitions.len());
            return Err(Error::usage(format!("the module has {expected} imports, but {found} were given")));
        }
        for (import, &definition) in info.imports.iter().zip(definitions) {
            if !self.import_fits(module, import.item, definition) {
                return Err(incompatible(info, import, &self.extern_type(definition)));
            }
        }
        Ok(())
    }

    /// Whether `definition` may stand for an import ([spec][spec]).
    ///
    /// [spec]: https://webassembly.github.io/spec/core/valid/matching.html
    fn import_fits(&self, module: &CompiledModule, import: ExternIdx, definition: ExternVal) -> bool {
        let info = &module.info;
        match (import, definition) {
            (ExternIdx::Func(idx), ExternVal::Func(cell)) => {
                self.func_defined(cell).is_subtype_of(&info.types[info.funcs[idx.index()].index()])
            }
            (ExternIdx::Table(idx), ExternVal::Table(addr)) => {
                let (expected, found) = (&info.tables[idx.index()], self.tables[addr].ty());
                expected.element() == found.element() && found.size_fits(expected)
            }
            (ExternIdx::Memory(idx), ExternVal::Memory(addr)) => {
                self.memories[addr].ty().fits(&info.memories[idx.index()])
            }
            (ExternIdx::Global(idx), ExternVal::Global(addr)) => {
                let (expected, found) = (info.globals[idx.index()], self.globals.ty(addr));
                // What may be written must be of the very type.
                expected == found
                    || expected.mutability() == Mutability::Const
                        && found.mutability() == Mutability::Const
                        && self.engine.types.val_matches(found.content(), expected.content())
            }
            (ExternIdx::Tag(idx), ExternVal::Tag(addr)) => {
                module.canonical_types[info.tags[idx.index()].index()]
                    == self.tags[addr.index()].defined.canonical()
            }
            _ => false,
        }
    }

    /// Allocates the instance and what it owns, and gives globals and tables their initial values.
    fn add_instance(
        &mut self,
        module: &Arc<CompiledModule>,
        imports: &[ExternVal],
    ) -> Result<InstanceAddr, Error> {
        let info = &module.info;
        let addr = self.instances.next_addr();
        if addr.0 >= FuncPlace::MAX_INSTANCES {
            return Err(
                ErrorKind::OutOfMemory("the store has no room for another instance".to_string()).into()
            );
        }
        // What can fail comes first and is dropped again if something later fails.
        let own_tables = info.tables[info.imported.tables as usize..].iter().map(TableEntity::new);
        let own_tables = own_tables.collect::<Result<Vec<_>, _>>()?;
        let max_memory_bytes = self.engine.config.max_memory_bytes;
        let own_memories = info.memories[info.imported.memories as usize..].iter();
        let own_memories = own_memories.map(|ty| MemoryEntity::new(ty, max_memory_bytes));
        let own_memories = own_memories.collect::<Result<Vec<_>, _>>()?;

        let mut imported_funcs = Vec::with_capacity(info.imported.funcs as usize);
        let mut table_addrs = Vec::with_capacity(info.tables.len());
        let mut memory_addrs = Vec::with_capacity(info.memories.len());
        let mut global_addrs = Vec::with_capacity(info.globals.len());
        let mut tag_addrs = Vec::with_capacity(info.tags.len());
        for &import in imports {
            match import {
                ExternVal::Func(cell) => imported_funcs.push(cell),
                ExternVal::Table(addr) => table_addrs.push(addr),
                ExternVal::Memory(addr) => memory_addrs.push(addr),
                ExternVal::Global(addr) => global_addrs.push(addr),
                ExternVal::Tag(addr) => tag_addrs.push(addr),
            }
        }
        table_addrs.extend(own_tables.into_iter().map(|table| self.tables.alloc(table)));
        memory_addrs.extend(own_memories.into_iter().map(|memory| self.memories.alloc(memory)));
        let own_globals = self.add_own_globals(info, &mut global_addrs);
        for idx in (info.imported.tags as usize..info.tags.len()).map(TagIdx::from) {
            let defined = info.types[info.tags[idx.index()].index()].clone();
            let origin = Some((Arc::clone(module), idx));
            tag_addrs.push(self.add_tag(defined, origin));
        }

        let mut instance = Instance {
            own_globals,
            global_ptrs: global_addrs.iter().map(|&addr| self.globals.ptr(addr)).collect(),
            memories: memory_addrs.iter().map(|&addr| self.memories.ptr(addr)).collect(),
            tables: table_addrs.iter().map(|&addr| self.tables.ptr(addr)).collect(),
            imported_funcs: imported_funcs.into(),
            module: Arc::clone(module),
            addr,
            memory_addrs: memory_addrs.into(),
            table_addrs: table_addrs.into(),
            global_addrs: global_addrs.into(),
            tag_addrs: tag_addrs.into(),
            evaluated: alloc::vec![Box::default(); info.elems.len()].into(),
            dropped: alloc::vec![false; info.elems.len() + info.datas.len()].into(),
        };
        self.register_types(module);
        self.init_globals(&instance)?;
        self.init_tables(&instance)?;
        self.evaluate_elems(&mut instance)?;
        Ok(self.instances.alloc(instance))
    }

    /// Allocates one block for the module's own globals, all zero, and adds their addresses.
    fn add_own_globals(&mut self, info: &ModuleInfo, addrs: &mut Vec<GlobalAddr>) -> NonNull<GlobalCell> {
        let own_types = &info.globals[info.imported.globals as usize..];
        let block = self.globals.alloc_block(own_types.len());
        for (position, &ty) in own_types.iter().enumerate() {
            // SAFETY: INV-ARENA: the block has a cell for each own global.
            let cell = unsafe { block.add(position) };
            addrs.push(self.globals.add(cell, ty));
        }
        block
    }

    /// In order, because an initial value may read the globals before it.
    fn init_globals(&mut self, instance: &Instance) -> Result<(), Trap> {
        let info = &instance.module.info;
        let own_addrs = &instance.global_addrs[info.imported.globals as usize..];
        for (init, &addr) in info.global_inits.iter().zip(own_addrs) {
            let value = match *init.0 {
                [ConstOp::Vector(bytes)] => GlobalCell(V128::from(bytes).cells()),
                // SAFETY: as in `global`.
                [ConstOp::GlobalGet(idx)] => unsafe { instance.global_ptrs[idx.index()].read() },
                _ => GlobalCell([self.evaluate(instance, init)?, 0]),
            };
            self.globals.set(addr, value);
        }
        Ok(())
    }

    fn init_tables(&mut self, instance: &Instance) -> Result<(), Trap> {
        let info = &instance.module.info;
        let own_addrs = &instance.table_addrs[info.imported.tables as usize..];
        for (init, &addr) in info.table_inits.iter().zip(own_addrs) {
            let cell = self.evaluate(instance, init)?;
            let table = &mut self.tables[addr];
            // Elements are null already.
            if cell != 0 {
                table.fill(0, cell, table.len as u64).expect("the range is the whole table");
            }
        }
        Ok(())
    }

    /// Copies the active element segments, in order; those and the declared ones are gone afterwards.
    fn copy_elems(&mut self, addr: InstanceAddr, info: &ModuleInfo) -> Result<(), Trap> {
        let instance = &mut self.instances[addr];
        for (position, segment) in info.elems.iter().enumerate() {
            let elem = ElemIdx::from(position);
            match &segment.mode {
                ElemMode::Passive => continue,
                ElemMode::Declared => {}
                ElemMode::Active { table, offset } => {
                    let (dst, len) = (instance.evaluate(offset), items_len(&segment.items) as u64);
                    // SAFETY: INV-ARENA: `self` is the store, held exclusively, and only the instance is borrowed.
                    unsafe { instance.table_init(*table, elem, dst, 0, len)? };
                }
            }
            instance.drop_elem(elem);
        }
        Ok(())
    }

    /// Copies the active data segments, in order; they are gone afterwards.
    fn copy_datas(&mut self, addr: InstanceAddr, info: &ModuleInfo) -> Result<(), Trap> {
        let instance = &mut self.instances[addr];
        for (position, segment) in info.datas.iter().enumerate() {
            let data = DataIdx::from(position);
            if let DataMode::Active { memory, offset } = &segment.mode {
                let (dst, len) = (instance.evaluate(offset), info.data(data).len() as u64);
                // SAFETY: INV-ARENA: `self` is the store, held exclusively, and only the instance is borrowed.
                unsafe { instance.memory_init(*memory, data, dst, 0, len)? };
                instance.drop_data(data);
            }
        }
        Ok(())
    }
}

/// The type that a module gives to one of its imports or exports.
pub(crate) fn item_type(info: &ModuleInfo, item: ExternIdx) -> ExternType {
    match item {
        ExternIdx::Func(idx) => ExternType::Func(info.func_type(idx).clone()),
        ExternIdx::Table(idx) => ExternType::Table(info.tables[idx.index()]),
        ExternIdx::Memory(idx) => ExternType::Memory(info.memories[idx.index()]),
        ExternIdx::Global(idx) => ExternType::Global(info.globals[idx.index()]),
        ExternIdx::Tag(idx) => ExternType::Tag(TagType::new(info.tag_type(idx).clone())),
    }
}

fn items_len(items: &ElemItems) -> usize {
    match items {
        ElemItems::Funcs(funcs) => funcs.len(),
        ElemItems::Exprs(exprs) => exprs.len(),
    }
}

fn evaluate_binary(op: ConstOp, lhs: u64, rhs: u64) -> u64 {
    let narrow = |value: u32| u64::from(value);
    match op {
        ConstOp::I32Add => narrow((lhs as u32).wrapping_add(rhs as u32)),
        ConstOp::I32Sub => narrow((lhs as u32).wrapping_sub(rhs as u32)),
        ConstOp::I32Mul => narrow((lhs as u32).wrapping_mul(rhs as u32)),
        ConstOp::I64Add => lhs.wrapping_add(rhs),
        ConstOp::I64Sub => lhs.wrapping_sub(rhs),
        ConstOp::I64Mul => lhs.wrapping_mul(rhs),
        _ => {
            unreachable!("the other operators are leaves, or make objects")
        }
    }
}

fn incompatible(info: &ModuleInfo, import: &Import, found: &ExternType) -> Error {
    let (mut expected, found) = (item_type(info, import.item).to_string(), found.to_string());
    if expected == found {
        // They consist of the same, but one may have subtypes, or belongs to a recursion group.
        expected.push_str(" of another type definition");
    }
    let (module, name) = (import.module.to_string(), import.name.to_string());
    ErrorKind::IncompatibleImport { module, name, expected, found }.into()
}
