//! Stitch. Its host functions have types known at compile time, so a module is refused that imports a function of a
//! type which WASI preview 1 does not have. It translates at the first call.

use std::panic::{self, AssertUnwindSafe, catch_unwind};

use anyhow::{Result, anyhow, bail};
use makepad_stitch::ValType::{I32, I64};
use makepad_stitch::{
    Engine, Error, ExternType, Func, FuncType, Instance, InstantiateError, Linker, Module, Store, Val,
};

use super::stop;

pub struct StitchEngine;

impl StitchEngine {
    /// Silences panics within Stitch: see `start`.
    pub fn new() -> Self {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !panic.location().is_some_and(|place| place.file().contains("makepad-stitch")) {
                report(panic);
            }
        }));
        Self
    }
}

struct StitchModule {
    engine: Engine,
    module: std::rc::Rc<Module>,
}

struct StitchInstance {
    module: std::rc::Rc<Module>,
    linker: Linker,
    store: Store,
    instance: Instance,
}

impl super::Engine for StitchEngine {
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn super::Module>> {
        let engine = Engine::new();
        let module = Module::new(&engine, bytes).map_err(|error| anyhow!("{error}"))?.into();
        Ok(Box::new(StitchModule { engine, module }))
    }
}

impl super::Module for StitchModule {
    fn instantiate(&self) -> Result<Box<dyn super::Instance>> {
        let mut store = Store::new(self.engine.clone());
        let linker = link(&mut store, &self.module)?;
        let instance = linker.instantiate(&mut store, &self.module).map_err(failed)?;
        Ok(Box::new(StitchInstance { module: self.module.clone(), linker, store, instance }))
    }
}

impl super::Instance for StitchInstance {
    fn again(&mut self) -> Result<()> {
        self.linker.instantiate(&mut self.store, &self.module).map_err(failed)?;
        Ok(())
    }

    fn start(&mut self) -> Result<()> {
        let start = self.exported("_start")?;
        // Stitch takes the error of a host function that the guest has called, finds none, and panics.
        let outcome = catch_unwind(AssertUnwindSafe(|| start.call(&mut self.store, &[], &mut [])));
        outcome.map_err(|_| anyhow!("panicked"))?.map_err(failed)
    }

    fn call(&mut self, export: &str, arg: i32) -> Result<i32> {
        let mut results = [Val::I32(0)];
        self.exported(export)?.call(&mut self.store, &[Val::I32(arg)], &mut results).map_err(failed)?;
        results[0].to_i32().ok_or_else(|| anyhow!("`{export}` returns no i32"))
    }

    fn add_often(&mut self, count: i32) -> Result<i32> {
        let add = self.exported("add")?;
        let mut sum = [Val::I32(0)];
        for n in (1..=count).rev() {
            let args = [sum[0], Val::I32(n)];
            add.call(&mut self.store, &args, &mut sum).map_err(failed)?;
        }
        sum[0].to_i32().ok_or_else(|| anyhow!("`add` returns no i32"))
    }
}

impl StitchInstance {
    fn exported(&self, name: &str) -> Result<Func> {
        self.instance.exported_func(name).ok_or_else(|| anyhow!("there is no exported function `{name}`"))
    }
}

fn link(store: &mut Store, module: &Module) -> Result<Linker> {
    let mut linker = Linker::new();
    for ((module_name, name), ty) in module.imports() {
        let ExternType::Func(ty) = ty else { continue };
        let func = if (module_name, name) == ("host", "add") {
            Func::wrap(store, |a: i32, b: i32| a.wrapping_add(b))
        } else {
            stopping(store, name, &ty)?
        };
        linker.define(module_name, name, func);
    }
    Ok(linker)
}

/// A function of type `ty` that stops the guest.
fn stopping(store: &mut Store, name: &str, ty: &FuncType) -> Result<Func> {
    let name = name.to_owned();
    macro_rules! choose {
        ($($params:pat, $results:pat => ($($arg:ty),*) -> $ret:ty;)*) => {
            Ok(match (ty.params(), ty.results()) {
                $(($params, $results) => Func::wrap(store, move |$(_: $arg),*| -> Result<$ret, Error> {
                    stop(&name);
                    Err(Error::Instantiate(InstantiateError::DefNotFound))
                }),)*
                _ => bail!("a host function of a type that is not provided for: {ty:?}"),
            })
        };
    }
    choose! {
        [], [] => () -> ();
        [], [I32] => () -> (i32,);
        [I32], [] => (i32) -> ();
        [I32], [I32] => (i32) -> (i32,);
        [I32, I32], [] => (i32, i32) -> ();
        [I32, I32], [I32] => (i32, i32) -> (i32,);
        [I32, I32, I32], [I32] => (i32, i32, i32) -> (i32,);
        [I32, I32, I32, I32], [I32] => (i32, i32, i32, i32) -> (i32,);
        [I32, I32, I32, I32, I32], [I32] => (i32, i32, i32, i32, i32) -> (i32,);
        [I32, I32, I32, I32, I32, I32], [I32] => (i32, i32, i32, i32, i32, i32) -> (i32,);
        [I32, I32, I32, I32, I32, I32, I32], [I32] => (i32, i32, i32, i32, i32, i32, i32) -> (i32,);
        [I32, I64, I32], [I32] => (i32, i64, i32) -> (i32,);
        [I32, I64, I32, I32], [I32] => (i32, i64, i32, i32) -> (i32,);
        [I32, I64], [I32] => (i32, i64) -> (i32,);
        [I32, I64, I64], [I32] => (i32, i64, i64) -> (i32,);
        [I32, I64, I64, I32], [I32] => (i32, i64, i64, i32) -> (i32,);
        [I32, I32, I32, I64, I32], [I32] => (i32, i32, i32, i64, i32) -> (i32,);
        [I32, I32, I32, I32, I64, I64, I32], [I32] => (i32, i32, i32, i32, i64, i64, i32) -> (i32,);
        [I32, I32, I32, I32, I32, I64, I64, I32, I32], [I32] =>
            (i32, i32, i32, i32, i32, i64, i64, i32, i32) -> (i32,);
    }
}

fn failed(error: Error) -> anyhow::Error {
    anyhow!("{error}")
}
