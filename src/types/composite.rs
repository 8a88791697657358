//! What types consist of: structures, arrays, and whichever of these or a function type a definition is.

use alloc::sync::Arc;
use core::fmt;

use super::{ConcreteType, FuncType, Mutability, ValType};

/// What is stored in a field: a value, or an integer of fewer bits
/// ([spec](https://webassembly.github.io/spec/core/syntax/types.html#composite-types)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StorageType {
    /// An integer of 8 bits, read and written as an `i32`.
    I8,
    /// An integer of 16 bits, read and written as an `i32`.
    I16,
    /// A value.
    Val(ValType),
}

/// The type of a structure's field, or of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldType {
    storage: StorageType,
    mutability: Mutability,
}

/// The type of a structure: those of its fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StructType {
    fields: Arc<[FieldType]>,
}

/// The type of an array: that of its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArrayType {
    element: FieldType,
}

/// What a type definition defines ([spec][spec]).
///
/// [spec]: https://webassembly.github.io/spec/core/syntax/types.html#composite-types
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CompositeType {
    /// A function type.
    Func(FuncType),
    /// A structure type.
    Struct(StructType),
    /// An array type.
    Array(ArrayType),
}

/// One member of a recursion group, before it is registered. Other members are named by [`ConcreteType::in_group`].
#[derive(Debug)]
pub(crate) struct SubType {
    pub(crate) is_final: bool,
    pub(crate) supertype: Option<ConcreteType>,
    pub(crate) composite: CompositeType,
}

impl StorageType {
    /// The type of the value that is read from and written to such a field.
    pub fn unpacked(self) -> ValType {
        match self {
            Self::I8 | Self::I16 => ValType::I32,
            Self::Val(ty) => ty,
        }
    }
}

impl FieldType {
    /// A field type.
    pub fn new(storage: StorageType, mutability: Mutability) -> Self {
        Self { storage, mutability }
    }

    /// What is stored.
    pub fn storage(&self) -> StorageType {
        self.storage
    }

    /// Whether it may be written.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }
}

impl StructType {
    /// A structure type with these fields, in order.
    ///
    /// ```
    /// use wapiti::{FieldType, Mutability, StorageType, StructType, ValType};
    ///
    /// let x = FieldType::new(StorageType::Val(ValType::F64), Mutability::Const);
    /// let tag = FieldType::new(StorageType::I8, Mutability::Var);
    /// assert_eq!(StructType::new([x, tag]).to_string(), "struct f64 (mut i8)");
    /// ```
    pub fn new(fields: impl IntoIterator<Item = FieldType>) -> Self {
        Self { fields: fields.into_iter().collect() }
    }

    /// The fields' types, in order.
    pub fn fields(&self) -> &[FieldType] {
        &self.fields
    }
}

impl ArrayType {
    /// An array type.
    pub fn new(element: FieldType) -> Self {
        Self { element }
    }

    /// The type of the elements.
    pub fn element(&self) -> FieldType {
        self.element
    }
}

impl CompositeType {
    /// The function type, if it is one.
    pub fn as_func(&self) -> Option<&FuncType> {
        match self {
            Self::Func(ty) => Some(ty),
            _ => None,
        }
    }

    /// The structure type, if it is one.
    pub fn as_struct(&self) -> Option<&StructType> {
        match self {
            Self::Struct(ty) => Some(ty),
            _ => None,
        }
    }

    /// The array type, if it is one.
    pub fn as_array(&self) -> Option<&ArrayType> {
        match self {
            Self::Array(ty) => Some(ty),
            _ => None,
        }
    }

    /// All value types in it, in order.
    pub(super) fn val_types(&self) -> impl Iterator<Item = ValType> {
        let (values, fields) = match self {
            Self::Func(ty) => (ty.all(), &[] as &[FieldType]),
            Self::Struct(ty) => (&[] as &[ValType], ty.fields()),
            Self::Array(ty) => (&[] as &[ValType], core::slice::from_ref(&ty.element)),
        };
        let stored = fields.iter().filter_map(|field| match field.storage {
            StorageType::Val(ty) => Some(ty),
            StorageType::I8 | StorageType::I16 => None,
        });
        values.iter().copied().chain(stored)
    }

    /// The same with every value type replaced.
    pub(super) fn map(&self, map: impl Fn(ValType) -> ValType) -> Self {
        let map = &map;
        let map_field = |field: &FieldType| match field.storage {
            StorageType::Val(ty) => FieldType::new(StorageType::Val(map(ty)), field.mutability),
            StorageType::I8 | StorageType::I16 => *field,
        };
        match self {
            Self::Func(ty) => {
                let values =
                    |types: &[ValType]| types.iter().map(|&ty| map(ty)).collect::<alloc::vec::Vec<_>>();
                Self::Func(FuncType::new(values(ty.params()), values(ty.results())))
            }
            Self::Struct(ty) => Self::Struct(StructType::new(ty.fields.iter().map(map_field))),
            Self::Array(ty) => Self::Array(ArrayType::new(map_field(&ty.element))),
        }
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I8 => f.write_str("i8"),
            Self::I16 => f.write_str("i16"),
            Self::Val(ty) => ty.fmt(f),
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutability {
            Mutability::Const => self.storage.fmt(f),
            Mutability::Var => write!(f, "(mut {})", self.storage),
        }
    }
}

impl fmt::Display for StructType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("struct")?;
        self.fields.iter().try_for_each(|field| write!(f, " {field}"))
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "array {}", self.element)
    }
}

impl fmt::Display for CompositeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Func(ty) => write!(f, "function {ty}"),
            Self::Struct(ty) => ty.fmt(f),
            Self::Array(ty) => ty.fmt(f),
        }
    }
}
