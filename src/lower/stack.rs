//! The operand stack as it is while lowering.
//!
//! Every entry has a cell of its own, given by its height; only a temporary's value is really there. Copying an entry
//! into its cell ("settling" it) turns it into a temporary.
//!
//! An entry that stands for a local must be settled before the local is written, and before a block begins, since
//! code in the block may write it on some paths only.

use super::Lowerer;
use super::emit::Choice;
use super::locals::Local;
use super::vectors::VECTOR_CELLS;

/// How far from the top pending reads of a local are searched for.
const MAX_SEARCHED: usize = 128;

/// An entry of the operand stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// The entry's own cell, the first if there are two.
    pub(super) slot: u32,
    /// Cells that the value takes.
    pub(super) cells: u32,
}

/// Where an entry's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In the entry's own cell.
    Temp,
    /// In this local's cell.
    Local(u32),
    /// Nowhere yet: a constant, as a cell holds it.
    Const(u64),
    /// The low half of the entry's own cell: an i64 that `i32.wrap_i64` made an i32 without doing anything. Ops that
    /// read an i32 do not look at the other half ([`Lowerer::low_slot_of`]); for all else it is cleared first.
    LowOfTemp,
    /// Likewise, of this local's cell.
    LowOfLocal(u32),
}

impl Kind {
    /// The local whose cell the entry stands for.
    fn local(self) -> Option<u32> {
        match self {
            Self::Local(local) | Self::LowOfLocal(local) => Some(local),
            Self::Temp | Self::Const(_) | Self::LowOfTemp => None,
        }
    }
}

