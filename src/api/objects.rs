//! Structures, arrays and small integers, as the host makes and sees them.
//!
//! In go types and values, out come handles to objects, and values of their fields and elements. Always: a value goes only
//! where its type is expected and the type may be written; what is being stored in a new object is among the roots while
//! that is made, because making it may collect (INV-HEAP).

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use super::context::{AsContext, AsContextMut};
use super::refs::{AnyRef, OwnedRef, Ref, rooted};
use super::val::Val;
use crate::error::Error;
use crate::isa::object::I31_BIT;
use crate::runtime::{Heap, StoreCore};
use crate::types::{ArrayType, DefinedType, FieldType, HeapType, Mutability, RefType, StructType};

/// An integer of 31 bits, which a reference can hold instead of referring to anything
/// ([spec](https://webassembly.github.io/spec/core/syntax/types.html#heap-types)).
///
/// Whether it has a sign is a matter of how it is read.
///
/// ```
/// use wapiti::I31;
///
/// assert_eq!(I31::new_i32(-5).map(|value| (value.get_i32(), value.get_u32())), Some((-5, 0x7FFF_FFFB)));
/// assert_eq!(I31::new_u32(1 << 31), None);
/// assert_eq!(I31::wrapping_i32(1 << 30).get_i32(), -(1 << 30));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct I31 {
    /// Below 2^31.
    bits: u32,
}

impl I31 {
    const MASK: u32 = u32::MAX >> 1;

    /// A number without a sign; `None` if it is 2^31 or more.
    pub fn new_u32(value: u32) -> Option<Self> {
        (value <= Self::MASK).then_some(Self { bits: value })
    }

    /// A number with a sign; `None` if it is not from -2^30 to 2^30 - 1.
    pub fn new_i32(value: i32) -> Option<Self> {
        let wrapped = Self::wrapping_i32(value);
        (wrapped.get_i32() == value).then_some(wrapped)
    }

    /// The lower 31 bits of `value`, as `ref.i31` takes them.
    pub fn wrapping_u32(value: u32) -> Self {
        Self { bits: value & Self::MASK }
    }

    /// The lower 31 bits of `value`, as `ref.i31` takes them.
    pub fn wrapping_i32(value: i32) -> Self {
        Self::wrapping_u32(value as u32)
    }

    /// The number without a sign, as `i31.get_u` gives it: below 2^31.
    pub fn get_u32(self) -> u32 {
        self.bits
    }

    /// The number with a sign, as `i31.get_s` gives it: from -2^30 to 2^30 - 1.
    pub fn get_i32(self) -> i32 {
        (self.bits << 1) as i32 >> 1
    }

    /// What a cell of a store refers to, which is an i31; `None` for null.
    pub(crate) fn from_cell(cell: u64, _core: &StoreCore) -> Option<Self> {
        (cell & I31_BIT != 0).then(|| Self::wrapping_u32((cell >> 1) as u32))
    }

    /// The cell for a reference to it, in any store.
    pub(crate) fn cell(self, _core: &StoreCore) -> Result<u64, Error> {
        Ok(u64::from(self.bits) << 1 | I31_BIT)
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("I31").field(&self.get_i32()).finish()
    }
}

/// A reference to a structure ([spec](https://webassembly.github.io/spec/core/exec/runtime.html#structure-instances)).
///
/// A handle like [`AnyRef`], and good as long.
///
/// ```
/// use wapiti::{DefinedType, Engine, FieldType, Mutability, StorageType, Store, StructRef, StructType, Val, ValType};
///
/// let engine = Engine::default();
/// let x = FieldType::new(StorageType::Val(ValType::F64), Mutability::Const);
/// let tag = FieldType::new(StorageType::I8, Mutability::Var);
/// let ty = DefinedType::structure(&engine, StructType::new([x, tag]))?;
///
/// let mut store = Store::new(&engine, ());
/// let structure = StructRef::new(&mut store, &ty, &[0.5.into(), Val::I32(1)])?;
/// structure.set_field(&mut store, 1, Val::I32(-1))?;
/// assert_eq!(structure.field(&mut store, 0)?.unwrap_f64(), 0.5);
/// assert_eq!(structure.field(&mut store, 1)?.unwrap_i32(), 255);
/// assert!(structure.set_field(&mut store, 0, 1.5.into()).is_err(), "it is immutable");
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StructRef(AnyRef);

