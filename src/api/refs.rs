//! References: to functions and to values of the host's.
//!
//! In go handles, out come cells, and back. A host value that a guest may refer to is owned by the store and lives
//! as long; the handle is its number.

use alloc::boxed::Box;
use alloc::format;
use core::any::Any;

use super::context::{AsContext, AsContextMut, StoreContext};
use super::func::Func;
use super::store::{assert_store, wrong_store};
use crate::error::Error;
use crate::isa::object::{TAG_EXTERN, TAG_MASK};
use crate::runtime::{ExternValues, StoreCore, StoreId};
use crate::types::{HeapType, RefType};

/// A reference of any type, such as the element of a [`Table`](crate::Table).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Ref {
    /// A `funcref`; `None` is null.
    Func(Option<Func>),
    /// An `externref`; `None` is null.
    Extern(Option<ExternRef>),
    /// An `anyref`; `None` is null.
    Any(Option<AnyRef>),
    /// An `exnref`; `None` is null.
    Exn(Option<ExnRef>),
}

/// A reference to what the guest has allocated, or a small integer.
#[derive(Clone, Copy, Debug)]
pub struct AnyRef {
    store: StoreId,
    /// Not 0, which is null.
    cell: u64,
}

/// A reference to an exception, which a guest can throw with `throw_ref`.
///
/// The exception lives until its store is dropped.
#[derive(Clone, Copy, Debug)]
pub struct ExnRef {
    store: StoreId,
    /// Not 0, which is null.
    cell: u64,
}

/// A reference to a value of the host's, which a guest can keep and hand back but not look into.
///
/// The value lives until its store is dropped.
///
/// ```
/// use wapiti::{Engine, ExternRef, Store};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let reference = ExternRef::new(&mut store, String::from("opaque to the guest"));
/// let text = reference.data(&store).downcast_ref::<String>();
/// assert_eq!(text.map(|text| text.len()), Some(19));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ExternRef {
    store: StoreId,
    /// Not 0, which is null.
    cell: u64,
}

impl Ref {
    /// The null reference of a type.
    pub fn null(ty: HeapType) -> Self {
        match ty.top() {
            HeapType::Func => Self::Func(None),
            HeapType::Extern => Self::Extern(None),
            HeapType::Exn => Self::Exn(None),
            _ => Self::Any(None),
        }
    }

    /// True for null references.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Func(None) | Self::Extern(None) | Self::Any(None) | Self::Exn(None))
    }

    /// The type of all references of this kind, always a nullable one: for a function `funcref`, whatever its own type.
    pub fn ty(&self) -> RefType {
        match self {
            Self::Func(_) => RefType::FUNCREF,
            Self::Extern(_) => RefType::EXTERNREF,
            Self::Any(_) => RefType::ANYREF,
            Self::Exn(_) => RefType::EXNREF,
        }
    }

    /// The function of a `funcref` that is not null.
    pub fn as_func(&self) -> Option<Func> {
        match *self {
            Self::Func(func) => func,
            _ => None,
        }
    }

    /// The host value of an `externref` that is not null.
    pub fn as_extern(&self) -> Option<ExternRef> {
        match *self {
            Self::Extern(value) => value,
            _ => None,
        }
    }

    /// What a cell of the store `id` refers to.
    pub(crate) fn from_cell(ty: RefType, cell: u64, id: StoreId) -> Self {
        match ty.heap_type().top() {
            HeapType::Func => Self::Func(Func::from_cell(cell, id)),
            HeapType::Extern => Self::Extern(ExternRef::from_cell(cell, id)),
            HeapType::Exn => Self::Exn((cell != 0).then_some(ExnRef { store: id, cell })),
            _ => Self::Any((cell != 0).then_some(AnyRef { store: id, cell })),
        }
    }

    /// The cell for this reference in the store `core`, where a value of type `ty` is expected.
    pub(crate) fn cell_of_type(self, ty: RefType, core: &StoreCore) -> Result<u64, Error> {
        let cell = self.cell(core.id)?;
        if self.ty().heap_type() == ty.heap_type().top() && core.ref_matches(cell, ty) {
            return Ok(cell);
        }
        let found = match self {
            _ if self.is_null() => RefType::new(true, self.ty().heap_type().bottom()),
            Self::Func(_) => RefType::new(false, core.func_defined(cell).heap_type()),
            _ => self.ty().as_non_null(),
        };
        Err(Error::usage(format!("type mismatch: expected {ty}, found {found}")))
    }

    /// The cell for this reference in the store `id`.
    pub(crate) fn cell(self, id: StoreId) -> Result<u64, Error> {
        match self {
            Self::Func(None) | Self::Extern(None) | Self::Any(None) | Self::Exn(None) => Ok(0),
            Self::Func(Some(func)) => func.cell(id),
            Self::Extern(Some(value)) => value.cell(id),
            Self::Any(Some(AnyRef { store, cell })) | Self::Exn(Some(ExnRef { store, cell })) => {
                if store == id { Ok(cell) } else { Err(wrong_store("a reference")) }
            }
        }
    }
}

