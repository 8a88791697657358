//! wasm3, by the crate `wasm3x`, which lists no imports: `host.add` is the only one here.

use anyhow::{Result, anyhow};
use wasm3x::{Engine, Error, Instance, Linker, Module, Store};

pub struct Wasm3Engine(Engine);

struct Wasm3Module(Module);

struct Wasm3Instance {
    module: Module,
    linker: Linker<()>,
    store: Store<()>,
    instance: Instance,
}

impl Wasm3Engine {
    pub fn new() -> Self {
        Self(Engine::default())
    }
}

impl super::Engine for Wasm3Engine {
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn super::Module>> {
        Ok(Box::new(Wasm3Module(Module::new(&self.0, bytes).map_err(failed)?)))
    }
}

impl super::Module for Wasm3Module {
    fn instantiate(&self) -> Result<Box<dyn super::Instance>> {
        let module = self.0.clone();
        let mut linker = Linker::new(module.engine());
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b)).map_err(failed)?;
        let mut store = Store::new(module.engine(), ());
        let instance = linker.instantiate_and_start(&mut store, &module).map_err(failed)?;
        Ok(Box::new(Wasm3Instance { module, linker, store, instance }))
    }
}

impl super::Instance for Wasm3Instance {
    fn again(&mut self) -> Result<()> {
        self.linker.instantiate_and_start(&mut self.store, &self.module).map_err(failed)?;
        Ok(())
    }

    fn start(&mut self) -> bool {
        let start = self.instance.get_typed_func::<(), ()>(&self.store, "_start");
        start.is_ok_and(|start| start.call(&mut self.store, ()).is_ok())
    }

    fn call(&mut self, export: &str, arg: i32) -> Result<i32> {
        let func = self.instance.get_typed_func::<i32, i32>(&self.store, export).map_err(failed)?;
        func.call(&mut self.store, arg).map_err(failed)
    }

    fn add_often(&mut self, count: i32) -> Result<i32> {
        let add = self.instance.get_typed_func::<(i32, i32), i32>(&self.store, "add").map_err(failed)?;
        let mut sum = 0;
        for n in (1..=count).rev() {
            sum = add.call(&mut self.store, (sum, n)).map_err(failed)?;
        }
        Ok(sum)
    }
}

fn failed(error: Error) -> anyhow::Error {
    anyhow!("{error}")
}