/// A reference to an array ([spec](https://webassembly.github.io/spec/core/exec/runtime.html#array-instances)).
///
/// A handle like [`AnyRef`], and good as long.
///
/// ```
/// use wapiti::{ArrayRef, ArrayType, DefinedType, Engine, FieldType, Mutability, StorageType, Store, Val};
///
/// let engine = Engine::default();
/// let ty = DefinedType::array(&engine, ArrayType::new(FieldType::new(StorageType::I16, Mutability::Var)))?;
///
/// let mut store = Store::new(&engine, ());
/// let array = ArrayRef::new(&mut store, &ty, Val::I32(7), 1000)?;
/// array.set(&mut store, 999, Val::I32(8))?;
/// assert_eq!(array.len(&store)?, 1000);
/// assert_eq!(array.get(&mut store, 999)?.unwrap_i32(), 8);
/// assert!(array.get(&mut store, 1000).is_err());
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ArrayRef(AnyRef);

/// A reference to a structure or an array, or a small integer: to what `ref.eq` compares
/// ([spec](https://webassembly.github.io/spec/core/syntax/types.html#heap-types)).
///
/// A handle like [`AnyRef`], and good as long.
#[derive(Clone, Copy, Debug)]
pub struct EqRef(AnyRef);

/// What the handles to particular references have in common, which are an [`AnyRef`] that has been looked at.
macro_rules! particular {
    ($($ty:ident)*) => {$(
        rooted! { $ty }

        impl $ty {
            /// The same as a reference of the type `any`.
            pub fn to_anyref(self) -> AnyRef {
                self.0
            }

            /// What a cell of the store `core` refers to, which is of this type; `None` for null.
            pub(crate) fn from_cell(cell: u64, core: &StoreCore) -> Option<Self> {
                AnyRef::from_cell(cell, core).map(Self)
            }

            /// The cell for this reference in the store `core`.
            pub(crate) fn cell(self, core: &StoreCore) -> Result<u64, Error> {
                self.0.cell(core)
            }
        }

        impl From<$ty> for AnyRef {
            fn from(reference: $ty) -> Self {
                reference.0
            }
        }

        impl From<$ty> for Ref {
            fn from(reference: $ty) -> Self {
                reference.0.into()
            }
        }

        impl From<$ty> for Val {
            fn from(reference: $ty) -> Self {
                reference.0.into()
            }
        }
    )*};
}

particular! { StructRef ArrayRef EqRef }

impl AnyRef {
    /// A reference that holds a small integer, as `ref.i31` makes it.
    pub fn from_i31(mut store: impl AsContextMut, value: I31) -> Self {
        let core = &mut store.as_context_mut().inner.core;
        let cell = value.cell(core).expect("it is of any store");
        Self::from_cell(cell, core).expect("it is not null")
    }

    /// Whether it is a small integer.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if `store` is not the one that the reference is of, or the scope that the handle
    /// was made in has ended.
    pub fn is_i31(&self, store: impl AsContext) -> Result<bool, Error> {
        self.is_of(store, HeapType::I31)
    }

