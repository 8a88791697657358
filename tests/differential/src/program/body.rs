//! One function's body while it is being generated: its code so far, locals, labels, and how much may still come.
//!
//! Code is emitted in order, so at any time the operand stack may hold values that code emitted later will use. Every
//! value and every statement therefore leaves what lies below it alone; branches to labels further out drop it.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::Padding;
use super::shape::{Function, HOST_COST, HOST_COST_IN_LEAF, Shape};
use crate::choices::Choices;

/// A function being generated.
pub(super) struct Body<'a, 'u> {
    pub(super) choices: &'a mut Choices<'u>,
    pub(super) shape: &'a mut Shape,
    pub(super) func_idx: usize,
    pub(super) results: Vec<ValType>,
    param_len: usize,
    pub(super) locals: Vec<Local>,
    padding: Padding,
    code: Vec<Instruction<'static>>,
    /// The innermost last; the first is the function's own.
    pub(super) labels: Vec<Label>,
    /// Operators that may still be emitted before the generator is to come to an end.
    room: u32,
    /// How often the code emitted next can be executed in one call.
    pub(super) times: u64,
    /// Operators executed in one call, at most.
    cost: u64,
    cost_limit: u64,
    /// What a call of itself is counted down in, while no such call has been generated.
    pub(super) recursion: Option<Recursion>,
    /// How many blocks that catch are around the code emitted next.
    pub(super) tries: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) ty: ValType,
    pub(super) role: Role,
}

/// What a local may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Anything.
    General,
    /// Reads, and writes of values up to [`BOUND`]: part of an address.
    Bounded,
    /// Reads; it is written only to count.
    Counter,
    /// Nothing that may have other code in between.
    Scratch,
}

/// The largest value of a bounded local.
pub(super) const BOUND: i32 = 0x7FF;

/// A label that code can branch to.
#[derive(Clone)]
pub(super) struct Label {
    pub(super) types: Vec<ValType>,
    pub(super) kind: LabelKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LabelKind {
    /// Behind the block.
    End,
    /// At its head, and only to be reached with a counter of its own.
    Loop,
    /// At its head; this counter may be counted down anywhere and bounds the repetitions as long as it is positive.
    Countdown(u32),
}

/// How a function may call itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Recursion {
    /// A local with the number of calls left, which is the first parameter in range.
    pub(super) counter: u32,
    pub(super) is_tail: bool,
    /// How often code outside of all loops is executed.
    pub(super) times: u64,
}

const MAX_COST: u64 = 8000;
const MAX_LEAF_COST: u64 = 300;

impl<'a, 'u> Body<'a, 'u> {
    /// Generates function `func_idx`.
    pub(super) fn random(
        choices: &'a mut Choices<'u>,
        shape: &'a mut Shape,
        func_idx: usize,
        padding: Padding,
    ) -> Function {
        let (params, results) = shape.ty(shape.type_of_own(func_idx));
        let is_leaf = shape.is_leaf(func_idx);
        let mut body = Self {
            room: choices.pick(&[10, 40, 100, 200, 300]),
            choices,
            shape,
            func_idx,
            param_len: params.len(),
            locals: params.into_iter().map(|ty| Local { ty, role: Role::General }).collect(),
            padding,
            code: Vec::new(),
            labels: vec![Label { types: results.clone(), kind: LabelKind::End }],
            results,
            times: 1,
            cost: 0,
            cost_limit: if is_leaf { MAX_LEAF_COST } else { MAX_COST },
            recursion: None,
            tries: 0,
        };
        body.random_locals();
        body.prologue(is_leaf);
        if body.shape.has_objects {
            body.first_objects();
        }
        body.statements(8);
        let results = body.results.clone();
        body.values(&results, 3);
        if padding.values > 0 {
            // Drops the padding as well, and is not counted, because the program must be the same without it.
            body.code.push(Instruction::Return);
        }
        body.finish()
    }

    fn random_locals(&mut self) {
        for _ in 0..self.choices.below(3) {
            self.add_local(ValType::I32, Role::Bounded);
        }
        for _ in 0..self.choices.below(9) {
            let ty = self.shape.random_value_type(self.choices);
            self.add_local(ty, Role::General);
        }
        if !self.shape.tags.is_empty() {
            self.add_local(ValType::EXNREF, Role::General);
        }
    }

