//! Instances: made of a module and definitions, asked for exports.
//!
//! In go a module and what it imports; out comes an instance whose start function has run. Everything that an
//! instance allocates belongs to its store and stays, even if instantiation fails half way: by then it may have put
//! its functions into tables of others.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::context::{AsContext, AsContextMut, StoreContextMut};
use super::extern_item::{Export, Extern};
use super::func::Func;
use super::global::Global;
use super::linker::Definition;
use super::memory::Memory;
use super::module::Module;
use super::shared_memory::SharedMemory;
use super::store::{StoreInner, assert_store, check_store};
use super::table::Table;
use super::tag::Tag;
use super::typed::{TypedFunc, WasmParams, WasmResults};
use crate::error::Error;
use crate::runtime::{ExternVal, StoreCore, StoreId};
use crate::types::InstanceAddr;

/// An instance of a [`Module`] in a store.
///
/// ```
/// use wapiti::{Engine, Func, Instance, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///       (import "host" "double" (func $double (param i32) (result i32)))
///       (func (export "quadruple") (param i32) (result i32)
///         (call $double (call $double (local.get 0)))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let double = Func::wrap(&mut store, |n: i32| n.wrapping_mul(2));
/// let instance = Instance::new(&mut store, &module, &[double.into()])?;
/// let quadruple = instance.get_typed_func::<i32, i32>(&mut store, "quadruple")?;
/// assert_eq!(quadruple.call(&mut store, 10)?, 40);
/// # Ok::<(), wapiti::Error>(())
/// ```
///
/// # Panics
///
/// The functions that return an `Option` or an iterator panic if they are given another store than the instance's.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    store: StoreId,
    addr: InstanceAddr,
}

/// A module whose imports a [`Linker`](crate::Linker) has looked up already, to be instantiated many times.
pub struct InstancePre<T: 'static> {
    module: Module,
    definitions: Box<[Definition<T>]>,
}

impl Instance {
    /// Instantiates `module` with a definition for each of its imports, in the order of [`Module::imports`], and
    /// runs its start function ([spec]). [`Linker`](crate::Linker) does the same with definitions by name.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) for a wrong number of imports, or one of another store, or a module of
    /// another engine; [`IncompatibleImport`](crate::ErrorKind::IncompatibleImport) for one of the wrong type;
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory) and [`Limit`](crate::ErrorKind::Limit) for memories and tables
    /// that cannot be had; [`Trap`](crate::ErrorKind::Trap) if an active segment does not fit or the start function
    /// traps, or any error of a host function that it calls. In the last case, what has been written to imported
    /// memories and tables stays written.
    ///
    /// [spec]: https://webassembly.github.io/spec/core/exec/modules.html#instantiation
    pub fn new(mut store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Self, Error> {
        let inner = store.as_context_mut().inner;
        let items = imports.iter().map(|import| import.item(&mut inner.core));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        Self::from_items(inner, module, &items)
    }

    /// As [`new`](Self::new), with definitions that are known to be of this store.
    pub(crate) fn from_items<T: 'static>(
        inner: &mut StoreInner<T>,
        module: &Module,
        items: &[ExternVal],
    ) -> Result<Self, Error> {
        if !super::Engine::same(&inner.engine, module.engine()) {
            return Err(Error::usage("the module was made with another engine than the store"));
        }
        let addr = inner.core.instantiate(module.code(), items)?;
        if let Some(start) = module.info().start {
            let cell = inner.core.instances[addr].func_cell(start);
            // SAFETY: INV-HANDLE: the function is this store's, and validation has seen that a start function has
            // neither parameters nor results.
            unsafe { inner.invoke(cell, Some(addr), &mut [])? };
        }
        Ok(Self { store: inner.core.id, addr })
    }

    /// What the instance exports as `name`.
    pub fn get_export(&self, store: impl AsContext, name: &str) -> Option<Extern> {
        let core = &store.as_context().inner.core;
        assert_store(core, self.store, "an instance");
        self.export(core, name)
    }

    /// The function that the instance exports as `name`.
    pub fn get_func(&self, store: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The function that the instance exports as `name`, with its type known to the compiler.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if there is no such function, or it is of another type, or the instance of
    /// another store.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>, Error> {
        let context = store.as_context();
        let core = &context.inner.core;
        check_store(core, self.store, "an instance")?;
        let func = self.export(core, name).and_then(Extern::into_func);
        let func = func.ok_or_else(|| Error::usage(format!("there is no exported function `{name}`")))?;
        func.typed(context).map_err(|error| Error::usage(format!("function `{name}`: {error}")))
    }

    /// The memory that the instance exports as `name`, if it is not shared.
    pub fn get_memory(&self, store: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The shared memory that the instance exports as `name`.
    pub fn get_shared_memory(&self, store: impl AsContext, name: &str) -> Option<SharedMemory> {
        self.get_export(store, name)?.into_shared_memory()
    }

    /// The table that the instance exports as `name`.
    pub fn get_table(&self, store: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The global that the instance exports as `name`.
    pub fn get_global(&self, store: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// The tag that the instance exports as `name`.
    pub fn get_tag(&self, store: impl AsContext, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }

    /// All exports, in the order of the module.
    pub fn exports<'a, T: 'static, S: Into<StoreContextMut<'a, T>>>(
        &self,
        store: S,
    ) -> impl ExactSizeIterator<Item = Export<'a>> + use<'a, T, S> {
        let core: &'a StoreCore = &store.into().inner.core;
        assert_store(core, self.store, "an instance");
        let instance = &core.instances[self.addr];
        instance
            .module
            .info
            .exports
            .iter()
            .map(|export| Export::new(&export.name, Extern::new(core, instance.item(export.item))))
    }

    fn export(self, core: &StoreCore, name: &str) -> Option<Extern> {
        let item = core.instances[self.addr].export(name)?;
        Some(Extern::new(core, item))
    }
}

impl<T: 'static> InstancePre<T> {
    pub(crate) fn new(module: Module, definitions: Box<[Definition<T>]>) -> Self {
        Self { module, definitions }
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Instantiates the module and runs its start function.
    ///
    /// # Errors
    ///
    /// As [`Instance::new`].
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance, Error> {
        let inner = store.as_context_mut().inner;
        if !super::Engine::same(&inner.engine, self.module.engine()) {
            return Err(Error::usage("the module was made with another engine than the store"));
        }
        let items = self.definitions.iter().map(|definition| definition.item(inner));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        Instance::from_items(inner, &self.module, &items)
    }
}

impl<T: 'static> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        Self { module: self.module.clone(), definitions: self.definitions.clone() }
    }
}
