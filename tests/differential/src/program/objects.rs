//! Structs and arrays: their types, values made of them, and statements that change them.
//!
//! Arrays always have an element and indices are taken modulo their length; references are seldom null where that would
//! trap. So programs seldom end early.

use wasm_encoder::{
    AbstractHeapType, ArrayType, CompositeInnerType, CompositeType, FieldType, HeapType, Instruction,
    RefType, StorageType, StructType, SubType, ValType,
};

use super::body::{Body, Label, LabelKind, Role};

/// A structure with a field of every kind; another type extends it.
const STRUCT: u32 = 0;
const EXTENDED: u32 = 1;
const BYTES: u32 = 2;
const INTS: u32 = 3;
const LONGS: u32 = 4;
const DOUBLES: u32 = 5;
const STRUCTS: u32 = 6;
/// How many types of objects there are. They are the first ones of a module that has objects.
pub(super) const OBJECT_TYPES: u32 = 7;

const ARRAYS: [u32; 5] = [BYTES, INTS, LONGS, DOUBLES, STRUCTS];

const NARROW_FIELDS: [u32; 2] = [4, 5];
const STRUCT_FIELD: u32 = 6;
const ANY_FIELD: u32 = 7;

/// The fields of [`STRUCT`], and behind them those that [`EXTENDED`] adds.
const FIELDS: [StorageType; 11] = [
    StorageType::Val(ValType::I32),
    StorageType::Val(ValType::I64),
    StorageType::Val(ValType::F64),
    StorageType::Val(ValType::F32),
    StorageType::I8,
    StorageType::I16,
    StorageType::Val(reference_to(STRUCT)),
    StorageType::Val(ANY),
    StorageType::Val(ValType::V128),
    StorageType::Val(ValType::I64),
    StorageType::Val(reference_to(BYTES)),
];
const STRUCT_FIELDS: usize = 9;

const ANY: ValType = ValType::Ref(RefType::ANYREF);
const I31: HeapType = HeapType::Abstract { shared: false, ty: AbstractHeapType::I31 };

/// The types of objects that locals, parameters and fields have.
pub(super) const OBJECTS: [ValType; 6] = [
    reference_to(STRUCT),
    reference_to(STRUCT),
    reference_to(EXTENDED),
    reference_to(INTS),
    reference_to(STRUCTS),
    ANY,
];

const fn reference_to(ty: u32) -> ValType {
    ValType::Ref(RefType { nullable: true, heap_type: HeapType::Concrete(ty) })
}

/// The types, by their indices; a recursion group.
pub(super) fn object_types() -> Vec<SubType> {
    let fields = |count: usize| {
        let fields = FIELDS[..count].iter();
        let fields = fields.map(|element_type| FieldType { element_type: *element_type, mutable: true });
        CompositeInnerType::Struct(StructType { fields: fields.collect() })
    };
    let ty = |inner, is_final, supertype: Option<u32>| SubType {
        is_final,
        supertype_idxs: supertype.into_iter().collect(),
        composite_type: CompositeType { inner, shared: false, descriptor: None, describes: None },
    };
    let array = |array| {
        let field = FieldType { element_type: element_type(array), mutable: true };
        ty(CompositeInnerType::Array(ArrayType(field)), true, None)
    };
    let mut types =
        vec![ty(fields(STRUCT_FIELDS), false, None), ty(fields(FIELDS.len()), true, Some(STRUCT))];
    types.extend(ARRAYS.into_iter().map(array));
    types
}

fn element_type(array: u32) -> StorageType {
    match array {
        BYTES => StorageType::I8,
        INTS => StorageType::Val(ValType::I32),
        LONGS => StorageType::Val(ValType::I64),
        DOUBLES => StorageType::Val(ValType::F64),
        _ => StorageType::Val(reference_to(STRUCT)),
    }
}

impl Body<'_, '_> {
    /// Pushes a reference to an object, or to something else if the type allows it.
    pub(super) fn object(&mut self, ty: ValType, depth: u32) {
        let ValType::Ref(RefType { heap_type: HeapType::Concrete(ty), .. }) = ty else {
            return self.any(depth);
        };
        match self.choices.below(8) {
            0..3 => self.leaf(reference_to(ty)),
            3 | 4 if ty == STRUCT => self.known_struct(depth),
            5 if ty == STRUCT => self.object(reference_to(EXTENDED), depth),
            3..6 if ty == EXTENDED => self.cast(EXTENDED, reference_to(STRUCT), depth),
            3..5 => self.cast(ty, ANY, depth),
            _ => self.new_object(ty, depth),
        }
    }

    /// Pushes a structure that is somewhere already.
    fn known_struct(&mut self, depth: u32) {
        match self.choices.below(3) {
            0 => {
                self.element(STRUCTS, depth);
                self.emit(Instruction::ArrayGet(STRUCTS));
            }
            1 => self.cast(STRUCT, ANY, depth),
            _ => {
                self.surely(STRUCT, depth);
                self.emit(Instruction::StructGet { struct_type_index: STRUCT, field_index: STRUCT_FIELD });
            }
        }
    }