    /// What comes before everything else: padding, and the count of a recursion.
    fn prologue(&mut self, is_leaf: bool) {
        for number in 0..self.padding.values {
            self.code.push(Instruction::I64Const(number.into()));
        }
        let is_recursive = !is_leaf
            && self.locals.first().is_some_and(|local| local.ty == ValType::I32)
            && self.param_len > 0
            && self.choices.chance(1, 3);
        if is_recursive {
            let (mask, is_tail) = self.choices.pick(&[(7, false), (63, true), (15, true)]);
            let counter = self.add_local(ValType::I32, Role::Counter);
            self.emit(Instruction::LocalGet(0));
            self.emit(Instruction::I32Const(mask));
            self.emit(Instruction::I32And);
            self.set(counter);
            self.times = mask as u64 + 1;
            self.recursion = Some(Recursion { counter, is_tail, times: self.times });
        }
    }

    fn finish(self) -> Function {
        let mut locals: Vec<(u32, ValType)> = Vec::new();
        locals.push((self.padding.locals, ValType::I64));
        locals.extend(self.locals[self.param_len..].iter().map(|local| (1, local.ty)));
        Function { locals, code: self.code, cost: self.cost }
    }

    /// Emits an operator.
    pub(super) fn emit(&mut self, instruction: Instruction<'static>) {
        self.cost += self.times;
        self.room = self.room.saturating_sub(1);
        self.code.push(instruction);
    }

    /// Counts what a call costs.
    pub(super) fn add_cost(&mut self, callee_cost: u64) {
        self.cost += callee_cost * self.times;
    }

    /// What a call of function `func_idx`, which may be called, is counted as.
    pub(super) fn cost_of(&self, func_idx: u32) -> u64 {
        match self.shape.callees()[func_idx as usize].cost {
            HOST_COST if self.shape.is_leaf(self.func_idx) => HOST_COST_IN_LEAF,
            cost => cost,
        }
    }

    /// True if code that takes `cost` operators each time can be afforded here.
    pub(super) fn can_afford(&self, cost: u64) -> bool {
        self.cost + cost * self.times <= self.cost_limit
    }

    /// True when code should become as simple as it can.
    pub(super) fn is_full(&self) -> bool {
        self.room == 0 || self.cost >= self.cost_limit || self.choices.is_exhausted()
    }

    pub(super) fn add_local(&mut self, ty: ValType, role: Role) -> u32 {
        self.locals.push(Local { ty, role });
        self.locals.len() as u32 - 1
    }

    /// A local for intermediate results of this type.
    pub(super) fn scratch(&mut self, ty: ValType) -> u32 {
        let wanted = Local { ty, role: Role::Scratch };
        let known = self.locals.iter().position(|local| *local == wanted);
        known.map_or_else(|| self.add_local(ty, Role::Scratch), |idx| idx as u32)
    }

    /// Some local of a type that any of these roles fits.
    pub(super) fn find_local(&mut self, ty: ValType, roles: &[Role]) -> Option<u32> {
        let is_wanted = |local: &Local| local.ty == ty && roles.contains(&local.role);
        let found: Vec<u32> =
            (0..self.locals.len() as u32).filter(|idx| is_wanted(&self.locals[*idx as usize])).collect();
        if found.is_empty() { None } else { Some(self.choices.pick(&found)) }
    }

    /// The number of a local in the code; padding lies behind the parameters.
    fn encoded(&self, local: u32) -> u32 {
        if (local as usize) < self.param_len { local } else { local + self.padding.locals }
    }

    pub(super) fn get(&mut self, local: u32) {
        let encoded = self.encoded(local);
        self.emit(Instruction::LocalGet(encoded));
    }

    pub(super) fn set(&mut self, local: u32) {
        let encoded = self.encoded(local);
        self.emit(Instruction::LocalSet(encoded));
    }

    pub(super) fn tee(&mut self, local: u32) {
        let encoded = self.encoded(local);
        self.emit(Instruction::LocalTee(encoded));
    }

    pub(super) fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], [result]) => BlockType::Result(*result),
            _ => BlockType::FunctionType(self.shape.type_idx(params.to_vec(), results.to_vec())),
        }
    }

    /// The immediate of a branch to the label at this position of [`labels`](Self::labels).
    pub(super) fn depth_of(&self, label: usize) -> u32 {
        (self.labels.len() - 1 - label) as u32
    }

    /// Some label behind a block whose types `is_wanted` accepts.
    pub(super) fn find_label(&mut self, is_wanted: impl Fn(&[ValType]) -> bool) -> Option<usize> {
        let found: Vec<usize> = (0..self.labels.len())
            .filter(|idx| self.labels[*idx].kind == LabelKind::End && is_wanted(&self.labels[*idx].types))
            .collect();
        if found.is_empty() { None } else { Some(self.choices.pick(&found)) }
    }
}
