//! Host functions before they are in a store.
//!
//! In goes a closure over a [`Caller`] and a window of cells, out comes a definition with the type of the store's
//! data in its own type. INV-HOST rests on this file: the closure that the executor calls is only made here, and
//! only ever added to a store whose data has the type that it casts to.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::caller::Caller;
use super::context::AsContext;
use super::engine::Engine;
use super::func::Func;
use super::store::StoreInner;
use super::val::Val;
use crate::error::Error;
use crate::runtime::{HostCall, HostFunc};
use crate::types::{DefinedType, FuncType};

/// A host function for stores with data of type `T`.
pub struct HostDef<T: 'static> {
    func: HostFunc,
    data: PhantomData<fn(&mut T)>,
}

impl<T: 'static> HostDef<T> {
    /// A function of type `defined`, a function type, that `call` implements: it finds the arguments in the window and
    /// leaves the results there. The window is as long as the longer of the two.
    pub(crate) fn new(
        defined: DefinedType,
        call: impl Fn(Caller<'_, T>, &mut [u64]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        let erased = move |host_call: HostCall<'_>| {
            // SAFETY: INV-HOST: this closure is only added to stores with data of type `T`, by the two functions
            // below; the executor passes on the pointer that it was given, and leaves the store alone until the
            // host function is back.
            let inner = unsafe { StoreInner::<T>::from_core(host_call.store) };
            call(Caller::new(inner, host_call.caller), host_call.cells)
        };
        Self { func: HostFunc { defined, call: Arc::new(erased) }, data: PhantomData }
    }

    /// A function of type `ty` that `call` implements with values. Fails if the type refers to one that is no more.
    pub(crate) fn dynamic(
        engine: &Engine,
        ty: FuncType,
        call: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::dynamic_of_type(engine, &DefinedType::func(engine, ty)?, call)
    }

    /// Likewise for a type that there is already. Fails if it is not a function type of this engine.
    pub(crate) fn dynamic_of_type(
        engine: &Engine,
        defined: &DefinedType,
        call: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        defined.check_engine(engine.shared())?;
        let ty = defined.as_func().ok_or_else(|| defined.is_not("a function"))?.clone();
        Ok(Self::new(defined.clone(), move |mut caller, cells| {
            let (param_types, result_types) = (ty.params(), ty.results());
            let mut values = Vec::with_capacity(param_types.len() + result_types.len());
            caller.as_context().inner.core.pin_exceptions(param_types, cells);
            values.extend(Val::load_all(param_types, cells, caller.core()));
            values.extend(result_types.iter().map(|&ty| Val::default_for_ty(ty)));
            let (params, results) = values.split_at_mut(param_types.len());
            call(caller.reborrow(), params, results)?;
            Val::store_all(results, result_types, cells, caller.core(), "result")
                .map_err(|error| Error::usage(format!("a host function of type {ty}: {error}")))
        }))
    }

    /// Adds the function to `store`.
    pub(crate) fn add_to(self, store: &mut StoreInner<T>) -> Func {
        let cell = store.core.add_host_func(self.func);
        Func::new_unchecked(cell, store.core.id)
    }

    /// Adds the function to `store` unless it is there already.
    pub(crate) fn share_with(&self, store: &mut StoreInner<T>) -> Func {
        let cell = store.core.share_host_func(&self.func);
        Func::new_unchecked(cell, store.core.id)
    }
}

impl<T: 'static> Clone for HostDef<T> {
    fn clone(&self) -> Self {
        Self { func: self.func.clone(), data: PhantomData }
    }
}
