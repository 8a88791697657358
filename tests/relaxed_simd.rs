//! Relaxed SIMD: the deterministic mode has the specification's results, the other one some that it allows, and in each
//! all strategies agree.

use wapiti::{Config, Dispatch, Engine, Instance, Module, Store};

const MODULE: &str = r#"(module
    (func (export "trunc") (param f64) (result i64)
        (i64x2.extract_lane 0 (i32x4.relaxed_trunc_f64x2_s_zero (f64x2.splat (local.get 0)))))
    (func (export "swizzle") (param f64) (result i64)
        (i64x2.extract_lane 0 (i8x16.relaxed_swizzle
            (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
            (v128.const i8x16 0 15 16 127 128 255 1 2 0 0 0 0 0 0 0 0))))
    (func (export "min") (param f64) (result i64)
        (i64x2.extract_lane 0 (f64x2.relaxed_min (f64x2.splat (local.get 0)) (f64x2.splat (f64.const 1)))))
    (func (export "madd") (param f64) (result i64) (local $product v128)
        (local.set $product (f64x2.mul (f64x2.splat (local.get 0)) (f64x2.splat (local.get 0))))
        (i64x2.extract_lane 0 (f64x2.relaxed_nmadd
            (f64x2.splat (local.get 0)) (f64x2.add (f64x2.splat (local.get 0)) (f64x2.splat (f64.const 0)))
            (local.get $product)))))"#;

/// The result of each function under every strategy, which are the same.
fn results(deterministic: bool, name: &str, argument: f64) -> i64 {
    let result_under = |dispatch: Dispatch| {
        let mut config = Config::new();
        config.dispatch(dispatch).relaxed_simd_deterministic(deterministic);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, MODULE).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("nothing is imported");
        let func = instance.get_typed_func::<f64, i64>(&store, name).expect("it is exported");
        func.call(&mut store, argument).expect("nothing traps")
    };
    let result = result_under(Dispatch::Match);
    for dispatch in [Dispatch::Call, Dispatch::Tail] {
        assert_eq!(result_under(dispatch), result, "{name} under {dispatch:?}");
    }
    result
}

#[test]
fn deterministic_results_are_the_specifications() {
    assert_eq!(results(true, "trunc", 1e300), 0x7FFF_FFFF_7FFF_FFFF);
    assert_eq!(results(true, "trunc", f64::NAN), 0);
    assert_eq!(results(true, "swizzle", 0.0), i64::from_le_bytes([1, 16, 0, 0, 0, 0, 2, 3]));
    assert!(f64::from_bits(results(true, "min", f64::NAN).cast_unsigned()).is_nan());
    // What rounding the product took away.
    let (x, error) = (1.1_f64, -(1.1_f64.mul_add(1.1, -(1.1 * 1.1))));
    assert_ne!(error, 0.0);
    assert_eq!(results(true, "madd", x), error.to_bits().cast_signed());
}

#[test]
fn other_results_are_allowed_ones() {
    assert!(
        [0x7FFF_FFFF_7FFF_FFFF, 0x8000_0000_8000_0000_u64.cast_signed()]
            .contains(&results(false, "trunc", 1e300))
    );
    assert_eq!(
        results(false, "trunc", -7.9),
        i64::from_le_bytes([0xF9, 0xFF, 0xFF, 0xFF, 0xF9, 0xFF, 0xFF, 0xFF])
    );
    let swizzled = results(false, "swizzle", 0.0).to_le_bytes();
    assert_eq!(
        [swizzled[0], swizzled[1], swizzled[4], swizzled[5], swizzled[6], swizzled[7]],
        [1, 16, 0, 0, 2, 3]
    );
    assert!([0, 1].contains(&swizzled[2]) && [0, 16].contains(&swizzled[3]));
    let least = f64::from_bits(results(false, "min", f64::NAN).cast_unsigned());
    assert!(least.is_nan() || least == 1.0);
    let error = -(1.1_f64.mul_add(1.1, -(1.1 * 1.1)));
    assert!([error.to_bits().cast_signed(), 0].contains(&results(false, "madd", 1.1)));
}
