//! Calls: of functions generated before, direct and through tables, of the function itself, and tail calls.

use wasm_encoder::{HeapType, Instruction, RefType, ValType};

use super::body::{Body, Recursion};
use super::shape::{CALLS, LEAF_SLOTS, MIXED};

impl Body<'_, '_> {
    /// Pushes a value by calling a function whose first result has the type.
    pub(super) fn call_for(&mut self, ty: ValType, depth: u32) {
        let Some(callee) = self.find_callee(|results| results.first() == Some(&ty)) else {
            return self.operator(ty, depth);
        };
        let (_, results) = self.call(callee, depth);
        for _ in 1..results.len() {
            self.emit(Instruction::Drop);
        }
    }

    /// Calls some function and puts its results somewhere.
    pub(super) fn call_statement(&mut self, depth: u32) {
        if self.choices.chance(1, 16) {
            return self.daring_call(depth);
        }
        if let Some(callee) = self.find_callee(|_| true) {
            let (_, results) = self.call(callee, depth);
            self.consume(&results);
        }
    }

    /// Some function that may be called here, and whose results `is_wanted` accepts.
    fn find_callee(&mut self, is_wanted: impl Fn(&[ValType]) -> bool) -> Option<u32> {
        let count = self.shape.callees().len() as u32;
        let fits = |func_idx: &u32| {
            let ty = self.shape.callees()[*func_idx as usize].ty;
            self.can_afford(self.cost_of(*func_idx)) && is_wanted(&self.shape.ty(ty).1)
        };
        let found: Vec<u32> = (0..count).filter(fits).collect();
        if found.is_empty() { None } else { Some(self.choices.pick(&found)) }
    }

    /// Pushes arguments and calls; returns the function's parameters and results.
    fn call(&mut self, callee: u32, depth: u32) -> (Vec<ValType>, Vec<ValType>) {
        let type_index = self.shape.callees()[callee as usize].ty;
        let (params, results) = self.shape.ty(type_index);
        self.add_cost(self.cost_of(callee));
        self.values(&params, depth.min(2));
        if self.choices.chance(1, 3) {
            self.slot_of(callee, depth);
            self.emit(Instruction::CallIndirect { type_index, table_index: CALLS });
        } else if self.shape.has_objects && self.choices.chance(1, 4) {
            self.typed_reference(callee, type_index);
            self.emit(Instruction::CallRef(type_index));
        } else {
            self.emit(Instruction::Call(callee));
        }
        (params, results)
    }

    /// Pushes an index of the function in the table for calls.
    fn slot_of(&mut self, callee: u32, depth: u32) {
        let slot = self.shape.call_slot(callee);
        let leaf_type = self.shape.callees().get(self.shape.leaf_idx(0) as usize).map(|leaf| leaf.ty);
        let is_leaf = callee == self.shape.leaf_idx(0) || callee == self.shape.leaf_idx(1);
        if is_leaf && leaf_type.is_some() && self.choices.chance(2, 3) {
            // Any slot of these holds a leaf; both leaves must be there by now.
            if self.shape.callees().len() > self.shape.leaf_idx(1) as usize {
                self.value(ValType::I32, depth.min(2));
                self.emit(Instruction::I32Const(LEAF_SLOTS - 1));
                return self.emit(Instruction::I32And);
            }
        }
        self.emit(Instruction::I32Const(slot));
        if self.choices.chance(1, 3) {
            let scratch = self.scratch(ValType::I32);
            self.tee(scratch);
        }
    }

    /// Pushes a reference to a function, mostly one that was somewhere else in between.
    fn typed_reference(&mut self, callee: u32, type_index: u32) {
        let heap_type = HeapType::Concrete(type_index);
        match self.choices.below(4) {
            0 => self.emit(Instruction::RefFunc(callee)),
            1 => {
                // The type is as the table has it, and the cast finds the function's own.
                let slot = self.shape.call_slot(callee);
                self.emit(Instruction::I32Const(slot));
                self.emit(Instruction::TableGet(CALLS));
                self.emit(Instruction::RefCastNonNull(heap_type));
            }
            2 => {
                let scratch = self.scratch(ValType::FUNCREF);
                self.emit(Instruction::RefFunc(callee));
                self.set(scratch);
                self.get(scratch);
                self.emit(Instruction::RefCastNullable(heap_type));
            }
            _ => {
                let scratch = self.scratch(ValType::Ref(RefType { nullable: true, heap_type }));
                self.emit(Instruction::RefFunc(callee));
                self.set(scratch);
                self.get(scratch);
            }
        }
    }

    /// Calls what lies in the table that changes, which may be null or nothing at all, as whatever type.
    fn daring_call(&mut self, depth: u32) {
        if self.shape.callees().len() <= self.shape.leaf_idx(1) as usize || !self.can_afford(1000) {
            return;
        }
        let leaf = &self.shape.callees()[self.shape.leaf_idx(0) as usize];
        let leaf_type = leaf.ty;
        let type_index = if self.choices.chance(1, 6) { self.shape.first_func_type() } else { leaf_type };
        let (params, results) = self.shape.ty(type_index);
        self.add_cost(1000);
        self.values(&params, depth.min(2));
        self.table_index(depth);
        self.emit(Instruction::CallIndirect { type_index, table_index: MIXED });
        self.consume(&results);
    }

    /// Ends the function with a call of another one that has the same results; false if there is none.
    pub(super) fn tail_call(&mut self, depth: u32) -> bool {
        let own_results = self.results.clone();
        let Some(callee) = self.find_callee(|results| results == own_results) else { return false };
        let type_index = self.shape.callees()[callee as usize].ty;
        let (params, _) = self.shape.ty(type_index);
        self.add_cost(self.cost_of(callee));
        self.values(&params, depth.min(2));
        if self.choices.chance(1, 2) {
            self.slot_of(callee, depth);
            self.emit(Instruction::ReturnCallIndirect { type_index, table_index: CALLS });
        } else if self.shape.has_objects && self.choices.chance(1, 3) {
            self.typed_reference(callee, type_index);
            self.emit(Instruction::ReturnCallRef(type_index));
        } else {
            self.emit(Instruction::ReturnCall(callee));
        }
        true
    }

    /// Calls the function itself, if it can count down and has not done so yet.
    pub(super) fn recursive_call(&mut self, depth: u32) {
        // In a loop it would be many calls, and so many more in each of them.
        let Some(Recursion { counter, is_tail, times }) = self.recursion else { return };
        if self.times > times {
            return;
        }
        self.recursion = None;
        let (params, results) = self.shape.ty(self.shape.type_of_own(self.func_idx));
        let func_idx = self.func_idx as u32;
        let block_type = self.block_type(&[], &results);
        self.get(counter);
        self.emit(Instruction::If(block_type));
        self.labels.push(super::body::Label { types: results.clone(), kind: super::body::LabelKind::End });
        self.get(counter);
        self.emit(Instruction::I32Const(1));
        self.emit(Instruction::I32Sub);
        self.values(&params[1..], depth.min(2));
        self.emit(if is_tail { Instruction::ReturnCall(func_idx) } else { Instruction::Call(func_idx) });
        self.emit(Instruction::Else);
        self.values(&results, depth.min(2));
        self.emit(Instruction::End);
        self.labels.pop();
        self.consume(&results);
    }
}
