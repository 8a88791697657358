//! Exceptions: blocks that catch, and throws, for modules that have tags.

use wasm_encoder::{BlockType, Catch, Instruction, ValType};

use super::body::{Body, Label, LabelKind, Role};

/// What a handler catches.
#[derive(Clone, Copy)]
enum Caught {
    One(u32),
    OneRef(u32),
    All,
    AllRef,
}

impl Body<'_, '_> {
    /// A block that catches; its parameters are on the stack already. Around it lies one block for each handler, behind whose
    /// end what was caught is on the stack, and around these the one that all of them leave.
    pub(super) fn try_block(&mut self, params: &[ValType], results: &[ValType], depth: u32) {
        let handlers: Vec<Caught> = (0..1 + self.choices.below(3)).map(|_| self.random_handler()).collect();
        let out = self.labels.len();
        self.open(params, results);
        for handler in handlers.iter().rev() {
            let types = self.caught_types(*handler);
            self.open(params, &types);
        }
        self.try_table(params, results, &handlers, depth);
        for handler in &handlers {
            self.emit(Instruction::Br(self.depth_of(out)));
            self.close();
            let types = self.caught_types(*handler);
            self.consume(&types);
            self.statements(2);
            self.values(results, depth);
        }
        self.close();
    }

    fn try_table(&mut self, params: &[ValType], results: &[ValType], handlers: &[Caught], depth: u32) {
        let innermost = self.labels.len() - 1;
        let mut clauses = Vec::new();
        for (number, handler) in handlers.iter().enumerate() {
            clauses.push(handler.clause(self.depth_of(innermost - number)));
        }
        if self.choices.chance(1, 3)
            && let Some(label) = self.find_label(<[_]>::is_empty)
        {
            // Further out, and sometimes before the others.
            let place = if self.choices.chance(1, 4) { 0 } else { clauses.len() };
            clauses.insert(place, Catch::All { label: self.depth_of(label) });
        }
        let block_type = self.block_type(params, results);
        self.emit(Instruction::TryTable(block_type, clauses.into()));
        self.labels.push(Label { types: results.to_vec(), kind: LabelKind::End });
        self.tries += 1;
        self.inside(params, results, depth);
        self.tries -= 1;
        self.close();
    }

    fn random_handler(&mut self) -> Caught {
        let tag = self.choices.below(self.shape.tags.len()) as u32;
        self.choices.weighted(&[
            (4, Caught::One(tag)),
            (2, Caught::OneRef(tag)),
            (1, Caught::All),
            (1, Caught::AllRef),
        ])
    }

    /// What is on the stack where a handler begins.
    fn caught_types(&self, caught: Caught) -> Vec<ValType> {
        let mut types = match caught {
            Caught::One(tag) | Caught::OneRef(tag) => self.shape.tag_params(tag),
            Caught::All | Caught::AllRef => Vec::new(),
        };
        if matches!(caught, Caught::OneRef(_) | Caught::AllRef) {
            types.push(ValType::EXNREF);
        }
        types
    }

    /// Begins a block whose parameters are on the stack already.
    fn open(&mut self, params: &[ValType], results: &[ValType]) {
        let block_type = self.block_type(params, results);
        self.emit(Instruction::Block(block_type));
        self.labels.push(Label { types: results.to_vec(), kind: LabelKind::End });
    }

    fn close(&mut self) {
        self.labels.pop();
        self.emit(Instruction::End);
    }

    /// A throw on some condition; more often where this function may catch it.
    pub(super) fn throw(&mut self, depth: u32) {
        if self.tries == 0 && !self.choices.chance(1, 2) {
            return;
        }
        self.condition(depth);
        self.emit(Instruction::If(BlockType::Empty));
        self.labels.push(Label { types: Vec::new(), kind: LabelKind::End });
        let known = self.find_local(ValType::EXNREF, &[Role::General]);
        match known.filter(|_| self.choices.chance(1, 3)) {
            Some(local) => {
                self.get(local);
                if !self.choices.chance(1, 16) {
                    self.emit(Instruction::BrOnNull(0));
                }
                self.emit(Instruction::ThrowRef);
            }
            None => {
                let tag = self.choices.below(self.shape.tags.len()) as u32;
                let types = self.shape.tag_params(tag);
                self.values(&types, depth.min(2));
                self.emit(Instruction::Throw(tag));
            }
        }
        if self.choices.chance(1, 4) {
            self.unreachable_operators();
        }
        self.close();
    }
}

impl Caught {
    fn clause(self, label: u32) -> Catch {
        match self {
            Self::One(tag) => Catch::One { tag, label },
            Self::OneRef(tag) => Catch::OneRef { tag, label },
            Self::All => Catch::All { label },
            Self::AllRef => Catch::AllRef { label },
        }
    }
}
