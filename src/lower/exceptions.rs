//! Exceptions: `try_table` and its predecessor `try`, `throw` and its kin.
//!
//! A block that catches makes a region of the function's handler table and no code. When something is caught, the payload
//! is written to the cells where the label's values are, by whoever throws; the rest of what the label needs is in place,
//! because only entries above the label's height have been changed since its block began. Calls and throws are never taken
//! back nor moved, so the region around their position is known when they are emitted.

use wasmparser::{BlockType, Catch, TryTable};

use super::Lowerer;
use super::control::{Block, BlockKind, BlockTypes, block_types};
use super::handlers::{Clause, Region, RegionIdx, Target};
use crate::isa::ops::Op;
use crate::types::TagIdx;

/// How many regions and clauses are looked at for a throw: it may be in a million of them.
const MAX_SEARCHED: u32 = 64;

/// What a branch in place of a throw needs to know.
struct StaticCatch {
    /// The control stack's index of the block whose label is the target.
    block: usize,
    takes_payload: bool,
}

impl Lowerer<'_> {
    /// `try_table`.
    pub(super) fn try_table(&mut self, table: &TryTable) {
        if self.skip_block() {
            return;
        }
        self.settle_locals();
        let first = self.handlers.clauses.len() as u32;
        for (position, catch) in (first + 1..).zip(&table.catches) {
            let is_last = position as usize == first as usize + table.catches.len();
            self.add_clause(*catch, (!is_last).then_some(position));
        }
        let region = self.open_region(false);
        if !table.catches.is_empty() {
            self.handlers.regions[region.0 as usize].first_clause = Some(first);
        }
        self.open_in_region(BlockKind::Block, block_types(table.ty), region);
    }

    /// Opens a block whose code is in `region`.
    fn open_in_region(&mut self, kind: BlockKind, ty: BlockTypes, region: RegionIdx) {
        self.open(kind, ty);
        let block = self.control.last_mut().expect("it was just opened");
        (block.region, block.own_region) = (Some(region), Some(region));
    }

    fn add_clause(&mut self, catch: Catch, next: Option<u32>) {
        let (tag, label, wants_reference) = match catch {
            Catch::One { tag, label } => (Some(tag), label, false),
            Catch::OneRef { tag, label } => (Some(tag), label, true),
            Catch::All { label } => (None, label, false),
            Catch::AllRef { label } => (None, label, true),
        };
        let index = self.label(label);
        let position = self.handlers.clauses.len() as u32;
        let payload_cells = tag.map_or(0, |tag| self.info.tag_type(TagIdx(tag)).param_cells());
        let block = &mut self.control[index];
        let (target, payload) = match block.kind {
            BlockKind::Function => (Target::Return, 0),
            BlockKind::Loop(head) => (Target::Code(head.0), block.base),
            _ => {
                let waiting = Target::Waiting(block.caught.replace(position));
                self.open_labels += u32::from(waiting == Target::Waiting(None));
                (waiting, self.control[index].base)
            }
        };
        let reference = wants_reference.then_some(payload + payload_cells);
        self.handlers.clauses.push(Clause { tag: tag.map(TagIdx), target, payload, reference, next });
        self.clause_blocks.push(index);
    }

    /// Begins a region here, without clauses.
    fn open_region(&mut self, is_legacy: bool) -> RegionIdx {
        // Nothing that belongs before the region may be taken back from within.
        self.last = None;
        let parent = self.region();
        let here = self.code.pos().0;
        let region = Region { code: here..u32::MAX, parent, next: parent, first_clause: None, is_legacy };
        self.handlers.regions.push(region);
        RegionIdx(self.handlers.regions.len() as u32 - 1)
    }

    pub(super) fn close_region(&mut self, region: RegionIdx) {
        self.last = None;
        self.handlers.regions[region.0 as usize].code.end = self.code.pos().0;
    }

    /// The region that code emitted now is in.
    pub(super) fn region(&self) -> Option<RegionIdx> {
        self.control.last().and_then(|block| block.region)
    }

    /// Aims the clauses from `first` on, which wait for a label, here.
    pub(super) fn bind_clauses(&mut self, first: Option<u32>) {
        let here = Target::Code(self.code.pos().0);
        let mut waiting = first;
        while let Some(position) = waiting {
            let target = &mut self.handlers.clauses[position as usize].target;
            let Target::Waiting(next) = *target else {
                unreachable!("clauses wait for one label only");
            };
            *target = here;
            waiting = next;
        }
        if first.is_some() {
            self.open_labels -= 1;
            self.put_label();
        }
    }

    /// `throw`. If it is certain which clause of this function catches it, it is a branch.
    pub(super) fn throw(&mut self, tag: u32) {
        let count = self.info.tag_type(TagIdx(tag)).params().len();
        if let Some(catch) = self.static_catch(TagIdx(tag)) {
            if !catch.takes_payload {
                self.pop_n(count);
            }
            self.branch_to(catch.block);
        } else {
            self.settle_top(count);
            let payload = self.stack.get(self.stack.len() - count).map_or(self.cells, |first| first.slot);
            self.code.push_a_b32_d(Op::Throw, 0, payload, tag.into());
        }
        self.set_unreachable();
    }

    /// The clause that catches exceptions with this tag thrown here, if that can be told without the instance, and if
    /// nobody wants a reference to the exception. Tags of the module's own differ from all others; imported ones may turn
    /// out to be the same.
    fn static_catch(&self, thrown: TagIdx) -> Option<StaticCatch> {
        let is_imported = |tag: TagIdx| tag.0 < self.info.imported.tags;
        let mut left = MAX_SEARCHED;
        let mut next = self.region();
        while let Some(idx) = next {
            let region = &self.handlers.regions[idx.0 as usize];
            if region.is_legacy {
                return None;
            }
            let mut following = region.first_clause;
            while let Some(position) = following {
                left = left.checked_sub(1)?;
                let clause = &self.handlers.clauses[position as usize];
                if clause.tag.is_none_or(|tag| tag == thrown) {
                    let block = self.clause_blocks[position as usize];
                    let is_plain = clause.reference.is_none();
                    return is_plain.then_some(StaticCatch { block, takes_payload: clause.tag.is_some() });
                }
                if clause.tag.is_some_and(is_imported) && is_imported(thrown) {
                    return None;
                }
                following = clause.next;
            }
            left = left.checked_sub(1)?;
            next = region.next;
        }
        None
    }

    /// `throw_ref`.
    pub(super) fn throw_ref(&mut self) {
        let reference = self.pop();
        let slot = self.slot_of(reference);
        self.emit_throw_ref(slot);
    }

    fn emit_throw_ref(&mut self, slot: u32) {
        let near = self.near(slot, 0);
        self.code.push_abc(Op::ThrowRef, near, 0, 0);
        self.set_unreachable();
    }
}

