//! wasmi 2.

use anyhow::Result;
use wasmi::{CompilationMode, Config, Engine, Error, ExternType, Instance, Linker, Module, Store};

use super::{Mode, stop};

pub struct WasmiEngine(Engine);

struct WasmiModule {
    module: Module,
    linker: Linker<()>,
}

struct WasmiInstance {
    module: Module,
    linker: Linker<()>,
    store: Store<()>,
    instance: Instance,
}

impl WasmiEngine {
    pub fn new(mode: Mode) -> Self {
        let mut config = Config::default();
        config.compilation_mode(match mode {
            Mode::Eager => CompilationMode::Eager,
            Mode::LazyTranslation => CompilationMode::LazyTranslation,
            Mode::Lazy => CompilationMode::Lazy,
        });
        Self(Engine::new(&config))
    }
}

impl super::Engine for WasmiEngine {
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn super::Module>> {
        let module = Module::new(&self.0, bytes)?;
        let mut linker = Linker::new(&self.0);
        linker.allow_shadowing(true);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else { continue };
            let name = import.name().to_owned();
            linker.func_new(import.module(), import.name(), ty.clone(), move |_, _, _| {
                Err(Error::new(stop(&name)))
            })?;
        }
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
        Ok(Box::new(WasmiModule { module, linker }))
    }
}

impl super::Module for WasmiModule {
    fn instantiate(&self) -> Result<Box<dyn super::Instance>> {
        let mut store = Store::new(self.module.engine(), ());
        let instance = self.linker.instantiate_and_start(&mut store, &self.module)?;
        let (module, linker) = (self.module.clone(), self.linker.clone());
        Ok(Box::new(WasmiInstance { module, linker, store, instance }))
    }
}

impl super::Instance for WasmiInstance {
    fn again(&mut self) -> Result<()> {
        self.linker.instantiate_and_start(&mut self.store, &self.module)?;
        Ok(())
    }

    typed_calls!();
}