impl ExnRef {
    /// The exception that `cell`, not null, refers to in the store `id`.
    pub(crate) fn new_unchecked(cell: u64, id: StoreId) -> Self {
        debug_assert!(cell != 0, "INV-HANDLE: a handle names an exception");
        Self { store: id, cell }
    }

    /// The cell for this reference in the store `id`.
    pub(crate) fn cell(self, id: StoreId) -> Result<u64, Error> {
        if self.store == id { Ok(self.cell) } else { Err(wrong_store("an exception")) }
    }
}

impl AnyRef {
    /// The most particular type that it is of; [`HeapType::Any`] for a value of the host's that was converted.
    pub fn ty(&self, store: impl AsContext) -> HeapType {
        let core = &store.as_context().inner.core;
        assert_store(core, self.store, "a reference");
        core.heap_type_of(self.cell)
    }

    /// The external reference as one of the type `any`, which is what `any.convert_extern` gives.
    pub fn convert_extern(external: ExternRef) -> Self {
        Self { store: external.store, cell: external.cell }
    }
}

impl ExternRef {
    /// The reference as an external one, which is what `extern.convert_any` gives.
    pub fn convert_any(any: AnyRef) -> Self {
        Self { store: any.store, cell: any.cell }
    }

    /// Whether it is to a value of the host's, and not to something else that was converted.
    pub fn is_host(&self) -> bool {
        self.cell & TAG_MASK == TAG_EXTERN
    }
}

impl ExternRef {
    /// Gives `value` to the store and makes a reference to it.
    ///
    /// # Panics
    ///
    /// If the store has 2^32 such values already.
    pub fn new(mut store: impl AsContextMut, value: impl Any + Send + Sync) -> Self {
        let core = &mut store.as_context_mut().inner.core;
        let cell = ExternValues::cell(core.externs.add(Box::new(value)));
        core.roots.add(cell);
        Self { store: core.id, cell }
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// If `store` is not the one that the reference was made with.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a (dyn Any + Send + Sync) {
        let core = &store.into().inner.core;
        assert_store(core, self.store, "an external reference");
        core.externs.get(ExternValues::addr(self.cell))
    }

    /// What a cell of the store `id` refers to; `None` for null.
    pub(crate) fn from_cell(cell: u64, id: StoreId) -> Option<Self> {
        (cell != 0).then_some(Self { store: id, cell })
    }

    /// The cell for this reference in the store `id`.
    pub(crate) fn cell(self, id: StoreId) -> Result<u64, Error> {
        if self.store != id {
            return Err(wrong_store("an external reference"));
        }
        Ok(self.cell)
    }
}

impl From<Func> for Ref {
    fn from(func: Func) -> Self {
        Self::Func(Some(func))
    }
}

impl From<Option<Func>> for Ref {
    fn from(func: Option<Func>) -> Self {
        Self::Func(func)
    }
}

impl From<ExternRef> for Ref {
    fn from(value: ExternRef) -> Self {
        Self::Extern(Some(value))
    }
}

impl From<Option<ExternRef>> for Ref {
    fn from(value: Option<ExternRef>) -> Self {
        Self::Extern(value)
    }
}
