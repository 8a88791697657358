//! References: to functions and to values of the host's.
//!
//! In go handles, out come cells, and back. Always: what a handle refers to is kept until the handle's scope ends, and
//! after that the handle is refused ([`RootNumber`]).

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use core::any::Any;
use core::marker::PhantomData;

use super::context::{AsContext, AsContextMut, StoreContext};
use super::func::Func;
use super::store::wrong_store;
use crate::error::Error;
use crate::isa::object::{TAG_EXTERN, TAG_MASK};
use crate::runtime::{ExternValues, RootNumber, StoreCore, StoreId};
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
///
/// A handle made in a host function is good until that function returns, and others as long as the store, unless they are
/// made in a [`Store::root_scope`](crate::Store::root_scope). [`AnyRef::to_owned_ref`] makes one that lives as long as is
/// wanted.
///
/// ```
/// use wapiti::{AnyRef, Engine, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///       (type $point (struct (field i32 i32)))
///       (func (export "point") (result anyref) (struct.new $point (i32.const 3) (i32.const 4)))
///       (func (export "number") (result anyref) (ref.i31 (i32.const 5))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let point = instance.get_typed_func::<(), Option<AnyRef>>(&mut store, "point")?.call(&mut store, ())?.unwrap();
/// let structure = point.as_struct(&store)?.unwrap();
/// assert_eq!(structure.field(&mut store, 1)?.unwrap_i32(), 4);
/// let number = instance.get_typed_func::<(), Option<AnyRef>>(&mut store, "number")?.call(&mut store, ())?.unwrap();
/// assert_eq!(number.as_i31(&store)?.map(|value| value.get_i32()), Some(5));
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AnyRef {
    store: StoreId,
    /// Of a reference that is not null.
    root: RootNumber,
}

/// Keeps what a reference refers to until it and its clones are dropped.
#[derive(Clone, Debug)]
pub struct OwnedRef<R> {
    store: StoreId,
    cell: u64,
    _alive: Arc<()>,
    kind: PhantomData<fn() -> R>,
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
/// A handle made in a host function is good until that function returns, and others as long as the store, unless they are
/// made in a [`Store::root_scope`](crate::Store::root_scope). The value lives as long as a handle or the guest refers to it.
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
    /// Of a reference that is not null.
    root: RootNumber,
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

    /// What the guest has allocated, or a small integer: of an `anyref` that is not null.
    pub fn as_any(&self) -> Option<AnyRef> {
        match *self {
            Self::Any(value) => value,
            _ => None,
        }
    }

    /// The exception of an `exnref` that is not null.
    pub fn as_exn(&self) -> Option<ExnRef> {
        match *self {
            Self::Exn(value) => value,
            _ => None,
        }
    }

    /// What a cell of the store `core` refers to, which is kept for the handle.
    pub(crate) fn from_cell(ty: RefType, cell: u64, core: &StoreCore) -> Self {
        match ty.heap_type().top() {
            HeapType::Func => Self::Func(Func::from_cell(cell, core)),
            HeapType::Extern => Self::Extern(ExternRef::from_cell(cell, core)),
            HeapType::Exn => Self::Exn((cell != 0).then_some(ExnRef { store: core.id, cell })),
            _ => Self::Any(AnyRef::from_cell(cell, core)),
        }
    }

