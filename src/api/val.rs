//! Values whose type is known only at run time, and how they lie in cells.
//!
//! In go values of the embedder's, out come cells, and back. Always: a reference that goes into a cell is of the
//! store that the cell belongs to (INV-HANDLE), and a value goes only where its type is expected.

use alloc::format;

use super::func::Func;
use super::refs::{AnyRef, ExnRef, ExternRef, Ref};
use crate::error::Error;
use crate::runtime::StoreCore;
use crate::types::{HeapType, RefType, V128, ValType};

/// A value of any type.
///
/// Floats are kept as their bits, because Wasm can tell apart NaNs that Rust code may not preserve.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a single precision float.
    F32(u32),
    /// The bits of a double precision float.
    F64(u64),
    /// 128 bits.
    V128(V128),
    /// A reference to a function, or null.
    FuncRef(Option<Func>),
    /// A reference to a host value, or null.
    ExternRef(Option<ExternRef>),
    /// A reference to what the guest has allocated, or a small integer, or null.
    AnyRef(Option<AnyRef>),
    /// A reference to an exception, or null.
    ExnRef(Option<ExnRef>),
}

/// Declares how to get at the value of one kind.
macro_rules! accessors {
    ($($(#[$doc:meta])* $get:ident $unwrap:ident -> $ty:ty { $pattern:pat => $value:expr })*) => {$(
        $(#[$doc])*
        pub fn $get(&self) -> Option<$ty> {
            match *self {
                $pattern => Some($value),
                _ => None,
            }
        }

        $(#[$doc])*
        ///
        /// # Panics
        ///
        /// If the value is of another type.
        #[track_caller]
        pub fn $unwrap(&self) -> $ty {
            let expected = stringify!($get);
            self.$get().unwrap_or_else(|| panic!("expected a value of type {expected}, found {self:?}"))
        }
    )*};
}

impl Val {
    /// The value's type. Of references, that of all of their kind: for a function `funcref`, whatever its own type.
    pub fn ty(&self) -> ValType {
        match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
            Self::V128(_) => ValType::V128,
            Self::FuncRef(_) => ValType::FUNCREF,
            Self::ExternRef(_) => ValType::EXTERNREF,
            Self::AnyRef(_) => ValType::Ref(RefType::ANYREF),
            Self::ExnRef(_) => ValType::Ref(RefType::EXNREF),
        }
    }

    /// What a local of type `ty` starts with: zero or null.
    pub fn default_for_ty(ty: ValType) -> Self {
        match ty {
            ValType::I32 => Self::I32(0),
            ValType::I64 => Self::I64(0),
            ValType::F32 => Self::F32(0),
            ValType::F64 => Self::F64(0),
            ValType::V128 => Self::V128(V128::default()),
            ValType::Ref(ty) => Self::null_ref(ty.heap_type()),
        }
    }

    /// The null reference of a type.
    pub fn null_ref(ty: HeapType) -> Self {
        Ref::null(ty).into()
    }

    accessors! {
        /// The value of an `i32`.
        i32 unwrap_i32 -> i32 { Self::I32(value) => value }
        /// The value of an `i64`.
        i64 unwrap_i64 -> i64 { Self::I64(value) => value }
        /// The value of an `f32`.
        f32 unwrap_f32 -> f32 { Self::F32(bits) => f32::from_bits(bits) }
        /// The value of an `f64`.
        f64 unwrap_f64 -> f64 { Self::F64(bits) => f64::from_bits(bits) }
        /// The value of a `v128`.
        v128 unwrap_v128 -> V128 { Self::V128(value) => value }
        /// The value of a `funcref`.
        func_ref unwrap_func_ref -> Option<Func> { Self::FuncRef(func) => func }
        /// The value of an `externref`.
        extern_ref unwrap_extern_ref -> Option<ExternRef> { Self::ExternRef(value) => value }
        /// The value of an `anyref`.
        any_ref unwrap_any_ref -> Option<AnyRef> { Self::AnyRef(value) => value }
        /// The value of an `exnref`.
        exn_ref unwrap_exn_ref -> Option<ExnRef> { Self::ExnRef(value) => value }
    }

    /// The value as a reference, if it is one.
    pub fn ref_(&self) -> Option<Ref> {
        match *self {
            Self::FuncRef(func) => Some(Ref::Func(func)),
            Self::ExternRef(value) => Some(Ref::Extern(value)),
            Self::AnyRef(value) => Some(Ref::Any(value)),
            Self::ExnRef(value) => Some(Ref::Exn(value)),
            _ => None,
        }
    }

    /// Reads a value of type `ty` from the front of `cells`, which belong to the store `core`.
    pub(crate) fn load(ty: ValType, cells: &[u64], core: &StoreCore) -> Self {
        match ty {
            ValType::I32 => Self::I32(cells[0] as i32),
            ValType::I64 => Self::I64(cells[0] as i64),
            ValType::F32 => Self::F32(cells[0] as u32),
            ValType::F64 => Self::F64(cells[0]),
            ValType::V128 => Self::V128(V128::from_cells(cells)),
            ValType::Ref(ty) => Ref::from_cell(ty, cells[0], core).into(),
        }
    }

    /// Writes the value to the front of `cells`, which belong to the store `core` and are meant for type `ty`.
    pub(crate) fn store(self, ty: ValType, cells: &mut [u64], core: &StoreCore) -> Result<(), Error> {
        if let (Some(value), Some(ty)) = (self.ref_(), ty.as_ref()) {
            cells[0] = value.cell_of_type(ty, core)?;
            return Ok(());
        }
        if self.ty() != ty {
            return Err(Error::usage(format!("type mismatch: expected {ty}, found {}", self.ty())));
        }
        cells[0] = match self {
            Self::I32(value) => u64::from(value as u32),
            Self::I64(value) => value as u64,
            Self::F32(bits) => u64::from(bits),
            Self::F64(bits) => bits,
            Self::V128(value) => {
                cells[..2].copy_from_slice(&value.cells());
                return Ok(());
            }
            Self::FuncRef(_) | Self::ExternRef(_) | Self::AnyRef(_) | Self::ExnRef(_) => {
                unreachable!("references are written above")
            }
        };
        Ok(())
    }

    /// Reads values of the given types from `cells`, one behind the other.
    pub(crate) fn load_all<'a>(
        types: &'a [ValType],
        cells: &'a [u64],
        core: &'a StoreCore,
    ) -> impl ExactSizeIterator<Item = Self> + 'a {
        let mut position = 0;
        types.iter().map(move |&ty| {
            let value = Self::load(ty, &cells[position..], core);
            position += ty.cells() as usize;
            value
        })
    }

    /// Writes `values`, as many as there are types, to `cells`, one behind the other. `what` is for messages.
    pub(crate) fn store_all(
        values: &[Self],
        types: &[ValType],
        cells: &mut [u64],
        core: &StoreCore,
        what: &str,
    ) -> Result<(), Error> {
        let (expected, found) = (types.len(), values.len());
        if expected != found {
            return Err(Error::usage(format!("expected {expected} {what}s, found {found}")));
        }
        let mut position = 0;
        for (number, (value, &ty)) in values.iter().zip(types).enumerate() {
            value
                .store(ty, &mut cells[position..], core)
                .map_err(|error| Error::usage(format!("{what} {number}: {error}")))?;
            position += ty.cells() as usize;
        }
        Ok(())
    }
}