    /// The small integer that it is; `None` if it is none.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn as_i31(&self, store: impl AsContext) -> Result<Option<I31>, Error> {
        let core = &store.as_context().inner.core;
        Ok(I31::from_cell(self.cell(core)?, core))
    }

    /// Whether `ref.eq` can compare it: it is a structure, an array or a small integer.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn is_eqref(&self, store: impl AsContext) -> Result<bool, Error> {
        self.is_of(store, HeapType::Eq)
    }

    /// The same as a reference that `ref.eq` compares; `None` if it is a value of the host's that was converted.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn as_eqref(&self, store: impl AsContext) -> Result<Option<EqRef>, Error> {
        Ok(self.is_eqref(store)?.then_some(EqRef(*self)))
    }

    /// Whether it is to a structure.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn is_struct(&self, store: impl AsContext) -> Result<bool, Error> {
        self.is_of(store, HeapType::Struct)
    }

    /// The same as a reference to a structure; `None` if it is to something else.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn as_struct(&self, store: impl AsContext) -> Result<Option<StructRef>, Error> {
        Ok(self.is_struct(store)?.then_some(StructRef(*self)))
    }

    /// Whether it is to an array.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn is_array(&self, store: impl AsContext) -> Result<bool, Error> {
        self.is_of(store, HeapType::Array)
    }

    /// The same as a reference to an array; `None` if it is to something else.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn as_array(&self, store: impl AsContext) -> Result<Option<ArrayRef>, Error> {
        Ok(self.is_array(store)?.then_some(ArrayRef(*self)))
    }

    /// Whether it is of the type `ty`, as `ref.test` answers.
    ///
    /// # Errors
    ///
    /// As for [`is_i31`](Self::is_i31).
    pub fn matches_ty(&self, store: impl AsContext, ty: HeapType) -> Result<bool, Error> {
        self.is_of(store, ty)
    }

    fn is_of(&self, store: impl AsContext, ty: HeapType) -> Result<bool, Error> {
        let core = &store.as_context().inner.core;
        let cell = self.cell(core)?;
        Ok(ty.top() == HeapType::Any && core.ref_matches(cell, RefType::new(false, ty)))
    }
}

impl StructRef {
    /// A structure of type `ty` with these values of its fields, in order. For a field of 8 or 16 bits that is an `i32`,
    /// of which the lower bits are taken.
    ///
    /// The heap may be collected first. What the host has handles to stays, and so do the values.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if `ty` is no structure type, or is of another engine; if there are more or fewer
    /// values than fields, one is not of its field's type, or is of another store. [`Trap`](crate::ErrorKind::Trap) with
    /// [`HeapExhausted`](crate::Trap::HeapExhausted) if there is no room.
    pub fn new(mut store: impl AsContextMut, ty: &DefinedType, fields: &[Val]) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().inner.core;
        ty.check_engine(&core.engine)?;
        let composite = ty.as_struct().ok_or_else(|| ty.is_not("a structure"))?;
        let (expected, found) = (composite.fields().len(), fields.len());
        if expected != found {
            return Err(Error::usage(format!("expected {expected} fields, found {found}")));
        }
        let cells = cells_of("field", fields.iter().zip(composite.fields()), core)?;
        let object = core.struct_with(ty, &cells)?;
        Ok(Self(AnyRef::from_cell(object, core).expect("an object is not null")))
    }

    /// The value of field `index`; for one of 8 or 16 bits as an `i32` without a sign, as `struct.get_u` gives it. A
    /// reference is a new handle, which the current scope keeps.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if there is no such field, and as for [`ty`](Self::ty).
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val, Error> {
        let core = &store.as_context_mut().inner.core;
        self.object(core)?.field(index, core)
    }

    /// The values of all fields, in order, as [`field`](Self::field) gives them.
    ///
    /// # Errors
    ///
    /// As for [`ty`](Self::ty).
    pub fn fields(&self, mut store: impl AsContextMut) -> Result<Vec<Val>, Error> {
        let core = &store.as_context_mut().inner.core;
        let object = self.object(core)?;
        (0..object.struct_type().fields().len()).map(|index| object.field(index, core)).collect()
    }

    /// Sets field `index`. Of one of 8 or 16 bits that is an `i32`, of which the lower bits are taken.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if there is no such field, it is immutable, or the value is not of its type, or of
    /// another store, and as for [`ty`](Self::ty).
    pub fn set_field(&self, mut store: impl AsContextMut, index: usize, value: Val) -> Result<(), Error> {
        let core = &mut store.as_context_mut().inner.core;
        let object = self.object(core)?;
        let field = object.field_type(index)?;
        let cells = cells_to_write("field", index, value, field, core)?;
        let (address, (at, storage)) =
            (object.address, object.heap.struct_layout(object.ty.canonical()).fields[index]);
        core.heap_mut().write(address, at.into(), storage, cells);
        Ok(())
    }
}

