//! tinywasm, which translates everything when a module is loaded.

use anyhow::{Result, anyhow};
use tinywasm::types::ImportKind;
use tinywasm::{Error, HostFunction, Imports, Module, ModuleInstance, Store};

use super::stop;

pub struct TinywasmEngine;

struct TinywasmModule(Module);

struct TinywasmInstance {
    module: Module,
    imports: Imports,
    store: Store,
    instance: ModuleInstance,
}

impl super::Engine for TinywasmEngine {
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn super::Module>> {
        Ok(Box::new(TinywasmModule(tinywasm::parse_bytes(bytes).map_err(failed)?)))
    }
}

impl super::Module for TinywasmModule {
    fn instantiate(&self) -> Result<Box<dyn super::Instance>> {
        let (module, mut store) = (self.0.clone(), Store::default());
        let imports = link(&mut store, &module);
        let instance =
            ModuleInstance::instantiate(&mut store, &module, Some(imports.clone())).map_err(failed)?;
        Ok(Box::new(TinywasmInstance { module, imports, store, instance }))
    }
}

impl super::Instance for TinywasmInstance {
    fn again(&mut self) -> Result<()> {
        ModuleInstance::instantiate(&mut self.store, &self.module, Some(self.imports.clone()))
            .map_err(failed)?;
        Ok(())
    }

    fn start(&mut self) -> bool {
        let start = self.instance.func::<(), ()>(&self.store, "_start");
        start.is_ok_and(|start| start.call(&mut self.store, ()).is_ok())
    }

    fn call(&mut self, export: &str, arg: i32) -> Result<i32> {
        let func = self.instance.func::<i32, i32>(&self.store, export).map_err(failed)?;
        func.call(&mut self.store, arg).map_err(failed)
    }

    fn add_often(&mut self, count: i32) -> Result<i32> {
        let add = self.instance.func::<(i32, i32), i32>(&self.store, "add").map_err(failed)?;
        let mut sum = 0;
        for n in (1..=count).rev() {
            sum = add.call(&mut self.store, (sum, n)).map_err(failed)?;
        }
        Ok(sum)
    }
}

fn link(store: &mut Store, module: &Module) -> Imports {
    let mut imports = Imports::new();
    for import in &module.imports {
        let ImportKind::Function(ty) = import.kind else { continue };
        let name = import.name.clone();
        let func = if (&*import.module, &*import.name) == ("host", "add") {
            HostFunction::from(store, |_, (a, b): (i32, i32)| Ok(a.wrapping_add(b)))
        } else {
            let ty = &module.func_types[ty as usize];
            HostFunction::from_untyped(store, ty, move |_, _| Err(Error::Other(stop(&name).into())))
        };
        imports.define(&import.module, &import.name, func);
    }
    imports
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error}")
}