impl From<i32> for Val {
    fn from(value: i32) -> Self {
        Self::I32(value)
    }
}

impl From<i64> for Val {
    fn from(value: i64) -> Self {
        Self::I64(value)
    }
}

impl From<f32> for Val {
    fn from(value: f32) -> Self {
        Self::F32(value.to_bits())
    }
}

impl From<f64> for Val {
    fn from(value: f64) -> Self {
        Self::F64(value.to_bits())
    }
}

impl From<V128> for Val {
    fn from(value: V128) -> Self {
        Self::V128(value)
    }
}

impl From<Func> for Val {
    fn from(func: Func) -> Self {
        Self::FuncRef(Some(func))
    }
}

impl From<Option<Func>> for Val {
    fn from(func: Option<Func>) -> Self {
        Self::FuncRef(func)
    }
}

impl From<ExternRef> for Val {
    fn from(value: ExternRef) -> Self {
        Self::ExternRef(Some(value))
    }
}

impl From<Option<ExternRef>> for Val {
    fn from(value: Option<ExternRef>) -> Self {
        Self::ExternRef(value)
    }
}

impl From<AnyRef> for Val {
    fn from(value: AnyRef) -> Self {
        Self::AnyRef(Some(value))
    }
}

impl From<Option<AnyRef>> for Val {
    fn from(value: Option<AnyRef>) -> Self {
        Self::AnyRef(value)
    }
}

impl From<Ref> for Val {
    fn from(value: Ref) -> Self {
        match value {
            Ref::Func(func) => Self::FuncRef(func),
            Ref::Extern(value) => Self::ExternRef(value),
            Ref::Any(value) => Self::AnyRef(value),
            Ref::Exn(value) => Self::ExnRef(value),
        }
    }
}