impl ArrayRef {
    /// An array of type `ty` with `len` elements, all of them `elem`. For elements of 8 or 16 bits that is an `i32`, of
    /// which the lower bits are taken.
    ///
    /// The heap may be collected first. What the host has handles to stays, and so does `elem`.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if `ty` is no array type, or is of another engine, or `elem` is not of the
    /// elements' type, or of another store. [`Trap`](crate::ErrorKind::Trap) with
    /// [`HeapExhausted`](crate::Trap::HeapExhausted) if there is no room.
    pub fn new(mut store: impl AsContextMut, ty: &DefinedType, elem: Val, len: u32) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().inner.core;
        ty.check_engine(&core.engine)?;
        let element = ty.as_array().ok_or_else(|| ty.is_not("an array"))?.element();
        let cells = cells_to_init("element", 0, elem, element, core)?;
        let object = core.array_of(ty, len, cells)?;
        Ok(Self(AnyRef::from_cell(object, core).expect("an object is not null")))
    }

    /// An array of type `ty` with these elements. Otherwise as [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), of every element.
    pub fn new_fixed(mut store: impl AsContextMut, ty: &DefinedType, elems: &[Val]) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().inner.core;
        ty.check_engine(&core.engine)?;
        let element = ty.as_array().ok_or_else(|| ty.is_not("an array"))?.element();
        let too_many = || Error::usage(format!("{} elements are more than an array can have", elems.len()));
        let len = u32::try_from(elems.len()).map_err(|_| too_many())?;
        let cells = cells_of("element", elems.iter().map(|elem| (elem, &element)), core)?;
        let object = core.array_with(ty, len, &cells)?;
        Ok(Self(AnyRef::from_cell(object, core).expect("an object is not null")))
    }

    /// The number of elements.
    ///
    /// # Errors
    ///
    /// As for [`ty`](Self::ty).
    pub fn len(&self, store: impl AsContext) -> Result<u32, Error> {
        let core = &store.as_context().inner.core;
        Ok(self.object(core)?.len)
    }

    /// Whether there are no elements.
    ///
    /// # Errors
    ///
    /// As for [`ty`](Self::ty).
    pub fn is_empty(&self, store: impl AsContext) -> Result<bool, Error> {
        Ok(self.len(store)? == 0)
    }

    /// Element `index`; one of 8 or 16 bits as an `i32` without a sign, as `array.get_u` gives it. A reference is a new
    /// handle, which the current scope keeps.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if there is no such element, and as for [`ty`](Self::ty).
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val, Error> {
        let core = &store.as_context_mut().inner.core;
        self.object(core)?.elem(index, core)
    }

    /// All elements, in order, as [`get`](Self::get) gives them.
    ///
    /// # Errors
    ///
    /// As for [`ty`](Self::ty).
    pub fn elems(&self, mut store: impl AsContextMut) -> Result<Vec<Val>, Error> {
        let core = &store.as_context_mut().inner.core;
        let object = self.object(core)?;
        (0..object.len).map(|index| object.elem(index, core)).collect()
    }

    /// Sets element `index`. Of one of 8 or 16 bits that is an `i32`, of which the lower bits are taken.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if there is no such element, elements are immutable, or the value is not of their
    /// type, or of another store, and as for [`ty`](Self::ty).
    pub fn set(&self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<(), Error> {
        let core = &mut store.as_context_mut().inner.core;
        let object = self.object(core)?;
        object.check_elem(index)?;
        let cells = cells_to_write("element", index as usize, value, object.array_type().element(), core)?;
        let address = object.address;
        let storage = object.heap.elem_storage(object.ty.canonical());
        core.heap_mut().write_elem(address, index, storage, cells);
        Ok(())
    }
}

