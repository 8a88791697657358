//! Carries out directives one by one: the state of a script between them, and what each does to it.
//!
//! A directive goes in; nothing comes out if it did what the script says, else the reason. A module that could not
//! be instantiated leaves no current instance, so that what follows fails instead of running in an older one.

use std::collections::HashMap;

use wapiti::{Config, Engine, Error, Func, Instance, Linker, Module, Store, Val};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, QuoteWatTest, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use crate::checks::{self, ModuleError};
use crate::{spectest, values};

/// Why a directive failed, in words.
type Outcome<T = ()> = Result<T, String>;

/// What an action (`invoke`, `get` or a module) gave: values, or the error that the assertions around it look at.
type Action = Result<Vec<Val>, Error>;

/// The state of a script.
pub(crate) struct Runner {
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
    /// Instances by the names given to them within the script.
    instances: HashMap<String, Instance>,
    /// Modules defined but not instantiated, by name.
    definitions: HashMap<String, Module>,
    /// What `invoke` without a name means.
    current_instance: Option<Instance>,
    /// What `module instance` without a name means.
    current_definition: Option<Module>,
}

impl Runner {
    /// A runner with nothing but the module `spectest` to import from.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let engine = Engine::new(config);
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        // A script may register several modules under one name; the last one counts.
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store)?;
        Ok(Self {
            engine,
            store,
            linker,
            instances: HashMap::new(),
            definitions: HashMap::new(),
            current_instance: None,
            current_definition: None,
        })
    }

    /// Carries out one directive.
    pub(crate) fn directive(&mut self, directive: WastDirective<'_>) -> Outcome {
        match directive {
            WastDirective::Module(module) => self.module(module),
            WastDirective::ModuleDefinition(module) => self.define(module),
            WastDirective::ModuleInstance { instance, module, .. } => self.instance(instance, module),
            WastDirective::Register { name, module, .. } => self.register(name, module),
            WastDirective::Invoke(invoke) => {
                checks::must_succeed(self.invoke(&invoke)?, "the call").map(|_results| ())
            }
            WastDirective::AssertReturn { exec, results, .. } => self.assert_return(exec, &results),
            WastDirective::AssertTrap { exec, message, .. } => checks::trap(self.execute(exec)?, message),
            WastDirective::AssertExhaustion { call, message, .. } => {
                checks::exhaustion(self.invoke(&call)?, message)
            }
            WastDirective::AssertUnlinkable { module, message, .. } => {
                self.assert_unlinkable(module, message)
            }
            WastDirective::AssertInvalid { module, message, .. } => {
                checks::invalid(self.new_fully_validated(module), message)
            }
            WastDirective::AssertMalformed { module, message, .. } => {
                checks::malformed(self.new_fully_validated(module), message)
            }
            WastDirective::AssertMalformedCustom { .. } => unsupported("assert_malformed_custom"),
            WastDirective::AssertInvalidCustom { .. } => unsupported("assert_invalid_custom"),
            WastDirective::AssertException { exec, .. } => checks::exception(self.execute(exec)?),
            WastDirective::AssertSuspension { .. } => unsupported("assert_suspension"),
            WastDirective::Thread(_) => unsupported("thread"),
            WastDirective::Wait { .. } => unsupported("wait"),
        }
    }

    fn module(&mut self, module: QuoteWat<'_>) -> Outcome {
        self.current_instance = None;
        let name = module.name();
        let module = checks::must_succeed(self.new_module(module), "the module")?;
        let instance = checks::must_succeed(self.linker.instantiate(&mut self.store, &module), "the module")?;
        self.set_current_instance(name, instance);
        Ok(())
    }

    fn define(&mut self, module: QuoteWat<'_>) -> Outcome {
        self.current_definition = None;
        let name = module.name();
        let module = checks::must_succeed(self.new_module(module), "the module")?;
        if let Some(name) = name {
            self.definitions.insert(name.name().to_owned(), module.clone());
        }
        self.current_definition = Some(module);
        Ok(())
    }

    fn instance(&mut self, name: Option<Id<'_>>, module: Option<Id<'_>>) -> Outcome {
        self.current_instance = None;
        let module = match module {
            Some(id) => self.definitions.get(id.name()),
            None => self.current_definition.as_ref(),
        };
        let module = module.ok_or("there is no such module definition")?;
        let instance =
            checks::must_succeed(self.linker.instantiate(&mut self.store, module), "the instance")?;
        self.set_current_instance(name, instance);
        Ok(())
    }

    fn set_current_instance(&mut self, name: Option<Id<'_>>, instance: Instance) {
        if let Some(name) = name {
            self.instances.insert(name.name().to_owned(), instance);
        }
        self.current_instance = Some(instance);
    }

    fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Outcome {
        let instance = self.find_instance(module)?;
        let registered = self.linker.instance(&mut self.store, name, instance);
        checks::must_succeed(registered, "`register`").map(|_linker| ())
    }

    fn assert_return(&mut self, exec: WastExecute<'_>, expected: &[WastRet<'_>]) -> Outcome {
        let results = checks::must_succeed(self.execute(exec)?, "the action")?;
        values::check_results(&self.store, &results, expected)
    }

    fn assert_unlinkable(&mut self, mut module: Wat<'_>, message: &str) -> Outcome {
        let bytes =
            module.encode().map_err(|error| format!("cannot encode the module: {}", error.message()))?;
        let module = checks::must_succeed(Module::from_binary(&self.engine, &bytes), "decoding the module")?;
        checks::unlinkable(self.linker.instantiate(&mut self.store, &module), message)
    }

    /// Makes a module the way a program would. Not with `Module::new`, which takes some malformed binaries for text.
    fn new_module(&self, module: QuoteWat<'_>) -> Result<Module, ModuleError> {
        Ok(Module::from_binary(&self.engine, &encode(module)?)?)
    }

    /// Makes a module and looks at function bodies as well, which an engine may have been configured to put off.
    fn new_fully_validated(&self, module: QuoteWat<'_>) -> Result<Module, ModuleError> {
        let bytes = encode(module)?;
        let module = Module::from_binary(&self.engine, &bytes)?;
        Module::validate(&self.engine, &bytes)?;
        Ok(module)
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Outcome<Action> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => self.instantiate_only(module),
            WastExecute::Get { module, global, .. } => self.get(module, global),
        }
    }

    /// Instantiates a module that nothing later in the script can refer to.
    fn instantiate_only(&mut self, mut module: Wat<'_>) -> Outcome<Action> {
        let bytes =
            module.encode().map_err(|error| format!("cannot encode the module: {}", error.message()))?;
        let module = checks::must_succeed(Module::from_binary(&self.engine, &bytes), "decoding the module")?;
        Ok(self.linker.instantiate(&mut self.store, &module).map(|_instance| Vec::new()))
    }

    fn get(&mut self, module: Option<Id<'_>>, name: &str) -> Outcome<Action> {
        let instance = self.find_instance(module)?;
        let global = instance.get_global(&mut self.store, name);
        let global = global.ok_or_else(|| format!("there is no exported global `{name}`"))?;
        Ok(Ok(vec![global.get(&mut self.store)]))
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Outcome<Action> {
        let func = self.find_func(invoke)?;
        let args = invoke
            .args
            .iter()
            .map(|arg| values::argument(&mut self.store, arg))
            .collect::<Outcome<Vec<Val>>>()?;
        // `call` overwrites all of them; what they are before does not matter.
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        Ok(func.call(&mut self.store, &args, &mut results).map(|()| results))
    }

    fn find_func(&mut self, invoke: &WastInvoke<'_>) -> Outcome<Func> {
        let instance = self.find_instance(invoke.module)?;
        let func = instance.get_func(&mut self.store, invoke.name);
        func.ok_or_else(|| format!("there is no exported function `{}`", invoke.name))
    }

    fn find_instance(&self, name: Option<Id<'_>>) -> Outcome<Instance> {
        match name {
            Some(id) => {
                let instance = self.instances.get(id.name()).copied();
                instance.ok_or_else(|| format!("there is no instance `${}`", id.name()))
            }
            None => self.current_instance.ok_or_else(|| "there is no current instance".to_owned()),
        }
    }
}

fn unsupported(directive: &str) -> Outcome {
    Err(format!("unsupported directive `{directive}`"))
}

/// The binary format of a module written in any way that scripts allow.
fn encode(mut module: QuoteWat<'_>) -> Result<Vec<u8>, ModuleError> {
    let text = match module.to_test()? {
        QuoteWatTest::Binary(bytes) => return Ok(bytes),
        QuoteWatTest::Text(text) => text,
    };
    let text = String::from_utf8(text)
        .map_err(|_| wast::Error::new(module.span(), "malformed UTF-8 encoding".to_owned()))?;
    let mut lexer = Lexer::new(&text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    Ok(parser::parse::<Wat<'_>>(&buffer)?.encode()?)
}
