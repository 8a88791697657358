//! The host module `spectest` that the suite's scripts import from.
//!
//! A linker goes in and has, under `spectest`, what the [interpreter of the specification][spec] offers: functions
//! that would print and here do nothing, constant globals, a table of 10 to 20 elements, a memory of 1 to 2 pages.
//!
//! [spec]: https://github.com/WebAssembly/spec/tree/main/interpreter#spectest-host-module

use wapiti::{
    Error, Global, GlobalType, Linker, Memory, MemoryType, Mutability, Ref, RefType, SharedMemory, Store,
    Table, TableType, Val,
};

const MODULE: &str = "spectest";

/// Defines the module in `linker`; its objects live in `store`.
pub(crate) fn define(linker: &mut Linker<()>, store: &mut Store<()>) -> Result<(), Error> {
    linker.func_wrap(MODULE, "print", || {})?;
    linker.func_wrap(MODULE, "print_i32", |_: i32| {})?;
    linker.func_wrap(MODULE, "print_i64", |_: i64| {})?;
    linker.func_wrap(MODULE, "print_f32", |_: f32| {})?;
    linker.func_wrap(MODULE, "print_f64", |_: f64| {})?;
    linker.func_wrap(MODULE, "print_i32_f32", |_: i32, _: f32| {})?;
    linker.func_wrap(MODULE, "print_f64_f64", |_: f64, _: f64| {})?;

    let globals = [
        ("global_i32", Val::I32(666)),
        ("global_i64", Val::I64(666)),
        ("global_f32", Val::F32(666.6_f32.to_bits())),
        ("global_f64", Val::F64(666.6_f64.to_bits())),
    ];
    for (name, value) in globals {
        let ty = GlobalType::new(value.ty(), Mutability::Const);
        let global = Global::new(&mut *store, ty, value)?;
        linker.define(&*store, MODULE, name, global)?;
    }

    let table = Table::new(&mut *store, TableType::new(RefType::FUNCREF, 10, Some(20)), Ref::Func(None))?;
    linker.define(&*store, MODULE, "table", table)?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(&*store, MODULE, "memory", memory)?;
    let table64 = TableType::new64(RefType::FUNCREF, 10, Some(20));
    let table64 = Table::new(&mut *store, table64, Ref::Func(None))?;
    linker.define(&*store, MODULE, "table64", table64)?;
    let shared_memory = SharedMemory::new(store.engine(), MemoryType::shared(1, 2))?;
    linker.define(&*store, MODULE, "shared_memory", shared_memory)?;
    Ok(())
}
