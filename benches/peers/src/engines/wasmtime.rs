//! Wasmtime: Pulley, which interprets what Cranelift compiles; Winch, a compiler of one pass; and Cranelift itself.

use anyhow::Result;
use wasmtime::{
    Caller, Config, Engine, ExternType, Instance, InstancePre, Linker, Module, Store, Strategy, Val,
};

use super::{failed, stop};

pub struct WasmtimeEngine(Engine);

struct WasmtimeModule(InstancePre<()>);

struct WasmtimeInstance {
    linked: InstancePre<()>,
    store: Store<()>,
    instance: Instance,
}

impl WasmtimeEngine {
    fn new(config: &Config) -> Result<Self> {
        Ok(Self(Engine::new(config).map_err(failed)?))
    }

    pub fn pulley() -> Result<Self> {
        Self::new(Config::new().target("pulley64").map_err(failed)?)
    }

    pub fn cranelift() -> Result<Self> {
        Self::new(Config::new().strategy(Strategy::Cranelift))
    }

    pub fn winch() -> Result<Self> {
        Self::new(Config::new().strategy(Strategy::Winch))
    }
}

impl super::Engine for WasmtimeEngine {
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn super::Module>> {
        let module = Module::from_binary(&self.0, bytes).map_err(failed)?;
        let mut linker = Linker::new(&self.0);
        linker.allow_shadowing(true);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else { continue };
            let name = import.name().to_owned();
            let stopping =
                move |_: Caller<'_, ()>, _: &[Val], _: &mut [Val]| Err(wasmtime::Error::msg(stop(&name)));
            linker.func_new(import.module(), import.name(), ty, stopping).map_err(failed)?;
        }
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b)).map_err(failed)?;
        Ok(Box::new(WasmtimeModule(linker.instantiate_pre(&module).map_err(failed)?)))
    }
}

impl super::Module for WasmtimeModule {
    fn instantiate(&self) -> Result<Box<dyn super::Instance>> {
        let linked = self.0.clone();
        let mut store = Store::new(linked.module().engine(), ());
        let instance = linked.instantiate(&mut store).map_err(failed)?;
        Ok(Box::new(WasmtimeInstance { linked, store, instance }))
    }
}

impl super::Instance for WasmtimeInstance {
    fn again(&mut self) -> Result<()> {
        self.linked.instantiate(&mut self.store).map_err(failed)?;
        Ok(())
    }

    typed_calls!();
}
