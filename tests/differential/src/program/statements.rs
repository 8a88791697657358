//! Statements: code that leaves the stack as it was.

use wasm_encoder::{Instruction, ValType};

use super::body::{BOUND, Body, Role};
use super::shape::{EXTERNS, MIXED, PASSIVE_ELEMENTS, SEGMENT_LEN};

#[derive(Clone, Copy)]
enum Way {
    SetLocal,
    SetBounded,
    SetGlobal,
    Store,
    Drop,
    Structured,
    Loop,
    Switch,
    BranchIf,
    Leave,
    Continue,
    Call,
    Recursion,
    Exchange,
    Juggle,
    Memory,
    Table,
    Throw,
    Object,
}

const WAYS: &[(usize, Way)] = &[
    (12, Way::SetLocal),
    (3, Way::SetBounded),
    (3, Way::SetGlobal),
    (8, Way::Store),
    (1, Way::Drop),
    (6, Way::Structured),
    (6, Way::Loop),
    (3, Way::Switch),
    (4, Way::BranchIf),
    (2, Way::Leave),
    (2, Way::Continue),
    (3, Way::Call),
    (2, Way::Recursion),
    (3, Way::Exchange),
    (3, Way::Juggle),
    (1, Way::Memory),
    (1, Way::Table),
    (5, Way::Throw),
    (6, Way::Object),
];

/// How deep the values of statements are nested.
const DEPTH: u32 = 4;
/// How deep statements are nested in statements.
const MAX_LABELS: usize = 12;

impl Body<'_, '_> {
    /// A few statements, fewer when there is not much room left.
    pub(super) fn statements(&mut self, count: u32) {
        for _ in 0..count {
            if self.is_full() || self.labels.len() > MAX_LABELS {
                return;
            }
            self.statement();
        }
    }

    fn statement(&mut self) {
        match self.choices.weighted(WAYS) {
            Way::SetLocal => self.set_local(),
            Way::SetBounded => self.set_bounded(),
            Way::SetGlobal => self.set_global(),
            Way::Store => self.store(DEPTH),
            Way::Drop => {
                let ty = self.shape.random_value_type(self.choices);
                self.value(ty, DEPTH);
                self.emit(Instruction::Drop);
            }
            Way::Structured => {
                let results = self.random_types(3);
                self.structured(&results, DEPTH - 1);
                self.consume(&results);
            }
            Way::Loop => {
                let (params, results) = (self.random_types(2), self.random_types(2));
                self.values(&params, 2);
                self.counted_loop(&params, &results, DEPTH - 1);
                self.consume(&results);
            }
            Way::Switch => self.switch(DEPTH - 1),
            Way::BranchIf => self.branch_if(DEPTH),
            Way::Leave => self.leave(DEPTH - 1),
            Way::Continue => self.continue_loop(DEPTH - 1),
            Way::Call => self.call_statement(DEPTH - 1),
            // Calling itself once in each call keeps the number of calls linear.
            Way::Recursion => self.recursive_call(DEPTH - 1),
            Way::Exchange => self.exchange(),
            Way::Juggle => self.juggle(),
            Way::Memory => self.memory_operator(),
            Way::Table => self.table_operator(),
            Way::Throw if !self.shape.tags.is_empty() => self.throw(DEPTH - 1),
            Way::Object if self.shape.has_objects => self.change_object(DEPTH - 2),
            Way::Throw | Way::Object => self.set_local(),
        }
    }

    fn set_local(&mut self) {
        let ty = self.shape.random_value_type(self.choices);
        self.value(ty, DEPTH);
        self.consume(&[ty]);
    }

    fn set_bounded(&mut self) {
        self.part(DEPTH);
        match self.find_local(ValType::I32, &[Role::Bounded]) {
            Some(local) => self.set(local),
            None => self.emit(Instruction::Drop),
        }
    }

    fn set_global(&mut self) {
        let globals = self.shape.globals.iter().enumerate();
        let mutable: Vec<(u32, ValType)> = globals
            .filter(|(_, global)| global.is_mutable)
            .map(|(idx, global)| (idx as u32, global.ty))
            .collect();
        if !mutable.is_empty() {
            let (global, ty) = self.choices.pick(&mutable);
            self.operand(ty, DEPTH);
            self.emit(Instruction::GlobalSet(global));
        }
    }