/// The older operators. Each `catch` is a piece of code behind the block, which a clause leads to. On the operand stack
/// there, a reference to the exception for `rethrow` lies below the payload; it is only asked for if there is a
/// `rethrow`.
impl Lowerer<'_> {
    /// Stands for a block in [`Lowerer::clause_blocks`] whose clauses cannot be branched to.
    const NO_LABEL: usize = usize::MAX;

    /// `try`.
    pub(super) fn try_(&mut self, ty: BlockType) {
        if self.skip_block() {
            return;
        }
        self.settle_locals();
        let region = self.open_region(true);
        self.open_in_region(BlockKind::Try(region), block_types(ty), region);
        // What is caught comes from the midst of the block, whatever its end is reached by.
        self.open_labels += 1;
    }

    /// `catch`, and `catch_all` if there is no tag.
    pub(super) fn catch(&mut self, tag: Option<u32>) {
        if self.unreachable_blocks > 0 {
            return;
        }
        let index = self.control.len() - 1;
        if self.reachable {
            self.branch_to(index);
        }
        let clause = self.handlers.clauses.len() as u32;
        let before = match self.control[index].kind {
            BlockKind::Try(region) => {
                self.leave_try(index, region);
                &mut self.handlers.regions[region.0 as usize].first_clause
            }
            BlockKind::Catch(before) => &mut self.handlers.clauses[before as usize].next,
            _ => unreachable!("validation: a catch belongs to a try"),
        };
        *before = Some(clause);
        let block = &mut self.control[index];
        block.kind = BlockKind::Catch(clause);
        let (height, base) = (block.height, block.base);
        self.pop_n(self.stack.len() - height);
        self.push_temp();
        let payload = self.cells;
        if let Some(tag) = tag {
            for ty in self.info.tag_type(TagIdx(tag)).params() {
                self.push_temp_of(ty.cells());
            }
        }
        debug_assert_eq!(payload, base + 1, "the reference lies where the block begins");
        let target = Target::Code(self.code.pos().0);
        let tag = tag.map(TagIdx);
        self.handlers.clauses.push(Clause { tag, target, payload, reference: None, next: None });
        self.clause_blocks.push(Self::NO_LABEL);
        self.put_label();
        self.reachable = true;
    }

    /// Ends the region of the `try` at `index`: what its clauses do is in the region around it.
    fn leave_try(&mut self, index: usize, region: RegionIdx) {
        self.close_region(region);
        let block = &mut self.control[index];
        block.own_region = None;
        block.region = self.handlers.regions[region.0 as usize].parent;
    }

    /// `rethrow`.
    pub(super) fn rethrow(&mut self, depth: u32) {
        let block = &self.control[self.label(depth)];
        let BlockKind::Catch(clause) = block.kind else {
            unreachable!("validation: what is thrown again has been caught");
        };
        let slot = block.base;
        self.handlers.clauses[clause as usize].reference = Some(slot);
        self.emit_throw_ref(slot);
    }

    /// `delegate`: the end of a `try` that leaves its exceptions to the block `depth` further out.
    pub(super) fn delegate(&mut self, depth: u32) {
        if self.unreachable_blocks > 0 {
            self.unreachable_blocks -= 1;
            return;
        }
        let index = self.control.len() - 1;
        let BlockKind::Try(region) = self.control[index].kind else {
            unreachable!("validation: delegate ends a try");
        };
        // Counted from outside of the block.
        let target = index - 1 - depth as usize;
        self.handlers.regions[region.0 as usize].next = self.control[target].region;
        self.end();
    }
}

impl Block {
    /// True if control may come to the block's end from elsewhere.
    pub(super) fn merges(&self) -> bool {
        !self.ends.is_empty() || self.caught.is_some()
    }
}
