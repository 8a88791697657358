//! The small interface: a module's bytes go in, the number that its export `main` returns comes out.

use wapiti::{Config, Engine, Error, ExternType, FuncType, Linker, Module, Store, Val};

use crate::host;
use crate::session::describe;
use crate::world::World;

/// Runs the export `main` of the module in `bytes`, with zeros as its arguments. Without a result it is 0.
///
/// What the module imports of WASI is there; any other function that it imports fails when it is called.
///
/// # Errors
///
/// What is wrong with the module, with the offset, or how it failed.
pub fn run_main(bytes: &[u8]) -> Result<f64, String> {
    main_result(bytes).map_err(|error| describe(&error))
}

fn main_result(bytes: &[u8]) -> Result<f64, Error> {
    let engine = Engine::new(&config());
    let module = Module::new(&engine, bytes)?;
    let ty = match module.get_export("main") {
        Some(ExternType::Func(ty)) => ty,
        Some(other) => return Err(Error::msg(format!("the export `main` is a {other}, not a function"))),
        None => return Err(Error::msg("the module has no export `main`")),
    };
    let mut linker = World::system_linker(&module)?;
    linker.define_unknown_imports_as_traps(&module)?;
    let mut store = Store::new(&engine, World::new());
    let outcome = call_main(&linker, &mut store, &module, &ty);
    let (stdout, stderr) = store.data_mut().take_output();
    for text in [stdout, stderr].iter().filter(|text| !text.is_empty()) {
        host::log(&String::from_utf8_lossy(text));
    }
    outcome
}

fn call_main(
    linker: &Linker<World>,
    store: &mut Store<World>,
    module: &Module,
    ty: &FuncType,
) -> Result<f64, Error> {
    let instance = linker.instantiate(&mut *store, module)?;
    let main = instance.get_func(&*store, "main").expect("the module exports this function");
    let args: Vec<Val> = ty.params().iter().map(|&ty| Val::default_for_ty(ty)).collect();
    let mut results = vec![Val::I32(0); ty.results().len()];
    main.call(store, &args, &mut results)?;
    Ok(results.first().map_or(0.0, number))
}

/// Settings for a page: a megabyte of stack is plenty, and every store has its own.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config.max_stack_bytes(1 << 20);
    config
}

fn number(value: &Val) -> f64 {
    match value {
        Val::I32(value) => f64::from(*value),
        Val::I64(value) => *value as f64,
        Val::F32(bits) => f64::from(f32::from_bits(*bits)),
        Val::F64(bits) => f64::from_bits(*bits),
        // A reference is no number.
        _ => f64::NAN,
    }
}
