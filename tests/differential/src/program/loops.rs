//! Loops, which end because they count.
//!
//! A counter goes up or down, in 32 or 64 bits, and the loop goes on while a comparison holds, in one of the forms that
//! compilers write. Where branches to the loop's head may stand anywhere in it, each counts once more.

use std::borrow::Cow;

use wasm_encoder::{BlockType, Instruction, ValType};

use super::body::{Body, Label, LabelKind, Role};

/// How a loop decides whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Down to 0: the counter itself is the condition.
    DownToZero,
    /// While the counter is positive; anyone may count it down.
    WhilePositive,
    /// As before, with the operands exchanged and the counter set before.
    WhilePositiveExchanged,
    /// A conditional with an empty first arm, and a branch in the second one.
    ElseBranch,
    /// By a table with two targets.
    Table,
    /// Up to a constant, with this comparison.
    UpTo(Comparison),
    /// Up to what another local holds.
    UpToLocal,
    /// Up to a constant, unless something else says otherwise.
    UpToAnd,
    /// At the head, and a branch back at the end.
    AtHead,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    LtS,
    LtU,
    Ne,
    /// With the operands exchanged.
    GtS,
    /// And negated.
    GeS,
}

const FORMS: &[(usize, Form)] = &[
    (4, Form::DownToZero),
    (3, Form::WhilePositive),
    (2, Form::WhilePositiveExchanged),
    (2, Form::ElseBranch),
    (1, Form::Table),
    (2, Form::UpTo(Comparison::LtS)),
    (2, Form::UpTo(Comparison::LtU)),
    (2, Form::UpTo(Comparison::Ne)),
    (1, Form::UpTo(Comparison::GtS)),
    (1, Form::UpTo(Comparison::GeS)),
    (2, Form::UpToLocal),
    (1, Form::UpToAnd),
    (3, Form::AtHead),
];

/// A loop being generated.
struct Loop {
    form: Form,
    is_64_bit: bool,
    counter: u32,
    trips: i64,
}

/// The operators for counting in one of both widths.
macro_rules! by_width {
    ($is_64_bit:expr, $op_32:ident, $op_64:ident) => {
        if $is_64_bit { Instruction::$op_64 } else { Instruction::$op_32 }
    };
}

impl Body<'_, '_> {
    /// A loop with parameters, which are on the stack already, and results.
    pub(super) fn counted_loop(&mut self, params: &[ValType], results: &[ValType], depth: u32) {
        let trips = 1 + self.choices.below(12) as i64;
        if !self.can_afford(trips as u64 * 20) {
            self.consume(params);
            return self.values(results, depth);
        }
        let is_64_bit = self.choices.chance(1, 4);
        let form = self.choices.weighted(FORMS);
        let ty = if is_64_bit { ValType::I64 } else { ValType::I32 };
        let counter = self.add_local(ty, Role::Counter);
        let looped = Loop { form, is_64_bit, counter, trips };
        self.begin_counting(&looped);
        if form == Form::AtHead {
            self.consume(params);
            self.loop_tested_at_head(&looped, results, depth);
        } else {
            self.loop_tested_at_end(&looped, params, results, depth);
        }
    }

    fn begin_counting(&mut self, looped: &Loop) {
        let is_up = matches!(looped.form, Form::UpTo(_) | Form::UpToLocal | Form::UpToAnd | Form::AtHead);
        let start = if is_up { 0 } else { looped.trips };
        if !is_up && !looped.is_64_bit && self.choices.chance(1, 3) {
            // At most as often, but unknown.
            self.value(ValType::I32, 2);
            self.emit(Instruction::I32Const(looped.trips as i32));
            self.emit(Instruction::I32RemU);
            self.emit(Instruction::I32Const(1));
            self.emit(Instruction::I32Add);
        } else {
            self.number(looped, start);
        }
        self.set(looped.counter);
    }

