//! `br_table` as compilers use it: nested blocks, one a case, whose labels all carry the same values.

use std::borrow::Cow;

use wasm_encoder::{Instruction, ValType};

use super::body::{Body, Label, LabelKind};

impl Body<'_, '_> {
    /// A switch with a few cases, which fall through or leave.
    pub(super) fn switch(&mut self, depth: u32) {
        let types = self.random_types(3);
        let cases = 1 + self.choices.below(4);
        let block_type = self.block_type(&[], &types);
        // The first block opened is the one that leaving cases go to.
        let exit = self.labels.len();
        for _ in 0..=cases {
            self.emit(Instruction::Block(block_type));
            self.labels.push(Label { types: types.clone(), kind: LabelKind::End });
        }
        self.values(&types, depth.min(2));
        self.selector(cases, depth);
        self.table(&types, cases);
        for _ in 0..cases {
            self.emit(Instruction::End);
            self.labels.pop();
            self.consume(&types);
            self.statements(2);
            self.values(&types, depth.min(2));
            if self.choices.chance(2, 3) {
                self.emit(Instruction::Br(self.depth_of(exit)));
            }
        }
        self.emit(Instruction::End);
        self.labels.pop();
        self.consume(&types);
    }

    /// Pushes what selects the case: mostly one that there is.
    fn selector(&mut self, cases: usize, depth: u32) {
        self.value(ValType::I32, depth);
        if self.choices.chance(4, 5) {
            self.emit(Instruction::I32Const(cases as i32 + 1));
            self.emit(Instruction::I32RemU);
        }
    }

    /// The table: all cases, perhaps more than once, and labels further out that carry the same.
    fn table(&mut self, types: &[ValType], cases: usize) {
        let mut targets: Vec<u32> = (0..=cases as u32).collect();
        for _ in 0..self.choices.below(4) {
            if let Some(label) = self.find_label(|other| other == types) {
                targets.push(self.depth_of(label));
            }
        }
        let default = targets[self.choices.below(targets.len())];
        self.emit(Instruction::BrTable(Cow::Owned(targets), default));
    }
}
