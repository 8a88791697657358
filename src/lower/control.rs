//! Structured control: function, block, loop, if, else, end.
//!
//! Parameters of a loop or an if, and results wherever a branch leads to the block's end, lie in the cells that their
//! height on the operand stack gives them. All paths agree on that, so merging them takes no ops. A block that no
//! branch leaves needs no merge and keeps its results as they are.

use wasmparser::BlockType;

use super::Lowerer;
use super::handlers::RegionIdx;
use super::locals::cells_of;
use crate::isa::code::{CodePos, Fixups};
use crate::types::{FuncType, TypeIdx, ValType};

/// An open block.
pub(super) struct Block {
    pub(super) kind: BlockKind,
    ty: BlockTypes,
    /// Entries of the operand stack below the block's parameters.
    pub(super) height: usize,
    /// Cell of the block's first parameter, and of its first result.
    pub(super) base: u32,
    /// Branches to the block's end.
    pub(super) ends: Fixups,
    /// Branch-table targets that need values moved before they can go to the block's label.
    pub(super) table_exits: Fixups,
    /// Which arm of an `if` is unlikely, if one is.
    pub(super) unlikely: Option<Arm>,
    /// The last of the handlers' clauses that lead to the block's end.
    pub(super) caught: Option<u32>,
    /// Where what is thrown in the block's code is caught.
    pub(super) region: Option<RegionIdx>,
    /// The region that ends with the block.
    pub(super) own_region: Option<RegionIdx>,
}

/// The arm of an `if` that is hardly ever executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arm {
    /// The one being lowered, with its start.
    This(CodePos),
    /// The one behind `else`.
    Second,
}

/// What sort of block it is, with what only that sort has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    Function,
    Block,
    /// With the position of its head.
    Loop(CodePos),
    /// Not yet past its `else`; with the branch that skips the first arm.
    If(Fixups),
    Else,
    /// A `try` before its clauses.
    Try(RegionIdx),
    /// One of its clauses.
    Catch(u32),
}

/// A block type without references into the module.
#[derive(Clone, Copy)]
pub(super) enum BlockTypes {
    /// With or without a result.
    Plain {
        /// Cells of the result; 0 if there is none.
        cells: u32,
    },
    Func(TypeIdx),
    Function,
}

/// What is on the operand stack where a block begins or ends.
#[derive(Clone, Copy)]
enum Values {
    Params(BlockTypes),
    Results(BlockTypes),
}