impl Lowerer<'_> {
    fn push(&mut self, kind: Kind, cells: u32) -> u32 {
        let slot = self.cells;
        self.stack.push(Entry { kind, slot, cells });
        self.has_vectors |= cells > 1;
        self.cells += cells;
        self.max_cells = self.max_cells.max(self.cells);
        slot
    }

    /// Pushes a value that the next op writes; returns its cell.
    pub(super) fn push_temp(&mut self) -> u32 {
        self.push_temp_of(1)
    }

    /// Likewise, a value that takes so many cells.
    pub(super) fn push_temp_of(&mut self, cells: u32) -> u32 {
        self.push(Kind::Temp, cells)
    }

    pub(super) fn push_const(&mut self, value: u64) {
        self.push(Kind::Const(value), 1);
    }

    pub(super) fn push_local(&mut self, local: u32) {
        self.note_read(local);
        let Local { pending, cells, .. } = &mut self.locals[local as usize];
        *pending += 1;
        let cells = *cells;
        self.push(Kind::Local(local), cells);
    }

    pub(super) fn pop(&mut self) -> Entry {
        let entry = self.stack.pop().expect("validation: operators find their operands");
        if let Some(local) = entry.kind.local() {
            self.locals[local as usize].pending -= 1;
        }
        self.settled = self.settled.min(self.stack.len());
        self.temps = self.temps.min(self.stack.len());
        self.cells = entry.slot;
        entry
    }

    pub(super) fn pop_n(&mut self, count: usize) {
        let height = self.stack.len() - count;
        for index in height.max(self.settled)..self.stack.len() {
            if let Some(local) = self.stack[index].kind.local() {
                self.locals[local as usize].pending -= 1;
            }
        }
        self.cells = self.stack.get(height).map_or(self.cells, |lowest| lowest.slot);
        self.stack.truncate(height);
        self.settled = self.settled.min(height);
        self.temps = self.temps.min(height);
    }

    /// The cell where the entry's value can be read; a constant is put into the entry's own cell first.
    pub(super) fn slot_of(&mut self, entry: Entry) -> u32 {
        match entry.kind {
            Kind::Temp => entry.slot,
            Kind::Local(local) => self.locals[local as usize].slot,
            Kind::Const(value) => {
                self.emit_const(entry.slot, value);
                // The cell lies above all live entries, but still within the frame.
                self.max_cells = self.max_cells.max(entry.slot + 1);
                entry.slot
            }
            Kind::LowOfTemp | Kind::LowOfLocal(_) => {
                let from = self.low_slot_of(entry);
                self.emit_wrap(entry.slot, from);
                self.max_cells = self.max_cells.max(entry.slot + 1);
                entry.slot
            }
        }
    }

    /// The cell where an op that reads an i32 or a f32 finds the entry: it ignores the upper half of the cell, as
    /// [`Cell::from_cell`](crate::isa::cell::Cell::from_cell) does.
    pub(super) fn low_slot_of(&mut self, entry: Entry) -> u32 {
        match entry.kind {
            Kind::LowOfTemp => entry.slot,
            Kind::LowOfLocal(local) => self.locals[local as usize].slot,
            _ => self.slot_of(entry),
        }
    }

    /// Copies the entry at `index` into its own cell.
    pub(super) fn settle(&mut self, index: usize) {
        let entry = self.stack[index];
        if let Some(local) = entry.kind.local() {
            self.locals[local as usize].pending -= 1;
        }
        match entry.kind {
            Kind::Temp => return,
            Kind::Local(local) => {
                let from = self.locals[local as usize].slot;
                self.emit_copy_of(entry.slot, from, entry.cells);
            }
            Kind::Const(value) => self.emit_const(entry.slot, value),
            Kind::LowOfTemp | Kind::LowOfLocal(_) => {
                let from = self.low_slot_of(entry);
                self.emit_wrapped_copy(entry.slot, from);
            }
        }
        self.stack[index].kind = Kind::Temp;
    }

    /// Settles the top `count` entries; their values then lie in neighbouring cells.
    pub(super) fn settle_top(&mut self, count: usize) {
        let (first, end) = (self.stack.len() - count, self.stack.len());
        for index in first.max(self.temps)..end {
            self.settle(index);
        }
        if self.temps >= first {
            self.temps = end;
        }
    }

    /// Whether the entries from index `first` on are temporaries.
    pub(super) fn are_temps(&self, first: usize) -> bool {
        let unknown = self.stack.get(first.max(self.temps)..).unwrap_or_default();
        unknown.iter().all(|entry| entry.kind == Kind::Temp)
    }

    /// Settles all entries that stand for locals.
    pub(super) fn settle_locals(&mut self) {
        self.settle_locals_below(self.stack.len());
    }

    /// Settles the entries below index `end` that stand for locals.
    fn settle_locals_below(&mut self, end: usize) {
        for index in self.settled..end {
            if self.stack[index].kind.local().is_some() {
                self.settle(index);
            }
        }
        self.settled = self.settled.max(end);
    }

    /// Settles the entries that stand for `local`, which is about to be written.
    fn settle_local(&mut self, local: u32) {
        if self.locals[local as usize].pending == 0 {
            return;
        }
        // What lies deep is settled whatever it stands for: or else writing many locals that were read far down on a
        // deep stack would search all of it for each.
        self.settle_locals_below(self.stack.len().saturating_sub(MAX_SEARCHED));
        let mut index = self.stack.len();
        while self.locals[local as usize].pending > 0 {
            index -= 1;
            if self.stack[index].kind.local() == Some(local) {
                self.settle(index);
            }
        }
    }

    /// `local.set`: the top entry's value goes to `local`; the op that computes it is redirected where possible.
    pub(super) fn set_local(&mut self, local: u32) {
        let value = self.pop();
        let slot = self.locals[local as usize].slot;
        if value.kind == Kind::Local(local) {
            return;
        }
        if self.redirect_last(value, local) {
            return;
        }
        let producer = self.take_producer(value);
        self.settle_local(local);
        self.note_write(local);
        match producer {
            Some(producer) => self.emit_redirected(producer, slot),
            None => match value.kind {
                Kind::Const(constant) => self.emit_const(slot, constant),
                Kind::Temp => self.emit_copy_of(slot, value.slot, value.cells),
                Kind::Local(from) => self.emit_copy_of(slot, self.locals[from as usize].slot, value.cells),
                Kind::LowOfTemp | Kind::LowOfLocal(_) => {
                    let from = self.low_slot_of(value);
                    self.emit_wrap(slot, from);
                    // The local may be read any time from now on.
                    self.settle_last();
                }
            },
        }
    }

    /// `i32.wrap_i64`: the operand stays where it is, and its upper half is no longer looked at. False if that takes an
    /// op after all.
    pub(super) fn wrap_in_place(&mut self) -> bool {
        let operand = *self.stack.last().expect("validation: operators find their operands");
        let low = match operand.kind {
            Kind::Temp if self.info.combining => Kind::LowOfTemp,
            Kind::Local(local) if self.info.combining => Kind::LowOfLocal(local),
            _ => return false,
        };
        let top = self.stack.len() - 1;
        self.stack[top].kind = low;
        self.temps = self.temps.min(top);
        true
    }

    /// Operators that do nothing to a cell, which must be a whole one: `i64.extend_i32_u`, `f32.reinterpret_i32`.
    pub(super) fn settle_low(&mut self) {
        let top = self.stack.len() - 1;
        if matches!(self.stack[top].kind, Kind::LowOfTemp | Kind::LowOfLocal(_)) {
            let entry = self.pop();
            self.slot_of(entry);
            self.push_temp();
        }
    }

    pub(super) fn tee_local(&mut self, local: u32) {
        self.set_local(local);
        self.push_local(local);
    }

    /// `drop`.
    pub(super) fn drop_value(&mut self) {
        self.pop();
    }

    /// `select`.
    pub(super) fn select(&mut self) {
        let (condition, if_false, if_true) = (self.pop(), self.pop(), self.pop());
        if let Kind::Const(constant) = condition.kind {
            return self.push_again(if constant as u32 != 0 { if_true } else { if_false });
        }
        // In this order the constants' cells do not overwrite a temporary that is still needed: every cell is the
        // entry's own.
        if if_true.cells == VECTOR_CELLS {
            let slots = [self.slot_of(if_true), self.slot_of(if_false), self.low_slot_of(condition)];
            return self.vector_select(slots);
        }
        let choices = [self.choice(if_true), self.choice(if_false)];
        let condition = self.low_slot_of(condition);
        self.emit_select(choices, condition);
    }

    /// A popped entry as an operand of `select`.
    fn choice(&mut self, entry: Entry) -> Choice {
        match entry.kind {
            Kind::Const(value) if self.info.combining && value <= u32::MAX.into() => {
                Choice::Const(value as u32)
            }
            _ => Choice::Cell(self.slot_of(entry)),
        }
    }

    /// Pushes a popped entry again, at the height that the stack has now.
    pub(super) fn push_again(&mut self, entry: Entry) {
        match entry.kind {
            Kind::Const(value) => self.push_const(value),
            Kind::Local(local) => self.push_local(local),
            Kind::LowOfLocal(local) => {
                self.push_local(local);
                self.wrap_in_place();
            }
            Kind::LowOfTemp | Kind::Temp => {
                let slot = self.push_temp_of(entry.cells);
                if slot != entry.slot {
                    self.emit_copy_of(slot, entry.slot, entry.cells);
                }
                if entry.kind == Kind::LowOfTemp {
                    self.wrap_in_place();
                }
            }
        }
    }
}
