//! Functions: made of closures, called with values.
//!
//! In go arguments, checked against the function's type; out come results. A handle names a function of a module
//! or of the host's alike; both are called through the executor.

use super::caller::Caller;
use super::context::{AsContext, AsContextMut};
use super::host_def::HostDef;
use super::into_func::IntoFunc;
use super::store::{assert_store, check_store, wrong_store};
use super::typed::{TypedFunc, WasmParams, WasmResults};
use super::val::Val;
use crate::error::Error;
use crate::runtime::{StoreCore, StoreId};
use crate::types::{DefinedType, FuncType};

/// Windows up to this many cells need no heap allocation in [`Func::call`].
const INLINE_CELLS: usize = 32;

/// A function of a store's: exported by an instance, found in a table, or made from a closure.
///
/// ```
/// use wapiti::{Engine, Func, Store, Val};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let add = Func::wrap(&mut store, |a: i32, b: i32| a.wrapping_add(b));
///
/// let typed = add.typed::<(i32, i32), i32>(&store)?;
/// assert_eq!(typed.call(&mut store, (2, 3))?, 5);
///
/// let mut results = [Val::I32(0)];
/// add.call(&mut store, &[Val::I32(2), Val::I32(3)], &mut results)?;
/// assert_eq!(results[0].unwrap_i32(), 5);
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Func {
    store: StoreId,
    /// A reference cell of that store's, never null (INV-HANDLE).
    cell: u64,
}

impl Func {
    /// A host function whose type is known only at run time.
    ///
    /// The closure is given the arguments, and as many results as the type says, preset to zero and null. For a
    /// type known at compile time, [`wrap`](Self::wrap) is shorter and faster.
    ///
    /// A call fails if the closure returns an error, or leaves a result that is not of the type `ty` says.
    ///
    /// # Panics
    ///
    /// If `ty` refers to a [`DefinedType`] that is no more.
    #[track_caller]
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        let inner = store.as_context_mut().inner;
        match HostDef::dynamic(&inner.engine, ty, func) {
            Ok(func) => func.add_to(inner),
            Err(error) => panic!("{error}"),
        }
    }

    /// A host function of a type that a module or the host has defined, as [`new`](Self::new) otherwise.
    ///
    /// A function of the same parameters and results is not always of the same type: a module may import one whose
    /// type may have subtypes, or belongs to a recursion group. [`ImportType::func_type`](crate::ImportType::func_type)
    /// is the type that such an import asks for.
    ///
    /// ```
    /// use wapiti::{Engine, Func, Instance, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module (type $open (sub (func))) (import "host" "run" (func (type $open))))
    /// "#)?;
    /// let mut store = Store::new(&engine, 0);
    /// let import = module.imports().next().expect("there is one");
    /// let wanted = import.func_type().expect("it is a function");
    /// let run = Func::of_type(&mut store, wanted, |mut caller, _, _| {
    ///     *caller.data_mut() += 1;
    ///     Ok(())
    /// })?;
    /// Instance::new(&mut store, &module, &[run.into()])?;
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if `ty` is not a function type, or belongs to another engine.
    pub fn of_type<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: &DefinedType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let inner = store.as_context_mut().inner;
        Ok(HostDef::dynamic_of_type(&inner.engine, ty, func)?.add_to(inner))
    }

    /// A host function with the type of a closure: see [`IntoFunc`] for which closures will do.
    ///
    /// ```
    /// use wapiti::{Caller, Engine, Error, Func, Store};
    ///
    /// let mut store = Store::new(&Engine::default(), vec![1.5, 2.5]);
    /// let get = Func::wrap(&mut store, |caller: Caller<'_, Vec<f64>>, index: u32| {
    ///     let value = caller.data().get(index as usize).copied();
    ///     value.ok_or_else(|| Error::msg(format!("there is no number {index}")))
    /// });
    /// let get = get.typed::<u32, f64>(&store)?;
    /// assert_eq!(get.call(&mut store, 1)?, 2.5);
    /// assert_eq!(get.call(&mut store, 9).unwrap_err().to_string(), "there is no number 9");
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Self {
        let inner = store.as_context_mut().inner;
        func.into_host_def(&inner.engine).add_to(inner)
    }

    /// The function's type.
    ///
    /// # Panics
    ///
    /// If `store` is not the function's store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let core = &store.as_context().inner.core;
        assert_store(core, self.store, "a function");
        core.func_type(self.cell).clone()
    }

    /// The function's very type, which says more than [`ty`](Self::ty): what its supertypes are, and which references
    /// may refer to it.
    ///
    /// # Panics
    ///
    /// If `store` is not the function's store.
    pub fn defined_type(&self, store: impl AsContext) -> DefinedType {
        let core = &store.as_context().inner.core;
        assert_store(core, self.store, "a function");
        core.func_defined(self.cell).clone()
    }

    /// Calls the function ([spec]).
    ///
    /// `results` must be as long as the function has results; what is in it beforehand does not matter, and stays
    /// if the call fails.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if arguments or results do not fit the function's type or are of another
    /// store. [`Trap`](crate::ErrorKind::Trap) if the guest traps. Whatever error a host function returns.
    ///
    /// [spec]: https://webassembly.github.io/spec/core/exec/modules.html#invocation
    pub fn call(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<(), Error> {
        let inner = store.as_context_mut().inner;
        check_store(&inner.core, self.store, "a function")?;
        let ty = inner.core.func_type(self.cell).clone();
        let (expected, found) = (ty.results().len(), results.len());
        if expected != found {
            return Err(Error::usage(alloc::format!("expected room for {expected} results, found {found}")));
        }
        let window_len = ty.link_cell() as usize;
        let mut inline = [0; INLINE_CELLS];
        let mut heap;
        let cells = if window_len <= INLINE_CELLS {
            &mut inline[..window_len]
        } else {
            heap = alloc::vec![0; window_len];
            &mut heap[..]
        };
        Val::store_all(params, ty.params(), cells, &inner.core, "argument")?;
        // SAFETY: INV-HANDLE: the function is this store's, the window was sized and filled by its type.
        unsafe { inner.invoke(self.cell, None, cells)? };
        inner.core.pin_exceptions(ty.results(), cells);
        for (result, value) in results.iter_mut().zip(Val::load_all(ty.results(), cells, &inner.core)) {
            *result = value;
        }
        Ok(())
    }

    /// The function with its type known to the compiler, which saves checking at each call.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if the function is of another type, or of another store.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>, Error> {
        let core = &store.as_context().inner.core;
        check_store(core, self.store, "a function")?;
        TypedFunc::new(*self, core)
    }

    /// What a cell of the store `core` refers to; `None` for null.
    pub(crate) fn from_cell(cell: u64, core: &StoreCore) -> Option<Self> {
        (cell != 0).then_some(Self { store: core.id, cell })
    }

    /// The function that `cell`, not null, refers to in the store `id`.
    pub(crate) fn new_unchecked(cell: u64, id: StoreId) -> Self {
        debug_assert!(cell != 0, "INV-HANDLE: a handle names a function");
        Self { store: id, cell }
    }

    /// The cell for a reference to this function in the store `core`.
    pub(crate) fn cell(self, core: &StoreCore) -> Result<u64, Error> {
        self.cell_in(core.id)
    }

    /// Likewise, in the store `id`.
    pub(crate) fn cell_in(self, id: StoreId) -> Result<u64, Error> {
        if self.store == id { Ok(self.cell) } else { Err(wrong_store("a function")) }
    }
}
