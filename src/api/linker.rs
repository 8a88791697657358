//! The linker: definitions by name, looked up for a module's imports.
//!
//! In go host functions, entities of a store's and whole instances, each under two names; out come instances. Host
//! functions are no store's until a module that imports them is instantiated, so that one linker serves many stores.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::caller::Caller;
use super::context::{AsContext, AsContextMut};
use super::engine::Engine;
use super::extern_item::Extern;
use super::host_def::HostDef;
use super::instance::{Instance, InstancePre};
use super::into_func::IntoFunc;
use super::module::{ImportType, Module};
use super::store::StoreInner;
use super::val::Val;
use crate::error::{Error, ErrorKind};
use crate::runtime::ExternVal;
use crate::types::FuncType;

/// Definitions for the imports of modules, by module name and field name.
///
/// ```
/// use wapiti::{Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "one", || 1)?;
///
/// let mut store = Store::new(&engine, ());
/// let library = Module::new(&engine, r#"
///     (module (import "host" "one" (func $one (result i32)))
///       (func (export "two") (result i32) (i32.add (call $one) (call $one))))
/// "#)?;
/// let library = linker.instantiate(&mut store, &library)?;
/// linker.instance(&mut store, "library", library)?;
///
/// let main = Module::new(&engine, r#"
///     (module (import "library" "two" (func $two (result i32))) (export "main" (func $two)))
/// "#)?;
/// let main = linker.instantiate(&mut store, &main)?;
/// assert_eq!(main.get_typed_func::<(), i32>(&mut store, "main")?.call(&mut store, ())?, 2);
/// # Ok::<(), wapiti::Error>(())
/// ```
pub struct Linker<T: 'static> {
    engine: Engine,
    allow_shadowing: bool,
    /// By module name, then by field name, so that looking up allocates nothing.
    definitions: BTreeMap<Box<str>, BTreeMap<Box<str>, Definition<T>>>,
}

/// What a name stands for.
pub(crate) enum Definition<T: 'static> {
    /// A host function, for any store.
    Host(HostDef<T>),
    /// Something that is in a store already.
    Item(Extern),
}

