//! Constant expressions with arithmetic, wherever there are such: values of globals, offsets and elements of segments.

mod support;

use support::settings;
use wapiti::{
    Config, Engine, Error, Global, GlobalType, Instance, Module, Mutability, Store, Trap, Val, ValType,
};

/// Imports a base of 32 bits and one of 64, as a dynamic linker would give them.
const LINKED: &str = r#"(module
    (import "env" "base" (global $base i32))
    (import "env" "base64" (global $base64 i64))
    (memory (export "memory") 1)
    (table (export "table") 10 funcref)
    (global (export "sum") i32 (i32.add (global.get $base) (i32.const 40)))
    (global (export "wrapped") i32 (i32.mul (i32.add (i32.const 0x7fffffff) (i32.const 1)) (i32.const 3)))
    (global (export "nested") i64
        (i64.sub
            (i64.mul (global.get $base64) (i64.add (global.get $base64) (i64.const 1)))
            (i64.mul (i64.const -2) (i64.const 0x4000000000000001))))
    (global (export "mutable") (mut i32) (i32.sub (i32.const 0) (global.get $base)))
    (global $third i32 (i32.const 3))
    (global (export "of_own") i32 (i32.sub (i32.mul (global.get $third) (i32.const 10)) (i32.const 1)))
    (data (offset (i32.add (global.get $base) (i32.const 4))) "data")
    (elem (offset (i32.sub (i32.mul (i32.const 2) (i32.const 4)) (i32.const 1))) func $seven)
    (func $seven (result i32) (i32.const 7)))"#;

fn instantiate(config: &Config, text: &str, base: i32) -> Result<(Store<()>, Instance), Error> {
    let engine = Engine::new(config);
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, ());
    let global = |store: &mut Store<()>, ty, value| {
        Global::new(store, GlobalType::new(ty, Mutability::Const), value).expect("the value is of this type")
    };
    let base32 = global(&mut store, ValType::I32, Val::I32(base));
    let base64 = global(&mut store, ValType::I64, Val::I64(base.into()));
    let instance = Instance::new(&mut store, &module, &[base32.into(), base64.into()])?;
    Ok((store, instance))
}

#[test]
fn globals_and_segments_are_computed() {
    for setting in settings() {
        let (mut store, instance) = instantiate(&setting.config(), LINKED, 100)
            .unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
        let mut value = |name| instance.get_global(&store, name).expect("it is exported").get(&mut store);
        assert_eq!(value("sum").unwrap_i32(), 140);
        assert_eq!(value("wrapped").unwrap_i32(), i32::MIN, "three times 2^31");
        assert_eq!(value("nested").unwrap_i64(), 100 * 101 - (i64::MIN.wrapping_sub(2)), "{setting:?}");
        assert_eq!(value("mutable").unwrap_i32(), -100);
        assert_eq!(value("of_own").unwrap_i32(), 29);
        let memory = instance.get_memory(&store, "memory").expect("it is exported");
        assert_eq!(memory.data(&store)[103..109], *b"\0data\0");
        let table = instance.get_table(&store, "table").expect("it is exported");
        for elem in 0..10 {
            let found = table.get(&mut store, elem).expect("there are ten");
            assert_eq!(found.is_null(), elem != 7, "element {elem}");
        }
    }
}

/// The sum wraps like every other, and the offset it gives is then unsigned.
#[test]
fn offsets_that_do_not_fit_are_traps() {
    for setting in settings() {
        for (base, fits) in [(-4, true), (65_528, true), (65_529, false), (-5, false), (i32::MAX, false)] {
            let outcome = instantiate(&setting.config(), LINKED, base);
            match outcome {
                Ok((store, instance)) => {
                    assert!(fits, "{base}, {setting:?}");
                    let memory = instance.get_memory(&store, "memory").expect("it is exported");
                    let start = base.wrapping_add(4) as usize;
                    assert_eq!(&memory.data(&store)[start..start + 4], b"data");
                }
                Err(error) => {
                    assert!(!fits, "{error:?}, {base}, {setting:?}");
                    assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds));
                }
            }
        }
    }
}

/// More operands than anybody writes by hand.
#[test]
fn long_expressions() {
    let terms = 5000;
    let text = format!(
        r#"(module (global (export "sum") i32 (i32.const 1) {} {}))"#,
        "(i32.const 3)".repeat(terms),
        "i32.add ".repeat(terms)
    );
    for setting in settings() {
        let engine = Engine::new(&setting.config());
        let module = Module::new(&engine, &text).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let sum = instance.get_global(&store, "sum").expect("it is exported");
        assert_eq!(sum.get(&mut store).unwrap_i32(), 1 + 3 * terms as i32);
    }
}

#[test]
fn what_is_no_constant_expression_is_refused() {
    let message = |config: &Config, text: &str| {
        let error = Module::new(&Engine::new(config), text).expect_err("it is invalid");
        error.to_string()
    };
    let on = Config::new();
    for (expr, expected) in [
        ("(i32.div_u (i32.const 4) (i32.const 2))", "constant expression required"),
        ("(i32.add (i32.const 4))", "type mismatch"),
        ("(i32.add (i32.const 4) (i64.const 2))", "type mismatch"),
        ("(i32.const 4) (i32.const 4)", "type mismatch"),
        ("(global.get 1)", "unknown global"),
    ] {
        let text = message(&on, &format!("(module (global i32 {expr}) (global i32 (i32.const 1)))"));
        assert!(text.contains(expected) && text.contains("offset 0x"), "{expr}: {text}");
    }
    let mut off = Config::new();
    let text = message(
        off.wasm_extended_const(false),
        "(module (global i32 (i32.add (i32.const 1) (i32.const 1))))",
    );
    assert!(text.contains("i32.add") && text.contains("offset 0x"), "{text}");
}
