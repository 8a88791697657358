//! Structs, arrays and casts.
//!
//! Where fields lie and how they are stored is known from the type, so it is part of the op. What makes an object reads
//! its operands from cells and follows no other op, because it may collect: then whatever is needed later must be in a
//! cell (INV-HEAP).

use bumpalo::collections::Vec as BumpVec;
use wasmparser::{AbstractHeapType, HeapType, RefType};

use super::Lowerer;
use super::branches::Condition;
use super::stack::{Entry, Kind};
use super::vectors::VECTOR_CELLS;
use crate::isa::code::{CodePos, NARROW_CELLS};
use crate::isa::object::{CLASS_BYTES, RefKind, TypeTest, class_of};
use crate::isa::ops::Op;
use crate::types::{DefinedType, Layout, Storage, StructLayout, ValType};

/// What a reference is compared with.
enum Target {
    /// A type of structs or arrays, by its index.
    Concrete(u32, TypeTest),
    /// A type of functions, by its index.
    Func(u32, TypeTest),
    Abstract(TypeTest),
}

/// A comparison of the cell `slot` with a concrete type, to be branched on.
pub(super) struct CastCondition {
    slot: u32,
    ty: u32,
    test: TypeTest,
}

/// The ops for a field or element, which differ in how it is stored.
struct Accesses {
    get: Op,
    get_s: Op,
    set: Op,
}