/// What structures and arrays have in common.
macro_rules! objects {
    ($($ty:ident)*) => {$(
        impl $ty {
            /// The object's own type, which may be a subtype of that of the place it was found in.
            ///
            /// # Errors
            ///
            /// [`Usage`](crate::ErrorKind::Usage) if `store` is not the one that the reference is of, or the scope that
            /// the handle was made in has ended.
            pub fn ty(&self, store: impl AsContext) -> Result<DefinedType, Error> {
                let core = &store.as_context().inner.core;
                Ok(self.object(core)?.ty.clone())
            }

            fn object(self, core: &StoreCore) -> Result<Object<'_>, Error> {
                Object::new(self.0, core)
            }
        }
    )*};
}

objects! { StructRef ArrayRef }

/// An object that a handle is for.
struct Object<'a> {
    heap: &'a Heap,
    address: u64,
    ty: &'a DefinedType,
    /// Of a structure 0.
    len: u32,
}

impl<'a> Object<'a> {
    fn new(reference: AnyRef, core: &'a StoreCore) -> Result<Self, Error> {
        let address = reference.cell(core)?;
        let heap = core.heap.as_deref().expect("there is an object");
        let (ty, len) = heap.header(address);
        Ok(Self { heap, address, ty: heap.ty(ty), len })
    }

    fn struct_type(&self) -> &'a StructType {
        self.ty.as_struct().expect("INV-HANDLE: the handle is for a structure")
    }

    fn array_type(&self) -> &'a ArrayType {
        self.ty.as_array().expect("INV-HANDLE: the handle is for an array")
    }

    fn field_type(&self, index: usize) -> Result<FieldType, Error> {
        let fields = self.struct_type().fields();
        let missing = || {
            let count = fields.len();
            Error::usage(format!("there is no field {index}: the structure has {count}, counted from 0"))
        };
        fields.get(index).copied().ok_or_else(missing)
    }

    fn field(&self, index: usize, core: &StoreCore) -> Result<Val, Error> {
        let ty = self.field_type(index)?;
        let (at, storage) = self.heap.struct_layout(self.ty.canonical()).fields[index];
        Ok(val_of(ty, self.heap.read(self.address, at.into(), storage), core))
    }

    fn check_elem(&self, index: u32) -> Result<(), Error> {
        let len = self.len;
        let missing = || format!("there is no element {index}: the array has {len}, counted from 0");
        if index < len { Ok(()) } else { Err(Error::usage(missing())) }
    }

    fn elem(&self, index: u32, core: &StoreCore) -> Result<Val, Error> {
        self.check_elem(index)?;
        let storage = self.heap.elem_storage(self.ty.canonical());
        Ok(val_of(self.array_type().element(), self.heap.read_elem(self.address, index, storage), core))
    }
}

/// The value that a field has.
fn val_of(field: FieldType, cells: [u64; 2], core: &StoreCore) -> Val {
    let ty = field.storage().unpacked();
    core.pin_exceptions(&[ty], &cells);
    Val::load(ty, &cells, core)
}

/// The cells of values for fields, one behind the other.
fn cells_of<'a>(
    what: &str,
    values: impl Iterator<Item = (&'a Val, &'a FieldType)>,
    core: &StoreCore,
) -> Result<Vec<u64>, Error> {
    let mut all = Vec::new();
    for (index, (&value, &field)) in values.enumerate() {
        let cells = cells_to_init(what, index, value, field, core)?;
        all.extend_from_slice(&cells[..field.storage().unpacked().cells() as usize]);
    }
    Ok(all)
}

/// The cells of a value for a field that does not have one yet.
fn cells_to_init(
    what: &str,
    index: usize,
    value: Val,
    field: FieldType,
    core: &StoreCore,
) -> Result<[u64; 2], Error> {
    let mut cells = [0; 2];
    let stored = value.store(field.storage().unpacked(), &mut cells, core);
    stored.map_err(|error| Error::usage(format!("{what} {index}: {error}")))?;
    Ok(cells)
}

/// The cells of a value that a field is to have instead of the one it has.
fn cells_to_write(
    what: &str,
    index: usize,
    value: Val,
    field: FieldType,
    core: &StoreCore,
) -> Result<[u64; 2], Error> {
    if field.mutability() == Mutability::Const {
        return Err(Error::usage(format!("{what} {index} cannot be set: it is immutable, {field}")));
    }
    cells_to_init(what, index, value, field, core)
}
