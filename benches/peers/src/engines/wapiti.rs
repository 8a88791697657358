//! Wapiti, under any dispatch strategy.

use anyhow::Result;
use wapiti::{
    Compilation, Config, Dispatch, Engine, Error, ExternType, Instance, InstancePre, Linker, Module, Store,
};

use super::{Mode, stop};

pub struct WapitiEngine(Engine);

struct WapitiModule {
    module: Module,
    linked: InstancePre<()>,
}

struct WapitiInstance {
    linked: InstancePre<()>,
    store: Store<()>,
    instance: Instance,
}

impl WapitiEngine {
    pub fn new(dispatch: Dispatch, mode: Mode) -> Self {
        let compilation = match mode {
            Mode::Eager => Compilation::Eager,
            Mode::LazyTranslation => Compilation::Lazy,
            Mode::Lazy => Compilation::LazyValidation,
        };
        Self(Engine::new(Config::new().dispatch(dispatch).compilation(compilation)))
    }
}

impl super::Engine for WapitiEngine {
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn super::Module>> {
        let module = Module::from_binary(&self.0, bytes)?;
        let mut linker = Linker::new(&self.0);
        linker.allow_shadowing(true);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else { continue };
            let name = import.name().to_owned();
            linker
                .func_new(import.module(), import.name(), ty, move |_, _, _| Err(Error::msg(stop(&name))))?;
        }
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
        let linked = linker.instantiate_pre(&module)?;
        Ok(Box::new(WapitiModule { module, linked }))
    }
}

impl super::Module for WapitiModule {
    fn instantiate(&self) -> Result<Box<dyn super::Instance>> {
        let mut store = Store::new(self.module.engine(), ());
        let instance = self.linked.instantiate(&mut store)?;
        Ok(Box::new(WapitiInstance { linked: self.linked.clone(), store, instance }))
    }

    fn bytecode_bytes(&self) -> Option<usize> {
        Some(self.module.bytecode_bytes())
    }
}

impl super::Instance for WapitiInstance {
    fn again(&mut self) -> Result<()> {
        self.linked.instantiate(&mut self.store)?;
        Ok(())
    }

    typed_calls!();
}
