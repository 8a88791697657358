//! Globals, as the host reads and writes them.
//!
//! In go values, out come values. Always: the value is of the global's type and of its store.

use super::context::{AsContext, AsContextMut};
use super::store::{assert_store, check_store, retain, wrong_store};
use super::val::Val;
use crate::error::Error;
use crate::runtime::{GlobalCell, StoreId};
use crate::types::{GlobalAddr, GlobalType, Mutability};

/// A global of a store's.
///
/// ```
/// use wapiti::{Engine, Global, GlobalType, Mutability, Store, Val, ValType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType::new(ValType::I64, Mutability::Var);
/// let global = Global::new(&mut store, ty, Val::I64(1))?;
/// global.set(&mut store, Val::I64(2))?;
/// assert_eq!(global.get(&mut store).unwrap_i64(), 2);
/// assert!(global.set(&mut store, Val::I32(3)).is_err());
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Global {
    store: StoreId,
    addr: GlobalAddr,
}

impl Global {
    /// A global of type `ty` with the given value.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if the value is not of the global's type, or of another store, or the type
    /// refers to a [`DefinedType`](crate::DefinedType) that is no more.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().inner.core;
        retain(core, ty.content())?;
        let mut cell = GlobalCell([0; 2]);
        value.store(ty.content(), &mut cell.0, core)?;
        Ok(Self { store: core.id, addr: core.add_global(ty, cell) })
    }

    /// The global's type.
    ///
    /// # Panics
    ///
    /// If `store` is not the global's store.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let core = &store.as_context().inner.core;
        assert_store(core, self.store, "a global");
        core.globals.ty(self.addr)
    }

    /// The global's value.
    ///
    /// # Panics
    ///
    /// If `store` is not the global's store.
    pub fn get(&self, store: impl AsContext) -> Val {
        let core = &store.as_context().inner.core;
        assert_store(core, self.store, "a global");
        let (ty, cell) = (core.globals.ty(self.addr).content(), core.globals.get(self.addr));
        core.pin_exceptions(&[ty], &cell.0);
        Val::load(ty, &cell.0, core)
    }

    /// Sets the global's value.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if the global is constant, the value is not of its type, or something is
    /// of another store.
    pub fn set(&self, mut store: impl AsContextMut, value: Val) -> Result<(), Error> {
        let core = &mut store.as_context_mut().inner.core;
        check_store(core, self.store, "a global")?;
        let ty = core.globals.ty(self.addr);
        if ty.mutability() == Mutability::Const {
            return Err(Error::usage("a constant global cannot be set"));
        }
        let mut cell = GlobalCell([0; 2]);
        value.store(ty.content(), &mut cell.0, core)?;
        core.globals.set(self.addr, cell);
        Ok(())
    }

    pub(crate) fn new_unchecked(addr: GlobalAddr, id: StoreId) -> Self {
        Self { store: id, addr }
    }

    /// The global's address in the store `id`.
    pub(crate) fn addr(self, id: StoreId) -> Result<GlobalAddr, Error> {
        if self.store == id { Ok(self.addr) } else { Err(wrong_store("a global")) }
    }
}