    /// Reads several locals before any of them is written.
    fn exchange(&mut self) {
        let ty = self.shape.random_value_type(self.choices);
        let mut types = Vec::new();
        for _ in 0..2 + self.choices.below(3) {
            if let Some(local) = self.find_local(ty, &[Role::General]) {
                self.get(local);
                types.push(ty);
            }
        }
        self.consume(&types);
    }

    /// Leaves values on the stack while statements run.
    fn juggle(&mut self) {
        let types: Vec<ValType> =
            (0..1 + self.choices.below(4)).map(|_| self.shape.random_value_type(self.choices)).collect();
        self.values(&types, 2);
        self.statements(2);
        self.consume(&types);
    }

    /// An operator on whole pieces of memory, below the cells that hold floats.
    fn memory_operator(&mut self) {
        let segments = self.shape.data.len();
        match self.choices.below(5) {
            0 => {
                self.part(2);
                self.value(ValType::I32, 2);
                self.short_len();
                self.emit(Instruction::MemoryFill(0));
            }
            1 => {
                self.part(2);
                self.part(2);
                self.short_len();
                self.emit(Instruction::MemoryCopy { src_mem: 0, dst_mem: 0 });
            }
            2 => {
                let segment = self.choices.below(segments);
                let len = self.shape.data[segment].len();
                let (start, count) = (self.choices.below(len), self.choices.below(len));
                self.part(2);
                self.emit(Instruction::I32Const(start as i32));
                // Seldom too many.
                let count = if self.choices.chance(1, 8) { count } else { count.min(len - start) };
                self.emit(Instruction::I32Const(count as i32));
                self.emit(Instruction::MemoryInit { mem: 0, data_index: segment as u32 });
            }
            3 if self.choices.chance(1, 4) => {
                let segment = self.choices.below(segments) as u32;
                self.emit(Instruction::DataDrop(segment));
            }
            _ => {
                let pages = self.choices.weighted(&[(4, 0), (3, 1), (1, -1)]);
                self.emit(Instruction::I32Const(pages));
                self.emit(Instruction::MemoryGrow(0));
                self.consume(&[ValType::I32]);
            }
        }
    }

    fn short_len(&mut self) {
        self.value(ValType::I32, 2);
        self.emit(Instruction::I32Const(BOUND >> 3));
        self.emit(Instruction::I32And);
    }

    /// An operator on one of the tables that change.
    fn table_operator(&mut self) {
        let (table, ty) = self.choices.pick(&[(MIXED, ValType::FUNCREF), (EXTERNS, ValType::EXTERNREF)]);
        match self.choices.below(7) {
            0..2 => {
                self.table_index(2);
                self.value(ty, 2);
                self.emit(Instruction::TableSet(table));
            }
            2 => {
                self.value(ty, 2);
                let elements = self.choices.pick(&[0, 1, 3, -1]);
                self.emit(Instruction::I32Const(elements));
                self.emit(Instruction::TableGrow(table));
                self.consume(&[ValType::I32]);
            }
            3 => {
                self.table_index(2);
                self.value(ty, 2);
                let elements = self.choices.below(5) as i32;
                self.emit(Instruction::I32Const(elements));
                self.emit(Instruction::TableFill(table));
            }
            4 => {
                self.table_index(2);
                self.table_index(2);
                let elements = self.choices.below(5) as i32;
                self.emit(Instruction::I32Const(elements));
                self.emit(Instruction::TableCopy { src_table: table, dst_table: table });
            }
            5 => {
                self.table_index(2);
                let start = self.choices.below(SEGMENT_LEN as usize) as i32;
                self.emit(Instruction::I32Const(start));
                self.emit(Instruction::I32Const(SEGMENT_LEN - start));
                self.emit(Instruction::TableInit { elem_index: PASSIVE_ELEMENTS, table: MIXED });
            }
            _ if self.choices.chance(1, 4) => self.emit(Instruction::ElemDrop(PASSIVE_ELEMENTS)),
            _ => {}
        }
    }
}