impl Lowerer<'_> {
    fn defined_type(&self, ty: u32) -> &DefinedType {
        &self.info.types[ty as usize]
    }

    fn struct_layout(&self, ty: u32) -> &StructLayout {
        match self.defined_type(ty).layout() {
            Some(Layout::Struct(layout)) => layout,
            _ => unreachable!("validation: it is a struct's type"),
        }
    }

    fn elem_storage(&self, ty: u32) -> Storage {
        match self.defined_type(ty).layout() {
            Some(Layout::Array(storage)) => *storage,
            _ => unreachable!("validation: it is an array's type"),
        }
    }

    /// Whether a field's or, without one, an element's value is a float, and so belongs to another accumulator.
    fn is_float(&self, ty: u32, field: Option<u32>) -> bool {
        let ty = self.defined_type(ty);
        let field = match field {
            Some(field) => ty.as_struct().map(|ty| ty.fields()[field as usize]),
            None => ty.as_array().map(|ty| ty.element()),
        };
        let storage = field.expect("validation: the type has it").storage();
        matches!(storage.unpacked(), ValType::F32 | ValType::F64)
    }

    /// `struct.new`.
    pub(super) fn struct_new(&mut self, ty: u32) {
        let layout = self.struct_layout(ty);
        let (bytes, count) = (layout.bytes, layout.fields.len());
        let first = self.stack.len() - count;
        let words: u32 = layout.fields.iter().map(|(_, storage)| storage.cells()).sum();
        let Some(class) = class_of(bytes) else { return self.object_from_span(Op::StructNewSpan, ty, count) };
        // Constants need their cells; the rest is read where it is.
        let mut entries = BumpVec::with_capacity_in(words as usize, self.bump);
        for field in 0..count {
            let slot = match self.stack[first + field].kind {
                Kind::Const(_) => {
                    self.settle(first + field);
                    self.stack[first + field].slot
                }
                _ => {
                    let entry = self.stack[first + field];
                    self.slot_of(entry)
                }
            };
            let (offset, storage) = self.struct_layout(ty).fields[field];
            for word in 0..storage.cells() {
                if slot + word >= NARROW_CELLS {
                    return self.object_from_span(Op::StructNewSpan, ty, count);
                }
                entries.push(((slot + word) as u16, (offset + word * 8) as u16));
            }
        }
        self.pop_n(count);
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let size = u64::from(ty) | u64::from(CLASS_BYTES[class]) << 32;
        let pos = self.code.push_abc_d(Op::StructNew, dst, words as u16, class as u16, size);
        self.code.push_fields(&entries);
        self.finish(Op::StructNew, pos, slot);
    }

    /// `struct.new_default`.
    pub(super) fn struct_new_default(&mut self, ty: u32) {
        let bytes = self.struct_layout(ty).bytes;
        let Some(class) = class_of(bytes) else {
            // Rare enough to be made from zeros.
            let fields = self.struct_layout(ty).fields.len();
            (0..fields).for_each(|_| self.push_const(0));
            return self.object_from_span(Op::StructNewSpan, ty, fields);
        };
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let size = u64::from(ty) | u64::from(CLASS_BYTES[class] / 8) << 32;
        let pos = self.code.push_abc_d(Op::StructNewDefault, dst, 0, class as u16, size);
        self.finish(Op::StructNewDefault, pos, slot);
    }

    /// An object of the values of the top `count` entries, which are put into neighbouring cells.
    fn object_from_span(&mut self, op: Op, ty: u32, count: usize) {
        self.settle_top(count);
        let top = self.cells;
        self.pop_n(count);
        let (base, cells) = (self.cells, top - self.cells);
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let pos = self.code.push_a_b32_d(op, dst, base, u64::from(ty) | u64::from(cells) << 32);
        self.finish(op, pos, slot);
    }

    /// `array.new`.
    pub(super) fn array_new(&mut self, ty: u32) {
        let (len, value) = (self.pop(), self.pop());
        let slots = [self.slot_of(value), self.slot_of(len)];
        if self.elem_storage(ty) == Storage::V128 {
            return self.vector_array_new(slots, ty);
        }
        self.emit_value_d(Op::ArrayNew, slots, ty.into());
    }

    /// `array.new_fixed`.
    pub(super) fn array_new_fixed(&mut self, ty: u32, len: u32) {
        self.settle_top(len as usize);
        let base = self.cells;
        self.pop_n(len as usize);
        let base = if len == 0 { base } else { self.cells };
        let slot = self.push_temp();
        let dst = self.near_result(slot);
        let pos = self.code.push_a_b32_d(Op::ArrayNewFixed, dst, base, u64::from(ty) | u64::from(len) << 32);
        self.finish(Op::ArrayNewFixed, pos, slot);
    }

    /// `array.new_data` and `array.new_elem`.
    pub(super) fn array_new_segment(&mut self, op: Op, ty: u32, segment: u32) {
        let (len, start) = (self.pop(), self.pop());
        let slots = [self.slot_of(start), self.slot_of(len)];
        self.emit_value_d(op, slots, u64::from(ty) | u64::from(segment) << 32);
    }

    /// `struct.get` and its kind.
    pub(super) fn struct_get(&mut self, ty: u32, field: u32, signed: bool) {
        let (offset, storage) = self.struct_layout(ty).fields[field as usize];
        let ops = struct_accesses(storage, self.is_float(ty, Some(field)));
        let object = self.pop();
        let slot = self.slot_of(object);
        if storage == Storage::V128 {
            return self.vector_struct_get(slot, offset);
        }
        self.emit_value_d(if signed { ops.get_s } else { ops.get }, [slot, 0], offset.into());
    }

    /// `struct.set`.
    pub(super) fn struct_set(&mut self, ty: u32, field: u32) {
        let (offset, storage) = self.struct_layout(ty).fields[field as usize];
        let ops = struct_accesses(storage, self.is_float(ty, Some(field)));
        let (value, object) = (self.pop(), self.pop());
        let slots = [self.slot_of(object), self.slot_of(value), 0];
        if storage == Storage::V128 {
            return self.vector_struct_set([slots[0], slots[1]], offset);
        }
        self.emit_effect_d(ops.set, slots, offset.into());
    }

    /// `array.get` and its kind.
    pub(super) fn array_get(&mut self, ty: u32, signed: bool) {
        let ops = array_accesses(self.elem_storage(ty), self.is_float(ty, None));
        let (index, array) = (self.pop(), self.pop());
        let slots = [self.slot_of(array), self.slot_of(index)];
        if self.elem_storage(ty) == Storage::V128 {
            return self.vector_array_get(slots);
        }
        self.emit_value(if signed { ops.get_s } else { ops.get }, slots);
    }

    /// `array.set`.
    pub(super) fn array_set(&mut self, ty: u32) {
        let ops = array_accesses(self.elem_storage(ty), self.is_float(ty, None));
        let (value, index, array) = (self.pop(), self.pop(), self.pop());
        let slots = [self.slot_of(array), self.slot_of(value), self.slot_of(index)];
        if self.elem_storage(ty) == Storage::V128 {
            return self.vector_array_set(slots);
        }
        self.emit_reader(ops.set, slots);
    }

    /// `array.len`.
    pub(super) fn array_len(&mut self) {
        let array = self.pop();
        let slot = self.slot_of(array);
        self.emit_value(Op::ArrayLen, [slot, 0]);
    }

    /// An operator of the driver's on elements: up to five operands, an immediate, no result.
    pub(super) fn elems_effect(&mut self, op: Op, operands: usize, immediate: u32) {
        let mut slots = [0; 5];
        for slot in slots[..operands].iter_mut().rev() {
            let entry = self.pop();
            *slot = self.slot_of(entry);
        }
        // What an array is filled with may be a vector; the cell behind another value is copied in vain.
        let cells = |number| if op == Op::ArrayFill && number == 2 { VECTOR_CELLS } else { 1 };
        let near = [0, 1, 2, 3, 4].map(|number| self.near_cells(slots[number], number as u32, cells(number)));
        let d = u64::from(near[3]) | u64::from(near[4]) << 16 | u64::from(immediate) << 32;
        self.code.push_abc_d(op, near[0], near[1], near[2], d);
        self.last = None;
    }

    fn target(&self, ty: HeapType, nullable: bool) -> Target {
        let of_kind = |kind: RefKind| Target::Abstract(TypeTest { what: kind as u16, nullable });
        match ty {
            HeapType::Concrete(idx) | HeapType::Exact(idx) => {
                let idx = idx.as_module_index().expect("types in bodies are named by their index");
                let ty = self.defined_type(idx);
                let depth = u16::try_from(ty.supertypes().len()).expect("validation limits the depth to 63");
                let test = TypeTest { what: depth, nullable };
                if ty.as_func().is_some() { Target::Func(idx, test) } else { Target::Concrete(idx, test) }
            }
            HeapType::Abstract { ty, .. } => of_kind(match ty {
                AbstractHeapType::Eq => RefKind::Eq,
                AbstractHeapType::I31 => RefKind::I31,
                AbstractHeapType::Struct => RefKind::Struct,
                AbstractHeapType::Array => RefKind::Array,
                AbstractHeapType::Any | AbstractHeapType::Func | AbstractHeapType::Extern => RefKind::Any,
                AbstractHeapType::Exn | AbstractHeapType::Cont => RefKind::Any,
                AbstractHeapType::None | AbstractHeapType::NoFunc | AbstractHeapType::NoExtern => {
                    RefKind::None
                }
                AbstractHeapType::NoExn | AbstractHeapType::NoCont => RefKind::None,
            }),
        }
    }

    /// `ref.test`.
    pub(super) fn ref_test(&mut self, ty: HeapType, nullable: bool) {
        let operand = self.pop();
        let slot = self.slot_of(operand);
        self.emit_test(slot, self.target(ty, nullable));
    }

    /// Pushes whether the reference in `slot` is of a type.
    fn emit_test(&mut self, slot: u32, target: Target) {
        match target {
            Target::Concrete(ty, test) => {
                self.emit_value_c_d(Op::RefTest, slot, test.into_field(), ty.into())
            }
            Target::Func(ty, test) => self.emit_value_d(Op::RefTestFunc, [slot, 0], func_field(ty, test)),
            Target::Abstract(test) => self.emit_value_c(Op::RefTestKind, slot, test.into_field()),
        }
    }

    /// `ref.cast`.
    pub(super) fn ref_cast(&mut self, ty: HeapType, nullable: bool) {
        let operand = self.pop();
        let slot = self.slot_of(operand);
        match self.target(ty, nullable) {
            Target::Concrete(ty, test) => {
                self.emit_value_c_d(Op::RefCast, slot, test.into_field(), ty.into())
            }
            Target::Func(ty, test) => self.emit_value_d(Op::RefCastFunc, [slot, 0], func_field(ty, test)),
            Target::Abstract(test) => self.emit_value_c(Op::RefCastKind, slot, test.into_field()),
        }
    }

    /// `br_on_cast` and, with `when` false, `br_on_cast_fail`.
    pub(super) fn br_on_cast(&mut self, depth: u32, to: RefType, when: bool) {
        let index = self.stack.len() - 1;
        // The reference is carried by the branch and stays, so a constant needs its cell.
        if matches!(self.stack[index].kind, Kind::Const(_)) {
            self.settle(index);
        }
        let entry: Entry = self.stack[index];
        let slot = self.slot_of(entry);
        let condition = match self.target(to.heap_type(), to.is_nullable()) {
            Target::Concrete(ty, test) => Condition::Cast(CastCondition { slot, ty, test }),
            other => {
                self.emit_test(slot, other);
                let outcome = self.pop();
                Condition::Slot(self.slot_of(outcome))
            }
        };
        self.branch_if(&condition, when, self.label(depth));
    }

    /// Emits a branch on the type of a reference, which stays where it is. Returns its target field.
    pub(super) fn emit_branch_cast(&mut self, condition: &CastCondition, op: Op) -> CodePos {
        let CastCondition { slot, ty, test } = *condition;
        self.emit_peeking_branch(op, slot, test.into_field(), ty.into())
    }
}

