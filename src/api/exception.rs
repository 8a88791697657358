//! Exceptions, as the host throws and sees them.
//!
//! In go a tag and values, out comes an exception: as a reference that a guest can hold, or as an error that a host
//! function returns, which goes on through the guest's frames until something catches it. What no frame catches comes out
//! of the call as such an error again.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::context::{AsContext, AsContextMut, StoreContextMut};
use super::refs::ExnRef;
use super::store::{Store, StoreInner, wrong_store};
use super::tag::Tag;
use super::val::Val;
use crate::error::{Error, ErrorKind, ThrownException};
use crate::runtime::{Exception, StoreCore};

impl ExnRef {
    /// An exception with `tag` and the values that the tag's type demands
    /// ([spec](https://webassembly.github.io/spec/core/exec/runtime.html#exception-instances)).
    ///
    /// The handle may be used as long as its store lives, and the exception is kept as long. [`Tag::exception`] makes
    /// one that is freed once it has been caught.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if the values do not fit the tag's type, or something is of another store.
    pub fn new(mut store: impl AsContextMut, tag: &Tag, fields: &[Val]) -> Result<Self, Error> {
        let core = &mut store.as_context_mut().inner.core;
        let exception = make(core, tag, fields)?;
        Ok(Self::keep(core, exception))
    }

    /// The exception's tag.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if it is of another store.
    pub fn tag(&self, store: impl AsContext) -> Result<Tag, Error> {
        let core = &store.as_context().inner.core;
        Ok(Tag::new_unchecked(self.exception(core)?.tag, core.id))
    }

    /// The values that the exception carries.
    ///
    /// # Errors
    ///
    /// As for [`tag`](Self::tag).
    pub fn fields(&self, mut store: impl AsContextMut) -> Result<Vec<Val>, Error> {
        let core = &mut store.as_context_mut().inner.core;
        let exception = Arc::clone(self.exception(core)?);
        Ok(fields_of(core, &exception))
    }

    fn exception(self, core: &StoreCore) -> Result<&Arc<Exception>, Error> {
        let cell = self.cell(core.id)?;
        Ok(core.exceptions.get(cell).expect("a handle is not null"))
    }

    /// A handle to an exception, which is kept for it.
    fn keep(core: &mut StoreCore, exception: Arc<Exception>) -> Self {
        let cell = core.add_exception(exception);
        core.exceptions.pin(cell);
        Self::new_unchecked(cell, core.id)
    }
}

impl Tag {
    /// An exception with this tag, for a host function to return as its error.
    ///
    /// ```
    /// use wapiti::{Caller, Engine, Error, FuncType, Instance, Module, Store, Tag, TagType, Val, ValType};
    /// use wapiti::{Extern, Func};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///       (import "host" "e" (tag $e (param i32)))
    ///       (import "host" "f" (func $f))
    ///       (func (export "run") (result i32)
    ///         (block $caught (result i32)
    ///           (try_table (catch $e $caught) (call $f))
    ///           (i32.const 0))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let tag = Tag::new(&mut store, &TagType::new(FuncType::new([ValType::I32], [])))?;
    /// let throws = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| -> Result<(), Error> {
    ///     Err(tag.exception(&mut caller, &[Val::I32(42)])?.into())
    /// });
    /// let instance = Instance::new(&mut store, &module, &[tag.into(), throws.into()])?;
    /// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    /// assert_eq!(run.call(&mut store, ())?, 42);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if the values do not fit the tag's type, or something is of another store.
    pub fn exception(&self, mut store: impl AsContextMut, fields: &[Val]) -> Result<ThrownException, Error> {
        let core = &mut store.as_context_mut().inner.core;
        let exception = make(core, self, fields)?;
        Ok(core.throw_to_host(exception))
    }
}

impl ThrownException {
    /// The exception's tag.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if it is of another store.
    pub fn tag(&self, store: impl AsContext) -> Result<Tag, Error> {
        let core = &store.as_context().inner.core;
        Ok(Tag::new_unchecked(self.exception(core)?.tag, core.id))
    }

    /// The values that the exception carries.
    ///
    /// ```
    /// use wapiti::{Engine, Instance, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///       (tag $e (export "e") (param i32 f64))
    ///       (func (export "run") (throw $e (i32.const 7) (f64.const 0.5))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let error = instance.get_func(&store, "run").unwrap().call(&mut store, &[], &mut []).unwrap_err();
    /// assert_eq!(error.to_string(), "uncaught exception: tag `e` (i32 7, f64 0.5)");
    /// let exception = error.exception().unwrap();
    /// assert_eq!(Some(exception.tag(&store)?), instance.get_tag(&store, "e"));
    /// assert_eq!(exception.fields(&mut store)?[0].unwrap_i32(), 7);
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`tag`](Self::tag).
    pub fn fields(&self, mut store: impl AsContextMut) -> Result<Vec<Val>, Error> {
        let core = &mut store.as_context_mut().inner.core;
        let exception = self.exception(core)?;
        Ok(fields_of(core, &exception))
    }

    /// A reference to the exception, which keeps it as long as the store lives.
    ///
    /// # Errors
    ///
    /// As for [`tag`](Self::tag).
    pub fn to_ref(&self, mut store: impl AsContextMut) -> Result<ExnRef, Error> {
        let core = &mut store.as_context_mut().inner.core;
        let exception = self.exception(core)?;
        Ok(ExnRef::keep(core, exception))
    }

    fn exception(&self, core: &StoreCore) -> Result<Arc<Exception>, Error> {
        core.exception_of(self).ok_or_else(|| wrong_store("an exception"))
    }
}

impl From<ThrownException> for Error {
    fn from(exception: ThrownException) -> Self {
        ErrorKind::Exception(exception).into()
    }
}

impl<T: 'static> Store<T> {
    /// The error that throws `exception`, for a host function to return.
    ///
    /// # Errors
    ///
    /// Always: that error, or [`Usage`](ErrorKind::Usage) if the exception is of another store.
    pub fn throw<R>(&mut self, exception: ExnRef) -> Result<R, Error> {
        throw(self.as_context_mut().inner, exception)
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// As [`Store::throw`].
    ///
    /// # Errors
    ///
    /// As [`Store::throw`].
    pub fn throw<R>(&mut self, exception: ExnRef) -> Result<R, Error> {
        throw(self.inner, exception)
    }
}

fn throw<T: 'static, R>(inner: &mut StoreInner<T>, exception: ExnRef) -> Result<R, Error> {
    let exception = Arc::clone(exception.exception(&inner.core)?);
    Err(inner.core.throw_to_host(exception).into())
}

fn make(core: &StoreCore, tag: &Tag, fields: &[Val]) -> Result<Arc<Exception>, Error> {
    let addr = tag.addr(core.id)?;
    let ty = core.tags[addr.index()].ty();
    let mut payload = alloc::vec![0; ty.param_cells() as usize];
    Val::store_all(fields, ty.params(), &mut payload, core, "value")?;
    Ok(Arc::new(Exception::new(addr, payload.into())))
}

fn fields_of(core: &mut StoreCore, exception: &Exception) -> Vec<Val> {
    let ty = core.tags[exception.tag.index()].ty().clone();
    core.pin_exceptions(ty.params(), &exception.payload);
    Val::load_all(ty.params(), &exception.payload, core).collect()
}