    fn number(&mut self, looped: &Loop, number: i64) {
        self.emit(if looped.is_64_bit {
            Instruction::I64Const(number)
        } else {
            Instruction::I32Const(number as i32)
        });
    }

    /// Pushes the counter plus `step`, which becomes the counter, and leaves it there.
    fn count(&mut self, looped: &Loop, step: i64) {
        self.get(looped.counter);
        if step < 0 && self.choices.chance(1, 2) {
            self.number(looped, -step);
            self.emit(by_width!(looped.is_64_bit, I32Sub, I64Sub));
        } else {
            self.number(looped, step);
            self.emit(by_width!(looped.is_64_bit, I32Add, I64Add));
        }
        if self.choices.chance(2, 3) {
            self.tee(looped.counter);
        } else {
            self.set(looped.counter);
            self.get(looped.counter);
        }
    }

    /// As [`count`](Self::count), and leaves nothing.
    fn count_quietly(&mut self, looped: &Loop, step: i64) {
        self.count(looped, step);
        self.emit(Instruction::Drop);
    }

    fn loop_tested_at_end(&mut self, looped: &Loop, params: &[ValType], results: &[ValType], depth: u32) {
        let block_type = self.block_type(params, results);
        let is_countdown = matches!(looped.form, Form::WhilePositive | Form::WhilePositiveExchanged);
        let kind = match is_countdown && !looped.is_64_bit {
            true => LabelKind::Countdown(looped.counter),
            false => LabelKind::Loop,
        };
        self.emit(Instruction::Loop(block_type));
        self.labels.push(Label { types: params.to_vec(), kind });
        self.times *= looped.trips as u64;
        if self.choices.chance(3, 4) {
            self.consume(params);
            self.statements(3);
            self.values(params, depth.min(2));
        } else {
            self.statements(3);
        }
        self.back_edge(looped, params);
        self.times /= looped.trips as u64;
        // Behind the last repetition.
        self.consume(params);
        self.values(results, depth);
        self.emit(Instruction::End);
        self.labels.pop();
    }

    /// Goes back to the head if the count says so; the loop's parameters are on the stack, and stay there otherwise.
    fn back_edge(&mut self, looped: &Loop, params: &[ValType]) {
        let is_64_bit = looped.is_64_bit;
        match looped.form {
            Form::DownToZero => {
                self.count(looped, -1);
                if is_64_bit {
                    self.number(looped, 0);
                    self.emit(Instruction::I64Ne);
                }
            }
            Form::WhilePositive | Form::Table => {
                self.count(looped, -1);
                self.number(looped, 0);
                self.emit(by_width!(is_64_bit, I32GtS, I64GtS));
            }
            Form::WhilePositiveExchanged => {
                self.count_quietly(looped, -1);
                self.number(looped, 0);
                self.get(looped.counter);
                self.emit(by_width!(is_64_bit, I32LtS, I64LtS));
            }
            Form::ElseBranch => {
                self.count(looped, -1);
                self.emit(by_width!(is_64_bit, I32Eqz, I64Eqz));
                return self.else_branch(params);
            }
            Form::UpTo(comparison) => self.compare_up(looped, comparison),
            Form::UpToLocal => {
                let ty = if is_64_bit { ValType::I64 } else { ValType::I32 };
                let end = self.scratch(ty);
                self.number(looped, looped.trips);
                self.set(end);
                self.count(looped, 1);
                self.get(end);
                self.emit(by_width!(is_64_bit, I32LtS, I64LtS));
            }
            Form::UpToAnd => {
                self.compare_up(looped, Comparison::LtU);
                self.condition(2);
                self.emit(Instruction::I32And);
            }
            Form::AtHead => unreachable!("this form has no back edge of its own"),
        }
        if looped.form == Form::Table && params.is_empty() {
            self.table_back_edge();
        } else {
            self.emit(Instruction::BrIf(0));
        }
    }

