//! Blocks that carry values, and branches that leave them.

use wasm_encoder::{Instruction, ValType};

use super::body::{Body, Label, LabelKind, Role};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Structure {
    Block,
    IfElse,
    Loop,
    Try,
}

impl Body<'_, '_> {
    /// Pushes values of these types, which a block, a conditional or a loop results in.
    pub(super) fn structured(&mut self, results: &[ValType], depth: u32) {
        let structure = self.choices.weighted(&[
            (5, Structure::Block),
            (5, Structure::IfElse),
            (3, Structure::Loop),
            (6, Structure::Try),
        ]);
        let params = self.random_types(2);
        self.values(&params, depth);
        match structure {
            Structure::Try if !self.shape.tags.is_empty() => self.try_block(&params, results, depth),
            Structure::Block | Structure::Try => self.block(&params, results, depth),
            Structure::IfElse => self.if_else(&params, results, depth),
            Structure::Loop => self.counted_loop(&params, results, depth),
        }
    }

    /// A few types, or none.
    pub(super) fn random_types(&mut self, max: usize) -> Vec<ValType> {
        let count = if self.choices.chance(1, 3) { 1 + self.choices.below(max) } else { 0 };
        (0..count).map(|_| self.shape.random_value_type(self.choices)).collect()
    }

    /// A block; its parameters are on the stack already.
    fn block(&mut self, params: &[ValType], results: &[ValType], depth: u32) {
        let block_type = self.block_type(params, results);
        self.emit(Instruction::Block(block_type));
        self.labels.push(Label { types: results.to_vec(), kind: LabelKind::End });
        self.inside(params, results, depth);
        self.emit(Instruction::End);
        self.labels.pop();
    }

    /// A conditional; its parameters are on the stack already, and the condition comes on top.
    fn if_else(&mut self, params: &[ValType], results: &[ValType], depth: u32) {
        self.condition(depth + 1);
        let block_type = self.block_type(params, results);
        self.emit(Instruction::If(block_type));
        self.labels.push(Label { types: results.to_vec(), kind: LabelKind::End });
        self.inside(params, results, depth);
        if params != results || self.choices.chance(1, 2) {
            self.emit(Instruction::Else);
            self.inside(params, results, depth);
        }
        self.emit(Instruction::End);
        self.labels.pop();
    }

    /// Uses up a block's parameters and leaves its results.
    pub(super) fn inside(&mut self, params: &[ValType], results: &[ValType], depth: u32) {
        if params == results && self.choices.chance(1, 4) {
            // They stay where they are while statements come and go.
            return self.statements(2);
        }
        self.consume(params);
        let count = self.choices.below(4);
        self.statements(count as u32);
        self.values(results, depth);
    }

    /// Takes values of these types off the stack: into locals where there are any.
    pub(super) fn consume(&mut self, types: &[ValType]) {
        for ty in types.iter().rev() {
            let local = self.find_local(*ty, &[Role::General]);
            match local.filter(|_| !self.choices.chance(1, 4)) {
                Some(local) => self.set(local),
                None => self.emit(Instruction::Drop),
            }
        }
    }

    /// Pushes a value that a conditional branch carries away if it is taken.
    pub(super) fn branch_with_value(&mut self, ty: ValType, depth: u32) {
        let Some(label) = self.find_label(|types| types.last() == Some(&ty)) else {
            return self.operator(ty, depth);
        };
        let types = self.labels[label].types.clone();
        self.values(&types, depth);
        self.condition(depth + 1);
        self.emit(Instruction::BrIf(self.depth_of(label)));
        if types.len() > 1 {
            let scratch = self.scratch(ty);
            self.set(scratch);
            types.iter().skip(1).for_each(|_| self.emit(Instruction::Drop));
            self.get(scratch);
        }
    }

    /// A conditional branch as a statement.
    pub(super) fn branch_if(&mut self, depth: u32) {
        let Some(label) = self.find_label(|_| true) else { return };
        let types = self.labels[label].types.clone();
        self.values(&types, depth.min(2));
        self.condition(depth);
        self.emit(Instruction::BrIf(self.depth_of(label)));
        self.consume(&types);
    }

    /// Leaves by a branch, a return or a tail call, mostly on some condition; what follows may never be reached.
    pub(super) fn leave(&mut self, depth: u32) {
        let is_conditional = self.choices.chance(7, 8);
        if is_conditional {
            self.condition(depth);
            self.emit(Instruction::If(wasm_encoder::BlockType::Empty));
            self.labels.push(Label { types: Vec::new(), kind: LabelKind::End });
        }
        match self.choices.below(8) {
            0..2 => {
                let results = self.results.clone();
                self.values(&results, depth.min(2));
                self.emit(Instruction::Return);
            }
            2 | 3 if self.tail_call(depth) => {}
            4 if is_conditional => self.emit(Instruction::Unreachable),
            _ => {
                let label = self.find_label(|_| true).expect("the function's own label is always there");
                let types = self.labels[label].types.clone();
                self.values(&types, depth.min(2));
                self.emit(Instruction::Br(self.depth_of(label)));
            }
        }
        if self.choices.chance(1, 3) {
            self.unreachable_operators();
        }
        if is_conditional {
            self.labels.pop();
            self.emit(Instruction::End);
        }
    }

    /// Operators whose operands come out of nowhere, as they may in code that cannot be reached.
    pub(super) fn unreachable_operators(&mut self) {
        match self.choices.below(4) {
            0 => self.emit(Instruction::Drop),
            1 => {
                self.emit(Instruction::I32Add);
                self.emit(Instruction::Drop);
            }
            2 => {
                self.emit(Instruction::Select);
                self.emit(Instruction::Drop);
            }
            _ => self.statements(1),
        }
    }
}
