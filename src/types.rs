//! The types of the WebAssembly type grammar and the index newtypes that the other folders speak in.
//!
//! Values of these types come from decoding or from the embedder; they are plain data and always well formed. Types that
//! modules define are registered with the engine ([`registry`]), and value types name them by number.
//! A *cell* is the unit of the value stack: 8 bytes. Every type says how many cells a value of it takes, and
//! parameters, results and blocks are counted in cells, so that 16-byte types need no new bookkeeping.

mod composite;
mod limits;
mod layout;
mod reference;
mod registry;
mod v128;

use alloc::sync::Arc;
use core::fmt;

pub(crate) use self::composite::SubType;
pub use self::composite::{ArrayType, CompositeType, FieldType, StorageType, StructType};
pub(crate) use self::layout::{HEADER_BYTES, Layout, Storage, StructLayout};
pub use self::limits::{MemoryType, MemoryTypeBuilder, TableType};
pub use self::reference::{ConcreteType, HeapType, RefType};
pub use self::registry::DefinedType;
pub(crate) use self::registry::{RecGroup, TypeRegistry};
pub use self::v128::V128;

/// The type of a value ([spec](https://webassembly.github.io/spec/core/syntax/types.html#value-types)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ValType {
    /// 32-bit integer, of no particular sign.
    I32,
    /// 64-bit integer, of no particular sign.
    I64,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
    /// 128 bits: lanes of integers or floats.
    V128,
    /// A reference.
    Ref(RefType),
}

impl ValType {
    /// `funcref`: a nullable reference to any function.
    pub const FUNCREF: Self = Self::Ref(RefType::FUNCREF);
    /// `externref`: a nullable reference to a host value.
    pub const EXTERNREF: Self = Self::Ref(RefType::EXTERNREF);
    /// `exnref`: a nullable reference to any exception.
    pub const EXNREF: Self = Self::Ref(RefType::EXNREF);

    /// Cells of 8 bytes that a value of this type takes in a frame.
    pub(crate) fn cells(self) -> u32 {
        match self {
            Self::I32 | Self::I64 | Self::F32 | Self::F64 | Self::Ref(_) => 1,
            Self::V128 => 2,
        }
    }

    /// True for references.
    pub fn is_ref(self) -> bool {
        matches!(self, Self::Ref(_))
    }

    /// The type of the reference, if it is one.
    pub fn as_ref(self) -> Option<RefType> {
        match self {
            Self::Ref(ty) => Some(ty),
            _ => None,
        }
    }

    /// True if a local of this type has a value before it is set: zero, or null.
    pub fn is_defaultable(self) -> bool {
        self.as_ref().is_none_or(RefType::is_nullable)
    }

    /// The concrete type that a reference of this type refers to, if it does.
    pub(crate) fn concrete(self) -> Option<ConcreteType> {
        self.as_ref()?.concrete()
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32 => f.write_str("i32"),
            Self::I64 => f.write_str("i64"),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::V128 => f.write_str("v128"),
            Self::Ref(ty) => ty.fmt(f),
        }
    }
}

/// The type of a function: its parameters and its results.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FuncType {
    params_and_results: Arc<[ValType]>,
    param_len: u32,
    /// Kept because every call from one instance to another asks for them.
    param_cells: u32,
    result_cells: u32,
}

