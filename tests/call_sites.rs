//! Calls that find out whom they call, and remember it: whatever one place called before, it calls what it is told to.

mod support;

use support::settings;
use wapiti::{Engine, Func, Instance, Linker, Module, Store, Trap, Val};

/// Such calls by each way that there is: through a table, by reference, and both as tail calls.
const CALLS: [&str; 4] = ["call_indirect", "return_call_indirect", "call_ref", "return_call_ref"];

const MODULE: &str = r#"(module
    (type $unary (func (param i32) (result i32)))
    (import "host" "triple" (func $triple (type $unary)))
    (import "instance" "scale" (func $others_scale (type $unary)))
    (global $factor (export "factor") (mut i32) (i32.const 10))
    (table 6 funcref)
    (elem (i32.const 0) func $scale $increment $wide $triple $others_scale)
    (func $scale (export "scale") (type $unary) (i32.mul (local.get 0) (global.get $factor)))
    (func $increment (type $unary) (i32.add (local.get 0) (i32.const 1)))
    (func $wide (param i64) (result i64) (local.get 0))
    (func (export "call_indirect") (param i32 i32) (result i32)
        (call_indirect (type $unary) (local.get 1) (local.get 0)))
    (func (export "return_call_indirect") (param i32 i32) (result i32)
        (return_call_indirect (type $unary) (local.get 1) (local.get 0)))
    (func (export "call_ref") (param i32 i32) (result i32)
        (call_ref $unary (local.get 1) (ref.cast (ref null $unary) (table.get (local.get 0)))))
    (func (export "return_call_ref") (param i32 i32) (result i32)
        (return_call_ref $unary (local.get 1) (ref.cast (ref null $unary) (table.get (local.get 0))))))"#;

/// One more than the table has elements.
const ELEMENTS: i32 = 7;

/// An instance with this factor, and what it takes for the scaling function of another one.
fn instantiate(store: &mut Store<()>, module: &Module, factor: i32, others_scale: Func) -> Instance {
    let triple = Func::wrap(&mut *store, |n: i32| n * 3);
    let mut linker = Linker::new(store.engine());
    linker.define(&*store, "host", "triple", triple).expect("the name is free");
    linker.define(&*store, "instance", "scale", others_scale).expect("the name is free");
    let instance = linker.instantiate(&mut *store, module).expect("all imports are there");
    let global = instance.get_global(&*store, "factor").expect("it is exported");
    global.set(store, Val::I32(factor)).expect("it is mutable");
    instance
}

/// What calling an element with 7 comes to.
fn expected(call: &str, element: i32, factor: i32, others_factor: i32) -> Result<i32, Trap> {
    let through_table = call.ends_with("indirect");
    match element {
        0 => Ok(7 * factor),
        1 => Ok(8),
        2 if through_table => Err(Trap::IndirectCallTypeMismatch),
        2 => Err(Trap::CastFailure),
        3 => Ok(21),
        4 => Ok(7 * others_factor),
        5 if through_table => Err(Trap::UninitializedElement),
        5 => Err(Trap::NullReference),
        _ if through_table => Err(Trap::UndefinedElement),
        _ => Err(Trap::TableOutOfBounds),
    }
}

#[test]
fn a_call_site_calls_what_it_is_told_to() {
    for setting in settings() {
        for first in 0..ELEMENTS {
            let engine = Engine::new(&setting.config());
            let module = Module::new(&engine, MODULE).expect("the module is valid");
            let mut store = Store::new(&engine, ());
            let zero = Func::wrap(&mut store, |_: i32| 0);
            let one = instantiate(&mut store, &module, 10, zero);
            let scale = one.get_func(&store, "scale").expect("it is exported");
            // Shares its code with the other one.
            let two = instantiate(&mut store, &module, 20, scale);
            // Twice, because a function without code is not remembered; then everything, once more at the end.
            let elements = [first, first].into_iter().chain(0..ELEMENTS).chain([first]);
            for (element, call) in elements.flat_map(|element| CALLS.map(|call| (element, call))) {
                for (instance, factor, others_factor) in [(one, 10, 0), (two, 20, 10)] {
                    let function =
                        instance.get_typed_func::<(i32, i32), i32>(&store, call).expect("it is of this type");
                    let result = function.call(&mut store, (element, 7));
                    assert_eq!(
                        result.map_err(|error| error.trap().expect("it is a trap")),
                        expected(call, element, factor, others_factor),
                        "{call} of {element} after {first}, {setting:?}"
                    );
                }
            }
        }
    }
}
