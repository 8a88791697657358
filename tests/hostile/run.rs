//! Runs a module under all settings.

use wapiti::{Config, Engine, Error, Func, Instance, Module, Store, Trap, Val};

use crate::support::{Setting, one_setting_a_strategy};

/// An instance of `module`, text or binary, which is valid and has no imports.
pub(crate) fn instance(config: &Config, module: &[u8]) -> (Store<()>, Instance) {
    let engine = Engine::new(config);
    let module = Module::new(&engine, module).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("the module has no imports");
    (store, instance)
}

/// The export `name`, which is a function.
pub(crate) fn func(store: &mut Store<()>, instance: Instance, name: &str) -> Func {
    instance.get_func(store, name).expect("the module exports it")
}

/// Calls a function with as many results as it has.
pub(crate) fn call(store: &mut Store<()>, func: Func, arguments: &[Val]) -> Result<Vec<Val>, Error> {
    let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
    func.call(&mut *store, arguments, &mut results)?;
    Ok(results)
}

/// Calls the export `run` of `module` under every strategy and checks each outcome.
pub(crate) fn run_each(module: &[u8], arguments: &[Val], check: impl Fn(Result<Vec<Val>, Error>, Setting)) {
    for setting in one_setting_a_strategy() {
        let (mut store, instance) = instance(&setting.config(), module);
        let run = func(&mut store, instance, "run");
        check(call(&mut store, run, arguments), setting);
    }
}

/// Calls the export `run` of `module` with 32-bit integers under every strategy; it returns `expected`.
pub(crate) fn assert_returns(module: &[u8], arguments: &[i32], expected: &[i32]) {
    assert_returns_each(module, &[(arguments, expected)]);
}

/// As [`assert_returns`], for several calls.
pub(crate) fn assert_returns_each(module: &[u8], calls: &[(&[i32], &[i32])]) {
    for setting in one_setting_a_strategy() {
        let (mut store, instance) = instance(&setting.config(), module);
        let run = func(&mut store, instance, "run");
        for (arguments, expected) in calls {
            let arguments: Vec<Val> = arguments.iter().copied().map(Val::I32).collect();
            let results = call(&mut store, run, &arguments);
            let results = results.unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
            let results: Vec<i32> = results.iter().map(Val::unwrap_i32).collect();
            assert!(results == *expected, "{setting:?}: {results:?} instead of {expected:?}");
        }
    }
}

/// Checks that `outcome` is this trap.
pub(crate) fn assert_traps<T>(outcome: Result<T, Error>, trap: Trap, setting: Setting) {
    match outcome {
        Ok(_) => panic!("no trap, {setting:?}"),
        Err(error) => assert_eq!(error.trap(), Some(trap), "{error:?}, {setting:?}"),
    }
}