    fn new_object(&mut self, ty: u32, depth: u32) {
        if ty == STRUCT || ty == EXTENDED {
            if depth == 0 || self.choices.chance(1, 3) {
                return self.emit(Instruction::StructNewDefault(ty));
            }
            let count = if ty == STRUCT { STRUCT_FIELDS } else { FIELDS.len() };
            FIELDS[..count].iter().for_each(|field| self.stored(*field, depth.min(1)));
            return self.emit(Instruction::StructNew(ty));
        }
        match self.choices.below(4) {
            0 => {
                let array_size = 1 + self.choices.below(6) as u32;
                (0..array_size).for_each(|_| self.stored(element_type(ty), 0));
                self.emit(Instruction::ArrayNewFixed { array_type_index: ty, array_size });
            }
            1 => {
                self.stored(element_type(ty), depth);
                self.short_array_len(depth);
                self.emit(Instruction::ArrayNew(ty));
            }
            2 if ty != STRUCTS => {
                let array_data_index = self.choices.below(self.shape.data.len()) as u32;
                // All have at least 8 bytes, but they may have been dropped.
                self.emit(Instruction::I32Const(0));
                self.emit(Instruction::I32Const(1));
                self.emit(Instruction::ArrayNewData { array_type_index: ty, array_data_index });
            }
            _ => {
                self.short_array_len(depth);
                self.emit(Instruction::ArrayNewDefault(ty));
            }
        }
    }

    fn short_array_len(&mut self, depth: u32) {
        self.value(ValType::I32, depth);
        let mask = self.choices.pick(&[3, 15, 31]);
        self.emit(Instruction::I32Const(mask));
        self.emit(Instruction::I32And);
        self.emit(Instruction::I32Const(1));
        self.emit(Instruction::I32Or);
    }

    /// Pushes a value that may be stored in a field or an element.
    fn stored(&mut self, ty: StorageType, depth: u32) {
        match ty {
            StorageType::I8 | StorageType::I16 => self.value(ValType::I32, depth),
            StorageType::Val(ValType::V128) => {
                let bits = self.choices.bits();
                self.emit(Instruction::V128Const(i128::from(bits) << 40 | 5));
            }
            StorageType::Val(ty) => self.value(ty, depth),
        }
    }

    /// Pushes an `anyref`.
    fn any(&mut self, depth: u32) {
        match self.choices.below(8) {
            0..3 => self.leaf(ANY),
            3 => {
                self.value(ValType::I32, depth);
                self.emit(Instruction::RefI31);
            }
            4 => {
                self.value(ValType::EXTERNREF, depth);
                self.emit(Instruction::AnyConvertExtern);
            }
            5 => {
                self.surely(STRUCT, depth);
                self.emit(Instruction::StructGet { struct_type_index: STRUCT, field_index: ANY_FIELD });
            }
            6 => {
                let array = self.choices.pick(&ARRAYS);
                self.new_object(array, depth);
            }
            _ => self.object(reference_to(STRUCT), depth),
        }
    }

    /// Pushes a reference to `ty` that is made of one of the type `from`, and something else if that is another object.
    fn cast(&mut self, ty: u32, from: ValType, depth: u32) {
        let ValType::Ref(from_ref_type) = from else { unreachable!("only references are cast") };
        let to = HeapType::Concrete(ty);
        let to_ref_type = RefType { nullable: self.choices.chance(1, 2), heap_type: to };
        match self.choices.below(10) {
            0 => {
                self.value(from, depth);
                self.emit(Instruction::RefCastNullable(to));
            }
            1..6 => {
                self.enter_block(reference_to(ty));
                self.value(from, depth);
                self.emit(Instruction::BrOnCast { relative_depth: 0, from_ref_type, to_ref_type });
                self.emit(Instruction::Drop);
                self.new_object(ty, 0);
                self.leave_block();
            }
            _ => {
                self.enter_block(reference_to(ty));
                self.enter_block(from);
                self.value(from, depth);
                self.emit(Instruction::BrOnCastFail { relative_depth: 0, from_ref_type, to_ref_type });
                self.emit(Instruction::Br(1));
                self.leave_block();
                self.emit(Instruction::Drop);
                self.new_object(ty, 0);
                self.leave_block();
            }
        }
    }

    /// Pushes a reference to `ty` that is seldom null.
    fn surely(&mut self, ty: u32, depth: u32) {
        match self.choices.below(24) {
            0 => self.value(reference_to(ty), depth),
            1 => {
                self.value(reference_to(ty), depth);
                self.emit(Instruction::RefAsNonNull);
            }
            _ => {
                self.enter_block(reference_to(ty));
                self.value(reference_to(ty), depth);
                self.emit(Instruction::BrOnNonNull(0));
                self.new_object(ty, 0);
                self.leave_block();
            }
        }
    }

    fn enter_block(&mut self, ty: ValType) {
        let block_type = self.block_type(&[], &[ty]);
        self.emit(Instruction::Block(block_type));
        self.labels.push(Label { types: vec![ty], kind: LabelKind::End });
    }

    fn leave_block(&mut self) {
        self.labels.pop();
        self.emit(Instruction::End);
    }