impl Lowerer<'_> {
    fn params_of(&self, ty: BlockTypes) -> usize {
        match ty {
            BlockTypes::Plain { .. } | BlockTypes::Function => 0,
            BlockTypes::Func(idx) => self.info.func_type_at(idx).params().len(),
        }
    }

    fn results_of(&self, ty: BlockTypes) -> usize {
        match ty {
            BlockTypes::Plain { cells } => cells.min(1) as usize,
            BlockTypes::Func(idx) => self.info.func_type_at(idx).results().len(),
            BlockTypes::Function => self.ty.results().len(),
        }
    }

    /// Values that a branch to `block` carries.
    pub(super) fn label_arity(&self, block: &Block) -> usize {
        match block.kind {
            BlockKind::Loop(_) => self.params_of(block.ty),
            _ => self.results_of(block.ty),
        }
    }

    pub(super) fn open_function(&mut self) {
        self.open(BlockKind::Function, BlockTypes::Function);
    }

    pub(super) fn open(&mut self, kind: BlockKind, ty: BlockTypes) {
        let height = self.stack.len() - self.params_of(ty);
        let base = self.stack.get(height).map_or(self.cells, |entry| entry.slot);
        self.control.push(Block {
            kind,
            ty,
            height,
            base,
            ends: Fixups::default(),
            table_exits: Fixups::default(),
            unlikely: None,
            caught: None,
            region: self.region(),
            own_region: None,
        });
    }

    pub(super) fn block(&mut self, ty: BlockType) {
        if self.skip_block() {
            return;
        }
        self.settle_locals();
        self.open(BlockKind::Block, block_types(ty));
    }

    pub(super) fn loop_(&mut self, ty: BlockType) {
        if self.skip_block() {
            return;
        }
        let ty = block_types(ty);
        self.settle_locals();
        self.settle_top(self.params_of(ty));
        let head = self.code.pos();
        self.heads.push(head);
        self.put_label();
        self.open(BlockKind::Loop(head), ty);
    }

    pub(super) fn if_(&mut self, ty: BlockType) {
        if self.skip_block() {
            return;
        }
        let ty = block_types(ty);
        let condition = self.pop_condition();
        self.settle_locals();
        self.settle_top(self.params_of(ty));
        let mut skip = Fixups::default();
        if let Some(field) = self.emit_branch_if(&condition, false) {
            self.code.chain(field, &mut skip);
            self.open_labels += 1;
        }
        let unlikely = match self.hint() {
            // Nothing branches around the arm if the condition is a constant.
            _ if skip.is_empty() => None,
            Some(false) => Some(Arm::This(self.code.pos())),
            Some(true) => Some(Arm::Second),
            None => None,
        };
        self.open(BlockKind::If(skip), ty);
        self.control.last_mut().expect("it was just opened").unlikely = unlikely;
    }

    /// The arm of the block at `index` ends here, where some branch leads to.
    fn end_arm(&mut self, index: usize) {
        if let Some(Arm::This(start)) = self.control[index].unlikely {
            self.cold.push(start.0..self.code.pos().0);
        }
    }

    pub(super) fn else_(&mut self) {
        if self.unreachable_blocks > 0 {
            return;
        }
        let index = self.control.len() - 1;
        let BlockKind::If(skip) = self.control[index].kind else {
            unreachable!("validation: an else belongs to an if");
        };
        if self.reachable {
            self.branch_to(index);
        }
        self.end_arm(index);
        self.bind(skip);
        let second_is_unlikely = self.control[index].unlikely == Some(Arm::Second);
        self.control[index].unlikely = second_is_unlikely.then(|| Arm::This(self.code.pos()));
        self.control[index].kind = BlockKind::Else;
        let block = &self.control[index];
        self.reset_stack(block.height, Values::Params(block.ty));
        self.reachable = true;
    }

    pub(super) fn end(&mut self) {
        if self.unreachable_blocks > 0 {
            self.unreachable_blocks -= 1;
            return;
        }
        let index = self.control.len() - 1;
        match self.control[index].kind {
            BlockKind::Function => {
                if self.reachable {
                    self.return_();
                }
                self.control.pop();
            }
            // Its label is at its head, so nothing merges here.
            BlockKind::Loop(_) => drop(self.control.pop()),
            BlockKind::If(skip) => {
                // A missing else hands the parameters on as results; they lie in the same cells.
                if self.reachable {
                    self.move_to_label(index);
                }
                self.end_arm(index);
                self.bind(skip);
                self.close(index, true);
            }
            BlockKind::Block | BlockKind::Else => {
                let merges = self.control[index].merges();
                if merges && self.reachable {
                    self.move_to_label(index);
                }
                // If no branch leads here, what follows belongs to the arm.
                if !self.control[index].ends.is_empty() {
                    self.end_arm(index);
                }
                self.close(index, merges);
            }
            BlockKind::Try(_) | BlockKind::Catch(_) => {
                // Clauses have an entry of their own below the results.
                let merges = self.reachable || self.control[index].merges();
                if self.reachable {
                    self.move_to_label(index);
                }
                self.close(index, merges);
                self.open_labels -= 1;
            }
        }
    }

    /// Ends a block; where paths merge, its results are in their cells.
    fn close(&mut self, index: usize, merges: bool) {
        let block = self.control.pop().expect("`index` is the innermost block's");
        debug_assert_eq!(index, self.control.len());
        self.bind(block.ends);
        self.bind_clauses(block.caught);
        if let Some(region) = block.own_region {
            self.close_region(region);
        }
        if merges {
            self.reset_stack(block.height, Values::Results(block.ty));
            self.reachable = true;
        }
    }

    /// Aims branches here and forgets what was known of the op before.
    pub(super) fn bind(&mut self, fixups: Fixups) {
        if !fixups.is_empty() {
            self.open_labels -= 1;
            let here = self.code.pos();
            self.code.bind(fixups, here);
            self.put_label();
        }
    }

    /// Branches may lead here: nothing is known of what was executed before.
    pub(super) fn put_label(&mut self) {
        self.code.put_label();
        self.last = None;
    }

    /// Leaves `height` entries and temporaries for `values` on the operand stack.
    fn reset_stack(&mut self, height: usize, values: Values) {
        let count = match values {
            Values::Params(ty) => self.params_of(ty),
            Values::Results(ty) => self.results_of(ty),
        };
        // They may be there already, if every value has one cell.
        let kept = if self.temps >= height + count && !self.has_vectors { count } else { 0 };
        self.pop_n(self.stack.len() - height - kept);
        let info = self.info;
        match values {
            Values::Results(BlockTypes::Plain { cells }) if cells > 0 && kept == 0 => {
                self.push_temp_of(cells);
            }
            Values::Params(BlockTypes::Func(idx)) => {
                self.push_temps(&info.func_type_at(idx).params()[kept..])
            }
            Values::Results(BlockTypes::Func(idx)) => {
                self.push_temps(&info.func_type_at(idx).results()[kept..]);
            }
            Values::Results(BlockTypes::Function) => {
                let ty = self.ty;
                self.push_temps(&ty.results()[kept..]);
            }
            Values::Params(_) | Values::Results(BlockTypes::Plain { .. }) => {}
        }
    }

    fn push_temps(&mut self, types: &[ValType]) {
        for ty in types {
            self.push_temp_of(ty.cells());
        }
    }

    /// True in code that cannot be reached, where a block opens without a trace.
    pub(super) fn skip_block(&mut self) -> bool {
        if !self.reachable {
            self.unreachable_blocks += 1;
        }
        !self.reachable
    }

    /// The rest of the block cannot be reached.
    pub(super) fn set_unreachable(&mut self) {
        self.reachable = false;
        let height = self.control.last().expect("operators are within the function's block").height;
        self.pop_n(self.stack.len() - height);
        self.last = None;
    }
}

pub(super) fn block_types(ty: BlockType) -> BlockTypes {
    match ty {
        BlockType::Empty => BlockTypes::Plain { cells: 0 },
        BlockType::Type(ty) => BlockTypes::Plain { cells: cells_of(ty) },
        BlockType::FuncType(idx) => BlockTypes::Func(TypeIdx(idx)),
    }
}

impl Lowerer<'_> {
    /// The type of a `call_indirect`.
    pub(super) fn type_at(&self, idx: u32) -> &FuncType {
        self.info.func_type_at(TypeIdx(idx))
    }
}
