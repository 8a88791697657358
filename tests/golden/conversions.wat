;; A 32-bit value fills its cell with zeros above it, so that reinterpretations and the unsigned extension take no op.
;;
;; extend_u(-1) => 4294967295
;; extend_s(-1) => -1
;; reinterpret(1.5) => 1069547520
;; there_and_back(-2) => -2
;; wrap(4294967297) => 1
;; wrap_and_extend(-1) => 4294967295
;; load_and_extend(4) => 4294967295
;; through_floats(-3) => -3
;; truncate(nan) => trap: invalid conversion to integer
;; truncate(1e10) => trap: integer overflow
;; saturate(nan) => 0
;; saturate(1e10) => 2147483647
;; promote(0.1) => 0.10000000149011612
(module
  (memory 1)
  (data (i32.const 4) "\ff\ff\ff\ff\ff")
  (func $extend_u (export "extend_u") (param i32) (result i64)
    (i64.extend_i32_u (local.get 0)))
  (func $extend_s (export "extend_s") (param i32) (result i64)
    (i64.extend_i32_s (local.get 0)))
  (func $reinterpret (export "reinterpret") (param f32) (result i32)
    (i32.reinterpret_f32 (local.get 0)))
  (func $there_and_back (export "there_and_back") (param i64) (result i64)
    (i64.reinterpret_f64 (f64.reinterpret_i64 (local.get 0))))
  (func $wrap (export "wrap") (param i64) (result i32)
    (i32.wrap_i64 (local.get 0)))
  (func $wrap_and_extend (export "wrap_and_extend") (param i64) (result i64)
    (i64.extend_i32_u (i32.wrap_i64 (local.get 0))))
  (func $load_and_extend (export "load_and_extend") (param i32) (result i64)
    (i64.extend_i32_u (i32.reinterpret_f32 (f32.load (local.get 0)))))
  (func $through_floats (export "through_floats") (param i32) (result i32)
    (i32.trunc_f64_s (f64.convert_i32_s (local.get 0))))
  (func $truncate (export "truncate") (param f64) (result i32)
    (i32.trunc_f64_s (local.get 0)))
  (func $saturate (export "saturate") (param f64) (result i32)
    (i32.trunc_sat_f64_s (local.get 0)))
  (func $promote (export "promote") (param f32) (result f64)
    (f64.promote_f32 (local.get 0))))