    /// The cell for this reference in the store `core`, where a value of type `ty` is expected.
    pub(crate) fn cell_of_type(self, ty: RefType, core: &StoreCore) -> Result<u64, Error> {
        let cell = self.cell(core)?;
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

    /// The cell for this reference in the store `core`.
    pub(crate) fn cell(self, core: &StoreCore) -> Result<u64, Error> {
        match self {
            Self::Func(None) | Self::Extern(None) | Self::Any(None) | Self::Exn(None) => Ok(0),
            Self::Func(Some(func)) => func.cell(core),
            Self::Extern(Some(value)) => value.cell(core),
            Self::Any(Some(value)) => value.cell(core),
            Self::Exn(Some(value)) => value.cell(core.id),
        }
    }
}

/// The cell of a root of the store `id`, in the store `core`.
fn rooted_cell(core: &StoreCore, id: StoreId, root: RootNumber) -> Result<u64, Error> {
    if core.id != id {
        return Err(wrong_store("a reference"));
    }
    core.roots
        .get(root)
        .ok_or_else(|| Error::usage("a reference was used after the end of the scope it was made in"))
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

/// What handles to references that are collected have in common.
macro_rules! rooted {
    ($($ty:ident)*) => {$(
        impl $ty {
            /// A handle that keeps what it refers to until it is dropped, in whatever scope that is.
            ///
            /// # Errors
            ///
            /// [`Usage`](crate::ErrorKind::Usage) if the scope that this handle was made in has ended, or `store` is
            /// not the one that it was made with.
            pub fn to_owned_ref(&self, store: impl AsContext) -> Result<OwnedRef<Self>, Error> {
                let core = &store.as_context().inner.core;
                Ok(OwnedRef::new(self.cell(core)?, core))
            }
        }

        impl OwnedRef<$ty> {
            /// A handle for the scope that is current.
            ///
            /// # Errors
            ///
            /// [`Usage`](crate::ErrorKind::Usage) if `store` is not the one that the reference is of.
            pub fn to_ref(&self, mut store: impl AsContextMut) -> Result<$ty, Error> {
                let core = &mut store.as_context_mut().inner.core;
                Ok($ty::from_cell(self.cell(core)?, core).expect("what is owned is not null"))
            }
        }
    )*};
}
pub(super) use rooted;

rooted! { AnyRef ExternRef }

/// How the cells of handles are found that are a root's number themselves.
macro_rules! cells_of_roots {
    ($($ty:ident)*) => {$(
        impl $ty {
            /// What a cell of the store `core` refers to, which is kept for the handle; `None` for null.
            pub(crate) fn from_cell(cell: u64, core: &StoreCore) -> Option<Self> {
                (cell != 0).then(|| Self { store: core.id, root: core.roots.add(cell) })
            }

            /// The cell for this reference in the store `core`.
            pub(crate) fn cell(self, core: &StoreCore) -> Result<u64, Error> {
                rooted_cell(core, self.store, self.root)
            }
        }
    )*};
}

cells_of_roots! { AnyRef ExternRef }

impl<R> OwnedRef<R> {
    /// Keeps what `cell`, not null, refers to in the store `core`.
    pub(super) fn new(cell: u64, core: &StoreCore) -> Self {
        Self { store: core.id, cell, _alive: core.roots.own(cell), kind: PhantomData }
    }

    /// The cell for this reference in the store `core`.
    pub(super) fn cell(&self, core: &StoreCore) -> Result<u64, Error> {
        if self.store == core.id { Ok(self.cell) } else { Err(wrong_store("a reference")) }
    }
}

impl AnyRef {
    /// The most particular type that it is of; [`HeapType::Any`] for a value of the host's that was converted.
    ///
    /// # Panics
    ///
    /// If `store` is not the one that the reference is of, or the scope that the handle was made in has ended.
    pub fn ty(&self, store: impl AsContext) -> HeapType {
        let core = &store.as_context().inner.core;
        core.heap_type_of(self.expect_cell(core))
    }

    /// The external reference as one of the type `any`, which is what `any.convert_extern` gives.
    pub fn convert_extern(external: ExternRef) -> Self {
        Self { store: external.store, root: external.root }
    }

    /// Whether two references are to the same thing, as `ref.eq` has it: to one object, or to equal small integers
    /// ([spec](https://webassembly.github.io/spec/core/exec/instructions.html#reference-instructions)).
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if one is of another store, or the scope that its handle was made in has ended.
    pub fn ref_eq(store: impl AsContext, a: &Self, b: &Self) -> Result<bool, Error> {
        let core = &store.as_context().inner.core;
        Ok(a.cell(core)? == b.cell(core)?)
    }

    #[track_caller]
    fn expect_cell(self, core: &StoreCore) -> u64 {
        self.cell(core).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl ExternRef {
    /// The reference as an external one, which is what `extern.convert_any` gives.
    pub fn convert_any(any: AnyRef) -> Self {
        Self { store: any.store, root: any.root }
    }

    /// Whether it is to a value of the host's, and not to something else that was converted.
    ///
    /// # Panics
    ///
    /// As for [`data`](Self::data).
    pub fn is_host(&self, store: impl AsContext) -> bool {
        let core = &store.as_context().inner.core;
        AnyRef::convert_extern(*self).expect_cell(core) & TAG_MASK == TAG_EXTERN
    }

    /// Gives `value` to the store and makes a reference to it. If there are many, those that nothing refers to any more are
    /// dropped first.
    ///
    /// # Panics
    ///
    /// If the store has 2^32 such values already.
    pub fn new(mut store: impl AsContextMut, value: impl Any + Send + Sync) -> Self {
        let core = &mut store.as_context_mut().inner.core;
        if core.externs.is_full() {
            core.collect();
        }
        let cell = ExternValues::cell(core.externs.add(Box::new(value)));
        Self { store: core.id, root: core.roots.add(cell) }
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// If `store` is not the one that the reference was made with, the scope that the handle was made in has ended, or
    /// it is no reference to a value of the host's ([`is_host`](Self::is_host)).
    #[track_caller]
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a (dyn Any + Send + Sync) {
        let core = &store.into().inner.core;
        let cell = AnyRef::convert_extern(*self).expect_cell(core);
        assert!(cell & TAG_MASK == TAG_EXTERN, "the reference is to something of the guest's");
        core.externs.get(ExternValues::addr(cell))
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

impl From<AnyRef> for Ref {
    fn from(value: AnyRef) -> Self {
        Self::Any(Some(value))
    }
}

impl From<Option<AnyRef>> for Ref {
    fn from(value: Option<AnyRef>) -> Self {
        Self::Any(value)
    }
}