impl<T: 'static> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone(), allow_shadowing: false, definitions: BTreeMap::new() }
    }

    /// The engine that the linker was made with.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Sets whether a name may be defined again, which replaces the earlier definition. Off at first.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    /// Defines `module` `name` to be `item`. Only instantiations in the same store can use it.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if the name is defined already and shadowing is not allowed, or if `item` is of
    /// another store than `store`.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self, Error> {
        let item = item.into();
        item.check_store(store.as_context().inner.core.id)?;
        self.insert(module, name, Definition::Item(item))
    }

    /// Defines `module` `name` to be a closure: see [`IntoFunc`] for which closures will do.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if the name is defined already and shadowing is not allowed.
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<&mut Self, Error> {
        let func = func.into_host_def(&self.engine);
        self.insert(module, name, Definition::Host(func))
    }

    /// Defines `module` `name` to be a host function whose type is known only at run time: see
    /// [`Func::new`](crate::Func::new).
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if the name is defined already and shadowing is not allowed, or `ty` refers to a
    /// [`DefinedType`](crate::DefinedType) that is no more.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        let func = HostDef::dynamic(&self.engine, ty, func)?;
        self.insert(module, name, Definition::Host(func))
    }

    /// Defines all exports of `instance` under `module_name`. Only instantiations in the same store can use them.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if one of the names is defined already and shadowing is not allowed.
    ///
    /// # Panics
    ///
    /// If `store` is not the instance's store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        instance: Instance,
    ) -> Result<&mut Self, Error> {
        for export in instance.exports(store.as_context_mut()) {
            self.insert(module_name, export.name(), Definition::Item(export.into_extern()))?;
        }
        Ok(self)
    }

    /// Defines `as_module` `as_name` to be what `module` `name` is.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if there is no `module` `name`, or the new name is defined already and shadowing
    /// is not allowed.
    pub fn alias(
        &mut self,
        module: &str,
        name: &str,
        as_module: &str,
        as_name: &str,
    ) -> Result<&mut Self, Error> {
        let definition = self.lookup(module, name).cloned();
        let definition =
            definition.ok_or_else(|| Error::usage(format!("`{module}` `{name}` has not been defined")))?;
        self.insert(as_module, as_name, definition)
    }

    /// Defines everything that is defined under `module` under `as_module` as well.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if one of the names is defined already and shadowing is not allowed.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<&mut Self, Error> {
        for (name, definition) in self.definitions.get(module).cloned().unwrap_or_default() {
            self.insert(as_module, &name, definition)?;
        }
        Ok(self)
    }

    /// Defines each function that `module` imports and that has no definition yet as one that fails with an
    /// [`UnknownImport`](ErrorKind::UnknownImport) error when it is called.
    ///
    /// # Errors
    ///
    /// None at present; the `Result` is there so that calls can be chained like the others.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<&mut Self, Error> {
        for import in module.imports() {
            let Some(ty) = import.func_type() else { continue };
            if self.lookup(import.module(), import.name()).is_some() {
                continue;
            }
            let (module_name, name) = (import.module().to_string(), import.name().to_string());
            let expected = import.ty().to_string();
            let func = HostDef::new(ty.clone(), move |_caller, _cells| {
                Err(unknown_import(module_name.clone(), name.clone(), expected.clone()))
            });
            self.insert(import.module(), import.name(), Definition::Host(func))?;
        }
        Ok(self)
    }

    /// What `module` `name` is defined as. A host function is added to the store for this.
    ///
    /// `None` as well if the definition is of another store than `store`.
    pub fn get(&self, mut store: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern> {
        let inner = store.as_context_mut().inner;
        let item = self.lookup(module, name)?.item(inner).ok()?;
        Some(Extern::new(&inner.core, item))
    }

    /// Instantiates `module` with the definitions for its imports, and runs its start function.
    ///
    /// # Errors
    ///
    /// [`UnknownImport`](ErrorKind::UnknownImport) if one has no definition, and as [`Instance::new`].
    pub fn instantiate(
        &self,
        store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance, Error> {
        self.instantiate_pre(module)?.instantiate(store)
    }

    /// Looks up the definitions for the imports of `module` once, for many instantiations.
    ///
    /// ```
    /// use wapiti::{Engine, Linker, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let mut linker = Linker::new(&engine);
    /// linker.func_wrap("host", "next", |n: i64| n + 1)?;
    /// let module = Module::new(&engine, r#"(module (import "host" "next" (func (param i64) (result i64))))"#)?;
    /// let ready = linker.instantiate_pre(&module)?;
    /// for _ in 0..3 {
    ///     ready.instantiate(&mut Store::new(&engine, ()))?;
    /// }
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UnknownImport`](ErrorKind::UnknownImport) if one has no definition. Types are checked by
    /// [`InstancePre::instantiate`], because those of memories and tables depend on their size at that time.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>, Error> {
        let imports = module.imports();
        let mut definitions = Vec::with_capacity(imports.len());
        for import in imports {
            definitions.push(self.resolve(&import)?);
        }
        Ok(InstancePre::new(module.clone(), definitions.into()))
    }

    fn resolve(&self, import: &ImportType<'_>) -> Result<Definition<T>, Error> {
        self.lookup(import.module(), import.name()).cloned().ok_or_else(|| {
            unknown_import(import.module().to_string(), import.name().to_string(), import.ty().to_string())
        })
    }

    fn lookup(&self, module: &str, name: &str) -> Option<&Definition<T>> {
        self.definitions.get(module)?.get(name)
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition<T>) -> Result<&mut Self, Error> {
        if !self.allow_shadowing && self.lookup(module, name).is_some() {
            return Err(Error::usage(format!("`{module}` `{name}` is defined twice")));
        }
        match self.definitions.get_mut(module) {
            Some(names) => _ = names.insert(name.into(), definition),
            None => _ = self.definitions.insert(module.into(), BTreeMap::from([(name.into(), definition)])),
        }
        Ok(self)
    }
}

impl<T: 'static> Definition<T> {
    /// What this is in `store`.
    pub(crate) fn item(&self, store: &mut StoreInner<T>) -> Result<ExternVal, Error> {
        match self {
            Self::Host(func) => Extern::Func(func.share_with(store)).item(&mut store.core),
            Self::Item(item) => item.item(&mut store.core),
        }
    }
}

fn unknown_import(module: String, name: String, expected: String) -> Error {
    ErrorKind::UnknownImport { module, name, expected }.into()
}

impl<T: 'static> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            allow_shadowing: self.allow_shadowing,
            definitions: self.definitions.clone(),
        }
    }
}

impl<T: 'static> Clone for Definition<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Host(func) => Self::Host(func.clone()),
            Self::Item(item) => Self::Item(item.clone()),
        }
    }
}
