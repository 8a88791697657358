//! Wasmtime: Pulley, which interprets what Cranelift compiles; Winch, a compiler of one pass; and Cranelift itself.

use anyhow::Result;
use wasmtime::{Config, Engine, ExternType, Instance, InstancePre, Linker, Module, Store, Strategy};

use super::stop;

pub struct WasmtimeEngine(Engine);

struct WasmtimeModule(InstancePre<()>);

struct WasmtimeInstance {
    linked: InstancePre<()>,
    store: Store<()>,
    instance: Instance,
}

impl WasmtimeEngine {
    pub fn pulley() -> Result<Self> {
        Ok(Self(Engine::new(Config::new().target("pulley64")?)?))
    }

    pub fn cranelift() -> Result<Self> {
        Ok(Self(Engine::new(Config::new().strategy(Strategy::Cranelift))?))
    }

    pub fn winch() -> Result<Self> {
        Ok(Self(Engine::new(Config::new().strategy(Strategy::Winch))?))
    }
}

impl super::Engine for WasmtimeEngine {
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn super::Module>> {
        let module = Module::from_binary(&self.0, bytes)?;
        let mut linker = Linker::new(&self.0);
        linker.allow_shadowing(true);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else { continue };
            let name = import.name().to_owned();
            linker.func_new(import.module(), import.name(), ty, move |_, _, _| {
                Err(wasmtime::Error::msg(stop(&name)))
            })?;
        }
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
        Ok(Box::new(WasmtimeModule(linker.instantiate_pre(&module)?)))
    }
}

impl super::Module for WasmtimeModule {
    fn instantiate(&self) -> Result<Box<dyn super::Instance>> {
        let linked = self.0.clone();
        let mut store = Store::new(linked.module().engine(), ());
        let instance = linked.instantiate(&mut store)?;
        Ok(Box::new(WasmtimeInstance { linked, store, instance }))
    }
}

impl super::Instance for WasmtimeInstance {
    fn again(&mut self) -> Result<()> {
        self.linked.instantiate(&mut self.store)?;
        Ok(())
    }

    typed_calls!();
}
