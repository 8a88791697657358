//! wasmi, in both of its major versions, whose interfaces are the same here.

/// An engine of the package `$package`.
macro_rules! wasmi_engine {
    ($package:ident) => {
        use anyhow::Result;
        use $package::{CompilationMode, Config, Engine, Error, ExternType, Instance, Linker, Module, Store};

        use crate::engines::{self, Mode, stop};

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

        impl engines::Engine for WasmiEngine {
            fn load(&self, bytes: &[u8]) -> Result<Box<dyn engines::Module>> {
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

        impl engines::Module for WasmiModule {
            fn instantiate(&self) -> Result<Box<dyn engines::Instance>> {
                let mut store = Store::new(self.module.engine(), ());
                let instance = self.linker.instantiate_and_start(&mut store, &self.module)?;
                let (module, linker) = (self.module.clone(), self.linker.clone());
                Ok(Box::new(WasmiInstance { module, linker, store, instance }))
            }
        }

        impl engines::Instance for WasmiInstance {
            fn again(&mut self) -> Result<()> {
                self.linker.instantiate_and_start(&mut self.store, &self.module)?;
                Ok(())
            }

            typed_calls!();
        }
    };
}

/// wasmi 1.
pub mod one {
    wasmi_engine!(wasmi1);
}

/// wasmi 2.
pub mod two {
    wasmi_engine!(wasmi);
}
