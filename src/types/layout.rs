//! How values lie in structs and arrays: a fact of their type, worked out when it is registered.
//!
//! Behind an object's header come fields or elements in their order, each aligned to its size, but at most to 8 bytes. So
//! the fields of a supertype lie where they lie in all its subtypes.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{CompositeType, FieldType, HeapType, StorageType, ValType};

/// Bytes of an object before its fields or elements.
pub(crate) const HEADER_BYTES: u32 = 8;

/// How a field or element is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Storage {
    I8,
    I16,
    /// Also `f32`.
    Bits32,
    /// Also `f64`, and references that the collector does not follow: those to functions.
    Bits64,
    V128,
    /// A reference that may be to an object or to a value of the host's.
    Ref,
}

impl Storage {
    /// How values of a field are stored.
    pub(crate) fn of(field: &FieldType) -> Self {
        match field.storage() {
            StorageType::I8 => Self::I8,
            StorageType::I16 => Self::I16,
            StorageType::Val(ValType::I32 | ValType::F32) => Self::Bits32,
            StorageType::Val(ValType::I64 | ValType::F64) => Self::Bits64,
            StorageType::Val(ValType::V128) => Self::V128,
            StorageType::Val(ValType::Ref(ty)) if ty.heap_type().top() == HeapType::Func => Self::Bits64,
            StorageType::Val(ValType::Ref(_)) => Self::Ref,
        }
    }

    /// Bytes that a value takes.
    pub(crate) const fn bytes(self) -> u32 {
        match self {
            Self::I8 => 1,
            Self::I16 => 2,
            Self::Bits32 => 4,
            Self::Bits64 | Self::Ref => 8,
            Self::V128 => 16,
        }
    }

    /// Cells that a value takes on the operand stack.
    pub(crate) const fn cells(self) -> u32 {
        if matches!(self, Self::V128) { 2 } else { 1 }
    }
}

/// How the objects of a type are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Struct(StructLayout),
    /// What the elements are.
    Array(Storage),
}

/// Where the fields of a struct are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StructLayout {
    /// Of the whole object, header included; a multiple of 8.
    pub(crate) bytes: u32,
    /// By field: its offset from the object's start, and how it is stored.
    pub(crate) fields: Box<[(u32, Storage)]>,
    /// Offsets of the fields that the collector follows.
    pub(crate) refs: Box<[u32]>,
}

impl StructLayout {
    /// The layout of a struct with these fields. Validation limits them to 10,000, so sizes are far below 2^32.
    pub(crate) fn new(storages: impl IntoIterator<Item = Storage>) -> Self {
        let mut end = HEADER_BYTES;
        let mut place = |storage: Storage| {
            let offset = end.next_multiple_of(storage.bytes().min(8));
            end = offset + storage.bytes();
            (offset, storage)
        };
        let fields: Box<[_]> = storages.into_iter().map(&mut place).collect();
        let is_ref = |&&(_, storage): &&(u32, Storage)| storage == Storage::Ref;
        let refs: Vec<u32> = fields.iter().filter(is_ref).map(|&(offset, _)| offset).collect();
        Self { bytes: end.next_multiple_of(8), fields, refs: refs.into() }
    }
}

impl Layout {
    /// The layout of a type's objects, if it has any.
    pub(crate) fn of(ty: &CompositeType) -> Option<Self> {
        match ty {
            CompositeType::Func(_) => None,
            CompositeType::Struct(ty) => {
                Some(Self::Struct(StructLayout::new(ty.fields().iter().map(Storage::of))))
            }
            CompositeType::Array(ty) => Some(Self::Array(Storage::of(&ty.element()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Storage, StructLayout};

    #[test]
    fn fields_of_a_supertype_lie_in_the_same_places() {
        let fields = [Storage::I8, Storage::Ref, Storage::I16, Storage::I8, Storage::V128, Storage::Bits32];
        let whole = StructLayout::new(fields);
        for count in 0..fields.len() {
            assert_eq!(StructLayout::new(fields[..count].iter().copied()).fields[..], whole.fields[..count]);
        }
        let offsets: [u32; 6] = core::array::from_fn(|field| whole.fields[field].0);
        assert_eq!(offsets, [8, 16, 24, 26, 32, 48]);
        assert_eq!((whole.bytes, &whole.refs[..]), (56, &[16][..]));
    }
}
