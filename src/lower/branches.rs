//! Branches: conditions, the values that a branch carries, branch tables, returns.
//!
//! A comparison that was made only to be branched on is taken back and becomes part of the branch. Values that a
//! branch carries are moved to the label's cells before it; if the branch is conditional and they are not in place,
//! the condition is inverted to jump over moves and branch.

use bumpalo::collections::Vec as BumpVec;
use wasmparser::BrTable;

use super::Lowerer;
use super::control::BlockKind;
use super::emit::Producer;
use super::objects::CastCondition;
use super::stack::Kind;
use crate::error::Error;
use crate::isa::code::{CodePos, Fixups};
use crate::isa::ops::Op;
use crate::isa::shape::{B, C, D, Shape, TARGET_BYTES};

/// What a conditional branch depends on.
pub(super) enum Condition {
    Const(bool),
    /// A cell with an i32.
    Slot(u32),
    /// A comparison, and the branch that is taken when it holds.
    Compare(Producer, Op),
    /// A cell with a reference, which holds if it is null.
    Null(u32),
    /// A cell with a reference, which holds if that is of some type.
    Cast(CastCondition),
}

impl Lowerer<'_> {
    /// Pops an i32 as a condition. A comparison is taken back, so that what is emitted before the branch comes
    /// before the comparison, too; it must not write cells at or above the condition's.
    pub(super) fn pop_condition(&mut self) -> Condition {
        let entry = self.pop();
        if let Kind::Const(value) = entry.kind {
            return Condition::Const(value as u32 != 0);
        }
        if let Some(branch) = self.producer_of(entry).and_then(|op| op.facts().br_if) {
            let producer = self.take_producer(entry).expect("it was there a line above");
            if fits_branch(&producer) {
                return Condition::Compare(producer, branch);
            }
            self.emit_redirected(producer, entry.slot);
        }
        Condition::Slot(self.low_slot_of(entry))
    }

    /// Emits a branch taken if the condition is `when`. Returns its target field, or `None` if it is never taken.
    pub(super) fn emit_branch_if(&mut self, condition: &Condition, when: bool) -> Option<CodePos> {
        let chosen = |op: Op| if when { op } else { op.facts().not.expect("every branch has its opposite") };
        let field = match condition {
            Condition::Const(value) => {
                if *value != when {
                    return None;
                }
                self.emit_branch()
            }
            Condition::Slot(slot) => self.emit_branch_a(chosen(Op::BrIf), *slot),
            Condition::Compare(producer, branch) => self.emit_compare_branch(producer, chosen(*branch)),
            Condition::Null(slot) => self.emit_branch_on_zero(chosen(Op::BrIfI64EqImm), *slot),
            Condition::Cast(cast) => self.emit_branch_cast(cast, chosen(Op::BrOnCast)),
        };
        self.last = None;
        Some(field)
    }

    fn emit_branch(&mut self) -> CodePos {
        CodePos(self.code.push_abc_d(Op::Br, 0, 0, 0, 0).0 + D as u32)
    }

    fn emit_compare_branch(&mut self, producer: &Producer, branch: Op) -> CodePos {
        let compare = producer.read();
        let (branch, rhs) = if branch.shape() == Shape::branch_compare {
            (branch, compare.u16(C).into())
        } else {
            match (branch, compare.u32(D)) {
                (Op::BrIfI32EqImm, 0) => (Op::BrIfNot, 0),
                (Op::BrIfI32NeImm, 0) => (Op::BrIf, 0),
                (_, constant) => (branch, constant),
            }
        };
        let pos = self.code.push_a_b32_d(branch, compare.u16(B), rhs, 0);
        CodePos(pos.0 + D as u32)
    }

    /// Aims a target field at the label of the block at `index`.
    fn aim(&mut self, field: CodePos, index: usize) {
        let block = &mut self.control[index];
        if let BlockKind::Loop(head) = block.kind {
            return self.code.set_target(field, head);
        }
        self.open_labels += u32::from(block.ends.is_empty());
        self.code.chain(field, &mut block.ends);
    }

    /// True if the values for the label of the block at `index` are not in its cells yet.
    fn needs_move(&self, index: usize) -> bool {
        let block = &self.control[index];
        let first = self.stack.len() - self.label_arity(block);
        self.stack.get(first).is_some_and(|first| first.slot != block.base) || !self.are_temps(first)
    }

    /// Moves the values for the label of the block at `index` to its cells. The stack itself stays as it is, except
    /// that entries may have been settled.
    pub(super) fn move_to_label(&mut self, index: usize) {
        let block = &self.control[index];
        let (base, arity) = (block.base, self.label_arity(block));
        let first = self.stack.len() - arity;
        let Some(source) = self.stack.get(first).map(|entry| entry.slot) else { return };
        // Settling once keeps repeated branches with many values short.
        if source == base || arity > 2 {
            self.settle_top(arity);
        }
        let len = self.cells - source;
        let all_settled = self.are_temps(first);
        match arity {
            _ if source == base => {}
            2.. if all_settled => self.emit_copy_span(base, source, len),
            _ => self.move_each(first, base),
        }
    }

    /// Moves the entries from `first` on to `base` and the following cells, one by one. Labels' cells lie below the
    /// entries' own and in the same order, so no move overwrites what a later one reads.
    fn move_each(&mut self, first: usize, base: u32) {
        let source = self.stack[first].slot;
        for index in first..self.stack.len() {
            let entry = self.stack[index];
            let to = base + (entry.slot - source);
            match entry.kind {
                Kind::Const(value) => self.emit_const(to, value),
                Kind::Temp => self.emit_copy_of(to, entry.slot, entry.cells),
                Kind::Local(local) => {
                    self.emit_copy_of(to, self.locals[local as usize].slot, entry.cells);
                }
                Kind::LowOfTemp | Kind::LowOfLocal(_) => {
                    let from = self.low_slot_of(entry);
                    self.emit_wrapped_copy(to, from);
                }
            }
        }
    }

    /// Emits the way to the label of the block at `index`: moves and branch, or a return.
    pub(super) fn branch_to(&mut self, index: usize) {
        if self.control[index].kind == BlockKind::Function {
            return self.return_();
        }
        self.move_to_label(index);
        let field = self.emit_branch();
        self.aim(field, index);
        self.last = None;
    }

    pub(super) fn label(&self, depth: u32) -> usize {
        self.control.len() - 1 - depth as usize
    }

    /// `br`.
    pub(super) fn br(&mut self, depth: u32) {
        self.branch_to(self.label(depth));
        self.set_unreachable();
    }

    /// `br_if`.
    pub(super) fn br_if(&mut self, depth: u32) {
        let condition = self.pop_condition();
        self.branch_if(&condition, true, self.label(depth));
    }

    /// `br_on_null`. What is not null stays on the stack.
    pub(super) fn br_on_null(&mut self, depth: u32) {
        let reference = self.pop();
        let slot = self.slot_of(reference);
        self.branch_if(&Condition::Null(slot), true, self.label(depth));
        self.push_again(reference);
    }

    /// `br_on_non_null`. What is not null is the last of the values that the branch carries.
    pub(super) fn br_on_non_null(&mut self, depth: u32) {
        let reference = *self.stack.last().expect("validation: operators find their operands");
        let slot = self.slot_of(reference);
        self.branch_if(&Condition::Null(slot), false, self.label(depth));
        self.pop();
    }

    /// Emits the way to the label of the block at `index`, taken if the condition is `when`.
    pub(super) fn branch_if(&mut self, condition: &Condition, when: bool, index: usize) {
        let arity = self.label_arity(&self.control[index]);
        let first = self.stack.get(self.stack.len() - arity).map(|entry| entry.slot);
        let is_return = self.control[index].kind == BlockKind::Function;
        // Where the values' own cells are the label's, putting them there is all it takes. Several results are
        // returned from their own cells: they are put there by code that the branch does not jump over, because the
        // code behind it will look for them there, too.
        let settles =
            if is_return { arity > 1 } else { arity > 2 || first == Some(self.control[index].base) };
        if settles {
            self.settle_top(arity);
        }
        if is_return || self.needs_move(index) {
            let mut skip = Fixups::default();
            if let Some(field) = self.emit_branch_if(condition, !when) {
                self.code.chain(field, &mut skip);
                self.open_labels += 1;
            }
            let start = self.code.pos();
            self.branch_to(index);
            if !skip.is_empty() && self.hint() == Some(!when) {
                self.cold.push(start.0..self.code.pos().0);
            }
            self.bind(skip);
        } else if let Some(field) = self.emit_branch_if(condition, when) {
            self.aim(field, index);
        }
    }

    /// `br_table`. Targets that need moves, or return, are reached by way of a piece of code behind the table.
    pub(super) fn br_table(&mut self, table: &BrTable<'_>) -> Result<(), Error> {
        let selector = self.pop();
        let selector = self.low_slot_of(selector);
        let arity = self.label_arity(&self.control[self.label(table.default())]);
        self.settle_top(arity);
        let count = table.len() + 1;
        self.emit_reader_a(Op::BrTable, selector, count);
        let targets = self.code.push_targets(count);
        let mut with_moves = BumpVec::new_in(self.bump);
        let depths = table.targets().chain(core::iter::once(Ok(table.default())));
        for (position, depth) in depths.enumerate() {
            let index = self.label(depth?);
            let field = CodePos(targets.0 + position as u32 * TARGET_BYTES);
            let is_return = self.control[index].kind == BlockKind::Function;
            if !is_return && !self.needs_move(index) {
                self.aim(field, index);
                continue;
            }
            let exits = &mut self.control[index].table_exits;
            if exits.is_empty() {
                with_moves.push(index);
                self.open_labels += 1;
            }
            self.code.chain(field, exits);
        }
        for index in with_moves {
            let exits = core::mem::take(&mut self.control[index].table_exits);
            self.bind(exits);
            self.branch_to(index);
        }
        self.set_unreachable();
        Ok(())
    }

    /// `return`, and the function's end. The stack stays as it is.
    pub(super) fn return_(&mut self) {
        let link = u16::try_from(self.ty.link_cell()).expect("validation limits parameters and results");
        let arity = self.ty.results().len();
        match arity {
            0 => drop(self.code.push_abc(Op::ReturnNone, link, 0, 0)),
            1 => {
                let value = *self.stack.last().expect("validation: a result is there");
                let slot = self.slot_of(value);
                match value.cells {
                    1 => self.emit_return_one(link, slot),
                    _ => self.emit_return_vector(link, slot),
                }
            }
            _ => {
                // Results may be parameters, whose cells the results go to: they are read from elsewhere.
                self.settle_top(arity);
                let first = self.stack[self.stack.len() - arity].slot;
                self.code.push_a_b32_d(Op::ReturnSpan, link, first, (self.cells - first).into());
            }
        }
        self.last = None;
    }

    /// `unreachable`.
    pub(super) fn trap(&mut self) {
        self.code.push_abc(Op::Unreachable, 0, 0, 0);
        self.set_unreachable();
    }
}

/// True if a comparison's constant, if it has one, fits the branch's 32-bit field.
fn fits_branch(producer: &Producer) -> bool {
    let compare = producer.read();
    match compare.op.shape() {
        Shape::binary_imm => {
            let is_64_bit = compare.op.facts().br_if.is_some_and(is_64_bit_branch);
            let constant = compare.u64(D).cast_signed();
            !is_64_bit || i32::try_from(constant).is_ok()
        }
        _ => true,
    }
}

fn is_64_bit_branch(op: Op) -> bool {
    matches!(
        op,
        Op::BrIfI64EqImm
            | Op::BrIfI64NeImm
            | Op::BrIfI64LtSImm
            | Op::BrIfI64LtUImm
            | Op::BrIfI64GeSImm
            | Op::BrIfI64GeUImm
    )
}