    /// Pushes an array and the index of one of its elements.
    fn element(&mut self, array: u32, depth: u32) {
        let (known, index) = (self.scratch(reference_to(array)), self.scratch(ValType::I32));
        self.value(ValType::I32, depth);
        self.surely(array, depth);
        self.tee(known);
        self.emit(Instruction::ArrayLen);
        self.emit(Instruction::I32RemU);
        self.set(index);
        self.get(known);
        self.get(index);
    }

    /// Pushes a number that comes from an object.
    pub(super) fn number_of_object(&mut self, ty: ValType, depth: u32) {
        let array = match ty {
            ValType::I32 => self.choices.pick(&[INTS, BYTES]),
            ValType::I64 => LONGS,
            ValType::F64 => DOUBLES,
            _ => return self.field(ty, depth),
        };
        match self.choices.below(6) {
            0..3 => self.field(ty, depth),
            3 if ty == ValType::I32 => self.question(depth),
            _ => {
                self.element(array, depth);
                let is_signed = self.choices.chance(1, 2);
                self.emit(match array {
                    BYTES if is_signed => Instruction::ArrayGetS(array),
                    BYTES => Instruction::ArrayGetU(array),
                    _ => Instruction::ArrayGet(array),
                });
            }
        }
    }

    fn field(&mut self, ty: ValType, depth: u32) {
        let struct_type_index = if self.choices.chance(1, 4) { EXTENDED } else { STRUCT };
        let count = if struct_type_index == STRUCT { STRUCT_FIELDS } else { FIELDS.len() };
        let fitting: Vec<u32> = (0..count)
            .filter(|field| FIELDS[*field] == StorageType::Val(ty))
            .map(|field| field as u32)
            .collect();
        self.surely(struct_type_index, depth);
        if ty == ValType::I32 && self.choices.chance(1, 2) {
            let field_index = self.choices.pick(&NARROW_FIELDS);
            let is_signed = self.choices.chance(1, 2);
            return self.emit(if is_signed {
                Instruction::StructGetS { struct_type_index, field_index }
            } else {
                Instruction::StructGetU { struct_type_index, field_index }
            });
        }
        let field_index = self.choices.pick(&fitting);
        self.emit(Instruction::StructGet { struct_type_index, field_index });
    }

    /// Pushes an answer to a question about references.
    fn question(&mut self, depth: u32) {
        match self.choices.below(6) {
            0 => {
                let array = self.choices.pick(&ARRAYS);
                self.surely(array, depth);
                self.emit(Instruction::ArrayLen);
            }
            1 => {
                self.value(reference_to(STRUCT), depth);
                self.value(reference_to(STRUCT), depth);
                self.emit(Instruction::RefEq);
            }
            2 => {
                self.value(ANY, depth);
                self.emit(Instruction::RefIsNull);
            }
            3 => {
                self.value(ValType::I32, depth);
                self.emit(Instruction::RefI31);
                let is_signed = self.choices.chance(1, 2);
                self.emit(if is_signed { Instruction::I31GetS } else { Instruction::I31GetU });
            }
            _ => {
                self.value(ANY, depth);
                let ty = self.choices.pick(&[
                    HeapType::Concrete(STRUCT),
                    HeapType::Concrete(EXTENDED),
                    HeapType::Concrete(INTS),
                    I31,
                ]);
                let is_null_fine = self.choices.chance(1, 2);
                self.emit(if is_null_fine {
                    Instruction::RefTestNullable(ty)
                } else {
                    Instruction::RefTestNonNull(ty)
                });
            }
        }
    }

    /// A statement that changes an object.
    pub(super) fn change_object(&mut self, depth: u32) {
        let array = self.choices.pick(&ARRAYS);
        match self.choices.below(8) {
            0..3 => {
                let field_index = self.choices.below(STRUCT_FIELDS) as u32;
                self.surely(STRUCT, depth);
                self.stored(FIELDS[field_index as usize], depth);
                self.emit(Instruction::StructSet { struct_type_index: STRUCT, field_index });
            }
            3..6 => {
                self.element(array, depth);
                self.stored(element_type(array), depth);
                self.emit(Instruction::ArraySet(array));
            }
            6 => {
                self.element(array, depth);
                self.stored(element_type(array), depth);
                let len = self.choices.below(2) as i32;
                self.emit(Instruction::I32Const(len));
                self.emit(Instruction::ArrayFill(array));
            }
            _ => {
                self.element(array, depth);
                self.element(array, depth);
                let len = self.choices.weighted(&[(8, 1), (1, 2)]);
                self.emit(Instruction::I32Const(len));
                self.emit(Instruction::ArrayCopy {
                    array_type_index_dst: array,
                    array_type_index_src: array,
                });
            }
        }
    }

    /// Puts new objects into locals, so that there are some from the start.
    pub(super) fn first_objects(&mut self) {
        for ty in [STRUCT, EXTENDED, INTS, STRUCTS] {
            if let Some(local) = self.find_local(reference_to(ty), &[Role::General]) {
                self.new_object(ty, 0);
                self.set(local);
            }
        }
    }
}