    /// Pushes whether the counter, counted up, is below the number of repetitions.
    fn compare_up(&mut self, looped: &Loop, comparison: Comparison) {
        let is_64_bit = looped.is_64_bit;
        if comparison == Comparison::GtS {
            self.count_quietly(looped, 1);
            self.number(looped, looped.trips);
            self.get(looped.counter);
            return self.emit(by_width!(is_64_bit, I32GtS, I64GtS));
        }
        self.count(looped, 1);
        self.number(looped, looped.trips);
        match comparison {
            Comparison::LtS => self.emit(by_width!(is_64_bit, I32LtS, I64LtS)),
            Comparison::LtU => self.emit(by_width!(is_64_bit, I32LtU, I64LtU)),
            Comparison::Ne => self.emit(by_width!(is_64_bit, I32Ne, I64Ne)),
            Comparison::GtS | Comparison::GeS => {
                self.emit(by_width!(is_64_bit, I32GeS, I64GeS));
                self.emit(Instruction::I32Eqz);
            }
        }
    }

    /// `if else br end` on the condition on top of the stack, carrying the loop's parameters below it.
    fn else_branch(&mut self, params: &[ValType]) {
        let block_type = self.block_type(params, params);
        self.emit(Instruction::If(block_type));
        self.emit(Instruction::Else);
        self.emit(Instruction::Br(1));
        self.emit(Instruction::End);
    }

    /// `br_table` on the condition on top of the stack, out of a block of its own.
    fn table_back_edge(&mut self) {
        let scratch = self.scratch(ValType::I32);
        self.set(scratch);
        self.emit(Instruction::Block(BlockType::Empty));
        self.get(scratch);
        self.emit(Instruction::BrTable(Cow::Owned(vec![0]), 1));
        self.emit(Instruction::End);
    }

    /// `block loop exit? br_if 1 ... br 0 end end`.
    fn loop_tested_at_head(&mut self, looped: &Loop, results: &[ValType], depth: u32) {
        let block_type = self.block_type(&[], results);
        self.emit(Instruction::Block(block_type));
        self.labels.push(Label { types: results.to_vec(), kind: LabelKind::End });
        self.emit(Instruction::Loop(BlockType::Empty));
        self.labels.push(Label { types: Vec::new(), kind: LabelKind::Loop });
        self.times *= looped.trips as u64 + 1;
        self.values(results, depth.min(2));
        self.get(looped.counter);
        self.number(looped, looped.trips);
        self.emit(by_width!(looped.is_64_bit, I32GeU, I64GeS));
        self.emit(Instruction::BrIf(1));
        self.consume(results);
        self.statements(3);
        self.count_quietly(looped, 1);
        self.emit(Instruction::Br(0));
        self.times /= looped.trips as u64 + 1;
        self.emit(Instruction::End);
        self.labels.pop();
        self.emit(Instruction::Unreachable);
        self.emit(Instruction::End);
        self.labels.pop();
    }

    /// Goes on with the next repetition of a loop around, if one allows for it and has any left.
    pub(super) fn continue_loop(&mut self, depth: u32) {
        let countdowns = self.labels.iter().enumerate().filter_map(|(idx, label)| match label.kind {
            LabelKind::Countdown(counter) => Some((idx, counter)),
            LabelKind::End | LabelKind::Loop => None,
        });
        let countdowns: Vec<(usize, u32)> = countdowns.collect();
        if countdowns.is_empty() {
            return;
        }
        let (label, counter) = self.choices.pick(&countdowns);
        let types = self.labels[label].types.clone();
        self.condition(depth);
        self.emit(Instruction::If(BlockType::Empty));
        self.labels.push(Label { types: Vec::new(), kind: LabelKind::End });
        self.values(&types, depth.min(2));
        self.get(counter);
        self.emit(Instruction::I32Const(1));
        self.emit(Instruction::I32Sub);
        self.tee(counter);
        self.emit(Instruction::I32Const(0));
        self.emit(Instruction::I32GtS);
        self.emit(Instruction::BrIf(self.depth_of(label)));
        self.consume(&types);
        self.labels.pop();
        self.emit(Instruction::End);
    }
}
