//! Stitch, which translates at the first call. If a host function fails, it aborts the process, so there is nothing
//! here to stop a guest with: `host.add` is the only import.

use anyhow::{Result, anyhow, bail};
use makepad_stitch::{Engine, Error, Func, Instance, Linker, Module, Store, Val};

pub struct StitchEngine;

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

    fn start(&mut self) -> bool {
        // It could not be stopped.
        false
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
    for ((module_name, name), _) in module.imports() {
        if (module_name, name) != ("host", "add") {
            bail!("`{name}` is imported, which would have to stop the guest");
        }
        linker.define(module_name, name, Func::wrap(store, |a: i32, b: i32| a.wrapping_add(b)));
    }
    Ok(linker)
}

fn failed(error: Error) -> anyhow::Error {
    anyhow!("{error}")
}