impl FuncType {
    /// A function type from its parameters and results, in order.
    pub fn new(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Self {
        let mut all: alloc::vec::Vec<ValType> = params.into_iter().collect();
        let param_len = u32::try_from(all.len()).expect("fewer than 2^32 parameters fit into memory");
        all.extend(results);
        Self::of_all(all.into(), param_len)
    }

    /// A function type from what its parameters and results are converted from.
    pub(crate) fn of_slices<T: Copy>(params: &[T], results: &[T], val_type: impl Fn(T) -> ValType) -> Self {
        let param_len = u32::try_from(params.len()).expect("fewer than 2^32 parameters fit into memory");
        Self::of_all(params.iter().chain(results).map(|ty| val_type(*ty)).collect(), param_len)
    }

    fn of_all(params_and_results: Arc<[ValType]>, param_len: u32) -> Self {
        let (params, results) = params_and_results.split_at(param_len as usize);
        let [param_cells, result_cells] =
            [params, results].map(|types| types.iter().map(|ty| ty.cells()).sum());
        Self { params_and_results, param_len, param_cells, result_cells }
    }

    /// The parameters' types, in order.
    pub fn params(&self) -> &[ValType] {
        &self.params_and_results[..self.param_len as usize]
    }

    /// The results' types, in order.
    pub fn results(&self) -> &[ValType] {
        &self.params_and_results[self.param_len as usize..]
    }

    /// Parameters, then results.
    fn all(&self) -> &[ValType] {
        &self.params_and_results
    }

    /// Cells that the arguments take.
    pub(crate) fn param_cells(&self) -> u32 {
        self.param_cells
    }

    /// Cells that the results take.
    pub(crate) fn result_cells(&self) -> u32 {
        self.result_cells
    }

    /// The cell of a callee's frame where its link (return position, caller's frame) lies: behind the window
    /// that arguments and results share.
    pub(crate) fn link_cell(&self) -> u32 {
        self.param_cells().max(self.result_cells())
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, types: &[ValType]| {
            f.write_str("[")?;
            for (i, ty) in types.iter().enumerate() {
                write!(f, "{}{ty}", if i == 0 { "" } else { " " })?;
            }
            f.write_str("]")
        };
        list(f, self.params())?;
        f.write_str(" -> ")?;
        list(f, self.results())
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a global may be written after its initialisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutability {
    /// Constant.
    Const,
    /// Variable.
    Var,
}

/// The type of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// A global type.
    pub fn new(content: ValType, mutability: Mutability) -> Self {
        Self { content, mutability }
    }

    /// The type of the value.
    pub fn content(&self) -> ValType {
        self.content
    }

    /// Whether the value may change.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }
}

impl fmt::Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutability {
            Mutability::Const => write!(f, "global {}", self.content),
            Mutability::Var => write!(f, "global (mut {})", self.content),
        }
    }
}

/// The type of a tag: what an exception with it carries
/// ([spec](https://webassembly.github.io/spec/core/syntax/types.html#tag-types)).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagType {
    ty: FuncType,
}

impl TagType {
    /// A tag whose exceptions carry values of the parameters' types of `ty`, which should have no results.
    pub fn new(ty: FuncType) -> Self {
        Self { ty }
    }

    /// The type as a function type, whose parameters are what exceptions carry.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }
}

impl fmt::Display for TagType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tag {}", self.ty)
    }
}

/// The type of something that can be imported or exported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table.
    Table(TableType),
    /// A linear memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag of exceptions.
    Tag(TagType),
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Func(ty) => write!(f, "function {ty}"),
            Self::Table(ty) => ty.fmt(f),
            Self::Memory(ty) => ty.fmt(f),
            Self::Global(ty) => ty.fmt(f),
            Self::Tag(ty) => ty.fmt(f),
        }
    }
}

/// Declares an index newtype: one index space a type, so that indices cannot be mixed up.
macro_rules! index_type {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub(crate) struct $name(pub(crate) u32);

        impl $name {
            #[allow(dead_code, reason = "not every index space is a plain vector somewhere")]
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            /// Panics over 2^32, which no index space reaches: decoding and the store's limits stay far below.
            fn from(index: usize) -> Self {
                Self(u32::try_from(index).expect("index spaces are limited to 2^32"))
            }
        }
    )*};
}

index_type! {
    /// Index into a module's types.
    TypeIdx;
    /// Index into a module's functions, imported ones first.
    FuncIdx;
    /// Index into a module's tables, imported ones first.
    TableIdx;
    /// Index into a module's memories, imported ones first.
    MemoryIdx;
    /// Index into a module's globals, imported ones first.
    GlobalIdx;
    /// Index into a module's tags, imported ones first.
    TagIdx;
    /// Index into a module's element segments.
    ElemIdx;
    /// Index into a module's data segments.
    DataIdx;
    /// An engine's number for a type that somebody holds: equal exactly when the types are equal.
    CanonicalType;
    /// A store's number for one of its instances.
    InstanceAddr;
    /// A store's number for one of its memories.
    MemoryAddr;
    /// A store's number for one of its tables.
    TableAddr;
    /// A store's number for one of its globals.
    GlobalAddr;
    /// A store's number for one of its tags.
    TagAddr;
    /// A store's number for one of its host functions.
    HostFuncAddr;
    /// A store's number for one of its external values.
    ExternAddr;
}