/// Field D of the ops that compare with a type of functions.
fn func_field(ty: u32, test: TypeTest) -> u64 {
    u64::from(ty) | u64::from(test.into_field()) << 32
}

fn struct_accesses(storage: Storage, is_float: bool) -> Accesses {
    let (get, get_s, set) = match storage {
        Storage::I8 => (Op::StructGet8U, Op::StructGet8S, Op::StructSet8),
        Storage::I16 => (Op::StructGet16U, Op::StructGet16S, Op::StructSet16),
        Storage::Bits32 if is_float => (Op::StructGetF32, Op::StructGetF32, Op::StructSetF32),
        Storage::Bits64 if is_float => (Op::StructGetF64, Op::StructGetF64, Op::StructSetF64),
        Storage::Bits32 => (Op::StructGet32, Op::StructGet32, Op::StructSet32),
        Storage::Bits64 | Storage::Ref => (Op::StructGet64, Op::StructGet64, Op::StructSet64),
        Storage::V128 => (Op::StructGet128, Op::StructGet128, Op::StructSet128),
    };
    Accesses { get, get_s, set }
}

fn array_accesses(storage: Storage, is_float: bool) -> Accesses {
    let (get, get_s, set) = match storage {
        Storage::I8 => (Op::ArrayGet8U, Op::ArrayGet8S, Op::ArraySet8),
        Storage::I16 => (Op::ArrayGet16U, Op::ArrayGet16S, Op::ArraySet16),
        Storage::Bits32 if is_float => (Op::ArrayGetF32, Op::ArrayGetF32, Op::ArraySetF32),
        Storage::Bits64 if is_float => (Op::ArrayGetF64, Op::ArrayGetF64, Op::ArraySetF64),
        Storage::Bits32 => (Op::ArrayGet32, Op::ArrayGet32, Op::ArraySet32),
        Storage::Bits64 | Storage::Ref => (Op::ArrayGet64, Op::ArrayGet64, Op::ArraySet64),
        Storage::V128 => (Op::ArrayGet128, Op::ArrayGet128, Op::ArraySet128),
    };
    Accesses { get, get_s, set }
}
